"""Declarations, data and an as-of date become a report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from mpp_cli.common.errors import DataError, MppError, UsageError
from mpp_cli.common.periods import LABELS
from mpp_cli.dataset import case_history
from mpp_cli.dataset.provenance import make_head, told_if_empty
from mpp_cli.dataset.validated import Judgement
from mpp_cli.goals import ADDITIONAL, GOALS, INTRODUCTION, METRICS, describe
from mpp_cli.goals.definitions import AnyMeasure, Count, Days, EncounterTotal, Metric, Ratio, Span
from mpp_cli.goals.lookup import find_metric, only, rows_counted
from mpp_cli.metrics import breakdown, conditions, encounters, encounters_result, title_42
from mpp_cli.metrics import counts as counting
from mpp_cli.metrics.aggregates import NOT_NARROWED, Published, contradicted, mixed, without_groups
from mpp_cli.metrics.durations import Durations
from mpp_cli.metrics.footnotes import footnotes, given_whole, of_sources
from mpp_cli.metrics.metric_result import answer
from mpp_cli.metrics.query import Question, check_question, column_of
from mpp_cli.results.report import (
    Goal,
    Head,
    Ledger,
    Measure,
    MetricReport,
    Query,
    Report,
    Request,
    Row,
    Value,
    Warning,
)
from mpp_cli.results.report import Metric as Answer
from mpp_cli.results.rounding import display
from mpp_cli.sources.schema import AGGREGATES


def report(
    judgement: Judgement, question: Question, request: Request, *, additional: bool = False
) -> Report:
    """The whole document, and what lies beyond it where that is asked for."""
    check_question(
        question,
        judgement.dataset,
        [name for name in ("cases", "encounters", AGGREGATES) if judgement.dataset.has(name)],
    )
    if question.measure:
        raise UsageError("--measure is for one metric", hint="use `mpp metric NAME --measure NAME`")
    beyond = [*ADDITIONAL.values()] if additional else []
    evaluation = _Evaluation(judgement, question, [*METRICS.values(), *beyond])
    goals = tuple(
        Goal(goal.number, goal.text, tuple(map(evaluation.answer, goal.metrics))) for goal in GOALS
    )
    answers = [answer for goal in goals for answer in goal.metrics]
    if evaluation.published.lacks_the_date and all(each.reason for each in answers):
        raise DataError(
            "; ".join(dict.fromkeys(each.reason for each in answers if each.reason)),
            file=judgement.dataset.names_of(AGGREGATES)[0],
            hint="ask for a date that the file has with --as-of",
        )
    added = tuple(map(evaluation.answer, beyond))
    return told_if_empty(Report(evaluation.head(request), INTRODUCTION, goals, added))


def metric(judgement: Judgement, name: str, question: Question, request: Request) -> MetricReport:
    """One metric."""
    return metric_and_queries(judgement, name, question, request)[0]


def metric_and_queries(
    judgement: Judgement, name: str, question: Question, request: Request
) -> tuple[MetricReport, tuple[Query, ...]]:
    """One metric, and the queries that its ungrouped figures were read from."""
    declared = find_metric(name)
    if question.measure:
        declared = only(declared, question.measure)
    narrowed = (*rows_counted([declared]), AGGREGATES)
    tables = [each for each in narrowed if judgement.dataset.has(each)]
    if tables:
        check_question(question, judgement.dataset, tables)
    evaluation = _Evaluation(judgement, question, [declared])
    answer = evaluation.answer(declared)
    return MetricReport(evaluation.head(request), answer), evaluation.queries


class _Evaluation:
    """All metrics that were asked for, answered together."""

    def __init__(self, judgement: Judgement, question: Question, metrics: Sequence[Metric]) -> None:
        self._judgement, self._question = judgement, question
        self._dataset = judgement.dataset
        self.as_of = question.as_of or judgement.end or judgement.today
        counts = {count.name: count for each in metrics for count in each.every_count}
        self._narrowed = rows_counted(metrics)
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
        self.published = Published(self._dataset, self.as_of)
        self._differences: list[Warning] = []
        self._ledgers: Mapping[str, Ledger] = {}
        self._figures: dict[str, int] = {}
        self._spans: dict[Span, Durations] = {}
        self.queries: tuple[Query, ...] = ()
        if available:
            columns = {"nta_filed_date"} if "nta_filed_date" in self._case_columns else set()
            for count in available:
                columns |= counting.history_columns(count)
            asked = (available, self._cases_question, self.as_of)
            dimensions = self._cases_question.columns & self._case_columns
            events = sorted({count.table for count in available} & case_history.EVENTS.keys())
            self.queries = (
                case_history.build(self._dataset, columns, dimensions, self.as_of),
                *(case_history.build_events(self._dataset, name) for name in events),
                *counting.queries(*asked),
            )
            self._ledgers = counting.ledgers(self._dataset, *asked)
            self._figures = {name: each.counted for name, each in self._ledgers.items()}
        self._use_published([name for name, reason in self._reasons.items() if reason])
        self._encounters: encounters.Encounters | None = None
        if self._dataset.has("encounters") and any(_total(each) for each in metrics):
            self._encounters = encounters.count_encounters(self._dataset, question, self.as_of)
            self.queries += (encounters.encounters_query(self._dataset, question),)
        self._check_balances()

    def _groups_cases(self, name: str) -> bool:
        return name in LABELS or column_of(name) in self._case_columns

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
        head = make_head(self._judgement, self.as_of, request)
        where, matched = self._question.where, self._question.matched
        remarks = conditions.remarks(self._dataset, where, matched, self._narrowed)
        return replace(head, warnings=(*head.warnings, *remarks, *self._differences))

    def answer(self, declared: Metric) -> Answer:
        """One metric with its figures, groups, footnotes and balances."""
        if _total(declared):
            return self._answer_encounters(declared)
        measures = tuple(self._measure(declared, each) for each in declared.measures)
        headline = next(each for each in declared.measures if each.name == declared.headline)
        reason = self._reason(declared, headline) or self._reason_of_parts(declared)
        ledgers = [self._ledgers[c.name] for c in declared.counts if c.name in self._ledgers]
        by = self._by(declared) if reason is None else ()
        rows, remarks = (
            self._rows(declared, by) if by or (declared.parts and not reason) else ((), ())
        )
        return answer(
            declared,
            reason,
            measures,
            by=(*by, breakdown.OUTCOME) if declared.parts and reason is None else by,
            rows=rows,
            row_measures=breakdown.row_measures(declared),
            footnotes=(
                *footnotes(declared, self.as_of),
                *(of_sources(self._dataset, declared, self._question.by) if not reason else ()),
            ),
            ledger=() if self._as_read(declared) else tuple(ledgers),
            notes=(
                *given_whole(self._question, self._columns_of(declared), "cases"),
                *self._provenance(declared, reason),
                *remarks,
            ),
        )

    def _columns_of(self, declared: Metric) -> set[str]:
        return self._case_columns if self._computed(declared) else {*self.published.breakdowns}

    def _computed(self, declared: Metric) -> bool:
        """Whether the figures of a metric were counted, not read."""
        return all(each.name in self._ledgers for each in declared.counts)

    def _provenance(self, declared: Metric, reason: str | None) -> tuple[str, ...]:
        if reason is not None:
            return ()
        if not self._computed(declared):
            times = sorted({*self._question.by} & {*LABELS} - {*self.published.breakdowns})
            return (self._as_published(), *((without_groups(times),) if times else ()))
        found = (self._beside(each.name, self._figures[each.name]) for each in declared.counts)
        dockets = breakdown.on_dockets(declared, self._dataset, self._cases_question, self.as_of)
        return (*(text for texts in found for text in texts), *dockets)

    def _as_read(self, declared: Metric) -> dict[str, int]:
        """The published figures of a metric that cannot be counted whole; empty if some lack."""
        names = [count.name for count in declared.every_count]
        if self._question.where or all(name in self._ledgers for name in names):
            return {}
        found = {name: self.published.figure(name) for name in names}
        read = {name: figure for name, figure in found.items() if figure is not None}
        return read if len(read) == len(found) else {}

    def _reason(self, declared: Metric, measure: AnyMeasure) -> str | None:
        if isinstance(measure, Ratio):
            one, other = measure.whole, measure.part
            reason = self._reason(declared, one) or self._reason(declared, other)
            if reason:
                return reason
            figures = self._as_read(declared)
            return contradicted(measure, figures) if figures else mixed(measure, self._ledgers)
        if isinstance(measure, Days):
            return self._uncounted(measure.span.cases) or self._uncounted(measure.span.waiting)
        return self._reasons.get(measure.name)

    def _reason_of_parts(self, declared: Metric) -> str | None:
        found = (self._uncounted(part.count) for part in declared.parts)
        return next((reason for reason in found if reason), None)

    def _uncounted(self, count: Count) -> str | None:
        """Why there are no cases behind a count, None where they were counted."""
        reason = self._reasons.get(count.name)
        if reason is None and count.name not in self._ledgers:
            return "published figures do not give it"
        return reason

    def _measure(self, declared: Metric, measure: AnyMeasure) -> Measure:
        value: Value = None
        shown = "unavailable"
        if self._reason(declared, measure) is None:
            figures = self._as_read(declared) or self._figures
            value = breakdown.value_of(measure, figures, self._durations(declared, measure))
            shown = breakdown.shown(measure, value)
        rules = {rule.id for count in _counts(measure) for rule in count.all_rules}
        marks = [rule.id for rule in declared.footnote_rules if rule.id in rules]
        worded = measure.worded(self._dataset.words) if isinstance(measure, Count) else measure
        return Measure(
            measure.name,
            measure.label,
            value,
            shown,
            measure.unit,
            ("as-of", *marks, *(note.id for note in declared.notes)),
            definition=describe.definition(worded, self.as_of, alone=True),
        )

    def _by(self, declared: Metric) -> tuple[str, ...]:
        """The columns of ``--by`` that a metric can be broken down by."""
        if self._computed(declared):
            return self._cases_question.by
        if all(name in self.published.breakdowns for name in self._question.by):
            return self._question.by
        return ()

    def _durations(self, declared: Metric, measure: AnyMeasure) -> Mapping[Span, Durations]:
        """The durations of all cases, counted once for all measures of a span."""
        if isinstance(measure, Days) and measure.span not in self._spans:
            whole = replace(self._cases_question, by=())
            found = breakdown.group_durations(
                self._dataset, declared, declared.measures, whole, self.as_of
            )
            self._spans[measure.span] = found.get((), {}).get(measure.span, Durations())
        return self._spans

    def _rows(
        self, declared: Metric, by: tuple[str, ...]
    ) -> tuple[tuple[Row, ...], tuple[str, ...]]:
        """The rows of a metric, and what must be said of them."""
        measures = [each for each in declared.measures if self._reason(declared, each) is None]
        asked = (self._dataset, declared, measures, self._cases_question, self.as_of)
        days: Mapping[counting.Key, Mapping[Span, Durations]] = {}
        if not by:
            groups: Mapping[counting.Key, Mapping[str, int]] = {(): self._figures}
        elif not self._computed(declared):
            return self.published.rows(declared, measures, by)
        else:
            groups = breakdown.groups(*asked, self._figures)
            days = breakdown.group_durations(*asked)
        return tuple(breakdown.rows(declared, measures, by, groups, days)), ()

    def _answer_encounters(self, declared: Metric) -> Answer:
        name = declared.measures[0].name
        notes = given_whole(self._question, self._dataset.columns("encounters"), "encounters")
        reason = encounters.unavailable(self._dataset, self.as_of)
        if self._encounters and reason is None:
            notes += self._beside(name, self._encounters.to_date)
            more = title_42.notes(self._dataset, self._question, self.as_of)
            counted = (declared, self._encounters, self.as_of, notes)
            return encounters_result.from_months(*counted, bool(self._question.where), more)
        figure = self.published.figure(name)
        if figure is None:
            reason = self.published.refusal(name) or reason or ""
            return encounters_result.unavailable(declared, self.as_of, reason)
        if {*self._question.where} & {*self.published.breakdowns}:
            return encounters_result.unavailable(declared, self.as_of, NOT_NARROWED)
        notes += (self._as_published(),)
        return encounters_result.from_published(declared, figure, self.as_of, notes)

    # --- published figures ------------------------------------------------------

    def _use_published(self, names: Sequence[str]) -> None:
        """Take from published figures what the case-level tables cannot answer."""
        for name in names:
            figure = self.published.figure(name)
            if figure is None:
                self._reasons[name] = self.published.refusal(name) or self._reasons[name]
            elif self._question.where:
                self._reasons[name] = NOT_NARROWED
            else:
                self._figures[name], self._reasons[name] = figure, None

    def _as_published(self) -> str:
        return f"As published in {self.published.file}; not computed from cases."

    def _beside(self, name: str, computed: Value) -> tuple[str, ...]:
        """Both figures, where a published one differs from the one computed."""
        figure = None if self._question.where else self.published.figure(name)
        if figure is None or figure == computed:
            return ()
        text = (
            f"{name} as of {self.as_of} is {display(computed, 'cases')} as computed here and "
            f"{figure:,} as published in {self.published.file}"
        )
        warning = Warning("differs-from-published", text, self.published.file)
        if warning not in self._differences:  # two metrics may show one measure
            self._differences.append(warning)
        return (text,)


def _counts(measure: AnyMeasure) -> tuple[Count, ...]:
    """The counts that one measure is made from."""
    if isinstance(measure, Ratio):
        return measure.whole, measure.part
    if isinstance(measure, Days):
        return (measure.span.cases,)
    return (measure,) if isinstance(measure, Count) else ()


def _total(declared: Metric) -> bool:
    return isinstance(declared.measures[0], EncounterTotal)
