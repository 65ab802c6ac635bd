"""Parquet tables, as the rows of text that the same table has as CSV.

Every value becomes text in the spelling of a CSV export, NULL a blank, and
goes through the same judgement, so that a table gives one report and one
account whatever holds it. A row's line is its number in the file, from 1.

DuckDB spells the values and joins those of a row into one text; what it hands
over are these texts and the lengths of their fields.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, BinaryIO

import duckdb
import nanoarrow as na
from nanoarrow._utils import NanoarrowException

from mpp_cli.embedded import connect
from mpp_cli.engines.base import identifier
from mpp_cli.errors import DataError
from mpp_cli.sources.columnar import SEPARATOR, rows_of
from mpp_cli.sources.faults import Fault
from mpp_cli.sources.files import Input
from mpp_cli.sources.text import Block
from mpp_cli.sources.values import EXACT

#: What DuckDB may hold besides the batch that it hands over.
_MEMORY_LIMIT = "384MB"

#: Types whose values have a spelling in a CSV file, by how DuckDB names them.
_SPELLED = frozenset(
    "VARCHAR BOOLEAN TINYINT SMALLINT INTEGER BIGINT HUGEINT UTINYINT USMALLINT UINTEGER UBIGINT "
    "UHUGEINT FLOAT DOUBLE DECIMAL DATE TIME TIMESTAMP TIMESTAMP_S TIMESTAMP_MS TIMESTAMP_NS UUID "
    'ENUM "NULL"'.split()
)
_FLOATS = ("FLOAT", "DOUBLE")
_WITH_ZONE = ("TIMESTAMP WITH TIME ZONE", "TIMESTAMP_NS WITH TIME ZONE", "TIMESTAMPTZ_NS")


_ZONE = re.compile(r"[A-Za-z_]+(?:/[A-Za-z0-9_+-]+)*")


class ParquetTable:
    """One Parquet file, read like a :class:`mpp_cli.sources.text.TextFile`.

    Raises DataError, here and while rows are read, for a file that is not a complete
    Parquet file. Text in Parquet is UTF-8, so that is the encoding it reports.
    """

    encoding = "utf-8"
    header_fault: Fault | None = None
    header_line: int | None = None

    def __init__(self, source: Input) -> None:
        self._source = source
        with self._opened() as (connection, path):
            self.header: list[str] | None = self._names(connection, path)
            self._zones = _zones(connection, path)
            described = connection.execute(f"DESCRIBE {_FROM}", {"path": path}).fetchall()
        self._columns = [(str(name), str(kind)) for name, kind, *_ in described]

    def first_lines(self) -> Iterator[tuple[int, list[str]]]:
        """No lines: the names of the columns are no row."""
        yield from ()

    def begin_at(self, line: int, names: list[str]) -> None:
        """The names of the columns stay the header."""

    def inexact(self, places: Sequence[int]) -> int:
        """The rows with a number in one of these columns that floating point does not hold."""
        tests = [
            f"(NOT isnan({column}) AND abs({column}) >= {EXACT})"
            for column, kind in (self._columns[place] for place in places)
            if kind in _FLOATS
            for column in [identifier(column)]
        ]
        if not tests:
            return 0
        with self._opened() as (connection, path):
            counted = f"count(*) FILTER (WHERE {' OR '.join(tests)})"
            query = _FROM.replace("*", counted)
            (rows,) = connection.execute(query, {"path": path}).fetchall()[0]
            return int(rows)

    def check_columns(self) -> None:
        """Refuse a column whose values are no text, by its name."""
        for name, (_, kind) in zip(self.header or (), self._columns, strict=True):
            plain = kind.partition("(")[0]
            if kind.endswith("]") or (plain not in _SPELLED and kind not in _WITH_ZONE):
                raise DataError(
                    f'the column "{name}" contains {kind} values, which cannot be written as text',
                    file=self._source.name,
                    hint="write the column as text, a number or a date, or leave it out",
                )

    def blocks(self, opened: BinaryIO | None = None) -> Iterator[Block]:
        """The rows, block by block, in bounded memory; ``opened`` is only closed."""
        if opened is not None:
            opened.close()
        first = 1
        with self._opened() as (connection, path):
            # A query relation streams; a cursor would hold every row.
            rows = connection.sql(self._query(), params={"path": path})
            for batch in _batches(rows):
                for fields in rows_of(batch, len(self._columns), first):
                    yield Block(fields)
                first += batch.length

    @contextmanager
    def _opened(self) -> Iterator[tuple[duckdb.DuckDBPyConnection, str]]:
        """A connection that can read this file and nothing else."""
        with self._source.on_disk() as path, connect() as connection:
            text = str(path)
            for statement in (
                f"SET memory_limit = '{_MEMORY_LIMIT}'",
                "SET arrow_large_buffer_size = true",
                "SET enable_progress_bar = false",
                "SET TimeZone = 'UTC'",
                f"SET allowed_paths = ['{text.replace(chr(39), chr(39) * 2)}']",
                "SET enable_external_access = false",
            ):
                connection.execute(statement)
            try:
                yield connection, text
            except duckdb.Error as error:
                raise self._refusal(error, text) from error

    def _refusal(self, error: duckdb.Error, path: str) -> DataError:
        told = str(error).partition("\n")[0].replace(path, self._source.name)
        if "Out of Memory" in told:
            return DataError(
                f"its row groups are too large to be read within {_MEMORY_LIMIT}",
                file=self._source.name,
                hint="write it again with fewer rows per row group, or as CSV",
            )
        return DataError(
            f"not a complete Parquet file: {told}",
            file=self._source.name,
            hint="the file is damaged or was cut short; fetch it again",
        )

    def _names(self, connection: duckdb.DuckDBPyConnection, path: str) -> list[str]:
        """The names of the columns as the file has them; DuckDB renames repeated ones."""
        rows = connection.execute(
            "SELECT name, coalesce(num_children, 0) FROM parquet_schema($path)", {"path": path}
        ).fetchall()
        # The schema is a tree written depth first, its root at the top.
        names, inside = [], 0
        for name, children in rows[1:]:
            if inside == 0:
                names.append(str(name))
            else:
                inside -= 1
            inside += int(children)
        return names

    def _query(self) -> str:
        """One text per row, and the length of each of its fields in bytes."""
        texts = [
            f"coalesce({_text(name, kind, self._zones.get(name, 'UTC'))}, '') AS c{number}"
            for number, (name, kind) in enumerate(self._columns)
        ]
        numbers = range(len(self._columns))
        joined = f" || chr({SEPARATOR[0]}) || ".join(f"c{number}" for number in numbers)
        lengths = ", ".join(f"strlen(c{number})::INTEGER" for number in numbers)
        return f"SELECT {joined}, {lengths} FROM ({_FROM.replace('*', ', '.join(texts))})"


#: Folders with an equals sign in their names are no columns.
_FROM = "SELECT * FROM read_parquet($path, hive_partitioning = false)"


def _zones(connection: duckdb.DuckDBPyConnection, path: str) -> dict[str, str]:
    """The zones in which pandas had the times of columns: Parquet itself keeps them in UTC."""
    rows = connection.execute(
        "SELECT decode(value) FROM parquet_kv_metadata($path) WHERE decode(key) = 'pandas'",
        {"path": path},
    ).fetchall()
    try:
        columns = json.loads(rows[0][0])["columns"] if rows else []
        named = {
            str(each["name"]): str(each["metadata"]["timezone"])
            for each in columns
            if (each.get("metadata") or {}).get("timezone")
        }
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}
    return {name: zone for name, zone in named.items() if _ZONE.fullmatch(zone)}


def _text(name: str, kind: str, zone: str) -> str:
    """A column's values as a CSV export spells them."""
    column = identifier(name)
    if kind in _WITH_ZONE:
        # The date is the one that was written, in its own zone.
        column = f"timezone('{zone}', CAST({column} AS TIMESTAMPTZ))"
    elif kind in _FLOATS:
        whole = f"{column} = trunc({column}) AND abs({column}) < {EXACT}"
        return (
            f"CASE WHEN {whole} THEN CAST(TRY_CAST({column} AS BIGINT) AS VARCHAR) "
            f"WHEN NOT isnan({column}) THEN CAST({column} AS VARCHAR) END"
        )
    elif kind.startswith("DECIMAL"):
        # Databases that have only one kind of number write whole ones with zeros, too.
        whole = f"{column} = trunc({column})"
        return (
            f"CASE WHEN {whole} THEN CAST(CAST({column} AS HUGEINT) AS VARCHAR) "
            f"ELSE CAST({column} AS VARCHAR) END"
        )
    return f"CAST({column} AS VARCHAR)"


def _batches(rows: duckdb.DuckDBPyRelation) -> Iterator[Any]:
    """The Arrow batches of a relation; what stops it is DuckDB's error."""
    try:
        yield from na.c_array_stream(rows)
    except NanoarrowException as error:
        raise duckdb.Error(str(error)) from error
