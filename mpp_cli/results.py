"""The report and its parts: plain frozen data, complete before it is printed.

A report is built by :mod:`mpp_cli.evaluate` and read by
:mod:`mpp_cli.formats`; neither knows the other. Figures are exact: counts are
``int`` and ratios ``Fraction``, so that every format rounds the same number.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mpp_cli.series import Trend

#: A figure: an exact count, an exact ratio, or None where there is none ("n/a").
Value = int | Fraction | None

#: How a figure is shown that is hidden for another one's sake.
WITHHELD = "withheld"

#: The id of the footnote that says what was hidden, and why.
SUPPRESSED = "suppressed"


@dataclass(frozen=True)
class Footnote:
    """What a figure leaves out, or how it is to be read; ``mark`` is ``*``, ``**``, …

    ``withheld`` is the text where small counts are suppressed, empty where it holds no counts.
    """

    id: str
    mark: str
    text: str
    withheld: str = ""


@dataclass(frozen=True)
class Measure:
    """One figure of a metric. ``unit`` is cases, people, encounters, ratio or days.

    ``definition`` says in sentences what it is.
    """

    name: str
    label: str
    value: Value
    display: str
    unit: str
    footnotes: tuple[str, ...] = ()
    suppressed: bool = False
    definition: str = ""


@dataclass(frozen=True)
class Row:
    """The figures of one group, by measure name. A blank group value is None.

    ``suppressed`` names the figures that are hidden; their value is None.
    """

    by: Mapping[str, str | int | None]
    values: Mapping[str, Value]
    display: Mapping[str, str]
    suppressed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Excluded:
    """How many of the population one rule excluded, first rule that fails.

    A balance has a ``quiet`` line only where there is something to say.
    """

    rule: str
    count: int
    text: str
    quiet: bool = False


@dataclass(frozen=True)
class Ledger:
    """The balance of one count: ``population = counted + sum of excluded``.

    ``events`` are sentences on events that a footnote removes, such as "1,204
    later completions of 1,180 cases not counted"; ``events_removed`` are the
    numbers of events and of cases in them.
    """

    measure: str
    population: int
    excluded: tuple[Excluded, ...]
    counted: int
    events: tuple[str, ...] = ()
    events_removed: tuple[int, int] = (0, 0)

    @property
    def closes(self) -> bool:
        """Whether the balance closes; a report in which one does not is not printed."""
        return self.population == self.counted + sum(each.count for each in self.excluded)


@dataclass(frozen=True)
class Metric:
    """One metric with its figures, its breakdown, footnotes and balances.

    ``by`` are the columns of ``rows`` in order. ``notes`` are remarks on this
    run, such as a requested column that the metric does not have.
    """

    name: str
    title: str
    goal: int | None
    metric: str
    data_measurement: str
    status: str
    reason: str | None
    headline: str
    measures: tuple[Measure, ...]
    by: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    row_measures: tuple[tuple[str, str], ...] = ()
    footnotes: tuple[Footnote, ...] = ()
    ledger: tuple[Ledger, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def headline_measure(self) -> Measure:
        """The measure that answers for the whole metric."""
        return self.measure(self.headline)

    def measure(self, name: str) -> Measure:
        """One measure by name; KeyError when the metric has none of that name."""
        for each in self.measures:
            if each.name == name:
                return each
        raise KeyError(name)


@dataclass(frozen=True)
class Goal:
    """One of the document's four goals and the metrics that measure it."""

    number: int
    goal: str
    metrics: tuple[Metric, ...]


@dataclass(frozen=True)
class Source:
    """One input file and the balance of its rows.

    ``rows_read = rows_used + sum(rows_outside) + sum(set_aside)``. ``examples``
    holds, per reason, the first physical lines that were set aside for it.
    ``repaired`` rows are used or outside like others, after shifted fields were
    put back; ``unknown_codes`` are codes that no lookup of the source knows. Where the rows
    read and used are ``withheld``, because they would tell a small count, they are 0.
    """

    file: str
    kind: str
    hash: str
    through: datetime.date | None
    rows_read: int
    rows_used: int
    rows_outside: Mapping[str, int]
    set_aside: Mapping[str, int]
    blanked: Mapping[str, int]
    encoding: str
    examples: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    repaired: int = 0
    unknown_codes: Mapping[str, int] = field(default_factory=dict)
    withheld: bool = False

    @property
    def closes(self) -> bool:
        """Whether the balance of rows closes."""
        lost = sum(self.rows_outside.values()) + sum(self.set_aside.values())
        return self.rows_read == self.rows_used + lost


def lost_of(sources: Iterable[Source]) -> tuple[int, int]:
    """How many rows of all files were set aside, and how many values read as blank."""
    listed = [*sources]
    rows = sum(sum(each.set_aside.values()) for each in listed)
    return rows, sum(sum(each.blanked.values()) for each in listed)


@dataclass(frozen=True)
class Warning:
    """Something a reader of the figures should know; it never stops a report.

    What is ``loud`` is said even to who asked for silence.
    """

    id: str
    text: str
    file: str | None = None
    line: int | None = None
    loud: bool = False


@dataclass(frozen=True)
class Query:
    """A query as an engine ran it; its text names the parameters as ``$name``.

    ``about`` says in a sentence what it answers.
    """

    name: str
    about: str
    sql: str
    parameters: Mapping[str, str | int | datetime.date | None]


@dataclass(frozen=True)
class Problem:
    """A row that was set aside, or a value that was read as blank, with the row's text.

    ``line`` is the physical line on which the row starts; ``column`` is what the
    file calls the column, empty where no single one is at fault. ``kind`` is that
    of the source: several tables can be made of one file.
    """

    reason: str
    file: str
    line: int
    column: str
    raw: str
    kind: str = ""


@dataclass(frozen=True)
class Request:
    """What was asked for, as far as it shapes the answer.

    ``where`` has the values as the data spell them, ``narrowed`` names the columns of it
    by which the rows of each table are narrowed.
    """

    command: str
    data: tuple[str, ...]
    by: tuple[str, ...] = ()
    where: Mapping[str, str] = field(default_factory=dict)
    suppress_below: int | None = None
    options: Mapping[str, object] = field(default_factory=dict)
    narrowed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Head:
    """What every output carries: who computed it, from what, and as of when."""

    version: str
    engine: str
    definitions: str
    as_of: datetime.date
    title: str
    request: Request
    warnings: tuple[Warning, ...]
    sample: bool
    sources: tuple[Source, ...]


@dataclass(frozen=True)
class Report:
    """The whole document: introduction, goals and what lies beyond them.

    ``over_time`` is what a page with pictures shows of the time before, if it was asked for.
    """

    head: Head
    introduction: tuple[str, ...]
    goals: tuple[Goal, ...]
    additional: tuple[Metric, ...] = ()
    over_time: Trend | None = None

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """Every metric in printing order."""
        return tuple(m for goal in self.goals for m in goal.metrics) + self.additional

    def to_frame(self):  # type: ignore[no-untyped-def]
        """All figures as a pandas DataFrame, one row per measure and group.

        Columns are those of the CSV format, see :func:`mpp_cli.frames.frame`.
        """
        from mpp_cli.frames import frame

        return frame(self.head, self.metrics)


@dataclass(frozen=True)
class MetricReport:
    """One metric with the head that every output carries."""

    head: Head
    metric: Metric

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """The one metric, as a report gives its many."""
        return (self.metric,)

    @property
    def value(self) -> Value:
        """The headline figure: an int, a Fraction, or None."""
        return self.metric.headline_measure.value

    def to_frame(self):  # type: ignore[no-untyped-def]
        """The figures as a pandas DataFrame, one row per measure and group."""
        from mpp_cli.frames import frame

        return frame(self.head, (self.metric,))
