"""mpp explain: what a metric counts, what each rule left out, and the query that ran."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from mpp_cli.engines.duckdb import DuckDB
from mpp_cli.goals import GOALS, METRICS
from tests.harness import run
from tests.spec.draw import draw


@pytest.fixture(scope="module")
def data() -> Path:
    """Seven cases, of which every rule of goal 2 takes one."""
    return draw(
        {
            "cases": """
                | case_id   | nta_filed_date | docket   | nationality |
                | COMPLETED | 2019-06-03     |          | CUBA        |
                | UNFILED   |                |          | CUBA        |
                | ELSEWHERE | 2019-06-03     | detained | CUBA        |
                | PENDING   | 2019-06-03     |          | CUBA        |
                | MOVED     | 2019-06-03     |          | CUBA        |
                | LATE      | 2019-06-03     |          | CUBA        |
                | LATER     | 2021-06-03     |          | HONDURAS    |
            """,
            "completions": """
                | case_id   | completion_date | outcome         | completion_type |
                | COMPLETED | 2020-02-03      | terminated      |                 |
                | COMPLETED | 2020-03-03      | removal_ordered |                 |
                | MOVED     | 2020-02-03      | change_of_venue |                 |
                | LATE      | 2021-02-03      | terminated      |                 |
                | LATER     | 2021-07-03      | terminated      |                 |
            """,
            "encounters": """
                | fiscal_year | month | component | encounters |
                | 2020        | SEP   | USBP      | 5          |
                | 2021        | OCT   | USBP      | 70         |
                | 2021        | JAN   | OFO       | 600        |
            """,
        }
    )


def explain(data: Path, *arguments: str) -> tuple[int, str, str]:
    code, out, err = run(
        ["explain", *arguments, "--data", str(data), "--as-of", "2020-12-31", "--no-config"]
    )
    return code, out.decode(), err


def explained(data: Path, *arguments: str) -> dict[str, Any]:
    code, out, err = explain(data, *arguments, "-f", "json")
    assert code == 0, err
    document: dict[str, Any] = json.loads(out)
    return document


def measure(document: dict[str, Any], name: str) -> dict[str, Any]:
    return next(each for each in document["measures"] if each["name"] == name)


def test_every_rule_says_how_many_cases_it_removed(data: Path) -> None:
    document = explained(data, "completion-rate")
    assert document["format"] == "mpp-explain/1"
    completed = measure(document, "cases_completed")
    assert {each["rule"]: each["removed"] for each in completed["rules"]} == {
        "mpp-docket": 1,
        "nta-filed-only": 1,
        "no-completion": 1,
        "initial-completions-only": 1,
        "as-of": 2,
    }
    assert completed["population"] == 7
    assert completed["counted"] == 1
    assert completed["events"] == {
        "leaves_out": "later completions of counted cases",
        "removed": 1,
        "of": 1,
    }
    rules = {each["rule"]: each for each in completed["rules"]}
    assert rules["nta-filed-only"]["keeps"] == "nta_filed_date IS NOT NULL"
    assert "only cases in which the notice to appear" in rules["nta-filed-only"]["footnote"]
    assert "divided by" in measure(document, "completion_percentage")["definition"]


def test_the_numbers_are_those_of_the_metric(data: Path) -> None:
    document = explained(data, "completion-rate")
    code, out, _ = run(
        ["metric", "completion-rate", "--data", str(data), "--as-of", "2020-12-31", "-f", "json"]
    )
    assert code == 0
    assert document["metric"] == json.loads(out)["metric"]


@pytest.mark.parametrize("format", ["table", "markdown"])
@pytest.mark.parametrize("name", METRICS)
def test_text_has_the_words_of_the_document(data: Path, name: str, format: str) -> None:
    code, out, _ = explain(data, name, "-f", format)
    plain = " ".join(re.sub(r"[\\*]", "", out).split())
    metric = METRICS[name]
    goal = next(goal for goal in GOALS if metric in goal.metrics)
    assert code == 0
    for words in (goal.text, metric.statement, metric.data_measurement):
        assert words in plain
    for each in metric.measures:
        assert f"{each.label} ({each.name})" in plain
    for rule in metric.footnote_rules:
        assert f"{rule.id}:" in plain
        assert str(rule.footnote) in plain


def test_text_has_the_counts_and_the_balance(data: Path) -> None:
    _, out, _ = explain(data, "completion-rate")
    plain = " ".join(out.split())
    assert "nta-filed-only: 1 case in which the NTA was not filed" in plain
    assert "as-of: 2 cases in which the event happened after the as-of date, December 31" in plain
    assert "not counted again: 1 later completions of counted cases" in plain
    assert "balance: 1 counted = 7 cases - 1 case on another docket (mpp-docket)" in plain


def test_encounters_are_explained_in_encounters(data: Path) -> None:
    document = explained(data, "enforcement-encounters", "--sql")
    (only,) = document["measures"]
    assert {each["rule"]: each["removed"] for each in only["rules"]} == {
        "fiscal-year": 5,
        "as-of": 600,
    }
    assert only["counted"] == 70
    assert [each["column"] for each in document["columns"]][:4] == [
        "fiscal_year",
        "month",
        "component",
        "encounters",
    ]


def test_the_columns_that_are_read_and_where_they_are(data: Path) -> None:
    columns = {
        (each["table"], each["column"]): each["files"]
        for each in explained(data, "completion-rate", "--where", "nationality=CUBA")["columns"]
    }
    assert columns == {
        ("cases", "case_id"): ["cases.csv"],
        ("cases", "nta_filed_date"): ["cases.csv"],
        ("cases", "nationality"): ["cases.csv"],
        ("cases", "docket"): ["cases.csv"],
        ("completions", "case_id"): ["completions.csv"],
        ("completions", "completion_date"): ["completions.csv"],
        ("completions", "outcome"): ["completions.csv"],
        ("completions", "completion_type"): ["completions.csv"],
    }


def test_where_is_a_rule_and_a_parameter(data: Path) -> None:
    document = explained(data, "total-enrolled", "--where", "nationality=CUBA", "--sql")
    (enrolled,) = document["measures"]
    assert enrolled["rules"][0]["rule"] == "where"
    assert enrolled["rules"][0]["removed"] == 1
    figures = next(each for each in document["queries"] if each["name"].startswith("figures"))
    assert figures["parameters"] == {"as_of": "2020-12-31", "where_0": "CUBA"}
    assert "CUBA" not in figures["sql"]


@pytest.mark.parametrize("name", ["completion-rate", "relief-granted", "enforcement-encounters"])
@pytest.mark.parametrize("conditions", [[], ["--where", "nationality=CUBA"]])
def test_the_queries_are_those_that_really_ran(
    data: Path, name: str, conditions: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    if name == "enforcement-encounters":
        conditions = []
    ran: list[tuple[str, dict[str, Any]]] = []
    execute = DuckDB._execute

    def spy(self: DuckDB, sql: str, parameters: dict[str, Any]) -> Any:
        ran.append((sql, dict(parameters)))
        return execute(self, sql, parameters)

    monkeypatch.setattr(DuckDB, "_execute", spy)
    queries = explained(data, name, *conditions, "--sql")["queries"]
    if name != "relief-granted":  # there is no table of grants: nothing ran
        assert queries
    for query in queries:
        same = [given for sql, given in ran if sql.endswith(query["sql"])]
        assert same, query["name"]
        named = set(re.findall(r"\$(\w+)", query["sql"]))
        assert named == set(query["parameters"])
        assert {key: str(same[0][key]) for key in named} == query["parameters"]


def test_without_sql_no_query_is_shown(data: Path) -> None:
    assert explained(data, "completion-rate")["queries"] == []
    _, out, _ = explain(data, "completion-rate")
    assert "SELECT" not in out
    _, out, _ = explain(data, "completion-rate", "--sql")
    assert "SELECT" in out
    assert '$as_of: "2020-12-31"' in out


def test_what_is_unavailable_is_explained_all_the_same(data: Path) -> None:
    code, out, _ = explain(data, "relief-granted")
    assert code == 0
    assert "needs a list of grants" in out
    assert "relief-kinds: cases with grants of other kinds only" in out
    document = explained(data, "relief-granted")
    (relief,) = document["measures"]
    assert {each["removed"] for each in relief["rules"]} == {None}
    assert relief["counted"] is None
    code, out, err = explain(data, "relief-granted", "--strict")
    assert (code, out) == (5, "")
    assert "unavailable" in err


@pytest.mark.parametrize(
    "arguments", [["-f", "csv"], ["-f", "value"], ["-f", "no"], ["-o", "x.csv"]]
)
def test_other_formats_are_refused(data: Path, arguments: list[str]) -> None:
    code, out, err = explain(data, "completion-rate", *arguments)
    assert (code, out) == (2, "")
    assert err.startswith("mpp: error: ")


def test_an_unknown_metric_suggests_the_nearest(data: Path) -> None:
    code, _, err = explain(data, "completon-rate")
    assert code == 2
    assert 'did you mean "completion-rate"?' in err


def test_no_case_is_named(data: Path) -> None:
    for format in ("table", "markdown", "json"):
        _, out, _ = explain(data, "completion-rate", "--sql", "-f", format)
        for case in ("COMPLETED", "UNFILED", "ELSEWHERE", "PENDING", "MOVED", "LATE"):
            assert case not in out


def test_the_ending_picks_the_format(data: Path, tmp_path: Path) -> None:
    target = tmp_path / "why.md"
    code, out, _ = explain(data, "completion-rate", "--sql", "-o", str(target))
    assert (code, out) == (0, "")
    assert "```sql\nSELECT" in target.read_text()


def test_each_rule_says_what_it_left_out_of_each_group(data: Path) -> None:
    answer = explained(data, "completion-rate", "--by", "nationality")
    groups = {
        (row["by"]["nationality"], each["measure"]): each
        for row in answer["rows"]
        for each in row["ledger"]
    }
    cuba, honduras = (groups[name, "cases_completed"] for name in ("CUBA", "HONDURAS"))
    assert (cuba["population"], cuba["counted"]) == (6, 1)
    assert {left["rule"]: left["count"] for left in cuba["excluded"]} == {
        "mpp-docket": 1,
        "nta-filed-only": 1,
        "no-completion": 1,
        "initial-completions-only": 1,
        "as-of": 1,
    }
    # HONDURAS has no figure, and a balance that says why.
    assert (honduras["population"], honduras["counted"]) == (1, 0)
    assert [left["count"] for left in honduras["excluded"]] == [0, 0, 0, 0, 1]
    # The groups are those of the metric itself.
    assert [row["by"] for row in answer["metric"]["rows"]] == [{"nationality": "CUBA"}]


def test_the_groups_of_the_balances_sum_to_the_total_also_by_time(data: Path) -> None:
    answer = explained(data, "completion-rate", "--by", "month", "--by", "nationality")
    for measure in answer["metric"]["ledger"]:
        parts = [
            each
            for row in answer["rows"]
            for each in row["ledger"]
            if each["measure"] == measure["measure"]
        ]
        assert sum(each["population"] for each in parts) == measure["population"]
        assert sum(each["counted"] for each in parts) == measure["counted"]
        for place, left in enumerate(measure["excluded"]):
            assert sum(each["excluded"][place]["count"] for each in parts) == left["count"]


def test_small_counts_hide_what_rules_left_out_of_groups(data: Path) -> None:
    answer = explained(data, "completion-rate", "--by", "nationality", "--suppress-below", "3")
    assert answer["rows"] == []
    assert "withheld" in answer["notes"][0]


def test_a_case_says_in_which_group_it_is(data: Path) -> None:
    by = ("--by", "quarter", "--by", "nationality")
    answer = explained(data, "completion-rate", *by, "--case", "LATE")
    assert answer["case"]["group"] == {"quarter": "2019-Q2", "nationality": "CUBA"}
    # It has no NTA by the as-of date.
    answer = explained(data, "completion-rate", *by, "--case", "LATER")
    assert answer["case"]["group"] == {"quarter": None, "nationality": "HONDURAS"}


def test_the_list_of_cases_has_their_groups(data: Path, tmp_path: Path) -> None:
    path = tmp_path / "cases.csv"
    code, _, err = explain(
        data, "completion-rate", "--by", "nationality", "--by", "month", "--cases", str(path)
    )
    assert code == 0, err
    assert path.read_text().splitlines()[:3] == [
        "case_id,nationality,month,total_enrolled,cases_completed",
        "COMPLETED,CUBA,2019-06,counted,counted",
        "ELSEWHERE,CUBA,2019-06,mpp-docket,mpp-docket",
    ]
