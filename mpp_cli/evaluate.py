"""Declarations, data and an as-of date become a report."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace

from mpp_cli import __version__, checks, counting, history, months
from mpp_cli.definitions import AnyMeasure, Count, EncounterTotal, Metric, Note, Ratio
from mpp_cli.errors import MppError, UsageError, did_you_mean
from mpp_cli.figures import display, ratio
from mpp_cli.goals import GOALS, INTRODUCTION, METRICS, TITLE
from mpp_cli.goals.encounters import NO_COMPONENTS
from mpp_cli.judgement import Judgement
from mpp_cli.periods import LABELS, long_date, month_name
from mpp_cli.question import Question, check_columns
from mpp_cli.results import (
    Footnote,
    Goal,
    Head,
    Ledger,
    Measure,
    MetricReport,
    Report,
    Request,
    Row,
    Value,
)
from mpp_cli.results import Metric as Answer


def find_metric(name: str) -> Metric:
    """The declaration of a metric by its command name; UsageError suggests the nearest."""
    if name not in METRICS:
        raise UsageError(f'unknown metric "{name}"', hint=did_you_mean(name, list(METRICS)))
    return METRICS[name]


def report(judgement: Judgement, question: Question, request: Request) -> Report:
    """The whole document."""
    check_columns(
        question,
        judgement.dataset,
        [name for name in ("cases", "encounters") if judgement.dataset.has(name)],
    )
    if question.measure:
        raise UsageError("--measure is for one metric", hint="use `mpp metric NAME --measure NAME`")
    evaluation = _Evaluation(judgement, question, list(METRICS.values()))
    return Report(
        head=evaluation.head(request),
        introduction=INTRODUCTION,
        goals=tuple(
            Goal(goal.number, goal.text, tuple(map(evaluation.answer, goal.metrics)))
            for goal in GOALS
        ),
    )


def metric(judgement: Judgement, name: str, question: Question, request: Request) -> MetricReport:
    """One metric."""
    declared = find_metric(name)
    if question.measure:
        declared = only(declared, question.measure)
    uses = "encounters" if isinstance(declared.measures[0], EncounterTotal) else "cases"
    if judgement.dataset.has(uses):
        check_columns(question, judgement.dataset, [uses])
    evaluation = _Evaluation(judgement, question, [declared])
    return MetricReport(evaluation.head(request), evaluation.answer(declared))


def only(declared: Metric, name: str) -> Metric:
    """The metric reduced to one measure, which becomes its headline.

    A ratio keeps its part and its whole: a rate is never shown without them.
    """
    for measure in declared.measures:
        if measure.name == name:
            kept = declared.measures if isinstance(measure, Ratio) else (measure,)
            return replace(declared, measures=kept, headline=name)
    known = [measure.name for measure in declared.measures]
    raise UsageError(f'{declared.name} has no measure "{name}"', hint=did_you_mean(name, known))


def definitions_hash() -> str:
    """A fingerprint of every definition: it changes when a figure could mean something else."""
    text = repr((GOALS, history.COLUMNS, history.COMPLETION_CLASS))
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def head(judgement: Judgement, as_of: datetime.date, request: Request) -> Head:
    """What every output carries."""
    dataset = judgement.dataset
    return Head(
        version=__version__,
        engine=dataset.engine.name,
        definitions=definitions_hash(),
        as_of=as_of,
        title=TITLE,
        request=request,
        warnings=checks.warnings(dataset, judgement.sources, as_of, judgement.today),
        sample=dataset.sample,
        sources=judgement.sources,
    )


class _Evaluation:
    """All metrics that were asked for, answered together."""

    def __init__(self, judgement: Judgement, question: Question, metrics: Sequence[Metric]) -> None:
        self._judgement, self._question = judgement, question
        self._dataset = judgement.dataset
        self.as_of = question.as_of or judgement.end or judgement.today
        counts = {count.name: count for each in metrics for count in _counts(each)}
        self._reasons = {
            name: counting.unavailable(self._dataset, count) for name, count in counts.items()
        }
        available = [count for name, count in counts.items() if self._reasons[name] is None]
        self._case_columns = set(self._dataset.columns("cases"))
        self._cases_question = replace(
            question,
            by=tuple(name for name in question.by if self._groups_cases(name)),
            where={
                name: value for name, value in question.where.items() if name in self._case_columns
            },
        )
        self._ledgers: Mapping[str, Ledger] = {}
        if available:
            columns = {"nta_filed_date"} if "nta_filed_date" in self._case_columns else set()
            for count in available:
                columns |= counting.history_columns(count)
            history.build(self._dataset, columns, self._cases_question.columns & self._case_columns)
            self._ledgers = counting.ledgers(
                self._dataset, available, self._cases_question, self.as_of
            )
        self._encounters: months.Encounters | None = None
        if self._dataset.has("encounters") and any(_total(each) for each in metrics):
            self._encounters = months.count_encounters(self._dataset, question, self.as_of)
        self._check_balances()

    def _groups_cases(self, name: str) -> bool:
        return name in LABELS or name in self._case_columns

    def _check_balances(self) -> None:
        ledgers = [*self._ledgers.values()]
        if self._encounters:
            ledgers.append(self._encounters.ledger)
        for each in ledgers:
            if not each.closes:
                raise MppError(
                    f"the balance of {each.measure} does not close; no figure is printed"
                )

    def head(self, request: Request) -> Head:
        """What every output carries."""
        return head(self._judgement, self.as_of, request)

    def answer(self, declared: Metric) -> Answer:
        """One metric with its figures, groups, footnotes and balances."""
        if _total(declared):
            return self._answer_encounters(declared)
        measures = tuple(self._measure(declared, each) for each in declared.measures)
        headline = next(each for each in declared.measures if each.name == declared.headline)
        reason = self._reason(headline)
        ledgers = [self._ledgers[c.name] for c in declared.counts if c.name in self._ledgers]
        by = self._cases_question.by if self._question.by and reason is None else ()
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
            rows=self._rows(declared) if by else (),
            footnotes=self._footnotes(declared),
            ledger=tuple(ledgers),
            notes=self._notes(self._case_columns, "cases"),
        )

    def _reason(self, measure: AnyMeasure) -> str | None:
        if isinstance(measure, Ratio):
            return self._reason(measure.whole) or self._reason(measure.part)
        return self._reasons.get(measure.name)

    def _value(self, measure: AnyMeasure, counts: Mapping[str, int]) -> Value:
        if isinstance(measure, Ratio):
            return ratio(counts[measure.part.name], counts[measure.whole.name])
        return counts[measure.name]

    def _measure(self, declared: Metric, measure: AnyMeasure) -> Measure:
        value: Value = None
        shown = "unavailable"
        if self._reason(measure) is None:
            value = self._value(measure, {n: each.counted for n, each in self._ledgers.items()})
            shown = display(value, measure.unit)
        counts = (measure.whole, measure.part) if isinstance(measure, Ratio) else (measure,)
        rules = {rule.id for c in counts if isinstance(c, Count) for rule in c.all_rules}
        marks = [rule.id for rule in declared.footnote_rules if rule.id in rules]
        return Measure(
            measure.name,
            measure.label,
            value,
            shown,
            measure.unit,
            ("as-of", *marks, *(note.id for note in declared.notes)),
        )

    def _rows(self, declared: Metric) -> tuple[Row, ...]:
        measures = [each for each in declared.measures if self._reason(each) is None]
        whole = next((each.whole for each in measures if isinstance(each, Ratio)), None)
        counts = [each for each in measures if isinstance(each, Count)]
        groups = counting.groups(
            self._dataset,
            counts,
            (whole or counts[0]).event_date,
            self._cases_question,
            self.as_of,
        )
        for count in counts:
            if (
                sum(group[count.name] for group in groups.values())
                != self._ledgers[count.name].counted
            ):
                raise MppError(
                    f"the groups of {count.name} do not sum to the total; nothing is printed"
                )
        return tuple(
            _row(
                self._cases_question.by,
                key,
                {each.name: (self._value(each, group), each.unit) for each in measures},
            )
            for key, group in groups.items()
        )

    def _footnotes(self, declared: Metric, *more: Note) -> tuple[Footnote, ...]:
        notes = [
            ("as-of", f"As of {long_date(self.as_of)}."),
            *((rule.id, rule.footnote or "") for rule in declared.footnote_rules),
            *((note.id, note.text) for note in (*declared.notes, *more)),
        ]
        return tuple(
            Footnote(name, "*" * place, text) for place, (name, text) in enumerate(notes, start=1)
        )

    def _notes(self, columns: set[str], table: str) -> tuple[str, ...]:
        """Said where a metric lacks a column that was asked for and is printed whole."""
        return tuple(
            f"{table} has no column {name}: this metric is given whole"
            for name in (*self._question.by, *self._question.where)
            if name not in columns and name not in LABELS
        )

    def _answer_encounters(self, declared: Metric) -> Answer:
        found, measure = self._encounters, declared.measures[0]
        value = found.to_date if found else None
        extra: list[Note] = []
        if found and value is None:
            until = (
                f"; the latest complete month is {month_name(found.latest)}" if found.latest else ""
            )
            extra.append(
                Note(
                    "no-complete-month",
                    f"These data have no month of fiscal year {found.year} that ends by "
                    f"{long_date(self.as_of)}{until}.",
                )
            )
        if found and found.lacks_components:
            extra.append(NO_COMPONENTS)
        footnotes = self._footnotes(declared, *extra)
        return Answer(
            name=declared.name,
            title=declared.title,
            goal=declared.goal,
            metric=declared.statement,
            data_measurement=declared.data_measurement,
            status="ok" if found else "unavailable",
            reason=None if found else "there is no table encounters in the data",
            headline=declared.headline,
            measures=(
                Measure(
                    measure.name,
                    measure.label,
                    value,
                    display(value, measure.unit) if found else "unavailable",
                    measure.unit,
                    tuple(each.id for each in footnotes),
                ),
            ),
            by=found.by if found else (),
            rows=tuple(
                _row(
                    found.by, key, {name: (number, "encounters") for name, number in values.items()}
                )
                for key, values in found.rows.items()
            )
            if found
            else (),
            row_measures=months.ROW_MEASURES,
            footnotes=footnotes,
            ledger=(found.ledger,) if found else (),
            notes=self._notes(set(self._dataset.columns("encounters")), "encounters")
            if found
            else (),
        )


def _row(by: Sequence[str], key: counting.Key, values: Mapping[str, tuple[Value, str]]) -> Row:
    return Row(
        by=dict(zip(by, key, strict=True)),
        values={name: value for name, (value, _) in values.items()},
        display={name: display(value, unit) for name, (value, unit) in values.items()},
    )


def _counts(declared: Metric) -> list[Count]:
    """Every count that the figures of a metric are made from."""
    found = list(declared.counts)
    for measure in declared.measures:
        if isinstance(measure, Ratio):
            found += [measure.whole, measure.part]
    return found


def _total(declared: Metric) -> bool:
    return isinstance(declared.measures[0], EncounterTotal)
