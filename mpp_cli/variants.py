"""A figure under each defensible definition, beside the document's.

A variant is a rule of the document swapped for another. Each is counted from the
case history like any measure, in the same pass as the document's figure, and so
are the cases that move in and out.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from mpp_cli import counting, history
from mpp_cli.catalogue import find_metric
from mpp_cli.definitions import Count, Metric, Ratio
from mpp_cli.errors import UnavailableError, UsageError
from mpp_cli.figures import display, ratio
from mpp_cli.goals.variants import VARIANTS, Variant
from mpp_cli.heads import make_head
from mpp_cli.judgement import Judgement
from mpp_cli.question import Question, check_columns
from mpp_cli.results import Request, Value
from mpp_cli.sources.dataset import Dataset
from mpp_cli.varied import Figure, Varied, VariedFigures


@dataclass(frozen=True)
class Pair:
    """One count as the document defines it, and as a variant does."""

    document: Count
    other: Count


def variants(
    judgement: Judgement, name: str, question: Question, request: Request
) -> VariedFigures:
    """One metric under the document's definition and under each other that touches it."""
    declared = find_metric(name)
    if not declared.counts:
        raise UsageError(
            f"{name} has no variants: no rule about cases makes it",
            hint="variants exist for the metrics that count cases; see `mpp metrics`",
        )
    dataset = judgement.dataset
    check_columns(question, dataset, [each for each in ("cases",) if dataset.has(each)])
    as_of = question.as_of or judgement.end or judgement.today
    for count in declared.every_count:
        reason = counting.unavailable(dataset, count)
        if reason:
            raise UnavailableError(f"{name} is unavailable: {reason}")
    pairs = {
        variant.id: [Pair(count, variant.of(count)) for count in _counts(declared)]
        for variant in VARIANTS
        if any(variant.of(count) != count for count in declared.counts)
    }
    reasons = {id: _reason(dataset, each) for id, each in pairs.items()}
    asked = [pair for id, each in pairs.items() if not reasons[id] for pair in each]
    found = numbers(dataset, _counts(declared), asked, question, as_of)
    return VariedFigures(
        head=make_head(judgement, as_of, request),
        metric=declared.name,
        title=declared.title,
        document=_figures(declared, [Pair(c, c) for c in _counts(declared)], found),
        variants=tuple(
            _varied(declared, each, pairs[each.id], reasons[each.id], found)
            for each in VARIANTS
            if each.id in pairs
        ),
    )


def _counts(declared: Metric) -> list[Count]:
    """The counts that the metric prints or divides, each once."""
    found = [*declared.counts]
    for each in declared.measures:
        if isinstance(each, Ratio):
            found += [each.whole, each.part]
    return list(dict.fromkeys(found))


def _reason(dataset: Dataset, pairs: Sequence[Pair]) -> str | None:
    reasons = (counting.unavailable(dataset, pair.other) for pair in pairs)
    return next((reason for reason in reasons if reason), None)


#: The figure under a variant, the cases that it moves in, and those it moves out.
Numbers = dict[tuple[Count, Count], tuple[int, int, int]]


def numbers(
    dataset: Dataset,
    counts: Sequence[Count],
    pairs: Sequence[Pair],
    question: Question,
    as_of: datetime.date,
) -> Numbers:
    """Every pair in one pass over each table that is counted."""
    every = [*counts, *(pair.other for pair in pairs)]
    spoken = {name for count in every for name in counting.history_columns(count)}
    history.build(dataset, spoken, question.columns, as_of)
    for name in sorted({count.table for count in every} & history.EVENTS.keys()):
        history.build_events(dataset, name)
    where = counting.conditions(question)
    together = [Pair(count, count) for count in counts] + [*pairs]
    found: Numbers = {}
    for table in dict.fromkeys(pair.other.table for pair in together):
        alike = [pair for pair in together if pair.other.table == table]
        columns: list[str] = []
        for pair in alike:
            new, old = counting.counted(pair.other), counting.counted(pair.document)
            # Several events may move one case; in the case history a row is a case.
            events = table in history.EVENTS
            cases = "count(DISTINCT case_id)" if events else "count(*)"
            columns += [
                f"count(*) FILTER (WHERE {new})",
                f"{cases} FILTER (WHERE {new} AND NOT COALESCE({old}, FALSE))",
                f"{cases} FILTER (WHERE {new} AND {old})",
            ]
        sql = f"SELECT {', '.join(columns)} FROM {table} WHERE {where.sql}"
        (row,) = dataset.engine.fetch(sql, as_of=as_of, **where.parameters)
        for place, pair in enumerate(alike):
            figure, moved_in, both = row[3 * place : 3 * place + 3]
            found[pair.document, pair.other] = figure, moved_in, both
    return {
        (document, other): (figure, moved_in, found[document, document][2] - both)
        for (document, other), (figure, moved_in, both) in found.items()
    }


def _figures(declared: Metric, pairs: Sequence[Pair], found: Numbers) -> tuple[Figure, ...]:
    figures = {pair.document.name: found[pair.document, pair.other] for pair in pairs}
    before = {pair.document.name: found[pair.document, pair.document][0] for pair in pairs}
    made = []
    for measure in declared.measures:
        value: Value
        moved: tuple[int, int] | None = None
        unit = measure.unit
        if isinstance(measure, Ratio):
            value = ratio(figures[measure.part.name][0], figures[measure.whole.name][0])
            old: Value = ratio(before[measure.part.name], before[measure.whole.name])
            decimals = 2
        elif isinstance(measure, Count):
            value, *rest = figures[measure.name]
            moved = rest[0], rest[1]
            old, decimals = before[measure.name], 0
            unit = next(pair.other.unit for pair in pairs if pair.document.name == measure.name)
        else:
            continue
        difference = None if value is None or old is None else value - old
        made.append(
            Figure(
                name=measure.name,
                label=measure.label,
                value=value,
                display=display(value, measure.unit, decimals),
                unit=unit,
                difference=difference,
                moved_in=moved[0] if moved else None,
                moved_out=moved[1] if moved else None,
            )
        )
    return tuple(made)


def _varied(
    declared: Metric, variant: Variant, pairs: Sequence[Pair], reason: str | None, found: Numbers
) -> Varied:
    return Varied(
        id=variant.id,
        differs=variant.differs,
        used_by=variant.used_by,
        published=variant.published,
        reason=reason,
        figures=() if reason else _figures(declared, pairs, found),
    )
