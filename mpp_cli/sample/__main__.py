"""``python -m mpp_cli.sample RECIPE OUT_DIR``: write the sample of a recipe."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from mpp_cli.sample.generate import generate
from mpp_cli.sample.recipe import Recipe


def main() -> int:
    """Read the recipe, write the tables, print the account."""
    parser = argparse.ArgumentParser(prog="python -m mpp_cli.sample", description=__doc__)
    parser.add_argument("recipe", type=Path, help="recipe in TOML")
    parser.add_argument("folder", type=Path, help="folder for the tables")
    parser.add_argument("--plain", action="store_true", help="write .csv instead of .csv.gz")
    parser.add_argument("--cases", type=int, help="number of enrolled cases, in the same shape")
    parser.add_argument("--seed", type=int, help="seed of the random numbers, with --cases")
    asked = parser.parse_args()
    try:
        recipe = Recipe.load(asked.recipe)
        if asked.cases is not None:
            seed = recipe.seed if asked.seed is None else asked.seed
            recipe = recipe.scaled(asked.cases, seed)
        account = generate(recipe, asked.folder, ".csv" if asked.plain else ".csv.gz")
    except (OSError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print("\n".join(account.lines()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
