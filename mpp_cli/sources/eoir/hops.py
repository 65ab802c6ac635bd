"""Where the first fields of many lines stand: found by hopping from tab to tab.

Only a few columns near the start of a line are needed of most lines, so their
tabs are looked for eight bytes at a time, for all lines of a block at once,
and the rest of the line is not looked at.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mpp_cli.sources.fields import words_of

#: Words of eight bytes in which the end of a field is looked for.
_WORDS = 5

#: Bytes that have to follow the text: a word may be read at the end of any field.
REACH = 8 * _WORDS + 8

_TABS = np.uint64(0x0909090909090909)
_ONES = np.uint64(0x0101010101010101)
_HIGH = np.uint64(0x8080808080808080)

Positions = NDArray[np.int64]
Field = tuple[Positions, Positions]


def fields(
    padded: bytearray, starts: Positions, places: tuple[int, ...]
) -> dict[int, Field] | None:
    """Begin and end of fields, by their places, in the lines that start there.

    Every line has a tab after each of these fields, and ``REACH`` bytes follow
    the last. None when a field on the way is so long that its end is not seen.
    """
    words = words_of(padded)
    found: dict[int, Field] = {}
    begin = starts
    for place in range(max(places) + 1):
        end = _end(words, begin)
        if end is None:
            return None
        if place in places:
            found[place] = begin, end
        begin = end + 1
    return found


def _end(words: NDArray[np.uint64], begin: Positions) -> Positions | None:
    """Where the first tab at or after each position is."""
    length = _first_tab(words[begin])
    for number in range(1, _WORDS):
        beyond = length == 8 * number
        if not beyond.any():
            break
        if beyond.all():
            length = _first_tab(words[begin + 8 * number]) + 8 * number
        else:
            rows = np.flatnonzero(beyond)
            length[rows] = _first_tab(words[begin[rows] + 8 * number]) + 8 * number
    else:
        if (length == 8 * _WORDS).any():
            return None
    return begin + length


def _first_tab(word: NDArray[np.uint64]) -> Positions:
    """In each word the place of the first tab from its low end, 8 where there is none."""
    # A byte of zero borrows from the high bit: the lowest bit that is left
    # belongs to the first tab. What is below that bit are eight ones per byte.
    word = word ^ _TABS
    mark = (word - _ONES) & ~word & _HIGH
    return (np.bitwise_count((mark & (~mark + np.uint64(1))) - np.uint64(1)) >> 3).astype(np.int64)
