"""What a change between two dates, or two releases of the data, is made of."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from mpp_cli import breakdown, changes, conditions, counting, daily, months
from mpp_cli.catalogue import find_metric, rows_counted
from mpp_cli.comparison import (
    INTO_GROUP,
    OUT_OF_GROUP,
    Change,
    Compared,
    Comparison,
    Group,
    Overlap,
)
from mpp_cli.counting import Key
from mpp_cli.definitions import (
    AnyMeasure,
    Count,
    Days,
    EncounterTotal,
    Metric,
    Ratio,
    Span,
    event_date,
)
from mpp_cli.durations import Durations
from mpp_cli.errors import MppError
from mpp_cli.footnotes import footnotes
from mpp_cli.goals import METRICS
from mpp_cli.heads import make_head
from mpp_cli.judgement import Judgement
from mpp_cli.moves import Moves, moves
from mpp_cli.periods import LABELS
from mpp_cli.question import MOST_GROUPS, Question, check_columns, column_of
from mpp_cli.results import Footnote, Head, Request
from mpp_cli.sides import Side, overlap, sides
from mpp_cli.sources.schema import AGGREGATES


def compare(
    after: Judgement,
    question: Question,
    request: Request,
    *,
    before: Judgement | None = None,
    before_as_of: datetime.date | None = None,
    name: str | None = None,
) -> Comparison:
    """Every measure of every metric, or of one, before and after.

    ``before`` is the earlier release; without it the same data are asked as of
    ``before_as_of``. Two releases are compared as of the same date where only
    one is named, else each as of the day its case data end.
    """
    metrics = [find_metric(name)] if name else list(METRICS.values())
    new, old = sides(after, question, before, before_as_of)
    for side in (new, old):
        held = [name for name in ("cases", "encounters") if side.dataset.has(name)]
        check_columns(question, side.dataset, held, ", ".join(side.dataset.paths) if before else "")
    both = [(new.dataset, new.matched), (old.dataset, old.matched)]
    narrowed = rows_counted(metrics)
    conditions.refuse_unmet(question.where, both if before else both[:1], narrowed)
    work = _Comparison(new, old, question, metrics)
    two = before is not None
    heads = [_head(side, question, request, narrowed, two) for side in (new, old)]
    return Comparison(
        # Where one side is invented, so is the change.
        head=replace(heads[0], sample=new.dataset.sample or old.dataset.sample),
        before=heads[1],
        metrics=tuple(work.answer(each) for each in metrics),
        overlap=work.overlap,
    )


def _head(
    side: Side, question: Question, request: Request, narrowed: Sequence[str], two: bool
) -> Head:
    """The head of one side; of ``two`` releases each warning says whose it is."""
    head = make_head(side.judgement, side.as_of, replace(request, data=side.dataset.paths))
    remarks = conditions.remarks(side.dataset, question.where, side.matched, narrowed)
    warnings = (*head.warnings, *remarks)
    if two:
        whose = ", ".join(side.dataset.paths)
        warnings = tuple(replace(each, text=f"{whose}: {each.text}") for each in warnings)
    return replace(head, warnings=warnings)


class _Comparison:
    """All metrics that were asked for, compared together."""

    def __init__(self, new: Side, old: Side, question: Question, metrics: Sequence[Metric]) -> None:
        self._new, self._old, self._question = new, old, question
        self._whole = replace(question, by=())
        self.overlap: Overlap | None = None
        self._moves: Mapping[Key, Mapping[str, Moves]] = {}
        self._moves_by: dict[str, Mapping[Key, Mapping[str, Moves]]] = {}
        self._reasons: dict[str, str] = {}
        self._years: tuple[str, ...] = ()
        self._cases_question = replace(question, by=self._by("cases"))
        counts = {count.name: count for metric in metrics for count in _counts(metric)}
        available = [count for count in counts.values() if self._can(count)]
        if available:
            self._count(available)
            if self._cases_question.by:
                self._group(metrics)

    def _by(self, table: str) -> tuple[str, ...]:
        """The columns of ``--by`` that a table has on both sides, and the times."""
        held = [{*side.dataset.columns(table)} for side in (self._new, self._old)]
        return tuple(
            name
            for name in self._question.by
            if name in LABELS or all(column_of(name) in columns for columns in held)
        )

    def _can(self, count: Count) -> bool:
        """Whether both sides can count it; if not, why is kept."""
        if not daily.adds_up(count):
            self._reasons[count.name] = f"{count.name} is not a sum of what happened by day"
            return False
        for side in (self._new, self._old):
            reason = counting.unavailable(side.dataset, count) or self._unmet("cases", side)
            if reason and side.dataset.has(AGGREGATES):
                reason += "; published figures name no case, so what came and went is unknown"
            if reason:
                self._reasons[count.name] = f"{side.name}: {reason}"
                return False
        return True

    def _unmet(self, table: str, side: Side) -> str | None:
        """Why a table cannot be narrowed as it was asked for, None when it can."""
        columns = side.dataset.columns(table)
        lacking = [name for name in self._question.where if name not in columns]
        return f"{table} has no column {lacking[0]}" if lacking else None

    def _count(self, counts: Sequence[Count]) -> None:
        two = self._new.dataset is not self._old.dataset
        for side in (self._new, self._old) if two else (self._new,):
            daily.build_history(side.dataset, counts, self._cases_question)
        if two:
            self.overlap = overlap(self._new, self._old)
        self._moves = self._moved(counts, self._whole)
        for side, figure in ((self._old, "before"), (self._new, "after")):
            counted = counting.ledgers(side.dataset, counts, side.asked(self._whole), side.as_of)
            for name, ledger in counted.items():
                # The figures of a report and the sums of the moves are counted apart.
                if getattr(self._moves[()][name], figure) != ledger.counted:
                    raise MppError(
                        f"the parts of {name} do not sum to its change; nothing is printed"
                    )

    def _moved(
        self, counts: Sequence[Count], question: Question, event_date: str = ""
    ) -> Mapping[Key, Mapping[str, Moves]]:
        asked, then = self._new.asked(question), self._old.asked(question)
        two = self._new.dataset is not self._old.dataset
        other = (self._old.dataset.engine, then) if two else None
        dates = (self._old.as_of, self._new.as_of)
        return moves(self._new.dataset.engine, other, counts, asked, *dates, event_date)

    def _group(self, metrics: Sequence[Metric]) -> None:
        """The moves of every group: metrics that go by the same event are counted together."""
        timed = any(name in LABELS for name in self._cases_question.by)
        alike: dict[str, list[Metric]] = {}
        for metric in metrics:
            counts = [count for count in _counts(metric) if count.name not in self._reasons]
            if counts:
                alike.setdefault(self._dated(metric) if timed else "", []).append(metric)
        for dated, together in alike.items():
            counts = list(dict.fromkeys(count for each in together for count in _counts(each)))
            counts = [count for count in counts if count.name not in self._reasons]
            found = self._moved(counts, self._cases_question, dated)
            if len(found) > MOST_GROUPS:
                raise counting.too_many_groups()
            for count in counts:
                self._check_sums(count, found)
            self._moves_by |= dict.fromkeys([each.name for each in together], found)

    def _dated(self, declared: Metric) -> str:
        """The date by which a metric is broken down by time, as in a report."""
        answered = [
            each for each in declared.measures if not {*_needed(each)} & self._reasons.keys()
        ]
        return event_date(declared, answered) if answered else ""

    def _check_sums(self, count: Count, found: Mapping[Key, Mapping[str, Moves]]) -> None:
        """Refuse groups that do not sum to the total, part by part."""
        summed: Counter[str] = Counter()
        for group in found.values():
            moved = group[count.name]
            summed.update({"before": moved.before, "after": moved.after})
            summed.update({part.id: part.cases for part in moved.parts})
        total = self._moves[()][count.name]
        expected = {"before": total.before, "after": total.after}
        expected |= {part.id: part.cases for part in total.parts}
        # What went from one group to another is no part of the total.
        summed[INTO_GROUP] += summed.pop(OUT_OF_GROUP, 0)
        if any(number != expected.get(name, 0) for name, number in summed.items()):
            raise MppError(
                f"the groups of {count.name} do not sum to the total; nothing is printed"
            )

    def answer(self, declared: Metric) -> Compared:
        """One metric with the change of every measure, of all cases and of every group."""
        table = "encounters" if isinstance(declared.measures[0], EncounterTotal) else "cases"
        by = self._by(table)
        ((_, total),) = self._changes(declared, ())
        groups = dict(self._changes(declared, by)) if by else {}
        for group in (total, *groups.values()):
            for change in group:
                # The difference of two medians is no sum of cases.
                parted = change.change is not None and change.unit != "days"
                if parted and change.change != sum(part.value or 0 for part in change.parts):
                    raise MppError(f"the parts of {change.name} do not sum; nothing is printed")
        return Compared(
            name=declared.name,
            title=declared.title,
            headline=declared.headline,
            changes=total,
            footnotes=tuple(
                Footnote(each.id, "*" * place, each.text)
                for place, each in enumerate(footnotes(declared, self._new.as_of)[1:], start=1)
            ),
            by=by,
            groups=tuple(
                Group(dict(zip(by, key, strict=True)), group) for key, group in groups.items()
            ),
            notes=(self._years if table == "encounters" else ())
            + (
                (changes.NO_PARTS,)
                if any(isinstance(each, Days) for each in declared.measures)
                else ()
            )
            + tuple(
                f"{table} has no column {name} on both sides: this metric is shown without the "
                "breakdown"
                for name in self._question.by
                if name not in by
            ),
        )

    def _changes(
        self, declared: Metric, by: tuple[str, ...]
    ) -> Iterator[tuple[Key, tuple[Change, ...]]]:
        """The changes of all measures, of all cases or of every group that there is."""
        first = declared.measures[0]
        if isinstance(first, EncounterTotal):
            yield from self._encounters(first, by)
            return
        found = self._moves_by.get(declared.name, {}) if by else {(): self._moves.get((), {})}
        counts = [count.name for count in _counts(declared) if count.name not in self._reasons]
        days = self._days(declared, by)
        for key, moved in found.items():
            if not by or any(moved[name].before or moved[name].after for name in counts):
                yield (
                    key,
                    tuple(
                        self._change(each, moved, [side.get(key, {}) for side in days])
                        for each in declared.measures
                    ),
                )

    def _change(
        self,
        measure: AnyMeasure,
        moved: Mapping[str, Moves],
        days: Sequence[Mapping[Span, Durations]],
    ) -> Change:
        """One measure's change in one group, from its moves and the durations on both sides."""
        reason = next(filter(None, map(self._reasons.get, _needed(measure))), None)
        if reason:
            return changes.unavailable(measure, reason)
        if isinstance(measure, Ratio):
            return changes.of_ratio(measure, moved[measure.part.name], moved[measure.whole.name])
        if isinstance(measure, Days):
            # Which cases make the difference of two medians cannot be said.
            before, after = (side.get(measure.span, Durations()).figure(measure) for side in days)
            return changes.changed(measure, before, after, ())
        return changes.of_count(measure, moved[measure.name])

    def _days(
        self, declared: Metric, by: tuple[str, ...]
    ) -> list[Mapping[Key, Mapping[Span, Durations]]]:
        """The durations of a metric by group, before and after."""
        measures = [
            each
            for each in declared.measures
            if isinstance(each, Days) and not {*_needed(each)} & self._reasons.keys()
        ]
        # Of other dockets, which a report may show for comparison, nothing is a part.
        alone = replace(declared, compares_dockets=False, grouped_by=self._dated(declared))
        question = replace(self._cases_question, by=by)
        return [
            breakdown.group_durations(
                side.dataset, alone, measures, side.asked(question), side.as_of
            )
            for side in (self._old, self._new)
        ]

    def _encounters(
        self, measure: EncounterTotal, by: tuple[str, ...]
    ) -> Iterator[tuple[Key, tuple[Change, ...]]]:
        for side in (self._new, self._old):
            reason = self._unmet("encounters", side)
            reason = months.unavailable(side.dataset, side.as_of) or reason
            if reason:
                if not by:
                    yield (), (changes.unavailable(measure, f"{side.name}: {reason}"),)
                return
        old, new = (
            daily.months_to_date(side.dataset, side.asked(self._question), by, side.as_of)
            for side in (self._old, self._new)
        )
        whole = [changes.summed(each.values()) for each in (old, new)]
        told = changes.years_told(self._old.as_of, whole[0], self._new.as_of, whole[1])
        self._years = (told,)
        for key in sorted({*old, *new}, key=counting.sort_key) if by else [()]:
            yield key, (changes.of_months(measure, old.get(key, {}), new.get(key, {}), *whole),)


def _counts(declared: Metric) -> tuple[Count, ...]:
    """The counts that the measures of a metric are made from; its rows are not compared."""
    return replace(declared, parts=()).every_count


def _needed(measure: AnyMeasure) -> tuple[str, ...]:
    """The names of the counts that a measure is made of."""
    if isinstance(measure, Ratio):
        return measure.whole.name, measure.part.name
    if isinstance(measure, Days):
        return measure.span.cases.name, measure.span.waiting.name
    return (measure.name,)
