"""What is wrong with real releases, done to rows on purpose.

Each function returns lines of a file and says in the file's truth what becomes
of them. Where a row of an MPP case is damaged, the figures stay right only if
the damage is undone.
"""

from __future__ import annotations

from mpp_cli.sample.release.expected import FileTruth
from mpp_cli.sample.release.file_layout import COLUMNS, Row, fields, line

PROCEEDINGS, CASES = "B_TblProceeding", "A_TblCase"
APPLICATIONS, IDENTIFIERS = "tbl_Court_Appln", "A_TblCaseIdentifier"

#: Before which column a stray tab can be undone in only one way: the columns
#: after it would not be valid in any other place.
_SHIFTED_BEFORE = {PROCEEDINGS: "CUSTODY", CASES: "NAT", APPLICATIONS: "APPL_RECD_DATE"}

#: Before which column a stray tab can be undone in several ways.
_AMBIGUOUS_BEFORE = "HEARING_DATE"

_DATE = "2019-05-14 00:00:00.000"


def shifted(table: str, row: Row) -> bytes:
    """A row with a stray tab that can be taken out in only one way."""
    values = fields(table, row)
    place = COLUMNS[table].index(_SHIFTED_BEFORE[table])
    values[place:place] = [""]
    return _joined(values)


def overlong(table: str, row: Row, blanks: int = 2) -> bytes:
    """A row with blank fields too many at its end."""
    return _joined([*fields(table, row), *[""] * blanks])


def padded(table: str, row: Row) -> bytes:
    """A row whose values are padded as those of fixed-width columns are."""
    return _joined([f"{value}  " if value else value for value in fields(table, row)])


def with_nulls(table: str, row: Row) -> bytes:
    """A row with NUL bytes in all its blank fields and in one other."""
    values = [value or "\0\0" for value in fields(table, row)]
    values[-1] = "\0"
    values[1] = values[1][:3] + "\0" + values[1][3:]
    return _joined(values)


def beyond_ascii(table: str, row: Row) -> bytes:
    """A row with a letter of cp1252, a byte that cp1252 lacks, and a lone quote."""
    values = fields(table, row)
    place = COLUMNS[table].index("CORRECTIONAL_FAC")
    raw = [value.encode("cp1252") for value in values]
    raw[place] = b'O\x92NEIL \x81 "UNIT'
    return b"\t".join(raw) + b"\n"


def duplicate(table: str, row: Row, truth: FileTruth) -> bytes:
    """An exact copy of a row, but for padding."""
    truth.set_aside["duplicate"] += 1
    return padded(table, row)


def ambiguous(row: Row, truth: FileTruth) -> bytes:
    """A pending proceeding with a stray tab that could be taken out in two ways."""
    values = fields(PROCEEDINGS, row)
    place = COLUMNS[PROCEEDINGS].index(_AMBIGUOUS_BEFORE)
    values[place:place] = [""]
    truth.set_aside["wrong_field_count"] += 1
    return _joined(values)


def halves(table: str, row: Row, truth: FileTruth) -> bytes:
    """A record that a line end broke in two."""
    values = fields(table, row)
    half = len(values) // 2
    truth.set_aside["wrong_field_count"] += 2
    return _joined(values[:half]) + _joined(values[half:])


def without_case(table: str, row: Row, truth: FileTruth, column: str = "IDNCASE") -> bytes:
    """A row with a date where a number belongs."""
    truth.set_aside["missing_case_id"] += 1
    return line(table, {**row, column: _DATE})


def bad_date(table: str, row: Row, column: str, truth: FileTruth) -> bytes:
    """A row with a date that is on no calendar."""
    truth.blanked[column] += 1
    return line(table, {**row, column: "2019-02-30 00:00:00.000"})


def _joined(values: list[str]) -> bytes:
    return ("\t".join(values) + "\r\n").encode("cp1252")
