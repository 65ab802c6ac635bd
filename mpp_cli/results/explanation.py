"""A metric explained: plain frozen data, complete before it is printed.

It is built by :mod:`mpp_cli.analysis.explanation.metric` and read by :mod:`mpp_cli.formats`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mpp_cli.results.case_explanation import CaseExplained
from mpp_cli.results.report import Head, Ledger, Metric, Query


@dataclass(frozen=True)
class RuleApplied:
    """One rule of a measure: in words, as a condition, and what it removed.

    ``keeps`` is the condition over the case history that a case must meet,
    None for the rules that come with the question (``where``, ``as-of``) and
    for those of encounters. ``removed`` is None where the figure is unavailable.
    """

    id: str
    leaves_out: str
    keeps: str | None
    footnote: str | None
    removed: int | None


@dataclass(frozen=True)
class EventsApplied:
    """Events that are not counted again: how many, and of how many cases."""

    leaves_out: str
    removed: int | None
    of: int | None


@dataclass(frozen=True)
class Place:
    """Where a published figure, or a part of it, was read: the file, the line and its source."""

    file: str
    line: int
    source: str | None


@dataclass(frozen=True)
class MeasureExplained:
    """One measure: its definition as a sentence, and its rules in the order of exclusion.

    ``ledger`` is the balance of a measure that counts and is available. A figure that was
    not counted, but read as it was published, has no rules: ``published`` says where.
    """

    name: str
    label: str
    unit: str
    display: str
    definition: str
    rules: tuple[RuleApplied, ...] = ()
    events: EventsApplied | None = None
    ledger: Ledger | None = None
    published: tuple[Place, ...] = ()


@dataclass(frozen=True)
class GroupExplained:
    """What the rules removed from one group: the balance of each count. A blank value is None."""

    by: Mapping[str, str | int | None]
    ledgers: tuple[Ledger, ...]


@dataclass(frozen=True)
class ColumnRead:
    """A column of the data that the metric reads, and the files that have it."""

    table: str
    column: str
    description: str
    files: tuple[str, ...]


@dataclass(frozen=True)
class Explanation:
    """Why a figure is what it is.

    ``goal`` is the document's goal in words, None beyond the document. ``queries``
    are those that really ran; they are empty unless they were asked for. ``case``
    is the case that was asked for, if one was: a record of the data. ``groups`` are the
    balances by the columns of ``by``; they sum to those of all cases.
    """

    head: Head
    metric: Metric
    goal: str | None
    measures: tuple[MeasureExplained, ...]
    columns: tuple[ColumnRead, ...]
    queries: tuple[Query, ...] = ()
    case: CaseExplained | None = None
    by: tuple[str, ...] = ()
    groups: tuple[GroupExplained, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """The one metric, as a report gives its many."""
        return (self.metric,)
