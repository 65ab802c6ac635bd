"""A trend: a chart and a table to read, or CSV and JSON for machines."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from mpp_cli.formats import json_, page
from mpp_cli.formats.csv_ import neutral
from mpp_cli.formats.grid import Grid
from mpp_cli.formats.text import column_heading, full_title, group_value, number, words
from mpp_cli.results import Value
from mpp_cli.series import Point, Series, Trend

#: The formats that a trend has.
NAMES = ("table", "markdown", "csv", "json")

_BEFORE = ("period", "as_of", "metric", "measure", "label")
_AFTER = ("value", "display", "unit")
_DEFAULT_WIDTH = 100


def render(trend: Trend, format: str, *, color: bool = False, width: int | None = None) -> str:
    """The trend in one of the formats :data:`NAMES`."""
    if format == "json":
        return json_.written(_document(trend))
    if format == "csv":
        return _csv(trend)
    if format == "markdown":
        from mpp_cli.formats import markdown

        return markdown.draw([*_top(trend), *_body(trend)])
    from mpp_cli.formats import chart, table

    drawn = chart.draw(trend, color=color, width=width or _DEFAULT_WIDTH)
    parts = [
        table.draw(_top(trend), color=color, width=width),
        *([drawn] if drawn else []),
        table.draw(_body(trend), color=color, width=width),
    ]
    return "\n".join(parts)


# --- the page ------------------------------------------------------------------


def _top(trend: Trend) -> Iterator[page.Block]:
    yield page.Heading(full_title(trend.head, f"{trend.title}, by {words(trend.every)}"))
    yield from page.selection(trend.head)


def _body(trend: Trend) -> Iterator[page.Block]:
    yield page.Table(None, _grid(trend))
    for footnote in trend.footnotes:
        yield page.Footnote(footnote.mark, footnote.text)
    for note in trend.notes:
        yield page.Footnote("", f"Note: {note}")
    yield page.Heading("Sources", 2)
    yield from page.sample_note(trend.head)
    yield from page.sources(trend.head)


def _grid(trend: Trend) -> Grid:
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
    names = [group_value(series.by[name]) for name in trend.by] if series.by else []
    if trend.by and not series.by:
        names = ["Total", *("" for _ in trend.by[1:])]
    shown = (point.display[measure.name] for measure in trend.measures)
    return (*names, point.period, point.day.isoformat(), *shown)


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
