"""Rows judged by other rows, and the balance of every file.

After the files are read, rows that repeat or contradict an earlier row and
events whose case is not used are set aside here. What is left are the views
``used_cases``, ``used_completions`` and so on: every later query reads those.
"""

from __future__ import annotations

import datetime
from collections import Counter, defaultdict

from mpp_cli.common.errors import MppError
from mpp_cli.common.periods import month_end
from mpp_cli.dataset import case_history, overlapping_months
from mpp_cli.engines.base import identifier
from mpp_cli.results.report import Source
from mpp_cli.sources.dataset import Dataset, FileAccount
from mpp_cli.sources.prevalidated import SettledFile
from mpp_cli.sources.schema import READ, table

#: Examples of lines that a source note gives per reason.
EXAMPLES = 3

#: The order in which reasons are judged and listed.
REASONS = (
    "invalid_encoding",
    "malformed_quotes",
    "wrong_field_count",
    "missing_case_id",
    "missing_date",
    "unreadable_date",
    "unknown_value",
    "not_a_count",
    "duplicate",
    "conflicting_duplicate",
    "orphan",
)


def judge(dataset: Dataset, newest_release: bool = False) -> None:
    """Set aside duplicates, conflicts and orphans, and define the views of used rows.

    Raises DataError when two files hold the same month of encounters, unless
    ``newest_release`` takes each month from the file that reaches further.
    """
    overlapping_months.prepare(dataset)
    for name in (each for each in READ if dataset.has(each)):
        _define_used(dataset, name)
        if dataset.is_settled(name):
            continue
        _set_aside(dataset, name, "duplicate", _duplicates(dataset, name))
        if name == "encounters":
            overlapping_months.settle(dataset, newest_release)
            _define_used(dataset, name)
        key = _key(dataset, name)
        if key:
            _set_aside(dataset, name, "conflicting_duplicate", _later_of_key(dataset, name, key))
    if dataset.has("cases"):
        _set_orphans_aside(dataset)


def _set_orphans_aside(dataset: Dataset) -> None:
    """Set aside the events of which the case history, having no row for their case, has none."""
    tables = [
        name
        for name in ("completions", "grants", "referrals")
        if dataset.has(name) and not dataset.is_settled(name)
    ]
    if not tables:
        return
    # What is used of these tables depends on the cases, their history on nothing more.
    case_history.prepare(dataset)
    folded = ", ".join(f"COALESCE(sum({name}), 0)" for name in tables)
    in_history = dataset.engine.fetch(f"SELECT {folded} FROM document_history")[0]
    for name, rows in zip(tables, in_history, strict=True):
        if rows == dataset.engine.fetch(f"SELECT count(*) FROM used_{name}")[0][0]:
            continue
        orphans = (
            f"SELECT e._file, e._line FROM used_{name} e "
            "WHERE NOT EXISTS (SELECT 1 FROM used_cases c WHERE c.case_id = e.case_id)"
        )
        _set_aside(dataset, name, "orphan", orphans)


def _define_used(dataset: Dataset, name: str) -> None:
    """Give the rows of a table that were not set aside so far the name ``used_…``.

    Rows that failed by their own values never came into the table.
    """
    among = "EXISTS (SELECT 1 FROM set_aside s WHERE s._file = t._file AND s._line = t._line)"
    # Hardly any table has such rows: the others are spared the comparison.
    any_found = dataset.engine.fetch(f"SELECT count(*) FROM {name} t WHERE {among}")[0][0]
    left = [f"NOT {among}"] if any_found else []
    if name == "encounters":
        left.append(overlapping_months.NOT_OLDER)
    where = f" WHERE {' AND '.join(left)}" if left else ""
    dataset.engine.define(f"used_{name}", f"SELECT * FROM {name} t{where}")


def _set_aside(dataset: Dataset, name: str, reason: str, rows: str) -> None:
    dataset.engine.append_query(
        "set_aside",
        f"SELECT _file, _line, '{reason}', '', CAST(NULL AS VARCHAR) FROM ({rows}) r",
    )
    _define_used(dataset, name)


def _duplicates(dataset: Dataset, name: str) -> str:
    """Rows all of whose fields equal those of an earlier row of their file.

    The fingerprint covers the whole row; the required columns of the table are
    compared as well, so that two rows could only be taken for one another if
    they had the same case and the same fingerprint.
    """
    key = ", ".join(column.name for column in table(name).columns if column.required)
    return (
        "SELECT _file, _line FROM (SELECT _file, _line, ROW_NUMBER() OVER "
        f"(PARTITION BY _file, _print, {key} ORDER BY _line) AS place FROM {name} "
        f"WHERE {dataset.engine.repeated(name, '_print')}) d WHERE place > 1"
    )


def _key(dataset: Dataset, name: str) -> tuple[str, ...]:
    """The columns that tell the rows of a table apart; none where rows may be alike.

    Where rows count something these are all columns but the count.
    """
    if name == "cases":
        return ("case_id",)
    if not table(name).is_keyed_by_all:
        return ()
    no_key = ("encounters", "value", "source")
    extras = sorted({extra for account in dataset.of(name) for extra in account.extras})
    known = [each.name for each in table(name).columns if each.name not in no_key]
    present = {column for account in dataset.of(name) for column in account.header}
    stored = table(name).stored
    return tuple(stored(column) for column in (*known, *extras) if column in present)


def _later_of_key(dataset: Dataset, name: str, key: tuple[str, ...]) -> str:
    """Rows whose key is that of an earlier row; blank values are equal here."""
    columns = ", ".join(map(identifier, key))
    among = "TRUE"
    if len(key) == 1:
        among = dataset.engine.repeated(f"used_{name}", identifier(key[0]))
    return (
        "SELECT _file, _line FROM (SELECT _file, _line, ROW_NUMBER() OVER "
        f"(PARTITION BY {columns} ORDER BY _file, _line) AS place FROM used_{name} "
        f"WHERE {among}) d WHERE place > 1"
    )


# --- the balance of every file -------------------------------------------------


def sources(dataset: Dataset, today: datetime.date) -> tuple[Source, ...]:
    """Every input file with the balance of its rows, which closes.

    Raises a fault of mpp's own when one does not: such figures are not printed.
    """
    set_aside: dict[int, Counter[str]] = defaultdict(Counter)
    for file, reason, rows in dataset.engine.fetch(
        "SELECT _file, reason, count(*) FROM set_aside GROUP BY _file, reason"
    ):
        set_aside[file][reason] = rows
    examples: dict[int, dict[str, tuple[int, ...]]] = defaultdict(dict)
    for file, reason, line in dataset.engine.fetch(
        "SELECT _file, reason, _line FROM (SELECT _file, reason, _line, ROW_NUMBER() OVER "
        "(PARTITION BY _file, reason ORDER BY _line) AS place FROM set_aside) p "
        f"WHERE place <= {EXAMPLES} ORDER BY _file, reason, _line"
    ):
        examples[file][reason] = (*examples[file].get(reason, ()), line)
    ends = [each.end for each in dataset.settled if each.end]
    used = _used(dataset, min([today, *ends]))
    found = []
    accounts: list[FileAccount | SettledFile] = [*dataset.files, *dataset.settled_files]
    for account in accounts:
        rows, through, blanked = used.get(account.number, (0, None, {}))
        source = Source(
            file=account.name,
            kind=account.kind,
            hash=account.hash,
            through=through,
            rows_read=account.rows_read,
            rows_used=rows,
            rows_outside=dict(account.outside),
            set_aside=_in_order(set_aside[account.number]),
            blanked=blanked,
            encoding=account.encoding,
            examples=examples[account.number],
            repaired=account.repaired if isinstance(account, SettledFile) else 0,
            unknown_codes=dict(account.unknown_codes),
        )
        if not source.closes:
            raise MppError(f"the rows of {account.name} do not balance; no figure is printed")
        found.append(source)
    return tuple(found)


def _in_order(counts: Counter[str]) -> dict[str, int]:
    return {reason: counts[reason] for reason in REASONS if counts[reason]}


def _used(
    dataset: Dataset, today: datetime.date
) -> dict[int, tuple[int, datetime.date | None, dict[str, int]]]:
    """Per file: rows used, the latest date in them, and blanked values by column."""
    rows: Counter[int] = Counter()
    through: dict[int, datetime.date] = {}
    blanked: dict[int, Counter[str]] = defaultdict(Counter)
    dated_by = {
        file.number: each.dated_by
        for each in dataset.settled
        for file in each.files
        if each.dated_by is not None
    }
    for name in READ:
        if not dataset.has(name):
            continue
        columns = [column.name for column in table(name).columns]
        latest = table(name).date_column or (
            # No date here: months are numbered so that they can be compared.
            "CASE WHEN month >= 10 THEN fiscal_year - 1 ELSE fiscal_year END * 12 + month - 1"
        )
        last = f"max({latest})"
        if table(name).date_column:
            last += f" FILTER (WHERE {latest} <= $today)"
        for file, bits, count, until in dataset.engine.fetch(
            f"SELECT _file, _blanked, count(*), {last} FROM used_{name} GROUP BY _file, _blanked",
            today=today,
        ):
            rows[file] += count
            for place, column in enumerate(columns):
                if bits >> place & 1:
                    blanked[file][column] += count
            day = month_end(until) if isinstance(until, int) else until
            dated = dated_by.get(file, file)
            if day is not None:
                through[dated] = max(day, through.get(dated, day))
    return {
        account.number: (
            rows[account.number],
            through.get(account.number),
            {
                column.name: blanked[account.number][column.name]
                for column in account.table.columns
                if blanked[account.number][column.name]
            },
        )
        for account in dataset.files
    } | {
        file.number: (file.used, through.get(file.number), dict(file.blanked))
        for file in dataset.settled_files
    }
