"""Files to accounted rows: the table a file holds, and the first reason that fits each row."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
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
JUDGED = ["nta_filed_date"]
EVENT_DATE = {
    "completions": "completion_date",
    "grants": "granted_date",
    "referrals": "referred_date",
}


#: A first record that is no known header is a title where one of the next 30 lines is.
MOST_TITLE_LINES = 30


def is_date(text: str) -> bool:
    """Say whether the text is a date."""
    return values.read_date(text) is not None


def one_of(known: set[str] | dict[str, str]) -> Callable[[str], bool]:
    """Return a test for an enumeration."""
    return lambda text: values.normalise(text) in known


# What can be read in the columns that do not take every text.
READS: dict[tuple[str, str], Callable[[str], bool]] = {
    ("cases", "nta_filed_date"): is_date,
    ("cases", "nta_issued_date"): is_date,
    ("cases", "enrolled_date"): is_date,
    ("cases", "representation_date"): is_date,
    ("cases", "component"): one_of(values.COMPONENTS),
    ("cases", "docket"): one_of(values.DOCKETS),
    ("completions", "completion_date"): is_date,
    ("completions", "outcome"): one_of(values.OUTCOMES),
    ("completions", "completion_type"): one_of(values.COMPLETION_TYPES),
    ("completions", "in_absentia"): lambda text: text.lower() in values.BOOLEANS,
    ("completions", "reopened_date"): is_date,
    ("grants", "granted_date"): is_date,
    ("grants", "relief_type"): one_of(values.RELIEF_TYPES),
    ("referrals", "referred_date"): is_date,
    ("referrals", "outcome"): one_of(values.REFERRAL_OUTCOMES),
    ("referrals", "outcome_date"): is_date,
    ("encounters", "fiscal_year"): lambda text: values.read_fiscal_year(text) is not None,
    ("encounters", "month"): lambda text: values.read_month(text) is not None,
    ("encounters", "component"): one_of(values.COMPONENTS),
    ("encounters", "encounters"): lambda text: values.read_count(text) is not None,
}
# A value of these columns that cannot be read is read as blank and keeps its row.
BLANKED = {
    ("cases", "nta_issued_date"),
    ("cases", "enrolled_date"),
    ("cases", "representation_date"),
    ("cases", "component"),
    ("completions", "in_absentia"),
    ("completions", "reopened_date"),
    ("referrals", "outcome"),
    ("referrals", "outcome_date"),
}
#: These say something of a row beside others, and not of its own values.
REASONS_BESIDE_OTHERS = {"duplicate", "conflicting_duplicate", "orphan"}


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
    """The files of one table and their used rows, in file order.

    `held` and `read` are the columns in which values stand, and in which one could be read;
    `set_aside` are the rows that were not used for their own values.
    """

    name: str
    files: list[TableFile] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    held: set[str] = field(default_factory=set)
    read: set[str] = field(default_factory=set)
    set_aside: list[Row] = field(default_factory=list)

    def lacks(self, column: str) -> bool:
        """Say whether any file of the table is without the column: absent is not blank."""
        return any(column not in file.columns for file in self.files)

    def is_lost(self) -> bool:
        """Say whether there are rows, and none could be used."""
        there = sum(
            file.account.rows_read - file.account.rows_outside["totals-row"] for file in self.files
        )
        return there > 0 and not self.rows

    def is_unread(self, column: str) -> bool:
        """Say whether values stand in the column, and none could be read."""
        return column in self.held and column not in self.read

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

    def row(self, record: Record) -> Row | None:
        """Return the row of a record, or None where its fields do not fit the header's."""
        width = len(self.columns)
        if record.fault or len(record.fields) < width or any(record.fields[width:]):
            return None
        texts = zip(self.columns, record.fields, strict=False)
        return Row(record.line, {name: text for name, text in texts if name})

    def is_total(self, record: Record) -> bool:
        """Say whether the case or the first cell of a record calls it a total."""
        cells = record.fields[:1]
        if "case_id" in self.columns:
            at = self.columns.index("case_id")
            cells += record.fields[at : at + 1]
        return any(values.is_total(cell) for cell in cells)

    def filled(self) -> dict[str, list[str]]:
        """Return the values of each column, without those of totals."""
        texts: dict[str, list[str]] = {}
        for record in self.records:
            row = self.row(record)
            for column, text in row.texts.items() if row and not self.is_total(record) else ():
                if text:
                    texts.setdefault(column, []).append(text)
        return texts

    def disbelieved(self) -> set[str]:
        """Return the columns whose values are in another form than the one they seem to be in."""
        filled = self.filled()
        table = self.account.table
        dates = {column for (name, column), reads in READS.items() if reads is is_date}
        found = {column for column in dates if values.are_day_first(filled.get(column, []))}
        if values.are_pointed(filled.get("encounters", [])):
            found.add("encounters")
        return {column for column in found if (table, column) in READS}


def load(paths: list[Path], *, limited: bool = False) -> dict[str, Table]:
    """Read and judge all files; the tables that no file holds are not in the answer.

    `limited` says that a limit was given of what may be set aside; without one a file is refused
    that loses more than half of its rows, or whose rows are dated or counted in another form.
    """
    tables: dict[str, Table] = {}
    for path in paths:
        file = open_file(path)
        if file is not None:
            table = tables.setdefault(file.account.table, Table(file.account.table))
            table.files.append(file)
    if not tables:
        raise Refused("no file is a table")
    known: set[str] | None = None
    if "cases" in tables:
        judge(tables["cases"], None)
        known = {row.text("case_id") for row in tables["cases"].rows}
    for name, table in tables.items():
        if name == "encounters":
            judge(table, None)
        elif name != "cases":
            judge(table, known)
    for table in tables.values():
        for file in table.files:
            if not limited and loses_half(file.account):
                raise Refused(f"{file.account.name} loses more than half of its rows")
            if not limited and file.disbelieved().intersection([*REQUIRED[table.name], *JUDGED]):
                raise Refused(f"{file.account.name} is in another form")
    return tables


def loses_half(account: FileAccount) -> bool:
    """Say whether more than half of a file's rows are set aside for their own values."""
    lost = sum(n for reason, n in account.set_aside.items() if reason not in REASONS_BESIDE_OTHERS)
    return 2 * lost > account.rows_read - account.rows_outside.total()


def exceeds(accounts: Iterable[FileAccount], percent: Fraction) -> bool:
    """Say whether more than this percentage of a file's rows, or of all rows, is lost.

    What is lost are rows set aside and values read as blank.
    """
    lost = [
        (len(each.set_aside_lines) + len(each.blanked_lines), each.rows_read) for each in accounts
    ]
    lost.append((sum(n for n, _ in lost), sum(rows for _, rows in lost)))
    return any(100 * n > percent * rows for n, rows in lost)


def open_file(path: Path) -> TableFile | None:
    """Read one file and recognise its table; None is a file of no known shape."""
    encoding, records = read_records(path.read_bytes())
    if not records:
        raise Refused(f"{path.name} is empty")
    for at, header in enumerate(records):
        if at and header.line > 1 + MOST_TITLE_LINES:
            break
        columns = [values.heading(name) for name in header.fields]
        while columns and not columns[-1]:
            columns.pop()
        named = [name for name in columns if name]
        table = None if header.fault else recognise(path.name, set(named))
        if table is None:
            continue
        if len(named) != len(set(named)):
            raise Refused(f"{path.name} repeats a column name")
        for column in REQUIRED[table]:
            if column not in named:
                raise Refused(f"{path.name} lacks the required column {column}")
        return TableFile(FileAccount(path.name, table, encoding), columns, records[at + 1 :])
    if records[0].fault:
        raise Refused(f"the header of {path.name} cannot be read")
    return None


def recognise(name: str, columns: set[str]) -> str | None:
    """Return the table that shares most columns; on a tie, the one the file's name begins with.

    It shares all required columns, or half of them and the name. A `case_id` alone says nothing.
    """
    shared = {
        table: len(columns.intersection(REQUIRED[table] + OPTIONAL[table])) for table in REQUIRED
    }
    most = max(shared.values())
    best = [table for table in REQUIRED if shared[table] == most]
    named = [table for table in best if name.lower().startswith(table)]
    table = (named or best)[0]
    required = columns.intersection(REQUIRED[table])
    if named and required and 2 * len(required) >= len(REQUIRED[table]):
        return table
    alone = most == 1 and required == {"case_id"}
    return table if len(required) == len(REQUIRED[table]) and not alone else None


def judge(table: Table, known_cases: set[str] | None) -> None:
    """Give every row of every file of the table its one place in the account."""
    keys: set[object] = set()
    held_by: dict[tuple[int, int, str], str] = {}
    for file in table.files:
        account = file.account
        seen: set[tuple[str, ...]] = set()
        disbelieved = file.disbelieved()
        for record in file.records:
            account.rows_read += 1
            reason, row = first_reason(file, record)
            if reason in ("totals-row", "other-region"):
                account.rows_outside[reason] += 1
                continue
            if row is not None:
                look_at(table, row, disbelieved)
                if reason is not None:
                    table.set_aside.append(row)
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


def look_at(table: Table, row: Row, disbelieved: set[str]) -> None:
    """Note in which columns of a row values stand, and in which one can be read."""
    for column, text in row.texts.items():
        reads = READS.get((table.name, column))
        if text and reads is not None:
            table.held.add(column)
            if column not in disbelieved and reads(text):
                table.read.add(column)


def in_file(table: Table) -> bool:
    """Say whether keys are compared within a file: two files of one month are refused instead."""
    return table.name == "encounters"


def use(table: Table, account: FileAccount, row: Row) -> None:
    """Keep the row, with the optional values that cannot be read as blanks."""
    account.rows_used += 1
    for column, text in row.texts.items():
        if not text or (table.name, column) not in BLANKED:
            continue
        if not READS[table.name, column](text):
            account.blanked_lines.add((row.line, column))
            row.texts[column] = ""
    table.rows.append(row)


def first_reason(file: TableFile, record: Record) -> tuple[str | None, Row | None]:
    """Return the first reason against a row that can be seen on the row alone, and the row."""
    if record.fault:
        return record.fault, None
    if file.is_total(record):
        return "totals-row", None
    row = file.row(record)
    if row is None:
        return "wrong_field_count", None
    table = file.account.table
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
