"""One case explained: plain frozen data, complete before it is printed.

It is a record of the data, for the eyes of whoever may see the data. It is
built by :mod:`mpp_cli.analysis.explanation.case` and read by :mod:`mpp_cli.formats`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

#: The verdict on a case that passes every rule; any other is the id of a rule.
COUNTED = "counted"

#: The verdict where a table or a column that the measure needs is not there.
UNAVAILABLE = "unavailable"


@dataclass(frozen=True)
class Record:
    """A row of the data: where it stands, and those of its values that a rule reads."""

    file: str
    line: int
    table: str
    values: Mapping[str, str | None]


@dataclass(frozen=True)
class RuleJudged:
    """One rule put to one case.

    ``passes`` is what the rule says of the case by itself; ``decides`` marks the
    first rule that fails, which is the one that excludes the case. ``records``
    are the rows that the rule looked at; without any the case has none.
    """

    id: str
    leaves_out: str
    keeps: str | None
    passes: bool
    decides: bool
    records: tuple[Record, ...] = ()


@dataclass(frozen=True)
class MeasureJudged:
    """Whether a case counts in one measure: ``verdict`` is counted, a rule's id or unavailable.

    A ratio has no verdict of its own but those of its ``part`` and ``whole``.
    ``rules`` are given for the measures of the metric that was asked for.
    """

    metric: str
    name: str
    label: str
    verdict: str | None
    rules: tuple[RuleJudged, ...] = ()
    part: str | None = None
    whole: str | None = None
    reason: str | None = None


@dataclass(frozen=True)
class RowAside:
    """A row of the case that was set aside, with its text as it was read."""

    file: str
    line: int
    reason: str
    column: str
    text: str


@dataclass(frozen=True)
class RowCorrected:
    """A row of the case that a later row of its file corrects, on the line ``by``."""

    file: str
    line: int
    by: int


@dataclass(frozen=True)
class VariantJudged:
    """What another definition makes of the case: the verdict on the measure that it changes."""

    variant: str
    measure: str
    verdict: str


@dataclass(frozen=True)
class CaseExplained:
    """A case as of a date: its row, every rule's verdict, and where it counts.

    ``used`` tells whether it is among the ``population`` of used cases; if not,
    there is nothing to judge. ``everywhere`` are the counts of all metrics. ``group``
    is the group of ``--by`` that it is in where it is counted; a blank value is None.
    ``variants`` are the other definitions of the metric's headline.
    """

    case_id: str
    used: bool
    population: int
    row: Record | None
    measures: tuple[MeasureJudged, ...] = ()
    everywhere: tuple[MeasureJudged, ...] = ()
    set_aside: tuple[RowAside, ...] = ()
    group: Mapping[str, str | int | None] = field(default_factory=dict)
    corrected: tuple[RowCorrected, ...] = ()
    variants: tuple[VariantJudged, ...] = ()
