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
from mpp_cli.results import Excluded, Ledger, Query
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
            return dataset.unavailable(name)
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


def ledger_query(counts: Sequence[Count], question: Question, as_of: datetime.date) -> Query:
    """Every figure and what every rule excluded, in one pass over the case history.

    Its columns are the population, what ``--where`` leaves out where it asks for
    something, and for each count what its rules exclude, in their order, and
    then the count.
    """
    where = conditions(question)
    asked = [where.sql] if question.where else []
    columns = ["count(*) AS population"]
    columns += [f"count(*) FILTER (WHERE NOT ({clause})) AS without_where" for clause in asked]
    for count in counts:
        passed = [*asked]
        for rule in count.all_rules:
            columns.append(
                f"count(*) FILTER (WHERE {' AND '.join([*passed, f'NOT ({rule.keeps})'])}) "
                f"AS {count.name}_without_{rule.id.replace('-', '_')}"
            )
            passed.append(f"({rule.keeps})")
        kept = " AND ".join([*asked, counted(count)])
        columns.append(f"count(*) FILTER (WHERE {kept}) AS {count.name}")
    listed = ",\n  ".join(columns)
    return Query(
        "figures and exclusions",
        "Every figure and what each rule excludes, the first that fails, in one pass.",
        f"SELECT\n  {listed}\nFROM case_history",
        {"as_of": as_of, **where.parameters},
    )


def ledgers(
    dataset: Dataset, counts: Sequence[Count], question: Question, as_of: datetime.date
) -> dict[str, Ledger]:
    """The figure and the balance of every count, by its name, in one pass."""
    cells = iter(_fetch(dataset, ledger_query(counts, question, as_of)))
    population = next(cells)
    left_out = next(cells) if question.where else 0
    found = {}
    for count in counts:
        excluded = [Excluded(WHERE.id, left_out, WHERE.excluded)] if question.where else []
        excluded += [Excluded(rule.id, next(cells), rule.excluded) for rule in count.all_rules]
        total = next(cells)
        late = population - sum(each.count for each in excluded) - total
        excluded.append(Excluded(AS_OF.id, late, AS_OF.excluded))
        again = _events(dataset, count, question, as_of)
        found[count.name] = Ledger(
            count.name,
            population,
            tuple(excluded),
            total,
            (count.events.sentence(*again),) if count.events and again[0] else (),
            again,
        )
    return found


def queries(counts: Sequence[Count], question: Question, as_of: datetime.date) -> list[Query]:
    """The queries that :func:`ledgers` puts to the engine."""
    events = [events_query(count, question, as_of) for count in counts]
    return [ledger_query(counts, question, as_of), *(query for query in events if query)]


def events_query(count: Count, question: Question, as_of: datetime.date) -> Query | None:
    """The events of counted cases that a count does not count again, and their cases."""
    if count.events is None:
        return None
    where = conditions(question)
    events_table = count.events.table
    extra = f", {COMPLETION_CLASS} AS completion_class" if events_table == "completions" else ""
    return Query(
        f"{count.events.many} of {count.name}",
        "The events that are not counted again, and the cases that they belong to.",
        "SELECT COALESCE(sum(n - 1), 0) AS events, count(*) AS cases\n"
        "FROM (SELECT case_id, count(*) AS n\n"
        f"  FROM (SELECT *{extra} FROM used_{events_table}) e\n"
        f"  WHERE ({count.events.keeps}) AND {table(events_table).date_column} <= $as_of\n"
        "  GROUP BY case_id HAVING count(*) > 1) again\n"
        "WHERE EXISTS (SELECT 1 FROM case_history h WHERE h.case_id = again.case_id\n"
        f"  AND {where.sql} AND {counted(count)})",
        {"as_of": as_of, **where.parameters},
    )


def _events(
    dataset: Dataset, count: Count, question: Question, as_of: datetime.date
) -> tuple[int, int]:
    """How many events of counted cases are not counted again, and of how many cases."""
    query = events_query(count, question, as_of)
    events, cases = _fetch(dataset, query) if query else (0, 0)
    return int(events), cases


def _fetch(dataset: Dataset, query: Query) -> tuple[int, ...]:
    """The one row of a query."""
    return dataset.engine.fetch(query.sql, **query.parameters)[0]


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
