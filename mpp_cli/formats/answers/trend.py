"""A trend: a chart and a table to read, or CSV and JSON for machines."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from mpp_cli.formats import dispatch
from mpp_cli.formats.page import report
from mpp_cli.formats.page.charts import of_trend, points_grid
from mpp_cli.formats.text import full_title, words
from mpp_cli.formats.writers import json_
from mpp_cli.formats.writers.csv_ import neutral
from mpp_cli.results.display import group_value, number
from mpp_cli.results.report import Value
from mpp_cli.results.trend import Point, Trend

#: The formats that a trend has.
NAMES = (*dispatch.NAMES, "csv", "json")

_BEFORE = ("period", "as_of", "metric", "measure", "label")
_AFTER = ("value", "display", "unit")
_DEFAULT_WIDTH = 100


def render(
    trend: Trend, format: str, *, color: bool = False, width: int | None = None
) -> str | bytes:
    """The trend in one of the formats :data:`NAMES`."""
    if format == "json":
        return json_.written(_document(trend))
    if format == "csv":
        return _csv(trend)
    if format != "table":
        return dispatch.draw([*_top(trend), *_body(trend)], format, trend.head)
    from mpp_cli.formats.writers import terminal, terminal_chart

    drawn = terminal_chart.draw(trend, color=color, width=width or _DEFAULT_WIDTH)
    parts = [
        terminal.draw(_top(trend), color=color, width=width),
        *([drawn] if drawn else []),
        terminal.draw(_body(trend), color=color, width=width),
    ]
    return "\n".join(parts)


# --- the page ------------------------------------------------------------------


def _top(trend: Trend) -> Iterator[report.Block]:
    yield report.Heading(full_title(trend.head, f"{trend.title}, by {words(trend.every)}"))
    yield from report.selection(trend.head)


def _body(trend: Trend) -> Iterator[report.Block]:
    yield from map(report.Picture, of_trend(trend))
    yield report.Table(None, points_grid(trend), trend.title)
    for footnote in trend.footnotes:
        yield report.Footnote(footnote.mark, footnote.text, footnote.id)
    for note in trend.notes:
        yield report.Footnote("", f"Note: {note}")
    yield report.Heading("Sources", 2)
    yield from report.sample_note(trend.head)
    yield from report.sources(trend.head)


# --- machines ------------------------------------------------------------------


def _csv(trend: Trend) -> str:
    sample = trend.head.sample
    taken = {*_BEFORE, *_AFTER, "data"}
    groups = [f"by_{name}" if name in taken else name for name in trend.by]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    tail = ["data"] if sample else []
    writer.writerow([neutral(name) for name in (*_BEFORE, *groups, *_AFTER, *tail)])
    for series in trend.series:
        by = [group_value(series.by[name]) if series.by else "" for name in trend.by]
        for point in series.points:
            for measure in trend.measures:
                writer.writerow(
                    [
                        *(point.period, point.day.isoformat(), trend.name, measure.name),
                        measure.label,
                        *map(neutral, by),
                        number(point.values[measure.name]),
                        *(point.display[measure.name], measure.unit),
                        *(["SAMPLE DATA"] if sample else []),
                    ]
                )
    return out.getvalue()


def _document(trend: Trend) -> json_.JsonObject:
    return json_.head("mpp-trend/1", trend.head) | {
        "metric": trend.name,
        "metric_title": trend.title,
        "every": trend.every,
        "headline": trend.headline,
        "measures": [
            {"name": each.name, "label": each.label, "unit": each.unit} for each in trend.measures
        ],
        "series": [
            {
                "by": dict(series.by),
                "points": [
                    {
                        "period": point.period,
                        "as_of": point.day.isoformat(),
                        "values": _numbers(point),
                        **({"suppressed": list(point.suppressed)} if point.suppressed else {}),
                    }
                    for point in series.points
                ],
            }
            for series in trend.series
        ],
        "footnotes": [
            {"id": each.id, "mark": each.mark, "text": each.text} for each in trend.footnotes
        ],
        "notes": list(trend.notes),
    }


def _numbers(point: Point) -> dict[str, int | float | None]:
    values: dict[str, Value] = dict(point.values)
    return {name: number(value) for name, value in values.items()}
