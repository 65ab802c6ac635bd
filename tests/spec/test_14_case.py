"""Why one case counts: every rule, its verdict, and the row of the data that decided it."""

from __future__ import annotations

import csv
import json
import os
import stat
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

import mpp_cli
from mpp_cli import api
from mpp_cli.errors import MppError
from mpp_cli.goals import METRICS
from tests.engines.test_agreement import written
from tests.harness import run
from tests.oracle.strategies import Folder, folders
from tests.spec.draw import draw, folder

CASE_METRICS = [name for name in METRICS if name != "enforcement-encounters"]


@pytest.fixture(scope="module")
def data() -> Path:
    return draw(
        {
            "cases": """
                | case_id   | nta_filed_date | docket   | nationality |
                | COMPLETED | 2019-06-03     |          | CUBA        |
                | UNFILED   |                |          | CUBA        |
                | ELSEWHERE | 2019-06-03     | detained | CUBA        |
                | MOVED     | 2019-06-03     |          | CUBA        |
                | LATE      | 2019-06-03     |          | HONDURAS    |
                | COMPLETED | 2019-06-04     |          | PERU        |
                | BROKEN    | 31/12/2019     |          | CUBA        |
            """,
            "completions": """
                | case_id   | completion_date | outcome         | completion_type |
                | COMPLETED | 2020-03-03      | removal_ordered |                 |
                | COMPLETED | 2020-02-03      | terminated      |                 |
                | MOVED     | 2020-02-03      | change_of_venue |                 |
                | LATE      | 2021-02-03      | terminated      |                 |
                | BROKEN    | 2020-02-03      | terminated      |                 |
            """,
        }
    )


def explain(data: Path, *arguments: str) -> tuple[int, str, str]:
    code, out, err = run(
        ["explain", *arguments, "--data", str(data), "--as-of", "2020-12-31", "--no-config"]
    )
    return code, out.decode(), err


def case(data: Path, case_id: str, *more: str) -> dict[str, Any]:
    """The key "case" of the JSON about a case of goal 2."""
    code, out, err = explain(data, "completion-rate", "--case", case_id, "-f", "json", *more)
    assert code == 0, err
    document = json.loads(out)
    assert document["format"] == "mpp-explain/1"
    found: dict[str, Any] = document["case"]
    return found


def rules(found: dict[str, Any], measure: str = "cases_completed") -> list[dict[str, Any]]:
    (only,) = [each for each in found["measures"] if each["measure"] == measure]
    judged: list[dict[str, Any]] = only["rules"]
    return judged


def verdict(found: dict[str, Any], measure: str = "cases_completed") -> str:
    (only,) = [each for each in found["measures"] if each["measure"] == measure]
    return str(only["verdict"])


@pytest.mark.parametrize(
    ("case_id", "said"),
    [
        ("COMPLETED", "counted"),
        ("UNFILED", "nta-filed-only"),
        ("ELSEWHERE", "mpp-docket"),
        ("MOVED", "initial-completions-only"),
        ("LATE", "as-of"),
    ],
)
def test_the_first_rule_that_fails_decides(data: Path, case_id: str, said: str) -> None:
    found = case(data, case_id)
    assert verdict(found) == said
    assert [each["rule"] for each in rules(found) if each["decides"]] == (
        [] if said == "counted" else [said]
    )
    assert all(each["passes"] != each["decides"] for each in rules(found) if each["decides"])


def test_a_rule_names_the_row_that_decided_it(data: Path) -> None:
    found = {each["rule"]: each["records"] for each in rules(case(data, "COMPLETED"))}
    assert found["initial-completions-only"] == [
        {
            "file": "completions.csv",
            "line": 3,  # The earlier one, which stands second.
            "table": "completions",
            "values": {
                "completion_date": "2020-02-03",
                "outcome": "terminated",
                "completion_type": None,
            },
        }
    ]
    assert [(each["file"], each["line"]) for each in found["as-of"]] == [
        ("cases.csv", 2),
        ("completions.csv", 3),
    ]
    moved = {each["rule"]: each["records"] for each in rules(case(data, "MOVED"))}
    assert moved["initial-completions-only"][0]["values"]["outcome"] == "change_of_venue"
    unfiled = {each["rule"]: each["records"] for each in rules(case(data, "UNFILED"))}
    assert unfiled["nta-filed-only"][0]["values"] == {"nta_filed_date": None}
    assert unfiled["no-completion"] == []


def test_in_which_measures_of_all_metrics_a_case_counts(data: Path) -> None:
    everywhere = {
        (each["metric"], each["measure"]): each["verdict"]
        for each in case(data, "LATE")["everywhere"]
        if each["metric"] in METRICS
    }
    assert everywhere == {
        ("relief-granted", "relief_granted"): "unavailable",
        ("non-refoulement-referrals", "aliens_referred"): "unavailable",
        ("completion-rate", "total_enrolled"): "counted",
        ("completion-rate", "cases_completed"): "as-of",
        ("total-enrolled", "total_enrolled"): "counted",
    }


def test_a_condition_is_a_rule_with_the_row_it_looked_at(data: Path) -> None:
    first = rules(case(data, "LATE", "--where", "nationality=CUBA"))[0]
    assert (first["rule"], first["passes"], first["decides"]) == ("where", False, True)
    assert first["records"][0]["values"] == {"nationality": "HONDURAS"}


@pytest.mark.parametrize("format", ["table", "markdown"])
def test_the_page_is_for_reading_and_says_that_it_shows_a_record(data: Path, format: str) -> None:
    code, out, _ = explain(data, "completion-rate", "--case", "LATE", "-f", format)
    plain = " ".join(out.replace("\\", "").replace("*", "").split())
    assert code == 0
    assert "This page quotes an individual record" in plain
    assert "EXCLUDES THE CASE. The rule excludes cases in which the event happened after" in plain
    assert "completions.csv:5: completions: completion_date 2021-02-03" in plain
    assert (
        "not counted in the numerator (cases_completed), counted in the denominator "
        "(total_enrolled)" in plain
    )


def test_a_row_of_a_used_case_that_was_set_aside_is_told(data: Path) -> None:
    found = case(data, "COMPLETED")
    assert [(each["line"], each["reason"]) for each in found["set_aside"]] == [
        (7, "conflicting_duplicate")
    ]


def test_a_case_that_is_not_used_is_shown_with_its_set_aside_rows(data: Path) -> None:
    found = case(data, "BROKEN")
    assert not found["used"]
    assert found["measures"] == []
    assert [(each["file"], each["line"], each["reason"]) for each in found["set_aside"]] == [
        ("cases.csv", 8, "unreadable_date"),
        ("completions.csv", 6, "orphan"),
    ]
    assert found["set_aside"][0]["raw"] == "BROKEN,31/12/2019,,CUBA"


def test_no_other_case_is_ever_suggested(data: Path) -> None:
    for format in ("table", "markdown", "json"):
        code, out, err = explain(data, "completion-rate", "--case", "MOVE", "-f", format)
        assert code == 0
        assert "MOVED" not in out + err
    assert case(data, "MOVE")["set_aside"] == []


def test_a_page_of_a_case_is_a_private_file(data: Path, tmp_path: Path) -> None:
    target = tmp_path / "case.md"
    assert explain(data, "completion-rate", "--case", "LATE", "-o", str(target))[0] == 0
    assert stat.S_IMODE(os.stat(target).st_mode) == 0o600


def test_what_has_no_cases_says_so(data: Path) -> None:
    code, out, err = explain(data, "enforcement-encounters", "--case", "LATE")
    assert (code, out) == (2, "")
    assert "counts no cases" in err
    published = folder(figures="as_of,measure,value\n2020-12-31,total_enrolled,5\n")
    for option in (["--case", "A"], ["--cases", str(published / "list.csv")]):
        code, out, err = explain(published, "total-enrolled", *option)
        assert (code, out) == (3, "")
        assert "needs a list of cases (cases.csv)" in err
    assert not (published / "list.csv").exists()


def test_the_list_behind_a_figure_is_a_private_file(data: Path, tmp_path: Path) -> None:
    target = tmp_path / "cases.csv"
    code, out, _ = explain(data, "completion-rate", "--cases", str(target))
    assert code == 0
    assert "Case Completion Percentage" in out
    assert "COMPLETED" not in out
    assert stat.S_IMODE(os.stat(target).st_mode) == 0o600
    assert target.read_text() == (
        "case_id,total_enrolled,cases_completed\n"
        "COMPLETED,counted,counted\n"
        "ELSEWHERE,mpp-docket,mpp-docket\n"
        "LATE,counted,as-of\n"
        "MOVED,counted,initial-completions-only\n"
        "UNFILED,nta-filed-only,nta-filed-only\n"
    )
    assert explain(data, "completion-rate", "--cases", "-")[1] == target.read_text()


def test_the_list_never_replaces_a_data_file(data: Path) -> None:
    before = (data / "cases.csv").read_bytes()
    code, _, err = explain(data, "completion-rate", "--cases", str(data / "cases.csv"))
    assert code == 2
    assert "one of the data files" in err
    assert (data / "cases.csv").read_bytes() == before


# --- generated data -------------------------------------------------------------

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]


@contextmanager
def loaded(drawn: Folder) -> Iterator[api.Data | None]:
    with written(drawn) as (home, _):
        try:
            opened = mpp_cli.load(home)
        except MppError:
            yield None
            return
        with opened:
            yield opened


def told(data: api.Data, name: str, as_of: Any) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    try:
        measures, verdicts = api.cases(data, name, as_of=as_of)
    except MppError:
        return (), []
    return measures, list(verdicts)


def test_what_other_definitions_make_of_the_case_is_told(tmp_path: Path) -> None:
    made = draw(
        {
            "cases": "| case_id | nta_filed_date |\n| A | 2019-06-03 |\n| B | 2018-06-03 |",
            "completions": """
                | case_id | completion_date | outcome         | reopened_date |
                | A       | 2020-02-03      | relief_granted  | 2020-03-03    |
                | A       | 2020-06-03      | removal_ordered |               |
            """,
            "grants": """
                | case_id | granted_date | relief_type |
                | A       | 2020-02-03   | asylum      |
                | B       | 2020-02-03   | unknown     |
            """,
        }
    )

    def told(case_id: str) -> dict[str, str]:
        code, out, err = explain(made, "relief-granted", "--case", case_id, "-f", "json")
        assert code == 0, err
        return {each["variant"]: each["verdict"] for each in json.loads(out)["case"]["variants"]}

    assert told("A") == {
        "since-inception": "counted",
        "present-state": "relief-taken-away",
        "count-cat-deferral": "counted",
        "decision-says-relief": "counted",
        "any-relief": "counted",
        "relief-in-initial-completion": "counted",
    }
    # The dates of enrolment and of issue are not in the data: no word of those definitions.
    assert told("B")["decision-says-relief"] == "counted"
    assert told("B")["since-inception"] == "nta-filed-only"
    page = explain(made, "relief-granted", "--case", "B")[1]
    assert "relief-unknown: EXCLUDES THE CASE" in page
    assert "decision-says-relief, relief_granted: counted" in page


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=SLOW)
@given(folders())
def test_the_verdicts_of_all_cases_add_up_to_the_ledger(drawn: Folder) -> None:
    with loaded(drawn) as data:
        for name in CASE_METRICS if data else ():
            measures, verdicts = told(data, name, drawn.as_of)
            answer = mpp_cli.metric(data, name, as_of=drawn.as_of).metric
            for place, measure in enumerate(measures, start=1):
                counts = Counter(row[place] for row in verdicts)
                ledger = next((each for each in answer.ledger if each.measure == measure), None)
                if ledger is None:
                    assert set(counts) <= {"unavailable"}
                    continue
                said = {each.rule: each.count for each in ledger.excluded if each.count}
                assert counts == Counter(said) + Counter(counted=ledger.counted)


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=SLOW)
@given(folders())
def test_a_case_explained_agrees_with_membership(drawn: Folder) -> None:
    with loaded(drawn) as data:
        asked = [*CASE_METRICS, "pending-cases", "relief-rate", "referral-outcomes"]
        lists = {name: told(data, name, drawn.as_of) for name in asked} if data else {}
        for name, (measures, verdicts) in lists.items():
            for case_id, *said in verdicts:
                found = api.explain(data, name, as_of=drawn.as_of, case=case_id).case
                assert found is not None
                shown = {each.name: each.verdict for each in found.measures}
                assert {each: shown[each] for each in measures} == dict(
                    zip(measures, said, strict=True)
                )
                for each in found.everywhere:
                    names, others = lists.get(each.metric, ((), []))
                    if names:
                        row = next(other for other in others if other[0] == case_id)
                        assert each.verdict == row[1 + names.index(each.name)]


def test_cases_are_fetched_page_by_page(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = explain(data, "completion-rate", "--cases", "-")[1]
    monkeypatch.setattr("mpp_cli.membership.PAGE", 2)
    assert explain(data, "completion-rate", "--cases", "-")[1] == whole
    assert len(list(csv.reader(whole.splitlines()))) == 6


# ------------------------------------------------ lists that are read bit by bit


#: What lists are of: a metric, and how it is asked.
LISTS: list[tuple[str, dict[str, Any]]] = [
    ("completion-rate", {"as_of": "2020-12-31", "by": ["nationality"]}),
    ("pending-cases", {"as_of": "2020-06-30", "where": {"nationality": "CUBA"}}),
    ("relief-rate", {"as_of": "2020-12-31", "by": ["month"]}),
]


def whole_lists(data: api.Data) -> list[list[tuple[Any, ...]]]:
    """Each list read to its end before the next is asked for."""
    return [[*api.cases(data, name, **asked)[1]] for name, asked in LISTS]


def read_in_turns(data: api.Data) -> list[list[tuple[Any, ...]]]:
    """All lists asked for at once and read a case at a time, with other questions in between."""
    others = [
        lambda: api.report(data, as_of="2020-03-31", by=["nationality"], additional=True),
        lambda: api.explain(data, "completion-rate", case="LATE"),
        lambda: api.metric(data, "referral-outcomes", as_of="2020-12-31"),
        lambda: api.trend(data, "total-enrolled", every="month", to="2020-12-31"),
        lambda: api.variants(data, "completion-rate", as_of="2020-12-31"),
        lambda: [*api.cases(data, "total-enrolled", as_of="2019-12-31")[1]],
    ]
    waiting = [api.cases(data, name, **asked)[1] for name, asked in LISTS]
    found: list[list[tuple[Any, ...]]] = [[] for _ in waiting]
    for turn in range(20):
        others[turn % len(others)]()
        for list_, rows in zip(found, waiting, strict=True):
            list_.extend(row for row in [next(rows, None)] if row is not None)
    return found


@pytest.fixture
def everything(data: Path) -> Iterator[api.Data]:
    """The cases with all tables, so that every metric can be asked."""
    more = {
        "grants": "| case_id | granted_date | relief_type |\n| COMPLETED | 2020-03-04 | asylum |",
        "referrals": """
            | case_id   | referred_date | outcome  | outcome_date |
            | COMPLETED | 2019-08-03    | positive | 2019-08-04   |
        """,
    }
    with mpp_cli.load([data, draw(more)]) as loaded:
        yield loaded


def test_lists_survive_the_questions_that_are_asked_meanwhile(
    everything: api.Data, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mpp_cli.membership.PAGE", 2)
    expected = whole_lists(everything)
    assert [len(rows) for rows in expected] == [5, 5, 5]
    assert read_in_turns(everything) == expected


def tables_of_lists(data: api.Data) -> list[tuple[str]]:
    return data.judgement.dataset.engine.fetch(
        "SELECT table_name FROM duckdb_tables() WHERE table_name LIKE 'verdicts%'"
    )


def test_nothing_is_left_of_a_list_that_was_read_or_that_nobody_reads_on(
    everything: api.Data, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mpp_cli.membership.PAGE", 2)
    _, rows = api.cases(everything, "completion-rate")
    next(rows)
    assert len(tables_of_lists(everything)) == 1
    assert len([*rows]) == 4
    assert tables_of_lists(everything) == []
    _, rows = api.cases(everything, "completion-rate")
    next(rows)
    del rows
    assert tables_of_lists(everything) == []


def test_a_list_may_be_left_after_the_data_were_closed(
    data: Path, recwarn: pytest.WarningsRecorder
) -> None:
    with mpp_cli.load(data) as loaded:
        _, rows = api.cases(loaded, "completion-rate")
        next(rows)
    rows.close()  # type: ignore[attr-defined]
