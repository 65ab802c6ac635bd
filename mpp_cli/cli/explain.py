"""``mpp explain METRIC``: the definition behind a figure, and what each rule removed."""

from __future__ import annotations

from typing import Annotated, Optional

import typer

from mpp_cli.cli import completion, options


def explain(
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
    case: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(
            "--case", metavar="ID", help="Why this case is in or out (shows a record of the data)."
        ),
    ] = None,
    cases: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(
            "--cases",
            metavar="FILE",
            help="Write every case with its verdict to FILE as CSV (private).",
        ),
    ] = None,
    sql: Annotated[bool, typer.Option("--sql", help="Add the queries that really ran.")] = False,
    format: Annotated[
        Optional[str],  # noqa: UP045
        options.format_option("table", "markdown", "json", "html", "xlsx"),
    ] = None,
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
    """Say what a metric counts, what each rule left out of it, and from which columns."""

    from mpp_cli.cli import session
    from mpp_cli.cli.output import check_writable
    from mpp_cli.common.errors import UsageError
    from mpp_cli.formats.answers import explanation
    from mpp_cli.goals.lookup import find_metric

    find_metric(name)
    if case is not None and cases is not None:
        raise UsageError("--case and --cases exclude each other", hint="use one of them")
    if case is not None and not case.strip():
        raise UsageError("--case is blank", hint="name a case by its case_id")
    settings = session.fitted(session.settle(locals()), explanation.NAMES, format)
    if cases is not None:
        if cases in (settings.output, settings.rejects):
            raise UsageError("--cases names the same file as --output or --rejects")
        check_writable(cases)
    with session.loaded(settings) as loaded:
        from mpp_cli.analysis import api
        from mpp_cli.cli.deliver import write_chunks
        from mpp_cli.formats.answers import case as shown

        if cases is not None:
            session.spare_inputs(loaded, {"--cases": cases})
            columns, rows = api.cases(
                loaded, name, as_of=settings.as_of, by=settings.by, where=settings.where
            )
            write_chunks(cases, shown.csv_chunks(columns, rows))
            if cases == "-" and settings.output is None:
                return

        answer = api.explain(
            loaded,
            name,
            as_of=settings.as_of,
            by=settings.by,
            where=settings.where,
            sql=sql,
            case=case,
            suppress_below=settings.suppress_below,
        )
        session.deliver(settings, answer, explanation.render, private=case is not None)
