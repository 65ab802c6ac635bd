"""``mpp import``: large or foreign exports become mpp's tables, with the account of every row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from mpp_cli.commands import options
from mpp_cli.commands.quick import Command, Commands

if TYPE_CHECKING:
    from pathlib import Path

    from mpp_cli.api import Data
    from mpp_cli.results import Source
    from mpp_cli.sources.progress import Progress
    from mpp_cli.sources.settled import Settled

#: An import keeps the account of what was lost; it is judged when figures are asked for.
_ANYTHING = "100%"

app = typer.Typer(
    cls=Commands,
    help="Turn a large or foreign export into mpp's tables as Parquet, with an import ledger.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.callback()
def _import() -> None:
    """One command for each source that needs more than its columns read."""


@app.command("eoir", cls=Command)
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
            help="input: the day the case was entered; issued: the day it was issued, as in TRAC's "
            "cohorts.",
        ),
    ] = "input",
    compare_dockets: Annotated[
        bool,
        typer.Option(
            "--compare-dockets", help="Also keep all other cases, as detained or non-detained."
        ),
    ] = False,
    custody: Annotated[
        str,
        typer.Option(
            "--custody",
            metavar="WHICH",
            help="With --compare-dockets, the proceeding whose custody says which docket a case "
            "is on: first, deciding (that of the initial completion, else the latest), or latest.",
        ),
    ] = "first",
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

    from mpp_cli import api
    from mpp_cli.commands.progress import watching
    from mpp_cli.data_choice import require
    from mpp_cli.errors import DataError
    from mpp_cli.output.folder import whole_folder
    from mpp_cli.sources.eoir import stored
    from mpp_cli.sources.eoir.options import Options, split_codes
    from mpp_cli.sources.eoir.release import is_release

    rules = Options(cohort, split_codes(case_types), nta_date, compare_dockets, custody)
    require(release, "RELEASE")
    if not is_release(Path(release)):
        raise DataError(
            f"{release}: is not a court release: it contains no B_TblProceeding",
            hint="give the folder that the release was unpacked to, or its zip",
        )
    with (
        whole_folder(output, stored.FILES, force) as folder,
        watching(bool(quiet), every_file=True) as progress,
    ):
        data = api.load(
            [release],
            engine=engine or "duckdb",
            max_set_aside=_ANYTHING,
            progress=progress,
            court_options=rules,
        )
        with data:
            settled = data.judgement.dataset.settled[0]
            rows = _keep(folder, data, settled, data.judgement.sources, progress)
    if not quiet:
        _tell(output, rows, [_cohort(settled)], data.judgement.sources, settled)


@app.command("map", cls=Command)
def map_(
    sources: Annotated[
        list[str],
        typer.Argument(metavar="SOURCE...", help="Files, folders or patterns, as for --data."),
    ],
    output: Annotated[
        str, typer.Option("-o", "--output", metavar="OUT", help="The folder to make.")
    ],
    force: Annotated[
        bool, typer.Option("--force", help="Replace an earlier import in OUT, and nothing else.")
    ] = False,
    max_set_aside: options.MaxSetAside = None,
    engine: options.Engine = None,
    quiet: options.Quiet = None,
    config: options.ConfigFile = None,
) -> None:
    """Read files with their own headings, codes and dates through the tables of mpp.toml.

    Each of its sections, such as tables.completions, names the heading of each
    column and the meaning of each code; several tables can be made of one wide
    file. docs/mapping.md has an example from the file to the figure.

    OUT gets mpp's tables as Parquet, and import.json: what became of every row.
    `mpp report --data SOURCE` reads through the same mapping without an import,
    and `mpp validate SOURCE` lists the headings and codes that are not mapped.
    """
    from mpp_cli import api, mapped
    from mpp_cli.commands.progress import watching
    from mpp_cli.commands.settings import read_mapping
    from mpp_cli.config import CONFIG_NAME, load_config
    from mpp_cli.data_choice import choose
    from mpp_cli.errors import UsageError
    from mpp_cli.output.folder import whole_folder
    from mpp_cli.sources.eoir import stored

    mapping = read_mapping(load_config(config, enabled=True))
    if mapping is None:
        raise UsageError(
            f"there is no mapping: {config or CONFIG_NAME} has no section [tables.…]",
            hint="docs/mapping.md shows one; files with mpp's own headings need no import",
        )
    choice = choose(sources, "SOURCE")
    mapped.refuse_court_data(choice.paths)
    with (
        whole_folder(output, stored.FILES, force) as folder,
        watching(bool(quiet), every_file=True) as progress,
    ):
        data = api.load(
            choice.paths,
            engine=engine or "duckdb",
            max_set_aside=max_set_aside,
            progress=progress,
            mapping=mapping,
        )
        with data:
            settled = mapped.settled(data.judgement, mapping)
            rows = _keep(folder, data, settled, data.judgement.sources, progress)
    if not quiet:
        _tell(output, rows, [], data.judgement.sources, settled)


def _keep(
    folder: Path, data: Data, settled: Settled, sources: Sequence[Source], progress: Progress
) -> dict[str, int]:
    """Write the import into an empty folder; the rows of each of its tables."""
    from mpp_cli import __version__
    from mpp_cli.sources.eoir import stored

    progress.stage("writing the tables", 0)
    engine = data.judgement.dataset.engine
    stored.write(folder, engine, settled, sources, __version__)
    return {
        name: engine.fetch(f"SELECT count(*) FROM used_{name}")[0][0] for name in settled.tables
    }


def _cohort(settled: Settled) -> str:
    """How many cases each way of knowing MPP's cases knows."""
    from mpp_cli.sources.eoir.notes import told

    counts = settled.about["cohort"]
    by_code = ", ".join(f"{code} {told(count)}" for code, count in counts["by_identifier"].items())
    return (
        f"cases by identifier only {told(counts['identifier_only'])}, by location only "
        f"{told(counts['location_only'])}, by both {told(counts['both'])}; {by_code}"
    )


def _tell(
    output: str,
    rows: dict[str, int],
    said: Sequence[str],
    sources: Sequence[Source],
    settled: Settled,
) -> None:
    """Print what was made, and the ledger."""
    from mpp_cli.commands.delivery import look
    from mpp_cli.formats import imported, table
    from mpp_cli.output import write_text

    made = f"{output}: " + ", ".join(f"{name} {count:,}" for name, count in rows.items())
    blocks = imported.blocks([made, *said], sources, settled.warnings)
    write_text(None, table.draw(blocks, **look(None)))
