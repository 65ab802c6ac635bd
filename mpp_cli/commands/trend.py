"""``mpp trend METRIC``: the figure as of the end of each day, month, quarter or fiscal year."""

from __future__ import annotations

from typing import Annotated, Optional

import typer

from mpp_cli.commands import complete, options


def trend(
    name: Annotated[
        str,
        typer.Argument(
            metavar="METRIC", help="See `mpp metrics`.", autocompletion=complete.metrics
        ),
    ],
    every: Annotated[
        str,
        typer.Option(
            "--every",
            metavar="PERIOD",
            help="day, month, quarter or fiscal_year.",
            autocompletion=complete.periods,
        ),
    ] = "month",
    start: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(
            "--from",
            metavar="DATE",
            help="Start with the period that contains this day or month. [default: the first case]",
        ),
    ] = None,
    to: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(
            "--to",
            metavar="DATE",
            help="End with this day, or the last day of this month. "
            "[default: the day the case data end]",
        ),
    ] = None,
    data: options.DataPaths = None,
    by: options.By = None,
    where: options.Where = None,
    suppress_below: options.SuppressBelow = None,
    measure: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(
            "--measure",
            metavar="NAME",
            help="One measure of the metric only.",
            autocompletion=complete.measures,
        ),
    ] = None,
    format: options.FormatWithoutValue = None,
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
    """Follow a metric over time, with a chart; each point is the figure at the end of a period."""
    from dataclasses import replace

    from mpp_cli.catalogue import find_metric, only
    from mpp_cli.commands import delivery, session
    from mpp_cli.document_columns import are_answered
    from mpp_cli.formats import trend as shown
    from mpp_cli.goals import METRICS

    declared = find_metric(name)
    if measure:
        only(declared, measure)
    settings = session.settle({**locals(), "as_of": to})
    from mpp_cli.trend import read_day

    first, last = read_day(start, "--from", False), read_day(settings.as_of, "--to", True)
    settings = session.fitted(settings, shown.NAMES, format)
    settings = replace(settings, as_of=last.isoformat() if last else None)
    kept = declared.name in METRICS and are_answered([declared])
    with session.loaded(settings, cached=kept) as loaded:
        from mpp_cli import api

        answer = api.trend(
            loaded,
            name,
            every=every,
            start=first,
            to=last,
            by=settings.by,
            where=settings.where,
            suppress_below=settings.suppress_below,
            measure=measure,
        )
        delivery.hand_out(settings, answer.head, answer, shown.render)
