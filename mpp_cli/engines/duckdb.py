"""DuckDB, the embedded engine.

numpy and nanoarrow are imported where rows come in or go out by the million: an
answer from tables that are there needs neither, and would wait longer for them than
for its figures.
"""

from __future__ import annotations

import shutil
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from mpp_cli.embedded import connect
from mpp_cli.engines.base import Parameter, decoded, identifier, used_parameters
from mpp_cli.engines.duckdb_parquet import MEMORY_LIMIT, copy, exact, quoted, to_parquet
from mpp_cli.errors import DataError
from mpp_cli.scratch import Scratch

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: Statements that may wait while one runs.
_STATEMENTS_AHEAD = 1


#: Hashes that are sorted at once, 4 bytes each.
_SORTED_AT_ONCE = 1 << 24


class DuckDB:
    """An in-memory database that spills to a private folder when it has to."""

    name = "duckdb"

    def __init__(self, tables: Mapping[str, Path] | None = None) -> None:
        """``tables`` are there from the beginning: Parquet files that mpp itself has written.

        Raises DataError when one is not a complete Parquet file.
        """
        self._scratch = Scratch()
        try:
            self._connection = connect()
            self._set(tables or {})
        except BaseException:
            # A signal may come at any moment, and nobody else could close it yet.
            self._scratch.close()
            raise
        self._columns: dict[str, list[str]] = {}
        self._values: dict[str, Mapping[str, Sequence[str]]] = {}
        self._appending: ThreadPoolExecutor | None = None
        self._at_once = 1
        self._waiting: dict[str, list[Any]] = {}
        self._under_way: deque[Future[None]] = deque()
        self._dropped: list[str] = []

    def _set(self, tables: Mapping[str, Path]) -> None:
        settings = {
            "memory_limit": MEMORY_LIMIT,
            "temp_directory": str(self._scratch.path / "spill"),
            # Every row carries its own file and line, so the order in which an
            # engine holds rows means nothing and need not be kept.
            "preserve_insertion_order": "false",
            "enable_progress_bar": "false",
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
        }
        for setting, value in settings.items():
            self._connection.execute(f"SET {setting} = '{value}'")
        for table, path in tables.items():
            self._load(table, path)
        # No statement of ours reads files or the network, and no text from
        # data may make one do so. Last, for it forbids to set the others.
        inside = quoted(str(self._scratch.path))
        self._connection.execute(f"SET allowed_directories = [{inside}]")
        self._connection.execute("SET enable_external_access = 'false'")

    @contextmanager
    def bulk(self, at_once: int = 16) -> Iterator[None]:
        """Take in many batches while the next ones are being read.

        A statement costs as much as a batch of a few thousand rows, so one takes in several.
        """
        self._appending, self._at_once = ThreadPoolExecutor(1), at_once
        try:
            yield
            self._finish()
        except BaseException:
            self._waiting.clear()
            self._under_way.clear()
            self._appending.shutdown(cancel_futures=True)
            raise
        finally:
            self._appending.shutdown()
            self._appending, self._at_once = None, 1

    def _finish(self) -> None:
        """Take in all that waits; raise what a statement has raised."""
        for table in [*self._waiting]:
            self._take(table)
        self._await(0)

    def _await(self, leave: int) -> None:
        """Wait until no more than so many statements are under way."""
        while len(self._under_way) > leave:
            self._under_way.popleft().result()

    def create(
        self,
        table: str,
        columns: Mapping[str, str],
        values: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        """Make an empty table of these columns and SQL types.

        A text of a few known ones takes 1 byte instead of 16: in memory DuckDB
        does not compress, and most of our columns are of this kind.
        """
        self._columns[table] = list(columns)
        self._values[table] = values or {}
        kinds = {
            **columns,
            **{
                name: f"ENUM({', '.join(map(quoted, known))})"
                for name, known in self._values[table].items()
            },
        }
        body = ", ".join(f"{identifier(name)} {kind}" for name, kind in kinds.items())
        self._connection.execute(f"CREATE TABLE {table} ({body})")

    def append(self, table: str, batch: Any) -> None:
        """Add an Arrow record batch to a table; columns that it lacks are NULL."""
        waiting = self._waiting.setdefault(table, [])
        if waiting and _names(waiting[0]) != _names(batch):
            self._take(table)
        self._waiting.setdefault(table, []).append(batch)
        if len(self._waiting[table]) >= self._at_once:
            self._take(table)

    def _take(self, table: str) -> None:
        """Take in the batches of a table that wait."""
        batches = self._waiting.pop(table, [])
        if not batches:
            return
        if self._appending is None:
            self._insert(table, batches)
        else:
            self._await(_STATEMENTS_AHEAD)
            self._under_way.append(self._appending.submit(self._insert, table, batches))

    def _insert(self, table: str, batches: Sequence[Any]) -> None:
        import nanoarrow as na
        from nanoarrow.c_array_stream import CArrayStream

        given = _names(batches[0])
        names = [name for name in self._columns[table] if name in given]
        coded = self._values[table]
        chosen = [
            decoded(name, coded[name]) if name in coded else identifier(name) for name in names
        ]
        if "_key" in given:
            names.append("_print")
            chosen.append("hash(_key)")
        into = ", ".join(identifier(name) for name in names)
        # A registered name, not a replacement scan: DuckDB would look through
        # the variables of every caller for one called "arriving".
        arrays = [na.c_array(batch) for batch in batches]
        stream = CArrayStream.from_c_arrays(arrays, na.c_schema(batches[0].schema), move=False)
        self._connection.register("arriving", na.ArrayStream(stream))
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

    def drop(self, table: str) -> None:
        """Let go of a table before the next statement.

        Not now: whoever reads no further may be found out while a statement runs.
        """
        self._dropped.append(table)

    def define(self, view: str, sql: str) -> None:
        """Give a query a name. It takes no parameters."""
        self._connection.execute(f"CREATE OR REPLACE VIEW {view} AS {sql}")

    def fetch(self, sql: str, **parameters: Parameter) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        rows: list[tuple[Any, ...]] = self._execute(sql, parameters).fetchall()
        return rows

    def arrow(self, sql: str) -> Any:
        """The rows of a query as an Arrow stream, for another engine. It takes no parameters."""
        import nanoarrow as na

        return na.ArrayStream(na.c_array_stream(self._connection.sql(sql)))

    def load_arrow(self, table: str, rows: Any) -> None:
        """Make a table of an Arrow stream that another engine has given."""
        self._connection.register("arriving", rows)
        self._connection.execute(f"CREATE OR REPLACE TABLE {table} AS SELECT * FROM arriving")
        self._connection.unregister("arriving")

    def columns(self, table: str) -> list[str]:
        """The names of a table's columns; none where there is no such table."""
        rows = self.fetch(
            "SELECT column_name FROM duckdb_columns() WHERE table_name = $name "
            "ORDER BY column_index",
            name=table,
        )
        return [str(name) for (name,) in rows]

    def repeated(self, table: str, column: str) -> str:
        """A condition on the rows of a table: true wherever another row has the same value.

        Measured: to sort 32 bits of every value's hash takes a third of the time
        of GROUP BY, and 4 bytes a row. Values that share these bits by chance
        meet the condition as well; they are few, and compared exactly by others.
        """
        import nanoarrow as na
        import numpy as np

        bits = f"CAST(hash({column}) >> 32 AS UINTEGER)"
        (rows,) = self.fetch(f"SELECT count(*) FROM {table}")[0]
        parts = rows // _SORTED_AT_ONCE + 1
        found: list[NDArray[np.uint32]] = []
        for part in range(parts):
            among = f" WHERE hash({column}) % {parts} = {part}" if parts > 1 else ""
            values = self._execute(f"SELECT {bits} AS bits FROM {table}{among}", {})
            sorted_ = np.sort(values.fetchnumpy()["bits"])
            found.append(np.unique(sorted_[1:][sorted_[1:] == sorted_[:-1]]))
        shared = np.concatenate(found).astype(np.uint32)
        if not len(shared):
            return "FALSE"
        name = f"repeated_{len(self._columns)}"
        self.create(name, {"bits": "UINTEGER"})
        kind = na.uint32()
        arrays = na.c_array_from_buffers(kind, len(shared), [None, shared])
        schema = na.struct({"bits": arrays.schema})
        batch = na.c_array_from_buffers(schema, len(shared), [None], children=[arrays])
        self._insert(name, [na.Array(batch)])
        return f"{bits} IN (SELECT bits FROM {name})"

    def days_between(self, start: str, end: str) -> str:
        """The SQL of the whole days from one date to another."""
        # A parameter has no type of its own, and the function has several forms.
        return f"date_diff('day', CAST({start} AS DATE), CAST({end} AS DATE))"

    def _load(self, table: str, path: Path) -> None:
        """Make a table of a Parquet file, as long as files may be read."""
        # The path is a parameter: nothing in it is read as SQL or as a pattern.
        create = f"CREATE TABLE {table} AS SELECT * FROM read_parquet($path)"
        try:
            self._connection.execute(create, {"path": exact(path)})
        except duckdb.Error as error:
            raise DataError("is not a complete Parquet file", file=path.name) from error

    def load_parquet(self, table: str, path: Path) -> None:
        """Make a table of a Parquet file that mpp itself has written.

        Raises DataError when it is not a complete Parquet file.
        """
        import nanoarrow as na

        with connect() as reader:
            # A connection of its own: this one may touch no file. The path is a
            # parameter there, so nothing in it is read as SQL or as a pattern.
            reader.execute(f"SET memory_limit = '{MEMORY_LIMIT}'")
            query = "SELECT * FROM read_parquet($path)"
            try:
                rows = reader.sql(query, params={"path": exact(path)})
                self._connection.register("arriving", na.ArrayStream(na.c_array_stream(rows)))
                create = f"CREATE OR REPLACE TABLE {table} AS SELECT * FROM arriving"
                self._connection.execute(create)
            except duckdb.Error as error:
                raise DataError("is not a complete Parquet file", file=path.name) from error
            self._connection.unregister("arriving")

    def write_parquet(self, sql: str, path: Path, in_order: bool = True) -> None:
        """Write the rows of a query as a Parquet file."""
        if in_order:
            to_parquet(self._connection.sql(sql), path)
            return
        # By all cores, and without a second database beside this one.
        inside = self._scratch.path / "leaving.parquet"
        try:
            copy(self._connection, sql, inside)
            shutil.move(inside, path)
        finally:
            inside.unlink(missing_ok=True)

    def close(self) -> None:
        """Drop everything that was held, in memory and on disk."""
        try:
            self._connection.close()
        finally:
            self._scratch.close()

    def _execute(self, sql: str, parameters: Mapping[str, Parameter]) -> Any:
        self._finish()
        while self._dropped:
            self._connection.execute(f"DROP TABLE IF EXISTS {self._dropped.pop()}")
        # DuckDB refuses parameters that a statement does not name.
        return self._connection.execute(sql, used_parameters(sql, parameters))


def _names(batch: Any) -> list[str]:
    return [child.name for child in batch.schema.fields]
