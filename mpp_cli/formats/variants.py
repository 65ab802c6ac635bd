"""A metric under several definitions: as a page to read, as CSV or as JSON."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from fractions import Fraction

from mpp_cli.figures import half_up
from mpp_cli.formats import drawing, json_, page
from mpp_cli.formats.csv_ import neutral
from mpp_cli.formats.grid import Grid
from mpp_cli.formats.shown import Shown, count
from mpp_cli.formats.text import NO_FIGURE, full_title, long_date, number, thousands
from mpp_cli.varied import Figure, Varied, VariedFigures

#: The formats that variants have.
NAMES = (*drawing.NAMES, "csv", "json")

#: The id under which the document's own definition stands first.
DOCUMENT = "document"

_HEADER = ("Definition", "Figure", "Difference", "Cases moved in", "Cases moved out")
_COLUMNS = (
    *("as_of", "metric", "variant", "measure", "label", "value", "display", "unit"),
    *("difference", "moved_in", "moved_out", "status", "differs", "used_by", "published"),
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
        return NO_FIGURE
    sign = "-" if value < 0 else "+" if value > 0 else ""
    if figure.unit == "ratio":
        hundredths = int(half_up(abs(Fraction(value)) * 100, 2) * 100)
        sign = sign if hundredths else ""
        return f"{sign}{hundredths // 100}.{hundredths % 100:02d} points"
    return f"{sign}{thousands(abs(int(value)))}"


# --- the page ------------------------------------------------------------------


def _blocks(answer: VariedFigures) -> Iterator[page.Block]:
    head = answer.head
    yield page.Heading(full_title(head, f"{answer.title} ({answer.metric}), by definition"))
    yield from page.selection(head)
    yield page.Paragraph(
        f"As of {long_date(head.as_of)}. The document's definition stands first; differences and "
        "cases are from it."
    )
    for place, measure in enumerate(answer.document):
        rows = [_row("the document", measure)]
        rows += [
            _row(each.id, each.figures[place]) if each.figures else _absent(each)
            for each in answer.variants
        ]
        yield page.Table(measure.label, Grid(_HEADER, tuple(rows), groups=1))
    if not answer.variants:
        yield page.Paragraph("No other definition of this metric is known.")
    else:
        yield page.Heading("What differs, and who counts so", 2)
    for each in answer.variants:
        yield page.Bullet(each.id, each.differs)
        yield page.Bullet("used by", each.used_by, 1)
        yield page.Bullet("published", each.published, 1)
        if each.reason:
            yield page.Bullet("unavailable", each.reason, 1)
    yield page.Heading("Sources", 2)
    yield from page.sample_note(head)
    yield from page.sources(head)


def _row(name: str, figure: Figure) -> tuple[str, ...]:
    moved = (figure.moved_in, figure.moved_out)
    unit = f" {figure.unit}" if figure.unit in ("completions", "referrals") else ""
    return (
        name,
        Shown(f"{figure.display}{unit}", figure.value, figure.unit),
        "" if name == "the document" else Shown(difference(figure), figure.difference),
        *("" if n is None or name == "the document" else count(n) for n in moved),
    )


def _absent(variant: Varied) -> tuple[str, ...]:
    return variant.id, "unavailable", "", "", ""


# --- CSV and JSON --------------------------------------------------------------


def _csv(answer: VariedFigures) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    sample = answer.head.sample
    writer.writerow([*_COLUMNS, *(["data"] if sample else [])])
    for variant in _all(answer):
        for figure in variant.figures or _no_figures(answer):
            line = (
                *(answer.head.as_of.isoformat(), answer.metric, variant.id),
                *(figure.name, figure.label, number(figure.value), figure.display, figure.unit),
                *(number(figure.difference), figure.moved_in, figure.moved_out),
                "unavailable" if variant.reason else "ok",
                *(variant.differs, variant.used_by, variant.published),
                *(["SAMPLE DATA"] if sample else []),
            )
            writer.writerow([neutral(cell) if isinstance(cell, str) else cell for cell in line])
    return out.getvalue()


def _no_figures(answer: VariedFigures) -> Iterator[Figure]:
    """The lines of a variant that is unavailable: it is never left out in silence."""
    for each in answer.document:
        yield Figure(each.name, each.label, None, "unavailable", each.unit, None, None, None)


def _all(answer: VariedFigures) -> Iterator[Varied]:
    yield Varied(
        DOCUMENT, "The document's definition.", "DHS", answer.head.title, None, answer.document
    )
    yield from answer.variants


def _document(answer: VariedFigures) -> json_.JsonObject:
    return json_.head("mpp-variants/1", answer.head) | {
        "metric": {"name": answer.metric, "title": answer.title},
        "variants": [
            {
                "id": each.id,
                "differs": each.differs,
                "used_by": each.used_by,
                "published": each.published,
                "status": "unavailable" if each.reason else "ok",
                "reason": each.reason,
                "measures": [_measure(figure) for figure in each.figures],
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
    }
