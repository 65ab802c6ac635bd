"""Counts of cases: all measures, all exclusions and all groups in one pass each."""

from __future__ import annotations

import datetime
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mpp_cli.definitions import Count, Rule
from mpp_cli.engines.base import Parameter
from mpp_cli.errors import UsageError
from mpp_cli.history import COLUMNS, COMPLETION_CLASS, dimension
from mpp_cli.periods import LABELS
from mpp_cli.question import MOST_GROUPS, Question, condition_value
from mpp_cli.results import Excluded, Ledger
from mpp_cli.sources.dataset import Dataset
from mpp_cli.sources.schema import table

#: One group: the values of its columns; None stands for blank.
Key = tuple[str | int | None, ...]

WHERE = Rule("where", keeps="", excluded="cases that the conditions of --where leave out")
AS_OF = Rule("as-of", keeps="", excluded="cases in which a date it needs is after the as-of date")


def history_columns(count: Count) -> set[str]:
    """The columns of the case history that a count's rules speak of."""
    spoken = " ".join(rule.keeps for rule in count.all_rules)
    return {word for word in re.findall(r"[a-z_]+", spoken) if word in COLUMNS} | set(count.dates)


def unavailable(dataset: Dataset, count: Count) -> str | None:
    """Why a count cannot be answered from these data, or None when it can."""
    tables = {"cases", *(COLUMNS[name].table for name in history_columns(count))}
    for name in ("cases", "completions", "grants", "referrals"):
        if name in tables and not dataset.has(name):
            return f"there is no table {name} in the data"
    for name in sorted(history_columns(count)):
        for needed in COLUMNS[name].needs:
            lacking = dataset.lacking(COLUMNS[name].table, needed)
            if lacking:
                return f"{lacking} has no column {needed}"
    return None


@dataclass(frozen=True)
class Conditions:
    """The conditions of a question as SQL over the case history, and its parameters."""

    sql: str
    parameters: Mapping[str, Parameter]


def conditions(question: Question) -> Conditions:
    """What ``--where`` asks for; TRUE when it asks for nothing."""
    clauses, parameters = [], {}
    for place, (column, text) in enumerate(question.where.items()):
        value = condition_value("cases", column, text)
        if value is None:
            clauses.append(f"{dimension(column)} IS NULL")
        else:
            parameters[f"where_{place}"] = value
            clauses.append(f"COALESCE({dimension(column)} = $where_{place}, FALSE)")
    return Conditions(" AND ".join(clauses) or "TRUE", parameters)


def counted(count: Count) -> str:
    """The condition under which a case is counted by the date ``$as_of``."""
    clauses = [f"({rule.keeps})" for rule in count.all_rules]
    clauses += [f"{date} <= $as_of" for date in count.dates]
    return " AND ".join(clauses)


def ledgers(
    dataset: Dataset, counts: Sequence[Count], question: Question, as_of: datetime.date
) -> dict[str, Ledger]:
    """The figure and the balance of every count, by its name, in one pass."""
    where = conditions(question)
    columns, places = ["count(*)", f"count(*) FILTER (WHERE NOT ({where.sql}))"], {}
    for count in counts:
        passed = [where.sql]
        for rule in count.all_rules:
            columns.append(f"count(*) FILTER (WHERE {' AND '.join(passed)} AND NOT ({rule.keeps}))")
            passed.append(f"({rule.keeps})")
        places[count.name] = len(columns)
        columns.append(f"count(*) FILTER (WHERE {where.sql} AND {counted(count)})")
    answer = dataset.engine.fetch(
        f"SELECT {', '.join(columns)} FROM case_history", as_of=as_of, **where.parameters
    )[0]
    found = {}
    for count in counts:
        place = places[count.name]
        first = place - len(count.all_rules)
        excluded = [Excluded(WHERE.id, answer[1], WHERE.excluded)] if question.where else []
        excluded += [
            Excluded(rule.id, answer[first + number], rule.excluded)
            for number, rule in enumerate(count.all_rules)
        ]
        before = answer[0] - sum(each.count for each in excluded)
        excluded.append(Excluded(AS_OF.id, before - answer[place], AS_OF.excluded))
        events = _events(dataset, count, where, as_of)
        found[count.name] = Ledger(count.name, answer[0], tuple(excluded), answer[place], events)
    return found


def _events(
    dataset: Dataset, count: Count, where: Conditions, as_of: datetime.date
) -> tuple[str, ...]:
    """What is said of the events of counted cases that a count does not count again."""
    if count.events is None:
        return ()
    events_table = count.events.table
    extra = f", {COMPLETION_CLASS} AS completion_class" if events_table == "completions" else ""
    events, cases = dataset.engine.fetch(
        f"SELECT COALESCE(sum(n - 1), 0), count(*) FROM (SELECT case_id, count(*) AS n "
        f"FROM (SELECT *{extra} FROM used_{events_table}) e WHERE ({count.events.keeps}) "
        f"AND {table(events_table).date_column} <= $as_of "
        "GROUP BY case_id HAVING count(*) > 1) again "
        f"WHERE EXISTS (SELECT 1 FROM case_history h WHERE h.case_id = again.case_id "
        f"AND {where.sql} AND {counted(count)})",
        as_of=as_of,
        **where.parameters,
    )[0]
    if not events:
        return ()
    return (count.events.sentence(int(events), cases),)


def groups(
    dataset: Dataset,
    counts: Sequence[Count],
    event_date: str,
    question: Question,
    as_of: datetime.date,
) -> dict[Key, dict[str, int]]:
    """The counts of every group of ``--by``, by group and count name.

    Breakdowns by time go by ``event_date`` for all counts. Groups in which
    every count is 0 are left out.
    """
    where = conditions(question)
    timed = any(name in LABELS for name in question.by)
    keys = [event_date] if timed else []
    keys += [dimension(name) for name in question.by if name not in LABELS]
    figures = [f"count(*) FILTER (WHERE {counted(count)})" for count in counts]
    limit = 1_000_000 if timed else MOST_GROUPS + 1
    rows = dataset.engine.fetch(
        f"SELECT {', '.join(keys + figures)} FROM case_history WHERE {where.sql} "
        f"GROUP BY {', '.join(keys)} HAVING {' + '.join(figures)} > 0 LIMIT {limit}",
        as_of=as_of,
        **where.parameters,
    )
    names = [count.name for count in counts]
    found: dict[Key, dict[str, int]] = defaultdict(lambda: dict.fromkeys(names, 0))
    for row in rows:
        rest = iter(row[: len(keys)])
        day: datetime.date = next(rest) if timed else as_of
        key = tuple(
            LABELS[name](day.year, day.month) if name in LABELS else _shown(next(rest))
            for name in question.by
        )
        for name, number in zip(names, row[len(keys) :], strict=True):
            found[key][name] += number
    if len(found) > MOST_GROUPS or len(rows) == limit:
        raise UsageError(
            f"--by gives more than {MOST_GROUPS:,} groups",
            hint="group by a column with fewer different values",
        )
    return {key: found[key] for key in sorted(found, key=sort_key)}


def _shown(value: object) -> str | None:
    """A group's value as text; dates in ISO form."""
    return None if value is None else str(value)


def sort_key(key: Key) -> list[tuple[bool, str | int]]:
    """Groups in the order of their values, blank last."""
    return [(value is None, "" if value is None else value) for value in key]
