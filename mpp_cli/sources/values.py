"""What a text means: the one place that says which dates, codes and counts can be read.

Every function takes trimmed text that is not blank and returns the value, or
None where the text cannot be read. The vectorised readers are accelerators of
these functions for common shapes and must agree with them.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping

from mpp_cli.periods import MONTH_NAMES
from mpp_cli.sources.schema import Column

#: A time of day as databases, spreadsheets and programs write it after a date. It is ignored, and
#: so is its zone: the date is the one that is written.
TIME = (
    r"(?:[ T][0-9]{1,2}[:.][0-9]{2}(?:[:.][0-9]{2}(?:[.,][0-9]*)?)?"
    r"(?: ?[AaPp]\.?[Mm]\.?)?(?: ?(?:Z|UTC|[+-][0-9]{2}(?::?[0-9]{2})?))?)?"
)
ISO_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})" + TIME)
_SLASHED = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})" + TIME)
_NAMED = re.compile(r"([0-9]{1,2})([- ])([A-Za-z]{3,9})\2([0-9]{4})" + TIME)
_COUNT = re.compile(r"(?:0*([0-9]{1,18})|([0-9]{1,3}(?:,[0-9]{3}){1,5}))(?:\.0+)?")
_FISCAL_YEAR = re.compile(r"([0-9]{4})(?: \(FYTD\))?", re.IGNORECASE)
_EPOCH = datetime.date(1970, 1, 1).toordinal()

_GAP = re.compile(r"[\s-]+")

#: Months in the order of the U.S. fiscal year, as CBP abbreviates them.
FISCAL_MONTHS = ("OCT", "NOV", "DEC", "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP")
#: The English names of months in lower case, of three letters and in full, and their numbers.
MONTHS = {
    name: number
    for number, full in enumerate(MONTH_NAMES, start=1)
    for name in (full[:3].lower(), full.lower())
}

#: Whole numbers below this are exact in floating point, and are spelled as integers.
EXACT = 1 << 53

#: How a row says that it is about the southwest border; any other text is another region.
SOUTHWEST = ("southwest", "southwest_land_border", "southwest_border")
_NEAR_SOUTHWEST = re.compile(r"\bS\.?W\.?B?\b|South[\s_-]*west", re.IGNORECASE)

_TRUE = {"true", "t", "yes", "y", "1"}
_FALSE = {"false", "f", "no", "n", "0"}


def name_key(text: str) -> str:
    """A code: trimmed, any case, every space and hyphen read as an underscore."""
    return text.strip().lower().replace(" ", "_").replace("-", "_")


def heading_key(text: str) -> str:
    """A heading: trimmed, any case, every run of white space and hyphens read as one underscore.

    Line breaks and no-break spaces are white space; a byte order mark that was written
    twice is no part of a name.
    """
    return _GAP.sub("_", text.strip().strip("\ufeff").strip().lower())


def date(text: str) -> int | None:
    """Days since 1970-01-01 of ``YYYY-MM-DD``, ``M/D/YYYY`` or ``D-MON-YYYY``.

    A time of day after it is ignored.
    """
    if match := ISO_DATE.fullmatch(text):
        year, month, day = match.groups()
    elif match := _SLASHED.fullmatch(text):
        month, day, year = match.groups()
    elif match := _NAMED.fullmatch(text):
        day, _, name, year = match.groups()
        month = str(MONTHS.get(name.lower(), 0))
    else:
        return None
    try:
        return datetime.date(int(year), int(month), int(day)).toordinal() - _EPOCH
    except ValueError:
        return None


def from_days(days: int) -> datetime.date:
    """The date that many days after 1970-01-01."""
    return datetime.date.fromordinal(days + _EPOCH)


def boolean(text: str) -> str | None:
    """``"true"`` or ``"false"``."""
    key = text.lower()
    return "true" if key in _TRUE else "false" if key in _FALSE else None


def count(text: str) -> int | None:
    """A whole number, 0 or more; ``9584.0`` and ``9,584`` are. No signs, no exponents."""
    match = _COUNT.fullmatch(text)
    return int((match[1] or match[2]).replace(",", "")) if match else None


def fiscal_year(text: str) -> int | None:
    """A four-digit fiscal year; `` (FYTD)`` may follow and changes nothing."""
    match = _FISCAL_YEAR.fullmatch(text)
    return int(match.group(1)) or None if match else None


def month(text: str) -> int | None:
    """The calendar month 1 to 12 of its English name, of three letters or in full, or a number."""
    if text.isascii() and text.isdigit() and len(text) <= 2:
        return int(text) if 1 <= int(text) <= 12 else None
    return MONTHS.get(text.lower())


def region(text: str) -> str:
    """``"southwest"``, or the text itself for every other region."""
    return "southwest" if name_key(text) in SOUTHWEST else text


def seems_southwest(text: str) -> bool:
    """Whether a region may be the southwest by a name that is not read as it: SWB, SW Border."""
    return _NEAR_SOUTHWEST.search(text) is not None


def enumeration(column: Column) -> Callable[[str], str | None]:
    """A reader of one column's codes: any case, aliases, spaces and hyphens as underscores."""
    known: Mapping[str, str] = {
        **{name_key(alias): value for alias, value in column.aliases.items()},
        **{name_key(value): value for value in column.values},
    }
    return lambda text: known.get(name_key(text))
