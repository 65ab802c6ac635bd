"""What a file is, and whether it is read: by its mapping, else by its header."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import takewhile
from pathlib import Path

from mpp_cli.errors import DataError
from mpp_cli.results import Warning
from mpp_cli.sources.account import FileAccount
from mpp_cli.sources.files import PLAIN, Dialect, Input
from mpp_cli.sources.header import excerpt
from mpp_cli.sources.mapping.admission import Admission, Seen, loose_header
from mpp_cli.sources.ohss_columns import NOT_DATA, REMEDY
from mpp_cli.sources.parquet import ParquetTable
from mpp_cli.sources.reading import Reader, reader
from mpp_cli.sources.recognise import check_region, recognise, what_is_missing
from mpp_cli.sources.schema import table
from mpp_cli.sources.text import TextFile
from mpp_cli.sources.values import heading_key
from mpp_cli.sources.workbook import SheetTable

#: Columns beyond the known ones in tables whose every column is part of the key.
MOST_KEYS = 100

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

    if source.unread:
        return [], [_passed_over(source.name, source.unread)]
    if admission and admission.leaves_out(source):
        return [], []  # said of all such sheets together
    seen = admission.admit(source, open) if admission else []
    if seen:
        warnings = [each for found in seen for each in _titles(source, found.text)]
        return _mapped(source, seen, first), warnings
    text = open(admission.dialect_of_own(source) if admission else PLAIN)
    known = recognise(source, text) if source.sheet is None or loose_header(text) else None
    if known is None:
        if source.sheet is not None:
            return [], []  # what is said of it depends on the other sheets
        why = what_is_missing(source, text)
        if source.named:
            raise DataError(
                why,
                file=source.name,
                line=text.header_line,
                excerpt=excerpt(text),
                hint=REMEDY
                if why == NOT_DATA
                else next(iter(admission.unused() if admission else ()), _TABLES_LISTED),
            )
        return [], [_passed_over(source.name, f"{why}; {REMEDY}" if why == NOT_DATA else why)]
    _check_columns(text, known.header)
    view = admission.view_of_own(source, known) if admission else None
    header = view.columns if view else known.header
    account = FileAccount(first, source, text, known.table, header, known.kind, view=view)
    _check_key(account)
    return [account], [*_titles(source, text)]


def _titles(source: Input, text: Reader) -> Iterator[Warning]:
    """That the header of a file of text is not its first line."""
    if not isinstance(text, TextFile):
        return
    above = sum(1 for _ in takewhile(lambda each: each[0] < text.header_line, text.first_lines()))
    if above:
        lines = "1 line" if above == 1 else f"{above} lines"
        yield Warning(
            "title-lines",
            f"the {lines} above the column headings were passed over as titles",
            source.name,
            text.header_line,
        )


def _mapped(source: Input, seen: list[Seen], first: int) -> list[FileAccount]:
    found: list[FileAccount] = []
    for each in seen:
        ids = [view.heading("case_id") for view in each.views if "case_id" in view.columns]
        _check_columns(
            each.text,
            ["case_id" if name in map(heading_key, ids) else name for name in each.header],
        )
        for view in each.views:
            name, number = view.mapped.name, first + len(found)
            account = FileAccount(
                number, source, each.text, table(name), view.columns, name, view=view
            )
            _check_key(account)
            if name == "encounters" and "region" not in view.columns:
                check_region(source, each.text, account.extras)
            found.append(account)
    return found


def _check_key(account: FileAccount) -> None:
    """Refuse more columns of a key than can be compared in the memory that there is."""
    extras = account.extras
    if account.table.is_keyed_by_all and len(extras) > MOST_KEYS:
        raise DataError(
            f"{len(extras):,} of its columns are not known to mpp, and all of them would "
            "distinguish its rows",
            file=account.name,
            line=account.reader.header_line,
            excerpt=", ".join(extras[:3]) + ", …",
            hint=f"leave out what is not needed: {MOST_KEYS} such columns can be read",
        )


def _check_columns(text: Reader, header: list[str]) -> None:
    if isinstance(text, ParquetTable):
        text.check_columns()
    if isinstance(text, SheetTable):
        text.take_ids([place for place, name in enumerate(header) if name == "case_id"])


def of_workbooks(sources: Sequence[Input], files: Sequence[FileAccount]) -> Iterator[Warning]:
    """What is to be said of sheets that are no tables.

    Raises DataError for a workbook that was named and has no table at all.
    """
    used = {(each.source.path, each.source.sheet) for each in files}
    sheets: dict[Path, list[Input]] = {}
    for source in sources:
        if source.sheet is not None:
            sheets.setdefault(source.path, []).append(source)
    for path, found in sheets.items():
        left = [each.sheet or "" for each in found if (path, each.sheet) not in used]
        if not left:
            continue
        book = found[0].name.removesuffix(f"/{found[0].sheet}")
        if len(left) == len(found) and found[0].named:
            raise DataError(
                f"none of its sheets is a table that mpp knows: {', '.join(left)}",
                file=book,
                hint=_TABLES_LISTED + "; map other headings in mpp.toml",
            )
        if len(left) == len(found):
            yield _passed_over(book, "none of its sheets is a table that mpp knows")
        else:
            yield _passed_over(f"{book}, {', '.join(left)}", "no table that mpp knows")


def _passed_over(name: str, why: str) -> Warning:
    return Warning("passed-over", f"{name} was passed over: {why}", name)
