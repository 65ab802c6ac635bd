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
from mpp_cli.question import Question

#: What happened since, by the date of a rule that came last.
SINCE = {
    "nta_filed_date": ("newly-enrolled", "newly enrolled"),
    "initial_completion_date": ("completed-since", "completed since"),
    "relief_date": ("granted-since", "granted since"),
    "first_referral_date": ("referred-since", "referred since"),
}

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
    """One part of a change: more than 0 for cases gained, less for cases lost."""

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
    for engine in (new, *([old] if old else ())):
        sql = _side(counts, where.sql)
        engine.create_from("compared_after", sql, before=before, **where.parameters)
    if old:
        new.load_arrow("compared_before", old.arrow("SELECT * FROM compared_after"))
    found = {}
    for place, count in enumerate(counts):
        ids = [part for part, _ in _since(count)] + [part for part, _, _ in REVISED] + ["both"]
        cells = ", ".join(f"count(*) FILTER (WHERE part = '{part}')" for part in ids)
        part = _part(place, count, same=old is None)
        row = new.fetch(
            f"SELECT {cells} FROM (SELECT {part} AS part FROM {_pairs(old is None)}) parts",
            before=before,
            after=after,
        )[0]
        found[count.name] = _read(count, dict(zip(ids, row, strict=True)), old is None)
    return found


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
        ]
    return f"SELECT {', '.join(columns)} FROM case_history"


def _pairs(same: bool) -> str:
    if same:
        return "compared_after a"
    return "compared_after a FULL OUTER JOIN compared_before b ON a.case_id = b.case_id"


def _part(place: int, count: Count, same: bool) -> str:
    """The part of the change that a pair of records is in; NULL for none."""
    earlier = "a" if same else "b"
    was = f"COALESCE({earlier}.day_{place} <= $before, FALSE)"
    is_now = f"COALESCE(a.day_{place} <= $after, FALSE)"
    since = "".join(
        f" WHEN a.late_{place} = {number} THEN '{part}'"
        for number, (part, _) in enumerate(_since(count))
    )
    return (
        f"CASE WHEN {was} AND {is_now} THEN 'both' "
        f"WHEN {was} THEN CASE WHEN NOT COALESCE(a.dated_{place}, FALSE) THEN 'record-removed' "
        f"WHEN a.day_{place} IS NOT NULL THEN 'revised-later' ELSE 'revised-out' END "
        f"WHEN {is_now} THEN CASE{since} "
        f"WHEN NOT COALESCE({earlier}.dated_{place}, FALSE) THEN 'record-added-late' "
        f"WHEN {earlier}.day_{place} IS NOT NULL THEN 'revised-earlier' ELSE 'revised-in' END END"
    )


def _read(count: Count, cells: Mapping[str, int], same: bool) -> Moves:
    parts = [Move(part, label, cells[part]) for part, label in _since(count)]
    if not same:
        parts += [Move(part, label, sign * cells[part]) for part, label, sign in REVISED]
    lost = sum(cells[part] for part, _, sign in REVISED if sign < 0)
    gained = sum(cells.values()) - lost - cells["both"]
    return Moves(cells["both"] + lost, cells["both"] + gained, tuple(parts))
