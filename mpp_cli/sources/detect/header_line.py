"""Where the header of a file is: its first line, or one below titles."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from mpp_cli.sources.values.parse import heading_key

if TYPE_CHECKING:
    from mpp_cli.sources.readers.file_pass import Reader

#: A header stands within so many lines; above it there may be titles.
MOST_TITLES = 30


def find(text: Reader, fits: Callable[[list[str]], bool]) -> bool:
    """Have a file read from the first line that fits as its header; False where none does.

    ``fits`` is asked with the normalised names of a line.
    """
    if not text.header_fault and fits([heading_key(name) for name in text.header or ()]):
        return True
    for line, names in text.first_lines():
        header = [heading_key(name) for name in names]
        filled = [name for name in header if name]
        if len(filled) == len({*filled}) and fits(header):
            text.begin_at(line, names)
            return True
    return False


def find_best(text: Reader, likeness: Callable[[list[str]], int]) -> None:
    """Have a file read from the line that is most like a header; from its first where none is."""
    best, most = None, 0
    for line, names in text.first_lines():
        like = likeness([heading_key(name) for name in names])
        if like > most:
            best, most = (line, names), like
    if best is not None:
        text.begin_at(*best)


def shown(heading: str) -> str:
    """A heading in one line, as it can be written in ``mpp.toml``: it means the same there."""
    return " ".join(heading.split())


def excerpt(text: Reader) -> str:
    """The header of a file in one line."""
    return ",".join(shown(name) for name in text.header or ())
