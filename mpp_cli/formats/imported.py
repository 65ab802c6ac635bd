"""What an import says of itself: the ledger of its files as a short table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mpp_cli.formats import page, prose
from mpp_cli.formats.grid import Grid
from mpp_cli.formats.text import thousands
from mpp_cli.results import Source, Warning

_HEADER = ("File", "Read", "Used", "Outside", "Set aside")

#: What the table has no room for; codes not on any list are a warning.
_DETAILS = ("Set aside", "Repaired", "Values read as blank")


def blocks(
    said: Sequence[str], sources: Sequence[Source], warnings: Sequence[Warning]
) -> Iterator[page.Block]:
    """Sentences about the import, then the rows of every file and what is wrong with them."""
    for sentence in said:
        yield page.Paragraph(sentence)
    named = {source.file: _short(source) for source in sources}
    kinds = len(named) < len(sources)
    rows = (
        (f"{named[source.file]} ({source.kind})" if kinds else named[source.file], *_row(source))
        for source in sources
    )
    yield page.Table(None, Grid(_HEADER, tuple(rows), groups=1), "Rows of every file")
    for source, name in zip(sources, prose.source_names(sources), strict=True):
        lines = dict(prose.source_lines(source))
        for label in _DETAILS:
            if label in lines:
                yield page.Bullet(label, f"{name}: {lines[label]}")
    for warning in warnings:
        yield page.Bullet("Warning", prose.warning_text(warning))


def _short(source: Source) -> str:
    """The name of a file without its folder; of a sheet with its workbook."""
    folder, _, name = source.file.rpartition("/")
    book = folder.rpartition("/")[2]
    return f"{book}/{name}" if book.lower().endswith((".xlsx", ".xlsm")) else name


def _row(source: Source) -> Iterator[str]:
    for count in (
        source.rows_read,
        source.rows_used,
        sum(source.rows_outside.values()),
        sum(source.set_aside.values()),
    ):
        yield thousands(count)
