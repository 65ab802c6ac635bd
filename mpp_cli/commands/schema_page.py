"""The input format in words, made from the same descriptions that the reader obeys."""

from __future__ import annotations

from collections.abc import Iterator

from mpp_cli.formats.page import Block, Bullet, Heading, Paragraph
from mpp_cli.sources.schema import READ, Column, Table, table

#: How the text of each kind of column is read.
KINDS = {
    "text": "any text, trimmed; NA and NULL are texts, not blanks",
    "date": "YYYY-MM-DD or M/D/YYYY; a time of day after it is ignored",
    "boolean": "true or false, t or f, yes or no, y or n, 1 or 0, in any case",
    "enum": "one of the values listed, in any case, with spaces or hyphens for underscores",
    "count": "a whole number, 0 or more, without signs and separators",
    "fiscal_year": 'four digits; " (FYTD)" may follow',
    "month": "OCT to SEP, or the calendar month 1 to 12",
    "region": "southwest, or another region, whose rows are outside the question",
}

_READING = (
    "One CSV file (.csv, .tsv, or either with .gz) for each table, with a header row and the "
    "columns in any order; headers in any case, with spaces or hyphens for underscores. A column "
    "marked * must be there: without it the file is refused. A table or column that a measure "
    "needs and that is not there makes the measure unavailable, never zero."
)
_OTHERS = {
    "cases": "Other columns are kept: --by and --where can use them.",
    "encounters": "Other columns are kept; rows of the same month may differ in them.",
}


def blocks(name: str | None) -> Iterator[Block]:
    """The page of one table, or of all."""
    shown = [table(each) for each in ([name] if name else READ)]
    yield Heading(f"The table {name}" if name else "The tables that mpp reads")
    yield Paragraph(_READING)
    for each in shown:
        yield from _table(each, titled=name is None)
    yield Heading("How values are read", 2)
    used = {column.kind for each in shown for column in each.columns}
    for kind, read in KINDS.items():
        if kind in used:
            yield Bullet(_word(kind), read)


def _table(described: Table, titled: bool) -> Iterator[Block]:
    if titled:
        yield Heading(described.name, 2)
    yield Paragraph(described.description)
    for column in described.columns:
        mark = "*" if column.required else ""
        yield Bullet(f"{column.name}{mark}", " ".join(_column(column)))
    yield Paragraph(_OTHERS.get(described.name, "Other columns are ignored."))


def _column(column: Column) -> Iterator[str]:
    yield f"({_word(column.kind)})"
    yield column.description.rstrip(".") + "."
    if column.values:
        yield f"Values: {', '.join(column.values)}."
    if column.aliases:
        said = (f"{alias.replace('_', ' ')} = {value}" for alias, value in column.aliases.items())
        yield f"Also read: {'; '.join(said)}."
    if column.blank:
        yield f"Blank: the row is set aside ({column.blank})."
    if column.unreadable == "blanked":
        yield "Unreadable: read as blank, and counted."
    elif column.unreadable:
        yield f"Unreadable: the row is set aside ({column.unreadable})."


def _word(kind: str) -> str:
    return {"enum": "code"}.get(kind, kind).replace("_", " ")
