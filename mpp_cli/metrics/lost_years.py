"""Fiscal years of encounters of which a component was lost: there is no sum of these."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from itertools import product

from mpp_cli.common.periods import fiscal_month_number, fiscal_year, whole_months_by
from mpp_cli.sources.dataset import Dataset

#: The components of CBP that have encounters.
COMPONENTS = ("USBP", "OFO")


def lost_years(dataset: Dataset, as_of: datetime.date) -> dict[int, str]:
    """The fiscal years of which all rows of a component were set aside, and the reason.

    Only months that end by ``as_of`` are asked after, and those that cannot be read. Rows of
    which not even the year can be read may be of any year; they cost a component its sums only
    where no row of it is used at all.
    """
    return _lost_years(dataset, _used(dataset), as_of) if dataset.unread.months else {}


def lost_days(dataset: Dataset, days: Iterable[datetime.date]) -> set[datetime.date]:
    """The days of which the fiscal year has no sum."""
    if not dataset.unread.months:
        return set()
    used = _used(dataset)
    return {day for day in days if _year(day) in _lost_years(dataset, used, day)}


def lost_months(dataset: Dataset) -> set[tuple[int, int, str]]:
    """The months, by fiscal year and component, of which rows were set aside and none is used."""
    lost = {
        (each.year, each.month, component)
        for each, component in product(dataset.unread.months, COMPONENTS)
        if each.year is not None and each.month is not None and each.may_be(component)
    }
    return lost - {*_used(dataset)} if lost else set()


def lost_year(dataset: Dataset, as_of: datetime.date) -> str | None:
    """Why there is no sum of the fiscal year that holds a day, None where no component was lost."""
    return lost_years(dataset, as_of).get(_year(as_of))


def _lost_years(
    dataset: Dataset, used: Sequence[tuple[int, int, str]], as_of: datetime.date
) -> dict[int, str]:
    anywhere = {component for _, _, component in used}
    held = {(year, component) for year, month, component in used if _has_ended(year, month, as_of)}
    years = sorted({year for year, _ in held} | {_year(as_of)})
    found: dict[int, str] = {}
    for lost, component in product(dataset.unread.months, COMPONENTS):
        of_any = lost.year is None
        if not lost.may_be(component) or (of_any and component in anywhere):
            continue
        for year in years if lost.year is None else [lost.year]:
            ended = lost.month is None or of_any or _has_ended(year, lost.month, as_of)
            # Months that are only given whole have no component to lack.
            if ended and not {(year, component), (year, None)} & held:
                found.setdefault(year, lost.reason_for(component, year))
    return found


def _used(dataset: Dataset) -> list[tuple[int, int, str]]:
    """The fiscal years, months and components of the rows that are used."""
    sql = "SELECT DISTINCT fiscal_year, month, component FROM used_encounters"
    return [(year, month, component) for year, month, component in dataset.engine.fetch(sql)]


def _year(day: datetime.date) -> int:
    return fiscal_year(day.year, day.month)


def _has_ended(year: int, month: int, as_of: datetime.date) -> bool:
    """Whether a month of a fiscal year ends on a day or before."""
    return fiscal_month_number(year, month) <= whole_months_by(as_of)
