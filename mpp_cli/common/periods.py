"""Periods of time: months, calendar quarters, U.S. fiscal years, calendar years."""

from __future__ import annotations

import calendar
import datetime
from collections.abc import Callable

MONTH_NAMES = (
    "January February March April May June July August September October November December"
).split()


def fiscal_year(year: int, month: int) -> int:
    """The U.S. fiscal year of a calendar month: October begins the next one."""
    return year + 1 if month >= 10 else year


#: The times of an event and the label that each gives a calendar month.
TIMES: dict[str, Callable[[int, int], str | int]] = {
    "month": lambda year, month: f"{year:04d}-{month:02d}",
    "quarter": lambda year, month: f"{year:04d}-Q{(month + 2) // 3}",
    "fiscal_year": fiscal_year,
    "calendar_year": lambda year, month: year,
}

#: What says that such a word is meant as the time of the event, where cases have such a column.
EVENT = "event."

#: The breakdowns by time: a time as it is, or with that said.
LABELS = TIMES | {f"{EVENT}{name}": label for name, label in TIMES.items()}


def month_number(year: int, month: int) -> int:
    """Months counted from January of year 0, so that they can be compared."""
    return year * 12 + month - 1


def fiscal_month_number(year: int, month: int) -> int:
    """The number of a month that is named by its fiscal year."""
    return month_number(year - 1 if month >= 10 else year, month)


def fiscal_year_of(number: int) -> int:
    """The fiscal year of a numbered month."""
    return fiscal_year(number // 12, number % 12 + 1)


def whole_months_by(day: datetime.date) -> int:
    """The number of the last month that ends on or before a day."""
    number = month_number(day.year, day.month)
    last = calendar.monthrange(day.year, day.month)[1]
    return number if day.day == last else number - 1


def month_end(number: int) -> datetime.date:
    """The last day of a numbered month, within the dates that Python has."""
    year, month = divmod(number, 12)
    if not datetime.MINYEAR <= year <= datetime.MAXYEAR:
        return datetime.date.min if year < datetime.MINYEAR else datetime.date.max
    return datetime.date(year, month + 1, calendar.monthrange(year, month + 1)[1])


def month_name(number: int) -> str:
    """A numbered month in words, such as ``October 2020``."""
    return f"{MONTH_NAMES[number % 12]} {number // 12}"


def long_date(day: datetime.date) -> str:
    """A date as the document writes it, in any locale: ``December 31, 2020``."""
    return f"{MONTH_NAMES[day.month - 1]} {day.day}, {day.year}"
