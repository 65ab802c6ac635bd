"""What a change between two dates, or two releases of the data, is made of."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from mpp_cli import counting, daily
from mpp_cli.breakdown import shown
from mpp_cli.catalogue import find_metric
from mpp_cli.comparison import Change, Compared, Comparison, Overlap, Part
from mpp_cli.conditions import unmet_conditions
from mpp_cli.definitions import AnyMeasure, Count, Days, EncounterTotal, Metric, Ratio
from mpp_cli.durations import Durations, durations
from mpp_cli.errors import DataError, MppError, UsageError
from mpp_cli.figures import points, ratio, signed
from mpp_cli.footnotes import footnotes
from mpp_cli.goals import METRICS
from mpp_cli.heads import make_head
from mpp_cli.judgement import Judgement
from mpp_cli.moves import Moves, moves
from mpp_cli.question import Question, check_columns
from mpp_cli.results import Footnote, Head, Request
from mpp_cli.sources.dataset import Dataset

#: Two releases must share this part of the ids of the smaller one.
LEAST_SHARED = Fraction(1, 2)


@dataclass(frozen=True)
class _Side:
    """One of the two: data, and the date they are asked as of."""

    judgement: Judgement
    as_of: datetime.date
    name: str

    @property
    def dataset(self) -> Dataset:
        return self.judgement.dataset


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
    new, old = _sides(after, question, before, before_as_of)
    for side in (new, old):
        held = [name for name in ("cases", "encounters") if side.dataset.has(name)]
        check_columns(question, side.dataset, held)
    work = _Comparison(new, old, question, metrics)
    head = _head(new, question, request)
    return Comparison(
        # Where one side is invented, so is the change.
        head=replace(head, sample=new.dataset.sample or old.dataset.sample),
        before=_head(old, question, request),
        metrics=tuple(work.answer(each) for each in metrics),
        overlap=work.overlap,
    )


def _sides(
    after: Judgement,
    question: Question,
    before: Judgement | None,
    before_as_of: datetime.date | None,
) -> tuple[_Side, _Side]:
    if before is None and before_as_of is None:
        raise UsageError(
            "there is nothing to compare with",
            hint="name an earlier date with --with, or an earlier release with --with-data",
        )
    earlier = before or after
    to = question.as_of or after.end or after.today
    since = before_as_of or question.as_of or earlier.end or earlier.today
    if since > to:
        raise UsageError(
            f"{since} is compared with as the earlier date, but {to} is before it",
            hint=f"use --as-of {since} --with {to}" if before is None else "name both dates",
        )
    return _Side(after, to, "the data"), _Side(earlier, since, "the data compared with")


def _head(side: _Side, question: Question, request: Request) -> Head:
    head = make_head(side.judgement, side.as_of, replace(request, data=side.dataset.paths))
    return replace(head, warnings=(*head.warnings, *unmet_conditions(side.dataset, question)))


class _Comparison:
    """All metrics that were asked for, compared together."""

    def __init__(
        self, new: _Side, old: _Side, question: Question, metrics: Sequence[Metric]
    ) -> None:
        self._new, self._old, self._question = new, old, question
        self.overlap: Overlap | None = None
        self._moves: Mapping[str, Moves] = {}
        self._reasons: dict[str, str] = {}
        counts = {count.name: count for metric in metrics for count in _counts(metric)}
        available = [count for count in counts.values() if self._can(count)]
        if available:
            self._count(available)

    def _can(self, count: Count) -> bool:
        """Whether both sides can count it; if not, why is kept."""
        if not daily.adds_up(count):
            self._reasons[count.name] = f"{count.name} is not a sum of what happened by day"
            return False
        for side in (self._new, self._old):
            reason = counting.unavailable(side.dataset, count) or self._unmet("cases", side)
            if reason:
                self._reasons[count.name] = f"{side.name}: {reason}"
                return False
        return True

    def _unmet(self, table: str, side: _Side) -> str | None:
        """Why a table cannot be narrowed as it was asked for, None when it can."""
        columns = side.dataset.columns(table)
        lacking = [name for name in self._question.where if name not in columns]
        return f"{table} has no column {lacking[0]}" if lacking else None

    def _count(self, counts: Sequence[Count]) -> None:
        question = replace(self._question, by=())
        sides = (self._new,) if self._new.dataset is self._old.dataset else (self._new, self._old)
        for side in sides:
            daily.build_history(side.dataset, counts, question)
        dates = (self._old.as_of, self._new.as_of)
        two = self._new.dataset is not self._old.dataset
        if two:
            self.overlap = _overlap(self._new, self._old)
        other = self._old.dataset.engine if two else None
        self._moves = moves(self._new.dataset.engine, other, counts, question, *dates)
        for side, figure in ((self._old, "before"), (self._new, "after")):
            counted = counting.ledgers(side.dataset, counts, question, side.as_of)
            for name, ledger in counted.items():
                # The figures of a report and the sums of the moves are counted apart.
                if getattr(self._moves[name], figure) != ledger.counted:
                    raise MppError(
                        f"the parts of {name} do not sum to its change; nothing is printed"
                    )

    def answer(self, declared: Metric) -> Compared:
        """One metric with the change of every measure."""
        changes = tuple(self._change(each) for each in declared.measures)
        for change in changes:
            # The difference of two medians is no sum of cases.
            parted = change.change is not None and change.unit != "days"
            if parted and change.change != sum(part.value or 0 for part in change.parts):
                raise MppError(f"the parts of {change.name} do not sum; nothing is printed")
        return Compared(
            name=declared.name,
            title=declared.title,
            headline=declared.headline,
            changes=changes,
            footnotes=tuple(
                Footnote(each.id, "*" * place, each.text)
                for place, each in enumerate(footnotes(declared, self._new.as_of)[1:], start=1)
            ),
        )

    def _change(self, measure: AnyMeasure) -> Change:
        if isinstance(measure, EncounterTotal):
            return self._encounters(measure)
        if isinstance(measure, Ratio):
            return self._ratio(measure)
        if isinstance(measure, Days):
            return self._days(measure)
        reason = self._reasons.get(measure.name)
        if reason:
            return _unavailable(measure, reason)
        found = self._moves[measure.name]
        parts = tuple(
            Part(each.id, each.label, each.cases, signed(each.cases)) for each in found.parts
        )
        return _changed(measure, found.before, found.after, parts)

    def _days(self, measure: Days) -> Change:
        """A number of days before and after; which cases make the difference cannot be said."""
        span = measure.span
        reason = self._reasons.get(span.cases.name) or self._reasons.get(span.waiting.name)
        if reason:
            return _unavailable(measure, reason)
        question = replace(self._question, by=())
        before, after = (
            durations(side.dataset, span, question, side.as_of, "")
            .get((), Durations())
            .figure(measure)
            for side in (self._old, self._new)
        )
        return _changed(measure, before, after, ())

    def _ratio(self, measure: Ratio) -> Change:
        """A ratio's change as the points that the changes of its two counts make.

        Each count's effect is the mean of both orders in which the two could
        have changed, so neither comes first and the effects sum exactly.
        """
        reason = self._reasons.get(measure.whole.name) or self._reasons.get(measure.part.name)
        if reason:
            return _unavailable(measure, reason)
        part, whole = self._moves[measure.part.name], self._moves[measure.whole.name]
        before, after = ratio(part.before, whole.before), ratio(part.after, whole.after)
        if before is None or after is None:
            return _changed(measure, before, after, ())
        of_part = (Fraction(1, whole.before) + Fraction(1, whole.after)) / 2
        of_whole = Fraction(-(part.before + part.after), 2 * whole.before * whole.after)
        parts = [
            Part(each.id, each.label, each.cases * effect, points(each.cases * effect), count.name,
                 each.cases)
            for count, found, effect in (
                (measure.part, part, of_part),
                (measure.whole, whole, of_whole),
            )
            for each in found.parts
        ]  # fmt: skip
        return _changed(measure, before, after, tuple(parts))

    def _encounters(self, measure: EncounterTotal) -> Change:
        for side in (self._new, self._old):
            reason = self._unmet("encounters", side)
            if not side.dataset.has("encounters"):
                reason = "there is no table encounters"
            if reason:
                return _unavailable(measure, f"{side.name}: {reason}")
        question = replace(self._question, by=())
        old, new = (
            daily.counted_months(
                daily.encounters_by_month(side.dataset, question).get((), {}), side.as_of
            )
            for side in (self._old, self._new)
        )
        both = old.keys() & new.keys()
        cells = {
            "new-months": sum(new[month] for month in new.keys() - both),
            "revised-months": sum(new[month] - old[month] for month in both),
            "dropped-months": -sum(old[month] for month in old.keys() - both),
        }
        labels = {
            "new-months": f"{len(new.keys() - both)} new months",
            "revised-months": f"{len(both)} months in both, revised",
            "dropped-months": f"{len(old.keys() - both)} months no longer counted",
        }
        parts = tuple(
            Part(part, labels[part].replace("1 new months", "1 new month"), value, signed(value))
            for part, value in cells.items()
        )
        before, after = sum(old.values()) if old else None, sum(new.values()) if new else None
        return _changed(measure, before, after, parts if old and new else ())


def _counts(declared: Metric) -> tuple[Count, ...]:
    """The counts that the measures of a metric are made from; its rows are not compared."""
    return replace(declared, parts=()).every_count


def _overlap(new: _Side, old: _Side) -> Overlap:
    """The case ids that both releases have; too few of them are refused."""
    engine = new.dataset.engine
    engine.load_arrow("ids_before", old.dataset.engine.arrow("SELECT case_id FROM case_history"))
    (after, both), (before,) = (
        engine.fetch(
            "SELECT count(*), count(*) FILTER (WHERE case_id IN (SELECT case_id FROM ids_before)) "
            "FROM case_history"
        )[0],
        engine.fetch("SELECT count(*) FROM ids_before")[0],
    )
    if both < LEAST_SHARED * min(before, after):
        raise DataError(
            f"the two releases share only {both:,} case ids, of {before:,} and {after:,}: "
            "their cases cannot be told from each other",
            hint="compare releases in which a case keeps its case_id",
        )
    return Overlap(before, after, both)


def _changed(
    measure: AnyMeasure, before: int | Fraction | None, after: int | Fraction | None,
    parts: tuple[Part, ...],
) -> Change:  # fmt: skip
    change = None if before is None or after is None else after - before
    by = "n/a" if change is None else signed(change)
    if change is not None and measure.unit == "ratio":
        by = points(Fraction(change))
    return Change(
        name=measure.name,
        label=measure.label,
        unit=measure.unit,
        before=before,
        after=after,
        change=change,
        display_before=shown(measure, before),
        display_after=shown(measure, after),
        display_change=by,
        parts=parts if change is not None else (),
    )


def _unavailable(measure: AnyMeasure, reason: str) -> Change:
    words = ("unavailable",) * 3
    return Change(
        measure.name, measure.label, measure.unit, None, None, None, *words, (), reason
    )  # fmt: skip
