"""What is wrong with the files: rows to be set aside, values to be blanked, odd spellings.

Each blemish is one job. A job waits for a batch that has a suitable row, so
that small samples get what they have room for. No job changes a total: what
must be set aside stands beside the rows that count, and would disturb a
reader who used it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from mpp_cli.sample.manifest import Account
from mpp_cli.sample.recipe import Recipe
from mpp_cli.sample.render_rows import Sheet, case_ids

#: For every table: the column and the texts that spoil a row, by reason.
SPOILT: dict[str, dict[str, tuple[str, tuple[str, ...]]]] = {
    "cases": {
        "unreadable_date": ("nta_filed_date", ("31/12/2020", "2020-02-30", "unknown")),
        "unknown_value": ("docket", ("mpp2", "none")),
    },
    "completions": {
        "missing_date": ("completion_date", ("",)),
        "unreadable_date": ("completion_date", ("31/12/2020", "2019-11-31", "Dec 5 2019")),
        "unknown_value": ("outcome", ("deported", "granted?")),
    },
    "grants": {
        "missing_date": ("granted_date", ("",)),
        "unreadable_date": ("granted_date", ("31/12/2020", "2020-6-31")),
        "unknown_value": ("relief_type", ("cancellation", "")),
    },
    "referrals": {
        "missing_date": ("referred_date", ("",)),
        "unreadable_date": ("referred_date", ("31/12/2020", "2019-13-01")),
    },
}
#: Optional values that nobody can read.
UNREADABLE = {
    "cases": {
        "nta_issued_date": "31/12/2019",
        "enrolled_date": "2019",
        "component": "CBP",
        "representation_date": "pending",
    },
    "completions": {"in_absentia": "maybe", "reopened_date": "see file"},
    "referrals": {"outcome": "no finding", "outcome_date": "00/00/0000"},
}
#: Columns of which some values get another spelling that is legal too.
RESPELLED = {
    "cases": ("case_id", "nta_filed_date", "component", "docket"),
    "completions": ("completion_date", "outcome", "in_absentia"),
    "grants": ("granted_date", "relief_type"),
    "referrals": ("referred_date", "outcome"),
}
SPELLINGS = {
    "USBP": "U.S. Border Patrol",
    "OFO": "Office of Field Operations",
    "true": "Y",
    "false": "0",
    "mpp": "",
}


@dataclass
class Job:
    """One blemish to be made: its table, its kind, and what it is about."""

    table: str
    kind: str
    subject: str
    turn: int


class Spoiler:
    """Makes the blemishes of a recipe, batch by batch."""

    def __init__(self, recipe: Recipe, rng: np.random.Generator, account: Account) -> None:
        self._rng, self._account = rng, account
        self._waiting = list(_jobs(recipe))
        self._spoilt_cases: list[str] = []
        self._touched: set[tuple[str, int]] = set()

    def spoil(
        self,
        sheets: dict[str, Sheet],
        plain: dict[str, list[int]],
        ids: list[str],
        fresh: int,
        share: float,
    ) -> int:
        """Do a share of the jobs that wait; give the number of case ids used up.

        ``plain`` holds, per table of events, the positions of cases whose count
        a spoilt row would change if it were used; ``fresh`` is the next number
        for a case id.
        """
        self._touched.clear()
        used, waiting = 0, []
        for job in self._waiting:
            if self._rng.random() < share:
                new_id = case_ids(fresh + used, 1)[0]
                done, took = self._do(job, sheets[job.table], plain, ids, new_id)
                used += took
                if done:
                    continue
            waiting.append(job)
        self._waiting = waiting
        self._account.undone = len(waiting)
        return used

    def _do(
        self, job: Job, sheet: Sheet, plain: dict[str, list[int]], ids: list[str], new_id: str
    ) -> tuple[bool, bool]:
        if job.kind in ("blanked", "respelled"):
            return self._revalue(job, sheet), False
        among = None
        if job.subject == "conflicting_duplicate":
            # It differs from its original by a blank NTA date, so the original must have one.
            filed = sheet.columns["nta_filed_date"]
            among = [place for place, text in enumerate(filed) if text]
        position = self._pick(sheet, among)
        if position is None:
            return False, False
        row, took = sheet.row(position), False
        if job.subject == "duplicate":
            self._add(sheet, job, row, after=position)
            return True, False
        if job.subject == "conflicting_duplicate":
            # The first row stays; a reader who kept this one would lose an enrolment.
            self._add(sheet, job, row | {"nta_filed_date": "", "docket": "mpp"}, after=position)
            return True, False
        if sheet.table == "cases":
            row["case_id"], took = new_id, True
            if job.subject != "missing_case_id":
                self._spoilt_cases.append(new_id)
        elif job.subject == "orphan":
            # Events of a case that was set aside are the likeliest orphans.
            took = not self._spoilt_cases
            row["case_id"] = new_id if took else self._spoilt_cases.pop()
        elif plain[sheet.table]:
            row["case_id"] = ids[
                plain[sheet.table][int(self._rng.integers(len(plain[sheet.table])))]
            ]
        else:
            return False, False
        if job.subject == "missing_case_id":
            row["case_id"] = ""
        elif job.subject in SPOILT[sheet.table]:
            column, texts = SPOILT[sheet.table][job.subject]
            row[column] = texts[job.turn % len(texts)]
        self._add(sheet, job, row)
        return True, took

    def _add(self, sheet: Sheet, job: Job, row: dict[str, str], after: int = -1) -> None:
        fields = list(row.values())
        if job.subject == "wrong_field_count":
            fields = [*fields, "?"] if job.turn % 2 == 0 else fields[:-1]
        sheet.extra.append((int(self._rng.integers(after + 1, len(sheet) + 1)), ",".join(fields)))
        self._account.set_aside[job.table, job.subject] += 1

    def _revalue(self, job: Job, sheet: Sheet) -> bool:
        column = sheet.columns[job.subject]
        position = self._pick(sheet, [place for place, text in enumerate(column) if text])
        if position is None:
            return False
        if job.kind == "blanked":
            column[position] = UNREADABLE[job.table][job.subject]
            self._account.blanked[job.table, job.subject] += 1
            return True
        if job.subject == "docket" and column[position] != "mpp":
            return False
        column[position] = _respelled(job.subject, column[position], job.turn)
        self._account.respelled[job.table, job.subject] += 1
        return True

    def _pick(self, sheet: Sheet, among: list[int] | None = None) -> int | None:
        """A row that no other blemish has touched in this batch, if a few tries find one."""
        places: list[int] | range = range(len(sheet)) if among is None else among
        for _ in range(10 if places else 0):
            position = int(places[int(self._rng.integers(len(places)))])
            if (sheet.table, position) not in self._touched:
                self._touched.add((sheet.table, position))
                return position
        return None


def _jobs(recipe: Recipe) -> Iterator[Job]:
    dirt = recipe.dirt
    everywhere = ("wrong_field_count", "missing_case_id", "duplicate")
    for name, spoilt in SPOILT.items():
        own = "conflicting_duplicate" if name == "cases" else "orphan"
        for kind, subjects, times in (
            ("set_aside", (*everywhere, *spoilt, own), dirt.rows),
            ("blanked", tuple(UNREADABLE.get(name, ())), dirt.values),
            ("respelled", RESPELLED[name], dirt.respelled),
        ):
            for subject in subjects:
                for turn in range(round(times * dirt.amount)):
                    yield Job(name, kind, subject, turn)


def _respelled(column: str, text: str, turn: int) -> str:
    if column == "case_id":
        return f" {text} "
    if column.endswith("_date"):
        year, month, day = text.split("-")
        return f"{int(month)}/{int(day)}/{year}" if turn % 2 == 0 else f"{text} 00:00:00"
    return SPELLINGS.get(text, text.replace("_", " ").title())
