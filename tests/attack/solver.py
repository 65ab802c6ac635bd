"""What a reader knows as equations in whole numbers, and what follows from them."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

#: More than any count of an attack.
MOST = 1e5


class Contradiction(AssertionError):
    """The printed numbers cannot all be true: the reader has misread something."""


class Knowledge:
    """Variables that are whole numbers from 0 up, and what is known of sums of them."""

    def __init__(self) -> None:
        self._places: dict[Hashable, int] = {}
        self._rows: list[tuple[dict[int, int], float, float]] = []
        self._made: tuple[LinearConstraint, Bounds] | None = None
        self._solutions: list[np.ndarray] = []

    def place(self, name: Hashable) -> int:
        """The variable of this name."""
        return self._places.setdefault(name, len(self._places))

    def know(self, terms: Mapping[Hashable, int], least: float, most: float | None = None) -> None:
        """That a sum of variables lies between two numbers; it is the first without a second."""
        self._made = None
        self._solutions.clear()
        row: dict[int, int] = {}
        for name, times in terms.items():
            place = self.place(name)
            row[place] = row.get(place, 0) + times
        self._rows.append((row, least, least if most is None else most))

    def possible(self, terms: Mapping[Hashable, int]) -> tuple[int, int]:
        """The least and the most of a sum in the solutions found so far, without looking on."""
        places = [self.place(name) for name in terms]
        if not self._solutions or max(places, default=0) >= len(self._solutions[0]):
            return 1, 0
        values = np.stack(self._solutions)[:, places] @ np.array([*terms.values()])
        return round(values.min()), round(values.max())

    def interval(self, terms: Mapping[Hashable, int]) -> tuple[int, int]:
        """The least and the most that a sum can be."""
        limits, bounds = self._limits()
        costs = np.zeros(len(self._places))
        for name, times in terms.items():
            costs[self.place(name)] += times
        ends = []
        for sign in (1, -1):
            found = milp(
                sign * costs,
                constraints=[limits],
                bounds=bounds,
                integrality=np.ones(len(costs)),
                options={"time_limit": 60},
            )
            if found.x is None:
                raise Contradiction(found.message)
            self._solutions.append(found.x)
            ends.append(round(sign * found.fun))
        return ends[0], ends[1]

    def _limits(self) -> tuple[LinearConstraint, Bounds]:
        if self._made is None:
            where = [
                (row, place, times)
                for row, (terms, _, _) in enumerate(self._rows)
                for place, times in terms.items()
            ]
            rows, places, times = zip(*where, strict=True)
            shape = (len(self._rows), len(self._places))
            matrix = coo_array((times, (rows, places)), shape=shape).tocsr()
            least = np.array([low for _, low, _ in self._rows])
            most = np.array([high for *_, high in self._rows])
            self._made = (
                LinearConstraint(matrix, least, most),
                Bounds(np.zeros(shape[1]), np.full(shape[1], MOST)),
            )
        return self._made


def total(names: Iterable[Hashable], times: int = 1) -> dict[Hashable, int]:
    """A sum of variables, each so many times."""
    return dict.fromkeys(names, times)
