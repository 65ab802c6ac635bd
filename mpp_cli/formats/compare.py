"""A comparison: tables to read, or CSV and JSON for machines."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from mpp_cli.comparison import Change, Compared, Comparison, Overlap, Part
from mpp_cli.formats import drawing, json_, page
from mpp_cli.formats.csv_ import neutral
from mpp_cli.formats.grid import Grid
from mpp_cli.formats.shown import Shown
from mpp_cli.formats.text import full_title, long_date, number, thousands
from mpp_cli.results import Head

#: The formats that a comparison has.
NAMES = (*drawing.NAMES, "csv", "json")

_COLUMNS = ("before_as_of", "as_of", "metric", "measure", "part", "of", "label")
_FIGURES = ("before", "after", "change", "display", "unit", "cases", "status")


def render(
    comparison: Comparison, format: str, *, color: bool = False, width: int | None = None
) -> str | bytes:
    """The comparison in one of the formats :data:`NAMES`."""
    if format == "json":
        return json_.written(_document(comparison))
    if format == "csv":
        return _csv(comparison)
    return drawing.draw(_blocks(comparison), format, comparison.head, color=color, width=width)


# --- the page ------------------------------------------------------------------


def _blocks(comparison: Comparison) -> Iterator[page.Block]:
    head, before = comparison.head, comparison.before
    yield page.Heading(full_title(head, "What changed"))
    yield page.Paragraph(
        f"As of {long_date(head.as_of)}, compared with {long_date(before.as_of)}"
        + (
            f": {', '.join(head.request.data)} compared with {', '.join(before.request.data)}."
            if comparison.overlap
            else "."
        )
    )
    yield from page.selection(head)
    if comparison.overlap:
        ids = comparison.overlap
        yield page.Paragraph(_shared(ids))
    for metric in comparison.metrics:
        yield page.Heading(f"{metric.title} ({metric.name})", 2)
        yield from _metric(metric)
    yield page.Heading("Sources", 2)
    yield from page.sample_note(head)
    yield from page.sources(head)
    if comparison.overlap:
        yield page.Heading("Sources of the data compared with", 2)
        yield from page.sources(before)


def _shared(ids: Overlap) -> str:
    if ids.before is None or ids.after is None or ids.both is None:
        return "How many case ids are the same is withheld, because it would tell a small count."
    return (
        f"Of {thousands(ids.before)} case ids before and {thousands(ids.after)} after, "
        f"{thousands(ids.both)} are the same."
    )


def _metric(metric: Compared) -> Iterator[page.Block]:
    answered = [change for change in metric.changes if change.reason is None]
    if answered:
        rows = [
            (
                change.label,
                Shown(change.display_before, change.before, change.unit),
                Shown(change.display_after, change.after, change.unit),
                Shown(change.display_change, change.change, change.unit),
            )
            for change in answered
        ]
        table = Grid(("", "Before", "After", "Change"), tuple(rows), groups=1)
        yield page.Table(None, table, f"{metric.title}: before, after and change")
    for change in metric.changes:
        if change.reason is not None:
            yield page.Paragraph(f"{change.label}: unavailable: {change.reason}")
        elif change.parts and (change.change or "change" in change.suppressed):
            yield page.Paragraph(f"{change.label}, {change.display_change}:")
            for part in change.parts:
                if part.value or part.suppressed:
                    yield page.Bullet("", _part(metric, part))
    for footnote in metric.footnotes:
        yield page.Footnote(footnote.mark, footnote.text, footnote.id)


def _part(metric: Compared, part: Part) -> str:
    if part.of is not None and part.suppressed:
        labels = {change.name: change.label for change in metric.changes}
        return f"{part.display}: {part.label} ({labels.get(part.of, part.of)})"
    if part.of is None or part.cases is None:
        return f"{part.display} {part.label}"
    labels = {change.name: change.label for change in metric.changes}
    return f"{part.display}: {part.cases:+,} {part.label} ({labels.get(part.of, part.of)})"


# --- machines ------------------------------------------------------------------


def _csv(comparison: Comparison) -> str:
    sample = comparison.head.sample
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*_COLUMNS, *_FIGURES, *(["data"] if sample else [])])
    dates = (comparison.before.as_of.isoformat(), comparison.head.as_of.isoformat())
    tail = ["SAMPLE DATA"] if sample else []
    for metric in comparison.metrics:
        for change in metric.changes:
            start = [*dates, metric.name, change.name]
            status = "ok" if change.reason is None else "unavailable"
            status = "suppressed" if change.suppressed else status
            writer.writerow(
                [
                    *start,
                    *(None, None, neutral(change.label)),
                    *(number(change.before), number(change.after), number(change.change)),
                    *(change.display_change, change.unit, None, status),
                    *tail,
                ]
            )
            for part in change.parts:
                writer.writerow(
                    [
                        *start,
                        *(part.id, part.of, neutral(part.label)),
                        *(None, None, number(part.value)),
                        *(part.display, change.unit, part.cases),
                        "suppressed" if part.suppressed else "ok",
                        *tail,
                    ]
                )
    return out.getvalue()


def _document(comparison: Comparison) -> json_.JsonObject:
    ids = comparison.overlap
    return json_.head("mpp-compare/1", comparison.head) | {
        "before": _before(comparison.before),
        "case_ids": {"before": ids.before, "after": ids.after, "both": ids.both} if ids else None,
        "metrics": [
            {
                "name": metric.name,
                "title": metric.title,
                "headline": metric.headline,
                "measures": [_change(change) for change in metric.changes],
                "footnotes": [
                    {"id": each.id, "mark": each.mark, "text": each.text}
                    for each in metric.footnotes
                ],
            }
            for metric in comparison.metrics
        ],
    }


def _before(head: Head) -> json_.JsonObject:
    """What differs from the head of the answer: the date, the data and their warnings."""
    whole = json_.head("", head)
    return {
        "as_of": whole["as_of"],
        "paths": whole["request"]["data"],
        "warnings": whole["warnings"],
        "data": whole["data"],
    }


def _change(change: Change) -> json_.JsonObject:
    return {
        "name": change.name,
        "label": change.label,
        "unit": change.unit,
        "status": "ok" if change.reason is None else "unavailable",
        "reason": change.reason,
        "before": number(change.before),
        "after": number(change.after),
        "change": number(change.change),
        "display": {
            "before": change.display_before,
            "after": change.display_after,
            "change": change.display_change,
        },
        "parts": [
            {
                "part": part.id,
                "label": part.label,
                "value": number(part.value),
                "display": part.display,
                "of": part.of,
                "cases": part.cases,
                **({"suppressed": True} if part.suppressed else {}),
            }
            for part in change.parts
        ],
        **({"suppressed": list(change.suppressed)} if change.suppressed else {}),
    }
