"""The most memory that `mpp report` takes for N cases and 1.5 N completions as CSV.

    python benchmarks/memory.py 1000000
    python benchmarks/memory.py 10000000 --limit 1000
    python benchmarks/memory.py --folder exports/

The first two write the tables to a temporary folder, which 10 million cases make
2 GB large; the last takes tables that are there. The report runs as a process
of its own. With --limit the exit code is 1 when the peak is more megabytes.
"""

from __future__ import annotations

import argparse
import datetime
import os
import sys
import tempfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from processes import run

#: Lines that are written at once, so that writing takes no memory to speak of.
CHUNK = 100_000

#: Coprime to any N used here: cases are met out of order, as in real exports.
STRIDE = 7_919

FIRST_DAY = datetime.date(2019, 1, 25)
DAYS = [(FIRST_DAY + datetime.timedelta(days=day)).isoformat() for day in range(1_200)]
NATIONALITIES = ("HO", "GT", "CU", "EC", "ES", "VE", "NU")
PLACES = ("El Paso", "Laredo", "San Diego", "Rio Grande Valley", "Yuma")
OUTCOMES = ("removal_ordered", "terminated", "relief_granted", "withdrawn", "change_of_venue")


def main() -> int:
    """Write the tables if need be, measure, print."""
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("cases", type=int, nargs="?", default=1_000_000)
    arguments.add_argument("--folder", type=Path, help="measure the tables that are in it")
    arguments.add_argument("--limit", type=float, help="fail above so many megabytes")
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="mpp-memory-") as temporary:
        folder = given.folder or Path(temporary)
        if given.folder is None:
            write_tables(folder, given.cases)
        seconds, megabytes = measure(folder)
    size = "" if given.folder else f" of {given.cases:,} cases and {given.cases * 3 // 2:,}"
    what = f"report{size} completions" if size else f"report of {folder}"
    print(f"{what}: peak {megabytes:,.0f} MB, {seconds:,.1f} s")
    return int(given.limit is not None and megabytes > given.limit)


def write_tables(folder: Path, cases: int) -> None:
    """`cases.csv` with as many rows, and `completions.csv` with half as many more."""
    _write(
        folder / "cases.csv",
        "case_id,nta_filed_date,component,location,nationality,representation_date,docket",
        (
            f"A{number * STRIDE % cases:09d},{DAYS[number % 700]},"
            f"{'USBP' if number % 7 else 'OFO'},{PLACES[number % 5]},{NATIONALITIES[number % 7]},"
            f"{DAYS[number % 700 + 90] if number % 3 == 0 else ''},mpp"
            for number in range(cases)
        ),
    )
    _write(
        folder / "completions.csv",
        "case_id,completion_date,outcome,completion_type,in_absentia",
        (
            f"A{number * STRIDE % cases:09d},{DAYS[number % 700 + 150]},{OUTCOMES[number % 5]},"
            f"{'subsequent' if number >= cases else 'initial'},{'true' if number % 2 else 'false'}"
            for number in range(cases * 3 // 2)
        ),
    )


def _write(path: Path, header: str, rows: Iterator[str]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as out:
        out.write(header + "\n")
        while chunk := "\n".join(islice(rows, CHUNK)):
            out.write(chunk + "\n")


def measure(folder: Path) -> tuple[float, float]:
    """Seconds that the report takes, and its peak of resident memory in megabytes."""
    command = [sys.executable, "-m", "mpp_cli", "report", "--no-config", "--quiet", "-f", "json"]
    took = run([*command, "--data", str(folder), "-o", os.devnull])
    return took.seconds, took.megabytes


if __name__ == "__main__":
    sys.exit(main())
