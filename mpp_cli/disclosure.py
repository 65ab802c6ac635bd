"""``--suppress-below N``: a finished report without its small counts.

Every figure of one output is looked at together: a count that is hidden in one
place is hidden in all, and whatever would give it away (a total, a ratio, a
balance, a remark) is withheld. What other outputs say cannot be covered.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from mpp_cli.audit import Cell
from mpp_cli.errors import UsageError
from mpp_cli.printed import (
    Printed,
    cell_of,
    count_name,
    count_of_days,
    counts_of_ratio,
    is_count,
    key_of,
)
from mpp_cli.relations import canonical, further, inside
from mpp_cli.results import (
    SUPPRESSED,
    WITHHELD,
    Footnote,
    Head,
    Ledger,
    Measure,
    Metric,
    MetricReport,
    Report,
    Row,
    Value,
    Warning,
)
from mpp_cli.suppression import hidden_cells

#: The least N that hides anything: "<2" could only be 1, because 0 is shown.
LEAST = 3


def check(below: int | None) -> int | None:
    """The N of ``--suppress-below``; UsageError for one that would hide nothing."""
    if below is not None and below < LEAST:
        raise UsageError(
            f"--suppress-below {below} would hide nothing: 0 is shown, so <2 could only be 1",
            hint=f"give {LEAST} or more; 11 is a common choice",
        )
    return below


def mark(small: bool, below: int) -> str:
    """What stands for a hidden count: that it is small, where that may be said."""
    return f"<{below}" if small else WITHHELD


def of_report(report: Report) -> Report:
    """The document without the counts below its request's ``suppress_below``, if it has one."""
    below = check(report.head.request.suppress_below)
    if below is None:
        return report
    cover = _Cover(report.head, report.metrics, below)
    return replace(
        report,
        head=cover.head(),
        goals=tuple(
            replace(goal, metrics=tuple(map(cover.metric, goal.metrics))) for goal in report.goals
        ),
        additional=tuple(map(cover.metric, report.additional)),
    )


def of_metric(report: MetricReport) -> MetricReport:
    """One metric in the same way."""
    below = check(report.head.request.suppress_below)
    if below is None:
        return report
    cover = _Cover(report.head, report.metrics, below)
    return replace(report, head=cover.head(), metric=cover.metric(report.metric))


class _Cover:
    """All figures of one output, and which of them are hidden."""

    def __init__(self, head: Head, metrics: Iterable[Metric], below: int) -> None:
        self._head, self._below = head, below
        metrics = tuple(metrics)
        printed = Printed(head, metrics)
        self._at = printed.at
        self._hidden = hidden_cells(printed.cells, below)
        #: The counts of all cases that are hidden, by their first names.
        self._names = {
            name
            for (name, key), cells in self._at.items()
            if not key and any(cell in self._hidden for cell in cells)
        }

    # --- what is left of it ------------------------------------------------------

    def metric(self, metric: Metric) -> Metric:
        """One metric as it may be printed."""
        number = sum(1 for each in metric.footnotes if each.mark) + 1
        ledgers = tuple(each for each in metric.ledger if not self._tells(metric, each))
        withheld = [each.measure for each in metric.ledger if each not in ledgers]
        notes = [note for note in metric.notes if not self._speaks(note, metric)]
        if withheld and metric.status == "ok":
            notes.append(
                f"How {' and '.join(dict.fromkeys(withheld))} "
                f"{'is' if len(withheld) == 1 else 'are'} made up is withheld, because it "
                "would reveal a small count"
            )
        return replace(
            metric,
            measures=tuple(self._measure(metric, each) for each in metric.measures),
            rows=tuple(self._row(metric, row) for row in metric.rows),
            ledger=ledgers,
            notes=tuple(veiled(note, self._below) for note in notes),
            footnotes=(
                *(
                    replace(each, text=each.withheld or each.text)
                    if each.mark
                    else replace(each, text=veiled(each.text, self._below, together=True))
                    for each in metric.footnotes
                ),
                Footnote(SUPPRESSED, "*" * number, sentence(self._below)),
            ),
        )

    def _measure(self, metric: Metric, measure: Measure) -> Measure:
        if not self._hides(metric, measure.name, measure.value, None):
            return measure
        return replace(
            measure,
            value=None,
            display=self._display(metric, measure.name, measure.value, None),
            footnotes=(*measure.footnotes, SUPPRESSED),
            suppressed=True,
        )

    def _row(self, metric: Metric, row: Row) -> Row:
        hidden = {
            name: self._display(metric, name, value, row)
            for name, value in row.values.items()
            if self._hides(metric, name, value, row)
        }
        return replace(
            row,
            values={name: None if name in hidden else v for name, v in row.values.items()},
            display={**row.display, **hidden},
            suppressed=tuple(hidden),
        )

    def _hides(self, metric: Metric, name: str, value: Value, row: Row | None) -> bool:
        """Whether a figure is hidden: a count, a ratio of one, or the days of a few cases."""
        if value is None:
            return False
        ratio = counts_of_ratio(metric.name, name, row)
        if ratio is not None:
            return any(self._hides_count(metric, each, row) for each in ratio)
        timed = count_of_days(metric.name, name)
        if timed is not None:
            cases = self._value(metric, timed, row)
            return isinstance(cases, int) and cases < self._below
        return is_count(metric, name) and self._cell(metric, name, value, row) in self._hidden

    def _hides_count(self, metric: Metric, name: str, row: Row | None) -> bool:
        """Whether the count that a ratio is made of is hidden where it is printed."""
        value = self._value(metric, name, row)
        if value is not None:
            return self._cell(metric, name, value, row) in self._hidden
        key = () if row is None else key_of(metric, row)
        return any(cell in self._hidden for cell in self._at.get((canonical(name), key), ()))

    def _value(self, metric: Metric, name: str, row: Row | None) -> Value:
        """A count of the metric as it stands beside a figure."""
        if row is not None:
            if name == count_name(metric.name, "cases", row):
                return row.values.get("cases")
            return row.values.get(name)
        return next((each.value for each in metric.measures if each.name == name), None)

    def _cell(self, metric: Metric, name: str, value: Value, row: Row | None) -> Cell:
        key = () if row is None else key_of(metric, row)
        return cell_of(count_name(metric.name, name, row), key, value)

    def _display(self, metric: Metric, name: str, value: Value, row: Row | None) -> str:
        small = self._hidden.get(self._cell(metric, name, value, row), False)
        return mark(small, self._below)

    # --- balances and remarks ------------------------------------------------------

    def _tells(self, metric: Metric, ledger: Ledger) -> bool:
        """Whether a balance has a small count, or would tell one that is hidden.

        It tells its count, and through what the rules leave out the counts that it
        is inside of.
        """
        name = canonical(ledger.measure)
        told = name in self._names or any(
            (name, whole) in inside() | further() for whole in self._names
        )
        if ledger.measure == "encounters":
            told = told or any(
                is_count(metric, each) and self._cell(metric, each, value, row) in self._hidden
                for row in metric.rows
                for each, value in row.values.items()
            )
        numbers = (
            ledger.population,
            ledger.counted,
            *(each.count for each in ledger.excluded),
            *(ledger.events_removed if ledger.events else ()),
        )
        return told or any(0 < number < self._below for number in numbers)

    def _speaks(self, note: str, metric: Metric) -> bool:
        """Whether a remark states a figure that is hidden."""
        return any(
            note.startswith(f"{each.name} as of ") and canonical(each.name) in self._names
            for each in metric.measures
        )

    def head(self) -> Head:
        """The head without warnings that state what is hidden."""
        return replace(self._head, warnings=tuple(self._warnings()))

    def _warnings(self) -> Iterator[Warning]:
        """The warnings, without those that state a hidden figure, and without small counts."""
        for warning in self._head.warnings:
            if warning.id == "differs-from-published" and any(
                warning.text.startswith(f"{name} as of ") for name in self._names
            ):
                continue
            yield replace(warning, text=veiled(warning.text, self._below))


def sentence(below: int) -> str:
    """The footnote that says what was done, and what it cannot do."""
    return (
        f"Counts from 1 to {below - 1} are shown as <{below}; 0 is shown. Other figures are "
        "withheld where they would reveal a hidden count. This cannot cover what a comparison "
        "with other output reveals: another date, breakdown or release of the data, or the "
        "same "
        "without suppression. Rows of the input files are counted as they are."
    )


def veiled_head(head: Head, below: int) -> Head:
    """The head of another answer than a report: its warnings tell no small count."""
    warnings = (replace(each, text=veiled(each.text, below)) for each in head.warnings)
    return replace(head, warnings=tuple(warnings))


def veiled(text: str, below: int, together: bool = False) -> str:
    """A remark in which small counts of cases or events are shown as ``<N``.

    Its counts may be parts of each other and of the population of the figures, so that a
    single one could be worked out from the rest: ``together`` withholds these others, too,
    where one of them is small.
    """

    def small(found: str) -> bool:
        return 0 < int(found.replace(",", "")) < below

    withheld = together and any(map(small, _COUNTED.findall(text)))

    def shown(match: re.Match[str]) -> str:
        if small(match[0]):
            return f"<{below}"
        return WITHHELD if withheld and match[0] != "0" else match[0]

    return _COUNTED.sub(shown, text)


# A number that counts something: "3 MPP cases have", "2 completions are", "1 nta_filed_date
# lies"; one after a colon, as in "by both: 12;", and one after a code, as in "RMV B (3)".
_COUNTED = re.compile(
    r"(?<=: )\d[\d,]*(?=[;.,]|$)|(?<=\w \()\d[\d,]*(?=\)(?:,|$))|"
    r"(?<![\w.,/:-])\d[\d,]*(?=[ \ue000](?:\w+ ){0,2}"
    r"(?:cases?|people|person|completions?|grants?|referrals?|encounters?|values|lies|proceedings?)\b)"
)
