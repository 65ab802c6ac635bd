"""Columns of codes as small whole numbers: each text is numbered when it is first met.

Most codes are a few bytes, so a text of up to eight bytes is one word, and the
words of a block are looked up all at once.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mpp_cli.sources.readers.fields import WORD_MASKS, Fields, words_of

Numbers = NDArray[np.int32]

#: Places of the table of words. Two words that fall on one place are told
#: apart; the second is only slower to find.
_PLACES = 1 << 14
_SPREAD = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(64 - 14)


class Codebook:
    """Numbers the texts of one column; blank is 0.

    ``texts[number]`` is the text of a number.
    """

    def __init__(self) -> None:
        self.texts: list[str] = [""]
        self._numbers: dict[str, int] = {"": 0}
        self._words = np.zeros(_PLACES, dtype=np.uint64)
        self._found = np.zeros(_PLACES, dtype=np.int32)

    def __len__(self) -> int:
        return len(self.texts)

    def read(self, fields: Fields, column: int) -> Numbers:
        """The number of each row's text in a column."""
        starts, lengths = fields.starts[:, column], fields.lengths[:, column]
        text = words_of(fields.buffer)[starts]
        text &= WORD_MASKS[np.minimum(lengths, 8)]
        place = ((text * _SPREAD) >> _SHIFT).astype(np.int64)
        numbers = self._found[place]
        missed = (self._words[place] != text) | (lengths > 8)
        if missed.any():
            self._learn(fields, column, np.flatnonzero(missed), text, place, numbers)
        return numbers

    def number(self, text: str) -> int:
        """The number of a text."""
        found = self._numbers.setdefault(text, len(self.texts))
        if found == len(self.texts):
            self.texts.append(text)
        return found

    def _learn(
        self,
        fields: Fields,
        column: int,
        rows: NDArray[np.int64],
        text: NDArray[np.uint64],
        place: NDArray[np.int64],
        numbers: Numbers,
    ) -> None:
        long = fields.lengths[rows, column] > 8
        for row in rows[long].tolist():
            numbers[row] = self.number(fields.text(row, column))
        rows = rows[~long]
        _, first, same = np.unique(text[rows], return_index=True, return_inverse=True)
        met = np.empty(len(first), dtype=np.int32)
        for each, row in enumerate(rows[first].tolist()):
            met[each] = number = self.number(fields.text(row, column))
            if not self._words[place[row]]:
                self._words[place[row]], self._found[place[row]] = text[row], number
        numbers[rows] = met[same]

    def table(self, meaning: Any, kind: type = np.int32) -> NDArray[Any]:
        """What a function says of each text, by number."""
        return np.array([meaning(text) for text in self.texts], dtype=kind)
