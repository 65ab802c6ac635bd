"""What the rest of the package asks of an engine, and nothing more.

The package writes plain SQL that every engine runs as it is written: COUNT
FILTER, CASE, COALESCE, MIN, ROW_NUMBER, UNION ALL. An engine class owns what
differs between them: taking in rows, parameters, tables made from queries.
Values travel as parameters, never as SQL text.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

Parameter = str | int | datetime.date | None


class Engine(Protocol):
    """One open engine with tables of its own, gone when it is closed."""

    name: str

    def create(
        self,
        table: str,
        columns: Mapping[str, str],
        values: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        """Make an empty table of these columns and SQL types.

        ``values`` are the only texts that some of the columns may hold. Batches
        have such a column as small integers: the place of the text among them,
        from 1, and 0 for NULL. Queries see the texts.
        """

    def bulk(self, at_once: int = 16) -> AbstractContextManager[None]:
        """A block in which many batches are appended; on an error they are worth nothing.

        So many batches of a table may be held before they are taken in ``at_once``.
        """

    def append(self, table: str, batch: Any) -> None:
        """Add an Arrow record batch to a table; columns that it lacks are NULL.

        A batch column ``_key`` is not stored: the table's ``_print`` becomes a
        fingerprint of it.
        """

    def append_query(self, table: str, sql: str, **parameters: Parameter) -> None:
        """Add the rows of a query, whose columns are the table's in order."""

    def create_from(self, table: str, sql: str, **parameters: Parameter) -> None:
        """Make a table of the rows of a query; one of that name is replaced."""

    def drop(self, table: str) -> None:
        """Let go of a table that :meth:`create_from` has made, before the next statement.

        It may be called at any moment, also where the engine is closed already.
        """

    def define(self, view: str, sql: str) -> None:
        """Give a query a name, or a name another query. It takes no parameters."""

    def fetch(self, sql: str, **parameters: Parameter) -> list[tuple[Any, ...]]:
        """The rows of a query."""

    def arrow(self, sql: str) -> Any:
        """The rows of a query as an Arrow stream, for another engine. It takes no parameters."""

    def load_arrow(self, table: str, rows: Any) -> None:
        """Make a table of an Arrow stream that :meth:`arrow` of another engine has given."""

    def columns(self, table: str) -> list[str]:
        """The names of a table's columns; none where there is no such table."""

    def repeated(self, table: str, column: str) -> str:
        """A condition on the rows of a table: true wherever another row has the same value.

        It may hold for a few rows more, never for fewer, so that what has to be
        compared exactly is compared among few.
        """

    def days_between(self, start: str, end: str) -> str:
        """The SQL of the whole days from one date to another."""

    def load_parquet(self, table: str, path: Path) -> None:
        """Make a table of the rows of a Parquet file that :meth:`write_parquet` has written.

        Raises DataError when it is not a complete Parquet file.
        """

    def write_parquet(self, sql: str, path: Path, in_order: bool = True) -> None:
        """Write the rows of a query as a Parquet file. It takes no parameters.

        They stand in the query's order, or in any where that does not matter.

        Raises OSError when the file cannot be written.
        """

    def close(self) -> None:
        """Drop everything that was held, in memory and on disk."""


def identifier(name: str) -> str:
    """A column name from data as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def decoded(name: str, values: Sequence[str]) -> str:
    """DuckDB's SQL of the text that a small integer of a batch stands for, see ``create``."""
    listed = ", ".join("'" + value.replace("'", "''") + "'" for value in values)
    return f"CAST([{listed}] AS ENUM({listed})[])[{identifier(name)}]"


def used_parameters(sql: str, parameters: Mapping[str, Parameter]) -> dict[str, Parameter]:
    """Those parameters that a statement names as ``$name``; a column's name may have a $ in it."""
    named = set(re.findall(r"\$([a-z_][a-z_0-9]*)", re.sub(r'"[^"]*"', "", sql)))
    return {name: value for name, value in parameters.items() if name in named}
