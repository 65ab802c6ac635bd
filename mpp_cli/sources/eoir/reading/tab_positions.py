"""Where a field near the start of many lines stands: found by hopping from tab to tab.

The tabs are looked for eight bytes at a time, for all lines at once, and the rest
of the lines is not looked at.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mpp_cli.sources.readers.fields import words_of

#: Words of eight bytes in which the end of a field is looked for.
_WORDS = 5

#: Bytes that have to follow the text: a word may be read at the end of any field.
REACH = 8 * _WORDS + 8

_TABS = np.uint64(0x0909090909090909)
_ONES = np.uint64(0x0101010101010101)
_HIGH = np.uint64(0x8080808080808080)

Positions = NDArray[np.int64]


def field(padded: bytearray, starts: Positions, place: int) -> tuple[Positions, Positions] | None:
    """Begin and end of a field, by its place, in the lines that start there.

    Every line has a tab after this field, and ``REACH`` bytes follow the last. None
    when a field on the way is so long that its end is not seen.
    """
    words = words_of(padded)
    begin, end = starts, _end(words, starts)
    for _ in range(place):
        if end is None:
            break
        begin = end + 1
        end = _end(words, begin)
    return None if end is None else (begin, end)


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
