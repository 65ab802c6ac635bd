"""``mpp compare``: what a change between two dates or two releases is made of."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from mpp_cli.cli import completion, options

if TYPE_CHECKING:
    from mpp_cli.results.comparison import Comparison


def compare(
    name: Annotated[
        Optional[str],  # noqa: UP045
        typer.Argument(
            metavar="[METRIC]",
            help="One metric only; see `mpp metrics`.",
            autocompletion=completion.metrics,
        ),
    ] = None,
    as_of: options.AsOf = None,
    with_: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option("--with", metavar="DATE", help="The earlier as-of date."),
    ] = None,
    data: options.DataPaths = None,
    with_data: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Option(
            "--with-data",
            metavar="PATH",
            help="The earlier release of the data, named as for --data. Repeatable.",
        ),
    ] = None,
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
    """Split the change between two dates, or two releases, into parts that sum to it."""
    from dataclasses import replace

    from mpp_cli.cli import deliver, session
    from mpp_cli.cli.config.data_location import choose
    from mpp_cli.common.errors import UsageError
    from mpp_cli.formats.answers import comparison as shown
    from mpp_cli.goals.lookup import find_metric
    from mpp_cli.metrics.query import day

    if name:
        find_metric(name)
    if with_ is None and not with_data:
        raise UsageError(
            "there is nothing to compare with",
            hint="name an earlier date with --with, or an earlier release with --with-data",
        )
    settings = session.fitted(session.settle(locals()), shown.NAMES, format)
    # Before anything is read: a wrong word is told at once.
    earlier_day = day(with_, "--with")
    other = choose(with_data, "--with-data") if with_data else None
    if other and "-" in other.paths and "-" in settings.choice.paths:
        raise UsageError("--data and --with-data both name standard input")
    with ExitStack() as stack:
        loaded = stack.enter_context(session.loaded(settings))
        before = None
        if other:
            # The earlier release is old by its nature, and the rejects are of the new one.
            earlier = replace(settings, choice=other, rejects=None, max_age=None)
            before = stack.enter_context(session.loaded(earlier))
        from mpp_cli.analysis import api

        answer = api.compare(
            loaded,
            name,
            as_of=settings.as_of,
            before=before,
            before_as_of=earlier_day,
            by=settings.by,
            where=settings.where,
            suppress_below=settings.suppress_below,
        )
        _check_available(answer, bool(name), settings.strict)
        deliver.hand_out(
            settings, answer.head, answer, shown.render, answer.before if before else None
        )


def _check_available(answer: Comparison, named: bool, strict: bool) -> None:
    """Refuse an answer that lacks what was asked for, or holds nothing at all."""
    from mpp_cli.common.errors import CheckFailed, UnavailableError

    reasons = {
        metric.name: change.reason
        for metric in answer.metrics
        for change in metric.changes
        if change.name == metric.headline and change.reason is not None
    }
    for metric, reason in reasons.items():
        if strict:
            raise CheckFailed(f"{metric} is unavailable: {reason}; --strict prints nothing")
        if named or len(reasons) == len(answer.metrics):
            raise UnavailableError(
                f"{metric} is unavailable: {reason}",
                hint="add the table or column to the data; `mpp report` prints what is available",
            )
