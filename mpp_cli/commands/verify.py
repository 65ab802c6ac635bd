"""``mpp verify REPORT``: a saved report, computed again from its inputs."""

from __future__ import annotations

from typing import Annotated

import typer

from mpp_cli.commands import options


def verify(
    report: Annotated[
        str,
        typer.Argument(metavar="REPORT", help="A file that -f json of report or metric wrote."),
    ],
    data: options.DataPaths = None,
    quiet: options.Quiet = None,
    config: options.ConfigFile = None,
) -> None:
    """Compute a saved JSON report again; exit 5 and name everything that differs.

    Its own request is used: the paths in it are read as written, unless --data names
    others. Nothing else in the file is trusted. A report of mapped files is read
    through the mapping in mpp.toml, which is also compared.
    """
    from mpp_cli.commands.progress import watching
    from mpp_cli.commands.settings import read_mapping
    from mpp_cli.config import load_config
    from mpp_cli.errors import CheckFailed, DataError, visible
    from mpp_cli.output import write_text
    from mpp_cli.verify import read, verify

    saved = read(report)
    named = [*(data or saved.data)]
    if not named or (not data and "-" in named):
        raise DataError(
            "the data were read from standard input, which cannot be read again"
            if named
            else "it names no data",
            file=report,
            hint="name the data with --data",
        )
    mapping = read_mapping(load_config(config, enabled=True)) if saved.mapping else None
    if saved.mapping and mapping is None:
        raise DataError(
            "its data were read through a mapping, and there is none here",
            file=report,
            hint="name the mpp.toml that maps the tables with --config",
        )
    with watching(bool(quiet)) as progress:
        found = verify(saved, named, progress, mapping)
    lines = [f"{each.kind}: {each.text}" for each in found.differences]
    if not found.failures:
        files = f"{found.files:,} unchanged {'file' if found.files == 1 else 'files'}"
        lines.append(
            f"{report}: verified: {found.figures:,} figures as of {found.as_of} are equal, "
            f"computed again from {files}"
        )
    write_text(None, "".join(f"{visible(line)}\n" for line in lines))
    if found.failures:
        number = len(found.failures)
        raise CheckFailed(
            f"{report} is not what its inputs give: {number:,} "
            f"{'difference' if number == 1 else 'differences'}"
        )
