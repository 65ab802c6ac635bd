"""A report, or one metric, gives its numbers as cells and is printed without what is hidden."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import replace
from functools import singledispatch
from typing import Any

from mpp_cli.common.periods import LABELS
from mpp_cli.disclosure import declarations
from mpp_cli.disclosure.cells import (
    COMPONENT,
    COUNTED,
    EVENT_CASES,
    EVENTS,
    LINE,
    POPULATION,
    ROWS,
    Cell,
    Group,
    Screen,
)
from mpp_cli.goals.definitions import event_date
from mpp_cli.results.report import (
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
    Source,
    Value,
)

#: The column of the rows that divide a headline into its parts, and what they give.
OUTCOME, CASES = "outcome", "cases"


@singledispatch
def screened(answer: Any, screen: Screen) -> Any:
    """An answer with every number shown as the screen decides, which sees each of them."""
    raise TypeError(f"{type(answer).__name__} gives no cells")


@screened.register
def _report(report: Report, screen: Screen) -> Report:
    day = report.head.as_of
    goals = tuple(
        replace(goal, metrics=tuple(_metric(each, day, screen) for each in goal.metrics))
        for goal in report.goals
    )
    additional = tuple(_metric(each, day, screen) for each in report.additional)
    return replace(report, head=head(report.head, screen), goals=goals, additional=additional)


@screened.register
def _one_metric(report: MetricReport, screen: Screen) -> MetricReport:
    metric = _metric(report.metric, report.head.as_of, screen)
    return replace(report, head=head(report.head, screen), metric=metric)


# --- what every answer carries ---------------------------------------------------------


def head(given: Head, screen: Screen, release: str = "") -> Head:
    """The head of an answer: the rows of its files, and its warnings."""
    sources = tuple(_source(each, given.as_of, screen, release) for each in given.sources)
    no_rows = any(each.withheld for each in sources)
    warnings = [(each, screen.warning(each.text, no_rows)) for each in given.warnings]
    return replace(
        given,
        sources=sources,
        warnings=tuple(replace(each, text=text) for each, text in warnings if text is not None),
    )


def _source(source: Source, day: datetime.date, screen: Screen, release: str) -> Source:
    """What was read of a file is what was used of it and what was not: both go together."""
    rows = Cell(
        *("", source.kind, "rows", source.rows_used, day),
        release=release,
        what=ROWS,
        detail=source.file,
    )
    if screen.hides(rows) is None:
        return source
    return replace(source, rows_read=0, rows_used=0, withheld=True)


def dated_by(metric: str, available: Sequence[str], by: Sequence[str]) -> str:
    """The date by which a metric is broken down by time, where it is."""
    known = declarations.metric_of(metric)
    if declarations.is_encounters(metric) or not {*by} & {*LABELS}:
        return ""
    measures = [each for each in known.measures if each.name in available]
    return event_date(known, measures or known.measures)


# --- one metric ------------------------------------------------------------------------


def _metric(metric: Metric, day: datetime.date, screen: Screen) -> Metric:
    work = _Metric(metric, day, screen)
    number = sum(1 for each in metric.footnotes if each.mark) + 1
    ledgers = [each for each in metric.ledger if not work.hides(each)]
    withheld = [each.measure for each in metric.ledger if each not in ledgers]
    notes = [text for each in metric.notes if (text := screen.remark(each)) is not None]
    if withheld and metric.status == "ok":
        notes.append(
            f"How {' and '.join(dict.fromkeys(withheld))} "
            f"{'is' if len(withheld) == 1 else 'are'} made up is withheld, because it would "
            "reveal a small count"
        )
    footnotes = (
        replace(each, text=each.withheld or each.text)
        if each.mark
        else replace(each, text=screen.remark(each.text, together=True) or "")
        for each in metric.footnotes
    )
    return replace(
        metric,
        measures=tuple(map(work.measure, metric.measures)),
        rows=work.rows(),
        ledger=tuple(ledgers),
        notes=tuple(notes),
        footnotes=(*footnotes, Footnote(SUPPRESSED, "*" * number, screen.told())),
    )


class _Metric:
    """One metric of a report, cell by cell."""

    def __init__(self, metric: Metric, day: datetime.date, screen: Screen) -> None:
        self._metric, self._day, self._screen = metric, day, screen
        self._units = {each.name: each.unit for each in metric.measures}
        self._encounters = declarations.is_encounters(metric.name)
        available = [each.name for each in metric.measures if each.display != "unavailable"]
        self._dated = dated_by(metric.name, available, metric.by)
        self._parts = bool(declarations.metric_of(metric.name).parts)

    def _cell(
        self, measure: str, value: Value, group: Group = (), what: str = "", detail: str = ""
    ) -> Cell:
        unit = self._units.get(measure, "encounters" if self._encounters else "cases")
        cell = Cell(
            *(self._metric.name, measure, unit, value, self._day),
            group=group,
            dated=self._dated if group else "",
            detail=detail,
        )
        return replace(cell, what=what) if what else cell

    def measure(self, measure: Measure) -> Measure:
        shown = self._screen.hides(self._cell(measure.name, measure.value))
        if shown is None:
            return measure
        return replace(
            measure,
            value=None,
            display=shown,
            footnotes=(*measure.footnotes, SUPPRESSED),
            suppressed=True,
        )

    def rows(self) -> tuple[Row, ...]:
        """The rows; where they divide a headline, its groups and parts that have no case, too.

        The shares of a group tell its headline, and a part that is not listed is 0.
        """
        if self._parts:
            found: dict[Group, dict[str, Value]] = {}
            for row in self._metric.rows:
                cell = self._of_row(row, CASES, row.values[CASES])
                found.setdefault(cell.group, {})[cell.measure] = cell.value
            for group, parts in found.items():
                if group:
                    total = sum(each for each in parts.values() if isinstance(each, int))
                    self._screen.hides(self._cell(self._metric.headline, total, group))
                for each in declarations.metric_of(self._metric.name).parts:
                    if each.count.name not in parts:
                        self._screen.hides(self._cell(each.count.name, 0, group))
        return tuple(map(self._row, self._metric.rows))

    def _row(self, row: Row) -> Row:
        hidden = {}
        for name, value in row.values.items():
            shown = self._screen.hides(self._of_row(row, name, value))
            if shown is not None:
                hidden[name] = shown
        return replace(
            row,
            values={name: None if name in hidden else v for name, v in row.values.items()},
            display={**row.display, **hidden},
            suppressed=tuple(hidden),
        )

    def _of_row(self, row: Row, name: str, value: Value) -> Cell:
        """A figure of a group; a row by outcome gives a part of the headline and its share."""
        if self._parts:
            group = tuple(item for item in row.by.items() if item[0] != OUTCOME)
            part = declarations.part_of(self._metric.name, row.by.get(OUTCOME))
            if name == CASES and part:
                return self._cell(part, value, group)
            return replace(self._cell(name, value, group, detail=part or ""), unit="ratio")
        group = tuple(row.by.items())
        if not self._encounters or name in self._units:
            return self._cell(name, value, group)
        headline = self._metric.headline
        if name == "months":
            return replace(self._cell(name, value, group), unit="months")
        return self._cell(headline, value, group, COMPONENT, name)

    def hides(self, ledger: Ledger) -> bool:
        """Whether a balance is withheld: it is given whole or not at all."""
        of = ledger.measure
        lines = [
            self._cell(of, ledger.population, what=POPULATION),
            *(self._cell(of, each.count, (), LINE, each.rule) for each in ledger.excluded),
            self._cell(of, ledger.counted, what=COUNTED),
            self._cell(of, ledger.events_removed[0], what=EVENTS),
            self._cell(of, ledger.events_removed[1], what=EVENT_CASES),
        ]
        # Every line is looked at, whatever is said of those before.
        hidden = [self._screen.hides(each) == WITHHELD for each in lines]
        return any(hidden)
