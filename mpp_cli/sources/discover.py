"""What the paths of ``--data`` are: court data, and files of tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from mpp_cli.sources.eoir import detect
from mpp_cli.sources.io.files import Input, find


class Found(NamedTuple):
    """What the paths of ``--data`` are: court data, the files of all others, and
    whether there are others."""

    of_court: list[str]
    inputs: list[Input]
    others: bool


def find_inputs(paths: Sequence[str], shown: Sequence[str], mapped: bool) -> Found:
    """The court data among these paths, and the files that the others name.

    ``shown`` are the paths as the user wrote them; ``mapped`` says that files are read
    through a mapping. Raises DataError for a path that is not there.
    """
    of_court, left, written = detect.split(paths, shown, mapped)
    return Found(of_court, find(left, written), bool(left))
