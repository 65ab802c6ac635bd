"""What a file is, and whether it is read: by its mapping, else by its header."""

from __future__ import annotations

from mpp_cli.errors import DataError
from mpp_cli.results import Warning
from mpp_cli.sources.account import FileAccount
from mpp_cli.sources.files import PLAIN, Dialect, Input
from mpp_cli.sources.mapping.admission import Admission, Seen
from mpp_cli.sources.parquet import ParquetTable
from mpp_cli.sources.reading import Reader, reader
from mpp_cli.sources.recognise import recognise
from mpp_cli.sources.schema import table

_TABLES_LISTED = "`mpp schema` lists the tables and their columns"


def admit(
    source: Input, admission: Admission | None, first: int
) -> tuple[list[FileAccount], list[Warning]]:
    """The accounts of a file, numbered from ``first``, and what is to be said of it.

    A file that was found and is nothing that mpp knows is passed over, one that
    was named is refused. Raises DataError.
    """
    plain: list[Reader] = []

    def open(dialect: Dialect) -> Reader:
        if dialect != PLAIN:
            return reader(source, dialect)
        if not plain:
            plain.append(reader(source))
        return plain[0]

    seen = admission.admit(source, open) if admission else []
    if seen:
        return _mapped(source, seen, first), []
    text = open(PLAIN)
    known = recognise(source, text)
    if known is None:
        if source.named:
            raise DataError(
                "its header is that of no table mpp knows",
                file=source.name,
                line=text.header_line,
                excerpt=",".join(text.header or []),
                hint=next(iter(admission.unused() if admission else ()), _TABLES_LISTED),
            )
        told = f"{source.name} was passed over: its header is that of no table mpp knows"
        return [], [Warning("passed-over", told, source.name)]
    _check_columns(text)
    return [FileAccount(first, source, text, known.table, known.header, known.kind)], []


def _mapped(source: Input, seen: list[Seen], first: int) -> list[FileAccount]:
    found: list[FileAccount] = []
    for each in seen:
        _check_columns(each.text)
        for view in each.views:
            name, number = view.mapped.name, first + len(found)
            found.append(
                FileAccount(number, source, each.text, table(name), view.columns, name, view=view)
            )
    return found


def _check_columns(text: Reader) -> None:
    if isinstance(text, ParquetTable):
        text.check_columns()
