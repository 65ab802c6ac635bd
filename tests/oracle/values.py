"""Texts to values: dates, enumerations, booleans, months and counts."""

from __future__ import annotations

import re
from datetime import date

TIME = r"(?:[ T][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{0,9})?)?"
ISO_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})" + TIME)
US_DATE = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})" + TIME)
COUNT = re.compile(r"([0-9]{1,18})(?:\.0+)?")
FISCAL_YEAR = re.compile(r"([0-9]{4})(?: \(FYTD\))?")
MONTH_NUMBER = re.compile(r"0?[1-9]|1[0-2]")

MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

DOCKETS = {"mpp", "non_detained", "detained"}
OUTCOMES = {
    "relief_granted",
    "removal_ordered",
    "voluntary_departure",
    "terminated",
    "dismissed",
    "withdrawn",
    "administratively_closed",
    "failure_to_prosecute",
    "change_of_venue",
    "transferred",
    "other",
}
NEVER_INITIAL = {
    "change_of_venue",
    "transferred",
    "administratively_closed",
    "failure_to_prosecute",
}
COMPLETION_TYPES = {"initial", "subsequent"}
RELIEF_TYPES = {
    "asylum",
    "statutory_withholding",
    "cat_withholding",
    "cat_deferral",
    "other",
    "unknown",
}
RELIEF_OF_THE_DOCUMENT = {"asylum", "statutory_withholding", "cat_withholding"}
REFERRAL_OUTCOMES = {"positive", "negative", "closed", "pending"}
COMPONENTS = {
    "usbp": "USBP",
    "u.s._border_patrol": "USBP",
    "ofo": "OFO",
    "office_of_field_operations": "OFO",
}
BOOLEANS = {"true", "t", "yes", "y", "1", "false", "f", "no", "n", "0"}
SOUTHWEST = {"", "southwest", "southwest_land_border", "southwest_border"}


def normalise(text: str) -> str:
    """Fold case, and read spaces and hyphens as underscores."""
    return text.strip().lower().replace(" ", "_").replace("-", "_")


def read_date(text: str) -> date | None:
    """Return the date, or None when the text is not one; a time after it is ignored."""
    if match := ISO_DATE.fullmatch(text):
        year, month, day = match.groups()
    elif match := US_DATE.fullmatch(text):
        month, day, year = match.groups()
    else:
        return None
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def read_count(text: str) -> int | None:
    """Return a whole number that is not negative, or None."""
    match = COUNT.fullmatch(text)
    return int(match.group(1)) if match else None


def read_fiscal_year(text: str) -> int | None:
    """Return the fiscal year, or None."""
    match = FISCAL_YEAR.fullmatch(text)
    return (int(match.group(1)) or None) if match else None


def read_month(text: str) -> int | None:
    """Return the calendar month of a name or a number, or None."""
    if text.lower() in MONTH_NAMES:
        return MONTH_NAMES.index(text.lower()) + 1
    return int(text) if MONTH_NUMBER.fullmatch(text) else None


def fiscal_year_of(day: date) -> int:
    """Return the federal fiscal year, which begins in October of the year before."""
    return day.year + 1 if day.month >= 10 else day.year
