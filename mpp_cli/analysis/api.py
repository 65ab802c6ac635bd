"""The public API: data are loaded once and then asked any number of questions."""

from __future__ import annotations

import datetime
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from mpp_cli import disclosure
from mpp_cli.analysis import report as evaluate
from mpp_cli.analysis.questions import cases as cases
from mpp_cli.analysis.questions import compare as compare
from mpp_cli.analysis.questions import explain as explain
from mpp_cli.analysis.questions import reconcile as reconcile
from mpp_cli.analysis.questions import request_for
from mpp_cli.analysis.questions import trend as trend
from mpp_cli.analysis.questions import variants as variants
from mpp_cli.dataset import limits, validated
from mpp_cli.dataset import load as loading
from mpp_cli.dataset.load import SAMPLE as SAMPLE
from mpp_cli.dataset.load import sample_folder as sample_folder
from mpp_cli.metrics.query import Question, ask, asked
from mpp_cli.results.report import Head, MetricReport, Problem, Report, Warning
from mpp_cli.sources.io import stdin

if TYPE_CHECKING:
    from mpp_cli.results.trend import Trend
    from mpp_cli.sources.dataset import Dataset
    from mpp_cli.sources.eoir.options import Options
    from mpp_cli.sources.mapping.mapping import Mapping as Mapped
    from mpp_cli.sources.progress import Progress


@dataclass
class Data:
    """Loaded data, to be asked questions. Use it in a ``with`` block, or close it."""

    judgement: validated.Judgement
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
    max_set_aside: str | None = None,
    progress: Progress | None = None,
    court_options: Options | None = None,
    mapping: Mapped | None = None,
    cached: bool = False,
) -> Data:
    """Read files, folders or patterns (or ``"sample"``) and judge every row.

    ``columns`` names the text columns of ``cases`` that questions will use; None
    keeps all of them. ``today`` is the day after which dates are in the future.
    ``newest_release`` takes a month of encounters that two files hold from the
    file that reaches further, instead of refusing both. ``max_set_aside`` is how much may
    be lost, as ``"0.1%"`` of every file and of all or ``"100"`` rows; where it is not given, no
    file may lose more than half. ``court_options`` are the
    rules by which cases are taken from a release of the immigration courts;
    ``mapping`` says how files of other headings are read, and is not for the sample.
    ``cached`` data may come from :mod:`mpp_cli.dataset.cache` and can answer :func:`report`,
    :func:`metric` and :func:`trend` for the document's own metrics only.
    Raises :class:`mpp_cli.common.errors.DataError` for a file that is refused, and
    :class:`mpp_cli.common.errors.CheckFailed` where more was lost than is allowed.
    """
    limit = limits.read_limit(max_set_aside)
    shown = [str(each) for each in ([data] if isinstance(data, str | os.PathLike) else data)]
    is_sample = shown == [SAMPLE]
    with ExitStack() as stack:
        meant = [str(sample_folder())] if is_sample else shown
        paths = stack.enter_context(stdin.streams_copied(meant))
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
        limits.check(judged, limit)
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
    where the data have no cases. Raises :class:`mpp_cli.common.errors.UsageError` for a name
    that does not exist.
    """
    question = asked(data.judgement.dataset, as_of=as_of, by=by, where=where)
    request = request_for("report", data, question, suppress_below)
    if additional:
        request = replace(request, options={**request.options, "additional": True})
    found = evaluate.report(data.judgement, question, request, additional=additional)
    if over_time and suppress_below is None:
        found = replace(found, over_time=_over_time(data, found, question))
    return disclosure.without_small_counts(found, found.head)


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
    question = asked(data.judgement.dataset, as_of=as_of, by=by, where=where, measure=measure)
    request = request_for("metric", data, question, suppress_below, name)
    found = evaluate.metric(data.judgement, name, question, request)
    return disclosure.without_small_counts(found, found.head)


def validate(data: Data) -> tuple[Head, Iterator[Problem]]:
    """The head with the balances of the files, and every problem of their rows.

    The problems hold records of the data, and are found while they are read.
    """
    from mpp_cli.dataset import losses, unread
    from mpp_cli.dataset.problems import problems
    from mpp_cli.dataset.provenance import make_head
    from mpp_cli.sources import column_typos
    from mpp_cli.sources.unmapped import remarks

    judged = data.judgement
    head = make_head(judged, judged.end or judged.today, request_for("validate", data, ask()))
    files = judged.dataset.files
    remarked = (
        *column_typos.remarks(files),
        *remarks(files),
        *unread.remarks(judged.dataset),
        *_columns_missing(judged.dataset),
    )
    # Every row that was lost is in the list itself.
    others = [each for each in head.warnings if each.id != losses.ROWS_LOST]
    head = replace(head, warnings=(*others, *remarked))
    return head, problems(judged.dataset, remarks=True)


def _columns_missing(dataset: Dataset) -> Iterator[Warning]:
    """The metrics of the document of which every table is there, and a column is not.

    A column that goes by another heading, as it seems, is spoken of by that heading.
    """
    from mpp_cli.goals import METRICS
    from mpp_cli.metrics import counts

    for metric in METRICS.values():
        for count in metric.every_count:
            reason = counts.unavailable(dataset, count)
            if (
                reason
                and "did you mean" not in reason
                and all(map(dataset.has, counts.tables_of(count)))
            ):
                yield Warning("figure-unavailable", f"{metric.name} is unavailable: {reason}")
                break


def _over_time(data: Data, report: Report, question: Question) -> Trend | None:
    """The course of the completion rate up to the day of the report, if there is one."""
    from mpp_cli.common.errors import UnavailableError, UsageError

    conditions = {
        name: value
        for name, value in question.where.items()
        if name in data.judgement.dataset.columns("cases")
    }
    try:
        return trend(data, "completion-rate", to=report.head.as_of, where=conditions)
    except (UnavailableError, UsageError):  # No cases, or too many months: there is no chart.
        return None
