"""The numbers of cases in an answer, read as its reader would who knows the definitions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable
from dataclasses import replace

from mpp_cli.disclosure.balances import BALANCE, Balances
from mpp_cli.disclosure.cells import FIGURE, MOVED_IN, MOVED_OUT, Cell, Group
from mpp_cli.disclosure.conditions import less
from mpp_cli.disclosure.figures import Figures
from mpp_cli.disclosure.guards import guard_rests, guard_rules, guard_steps
from mpp_cli.disclosure.statements import ABSENT, MOVES, Reading, Unit, in_scope
from mpp_cli.disclosure.statements import BALANCE as BALANCE_UNIT
from mpp_cli.goals import EVERY

#: The groups of a breakdown that an answer does not list, where it lists a few only.
OTHERS = "\0others"


def read_cases(reading: Reading, figures: Figures) -> None:
    """Take up every number of cases, or of their events, and what must not follow from them."""
    balances = Balances(figures, reading)
    for cell in figures.cells:
        if cell.what == FIGURE:
            read_figure(reading, figures, cell)
        elif cell.what in (MOVED_IN, MOVED_OUT):
            _read_moved(reading, figures, cell)
        elif cell.what in BALANCE:
            expression = balances.expression(cell)
            if expression is not None:
                unit = Unit(BALANCE_UNIT, (cell.metric, cell.measure))
                reading.state(expression, cell, unit, figures.home(cell))
    read_absent_groups(reading, figures)
    guard_rests(reading, figures)
    guard_rules(reading, figures, balances)
    guard_steps(reading, figures)
    _divide(reading, figures)


def read_figure(reading: Reading, figures: Figures, cell: Cell) -> None:
    """Take up a figure."""
    reading.state_figure(figures.expression(cell), cell, FIGURE, figures.home(cell))


def _read_moved(reading: Reading, figures: Figures, cell: Cell) -> None:
    """The cases in which two definitions differ, which go with either figure."""
    pair = (replace(cell, what=FIGURE), replace(cell, what=FIGURE, definition=""))
    own, other = map(figures.of, pair)
    more, fewer = (own, other) if cell.what == MOVED_IN else (other, own)
    unit = Unit(MOVES, (cell.metric, cell.measure, cell.definition, cell.group))
    number = in_scope(own.scope, less(more.cases, fewer.cases))
    reading.state(number, cell, unit, figures.home(cell))
    base = figures.value(pair[1])
    if cell.what == MOVED_OUT and base is not None:
        assert isinstance(cell.value, int)
        both = in_scope(own.scope, {own.cases | other.cases: 1})
        reading.guard(both, base - cell.value, figures.home(cell))
    for figure in pair:
        shown_as = Unit.of_figure(figures.expression(figure), figures.value(figure))
        reading.follow.setdefault(shown_as, {}).setdefault(unit)


def read_absent_groups(reading: Reading, figures: Figures) -> None:
    """A group that is not listed has no case in it, where those that are make up the total."""
    groups: dict[Hashable, dict[Group, None]] = defaultdict(dict)
    listed: dict[tuple[Hashable, ...], list[Cell]] = defaultdict(list)
    for cell in figures.cells:
        if cell.what == FIGURE and cell.group:
            scope = figures.of(cell).scope
            if not scope.outside:
                groups[scope.breakdown].setdefault(cell.group)
                of = (cell.metric, cell.measure, cell.day, cell.definition, cell.release)
                listed[scope.breakdown, *of].append(cell)
    complete = []
    for (breakdown, *_), cells in listed.items():
        of_all = figures.value(replace(cells[0], group=(), dated=""))
        if of_all == sum(cell.value for cell in cells if isinstance(cell.value, int)):
            complete.append((breakdown, cells))
        else:
            others = tuple((name, OTHERS) for name, _ in cells[0].group)
            groups[breakdown].setdefault(others)
            unlisted = replace(cells[0], group=others)
            reading.keep({figures.of(unlisted): 1}, figures.home(unlisted))
    for breakdown, cells in complete:
        for group in groups[breakdown]:
            none = replace(cells[0], group=group, value=0)
            if figures.add(none):
                home = figures.home(none)
                stated = reading.state(figures.expression(none), none, Unit(ABSENT), home)
                stated.figure = True


def _divide(reading: Reading, figures: Figures) -> None:
    """A headline that is given in parts is their sum."""
    days = {(cell.day, cell.release) for cell in figures.cells}
    sets = {each for scopes in reading.homes.values() for sets in scopes.values() for each in sets}
    for metric in EVERY.values():
        for day, release in sorted(days) if metric.parts else ():
            cell = Cell(metric.name, metric.headline, "", None, day, release=release)
            parts = [replace(cell, measure=part.count.name) for part in metric.parts]
            whole, *divided = (figures.rules(each).counted for each in (cell, *parts))
            if {whole, *divided} <= sets:
                reading.partitions.append((whole, tuple(divided)))
