"""A change and its parts: what stayed, what was gained and what was lost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import replace

from mpp_cli.disclosure.cells import FIGURE, PART, Cell, Group
from mpp_cli.disclosure.conditions import Cases, free
from mpp_cli.disclosure.figures import Figures
from mpp_cli.disclosure.guards import guard_rests
from mpp_cli.disclosure.reading import read_absent_groups, read_figure
from mpp_cli.disclosure.statements import Expression, Of, Reading, Unit, combined
from mpp_cli.results.comparison import INTO_GROUP, OUT_OF_GROUP

#: All sets of a change are thought of together.
CHANGE = "change"

#: Of two releases, a record may be in a group in one and not in the other.
IN_GROUP_BEFORE, IN_GROUP_AFTER = free("in group before"), free("in group after")


class FiguresOfChange(Figures):
    """The figures of both sides of a change: of one release, or from one to another."""

    def __init__(self, cells: Sequence[Cell], narrowed: bool) -> None:
        super().__init__(cells, narrowed)
        figures = [cell for cell in self.cells if cell.what == FIGURE]
        self._two = any(cell.release for cell in figures)
        self._earlier = min(figures, key=lambda cell: (not cell.release, cell.day), default=None)

    def home(self, cell: Cell) -> Hashable:
        """All sets are thought of together."""
        return CHANGE

    def of(self, cell: Cell) -> Of:
        """The cases that a cell counts, of those that are in the group on its side."""
        found = super().of(cell)
        if not (self._two and cell.group):
            return found
        side = IN_GROUP_BEFORE if cell.release else IN_GROUP_AFTER
        return replace(found, cases=found.cases | {side})

    def before(self, after: Cell) -> Cell:
        """The figure of the earlier side beside that of the later one."""
        assert self._earlier is not None
        return replace(after, day=self._earlier.day, release=self._earlier.release)


def read_changes(reading: Reading, figures: FiguresOfChange) -> None:
    """Take up both sides of every change, its parts, and what must not follow from them."""
    for cell in [*figures.cells]:
        if cell.what == FIGURE:
            read_figure(reading, figures, cell)
    read_absent_groups(reading, figures)
    guard_rests(reading, figures)
    alike = _alike(figures.cells)
    for parts in parts_of(figures.cells):
        if not figures.rules(parts[0]).of_events:
            _read_parts(reading, figures, alike, parts)


def _read_parts(
    reading: Reading,
    figures: FiguresOfChange,
    alike: Mapping[Hashable, Sequence[Cell]],
    parts: Sequence[Cell],
) -> None:
    after = replace(parts[0], what=FIGURE, detail="")
    before = figures.before(after)
    rules, was, now = figures.rules(after), figures.of(before).cases, figures.of(after).cases
    was_anywhere, now_anywhere = was - {IN_GROUP_BEFORE}, now - {IN_GROUP_AFTER}
    scope = figures.of(after).scope
    dates = list(dict.fromkeys(rules.count.dates))

    def number(plus: Cases, minus: Cases) -> Expression:
        return combined(({Of(scope, plus): 1}, 1), ({Of(scope, minus): 1}, -1))

    # What counts now and did not is divided by the first of its dates that came since.
    came = [now | rules.dated(dates[:place], before.day) for place in range(len(dates) + 1)]
    gained = [number(each, each | was_anywhere) for each in came]
    said: dict[str, Expression] = {
        cell.detail: combined((gained[place], 1), (gained[place + 1], -1))
        for place, cell in enumerate(parts[: len(dates)])
    }
    # What only two releases show has no date to tell it by, but a sign.
    revised = {1: [gained[-1]], -1: [number(was, was | now_anywhere)]}
    for cell in parts[len(dates) :]:
        if cell.detail == INTO_GROUP:
            said[cell.detail] = number(now | was_anywhere, was | now)
        elif cell.detail == OUT_OF_GROUP:
            said[cell.detail] = number(was | now_anywhere, was | now)
        elif cell.value:
            name = _name(cell)
            said[cell.detail] = {name: 1}
            revised[_sign(cell)].append({name: -1})
    for told in revised.values():
        reading.relate(combined(*((each, 1) for each in told)), CHANGE)
    for cell in parts:
        if cell.detail in said:
            _read_part(reading, alike[_name(cell)], said[cell.detail])
    lost = -sum(_int(cell) for cell in parts if _int(cell) < 0)
    reading.guard(number(now, now | was), sum(map(_int, parts)) + lost, CHANGE)
    reading.guard(number(was, was | now), lost, CHANGE)
    stayed = figures.value(before)
    if stayed is not None:
        reading.guard({Of(scope, was | now): 1}, stayed - lost, CHANGE)


def read_sums(reading: Reading, cells: Sequence[Cell]) -> None:
    """Take up changes of what is only added up, such as encounters or single events."""
    counted = [cell for cell in cells if isinstance(cell.value, int)]
    figures = [cell for cell in counted if cell.what == FIGURE]
    first = min(figures, key=lambda cell: (not cell.release, cell.day), default=None)
    if first is None:
        return
    sides: dict[tuple[str, Group], dict[bool, Cell]] = defaultdict(dict)
    for cell in figures:
        sides[cell.measure, cell.group][(cell.day, cell.release) == (first.day, first.release)] = (
            cell
        )
    told: dict[Hashable, dict[Group, Expression]] = defaultdict(dict)
    alike = _alike(counted)
    parts = {(each[0].measure, each[0].group): each for each in parts_of(counted)}
    for (measure, group), of_sides in sides.items():
        changed = parts.get((measure, group), ())
        stayed = _int(of_sides[True]) + sum(min(_int(cell), 0) for cell in changed)
        for is_before, cell in of_sides.items():
            expression: Expression = {("side", measure, group, is_before): 1}
            if changed and len(of_sides) == 2 and stayed >= 0:
                moved = {_name(part): 1 for part in changed if _sign(part) == (-1) ** is_before}
                expression = {("stayed", measure, group): 1} | moved
                reading.guard({("stayed", measure, group): 1}, stayed)
                reading.guard(moved, sum(abs(_int(p)) for p in changed if _name(p) in moved))
            told[measure, is_before][group] = expression
            reading.state_figure(expression, cell)
        for cell in changed:
            _read_part(reading, alike[_name(cell)], {_name(cell): 1})
    for groups in told.values():
        whole = groups.pop((), None)
        if whole is not None and groups:
            total = combined(*((each, 1) for each in groups.values()), (whole, -1))
            reading.relate(total)


def add_up(reading: Reading, cells: Sequence[Cell]) -> None:
    """The parts of groups add up to those of all, where they are told by a name."""
    named: dict[tuple[str, str], dict[Group, dict[Hashable, int]]] = defaultdict(dict)
    for cell in cells:
        if cell.what == PART and isinstance(cell.value, int):
            term = {_name(cell): _sign(cell)} if cell.value else {}
            named[cell.measure, cell.detail][cell.group] = term
    known = {term for each in reading.statements.values() for term in each.expression}
    for groups in named.values():
        whole = groups.pop((), None)
        terms = [term for group in groups.values() for term in group]
        if groups and whole is not None and known >= {*whole, *terms}:
            total = combined(*((group, 1) for group in groups.values()), (whole, -1))
            reading.relate(total)


def parts_of(cells: Sequence[Cell]) -> list[list[Cell]]:
    """The parts of every change, each once, in their order."""
    found: dict[Hashable, dict[str, Cell]] = defaultdict(dict)
    for cell in cells:
        if cell.what == PART:
            found[cell.measure, cell.group].setdefault(cell.detail, cell)
    return [[*each.values()] for each in found.values()]


def _read_part(reading: Reading, cells: Iterable[Cell], expression: Expression) -> None:
    """Take up a part, which is printed with its count and with every ratio of the count."""
    for cell in cells:
        unit = Unit(PART, (cell.measure, cell.group, cell.detail))
        stated = reading.state(expression, cell, unit, CHANGE)
        stated.figure = stated.marked = True


def _alike(cells: Sequence[Cell]) -> dict[Hashable, list[Cell]]:
    """The cells of each part, wherever it is printed."""
    found: dict[Hashable, list[Cell]] = defaultdict(list)
    for cell in cells:
        if cell.what == PART:
            found[_name(cell)].append(cell)
    return found


def _name(cell: Cell) -> Hashable:
    return (PART, cell.measure, cell.group, cell.detail)


def _sign(cell: Cell) -> int:
    return -1 if _int(cell) < 0 else 1


def _int(cell: Cell) -> int:
    assert isinstance(cell.value, int)
    return cell.value
