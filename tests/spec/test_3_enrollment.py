"""Goal 3: who is enrolled in MPP."""

from __future__ import annotations

from tests.spec.draw import ask, draw, excluded, figures, groups, population, report, warnings

ENROLLED = {
    "cases": """
        | case_id | nta_filed_date | nta_issued_date | enrolled_date | docket       |
        | A       | 2019-06-03     | 2019-05-01      | 2019-05-01    | mpp          |
        | B       | 2020-12-31     | 2019-05-01      | 2019-05-01    |              |
        | C       | 2021-01-01     | 2019-05-01      | 2019-05-01    |              |
        | D       |                | 2019-05-01      | 2019-05-01    |              |
        | E       | 2019-06-03     |                 |               | non_detained |
        | F       | 2019-06-03     |                 |               | detained     |
    """,
}


def test_a_case_is_enrolled_once_its_notice_to_appear_was_filed() -> None:
    answer = ask(draw(ENROLLED), "total-enrolled", "2020-12-31")
    assert figures(answer) == {"total_enrolled": 2}  # A and B
    assert population(answer, "total_enrolled") == 6
    assert excluded(answer, "total_enrolled") == {
        "mpp-docket": 2,  # E and F
        "nta-filed-only": 1,  # D: issuing the notice or returning the person is not filing
        "as-of": 1,  # C
    }


def test_a_blank_docket_is_mpp() -> None:
    answer = ask(draw(ENROLLED), "total-enrolled", "2020-12-31", by=("docket",))
    assert groups(answer, "total_enrolled") == {"mpp": 2}


def test_without_a_column_docket_every_case_is_an_mpp_case() -> None:
    tables = {
        "cases": """
            | case_id | nta_filed_date |
            | A       | 2019-06-03     |
        """,
    }
    assert figures(ask(draw(tables), "total-enrolled")) == {"total_enrolled": 1}


def test_enrolment_is_of_cases_and_needs_no_events() -> None:
    tables = {
        "cases": """
            | case_id | nta_filed_date |
            | A       | 2019-06-03     |
            | B       | 2019-06-04     |
        """,
    }
    answer = ask(draw(tables), "total-enrolled")
    assert figures(answer) == {"total_enrolled": 2}
    assert answer.metric.headline_measure.unit == "cases"


def test_goal_2_and_goal_3_count_the_same_enrolled_cases() -> None:
    tables = ENROLLED | {"completions": "| case_id | completion_date | outcome |"}
    document = report(draw(tables), "2020-12-31")
    by_name = {each.name: figures(each)["total_enrolled"] for each in document.metrics[2:4]}
    assert by_name == {"completion-rate": 2, "total-enrolled": 2}


def test_an_mpp_notice_filed_before_the_programme_counts_and_is_warned_about() -> None:
    tables = {
        "cases": """
            | case_id | nta_filed_date | docket   |
            | A       | 2019-01-25     |          |
            | B       | 2018-12-01     | detained |
            | C       | 2019-01-24     |          |
        """,
    }
    answer = ask(draw(tables), "total-enrolled")
    assert figures(answer) == {"total_enrolled": 2}
    assert warnings(answer) == [
        ("nta-before-programme", "cases.csv", 4),
        ("as-of-beyond-data", None, None),
    ]
