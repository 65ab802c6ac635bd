"""Rows on their way to Spark: shaped as their table's, in a private file."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mpp_cli.engines.base import decoded, identifier
from mpp_cli.engines.duckdb_connection import connect

#: Bytes of rows that make one partition: enough work for a task, small enough to send.
_PARTITION_BYTES = 16 << 20


class Rows:
    """Batches of one table that Spark has not been given yet.

    They are on disk, so that reading a large file needs no memory here.
    """

    def __init__(
        self, folder: Path, columns: Mapping[str, str], values: Mapping[str, Sequence[str]]
    ) -> None:
        self._folder, self._columns, self._values = folder, columns, values
        self._shaper = connect()
        self._batches: list[Any] = []
        self._bytes = 0
        self._writer: Any = None
        self._path: Path | None = None

    @property
    def waiting(self) -> bool:
        """Whether there are any."""
        return bool(self._batches) or self._writer is not None

    def append(self, batch: Any) -> None:
        """Add a batch; columns that it lacks are NULL, ``_print`` is a fingerprint of ``_key``."""
        self.extend(self._shaped(batch))

    def extend(self, rows: Any) -> None:
        """Add the rows of an Arrow table that has the columns and types already."""
        if not rows.num_rows:
            return
        self._batches.append(rows)
        self._bytes += rows.nbytes
        if self._bytes >= _PARTITION_BYTES:
            self._write()

    def taken(self) -> Any:
        """All of them as an Arrow table; nothing is waiting any longer."""
        import pyarrow as pa

        self._write()
        assert self._path is not None, "taken while nothing was waiting"
        self._writer.close()
        with pa.memory_map(str(self._path)) as file:
            table = pa.ipc.open_file(file).read_all()
        # The table keeps its pages; the name is not needed.
        self._path.unlink()
        self._writer = self._path = None
        return table

    def _shaped(self, batch: Any) -> Any:
        """The batch with the table's columns and types.

        DuckDB is at hand in every installation, and its fingerprint is the one
        that the other engine uses. Spark knows no unsigned numbers.
        """
        given = {child.name for child in batch.schema.fields}
        chosen = []
        for name, kind in self._columns.items():
            if name == "_print" and "_key" in given:
                chosen.append("CAST(hash(_key) >> 1 AS BIGINT) AS _print")
                continue
            if name not in given:
                value = "NULL"
            elif name in self._values:
                value = decoded(name, self._values[name])
            else:
                value = identifier(name)
            kind = "BIGINT" if kind == "UBIGINT" else kind
            chosen.append(f"CAST({value} AS {kind}) AS {identifier(name)}")
        self._shaper.register("arriving", batch)
        try:
            return self._shaper.sql(f"SELECT {', '.join(chosen)} FROM arriving").to_arrow_table()
        finally:
            self._shaper.unregister("arriving")

    def _write(self) -> None:
        import pyarrow as pa

        if not self._batches:
            return
        table = pa.concat_tables(self._batches).combine_chunks()
        if self._writer is None:
            _, name = tempfile.mkstemp(dir=self._folder)
            self._path = Path(name)
            self._writer = pa.ipc.new_file(name, table.schema)
        self._writer.write_table(table)
        self._batches, self._bytes = [], 0
