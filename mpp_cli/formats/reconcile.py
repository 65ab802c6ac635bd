"""A reconciliation: a table for each publisher and date, or CSV and JSON for machines."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from itertools import groupby

from mpp_cli.formats import drawing, json_, page
from mpp_cli.formats.csv_ import neutral
from mpp_cli.formats.grid import Grid
from mpp_cli.formats.shown import Shown, count
from mpp_cli.formats.text import (
    NO_FIGURE,
    full_title,
    group_value,
    long_date,
    number,
    thousands,
)
from mpp_cli.reconciliation import Reconciled, Reconciliation
from mpp_cli.results import WITHHELD

#: The formats that a reconciliation has.
NAMES = (*drawing.NAMES, "csv", "json")

_COLUMNS = (
    *("as_of", "publisher", "measure", "published_as", "variant", "published", "ours"),
    *("difference", "percent", "status", "within_tolerance", "reason", "source"),
)


def render(
    answer: Reconciliation, format: str, *, color: bool = False, width: int | None = None
) -> str | bytes:
    """The reconciliation in one of the formats :data:`NAMES`."""
    if format == "json":
        return json_.written(_document(answer))
    if format == "csv":
        return _csv(answer)
    return drawing.draw(_blocks(answer), format, answer.head, color=color, width=width)


# --- the page ------------------------------------------------------------------


def _blocks(answer: Reconciliation) -> Iterator[page.Block]:
    yield page.Heading(full_title(answer.head, "Published figures and ours"))
    yield from page.selection(answer.head)
    for (publisher, day), found in groupby(
        answer.rows, lambda row: (row.published.publisher, row.published.as_of)
    ):
        rows = list(found)
        lines = [(line, place > 0) for row in rows for place, line in enumerate(_lines(row))]
        yield page.Heading(f"{publisher or 'Published'} as of {long_date(day)}", 2)
        yield page.Table(
            None,
            Grid(
                ("Figure", "Published", "Ours", "Difference", "Percent"),
                tuple(line for line, _ in lines),
                groups=1,
                inner=frozenset(place for place, (_, inner) in enumerate(lines) if inner),
            ),
            f"Figures published by {publisher or 'others'} as of {long_date(day)}, and ours",
        )
        notes = [f"{_name(row)}: {row.reason}" for row in rows if row.status == "unavailable"]
        notes += dict.fromkeys(
            f"{row.reason}; these differences are not checked"
            for row in rows
            if row.status == "beyond-data"
        )
        notes += dict.fromkeys(
            f"{_name(row)}, with {each.variant}: {each.reason}"
            for row in rows
            for each in row.variants
            if each.reason
        )
        for note in notes:
            yield page.Footnote("", f"Note: {note}")
        for source in dict.fromkeys(row.published.source for row in rows):
            if source:
                yield page.Footnote("", f"Source: {source}")
    for note in answer.notes:
        yield page.Footnote("", f"Note: {note}")
    said = {each.variant: each.differs for row in answer.rows for each in row.variants}
    if said:
        yield page.Heading("Other definitions", 2)
        yield page.Paragraph(
            "Below each figure are ours by definitions that its publisher may use, with the "
            "difference that then remains; the closest is marked. `mpp variants` shows the "
            "cases that each one adds or removes."
        )
    for name, differs in said.items():
        yield page.Bullet(name, differs)
    yield page.Paragraph(
        f"{thousands(len(answer.checked) - len(answer.outside))} of "
        f"{thousands(len(answer.checked))} figures that could be checked are within "
        f"{answer.tolerance} of the published ones."
    )
    yield page.Heading("Sources", 2)
    yield from page.sample_note(answer.head)
    yield from page.sources(answer.head)


def _name(row: Reconciled) -> str:
    name = row.published.published_as or row.published.measure or ""
    group = ", ".join(group_value(value) for _, value in row.published.group)
    return f"{name}: {group}" if group else name


def _lines(row: Reconciled) -> Iterator[tuple[str, ...]]:
    published = count(row.published.value)
    yield (
        _name(row),
        published,
        Shown(row.display_ours, row.ours),
        Shown(row.display_difference, row.difference),
        Shown(row.display_share, row.share),
    )
    for each in row.variants:
        name = f"with {each.variant}" + (", closest" if each.variant == row.closest else "")
        if each.value is None or each.residual is None:
            shown = WITHHELD if each.suppressed else NO_FIGURE
            yield (name, published, shown, shown, "")
        else:
            residual = f"{each.residual:+,}" if each.residual else "0"
            yield (name, published, count(each.value), Shown(residual, each.residual), "")
    for group in row.groups:
        name = ", ".join(map(group_value, group.by.values()))
        yield (f"of these {name}", "", Shown(group.display, group.value), "", "")


# --- machines ------------------------------------------------------------------


def _csv(answer: Reconciliation) -> str:
    sample = answer.head.sample
    tail = ["SAMPLE DATA"] if sample else []
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    by = answer.head.request.by
    groups = [neutral(f"by_{name}" if name in (*_COLUMNS, "data") else name) for name in by]
    writer.writerow([*_COLUMNS, *groups, *(["data"] if sample else [])])
    for row in answer.rows:
        published = row.published
        start = [
            *(published.as_of.isoformat(), neutral(published.publisher)),
            *(published.measure, neutral(published.published_as)),
        ]
        percent = None if row.share is None else float(row.share * 100)
        within = None if row.within is None else str(row.within).lower()
        group = [_value(dict(published.group), name) for name in by]
        end = [row.status, within, neutral(row.reason or ""), neutral(published.source)]
        end += [*group, *tail]
        writer.writerow([*start, None, published.value, row.ours, row.difference, percent, *end])
        for each in row.variants:
            figures = [published.value, each.value, each.residual, None]
            writer.writerow([*start, each.variant, *figures, *end])
        for ours in row.groups:
            status = "suppressed" if ours.suppressed else "ok"
            group = [_value(ours.by, name) for name in by]
            rest = [status, None, None, None, *group, *tail]
            writer.writerow([*start, None, None, ours.value, None, None, *rest])
    return out.getvalue()


def _value(group: Mapping[str, str | int | None], name: str) -> str:
    """The value of a group, empty where a figure is of all."""
    return neutral(group_value(group[name])) if name in group else ""


def _document(answer: Reconciliation) -> json_.JsonObject:
    return json_.head("mpp-reconcile/1", answer.head) | {
        "published": answer.source,
        "tolerance": answer.tolerance,
        "checked": len(answer.checked),
        "outside": len(answer.outside),
        "notes": list(answer.notes),
        "figures": [_figure(row) for row in answer.rows],
    }


def _figure(row: Reconciled) -> json_.JsonObject:
    published = row.published
    return {
        "as_of": published.as_of.isoformat(),
        "publisher": published.publisher,
        "measure": published.measure,
        "published_as": published.published_as,
        "published": published.value,
        "ours": row.ours,
        "difference": row.difference,
        "share": number(row.share),
        "status": row.status,
        "reason": row.reason,
        "within_tolerance": row.within,
        "closest": row.closest,
        "by": dict(published.group),
        "source": published.source,
        "variants": [
            {
                "variant": each.variant,
                "differs": each.differs,
                "value": each.value,
                "residual": each.residual,
                "reason": each.reason,
                **({"suppressed": True} if each.suppressed else {}),
            }
            for each in row.variants
        ],
        "rows": [
            {
                "by": dict(each.by),
                "ours": each.value,
                "display": each.display,
                **({"suppressed": True} if each.suppressed else {}),
            }
            for each in row.groups
        ],
    }
