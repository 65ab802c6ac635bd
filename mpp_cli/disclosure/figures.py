"""Which cases each figure counts, by the declaration of its count."""

from __future__ import annotations

import datetime
import re
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace

from mpp_cli.common.errors import MppError
from mpp_cli.dataset.history_columns import COLUMNS
from mpp_cli.disclosure import declarations
from mpp_cli.disclosure.cells import EVENT_CASES, EVENTS, FIGURE, LINE, Cell
from mpp_cli.disclosure.conditions import ALL, Cases, Condition, Rules, free
from mpp_cli.disclosure.statements import Expression, Of, Scope

#: The rules that come with a question and that no declaration has.
WHERE, AS_OF = "where", "as-of"

WHOLE = Scope()


class Figures:
    """The figures of an answer, and the sets of cases that they count."""

    def __init__(self, cells: Sequence[Cell], narrowed: bool) -> None:
        self.cells = [cell for cell in cells if isinstance(cell.value, int)]
        said = [cell.detail == WHERE for cell in cells if cell.what == LINE]
        #: The conditions of ``--where`` come before all rules, where cases have them.
        self.narrowed = any(said) if said else narrowed
        self._rules: dict[Hashable, Rules] = {}
        self._with_events = declarations.with_events()
        self._values = {_place(cell): cell.value for cell in self.cells if cell.what == FIGURE}

    def add(self, cell: Cell) -> bool:
        """Add a figure that is not printed and that its reader knows; whether it is new."""
        if _place(cell) in self._values:
            return False
        self._values[_place(cell)] = cell.value
        self.cells.append(cell)
        return True

    def value(self, cell: Cell) -> int | None:
        """The value of a figure where it is printed."""
        value = self._values.get(_place(cell))
        return value if isinstance(value, int) else None

    def home(self, cell: Cell) -> Hashable:
        """The sets that those of a cell are thought of with: of its date, by one definition."""
        return home_of(cell.day, cell.definition)

    def rules(self, cell: Cell) -> Rules:
        """The count of a cell with its rules; a fault where no declaration says what it counts."""
        key = (cell.measure, cell.definition, cell.day, cell.release)
        if key not in self._rules:
            count = declarations.count_of(cell.metric, cell.measure)
            if count is None:
                raise MppError(
                    f"nothing says what {cell.measure} counts, so no small count in it can be "
                    "hidden; nothing is printed"
                )
            first = {free(WHERE)} if self.narrowed else set()
            if cell.release:
                first.add(free(cell.release))
            by = declarations.under(count, cell.definition)
            self._rules[key] = Rules(by, cell.day, cell.release, frozenset(first))
        return self._rules[key]

    def of(self, cell: Cell) -> Of:
        """The cases that a cell counts, or whose events it counts."""
        rules = self.rules(cell)
        outside = _not_met(rules.passed, cell)
        return Of(Scope(cell.group, cell.dated, outside), self._cases(rules, cell) - outside)

    def expression(self, cell: Cell) -> Expression:
        """What a figure says."""
        of = self.of(cell)
        if not self.rules(cell).of_events:
            return {of: 1}
        # A case has one such event, or more.
        return {of: 1, ("more events", cell.measure, cell.definition, cell.day, of.scope): 1}

    def _cases(self, rules: Rules, cell: Cell) -> Cases:
        """The cases that count; those with such events, where events are counted."""
        if not rules.of_events:
            return rules.counted
        for count in self._with_events:
            named = count.events and count.events.counted_as
            is_named = named and named[0] == cell.measure and not cell.definition
            if named and is_named and self.agree(replace(cell, measure=count.name), named):
                return self.rules(replace(cell, measure=named[1])).counted
        return rules.counted | {free(f"has {cell.measure} {cell.definition}")}

    def agree(self, cell: Cell, named: tuple[str, str]) -> bool:
        """Whether what a balance says of events is what the counts say that are named for it."""
        said = [
            next(
                (c.value for c in self.cells if c.what == what and c.measure == cell.measure), None
            )
            for what in (EVENTS, EVENT_CASES)
        ]
        counted = [self.value(replace(cell, measure=name)) for name in named]
        pairs = zip(said, counted, strict=True)
        return cell.group != () or all(None in pair or pair[0] == pair[1] for pair in pairs)


def home_of(day: datetime.date, definition: str = "") -> Hashable:
    """What the sets of one date and one definition are thought of together as."""
    return ("as of", day, definition)


def rows_in(table: str) -> Cases:
    """The cases that have a row in a table of events, as far as the history says so."""
    for name, column in COLUMNS.items():
        if column.table == table and column.over == "count" and column.each == "1":
            return frozenset({Condition(f"{name} > 0")})
    return ALL


def _not_met(cases: Cases, cell: Cell) -> Cases:
    """The conditions that a group does not meet by what it is: a group of another docket."""
    by: Mapping[str, object] = dict(cell.group)
    found = ((each, re.fullmatch(r"(\w+) = '(\w+)'", each.sql)) for each in cases)
    return frozenset(each for each, is_ in found if is_ and str(by.get(is_[1], is_[2])) != is_[2])


def _place(cell: Cell) -> Hashable:
    """Where a figure stands: a count of a group, by a definition, as of a date."""
    return (cell.measure, cell.day, cell.group, cell.dated, cell.definition, cell.release)
