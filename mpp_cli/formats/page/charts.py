"""Which charts a page has, and what they say in words.

A chart is plain data here; :mod:`mpp_cli.formats.writers.svg` draws it. It shows only
figures that are printed: a hidden count has no bar and no point.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from mpp_cli.formats.page.cell import Shown, shown_group
from mpp_cli.formats.page.grid import Grid
from mpp_cli.formats.text import column_heading, long_date, words
from mpp_cli.results.display import group_value
from mpp_cli.results.report import Measure, Metric, Report, Row, Value
from mpp_cli.results.trend import Point, Series, Trend

#: The most lines that can be told apart.
MOST_LINES = 6


@dataclass(frozen=True)
class Bar:
    """One bar from its parts, in the order of ``Bars.parts``; empty where a part is hidden."""

    label: str
    lengths: tuple[int, ...]
    display: str


@dataclass(frozen=True)
class Bars:
    """Horizontal bars on one scale; ``parts`` names what their pieces are, when they have any."""

    title: str
    said: str
    bars: tuple[Bar, ...]
    parts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Line:
    """One line; a point without a figure is None, and the line is broken there."""

    name: str
    values: tuple[Value, ...]


@dataclass(frozen=True)
class Lines:
    """Figures over time on one scale. ``data`` is their table, where the page has no other."""

    title: str
    said: str
    unit: str
    days: tuple[datetime.date, ...]
    lines: tuple[Line, ...]
    data: Grid | None = None


def in_document(report: Report, metric: Metric) -> Iterator[Bars | Lines]:
    """The charts beside a metric of the document."""
    if metric.name == "relief-granted":
        yield from _beside_denominators(metric, report.metrics)
    if report.over_time and report.over_time.name == metric.name:
        yield from _over_time(report.over_time)
    yield from of_metric(metric)


def of_metric(metric: Metric) -> Iterator[Bars | Lines]:
    """The charts that a metric has wherever it stands."""
    if metric.name == "enforcement-encounters" and metric.by == ("fiscal_year",):
        yield from _by_component(metric)
    if metric.name == "relief-rate":
        yield from _beside_denominators(metric, (metric,))


# --- bars ----------------------------------------------------------------------


def _beside_denominators(metric: Metric, among: Sequence[Metric]) -> Iterator[Bars]:
    """Relief granted, beside the cases completed and enrolled that it is a share of."""
    found = {each.name: each for other in among for each in other.measures}
    found |= {each.name: each for each in metric.measures}
    names = ("relief_granted", "cases_completed", "total_enrolled", "merits_decisions")
    measures = [found[name] for name in names if name in found]
    if metric.status != "ok" or len(measures) < 2:
        return
    said = "; ".join(f"{each.label}: {each.display}" for each in measures)
    yield Bars("Relief granted beside its denominators", f"{said}.", tuple(map(_bar, measures)))


def _bar(measure: Measure) -> Bar:
    known = isinstance(measure.value, int) and not measure.suppressed
    return Bar(measure.label, (int(measure.value or 0),) if known else (), measure.display)


def _by_component(metric: Metric) -> Iterator[Bars]:
    labels = dict(metric.row_measures)
    components = [name for name in ("usbp", "ofo") if name in labels]
    bars = tuple(_year(row, components) for row in metric.rows)
    if not any(bar.lengths for bar in bars):
        return
    said = " ".join(
        f"{bar.label}: {bar.display} ("
        + ", ".join(f"{labels[name]} {row.display.get(name, '')}" for name in components)
        + ")."
        for bar, row in zip(bars, metric.rows, strict=True)
    )
    parts = tuple(labels[name] for name in components)
    yield Bars("Encounters by fiscal year and component", said, bars, parts)


def _year(row: Row, components: Sequence[str]) -> Bar:
    """A fiscal year; one of which months are missing says so."""
    label = f"Fiscal year {group_value(row.by['fiscal_year'])}"
    months = row.values.get("months")
    if months is not None and months != 12:
        label += f", {row.display['months']} of 12 months"
    parts = [row.values.get(name) for name in components]
    whole = row.values.get("encounters")
    lengths = tuple(part for part in parts if isinstance(part, int))
    if len(lengths) < len(parts):  # Only the whole is known, or not even that.
        lengths = ()
    return Bar(label, lengths, row.display["encounters"] if whole is not None else _hidden(row))


def _hidden(row: Row) -> str:
    return row.display.get("encounters", "n/a")


# --- lines ---------------------------------------------------------------------


def of_trend(trend: Trend) -> Iterator[Lines]:
    """The headline of a trend, for all cases or for the greatest groups."""
    groups = sorted(trend.series[1:], key=lambda each: _last(trend, each), reverse=True)
    shown = groups[:MOST_LINES] or [trend.series[0]]
    label = next(each.label for each in trend.measures if each.name == trend.headline)
    named = [(_name(each) or label, each) for each in shown]
    lines = [(name, trend.headline, series) for name, series in named]
    more = len(groups) - len(groups[:MOST_LINES])
    rest = f" {more:,} more groups are in the table only." if more else ""
    yield from _lines(trend, f"{label}, by {words(trend.every)}", lines, rest=rest)


def _over_time(trend: Trend) -> Iterator[Lines]:
    """The counts of a trend of the report together, with the table of their figures."""
    series = trend.series[0]
    counts = [each for each in trend.measures if each.unit != "ratio"]
    lines = [(each.label, each.name, series) for each in counts]
    title = f"{' and '.join(each.label for each in counts)}, by {words(trend.every)}"
    yield from _lines(trend, title, lines, data=points_grid(trend))


def _lines(
    trend: Trend,
    title: str,
    drawn: Sequence[tuple[str, str, Series]],
    data: Grid | None = None,
    rest: str = "",
) -> Iterator[Lines]:
    points = trend.series[0].points
    lines = tuple(
        Line(name, tuple(point.values[measure] for point in series.points))
        for name, measure, series in drawn
    )
    figures = [value for line in lines for value in line.values if value is not None]
    if len(points) < 2 or len(figures) < 2:
        return
    said = " ".join(_course(*each) for each in drawn) + rest
    units = {each.name: each.unit for each in trend.measures}
    days = tuple(point.day for point in points)
    yield Lines(title, said, units[drawn[0][1]], days, lines, data)


def _course(name: str, measure: str, series: Series) -> str:
    """Where a line begins and where it ends, in words."""
    first, last = series.points[0], series.points[-1]
    return (
        f"{name}: {first.display[measure]} as of {long_date(first.day)}, "
        f"{last.display[measure]} as of {long_date(last.day)}."
    )


def _last(trend: Trend, series: Series) -> int | Fraction:
    """The last of the first measure: of a rate that is its whole."""
    value = series.points[-1].values[trend.measures[0].name]
    return -1 if value is None else value


def _name(series: Series) -> str:
    return ", ".join(group_value(each) for each in series.by.values())


# --- the table of a trend --------------------------------------------------------


def points_grid(trend: Trend) -> Grid:
    """A line for each point; the groups first, then all cases, as a table has its total."""
    series = [*trend.series[1:], trend.series[0]] if trend.by else trend.series
    return Grid(
        (
            *map(column_heading, trend.by),
            "Period",
            "As of",
            *(measure.label for measure in trend.measures),
        ),
        tuple(_line(trend, each, point) for each in series for point in each.points),
        groups=len(trend.by) + 2,
    )


def _line(trend: Trend, series: Series, point: Point) -> tuple[str, ...]:
    # The series of all cases has no group: its name stands in the first column.
    names = [shown_group(series.by[name]) for name in trend.by] if series.by else []
    if trend.by and not series.by:
        names = ["Total", *("" for _ in trend.by[1:])]
    figures = (
        Shown(point.display[each.name], point.values[each.name], each.unit)
        for each in trend.measures
    )
    return (*names, point.period, Shown(point.day.isoformat(), point.day), *figures)
