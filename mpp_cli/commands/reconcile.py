"""``mpp reconcile``: our figures beside published ones, and by how much they differ."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Optional

import typer

from mpp_cli.commands import options

if TYPE_CHECKING:
    from mpp_cli.reconciliation import Reconciliation


def reconcile(
    published: Annotated[
        Optional[str],  # noqa: UP045
        typer.Argument(
            metavar="[PUBLISHED.CSV]",
            help="Published figures: as_of, measure, value and, if you like, publisher, "
            "published_as, source; or OHSS's monthly tables as published. [default: those of "
            "DHS and TRAC that come with mpp]",
        ),
    ] = None,
    check: Annotated[
        bool,
        typer.Option("--check", help="Fail (exit 5) when a figure is outside the tolerance."),
    ] = False,
    tolerance: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(
            "--tolerance",
            metavar="N|N%",
            help="How far a figure may be off: cases, or percent of the published figure. "
            "[default: 0; 2% for OHSS's monthly tables]",
        ),
    ] = None,
    publisher: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option("--publisher", metavar="NAME", help="Only the figures of this publisher."),
    ] = None,
    as_of: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option("--as-of", metavar="DATE", help="Only the figures as of this day."),
    ] = None,
    data: options.DataPaths = None,
    by: options.By = None,
    where: options.Where = None,
    suppress_below: options.SuppressBelow = None,
    format: options.FormatWithoutValue = None,
    output: options.Output = None,
    rejects: options.Rejects = None,
    strict: options.Strict = None,
    max_set_aside: options.MaxSetAside = None,
    max_age: options.MaxAge = None,
    newest_release: options.NewestRelease = None,
    engine: options.Engine = None,
    quiet: options.Quiet = None,
    config: options.ConfigFile = None,
    no_config: options.NoConfig = False,
) -> None:
    """Compare your figures with published ones, date by date."""
    import os
    from dataclasses import replace

    from mpp_cli.commands import delivery, session
    from mpp_cli.errors import UnavailableError, UsageError
    from mpp_cli.formats import reconcile as shown

    settings = session.settle(locals())
    # Each published figure has a date of its own; one of mpp.toml is for reports.
    settings = replace(session.fitted(settings, shown.NAMES, format), as_of=as_of)
    files = [name for name in (published, settings.output) if name and os.path.exists(name)]
    if len(files) == 2 and os.path.samefile(*files):
        raise UsageError("--output names the list of published figures")
    with session.loaded(settings) as loaded:
        from mpp_cli import api

        answer = api.reconcile(
            loaded,
            published,
            publisher=publisher,
            as_of=settings.as_of,
            by=settings.by,
            where=settings.where,
            suppress_below=settings.suppress_below,
            tolerance=tolerance,
        )
        if all(row.status == "unavailable" for row in answer.rows):
            raise UnavailableError(
                f"there is no figure to compare with the published ones: {answer.rows[0].reason}",
                hint="reconcile computes from cases and encounters; published figures alone "
                "cannot be held against each other",
            )
        delivery.hand_out(settings, answer.head, answer, shown.render)
    if check:
        _check(answer)


def _check(answer: Reconciliation) -> None:
    from mpp_cli.errors import CheckFailed

    if not answer.checked:
        raise CheckFailed("no published figure can be checked against these data")
    if answer.outside:
        worst = answer.outside[0]
        raise CheckFailed(
            f"{len(answer.outside):,} of {len(answer.checked):,} figures are further than "
            f"{answer.tolerance} from the published ones; the first: {worst.published.measure} as "
            f"of {worst.published.as_of} is {worst.display_ours}, published "
            f"{worst.published.value:,}"
        )
