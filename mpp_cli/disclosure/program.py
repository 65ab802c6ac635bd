"""A linear program whose rows can be loosened, and the least and the most of any sum in it.

The solver is HiGHS. This is how statistical agencies audit tables before release: M.
Fischetti and J. J. Salazar, "Models and algorithms for optimizing cell suppression in
tabular data with linear constraints", Journal of the American Statistical Association
95 (2000).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy import ndarray

#: Columns with their coefficients.
Form = Mapping[int, int]

#: What counts as nothing in the solver's numbers.
TINY = 1e-6


@dataclass(frozen=True)
class End:
    """The least or the most that a sum can be: a solution where it is, and the rows that keep it.

    ``whole`` is whether the solution is in whole numbers, as cases are.
    """

    value: float
    solution: ndarray
    kept_by: tuple[int, ...]
    whole: bool


class Program:
    """Columns that are never below 0, and rows with bounds, added before the first question."""

    def __init__(self) -> None:
        self.columns = 0
        self.rows: list[tuple[Form, float, float]] = []
        self.most = 0.0
        self._rows_of: dict[int, list[int]] = {}
        self._solver: Any = None
        self._in_whole: Any = None

    def add_columns(self, number: int) -> int:
        """More columns; returns the first."""
        self.columns += number
        return self.columns - number

    def add_row(self, form: Form, least: float, most: float | None) -> int:
        """A sum that lies between two numbers, or from one number up; returns its place."""
        self.rows.append((form, least, float("inf") if most is None else most))
        for column in form:
            self._rows_of.setdefault(column, []).append(len(self.rows) - 1)
        return len(self.rows) - 1

    def rows_about(self, columns: Sequence[int]) -> list[int]:
        """The rows that any of these columns is in."""
        return sorted({row for column in columns for row in self._rows_of.get(column, ())})

    def bound(self, row: int, least: float, most: float | None) -> None:
        """Other bounds of a row."""
        form, *_ = self.rows[row]
        self.rows[row] = form, least, float("inf") if most is None else most
        for solver in (self._solver, self._in_whole):
            if solver is not None:
                solver.changeRowBounds(row, least, self.rows[row][2])

    def limit(self, most: float) -> None:
        """The most that any column can be."""
        self.most = most

    def end(self, form: Form, sign: int) -> End | None:
        """Where a sum is least (1) or most (-1); None where the rows contradict each other."""
        if self._solver is None:
            self._solver = self._made(in_whole=False)
        found = self._run(self._solver, form, sign)
        if found is None or found.whole:
            return found
        # Fractions of a case would be a way out that there is not.
        if self._in_whole is None:
            self._in_whole = self._made(in_whole=True)
        exact = self._run(self._in_whole, form, sign)
        return None if exact is None else End(exact.value, exact.solution, found.kept_by, True)

    def whole_end(self, form: Form) -> End | None:
        """Where a sum is least, if that is found in whole numbers without further search."""
        if self._solver is None:
            self._solver = self._made(in_whole=False)
        found = self._run(self._solver, form, 1)
        return found if found is not None and found.whole else None

    def part(self, columns: Sequence[int], solution: ndarray) -> Part:
        """The program of some of its columns, where all others stay as they are in a solution."""
        return Part(self, columns, solution)

    def contradicting(self, weights: Mapping[int, int]) -> list[int]:
        """The rows that others contradict, as little as can be; each case off weighs so much."""
        loose = Program()
        loose.columns, loose.rows = self.columns, [*self.rows]
        off: dict[int, int] = {}
        for row in weights:
            form, least, most = self.rows[row]
            more = loose.add_columns(2)
            loose.rows[row] = {**form, more: 1, more + 1: -1}, least, most
            off |= {more: row, more + 1: row}
        end = loose.end({column: weights[row] for column, row in off.items()}, 1)
        return (
            []
            if end is None
            else [row for column, row in off.items() if end.solution[column] > TINY]
        )

    def _run(self, solver: Any, form: Form, sign: int) -> End | None:
        import numpy
        from highspy import HighsModelStatus

        columns = numpy.fromiter(form, dtype=numpy.int32, count=len(form))
        costs = numpy.fromiter(form.values(), dtype=numpy.float64, count=len(form))
        solver.changeColsCost(len(columns), columns, sign * costs)
        solver.run()
        solved = solver.getModelStatus() == HighsModelStatus.kOptimal
        found = solver.getSolution() if solved else None
        solver.changeColsCost(len(columns), columns, 0 * costs)
        if found is None:
            return None
        solution = numpy.array(found.col_value)
        duals = numpy.array(found.row_dual)
        kept = numpy.abs(duals).nonzero()[0] if len(duals) else ()
        kept_by = tuple(int(row) for row in kept if abs(duals[row]) > TINY)
        rounded = solution.round()
        whole = bool(numpy.abs(solution - rounded).max(initial=0) < TINY)
        value = float((solution[columns] * costs).sum())
        return End(value, rounded if whole else solution, kept_by, whole)

    def _made(self, in_whole: bool) -> Any:
        import highspy
        import numpy
        from highspy._core import _Highs

        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = self.columns, len(self.rows)
        lp.col_cost_ = numpy.zeros(self.columns)
        lp.col_lower_ = numpy.zeros(self.columns)
        lp.col_upper_ = numpy.full(self.columns, self.most or highspy.kHighsInf)
        lp.row_lower_ = numpy.array([float(least) for _, least, _ in self.rows])
        lp.row_upper_ = numpy.array([float(most) for _, _, most in self.rows])
        sizes = [len(form) for form, _, _ in self.rows]
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = numpy.concatenate([[0], numpy.cumsum(sizes)])
        lp.a_matrix_.index_ = numpy.array([c for form, *_ in self.rows for c in form])
        lp.a_matrix_.value_ = numpy.array(
            [float(n) for form, *_ in self.rows for n in form.values()]
        )
        if in_whole:
            lp.integrality_ = [highspy.HighsVarType.kInteger] * self.columns
        # The public class prints a banner on standard output as soon as it is made.
        solver = _Highs()
        solver.setOptionValue("output_flag", False)
        solver.setOptionValue("threads", 1)
        if not in_whole:
            # Each question starts where the last one ended.
            solver.setOptionValue("presolve", "off")
        solver.passModel(lp)
        return solver


class Part:
    """A part of a program, soon looked through: what is possible in it is possible in the whole."""

    def __init__(self, whole: Program, columns: Sequence[int], solution: ndarray) -> None:
        self._solution, self._columns = solution, list(columns)
        self._places = {column: place for place, column in enumerate(columns)}
        self._program = Program()
        self._program.add_columns(len(columns))
        self._program.limit(whole.most)
        #: The rows of the whole that are in the part, with what other columns add to them.
        self._rows: dict[int, tuple[int, float]] = {}
        self._of_whole: list[int] = []
        for row in whole.rows_about(columns):
            form, least, most = whole.rows[row]
            inside = {self._places[c]: n for c, n in form.items() if c in self._places}
            outside = 0.0
            if len(inside) < len(form):
                total = sum(n * solution[c] for c, n in form.items() if c not in self._places)
                outside = float(total)
            self._rows[row] = (
                self._program.add_row(inside, least - outside, most - outside),
                outside,
            )
            self._of_whole.append(row)

    def holds(self, form: Form) -> bool:
        """Whether all columns of a sum are in the part."""
        return form.keys() <= self._places.keys()

    def bound(self, row: int, least: float, most: float | None) -> None:
        """Other bounds of a row of the whole."""
        if row in self._rows:
            place, outside = self._rows[row]
            upper = None if most is None else most - outside
            self._program.bound(place, least - outside, upper)

    def end(self, form: Form, sign: int) -> End | None:
        """Where a sum is least (1) or most (-1) in the part, as a solution of the whole."""
        return self._in_whole(self._program.end(self._inside(form), sign))

    def whole_end(self, form: Form) -> End | None:
        """The same of the least, if it is found in whole numbers without further search."""
        return self._in_whole(self._program.whole_end(self._inside(form)))

    def _inside(self, form: Form) -> Form:
        return {self._places[column]: times for column, times in form.items()}

    def _in_whole(self, found: End | None) -> End | None:
        if found is None:
            return None
        solution = self._solution.copy()
        solution[self._columns] = found.solution
        kept_by = tuple(self._of_whole[place] for place in found.kept_by)
        return End(found.value, solution, kept_by, found.whole)
