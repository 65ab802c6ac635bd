"""A metric under several definitions: as a page to read, as CSV or as JSON."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction

from mpp_cli.figures import points, signed
from mpp_cli.formats import drawing, json_, page
from mpp_cli.formats.csv_ import neutral
from mpp_cli.formats.grid import Grid
from mpp_cli.formats.shown import Shown, count
from mpp_cli.formats.text import (
    NO_FIGURE,
    column_heading,
    full_title,
    group_value,
    long_date,
    number,
)
from mpp_cli.results import WITHHELD
from mpp_cli.varied import Figure, Varied, VariedFigures

#: The formats that variants have.
NAMES = (*drawing.NAMES, "csv", "json")

#: The id under which the document's own definition stands first.
DOCUMENT = "document"

_HEADER = ("Definition", "Figure", "Difference", "Cases moved in", "Cases moved out")
_BEFORE = ("as_of", "metric", "variant", "measure", "label")
_AFTER = (
    *("value", "display", "unit", "difference", "moved_in", "moved_out", "status"),
    *("differs", "used_by", "published"),
)


def render(
    answer: VariedFigures, format: str, *, color: bool = False, width: int | None = None
) -> str | bytes:
    """The figures in one of the formats :data:`NAMES`."""
    if format == "json":
        return json_.written(_document(answer))
    if format == "csv":
        return _csv(answer)
    return drawing.draw(_blocks(answer), format, answer.head, color=color, width=width)


def difference(figure: Figure) -> str:
    """The difference from the document's figure, with its sign; of a ratio in points."""
    value = figure.difference
    if value is None:
        return WITHHELD if figure.moves_suppressed else NO_FIGURE
    return points(Fraction(value)) if figure.unit == "ratio" else signed(value)


# --- the page ------------------------------------------------------------------


def _blocks(answer: VariedFigures) -> Iterator[page.Block]:
    head = answer.head
    yield page.Heading(full_title(head, f"{answer.title} ({answer.metric}), by definition"))
    yield from page.selection(head)
    yield page.Paragraph(
        f"As of {long_date(head.as_of)}. The document's definition comes first; differences "
        "and cases are relative to it."
    )
    for place, measure in enumerate(answer.document.figures):
        yield page.Table(measure.label, _table(answer, place))
    if not answer.variants:
        yield page.Paragraph("No other definition of this metric is known.")
    else:
        yield page.Heading("What differs, and who counts this way", 2)
    for each in answer.variants:
        yield page.Bullet(each.id, each.differs)
        yield page.Bullet("used by", each.used_by, 1)
        yield page.Bullet("published", each.published, 1)
        if each.reason:
            yield page.Bullet("unavailable", each.reason, 1)
    for note in answer.notes:
        yield page.Footnote("", f"Note: {note}")
    yield page.Heading("Sources", 2)
    yield from page.sample_note(head)
    yield from page.sources(head)


def _table(answer: VariedFigures, place: int) -> Grid:
    """One measure under every definition: group by group, and then of all cases."""
    rows: list[tuple[str, ...]] = []
    blanks = ("",) * (len(answer.by) - 1)
    for at, group in enumerate(answer.document.groups):
        named = tuple(group_value(group.by[name]) for name in answer.by)
        for each in (answer.document, *answer.variants):
            if each.groups:
                rows.append((*named, *_row(each, each.groups[at].figures[place])))
    total = ("Total", *blanks) if answer.by else ()
    for each in (answer.document, *answer.variants):
        rows.append((*total, *(_row(each, each.figures[place]) if each.figures else _absent(each))))
    header = (*map(column_heading, answer.by), *_HEADER)
    return Grid(header, tuple(rows), groups=len(answer.by) + 1)


def _row(definition: Varied, figure: Figure) -> tuple[str, ...]:
    moved = (figure.moved_in, figure.moved_out)
    unit = f" {figure.unit}" if figure.unit in ("completions", "referrals") else ""
    other = definition.id
    return (
        other or "the document",
        Shown(f"{figure.display}{unit}", figure.value, figure.unit),
        Shown(difference(figure), figure.difference) if other else "",
        *(_moved(figure, n) if other else "" for n in moved),
    )


def _moved(figure: Figure, cases: int | None) -> str:
    if cases is not None:
        return count(cases)
    return WITHHELD if figure.moves_suppressed and figure.unit not in ("ratio", "days") else ""


def _absent(variant: Varied) -> tuple[str, ...]:
    return variant.id, "unavailable", "", "", ""


# --- CSV and JSON --------------------------------------------------------------


def _csv(answer: VariedFigures) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    sample = answer.head.sample
    taken = {*_BEFORE, *_AFTER, "data"}
    groups = [f"by_{name}" if name in taken else name for name in answer.by]
    tail = ["data"] if sample else []
    writer.writerow([neutral(name) for name in (*_BEFORE, *groups, *_AFTER, *tail)])
    for variant in _all(answer):
        lines: list[tuple[Mapping[str, str | int | None], tuple[Figure, ...]]]
        lines = [({}, variant.figures or tuple(_no_figures(answer)))]
        lines += [(group.by, group.figures) for group in variant.groups]
        for by, figures in lines:
            for figure in figures:
                line = (
                    *(answer.head.as_of.isoformat(), answer.metric, variant.id),
                    *(figure.name, figure.label),
                    *(group_value(by[name]) if by else "" for name in answer.by),
                    *(number(figure.value), figure.display, figure.unit),
                    *(number(figure.difference), figure.moved_in, figure.moved_out),
                    _status(variant, figure),
                    *(variant.differs, variant.used_by, variant.published),
                    *(["SAMPLE DATA"] if sample else []),
                )
                writer.writerow([neutral(cell) if isinstance(cell, str) else cell for cell in line])
    return out.getvalue()


def _status(variant: Varied, figure: Figure) -> str:
    if variant.reason:
        return "unavailable"
    return "suppressed" if figure.suppressed else "ok"


def _no_figures(answer: VariedFigures) -> Iterator[Figure]:
    """The lines of a variant that is unavailable: it is never left out in silence."""
    for each in answer.document.figures:
        yield Figure(each.name, each.label, None, "unavailable", each.unit, None, None, None)


def _all(answer: VariedFigures) -> Iterator[Varied]:
    yield replace(
        answer.document,
        id=DOCUMENT,
        differs="The document's definition.",
        used_by="DHS",
        published=answer.head.title,
    )
    yield from answer.variants


def _document(answer: VariedFigures) -> json_.JsonObject:
    return json_.head("mpp-variants/1", answer.head) | {
        "metric": {"name": answer.metric, "title": answer.title},
        "notes": list(answer.notes),
        "variants": [
            {
                "id": each.id,
                "differs": each.differs,
                "used_by": each.used_by,
                "published": each.published,
                "status": "unavailable" if each.reason else "ok",
                "reason": each.reason,
                "measures": [_measure(figure) for figure in each.figures],
                "rows": [
                    {"by": dict(group.by), "measures": [_measure(f) for f in group.figures]}
                    for group in each.groups
                ],
            }
            for each in _all(answer)
        ],
    }


def _measure(figure: Figure) -> json_.JsonObject:
    return {
        "name": figure.name,
        "label": figure.label,
        "value": number(figure.value),
        "display": figure.display,
        "unit": figure.unit,
        "difference": number(figure.difference),
        "moved_in": figure.moved_in,
        "moved_out": figure.moved_out,
        **({"suppressed": True} if figure.suppressed else {}),
        **({"moves_suppressed": True} if figure.moves_suppressed else {}),
    }
