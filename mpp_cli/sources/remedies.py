"""What values that cannot be read look like, and what to do about it: words for errors and reasons.

A remedy is proved on the values before it is named: the form of dates that it names reads them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from mpp_cli.errors import nearest
from mpp_cli.sources.account import FileAccount
from mpp_cli.sources.mapping import dates
from mpp_cli.sources.mapping.view import UNKNOWN
from mpp_cli.sources.schema import Column
from mpp_cli.sources.tally import Tally

#: Where a form is named for all files.
_WHERE = "under [tables] in mpp.toml"

#: What may stand between the thousands of a count, by its name in ``mpp.toml``, and how that looks.
_THOUSANDS = {
    "point": r"[0-9]{1,3}(?:\.[0-9]{3})+",
    "comma": r"[0-9]{1,3}(?:,[0-9]{2,3})+",
    "space": r"[0-9]{1,3}(?:\s[0-9]{3})+",
    "apostrophe": r"[0-9]{1,3}(?:'[0-9]{3})+",
}


def remedy(account: FileAccount, name: str, tally: Tally) -> str:
    """What the values of a column that cannot be read look like, and what reads them.

    Such as ``they look like M/D/YY: add date-format = "M/D/YY" under [tables] in mpp.toml``.
    """
    column = account.table.column(name)
    assert column is not None
    return likeness(account, name, tally) or _in_general(account, column, _texts(account, tally))


def likeness(account: FileAccount, name: str, tally: Tally) -> str | None:
    """The form that the unreadable dates or counts of a column have, and how to name it."""
    column, texts = account.table.column(name), _texts(account, tally)
    if column is None or not texts:
        return None
    if column.kind == "date":
        return _of_dates(texts, tally)
    sign = _thousands(texts, tally) if column.kind == "count" else None
    article = "an" if sign and sign[0] in "aeiou" else "a"
    return (
        sign and f'thousands are separated by {article} {sign}: add thousands = "{sign}" {_WHERE}'
    )


def worst(account: FileAccount) -> tuple[str, Tally] | None:
    """The column of a file that has cost most of its rows."""
    found = [
        (name, tally)
        for name, tally in account.tallies.items()
        if tally.unreadable or tally.is_misread
    ]
    return max(found, key=lambda each: each[1].unreadable, default=None)


def _texts(account: FileAccount, tally: Tally) -> dict[str, int]:
    """The texts as the file has them, without what a mapping puts before those it does not know."""
    if account.view is None:
        return dict(tally.texts)
    return {text.removeprefix(UNKNOWN): rows for text, rows in tally.texts.items()}


def _of_dates(texts: Mapping[str, int], tally: Tally) -> str | None:
    forms = ["D/M/YYYY"] if tally.is_misread else dates.forms_of(texts)
    if not forms:
        return None
    said = " or ".join(forms[:3])
    if forms == [dates.SERIAL]:
        said = "the numbers by which a spreadsheet stores days"
    told = f'date-format = "{forms[0]}"'
    if len(forms) > 1:
        told = "the one that is meant as date-format"
    look = "it looks" if tally.unreadable == 1 and not tally.is_misread else "they look"
    return f"{look} like {said}: add {told} {_WHERE}"


def _thousands(texts: Mapping[str, int], tally: Tally) -> str | None:
    """The sign that stands between thousands in most of these counts."""
    if tally.is_misread:
        return "point"
    for name, pattern in _THOUSANDS.items():
        rows = sum(times for text, times in texts.items() if re.fullmatch(pattern, text))
        if rows * 2 >= sum(texts.values()):
            return name
    return None


def _in_general(account: FileAccount, column: Column, texts: Mapping[str, int]) -> str:
    most = sorted(texts, key=lambda text: (-texts[text], text))[:3]
    shown = ", ".join(f'"{text[:40]}"' for text in most)
    found, table = f"there is {shown}", account.table.name
    if column.kind == "date":
        return f"{found}: dates are YYYY-MM-DD, M/D/YYYY or D-MON-YYYY; map others in mpp.toml"
    if column.kind in ("enum", "boolean"):
        known = [*column.values, *column.aliases]
        near = next(
            (match for text in most if text not in known and (match := nearest(text, known))), None
        )
        hint = f'; did you mean "{near}"?' if near else ""
        where = f"[tables.{table}.codes.{column.name}] in mpp.toml"
        return f"{found}: say what each code means under {where}{hint}"
    return f"{found}: `mpp schema {table}` says what can be read"
