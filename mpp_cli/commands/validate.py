"""``mpp validate DATA...``: every problem of the data, with its file and line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from mpp_cli.commands import options

if TYPE_CHECKING:
    from mpp_cli.commands.session import Settings
    from mpp_cli.results import Head, Problem


def validate(
    paths: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Argument(metavar="DATA...", help="Files, folders or patterns, as for --data."),
    ] = None,
    data: options.DataPaths = None,
    limit: Annotated[
        int,
        typer.Option(
            "--limit", metavar="N", min=0, help="Examples of each problem in table and markdown."
        ),
    ] = 3,
    format: Annotated[
        Optional[str],  # noqa: UP045
        options.format_option(
            "table",
            "markdown",
            "html",
            "csv",
            "json",
            help="table, markdown, html, csv or json; the last two list every problem.",
        ),
    ] = None,
    output: options.Output = None,
    newest_release: options.NewestRelease = None,
    engine: options.Engine = None,
    quiet: options.Quiet = None,
    config: options.ConfigFile = None,
    no_config: options.NoConfig = False,
) -> None:
    """List every problem of the data by file and line; exit 5 when there are any.

    A problem is a row that was set aside or a value that was read as blank.
    Cases with only subsequent completions are also listed, as are warnings; neither
    causes exit code 5. The list quotes individual records: -o makes a private file.
    """
    from mpp_cli.commands import delivery, session
    from mpp_cli.formats import problems as shown

    asked = [*(paths or ()), *(data or ())]
    settings = session.settle({**locals(), "data": asked})
    settings = session.fitted(settings, shown.NAMES, format)
    # Limits that mpp.toml sets for reports would hide here what they are about.
    settings = replace(
        settings, as_of=None, by=(), where=(), rejects=None, strict=False,
        max_set_aside=None, max_age=None,
    )  # fmt: skip
    with session.loaded(settings, checked=False) as loaded:
        from mpp_cli import api

        head, found = api.validate(loaded)
        delivery.tell(settings, head, lost=False)
        delivery.write_chunks(settings.output, _chunks(settings, head, found, limit))
    _fail_if_any(head)


def _chunks(settings: Settings, head: Head, found: Iterator[Problem], limit: int) -> Iterator[str]:
    from mpp_cli.commands.delivery import look
    from mpp_cli.formats import problems as shown

    if settings.format == "csv":
        return shown.csv_chunks(found)
    if settings.format == "json":
        return shown.json_chunks(head, found)
    return shown.text_chunks(head, found, settings.format, limit=limit, **look(settings.output))


def _fail_if_any(head: Head) -> None:
    from mpp_cli.errors import CheckFailed
    from mpp_cli.results import lost_of

    rows, values = lost_of(head.sources)
    if rows or values:
        raise CheckFailed(
            f"the data have problems: {rows:,} {'row' if rows == 1 else 'rows'} set aside, "
            f"{values:,} {'value' if values == 1 else 'values'} read as blank",
            hint="this list quotes individual records; treat it as confidential",
        )
