"""Rows with too many fields: put back in place when there is only one way to do it.

A stray tab shifts everything after it. Such a row is repaired by removing
blank fields, but only where every removal that gives a valid row gives the
same row; otherwise nobody could say which one was meant.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

from mpp_cli.sources.eoir import release
from mpp_cli.sources.values import parse

Valid = Callable[[str], bool]


def _matching(pattern: str) -> Valid:
    compiled = re.compile(pattern)
    return lambda text: compiled.fullmatch(text) is not None


def _date(text: str) -> bool:
    return parse.date(text) is not None


_NUMBER = _matching("[0-9]+")
_LETTER = _matching("[A-Za-z0-9]")
_CUSTODY = _matching("[DNR]")
_CASE_TYPE = _matching("[A-Z0-9]{3}")
_NATIONALITY = _matching(r"[A-Z]{2}|\?\?")

#: What a value has to look like for a row to be valid, by table and column. A
#: blank value is valid everywhere.
VALID: dict[str, dict[str, Valid]] = {
    release.PROCEEDINGS: {
        "IDNPROCEEDING": _NUMBER,
        "IDNCASE": _NUMBER,
        **dict.fromkeys(
            "OSC_DATE INPUT_DATE TRANS_IN_DATE HEARING_DATE COMP_DATE VENUE_CHG_GRANTED "
            "DATE_APPEAL_DUE_STATUS DATE_DETAINED DATE_RELEASED".split(),
            _date,
        ),
        "DEC_CODE": _LETTER,
        "OTHER_COMP": _LETTER,
        "ABSENTIA": _matching("[YN]"),
        "CUSTODY": _CUSTODY,
        "CASE_TYPE": _CASE_TYPE,
        "NAT": _NATIONALITY,
    },
    release.CASES: {
        "IDNCASE": _NUMBER,
        **dict.fromkeys(
            "E_28_DATE LATEST_HEARING UP_BOND_DATE DATE_OF_ENTRY C_RELEASE_DATE ADDRESS_CHANGEDON "
            "DATE_DETAINED DATE_RELEASED DETENTION_DATE".split(),
            _date,
        ),
        "CUSTODY": _CUSTODY,
        "CASE_TYPE": _CASE_TYPE,
        "NAT": _NATIONALITY,
        "C_BIRTHDATE": _matching("[0-9]{1,2}/[0-9]{4}"),
    },
    release.APPLICATIONS: {
        "IDNPROCEEDINGAPPLN": _NUMBER,
        "IDNPROCEEDING": _NUMBER,
        "IDNCASE": _NUMBER,
        "APPL_RECD_DATE": _date,
        "APPL_DEC": _LETTER,
    },
    release.IDENTIFIERS: {"IDNCASEID": _NUMBER, "IDNCASE": _NUMBER},
}


def repaired(fields: Sequence[str], header: Sequence[str], table: str) -> list[str] | None:
    """A row of more (trimmed) fields than the header as the row that was meant.

    Excess blank fields at the end are dropped; if that gives no valid row,
    blank fields are removed in runs at no more than two places of the original.
    None when no removal gives a valid row, or two give different ones.
    """
    width = len(header)
    checks = [
        (header.index(name), ok) for name, ok in VALID.get(table, {}).items() if name in header
    ]

    def valid(row: Sequence[str]) -> bool:
        return all(not row[place] or ok(row[place]) for place, ok in checks)

    if not any(fields[width:]) and valid(fields[:width]):
        return list(fields[:width])
    found: list[str] | None = None
    for row in _removals(fields, len(fields) - width):
        if row != found and valid(row):
            if found is not None:
                return None
            found = row
    return found


def _removals(fields: Sequence[str], excess: int) -> Iterator[list[str]]:
    """The row without ``excess`` blank fields, for every one or two runs of them.

    Within a run of neighbouring blank fields it is the same which are removed,
    so what is chosen are two runs and how many of each.
    """
    runs: list[tuple[int, int]] = []
    place = 0
    for blank, group in groupby(fields, key=operator.not_):
        size = sum(1 for _ in group)
        if blank:
            runs.append((place, size))
        place += size
    # A run that is too short even beside the longest one is part of no removal.
    # However long the line is, hardly more runs are left than the row has fields.
    longest = max((size for _, size in runs), default=0)
    runs = [(first, size) for first, size in runs if size + longest >= excess]
    for number, (first, size) in enumerate(runs):
        if size >= excess:
            yield [*fields[:first], *fields[first + excess :]]
        for second, other in runs[number + 1 :]:
            for part in range(max(1, excess - other), min(size, excess - 1) + 1):
                yield [
                    *fields[:first],
                    *fields[first + part : second],
                    *fields[second + excess - part :],
                ]
