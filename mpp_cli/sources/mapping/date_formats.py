"""Dates in a form that ``mpp.toml`` names, such as ``DD-MON-YY``, and what form dates seem to have.

A form is written in letters, as databases write it (``DD-MON-YY``), or in the
signs of Python and C (``%d-%b-%y``). Names of months are English, in any case
and whatever the locale. A year of two digits is one from 2000 to 2099: nothing
in these data is older, and a year that is meant to be older shows as one in the
future, which mpp warns about. A time of day after the date is ignored.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping, Sequence

from mpp_cli.sources.values import parse

_NUMBERS = {**parse.MONTHS, "sept": 9}

_PIECES = {
    "year": r"(?P<year>[0-9]{4})",
    "short": r"(?P<short>[0-9]{2})",
    "month": r"(?P<month>[0-9]{1,2})",
    "name": r"(?P<name>[A-Za-z]{3,9})\.?",
    "day": r"(?P<day>[0-9]{1,2})",
}
#: The signs of both ways to write a form, longer ones first.
_SIGNS = {
    **{"YYYY": "year", "MONTH": "name", "MON": "name", "MM": "month", "DD": "day", "YY": "short"},
    **{"M": "month", "D": "day"},
    **{"%Y": "year", "%y": "short", "%B": "name", "%b": "name", "%m": "month", "%d": "day"},
}
_SIGN = re.compile("|".join(map(re.escape, _SIGNS)), re.IGNORECASE)
_PERCENT = re.compile("|".join(re.escape(each) for each in _SIGNS if each.startswith("%")))

#: The form of days counted by a spreadsheet, from the day that it calls 0.
SERIAL = "serial"
_SERIAL = re.compile(r"(?P<serial>[0-9]{5})(?:\.[0-9]+)?")
_DAY_0 = datetime.date(1899, 12, 30)

#: What a form may be made of, for a message.
FORMS = (
    "D, M, MON, MONTH, YY and YYYY with what separates them, such as DD-MON-YY, or "
    f"{SERIAL} for the numbers by which a spreadsheet stores days"
)

#: Forms that dates are found to have, where mpp does not read them without being told.
_USUAL = (
    *("D/M/YYYY", "M/D/YY", "D/M/YY", "M-D-YYYY", "D-M-YYYY", "M-D-YY", "D-M-YY"),
    *("D.M.YYYY", "D.M.YY", "M.D.YYYY", "M.D.YY", "YYYY/M/D", "YYYY.M.D", "YYYY-M-D"),
    *("YYYYMMDD", "MMDDYYYY", "DDMMYYYY", "D-MON-YY", "D MON YY", "D/MON/YYYY", "D/MON/YY"),
    *("D.MON.YYYY", "DMONYYYY", "MON D, YYYY", "MON D YYYY", "MON-D-YYYY", "D. MON YYYY"),
    *("D-MON-YYYY", "YYYY-MON-D", "YYYY-MM-DD", SERIAL),
)


def form(text: str) -> re.Pattern[str] | None:
    """The pattern of a form, None when it does not name a day, a month and a year once each."""
    if text.lower() == SERIAL:
        return _SERIAL
    signs = _PERCENT if "%" in text else _SIGN
    found = [*signs.finditer(text)]
    pieces = [_SIGNS[match[0] if "%" in text else match[0].upper()] for match in found]
    pattern, at = "", 0
    for place, (match, piece) in enumerate(zip(found, pieces, strict=True)):
        pattern += re.escape(text[at : match.start()])
        beside = [
            pieces[other]
            for other, touches in (
                (place - 1, place and at == match.start()),
                (place + 1, place + 1 < len(found) and found[place + 1].start() == match.end()),
            )
            if touches
        ]
        # Where numbers follow each other, each has as many digits as it can have.
        exact = any(each != "name" for each in beside)
        pattern += _PIECES[piece].replace("{1,2}", "{2}") if exact else _PIECES[piece]
        at = match.end()
    rest = re.sub(r"[^A-Za-z%]", "", signs.sub("", text))
    kinds = sorted({"short": "year", "name": "month"}.get(piece, piece) for piece in pieces)
    if kinds != ["day", "month", "year"] or rest:
        return None
    return re.compile(pattern + re.escape(text[at:]) + parse.TIME)


def reader(forms: Sequence[str]) -> Callable[[str], str | None]:
    """A function from text to ``YYYY-MM-DD``, None where no form fits a day of the calendar.

    ``YYYY-MM-DD`` itself can always be read, as typed columns of workbooks and
    Parquet give it, unless a form could mean something else by it.
    """
    patterns = [pattern for each in forms if (pattern := form(each)) is not None]
    sure = not any(pattern.fullmatch("2011-11-11") for pattern in patterns)

    def read(text: str) -> str | None:
        for pattern in patterns:
            match = pattern.fullmatch(text)
            day = _spelled(match.groupdict()) if match else None
            if day is not None and parse.date(day) is not None:
                return day
        return text[:10] if sure and parse.ISO_DATE.fullmatch(text) else None

    return read


def forms_of(texts: Mapping[str, int]) -> list[str]:
    """The usual forms that most of these dates have, which mpp does not read by itself.

    ``texts`` are dates that cannot be read, with their rows. Several forms are returned
    where they read the same number of rows, none where a form reads less than half of them.
    """
    rows = {}
    for spelling in _USUAL:
        read = reader([spelling])
        rows[spelling] = sum(times for text, times in texts.items() if read(text) is not None)
    most = max(rows.values())
    if most * 2 < sum(texts.values()) or not most:
        return []
    return [spelling for spelling, times in rows.items() if times == most]


def _spelled(found: dict[str, str | None]) -> str | None:
    """The date as ``YYYY-MM-DD``, whether or not it is on the calendar."""
    if found.get("serial"):
        return str(_DAY_0 + datetime.timedelta(days=int(found["serial"] or 0)))
    year = found.get("year") or f"20{found.get('short')}"
    month = found.get("month")
    if month is None:
        number = _NUMBERS.get((found.get("name") or "").lower())
        if number is None:
            return None
        month = str(number)
    return f"{year}-{int(month):02d}-{int(found['day'] or 0):02d}"
