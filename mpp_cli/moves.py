"""Which cases a count gained and lost between two dates or two releases, and why.

Every case has a counted date or none, on each side. What became of it is one
of a closed list of parts, so the parts sum to the change by construction.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mpp_cli import counting, daily
from mpp_cli.definitions import Count
from mpp_cli.engines.base import Engine
from mpp_cli.history import EVENTS
from mpp_cli.question import Question

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
    ("record-added-late", "record added late, dated before", 1),
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


@dataclass(frozen=True)
class Moves:
    """A count before and after, and the parts of the change."""

    before: int
    after: int
    parts: tuple[Move, ...]


def moves(
    new: Engine,
    old: Engine | None,
    counts: Sequence[Count],
    question: Question,
    before: datetime.date,
    after: datetime.date,
) -> Mapping[str, Moves]:
    """What became of the cases of every count between ``before`` and ``after``.

    Both engines hold a case history. ``old`` None is the same data; else its
    cases are handed over to ``new``, which compares them.
    """
    where = counting.conditions(question)
    dates = {"before": before, "after": after}
    cases = [count for count in counts if count.table not in EVENTS]
    for engine in (new, *([old] if old else ())):
        sql = _side(cases, where.sql)
        engine.create_from("compared_after", sql, **_used(sql, dates), **where.parameters)
    if old:
        new.load_arrow("compared_before", old.arrow("SELECT * FROM compared_after"))
    found = {}
    for place, count in enumerate(cases):
        ids = [each.id for each in _ids(count)] + ["both"]
        cells = ", ".join(f"count(*) FILTER (WHERE part = '{part}')" for part in ids)
        part = _part(place, count, same=old is None)
        row = new.fetch(
            f"SELECT {cells} FROM (SELECT {part} AS part FROM {_pairs(old is None)}) parts",
            **_used(part, dates),
        )[0]
        found[count.name] = _read(count, dict(zip(ids, row, strict=True)), old is None)
    for count in counts:
        if count.table in EVENTS:
            found[count.name] = _of_events(new, old, count, where, dates)
    return found


def _used(sql: str, dates: Mapping[str, datetime.date]) -> dict[str, datetime.date]:
    """The dates that a statement speaks of: an engine refuses others."""
    return {name: day for name, day in dates.items() if f"${name}" in sql}


def _of_events(
    new: Engine,
    old: Engine | None,
    count: Count,
    where: counting.Conditions,
    dates: Mapping[str, datetime.date],
) -> Moves:
    """A count of events: those dated since, and what two releases say otherwise of before."""

    def by(engine: Engine, day: datetime.date) -> int:
        sql = (
            f"SELECT count(*) FROM {count.table} WHERE {where.sql} AND {daily.passes(count)} "
            f"AND {daily.counted_on(count)} <= $day"
        )
        return int(engine.fetch(sql, day=day, **where.parameters)[0][0])

    then, now = by(new, dates["before"]), by(new, dates["after"])
    parts = [Move("dated-since", "dated since", now - then)]
    was = then
    if old:
        was = by(old, dates["before"])
        parts.append(Move("records-revised", "records added, revised or removed", then - was))
    return Moves(was, now, tuple(parts))


def _ids(count: Count) -> list[Move]:
    """The parts that a change of the count may have, with 1 where cases come and -1 where they go.

    Those of two releases are among them.
    """
    found = [Move(part, label, 1) for part, label in _since(count)]
    if count.until:
        found.append(Move(*_left(count), -1))
    return found + [Move(part, label, sign) for part, label, sign in REVISED]


def _left(count: Count) -> tuple[str, str]:
    return LEFT.get("".join(count.until), ("no-longer-counted", "no longer counted since"))


def _since(count: Count) -> list[tuple[str, str]]:
    """What may have happened since, in the order of the count's dates."""
    return [
        SINCE.get(date, (f"{date.replace('_', '-')}-since", f"{date.replace('_', ' ')} since"))
        for date in dict.fromkeys(count.dates)
    ]


def _side(counts: Sequence[Count], where: str) -> str:
    """Each case with, for each count, its counted date and what is needed to tell why."""
    columns = ["case_id"]
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
        f"CASE WHEN {was} AND {is_now} THEN 'both' "
        f"WHEN {was} THEN CASE WHEN NOT COALESCE(a.dated_{place}, FALSE) THEN 'record-removed' "
        f"{left}WHEN a.day_{place} > $after THEN 'revised-later' ELSE 'revised-out' END "
        f"WHEN {is_now} THEN CASE{since} "
        f"WHEN NOT COALESCE({earlier}.dated_{place}, FALSE) THEN 'record-added-late' "
        f"WHEN {earlier}.day_{place} > $before THEN 'revised-earlier' ELSE 'revised-in' END END"
    )


def _read(count: Count, cells: Mapping[str, int], same: bool) -> Moves:
    parts = [Move(each.id, each.label, each.cases * cells[each.id]) for each in _ids(count)]
    lost = -sum(each.cases for each in parts if each.cases < 0)
    gained = sum(each.cases for each in parts if each.cases > 0)
    if same:
        parts = parts[: -len(REVISED)]
    return Moves(cells["both"] + lost, cells["both"] + gained, tuple(parts))
