"""Rows that are no row of a table but the sum of others, as exports and pivot tables have them."""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np

from mpp_cli.sources.readers.fields import Fields, words_of

#: The rule by which such a row is outside.
TOTALS_ROW = "totals-row"

_TOTAL = re.compile(r"(?:grand |sub[- ]?)?totals?:?", re.IGNORECASE)
_SHORTEST, _LONGEST = len("total"), len("grand totals:")

#: The first five letters of such a text in small letters, and what makes letters small.
_BEGINNINGS = np.array(
    [
        int.from_bytes(each.encode(), "little")
        for each in ("total", "subto", "sub-t", "sub t", "grand")
    ],
    dtype=np.uint64,
)
_FIVE, _SMALL = np.uint64(0xFFFFFFFFFF), np.uint64(0x2020202020)


def is_total(text: str) -> bool:
    """Whether a text reads Total, Subtotal or Grand Total, in any case."""
    return _TOTAL.fullmatch(text) is not None


def totals_rows(fields: Fields, places: Iterable[int]) -> list[int]:
    """The rows of which one of the fields at these places reads so."""
    found: set[int] = set()
    words = words_of(fields.buffer)
    for place in places:
        starts, lengths = fields.starts[:, place], fields.lengths[:, place]
        near = np.flatnonzero((lengths >= _SHORTEST) & (lengths <= _LONGEST))
        begins = (words[starts[near]] & _FIVE) | _SMALL
        near = near[np.isin(begins, _BEGINNINGS)]
        found |= {row for row in near.tolist() if is_total(fields.text(row, place))}
    return sorted(found)
