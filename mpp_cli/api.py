"""The public API: data are loaded once and then asked any number of questions."""

from __future__ import annotations

import datetime
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from mpp_cli import disclosure, evaluate, judgement, loading
from mpp_cli.loading import SAMPLE as SAMPLE
from mpp_cli.loading import sample_folder as sample_folder
from mpp_cli.question import Question, ask
from mpp_cli.results import Head, MetricReport, Problem, Report, Request
from mpp_cli.sources import streams

if TYPE_CHECKING:
    from mpp_cli.comparison import Comparison
    from mpp_cli.explanation import Explanation
    from mpp_cli.reconciliation import Reconciliation
    from mpp_cli.series import Trend
    from mpp_cli.sources.eoir.options import Options
    from mpp_cli.sources.mapping.declared import Mapping as Mapped
    from mpp_cli.sources.progress import Progress
    from mpp_cli.varied import VariedFigures


@dataclass
class Data:
    """Loaded data, to be asked questions. Use it in a ``with`` block, or close it."""

    judgement: judgement.Judgement
    _held: ExitStack
    newest_release: bool = False
    mapping: Mapped | None = None

    def close(self) -> None:
        """Let go of the tables and of copied streams."""
        self._held.close()

    def __enter__(self) -> Data:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def load(
    data: str | Path | Sequence[str | Path] = SAMPLE,
    *,
    columns: Collection[str] | None = None,
    engine: str = "duckdb",
    today: datetime.date | None = None,
    newest_release: bool = False,
    progress: Progress | None = None,
    court_options: Options | None = None,
    mapping: Mapped | None = None,
    cached: bool = False,
) -> Data:
    """Read files, folders or patterns (or ``"sample"``) and judge every row.

    ``columns`` names the text columns of ``cases`` that questions will use; None
    keeps all of them. ``today`` is the day after which dates are in the future.
    ``newest_release`` takes a month of encounters that two files hold from the
    file that reaches further, instead of refusing both. ``court_options`` are the
    rules by which cases are taken from a release of the immigration courts;
    ``mapping`` says how files of other headings are read, and is not for the sample.
    ``cached`` data may come from :mod:`mpp_cli.cache` and can answer :func:`report`,
    :func:`metric` and :func:`trend` for the document's own metrics only.
    Raises :class:`mpp_cli.errors.DataError` for a file that is refused.
    """
    shown = [str(each) for each in ([data] if isinstance(data, str | os.PathLike) else data)]
    is_sample = shown == [SAMPLE]
    with ExitStack() as stack:
        meant = [str(sample_folder())] if is_sample else shown
        paths = stack.enter_context(streams.streams_copied(meant))
        mapping = None if is_sample else mapping
        judged = loading.load(
            paths,
            shown,
            sample=is_sample,
            columns=columns,
            engine=engine,
            today=today,
            newest_release=newest_release,
            progress=progress,
            court_options=court_options,
            mapping=mapping,
            cached=cached,
        )
        stack.callback(judged.dataset.engine.close)
        # From here on the caller holds what was opened, and closes it.
        return Data(judged, stack.pop_all(), newest_release, mapping)


def report(
    data: Data,
    *,
    as_of: str | datetime.date | None = None,
    by: Sequence[str] = (),
    where: Mapping[str, str] | Sequence[str] = (),
    suppress_below: int | None = None,
    additional: bool = False,
    over_time: bool = False,
) -> Report:
    """The whole document as of a date (inclusive; default: the day the case data end).

    ``by`` are columns of ``cases`` or month, quarter, fiscal_year, calendar_year;
    ``where`` maps columns to values. Counts below ``suppress_below`` are hidden, see
    :mod:`mpp_cli.disclosure`. ``additional`` adds the figures that lie beyond the
    document, ``over_time`` the completion rate at the end of each month before, for a
    chart; it is left out where small counts are hidden, which its points would tell, and
    where the data have no cases. Raises :class:`mpp_cli.errors.UsageError` for a name
    that does not exist.
    """
    question = ask(as_of=as_of, by=by, where=where)
    request = _request("report", data, question, suppress_below)
    if additional:
        request = replace(request, options={**request.options, "additional": True})
    found = evaluate.report(data.judgement, question, request, additional=additional)
    if over_time and suppress_below is None:
        found = replace(found, over_time=_over_time(data, found, question))
    return disclosure.of_report(found)


def metric(
    data: Data,
    name: str,
    *,
    as_of: str | datetime.date | None = None,
    by: Sequence[str] = (),
    where: Mapping[str, str] | Sequence[str] = (),
    measure: str | None = None,
    suppress_below: int | None = None,
) -> MetricReport:
    """One metric by its command name, such as ``completion-rate``; see :func:`report`.

    ``measure`` picks one of its measures, which is then grouped by its own event.
    """
    question = ask(as_of=as_of, by=by, where=where, measure=measure)
    request = _request("metric", data, question, suppress_below)
    return disclosure.of_metric(evaluate.metric(data.judgement, name, question, request))


def explain(
    data: Data,
    name: str,
    *,
    as_of: str | datetime.date | None = None,
    where: Mapping[str, str] | Sequence[str] = (),
    sql: bool = False,
    case: str | None = None,
    suppress_below: int | None = None,
) -> Explanation:
    """Why one metric is what it is; ``sql`` adds the queries that ran.

    With a ``case`` also why that case is in its measures or out of them. Such an
    explanation is a record of the data.
    """
    from mpp_cli.explain import explain

    question = ask(as_of=as_of, where=where)
    request = _request("explain", data, question, suppress_below)
    return explain(data.judgement, name, question, request, sql=sql, case=case)


def cases(
    data: Data,
    name: str,
    *,
    as_of: str | datetime.date | None = None,
    where: Mapping[str, str] | Sequence[str] = (),
) -> tuple[tuple[str, ...], Iterator[tuple[str, ...]]]:
    """The counts of a metric by name, and every case with its verdict on each of them.

    A verdict is ``counted``, the id of the rule that excludes the case, or
    ``unavailable``. The cases are records of the data, and are found while they
    are read.
    """
    from mpp_cli.explain import cases_of

    return cases_of(data.judgement, name, ask(as_of=as_of, where=where))


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
    from mpp_cli.disclosure_trend import of_trend
    from mpp_cli.trend import read_day, trend

    question = ask(as_of=read_day(to, "--to", True), by=by, where=where, measure=measure)
    first = read_day(start, "--from", False)
    options = {"every": every, "from": first.isoformat() if first else None}
    request = _request("trend", data, question, suppress_below)
    request = replace(request, options={**request.options, **options})
    found = trend(data.judgement, name, question, request, every=every, start=first)
    return of_trend(found)


def compare(
    data: Data,
    name: str | None = None,
    *,
    as_of: str | datetime.date | None = None,
    before: Data | None = None,
    before_as_of: str | datetime.date | None = None,
    where: Mapping[str, str] | Sequence[str] = (),
    suppress_below: int | None = None,
) -> Comparison:
    """What the change of every metric, or of one, is made of; the parts sum to it exactly.

    Compares with the same data as of ``before_as_of``, or with an earlier
    release ``before``: as of the same date where only one is given, else each
    as of the day its case data end. Raises :class:`mpp_cli.errors.DataError`
    for releases that share less than half of their case ids.
    """
    from mpp_cli.compare import compare
    from mpp_cli.disclosure_changes import of_comparison

    question = ask(as_of=as_of, where=where)
    earlier = ask(as_of=before_as_of).as_of
    request = _request("compare", data, question, suppress_below)
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
    return of_comparison(found)


def reconcile(
    data: Data,
    published: str | Path | None = None,
    *,
    publisher: str | None = None,
    as_of: str | datetime.date | None = None,
    where: Mapping[str, str] | Sequence[str] = (),
    tolerance: str | None = None,
    suppress_below: int | None = None,
) -> Reconciliation:
    """Our figures beside those of a CSV file, or beside those of DHS and TRAC that come with mpp.

    ``publisher`` and ``as_of`` pick some of them. ``tolerance`` is a number of
    cases or a percentage, such as "0.5%"; it decides what is ``outside``. By default
    it is 0, and 2% for OHSS's monthly tables, which can never be equal.
    """
    from mpp_cli.disclosure_definitions import of_reconciliation
    from mpp_cli.reconcile import reconcile

    question = ask(as_of=as_of, where=where)
    path = None if published is None else os.fspath(published)
    options = {"published": path, "publisher": publisher, "tolerance": tolerance}
    request = _request("reconcile", data, question, suppress_below)
    request = replace(request, options={key: each for key, each in options.items() if each})
    found = reconcile(
        data.judgement, question, request, path=path, publisher=publisher, allowed=tolerance
    )
    return of_reconciliation(found)


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
    from mpp_cli.disclosure_definitions import of_variants
    from mpp_cli.variants import variants

    question = ask(as_of=as_of, by=by, where=where)
    request = _request("variants", data, question, suppress_below)
    return of_variants(variants(data.judgement, name, question, request))


def validate(data: Data) -> tuple[Head, Iterator[Problem]]:
    """The head with the balances of the files, and every problem of their rows.

    The problems hold records of the data, and are found while they are read.
    """
    from mpp_cli.heads import make_head
    from mpp_cli.problems import problems
    from mpp_cli.sources.mapping.remarks import remarks

    judged = data.judgement
    head = make_head(judged, judged.end or judged.today, _request("validate", data, ask()))
    head = replace(head, warnings=(*head.warnings, *remarks(judged.dataset.files)))
    return head, problems(judged.dataset, remarks=True)


def _over_time(data: Data, report: Report, question: Question) -> Trend | None:
    """The course of the completion rate up to the day of the report, if there is one."""
    from mpp_cli.errors import UnavailableError, UsageError

    conditions = {
        name: value
        for name, value in question.where.items()
        if name in data.judgement.dataset.columns("cases")
    }
    try:
        return trend(data, "completion-rate", to=report.head.as_of, where=conditions)
    except (UnavailableError, UsageError):  # No cases, or too many months: there is no chart.
        return None


def _request(
    command: str, data: Data, question: Question, suppress_below: int | None = None
) -> Request:
    options: dict[str, object] = {"measure": question.measure} if question.measure else {}
    if data.newest_release:
        options["newest_release"] = True
    if data.mapping and any(each.is_mapped for each in data.judgement.dataset.files):
        options["mapping"] = data.mapping.hash
    return Request(
        command=command,
        data=data.judgement.dataset.paths,
        by=question.by,
        where=dict(question.where),
        suppress_below=disclosure.check(suppress_below),
        options=options,
    )
