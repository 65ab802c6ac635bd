"""Spark: the same SQL on all cores of this machine or on a standalone cluster.

Rows are read and accounted for here, as for every engine, and handed to Spark
as Arrow batches. Spark has no tables of ours: a table is a list of immutable
pieces, kept in the memory of the executors, and a temporary view over them. What
an executor has lost is made again from where it came from, in the end from the
batches that this process has handed over, so no shared folder is needed.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mpp_cli.engines.base import Parameter, used_parameters
from mpp_cli.engines.spark_rows import Rows
from mpp_cli.engines.spark_session import leased

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

#: What Spark calls the types of our tables. A fingerprint keeps its bits: only
#: whether two are equal is ever asked.
TYPES = {"VARCHAR": "STRING", "INTEGER": "INT", "UBIGINT": "BIGINT"}

#: What differs in the text of a statement: texts, quoted names, parameters and some types.
_TOKEN = re.compile(
    r"""(?P<text>'(?:[^']|'')*')|"(?P<name>(?:[^"]|"")*)"|\$(?P<given>[a-z_][a-z_0-9]*)"""
    r"""|(?P<type>\b(?:VARCHAR|UBIGINT)\b)"""
)


class Spark:
    """A session of its own on a Spark that this process starts, or shares with another engine."""

    name = "spark"

    def __init__(self, master: str) -> None:
        self._lease = leased(master)
        self._master = master
        self._spark = self._lease.session
        self._types: dict[str, dict[str, str]] = {}
        self._pieces: dict[str, list[DataFrame]] = {}
        self._arriving: dict[str, Rows] = {}
        self._dropped: list[str] = []

    @contextmanager
    def bulk(self, at_once: int = 16) -> Iterator[None]:
        """Take in many batches: they go to a private file, and to Spark when they are asked for."""
        yield

    def create(
        self,
        table: str,
        columns: Mapping[str, str],
        values: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        """Make an empty table of these columns and SQL types."""
        self._types[table] = {name: TYPES.get(kind, kind) for name, kind in columns.items()}
        self._pieces[table] = []
        self._arriving[table] = Rows(self._lease.folder, columns, values or {})
        self._show(table)

    def append(self, table: str, batch: Any) -> None:
        """Add an Arrow record batch to a table; columns that it lacks are NULL."""
        self._arriving[table].append(batch)

    def append_query(self, table: str, sql: str, **parameters: Parameter) -> None:
        """Add the rows of a query, whose columns are the table's in order."""
        types = self._types[table]
        chosen = (_cast(_quoted(name), name, kind) for name, kind in types.items())
        with self._at_work():
            rows = self._query(sql, parameters).toDF(*types).selectExpr(*chosen).toArrow()
        # They come back here and go to Spark as rows of their own. Left where they
        # are they would stay a query, and each query on the table would hold it
        # as often as it names the table, and so would the next one: Spark took
        # minutes to compare what had grown out of ten such steps.
        self._arriving[table].extend(rows)

    def create_from(self, table: str, sql: str, **parameters: Parameter) -> None:
        """Make a table of the rows of a query; one of that name is replaced."""
        self._replace(table, self._query(sql, parameters))

    def drop(self, table: str) -> None:
        """Let go of a table before the next statement."""
        self._dropped.append(table)

    def define(self, view: str, sql: str) -> None:
        """Give a query a name, or a name another query. It takes no parameters."""
        self._name(view, self._query(sql, {}))

    def fetch(self, sql: str, **parameters: Parameter) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        with self._at_work():
            return [tuple(row) for row in self._query(sql, parameters).collect()]

    def arrow(self, sql: str) -> Any:
        """The rows of a query as an Arrow stream, for another engine. It takes no parameters."""
        with self._at_work():
            return self._query(sql, {}).toArrow()

    def load_arrow(self, table: str, rows: Any) -> None:
        """Make a table of an Arrow stream that another engine has given."""
        import pyarrow as pa

        self._replace(table, self._spark.createDataFrame(pa.table(rows)))

    def columns(self, table: str) -> list[str]:
        """The names of a table's columns; none where there is no such table."""
        return list(self._spark.table(table).columns) if table in self._pieces else []

    def repeated(self, table: str, column: str) -> str:
        """A condition on the rows of a table: true wherever another row has the same value."""
        return f"{column} IN (SELECT {column} FROM {table} GROUP BY {column} HAVING COUNT(*) > 1)"

    def days_between(self, start: str, end: str) -> str:
        """The SQL of the whole days from one date to another."""
        return f"date_diff(CAST({end} AS DATE), CAST({start} AS DATE))"

    def load_parquet(self, table: str, path: Path) -> None:
        """Make a table of a Parquet file that mpp itself has written.

        Raises DataError when it is not a complete Parquet file.
        """
        # Executors cannot read a file of this machine.
        from mpp_cli.engines.duckdb import DuckDB

        reader = DuckDB()
        try:
            reader.load_parquet("arriving_file", path)
            self.load_arrow(table, reader.arrow("SELECT * FROM arriving_file"))
        finally:
            reader.close()

    def write_parquet(self, sql: str, path: Path, in_order: bool = True) -> None:
        """Write the rows of a query, in its order, as a Parquet file."""
        from mpp_cli.engines.duckdb_parquet import to_parquet

        to_parquet(self.arrow(sql), path)

    def close(self) -> None:
        """Drop everything that was held; the last engine that is closed stops Spark."""
        if not self._lease.is_last:
            for pieces in self._pieces.values():
                for piece in pieces:
                    piece.unpersist()
        self._lease.close()

    @contextmanager
    def _at_work(self) -> Iterator[None]:
        """Say in one line that Spark gave up; what is wrong with a statement is a fault of ours."""
        from py4j.protocol import Py4JError

        try:
            yield
        except (Py4JError, ConnectionError, EOFError) as error:
            raise self._lease.broken_off(self._master) from error

    def _query(self, sql: str, parameters: Mapping[str, Parameter]) -> DataFrame:
        while self._dropped:
            dropped = self._dropped.pop()
            for piece in self._pieces.pop(dropped, []):
                piece.unpersist()
            self._spark.catalog.dropTempView(dropped)
        for table, rows in self._arriving.items():
            if rows.waiting:
                self._pieces[table].append(self._spark.createDataFrame(rows.taken()).persist())
                self._show(table)
        given = used_parameters(sql, parameters)
        # Spark takes dates for those of the Julian calendar where that one was
        # in use; a text is the same day everywhere. The statement casts it.
        values = {
            name: value.isoformat() if isinstance(value, datetime.date) else value
            for name, value in given.items()
        }
        return self._spark.sql(_translated(sql, given), args=values)

    def _replace(self, table: str, rows: DataFrame) -> None:
        for piece in self._pieces.get(table, []):
            piece.unpersist()
        self._pieces[table] = [rows.persist()]
        self._show(table)

    def _show(self, table: str) -> None:
        """Let the table's name stand for all of its pieces."""
        first, *others = self._pieces[table] or [self._nothing(table)]
        for other in others:
            first = first.union(other)
        self._name(table, first)

    def _nothing(self, table: str) -> DataFrame:
        columns = (_cast("NULL", name, kind) for name, kind in self._types[table].items())
        return self._spark.sql(f"SELECT {', '.join(columns)} WHERE FALSE")

    def _name(self, view: str, rows: DataFrame) -> None:
        # Replacing a view would drop all kept rows that were made with it; after
        # dropping it by itself they stay.
        self._spark.catalog.dropTempView(view)
        rows.select("*").createTempView(view)


def _translated(sql: str, given: Mapping[str, Parameter]) -> str:
    """A statement in Spark's dialect."""

    def each(token: re.Match[str]) -> str:
        if token["text"] is not None:
            # A backslash is an ordinary character in our texts.
            return token["text"].replace("\\", "\\\\")
        if token["name"] is not None:
            return _quoted(token["name"].replace('""', '"'))
        if token["type"] is not None:
            return TYPES[token["type"]]
        name = token["given"]
        is_date = isinstance(given[name], datetime.date)
        return f"CAST(:{name} AS DATE)" if is_date else f":{name}"

    return _TOKEN.sub(each, sql)


def _cast(value: str, name: str, kind: str) -> str:
    return f"CAST({value} AS {kind}) AS {_quoted(name)}"


def _quoted(name: str) -> str:
    """A column name in Spark's quotes; between double ones stands a text."""
    return "`" + name.replace("`", "``") + "`"
