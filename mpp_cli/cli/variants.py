"""``mpp variants METRIC``: the figure under each defensible definition."""

from __future__ import annotations

from typing import Annotated

import typer

from mpp_cli.cli import completion, options


def variants(
    name: Annotated[
        str,
        typer.Argument(
            metavar="METRIC", help="See `mpp metrics`.", autocompletion=completion.metrics
        ),
    ],
    as_of: options.AsOf = None,
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
    """Print a figure under each defensible definition, beside the document's."""
    from mpp_cli.cli import session
    from mpp_cli.formats.answers import variants as formats
    from mpp_cli.goals.lookup import find_metric

    find_metric(name)
    settings = session.settle(locals())
    settings = session.fitted(settings, formats.NAMES, format)
    with session.loaded(settings) as loaded:
        from mpp_cli.analysis import api

        answer = api.variants(
            loaded,
            name,
            as_of=settings.as_of,
            by=settings.by,
            where=settings.where,
            suppress_below=settings.suppress_below,
        )
        session.deliver(settings, answer, formats.render)
