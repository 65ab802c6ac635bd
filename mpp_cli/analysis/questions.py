"""The questions of those who doubt a number: why, since when, compared with whom, what if.

They are a part of the public API (:mod:`mpp_cli.analysis.api`), and every answer of it carries
the request that it answers.
"""

from __future__ import annotations

import datetime
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from mpp_cli import disclosure
from mpp_cli.goals import METRICS
from mpp_cli.goals.lookup import find_metric, rows_counted
from mpp_cli.metrics.conditions import as_spelled
from mpp_cli.metrics.query import Question, asked, day
from mpp_cli.results.report import Request

if TYPE_CHECKING:
    from mpp_cli.analysis.api import Data
    from mpp_cli.results.comparison import Comparison
    from mpp_cli.results.explanation import Explanation
    from mpp_cli.results.reconciliation import Reconciliation
    from mpp_cli.results.trend import Trend
    from mpp_cli.results.variants import VariedFigures


def explain(
    data: Data,
    name: str,
    *,
    as_of: str | datetime.date | None = None,
    by: Sequence[str] = (),
    where: Mapping[str, str] | Sequence[str] = (),
    sql: bool = False,
    case: str | None = None,
    suppress_below: int | None = None,
) -> Explanation:
    """Why one metric is what it is; ``sql`` adds the queries that ran.

    With a ``case`` also why that case is in its measures or out of them. Such an
    explanation is a record of the data.
    """
    from mpp_cli.analysis.explanation.metric import explain

    question = asked(data.judgement.dataset, as_of=as_of, by=by, where=where)
    request = request_for("explain", data, question, suppress_below, name)
    return explain(data.judgement, name, question, request, sql=sql, case=case)


def cases(
    data: Data,
    name: str,
    *,
    as_of: str | datetime.date | None = None,
    by: Sequence[str] = (),
    where: Mapping[str, str] | Sequence[str] = (),
) -> tuple[tuple[str, ...], Iterator[tuple[str | int | None, ...]]]:
    """The columns of ``by`` and the counts of a metric, and every case with what it has in each.

    A verdict is ``counted``, the id of the rule that excludes the case, or
    ``unavailable``. The cases are records of the data, and are fetched while they are
    read; other questions may be asked meanwhile, until the data are closed.
    """
    from mpp_cli.analysis.explanation.metric import cases_of

    return cases_of(
        data.judgement, name, asked(data.judgement.dataset, as_of=as_of, by=by, where=where)
    )


def trend(
    data: Data,
    name: str,
    *,
    every: str = "month",
    start: str | datetime.date | None = None,
    to: str | datetime.date | None = None,
    by: Sequence[str] = (),
    where: Mapping[str, str] | Sequence[str] = (),
    measure: str | None = None,
    suppress_below: int | None = None,
) -> Trend:
    """One metric as of the end of each day, month, quarter or fiscal_year up to ``to``.

    ``start`` and ``to`` may be months, such as "2019-02"; by default the trend
    goes from the first counted case to the day the case data end.
    """
    from mpp_cli.analysis.trend import read_day, trend

    question = asked(
        data.judgement.dataset,
        as_of=read_day(to, "--to", True),
        by=by,
        where=where,
        measure=measure,
    )
    first = read_day(start, "--from", False)
    options = {"every": every, "from": first.isoformat() if first else None}
    request = request_for("trend", data, question, suppress_below, name)
    request = replace(request, options={**request.options, **options})
    found = trend(data.judgement, name, question, request, every=every, start=first)
    return disclosure.without_small_counts(found, found.head)


def compare(
    data: Data,
    name: str | None = None,
    *,
    as_of: str | datetime.date | None = None,
    before: Data | None = None,
    before_as_of: str | datetime.date | None = None,
    by: Sequence[str] = (),
    where: Mapping[str, str] | Sequence[str] = (),
    suppress_below: int | None = None,
) -> Comparison:
    """What the change of every metric, or of one, is made of; the parts sum to it exactly.

    Compares with the same data as of ``before_as_of``, or with an earlier
    release ``before``: as of the same date where only one is given, else each
    as of the day its case data end. Raises :class:`mpp_cli.common.errors.DataError`
    for releases that share less than half of their case ids.
    """
    from mpp_cli.analysis.comparison.compare import compare

    question = asked(data.judgement.dataset, as_of=as_of, by=by, where=where)
    earlier = day(before_as_of, "--with")
    request = request_for("compare", data, question, suppress_below, name)
    options = {
        "metric": name,
        "with": earlier.isoformat() if earlier else None,
        "with_data": list(before.judgement.dataset.paths) if before else None,
    }
    request = replace(request, options={key: each for key, each in options.items() if each})
    judged = before.judgement if before else None
    found = compare(
        data.judgement, question, request, before=judged, before_as_of=earlier, name=name
    )
    return disclosure.without_small_counts(found, found.head)


def reconcile(
    data: Data,
    published: str | Path | None = None,
    *,
    publisher: str | None = None,
    as_of: str | datetime.date | None = None,
    by: Sequence[str] = (),
    where: Mapping[str, str] | Sequence[str] = (),
    tolerance: str | None = None,
    suppress_below: int | None = None,
) -> Reconciliation:
    """Our figures beside those of a CSV file, or beside those of DHS and TRAC that come with mpp.

    ``publisher`` and ``as_of`` pick some of them. ``tolerance`` is a number of
    cases or a percentage, such as "0.5%"; it decides what is ``outside``. By default
    it is 0, and 2% for OHSS's monthly tables, which can never be equal.
    """
    from mpp_cli.analysis.reconciliation.reconcile import reconcile

    question = asked(data.judgement.dataset, as_of=as_of, by=by, where=where)
    path = None if published is None else os.fspath(published)
    options = {"published": path, "publisher": publisher, "tolerance": tolerance}
    request = request_for("reconcile", data, question, suppress_below)
    request = replace(request, options={key: each for key, each in options.items() if each})
    found = reconcile(
        data.judgement, question, request, path=path, publisher=publisher, allowed=tolerance
    )
    return disclosure.without_small_counts(found, found.head)


def variants(
    data: Data,
    name: str,
    *,
    as_of: str | datetime.date | None = None,
    by: Sequence[str] = (),
    where: Mapping[str, str] | Sequence[str] = (),
    suppress_below: int | None = None,
) -> VariedFigures:
    """One metric under the document's definition and under each other defensible one."""
    from mpp_cli.analysis.variants import variants

    question = asked(data.judgement.dataset, as_of=as_of, by=by, where=where)
    request = request_for("variants", data, question, suppress_below, name)
    found = variants(data.judgement, name, question, request)
    return disclosure.without_small_counts(found, found.head)


def request_for(
    command: str,
    data: Data,
    question: Question,
    suppress_below: int | None = None,
    metric: str | None = None,
) -> Request:
    """What was asked for, as far as it shapes the answer; of all metrics, or of one."""
    dataset = data.judgement.dataset
    options: dict[str, object] = {"measure": question.measure} if question.measure else {}
    if data.newest_release:
        options["newest_release"] = True
    if data.mapping and any(each.is_mapped for each in dataset.files):
        options["mapping"] = data.mapping.hash
    tables = rows_counted([find_metric(metric)] if metric else METRICS.values())
    return Request(
        command=command,
        data=dataset.paths,
        by=question.by,
        where=as_spelled(question.matched, question.where, tables),
        suppress_below=disclosure.check(suppress_below),
        options=options,
        narrowed={
            name: tuple(column for column in question.where if column in dataset.columns(name))
            for name in tables
        },
    )
