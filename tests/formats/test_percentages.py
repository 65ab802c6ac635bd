"""A part is never shown as the whole, nor something as nothing: in no format, at no precision."""

from __future__ import annotations

import json
import re
from fractions import Fraction
from pathlib import Path

import openpyxl
import pytest

from mpp_cli.results.rounding import display, points, signed_percentage
from tests.harness import run
from tests.spec.draw import draw


@pytest.mark.parametrize(
    ("part", "whole", "whole_percent", "two_decimals"),
    [
        (0, 200, "0%", "0.00%"),
        (1, 100_000, "<1%", "<0.01%"),
        (1, 800, "<1%", "0.13%"),
        (1, 201, "<1%", "0.50%"),
        (1, 200, "1%", "0.50%"),
        (44_014, 68_039, "65%", "64.69%"),
        (198, 200, "99%", "99.00%"),
        (199, 200, ">99%", "99.50%"),
        (9_949, 10_000, "99%", "99.49%"),
        (99_994, 100_000, ">99%", "99.99%"),
        (99_996, 100_000, ">99%", ">99.99%"),
        (200, 200, "100%", "100.00%"),
        # The ratio of two published counts may exceed 1: it is no part then.
        (100_001, 100_000, ">100%", ">100.00%"),
        (3, 2, "150%", "150.00%"),
    ],
)
def test_a_share_in_percent(part: int, whole: int, whole_percent: str, two_decimals: str) -> None:
    assert display(Fraction(part, whole), "ratio") == whole_percent
    assert display(Fraction(part, whole), "ratio", 2) == two_decimals


@pytest.mark.parametrize(
    ("change", "shown"),
    [
        (Fraction(0), "0.00%"),
        (Fraction(1, 80), "+1.25%"),
        (Fraction(-1, 80), "-1.25%"),
        (Fraction(1, 100_000), "+<0.01%"),
        (Fraction(-1, 100_000), "-<0.01%"),
    ],
)
def test_a_change_is_never_shown_as_none(change: Fraction, shown: str) -> None:
    assert signed_percentage(change) == shown
    assert points(change) == shown.replace("%", " points")


@pytest.fixture(scope="module")
def nearly_all() -> Path:
    """Of 200 cases 199 are completed and 1 has relief."""
    return draw(
        {
            "cases": "| case_id | nta_filed_date |\n"
            + "\n".join(f"| C{number} | 2019-06-03 |" for number in range(200)),
            "completions": "| case_id | completion_date | outcome |\n"
            + "\n".join(f"| C{number} | 2020-02-03 | other |" for number in range(199)),
            "grants": "| case_id | granted_date | relief_type |\n| C1 | 2020-02-03 | asylum |",
        }
    )


@pytest.mark.parametrize("format", ["table", "markdown", "csv", "html", "json"])
def test_every_format_shows_it(nearly_all: Path, format: str) -> None:
    asked = ["metric", "completion-rate", "--data", str(nearly_all), "--as-of", "2020-12-31"]
    code, printed, _ = run([*asked, "--no-config", "-f", format])
    out = printed.decode()
    assert code == 0
    assert ("&gt;99%" if format == "html" else ">99%") in out.replace("\\>", ">")
    assert "100%" not in re.sub(r"<style>.*?</style>", "", out, flags=re.DOTALL)
    if format == "json":
        measure = json.loads(out)["metric"]["measures"][2]
        assert (measure["value"], measure["display"]) == (0.995, ">99%")


def test_a_workbook_shows_it_and_holds_the_number(nearly_all: Path, tmp_path: Path) -> None:
    book = tmp_path / "rate.xlsx"
    asked = ["metric", "completion-rate", "--data", str(nearly_all), "--as-of", "2020-12-31"]
    assert run([*asked, "--no-config", "-o", str(book)])[0] == 0
    cells = [
        (cell.value, cell.number_format)
        for sheet in openpyxl.load_workbook(book)
        for line in sheet.iter_rows()
        for cell in line
        if cell.value == 0.995
    ]
    assert cells
    assert {shown for _, shown in cells} == {'">99%";">99%";">99%"'}
