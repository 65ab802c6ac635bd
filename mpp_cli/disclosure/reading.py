"""The numbers of cases in an answer, read as its reader would who knows the definitions."""

from __future__ import annotations

import datetime
import re
from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from mpp_cli.disclosure import declared
from mpp_cli.disclosure.cells import (
    COUNTED,
    EVENT_CASES,
    EVENTS,
    FIGURE,
    LINE,
    MOVED_IN,
    MOVED_OUT,
    POPULATION,
    Cell,
    Group,
)
from mpp_cli.disclosure.conditions import (
    ALL,
    Cases,
    Condition,
    Rules,
    free,
    less,
    speaks_of_events,
)
from mpp_cli.disclosure.statements import Expression, Of, Reading, Scope, combined
from mpp_cli.errors import MppError
from mpp_cli.goals import EVERY
from mpp_cli.history_columns import COLUMNS
from mpp_cli.history_columns import EVENTS as EVENT_TABLES

#: The rules that come with a question and that no declaration has.
WHERE, AS_OF = "where", "as-of"

WHOLE = Scope()

#: The groups of a breakdown that an answer does not list, where it lists a few only.
OTHERS = "\0others"

#: Where a 0 stands that is told by a group that is not listed.
ABSENT = ("absent",)

#: What is written in the balance of a count, the figure itself aside.
_BALANCE = (POPULATION, LINE, COUNTED, EVENTS, EVENT_CASES)


class CaseReader:
    """Reads the cells of counts of cases, and of the events that cases have."""

    def __init__(self, reading: Reading, cells: Sequence[Cell], narrowed: bool) -> None:
        self._reading = reading
        self._cells = [cell for cell in cells if isinstance(cell.value, int)]
        said = [cell.detail == WHERE for cell in cells if cell.what == LINE]
        #: The conditions of ``--where`` come before all rules, where cases have them.
        self._narrowed = any(said) if said else narrowed
        self._rules: dict[Hashable, Rules] = {}
        self._with_events = declared.with_events()
        self._events: dict[Hashable, dict[str, Expression]] = {}
        self._values = {_place(cell): cell.value for cell in self._cells if cell.what == FIGURE}

    def read(self) -> None:
        """Take up everything that is printed, and what must not follow from it."""
        for cell in self._cells:
            self._take(cell)
        self._take_absent_groups()
        self._guard_rests()
        self._guard_rules()
        self._guard_steps()
        self._guard_steps_of_rests()
        self._divide()

    def _home(self, cell: Cell) -> Hashable:
        """The sets that those of a cell are thought of with: of its date, by one definition."""
        return home_of(cell.day, cell.definition)

    # --- what a cell says ---------------------------------------------------------------

    def rules(self, cell: Cell) -> Rules:
        """The count of a cell with its rules; a fault where no declaration says what it counts."""
        key = (cell.measure, cell.definition, cell.day, cell.release)
        if key not in self._rules:
            self._rules[key] = self._declared(cell)
        return self._rules[key]

    def _declared(self, cell: Cell) -> Rules:
        count = declared.count_of(cell.metric, cell.measure)
        if count is None:
            raise MppError(
                f"nothing says what {cell.measure} counts, so no small count in it can be hidden; "
                "nothing is printed"
            )
        first = {free(WHERE)} if self._narrowed else set()
        if cell.release:
            first.add(free(cell.release))
        return Rules(
            declared.under(count, cell.definition), cell.day, cell.release, frozenset(first)
        )

    def of(self, cell: Cell) -> Of:
        """The cases that a cell counts, or whose events it counts."""
        rules = self.rules(cell)
        decided = _decided(rules.passed, cell)
        cases = self._cases_with(rules, cell) - decided
        return Of(Scope(cell.group, cell.dated, decided), cases)

    def _cases_with(self, rules: Rules, cell: Cell) -> Cases:
        """The cases that count; those with such events, where events are counted."""
        if not rules.of_events:
            return rules.counted
        for count in self._with_events:
            named = count.events and count.events.counted_as
            if named and named[0] == cell.measure and not cell.definition:
                if self._agrees(replace(cell, measure=count.name), named):
                    return self.rules(replace(cell, measure=named[1])).counted
        return rules.counted | {free(f"has {cell.measure} {cell.definition}")}

    def _value(self, cell: Cell) -> int | None:
        """The value of a figure where it is printed."""
        value = self._values.get(_place(cell))
        return value if isinstance(value, int) else None

    def _agrees(self, cell: Cell, named: tuple[str, str]) -> bool:
        """Whether what a balance says of events is what the counts say that are named for it."""
        said = [
            next(
                (c.value for c in self._cells if c.what == what and c.measure == cell.measure), None
            )
            for what in (EVENTS, EVENT_CASES)
        ]
        counted = [self._value(replace(cell, measure=name)) for name in named]
        pairs = zip(said, counted, strict=True)
        return cell.group != () or all(None in pair or pair[0] == pair[1] for pair in pairs)

    def figure(self, cell: Cell) -> Expression:
        """What a figure says."""
        of = self.of(cell)
        if not self.rules(cell).of_events:
            return {of: 1}
        # A case has one such event, or more.
        return {of: 1, ("more events", cell.measure, cell.definition, cell.day, of.scope): 1}

    def _take(self, cell: Cell) -> None:
        if cell.what == FIGURE:
            expression = self.figure(cell)
            unit = (FIGURE, frozenset(expression.items()), cell.value)
            stated = self._reading.state(expression, cell, unit, self._home(cell))
            stated.figure = stated.marked = True
        elif cell.what in (MOVED_IN, MOVED_OUT):
            self._take_moved(cell)
        elif cell.what in _BALANCE:
            unit = ("balance", cell.metric, cell.measure)
            expression = self._of_balance(cell)
            if expression is not None:
                self._reading.state(expression, cell, unit, self._home(cell))

    def _take_moved(self, cell: Cell) -> None:
        """The cases in which two definitions differ, which go with either figure."""
        other, own = self.of(replace(cell, definition="")), self.of(cell)
        apart = (own, other) if cell.what == MOVED_IN else (other, own)
        unit = ("moves", cell.metric, cell.measure, cell.definition, cell.group)
        number = {
            Of(own.scope, cases): n for cases, n in less(apart[0].cases, apart[1].cases).items()
        }
        self._reading.state(number, cell, unit, self._home(cell))
        both = {Of(own.scope, own.cases | other.cases): 1}
        figures = (replace(cell, what=FIGURE), replace(cell, what=FIGURE, definition=""))
        base = self._value(figures[1])
        if cell.what == MOVED_OUT and base is not None:
            self._reading.guard(both, base - _int(cell), self._home(cell))
        for figure in figures:
            key = (FIGURE, frozenset(self.figure(figure).items()), self._value(figure))
            self._reading.follow.setdefault(key, {}).setdefault(unit)

    # --- balances -----------------------------------------------------------------------

    def _of_balance(self, cell: Cell) -> Expression | None:
        rules = self.rules(cell)
        events = rules.count.events
        if cell.what in (EVENTS, EVENT_CASES):
            if events is None:
                return None
            return self._again(cell, rules)[cell.what == EVENT_CASES]
        lines = self._lines(rules, cell)
        name = {POPULATION: POPULATION, COUNTED: COUNTED, LINE: cell.detail}[cell.what]
        if name not in lines:
            raise MppError(
                f"nothing says what the line {name} in the balance of {cell.measure} leaves out, so "
                "no small count in it can be hidden; nothing is printed"
            )
        return lines[name]

    def _again(self, cell: Cell, rules: Rules) -> tuple[Expression, Expression]:
        """Events that are not counted again, and the cases that they are of."""
        events = rules.count.events
        named = events.counted_as if events else None
        cases = rules.counted | {free(f"{cell.measure} again")}
        more: Hashable = ("more events", f"{cell.measure} again", "", cell.day, WHOLE)
        figure = replace(cell, what=FIGURE)
        if named and self._agrees(cell, named):
            cases = self.rules(replace(figure, measure=named[1])).counted
            more = ("more events", named[0], "", cell.day, WHOLE)
        return {Of(WHOLE, cases): 1, more: 1}, {Of(WHOLE, cases): 1}

    def _lines(self, rules: Rules, cell: Cell) -> dict[str, Expression]:
        """Every line of a balance, from all cases, or all events, to what is counted."""
        figure = self.figure(replace(cell, what=FIGURE))
        if rules.of_events:
            key = (cell.measure, cell.day)
            if key not in self._events:
                self._events[key] = self._lines_of_events(rules, cell, figure)
            return self._events[key]
        before: Cases = frozenset(each for each in rules.first if each.free != WHERE)
        found: dict[str, Expression] = {POPULATION: {Of(WHOLE, before): 1}, COUNTED: figure}
        narrowed = list(rules.narrowed)
        if self._narrowed:
            narrowed.insert(0, (WHERE, rules.first))
        for rule, passed in narrowed:
            found[rule] = {Of(WHOLE, cases): n for cases, n in less(before, passed).items()}
            before = passed
        late = less(before, rules.counted)
        return {**found, AS_OF: {Of(WHOLE, cases): n for cases, n in late.items()}}

    def _lines_of_events(
        self, rules: Rules, cell: Cell, figure: Expression
    ) -> dict[str, Expression]:
        """The same of events: each case that a rule about cases leaves out has one or more."""
        rows = rows_in(EVENT_TABLES[rules.count.table][0])
        declared_as = {rule.id: rule for rule in rules.count.all_rules}
        narrowed = [(WHERE, rules.first), *rules.narrowed] if self._narrowed else rules.narrowed
        events: Expression = {("events", cell.measure, 0): 1}
        cases: Expression = {Of(WHOLE, rows): 1}
        self._reading.relate(combined((events, 1), (cases, -1)), self._home(cell), at_least=True)
        found: dict[str, Expression] = {POPULATION: events, COUNTED: figure}
        for place, (rule, passed) in enumerate(narrowed, start=1):
            left: Expression = {("events", cell.measure, place): 1}
            found[rule] = combined((events, 1), (left, -1))
            if rule not in declared_as or not speaks_of_events(declared_as[rule].keeps):
                without: Expression = {Of(WHOLE, passed | rows): 1}
                told = combined((found[rule], 1), (cases, -1), (without, 1))
                self._reading.relate(told, self._home(cell), at_least=True)
                cases = without
            elif declared_as[rule].one_each:
                self._reading.relate(combined((found[rule], 1), (cases, -1)), self._home(cell))
            else:
                self._reading.relate(found[rule], at_least=True)
            events = left
        found[AS_OF] = combined((events, 1), (figure, -1))
        self._reading.relate(found[AS_OF], self._home(cell), at_least=True)
        return found

    # --- what else follows --------------------------------------------------------------

    def _take_absent_groups(self) -> None:
        """A group that is not listed has no case in it, where those that are make up the total."""
        groups: dict[Hashable, dict[Group, None]] = defaultdict(dict)
        listed: dict[tuple[Hashable, ...], list[Cell]] = defaultdict(list)
        for cell in self._cells:
            if cell.what == FIGURE and cell.group:
                scope = self.of(cell).scope
                if not scope.outside:
                    groups[scope.breakdown].setdefault(cell.group)
                    of = (cell.metric, cell.measure, cell.day, cell.definition, cell.release)
                    listed[scope.breakdown, *of].append(cell)
        for (breakdown, *_), cells in listed.items():
            of_all = self._value(replace(cells[0], group=(), dated=""))
            values = {cell.group: _int(cell) for cell in cells}
            if of_all is None or sum(values.values()) != of_all:
                others = tuple((name, OTHERS) for name, _ in cells[0].group)
                groups[breakdown].setdefault(others)
                self._reading.keep(
                    {self.of(replace(cells[0], group=others)): 1}, self._home(cells[0])
                )
        for (breakdown, *_), cells in listed.items():
            of_all = self._value(replace(cells[0], group=(), dated=""))
            values = {cell.group: _int(cell) for cell in cells}
            for group in groups[breakdown] if sum(values.values()) == of_all else ():
                missing = replace(cells[0], group=group, value=0)
                if _place(missing) not in self._values:
                    self._values[_place(missing)] = 0
                    self._cells.append(missing)
                    stated = self._reading.state(
                        self.figure(missing), missing, ABSENT, self._home(missing)
                    )
                    stated.figure = True

    def _guard_rests(self) -> None:
        """A whole without its part: those not completed, where completed ones are given."""
        at: dict[Hashable, dict[str, Cell]] = defaultdict(dict)
        for cell in self._cells:
            if cell.what == FIGURE and not self.rules(cell).of_events:
                place = (cell.day, cell.group, cell.dated, cell.definition, cell.release)
                at[place].setdefault(cell.measure, cell)
        for cells in at.values():
            for part, whole in declared.nested():
                if part.name in cells and whole.name in cells:
                    inner, outer = cells[part.name], cells[whole.name]
                    self._reading.guard(
                        self._rest(inner, outer),
                        _int(outer) - _int(inner),
                        self._home(outer),
                        (self.of(inner), self.of(outer)),
                    )

    def _guard_rules(self) -> None:
        """What each rule leaves out of all cases, by the end of the answer."""
        last = max((cell.day for cell in self._cells), default=None)
        lines = {
            (cell.measure, cell.detail): cell.value for cell in self._cells if cell.what == LINE
        }
        done = set()
        for cell in self._cells:
            ours = not (cell.definition or cell.release or cell.group) and cell.day == last
            if ours and cell.measure not in done and cell.what == FIGURE:
                done.add(cell.measure)
                rules = self.rules(cell)
                if not rules.of_events or (cell.measure, AS_OF) in lines:
                    for name, expression in self._lines(rules, cell).items():
                        if name not in (POPULATION, COUNTED):
                            value = lines.get((cell.measure, name))
                            known = value if isinstance(value, int) else None
                            self._reading.guard(expression, known, self._home(cell))

    def _guard_steps(self) -> None:
        """What happened between one date and the next."""
        for cells in self._followed():
            for before, after in pairwise(cells):
                count = self.rules(after).count
                grows = not count.until and _int(after) >= _int(before)
                was, now = self.of(before), self.of(after)
                if self.rules(after).of_events:
                    step: Hashable = ("step", after.measure, after.group, after.day)
                    told = combined(
                        (self.figure(after), 1), (self.figure(before), -1), ({step: 1}, -1)
                    )
                    if grows:
                        self._reading.relate(told, self._home(after))
                        self._reading.guard({step: 1}, _int(after) - _int(before))
                    continue
                both = was.cases | now.cases
                gained = {Of(now.scope, now.cases): 1, Of(now.scope, both): -1}
                lost = {Of(now.scope, was.cases): 1, Of(now.scope, both): -1}
                between = ("from", after.metric or after.measure, before.day, after.day)
                known = _int(after) - _int(before) if grows else None
                self._reading.guard(gained, known, between)
                self._reading.guard(lost, 0 if grows else None, between)

    def _guard_steps_of_rests(self) -> None:
        """What left a count stays outside it: of its whole, the rest only grows."""
        followed = {cells[0].measure: {} for cells in self._followed()}
        for cells in self._followed():
            followed[cells[0].measure][cells[0].group] = cells
        for part, whole in declared.nested():
            if part.until and not whole.until:
                for group, parts in followed.get(part.name, {}).items():
                    wholes = {c.day: c for c in followed.get(whole.name, {}).get(group, ())}
                    both = [(cell, wholes[cell.day]) for cell in parts if cell.day in wholes]
                    for before, after in pairwise(both):
                        rests = [self._rest(*before), self._rest(*after)]
                        grown = _int(after[1]) - _int(after[0]) - _int(before[1]) + _int(before[0])
                        between = ("from", after[0].metric, before[0].day, after[0].day)
                        told = combined((rests[1], 1), (rests[0], -1))
                        self._reading.guard(told, grown, between)

    def _rest(self, part: Cell, whole: Cell) -> Expression:
        inner, outer = self.of(part), self.of(whole)
        number = less(outer.cases, inner.cases | outer.cases)
        return {Of(outer.scope, cases): n for cases, n in number.items()}

    def _followed(self) -> Iterator[Sequence[Cell]]:
        """The figures of one count and group in the order of their dates."""
        found: dict[Hashable, dict[Hashable, Cell]] = defaultdict(dict)
        for cell in self._cells:
            if cell.what == FIGURE and not cell.definition:
                key = (cell.measure, cell.group, cell.dated)
                found[key].setdefault(cell.day, cell)
        for cells in found.values():
            yield sorted(cells.values(), key=lambda cell: cell.day)

    def _divide(self) -> None:
        """A headline that is given in parts is their sum."""
        days = {(cell.day, cell.release) for cell in self._cells}
        sets = {
            each
            for scopes in self._reading.homes.values()
            for sets in scopes.values()
            for each in sets
        }
        for metric in EVERY.values():
            for day, release in sorted(days) if metric.parts else ():
                cell = Cell(metric.name, metric.headline, "", None, day, release=release)
                parts = [replace(cell, measure=part.count.name) for part in metric.parts]
                whole, *divided = (self.rules(each).counted for each in (cell, *parts))
                if {whole, *divided} <= sets:
                    self._reading.partitions.append((whole, tuple(divided)))


def home_of(day: datetime.date, definition: str = "") -> Hashable:
    """What the sets of one date and one definition are thought of together as."""
    return ("as of", day, definition)


def rows_in(table: str) -> Cases:
    """The cases that have a row in a table of events, as far as the history says so."""
    for name, column in COLUMNS.items():
        if column.table == table and column.over == "count" and column.each == "1":
            return frozenset({Condition(f"{name} > 0")})
    return ALL


def _decided(cases: Cases, cell: Cell) -> frozenset[Condition]:
    """The conditions that a group does not meet by what it is: a group of another docket."""
    by: Mapping[str, object] = dict(cell.group)
    found = ((each, re.fullmatch(r"(\w+) = '(\w+)'", each.sql)) for each in cases)
    return frozenset(each for each, is_ in found if is_ and str(by.get(is_[1], is_[2])) != is_[2])


def _place(cell: Cell) -> Hashable:
    """Where a figure stands: a count of a group, by a definition, as of a date."""
    return (cell.measure, cell.day, cell.group, cell.dated, cell.definition, cell.release)


def _int(cell: Cell) -> int:
    assert isinstance(cell.value, int)
    return cell.value
