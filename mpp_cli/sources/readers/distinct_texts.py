"""The different texts of a column, so that each is looked at once."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mpp_cli.sources.readers.fields import WORD_MASKS, Fields, words_of

#: Texts of up to so many bytes are compared a block at a time.
_COMPARED = 64

Rows = NDArray[np.int64]


def distinct(fields: Fields, place: int, rows: Rows | None = None) -> tuple[Rows, Rows]:
    """The first row of each different text of a column, and for every row which text it has.

    ``rows`` are those that are looked at, None for all. Both answers are of them: the
    first has rows of ``fields``, the second places in the first.
    """
    if rows is None:
        rows = np.arange(len(fields))
    starts, lengths = fields.starts[rows, place], fields.lengths[rows, place]
    if int(lengths.max(initial=0)) <= _COMPARED:
        parts = _parts(fields.buffer, starts, lengths)
        key = lengths.astype(np.uint64)
        for word in parts:
            key = (key ^ (key >> np.uint64(29)) ^ word) * np.uint64(0x9E3779B97F4A7C15)
        _, first, which = np.unique(key, return_index=True, return_inverse=True)
        # Two texts might share a key: then the careful way tells them apart.
        same: list[NDArray[Any]] = [lengths, *parts]
        if all((word == word[first][which]).all() for word in same):
            return rows[first], which
    known: dict[str, int] = {}
    found: list[int] = []
    places = np.empty(len(rows), dtype=np.int64)
    for number, row in enumerate(rows.tolist()):
        text = fields.text(row, place)
        if text not in known:
            known[text] = len(found)
            found.append(row)
        places[number] = known[text]
    return np.array(found, dtype=np.int64), places


def _parts(buffer: bytes, starts: Rows, lengths: Rows) -> list[NDArray[np.uint64]]:
    """The texts as words of eight bytes, filled up with zeros."""
    word = words_of(buffer)
    return [
        word[np.minimum(starts + at, len(word) - 1)] & WORD_MASKS[np.clip(lengths - at, 0, 8)]
        for at in range(0, int(lengths.max(initial=0)), 8)
    ]
