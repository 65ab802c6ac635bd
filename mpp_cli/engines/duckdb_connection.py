"""DuckDB connections of this process, as frugal as the surroundings ask for."""

from __future__ import annotations

import ctypes

import duckdb

try:
    import resource
except ImportError:  # not on Windows, which has no such limit
    resource = None  # type: ignore[assignment]

#: M_ARENA_MAX of mallopt(3).
_ARENA_MAX = -8


def connect() -> duckdb.DuckDBPyConnection:
    """An empty database in memory.

    DuckDB's own threads for reading over a network have nothing to do here: each
    would reserve up to 128 MB of addresses. Where these are limited (``ulimit -v``),
    one thread works, and all threads share one heap.
    """
    config: dict[str, str | bool | int | float | list[str]] = {"async_threads": 0}
    if resource and resource.getrlimit(resource.RLIMIT_AS)[0] != resource.RLIM_INFINITY:
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # not every C library has it
        if mallopt is not None:
            mallopt(_ARENA_MAX, 1)
        config["threads"] = 1
    return duckdb.connect(":memory:", config=config)
