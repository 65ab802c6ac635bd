"""The benchmarks run, and what they check is true: sizes here are those of a moment."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parents[1]


def printed(name: str, *arguments: str) -> list[str]:
    """The lines of a benchmark that ends well."""
    command = [sys.executable, str(HERE / "benchmarks" / name), *arguments]
    there = {**os.environ, "PYTHONPATH": str(HERE)}
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, env=there)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines()


def cells(lines: list[str], first: str) -> list[list[str]]:
    """The rows of Markdown tables that begin with this cell."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [row for row in rows if row[0] == first and len(row) > 1]


def test_a_release_is_read_beside_scripts_and_its_ledger_is_right(tmp_path: Path) -> None:
    given = ("20000", "--peers", "duckdb", "--rounds", "1", "--scratch", str(tmp_path))
    lines = printed("eoir.py", *given, "--compare-dockets")
    assert [line.partition(": ")[2] for line in lines if "in all files" in line] == [
        "the cohort's cases",
        "every case kept (--compare-dockets)",
    ]
    assert sum("the ledger is right" in line for line in lines) == 2
    assert len(cells(lines, "mpp")) == len(cells(lines, "duckdb")) == 2
    assert all(float(share) > 0 for row in cells(lines, "duckdb") for share in row[-3:])
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_ledger_fails_the_benchmark(tmp_path: Path) -> None:
    given = ("5000", "--peers", "--rounds", "1", "--keep", "--scratch", str(tmp_path))
    printed("eoir.py", *given)
    truth = tmp_path / "release-5000.truth"
    text = truth.read_text()
    truth.write_text(text.replace('"wrong_field_count": ', '"wrong_field_count": 1'))
    assert truth.read_text() != text
    with pytest.raises(AssertionError, match="the ledger is wrong in 1 place"):
        printed("eoir.py", *given)


def test_several_sizes_are_read_by_mpp_alone(tmp_path: Path) -> None:
    given = ("--sizes", "5000", "10000", "--rounds", "1", "--scratch", str(tmp_path))
    lines = printed("eoir.py", *given)
    assert len(cells(lines, "5,000")) == len(cells(lines, "10,000")) == 1
    assert not cells(lines, "duckdb")


def test_the_memory_of_a_report_has_a_limit() -> None:
    (line,) = printed("memory.py", "2000", "--limit", "1000")
    assert line.startswith("report of 2,000 cases and 3,000 completions: peak ")


def test_tables_are_read_beside_scripts_that_find_the_same_figures(tmp_path: Path) -> None:
    given = ("3000", "--peers", "duckdb", "pandas", "--rounds", "1", "--scratch", str(tmp_path))
    lines = printed("tables.py", *given)
    assert sum("every peer has the same figures" in line for line in lines) == 2
    assert len(cells(lines, "duckdb")) == 2
    assert len(cells(lines, "mpp again")) == 3
    assert len(cells(lines, "trend over 24 months")) == 1
    (help,) = cells(lines, "mpp --help")
    assert float(help[-1]) > 0
    assert list(tmp_path.iterdir()) == []


def test_other_figures_of_a_peer_fail_the_benchmark(tmp_path: Path) -> None:
    scripts = tmp_path / "benchmarks"
    shutil.copytree(HERE / "benchmarks", scripts)
    (tmp_path / "sample_data").symlink_to(HERE / "sample_data")
    peer = scripts / "tables_peers" / "duckdb_figures.py"
    text = peer.read_text()
    assert "'cat_withholding')" in text
    peer.write_text(text.replace("'cat_withholding')", "'cat_deferral')"))
    given = ("3000", "--peers", "duckdb", "--forms", "csv", "--rounds", "1")
    with pytest.raises(AssertionError, match=r"duckdb on csv: .*, and mpp says"):
        printed(str(scripts / "tables.py"), *given)


def test_one_size_alone_is_measured_too(tmp_path: Path) -> None:
    given = ("2000", "--sizes", "--forms", "csv", "--rounds", "1", "--scratch", str(tmp_path))
    lines = printed("tables.py", *given)
    assert len(cells(lines, "2,000")) == 1
    assert "peak MB: one size, nothing to plot" in lines
