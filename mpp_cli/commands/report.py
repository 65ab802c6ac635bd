"""``mpp report``: the whole document."""

from __future__ import annotations

from typing import Annotated, Optional

import typer

from mpp_cli.commands import options


def report(
    as_of: options.AsOf = None,
    data: options.DataPaths = None,
    by: options.By = None,
    where: options.Where = None,
    suppress_below: options.SuppressBelow = None,
    additional: Annotated[
        Optional[bool],  # noqa: UP045
        typer.Option(
            "--additional/--no-additional",
            help="Add the figures that lie beyond the document, labelled so.",
        ),
    ] = None,
    format: options.Format = None,
    output: options.Output = None,
    rejects: options.Rejects = None,
    strict: options.Strict = None,
    max_set_aside: options.MaxSetAside = None,
    max_age: options.MaxAge = None,
    newest_release: options.NewestRelease = None,
    engine: options.Engine = None,
    cache: options.Cache = None,
    quiet: options.Quiet = None,
    config: options.ConfigFile = None,
    no_config: options.NoConfig = False,
) -> None:
    """Print the whole document: four goals, their footnotes, and where the figures come from."""
    from mpp_cli.commands import session
    from mpp_cli.document_columns import are_answered
    from mpp_cli.errors import UsageError
    from mpp_cli.goals import METRICS

    settings = session.settle(locals())
    if settings.format == "value":
        raise UsageError(
            "a full report has no single value",
            hint="ask for one figure: mpp metric NAME -f value",
        )
    kept = not settings.additional and are_answered(METRICS.values())
    with session.loaded(settings, cached=kept) as loaded:
        from mpp_cli import api

        answer = api.report(
            loaded,
            as_of=settings.as_of,
            by=settings.by,
            where=settings.where,
            suppress_below=settings.suppress_below,
            additional=settings.additional,
            over_time=settings.format == "html",
        )
        session.deliver(settings, answer)
