"""DuckDB, the embedded engine."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import nanoarrow as na

from mpp_cli.engines.base import Parameter, identifier, used_parameters
from mpp_cli.errors import DataError
from mpp_cli.scratch import Scratch

#: Memory that DuckDB may hold before it spills to disk.
MEMORY_LIMIT = "512MB"


#: Batches that may wait while one is taken in: memory for a little evenness.
_BATCHES_AHEAD = 2

#: Batches that are taken in by one transaction.
_BATCHES_A_TRANSACTION = 8


class DuckDB:
    """An in-memory database that spills to a private folder when it has to."""

    name = "duckdb"

    def __init__(self) -> None:
        self._scratch = Scratch()
        try:
            self._connection = duckdb.connect(":memory:")
            self._set()
        except BaseException:
            # A signal may come at any moment, and nobody else could close it yet.
            self._scratch.close()
            raise
        self._columns: dict[str, list[str]] = {}
        self._appending: ThreadPoolExecutor | None = None
        self._appended = 0
        self._under_way: deque[Future[None]] = deque()

    def _set(self) -> None:
        settings = {
            "memory_limit": MEMORY_LIMIT,
            "temp_directory": str(self._scratch.path / "spill"),
            # Every row carries its own file and line, so the order in which an
            # engine holds rows means nothing and need not be kept.
            "preserve_insertion_order": "false",
            "enable_progress_bar": "false",
            # No statement of ours reads files or the network, and no text from
            # data may make one do so. Last, for it forbids to set the others.
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "enable_external_access": "false",
        }
        for setting, value in settings.items():
            self._connection.execute(f"SET {setting} = '{value}'")

    @contextmanager
    def bulk(self) -> Iterator[None]:
        """Take in many batches while the next ones are being read.

        Measured: a transaction for each batch costs twice the time of one for
        many, but rows of an open transaction cannot be spilled to disk.
        """
        self._connection.execute("BEGIN")
        self._appending, self._appended = ThreadPoolExecutor(1), 0
        try:
            yield
            self._finish(leave=0)
            self._connection.execute("COMMIT")
        except BaseException:
            self._under_way.clear()
            self._appending.shutdown(cancel_futures=True)
            self._connection.execute("ROLLBACK")
            raise
        finally:
            self._appending.shutdown()
            self._appending = None

    def _finish(self, leave: int) -> None:
        """Wait until no more than ``leave`` batches are under way; raise what they raised."""
        while len(self._under_way) > leave:
            self._under_way.popleft().result()

    def create(self, table: str, columns: Mapping[str, str]) -> None:
        """Make an empty table of these columns and SQL types."""
        self._columns[table] = list(columns)
        body = ", ".join(f"{identifier(name)} {kind}" for name, kind in columns.items())
        self._connection.execute(f"CREATE TABLE {table} ({body})")

    def append(self, table: str, batch: Any) -> None:
        """Add an Arrow record batch to a table; columns that it lacks are NULL."""
        if self._appending is None:
            self._append(table, batch)
        else:
            self._finish(leave=_BATCHES_AHEAD)
            self._under_way.append(self._appending.submit(self._append, table, batch))

    def _append(self, table: str, batch: Any) -> None:
        self._insert(table, batch)
        self._appended += 1
        if self._appending is not None and self._appended % _BATCHES_A_TRANSACTION == 0:
            self._connection.execute("COMMIT")
            self._connection.execute("BEGIN")

    def _insert(self, table: str, batch: Any) -> None:
        given = [child.name for child in batch.schema.fields]
        names = [name for name in self._columns[table] if name in given]
        chosen = [identifier(name) for name in names]
        if "_key" in given:
            names.append("_print")
            chosen.append("hash(_key)")
        into = ", ".join(identifier(name) for name in names)
        # A registered name, not a replacement scan: DuckDB would look through
        # the variables of every caller for one called "arriving".
        self._connection.register("arriving", batch)
        self._connection.execute(
            f"INSERT INTO {table} ({into}) SELECT {', '.join(chosen)} FROM arriving"
        )
        self._connection.unregister("arriving")

    def append_query(self, table: str, sql: str, **parameters: Parameter) -> None:
        """Add the rows of a query, whose columns are the table's in order."""
        self._execute(f"INSERT INTO {table} {sql}", parameters)

    def create_from(self, table: str, sql: str, **parameters: Parameter) -> None:
        """Make a table of the rows of a query."""
        self._execute(f"CREATE OR REPLACE TABLE {table} AS {sql}", parameters)

    def define(self, view: str, sql: str) -> None:
        """Give a query a name. It takes no parameters."""
        self._connection.execute(f"CREATE OR REPLACE VIEW {view} AS {sql}")

    def fetch(self, sql: str, **parameters: Parameter) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        rows: list[tuple[Any, ...]] = self._execute(sql, parameters).fetchall()
        return rows

    def arrow(self, sql: str) -> Any:
        """The rows of a query as an Arrow stream, for another engine. It takes no parameters."""
        return na.ArrayStream(na.c_array_stream(self._connection.sql(sql)))

    def load_arrow(self, table: str, rows: Any) -> None:
        """Make a table of an Arrow stream that another engine has given."""
        self._connection.register("arriving", rows)
        self._connection.execute(f"CREATE OR REPLACE TABLE {table} AS SELECT * FROM arriving")
        self._connection.unregister("arriving")

    def days_between(self, start: str, end: str) -> str:
        """The SQL of the whole days from one date to another."""
        # A parameter has no type of its own, and the function has several forms.
        return f"date_diff('day', CAST({start} AS DATE), CAST({end} AS DATE))"

    def load_parquet(self, table: str, path: Path) -> None:
        """Make a table of a Parquet file that mpp itself has written.

        Raises DataError when it is no whole Parquet file.
        """
        with duckdb.connect(":memory:") as reader:
            # A connection of its own: this one may touch no file. The path is a
            # parameter there, so nothing in it is read as SQL or as a pattern.
            reader.execute(f"SET memory_limit = '{MEMORY_LIMIT}'")
            query = "SELECT * FROM read_parquet($path)"
            try:
                rows = reader.sql(query, params={"path": _exact(path)})
                self._connection.register("arriving", na.ArrayStream(na.c_array_stream(rows)))
                create = f"CREATE OR REPLACE TABLE {table} AS SELECT * FROM arriving"
                self._connection.execute(create)
            except duckdb.Error as error:
                raise DataError("is no whole Parquet file", file=path.name) from error
            self._connection.unregister("arriving")

    def write_parquet(self, sql: str, path: Path) -> None:
        """Write the rows of a query, in its order, as a Parquet file."""
        rows = self._connection.sql(sql)
        with duckdb.connect(":memory:") as writer:
            writer.execute(f"SET memory_limit = '{MEMORY_LIMIT}'")
            writer.register("leaving", na.ArrayStream(na.c_array_stream(rows)))
            target = str(path).replace("'", "''")
            writer.execute(
                f"COPY (SELECT * FROM leaving) TO '{target}' (FORMAT parquet, COMPRESSION zstd)"
            )

    def close(self) -> None:
        """Drop everything that was held, in memory and on disk."""
        try:
            self._connection.close()
        finally:
            self._scratch.close()

    def _execute(self, sql: str, parameters: Mapping[str, Parameter]) -> Any:
        self._finish(leave=0)
        # DuckDB refuses parameters that a statement does not name.
        return self._connection.execute(sql, used_parameters(sql, parameters))


def _exact(path: Path) -> str:
    """A path as DuckDB's readers take it literally: their wildcards become classes of one."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in str(path))
