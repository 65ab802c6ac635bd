"""Engines answer the package's own SQL with integer counts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from mpp_cli.engines.base import Engine

#: The names of engines, as the option has them.
NAMES = ("duckdb", "spark", "spark://HOST:PORT")


def open_engine(name: str = "duckdb", tables: Mapping[str, Path] | None = None) -> Engine:
    """The engine of that name; UsageError when there is none.

    ``tables`` are there from the beginning: Parquet files that mpp itself has written.
    Raises DataError when one is not a complete Parquet file.
    """
    if name == "duckdb":
        from mpp_cli.engines.duckdb import DuckDB

        return DuckDB(tables)
    if name == "spark" or re.fullmatch(r"spark://[^\s:/]+:[0-9]{1,5}", name):
        from mpp_cli.engines.spark import Spark

        engine = Spark("local[*]" if name == "spark" else name)
        for table, path in (tables or {}).items():
            engine.load_parquet(table, path)
        return engine
    from mpp_cli.errors import UsageError, did_you_mean

    raise UsageError(f'unknown engine "{name}"', hint=did_you_mean(name, NAMES))
