"""A figure under each defensible definition, beside the document's.

A variant is a rule of the document swapped for another. Each is counted from the
case history like any measure, in the same pass as the document's figure, and so
are the cases that move in and out.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from mpp_cli.common.errors import MppError, UnavailableError
from mpp_cli.dataset import case_history
from mpp_cli.dataset.provenance import make_head
from mpp_cli.dataset.validated import Judgement
from mpp_cli.goals.definitions import Count, Days, EncounterTotal, Metric, Ratio, Span, event_date
from mpp_cli.goals.lookup import find_metric
from mpp_cli.goals.variants import VARIANTS, Variant
from mpp_cli.metrics import conditions, title_42
from mpp_cli.metrics import counts as counting
from mpp_cli.metrics.counts import Key
from mpp_cli.metrics.durations import Durations, durations
from mpp_cli.metrics.query import MOST_GROUPS, Question, check_question
from mpp_cli.results.report import Request, Value
from mpp_cli.results.rounding import display, ratio
from mpp_cli.results.variants import Figure, Group, Varied, VariedFigures
from mpp_cli.sources.dataset import Dataset
from mpp_cli.sources.schema import AGGREGATES


@dataclass(frozen=True)
class Pair:
    """One count as the document defines it, and as a variant does."""

    document: Count
    other: Count


def variants(
    judgement: Judgement, name: str, question: Question, request: Request
) -> VariedFigures:
    """One metric under the document's definition and under each other that touches it.

    Breakdowns by time go by the date of the document's own definition, so that a
    case is in the same group under every other.
    """
    declared = find_metric(name)
    dataset = judgement.dataset
    if isinstance(declared.measures[0], EncounterTotal):
        return title_42.variants(judgement, declared, question, request)
    check_question(question, dataset, [each for each in ("cases",) if dataset.has(each)])
    as_of = question.as_of or judgement.end or judgement.today
    for count in declared.every_count:
        reason = counting.unavailable(dataset, count)
        if reason:
            if dataset.has(AGGREGATES):
                reason += "; published figures follow one definition, others need the cases"
            raise UnavailableError(f"{name} is unavailable: {reason}")
    work = _Work(judgement, declared, question, as_of)
    head = make_head(judgement, as_of, request)
    remarks = conditions.remarks(dataset, question.where, question.matched, ["cases"])
    return VariedFigures(
        head=replace(head, warnings=(*head.warnings, *remarks)),
        metric=declared.name,
        title=declared.title,
        document=work.document(),
        variants=tuple(work.under(each) for each in VARIANTS if each.id in work.pairs),
        by=question.by,
    )


#: The figure under a variant, the cases that it moves in, and those it moves out.
Numbers = dict[tuple[Count, Count], tuple[int, int, int]]


def numbers(
    dataset: Dataset,
    counts: Sequence[Count],
    pairs: Sequence[Pair],
    question: Question,
    as_of: datetime.date,
    event_date: str = "",
) -> dict[Key, Numbers]:
    """Every pair and every count, by group of ``--by``, in one pass over each table.

    The group of all cases is the empty one; ``event_date`` is what breakdowns by
    time go by.
    """
    every = [*counts, *(pair.other for pair in pairs)]
    spoken = {name for count in every for name in counting.history_columns(count)}
    columns = {name for name in question.columns if name in dataset.columns("cases")}
    case_history.build(dataset, spoken, columns, as_of)
    for name in sorted({count.table for count in every} & case_history.EVENTS.keys()):
        case_history.build_events(dataset, name)
    where = counting.conditions(question)
    keys = counting.group_keys(question, event_date)
    together = list(dict.fromkeys([*(Pair(count, count) for count in counts), *pairs]))
    found: dict[Key, dict[Pair, tuple[int, int, int]]] = {}
    for table in dict.fromkeys(pair.other.table for pair in together):
        alike = [pair for pair in together if pair.other.table == table]
        cells: list[str] = []
        for pair in alike:
            new, old = counting.counted(pair.other), counting.counted(pair.document)
            # Several events may move one case; in the case history a row is a case.
            events = table in case_history.EVENTS
            cases = "count(DISTINCT case_id)" if events else "count(*)"
            cells += [
                f"count(*) FILTER (WHERE {new})",
                f"{cases} FILTER (WHERE {new} AND NOT COALESCE({old}, FALSE))",
                f"{cases} FILTER (WHERE {new} AND {old})",
            ]
        grouped = f" GROUP BY {', '.join(keys)}" if keys else ""
        sql = f"SELECT {', '.join([*keys, *cells])} FROM {table} WHERE {where.sql}{grouped}"
        for row in dataset.engine.fetch(sql, as_of=as_of, **where.parameters):
            group = found.setdefault(counting.group_of(question, row[: len(keys)]), {})
            for place, pair in enumerate(alike):
                at = len(keys) + 3 * place
                was = group.get(pair, (0, 0, 0))
                one, two, three = (sum(two) for two in zip(was, row[at : at + 3], strict=True))
                group[pair] = one, two, three
    if len(found) > MOST_GROUPS:
        raise counting.too_many_groups()
    made: dict[Key, Numbers] = {}
    for key in sorted(found, key=counting.sort_key):
        group = found[key]
        if any(any(each) for each in group.values()) or not keys:
            made[key] = {}
            for pair in together:
                figure, moved_in, both = group.get(pair, (0, 0, 0))
                document = group.get(Pair(pair.document, pair.document), (0, 0, 0))
                made[key][pair.document, pair.other] = figure, moved_in, document[2] - both
    return made


class _Work:
    """One metric counted under every definition, for all cases and for every group."""

    def __init__(
        self, judgement: Judgement, declared: Metric, question: Question, as_of: datetime.date
    ) -> None:
        self._dataset, self._declared, self._as_of = judgement.dataset, declared, as_of
        self._question = question
        self._counts = list(declared.every_count)
        self.pairs = {
            variant.id: [Pair(count, variant.of(count)) for count in self._counts]
            for variant in VARIANTS
            if any(variant.of(count) != count for count in declared.counts)
        }
        self._reasons = {id: self._reason(pairs) for id, pairs in self.pairs.items()}
        asked = [p for id, each in self.pairs.items() if not self._reasons[id] for p in each]
        dated = event_date(declared, declared.measures)
        whole = replace(question, by=())
        self._whole = numbers(self._dataset, self._counts, asked, whole, as_of)[()]
        self._groups: dict[Key, Numbers] = {}
        if question.by:
            self._groups = numbers(self._dataset, self._counts, asked, question, as_of, dated)
            self._check_sums(asked)
        self._dated = dated

    def _reason(self, pairs: Sequence[Pair]) -> str | None:
        reasons = (counting.unavailable(self._dataset, pair.other) for pair in pairs)
        return next((reason for reason in reasons if reason), None)

    def _check_sums(self, asked: Sequence[Pair]) -> None:
        """Refuse groups that do not sum to the figures of all cases."""
        for pair in asked:
            place = pair.document, pair.other
            if sum(group[place][0] for group in self._groups.values()) != self._whole[place][0]:
                raise MppError(
                    f"the groups of {pair.other.name} do not sum to the total; nothing is printed"
                )

    def document(self) -> Varied:
        """The document's definition, without words about it."""
        pairs = [Pair(count, count) for count in self._counts]
        return Varied("", "", "", "", None, *self._figures(None, pairs))

    def under(self, variant: Variant) -> Varied:
        """One other definition."""
        reason = self._reasons[variant.id]
        made: tuple[tuple[Figure, ...], tuple[Group, ...]] = ((), ())
        if not reason:
            made = self._figures(variant, self.pairs[variant.id])
        return Varied(
            variant.id, variant.differs, variant.used_by, variant.published, reason, *made
        )

    def _figures(
        self, variant: Variant | None, pairs: Sequence[Pair]
    ) -> tuple[tuple[Figure, ...], tuple[Group, ...]]:
        whole = self._spans(variant, replace(self._question, by=()))
        figures = tuple(self._of_group(pairs, self._whole, whole, ()))
        spans = self._spans(variant, self._question) if self._question.by else {}
        groups = tuple(
            Group(
                dict(zip(self._question.by, key, strict=True)),
                tuple(self._of_group(pairs, found, spans, key)),
            )
            for key, found in self._groups.items()
        )
        return figures, groups

    def _of_group(
        self,
        pairs: Sequence[Pair],
        found: Numbers,
        days: Mapping[tuple[Span, bool], Mapping[Key, Durations]],
        key: Key,
    ) -> Iterator[Figure]:
        figures = {pair.document.name: found[pair.document, pair.other] for pair in pairs}
        before = {pair.document.name: found[pair.document, pair.document][0] for pair in pairs}
        units = {pair.document.name: pair.other.unit for pair in pairs}
        for measure in self._declared.measures:
            moved: tuple[int | None, int | None] = (None, None)
            unit, decimals = measure.unit, 0
            value: Value
            old: Value
            if isinstance(measure, Ratio):
                value = ratio(figures[measure.part.name][0], figures[measure.whole.name][0])
                old = ratio(before[measure.part.name], before[measure.whole.name])
                decimals = 2
            elif isinstance(measure, Days):
                value, old = (
                    days[measure.span, other].get(key, Durations()).figure(measure)
                    for other in (True, False)
                )
            elif isinstance(measure, Count):
                value, *rest = figures[measure.name]
                moved = rest[0], rest[1]
                old, unit = before[measure.name], units[measure.name]
            else:
                continue
            difference = None if value is None or old is None else value - old
            yield Figure(
                measure.name,
                measure.label,
                value,
                display(value, measure.unit, decimals),
                unit,
                difference,
                *moved,
            )

    def _spans(
        self, variant: Variant | None, question: Question
    ) -> dict[tuple[Span, bool], Mapping[Key, Durations]]:
        """The durations of every span, under the variant (True) and under the document (False)."""
        found: dict[tuple[Span, bool], Mapping[Key, Durations]] = {}
        for span in dict.fromkeys(m.span for m in self._declared.measures if isinstance(m, Days)):
            for other in (False, True):
                asked = variant.span(span) if variant and other else span
                found[span, other] = durations(
                    self._dataset, asked, question, self._as_of, self._dated
                )
        return found
