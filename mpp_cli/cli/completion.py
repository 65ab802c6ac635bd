"""What a shell offers when TAB is pressed: names of metrics, columns, formats, tables, measures.

A completion is asked for at every TAB, so nothing here is slow, nothing reads
more than the first lines of a few files, and nothing ever fails: what cannot
be known is not offered.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from mpp_cli.goals.definitions import Metric

#: Files whose headers are read, the bytes of each, and the seconds for them all.
MOST_FILES = 20
MOST_BYTES = 1 << 16
MOST_SECONDS = 0.3

Offer = tuple[str, str]


def metrics(incomplete: str) -> list[Offer]:
    """The names of metrics with their titles."""
    known = _known_metrics()
    return _beginning(incomplete, ((name, each.title) for name, each in known.items()))


def measures(ctx: typer.Context, incomplete: str) -> list[Offer]:
    """The measures of the metric that stands on the command line; of all without one."""
    known = _known_metrics()
    # While an option still waits for its value, words that are no options are left over.
    named = [name for name in (ctx.params.get("name"), *ctx.args) if name in known]
    chosen = [known[name] for name in named] or list(known.values())
    return _beginning(
        incomplete, ((each.name, each.label) for metric in chosen for each in metric.measures)
    )


def _known_metrics() -> dict[str, Metric]:
    from mpp_cli.goals import EVERY

    return dict(EVERY)


def tables(incomplete: str) -> list[Offer]:
    """The names of the tables."""
    from mpp_cli.sources.schema import READ, table

    return _beginning(incomplete, ((name, table(name).description) for name in READ))


def by(ctx: typer.Context, incomplete: str) -> list[Offer]:
    """The columns that figures can be broken down by."""
    from mpp_cli.common.periods import TIMES

    return _beginning(
        incomplete, [*((name, "time of the event") for name in TIMES), *_columns(ctx)]
    )


def where(ctx: typer.Context, incomplete: str) -> list[Offer]:
    """Conditions: COLUMN= for every column, COLUMN=VALUE where the values are known."""
    from mpp_cli.sources.schema import table

    offers: list[Offer] = []
    for name, described in _columns(ctx):
        known = table("cases").column(name) or table("encounters").column(name)
        values = known.values if known else ()
        offers += [(f"{name}={value}", described) for value in values or ("",)]
    return _beginning(incomplete, offers)


def formats_of(*names: str) -> Callable[[str], list[Offer]]:
    """The output formats of a command that has these."""

    def offered(incomplete: str) -> list[Offer]:
        return _beginning(incomplete, ((name, "") for name in names))

    return offered


def periods(incomplete: str) -> list[Offer]:
    """The periods of a trend."""
    return _beginning(
        incomplete, ((name, "") for name in ("day", "month", "quarter", "fiscal_year"))
    )


def _beginning(incomplete: str, offers: Iterable[Offer]) -> list[Offer]:
    """Those of the offers that begin as what was typed, each once."""
    return list(
        {name: (name, said) for name, said in offers if name.startswith(incomplete)}.values()
    )


# --- columns ---------------------------------------------------------------------


def _columns(ctx: typer.Context) -> Iterator[Offer]:
    """The columns of cases and encounters, then what the data in reach have besides."""
    from mpp_cli.sources.schema import table

    for name in ("cases", "encounters"):
        for column in table(name).columns:
            if column.name not in ("case_id", "encounters", "fiscal_year", "month"):
                yield column.name, column.description
    # A name in data may hold anything; one that a shell would trip over is not offered.
    for name in _columns_of_data(ctx):
        if name.isidentifier() and name != "case_id":
            yield name, "a column of the data"


def _columns_of_data(ctx: typer.Context) -> list[str]:
    """The columns of the files that may be cases, as far as they can be had at once."""
    found: list[str] = []
    with suppress(Exception):
        found += _mapped_columns(ctx)
    # Whatever is wrong with the data is told by the command, not by TAB.
    with suppress(Exception):
        until = time.monotonic() + MOST_SECONDS
        for path in islice(_files(ctx), MOST_FILES):
            with suppress(Exception):
                header = _header(path)
                if "case_id" in header and not _is_of_events(header):
                    found += [name for name in header if name not in found]
            if time.monotonic() > until:
                break
    return found


def _mapped_columns(ctx: typer.Context) -> list[str]:
    """The columns of cases that mpp.toml maps to headings of a file."""
    from mpp_cli.cli.config.load import load_config
    from mpp_cli.cli.settings import read_mapping

    config = load_config(ctx.params.get("config"), enabled=not ctx.params.get("no_config"))
    mapping = read_mapping(config)
    tables = mapping.tables if mapping else ()
    return [name for each in tables if each.name == "cases" for name in each.columns]


def _is_of_events(header: list[str]) -> bool:
    from mpp_cli.sources.schema import table

    return any(
        set(table(name).required) <= set(header) for name in ("completions", "grants", "referrals")
    )


def _files(ctx: typer.Context) -> Iterator[Path]:
    """The tables that the command line, $MPP_DATA or mpp.toml names, and no stream."""
    import glob
    import os

    for text in _named(ctx):
        for name in sorted(glob.glob(text)) if glob.has_magic(text) else [text]:
            path = Path(os.path.expanduser(name))
            inside = sorted(path.iterdir()) if path.is_dir() else [path]
            # is_file is False of a FIFO, which would be waited for.
            yield from (each for each in inside if each.is_file() and _is_table(each))


def _is_table(path: Path) -> bool:
    return any(ending in path.name.lower() for ending in (".csv", ".tsv", ".parquet"))


def _named(ctx: typer.Context) -> list[str]:
    import os

    given = ctx.params.get("data")
    if given:
        return [str(each) for each in given]
    if "MPP_DATA" in os.environ:
        return [path for path in os.environ["MPP_DATA"].split(os.pathsep) if path.strip()]
    if ctx.params.get("no_config"):
        return []
    from mpp_cli.cli.config.load import load_config

    return list(load_config(ctx.params.get("config"), enabled=True).data or ())


def _header(path: Path) -> list[str]:
    """The column names of a file from its first bytes, in the form in which mpp uses them."""
    import csv
    import gzip

    from mpp_cli.sources.values.parse import heading_key

    if path.suffix.lower() == ".parquet":
        return [heading_key(name) for name in _parquet_columns(path)]
    with gzip.open(path) if path.suffix.lower() == ".gz" else path.open("rb") as stream:
        start = stream.read(MOST_BYTES)
    utf16 = start[:2] in (b"\xff\xfe", b"\xfe\xff")
    lines = start.decode("utf-16" if utf16 else "utf-8-sig", "replace").splitlines()
    first = next((line for line in lines if line.strip()), "")
    delimiter = "\t" if ".tsv" in path.name.lower() else ","
    return [heading_key(name) for name in next(csv.reader([first], delimiter=delimiter), [])]


def _parquet_columns(path: Path) -> list[str]:
    import duckdb

    with duckdb.connect() as connection:
        found = connection.execute("SELECT * FROM read_parquet(?) LIMIT 0", [str(path)])
        return [column[0] for column in found.description or ()]
