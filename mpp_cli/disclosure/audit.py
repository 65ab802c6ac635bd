"""What follows from what is shown, and what must be hidden besides so that it does not.

A reader knows every number that is shown and how all of them are made. Of each that is
hidden, and of each that stands nowhere and must not be known, the least and the most
that it can be are asked for. Where they say too much, something that keeps it there is
hidden, too, until nothing does.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from math import inf

from mpp_cli.disclosure.cells import FIGURE, PART, ROWS
from mpp_cli.disclosure.kinds import Ends
from mpp_cli.disclosure.model import Model
from mpp_cli.disclosure.program import End, Form
from mpp_cli.disclosure.ranges import LEAST, MOST, Ranges
from mpp_cli.disclosure.statements import BALANCE, Of, Reading, Scope, Statement, Unit

#: How many of the groups in which most is hidden of a count are looked at with any other.
_BUFFERS = 2


@dataclass
class _Target:
    """A number that must not be known: one that is printed, or one that stands nowhere."""

    form: Form
    value: int | None
    statement: int | None = None
    in_group: bool = False


class Audit:
    """The units that are hidden, and the figures that may not even be said to be small."""

    def __init__(self, reading: Reading, ends: Ends, below: int) -> None:
        self._reading, self._below = reading, below
        self.hidden: set[Unit] = set()
        self._unsaid: set[int] = set()
        self._given_up: set[int] = set()
        self._apart: set[int] = set()
        self._model = model = Model(reading, ends)
        self._program = model.program
        self._statements = list(reading.statements.values())
        largest = max((each.value for each in self._statements), default=0)
        self._most = 4 * max(largest, below) + 10
        self._program.limit(self._most)
        self._targets = [
            _Target(model.form(each.expression), each.value, place, _is_of_group(each))
            for place, each in enumerate(self._statements)
        ]
        self._rows = [
            self._program.add_row(each.form, each.value or 0, each.value or 0)
            for each in self._targets
        ]
        self._at = {row: place for place, row in enumerate(self._rows)}
        for each in reading.guarded.values():
            if each.inside is None or model.is_inside(*each.inside):
                group = any(isinstance(term, Of) and term.scope.group for term in each.expression)
                self._targets.append(_Target(model.form(each.expression), each.value, None, group))
        self._units: dict[Unit, list[int]] = {}
        for place, stated in enumerate(self._statements):
            for unit in stated.units:
                self._units.setdefault(unit, []).append(place)
        self._wholes = {*_wholes(self._statements)}
        self._ranges = Ranges(model, [each.form for each in self._targets], self._buffers)

    @property
    def is_consistent(self) -> bool:
        """Whether there can be cases that all the numbers count."""
        return self._program.end({}, LEAST) is not None

    def set_apart(self) -> None:
        """Let go of what numbers that contradict each other are said to have in common.

        Only for a reading without sets, in which every row is a relation or a statement.
        """
        weights = {row: 1000 if row in self._at else 1 for row in range(len(self._program.rows))}
        for row in self._program.contradicting(weights):
            self._program.bound(row, -inf, None)
            if row in self._at:
                self._apart.add(self._at[row])

    def run(self) -> None:
        """Hide what is small and what would tell it."""
        self._ranges.start()
        for unit in self._reading.hidden:
            self._hide(unit)
        for stated in self._statements:
            if 0 < stated.value < self._below:
                for unit in stated.units:
                    self._hide(unit)
        while waiting := self._waiting():
            self._ranges.push(waiting, self._needs)
            for place in waiting:
                if not self._is_safe(place) and self._ranges.move_to(place):
                    self._ranges.push(waiting, self._needs)
                while not self._is_safe(place):
                    self._protect(place)

    def _waiting(self) -> list[int]:
        """The numbers that are not known to be safe, those of one group after another."""
        found = [place for place in range(len(self._targets)) if not self._is_safe(place)]
        return sorted(found, key=self._ranges.group) if self._ranges.is_large else found

    def is_said(self, place: int) -> bool:
        """Whether a statement is of a hidden figure that may be said to be small."""
        if place >= len(self._statements):
            return False
        stated = self._statements[place]
        small = stated.marked and 0 < stated.value < self._below
        return small and place not in self._unsaid and self._is_hidden(place)

    # --- what is hidden ------------------------------------------------------------------

    def _hide(self, unit: Unit) -> None:
        if unit in self.hidden or unit not in self._units:
            return
        self.hidden.add(unit)
        for place in self._units[unit]:
            stated = self._statements[place]
            if stated.figure and unit.kind != BALANCE:
                for other in stated.units:
                    self._hide(other)
            if stated.units.keys() <= self.hidden:
                self._loosen(place)
        for other in self._reading.follow.get(unit, ()):
            self._hide(other)

    def _loosen(self, place: int) -> None:
        """Let a hidden number be what a reader may think that it is."""
        if place in self._apart:
            return
        stated = self._statements[place]
        most = self._below - 1 if self.is_said(place) else None
        self._ranges.bound(self._rows[place], 1 if stated.figure else 0, most)

    def _is_hidden(self, place: int) -> bool:
        return self._statements[place].units.keys() <= self.hidden

    # --- what follows ----------------------------------------------------------------------

    def _needs(self, place: int) -> list[int]:
        """Which ends of a number must still be looked for; none where it can be enough.

        A number that may be said to be small can be anything that this says. No other
        small number must be known better than that, whatever it is known by; nor must a
        larger one that is hidden be known at all.
        """
        target = self._targets[place]
        least, most = self._ranges.of(place)
        shown = target.statement is not None and not self._is_hidden(target.statement)
        if shown or place in self._given_up or place in self._apart or target.value == 0:
            return []
        narrow = [LEAST] * (least > 1) + [MOST] * (most < self._below - 1)
        if self.is_said(place):
            return narrow
        if target.value is None or target.value < self._below:
            open_ended = least < 1 or most >= self._below or not narrow
            return [] if open_ended else [MOST, LEAST]
        return [] if target.statement is None or most > least else [MOST, LEAST]

    def _is_safe(self, place: int) -> bool:
        return not self._needs(place)

    def _protect(self, place: int) -> None:
        """Look for the ends of a number; hide something where it cannot be enough."""
        if self._protect_by(place, self._ranges.look):
            return
        if self.is_said(place):
            # Nothing keeps it but that what is hidden is not 0: it is not said to be small.
            self._unsay([place])
        elif not self._ranges.is_large or not self._protect_by(place, self._ranges.look_everywhere):
            self._given_up.add(place)

    def _protect_by(self, place: int, look: Callable[[int, int], End | None]) -> bool:
        """Whether a number was found to be safe, or something could be hidden for it."""
        kept: dict[int, None] = {}
        for sign in self._needs(place):
            end = look(place, sign)
            if self._is_safe(place):
                return True
            if sign in self._needs(place):
                kept |= dict.fromkeys(end.kept_by if end else ())
                if end and self.is_said(place):
                    break
        return self._loosen_one(place, [self._at[row] for row in kept if row in self._at])

    def _loosen_one(self, place: int, keeping: Sequence[int]) -> bool:
        """Hide one of the numbers that keep another, or no longer say that it is small."""
        told = [each for each in keeping if each != place]
        marks = [each for each in told if self.is_said(each)]
        if self.is_said(place):
            marks += [place] if place in self._wholes and not marks else []
        wholes = [each for each in marks if each in self._wholes]
        shown = [each for each in told if not self._is_hidden(each) and self._can_hide(each)]
        if wholes:
            self._unsay(wholes)
        elif shown:
            chosen = min(shown, key=lambda each: self._cost(each, self._targets[place]))
            for unit in self._statements[chosen].units:
                self._hide(unit)
        elif marks:
            self._unsay(marks)
        return bool(marks or shown)

    def _buffers(self) -> Iterator[Scope]:
        """The groups in which most is hidden of each count."""
        largest: dict[Hashable, list[tuple[int, int, Scope]]] = {}
        for place, stated in enumerate(self._statements):
            if stated.figure and self._is_hidden(place):
                scope = next((t.scope for t in stated.expression if isinstance(t, Of)), None)
                if scope is not None:
                    kind = stated.cells[0].measure
                    largest.setdefault(kind, []).append((stated.value, place, scope))
        for found in largest.values():
            yield from (scope for _, _, scope in sorted(found)[-_BUFFERS:])

    def _unsay(self, places: Sequence[int]) -> None:
        for place in places:
            self._unsaid.add(place)
            self._loosen(place)

    def _can_hide(self, place: int) -> bool:
        """Whether a shown number can be withheld; a figure of 0 is always shown."""
        stated = self._statements[place]
        return bool(stated.value) or not stated.figure

    def _cost(self, place: int, target: _Target) -> tuple[object, ...]:
        """What is lost with a number: rows of files first, then what is near to the target."""
        stated = self._statements[place]
        kinds = {unit.kind for unit in stated.units}
        group = _is_of_group(stated)
        if {FIGURE, PART} & kinds:
            rank = 1 if target.in_group and group else 3 if group else 4
        else:
            rank = 0 if ROWS in kinds else 2
        # The smallest that takes up any difference below N is the least loss.
        is_buffer = stated.value >= 2 * self._below
        return rank, not is_buffer, stated.value if is_buffer else -stated.value, place


def _is_of_group(stated: Statement) -> bool:
    return any(isinstance(term, Of) and term.scope.group for term in stated.expression) or any(
        cell.group for cell in stated.cells
    )


def _wholes(statements: Sequence[Statement]) -> Iterator[int]:
    """The figures that others are parts of: by their group, or by what they count."""
    figures = [
        (place, cell)
        for place, each in enumerate(statements)
        if each.figure and each.value
        for cell in each.cells[:1]
    ]
    grouped = {(cell.measure, cell.day, cell.definition) for _, cell in figures if cell.group}
    sets: dict[object, list[Of]] = {}
    for place, _ in figures:
        terms = [term for term in statements[place].expression if isinstance(term, Of)]
        if len(terms) == 1:
            sets.setdefault(terms[0].scope, []).append(terms[0])
    for place, cell in figures:
        terms = [term for term in statements[place].expression if isinstance(term, Of)]
        inside = (each for term in terms for each in sets.get(term.scope, ()))
        if (not cell.group and (cell.measure, cell.day, cell.definition) in grouped) or (
            len(terms) == 1 and any(each.cases > terms[0].cases for each in inside)
        ):
            yield place
