"""table: the report for a terminal, drawn with Rich; the text is the same without colour."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from mpp_cli.formats.page import report as page
from mpp_cli.formats.page.grid import Grid
from mpp_cli.formats.text import TIE, safe
from mpp_cli.formats.wrapping import column_widths, hang, widest_hanging, widest_word, wrap
from mpp_cli.results.report import MetricReport, Report

_DEFAULT_WIDTH = 100
_LEAST_WIDTH = 20
_INNER = 2  # How much further in a row begins that belongs to one above it.
_GAP = 3  # What Rich puts between two columns: a space, the divider, a space.

# Rich's SIMPLE_HEAD with a rule also above the total.
_RULES = box.Box("    \n    \n ── \n    \n ── \n ── \n    \n    \n")

_TRAILING = re.compile(r"[ \t]+((?:\x1b\[[\d;]*m)*)$", re.MULTILINE)


def render(report: Report | MetricReport, *, color: bool = False, width: int | None = None) -> str:
    """The report as text; see :func:`draw`."""
    return draw(page.blocks(report), color=color, width=width)


def draw(blocks: Iterable[page.Block], *, color: bool = False, width: int | None = None) -> str:
    """A page as lines of at most ``width`` columns that end with a newline.

    Only a word that is wider than the width makes a longer line. A table that
    cannot be drawn without breaking a number or a word of its headings is
    printed as one line per cell.
    """
    width = _DEFAULT_WIDTH if width is None else max(_LEAST_WIDTH, width)
    out = io.StringIO()
    # An empty environment: what the caller decided is not overruled by NO_COLOR,
    # COLUMNS or FORCE_COLOR, which are the command's to read.
    console = Console(
        file=out,
        width=width,
        color_system="standard" if color else None,
        force_terminal=color,
        legacy_windows=False,
        highlight=False,
        markup=False,
        emoji=False,
        _environ={},
    )
    before: page.Words | None = None
    for block in page.text_only(blocks):
        if before is not None and not _together(before, block):
            console.print()
        for part in _block(block, width):
            # Lines are already wrapped; Rich must not break the long words it meets.
            console.print(part, soft_wrap=isinstance(part, Text))
        before = block
    return _TRAILING.sub(r"\1", out.getvalue())


def _together(before: page.Words, block: page.Words) -> bool:
    """Whether two blocks follow each other without a blank line."""
    return (
        isinstance(before, page.Footnote | page.Bullet)
        and type(before) is type(block)
        and not (isinstance(block, page.Bullet) and _begins_source(before, block))
    )


def _begins_source(before: page.Words, block: page.Bullet) -> bool:
    """Whether a list item follows the details of the one before it."""
    return isinstance(before, page.Bullet) and before.level > block.level


def _block(block: page.Words, width: int) -> Iterator[Text | Table]:
    match block:
        case page.Heading(text, level):
            lines = wrap(safe(text), width)
            yield from _lines(lines, "bold cyan" if level == 1 else "bold")
            if level <= 2:
                yield Text(("═" if level == 1 else "─") * max(map(cell_len, lines)))
        case page.Paragraph(text):
            yield from _lines(wrap(safe(text), width))
        case page.Statement(label, text, number):
            lead = "• " if number is None else f"{number}. "
            yield from _labelled(lead, label, text, width, " " * len(lead))
        case page.Table(title, grid):
            yield from _figures(title, grid, width)
        case page.Footnote(mark, text):
            lead = f"{safe(mark)} " if mark else ""
            yield from _lines(wrap(safe(text), width, lead, " " * len(lead)))
        case page.Bullet(label, text, level):
            indent = "  " * level
            yield from _labelled(f"{indent}• ", label, text, width, f"{indent}  ")
        case page.Verbatim(text):
            yield from _lines([f"    {safe(line)}" for line in text.split("\n")])


def _lines(lines: list[str], style: str = "") -> Iterator[Text]:
    for line in lines:
        yield Text(line, style=style)


def _labelled(lead: str, label: str, text: str, width: int, rest: str) -> Iterator[Text]:
    """Wrapped text after a label, which is bold as far as it stands on the first line."""
    label = f"{safe(label)}:" if label else ""
    lines = wrap(f"{label} {safe(text)}".strip(), width, lead, rest)
    for number, line in enumerate(lines):
        styled = Text(line)
        if number == 0 and label:
            styled.stylize("bold", len(lead), len(lead) + len(label))
        yield styled


def _figures(title: str | None, grid: Grid, width: int) -> Iterator[Text | Table]:
    """The table, drawn or stacked, between its title and the figures beside it."""
    if title:
        yield from _lines(wrap(safe(title), width), "bold")
        yield Text()
    if grid.rows:
        header = [safe(cell) for cell in grid.header]
        rows = [[safe(cell) for cell in row] for row in grid.all_rows]
        for place in grid.inner:
            rows[place][0] = TIE * _INNER + rows[place][0]
        widths = _widths(header, rows, grid.groups, width)
        if widths is None:
            yield from _stacked(header, rows, grid, width)
        else:
            yield _drawn(header, rows, grid, widths)
        if grid.beside:
            yield Text()
    for label, display in grid.beside:
        yield from _labelled("", label, display, width, "  ")


def _widths(header: list[str], rows: list[list[str]], groups: int, width: int) -> list[int] | None:
    """The width of every column, or None when the table does not fit whole.

    Headings and the names of groups may wrap at spaces, figures may not.
    """
    texts, least = [], []
    for index, heading in enumerate(header):
        cells = {row[index] for row in rows}
        is_group = index < groups
        needed = widest_hanging if is_group else cell_len
        least.append(max(widest_word(heading), *map(needed, cells)))
        # What is no wider than the column's least width never wraps.
        wrapping = {heading, *(cells if is_group else ())}
        texts.append([text for text in wrapping if cell_len(text) > least[-1]])
    return column_widths(texts, least, width - _GAP * (len(header) - 1))


def _drawn(header: list[str], rows: list[list[str]], grid: Grid, widths: list[int]) -> Table:
    table = Table(box=_RULES, show_edge=False, pad_edge=False, header_style="")
    for index, (heading, width) in enumerate(zip(header, widths, strict=True)):
        # Wrapped here, not by Rich, so that both wrap alike and neither folds a word.
        text = Text("\n".join(wrap(heading, width)), style="bold")
        to_left = index < grid.groups or grid.is_one_figure
        table.add_column(
            text, width=width, justify="left" if to_left else "right", vertical="bottom"
        )
    for number, row in enumerate(rows):
        is_total = grid.total is not None and number == len(rows) - 1
        if is_total:
            table.add_section()
        cells = [
            Text("\n".join(hang(cell, width)), style="bold" if is_total else "")
            for cell, width in zip(row, widths, strict=True)
        ]
        table.add_row(*cells)
    return table


def _stacked(header: list[str], rows: list[list[str]], grid: Grid, width: int) -> Iterator[Text]:
    """One ``label: value`` line per cell, group by group."""
    for number, row in enumerate(rows):
        lead = " " * _INNER if number in grid.inner else ""
        indent = f"{lead}  " if grid.groups else lead
        if number:
            yield Text()
        if number == len(grid.rows):
            yield Text(row[0], style="bold")  # The total is no value of the group's column.
        else:
            for heading, cell in zip(header[: grid.groups], row, strict=False):
                yield from _labelled(lead, heading, cell.lstrip(TIE), width, f"{lead}    ")
        for heading, cell in zip(header[grid.groups :], row[grid.groups :], strict=True):
            if cell:  # The total leaves out the columns that do not add up.
                yield from _labelled(indent, heading, cell, width, f"{indent}  ")
