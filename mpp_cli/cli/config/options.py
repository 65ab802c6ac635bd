"""What fits an option in ``mpp.toml``: one function for each kind of value."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable

from mpp_cli.common.errors import nearest

FORMATS = ("table", "markdown", "csv", "json", "html", "xlsx", "value")

#: What the default of an option can be.
Default = str | int | bool | tuple[str, ...]


class Unfit(Exception):
    """A value that the option cannot have; the text says what it can."""


def texts(value: object) -> tuple[str, ...]:
    """Return a text, or a list of them, as a tuple."""
    items = value if isinstance(value, list) else [value]
    if not all(isinstance(item, str) for item in items):
        raise Unfit('text, or a list of texts: ["a", "b"]')
    return tuple(items)


def shown(value: object) -> str:
    """Return a value of any kind in the few words of a message."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "a list"
    text = f'"{value}"' if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else text[:60] + "…"


# In Python True is an int and a time is a date. In TOML they are not, and so
# the functions below ask for the type itself.


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise Unfit("text")
    return value


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise Unfit("true or false")
    return value


def _whole(value: object) -> int:
    if type(value) is int and value >= 0:
        return value
    raise Unfit("a whole number from 0")


def _threshold(value: object) -> int:
    """The N of ``--suppress-below``; below 3 it would hide nothing, because 0 is shown."""
    if type(value) is int and value >= 3:
        return value
    raise Unfit("a whole number from 3")


def _date(value: object) -> str:
    if type(value) is datetime.date:
        return value.isoformat()
    if isinstance(value, str):
        american = re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", value, re.ASCII)
        try:
            if american:
                month, day, year = (int(part) for part in american.groups())
                return datetime.date(year, month, day).isoformat()
            if re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII):
                return datetime.date.fromisoformat(value).isoformat()
        except ValueError:
            pass
    raise Unfit("a date: YYYY-MM-DD or M/D/YYYY")


def _limit(value: object) -> str:
    """A number of rows, or a share of them, as ``--max-set-aside`` takes it."""
    if type(value) is int and value >= 0:
        return str(value)
    if isinstance(value, str):
        share = re.fullmatch(r"(\d+(?:\.\d+)?)%", value, re.ASCII)
        if re.fullmatch(r"\d+", value, re.ASCII) or (share and float(share[1]) <= 100):
            return value
    raise Unfit('a number of rows or a share of them: 100 or "0.1%"')


def _format(value: object) -> str:
    if value not in FORMATS:
        raise Unfit(f"one of {', '.join(FORMATS)}{_meant(value, FORMATS)}")
    return str(value)


def _engine(value: object) -> str:
    if isinstance(value, str) and re.fullmatch(r"duckdb|spark|spark://[^\s:/]+:\d+", value):
        return value
    raise Unfit(f"duckdb, spark or spark://HOST:PORT{_meant(value, ('duckdb', 'spark'))}")


def _meant(value: object, known: Iterable[str]) -> str:
    match = nearest(value, known) if isinstance(value, str) else None
    return f'; did you mean "{match}"?' if match else ""


def _conditions(value: object) -> tuple[str, ...]:
    """Conditions as ``--where`` takes them, from a table or from such texts."""
    expected = Unfit('a table, { docket = "mpp" }, or a list of texts, ["docket=mpp"]')
    if isinstance(value, dict):
        return tuple(f"{column}={_cell(cell, expected)}" for column, cell in value.items())
    conditions = texts(value)
    for condition in conditions:
        column, equals, _ = condition.partition("=")
        if not column.strip() or not equals:
            raise expected
    return conditions


def _cell(value: object, otherwise: Unfit) -> str:
    # A float has more than one spelling, and a column that is true or false
    # has the spelling of its source: as text they say what they mean.
    if isinstance(value, str) or type(value) in (int, datetime.date):
        return str(value)
    raise otherwise


#: The long options that can have a default, and what makes one fit.
OPTIONS: dict[str, Callable[[object], Default]] = {
    "as_of": _date,
    "max_age": _whole,
    "by": texts,
    "where": _conditions,
    "suppress_below": _threshold,
    "rejects": _text,
    "strict": _flag,
    "max_set_aside": _limit,
    "format": _format,
    "output": _text,
    "engine": _engine,
    "quiet": _flag,
    "newest_release": _flag,
    "additional": _flag,
    "cache": _flag,
}

#: Those whose value is a path: like data, it starts at the config file's folder.
PATHS = ("output", "rejects")
