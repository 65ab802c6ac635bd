"""Counts of cases: all measures, all exclusions and all groups in one pass each."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from mpp_cli.conditions import condition, taken
from mpp_cli.definitions import Count, Rule
from mpp_cli.document_columns import history_columns as history_columns
from mpp_cli.engines.base import Parameter
from mpp_cli.errors import UsageError
from mpp_cli.history import COLUMNS, COMPLETION_CLASS, EVENTS, dimension
from mpp_cli.periods import LABELS
from mpp_cli.question import MOST_GROUPS, Question, column_of
from mpp_cli.results import Excluded, Ledger, Query
from mpp_cli.sources.dataset import Dataset
from mpp_cli.sources.schema import TABLES, table

#: One group: the values of its columns; None stands for blank.
Key = tuple[str | int | None, ...]

WHERE = Rule("where", keeps="", excluded="cases that the conditions of --where leave out")
AS_OF = Rule("as-of", keeps="", excluded="cases in which the event happened after the as-of date")


def tables_of(count: Count) -> list[str]:
    """The event tables that a count is made from, in the order in which they are read."""
    tables = {"cases", *(COLUMNS[name].table for name in history_columns(count))}
    if count.table in EVENTS:
        tables.add(EVENTS[count.table][0])
    return [name for name in TABLES if name in tables]


def unavailable(dataset: Dataset, count: Count) -> str | None:
    """Why a count cannot be answered from these data, or None when it can."""
    for name in tables_of(count):
        if reason := dataset.unavailable(name):
            return reason
    for name in sorted(history_columns(count)):
        for needed in COLUMNS[name].needs:
            if lacking := dataset.says_lacking(COLUMNS[name].table, needed):
                return dataset.why_lacking(COLUMNS[name].table, needed) or lacking
        if unread := dataset.unread.of(COLUMNS[name].reads):
            return unread
    return None


@dataclass(frozen=True)
class Conditions:
    """The conditions of a question as SQL over the case history, and its parameters."""

    sql: str
    parameters: Mapping[str, Parameter]


def conditions(question: Question) -> Conditions:
    """What ``--where`` asks for; TRUE when it asks for nothing."""
    clauses: list[str] = []
    parameters: dict[str, Parameter] = {}
    for place, (column, text) in enumerate(question.where.items()):
        values = taken(question.matched, "cases", column, text)
        clause, named = condition(dimension(column), values, f"where_{place}")
        clauses.append(clause)
        parameters |= named
    return Conditions(" AND ".join(clauses) or "TRUE", parameters)


def counted(count: Count) -> str:
    """The condition under which a case is counted by the date ``$as_of``."""
    clauses = [f"({rule.keeps})" for rule in count.all_rules]
    clauses += [f"{date} <= $as_of" for date in count.dates]
    return " AND ".join(clauses) or "TRUE"


def ledger_query(
    counts: Sequence[Count],
    question: Question,
    as_of: datetime.date,
    keys: Sequence[str] = (),
) -> Query:
    """Every figure and what every rule excluded, in one pass over what they count.

    All of them count rows of one table, for cases the case history. Its columns
    are the population, what ``--where`` leaves out where it asks for something,
    and for each count what its rules exclude, in their order, and then the count. With
    ``keys`` there is a row for each of their values, which come first.
    """
    where = conditions(question)
    asked = [where.sql] if question.where else []
    columns = [*keys, "count(*) AS population"]
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
        f"SELECT\n  {listed}\nFROM {counts[0].table}"
        + (f"\nGROUP BY {', '.join(keys)}" if keys else ""),
        {"as_of": as_of, **where.parameters},
    )


def ledgers(
    dataset: Dataset, counts: Sequence[Count], question: Question, as_of: datetime.date
) -> dict[str, Ledger]:
    """The figure and the balance of every count, by its name, in one pass over each table."""
    found: dict[str, Ledger] = {}
    for alike in by_table(counts):
        found |= _ledgers(dataset, alike, question, as_of)
    return found


def by_table(counts: Sequence[Count]) -> list[list[Count]]:
    """The counts, those together that count rows of the same table."""
    tables: dict[str, list[Count]] = {}
    for count in counts:
        tables.setdefault(count.table, []).append(count)
    return list(tables.values())


def _ledgers(
    dataset: Dataset, counts: Sequence[Count], question: Question, as_of: datetime.date
) -> dict[str, Ledger]:
    found = {}
    row = _fetch(dataset, ledger_query(counts, question, as_of))
    counts = [count.worded(dataset.words) for count in counts]
    for name, ledger in _read_ledgers(counts, question, row).items():
        count = next(each for each in counts if each.name == name)
        again = _events(dataset, events_queries(count, question, as_of))
        said = (count.events.sentence(*again),) if count.events and again[0] else ()
        lines = tuple(each for each in ledger.excluded if each.count or not each.quiet)
        found[name] = replace(ledger, excluded=lines, events=said, events_removed=again)
    return found


def group_ledgers(
    dataset: Dataset,
    counts: Sequence[Count],
    event_date: str,
    question: Question,
    as_of: datetime.date,
) -> dict[Key, dict[str, Ledger]]:
    """The balance of every count in every group of ``--by``, without the events.

    Times go by ``event_date``; a case without it by the as-of date is in the blank group.
    """
    keys = group_keys(question, event_date)
    found: dict[Key, dict[str, Ledger]] = {}
    for alike in by_table(counts):
        query = ledger_query(alike, question, as_of, keys)
        rows: dict[Key, list[int]] = {}
        for cells in dataset.engine.fetch(query.sql, **query.parameters):
            key, numbers = group_of(question, cells[: len(keys)]), cells[len(keys) :]
            before = rows.get(key, [0] * len(numbers))
            rows[key] = [sum(pair) for pair in zip(before, numbers, strict=True)]
        for key, row in rows.items():
            worded = [count.worded(dataset.words) for count in alike]
            found.setdefault(key, {}).update(_read_ledgers(worded, question, row))
    if len(found) > MOST_GROUPS:
        raise too_many_groups()
    return {key: found[key] for key in sorted(found, key=sort_key)}


def _read_ledgers(
    counts: Sequence[Count], question: Question, row: Sequence[int]
) -> dict[str, Ledger]:
    """The balances of one row of :func:`ledger_query`, its keys left out."""
    cells = iter(row)
    population = next(cells)
    left_out = next(cells) if question.where else 0
    found = {}
    for count in counts:
        excluded = [_left_out(count, WHERE, left_out)] if question.where else []
        excluded += [_left_out(count, rule, next(cells)) for rule in count.all_rules]
        total = next(cells)
        late = population - sum(each.count for each in excluded) - total
        excluded.append(_left_out(count, AS_OF, late))
        found[count.name] = Ledger(count.name, population, tuple(excluded), total)
    return found


def _left_out(count: Count, rule: Rule, number: int) -> Excluded:
    """What a rule leaves out; of a count of events, the events of such cases."""
    of_cases = count.table in EVENTS and rule.excluded.startswith("cases")
    text = f"{count.of} of {rule.excluded}" if of_cases else rule.excluded
    return Excluded(rule.id, number, text, rule.quiet)


def queries(counts: Sequence[Count], question: Question, as_of: datetime.date) -> list[Query]:
    """The queries that :func:`ledgers` puts to the engine."""
    asked = [ledger_query(alike, question, as_of) for alike in by_table(counts)]
    return [*asked, *(q for count in counts for q in events_queries(count, question, as_of))]


#: The cases whose events are looked at one by one, as a table of their own, and all their events
#: before any condition: an engine that took these for few would hold all events in memory.
_LATER = "later_cases"


def events_queries(count: Count, question: Question, as_of: datetime.date) -> list[Query]:
    """The events of counted cases that a count does not count again, and their cases.

    The first query makes a table for the second; there are none for a count without events.
    """
    if count.events is None:
        return []
    where = conditions(question)
    parameters = {"as_of": as_of, **where.parameters}
    events, date = count.events, table(count.events.table).date_column
    extra = f", {COMPLETION_CLASS} AS completion_class" if events.table == "completions" else ""
    cases = f"FROM case_history\n    WHERE {where.sql} AND {counted(count)}\n      AND "
    return [
        Query(
            f"{_LATER}, those with {events.many} after the as-of date",
            f"Cases of {count.name} of which the case history does not know how many "
            f"{events.many} there were by the date.",
            f"SELECT case_id {cases}{events.number} > 2 AND {events.last} > $as_of",
            parameters,
        ),
        Query(
            f"{events.many} of {count.name}",
            "The events that are not counted again, and the cases that they belong to. Where all "
            "events of a case have happened, the case history knows their number; those of other "
            "cases are looked at one by one.",
            "SELECT COALESCE(sum(n - 1), 0) AS events, count(*) AS cases\n"
            f"FROM (SELECT {events.number} AS n {cases}"
            f"{events.number} > 1 AND {events.last} <= $as_of\n"
            f"  UNION ALL SELECT n FROM (SELECT count(*) FILTER (WHERE ({events.keeps})\n"
            f"      AND {date} <= $as_of) AS n\n"
            f"    FROM (SELECT *{extra} FROM used_{events.table}\n"
            f"      WHERE case_id IN (SELECT case_id FROM {_LATER})) e\n"
            "    GROUP BY case_id) later WHERE n > 1) again",
            parameters,
        ),
    ]


def _events(dataset: Dataset, queries: Sequence[Query]) -> tuple[int, int]:
    """How many events of counted cases are not counted again, and of how many cases."""
    if not queries:
        return 0, 0
    dataset.engine.create_from(_LATER, queries[0].sql, **queries[0].parameters)
    events, cases = _fetch(dataset, queries[1])
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

    Breakdowns by time go by ``event_date`` for all counts; a case without that
    date is in the blank group. Groups in which every count is 0 are left out.
    """
    names = [count.name for count in counts]
    found: dict[Key, dict[str, int]] = defaultdict(lambda: dict.fromkeys(names, 0))
    for alike in by_table(counts):
        for key, figures in _groups(dataset, alike, event_date, question, as_of):
            for name, number in figures.items():
                found[key][name] += number
    if len(found) > MOST_GROUPS:
        raise too_many_groups()
    return {key: found[key] for key in sorted(found, key=sort_key)}


def too_many_groups() -> UsageError:
    """That a breakdown has more groups than anyone reads."""
    return UsageError(
        f"--by gives more than {MOST_GROUPS:,} groups",
        hint="group by a column with fewer different values",
    )


def group_keys(question: Question, event_date: str) -> list[str]:
    """What the engine groups by: the date, where it is asked for, and columns of cases."""
    timed = any(name in LABELS for name in question.by)
    keys = [f"CASE WHEN {event_date} <= $as_of THEN {event_date} END"] if timed else []
    return keys + [dimension(column_of(name)) for name in question.by if name not in LABELS]


def group_of(question: Question, cells: Sequence[object]) -> Key:
    """The group of one row of the engine's answer, from the values of its keys."""
    rest = iter(cells)
    timed = any(name in LABELS for name in question.by)
    day = next(rest) if timed else None
    return tuple(
        (LABELS[name](day.year, day.month) if isinstance(day, datetime.date) else None)
        if name in LABELS
        else _shown(next(rest))
        for name in question.by
    )


def _groups(
    dataset: Dataset,
    counts: Sequence[Count],
    event_date: str,
    question: Question,
    as_of: datetime.date,
) -> Iterator[tuple[Key, dict[str, int]]]:
    where = conditions(question)
    keys = group_keys(question, event_date)
    figures = [f"count(*) FILTER (WHERE {counted(count)})" for count in counts]
    timed = any(name in LABELS for name in question.by)
    limit = 1_000_000 if timed else MOST_GROUPS + 1
    rows = dataset.engine.fetch(
        f"SELECT {', '.join(keys + figures)} FROM {counts[0].table} WHERE {where.sql} "
        f"GROUP BY {', '.join(keys)} HAVING {' + '.join(figures)} > 0 LIMIT {limit}",
        as_of=as_of,
        **where.parameters,
    )
    if len(rows) == limit:
        raise too_many_groups()
    for row in rows:
        numbers = zip([count.name for count in counts], row[len(keys) :], strict=True)
        yield group_of(question, row[: len(keys)]), dict(numbers)


def _shown(value: object) -> str | None:
    """A group's value as text; dates in ISO form."""
    return None if value is None else str(value)


def sort_key(key: Key) -> list[tuple[bool, str | int]]:
    """Groups in the order of their values, blank last."""
    return [(value is None, "" if value is None else value) for value in key]
