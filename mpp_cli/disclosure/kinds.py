"""Which kinds of cases there can be: the conditions of the declarations, met together or not.

The declarations themselves are asked. Every column that a condition speaks of takes
each value that could matter (no date, one by the as-of date, one after it; each code
that is named, another one, none), a database judges every combination of them, and
what comes out differently is a kind.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import permutations
from typing import TYPE_CHECKING

from mpp_cli.dataset.history_columns import COLUMNS, DERIVED
from mpp_cli.dataset.history_terms import HistoryColumn
from mpp_cli.disclosure.conditions import WORD, Cases, Condition, columns_of
from mpp_cli.engines.duckdb_connection import connect
from mpp_cli.sources.schema import table

if TYPE_CHECKING:
    from numpy import ndarray

#: The last day up to which the tables of each release hold dates, where that is printed.
Ends = Mapping[tuple[str, str], datetime.date]

#: Conditions that speak of the same columns, independent of all others.
Block = tuple[Condition, ...]

#: Stands for a code that no declaration names.
_ANOTHER = "another"

#: Dates that matter are 10, 20, … in their order; days before, between and after lie between.
_STEP = 10

_CODE = re.compile(r"(?<!DATE )'([^']*)'")
_DAY = re.compile(r"DATE '(\d{4}-\d\d-\d\d)'")
_TWO_DATES = re.compile(r"[a-z_)] [<>]=? (LEAST|GREATEST|COALESCE|[a-z_])")


@dataclass(frozen=True, order=True)
class _Variable:
    """A column of the history in one release; as of a day, where it depends on one."""

    release: str
    name: str
    day: datetime.date

    @property
    def column(self) -> HistoryColumn:
        return COLUMNS[self.name]

    def end(self, ends: Ends) -> datetime.date | None:
        """The last day that it holds, where that is printed."""
        dated_by = table(self.column.table).date_column
        dates = {word for word in WORD.findall(self.column.each) if word.endswith("_date")}
        if self.column.type != "DATE" or dates != {dated_by}:
            return None
        return ends.get((self.release, self.column.table))


def _variable(condition: Condition, name: str) -> _Variable:
    dated = "$as_of" in COLUMNS[name].each
    return _Variable(condition.release, name, condition.day if dated else datetime.date.min)


# --- what hangs together ---------------------------------------------------------------


def blocks(sets: Iterable[Cases]) -> list[Block]:
    """The conditions of these sets, those together that speak of columns that hang together."""
    sets = [*sets]
    groups: list[tuple[set[object], set[Condition]]] = []
    together: list[tuple[set[object], set[Condition]]] = [
        ({_variable(each, name) for name in columns_of(each.sql)} or {each.free}, {each})
        for each in sorted({condition for cases in sets for condition in cases})
    ]
    together += [({*pair}, set()) for pair in _made_together(sets)]
    for names, members in together:
        met = [group for group in groups if group[0] & names]
        groups = [group for group in groups if not group[0] & names]
        groups.append(
            (
                names.union(*(group[0] for group in met)),
                members.union(*(group[1] for group in met)),
            )
        )
    return sorted(tuple(sorted(members)) for _, members in groups if members)


def _made_together(sets: Sequence[Cases]) -> list[tuple[_Variable, _Variable]]:
    """Columns that are made of the same rows, where a set does not say itself what that tells.

    A case without a row has nothing in any column that is made of rows. A set that asks
    for a row beside such a column is the same whether that is known or not.
    """
    about: dict[_Variable, set[Condition]] = {}
    for condition in {each for cases in sets for each in cases}:
        for name in columns_of(condition.sql):
            about.setdefault(_variable(condition, name), set()).add(condition)
    found = []
    for one, other in permutations(about, 2):
        if one.release == other.release and _facts(one.column, other.column):
            asking = {each for each in about[one] if columns_of(each.sql) == (one.name,)}
            speaking = [cases for cases in sets if cases & (about[other] - asking)]
            if not _counts_rows(one.column) or not all(cases & asking for cases in speaking):
                found.append((one, other))
    return found


def _counts_rows(column: HistoryColumn) -> bool:
    return column.over == "count" and column.each == "1"


def _facts(one: HistoryColumn, other: HistoryColumn) -> list[str]:
    """What a column tells of another one because both are made of the same rows."""
    if one.table != other.table or one.table == "cases" or one == other:
        return []
    day = table(one.table).date_column
    if _counts_rows(one):
        none = f"{other.name} = 0" if other.over == "count" else f"{other.name} IS NULL"
        always = [f"({one.name} = 0 OR NOT {none})"] if other.each == day else []
        return [f"({one.name} > 0 OR {none})", *always]
    if one.each == day and other.over == "min" and other.each.endswith(f"THEN {day} END"):
        return [f"COALESCE({one.name} <= {other.name}, {other.name} IS NULL)"]
    return []


# --- what the database is asked --------------------------------------------------------


def states(block: Block, ends: Ends) -> ndarray:
    """How the conditions of a block are met together: a row for each way, a column for each."""
    import numpy

    if not block[0].sql:
        return numpy.array([[True], [False]])
    return numpy.array(_judged(_question(block, ends)), dtype=bool)


@lru_cache(maxsize=1000)
def _judged(sql: str) -> list[tuple[bool, ...]]:
    with connect() as database:
        return database.execute(sql).fetchall()


def _question(block: Block, ends: Ends) -> str:
    """Every combination of values of the columns, and which conditions each meets."""
    texts = {each: _spelled(each.sql, _inlined) for each in block}
    variables = sorted({_variable(each, name) for each in block for name in columns_of(each.sql)})
    days = {each.day for each in block if "$as_of" in each.sql}
    days |= {_read(day) for text in texts.values() for day in _DAY.findall(text)}
    days |= {end for each in variables if (end := each.end(ends))}
    places = {day: (place + 1) * _STEP for place, day in enumerate(sorted(days))}
    names = {each: f"v{place}" for place, each in enumerate(variables)}
    judged = []
    for each, text in texts.items():
        text = _DAY.sub(lambda day: str(places[_read(day[1])]), text)
        text = text.replace("$as_of", str(places.get(each.day)))
        known = {name: names[_variable(each, name)] for name in columns_of(each.sql)}
        judged.append(f"COALESCE({_spelled(text, known.__getitem__)}, FALSE)")
    facts = [
        _spelled(fact, {each.name: names[each] for each in pair}.__getitem__)
        for pair in permutations(variables, 2)
        if pair[0].release == pair[1].release
        for fact in _facts(pair[0].column, pair[1].column)
    ]
    tables = []
    for variable, name in names.items():
        about = [by.sql for by in block if variable.name in columns_of(by.sql)]
        last = places.get(variable.end(ends) or datetime.date.max, len(places) * _STEP + _STEP)
        values = [
            value
            for value in _values(variable.column, places, about)
            if not (isinstance(value, int) and variable.column.type == "DATE" and value > last)
        ]
        listed = ", ".join(f"({'NULL' if value is None else repr(value)})" for value in values)
        tables.append(f"(VALUES {listed}) {name}_({name})")
    return (
        f"SELECT DISTINCT {', '.join(judged)} FROM {' CROSS JOIN '.join(tables)} "
        f"WHERE {' AND '.join(facts) or 'TRUE'} ORDER BY ALL"
    )


def _values(
    column: HistoryColumn, places: Mapping[datetime.date, int], texts: Sequence[str]
) -> list[int | str | None]:
    """The values of a column that could make a difference to conditions about it."""
    spoken = [*texts, *(_spelled(text, _inlined) for text in texts)]
    if column.over == "count":
        return [0, 1]
    if column.type == "DATE":
        before = (place * _STEP for place in range(len(places) + 1))
        # Two dates that are compared may lie on either side of each other.
        within = (5, 6) if any(_TWO_DATES.search(text) for text in spoken) else (5,)
        named = {places[_read(day)] for text in spoken for day in _DAY.findall(text)}
        return [None, *sorted({each + day for each in before for day in within} | named)]
    if column.type == "INTEGER":
        return [None, 0, 1]
    return [None, *sorted({code for text in spoken for code in _CODE.findall(text)}), _ANOTHER]


def _spelled(sql: str, spell: Callable[[str], str]) -> str:
    """An expression with every column spelled otherwise; quoted codes stay as they are."""
    return WORD.sub(lambda word: word[0] if word[0][0] == "'" else spell(word[0]), sql)


def _inlined(name: str) -> str:
    return DERIVED.get(name, (name,))[0]


def _read(day: str) -> datetime.date:
    return datetime.date.fromisoformat(day)
