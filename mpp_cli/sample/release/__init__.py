"""Synthetic releases of the immigration courts' case data, of any size.

Every release has at least one of each defect that real releases have, and its
true figures are known by construction: each MPP case is written from a story
(:mod:`stories`) that says what is to be counted. No row is a real person.
"""

from mpp_cli.sample.release.expected import Truth
from mpp_cli.sample.release.write_release import Size, write_release

__all__ = ["Size", "Truth", "write_release"]
