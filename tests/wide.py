"""A wide agency export made of a sample, and mpp's own tables made of the same rows."""

from __future__ import annotations

import csv
import datetime
from pathlib import Path

from tests.harness import run

HEADINGS = [
    *("A-Number Hash", "Sector", "Nationality", "NTA Filed", "Counsel", "IJ Decision Date"),
    *(
        "Decision",
        "In Absentia",
        "Relief",
        "Relief Date",
        "MCF Referral",
        "MCF Result",
        "MCF Result Date",
        "Remarks",
    ),
]

#: Those of the headings that are dates.
DATES = {
    *("NTA Filed", "Counsel", "IJ Decision Date", "Relief Date", "MCF Referral"),
    "MCF Result Date",
}

DECISIONS = {
    "relief_granted": "GRT",
    "removal_ordered": "RMV",
    "voluntary_departure": "VDP",
    "terminated": "TRM",
    "dismissed": "DSM",
    "withdrawn": "WTH",
    "administratively_closed": "ADM",
    "failure_to_prosecute": "FTP",
    "change_of_venue": "COV",
    "transferred": "TRF",
    "other": "OTH",
}
RELIEF = {
    "asylum": "ASY",
    "statutory_withholding": "W/H",
    "cat_withholding": "CATW",
    "cat_deferral": "CATD",
    "other": "OTH",
    "unknown": "UNK",
}
RESULTS = {"positive": "P", "negative": "N", "closed": "C", "pending": ""}


def _codes(table: str, column: str, codes: dict[str, str]) -> str:
    lines = [f'"{code}" = "{value}"' for value, code in codes.items() if code]
    return "\n".join([f"[tables.{table}.codes.{column}]", *lines, ""])


CONFIG = "\n".join(
    [
        "[tables]",
        'file = "wide*"',
        'date-format = "DD-MON-YY"',
        "",
        "[tables.cases.columns]",
        'case_id = "A-Number Hash"',
        'nta_filed_date = "NTA Filed"',
        'nationality = "Nationality"',
        'representation_date = "Counsel"',
        'sector = "Sector"',
        "",
        "[tables.completions.columns]",
        'completion_date = "IJ Decision Date"',
        'outcome = "Decision"',
        'in_absentia = "In Absentia"',
        "",
        _codes("completions", "outcome", DECISIONS),
        "[tables.grants.columns]",
        'granted_date = "Relief Date"',
        'relief_type = "Relief"',
        "",
        _codes("grants", "relief_type", RELIEF),
        "[tables.referrals.columns]",
        'referred_date = "MCF Referral"',
        'outcome = "MCF Result"',
        'outcome_date = "MCF Result Date"',
        "",
        _codes("referrals", "outcome", RESULTS),
    ]
)


def oracle_date(text: str) -> str:
    """A date as the databases of agencies write it: 31-DEC-20."""
    if not text:
        return ""
    return datetime.date.fromisoformat(text[:10]).strftime("%d-%b-%y").upper()


Rows = list[dict[str, str]]


def sample(folder: Path, cases: int = 400) -> dict[str, Rows]:
    """The rows of a small sample by table; each table of events has one row per case."""
    code, _, err = run(["sample", str(folder), "--cases", str(cases), "--seed", "7"])
    assert code == 0, err
    tables: dict[str, Rows] = {}
    for name in ("cases", "completions", "grants", "referrals"):
        with (folder / f"{name}.csv").open(newline="") as stream:
            rows = {row["case_id"]: row for row in reversed([*csv.DictReader(stream)])}
        tables[name] = [rows[key] for key in sorted(rows)]
    return tables


def own_tables(folder: Path, tables: dict[str, Rows]) -> Path:
    """mpp's tables, with only what the wide export has, too."""
    columns = {
        "cases": ["case_id", "nta_filed_date", "nationality", "representation_date", "sector"],
        "completions": ["case_id", "completion_date", "outcome", "in_absentia"],
        "grants": ["case_id", "granted_date", "relief_type"],
        "referrals": ["case_id", "referred_date", "outcome", "outcome_date"],
    }
    folder.mkdir()
    for name, wanted in columns.items():
        with (folder / f"{name}.csv").open("w", newline="") as stream:
            writer = csv.DictWriter(stream, wanted, extrasaction="ignore", restval="")
            writer.writeheader()
            writer.writerows({**row, "sector": row.get("location", "")} for row in tables[name])
    return folder


def wide_rows(tables: dict[str, Rows]) -> list[list[str]]:
    """One row per person, without the heading."""
    events = {
        name: {row["case_id"]: row for row in tables[name]}
        for name in ("completions", "grants", "referrals")
    }
    found = []
    for number, case in enumerate(tables["cases"]):
        done, grant, referral = (
            events[name].get(case["case_id"], {}) for name in ("completions", "grants", "referrals")
        )
        found.append(
            [
                *(case["case_id"], case["location"], case["nationality"]),
                *(oracle_date(case["nta_filed_date"]), oracle_date(case["representation_date"])),
                oracle_date(done.get("completion_date", "")),
                DECISIONS.get(done.get("outcome", ""), ""),
                {"true": "Y", "false": "N"}.get(done.get("in_absentia", ""), "N"),
                RELIEF.get(grant.get("relief_type", ""), ""),
                oracle_date(grant.get("granted_date", "")),
                oracle_date(referral.get("referred_date", "")),
                RESULTS.get(referral.get("outcome", ""), ""),
                oracle_date(referral.get("outcome_date", "")),
                f'note {number}, "quoted"' if number % 50 == 0 else "",
            ]
        )
    return found
