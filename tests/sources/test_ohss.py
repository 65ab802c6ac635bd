"""OHSS's monthly tables as a check of enrolment: X is no 0, and month 0 is no month."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mpp_cli.ohss import figures, recognises
from tests.harness import run

HEADER = (
    "Calendar Year,Fiscal Year,Month,Southwest Border Book-outs/OFO:Migrant Protection Protocols,"
    "Southwest Border Book-outs/CBP:Migrant Protection Protocols\n"
)

#: As published, from the first month of the programme to January 2021.
MONTHS = HEADER + "".join(
    f"{row}\n"
    for row in (
        *("2018,2019,0,5160,44250", "2018,2019,12,X,X", "2019,2019,1,X,X", "2019,2019,2,X,X"),
        *("2019,2019,3,220,590", "2019,2019,9,1210,43510"),
        *("2019,2020,0,3590,20200", "2019,2020,10,X,4860", "2020,2020,9,X,15340"),
        *("2020,2021,0,20,3240", "2020,2021,10,X,640", "2020,2021,11,X,940"),
        *("2020,2021,12,10,1130", "2021,2021,1,10,540", "2021,2021,2,X,X", "2021,2021,3,X,X"),
    )
)


def found(text: str) -> dict[str, int]:
    return {str(each.as_of): each.value for each in figures(text, "ohss.csv")}


def test_the_figure_to_december_2020() -> None:
    assert recognises(MONTHS)
    values = found(MONTHS)
    assert values["2020-12-31"] == 67_160
    # The total of a fiscal year holds what its months leave out: 44,250, not 44,100.
    assert values["2019-10-31"] == 44_250 + 4_860


def test_x_gives_no_figure_and_month_0_is_no_month() -> None:
    assert [*found(MONTHS)] == [
        *("2019-03-31", "2019-09-30", "2019-10-31", "2020-09-30"),
        *("2020-10-31", "2020-11-30", "2020-12-31", "2021-01-31"),
    ]
    told = {str(each.as_of): "marked X" in each.source for each in figures(MONTHS, "x")}
    assert told["2019-03-31"]
    assert not told["2020-12-31"]


def test_without_the_total_of_a_year_its_months_are_summed() -> None:
    lines = [line for line in MONTHS.splitlines(keepends=True) if ",2019,0," not in line]
    assert found("".join(lines))["2019-10-31"] == 44_100 + 4_860


@pytest.fixture
def ohss(tmp_path: Path) -> Path:
    path = tmp_path / "ohss.csv"
    path.write_text(MONTHS)
    return path


def reconciled(ohss: Path, *more: str) -> tuple[int, dict[str, Any]]:
    code, out, err = run(
        ["reconcile", str(ohss), "--data", "sample", "--no-config", "-f", "json", *more]
    )
    assert out, err
    return code, json.loads(out)


def test_the_sample_is_within_the_tolerance_and_not_equal(ohss: Path) -> None:
    code, document = reconciled(ohss, "--check")
    (figure,) = document["figures"]
    assert code == 0
    assert (figure["publisher"], figure["as_of"]) == ("OHSS", "2020-12-31")
    assert (figure["published"], figure["ours"], figure["difference"]) == (67_160, 68_039, 879)
    assert (document["tolerance"], figure["within_tolerance"]) == ("2%", True)
    assert round(figure["share"], 3) == 0.013


def test_a_tolerance_and_a_month_can_be_asked_for(ohss: Path) -> None:
    assert reconciled(ohss, "--check", "--tolerance", "1%")[0] == 5
    _, document = reconciled(ohss, "--as-of", "2020-09-30")
    assert [each["published"] for each in document["figures"]] == [64_450]


def test_a_row_that_cannot_be_read_is_named(ohss: Path) -> None:
    ohss.write_text(MONTHS.replace("2020,2021,11,X,940", "2020,2021,11,X,9.4"))
    code, _, err = run(["reconcile", str(ohss), "--data", "sample", "--no-config"])
    assert code == 3
    assert "ohss.csv:13: is not a row of OHSS's monthly tables" in err


# ---------------------------------------------------------- given as data by mistake


@pytest.mark.parametrize("command", [["report"], ["metric", "total-enrolled"], ["validate"]])
def test_given_as_data_it_is_told_what_it_is_for(ohss: Path, command: list[str]) -> None:
    code, out, err = run([*command, "--data", str(ohss), "--no-config"])
    assert (code, out) == (3, b"")
    first, _, hint = err.splitlines()
    assert first == (
        "mpp: error: ohss.csv:1: these are OHSS's monthly tables, which list no cases and no "
        "encounters"
    )
    assert hint == "hint: compare your figures with them: `mpp reconcile FILE`"


def test_beside_data_it_is_passed_over_with_that_note(ohss: Path) -> None:
    (ohss.parent / "cases.csv").write_text("case_id,nta_filed_date\nA,2020-01-02\n")
    code, out, err = run(
        ["metric", "total-enrolled", "--data", str(ohss.parent), "-f", "value", "--no-config"]
    )
    assert (code, out) == (0, b"1\n")
    assert (
        "mpp: warning: ohss.csv was passed over: these are OHSS's monthly tables, which list "
        "no cases and no encounters; compare your figures with them: `mpp reconcile FILE`"
    ) in err.splitlines()


def test_alone_in_a_folder_it_is_named_as_the_reason(ohss: Path) -> None:
    code, _, err = run(["report", "--data", str(ohss.parent), "--no-config"])
    assert code == 3
    assert "hint: ohss.csv was passed over: these are OHSS's monthly tables" in err


@pytest.mark.parametrize(
    "heading",
    ["Calendar Year", "calendar  year", "\ufeffCalendar Year", " Calendar\u00a0Year "],
)
def test_it_is_told_by_its_headings_in_any_spelling(ohss: Path, heading: str) -> None:
    text = ohss.read_text()
    assert text.startswith("Calendar Year,")
    ohss.write_text(text.replace("Calendar Year", heading, 1))
    _, _, err = run(["validate", str(ohss), "--no-config"])
    assert "OHSS's monthly tables" in err
