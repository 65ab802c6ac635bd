"""What the other definitions of a metric make of one case."""

from __future__ import annotations

from collections.abc import Iterator

from mpp_cli.analysis.explanation.case_verdicts import Membership, verdict
from mpp_cli.dataset import case_history
from mpp_cli.goals.definitions import Count, Metric, Ratio
from mpp_cli.goals.variants import VARIANTS
from mpp_cli.metrics import counts
from mpp_cli.results.case_explanation import VariantJudged


def judged(member: Membership, declared: Metric, case_id: str) -> Iterator[VariantJudged]:
    """The verdict of every definition by which the headline of a metric is counted otherwise.

    Of a ratio that is its part. A definition that the data cannot answer, or that counts
    events, has none. Makes a case history of its own.
    """
    count = _headline(declared)
    if count is None or count.table in case_history.EVENTS or member.reasons.get(count.name):
        return
    dataset = member.judgement.dataset
    others = {each.id: each.of(count) for each in VARIANTS if each.of(count) != count}
    others = {
        id: other
        for id, other in others.items()
        if other.table not in case_history.EVENTS and counts.unavailable(dataset, other) is None
    }
    if not others:
        return
    columns = {name for other in others.values() for name in counts.history_columns(other)}
    dimensions = member.question.columns & {*dataset.columns("cases")}
    case_history.build(dataset, columns, dimensions, member.as_of)
    asked = ", ".join(verdict(other, member.question) for other in others.values())
    (row,) = dataset.engine.fetch(
        f"SELECT {asked} FROM case_history WHERE case_id = $case_id AND $as_of IS NOT NULL",
        case_id=case_id,
        as_of=member.as_of,
        **counts.conditions(member.question).parameters,
    )
    for id, said in zip(others, row, strict=True):
        yield VariantJudged(id, count.name, str(said))


def _headline(declared: Metric) -> Count | None:
    """The count of cases that answers for a metric."""
    measure = next(each for each in declared.measures if each.name == declared.headline)
    if isinstance(measure, Ratio):
        return measure.part
    return measure if isinstance(measure, Count) else None
