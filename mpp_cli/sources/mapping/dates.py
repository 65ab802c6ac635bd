"""Dates in a form that ``mpp.toml`` names, such as ``DD-MON-YY``.

A form is written in letters, as databases write it (``DD-MON-YY``), or in the
signs of Python and C (``%d-%b-%y``). Names of months are English, in any case
and whatever the locale. A year of two digits is one from 2000 to 2099: nothing
in these data is older, and a year that is meant to be older shows as one in the
future, which mpp warns about. A time of day after the date is ignored.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

_MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july"),
    *("august", "september", "october", "november", "december"),
)
_NUMBERS = {name[:3]: number for number, name in enumerate(_MONTHS, start=1)} | {"sept": 9}
_NUMBERS |= {name: number for number, name in enumerate(_MONTHS, start=1)}

_PIECES = {
    "year": r"(?P<year>[0-9]{4})",
    "short": r"(?P<short>[0-9]{2})",
    "month": r"(?P<month>[0-9]{1,2})",
    "name": r"(?P<name>[A-Za-z]{3,9})\.?",
    "day": r"(?P<day>[0-9]{1,2})",
}
#: The signs of both ways to write a form, longer ones first.
_SIGNS = {
    **{"YYYY": "year", "YY": "short", "MONTH": "name", "MON": "name", "MM": "month", "DD": "day"},
    **{"%Y": "year", "%y": "short", "%B": "name", "%b": "name", "%m": "month", "%d": "day"},
}
_SIGN = re.compile("|".join(map(re.escape, _SIGNS)), re.IGNORECASE)
_PERCENT = re.compile("|".join(re.escape(each) for each in _SIGNS if each.startswith("%")))

_TIME = (
    r"(?:[ T][0-9]{1,2}[:.][0-9]{2}(?:[:.][0-9]{2}(?:[.,][0-9]{1,9})?)?(?: ?[AaPp]\.?[Mm]\.?)?)?"
)
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}" + _TIME)

#: What a form may be made of, for a message.
FORMS = "DD, MM, MON, MONTH, YY and YYYY with what stands between them, such as DD-MON-YY"


def form(text: str) -> re.Pattern[str] | None:
    """The pattern of a form, None when it does not name a day, a month and a year once each."""
    signs = _PERCENT if "%" in text else _SIGN
    pattern, at, pieces = "", 0, []
    for match in signs.finditer(text):
        sign = match[0] if "%" in text else match[0].upper()
        pieces.append(_SIGNS[sign])
        pattern += re.escape(text[at : match.start()]) + _PIECES[pieces[-1]]
        at = match.end()
    rest = re.sub(r"[^A-Za-z%]", "", signs.sub("", text))
    kinds = sorted({"short": "year", "name": "month"}.get(piece, piece) for piece in pieces)
    if kinds != ["day", "month", "year"] or rest:
        return None
    return re.compile(pattern + re.escape(text[at:]) + _TIME)


def reader(forms: Sequence[str]) -> Callable[[str], str | None]:
    """A function from text to ``YYYY-MM-DD``, None where no form fits.

    ``YYYY-MM-DD`` itself can always be read, as typed columns of workbooks and
    Parquet give it, unless a form could mean something else by it.
    """
    patterns = [pattern for each in forms if (pattern := form(each)) is not None]
    sure = not any(pattern.fullmatch("2011-11-11") for pattern in patterns)

    def read(text: str) -> str | None:
        for pattern in patterns:
            if match := pattern.fullmatch(text):
                return _spelled(match.groupdict())
        return text[:10] if sure and _ISO.fullmatch(text) else None

    return read


def _spelled(found: dict[str, str | None]) -> str | None:
    """The date; whether it is on the calendar is judged where all dates are."""
    year = found.get("year") or f"20{found.get('short')}"
    month = found.get("month")
    if month is None:
        number = _NUMBERS.get((found.get("name") or "").lower())
        if number is None:
            return None
        month = str(number)
    return f"{year}-{int(month):02d}-{int(found['day'] or 0):02d}"
