"""As of when: the date is inclusive, it has a default, and any date is answered calmly."""

from __future__ import annotations

import datetime

import pytest

import mpp_cli
from mpp_cli.common.errors import UsageError
from tests.spec.draw import ask, draw, figures, report, shown, warnings

NAME = "completion-rate"

ONE_CASE = {
    "cases": """
        | case_id | nta_filed_date |
        | A       | 2019-06-03     |
    """,
    "completions": """
        | case_id | completion_date | outcome         |
        | A       | 2020-02-03      | removal_ordered |
    """,
    "grants": """
        | case_id | granted_date | relief_type |
        | A       | 2020-02-04   | asylum      |
    """,
    "referrals": """
        | case_id | referred_date |
        | A       | 2019-07-01    |
    """,
}


@pytest.mark.parametrize(
    ("metric", "measure", "day_before", "day"),
    [
        ("total-enrolled", "total_enrolled", "2019-06-02", "2019-06-03"),
        ("completion-rate", "cases_completed", "2020-02-02", "2020-02-03"),
        ("relief-granted", "relief_granted", "2020-02-03", "2020-02-04"),
        ("non-refoulement-referrals", "aliens_referred", "2019-06-30", "2019-07-01"),
    ],
)
def test_the_date_is_inclusive(metric: str, measure: str, day_before: str, day: str) -> None:
    data = draw(ONE_CASE)
    assert figures(ask(data, metric, day_before))[measure] == 0
    assert figures(ask(data, metric, day))[measure] == 1


@pytest.mark.parametrize("text", ["2020-02-03", "2/3/2020", "02/03/2020", " 2020-02-03 "])
def test_the_date_is_written_as_in_the_data(text: str) -> None:
    assert ask(draw(ONE_CASE), NAME, text).head.as_of == datetime.date(2020, 2, 3)


@pytest.mark.parametrize("text", ["2020-02-30", "3.2.2020", "31/12/2020", "yesterday", ""])
def test_a_date_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        ask(draw(ONE_CASE), NAME, text)
    assert "as-of" in str(caught.value)
    assert "YYYY-MM-DD" in (caught.value.hint or "")


def test_the_date_is_printed_with_every_figure() -> None:
    for metric in report(draw(ONE_CASE), "2020-02-03").metrics:
        assert metric.footnotes[0].text == "As of February 3, 2020."
        assert metric.footnotes[0].mark == "*"


# --------------------------------------------------------------- the default


@pytest.mark.parametrize(
    ("table", "row"),
    [
        ("cases", "| B | 2020-11-30 |"),
        ("completions", "| A | 2020-11-30 | transferred |"),
        ("grants", "| A | 2020-11-30 | cat_deferral |"),
        ("referrals", "| A | 2020-11-30 |"),
    ],
)
def test_the_default_is_the_latest_date_of_any_case_event(table: str, row: str) -> None:
    tables = ONE_CASE | {table: f"{ONE_CASE[table].rstrip()}\n{row}"}
    assert ask(draw(ONE_CASE), NAME, None).head.as_of == datetime.date(2020, 2, 4)
    assert ask(draw(tables), NAME, None).head.as_of == datetime.date(2020, 11, 30)


def test_other_dates_do_not_move_the_default() -> None:
    tables = {
        "cases": """
            | case_id | nta_filed_date | nta_issued_date | enrolled_date | representation_date |
            | A       | 2019-06-03     | 2020-11-30      | 2020-11-30    | 2020-11-30          |
        """,
        "completions": """
            | case_id | completion_date | outcome | reopened_date |
            | A       | 2020-02-03      | other   | 2020-11-30    |
        """,
        "referrals": """
            | case_id | referred_date | outcome  | outcome_date |
            | A       | 2019-07-01    | negative | 2020-11-30   |
        """,
    }
    assert ask(draw(tables), NAME, None).head.as_of == datetime.date(2020, 2, 3)


def test_encounters_do_not_move_the_default() -> None:
    tables = ONE_CASE | {
        "encounters": """
            | fiscal_year | month | component | encounters |
            | 2021        | DEC   | USBP      | 5          |
        """
    }
    assert report(draw(tables), None).head.as_of == datetime.date(2020, 2, 4)


def test_rows_that_were_set_aside_do_not_move_the_default() -> None:
    tables = ONE_CASE | {
        "referrals": """
            | case_id | referred_date |
            | A       | 2019-07-01    |
            | Z       | 2020-11-30    |
        """
    }
    assert ask(draw(tables), NAME, None).head.as_of == datetime.date(2020, 2, 4)


def test_a_date_in_the_future_does_not_move_the_default_and_is_warned_about() -> None:
    tables = ONE_CASE | {
        "referrals": """
            | case_id | referred_date |
            | A       | 2019-07-01    |
            | A       | 2099-01-01    |
        """
    }
    data = draw(tables)
    answer = ask(data, NAME, None, today=datetime.date(2020, 2, 3))
    assert answer.head.as_of == datetime.date(2020, 2, 3)  # the grant of the 4th is to come
    assert ("date-after-data-end", "grants.csv", 2) in warnings(answer)
    assert ("date-after-data-end", "referrals.csv", 3) in warnings(answer)
    assert ask(data, NAME, None).head.as_of == datetime.date(2020, 2, 4)


def test_a_date_on_the_day_itself_is_not_in_the_future() -> None:
    answer = ask(draw(ONE_CASE), NAME, None, today=datetime.date(2020, 2, 4))
    assert answer.head.as_of == datetime.date(2020, 2, 4)
    assert warnings(answer) == []


def test_an_event_in_the_future_counts_only_as_of_then() -> None:
    tables = ONE_CASE | {
        "cases": """
            | case_id | nta_filed_date |
            | A       | 2019-06-03     |
            | B       | 2099-01-01     |
        """
    }
    data = draw(tables)
    assert figures(ask(data, "total-enrolled", "2098-12-31")) == {"total_enrolled": 1}
    assert figures(ask(data, "total-enrolled", "2099-01-01")) == {"total_enrolled": 2}


def test_a_date_beyond_the_data_is_allowed_and_warned_about() -> None:
    data = draw(ONE_CASE)
    assert warnings(ask(data, NAME, "2020-02-04")) == []
    assert warnings(ask(data, NAME, "2020-02-05")) == [("as-of-beyond-data", None, None)]


def test_each_source_has_its_own_end() -> None:
    tables = ONE_CASE | {
        "encounters": """
            | fiscal_year | month | component | encounters |
            | 2020        | NOV   | USBP      | 5          |
        """
    }
    through = {each.kind: each.through for each in report(draw(tables)).head.sources}
    assert through == {
        "cases": datetime.date(2019, 6, 3),
        "completions": datetime.date(2020, 2, 3),
        "grants": datetime.date(2020, 2, 4),
        "referrals": datetime.date(2019, 7, 1),
        "encounters": datetime.date(2019, 11, 30),
    }


# --------------------------------------------------------------------- calm


def test_before_the_programme_began_there_is_nobody() -> None:
    document = report(draw(ONE_CASE), "2018-12-31")
    assert [figures(metric) for metric in document.metrics[:4]] == [
        {"relief_granted": 0},
        {"aliens_referred": 0},
        {"total_enrolled": 0, "cases_completed": 0, "completion_percentage": None},
        {"total_enrolled": 0},
    ]
    assert shown(document.metrics[2])["completion_percentage"] == "n/a"
    assert {metric.status for metric in document.metrics[:4]} == {"ok"}


@pytest.mark.parametrize("as_of", ["0001-01-01", "1066-10-14", "9999-12-31"])
def test_any_day_of_the_calendar_is_answered(as_of: str) -> None:
    tables = ONE_CASE | {
        "encounters": """
            | fiscal_year | month | component | encounters |
            | 2020        | NOV   | USBP      | 5          |
        """
    }
    enrolled = figures(report(draw(tables), as_of).metrics[3])
    assert enrolled == {"total_enrolled": 1 if as_of == "9999-12-31" else 0}


@pytest.mark.parametrize("as_of", ["2020-12-31", None])
def test_tables_without_rows_give_zero_and_no_percentage(as_of: str | None) -> None:
    tables = {
        "cases": "| case_id | nta_filed_date |",
        "completions": "| case_id | completion_date | outcome |",
        "grants": "| case_id | granted_date | relief_type |",
        "referrals": "| case_id | referred_date |",
        "encounters": "| fiscal_year | month | component | encounters |",
    }
    document = report(draw(tables), as_of)
    assert [figures(metric) for metric in document.metrics] == [
        {"relief_granted": 0},
        {"aliens_referred": 0},
        {"total_enrolled": 0, "cases_completed": 0, "completion_percentage": None},
        {"total_enrolled": 0},
        {"encounters": None},
    ]
    assert {metric.status for metric in document.metrics} == {"ok"}
    assert all(ledger.closes for metric in document.metrics for ledger in metric.ledger)


def test_tables_without_rows_can_be_broken_down() -> None:
    tables = {
        "cases": "| case_id | nta_filed_date | nationality |",
        "completions": "| case_id | completion_date | outcome |",
    }
    assert ask(draw(tables), NAME, by=("nationality", "month")).metric.rows == ()


def test_data_are_loaded_once_and_asked_many_times() -> None:
    with mpp_cli.load(draw(ONE_CASE)) as data:
        days = ["2020-02-03", "2019-01-01", "2020-02-03"]
        answers = [mpp_cli.metric(data, NAME, as_of=day) for day in days]
    assert [figures(each)["cases_completed"] for each in answers] == [1, 0, 1]
    assert answers[0] == answers[2]
