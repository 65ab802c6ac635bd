"""Which table a file is: by its header, and by its name only on a tie."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from mpp_cli.errors import DataError, did_you_mean, nearest
from mpp_cli.sources import cbp
from mpp_cli.sources.faults import Fault, other_delimiter
from mpp_cli.sources.files import Input
from mpp_cli.sources.header import excerpt, find, shown
from mpp_cli.sources.ohss_columns import NOT_DATA, are_ohss
from mpp_cli.sources.reading import Reader
from mpp_cli.sources.schema import AGGREGATES, TABLES, Table, table
from mpp_cli.sources.values import heading_key

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
    find(text, lambda header: is_known(header, source))
    header = check_header(source, text)
    published = cbp.recognise(header)
    if published:
        kind, header = published
        return Recognised(cbp.described(table("encounters")), header, kind)
    _check_published(source, text, header)
    known = table_of(header, source.table_name)
    if known is None:
        _check_delimiter(source, text)
        return None
    check_required(source, text, known, header)
    if known.name == "encounters" and "region" not in header:
        check_region(source, text, header)
    return Recognised(known, header, known.name)


def is_known(header: list[str], source: Input) -> bool:
    """Whether a normalised header is one that mpp reads, or would read if it were whole."""
    return (
        table_of(header, source.table_name) is not None
        or cbp.recognise(header) is not None
        or bool(cbp.unknown_headings(header))
        or cbp.lacks_region(header)
    )


def normalised(header: list[str]) -> list[str]:
    """Column names trimmed, in lower case, white space and hyphens as underscores."""
    return [heading_key(name) for name in header]


def table_of(header: list[str], name: str) -> Table | None:
    """The table that a file is by its normalised header, None when it is none.

    It is the one whose columns the header shares most, on a tie the one that ``name``,
    the file's or the sheet's, begins with. The header must share what the table
    requires, more than a ``case_id``; half of it is enough where the name says so, too.
    """
    known = likely_table(header, name)
    if known is None:
        return None
    has = [each for each in known.required if each in header]
    if 2 * len(has) >= len(known.required) and _is_named(known, name):
        return known
    alone = not any(column.name in header for column in known.columns if column.name != "case_id")
    return None if alone or len(has) < len(known.required) else known


def likely_table(header: list[str], name: str) -> Table | None:
    """The table that a header is nearest to, None where it shares nothing with any."""
    if set(header) >= _OWN_REPORT:
        return None  # a report of mpp's own lies beside the data: it is no input
    if all(each in header for each in table(AGGREGATES).required):
        return table(AGGREGATES)
    shared = {each: sum(c.name in header for c in table(each).columns) for each in TABLES}
    most = max(shared.values())
    if most == 0:
        return None
    best = [table(each) for each in TABLES if shared[each] == most]
    return next((each for each in best if _is_named(each, name)), best[0])


def _is_named(known: Table, name: str) -> bool:
    return heading_key(name).startswith(known.name)


def what_is_missing(source: Input, text: Reader) -> str:
    """Why a file is no table, with the columns that the nearest one has besides."""
    header = normalised(text.header or [])
    if are_ohss(header):
        return NOT_DATA
    near = likely_table(header, source.table_name)
    if near is None:
        return "none of its column headings match a table that mpp reads"
    missing = [name for name in near.required if name not in header]
    if not missing:
        return (
            f"its headings share only case_id with the table {near.name}, which any list of "
            "cases has"
        )
    listed = ", ".join(missing)
    columns = f"the column {listed} is" if len(missing) == 1 else f"the columns {listed} are"
    return f"its headings are nearest to the table {near.name}, of which {columns} missing"


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
            excerpt=excerpt(text),
            hint="rename or remove one of the two columns",
        )
    return header


def _check_delimiter(source: Input, text: Reader) -> None:
    """Refuse a file that would be a table if its columns were separated as its name says."""
    found = other_delimiter(text.header or [], source.delimiter.decode())
    if found:
        names, fault = normalised(found[0]), found[1]
        if not names or is_known(names, source):
            raise _refused(source, text, fault)


def _check_published(source: Input, text: Reader, header: list[str]) -> None:
    """Refuse a file that is nearly one of CBP's: its region may go by another name."""
    unknown = cbp.unknown_headings(header)
    if not unknown and not cbp.lacks_region(header):
        return
    message = "has places all over the country and no column Land Border Region"
    hint = "give the file as CBP published it, or map it as the table encounters in mpp.toml"
    if unknown:
        message = (
            f'the heading "{_as_written(text, unknown[0])}" is not in any file that CBP published'
        )
        region = cbp.heading_of_region(unknown)
        if region is not None and "land_border_region" not in header:
            written = _as_written(text, region)
            hint = f'rename "{written}" to "Land Border Region" if that is what it is, or {hint}'
    raise DataError(
        message, file=source.name, line=text.header_line, excerpt=excerpt(text), hint=hint
    )


def check_region(source: Input, text: Reader, headings: Sequence[str]) -> None:
    """Refuse encounters whose border region is not read: all of them would be the southwest's."""
    region = cbp.heading_of_region(headings)
    if region is not None:
        raise DataError(
            f'the heading "{_as_written(text, region)}" seems to say on which border an encounter '
            "was, and the table encounters has that in its column region",
            file=source.name,
            line=text.header_line,
            excerpt=excerpt(text),
            hint="call it region, or map it in mpp.toml under [tables.encounters.columns]",
        )


def _as_written(text: Reader, heading: str) -> str:
    written = (each for each in text.header or () if heading_key(each) == heading)
    return shown(next(written, heading))


def _refused(source: Input, text: Reader, fault: Fault) -> DataError:
    return DataError(
        fault.message,
        file=source.name,
        line=text.header_line or None,
        excerpt=excerpt(text),
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
                excerpt=excerpt(text),
                hint=_remedy(name, strange, known),
            )


def _remedy(name: str, strange: list[str], known: Table) -> str:
    """What to do about a missing column: a heading that is nearly its name may be meant."""
    if nearest(name, strange) is not None:
        return did_you_mean(name, strange)
    return f"add the column, or map another heading in mpp.toml; see `mpp schema {known.name}`"
