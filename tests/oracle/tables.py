"""Files to accounted rows: the table a file holds, and the first reason that fits each row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from . import values
from .model import FileAccount, Refused
from .records import Record, read_records

REQUIRED = {
    "cases": ["case_id"],
    "completions": ["case_id", "completion_date"],
    "grants": ["case_id", "granted_date", "relief_type"],
    "referrals": ["case_id", "referred_date"],
    "encounters": ["fiscal_year", "month", "component", "encounters"],
}
OPTIONAL = {
    "cases": [
        "nta_filed_date",
        "nta_issued_date",
        "enrolled_date",
        "component",
        "location",
        "hearing_location",
        "nationality",
        "demographic",
        "representation_date",
        "docket",
    ],
    "completions": ["outcome", "completion_type", "in_absentia", "reopened_date"],
    "grants": [],
    "referrals": ["outcome", "outcome_date"],
    "encounters": ["title_of_authority", "demographic", "citizenship", "region"],
}
EVENT_DATE = {
    "completions": "completion_date",
    "grants": "granted_date",
    "referrals": "referred_date",
}


def date_or_blank(text: str) -> bool:
    """Say whether an optional date can be read."""
    return not text or values.read_date(text) is not None


def one_of(known: set[str] | dict[str, str]) -> Callable[[str], bool]:
    """Return a test for an optional enumeration."""
    return lambda text: not text or values.normalise(text) in known


# A value of these columns that cannot be read is read as blank and keeps its row.
BLANKED = {
    ("cases", "nta_issued_date"): date_or_blank,
    ("cases", "enrolled_date"): date_or_blank,
    ("cases", "representation_date"): date_or_blank,
    ("cases", "component"): one_of(values.COMPONENTS),
    ("completions", "in_absentia"): lambda text: not text or text.lower() in values.BOOLEANS,
    ("completions", "reopened_date"): date_or_blank,
    ("referrals", "outcome"): one_of(values.REFERRAL_OUTCOMES),
    ("referrals", "outcome_date"): date_or_blank,
}


@dataclass
class Row:
    """One used row: its line and its trimmed texts by column."""

    line: int
    texts: dict[str, str]

    def text(self, column: str) -> str:
        """Return the text of a column; a column that is not there is blank."""
        return self.texts.get(column, "")

    def date(self, column: str) -> date | None:
        """Return a date that is known to be readable, or None when it is blank."""
        return values.read_date(self.text(column))

    def enumeration(self, column: str) -> str:
        """Return the normalised text of a column."""
        return values.normalise(self.text(column))


@dataclass
class Table:
    """The files of one table and their used rows, in file order."""

    name: str
    files: list[TableFile] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)

    def lacks(self, column: str) -> bool:
        """Say whether any file of the table is without the column: absent is not blank."""
        return any(column not in file.columns for file in self.files)

    @property
    def columns(self) -> set[str]:
        """All columns of all files of the table."""
        return {column for file in self.files for column in file.columns if column}


@dataclass
class TableFile:
    """One recognised file before its rows are judged; a nameless column is an empty string."""

    account: FileAccount
    columns: list[str]
    records: list[Record]


def load(paths: list[Path]) -> dict[str, Table]:
    """Read and judge all files; the tables that no file holds are not in the answer."""
    tables: dict[str, Table] = {}
    for path in paths:
        file = open_file(path)
        if file is not None:
            table = tables.setdefault(file.account.table, Table(file.account.table))
            table.files.append(file)
    known: set[str] | None = None
    if "cases" in tables:
        judge(tables["cases"], None)
        known = {row.text("case_id") for row in tables["cases"].rows}
    for name, table in tables.items():
        if name == "encounters":
            judge(table, None)
        elif name != "cases":
            judge(table, known)
    return tables


def open_file(path: Path) -> TableFile | None:
    """Read one file and recognise its table; None is a file of no known shape."""
    encoding, records = read_records(path.read_bytes())
    if not records:
        raise Refused(f"{path.name} is empty")
    header, *rest = records
    if header.fault:
        raise Refused(f"the header of {path.name} cannot be read")
    columns = [values.normalise(name) for name in header.fields]
    named = [name for name in columns if name]
    if len(named) != len(set(named)):
        raise Refused(f"{path.name} repeats a column name")
    table = recognise(path.name, set(named))
    if table is None:
        return None
    for column in REQUIRED[table]:
        if column not in named:
            raise Refused(f"{path.name} lacks the required column {column}")
    return TableFile(FileAccount(path.name, table, encoding), columns, rest)


def recognise(name: str, columns: set[str]) -> str | None:
    """Return the table that shares most columns; on a tie, the one the file's name begins with."""
    shared = {
        table: len(columns.intersection(REQUIRED[table] + OPTIONAL[table])) for table in REQUIRED
    }
    most = max(shared.values())
    if most == 0:
        return None
    best = [table for table in REQUIRED if shared[table] == most]
    named = [table for table in best if name.lower().startswith(table)]
    return (named or best)[0]


def judge(table: Table, known_cases: set[str] | None) -> None:
    """Give every row of every file of the table its one place in the account."""
    keys: set[object] = set()
    held_by: dict[tuple[int, int, str], str] = {}
    for file in table.files:
        account = file.account
        seen: set[tuple[str, ...]] = set()
        for record in file.records:
            account.rows_read += 1
            reason, row = first_reason(table.name, file.columns, record)
            if reason == "other-region":
                account.rows_outside[reason] += 1
                continue
            if reason is None:
                assert row is not None
                fields = record.fields[: len(file.columns)]
                key = row_key(table.name, file.columns, row)
                if fields in seen:
                    reason = "duplicate"
                elif key is not None and (account.name if in_file(table) else "", key) in keys:
                    reason = "conflicting_duplicate"
                elif known_cases is not None and row.text("case_id") not in known_cases:
                    reason = "orphan"
                seen.add(fields)
                keys.add((account.name if in_file(table) else "", key))
            if reason is not None:
                account.set_aside_lines.add((record.line, reason))
                continue
            assert row is not None
            use(table, account, row)
            if table.name == "encounters":
                month = encounter_month(row)
                if held_by.setdefault(month, account.name) != account.name:
                    raise Refused(f"{account.name} and {held_by[month]} both hold {month}")


def in_file(table: Table) -> bool:
    """Say whether keys are compared within a file: two files of one month are refused instead."""
    return table.name == "encounters"


def use(table: Table, account: FileAccount, row: Row) -> None:
    """Keep the row, with the optional values that cannot be read as blanks."""
    account.rows_used += 1
    for column, text in row.texts.items():
        readable = BLANKED.get((table.name, column))
        if readable is not None and not readable(text):
            account.blanked_lines.add((row.line, column))
            row.texts[column] = ""
    table.rows.append(row)


def first_reason(table: str, columns: list[str], record: Record) -> tuple[str | None, Row | None]:
    """Return the first reason against a row that can be seen on the row alone, and the row."""
    if record.fault:
        return record.fault, None
    extra = record.fields[len(columns) :]
    if len(record.fields) < len(columns) or any(extra):
        return "wrong_field_count", None
    texts = {name: text for name, text in zip(columns, record.fields, strict=False) if name}
    row = Row(record.line, texts)
    if table == "encounters":
        return reason_of_encounters(row), row
    if not row.text("case_id"):
        return "missing_case_id", row
    event_date = EVENT_DATE.get(table)
    if event_date and not row.text(event_date):
        return "missing_date", row
    judged_date = event_date or "nta_filed_date"
    if row.text(judged_date) and row.date(judged_date) is None:
        return "unreadable_date", row
    unknown = {
        "cases": not is_known(row, "docket", values.DOCKETS),
        "completions": not is_known(row, "outcome", values.OUTCOMES)
        or not is_known(row, "completion_type", values.COMPLETION_TYPES),
        "grants": row.enumeration("relief_type") not in values.RELIEF_TYPES,
        "referrals": False,
    }
    return ("unknown_value" if unknown[table] else None), row


def is_known(row: Row, column: str, known: set[str]) -> bool:
    """Say whether an enumeration is blank or one of its values."""
    return not row.text(column) or row.enumeration(column) in known


def reason_of_encounters(row: Row) -> str | None:
    """Return the first reason against a row of encounters, the region's rule included."""
    if row.enumeration("region") not in values.SOUTHWEST:
        return "other-region"
    if (
        values.read_fiscal_year(row.text("fiscal_year")) is None
        or values.read_month(row.text("month")) is None
        or row.enumeration("component") not in values.COMPONENTS
    ):
        return "unknown_value"
    if values.read_count(row.text("encounters")) is None:
        return "not_a_count"
    return None


def row_key(table: str, columns: list[str], row: Row) -> object | None:
    """Return what only one row may have: the case, or all of an encounter row but its count.

    Two spellings of one month, year or component are one key; every accepted region is one region.
    """
    if table == "cases":
        return row.text("case_id")
    if table != "encounters":
        return None
    judged = {"fiscal_year", "month", "component", "encounters", "region"}
    others = tuple(
        (name, row.text(name)) for name in sorted(columns) if name and name not in judged
    )
    return encounter_month(row), others


def encounter_month(row: Row) -> tuple[int, int, str]:
    """Return the fiscal year, calendar month and component of a readable row of encounters."""
    year = values.read_fiscal_year(row.text("fiscal_year"))
    month = values.read_month(row.text("month"))
    assert year is not None
    assert month is not None
    return year, month, values.COMPONENTS[row.enumeration("component")]
