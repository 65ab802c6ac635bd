"""Sets of case numbers that answer for a whole block of rows at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int64]
Bools = NDArray[np.bool_]

#: Numbers below this are looked up in a table of one byte each (64 MB at most);
#: the court's own are far below it. Greater ones are searched for.
_TABLE = 1 << 26

_NOBODY: Ids = np.empty(0, dtype=np.int64)


class IdSet:
    """A set of case numbers, all of them 0 or more."""

    def __init__(self, ids: Ids) -> None:
        self.ids: Ids = np.unique(ids)
        small = self.ids[self.ids < _TABLE]
        self._large = self.ids[len(small) :]
        self._table = np.zeros(int(small[-1]) + 2 if len(small) else 1, dtype=np.bool_)
        self._table[small] = True

    def __len__(self) -> int:
        return len(self.ids)

    def __contains__(self, case: int) -> bool:
        return bool(self.has(np.array([case], dtype=np.int64))[0])

    def has(self, ids: Ids) -> Bools:
        """Which of these numbers are in the set."""
        # The last place of the table is False: it answers for all beyond it.
        found: Bools = self._table[np.minimum(ids, len(self._table) - 1)]
        if len(self._large):
            place = np.minimum(np.searchsorted(self._large, ids), len(self._large) - 1)
            found |= self._large[place] == ids
        return found


class GrowingIds(IdSet):
    """A set that numbers are added to while files are read."""

    def __init__(self) -> None:
        super().__init__(_NOBODY)
        self._beyond: list[Ids] = []

    def add(self, ids: Ids) -> None:
        """Add numbers, in any order."""
        small = ids[ids < _TABLE]
        if len(small):
            most = int(small.max()) + 2
            if most > len(self._table):
                self._table.resize(max(most, min(2 * len(self._table), _TABLE)), refcheck=False)
            self._table[small] = True
        if len(small) < len(ids):
            self._beyond.append(ids[ids >= _TABLE])

    def has(self, ids: Ids) -> Bools:
        """Which of these numbers were added."""
        if self._beyond:
            self._large = np.unique(np.concatenate([self._large, *self._beyond]))
            self._beyond = []
        return super().has(ids)


class Everything(IdSet):
    """The set of all case numbers."""

    def __init__(self) -> None:
        super().__init__(_NOBODY)

    def has(self, ids: Ids) -> Bools:
        """All of them."""
        return np.ones(len(ids), dtype=np.bool_)
