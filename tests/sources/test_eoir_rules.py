"""The rules by which a court release becomes cases, completions and grants."""

from __future__ import annotations

import datetime
from fractions import Fraction
from pathlib import Path

import pytest

import mpp_cli.analysis.api
from mpp_cli.common.errors import DataError, UsageError
from mpp_cli.sample.release import Size, write_release
from mpp_cli.sources.eoir.cases import proceedings
from mpp_cli.sources.eoir.options import Options
from tests.harness import run, run_json
from tests.sources import court

Day = datetime.date


# ------------------------------------------------------------------ the cohort


THREE_CASES = """
| IDNCASEID | IDNCASE | CASE_ID |
| 501       | 1       | MP      |
| 502       | 2       | RM      |
| 503       | 3       | JL      |
| 504       | 3       | mp      |
"""
HEARD = """
| IDNPROCEEDING | IDNCASE | HEARING_LOC_CODE | INPUT_DATE |
| 11            | 1       | HOU              | 2019-03-01 |
| 12            | 2       | MPB              | 2019-04-01 |
| 13            | 2       | HOU              | 2019-05-01 |
| 14            | 3       | TUM              | 2019-06-01 |
| 15            | 4       | MPP              | 2019-06-01 |
"""


@pytest.mark.parametrize(
    ("rule", "cases"),
    [
        ("identifier", {"1", "2"}),
        ("location", {"2", "3"}),
        ("either", {"1", "2", "3"}),
        ("both", {"2"}),
    ],
)
def test_the_cohort_is_known_by_identifier_or_location(
    tmp_path: Path, rule: str, cases: set[str]
) -> None:
    # Case 2 is heard inland later, and stays. The codes of identifiers are
    # exact, and MPP is a test location.
    release = court.draw(tmp_path, identifiers=THREE_CASES, proceedings=HEARD)
    assert {row[0] for row in court.rows(release, "cases", "case_id", cohort=rule)} == cases
    assert court.figures(release, cohort=rule)["total_enrolled"] == len(cases)
    account = court.account(release, cohort=rule)
    assert account.rows_outside["other-case"] == 5 - account.rows_used


@pytest.mark.parametrize("rule", ["identifier", "location", "either", "both"])
def test_the_three_counts_are_told_under_every_rule(tmp_path: Path, rule: str) -> None:
    release = court.draw(tmp_path, identifiers=THREE_CASES, proceedings=HEARD)
    with court.load(release, cohort=rule) as data:
        about = data.judgement.dataset.settled[0].about["cohort"]
    assert about == {
        "identifier_only": 1,
        "location_only": 1,
        "both": 1,
        "by_identifier": {"MP": 1, "RM": 1},
    }


def test_a_case_with_both_identifiers_is_one_case(tmp_path: Path) -> None:
    both = "| IDNCASEID | IDNCASE | CASE_ID |\n| 5 | 1 | MP |\n| 6 | 1 | RM |\n| 7 | 1 | MP |"
    release = court.draw(
        tmp_path,
        identifiers=both,
        proceedings="| IDNPROCEEDING | IDNCASE | INPUT_DATE |\n| 11 | 1 | 2019-03-01 |",
    )
    assert court.rows(release, "cases", "case_id, identifier") == [("1", "MP RM")]
    assert court.account(release, court.IDENTIFIERS).rows_used == 3


def test_a_proceeding_whose_case_nobody_knows_is_an_orphan(tmp_path: Path) -> None:
    cases = "| IDNCASE | CASE_TYPE |\n| 1 | RMV |\n| 2 | RMV |"
    release = court.draw(tmp_path, identifiers=THREE_CASES, proceedings=HEARD, cases=cases)
    # Case 3 is in the identifier table, if under another identifier.
    assert not court.account(release, cohort="location").set_aside
    court.rewrite(release, court.IDENTIFIERS, lambda text: text.replace(b"503\t3", b"503\t9"))
    court.rewrite(release, court.IDENTIFIERS, lambda text: text.replace(b"504\t3", b"504\t9"))
    account = court.account(release, cohort="location")
    assert account.set_aside == {"orphan": 1}
    assert account.examples == {"orphan": (5,)}
    assert {row[0] for row in court.rows(release, "cases", "case_id", cohort="location")} == {"2"}
    # Under the default rule nobody asks: it is the row of another case.
    assert not court.account(release).set_aside
    # Without A_TblCase nobody can tell.
    (release / "A_TblCase.csv").unlink()
    assert not court.account(release, cohort="location").set_aside


# ------------------------------------------------------------ NTA and case types


def test_the_nta_is_filed_on_the_earliest_input_date(tmp_path: Path) -> None:
    release = court.draw(
        tmp_path,
        identifiers="| IDNCASE | CASE_ID |\n| 1 | MP |\n| 2 | MP |\n| 3 | MP |",
        proceedings="""
        | IDNPROCEEDING | IDNCASE | OSC_DATE   | INPUT_DATE              | CASE_TYPE |
        | 11            | 1       | 2019-02-20 | 2019-03-05 00:00:00.000 | RMV |
        | 12            | 1       | 2019-02-21 | 3/1/2019                | RMV |
        | 13            | 1       | 2018-01-01 | 2018-01-01              | WHO |
        | 14            | 2       | 2019-02-22 |                         | RMV |
        | 15            | 3       | 2019-02-23 | 2019-02-24              | DEP |
        """,
    )
    columns = "case_id, nta_filed_date, nta_issued_date"
    assert court.rows(release, "cases", columns) == [
        ("1", Day(2019, 3, 1), Day(2019, 2, 20)),
        ("2", Day(2019, 2, 22), Day(2019, 2, 22)),
        ("3", None, None),
    ]
    assert court.rows(release, "cases", columns, nta_date="issued")[0][1] == Day(2019, 2, 20)
    wider = court.rows(release, "cases", columns, case_types=("RMV", "DEP", "WHO"))
    assert [row[1] for row in wider] == [Day(2018, 1, 1), Day(2019, 2, 22), Day(2019, 2, 24)]
    assert court.figures(release)["total_enrolled"] == 2
    account = court.account(release)
    assert (account.rows_used, account.rows_outside) == (3, {"other-case-type": 2})


def test_a_row_without_an_input_date_is_dated_by_its_own_date_of_issue(tmp_path: Path) -> None:
    release = court.draw(
        tmp_path,
        identifiers="| IDNCASE | CASE_ID |\n| 1 | MP |\n| 2 | MP |\n| 3 | MP |",
        proceedings="""
        | IDNPROCEEDING | IDNCASE | OSC_DATE   | INPUT_DATE |
        | 11            | 1       | 2019-02-20 |            |
        | 12            | 1       | 2019-02-20 | 2020-03-05 |
        | 13            | 2       | 2019-02-20 | 2019-02-27 |
        | 14            | 2       | 2019-06-01 |            |
        | 15            | 3       |            |            |
        | 16            | 3       | 2019-02-20 | never      |
        """,
    )
    filed = court.rows(release, "cases", "case_id, nta_filed_date")
    # Of case 1 the first proceeding counts, not the next one that has an INPUT_DATE.
    assert filed == [("1", Day(2019, 2, 20)), ("2", Day(2019, 2, 27)), ("3", Day(2019, 2, 20))]


def test_place_and_nation_are_those_of_the_first_proceeding(tmp_path: Path) -> None:
    release = court.draw(
        tmp_path,
        proceedings="""
        | IDNPROCEEDING | IDNCASE | INPUT_DATE | HEARING_LOC_CODE | NAT |
        | 100           | 1       | 2019-03-01 | HOU              | HO |
        | 99            | 1       | 2019-04-01 | MPB              | NA |
        """,
    )
    # 99 comes before 100, as numbers do; NA is a code, and no blank.
    found = court.rows(release, "cases", "hearing_location, nationality")
    assert found == [("MPB", "NA")]


NATIONS = "| NAT_CODE | NAT_NAME |\n| HO | HONDURAS |\n| HO | HONDURAS (old) |"
PLACES = "| HEARING_LOC_CODE | HEARING_LOC_NAME |\n| MPB | MPP BROWNSVILLE |"
CODED = """
| IDNPROCEEDING | IDNCASE | INPUT_DATE | HEARING_LOC_CODE | NAT |
| 11            | 1       | 2019-03-01 | MPB              | HO  |
| 12            | 1       | 2019-04-01 | MPZ              | HO  |
| 13            | 2       | 2019-03-01 | MPB              | NA  |
| 14            | 3       | 2019-03-01 |                  | ho  |
"""


def test_names_are_those_of_the_lookups_beside_the_codes(tmp_path: Path) -> None:
    identifiers = "| IDNCASE | CASE_ID |\n| 1 | MP |\n| 2 | MP |\n| 3 | MP |"
    drawn = {"identifiers": identifiers, "proceedings": CODED}
    release = court.draw(tmp_path, **drawn, places=PLACES, nations=NATIONS)
    columns = "case_id, hearing_location, hearing_location_name, nationality, nationality_name"
    # NA stays a code, and so does one in small letters: no lookup knows them.
    assert court.rows(release, "cases", columns) == [
        ("1", "MPB", "MPP BROWNSVILLE", "HO", "HONDURAS"),
        ("2", "MPB", "MPP BROWNSVILLE", "NA", None),
        ("3", None, None, "ho", None),
    ]
    found = court.account(release).unknown_codes
    assert found == {"HEARING_LOC_CODE MPZ": 1, "NAT NA": 1, "NAT ho": 1}
    assert court.account(release, court.NATIONS).rows_used == 2
    assert "eoir-unknown-name" in court.warned(release)
    compared = court.rows(release, "cases", columns, cohort="location", compare_dockets=True)
    assert compared[0] == ("1", "MPB", "MPP BROWNSVILLE", "HO", "HONDURAS")


def test_without_the_lookups_there_are_no_names(tmp_path: Path) -> None:
    release = court.draw(tmp_path, proceedings=CODED, nations=NATIONS)
    # A lookup whose columns nobody knows is no reason to refuse the release.
    court.rewrite(release, court.NATIONS, lambda text: text.replace(b"NAT_NAME", b"X"))
    with court.load(release) as data:
        columns = data.judgement.dataset.columns("cases")
    assert "nationality" in columns
    assert "nationality_name" not in columns
    assert not court.account(release).unknown_codes
    assert "eoir-unread-lookup" in court.warned(release)


def test_counsel_appeared_on_the_earliest_day(tmp_path: Path) -> None:
    release = court.draw(
        tmp_path,
        proceedings="| IDNPROCEEDING | IDNCASE | INPUT_DATE |\n| 11 | 1 | 2019-03-01 |",
        cases="""
        | IDNCASE | E_28_DATE  |
        | 1       | 2019-07-01 |
        | 1       | 2019-06-01 |
        | 1       |            |
        | 2       | 2019-01-01 |
        """,
    )
    assert court.rows(release, "cases", "representation_date") == [(Day(2019, 6, 1),)]
    account = court.account(release, court.CASES)
    assert (account.rows_used, account.rows_outside) == (3, {"other-case": 1})


# ------------------------------------------------------------------- completions


@pytest.mark.parametrize(
    ("dec", "other", "outcome"),
    [
        ("X", "", "removal_ordered"),
        ("R", "", "relief_granted"),
        ("E", "", "removal_ordered"),
        ("T", "", "terminated"),
        ("X", "C", "removal_ordered"),  # with both codes the decision decides
        ("K", "", None),  # known, but not as a completion
        ("K", "A", None),
        ("x", "", None),  # another code, and nobody knows it
        ("NA", "", None),
        ("", "X", None),  # zero bond
        ("", "C", None),
        ("", "T", None),
        ("", "J", None),
        ("", "F", "failure_to_prosecute"),
        ("", "A", "administratively_closed"),
        ("", "", None),
    ],
)
def test_what_a_completion_is(tmp_path: Path, dec: str, other: str, outcome: str | None) -> None:
    release = court.draw(
        tmp_path,
        proceedings=f"""
        | IDNPROCEEDING | IDNCASE | INPUT_DATE | COMP_DATE  | DEC_CODE | OTHER_COMP |
        | 11            | 1       | 2019-03-01 | 2019-06-01 | {dec}    | {other}    |
        | 12            | 1       | 2019-07-01 |            | X        |            |
        """,
    )
    expected = [] if outcome is None else [(Day(2019, 6, 1), outcome)]
    assert court.rows(release, "completions", "completion_date, outcome") == expected
    initial = outcome not in (None, "failure_to_prosecute", "administratively_closed")
    assert court.figures(release)["cases_completed"] == initial
    account = court.account(release)
    assert account.rows_used == 2
    assert account.unknown_codes == ({f"RMV {dec}": 1} if dec in ("x", "NA") else {})


@pytest.mark.parametrize(
    ("description", "outcome"),
    [
        ("Remove", "removal_ordered"),
        ("REMOVE-CAT Deferral Granted", "removal_ordered"),
        ("Relief Granted", "relief_granted"),
        ("Grant", "relief_granted"),
        ("Grant-INA Withholding", "relief_granted"),
        ("Conditional Grant", "relief_granted"),
        ("Final Grant of EOIR 42B/SUSP", "relief_granted"),
        ("Voluntary Departure", "voluntary_departure"),
        ("Terminated", "terminated"),
        ("Terminate", "terminated"),
        ("Prosecutorial Discretion - Terminated", "terminated"),
        ("Dismissed by IJ", "dismissed"),
        ("Withdraw", "withdrawn"),
        ("Withdrawn", "withdrawn"),
        ("Deport", "other"),
        ("", "other"),
    ],
)
def test_an_outcome_is_what_the_description_says(
    tmp_path: Path, description: str, outcome: str
) -> None:
    lookup = (
        "| strCaseType | strDecCode | strDecDescription | strDecType |\n"
        f"| RMV | Q | {description} | C |"
    )
    release = court.draw(
        tmp_path,
        decisions=lookup,
        proceedings="| IDNPROCEEDING | IDNCASE | INPUT_DATE | COMP_DATE | DEC_CODE |\n"
        "| 11 | 1 | 2019-03-01 | 2019-06-01 | Q |",
    )
    assert court.rows(release, "completions", "outcome") == [(outcome,)]


def test_a_key_that_stands_twice_in_the_lookup(tmp_path: Path) -> None:
    def outcome(rows: str) -> object:
        release = court.draw(
            tmp_path,
            decisions="| strCaseType | strDecCode | strDecDescription | strDecType | blnActive |\n"
            + rows,
            proceedings="| IDNPROCEEDING | IDNCASE | INPUT_DATE | COMP_DATE | DEC_CODE |\n"
            "| 11 | 1 | 2019-03-01 | 2019-06-01 | X |",
        )
        return court.rows(release, "completions", "outcome")[0][0]

    assert outcome("| RMV | X | Withdrawn | C | 0 |\n| RMV | X | Remove | C | 1 |") == (
        "removal_ordered"
    )
    assert outcome("| RMV | X | Withdrawn | C | 0 |\n| RMV | X | Remove | C | 0 |") == "withdrawn"
    assert outcome("| DEP | X | Withdrawn | C | 1 |\n| RMV | X | Remove | C | 0 |") == (
        "removal_ordered"
    )


def test_without_the_lookup_a_table_of_mpps_own_is_used_and_said(tmp_path: Path) -> None:
    proceedings = (
        "| IDNPROCEEDING | IDNCASE | INPUT_DATE | COMP_DATE | DEC_CODE |\n"
        "| 11 | 1 | 2019-03-01 | 2019-06-01 | X |"
    )
    release = court.draw(tmp_path, decisions=None, proceedings=proceedings)
    assert court.rows(release, "completions", "outcome") == [("removal_ordered",)]
    assert "eoir-built-in-lookup" in court.warned(release)
    with court.explained(release) as report:
        (note,) = [each for each in report.metrics[2].footnotes if each.id == "eoir-completion"]
    assert "mpp's own, incomplete table" in note.text
    assert "the release's own" not in note.text


def test_absentia_and_the_reopening(tmp_path: Path) -> None:
    release = court.draw(
        tmp_path,
        proceedings="""
        | IDNPROCEEDING | IDNCASE | INPUT_DATE | COMP_DATE  | DEC_CODE | ABSENTIA |
        | 11            | 1       | 2019-03-01 | 2019-06-01 | X        | Y |
        | 14            | 1       | 2019-12-01 | 2020-02-01 | T        |   |
        | 12            | 1       | 2019-09-01 | 2019-10-01 | X        | N |
        """,
    )
    columns = "completion_date, completion_type, in_absentia, reopened_date"
    assert court.rows(release, "completions", columns) == [
        (Day(2019, 10, 1), None, False, Day(2019, 12, 1)),
        (Day(2019, 6, 1), "initial", True, Day(2019, 9, 1)),
        (Day(2020, 2, 1), None, None, None),
    ]


def test_two_completions_of_one_day_are_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    release = court.draw(
        tmp_path,
        proceedings="""
        | IDNPROCEEDING | IDNCASE | INPUT_DATE | COMP_DATE           | DEC_CODE |
        | 100           | 1       | 2019-03-01 | 2019-06-01 08:00:00 | X |
        | 99            | 1       | 2019-03-01 | 2019-06-01 17:00:00 | T |
        """,
    )
    found = court.rows(release, "completions", "outcome, completion_type")
    assert found == [("removal_ordered", None), ("terminated", "initial")]


@pytest.mark.parametrize(("first", "second"), ["XT", "TX"])
def test_a_corrected_proceeding_is_one_proceeding_with_the_values_of_its_last_row(
    tmp_path: Path, first: str, second: str
) -> None:
    release = court.draw(
        tmp_path,
        proceedings=f"""
        | IDNPROCEEDING | IDNCASE | INPUT_DATE | COMP_DATE  | DEC_CODE | NAT      | ABSENTIA |
        | 12            | 1       | 2019-03-01 | 2019-06-01 | X        | GT       | Y |
        | 11            | 1       | 2019-02-01 | 2019-05-01 | {first}  | {first}  |   |
        | 11            | 1       | 2019-03-01 | 2019-06-01 | {second} | {second} | N |
        """,
    )
    found = court.rows(release, "completions", "_line, completion_type, completion_date")
    assert found == [(2, None, Day(2019, 6, 1)), (4, "initial", Day(2019, 6, 1))]
    cases = court.rows(release, "cases", "nationality, nta_filed_date")
    assert cases == [(second, Day(2019, 3, 1))]
    account = court.account(release)
    assert (account.rows_used, account.rows_outside) == (2, {"superseded": 1})


CORRECTED = """
| IDNPROCEEDING | IDNCASE | INPUT_DATE | COMP_DATE  | DEC_CODE | CASE_TYPE |
| 11            | 1       | 2019-03-01 | 2019-06-01 | X        | RMV |
| 11            | 1       | 2019-03-01 | 2019-06-02 | X        | RMV |
| 11            | 1       | 2019-03-01 | 2019-06-01 | X        | RMV |
| 12            | 2       | 2019-03-01 | 2019-06-01 | X        | RMV |
| 12            | 2       | 2019-03-01 | 2019-06-01 | X        | WHO |
"""


@pytest.mark.parametrize("kept", [False, True])
def test_a_correction_of_a_correction_and_one_of_the_case_type(tmp_path: Path, kept: bool) -> None:
    made = court.draw(
        tmp_path,
        identifiers="| IDNCASE | CASE_ID |\n| 1 | MP |\n| 2 | MP |",
        proceedings=CORRECTED,
    )
    account = court.account(made)
    # The last row about 11 is a copy of the first, which stands; that about 12 is of another type.
    assert (account.rows_used, account.set_aside) == (1, {"duplicate": 1})
    assert account.rows_outside == {"superseded": 2, "other-case-type": 1}
    assert court.rows(made, "completions", "_line, completion_date") == [(2, Day(2019, 6, 1))]
    if kept:
        out = tmp_path / "out"
        assert run(["import", "eoir", str(made), "-o", str(out), "-q"])[0] == 0
        made = out
    asked = ["explain", "completion-rate", "--data", str(made), "--no-config", "--case"]
    code, page, _ = run([*asked, "1"])
    assert code == 0
    assert "B_TblProceeding.csv:3: outside (superseded); the row on line 4 counts" in page.decode()
    _, answer, _ = run_json([*asked, "2"])
    assert answer is not None
    assert answer["case"]["corrected"] == [{"file": "B_TblProceeding.csv", "line": 5, "by": 6}]


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        (("rmv",), "has the case type rmv (case-types); there are RMV, WHO"),
        (("RMV", "WOH", "AOC"), "has the case type WOH, AOC (case-types); there are WHO, RMV"),
        (("RMV", "WHO"), None),
    ],
)
def test_a_case_type_that_no_proceeding_has(
    tmp_path: Path, chosen: tuple[str, ...], said: str | None
) -> None:
    release = court.draw(
        tmp_path,
        proceedings="""
        | IDNPROCEEDING | IDNCASE | INPUT_DATE | CASE_TYPE |
        | 11            | 1       | 2019-03-01 | WHO |
        | 12            | 1       | 2019-03-01 | RMV |
        """,
    )
    with court.load(release, case_types=chosen) as data:
        found = [
            each.text
            for each in data.judgement.dataset.warnings
            if each.id == "eoir-no-such-case-type"
        ]
    assert len(found) == (said is not None)
    assert not said or found[0].endswith(said)


# ------------------------------------------------------------------------ relief


@pytest.mark.parametrize(
    ("application", "decision", "granted"),
    [
        ("ASYL F", "R", {"asylum"}),
        ("ASYL P", "X", {"asylum"}),
        ("ASYL D", "X", set()),
        ("ASYL L", "X", set()),
        ("asyl G", "X", {"other"}),  # a code in small letters is another code
        ("42B G", "X", {"other"}),
        ("42B L", "X", set()),
        ("VD G", "X", set()),  # voluntary departure is an outcome of its own
        ("ASYW G", "X", {"statutory_withholding"}),
        ("WCAT G", "X", {"cat_withholding"}),
        ("WCAT L", "X", {"cat_withholding"}),
        ("42B D", "E", {"statutory_withholding"}),
        ("42B D", "Z", {"cat_withholding"}),
        ("42B D", "G", {"cat_deferral"}),
        # There is no code for deferral: the decision is the better witness.
        ("WCAT G", "G", {"cat_deferral"}),
        ("WCAT L", "G", {"cat_deferral"}),
        ("ASYL G", "G", {"asylum", "cat_deferral"}),
        ("42B G", "R", {"other"}),
        ("ASYL G", "R", {"asylum"}),
        # Relief, but of what kind?
        ("42B D", "R", {"unknown"}),
        ("VD G", "R", {"unknown"}),
        # This decision says itself that it is cancellation or suspension.
        ("ASYL D", "Q", {"other"}),
        ("ASYL G", "E", {"asylum", "statutory_withholding"}),
    ],
)
def test_what_relief_is(tmp_path: Path, application: str, decision: str, granted: set[str]) -> None:
    code, letter = application.split()
    release = court.draw(
        tmp_path,
        proceedings=f"""
        | IDNPROCEEDING | IDNCASE | INPUT_DATE | COMP_DATE  | DEC_CODE    |
        | 11            | 1       | 2019-03-01 | 2019-06-01 | {decision} |
        """,
        applications=f"""
        | IDNPROCEEDINGAPPLN | IDNPROCEEDING | IDNCASE | APPL_CODE | APPL_DEC |
        | 901                | 11            | 1       | {code}    | {letter} |
        """,
    )
    found = court.rows(release, "grants", "relief_type, granted_date")
    assert {row[0] for row in found} == granted
    assert {row[1] for row in found} <= {Day(2019, 6, 1)}
    figures = court.figures(release)
    assert figures["relief_granted"] == bool(granted - {"cat_deferral", "other", "unknown"})
    # Withholding comes with a removal order: the case counts as completed as well.
    assert figures["cases_completed"] == 1


def test_an_application_that_is_repeated_counts_from_its_first_grant(tmp_path: Path) -> None:
    release = court.draw(
        tmp_path,
        proceedings="""
        | IDNPROCEEDING | IDNCASE | INPUT_DATE | COMP_DATE  | DEC_CODE |
        | 12            | 1       | 2019-09-01 | 2020-06-01 | R |
        | 11            | 1       | 2019-03-01 | 2019-06-01 | R |
        """,
        applications="""
        | IDNPROCEEDINGAPPLN | IDNPROCEEDING | IDNCASE | APPL_CODE | APPL_DEC |
        | 901                | 12            | 1       | ASYL      | G |
        | 902                | 11            | 1       | ASYL      | G |
        """,
    )
    # The later decision granted it again: that is told, and the case counts once, from the first.
    found = court.rows(release, "grants", "granted_date, relief_type, _line")
    assert found == [(Day(2019, 6, 1), "asylum", 3), (Day(2020, 6, 1), "asylum", 2)]
    assert court.figures(release, "2019-12-31")["relief_granted"] == 1
    assert court.figures(release, "2020-12-31")["relief_granted"] == 1


MOVED = """
| IDNPROCEEDING | IDNCASE | INPUT_DATE | COMP_DATE  | OTHER_COMP | DEC_CODE |
| 11            | 1       | 2019-03-01 | 2019-06-01 | C          |          |
| 12            | 1       | 2019-06-02 | 2019-09-01 | T          |          |
| 13            | 1       | 2019-09-02 | 2020-02-01 |            | {first}  |
| 14            | 1       | 2020-03-01 | 2020-08-01 |            | {last}   |
"""


@pytest.mark.parametrize("proceeding", ["11", "12", "13"])
@pytest.mark.parametrize(
    ("first", "granted"),
    [("X", "cat_withholding"), ("G", "cat_deferral"), ("x", "cat_withholding")],
)
def test_what_was_granted_where_no_decision_ended_the_proceeding_has_the_date_of_the_next_decision(
    tmp_path: Path, proceeding: str, first: str, granted: str
) -> None:
    release = court.draw(
        tmp_path,
        proceedings=MOVED.format(first=first, last="X"),
        applications=f"""
        | IDNPROCEEDINGAPPLN | IDNPROCEEDING | IDNCASE | APPL_CODE | APPL_DEC |
        | 901                | {proceeding}  | 1       | WCAT      | L |
        """,
    )
    found = court.rows(release, "grants", "relief_type, granted_date")
    assert found == [(granted, Day(2020, 2, 1))]
    # A change of venue grants nothing: before the decision there is no relief.
    assert court.figures(release, "2020-01-31")["relief_granted"] == 0


def test_without_a_later_decision_it_keeps_the_date_of_its_proceeding(tmp_path: Path) -> None:
    release = court.draw(
        tmp_path,
        proceedings="""
        | IDNPROCEEDING | IDNCASE | INPUT_DATE | COMP_DATE  | OTHER_COMP | DEC_CODE |
        | 10            | 1       | 2019-03-01 | 2019-05-01 |            | X |
        | 11            | 1       | 2019-03-01 | 2019-06-01 | C          |   |
        | 12            | 1       | 2019-03-01 | 2019-07-01 | T          |   |
        | 13            | 1       | 2019-06-02 |            |            | X |
        """,
        applications="""
        | IDNPROCEEDINGAPPLN | IDNPROCEEDING | IDNCASE | APPL_CODE | APPL_DEC |
        | 901                | 11            | 1       | ASYL      | G |
        | 902                | 12            | 1       | ASYL      | G |
        """,
    )
    # The later move grants nothing again.
    assert court.rows(release, "grants", "relief_type, granted_date") == [
        ("asylum", Day(2019, 6, 1))
    ]


def test_a_decision_that_grants_what_was_asked_for_before_a_move_is_not_unknown(
    tmp_path: Path,
) -> None:
    release = court.draw(
        tmp_path,
        proceedings=MOVED.format(first="R", last="R"),
        applications="""
        | IDNPROCEEDINGAPPLN | IDNPROCEEDING | IDNCASE | APPL_CODE | APPL_DEC |
        | 901                | 11            | 1       | ASYL      | G |
        """,
    )
    assert court.rows(release, "grants", "relief_type, granted_date") == [
        ("asylum", Day(2020, 2, 1)),
        ("unknown", Day(2020, 8, 1)),
    ]


@pytest.mark.parametrize("proceeding", ["11", "12", "13", "99"])
def test_a_grant_without_a_dated_proceeding_of_its_case_is_not_counted(
    tmp_path: Path, proceeding: str
) -> None:
    release = court.draw(
        tmp_path,
        proceedings="""
        | IDNPROCEEDING | IDNCASE | INPUT_DATE | COMP_DATE  | CASE_TYPE |
        | 11            | 1       | 2019-03-01 |            | RMV |
        | 12            | 1       | 2019-03-01 | 2019-06-01 | WHO |
        | 13            | 2       | 2019-03-01 | 2019-06-01 | RMV |
        """,
        applications=f"""
        | IDNPROCEEDINGAPPLN | IDNPROCEEDING | IDNCASE | APPL_CODE | APPL_DEC |
        | 901                | {proceeding}  | 1       | ASYL      | G |
        """,
    )
    assert court.rows(release, "grants", "case_id") == []
    assert court.account(release, court.APPLICATIONS).rows_used == 1
    assert "eoir-undated-grant" in court.warned(release)


def test_without_applications_relief_is_unavailable_and_not_zero(tmp_path: Path) -> None:
    release = court.draw(
        tmp_path,
        applications=None,
        proceedings="| IDNPROCEEDING | IDNCASE | INPUT_DATE |\n| 11 | 1 | 2019-03-01 |",
    )
    assert "relief_granted" not in court.figures(release)
    with court.load(release) as data:
        metric = mpp_cli.report(data).goals[0].metrics[0]
    assert metric.reason == "the release has no tbl_Court_Appln"


# ----------------------------------------------------------------- other dockets


def test_other_dockets_for_comparison(tmp_path: Path) -> None:
    release = court.draw(
        tmp_path,
        proceedings="""
        | IDNPROCEEDING | IDNCASE | INPUT_DATE | COMP_DATE  | DEC_CODE | CUSTODY | CASE_TYPE |
        | 11            | 1       | 2019-03-01 | 2019-06-01 | X        | N       | RMV |
        | 12            | 2       | 2019-03-01 | 2019-07-01 | X        | D       | RMV |
        | 13            | 3       | 2019-03-01 | 2019-08-01 | T        | N       | RMV |
        | 14            | 4       | 2019-03-01 |            |          | R       | RMV |
        | 15            | 5       | 2019-03-01 |            |          |         | RMV |
        | 16            | 6       | 2019-03-01 |            |          | D       | DEP |
        """,
    )
    found = court.rows(release, "cases", "case_id, docket", compare_dockets=True)
    assert found == [
        ("1", "mpp"),
        ("2", "detained"),
        ("3", "non_detained"),
        ("4", "non_detained"),
    ]
    assert len(court.rows(release, "completions", "case_id", compare_dockets=True)) == 3
    assert court.figures(release, compare_dockets=True)["total_enrolled"] == 1
    account = court.account(release, compare_dockets=True)
    assert (account.rows_used, account.rows_outside) == (
        4,
        {"other-case-type": 1, "no-docket": 1},
    )
    assert court.account(release).rows_outside == {"other-case": 5}


@pytest.mark.parametrize(
    ("custody", "dockets"),
    [
        ("first", ["detained", "detained", "detained", "non_detained"]),
        ("deciding", ["non_detained", "non_detained", "detained", "detained"]),
        ("latest", ["detained", "non_detained", "detained", "detained"]),
    ],
)
def test_the_proceeding_whose_custody_counts(
    tmp_path: Path, custody: str, dockets: list[str]
) -> None:
    release = court.draw(
        tmp_path,
        proceedings="""
        | IDNPROCEEDING | IDNCASE | INPUT_DATE | COMP_DATE  | DEC_CODE | CUSTODY |
        | 11            | 2       | 2019-03-01 |            |          | D |
        | 12            | 2       | 2019-03-01 | 2019-06-01 | X        | N |
        | 13            | 2       | 2019-03-01 | 2019-07-01 | T        | D |
        | 14            | 3       | 2019-03-01 |            |          | D |
        | 15            | 3       | 2019-03-01 | 2019-06-01 | X        |   |
        | 16            | 3       | 2019-03-01 |            |          | R |
        | 17            | 3       | 2019-03-01 |            |          |   |
        | 18            | 4       | 2019-03-01 |            |          | D |
        | 19            | 5       | 2019-03-01 |            |          | N |
        | 20            | 5       | 2019-03-01 | 2019-06-01 | X        | D |
        """,
    )
    rules = {"custody": custody, "compare_dockets": True}
    found = court.rows(release, "cases WHERE docket <> 'mpp'", "case_id, docket", **rules)
    assert found == [*zip("2345", dockets, strict=True)]
    with court.explained(release, **rules) as report:
        notes = {each.id: each.text for each in report.metrics[2].footnotes}
    assert f"(custody {custody})" in notes["eoir-dockets"]


def test_a_case_of_another_docket_that_nobody_knows_is_an_orphan(tmp_path: Path) -> None:
    release = court.draw(
        tmp_path,
        identifiers="| IDNCASE | CASE_ID |\n| 1 | MP |\n| 2 | JL |",
        proceedings="""
        | IDNPROCEEDING | IDNCASE | INPUT_DATE | CUSTODY |
        | 11            | 1       | 2019-03-01 | N |
        | 12            | 2       | 2019-03-01 | D |
        | 13            | 3       | 2019-03-01 | N |
        | 14            | 4       | 2019-03-01 | N |
        """,
        cases="| IDNCASE |\n| 3 |",
    )
    found = court.rows(release, "cases", "case_id, docket", compare_dockets=True)
    assert found == [("1", "mpp"), ("2", "detained"), ("3", "non_detained")]
    account = court.account(release, compare_dockets=True)
    assert (account.set_aside, account.examples) == ({"orphan": 1}, {"orphan": (5,)})
    # Asked only about MPP, the row is one of another case.
    assert court.account(release).rows_outside == {"other-case": 3}


OLD_AND_NEW = """
| IDNPROCEEDING | IDNCASE | INPUT_DATE | COMP_DATE  | DEC_CODE | CUSTODY |
| 11            | 1       | 2019-03-01 | 2019-06-01 | X        | N |
| 12            | 2       | 2020-03-01 |            |          | N |
| 13            | 3       | 1998-03-01 | 1999-07-01 | X        | N |
| 14            | 4       | 2019-03-01 | 2019-07-01 | X        | N |
| 15            | 5       | 2020-12-31 |            |          | R |
| 16            | 6       | 2021-01-01 |            |          | R |
| 17            | 7       | 2018-12-31 |            |          | D |
"""


@pytest.mark.parametrize("kept", [False, True])
def test_other_dockets_are_compared_in_the_years_in_which_mpp_cases_were_filed(
    tmp_path: Path, kept: bool
) -> None:
    made = court.draw(
        tmp_path,
        identifiers="| IDNCASE | CASE_ID |\n| 1 | MP |\n| 2 | MP |",
        proceedings=OLD_AND_NEW,
    )
    if kept:
        out = tmp_path / "out"
        imported = ["import", "eoir", str(made), "-o", str(out), "--compare-dockets", "-q"]
        assert run(imported)[0] == 0
        made = out
    rules: dict[str, object] = {} if kept else {"compare_dockets": True}
    with court.load(made, **rules) as data:
        rate = mpp_cli.metric(data, "completion-rate", as_of="2021-06-30", by=["docket"]).metric
        by_year = mpp_cli.metric(
            data, "completion-rate", as_of="2021-06-30", by=["docket", "calendar_year"]
        ).metric
        days = mpp_cli.metric(data, "time-to-completion", as_of="2021-06-30", by=["docket"]).metric
    assert {row.by["docket"]: dict(row.values) for row in rate.rows} == {
        "mpp": {
            "total_enrolled": 2,
            "cases_completed": 1,
            "completion_percentage": Fraction(1, 2),
        },
        "non_detained": {
            "total_enrolled": 2,
            "cases_completed": 1,
            "completion_percentage": Fraction(1, 2),
        },
    }
    assert any("2019 to 2020" in note for note in rate.notes)
    # By year every year stands for itself.
    years = {(row.by["docket"], row.by["calendar_year"]) for row in by_year.rows}
    assert years >= {("non_detained", 1998), ("non_detained", 2021), ("detained", 2018)}
    assert not any("2019 to 2020" in note for note in by_year.notes)
    cases = {row.by["docket"]: row.values["cases_timed"] for row in days.rows}
    assert cases == {"mpp": 1, "non_detained": 1}


TAGGED = "| IDNCASE | CASE_ID |\n| 1 | MP |\n| 2 | RM |\n| 3 | RM |\n| 3 | MP |"


@pytest.mark.parametrize(
    ("asked", "enrolled"), [("RM", 2), ("MP", 2), ("mp", 2), ("MP RM", 1), ("RM MP", 1)]
)
@pytest.mark.parametrize("kept", [False, True])
def test_a_condition_on_the_identifier_takes_the_cases_that_have_it_among_others(
    tmp_path: Path, asked: str, enrolled: int, kept: bool
) -> None:
    made = court.draw(
        tmp_path,
        identifiers=TAGGED,
        proceedings="| IDNPROCEEDING | IDNCASE | INPUT_DATE |\n| 11 | 1 | 2019-03-01 |\n"
        "| 12 | 2 | 2022-03-01 |\n| 13 | 3 | 2019-03-01 |",
    )
    if kept:
        out = tmp_path / "out"
        assert run(["import", "eoir", str(made), "-o", str(out), "-q"])[0] == 0
        made = out
    with court.load(made) as data:
        metric = mpp_cli.metric(data, "total-enrolled", where={"identifier": asked})
        groups = mpp_cli.metric(data, "total-enrolled", by=["identifier"]).metric
    assert metric.value == enrolled
    assert not any(each.id == "several-spellings" for each in metric.head.warnings)
    assert {row.by["identifier"]: row.values["total_enrolled"] for row in groups.rows} == {
        "MP": 1,
        "RM": 1,
        "MP RM": 1,
    }
    notes = {each.id: each.text for each in groups.footnotes}
    assert "A case with both identifiers is one case" in notes["eoir-cohort"]


def test_a_case_without_a_selected_proceeding_is_called_so(tmp_path: Path) -> None:
    made = court.draw(
        tmp_path,
        identifiers="| IDNCASE | CASE_ID |\n| 1 | MP |\n| 2 | MP |\n| 3 | MP |",
        proceedings="""
        | IDNPROCEEDING | IDNCASE | INPUT_DATE | CASE_TYPE |
        | 11            | 1       | 2019-03-01 | RMV |
        | 12            | 2       | 2019-03-01 | WHO |
        """,
    )
    with court.load(made) as data:
        (ledger,) = mpp_cli.metric(data, "total-enrolled").metric.ledger
        explained = mpp_cli.analysis.api.explain(data, "total-enrolled", case="2").case
    left_out = {each.rule: (each.count, each.text) for each in ledger.excluded}
    assert left_out["nta-filed-only"] == (
        2,
        "cases without a selected proceeding that has a date",
    )
    assert explained is not None
    (failed,) = [rule for rule in explained.measures[0].rules if rule.decides]
    assert failed.leaves_out == "cases without a selected proceeding that has a date"


@pytest.mark.parametrize("count", [1, 2, 7])
def test_the_number_of_buckets_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    write_release(tmp_path, Size(mpp_cases=80), seed=count)
    tables = {
        "cases": "case_id, nta_filed_date, hearing_location, nationality_name, docket, _line",
        "completions": "case_id, completion_date, outcome, completion_type, reopened_date, _line",
        "grants": "case_id, granted_date, relief_type, _line",
    }
    found = []
    for size in (1 << 30, (tmp_path / "B_TblProceeding.csv").stat().st_size // count):
        monkeypatch.setattr(proceedings, "FILE_BYTES", size)
        release = {"compare_dockets": True, "cohort": "either"}
        found.append(
            [court.rows(tmp_path, name, columns, **release) for name, columns in tables.items()]
            + [court.account(tmp_path, **release)]
        )
    assert found[0] == found[1]


# ------------------------------------------------------------------ what is said


def test_every_rule_is_a_footnote_and_referrals_are_not_in_this_source(tmp_path: Path) -> None:
    release = court.draw(
        tmp_path,
        proceedings="| IDNPROCEEDING | IDNCASE | INPUT_DATE |\n| 11 | 1 | 2019-03-01 |",
    )
    named = release.rename(tmp_path / "EOIR Case Data 2026-02-01")
    with court.load(named, cohort="either", nta_date="issued") as data:
        report = mpp_cli.report(data)
    metrics = {metric.name: metric for metric in report.metrics}
    ids = {note.id for note in metrics["completion-rate"].footnotes}
    assert ids >= {
        "eoir-cohort",
        "eoir-case-types",
        "eoir-nta-date",
        "eoir-completion",
        "eoir-release",
    }
    assert "eoir-relief" in {note.id for note in metrics["relief-granted"].footnotes}
    text = " ".join(note.text for note in metrics["completion-rate"].footnotes)
    assert "cohort either" in text
    assert "nta-date issued" in text
    assert "EOIR Case Data 2026-02-01" in text
    assert "released by 2026-02-01" in text
    assert "will not equal what was published then" in text
    referrals = metrics["non-refoulement-referrals"]
    assert referrals.status == "unavailable"
    assert "not in the court's data" in (referrals.reason or "")


def test_the_data_end_on_the_day_of_the_release(tmp_path: Path) -> None:
    release = court.draw(
        tmp_path,
        proceedings="""
        | IDNPROCEEDING | IDNCASE | INPUT_DATE | COMP_DATE  | DEC_CODE |
        | 11            | 1       | 2019-03-01 | 2019-06-01 | X |
        | 12            | 1       | 2019-03-01 | 2025-12-31 | X |
        """,
    )
    named = release.rename(tmp_path / "release of September 2025")
    with court.load(named) as data:
        assert data.judgement.end == Day(2019, 6, 1)
        # The identifiers are undated: all dates are those of proceedings.
        through = {Path(each.file).stem: each.through for each in data.judgement.sources}
        assert {name for name, day in through.items() if day} == {court.PROCEEDINGS}
        report = mpp_cli.report(data, as_of="2026-01-31")
    warnings = {each.id: each for each in report.head.warnings}
    late = warnings["date-after-data-end"]
    assert late.text == ("1 completion_date lies after the data's end, their release on 2025-09-30")
    assert (late.file, late.line) == ("B_TblProceeding.csv", 3)
    beyond = warnings["as-of-beyond-data"].text
    assert beyond.endswith("is not in them, but for what is dated after their end")


def test_referrals_and_encounters_can_be_added_but_not_cases(tmp_path: Path) -> None:
    release = court.draw(
        tmp_path,
        proceedings="| IDNPROCEEDING | IDNCASE | INPUT_DATE |\n| 11 | 1 | 2019-03-01 |",
    )
    referrals, cases = tmp_path / "referrals.csv", tmp_path / "cases.csv"
    referrals.write_text("case_id,referred_date,outcome\n1,2019-04-01,negative\n8,2019-04-01,\n")
    cases.write_text("case_id\n1\n")
    with mpp_cli.load([release, referrals], today=court.TODAY) as data:
        report = mpp_cli.report(data)
        sources = {source.file: source for source in report.head.sources}
    assert report.goals[0].metrics[1].headline_measure.value == 1
    assert sources["referrals.csv"].set_aside == {"orphan": 1}
    with pytest.raises(DataError, match=r"the table cases is in .* already"):
        mpp_cli.load([release, cases])


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ({"cohort": "identifer"}, 'did you mean "identifier"'),
        ({"nta_date": "filed"}, "known names: input, issued"),
        ({"case_types": ()}, "write codes with commas"),
        ({"custody": "last"}, "latest"),
    ],
)
def test_a_choice_that_does_not_exist(rules: dict[str, object], said: str) -> None:
    with pytest.raises(UsageError) as error:
        Options(**rules)  # type: ignore[arg-type]
    assert said in (error.value.hint or "")
