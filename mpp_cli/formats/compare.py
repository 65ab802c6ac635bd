"""A comparison: tables to read, or CSV and JSON for machines."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

from mpp_cli.comparison import Change, Compared, Comparison, Group, Overlap, Part
from mpp_cli.formats import drawing, json_, page
from mpp_cli.formats.csv_ import neutral
from mpp_cli.formats.grid import Grid
from mpp_cli.formats.shown import Shown, shown_group
from mpp_cli.formats.text import (
    column_heading,
    full_title,
    group_value,
    long_date,
    number,
    thousands,
)
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
    # Releases that hold no cases have no case ids that could overlap.
    releases = comparison.overlap is not None or "with_data" in head.request.options
    yield page.Heading(full_title(head, "What changed"))
    yield page.Paragraph(
        f"As of {long_date(head.as_of)}, compared with {long_date(before.as_of)}"
        + (
            f": {', '.join(head.request.data)} compared with {', '.join(before.request.data)}."
            if releases
            else "."
        )
    )
    yield from page.selection(head)
    if comparison.overlap:
        ids = comparison.overlap
        yield page.Paragraph(_shared(ids))
    for metric in comparison.metrics:
        yield page.Heading(f"{metric.title} ({metric.name})", 2, short=metric.name)
        yield from _metric(metric)
    yield page.Heading("Sources", 2)
    yield from page.sample_note(head)
    yield from page.sources(head)
    if releases:
        yield page.Heading("Sources of the data compared with", 2, short="Sources compared with")
        yield from page.sources(before)


def _shared(ids: Overlap) -> str:
    if ids.before is None or ids.after is None or ids.both is None:
        return "How many case ids are the same is withheld, because it would reveal a small count."
    return (
        f"Of {thousands(ids.before)} case ids before and {thousands(ids.after)} after, "
        f"{thousands(ids.both)} are the same."
    )


def _metric(metric: Compared) -> Iterator[page.Block]:
    answered = [change for change in metric.changes if change.reason is None]
    if answered:
        rows = [(change.label, *_figures(change)) for change in answered]
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
    for place, change in enumerate(metric.changes):
        if metric.groups and change.reason is None:
            yield page.Table(f"{change.label}, by group", _by_group(metric, place))
    for note in metric.notes:
        yield page.Footnote("", f"Note: {note}")
    for footnote in metric.footnotes:
        yield page.Footnote(footnote.mark, footnote.text, footnote.id)


def _figures(change: Change) -> tuple[str, ...]:
    return (
        Shown(change.display_before, change.before, change.unit),
        Shown(change.display_after, change.after, change.unit),
        Shown(change.display_change, change.change, change.unit),
    )


def _by_group(metric: Compared, place: int) -> Grid:
    """One measure group by group and in total; of a count also the parts of its change."""
    total = metric.changes[place]
    changes = [*(group.changes[place] for group in metric.groups), total]
    parts: dict[str, str] = {}
    if total.unit != "ratio":
        for change in changes:
            parts |= {part.id: part.label for part in change.parts if part.value or part.suppressed}
    lines = [(*_figures(change), *_parts(change, parts)) for change in changes]
    named = [tuple(shown_group(group.by[name]) for name in metric.by) for group in metric.groups]
    header = (*map(column_heading, metric.by), "Before", "After", "Change")
    return Grid(
        (*header, *(label[:1].upper() + label[1:] for label in parts.values())),
        tuple((*group, *line) for group, line in zip(named, lines, strict=False)),
        groups=len(metric.by),
        total=("Total", *("" for _ in metric.by[1:]), *lines[-1]),
    )


def _parts(change: Change, ids: Iterable[str]) -> Iterator[str]:
    """The parts with these ids; one that a change does not have is nothing."""
    found = {part.id: part for part in change.parts}
    for id in ids:
        part = found.get(id)
        yield Shown(part.display, part.value, change.unit) if part else Shown("0", 0, change.unit)


def _part(metric: Compared, part: Part) -> str:
    if part.of is not None and part.suppressed:
        labels = {change.name: change.label for change in metric.changes}
        return f"{part.display}: {part.label} ({labels.get(part.of, part.of)})"
    if part.of is None or part.cases is None:
        # "+27,471 3 new months" would be two numbers side by side.
        apart = ": " if part.label[:1].isdigit() else " "
        return f"{part.display}{apart}{part.label}"
    labels = {change.name: change.label for change in metric.changes}
    return f"{part.display}: {part.cases:+,} {part.label} ({labels.get(part.of, part.of)})"


# --- machines ------------------------------------------------------------------


def _csv(comparison: Comparison) -> str:
    sample = comparison.head.sample
    by = comparison.head.request.by
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    taken = {*_COLUMNS, *_FIGURES, "data"}
    groups = [neutral(f"by_{name}" if name in taken else name) for name in by]
    writer.writerow([*_COLUMNS, *groups, *_FIGURES, *(["data"] if sample else [])])
    dates = (comparison.before.as_of.isoformat(), comparison.head.as_of.isoformat())
    tail = ["SAMPLE DATA"] if sample else []
    for metric in comparison.metrics:
        for group in (None, *metric.groups):
            named = [_value(group, name) for name in by]
            for change in group.changes if group else metric.changes:
                start = [*dates, metric.name, change.name]
                for line in _lines(change, named):
                    writer.writerow([*start, *line, *tail])
    return out.getvalue()


def _value(group: Group | None, name: str) -> str:
    """The value of a group, empty for all cases and for a column that the metric lacks."""
    return neutral(group_value(group.by[name])) if group and name in group.by else ""


def _lines(change: Change, named: list[str]) -> Iterator[list[str | int | float | None]]:
    """The change, and then each of its parts."""
    status = "ok" if change.reason is None else "unavailable"
    status = "suppressed" if change.suppressed else status
    yield [
        *(None, None, neutral(change.label), *named),
        *(number(change.before), number(change.after), number(change.change)),
        *(neutral(change.display_change), change.unit, None, status),
    ]
    for part in change.parts:
        yield [
            *(part.id, part.of, neutral(part.label), *named),
            *(None, None, number(part.value)),
            *(neutral(part.display), change.unit, part.cases),
            "suppressed" if part.suppressed else "ok",
        ]


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
                "by": list(metric.by),
                "rows": [
                    {"by": dict(group.by), "measures": [_change(each) for each in group.changes]}
                    for group in metric.groups
                ],
                "notes": list(metric.notes),
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
