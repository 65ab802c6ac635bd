"""Which lines of a block are odd, and where the fields of the others begin and end.

Most lines of a block have their first fields at the same places as one another.
So the places of a typical line are tried on all of them at once. What proves a
place is the number of tabs before it, and tabs are counted for every line in any
case: a line with another number of them is odd. Where the fields of a line stand
elsewhere, :mod:`hops` looks for them.
"""

from __future__ import annotations

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from mpp_cli.sources.eoir.reading import tab_positions

_TAB, _NEWLINE = 9, 10

#: A line longer than this is looked at one by one; no real one comes near.
_LONGEST = 60_000

#: Tabs are counted in eight bits, which is exact in parts of lines up to this length.
_EXACT = 255

#: From this column on it is faster to find all tabs than to hop.
_FAR = 10

#: Lines that are looked at to find a typical one.
_SAMPLE = 15

Positions = NDArray[np.int64]
Bools = NDArray[np.bool_]


class Lines:
    """The lines of a block, where a field ``key`` and the begin of a field ``place`` are wanted.

    ``tab`` tells which bytes of ``text`` are tabs; ``odd`` tells which lines have not
    ``width`` fields. What is said of the fields of odd lines means nothing, but
    stands within the text.
    """

    def __init__(
        self,
        padded: bytearray,
        text: NDArray[np.uint8],
        tab: Bools,
        starts: Positions,
        ends: Positions,
        width: int,
        key: int,
        place: int | None = None,
    ) -> None:
        self._padded, self._text, self._starts, self._ends = padded, text, starts, ends
        self._width, self._key, self._place = width, key, place
        wanted = {key, key + 1, *(() if place is None else (place,))} - {0}
        offsets = self._typical(sorted(wanted))
        # A line that is shorter is cut before its newline: no part is empty.
        begins = [starts, *(np.minimum(starts + offset, ends - 1) for offset in offsets.values())]
        parts = np.stack(begins, axis=1).reshape(-1)
        tabs = np.add.reduceat(tab.view(np.uint8), parts, dtype=np.uint8).reshape(len(starts), -1)
        long = ends - starts > _EXACT
        self._begins = {0: starts, **dict(zip(offsets, begins[1:], strict=True))}
        self._proven = {0: np.ones(len(starts), dtype=np.bool_)}
        before = tabs[:, 0]
        for number, field in enumerate(offsets, start=1):
            behind_tab = text[self._begins[field] - 1] == _TAB
            self._proven[field] = (before == field) & behind_tab & ~long
            before = before + tabs[:, number]
        self.odd: Bools = before != width - 1
        for line in np.flatnonzero(long & ~self.odd).tolist():
            count = padded.count(b"\t", starts[line], ends[line])
            self.odd[line] = count != width - 1 or ends[line] - starts[line] > _LONGEST

    def _typical(self, wanted: list[int]) -> dict[int, int]:
        """How far from its line's start each of these fields begins in most lines of a few."""
        found: Counter[tuple[int, ...]] = Counter()
        lines = np.linspace(0, len(self._starts) - 1, min(_SAMPLE, len(self._starts)))
        for line in lines.astype(np.int64).tolist():
            text = bytes(self._padded[self._starts[line] : self._ends[line]])
            fields = text.split(b"\t", max(wanted))
            if len(fields) > max(wanted):
                lengths = np.cumsum([len(field) + 1 for field in fields])
                found[tuple(lengths[field - 1] for field in wanted)] += 1
        return dict(zip(wanted, found.most_common(1)[0][0], strict=True)) if found else {}

    def key(self) -> tuple[Positions, Positions]:
        """Begin and end of the key in each line."""
        begin, proven = self._tried(self._key)
        behind, proven_too = self._tried(self._key + 1)
        begin, end = begin.copy(), behind - 1
        others = np.flatnonzero(~(proven & proven_too | self.odd))
        if len(others):
            begin[others], end[others] = self.fields(others, self._key)
        return begin, np.maximum(begin, end)

    def begin(self) -> Positions:
        """Where the field ``place`` begins in each line."""
        assert self._place is not None
        begin, proven = self._tried(self._place)
        others = np.flatnonzero(~(proven | self.odd))
        if len(others):
            begin = begin.copy()
            begin[others], _ = self.fields(others, self._place)
        return begin

    def _tried(self, field: int) -> tuple[Positions, Bools]:
        """Where a field begins as in a typical line, and in which lines that is true."""
        if field in self._begins:
            return self._begins[field], self._proven[field]
        return self._starts, np.zeros(len(self._starts), dtype=np.bool_)

    def fields(self, lines: Positions, place: int) -> tuple[Positions, Positions]:
        """Begin and end of a field in some lines, none of which is odd."""
        starts = self._starts[lines]
        if place < min(self._width - 1, _FAR):
            found = tab_positions.field(self._padded, starts, place)
            if found is not None:
                return found
        # Long fields, or a column far from the start: then all separators are found.
        mark = self._text == _TAB
        mark |= self._text == _NEWLINE
        separators = np.flatnonzero(mark)
        first = np.searchsorted(separators, starts)
        begin = separators[first + place - 1] + 1 if place else starts
        return begin, separators[first + place]
