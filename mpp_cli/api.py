"""The public API: data are loaded once and then asked any number of questions."""

from __future__ import annotations

import datetime
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from mpp_cli import evaluate, judgement
from mpp_cli.engines import open_engine
from mpp_cli.explanation import Explanation
from mpp_cli.question import Question, ask
from mpp_cli.results import Head, MetricReport, Problem, Report, Request
from mpp_cli.sources import dataset, streams
from mpp_cli.sources.eoir.options import Options
from mpp_cli.varied import VariedFigures

#: The word that names the bundled sample.
SAMPLE = "sample"


@dataclass
class Data:
    """Loaded data, to be asked questions. Use it in a ``with`` block, or close it."""

    judgement: judgement.Judgement
    _held: ExitStack

    def close(self) -> None:
        """Let go of the tables and of copied streams."""
        self._held.close()

    def __enter__(self) -> Data:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def sample_folder() -> Path:
    """Where the bundled sample is: in the package, or beside it in a checkout."""
    package = Path(__file__).parent
    inside = package / "sample_data"
    return inside if inside.is_dir() else package.parent / "sample_data"


def load(
    data: str | Path | Sequence[str | Path] = SAMPLE,
    *,
    columns: Collection[str] | None = None,
    engine: str = "duckdb",
    today: datetime.date | None = None,
    newest_release: bool = False,
    progress: dataset.Progress | None = None,
    court_options: Options | None = None,
) -> Data:
    """Read files, folders or patterns (or ``"sample"``) and judge every row.

    ``columns`` names the text columns of ``cases`` that questions will use; None
    keeps all of them. ``today`` is the day after which dates are in the future.
    ``newest_release`` takes a month of encounters that two files hold from the
    file that reaches further, instead of refusing both. ``court_options`` are the
    rules by which cases are taken from a release of the immigration courts.
    Raises :class:`mpp_cli.errors.DataError` for a file that is refused.
    """
    named = [data] if isinstance(data, str | os.PathLike) else list(data)
    shown = [str(each) for each in named]
    is_sample = shown == [SAMPLE]
    with ExitStack() as stack:
        opened = open_engine(engine)
        stack.callback(opened.close)
        paths = stack.enter_context(
            streams.streams_copied([str(sample_folder())] if is_sample else shown)
        )
        loaded = dataset.load(
            paths,
            opened,
            sample=is_sample,
            shown_paths=shown,
            keep=columns,
            progress=progress,
            court_options=court_options,
        )
        judged = judgement.judge(loaded, today, newest_release)
        # From here on the caller holds what was opened, and closes it.
        return Data(judged, stack.pop_all())


def report(
    data: Data,
    *,
    as_of: str | datetime.date | None = None,
    by: Sequence[str] = (),
    where: Mapping[str, str] | Sequence[str] = (),
    additional: bool = False,
) -> Report:
    """The whole document as of a date (inclusive; default: the day the case data end).

    ``by`` are columns of ``cases`` or month, quarter, fiscal_year, calendar_year;
    ``where`` maps columns to values. ``additional`` adds the figures that lie beyond
    the document. Raises :class:`mpp_cli.errors.UsageError`
    for a name that does not exist.
    """
    question = ask(as_of=as_of, by=by, where=where)
    request = _request("report", data, question)
    if additional:
        request = replace(request, options={**request.options, "additional": True})
    return evaluate.report(data.judgement, question, request, additional=additional)


def metric(
    data: Data,
    name: str,
    *,
    as_of: str | datetime.date | None = None,
    by: Sequence[str] = (),
    where: Mapping[str, str] | Sequence[str] = (),
    measure: str | None = None,
) -> MetricReport:
    """One metric by its command name, such as ``completion-rate``; see :func:`report`.

    ``measure`` picks one of its measures, which is then grouped by its own event.
    """
    question = ask(as_of=as_of, by=by, where=where, measure=measure)
    return evaluate.metric(data.judgement, name, question, _request("metric", data, question))


def explain(
    data: Data,
    name: str,
    *,
    as_of: str | datetime.date | None = None,
    where: Mapping[str, str] | Sequence[str] = (),
    sql: bool = False,
) -> Explanation:
    """Why one metric is what it is; ``sql`` adds the queries that ran."""
    from mpp_cli.explain import explain

    question = ask(as_of=as_of, where=where)
    request = _request("explain", data, question)
    return explain(data.judgement, name, question, request, sql=sql)


def variants(
    data: Data,
    name: str,
    *,
    as_of: str | datetime.date | None = None,
    where: Mapping[str, str] | Sequence[str] = (),
) -> VariedFigures:
    """One metric under the document's definition and under each other defensible one."""
    from mpp_cli.variants import variants

    question = ask(as_of=as_of, where=where)
    request = _request("variants", data, question)
    return variants(data.judgement, name, question, request)


def validate(data: Data) -> tuple[Head, Iterator[Problem]]:
    """The head with the balances of the files, and every problem of their rows.

    The problems hold records of the data, and are found while they are read.
    """
    from mpp_cli.heads import make_head
    from mpp_cli.problems import problems

    judged = data.judgement
    head = make_head(judged, judged.end or judged.today, _request("validate", data, ask()))
    return head, problems(judged.dataset, remarks=True)


def _request(command: str, data: Data, question: Question) -> Request:
    return Request(
        command=command,
        data=data.judgement.dataset.paths,
        by=question.by,
        where=dict(question.where),
        options={"measure": question.measure} if question.measure else {},
    )
