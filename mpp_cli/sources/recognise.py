"""Which table a file is: by its header, and by its name only on a tie."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from mpp_cli.errors import DataError, did_you_mean, nearest
from mpp_cli.sources import cbp
from mpp_cli.sources.faults import Fault, other_delimiter
from mpp_cli.sources.files import Input
from mpp_cli.sources.reading import Reader
from mpp_cli.sources.schema import AGGREGATES, TABLES, Table, table
from mpp_cli.sources.values import name_key

#: Columns that mpp's CSV reports have, and no export of data.
_OWN_REPORT = {"as_of", "goal", "metric", "measure", "display", "unit", "status", "footnotes"}


@dataclass(frozen=True)
class Recognised:
    """What a file is: its table, its column names as the table's, and its kind.

    ``header`` has an empty name for a column to be ignored. ``kind`` is the
    table's name, or the shape of a published file.
    """

    table: Table
    header: list[str]
    kind: str


def recognise(source: Input, text: Reader) -> Recognised | None:
    """What a file is, None when it is nothing that mpp knows.

    Raises DataError for a file that is known and cannot be used.
    """
    header = check_header(source, text)
    published = cbp.recognise(header)
    if published:
        kind, header = published
        return Recognised(cbp.described(table("encounters")), header, kind)
    known = table_of(header, source.file_name)
    if known is None:
        _check_delimiter(source, text)
        return None
    check_required(source, text, known, header)
    return Recognised(known, header, known.name)


def normalised(header: list[str]) -> list[str]:
    """Column names trimmed, in lower case, spaces and hyphens as underscores."""
    return [name_key(name) for name in header]


def table_of(header: list[str], file_name: str) -> Table | None:
    """The table whose columns a normalised header shares most, None when it shares none.

    On a tie it is the one that the file's name begins with. A header that
    holds no required column is that of no table, unless the name says which.
    """
    if set(header) >= _OWN_REPORT:
        return None  # a report of mpp's own lies beside the data: it is no input
    if all(name in header for name in table(AGGREGATES).required):
        return table(AGGREGATES)
    shared = {name: sum(column.name in header for column in table(name).columns) for name in TABLES}
    most = max(shared.values())
    if most == 0:
        return None
    best = [name for name in TABLES if shared[name] == most]
    by_name = [name for name in best if file_name.lower().startswith(name)]
    known = table((by_name or best)[0])
    if not by_name and not any(name in header for name in known.required):
        return None
    return known


def check_header(source: Input, text: Reader) -> list[str]:
    """The normalised header of a file; DataError when it is empty or cannot be used."""
    if text.header is None:
        raise DataError(
            "the file is empty: it has no header row",
            file=source.name,
            hint="a table without rows still needs its header; `mpp schema` lists the columns",
        )
    if text.header_fault:
        raise _refused(source, text, text.header_fault)
    header = normalised(text.header)
    repeated = [name for name, times in Counter(header).items() if name and times > 1]
    if repeated:
        raise DataError(
            f'the column "{repeated[0]}" is there more than once',
            file=source.name,
            line=text.header_line,
            excerpt=",".join(text.header),
            hint="rename or remove one of the two columns",
        )
    return header


def _check_delimiter(source: Input, text: Reader) -> None:
    """Refuse a file that would be a table if its columns were separated as its name says."""
    found = other_delimiter(text.header or [], source.delimiter.decode())
    if found:
        names, fault = normalised(found[0]), found[1]
        if not names or table_of(names, source.file_name) or cbp.recognise(names):
            raise _refused(source, text, fault)


def _refused(source: Input, text: Reader, fault: Fault) -> DataError:
    return DataError(
        fault.message,
        file=source.name,
        line=text.header_line or None,
        excerpt=",".join(text.header or []),
        hint=fault.hint,
    )


def check_required(source: Input, text: Reader, known: Table, header: list[str]) -> None:
    """Refuse a file that lacks a column without which its table cannot be read."""
    strange = [each for each in header if each and known.column(each) is None]
    for name in known.required:
        if name not in header:
            raise DataError(
                f'the required column "{name}" of the table {known.name} is missing',
                file=source.name,
                line=text.header_line,
                excerpt=",".join(text.header or []),
                hint=_remedy(name, strange, known),
            )


def _remedy(name: str, strange: list[str], known: Table) -> str:
    """What to do about a missing column: a heading that is nearly its name may be meant."""
    if nearest(name, strange) is not None:
        return did_you_mean(name, strange)
    return f"add the column, or map another heading in mpp.toml; see `mpp schema {known.name}`"
