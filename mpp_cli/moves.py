"""Which cases a count gained and lost between two dates or two releases, and why.

Every case has a counted date or none, on each side. What became of it is one
of a closed list of parts, so the parts sum to the change by construction.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mpp_cli import counting, daily
from mpp_cli.comparison import INTO_GROUP, OUT_OF_GROUP
from mpp_cli.counting import Key
from mpp_cli.definitions import Count
from mpp_cli.engines.base import Engine
from mpp_cli.history import EVENTS, dimension
from mpp_cli.periods import LABELS
from mpp_cli.question import Question, column_of

#: What happened since, by the date of a rule that came last.
SINCE = {
    "nta_filed_date": ("newly-enrolled", "newly enrolled"),
    "initial_completion_date": ("completed-since", "completed since"),
    "relief_date": ("granted-since", "granted since"),
    "first_referral_date": ("referred-since", "referred since"),
}

#: What let cases out again since, by the date of which a rule says that it does.
LEFT = {"initial_completion_date": ("completed-since", "completed since")}

#: What only two releases can show: the part, its label, and whether it adds or takes away.
REVISED = (
    ("record-added-late", "from records that the earlier data did not yet contain", 1),
    ("revised-earlier", "date revised to earlier", 1),
    ("revised-in", "record revised, now counted", 1),
    ("record-removed", "record removed", -1),
    ("revised-later", "date revised to later", -1),
    ("revised-out", "record revised, no longer counted", -1),
)


@dataclass(frozen=True)
class Move:
    """One part of a change: more than 0 for what was gained, less for what was lost."""

    id: str
    label: str
    cases: int


_BOTH = "both"

#: What happens between two groups, when a record is revised.
FROM_ANOTHER = Move(INTO_GROUP, "record revised, was in another group", 1)
TO_ANOTHER = Move(OUT_OF_GROUP, "record revised, now in another group", -1)


@dataclass(frozen=True)
class Moves:
    """A count before and after, and the parts of the change."""

    before: int
    after: int
    parts: tuple[Move, ...]


def moves(
    new: Engine,
    old: tuple[Engine, Question] | None,
    counts: Sequence[Count],
    question: Question,
    before: datetime.date,
    after: datetime.date,
    event_date: str = "",
) -> Mapping[Key, Mapping[str, Moves]]:
    """What became of the cases of every count between ``before`` and ``after``, by group.

    Both engines hold a case history. ``old`` None is the same data; else its cases, of
    which the same is asked in its own way, are handed over to ``new``, which compares
    them. Without ``--by`` all
    cases are one group; times go by ``event_date``. A case that was counted in one
    group and is counted in another is a part of the change of both: so the parts
    of a group sum to its change, and the parts of all groups to those of the total.
    """
    dates = {"before": before, "after": after}
    cases = [count for count in counts if count.table not in EVENTS]
    keys = _keys(question, event_date)
    for engine, asked in ((new, question), *([old] if old else ())):
        where = counting.conditions(asked)
        sql = _side(cases, where.sql, keys)
        engine.create_from("compared_after", sql, **_used(sql, dates), **where.parameters)
    if old:
        new.load_arrow("compared_before", old[0].arrow("SELECT * FROM compared_after"))
    found: dict[Key, dict[str, Moves]] = {}
    for place, count in enumerate(cases):
        sql = _parts_query(place, count, len(keys), old is None)
        rows = new.fetch(sql, **_used(sql, dates))
        for key, cells in _cells(count, question, rows).items():
            found.setdefault(key, {})[count.name] = _read(count, cells, question, old is None)
    for count in counts:
        if count.table in EVENTS:
            for key, moved in _of_events(new, old, count, question, event_date, dates).items():
                found.setdefault(key, {})[count.name] = moved
    for group in found.values() if question.by else [found.setdefault((), {})]:
        for count in counts:
            if count.name not in group and count.table in EVENTS:
                group[count.name] = _events_moved((0, 0, 0), old is None)
            elif count.name not in group:
                group[count.name] = _read(count, {}, question, old is None)
    return {key: found[key] for key in sorted(found, key=counting.sort_key)}


def _parts_query(place: int, count: Count, keys: int, same: bool) -> str:
    """How many cases of each pair of groups, before and after, are in each part."""
    sides = {"before": "a" if same else "b", "after": "a"}
    named = [f"{name}_{number}" for name in sides for number in range(keys)]
    columns = [
        f"{side}.key_{number} AS {name}_{number}"
        for name, side in sides.items()
        for number in range(keys)
    ]
    columns.append(f"{_part(place, count, same)} AS part")
    grouped = ", ".join([*named, "part"])
    return (
        f"SELECT {grouped}, count(*) FROM (SELECT {', '.join(columns)} FROM {_pairs(same)}) parts "
        f"WHERE part IS NOT NULL GROUP BY {grouped}"
    )


def _cells(
    count: Count, question: Question, rows: Iterable[Sequence[Any]]
) -> Mapping[Key, Mapping[str, int]]:
    """The cases of each part, in the group in which it changes the count."""
    found: dict[Key, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    lost = {each.id for each in _ids(count) if each.cases < 0}
    for *cells, part, cases in rows:
        half = len(cells) // 2
        was, now = (counting.group_of(question, side) for side in (cells[:half], cells[half:]))
        if part == _BOTH and was != now:
            found[was][TO_ANOTHER.id] += cases
            found[now][FROM_ANOTHER.id] += cases
        else:
            found[was if part in lost else now][part] += cases
    return found


def _keys(question: Question, event_date: str) -> list[str]:
    """What a case is grouped by: the month of its event, where it is asked for, and columns.

    All labels of time are made of months. A counted case has its event.
    """
    timed = any(name in LABELS for name in question.by)
    keys = [f"CAST(date_trunc('month', {event_date}) AS DATE)"] if timed else []
    return keys + [dimension(column_of(name)) for name in question.by if name not in LABELS]


def _used(sql: str, dates: Mapping[str, datetime.date]) -> dict[str, datetime.date]:
    """The dates that a statement speaks of: an engine refuses others."""
    return {name: day for name, day in dates.items() if f"${name}" in sql}


def _of_events(
    new: Engine,
    old: tuple[Engine, Question] | None,
    count: Count,
    question: Question,
    event_date: str,
    dates: Mapping[str, datetime.date],
) -> Mapping[Key, Moves]:
    """A count of events: those dated since, and what two releases say otherwise of before."""
    keys = _keys(question, event_date)

    def by(engine: Engine, asked: Question, day: datetime.date) -> Mapping[Key, int]:
        where = counting.conditions(asked)
        sql = (
            f"SELECT {', '.join([*keys, 'count(*)'])} FROM {count.table} WHERE {where.sql} "
            f"AND {daily.passes(count)} AND {daily.counted_on(count)} <= $day"
            + (f" GROUP BY {', '.join(keys)}" if keys else "")
        )
        found: dict[Key, int] = defaultdict(int)
        for *cells, events in engine.fetch(sql, day=day, **where.parameters):
            found[counting.group_of(question, cells)] += events
        return found

    then, now = by(new, question, dates["before"]), by(new, question, dates["after"])
    was = by(*old, dates["before"]) if old else then
    return {
        key: _events_moved((was.get(key, 0), then.get(key, 0), now.get(key, 0)), old is None)
        for key in {*then, *now, *was}
    }


def _events_moved(events: tuple[int, int, int], same: bool) -> Moves:
    """The events that were counted, those that are now as of the same date, and those now."""
    was, then, now = events
    parts = [Move("dated-since", "dated since", now - then)]
    if not same:
        parts.append(Move("records-revised", "records added, revised or removed", then - was))
    return Moves(was, now, tuple(parts))


def _ids(count: Count) -> list[Move]:
    """The parts that a change of the count may have, with 1 where cases come and -1 where they go.

    Those of two releases and of their groups are among them.
    """
    found = [Move(part, label, 1) for part, label in _since(count)]
    if count.until:
        found.append(Move(*_left(count), -1))
    found += [Move(part, label, sign) for part, label, sign in REVISED]
    return [*found, FROM_ANOTHER, TO_ANOTHER]


def _impossible(question: Question, same: bool) -> set[str]:
    """The parts that no change can have: of the same data no record is revised."""
    of_groups = {FROM_ANOTHER.id, TO_ANOTHER.id}
    if same:
        return {part for part, *_ in REVISED} | of_groups
    return set() if question.by else of_groups


def _left(count: Count) -> tuple[str, str]:
    return LEFT.get("".join(count.until), ("no-longer-counted", "no longer counted since"))


def _since(count: Count) -> list[tuple[str, str]]:
    """What may have happened since, in the order of the count's dates."""
    return [
        SINCE.get(date, (f"{date.replace('_', '-')}-since", f"{date.replace('_', ' ')} since"))
        for date in dict.fromkeys(count.dates)
    ]


def _side(counts: Sequence[Count], where: str, keys: Sequence[str]) -> str:
    """Each case with its group and, for each count, its counted date and what tells why."""
    columns = ["case_id", *(f"{key} AS key_{number}" for number, key in enumerate(keys))]
    for place, count in enumerate(counts):
        dates = list(dict.fromkeys(count.dates))
        late = "".join(f" WHEN {date} > $before THEN {number}" for number, date in enumerate(dates))
        columns += [
            f"CASE WHEN ({where}) AND {daily.passes(count)} "
            f"THEN {daily.counted_on(count)} END AS day_{place}",
            f"({' AND '.join(f'{date} IS NOT NULL' for date in dates)}) AS dated_{place}",
            f"CASE{late} ELSE {len(dates)} END AS late_{place}",
            f"{daily.left_on(count) or 'CAST(NULL AS DATE)'} AS left_{place}",
        ]
    return f"SELECT {', '.join(columns)} FROM case_history"


def _pairs(same: bool) -> str:
    if same:
        return "compared_after a"
    return "compared_after a FULL OUTER JOIN compared_before b ON a.case_id = b.case_id"


def _part(place: int, count: Count, same: bool) -> str:
    """The part of the change that a pair of records is in; NULL for none."""
    earlier = "a" if same else "b"
    was, is_now = (
        f"COALESCE({side}.day_{place} <= {day} AND COALESCE({side}.left_{place} > {day}, TRUE), "
        "FALSE)"
        for side, day in ((earlier, "$before"), ("a", "$after"))
    )
    since = "".join(
        f" WHEN a.late_{place} = {number} THEN '{part}'"
        for number, (part, _) in enumerate(_since(count))
    )
    left = ""
    if count.until:
        left = (
            f"WHEN a.left_{place} > $before AND a.left_{place} <= $after THEN '{_left(count)[0]}' "
        )
    return (
        f"CASE WHEN {was} AND {is_now} THEN '{_BOTH}' "
        f"WHEN {was} THEN CASE WHEN NOT COALESCE(a.dated_{place}, FALSE) THEN 'record-removed' "
        f"{left}WHEN a.day_{place} > $after THEN 'revised-later' ELSE 'revised-out' END "
        f"WHEN {is_now} THEN CASE{since} "
        f"WHEN NOT COALESCE({earlier}.dated_{place}, FALSE) THEN 'record-added-late' "
        f"WHEN {earlier}.day_{place} > $before THEN 'revised-earlier' ELSE 'revised-in' END END"
    )


def _read(count: Count, cells: Mapping[str, int], question: Question, same: bool) -> Moves:
    parts = [Move(each.id, each.label, each.cases * cells.get(each.id, 0)) for each in _ids(count)]
    lost = -sum(each.cases for each in parts if each.cases < 0)
    gained = sum(each.cases for each in parts if each.cases > 0)
    both = cells.get(_BOTH, 0)
    never = _impossible(question, same)
    shown = tuple(each for each in parts if each.cases or each.id not in never)
    return Moves(both + lost, both + gained, shown)
