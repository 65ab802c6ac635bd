"""What the lines of a balance say: how all cases, or all events, become those that count."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace

from mpp_cli.common.errors import MppError
from mpp_cli.dataset.history_columns import EVENTS as EVENT_TABLES
from mpp_cli.disclosure.cells import COUNTED, EVENT_CASES, EVENTS, FIGURE, LINE, POPULATION, Cell
from mpp_cli.disclosure.conditions import Cases, Rules, free, less, speaks_of_events
from mpp_cli.disclosure.figures import AS_OF, WHERE, WHOLE, Figures, rows_in
from mpp_cli.disclosure.statements import Expression, Of, Reading, combined, in_scope

#: What is written in the balance of a count, the figure itself aside.
BALANCE = (POPULATION, LINE, COUNTED, EVENTS, EVENT_CASES)


class Balances:
    """The lines of balances by what the rules of their counts leave out, one after the other."""

    def __init__(self, figures: Figures, reading: Reading) -> None:
        self._figures, self._reading = figures, reading
        self._of_events: dict[Hashable, dict[str, Expression]] = {}

    def expression(self, cell: Cell) -> Expression | None:
        """What a number in a balance says; None for one that is always 0."""
        rules = self._figures.rules(cell)
        if cell.what in (EVENTS, EVENT_CASES):
            if rules.count.events is None:
                return None
            return self._not_counted_again(cell, rules)[cell.what == EVENT_CASES]
        lines = self.lines(cell)
        name = {POPULATION: POPULATION, COUNTED: COUNTED, LINE: cell.detail}[cell.what]
        if name not in lines:
            raise MppError(
                f"nothing says what the line {name} in the balance of {cell.measure} leaves out, "
                "so no small count in it can be hidden; nothing is printed"
            )
        return lines[name]

    def lines(self, cell: Cell) -> dict[str, Expression]:
        """Every line of the balance of a count, from its population to what is counted."""
        rules = self._figures.rules(cell)
        figure = self._figures.expression(replace(cell, what=FIGURE))
        if rules.of_events:
            key = (cell.measure, cell.day)
            if key not in self._of_events:
                self._of_events[key] = self._lines_of_events(rules, cell, figure)
            return self._of_events[key]
        before: Cases = frozenset(each for each in rules.first if each.free != WHERE)
        found: dict[str, Expression] = {POPULATION: {Of(WHOLE, before): 1}, COUNTED: figure}
        for rule, passed in self._narrowed(rules):
            found[rule] = in_scope(WHOLE, less(before, passed))
            before = passed
        return {**found, AS_OF: in_scope(WHOLE, less(before, rules.counted))}

    def _narrowed(self, rules: Rules) -> list[tuple[str, Cases]]:
        where = [(WHERE, rules.first)] if self._figures.narrowed else []
        return [*where, *rules.narrowed]

    def _not_counted_again(self, cell: Cell, rules: Rules) -> tuple[Expression, Expression]:
        """Events that are not counted again, and the cases that they are of."""
        named = rules.count.events.counted_as if rules.count.events else None
        cases = rules.counted | {free(f"{cell.measure} again")}
        more: Hashable = ("more events", f"{cell.measure} again", "", cell.day, WHOLE)
        if named and self._figures.agree(cell, named):
            cases = self._figures.rules(replace(cell, what=FIGURE, measure=named[1])).counted
            more = ("more events", named[0], "", cell.day, WHOLE)
        return {Of(WHOLE, cases): 1, more: 1}, {Of(WHOLE, cases): 1}

    def _lines_of_events(
        self, rules: Rules, cell: Cell, figure: Expression
    ) -> dict[str, Expression]:
        """The same of events: each case that a rule about cases leaves out has one or more."""
        rows = rows_in(EVENT_TABLES[rules.count.table][0])
        by_id = {rule.id: rule for rule in rules.count.all_rules}
        home = self._figures.home(cell)
        events: Expression = {("events", cell.measure, 0): 1}
        cases: Expression = {Of(WHOLE, rows): 1}
        self._reading.relate(combined((events, 1), (cases, -1)), home, at_least=True)
        found: dict[str, Expression] = {POPULATION: events, COUNTED: figure}
        for place, (name, passed) in enumerate(self._narrowed(rules), start=1):
            left: Expression = {("events", cell.measure, place): 1}
            found[name] = line = combined((events, 1), (left, -1))
            rule = by_id.get(name)
            if rule is None or not speaks_of_events(rule.keeps):
                without: Expression = {Of(WHOLE, passed | rows): 1}
                told = combined((line, 1), (cases, -1), (without, 1))
                self._reading.relate(told, home, at_least=True)
                cases = without
            elif rule.one_each:
                self._reading.relate(combined((line, 1), (cases, -1)), home)
            else:
                self._reading.relate(line, at_least=True)
            events = left
        found[AS_OF] = combined((events, 1), (figure, -1))
        self._reading.relate(found[AS_OF], home, at_least=True)
        return found
