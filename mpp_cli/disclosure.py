"""``--suppress-below N``: a finished report without its small counts.

Every figure of one output is looked at together: a count that is hidden in one
place is hidden in all, and whatever would give it away (a total, a ratio, a
balance, a remark) is withheld. What other outputs say cannot be covered.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from mpp_cli.definitions import Ratio
from mpp_cli.errors import UsageError
from mpp_cli.goals import ADDITIONAL, METRICS
from mpp_cli.printed import Key, Printed, cell_of, key_of
from mpp_cli.results import (
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

#: How a figure is shown that is hidden for another one's sake.
WITHHELD = "withheld"

#: The id of the footnote that says what was done.
FOOTNOTE = "suppressed"


def check(below: int | None) -> int | None:
    """The N of ``--suppress-below``; UsageError for one that would hide nothing."""
    if below is not None and below < LEAST:
        raise UsageError(
            f"--suppress-below {below} would hide nothing: 0 is shown, so <2 could only be 1",
            hint=f"give {LEAST} or more; 11 is a common choice",
        )
    return below


def of_report(report: Report) -> Report:
    """The document without the counts below its request's ``suppress_below``, if it has one."""
    below = check(report.head.request.suppress_below)
    if below is None:
        return report
    _refuse_beyond(report.additional)
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
    _refuse_beyond(report.metrics)
    cover = _Cover(report.head, report.metrics, below)
    return replace(report, head=cover.head(), metric=cover.metric(report.metric))


def _refuse_beyond(metrics: Iterable[Metric]) -> None:
    """Refuse what nobody has shown to be safe: figures that tell of one another in more ways."""
    for metric in metrics:
        if metric.name in ADDITIONAL:
            raise UsageError(
                f"small counts of {metric.name} cannot be hidden yet: it lies beyond the document",
                hint="leave out --suppress-below, or ask for the document's own figures",
            )


class _Cover:
    """All figures of one output, and which of them are hidden."""

    def __init__(self, head: Head, metrics: Iterable[Metric], below: int) -> None:
        self._head, self._below = head, below
        metrics = tuple(metrics)
        printed = Printed(head, metrics)
        self._places = printed.places
        self._hidden = hidden_cells(printed.cells, below)
        self._names = {
            name
            for (name, key), cells in self._places.items()
            if not key and any(cell in self._hidden for cell in cells)
        }
        self._ratios = {
            measure.name: (measure.part.name, measure.whole.name)
            for metric in METRICS.values()
            for measure in metric.measures
            if isinstance(measure, Ratio)
        }
        self._cases_hidden = any(
            cell_of(each.name, (), each.value) in self._hidden
            for metric in metrics
            for each in metric.measures
            if each.unit in ("cases", "people")
        )

    # --- what is left of it ------------------------------------------------------

    def metric(self, metric: Metric) -> Metric:
        """One metric as it may be printed."""
        text = (
            f"Counts from 1 to {self._below - 1} are shown as <{self._below}; 0 is shown. Where "
            "others in this output would tell such a count, one more is withheld, and so are the "
            "ratios and balances of what is hidden. This cannot cover what a comparison with "
            "other output tells: another date, breakdown or release of the data, or the same "
            "without suppression. Rows of the input files are counted as they are."
        )
        number = sum(1 for each in metric.footnotes if each.mark) + 1
        ledgers = tuple(each for each in metric.ledger if not self._tells(metric, each))
        withheld = [each.measure for each in metric.ledger if each not in ledgers]
        notes = [note for note in metric.notes if not self._speaks(note, metric)]
        if withheld and metric.status == "ok":
            notes.append(
                f"How {' and '.join(dict.fromkeys(withheld))} "
                f"{'is' if len(withheld) == 1 else 'are'} made up is withheld, because it would "
                "tell a small count"
            )
        return replace(
            metric,
            measures=tuple(self._measure(metric, each) for each in metric.measures),
            rows=tuple(self._row(metric, row) for row in metric.rows),
            ledger=ledgers,
            notes=tuple(map(self._veiled, notes)),
            footnotes=(
                *(
                    each if each.mark else replace(each, text=self._veiled(each.text))
                    for each in metric.footnotes
                ),
                Footnote(FOOTNOTE, "*" * number, text),
            ),
        )

    def _measure(self, metric: Metric, measure: Measure) -> Measure:
        if not self._hides(metric, measure.name, (), measure.value, measure.unit):
            return measure
        return replace(
            measure,
            value=None,
            display=self._display(measure.name, (), measure.value),
            footnotes=(*measure.footnotes, FOOTNOTE),
            suppressed=True,
        )

    def _row(self, metric: Metric, row: Row) -> Row:
        units = {each.name: each.unit for each in metric.measures}
        hidden = {
            name: self._display(name, key_of(row), value)
            for name, value in row.values.items()
            if name != "months"
            and self._hides(metric, name, key_of(row), value, units.get(name, ""), row)
        }
        return replace(
            row,
            values={name: None if name in hidden else v for name, v in row.values.items()},
            display={**row.display, **hidden},
            suppressed=tuple(hidden),
        )

    def _hides(
        self, metric: Metric, name: str, key: Key, value: Value, unit: str, row: Row | None = None
    ) -> bool:
        if value is None:
            return False
        if isinstance(value, int) and unit not in ("ratio", "days"):
            return cell_of(name, key, value) in self._hidden
        beside = row.values.items() if row else ((m.name, m.value) for m in metric.measures)
        if any(cell_of(other, key, found) in self._hidden for other, found in beside):
            return True
        parts = self._ratios.get(name)
        if parts is None or not all(self._is_printed(part, key) for part in parts):
            # It is of counts that stand elsewhere, or of a total of all groups.
            return bool({*(parts or ()), *(each.name for each in metric.measures)} & self._names)
        return any(cell in self._hidden for part in parts for cell in self._places[part, key])

    def _is_printed(self, name: str, key: Key) -> bool:
        return bool(self._places.get((name, key)))

    def _display(self, name: str, key: Key, value: Value) -> str:
        small = self._hidden.get(cell_of(name, key, value), False)
        return f"<{self._below}" if small else WITHHELD

    # --- balances and remarks ------------------------------------------------------

    def _tells(self, metric: Metric, ledger: Ledger) -> bool:
        """Whether a balance has a small count, or would tell one that is hidden."""
        units = {each.name: each.unit for each in metric.measures}
        if units.get(ledger.measure) == "encounters":
            told = any(
                cell_of(name, key_of(row), value) in self._hidden
                for row in metric.rows
                for name, value in row.values.items()
            ) or (ledger.measure in self._names)
        else:
            told = self._cases_hidden
        numbers = (
            ledger.population,
            ledger.counted,
            *(each.count for each in ledger.excluded),
            *(ledger.events_removed if ledger.events else ()),
        )
        return told or any(0 < number < self._below for number in numbers)

    def _speaks(self, note: str, metric: Metric) -> bool:
        """Whether a remark states a figure that is hidden."""
        return any(note.startswith(f"{each.name} as of ") for each in metric.measures) and bool(
            {each.name for each in metric.measures} & self._names
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
            yield replace(warning, text=self._veiled(warning.text))

    def _veiled(self, text: str) -> str:
        """A remark in which small counts of cases or events are shown as ``<N``."""

        def veiled(match: re.Match[str]) -> str:
            number = int(match[0].replace(",", ""))
            return f"<{self._below}" if 0 < number < self._below else match[0]

        return _COUNTED.sub(veiled, text)


# A number that counts something: "3 MPP cases have", "2 completions are", "1 nta_filed_date
# lies"; and one after a colon, as in "by both: 12;".
_COUNTED = re.compile(
    r"(?<=: )\d[\d,]*(?=[;.,]|$)|(?<![\w.,/:-])\d[\d,]*(?=[ \ue000](?:\w+ ){0,2}"
    r"(?:cases?|people|person|completions?|grants?|referrals?|encounters?|values|lies|proceedings?)\b)"
)
