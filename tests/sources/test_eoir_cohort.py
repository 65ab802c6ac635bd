"""Whose rows of a court release are judged, and which rows make a case one of MPP."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.harness import run, run_json
from tests.sources import court
from tests.sources.test_eoir_rows import change_line, field

#: Case 1 is known both ways, case 2 by its identifier, case 3 by a location.
IDENTIFIERS = """
| IDNCASEID | IDNCASE | CASE_ID |
| 501       | 1       | MP      |
| 502       | 2       | RM      |
"""
HEARD = """
| IDNPROCEEDING | IDNCASE | HEARING_LOC_CODE | INPUT_DATE |
| 11            | 1       | MPB              | 2019-03-01 |
| 12            | 2       | HOU              | 2019-03-01 |
| 13            | 3       | TUM              | 2019-03-01 |
| 14            | 4       | HOU              | 2019-03-01 |
"""
APPLIED = """
| IDNPROCEEDINGAPPLN | IDNPROCEEDING | IDNCASE | APPL_CODE |
| 901                | 11            | 1       | ASYL |
| 902                | 12            | 2       | ASYL |
| 903                | 13            | 3       | ASYL |
| 904                | 14            | 4       | ASYL |
"""
CASES = "| IDNCASE |\n| 1 |\n| 2 |\n| 3 |\n| 4 |"

COHORTS = {"identifier": 2, "location": 2, "either": 3, "both": 1}


@pytest.mark.parametrize(("rule", "size"), COHORTS.items())
@pytest.mark.parametrize("table", [court.PROCEEDINGS, court.APPLICATIONS, court.CASES])
def test_a_copy_is_set_aside_only_where_its_case_is_in_the_cohort(
    tmp_path: Path, rule: str, size: int, table: str
) -> None:
    made = court.draw(
        tmp_path, identifiers=IDENTIFIERS, proceedings=HEARD, applications=APPLIED, cases=CASES
    )

    def twice(text: bytes) -> bytes:
        header, _, rows = text.partition(b"\n")
        return header + b"\n" + rows + rows

    court.rewrite(made, table, twice)
    account = court.account(made, table, cohort=rule)
    assert account.rows_used == size
    assert account.set_aside == {"duplicate": size}
    assert account.rows_outside == {"other-case": 2 * (4 - size)}


@pytest.mark.parametrize(
    ("rule", "copies"), [("identifier", 2), ("location", 1), ("either", 2), ("both", 1)]
)
def test_a_copy_of_an_identifier_likewise(tmp_path: Path, rule: str, copies: int) -> None:
    made = court.draw(tmp_path, identifiers=IDENTIFIERS, proceedings=HEARD)
    court.rewrite(made, court.IDENTIFIERS, lambda text: text + text.partition(b"\n")[2])
    account = court.account(made, court.IDENTIFIERS, cohort=rule)
    assert account.set_aside == {"duplicate": copies}
    assert account.rows_used == copies


@pytest.mark.parametrize("table", [court.PROCEEDINGS, court.APPLICATIONS])
def test_a_row_without_its_own_number_is_judged_where_its_case_is_in_the_cohort(
    tmp_path: Path, table: str
) -> None:
    made = court.draw(
        tmp_path, identifiers=IDENTIFIERS, proceedings=HEARD, applications=APPLIED, cases=CASES
    )
    place = 0 if table == court.PROCEEDINGS else 1

    def damaged(line: bytes) -> bytes:
        fields = line.split(b"\t")
        fields[place] = b"2019-05-14"
        return b"\t".join(fields)

    for line in (2, 4):
        change_line(made, line, damaged, table)
    _, said, _ = run(["validate", str(made)])
    assert b"(IDNPROCEEDING): 1 set aside: the proceeding has no number" in said
    judged = court.account(made, table)
    assert (judged.set_aside, judged.examples) == (
        {"missing_case_id": 1},
        {"missing_case_id": (3,)},
    )
    assert not court.account(made, table, cohort="both").set_aside


@pytest.mark.parametrize("number", [b"", b"x", b"2019-05-14 00:00:00.000"])
def test_a_row_that_is_set_aside_makes_no_case_one_of_mpp(tmp_path: Path, number: bytes) -> None:
    made = court.draw(tmp_path, identifiers=IDENTIFIERS, proceedings=HEARD)
    change_line(made, 3, field("IDNPROCEEDING", number))
    for rule in ("identifier", "either", "location"):
        with court.load(made, cohort=rule) as data:
            counts = data.judgement.dataset.settled[0].about["cohort"]
        assert (counts["location_only"], counts["both"]) == (0, 1)
    assert court.rows(made, "cases", "case_id", cohort="location") == [("1",)]


@pytest.mark.parametrize("code", [b"MPB ", b" MPB", b"\xa0MPB", b"MPB\xa0", b" \xa0MPB\x1f"])
def test_a_padded_location_is_one(tmp_path: Path, code: bytes) -> None:
    made = court.draw(tmp_path, identifiers=IDENTIFIERS, proceedings=HEARD)
    change_line(made, 3, field("HEARING_LOC_CODE", code))
    assert court.rows(made, "cases", "case_id", cohort="location") == [("1",), ("3",)]


@pytest.mark.parametrize("number", [b"13 ", b" 13", b"00000000000000000013", b"\x0013"])
def test_a_padded_number_is_one(tmp_path: Path, number: bytes) -> None:
    made = court.draw(tmp_path, identifiers=IDENTIFIERS, proceedings=HEARD)
    change_line(made, 3, field("IDNPROCEEDING", number))
    assert court.rows(made, "cases", "case_id", cohort="location") == [("1",), ("3",)]


def test_a_case_without_a_docket_is_outside_by_a_rule_of_its_own(tmp_path: Path) -> None:
    made = court.draw(
        tmp_path,
        proceedings="""
        | IDNPROCEEDING | IDNCASE | INPUT_DATE | CUSTODY |
        | 11            | 1       | 2019-03-01 |   |
        | 12            | 2       | 2019-03-01 | D |
        | 13            | 2       | 2019-03-01 |   |
        | 14            | 3       | 2019-03-01 | Q |
        | 15            | 3       | never      |   |
        """,
    )
    account = court.account(made, compare_dockets=True)
    assert (account.rows_used, account.rows_outside) == (3, {"no-docket": 2})
    # What is not used has no blanked values either.
    assert account.blanked == {}
    found = court.rows(made, "cases", "case_id, docket", compare_dockets=True)
    assert found == [("1", "mpp"), ("2", "detained")]


def test_small_counts_of_a_cohort_cannot_be_worked_out(tmp_path: Path) -> None:
    """4 cases by the identifier only and 60 by both are 64, which is the figure itself."""
    heard = ["ELP"] * 4 + ["MPB"] * 80
    made = court.draw(
        tmp_path,
        identifiers="\n".join(
            ["| IDNCASEID | IDNCASE | CASE_ID |"]
            + [f"| {number} | {number} | {'RM' if number < 3 else 'MP'} |" for number in range(64)]
        ),
        proceedings="\n".join(
            [
                "| IDNPROCEEDING | IDNCASE | OSC_DATE | INPUT_DATE | HEARING_LOC_CODE | COMP_DATE "
                "| DEC_CODE |"
            ]
            + [
                f"| {500 + number} | {number} | 2019-03-01 | 2019-03-02 | {place} | 2019-09-01 "
                f"| {'7' if number < 3 else 'X'} |"
                for number, place in enumerate(heard)
            ]
        ),
    )
    asked = ["report", "--data", str(made), "--as-of", "2020-12-31", "--no-config"]
    _, whole, _ = run_json([*asked, "-f", "json"])
    code, hidden, told = run_json([*asked, "-f", "json", "--suppress-below", "11"])
    assert code == 0
    assert whole is not None
    assert hidden is not None
    said, left = (
        next(
            note["text"]
            for note in report["goals"][2]["metrics"][0]["footnotes"]
            if note["id"] == "eoir-cohort"
        )
        for report in (whole, hidden)
    )
    assert said.endswith(
        "identifier only: 4; by the location only: 20; by both: 60. With identifier MP: 61; RM: 3."
    )
    assert left.endswith(
        "identifier only: <11; by the location only: withheld; by both: withheld. "
        "With identifier MP: withheld; RM: <11."
    )
    # A code of decisions that three cases have is no larger count either.
    assert any("RMV 7 (3)" in each["text"] for each in whole["warnings"])
    assert any("RMV 7 (<11)" in each["text"] for each in hidden["warnings"])
    assert "(3)" not in told
