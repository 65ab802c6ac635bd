"""Engines answer the package's own SQL with integer counts."""

from __future__ import annotations

from mpp_cli.engines.base import Engine


def open_engine(name: str = "duckdb") -> Engine:
    """The engine of that name; UsageError when there is none."""
    from mpp_cli.errors import UsageError, did_you_mean

    if name == "duckdb":
        from mpp_cli.engines.duckdb import DuckDB

        return DuckDB()
    raise UsageError(f'unknown engine "{name}"', hint=did_you_mean(name, ["duckdb"]))
