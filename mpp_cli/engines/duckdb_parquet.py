"""Parquet files of mpp's own, as DuckDB writes them and finds them by their exact path."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import duckdb

from mpp_cli.engines.duckdb_connection import connect

#: Memory that DuckDB may hold before it spills to disk.
MEMORY_LIMIT = "512MB"


def to_parquet(rows: Any, path: Path) -> None:
    """Write rows, which can give themselves as an Arrow stream, as a Parquet file."""
    import nanoarrow as na

    with connect() as writer:
        writer.execute(f"SET memory_limit = '{MEMORY_LIMIT}'")
        writer.register("leaving", na.ArrayStream(na.c_array_stream(rows)))
        copy(writer, "SELECT * FROM leaving", path)


def copy(connection: duckdb.DuckDBPyConnection, sql: str, path: Path) -> None:
    """Write the rows of a query as a Parquet file. Raises OSError when it cannot be written."""
    target = quoted(str(path))
    try:
        connection.execute(f"COPY ({sql}) TO {target} (FORMAT parquet, COMPRESSION zstd)")
    except duckdb.IOException as error:
        full = "No space left" in str(error)
        code = errno.ENOSPC if full else errno.EIO
        raise OSError(code, os.strerror(code), str(path)) from error


def quoted(text: str) -> str:
    """A text in SQL."""
    return "'" + text.replace("'", "''") + "'"


def exact(path: Path) -> str:
    """A path as DuckDB's readers take it literally: their wildcards become classes of one."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in str(path))
