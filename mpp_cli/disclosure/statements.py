"""What the numbers of an answer say, as equations about sets of cases.

Each printed number is a sum and difference of sets, by the declarations that counted
it; so is what must not follow from them: the rest of a whole without its part, what
a rule leaves out, what happened between two dates.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field

from mpp_cli.disclosure.cells import FIGURE, Cell, Group
from mpp_cli.disclosure.conditions import ALL, Cases, Number
from mpp_cli.results.report import Value


@dataclass(frozen=True)
class Scope:
    """Whose cases are meant: all, or those of a group of a breakdown.

    A breakdown by time goes by ``dated``. A group that does not meet conditions of what is
    counted is ``outside``: one of another docket is shown beside the others, and is no part
    of the figure of all.
    """

    group: Group = ()
    dated: str = ""
    outside: Cases = ALL

    @property
    def breakdown(self) -> tuple[Hashable, ...]:
        """The columns of the group, and the date that they go by."""
        return (*(name for name, _ in self.group), self.dated)


@dataclass(frozen=True)
class Of:
    """The cases of a set in a scope."""

    scope: Scope
    cases: Cases


#: A sum and difference: of sets of cases, and of numbers that have a name and are never below 0.
Expression = Mapping[Hashable, int]


#: The kinds of units besides figures and parts of changes.
BALANCE, MOVES, ABSENT = "balance", "moves", "absent"


@dataclass(frozen=True)
class Unit:
    """What is shown whole or not at all: a figure, the balance of a count, a table's rows.

    An ``ABSENT`` one is a 0 that is told by a group which is not listed.
    """

    kind: str
    of: Hashable = None

    @classmethod
    def of_figure(cls, expression: Expression, value: Value, kind: str = FIGURE) -> Unit:
        """A figure, wherever it is printed."""
        return cls(kind, (frozenset(expression.items()), value))


@dataclass
class Statement:
    """A number, wherever it is printed, and what it says.

    A ``figure`` that is hidden is not 0, which is always shown; it can be ``marked`` as small.
    ``units`` are what it is printed in.
    """

    expression: Expression
    value: int
    figure: bool = False
    marked: bool = False
    units: dict[Unit, None] = field(default_factory=dict)
    cells: list[Cell] = field(default_factory=list)


@dataclass(frozen=True)
class Relation:
    """What holds of named numbers and sets: an expression that is 0, or at least 0."""

    expression: Expression
    at_least: bool = False


@dataclass(frozen=True)
class Guarded:
    """A number that stands nowhere and must not follow: None where nobody has counted it.

    Of a part and its whole it is the rest, where the part lies ``inside`` the whole.
    """

    expression: Expression
    value: int | None
    inside: tuple[Of, Of] | None = None


@dataclass
class Reading:
    """Everything that an answer says and must not say.

    ``homes`` are sets that are thought of together: those of a date, those of two
    definitions, those of two dates.
    """

    statements: dict[Hashable, Statement] = field(default_factory=dict)
    relations: list[Relation] = field(default_factory=list)
    guarded: dict[Hashable, Guarded] = field(default_factory=dict)
    homes: dict[Hashable, dict[Scope, set[Cases]]] = field(default_factory=dict)
    #: Sets that are compared, and must be told together.
    compared: dict[frozenset[Cases], None] = field(default_factory=dict)
    #: Wholes with the parts that they divide into.
    partitions: list[tuple[Cases, tuple[Cases, ...]]] = field(default_factory=list)
    #: Units that go when a unit goes; units that are hidden from the start.
    follow: dict[Unit, dict[Unit, None]] = field(default_factory=dict)
    hidden: dict[Unit, None] = field(default_factory=dict)

    def state(
        self, expression: Expression, cell: Cell, unit: Unit, home: Hashable = None
    ) -> Statement:
        """Take up a printed number; the same number is one statement wherever it stands."""
        assert isinstance(cell.value, int)
        # A part of a change that was lost is printed as less than 0, and is a number of cases.
        value = abs(cell.value)
        if not expression and not value:
            return Statement({}, 0)  # Nothing that could be otherwise.
        key = (frozenset(expression.items()), value)
        found = self.statements.setdefault(key, Statement(expression, value))
        found.units.setdefault(unit)
        found.cells.append(cell)
        self.keep(expression, home)
        return found

    def state_figure(
        self, expression: Expression, cell: Cell, kind: str = FIGURE, home: Hashable = None
    ) -> Statement:
        """Take up a figure, which can be marked as small."""
        unit = Unit.of_figure(expression, cell.value, kind)
        stated = self.state(expression, cell, unit, home)
        stated.figure = stated.marked = True
        return stated

    def relate(
        self, expression: Expression, home: Hashable = None, *, at_least: bool = False
    ) -> None:
        """Take up that an expression is 0, or at least 0."""
        if expression:
            self.relations.append(Relation(expression, at_least))
            self.keep(expression, home)

    def guard(
        self,
        expression: Expression,
        value: int | None,
        home: Hashable = None,
        inside: tuple[Of, Of] | None = None,
    ) -> None:
        """Take up a number that must not follow."""
        key = frozenset(expression.items())
        if expression and self.guarded.get(key, Guarded({}, None)).value is None:
            self.guarded[key] = Guarded(expression, value, inside)
            if inside is not None:
                part, whole = (of.cases for of in inside)
                self.compared.setdefault(frozenset({part, whole, part | whole}))
            self.keep(expression, home)

    def keep(self, expression: Expression, home: Hashable) -> None:
        """Take up sets that something is said of, or might be."""
        for term in expression:
            if isinstance(term, Of):
                scopes = self.homes.setdefault(home, {})
                scopes.setdefault(term.scope, set()).add(term.cases)


def in_scope(scope: Scope, number: Number) -> dict[Hashable, int]:
    """A number of cases in a scope."""
    return {Of(scope, cases): times for cases, times in number.items()}


def combined(*parts: tuple[Expression, int]) -> dict[Hashable, int]:
    """A sum of expressions, each so many times."""
    total: dict[Hashable, int] = {}
    for expression, times in parts:
        for term, number in expression.items():
            total[term] = total.get(term, 0) + number * times
    return {term: number for term, number in total.items() if number}
