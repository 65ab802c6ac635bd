"""A page of blocks in whichever format is read by people; its module is imported when asked for."""

from __future__ import annotations

from collections.abc import Iterable

from mpp_cli.formats.page import report
from mpp_cli.results.report import Head

#: The formats that any page has, the default first.
NAMES = ("table", "markdown", "html", "xlsx")


def draw(
    blocks: Iterable[report.Block],
    format: str,
    head: Head,
    *,
    color: bool = False,
    width: int | None = None,
) -> str | bytes:
    """The page in one of the formats :data:`NAMES`; ``color`` and ``width`` shape the table."""
    if format == "xlsx":
        from mpp_cli.formats.writers import xlsx

        return xlsx.draw(blocks, head)
    return text(blocks, format, head, color=color, width=width)


def text(
    blocks: Iterable[report.Block],
    format: str,
    head: Head,
    *,
    color: bool = False,
    width: int | None = None,
) -> str:
    """The page in one of the formats that are text."""
    if format == "markdown":
        from mpp_cli.formats.writers import markdown

        return markdown.draw(blocks)
    if format == "html":
        from mpp_cli.formats.writers import html

        return html.draw(blocks, head)
    from mpp_cli.formats.writers import terminal

    return terminal.draw(blocks, color=color, width=width)
