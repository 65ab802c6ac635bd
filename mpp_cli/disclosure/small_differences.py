"""Figures too near to another one of their measure: the difference is a count of cases as well."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence

from mpp_cli.common.periods import fiscal_year
from mpp_cli.disclosure import declarations
from mpp_cli.disclosure.cells import FIGURE, Cell
from mpp_cli.disclosure.statements import Reading


def hide_small_differences(reading: Reading, cells: Sequence[Cell], below: int) -> None:
    """Hide such figures from the start: of one date by several definitions, or of several dates."""
    units = {
        cell: unit
        for stated in reading.statements.values()
        for cell in stated.cells
        for unit in stated.units
        if cell.what == FIGURE and unit.kind == FIGURE
    }
    by_definition: dict[Hashable, dict[str, Cell]] = defaultdict(dict)
    by_day: dict[Hashable, dict[object, Cell]] = defaultdict(dict)
    for cell in cells:
        if cell in units:
            of = (cell.measure, cell.group, cell.dated)
            by_definition[of, cell.day].setdefault(cell.definition, cell)
            if not cell.definition:
                by_day[of].setdefault(cell.day, cell)
    runs = [list(each.values()) for each in by_definition.values()]
    # The last figure is the one that is asked for; those before it give way.
    for of_days in by_day.values():
        in_order = sorted(of_days.values(), key=lambda cell: cell.day, reverse=True)
        if len(in_order) > 1 and _grows(in_order[0]):
            years = {_year(cell) for cell in in_order}
            runs += [[cell for cell in in_order if _year(cell) == year] for year in years]
    for run in runs:
        for cell in _near(run, below):
            reading.hidden.setdefault(units[cell])


def _near(cells: Iterable[Cell], below: int) -> list[Cell]:
    """The figures that are near to a shown one before them."""
    shown: list[int] = []
    found = []
    for cell in cells:
        value = int(cell.value or 0)
        if any(0 < abs(value - other) < below for other in shown):
            found.append(cell)
        elif not 0 < value < below:
            shown.append(value)
    return found


def _grows(cell: Cell) -> bool:
    """Whether a count only grows, so that what happened between two dates is their difference."""
    count = declarations.count_of(cell.metric, cell.measure)
    return count is None or not count.until


def _year(cell: Cell) -> int | None:
    """The fiscal year in which encounters are counted; cases are counted over all years."""
    if declarations.count_of(cell.metric, cell.measure) is not None:
        return None
    return fiscal_year(cell.day.year, cell.day.month)
