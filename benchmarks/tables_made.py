"""Makes mpp's tables, each as CSV and as Parquet, any number of cases: FOLDER CASES.

For every 10 cases there are 15 completions, 1 grant and 4 referrals, as likely as not
of any case and in no order, as in real exports; and three fiscal years of encounters.
The same number of cases makes the same tables.
"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb


def text(chance: str, *words: str) -> str:
    """SQL: one of the words, by chance."""
    listed = ", ".join(f"'{word}'" for word in words)
    return f"[{listed}][1 + ({chance} % {len(words)})::INT]"


def day(chance: str, days: int) -> str:
    """SQL: a day of so many since the programme began, by chance."""
    return f"DATE '2019-01-25' + ({chance} % {days})::INT"


def chance(number: int) -> str:
    """SQL: a large number that a row has for itself, another for each purpose."""
    return f"hash(i * 64 + {number})"


def case(of: str) -> str:
    """SQL: the id of a case by its number."""
    return f"'A' || lpad(({of})::VARCHAR, 9, '0')"


def tables(cases: int) -> dict[str, str]:
    """The query of every table."""
    nationalities = ("GUATEMALA", "HONDURAS", "EL SALVADOR", "CUBA", "ECUADOR", "VENEZUELA", "")
    people = ("Single Adults", "Family Unit", "UAC")
    places = ("San Diego", "El Paso", "Laredo", "Rio Grande Valley", "Yuma", "Tucson")
    mostly = ("removal_ordered",) * 4
    outcomes = (*mostly, "terminated", "relief_granted", "withdrawn", "change_of_venue", "other")
    some = f"{case(f'{chance(9)} % {cases}')} AS case_id"
    return {
        "cases": f"""
            SELECT {case(f"(i * 7919) % {cases}")} AS case_id,
                {day(chance(1), 700)} AS nta_filed_date,
                {day(chance(1), 700)} - 3 AS nta_issued_date,
                {day(chance(1), 700)} - 4 AS enrolled_date,
                {text(chance(2), "USBP", "USBP", "OFO")} AS component,
                {text(chance(3), *places)} AS location,
                {text(chance(3), *places)} AS hearing_location,
                {text(chance(4), *nationalities)} AS nationality,
                {text(chance(5), *people)} AS demographic,
                CASE WHEN {chance(6)} % 13 = 0 THEN {day(chance(7), 900)} END
                    AS representation_date,
                CASE WHEN {chance(8)} % 50 = 0 THEN 'non_detained' ELSE 'mpp' END AS docket
            FROM range({cases}) r(i)""",
        "completions": f"""
            SELECT {some}, {day(chance(10), 900)} AS completion_date,
                {text(chance(11), *outcomes)} AS outcome,
                {text(chance(12), "initial", "initial", "subsequent", "")} AS completion_type,
                {text(chance(13), "true", "false", "")} AS in_absentia,
                NULL::DATE AS reopened_date
            FROM range({cases * 3 // 2}) r(i)""",
        "grants": f"""
            SELECT {some}, {day(chance(14), 900)} AS granted_date,
                {text(chance(15), "asylum", "statutory_withholding", "cat_withholding", "other")}
                    AS relief_type
            FROM range({cases // 10}) r(i)""",
        "referrals": f"""
            SELECT {some}, {day(chance(16), 800)} AS referred_date,
                {text(chance(17), "positive", "negative", "closed", "pending")} AS outcome,
                {day(chance(16), 800)} + 5 AS outcome_date
            FROM range({cases * 2 // 5}) r(i)""",
        "encounters": """
            SELECT 2019 + (i // 24)::INT AS fiscal_year, 1 + ((i // 2) % 12)::INT AS month,
                CASE WHEN i % 2 = 0 THEN 'USBP' ELSE 'OFO' END AS component,
                1000 + 37 * i AS encounters
            FROM range(72) r(i)""",
    }


def main() -> None:
    """Write them."""
    folder, cases = Path(sys.argv[1]), int(sys.argv[2])
    with duckdb.connect() as connection:
        connection.execute("SET preserve_insertion_order = false; SET memory_limit = '1GB'")
        connection.execute(f"SET temp_directory = '{folder}'")
        for name, query in tables(cases).items():
            for ending, form in (("csv", "FORMAT csv, HEADER"), ("parquet", "FORMAT parquet")):
                target = folder / ending / f"{name}.{ending}"
                target.parent.mkdir(parents=True, exist_ok=True)
                connection.execute(f"COPY ({query}) TO '{target}' ({form})")


if __name__ == "__main__":
    main()
