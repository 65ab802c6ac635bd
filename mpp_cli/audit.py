"""What a reader can work out of hidden counts, by linear programming.

The reader knows every printed count, which counts add up to which, which lies
inside which, that none is below 0 and that a hidden one is not 0. What each
hidden count can be at least and at most follows from that; the solver (HiGHS)
finds both ends. This is how statistical agencies audit tables before release:
M. Fischetti and J. J. Salazar, "Models and algorithms for optimizing cell
suppression in tabular data with linear constraints", Journal of the American
Statistical Association 95 (2000).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterator, Mapping
from dataclasses import dataclass, field

Cell = Hashable

#: A whole and the parts that add up to it.
Sum = tuple[Cell, tuple[Cell, ...]]


@dataclass
class Cells:
    """Counts that are printed and what a reader knows of them besides.

    ``inside`` are pairs of a cell and one that it cannot exceed; of those in
    ``shares``, the difference is a count of cases as well (those not completed).
    ``unprinted`` cells stand in no output, only in its sums: a reader must not
    learn them either. ``start`` are cells to hide whatever their value.
    """

    values: dict[Cell, int] = field(default_factory=dict)
    sums: list[Sum] = field(default_factory=list)
    inside: set[tuple[Cell, Cell]] = field(default_factory=set)
    shares: set[tuple[Cell, Cell]] = field(default_factory=set)
    unprinted: set[Cell] = field(default_factory=set)
    start: set[Cell] = field(default_factory=set)


@dataclass(frozen=True)
class Exposed:
    """A count of which the reader learns too much, and the printed counts that tell it.

    ``marked`` are hidden counts whose mark ``<N`` helps to tell it.
    """

    cell: Cell
    told_by: tuple[Cell, ...]
    marked: tuple[Cell, ...]


@dataclass(frozen=True)
class _Row:
    """``whole - parts = 0`` in cells; a pair's rest is a cell of its own."""

    whole: Cell
    parts: tuple[Cell, ...]


class Audit:
    """The knowledge of a reader, asked again whenever more is hidden."""

    def __init__(self, cells: Cells, below: int) -> None:
        self._cells, self._below = cells, below
        self._values = dict(cells.values)
        self._rows = [_Row(whole, parts) for whole, parts in cells.sums]
        self._rests: set[Cell] = set()
        self._known: set[frozenset[Cell]] = set()
        for part, whole in sorted(cells.inside | cells.shares, key=repr):
            difference = self._values[whole] - self._values[part]
            if difference >= 0:
                rest = ("rest", whole, part)
                self._values[rest] = difference
                self._rows.append(_Row(whole, (part, rest)))
                if (part, whole) in cells.shares:
                    self._rests.add(rest)
        self._most = 4 * max([*self._values.values(), below], default=below) + 10

    def exposed(
        self, hidden: Collection[Cell], marked: Collection[Cell], given_up: Collection[Cell]
    ) -> Iterator[Exposed]:
        """Counts that are exposed while these are hidden, some of them ``marked`` as small.

        Of counts that hang together only those are given that nothing printed tells
        twice, so that what is hidden for one is not hidden again for another; none is
        safe to print before there is none. ``given_up`` are not looked at.
        """
        for rows, free in self._components(hidden):
            state = frozenset([*free, *(("marked", cell) for cell in free if cell in marked)])
            if state in self._known:
                continue
            found = [*self._apart(rows, free, marked, given_up)]
            if not found:
                self._known.add(state)
            yield from found

    def _components(self, hidden: Collection[Cell]) -> Iterator[tuple[list[_Row], list[Cell]]]:
        """Equations that hang together by the counts that the reader does not know."""
        rests = self._values.keys() - self._cells.values
        unknown = {*hidden} | self._cells.unprinted | rests
        rows_of: dict[Cell, list[int]] = defaultdict(list)
        free_in: list[list[Cell]] = []
        for place, row in enumerate(self._rows):
            free = [cell for cell in (row.whole, *row.parts) if cell in unknown]
            if len(free) == 1 and free[0] in rests and not self._guarded(free[0]):
                free = []  # The rest of two printed counts, which anybody may know.
            free_in.append(free)
            for cell in free:
                rows_of[cell].append(place)
        seen: set[int] = set()
        for first, free in enumerate(free_in):
            if first in seen or not free:
                continue
            places, waiting = [], [first]
            seen.add(first)
            cells: dict[Cell, None] = {}
            while waiting:
                place = waiting.pop()
                places.append(place)
                for cell in free_in[place]:
                    if cell not in cells:
                        cells[cell] = None
                        new = [each for each in rows_of[cell] if each not in seen]
                        seen.update(new)
                        waiting += new
            yield [self._rows[place] for place in sorted(places)], list(cells)

    def _apart(
        self,
        rows: list[_Row],
        free: list[Cell],
        marked: Collection[Cell],
        given_up: Collection[Cell],
    ) -> Iterator[Exposed]:
        """Counts of a component that are exposed, each told by other printed counts."""
        targets = [cell for cell in free if self._guarded(cell) and cell not in given_up]
        if not targets:
            return
        bounds = {}
        for cell in free:
            least = 1 if cell in self._cells.values and cell not in self._cells.unprinted else 0
            bounds[cell] = (least, self._below - 1 if cell in marked else self._most)
        problem = _Problem(rows, bounds, self._values)
        used: set[Cell] = set()
        for cell in targets:
            small = 0 < self._values[cell] < self._below
            tells = problem.tells(cell, self._below - 1 if small else None)
            if tells is not None:
                told = {each: None for row in tells.rows for each in (row.whole, *row.parts)}
                if used.isdisjoint(told):
                    used |= told.keys()
                    yield Exposed(
                        cell,
                        tuple(each for each in told if each not in bounds and self._values[each]),
                        tuple(each for each in tells.at_most if each in marked and each != cell),
                    )

    def _guarded(self, cell: Cell) -> bool:
        """Whether a reader must not learn a count: any that is hidden, and small ones besides."""
        if cell in self._cells.values and cell not in self._cells.unprinted:
            return True
        told = cell in self._rests or cell in self._cells.unprinted
        return told and 0 < self._values[cell] < self._below


@dataclass(frozen=True)
class _Tells:
    """The equations and upper bounds that keep a count in its place."""

    rows: tuple[_Row, ...]
    at_most: tuple[Cell, ...]


class _Problem:
    """One component as a linear program; every solution is kept as a witness."""

    def __init__(
        self,
        rows: list[_Row],
        bounds: Mapping[Cell, tuple[int, int]],
        values: Mapping[Cell, int],
    ) -> None:
        import highspy
        import numpy
        from highspy._core import _Highs

        self._rows, self._bounds = rows, bounds
        self._cells = list(bounds)
        self._place = {cell: place for place, cell in enumerate(self._cells)}
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = len(self._cells), len(rows)
        lp.col_cost_ = numpy.zeros(len(self._cells))
        lp.col_lower_ = numpy.array([float(bounds[cell][0]) for cell in self._cells])
        lp.col_upper_ = numpy.array([float(bounds[cell][1]) for cell in self._cells])
        starts, sides = [0], []
        places: list[int] = []
        numbers: list[float] = []
        for row in rows:
            side = 0
            coefficients: dict[int, float] = defaultdict(float)
            for cell, sign in ((row.whole, 1), *((part, -1) for part in row.parts)):
                if cell in self._place:
                    coefficients[self._place[cell]] += sign
                else:
                    side -= sign * values[cell]
            places += coefficients
            numbers += coefficients.values()
            starts.append(len(places))
            sides.append(float(side))
        lp.row_lower_ = lp.row_upper_ = numpy.array(sides)
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = numpy.array(starts)
        lp.a_matrix_.index_ = numpy.array(places)
        lp.a_matrix_.value_ = numpy.array(numbers)
        # The public class prints a banner on standard output as soon as it is made.
        self._solver = _Highs()
        self._solver.setOptionValue("output_flag", False)
        self._solver.setOptionValue("threads", 1)
        # Each question starts where the last one ended.
        self._solver.setOptionValue("presolve", "off")
        self._solver.passModel(lp)
        self._least = numpy.array([float(values[cell]) for cell in self._cells])
        self._largest = self._least.copy()

    def tells(self, cell: Cell, most: int | None) -> _Tells | None:
        """What keeps a count from being anything from 1 to ``most``; None when nothing does.

        Without ``most`` it only must be able to be two different numbers.
        """
        place = self._place[cell]
        for sign in (1, -1):
            if self._is_free(place, most, sign):
                continue
            self._solve(place, sign)
            if not self._is_free(place, most, sign) and (most is not None or sign < 0):
                return self._reasons()
        return None

    def _is_free(self, place: int, most: int | None, sign: int) -> bool:
        """Whether a solution is known in which the count is at the end that the sign means."""
        least, largest = self._least[place], self._largest[place]
        if most is None:
            return bool(largest - least > 0.999)
        return bool(least < 1.001 if sign > 0 else largest > most - 0.001)

    def _solve(self, place: int, sign: int) -> None:
        import numpy

        self._solver.changeColCost(place, float(sign))
        self._solver.run()
        found = self._solver.getSolution()
        self._solution = numpy.array(found.col_value)
        self._row_dual, self._col_dual = list(found.row_dual), list(found.col_dual)
        self._least = numpy.minimum(self._least, self._solution)
        self._largest = numpy.maximum(self._largest, self._solution)
        self._solver.changeColCost(place, 0.0)

    def _reasons(self) -> _Tells:
        rows = tuple(
            row for row, price in zip(self._rows, self._row_dual, strict=True) if abs(price) > 1e-7
        )
        at_most = tuple(
            cell
            for cell, price, value in zip(self._cells, self._col_dual, self._solution, strict=True)
            if abs(price) > 1e-7 and value >= self._bounds[cell][1] - 1e-6
        )
        return _Tells(rows, at_most)
