"""Sound tables, and ways in which every value of one of their columns is spoilt.

A column is of a kind (a date, a code, …), and each way says what becomes of a value of a kind.
A way that says nothing of a kind does not exist for it, or leaves values that mean something:
`SOUND` lists the latter with what they mean.
"""

from __future__ import annotations

import csv
import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

Cell = str | int
Kind = str
Way = Callable[[str, Kind], Cell | None]

#: The kind of every column that decides a figure, in the order of the files.
KINDS: dict[str, dict[str, Kind]] = {
    "cases": {
        "case_id": "id",
        "nta_filed_date": "date",
        "docket": "code",
        "representation_date": "date",
    },
    "completions": {
        "case_id": "id",
        "completion_date": "date",
        "outcome": "code",
        "completion_type": "code",
        "in_absentia": "boolean",
    },
    "grants": {"case_id": "id", "granted_date": "date", "relief_type": "code"},
    "referrals": {
        "case_id": "id",
        "referred_date": "date",
        "outcome": "code",
        "outcome_date": "date",
    },
    "encounters": {
        "fiscal_year": "year",
        "month": "month",
        "component": "code",
        "encounters": "count",
        "region": "region",
    },
}

_ENROLLED = {("cases", "nta_filed_date"), ("cases", "docket")}
_COMPLETIONS = {
    ("completions", name) for name in ("case_id", "completion_date", "outcome", "completion_type")
}
_COMPLETED = _ENROLLED | {("cases", "case_id")} | _COMPLETIONS
_RELIEF = _ENROLLED | {
    ("cases", "case_id"),
    *(("grants", name) for name in ("case_id", "granted_date", "relief_type")),
}
_REFERRED = {
    *(("cases", "case_id"), ("cases", "docket")),
    *(("referrals", "case_id"), ("referrals", "referred_date")),
}

#: The columns that the rules and dates of a metric speak of.
GOES_BY: dict[str, set[tuple[str, str]]] = {
    "relief-granted": _RELIEF,
    "non-refoulement-referrals": _REFERRED,
    "completion-rate": _COMPLETED,
    "total-enrolled": _ENROLLED,
    "enforcement-encounters": {("encounters", name) for name in KINDS["encounters"]},
    "relief-rate": _RELIEF | _COMPLETED,
    "pending-cases": _COMPLETED,
    "case-outcomes": _COMPLETED,
    "in-absentia": _COMPLETED | {("completions", "in_absentia")},
    "representation": _ENROLLED | {("cases", "representation_date")},
    "referral-outcomes": _REFERRED | {("referrals", "outcome"), ("referrals", "outcome_date")},
    "subsequent-completions": _COMPLETED,
    "time-to-completion": _COMPLETED,
}


@dataclass(frozen=True)
class Table:
    """The headings of a file and the texts of its rows."""

    headings: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    delimiter: str = ","


Tables = Mapping[str, Table]


def _day(number: int) -> str:
    return str(datetime.date(2019, 2, 3) + datetime.timedelta(days=number))


def sound() -> dict[str, Table]:
    """Five tables of which every row is used, and no figure is 0."""
    outcomes = ["removal_ordered", "terminated", "relief_granted", "other", "voluntary_departure"]
    cases = [
        (
            *(f"00{n}b", _day(23 * n), "non_detained" if n % 9 == 4 else "mpp"),
            *(_day(23 * n + 40) if n % 3 else "", ("USBP", "OFO")[n % 2]),
        )
        for n in range(1, 28)
    ]
    completions = [
        (
            *(f"00{n}b", _day(23 * n + 50 + n), outcomes[n % 5]),
            *(("initial", "subsequent", "")[n % 3], ("true", "false")[n % 2]),
        )
        for n in range(1, 24)
    ]
    completions += [(f"00{n}b", _day(600), "terminated", "initial", "no") for n in range(1, 5)]
    kinds = ["asylum", "cat_withholding", "cat_deferral", "statutory_withholding"]
    grants = [(f"00{n}b", _day(23 * n + 90), kinds[n % 4]) for n in range(2, 15)]
    results = ["positive", "negative", "closed", "pending"]
    referrals = [
        (f"00{n}b", _day(23 * n + 5), results[n % 4], _day(23 * n + 9)) for n in range(1, 25, 2)
    ]
    counts = iter([35402, 9707, 33000, 9131, 32858, 7782, 69022, 3165, 69166, 3001, 71141, 2895])
    encounters = [
        (year, month, component, str(next(counts)), "southwest")
        for year in ("2020", "2021")
        for month in ("OCT", "NOV", "DEC")
        for component in ("USBP", "OFO")
    ]
    headings = {name: tuple(columns) for name, columns in KINDS.items()}
    headings["cases"] += ("component",)
    rows = {
        "cases": cases,
        "completions": completions,
        "grants": grants,
        "referrals": referrals,
        "encounters": encounters,
    }
    return {name: Table(headings[name], tuple(rows[name])) for name in headings}


#: The sound tables, made once.
SOUND_TABLES = sound()


def _date(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


def day_first(text: str, kind: Kind) -> Cell | None:
    """The day before the month, as most of the world writes them."""
    return f"{_date(text):%d/%m/%Y}" if kind == "date" else None


def serial(text: str, kind: Kind) -> Cell | None:
    """The number that a spreadsheet keeps for a day."""
    if kind == "month":
        return 44105 + ["OCT", "NOV", "DEC"].index(text)
    return (_date(text) - datetime.date(1899, 12, 30)).days if kind == "date" else None


def two_digits(text: str, kind: Kind) -> Cell | None:
    """A year without its century."""
    if kind == "year":
        return text[2:]
    return f"{_date(text).month}/{_date(text).day}/{_date(text):%y}" if kind == "date" else None


def words(text: str, kind: Kind) -> Cell | None:
    """What a person would say of the value."""
    return {
        "id": f"the person of folder {text}",
        "date": f"in the spring of {text[:4]}",
        "code": f"see {text} below",
        "boolean": f"we think {text}",
        "year": f"fiscal year {text}",
        "month": f"month of {text.title()}",
        "count": f"about {text}",
        "region": f"the {text}",
    }[kind]


def thousands(text: str, kind: Kind) -> Cell | None:
    """A point between thousands."""
    if kind == "date":
        return f"{serial(text, kind):,}".replace(",", ".")
    return f"{int(text):,}".replace(",", ".") if kind in ("count", "year") else None


def wrong_code(text: str, kind: Kind) -> Cell | None:
    """The code of another list."""
    if kind == "id":
        return f"A-{text[:-1]}"
    return f"K{sum(map(ord, text)) % 97}" if kind not in ("date", "year", "count") else None


def with_nul(text: str, kind: Kind) -> Cell | None:
    """Capitals, and filled up with NUL bytes as a database does with fields of a fixed width."""
    return f"{text.upper()}\0\0\0\0"


def blank(text: str, kind: Kind) -> Cell | None:
    """Nothing at all."""
    return ""


#: The ways in which the values of one column are written; `shifted` and `delimited` are of tables.
WAYS: dict[str, Way] = {
    "day first": day_first,
    "serials": serial,
    "two-digit years": two_digits,
    "words": words,
    "thousands": thousands,
    "wrong codes": wrong_code,
    "NUL padding": with_nul,
    "empty": blank,
}

#: Values that mean something although every one of them is changed, and what they mean.
SOUND: dict[tuple[str, str, str], str] = {
    ("cases", "nta_filed_date", "empty"): "no notice to appear was filed",
    ("cases", "docket", "empty"): "a blank docket is MPP",
    ("cases", "representation_date", "empty"): "no counsel appeared",
    ("completions", "outcome", "empty"): "completions of unknown outcome",
    ("completions", "completion_type", "empty"): "which one is initial is derived",
    ("completions", "in_absentia", "empty"): "it is unknown who was there",
    ("referrals", "outcome", "empty"): "every referral is pending",
    ("referrals", "outcome_date", "empty"): "every referral is pending",
    ("encounters", "region", "empty"): "a blank region is the southwest",
}


def spoilt(tables: Tables, name: str, column: str, way: str) -> dict[str, Table] | None:
    """The tables with every filled value of one column changed, None where there is no such way."""
    kind, table = KINDS[name][column], tables[name]
    at = table.headings.index(column)
    rows = []
    for row in table.rows:
        changed = WAYS[way](str(row[at]), kind) if row[at] else ""
        if changed is None:
            return None
        rows.append((*row[:at], changed, *row[at + 1 :]))
    return {**tables, name: replace(table, rows=tuple(rows))}


def shifted(tables: Tables, name: str, column: str) -> dict[str, Table]:
    """The tables with the values of one column and of its neighbor changed for each other."""
    table = tables[name]
    at = table.headings.index(column)
    other = at + 1 if at + 1 < len(table.headings) else at - 1
    rows = []
    for row in table.rows:
        cells = list(row)
        cells[at], cells[other] = cells[other], cells[at]
        rows.append(tuple(cells))
    return {**tables, name: replace(table, rows=tuple(rows))}


def delimited(tables: Tables, name: str, delimiter: str) -> dict[str, Table]:
    """The tables with other signs between the columns of one of them."""
    return {**tables, name: replace(tables[name], delimiter=delimiter)}


# ------------------------------------------------------------------------- files


def write_csv(folder: Path, name: str, table: Table) -> None:
    """One table as text."""
    with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as out:
        csv.writer(out, delimiter=table.delimiter).writerows([table.headings, *table.rows])


def write_parquet(folder: Path, name: str, table: Table) -> None:
    """One table as Parquet; a column of numbers is a column of integers."""
    columns = [[*cells] for cells in zip(*table.rows, strict=True)]
    types = ["BIGINT" if any(isinstance(c, int) for c in cells) else "VARCHAR" for cells in columns]
    made = ", ".join(
        f"unnest(?::{type}[]) AS {table.headings[at]}" for at, type in enumerate(types)
    )
    values = [[None if cell == "" else cell for cell in cells] for cells in columns]
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"CREATE TABLE made AS SELECT {made}", values)
        connection.execute(f"COPY made TO '{folder / name}.parquet' (FORMAT parquet)")


def write_xlsx(folder: Path, name: str, table: Table) -> None:
    """One table as a workbook of one sheet; numbers are numbers."""
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = name
    for row in [table.headings, *table.rows]:
        sheet.append([cell if cell != "" else None for cell in row])
    book.save(folder / f"{name}.xlsx")


WRITERS = {"csv": write_csv, "parquet": write_parquet, "xlsx": write_xlsx}


def write(folder: Path, tables: Tables, form: str, beside: Path | None = None) -> Path:
    """All tables as files of one form; text files that are sound are taken from `beside`."""
    folder.mkdir()
    for name, table in tables.items():
        if beside and table == SOUND_TABLES[name]:
            (folder / f"{name}.csv").hardlink_to(beside / f"{name}.csv")
        else:
            WRITERS[form](folder, name, table)
    return folder
