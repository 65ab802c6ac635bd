"""``mpp metric NAME``: one figure with its footnotes and its balance."""

from __future__ import annotations

from typing import Annotated, Optional

import typer

from mpp_cli.cli import completion, options


def metric(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME", help="See `mpp metrics`.", autocompletion=completion.metrics
        ),
    ],
    as_of: options.AsOf = None,
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
            autocompletion=completion.measures,
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
    """Print one metric; `-f value` prints the bare figure for a shell script."""
    from mpp_cli.cli import deliver, session
    from mpp_cli.dataset.document_columns import are_answered
    from mpp_cli.goals import METRICS
    from mpp_cli.goals.lookup import find_metric, only

    declared = find_metric(name)
    if measure:
        only(declared, measure)
    settings = session.settle(locals())
    with session.loaded(settings, cached=name in METRICS and are_answered([declared])) as loaded:
        from mpp_cli.analysis import api
        from mpp_cli.common.errors import UnavailableError

        answer = api.metric(
            loaded,
            name,
            as_of=settings.as_of,
            by=settings.by,
            where=settings.where,
            measure=measure,
            suppress_below=settings.suppress_below,
        )
        figure = answer.metric.headline_measure
        missing = figure.value is None and not figure.suppressed
        no_value = settings.format == "value" and missing and figure.unit != "encounters"
        if answer.metric.status != "ok" or no_value:
            # Why there is no figure is often in a warning: a value that no row has.
            deliver.warn(settings, answer.head)
        if answer.metric.status != "ok":
            unread = loaded.judgement.dataset.unread.explains(answer.metric.reason)
            hint = "add the table or column to the data; `mpp report` prints what is available"
            raise UnavailableError(
                f"{name} is unavailable: {answer.metric.reason}", hint=None if unread else hint
            )
        if no_value:
            raise UnavailableError(
                f"{figure.name} is n/a: there is nothing to divide by as of {answer.head.as_of}"
            )
        session.deliver(settings, answer)
