"""Batches as text: the columns of each table, spelled as the table descriptions say."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from mpp_cli.sample.apportion import Ints
from mpp_cli.sample.batch import DETAINED, NON_DETAINED, Batch
from mpp_cli.sample.events import ABSENTIA, OUTCOMES, TYPES, Completions, Grants, Referrals
from mpp_cli.sample.locations import Directory
from mpp_cli.sample.plan import Plan
from mpp_cli.sources.schema import table

#: The tables that are drawn, in the order in which they are written.
DRAWN = ("cases", "completions", "grants", "referrals")
WIDTH = 7


@dataclass
class Sheet:
    """Rows of one table in one batch: columns of text, and lines to be put among them.

    ``extra`` holds (position, line): the line comes before the row there.
    """

    table: str
    columns: dict[str, list[str]]
    extra: list[tuple[int, str]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.columns["case_id"])

    def row(self, position: int) -> dict[str, str]:
        """One row by column."""
        return {name: column[position] for name, column in self.columns.items()}

    def lines(self) -> list[str]:
        """All lines, the extra ones in their places."""
        lines = list(map(",".join, zip(*self.columns.values(), strict=True)))
        for position, line in sorted(self.extra, key=lambda each: -each[0]):
            lines.insert(position, line)
        return lines


def header(name: str) -> tuple[str, ...]:
    """The columns of a table as written, all that its description lists."""
    return tuple(column.name for column in table(name).columns)


def case_ids(first: int, count: int) -> list[str]:
    """Case numbers that say of themselves that they are synthetic."""
    return [f"SYN-{number:0{WIDTH}d}" for number in range(first, first + count)]


def quoted(text: str) -> str:
    """A value as a CSV field."""
    if any(mark in text for mark in ',"\r\n') or text != text.strip():
        return '"' + text.replace('"', '""') + '"'
    return text


def cases_sheet(plan: Plan, batch: Batch, ids: list[str], places: Directory) -> Sheet:
    """The rows of ``cases``."""
    days, shares = plan.calendar, plan.recipe.shares
    dockets = ["mpp"] * 4
    dockets[NON_DETAINED], dockets[DETAINED] = "non_detained", "detained"
    return _sheet(
        "cases",
        {
            "case_id": ids,
            "nta_filed_date": days.text(batch.nta),
            "nta_issued_date": days.text(batch.issued),
            "enrolled_date": days.text(batch.enrolled),
            "component": _words([place.component for place in places.places], batch.place),
            "location": _words([place.location for place in places.places], batch.place),
            # A blank stands last, where the code -1 finds it.
            "hearing_location": _words([*places.courts, ""], batch.hearing),
            "nationality": _words(list(shares.nationality), batch.nationality),
            "demographic": _words(list(shares.demographic), batch.demographic),
            "representation_date": days.text(batch.counsel),
            "docket": _words(dockets, batch.kind),
        },
    )


def completions_sheet(plan: Plan, rows: Completions, ids: list[str]) -> Sheet:
    """The rows of ``completions``."""
    return _sheet(
        "completions",
        {
            "case_id": _at(ids, rows.case),
            "completion_date": plan.calendar.text(rows.day),
            "outcome": _words(list(OUTCOMES), rows.outcome),
            "completion_type": _words(list(TYPES), rows.type),
            "in_absentia": _words(list(ABSENTIA), rows.outcome),
            "reopened_date": plan.calendar.text(rows.reopened),
        },
    )


def grants_sheet(plan: Plan, rows: Grants, ids: list[str]) -> Sheet:
    """The rows of ``grants``."""
    return _sheet(
        "grants",
        {
            "case_id": _at(ids, rows.case),
            "granted_date": plan.calendar.text(rows.day),
            "relief_type": rows.relief,
        },
    )


def referrals_sheet(plan: Plan, rows: Referrals, ids: list[str]) -> Sheet:
    """The rows of ``referrals``."""
    return _sheet(
        "referrals",
        {
            "case_id": _at(ids, rows.case),
            "referred_date": plan.calendar.text(rows.day),
            "outcome": _words(list(plan.recipe.shares.referral_outcomes), rows.outcome),
            "outcome_date": plan.calendar.text(rows.outcome_day),
        },
    )


def _sheet(name: str, columns: dict[str, list[str]]) -> Sheet:
    # The description of the table decides which columns there are, and their order.
    return Sheet(name, {column: columns[column] for column in header(name)})


def _words(words: list[str], codes: Ints) -> list[str]:
    # Few words stand for many rows, so quoting them once costs nothing.
    return _at([quoted(word) for word in words], codes)


def _at(words: list[str], codes: Ints) -> list[str]:
    if not len(codes):
        return []
    found: list[str] = np.array(words, dtype=object)[codes].tolist()
    return found
