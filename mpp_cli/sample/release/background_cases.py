"""The rows of all other cases, by the million: templates with new numbers in every copy.

Codes and blanks are as frequent as in the real release. Above 35 million rows the
numbers of proceedings, which have eight digits, begin again: in other cases, so
that nothing is confused.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

import numpy as np

from mpp_cli.sample.release.file_layout import line

#: Rows of one block; all blocks of a file are copies of it with other numbers.
BLOCK = 20_000

#: Numbers have eight digits, and those of other cases are even: MPP's are odd.
FIRST_CASE, FIRST_PROCEEDING, FIRST_APPLICATION = 10_000_000, 30_000_000, 50_000_000
_DIGITS = 8

#: Case types and how many of a thousand rows have each; some are padded.
_CASE_TYPES = ("RMV", "RMV ", "DEP", "EXC", "CFR", "DDC", "WHO", "RFR", "AOC")
_CASE_TYPE_SHARES = (810, 50, 93, 17, 13, 8, 4, 3, 2)


def case_number(place: int) -> int:
    """The number of another case by its place, from 0."""
    return FIRST_CASE + 2 * place


def blocks(
    table: str, rows: int, cases: int, chance: random.Random, height: int = BLOCK
) -> Iterator[tuple[bytes, int]]:
    """Blocks of a table's ``rows`` about ``cases`` other cases, and how many rows each has."""
    templates = [_template(table, chance) for _ in range(min(height, rows, 2_000))]
    copies = [templates[row % len(templates)] for row in range(min(height, rows))]
    text = np.frombuffer(b"".join(copies), dtype=np.uint8).copy()
    starts = np.cumsum([0, *map(len, copies[:-1])])
    ends = np.append(starts[1:], len(text))
    for first in range(0, rows, height):
        here = min(height, rows - first)
        place = np.arange(first, first + here)
        case = FIRST_CASE + 2 * (place * max(cases, 1) // max(rows, 1))
        for number, ids in enumerate(_ids(table, place, case)):
            _write(text, starts[:here] + number * (_DIGITS + 1), ids)
        yield text[: ends[here - 1]].tobytes(), here


def _ids(table: str, place: np.ndarray, case: np.ndarray) -> list[np.ndarray]:
    if table == "A_TblCase":
        return [case]
    if table == "B_TblProceeding":
        return [FIRST_PROCEEDING + 2 * place, case]
    if table == "A_TblCaseIdentifier":
        return [FIRST_APPLICATION + place, case]
    return [FIRST_APPLICATION + 2 * place, FIRST_PROCEEDING + 2 * place, case]


def _write(text: np.ndarray, starts: np.ndarray, numbers: np.ndarray) -> None:
    """Write numbers of eight digits at these places."""
    for place in range(_DIGITS - 1, -1, -1):
        numbers, digit = np.divmod(numbers, 10)
        text[starts + place] = digit + ord("0")


def _template(table: str, chance: random.Random) -> bytes:
    number = "0" * _DIGITS
    if table == "A_TblCaseIdentifier":
        code = chance.choice(("JL", "DD", "FA", "B1", "RC", "F", "IFR", "mp"))
        return line(table, {"IDNCASEID": number, "IDNCASE": number, "CASE_ID": code}, "\n")
    if table == "tbl_Court_Appln":
        row = {
            "IDNPROCEEDINGAPPLN": number,
            "IDNPROCEEDING": number,
            "IDNCASE": number,
            "APPL_CODE": chance.choice(("ASYL", "ASYW", "WCAT", "42B", "209c", "VD")),
            "APPL_RECD_DATE": _day(chance),
            "APPL_DEC": chance.choice("DGWAM") if chance.random() < 0.6 else "",
        }
        return line(table, row, "\n")
    case_type = chance.choices(_CASE_TYPES, _CASE_TYPE_SHARES)[0]
    custody = chance.choices("NDR", (66, 24, 10))[0]
    if table == "A_TblCase":
        row = {
            "IDNCASE": number,
            "ALIEN_CITY": chance.choice(("HOUSTON", "LOS ANGELES", "EL PASO", "MIAMI")),
            "ALIEN_STATE": chance.choice(("TX", "CA", "FL")),
            "ALIEN_ZIPCODE": f"{chance.randrange(10_000, 99_999)}",
            "NAT": chance.choice(("MX", "HO", "GT", "ES")),
            "LANG": "SP",
            "CUSTODY": custody,
            "E_28_DATE": _day(chance) if chance.random() < 0.38 else "",
            "CASE_TYPE": case_type,
            "UPDATE_SITE": "HOU",
            "LATEST_HEARING": _day(chance),
            "LATEST_TIME": "0900",
            "LATEST_CAL_TYPE": "M",
            "DATE_OF_ENTRY": _day(chance) if chance.random() < 0.6 else "",
            "C_BIRTHDATE": f"{chance.randint(1, 12)}/{chance.randint(1940, 2015)}",
            "UPDATED_STATE": "TX",
            "Sex": chance.choice("MF"),
        }
        return line(table, row, "\n")
    row = {
        "IDNPROCEEDING": number,
        "IDNCASE": number,
        "OSC_DATE": _day(chance) if chance.random() < 0.995 else "",
        "INPUT_DATE": _day(chance) if chance.random() < 0.97 else "",
        "BASE_CITY_CODE": chance.choice(("HOU", "LOS", "NYC", "MIA")),
        "HEARING_LOC_CODE": chance.choice(("HOU", "LOS", "NYV", "MIA", "MPP", "PDN", "POE")),
        "IJ_CODE": chance.choice(("ABC", "DEF", "GHI")),
        "TRANS_NBR": chance.choice(("", "1")),
        "HEARING_DATE": _day(chance),
        "HEARING_TIME": "0830",
        "CUSTODY": custody,
        "CASE_TYPE": case_type,
        "NAT": chance.choice(("MX", "HO", "GT", "ES", "NA")),
        "LANG": chance.choice(("SP", "ENG", "CRE")),
        "AGGRAVATE_FELON": "0",
    }
    kind = chance.random()
    if kind < 0.52:
        row |= {
            "DEC_TYPE": chance.choice("OW7"),
            "DEC_CODE": chance.choices("XRVTDUAE", (39, 9, 8, 8, 6, 6, 2, 2))[0],
            "COMP_DATE": _day(chance),
            "ABSENTIA": chance.choices("YN", (24, 76))[0],
        }
    elif kind < 0.77:
        other = chance.choices("CTAFYXPO", (49, 22, 13, 10, 2, 2, 1, 1))[0]
        row |= {"OTHER_COMP": other, "COMP_DATE": _day(chance)}
        row["ABSENTIA"] = "N"
    return line(table, row)


def _day(chance: random.Random) -> str:
    return (
        f"{chance.randint(1996, 2025)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02} "
        "00:00:00.000"
    )
