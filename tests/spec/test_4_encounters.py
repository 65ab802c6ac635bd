"""Goal 4: enforcement encounters along the Southwest Border, by fiscal year and component."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mpp_cli.common.errors import DataError
from tests.harness import run_json
from tests.spec.draw import (
    ask,
    draw,
    excluded,
    figures,
    groups,
    population,
    rows,
    set_aside,
    shown,
    warnings,
)

NAME = "enforcement-encounters"

MONTHS = {
    "encounters": """
        | fiscal_year | month | component | encounters |
        | 2020        | AUG   | USBP      | 1          |
        | 2020        | AUG   | OFO       | 2          |
        | 2020        | SEP   | USBP      | 10         |
        | 2020        | SEP   | OFO       | 20         |
        | 2021        | OCT   | USBP      | 100        |
        | 2021        | OCT   | OFO       | 200        |
        | 2021        | NOV   | USBP      | 1000       |
        | 2021        | NOV   | OFO       | 2000       |
        | 2021        | DEC   | USBP      | 10000      |
        | 2021        | DEC   | OFO       | 20000      |
    """,
}


def test_the_headline_is_the_fiscal_year_that_holds_the_date_so_far() -> None:
    answer = ask(draw(MONTHS), NAME, "2020-12-31")
    assert figures(answer) == {"encounters": 33_300}
    assert shown(answer) == {"encounters": "33,300"}
    assert answer.metric.headline_measure.unit == "encounters"


def test_every_fiscal_year_is_a_row_with_its_components_and_months() -> None:
    answer = ask(draw(MONTHS), NAME, "2020-12-31")
    assert [(dict(row.by), dict(row.values)) for row in answer.metric.rows] == [
        ({"fiscal_year": 2020}, {"usbp": 11, "ofo": 22, "encounters": 33, "months": 2}),
        (
            {"fiscal_year": 2021},
            {"usbp": 11_100, "ofo": 22_200, "encounters": 33_300, "months": 3},
        ),
    ]


@pytest.mark.parametrize(
    ("as_of", "headline"),
    [
        ("2020-08-31", 3),
        ("2020-09-29", 3),
        ("2020-09-30", 33),
        ("2020-10-31", 300),
        ("2020-11-29", 300),
        ("2020-11-30", 3_300),
        ("2020-12-30", 3_300),
        ("2020-12-31", 33_300),
        ("2021-09-30", 33_300),
    ],
)
def test_a_month_counts_once_it_has_ended(as_of: str, headline: int) -> None:
    assert figures(ask(draw(MONTHS), NAME, as_of)) == {"encounters": headline}


def test_the_balance_is_of_encounters() -> None:
    answer = ask(draw(MONTHS), NAME, "2020-11-30")
    assert population(answer, "encounters") == 33_333
    assert excluded(answer, "encounters") == {"fiscal-year": 33, "as-of": 30_000}


def test_the_as_of_date_is_the_last_rule_of_the_balance() -> None:
    answer = ask(draw(MONTHS), NAME, "2020-08-31")
    assert excluded(answer, "encounters") == {
        "as-of": 30,  # September 2020, of the headline's own fiscal year
        "fiscal-year": 33_300,  # all later than the date, and of another year besides
    }


@pytest.mark.parametrize(
    ("as_of", "latest"), [("2020-10-30", "September 2020"), ("2022-01-31", "December 2020")]
)
def test_a_fiscal_year_without_a_whole_month_has_no_figure_yet(as_of: str, latest: str) -> None:
    answer = ask(draw(MONTHS), NAME, as_of)
    assert figures(answer) == {"encounters": None}
    assert shown(answer) == {"encounters": "n/a"}
    assert answer.metric.status == "ok"
    assert any(latest in footnote.text for footnote in answer.metric.footnotes)


def test_a_fiscal_year_without_a_counted_month_has_no_row() -> None:
    answer = ask(draw(MONTHS), NAME, "2020-10-30")
    assert groups(answer, "encounters") == {2020: 33}


def test_before_the_first_month_there_is_nothing_and_no_fault() -> None:
    answer = ask(draw(MONTHS), NAME, "2019-02-28")
    assert figures(answer) == {"encounters": None}
    assert answer.metric.rows == ()
    assert excluded(answer, "encounters") == {"fiscal-year": 33_333}


def test_a_month_of_no_encounters_is_zero_and_not_missing() -> None:
    tables = {
        "encounters": """
            | fiscal_year | month | component | encounters |
            | 2021        | OCT   | USBP      | 0          |
            | 2021        | OCT   | OFO       | 0          |
        """,
    }
    answer = ask(draw(tables), NAME, "2020-10-31")
    assert figures(answer) == {"encounters": 0}
    assert groups(answer, "months") == {2021: 1}


def test_rows_that_differ_in_title_demographic_or_citizenship_are_added_up() -> None:
    tables = {
        "encounters": """
            | fiscal_year | month | component | title_of_authority | citizenship | encounters |
            | 2021        | OCT   | USBP      | Title 8            | HONDURAS    | 1          |
            | 2021        | OCT   | USBP      | Title 42           | HONDURAS    | 10         |
            | 2021        | OCT   | USBP      | Title 42           | CUBA        | 100        |
            | 2021        | OCT   | OFO       | Title 8            | CUBA        | 1000       |
        """,
    }
    assert figures(ask(draw(tables), NAME, "2020-12-31")) == {"encounters": 1_111}


def test_an_unknown_column_is_a_part_of_the_key() -> None:
    tables = {
        "encounters": """
            | fiscal_year | month | component | sector | encounters |
            | 2021        | OCT   | USBP      | RGV    | 1          |
            | 2021        | OCT   | USBP      | DRT    | 10         |
            | 2021        | OCT   | USBP      | RGV    | 100        |
        """,
    }
    data = draw(tables)
    assert figures(ask(data, NAME, "2020-12-31")) == {"encounters": 11}
    assert set_aside(data, "encounters") == {"conflicting_duplicate": (4,)}


def test_other_border_regions_are_outside_and_a_blank_region_is_the_southwest() -> None:
    tables = {
        "encounters": """
            | fiscal_year | month | component | region                | encounters |
            | 2021        | OCT   | USBP      | Southwest Land Border | 1          |
            | 2021        | NOV   | USBP      |                       | 10         |
            | 2021        | DEC   | USBP      | southwest             | 100        |
            | 2021        | OCT   | USBP      | Northern Land Border  | 1000       |
            | 2021        | OCT   | USBP      | Other                 | 10000      |
        """,
    }
    data = draw(tables)
    assert figures(ask(data, NAME, "2020-12-31")) == {"encounters": 111}
    source = rows(data, "encounters")
    assert (source.rows_read, source.rows_used, sum(source.rows_outside.values())) == (5, 3, 2)
    assert source.set_aside == {}


def test_two_files_that_hold_the_same_month_are_refused_and_both_named() -> None:
    data = draw({"encounters": MONTHS["encounters"], "encounters_new": MONTHS["encounters"]})
    with pytest.raises(DataError) as caught:
        ask(data, NAME)
    assert "encounters.csv" in str(caught.value)
    assert "encounters_new.csv" in str(caught.value)
    assert caught.value.exit_code == 3


def test_two_files_that_share_no_month_are_added_up() -> None:
    other = """
        | fiscal_year | month | component | encounters |
        | 2021        | JAN   | USBP      | 5          |
        | 2021        | JAN   | OFO       | 5          |
    """
    data = draw({"encounters": MONTHS["encounters"], "encounters_new": other})
    assert figures(ask(data, NAME, "2021-01-31")) == {"encounters": 33_310}


def test_a_month_with_one_component_is_warned_about() -> None:
    tables = {
        "encounters": """
            | fiscal_year | month | component | encounters |
            | 2021        | OCT   | USBP      | 1          |
            | 2021        | OCT   | OFO       | 1          |
            | 2021        | NOV   | USBP      | 1          |
        """,
    }
    assert _months_warned_about(draw(tables), "component-missing") == ["November 2020"]


def test_a_month_missing_in_the_middle_of_a_fiscal_year_is_warned_about() -> None:
    tables = {
        "encounters": """
            | fiscal_year | month | component | encounters |
            | 2020        | AUG   | USBP      | 1          |
            | 2020        | AUG   | OFO       | 1          |
            | 2021        | NOV   | USBP      | 1          |
            | 2021        | NOV   | OFO       | 1          |
            | 2021        | JAN   | USBP      | 1          |
            | 2021        | JAN   | OFO       | 1          |
        """,
    }
    # September and October are at the ends of their years; only December is in the middle.
    assert _months_warned_about(draw(tables), "month-missing") == ["December 2020"]


def _months_warned_about(data: Path, kind: str) -> list[str]:
    texts = [each.text for each in ask(data, NAME, "2020-11-30").head.warnings if each.id == kind]
    return re.findall(r"[A-Z][a-z]+ 20\d\d", " ".join(texts))


def test_encounters_need_no_cases() -> None:
    answer = ask(draw(MONTHS), NAME, "2020-12-31")
    assert answer.metric.status == "ok"
    assert warnings(answer) == []


def test_encounters_can_be_broken_down_by_month_or_by_their_own_columns() -> None:
    data = draw(MONTHS)
    assert groups(ask(data, NAME, "2020-11-30", by=("month",)), "encounters") == {
        "2020-08": 3,
        "2020-09": 30,
        "2020-10": 300,
        "2020-11": 3_000,
    }
    # Years are not added up: a breakdown without a time is within the fiscal year.
    assert groups(ask(data, NAME, "2020-11-30", by=("component",)), "encounters") == {
        (2020, "OFO"): 22,
        (2020, "USBP"): 11,
        (2021, "OFO"): 2_200,
        (2021, "USBP"): 1_100,
    }


# ------------------------------------------------------------------- Title 42

EXPELLED = {
    "encounters": """
        | fiscal_year | month | component | title_of_authority | encounters |
        | 2019        | SEP   | USBP      | Title 8            | 500        |
        | 2020        | FEB   | USBP      | Title 8            | 1000       |
        | 2020        | APR   | USBP      | Title 8            | 100        |
        | 2020        | APR   | USBP      | Title 42           | 3000       |
        | 2021        | OCT   | USBP      | Title 8            | 50         |
        | 2021        | OCT   | OFO       | TITLE 42           | 70         |
        | 2021        | NOV   | OFO       | Title 42           | 9999       |
    """,
}


def title_42(answer: object) -> str | None:
    notes = {each.id: each.text for each in answer.metric.footnotes}  # type: ignore[attr-defined]
    return notes.get("title-42")


def test_a_footnote_says_how_many_encounters_of_each_year_are_expulsions() -> None:
    answer = ask(draw(EXPELLED), NAME, "2020-11-29")
    assert figures(answer) == {"encounters": 120}
    assert title_42(answer) == (
        "From March 2020 on expulsions under Title 42 are included, of people who could not be "
        "enrolled in MPP: fiscal year 2020: 3,000 of 4,100; fiscal year 2021: 70 of 120 encounters."
    )
    # Before there were any, there is nothing to say.
    assert title_42(ask(draw(EXPELLED), NAME, "2020-03-31")) is None
    # Of what a condition leaves out nothing is said.
    narrowed = ask(draw(EXPELLED), NAME, "2020-11-29", where={"component": "OFO"})
    assert "fiscal year 2021: 70 of 70 encounters" in (title_42(narrowed) or "")
    assert "fiscal year 2020" not in (title_42(narrowed) or "")


def test_where_the_data_do_not_say_how_many_that_is_said() -> None:
    assert (title_42(ask(draw(MONTHS), NAME)) or "").endswith("these data do not say how many.")
    untitled = {"encounters": EXPELLED["encounters"].replace("Title 8 ", "        ", 4)}
    said = title_42(ask(draw(untitled), NAME, "2020-11-29")) or ""
    assert said.endswith("70 of 120 encounters; of 150 the data do not say.")


def test_small_counts_are_not_told_by_the_footnote() -> None:
    asked = ["metric", NAME, "--data", str(draw(EXPELLED)), "--as-of", "2020-11-29"]
    _, whole, _ = run_json(asked)
    code, hidden, _ = run_json([*asked, "--suppress-below", "100"])
    assert code == 0
    said, left = (
        next(each["text"] for each in answer["metric"]["footnotes"] if each["id"] == "title-42")
        for answer in (whole, hidden)
        if answer
    )
    assert "70 of 120" in said
    assert not re.search(r"\d{2,} of", left)
