"""A release for an engine that works elsewhere: read on this machine, and handed over whole.

A release takes hundreds of small steps, each of which needs what the last one
found. The largest one takes seconds here; what is left of it is small.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from mpp_cli.engines import open_engine
from mpp_cli.engines.base import Engine, identifier
from mpp_cli.sources.eoir import event_tables, import_release, row_ledger
from mpp_cli.sources.eoir.options import Options
from mpp_cli.sources.prevalidated import CORRECTED, Settled
from mpp_cli.sources.progress import Progress
from mpp_cli.sources.values.validate import SET_ASIDE_COLUMNS


def load(
    path: Path, engine: Engine, options: Options, first_number: int, progress: Progress
) -> Settled:
    """Read a release like :func:`importing.load`; its tables are in ``engine`` afterwards."""
    here = open_engine()
    try:
        here.create("set_aside", SET_ASIDE_COLUMNS)
        settled = import_release.load(path, here, options, first_number, progress)
        for name, columns in settled.tables.items():
            chosen = event_tables.as_given(name, columns)
            arriving = f"arriving_{name}"
            engine.load_arrow(arriving, here.arrow(f"SELECT _file, _line, {chosen} FROM {name}"))
            event_tables.create(engine, name, columns)
            event_tables.fill(engine, name, arriving, columns)
        row_ledger.create_tables(engine)
        _hand_over(here, engine, "set_aside", SET_ASIDE_COLUMNS)
        _hand_over(here, engine, row_ledger.BLANKED, row_ledger.BLANKED_COLUMNS)
        _hand_over(here, engine, CORRECTED, row_ledger.CORRECTED_COLUMNS)
    finally:
        here.close()
    return settled


def _hand_over(here: Engine, engine: Engine, name: str, columns: Collection[str]) -> None:
    """Add the rows of a table to the table of the same name of another engine."""
    chosen = f"SELECT {', '.join(map(identifier, columns))} FROM"
    engine.load_arrow(f"arriving_{name}", here.arrow(f"{chosen} {name}"))
    engine.append_query(name, f"{chosen} arriving_{name}")
