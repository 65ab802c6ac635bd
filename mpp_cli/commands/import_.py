"""``mpp import``: large or foreign exports become mpp's tables, with the account of every row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from mpp_cli.commands import options

if TYPE_CHECKING:
    from mpp_cli.results import Source
    from mpp_cli.sources.settled import Settled

app = typer.Typer(
    help="Turn a large or foreign export into mpp's tables as Parquet, with an import ledger.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.callback()
def _import() -> None:
    """One command for each source that needs more than its columns read."""


@app.command("eoir")
def eoir(
    release: Annotated[
        str, typer.Argument(metavar="RELEASE", help="The folder of the release, or its zip.")
    ],
    output: Annotated[
        str, typer.Option("-o", "--output", metavar="OUT", help="The folder to make.")
    ],
    cohort: Annotated[
        str,
        typer.Option(
            "--cohort",
            metavar="RULE",
            help="Which cases are MPP: identifier (MP or RM), location (any hearing at an MPP "
            "location), either, or both.",
        ),
    ] = "identifier",
    case_types: Annotated[
        str,
        typer.Option(
            "--case-types",
            metavar="CODES",
            help="Proceedings that count, with commas; EOIR's own wider set is "
            "RMV,DEP,EXC,AOC,WHO.",
        ),
    ] = "RMV",
    nta_date: Annotated[
        str,
        typer.Option(
            "--nta-date",
            metavar="WHICH",
            help="input: the day the NTA was filed; issued: the day it was issued, as in TRAC's "
            "cohorts.",
        ),
    ] = "input",
    compare_dockets: Annotated[
        bool,
        typer.Option(
            "--compare-dockets", help="Keep all other cases, too, as detained or non-detained."
        ),
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Replace an earlier import in OUT, and nothing else.")
    ] = False,
    engine: options.Engine = None,
    quiet: options.Quiet = None,
) -> None:
    """Read the immigration courts' case data release; then `mpp report --data OUT` is immediate.

    OUT gets cases, completions and grants as Parquet, and import.json: the
    rules, how many cases each cohort rule knows, and for every file what became
    of its rows. It is complete or not there at all.
    """
    from pathlib import Path

    from mpp_cli import __version__, api
    from mpp_cli.commands.progress import watching
    from mpp_cli.data_choice import require
    from mpp_cli.errors import DataError
    from mpp_cli.output import write_text
    from mpp_cli.output.folder import whole_folder
    from mpp_cli.sources.eoir import stored
    from mpp_cli.sources.eoir.options import Options, split_codes
    from mpp_cli.sources.eoir.release import is_release

    rules = Options(cohort, split_codes(case_types), nta_date, compare_dockets)
    require(release, "SOURCE")
    if not is_release(Path(release)):
        raise DataError(
            f"{release}: is no court release: there is no B_TblProceeding in it",
            hint="give the folder that the release was unpacked to, or its zip",
        )
    with whole_folder(output, stored.FILES, force) as folder:
        with watching(bool(quiet), every_file=True) as progress:
            data = api.load(
                [release], engine=engine or "duckdb", progress=progress, court_options=rules
            )
        with data:
            settled = data.judgement.dataset.settled[0]
            sources = {source.file: source for source in data.judgement.sources}
            stored.write(folder, data.judgement.dataset.engine, settled, sources, __version__)
            rows = {
                name: data.judgement.dataset.engine.fetch(f"SELECT count(*) FROM {name}")[0][0]
                for name in settled.tables
            }
    if not quiet:
        write_text(None, _said(output, settled, data.judgement.sources, rows))


def _said(out: str, settled: Settled, sources: tuple[Source, ...], rows: dict[str, int]) -> str:
    """What was made, and the ledger as a short table."""
    from tabulate import tabulate

    from mpp_cli.errors import visible

    counts = settled.about["cohort"]
    by_code = ", ".join(f"{code} {count:,}" for code, count in counts["by_identifier"].items())
    table = tabulate(
        [
            (
                source.file,
                f"{source.rows_read:,}",
                f"{source.rows_used:,}",
                f"{sum(source.rows_outside.values()):,}",
                f"{sum(source.set_aside.values()):,}",
                f"{source.repaired:,}",
                f"{sum(source.blanked.values()):,}",
            )
            for source in sources
        ],
        ["file", "rows read", "used", "outside", "set aside", "repaired", "blanked"],
        colalign=("left", *["right"] * 6),
        disable_numparse=True,
    )
    lines = [
        f"{out}: " + ", ".join(f"{name} {count:,}" for name, count in rows.items()),
        f"cases by identifier only {counts['identifier_only']:,}, by location only "
        f"{counts['location_only']:,}, by both {counts['both']:,}; {by_code}",
        "",
        *table.splitlines(),
        "",
        *(f"set aside: {_where(source)}" for source in sources if source.set_aside),
        *(f"warning: {each.text}" for each in settled.warnings),
    ]
    return "\n".join(visible(line).rstrip() for line in lines) + "\n"


def _where(source: Source) -> str:
    """Rows set aside by reason, each with the first lines."""
    told = (
        f"{count:,} {reason} ({', '.join(f'{source.file}:{line}' for line in lines)})"
        for reason, count in source.set_aside.items()
        for lines in [source.examples.get(reason, ())]
    )
    return "; ".join(told)
