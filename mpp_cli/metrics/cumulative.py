"""Counts by the day on which a case becomes counted: one pass answers every date.

A case is counted from the greatest of its rule dates on, until the day that lets
it out again where a rule names one. So the history is grouped by these days
once, and the figure of any date is the sum of all days up to it, in Python.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from mpp_cli.common.errors import UsageError
from mpp_cli.common.periods import (
    LABELS,
    fiscal_month_number,
    fiscal_year,
    fiscal_year_of,
    whole_months_by,
)
from mpp_cli.dataset import case_history
from mpp_cli.goals.definitions import AnyMeasure, Count
from mpp_cli.metrics import counts as counting
from mpp_cli.metrics import encounters
from mpp_cli.metrics.counts import Key
from mpp_cli.metrics.query import MOST_GROUPS, Question, column_of
from mpp_cli.sources.dataset import Dataset

#: Cases that become counted on a day less those that leave, by group, count and day.
ByDay = Mapping[Key, Mapping[str, Mapping[datetime.date, int]]]


def adds_up(measure: AnyMeasure) -> bool:
    """Whether the figure of a date is the sum of what was gained and lost on each day up to it.

    A rule that speaks of the as-of date must say by which date it lets a case out
    again, and a column of the history that depends on that date can say nothing.
    """
    return (
        isinstance(measure, Count)
        and all(rule.until or "$" not in rule.keeps for rule in measure.all_rules)
        and not any(
            "$" in case_history.COLUMNS[name].each for name in counting.history_columns(measure)
        )
    )


def build_history(dataset: Dataset, counts: Iterable[Count], question: Question) -> None:
    """Make the histories that these counts and this question need."""
    counts = [*counts]
    case_columns = {*dataset.columns("cases")}
    columns = {"nta_filed_date"} & case_columns
    for count in counts:
        columns |= counting.history_columns(count)
    case_history.build(dataset, columns, question.columns & case_columns)
    for name in sorted({count.table for count in counts} & case_history.EVENTS.keys()):
        case_history.build_events(dataset, name)


def passes(count: Count) -> str:
    """The condition under which a case is ever counted, if it does not leave at once."""
    clauses = [f"({rule.ever if rule.until else rule.keeps})" for rule in count.all_rules]
    clauses += [f"{date} IS NOT NULL" for date in dict.fromkeys(count.dates)]
    return " AND ".join(clauses)


def counted_on(count: Count) -> str:
    """The day on which a case becomes counted: the greatest of its dates."""
    dates = list(dict.fromkeys(count.dates))
    return dates[0] if len(dates) == 1 else f"GREATEST({', '.join(dates)})"


def left_on(count: Count) -> str | None:
    """The day on which a case leaves the count again, NULL while it stays; None if all stay."""
    dates = count.until
    if not dates:
        return None
    return dates[0] if len(dates) == 1 else f"LEAST({', '.join(dates)})"


def counted_by_day(
    dataset: Dataset, counts: Sequence[Count], event_date: str, question: Question
) -> ByDay:
    """How many cases become counted on each day, by group of ``--by`` and by count name.

    A day on which more cases leave a count than enter it has a number below 0.
    The histories must be there. Breakdowns by time go by ``event_date`` for all counts.
    """
    where = counting.conditions(question)
    timed = any(name in LABELS for name in question.by)
    keys = ["EXTRACT(YEAR FROM {0})", "EXTRACT(MONTH FROM {0})"] if timed else []
    keys = [key.format(event_date) for key in keys]
    keys += [case_history.dimension(column_of(name)) for name in question.by if name not in LABELS]
    queries = []
    for place, count in enumerate(counts):
        entered, left = counted_on(count), left_on(count)
        kept = f"{where.sql} AND {passes(count)}"
        days = [(entered, "count(*)", f"{kept} AND COALESCE({left} > {entered}, TRUE)")]
        if left is None:
            days = [(entered, "count(*)", kept)]
        else:
            days.append((left, "-count(*)", f"{kept} AND COALESCE({left} > {entered}, FALSE)"))
        queries += [
            f"SELECT {', '.join([f'{place} AS place', *keys, f'{day} AS day'])}, "
            f"{number} AS cases FROM {count.table} WHERE {met} GROUP BY {', '.join([*keys, day])}"
            for day, number, met in days
        ]
    rows = dataset.engine.fetch("\nUNION ALL\n".join(queries), **where.parameters)
    found: dict[Key, dict[str, dict[datetime.date, int]]] = {}
    for place, *values, day, cases in rows:
        rest = iter(values[2:] if timed else values)
        key = tuple(
            _label(name, *values[:2]) if name in LABELS else _text(next(rest))
            for name in question.by
        )
        group = found.setdefault(key, {count.name: defaultdict(int) for count in counts})
        group[counts[place].name][day] += cases
    _limit(len(found))
    return {key: found[key] for key in sorted(found, key=counting.sort_key)}


def cumulated(by_day: Mapping[datetime.date, int], days: Sequence[datetime.date]) -> list[int]:
    """The figures as of each of the days, which must be in order."""
    waiting = sorted(by_day.items(), reverse=True)
    figures, total = [], 0
    for day in days:
        while waiting and waiting[-1][0] <= day:
            total += waiting.pop()[1]
        figures.append(total)
    return figures


def encounters_by_month(dataset: Dataset, question: Question) -> dict[Key, dict[int, int]]:
    """The encounters of each numbered month, by group of the columns of ``--by``."""
    query = encounters.encounters_query(dataset, question)
    found: dict[Key, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for year, month, _component, *values, kept, total in dataset.engine.fetch(
        query.sql, **query.parameters
    ):
        if kept:
            number = fiscal_month_number(year, month)
            found[tuple(values)][number] += int(total)
    _limit(len(found))
    return {key: found[key] for key in sorted(found, key=counting.sort_key)}


def counted_months(by_month: Mapping[int, int], day: datetime.date) -> dict[int, int]:
    """The months of the fiscal year that holds a day which end on or before it."""
    year, last = fiscal_year(day.year, day.month), whole_months_by(day)
    return {
        number: encounters
        for number, encounters in sorted(by_month.items())
        if number <= last and fiscal_year_of(number) == year
    }


def months_to_date(
    dataset: Dataset, question: Question, by: Sequence[str], day: datetime.date
) -> dict[Key, dict[int, int]]:
    """The encounters of the months of the fiscal year to date, by group of columns and times."""
    found: dict[Key, dict[int, int]] = {}
    for values, by_month in encounters_by_month(dataset, replace(question, by=tuple(by))).items():
        for number, times in counted_months(by_month, day).items():
            rest = iter(values)
            key = tuple(
                LABELS[name](number // 12, number % 12 + 1) if name in LABELS else next(rest)
                for name in by
            )
            group = found.setdefault(key, {})
            group[number] = group.get(number, 0) + times
    return {key: found[key] for key in sorted(found, key=counting.sort_key)}


def year_to_date(by_month: Mapping[int, int], day: datetime.date) -> int | None:
    """The encounters of the fiscal year to date; None when it has no whole month yet."""
    counted = counted_months(by_month, day)
    return sum(counted.values()) if counted else None


def _label(name: str, year: int | None, month: int | None) -> str | int | None:
    return None if year is None or month is None else LABELS[name](int(year), int(month))


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _limit(groups: int) -> None:
    if groups > MOST_GROUPS:
        raise UsageError(
            f"--by gives more than {MOST_GROUPS:,} groups",
            hint="group by a column with fewer different values",
        )
