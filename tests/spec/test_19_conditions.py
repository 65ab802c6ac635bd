"""``--where``: a value that is not there is refused, whoever asks; letters are equal in any case.

Every command that takes the option is asked through the command line, because the answer must
not have begun when the refusal comes.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import mpp_cli
from mpp_cli.analysis import api
from mpp_cli.common.errors import UsageError
from tests.harness import run
from tests.spec.draw import ask, draw, excluded, figures, groups

TABLES = {
    "cases": """
        | case_id | nta_filed_date | component | nationality | court      |
        | A       | 2019-03-01     | USBP      | HONDURAS    | El Paso    |
        | B       | 2019-04-01     | USBP      | HONDURAS    | EL PASO    |
        | C       | 2019-05-01     | USBP      | CUBA        | Laredo     |
        | D       | 2019-06-01     | USBP      |             | San Ysidro |
    """,
    "completions": """
        | case_id | completion_date | outcome    |
        | A       | 2019-10-01      | terminated |
    """,
    "grants": "| case_id | granted_date | relief_type |",
    "referrals": "| case_id | referred_date |",
    "encounters": """
        | fiscal_year | month | component | encounters | citizenship |
        | 2020        | OCT   | USBP      | 70         | HONDURAS    |
        | 2020        | OCT   | USBP      | 20         | Cuba        |
        | 2020        | OCT   | OFO       | 5          | CUBA        |
    """,
}
#: The year before: the same people, their nationality in other letters.
EARLIER = {
    **TABLES,
    "cases": """
        | case_id | nta_filed_date | component | nationality | court   |
        | A       | 2019-03-01     | USBP      | Honduras    | El Paso |
        | C       | 2019-05-01     | USBP      | Cuba        | Laredo  |
        | P       | 2019-05-01     | USBP      | Peru        | Laredo  |
    """,
}

AS_OF = ["--as-of", "2019-12-31"]

#: Every command that takes conditions.
COMMANDS: dict[str, list[str]] = {
    "report": ["report", *AS_OF],
    "report in html": ["report", "-f", "html", *AS_OF],
    "metric": ["metric", "completion-rate", *AS_OF],
    "a bare figure": ["metric", "total-enrolled", "-f", "value", *AS_OF],
    "trend": ["trend", "total-enrolled", "--to", "2019-12-31"],
    "compare": ["compare", "--with", "2019-06-30", *AS_OF],
    "variants": ["variants", "completion-rate", *AS_OF],
    "reconcile": ["reconcile"],
    "explain": ["explain", "completion-rate", *AS_OF],
    "explain a case": ["explain", "completion-rate", "--case", "A", *AS_OF],
    "explain all cases": ["explain", "completion-rate", "--cases", "-", *AS_OF],
}


@pytest.fixture(scope="module")
def data() -> Path:
    return draw(TABLES)


def mpp(data: Path, arguments: list[str], *more: str) -> tuple[int, str, str]:
    code, out, err = run([*arguments, "--data", str(data), "--no-config", *more])
    return code, out.decode(), err


def answer(data: Path, arguments: list[str], *more: str) -> Any:
    code, out, err = mpp(data, arguments, "-f", "json", *more)
    assert code == 0, err
    return json.loads(out)


# ------------------------------------------------------- a value that is not there


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("quiet", [[], ["-q"]], ids=["", "quiet"])
def test_a_value_that_no_case_has_is_refused_with_the_nearest(
    data: Path, command: str, quiet: list[str]
) -> None:
    code, out, err = mpp(data, COMMANDS[command], "--where", "nationality=HONDURS", *quiet)
    assert (code, out) == (2, "")
    assert err.splitlines()[-2:] == [
        'mpp: error: --where: no case has nationality "HONDURS"',
        'hint: did you mean "HONDURAS"?',
    ]


@pytest.mark.parametrize(
    ("command", "condition", "rows", "hint"),
    [
        (["metric", "enforcement-encounters"], "citizenship=HONDURS", "encounter", '"HONDURAS"'),
        (["trend", "enforcement-encounters"], "citizenship=HONDURS", "encounter", '"HONDURAS"'),
        (["report"], "citizenship=HONDURS", "encounter", '"HONDURAS"'),
        (["report"], "nationality=Atlantis", "case", "`--by nationality`"),
        (["metric", "total-enrolled"], "component=OFO", "case", "`--by component`"),
        (["metric", "total-enrolled"], "nta_filed_date=2019-03-02", "case", '"2019-03-01"'),
        (["metric", "enforcement-encounters"], "month=NOV", "encounter", "`--by month`"),
    ],
    ids=" ".join,
)  # fmt: skip
def test_what_rows_lack_the_value_is_said(
    data: Path, command: list[str], condition: str, rows: str, hint: str
) -> None:
    code, out, err = mpp(data, command, "--where", condition)
    column, _, value = condition.partition("=")
    assert (code, out) == (2, "")
    assert f'--where: no {rows} has {column} "{value}"' in err
    assert hint in err.splitlines()[-1]


def test_one_of_two_conditions_is_enough_to_be_refused(data: Path) -> None:
    both = ["--where", "component=USBP", "--where", "nationality=PERU"]
    assert mpp(data, COMMANDS["metric"], *both)[0] == 2


def test_conditions_that_no_case_meets_together_are_an_answer(data: Path) -> None:
    found = ask(data, "total-enrolled", where={"nationality": "CUBA", "court": "San Ysidro"})
    assert figures(found) == {"total_enrolled": 0}


def test_nobody_with_a_blank_is_an_answer(data: Path) -> None:
    for blank in ("", "(blank)"):
        found = ask(data, "total-enrolled", where={"court": blank})
        assert figures(found) == {"total_enrolled": 0}
        (remark,) = found.head.warnings[-1:]
        assert remark.text == "no case has a blank court"


def test_a_value_of_one_table_is_enough_for_a_report(data: Path) -> None:
    code, out, err = mpp(data, COMMANDS["report"], "--where", "component=OFO", "-f", "json")
    assert code == 0
    shown = {each["name"]: each for goal in json.loads(out)["goals"] for each in goal["metrics"]}
    assert shown["total-enrolled"]["measures"][0]["value"] == 0
    assert shown["enforcement-encounters"]["measures"][0]["value"] == 5
    assert 'mpp: warning: no case has component "OFO"' in err


def test_a_table_without_rows_refuses_nothing() -> None:
    empty = draw({"cases": "| case_id | nta_filed_date | nationality |"})
    assert figures(ask(empty, "total-enrolled", where={"nationality": "X"})) == {
        "total_enrolled": 0
    }


def test_a_docket_that_is_blank_is_that_of_mpp() -> None:
    data = draw({"cases": "| case_id | nta_filed_date | docket |\n| A | 2019-03-01 |  |"})
    assert figures(ask(data, "total-enrolled", where={"docket": "mpp"})) == {"total_enrolled": 1}


def test_python_raises_what_the_command_line_prints(data: Path) -> None:
    with mpp_cli.load(data) as loaded, pytest.raises(UsageError) as caught:
        api.report(loaded, where={"nationality": "HONDURS"})
    assert caught.value.hint == 'did you mean "HONDURAS"?'


def test_a_column_that_only_one_table_has_leaves_the_others_whole(data: Path) -> None:
    document = answer(data, COMMANDS["report"], "--where", "nationality=CUBA")
    metrics = {each["name"]: each for goal in document["goals"] for each in goal["metrics"]}
    assert metrics["total-enrolled"]["measures"][0]["value"] == 1
    assert metrics["enforcement-encounters"]["measures"][0]["value"] == 95


# ---------------------------------------------------------------- in any letters


@pytest.mark.parametrize("written", ["HONDURAS", "Honduras", "honduras", " hOnDuRaS "])
def test_letters_of_any_case_find_the_value(data: Path, written: str) -> None:
    found = ask(data, "total-enrolled", where={"nationality": written})
    assert figures(found) == {"total_enrolled": 2}
    assert excluded(found, "total_enrolled") == {"where": 2}
    assert found.head.request.where == {"nationality": "HONDURAS"}


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_answers_as_for_the_spelling_of_the_data(data: Path, command: str) -> None:
    written, spelled = (
        mpp(data, COMMANDS[command], "--where", f"nationality={text}")
        for text in ("honduras", "HONDURAS")
    )
    assert written == spelled
    assert written[0] == 0


def test_a_spelling_that_is_written_exactly_is_meant_alone(data: Path) -> None:
    by_court = groups(ask(data, "total-enrolled", by=("court",)), "total_enrolled")
    assert by_court == {"EL PASO": 1, "El Paso": 1, "Laredo": 1, "San Ysidro": 1}
    for court in ("EL PASO", "El Paso"):
        found = ask(data, "total-enrolled", where={"court": court})
        assert figures(found) == {"total_enrolled": 1}
        assert "several-spellings" not in [each.id for each in found.head.warnings]


def test_a_spelling_of_no_row_takes_all_that_differ_in_case_alone_and_says_so(data: Path) -> None:
    found = ask(data, "total-enrolled", where={"court": "el paso"})
    assert figures(found) == {"total_enrolled": 2}
    assert found.head.request.where == {"court": "el paso"}
    (remark,) = (each for each in found.head.warnings if each.id == "several-spellings")
    assert remark.text == ('--where court=el paso takes 2 spellings together: "EL PASO", "El Paso"')


def test_encounters_are_found_in_any_letters(data: Path) -> None:
    cuba = ask(data, "enforcement-encounters", "2019-12-31", where={"citizenship": "cuba"})
    assert figures(cuba) == {"encounters": 25}  # Cuba and CUBA
    exact = ask(data, "enforcement-encounters", "2019-12-31", where={"citizenship": "Cuba"})
    assert figures(exact) == {"encounters": 20}


def test_letters_beyond_ascii_have_case_too() -> None:
    data = draw(
        {
            "cases": """
                | case_id | nta_filed_date | place      |
                | A       | 2019-03-01     | CIUDAD PEÑA |
                | B       | 2019-03-01     | Ciudad Pena |
            """
        }
    )
    assert figures(ask(data, "total-enrolled", where={"place": "ciudad peña"})) == {
        "total_enrolled": 1
    }


@pytest.mark.parametrize("region", ["Southwest Land Border", "southwest", "SOUTHWEST BORDER"])
def test_a_border_region_is_read_as_in_the_data(region: str) -> None:
    data = draw(
        {
            "encounters": """
                | fiscal_year | month | component | encounters | region                |
                | 2020        | OCT   | USBP      | 70         | Southwest Land Border |
            """
        }
    )
    found = ask(data, "enforcement-encounters", "2019-12-31", where={"region": region})
    assert figures(found) == {"encounters": 70}


# ----------------------------------------------------------------- two releases


def compared(written: str) -> Any:
    with mpp_cli.load(draw(TABLES)) as new, mpp_cli.load(draw(EARLIER)) as old:
        found = api.compare(
            new, "total-enrolled", as_of="2019-12-31", before=old, where={"nationality": written}
        )
    (change,) = found.metrics[0].changes
    return change.before, change.after, {part.id: part.value for part in change.parts if part.value}


def test_each_release_is_asked_in_its_own_spelling() -> None:
    assert compared("honduras") == (1, 2, {"record-added-late": 1})
    # One side has this very spelling, the other has the same word in other letters.
    assert compared("HONDURAS") == (1, 2, {"record-added-late": 1})
    assert compared("Honduras") == (1, 2, {"record-added-late": 1})


def test_a_value_that_one_of_two_releases_has_is_compared() -> None:
    assert compared("Peru") == (1, 0, {"record-removed": -1})
    with pytest.raises(UsageError, match='no case has nationality "Pru"'):
        compared("Pru")


# ------------------------------------------------------------- what is asked again


def test_a_saved_report_is_verified_by_the_spelling_that_was_used(
    data: Path, tmp_path: Path
) -> None:
    for written in ("nationality=honduras", "court=el paso"):
        saved = tmp_path / "report.json"
        assert mpp(data, COMMANDS["report"], "--where", written, "-o", str(saved))[0] == 0
        code, out, err = run(["verify", str(saved)])
        assert code == 0, (out, err)


# ------------------------------------------------------------------ what it is of


@pytest.mark.parametrize(
    ("command", "condition", "said"),
    [
        (["metric", "total-enrolled"], "component=USBP", "Only cases with component = USBP."),
        (
            ["metric", "enforcement-encounters"],
            "component=OFO",
            "Only encounters with component = OFO.",
        ),
        (
            ["trend", "enforcement-encounters"],
            "component=OFO",
            "Only encounters with component = OFO.",
        ),
        (
            ["explain", "enforcement-encounters"],
            "component=OFO",
            "Only encounters with component = OFO.",
        ),
        (["report"], "component=USBP", "Only cases and encounters with component = USBP."),
        (["report"], "citizenship=CUBA", "Only encounters with citizenship = CUBA."),
        (["report"], "nationality=CUBA", "Only cases with nationality = CUBA."),
    ],
)
def test_the_page_says_of_what_only_some_are_counted(
    data: Path, command: list[str], condition: str, said: str
) -> None:
    _, out, _ = mpp(data, command, "--where", condition, "-f", "markdown")
    assert said in out
    if command[1:] == ["enforcement-encounters"]:
        page = out.partition("## Sources")[0]
        assert "cases" not in page.lower()


def test_conditions_of_both_tables_are_told_apart(data: Path) -> None:
    both = ["--where", "component=USBP", "--where", "nationality=CUBA"]
    _, out, _ = mpp(data, COMMANDS["report"], *both, "-f", "markdown")
    assert (
        "Only cases with component = USBP and nationality = CUBA. "
        "Only encounters with component = USBP." in out
    )
