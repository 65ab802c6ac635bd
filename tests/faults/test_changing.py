"""A file that is still written to while it is read is refused, whatever it held at either time."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

from tests.sources import court
from tests.spec.draw import folder


def refused(data: Path, growing: Path, row: bytes) -> str:
    """Ask for a report while rows are added to a file; what it says."""
    command = [sys.executable, "-m", "mpp_cli", "report", "--data", str(data), "--no-config", "-q"]
    done = threading.Event()

    def write() -> None:
        with growing.open("ab", buffering=0) as stream:
            while not done.wait(0.001):
                stream.write(row)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        answer = subprocess.run(command, capture_output=True, timeout=300)
    finally:
        done.set()
        writer.join()
    assert (answer.returncode, answer.stdout) == (3, b"")
    return answer.stderr.decode()


def test_a_table_that_grows() -> None:
    row = "A1,2019-05-06\n"
    data = folder(cases="case_id,nta_filed_date\n" + row * 50_000)
    told = refused(data, data / "cases.csv", row.encode())
    assert told.startswith("mpp: error: cases.csv: changed while it was being read\nhint: ")


def test_a_court_release_that_is_still_being_unpacked(tmp_path: Path) -> None:
    rows = "".join(f"| {number} | 1 | 2019-03-01 |\n" for number in range(2_000))
    release = court.draw(tmp_path, proceedings=f"| IDNPROCEEDING | IDNCASE | INPUT_DATE |\n{rows}")
    (file,) = release.rglob("B_TblProceeding.csv")
    last = file.read_bytes().splitlines(keepends=True)[-1]
    told = refused(release, file, last)
    assert told.startswith("mpp: error: B_TblProceeding.csv: changed while it was being read\n")
