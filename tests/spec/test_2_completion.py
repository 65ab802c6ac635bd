"""Goal 2: how many of the enrolled cases an immigration judge has completed."""

from __future__ import annotations

from fractions import Fraction

import pytest

from tests.spec.draw import ask, draw, events, excluded, figures, population, shown, warnings

COMPLETED = {
    "cases": """
        | case_id | nta_filed_date | docket       |
        | A       | 2019-06-03     |              |
        | B       | 2019-06-03     |              |
        | C       | 2019-06-03     |              |
        | D       | 2019-06-03     |              |
        | E       | 2019-06-03     |              |
        | F       |                |              |
        | G       | 2019-06-03     | non_detained |
        | H       | 2021-03-01     |              |
    """,
    "completions": """
        | case_id | completion_date | outcome         | completion_type |
        | A       | 2020-02-03      | removal_ordered | initial         |
        | B       | 2020-02-03      | terminated      |                 |
        | D       | 2020-02-03      | change_of_venue |                 |
        | E       | 2021-01-04      | removal_ordered |                 |
        | F       | 2020-02-03      | removal_ordered |                 |
        | G       | 2020-02-03      | removal_ordered |                 |
        | H       | 2020-02-03      | removal_ordered |                 |
    """,
}


def test_completed_cases_are_a_part_of_the_enrolled_cases() -> None:
    answer = ask(draw(COMPLETED), "completion-rate", "2020-12-31")
    assert figures(answer) == {
        "total_enrolled": 5,  # A to E
        "cases_completed": 2,  # A and B
        "completion_percentage": Fraction(2, 5),
    }
    assert shown(answer)["completion_percentage"] == "40%"


def test_every_case_that_is_not_completed_is_excluded_by_the_first_rule_it_fails() -> None:
    answer = ask(draw(COMPLETED), "completion-rate", "2020-12-31")
    assert population(answer, "cases_completed") == 8
    assert excluded(answer, "total_enrolled") == {
        "mpp-docket": 1,  # G
        "nta-filed-only": 1,  # F
        "as-of": 1,  # H
    }
    assert excluded(answer, "cases_completed") == {
        "mpp-docket": 1,  # G
        "nta-filed-only": 1,  # F
        "no-completion": 1,  # C
        "initial-completions-only": 1,  # D was only moved to another court
        "as-of": 2,  # E was completed later; H was completed, but enrolled later
    }


@pytest.mark.parametrize(
    "outcome",
    [
        "relief_granted",
        "removal_ordered",
        "voluntary_departure",
        "terminated",
        "dismissed",
        "withdrawn",
        "other",
        "",  # a completion of unknown outcome
    ],
)
def test_these_outcomes_complete_a_case(outcome: str) -> None:
    assert _completed_with(outcome, "") == {}


@pytest.mark.parametrize(
    "outcome",
    ["change_of_venue", "transferred", "administratively_closed", "failure_to_prosecute"],
)
@pytest.mark.parametrize("completion_type", ["", "initial"])
def test_these_outcomes_do_not_complete_a_case(outcome: str, completion_type: str) -> None:
    assert _completed_with(outcome, completion_type) == {"initial-completions-only": 1}


def test_what_the_source_calls_subsequent_is_never_an_initial_completion() -> None:
    # Not even when it is the only completion that the data hold.
    assert _completed_with("removal_ordered", "subsequent") == {"initial-completions-only": 1}


def _completed_with(outcome: str, completion_type: str) -> dict[str, int]:
    tables = {
        "cases": """
            | case_id | nta_filed_date |
            | A       | 2019-06-03     |
        """,
        "completions": f"""
            | case_id | completion_date | outcome   | completion_type   |
            | A       | 2020-02-03      | {outcome} | {completion_type} |
        """,
    }
    return excluded(ask(draw(tables), "completion-rate"), "cases_completed")


def test_a_case_completed_a_second_time_is_counted_once_and_from_the_first_time() -> None:
    tables = {
        "cases": """
            | case_id | nta_filed_date |
            | A       | 2019-06-03     |
            | B       | 2019-06-03     |
        """,
        "completions": """
            | case_id | completion_date | outcome         | completion_type | reopened_date |
            | A       | 2020-09-01      | relief_granted  | subsequent      |               |
            | A       | 2020-02-03      | removal_ordered |                 | 2020-05-01    |
            | B       | 2020-02-03      | removal_ordered | initial         | 2020-05-01    |
            | B       | 2020-10-01      | removal_ordered |                 |               |
            | B       | 2020-11-02      | terminated      | subsequent      |               |
        """,
    }
    data = draw(tables)
    assert figures(ask(data, "completion-rate", "2020-02-02"))["cases_completed"] == 0
    answer = ask(data, "completion-rate", "2020-12-31")
    assert figures(answer)["cases_completed"] == 2
    assert events(answer, "cases_completed") == (
        "3 later completions of 2 counted cases not counted again",
    )


def test_a_completion_that_was_reopened_stays_a_completion() -> None:
    tables = {
        "cases": """
            | case_id | nta_filed_date |
            | A       | 2019-06-03     |
        """,
        "completions": """
            | case_id | completion_date | outcome         | reopened_date |
            | A       | 2020-02-03      | removal_ordered | 2020-05-01    |
        """,
    }
    assert figures(ask(draw(tables), "completion-rate"))["cases_completed"] == 1


def test_the_initial_completion_is_the_earliest_row_that_can_be_one() -> None:
    tables = {
        "cases": """
            | case_id | nta_filed_date |
            | A       | 2019-06-03     |
        """,
        "completions": """
            | case_id | completion_date | outcome                 | completion_type |
            | A       | 2019-09-02      | change_of_venue         |                 |
            | A       | 2019-10-01      | administratively_closed | initial         |
            | A       | 2019-11-01      | removal_ordered         | subsequent      |
            | A       | 2020-03-02      | removal_ordered         |                 |
            | A       | 2020-06-01      | removal_ordered         | initial         |
        """,
    }
    data = draw(tables)
    assert figures(ask(data, "completion-rate", "2020-03-01"))["cases_completed"] == 0
    assert figures(ask(data, "completion-rate", "2020-03-02"))["cases_completed"] == 1


def test_a_completion_before_the_nta_counts_and_is_warned_about() -> None:
    tables = {
        "cases": """
            | case_id | nta_filed_date |
            | A       | 2020-03-02     |
        """,
        "completions": """
            | case_id | completion_date | outcome         |
            | A       | 2020-02-03      | removal_ordered |
        """,
    }
    data = draw(tables)
    answer = ask(data, "completion-rate", "2020-12-31")
    assert figures(answer)["cases_completed"] == 1
    assert ("completion-before-nta", "completions.csv", 2) in warnings(answer)
    # But the part stays inside its whole: on a day between the two dates it is in neither.
    between = ask(data, "completion-rate", "2020-02-15")
    assert figures(between)["cases_completed"] == figures(between)["total_enrolled"] == 0


def test_a_completion_on_the_day_of_the_nta_is_nothing_to_warn_about() -> None:
    tables = {
        "cases": """
            | case_id | nta_filed_date |
            | A       | 2020-02-03     |
        """,
        "completions": """
            | case_id | completion_date | outcome         |
            | A       | 2020-02-03      | removal_ordered |
        """,
    }
    answer = ask(draw(tables), "completion-rate", "2020-02-03")
    assert figures(answer)["cases_completed"] == 1
    assert warnings(answer) == []


@pytest.mark.parametrize(
    ("completed", "enrolled", "percentage"),
    [
        (0, 3, "0%"),
        (1, 3, "33%"),
        (2, 3, "67%"),
        (3, 3, "100%"),
        (1, 8, "13%"),  # 12.5%: a half is rounded up, not to the even number
        (3, 8, "38%"),  # 37.5%
        (1, 200, "1%"),  # 0.5%
        (1, 201, "<1%"),  # something is never shown as nothing
        (199, 200, ">99%"),  # 99.5%: a part is never shown as the whole
        (198, 200, "99%"),
    ],
)
def test_the_percentage_is_rounded_half_up(completed: int, enrolled: int, percentage: str) -> None:
    cases = "\n".join(f"| C{number} | 2019-06-03 |" for number in range(enrolled))
    rows = "\n".join(f"| C{number} | 2020-02-03 | other |" for number in range(completed))
    tables = {
        "cases": f"| case_id | nta_filed_date |\n{cases}",
        "completions": f"| case_id | completion_date | outcome |\n{rows}",
    }
    answer = ask(draw(tables), "completion-rate")
    assert figures(answer)["completion_percentage"] == Fraction(completed, enrolled)
    assert shown(answer)["completion_percentage"] == percentage


def test_the_percentage_of_no_enrolled_cases_is_not_zero() -> None:
    tables = {
        "cases": """
            | case_id | nta_filed_date |
            | A       |                |
        """,
        "completions": """
            | case_id | completion_date | outcome         |
            | A       | 2020-02-03      | removal_ordered |
        """,
    }
    answer = ask(draw(tables), "completion-rate")
    assert figures(answer) == {
        "total_enrolled": 0,
        "cases_completed": 0,
        "completion_percentage": None,
    }
    assert shown(answer)["completion_percentage"] == "n/a"
    assert answer.metric.status == "ok"
