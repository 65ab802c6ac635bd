"""Markdown: the report as the document itself, with GitHub tables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from tabulate import tabulate

from mpp_cli.formats.page import report as page
from mpp_cli.formats.page.grid import Grid
from mpp_cli.formats.text import TIE, safe
from mpp_cli.results.report import MetricReport, Report

_SPECIAL = re.compile(r"[\\`*_|<\[\]~$]|&(?=#?\w+;)")
# What only means something at the start of a line: headings, quotes, lists, rules.
_AT_START = re.compile(r"^\s*(?:[#>=]|[+-](?!\d)|\d+[.)](?=\s|$))")
_ADDRESS = re.compile(r"(?i)(?:\b(?:https?|ftp)(?=://)|\bwww(?=\.))")


def render(report: Report | MetricReport) -> str:
    """The report as GitHub Markdown that ends with a newline."""
    return draw(page.blocks(report))


def draw(blocks: Iterable[page.Block]) -> str:
    """A page as GitHub Markdown that ends with a newline."""
    parts: list[str] = []
    before: page.Words | None = None
    for block in page.text_only(blocks):
        if before is not None:
            together = isinstance(before, page.Bullet) and isinstance(block, page.Bullet)
            parts.append("\n" if together else "\n\n")
        parts.append(_block(block))
        before = block
    return "".join(parts).replace(TIE, " ") + "\n"


def escape(text: str) -> str:
    r"""Text that Markdown shows and never interprets, whatever it holds.

    Control characters, line ends included, are shown as ``\x0a``. Addresses
    are kept from becoming links.
    """
    text = _SPECIAL.sub(r"\\\g<0>", text)
    text = _ADDRESS.sub(lambda match: f"{match[0]}\\", text)
    text = _AT_START.sub(lambda match: f"{match[0][:-1]}\\{match[0][-1]}", text)
    return safe(text)


def _block(block: page.Words) -> str:
    match block:
        case page.Heading(text, level):
            return f"{'#' * level} {escape(text)}"
        case page.Paragraph(text):
            return escape(text)
        case page.Statement(label, text, number):
            mark = "-" if number is None else f"{number}."
            # The document sets the foreign word in italics.
            words = escape(text).replace("non-refoulement", "*non-refoulement*")
            return f"{mark} **{label}:** {words}"
        case page.Table(title, grid):
            return "\n\n".join(_table(title, grid))
        case page.Footnote(mark, text):
            return f"{escape(mark)} {escape(text)}".strip()
        case page.Bullet(label, text, level):
            lead = f"**{escape(label)}:** " if label else ""
            return f"{'  ' * level}- {lead}{escape(text)}"
        case page.Verbatim(text, language):
            # A fence that is longer than any in the text, which could end it.
            longest = max((len(run) for run in re.findall("`+", text)), default=0)
            fence = "`" * max(3, longest + 1)
            return f"{fence}{language}\n{safe(text, keep=chr(10))}\n{fence}"


def _table(title: str | None, grid: Grid) -> Iterator[str]:
    if title:
        yield f"**{escape(title)}**"
    if grid.rows:
        rows = [[escape(cell) for cell in row] for row in grid.rows]
        if grid.total is not None:
            rows.append([f"**{escape(cell)}**" if cell else "" for cell in grid.total])
        figures = "left" if grid.is_one_figure else "right"
        # Cells are text already: a year must not become a number, nor a code a float.
        yield tabulate(
            rows,
            headers=[escape(cell) for cell in grid.header],
            tablefmt="pipe",  # GitHub's table with the alignment written into it.
            disable_numparse=True,
            colalign=["left"] * grid.groups + [figures] * (len(grid.header) - grid.groups),
        )
    for label, display in grid.beside:
        yield f"{escape(label)}: {escape(display)}"
