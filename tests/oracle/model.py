"""What the oracle answers with."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

Value = int | Fraction | None
Key = tuple[str | int | None, ...]


class Refused(Exception):
    """The files as a whole cannot be used, whatever the question is."""


@dataclass
class FileAccount:
    """Where every row of one file went."""

    name: str
    table: str
    encoding: str
    rows_read: int = 0
    rows_used: int = 0
    rows_outside: Counter[str] = field(default_factory=Counter)
    set_aside_lines: set[tuple[int, str]] = field(default_factory=set)
    blanked_lines: set[tuple[int, str]] = field(default_factory=set)

    @property
    def set_aside(self) -> dict[str, int]:
        """The number of rows set aside by reason."""
        return dict(Counter(reason for _, reason in self.set_aside_lines))

    @property
    def blanked(self) -> dict[str, int]:
        """The number of values of used rows that were read as blank, by column."""
        return dict(Counter(column for _, column in self.blanked_lines))


@dataclass(frozen=True)
class Ledger:
    """The balance of one count; the rules stand in the order in which they are asked."""

    population: int
    excluded: tuple[tuple[str, int], ...]
    counted: int


@dataclass(frozen=True)
class EncounterYear:
    """The encounters of one fiscal year, in the months that end by the as-of date.

    A component that the year does not have is None; so is the sum where one was lost.
    """

    usbp: int | None
    ofo: int | None
    encounters: int | None
    months: int


@dataclass(frozen=True)
class Expected:
    """Every figure, account and breakdown for one set of files and one as-of date.

    `figures` holds each measure; `unavailable` names those whose table or column is not there, or
    has no row or value that could be read.
    `unread` names the columns in which values stand of which none could be read, by table.
    `groups` maps a metric, or the one measure asked for, to its groups.
    """

    as_of: date
    files: dict[str, FileAccount]
    figures: dict[str, Value]
    unavailable: frozenset[str]
    unread: frozenset[tuple[str, str]]
    ledgers: dict[str, Ledger]
    encounter_years: dict[int, EncounterYear]
    groups: dict[str, dict[Key, dict[str, Value]]]
