"""Synthetic data with the shape of the real thing, made from a recipe.

Nothing here is imported unless data are generated, because it needs numpy.
"""

from mpp_cli.sample.generate import generate
from mpp_cli.sample.manifest import Account
from mpp_cli.sample.recipe import Recipe

__all__ = ["Account", "Recipe", "generate"]
