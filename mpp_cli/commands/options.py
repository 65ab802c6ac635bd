"""The options that mean the same in every command."""

from __future__ import annotations

from typing import Annotated, Any, Optional

import typer

from mpp_cli.commands import complete

AsOf = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option(
        "--as-of",
        metavar="DATE",
        help="Count what happened by this day, inclusive. [default: the day the case data end]",
    ),
]
DataPaths = Annotated[
    Optional[list[str]],  # noqa: UP045
    typer.Option(
        "--data",
        metavar="PATH",
        help="A file, a folder, a pattern, - for standard input, or the word sample. Repeatable.",
    ),
]
By = Annotated[
    Optional[list[str]],  # noqa: UP045
    typer.Option(
        "--by",
        metavar="COLUMN",
        help="Break down by a column of cases, or by month, quarter, fiscal_year or "
        "calendar_year. Repeatable.",
        autocompletion=complete.by,
    ),
]
Where = Annotated[
    Optional[list[str]],  # noqa: UP045
    typer.Option(
        "--where",
        metavar="COLUMN=VALUE",
        help="Count only cases, or encounters, with this value, in capitals or not. Repeatable.",
        autocompletion=complete.where,
    ),
]
SuppressBelow = Annotated[
    Optional[int],  # noqa: UP045
    typer.Option(
        "--suppress-below",
        metavar="N",
        help="Show counts from 1 to N-1 as <N, and withhold what would give them away.",
    ),
]
MaxAge = Annotated[
    Optional[int],  # noqa: UP045
    typer.Option(
        "--max-age",
        metavar="DAYS",
        min=0,
        help="Fail when the data end more than DAYS before today.",
    ),
]
MaxSetAside = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option(
        "--max-set-aside",
        metavar="N|N%",
        help="Fail when more rows than this were set aside or values read as blank.",
    ),
]
Strict = Annotated[
    Optional[bool],  # noqa: UP045
    typer.Option("--strict/--no-strict", help="Fail on any row set aside or metric unavailable."),
]
Rejects = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option(
        "--rejects",
        metavar="FILE",
        help="Write the rows that were set aside, with their text, to FILE (private).",
    ),
]


def format_option(*names: str, help: str | None = None) -> Any:
    """``-f/--format`` of a command that has these formats."""
    return typer.Option(
        "-f",
        "--format",
        metavar="FORMAT",
        help=help or f"{', '.join(names[:-1])} or {names[-1]}.",
        autocompletion=complete.formats_of(*names),
    )


Format = Annotated[
    Optional[str],  # noqa: UP045
    format_option("table", "markdown", "csv", "json", "html", "xlsx", "value"),
]
FormatWithoutValue = Annotated[
    Optional[str],  # noqa: UP045
    format_option("table", "markdown", "csv", "json", "html", "xlsx"),
]
Output = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option(
        "-o",
        "--output",
        metavar="FILE",
        help="Write to FILE; its ending picks the format, none or .txt is text. On failure the "
        "old file is kept.",
    ),
]
NewestRelease = Annotated[
    Optional[bool],  # noqa: UP045
    typer.Option(
        "--newest-release/--no-newest-release",
        help="When two files cover the same month of encounters, use the newer file (the one whose "
        "data end later).",
    ),
]
Engine = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option(
        "--engine",
        metavar="NAME",
        help="duckdb, spark (this machine) or spark://HOST:PORT (a cluster). [default: duckdb]",
    ),
]
Cache = Annotated[
    Optional[bool],  # noqa: UP045
    typer.Option(
        "--cache/--no-cache",
        help="Keep what was read in a private folder, so that the same files are not read again. "
        "[default: cache]",
    ),
]
Quiet = Annotated[
    Optional[bool],  # noqa: UP045
    typer.Option(
        "-q/-Q", "--quiet/--no-quiet", help="Suppress progress messages, notes and most warnings."
    ),
]
ConfigFile = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option(
        "--config",
        metavar="FILE",
        help="Read defaults from FILE. [default: mpp.toml in this folder]",
    ),
]
NoConfig = Annotated[bool, typer.Option("--no-config", help="Read no mpp.toml.")]
