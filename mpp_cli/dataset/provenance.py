"""The head of every output: who computed it, by which definitions, from what, as of when."""

from __future__ import annotations

import datetime
import hashlib
from dataclasses import replace

from mpp_cli.common.version import __version__
from mpp_cli.dataset import case_history, data_warnings
from mpp_cli.dataset.validated import Judgement
from mpp_cli.goals import ADDITIONAL, GOALS, TITLE
from mpp_cli.results.report import Head, Report, Request, Warning


def definitions_hash() -> str:
    """A fingerprint of every definition: it changes when a figure could mean something else."""
    histories = (
        case_history.COLUMNS,
        case_history.COMPLETION_CLASS,
        case_history.DERIVED,
        case_history.EVENTS,
    )
    text = repr((GOALS, ADDITIONAL, histories))
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def make_head(judgement: Judgement, as_of: datetime.date, request: Request) -> Head:
    """What every output about these data carries."""
    dataset = judgement.dataset
    return Head(
        version=__version__,
        engine=dataset.engine.name,
        definitions=definitions_hash(),
        as_of=as_of,
        title=TITLE,
        request=request,
        warnings=data_warnings.warnings(dataset, judgement.sources, as_of, judgement.row_warnings),
        sample=dataset.sample,
        sources=judgement.sources,
    )


def told_if_empty(report: Report) -> Report:
    """The report, with a warning where not one of its metrics is available, and why.

    Such a report is printed all the same, and is easily taken for one of no cases.
    """
    reasons = [each.reason for each in report.metrics if each.reason is not None]
    if len(reasons) < len(report.metrics):
        return report
    text = f"no figure of this report is available: {'; '.join(dict.fromkeys(reasons))}"
    warnings = (*report.head.warnings, Warning("no-figure", text))
    return replace(report, head=replace(report.head, warnings=warnings))
