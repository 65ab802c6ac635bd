"""Why a figure is what it is: definitions, rules and what they removed, columns, queries."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from mpp_cli import counting, described, disclosure, membership
from mpp_cli.case import explain_case
from mpp_cli.catalogue import find_metric
from mpp_cli.counting import AS_OF, history_columns
from mpp_cli.definitions import AnyMeasure, Count, EncounterTotal, Metric, Ratio, event_date
from mpp_cli.errors import MppError, UnavailableError, UsageError
from mpp_cli.evaluate import metric_and_queries
from mpp_cli.explanation import (
    ColumnRead,
    EventsApplied,
    Explanation,
    GroupExplained,
    MeasureExplained,
    Place,
    RuleApplied,
)
from mpp_cli.goals import GOALS
from mpp_cli.history import COLUMNS
from mpp_cli.judgement import Judgement
from mpp_cli.published import Published
from mpp_cli.question import Question, check_question
from mpp_cli.results import Ledger, MetricReport, Request
from mpp_cli.sources.dataset import Dataset
from mpp_cli.sources.schema import AGGREGATES, table

#: What the count of encounters reads besides the columns of ``--where``.
_ENCOUNTER_COLUMNS = ("fiscal_year", "month", "component", "encounters", "region")


def explain(
    judgement: Judgement,
    name: str,
    question: Question,
    request: Request,
    *,
    sql: bool = False,
    case: str | None = None,
) -> Explanation:
    """One metric, explained as of a date; ``sql`` adds the queries that ran, ``case`` one case.

    A metric that is unavailable is explained all the same, without numbers.
    """
    declared = find_metric(name)
    report, queries = metric_and_queries(judgement, name, question, request)
    read = _published(judgement.dataset, report, declared)
    words = judgement.dataset.words
    worded = (m.worded(words) if isinstance(m, Count) else m for m in declared.measures)
    report = disclosure.without_small_counts(report, report.head)
    explanation = Explanation(
        head=report.head,
        metric=report.metric,
        goal=next((goal.text for goal in GOALS if goal.number == declared.goal), None),
        measures=tuple(_measure(report, each, read) for each in worded),
        columns=tuple(_columns(judgement.dataset, declared, question, read)),
        queries=queries if sql else (),
    )
    if case is None:
        return _by_group(judgement, declared, question, explanation)
    return replace(explanation, case=explain_case(judgement, declared, question, case))


def _by_group(
    judgement: Judgement, declared: Metric, question: Question, explanation: Explanation
) -> Explanation:
    """The explanation with what each rule removed from every group, where it counts cases."""
    dataset, metric = judgement.dataset, explanation.metric
    by = tuple(name for name in metric.by if name in question.by)
    if not by or not declared.counts:
        return explanation
    if explanation.head.request.suppress_below is not None:
        text = "What each rule excluded from each group is withheld: it would reveal small counts."
        return replace(explanation, by=by, notes=(text,))
    balanced = {each.measure for each in metric.ledger}
    counts = [count for count in declared.counts if count.name in balanced]
    if not counts:
        return explanation
    columns = {*dataset.columns("cases")}
    where = {name: value for name, value in question.where.items() if name in columns}
    measures = [each for each in declared.measures if metric.measure(each.name).value is not None]
    dated = event_date(declared, measures or declared.measures)
    narrowed = replace(question, by=by, where=where)
    found = counting.group_ledgers(dataset, counts, dated, narrowed, explanation.head.as_of)
    for ledger in metric.ledger:
        rules = {each.rule for each in ledger.excluded}
        for group in found.values():
            part = group[ledger.measure]
            lines = tuple(each for each in part.excluded if each.rule in rules)
            group[ledger.measure] = replace(part, excluded=lines)
        parts = [group[ledger.measure] for group in found.values()]
        summed = [sum(numbers) for numbers in zip(*map(_numbers, parts), strict=True)]
        if summed and summed != _numbers(ledger):
            raise MppError(
                f"the groups of {ledger.measure} do not sum to the total; nothing is printed"
            )
    return replace(
        explanation,
        by=by,
        groups=tuple(
            GroupExplained(dict(zip(by, key, strict=True)), tuple(group.values()))
            for key, group in found.items()
        ),
    )


def _numbers(ledger: Ledger) -> list[int]:
    return [ledger.population, *(each.count for each in ledger.excluded), ledger.counted]


def cases_of(
    judgement: Judgement, name: str, question: Question
) -> tuple[tuple[str, ...], Iterator[tuple[str | int | None, ...]]]:
    """The columns and counts of a metric, and every case with its group and its verdicts."""
    declared = find_metric(name)
    counts = membership.counts_of(declared)
    if not counts:
        raise UsageError(f"{name} counts no cases, so there is no list of them")
    if judgement.dataset.has("cases"):
        check_question(question, judgement.dataset, ["cases"])
    member = membership.prepare(judgement, question, counts)
    if not member.available:
        reason = next(each for each in member.reasons.values() if each)
        raise UnavailableError(
            f"there is no list of the cases of {name}: {reason}",
            hint=None
            if judgement.dataset.has("cases")
            else "published figures and encounters do not list cases; add the case-level tables",
        )
    by = member.question.by
    keys = membership.group_in(member, declared) if by else []
    return (*by, *(count.name for count in counts)), membership.verdicts(member, keys)


def _published(
    dataset: Dataset, report: MetricReport, declared: Metric
) -> dict[str, tuple[Place, ...]]:
    """Where those figures of a metric were read that were not counted: they have no balance."""
    counted = {ledger.measure for ledger in report.metric.ledger}
    figures = Published(dataset, report.head.as_of)
    return {
        each.name: tuple(Place(r.file, r.line, r.source) for r in figures.rows_of(each.name))
        for each in declared.measures
        if isinstance(each, Count | EncounterTotal)
        and each.name not in counted
        and report.metric.measure(each.name).value is not None
    }


def _as_published(places: Sequence[Place]) -> str:
    """That a figure was read and not counted, and where."""
    lines = "; ".join(
        f"{each.file}, line {each.line}" + (f" (source: {each.source})" if each.source else "")
        for each in places
    )
    one = len(places) == 1
    what = "This figure was published" if one else f"The sum of {len(places)} published figures"
    return f"{what}: {lines}. mpp has read it, not counted it, and has applied no rule to it."


def _of_published(ratio: Ratio, read: Mapping[str, tuple[Place, ...]]) -> str:
    """That a ratio is made of figures which were read, after its definition."""
    if ratio.part.name not in read or ratio.whole.name not in read:
        return ""
    return " Both figures were published; the percentage is computed here."


def _measure(
    report: MetricReport, measure: AnyMeasure, read: Mapping[str, tuple[Place, ...]]
) -> MeasureExplained:
    figure = report.metric.measure(measure.name)
    ledger = next((each for each in report.metric.ledger if each.measure == measure.name), None)
    if figure.suppressed:  # What the rules removed would tell what the cell hides.
        ledger = None
    rules: tuple[RuleApplied, ...] = ()
    events = None
    definition = described.definition(measure, report.head.as_of)
    if isinstance(measure, Ratio):
        definition += _of_published(measure, read)
    if measure.name in read:  # Whatever rules there were, its publisher has applied them.
        definition = _as_published(read[measure.name])
    elif isinstance(measure, Count):
        rules = tuple(_rules(measure, ledger))
        if measure.events:
            events = EventsApplied(
                f"{measure.events.many} of {measure.events.of_many}",
                *(ledger.events_removed if ledger else (None, None)),
            )
    elif isinstance(measure, EncounterTotal):
        rules = _removed(ledger) if ledger else ()
    return MeasureExplained(
        name=measure.name,
        label=measure.label,
        unit=measure.unit,
        display=figure.display,
        definition=definition,
        rules=rules,
        events=events,
        ledger=ledger,
        published=read.get(measure.name, ()),
    )


def _rules(count: Count, ledger: Ledger | None) -> Iterator[RuleApplied]:
    """The rules in the order of exclusion: the question's, the count's own, the date's."""
    removed = {each.rule: each for each in ledger.excluded} if ledger else {}
    if "where" in removed:
        yield RuleApplied("where", removed["where"].text, None, None, removed["where"].count)
    for rule in count.all_rules:
        # A quiet rule that left out nothing has no line in the balance.
        left = (removed[rule.id].count if rule.id in removed else 0) if ledger else None
        yield RuleApplied(rule.id, rule.excluded, rule.keeps, rule.footnote, left)
    late = removed[AS_OF.id].count if ledger else None
    dates = " AND ".join(f"{date} <= $as_of" for date in count.dates)
    yield RuleApplied(AS_OF.id, AS_OF.excluded, dates, None, late)


def _removed(ledger: Ledger) -> tuple[RuleApplied, ...]:
    return tuple(
        RuleApplied(each.rule, each.text, None, None, each.count) for each in ledger.excluded
    )


def _columns(
    dataset: Dataset,
    declared: Metric,
    question: Question,
    read: Mapping[str, tuple[Place, ...]],
) -> Iterator[ColumnRead]:
    """The columns of the data that a metric reads, in the order of their tables."""
    counts = [count for count in declared.every_count if count.name not in read]
    reads: dict[str, set[str]] = {}
    if read:
        breakdowns = {*question.by} & {*dataset.columns(AGGREGATES)}
        reads = {AGGREGATES: {"as_of", "measure", "value", "source", *breakdowns}}
    elif isinstance(declared.measures[0], EncounterTotal):
        reads = {"encounters": {*_ENCOUNTER_COLUMNS, *question.where}}
    if counts:
        reads["cases"] = {"case_id", *question.where}
        for count in counts:
            for name in history_columns(count):
                column = COLUMNS[name]
                spoken = {*_named(column.table, column.each), *column.needs}
                reads.setdefault(column.table, {"case_id"}).update(spoken)
            if count.events:
                dated = {table(count.events.table).date_column or "case_id"}
                reads[count.events.table] |= _named(count.events.table, count.events.keeps) | dated
    for name, columns in reads.items():
        known = [each for each in table(name).columns if each.name in columns]
        for each in known:
            yield ColumnRead(name, each.name, each.description, _files(dataset, name, each.name))
        for extra in sorted(columns - {each.name for each in known}):
            described = "A column of the data that mpp has no description of."
            yield ColumnRead(name, extra, described, _files(dataset, name, extra))


def _named(table_name: str, sql: str) -> set[str]:
    """The columns of a table that an expression names, its quoted texts aside."""
    words = set(re.findall(r"[a-z_]+", re.sub(r"'[^']*'", "", sql)))
    return {column.name for column in table(table_name).columns if column.name in words}


def _files(dataset: Dataset, name: str, column: str) -> tuple[str, ...]:
    files = [account.name for account in dataset.of(name) if column in account.header]
    for each in dataset.settled:
        if column in each.tables.get(name, ()):
            files += [file.name for file in dataset.settled_of(name)] or [each.name]
    return tuple(files)
