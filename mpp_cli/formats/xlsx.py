"""XLSX: a workbook of real numbers and dates, written with XlsxWriter.

Every text is written as a text: nothing of the data becomes a formula or a link.
The same report gives the same bytes; the workbook is dated by its as-of date.
"""

from __future__ import annotations

import datetime
import io
import re
from collections.abc import Iterable, Sequence
from typing import Any

import xlsxwriter

from mpp_cli.errors import UsageError
from mpp_cli.formats import page, sheets
from mpp_cli.formats.grid import Grid
from mpp_cli.formats.sheets import Sheet
from mpp_cli.formats.shown import YEAR, Shown
from mpp_cli.formats.text import TIE, full_title, number, safe
from mpp_cli.results import Head, MetricReport, Report

#: What Excel takes: rows of a sheet, UTF-16 units of a cell, letters of a sheet's name.
MOST_ROWS, MOST_UNITS, MOST_LETTERS = 1_048_576, 32_767, 31

_TEXT_WIDTH = 100  # Of running text, in characters.
_LINE = 15  # The height of a line, in points.
_MOST_HEIGHT = 400  # Of a row; Excel takes no more than 409.
_MOST_FROZEN = 320  # Points above the rows that scroll: more would fill a small screen.

_FORMATS: dict[str, dict[str, object]] = {
    "title": {"bold": True, "font_size": 14},
    "heading": {"bold": True, "font_size": 12},
    "text": {},
    "code": {"font_name": "Consolas"},
    "header": {"bold": True, "bottom": 1, "bg_color": "#E6E6E6", "valign": "bottom"},
    "figure": {"bold": True, "bottom": 1, "bg_color": "#E6E6E6", "valign": "bottom"}
    | {"align": "right"},
    "cell": {},
    "total": {"bold": True, "top": 1},
}


def render(report: Report | MetricReport) -> bytes:
    """The report as the bytes of a workbook."""
    return _workbook(sheets.of_report(report), report.head)


def draw(blocks: Iterable[page.Block], head: Head) -> bytes:
    """Any other page as the bytes of a workbook.

    Raises UsageError when a table has more rows than a sheet holds.
    """
    return _workbook(sheets.of_page(blocks, head), head)


def _workbook(content: Iterable[Sheet], head: Head) -> bytes:
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True})
    day = datetime.datetime.combine(head.as_of, datetime.time())
    title = safe(full_title(head, head.title))
    book.set_properties({"title": title, "created": day, "comments": f"mpp {head.version}"})
    formats = _Formats(book)
    taken: set[str] = set()
    for sheet in content:
        name = _sheet_name(sheet.name, taken)
        _Drawing(book.add_worksheet(name), formats, sheet, head).draw()
    book.close()
    return target.getvalue()


def _sheet_name(name: str, taken: set[str]) -> str:
    """A name that Excel takes, and that no other sheet has."""
    plain = re.sub(r"[\[\]:*?/\\]", " ", safe(name))[:MOST_LETTERS].strip("' ") or "Sheet"
    found, again = plain, 1
    while found.casefold() in taken or found.casefold() == "history":  # Excel keeps that name.
        again += 1
        end = f" ({again})"
        found = plain[: MOST_LETTERS - len(end)] + end
    taken.add(found.casefold())
    return found


class _Formats:
    """The formats of a workbook, each made once."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._made: dict[tuple[str, str, int, bool], Any] = {}

    def __call__(self, name: str, pattern: str = "", indent: int = 0, wrap: bool = True) -> Any:
        key = (name, pattern, indent, wrap)
        if key not in self._made:
            extra: dict[str, object] = {"text_wrap": True} if wrap else {}
            extra |= {"num_format": pattern} if pattern else {}
            extra |= {"indent": indent, "align": "left"} if indent else {}
            merged = {"valign": "top"} | _FORMATS[name] | extra
            self._made[key] = self._book.add_format(merged)
        return self._made[key]


class _Drawing:
    """One sheet, drawn from top to bottom."""

    def __init__(self, target: Any, formats: _Formats, sheet: Sheet, head: Head) -> None:
        self._target, self._formats, self._sheet, self._head = target, formats, sheet, head
        grids = [each.grid for each in sheet.blocks if isinstance(each, page.Table)]
        self._grids = [grid for grid in grids if grid.rows]
        self._widths = _widths(self._grids)
        self._row = 0
        self._height = 0.0  # Of all rows so far, in points.
        self._span = 0

    def draw(self) -> None:
        """Draw the blocks, then say how the sheet scrolls and prints."""
        for place, width in enumerate(self._widths):
            self._target.set_column(place, place, width)
            if sum(self._widths[:place]) < _TEXT_WIDTH:
                self._span = place
        self._target.freeze_panes(1, 0)
        self._target.set_paper(1)  # Letter.
        self._target.set_landscape()
        self._target.fit_to_pages(1, 0)
        self._target.set_footer("&L&A&R&P of &N")
        if self._head.sample:
            self._target.set_header("&CSAMPLE DATA: these figures are invented")
        for block in self._sheet.blocks:
            self._block(block)

    def _block(self, block: page.Block) -> None:
        match block:
            case page.Heading(text, level):
                self._gap(level > 1)
                self._text(text, "title" if level == 1 else "heading")
            case page.Paragraph(text):
                self._text(text)
            case page.Statement(label, text, number):
                lead = label if number is None else f"{number}. {label}"
                self._gap(number is None)
                self._text(f"{lead}: {text}", "text" if number is None else "heading")
            case page.Table():
                self._gap()
                self._table(block)
            case page.Footnote(mark, text):
                self._text(f"{mark} {text}".strip())
            case page.Bullet(label, text, level):
                self._text(f"{label}: {text}" if label else text, indent=level + 1)
            case page.Verbatim(text):
                for line in text.split("\n"):
                    self._text(line, "code")

    # --- rows ----------------------------------------------------------------------

    def _gap(self, wanted: bool = True) -> None:
        if wanted and self._row:
            self._advance(_LINE)

    def _advance(self, height: float) -> None:
        self._row += 1
        self._height += height
        if self._row >= MOST_ROWS:
            raise UsageError(
                f"the table has more than the {MOST_ROWS:,} rows that fit on a sheet of a workbook",
                hint="write CSV (-f csv), or ask for fewer groups or longer periods",
            )

    def _text(self, text: str, format: str = "text", indent: int = 0) -> None:
        """Running text over the columns that are as wide as a line together."""
        shown = _cell_text(text)
        lines = _lines(shown, sum(self._widths[: self._span + 1]) - 2 * indent)
        height = min(_MOST_HEIGHT, _LINE * lines * (1.25 if format == "title" else 1))
        made = self._formats(format, indent=indent)
        if self._span:
            self._target.merge_range(self._row, 0, self._row, self._span, "", made)
        self._target.write_string(self._row, 0, shown, made)
        self._target.set_row(self._row, height)
        self._advance(height)

    def _table(self, block: page.Table) -> None:
        grid = block.grid
        if block.title:
            self._text(block.title, "heading")
        if grid.rows:
            height = _LINE * max(
                _lines(heading, width)
                for heading, width in zip(grid.header, self._widths, strict=False)
            )
            self._target.set_row(self._row, height)
            for place, heading in enumerate(grid.header):
                is_figure = any(isinstance(row[place], Shown) for row in grid.rows)
                name = "figure" if is_figure and place >= grid.groups else "header"
                indent = 1 if place and name == "header" else 0
                self._words(place, heading, self._formats(name, indent=indent))
            self._advance(height)
            if len(self._grids) == 1 and self._height < _MOST_FROZEN:
                self._target.freeze_panes(self._row, 0)
                self._target.repeat_rows(self._row - 1)
            for place, row in enumerate(grid.rows):
                self._line(row, "cell", indent=1 if place in grid.inner else 0)
            if grid.total is not None:
                self._line(grid.total, "total")
        for label, display in grid.beside:
            self._line((label, display), "total" if not grid.rows else "cell")

    def _line(self, cells: Sequence[str], format: str, indent: int = 0) -> None:
        lines = max(_lines(cell, width) for cell, width in zip(cells, self._widths, strict=False))
        height = min(_MOST_HEIGHT, _LINE * lines)
        if lines > 1:
            self._target.set_row(self._row, height)
        self._cells(cells, format, indent)
        self._advance(height)

    def _cells(self, cells: Sequence[str], format: str, indent: int) -> None:
        for place, text in enumerate(cells):
            value = text.value if isinstance(text, Shown) else None
            if value is None or not isinstance(text, Shown):
                # A little away from a number on its left.
                self._words(place, text, self._formats(format, indent=1 if place else indent))
                continue
            pattern = number_format(text)
            made = self._formats(format, pattern, wrap=False)
            if isinstance(value, datetime.date):
                day = datetime.datetime.combine(value, datetime.time())
                self._target.write_datetime(self._row, place, day, made)
            else:
                figure = value * 100 if pattern.endswith('points"') else value
                self._target.write_number(self._row, place, number(figure), made)

    def _words(self, place: int, text: str, made: Any) -> None:
        if text:
            self._target.write_string(self._row, place, _cell_text(text), made)
        else:
            self._target.write_blank(self._row, place, None, made)


# --- cells ---------------------------------------------------------------------------


def number_format(shown: Shown) -> str:
    """Excel's number format that shows the value as its text does: ``#,##0``, ``0%``."""
    if isinstance(shown.value, datetime.date):
        return "yyyy-mm-dd"
    if shown.unit == YEAR:
        return "0"
    if re.match(r"[+-]?[<>]", shown):
        # Nearly all, or hardly any: no rounding shows it, so the text stands for every sign.
        return ";".join([f'"{shown}"'] * 3)
    found = re.fullmatch(r"([+-]?)[\d,]+(?:\.(\d+))?(.*)", shown)
    sign, decimals, after = found.groups() if found else ("", "", "")
    pattern = "0" if after == "%" else "#,##0"
    pattern += f".{'0' * len(decimals)}" if decimals else ""
    quoted = after.replace('"', "")
    pattern += "%" if after == "%" else f'"{quoted}"' if quoted else ""
    return f"+{pattern};-{pattern};{pattern}" if sign else pattern


def _cell_text(text: str) -> str:
    """The text as a cell holds it; what is longer than Excel takes is cut, and says so."""
    shown = safe(text, keep="\n").replace(TIE, " ")
    if len(shown.encode("utf-16-le")) // 2 <= MOST_UNITS:
        return shown
    kept = shown.encode("utf-16-le")[: 2 * (MOST_UNITS - 1)]
    return kept.decode("utf-16-le", "ignore") + "…"


def _widths(grids: Sequence[Grid]) -> list[float]:
    """The widths of the columns, so that figures are whole and long texts wrap."""
    found: list[float] = []
    for grid in grids:
        for place, heading in enumerate(grid.header):
            cells = [len(row[place]) for row in grid.all_rows]
            longest = max((word for word in map(len, heading.split())), default=0)
            width = min(60, max(14, longest + 3, *(each + 3 for each in cells)))
            if place == len(found):
                found.append(0)
            found[place] = max(found[place], width)
    while sum(found) < _TEXT_WIDTH:
        found.append(12)
    return found


def _lines(text: str, width: float) -> int:
    """About how many lines a text takes in a column; Excel measures its width in digits."""
    return sum(max(1, -(-len(line) // int(width))) for line in str(text).split("\n"))
