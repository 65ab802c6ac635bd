"""The answer of a metric: what is declared of it, and what was found."""

from __future__ import annotations

from mpp_cli.goals.definitions import Metric
from mpp_cli.results.report import Footnote, Ledger, Measure, Row
from mpp_cli.results.report import Metric as Answer


def answer(
    declared: Metric,
    reason: str | None,
    measures: tuple[Measure, ...],
    *,
    by: tuple[str, ...],
    rows: tuple[Row, ...],
    row_measures: tuple[tuple[str, str], ...],
    footnotes: tuple[Footnote, ...],
    ledger: tuple[Ledger, ...],
    notes: tuple[str, ...],
) -> Answer:
    """A metric with its figures; ``reason`` says why its headline is unavailable, if it is."""
    return Answer(
        name=declared.name,
        title=declared.title,
        goal=declared.goal,
        metric=declared.statement,
        data_measurement=declared.data_measurement,
        status="ok" if reason is None else "unavailable",
        reason=reason,
        headline=declared.headline,
        measures=measures,
        by=by,
        rows=rows,
        row_measures=row_measures,
        footnotes=footnotes,
        ledger=ledger,
        notes=notes,
    )
