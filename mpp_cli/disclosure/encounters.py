"""Encounters: sums of numbers that are never below 0, by month, group and component."""

from __future__ import annotations

import datetime
import re
from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from itertools import pairwise

from mpp_cli.common.periods import EVENT, fiscal_year
from mpp_cli.disclosure.cells import COMPONENT, COUNTED, FIGURE, LINE, POPULATION, Cell, Group
from mpp_cli.disclosure.statements import BALANCE, Expression, Reading, Unit, combined

#: The rule of a balance that leaves out what the rows of other fiscal years show.
_OTHER_YEARS = "fiscal-year"


def read_encounters(reading: Reading, cells: Sequence[Cell]) -> None:
    """Take up the encounters of a report, a trend or a reconciliation, and what happened between.

    Another definition counts some of the document's encounters; the others are the rest.
    """
    counted = [cell for cell in cells if isinstance(cell.value, int)]
    answers: dict[tuple[str, datetime.date], list[Cell]] = defaultdict(list)
    for cell in counted:
        answers[cell.definition, cell.day].append(cell)
    told: dict[tuple[str, Group], dict[datetime.date, tuple[Cell, Expression]]] = defaultdict(dict)
    for (definition, day), of_day in sorted(answers.items()):
        for cell, expression in _figures(reading, of_day):
            by_day = told[cell.measure, cell.group]
            if not definition:
                by_day[day] = cell, expression
            elif day in by_day and _int(cell) <= _int(by_day[day][0]):
                rest = ("rest", definition, _name(cell))
                said = combined((by_day[day][1], 1), (expression, -1), ({rest: 1}, -1))
                reading.relate(said)
                reading.guard({rest: 1}, _int(by_day[day][0]) - _int(cell))
        _take_balance(reading, of_day, {c.group: e for c, e in _figures(None, of_day)})
    for by_day in told.values():
        for (before, was), (after, now) in pairwise(by_day[day] for day in sorted(by_day)):
            _guard_step(reading, before, was, after, now)


def _figures(reading: Reading | None, cells: Sequence[Cell]) -> Iterator[tuple[Cell, Expression]]:
    """The rows of one date, which components make, and the figure that rows make."""
    components: dict[Group, list[Cell]] = defaultdict(list)
    for cell in cells:
        if cell.what == COMPONENT:
            components[cell.group].append(cell)
    rows: dict[Group, Expression] = {}
    values: dict[Group, int] = {}
    figures = [cell for cell in cells if cell.what == FIGURE]
    for cell in sorted(figures, key=lambda each: not each.group):
        parts = components.get(cell.group, [])
        expression: Expression = {_name(cell): 1}
        if cell.group and parts and sum(map(_int, parts)) == cell.value and len(parts) > 1:
            expression = {_name(part): 1 for part in parts}
        elif not cell.group:
            expression = _sum_of_rows(cell, rows, values) or expression
        rows[cell.group], values[cell.group] = expression, _int(cell)
        yield cell, expression
        for each, said in ((cell, expression), *((part, {_name(part): 1}) for part in parts)):
            if reading is not None:
                reading.state_figure(said, each)


def _sum_of_rows(
    total: Cell, rows: Mapping[Group, Expression], values: Mapping[Group, int]
) -> Expression | None:
    """The rows that add up to a figure: those of its fiscal year, or all without a time."""
    year = fiscal_year(total.day.year, total.day.month)
    # Calendar years may hold no other months than those to date, too.
    for span in ({f"FY{year}"}, {str(year)}, {str(year), str(year - 1)}, {None}):
        found = [group for group in rows if _year(group) in span]
        if found and sum(values[group] for group in found) == total.value:
            return combined(*((rows[group], 1) for group in found))
    return None


def _take_balance(
    reading: Reading, cells: Sequence[Cell], rows: Mapping[Group, Expression]
) -> None:
    lines: list[Expression] = []
    for cell in cells:
        unit = Unit(BALANCE, (cell.metric, cell.measure))
        if cell.what == LINE:
            line: Expression = {("line", cell.detail): 1}
            lines.append(line)
            reading.state(line, cell, unit)
            reading.guard(line, _int(cell))
            if cell.detail == _OTHER_YEARS and () in rows:
                # Rows of other years are among what is left out.
                others = (each for group, each in rows.items() if group)
                shown = combined(*((each, 1) for each in others), (rows[()], -1))
                if all(number > 0 for number in shown.values()):
                    reading.relate(combined((line, 1), (shown, -1)), at_least=True)
    for cell in cells:
        if cell.what == POPULATION:
            whole = combined(*((line, 1) for line in lines), (rows.get((), {}), 1))
            reading.state(whole, cell, Unit(BALANCE, (cell.metric, cell.measure)))
        elif cell.what == COUNTED:
            reading.state(rows.get((), {}), cell, Unit(BALANCE, (cell.metric, cell.measure)))


def _guard_step(
    reading: Reading, before: Cell, was: Expression, after: Cell, now: Expression
) -> None:
    """What was added between two dates of one fiscal year: the count begins again with each."""
    years = [fiscal_year(cell.day.year, cell.day.month) for cell in (before, after)]
    difference = _int(after) - _int(before)
    if years[0] == years[1] and difference >= 0:
        step: Hashable = ("step", after.measure, after.group, after.day)
        told = combined((now, 1), (was, -1), ({step: 1}, -1))
        reading.relate(told)
        reading.guard({step: 1}, difference)


def _name(cell: Cell) -> Hashable:
    return ("encounters", cell.measure, cell.definition, cell.day, cell.group, cell.detail)


def _year(group: Group) -> str | None:
    """The fiscal year of a row by its columns of time (``FY2021``), or else its calendar year."""
    times = {name.removeprefix(EVENT): value for name, value in group}
    year = times.get("fiscal_year")
    if year is not None:
        return f"FY{year}"
    month = re.fullmatch(r"(\d{4})-(\d\d)", str(times.get("month")))
    quarter = re.fullmatch(r"(\d{4})\D*Q(\d)", str(times.get("quarter")))
    if month:
        return f"FY{fiscal_year(int(month[1]), int(month[2]))}"
    if quarter:
        return f"FY{fiscal_year(int(quarter[1]), int(quarter[2]) * 3 - 2)}"
    calendar_year = times.get("calendar_year")
    return None if calendar_year is None else str(calendar_year)


def _int(cell: Cell) -> int:
    assert isinstance(cell.value, int)
    return cell.value
