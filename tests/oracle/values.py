"""Texts to values: dates, enumerations, booleans, months and counts."""

from __future__ import annotations

import re
from datetime import date

MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
MONTH_NAMES = {
    name: number for number, month in enumerate(MONTHS, 1) for name in (month, month[:3])
}

CLOCK = r"[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]*)?)?"
HALF_OF_DAY = r"(?: ?(?:[AaPp][Mm]|[AaPp]\.[Mm]\.))?"
ZONE = r"(?: ?(?:Z|UTC|[+-][0-9]{2}(?::?[0-9]{2})?))?"
TIME = f"(?:[ T]{CLOCK}{HALF_OF_DAY}{ZONE})?"
ISO_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})" + TIME)
US_DATE = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})" + TIME)
WORD_DATE = re.compile(r"([0-9]{1,2})([- ])([A-Za-z]+)\2([0-9]{4})" + TIME)
COUNT = re.compile(r"([0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.0+)?")
MOST_DIGITS = 18
FISCAL_YEAR = re.compile(r"([0-9]{4})(?: \(FYTD\))?")
MONTH_NUMBER = re.compile(r"0?[1-9]|1[0-2]")
TOTAL = re.compile(r"(?:grand |sub[- ]?)?totals?:?", re.IGNORECASE)
# Counts whose thousands are parted by points, and the groups that nothing else can mean.
POINTED = re.compile(r"[0-9]{1,3}(?:\.[0-9]{3})*")
ONLY_POINTED = re.compile(r"[0-9]{1,3}(?:\.[0-9]{3})*\.(?!000)[0-9]{3}(?:\.[0-9]{3})*")

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
    """Fold the case of a code, and read each space and hyphen as an underscore."""
    return text.strip().lower().replace(" ", "_").replace("-", "_")


def heading(text: str) -> str:
    """Fold the case of a heading, and read every run of white space and hyphens as one underscore.

    Line breaks and no-break spaces are white space.
    """
    return re.sub(r"[\s-]+", "_", text.strip().lower())


def is_total(text: str) -> bool:
    """Say whether the text is what stands at the beginning of a row of totals."""
    return TOTAL.fullmatch(text.strip()) is not None


def read_date(text: str) -> date | None:
    """Return the date, or None when the text is not one; a time after it is ignored."""
    if match := ISO_DATE.fullmatch(text):
        year, month, day = (int(number) for number in match.groups())
    elif match := US_DATE.fullmatch(text):
        month, day, year = (int(number) for number in match.groups())
    elif match := WORD_DATE.fullmatch(text):
        year, month, day = int(match[4]), MONTH_NAMES.get(match[3].lower(), 0), int(match[1])
    else:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def are_day_first(texts: list[str]) -> bool:
    """Say whether a column of dates has the day first, judged by all its values.

    All of them are numbers parted by slashes, a tenth or more can be nothing else, and none can
    only have the month first.
    """
    parts = [match.groups() for text in texts if (match := US_DATE.fullmatch(text))]
    only_day_first = sum(int(first) > 12 for first, _, _ in parts)
    return (
        len(parts) == len(texts)
        and only_day_first > 0
        and 10 * only_day_first >= len(texts)
        and not any(int(second) > 12 for _, second, _ in parts)
    )


def are_pointed(texts: list[str]) -> bool:
    """Say whether a column of counts has points between thousands, judged by all its values.

    Some can be nothing else, and others, such as 9.000, would be read as other numbers.
    """
    only_pointed = sum(ONLY_POINTED.fullmatch(text) is not None for text in texts)
    return (
        all(POINTED.fullmatch(text) for text in texts)
        and only_pointed > 0
        and 10 * only_pointed >= len(texts)
        and any("." in text and read_count(text) is not None for text in texts)
    )


def read_count(text: str) -> int | None:
    """Return a whole number that is not negative and not too long, or None."""
    match = COUNT.fullmatch(text)
    digits = match[1].replace(",", "").lstrip("0") if match else "9" * (MOST_DIGITS + 1)
    return int(digits or "0") if len(digits) <= MOST_DIGITS else None


def read_fiscal_year(text: str) -> int | None:
    """Return the fiscal year, or None."""
    match = FISCAL_YEAR.fullmatch(text)
    return (int(match.group(1)) or None) if match else None


def read_month(text: str) -> int | None:
    """Return the calendar month of a name or a number, or None."""
    return MONTH_NAMES.get(text.lower()) or (int(text) if MONTH_NUMBER.fullmatch(text) else None)


def fiscal_year_of(day: date) -> int:
    """Return the federal fiscal year, which begins in October of the year before."""
    return day.year + 1 if day.month >= 10 else day.year
