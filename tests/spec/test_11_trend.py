"""11. A trend is the figure as of each period's end; its last point is what a report says."""

from __future__ import annotations

import datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mpp_cli
from mpp_cli.analysis import api
from mpp_cli.analysis.trend import period_ends, period_label
from mpp_cli.common.errors import UnavailableError, UsageError
from mpp_cli.engines.duckdb import DuckDB
from mpp_cli.results.report import Value
from mpp_cli.results.trend import Trend
from tests.spec.draw import TODAY, draw, figures

TABLES = {
    "cases": """
        | case_id | nta_filed_date | docket   | nationality |
        | A1      | 2019-10-31     |          | CUBA        |
        | A2      | 2019-11-01     |          | CUBA        |
        | A3      | 2020-01-15     |          | HONDURAS    |
        | A4      |                |          | HONDURAS    |
        | A5      | 2019-11-01     | detained | CUBA        |
        | A6      | 2020-01-20     |          |             |
    """,
    "completions": """
        | case_id | completion_date | outcome    |
        | A1      | 2019-12-31      | terminated |
        | A1      | 2020-01-05      | terminated |
        | A2      | 2019-10-20      | terminated |
        | A3      | 2020-02-29      | terminated |
    """,
    "encounters": """
        | fiscal_year | month | component | encounters |
        | 2019        | SEP   | USBP      | 5          |
        | 2020        | OCT   | USBP      | 70         |
        | 2020        | OCT   | OFO       | 7          |
        | 2020        | DEC   | OFO       | 600        |
    """,
}


@pytest.fixture(scope="module")
def data() -> Path:
    return draw(TABLES)


def trend(data: Path, name: str, **options: object) -> Trend:
    with mpp_cli.load(data, today=TODAY) as loaded:
        return api.trend(loaded, name, **options)  # type: ignore[arg-type]


def points(answer: Trend, measure: str, place: int = 0) -> dict[str, Value]:
    return {point.period: point.values[measure] for point in answer.series[place].points}


def test_every_point_counts_what_happened_by_the_end_of_its_period(data: Path) -> None:
    answer = trend(data, "completion-rate", start="2019-10", to="2020-02")
    assert points(answer, "total_enrolled") == {
        "2019-10": 1,
        "2019-11": 2,
        "2019-12": 2,
        "2020-01": 4,
        "2020-02": 4,
    }
    # A2 was completed before its NTA: it is counted once both dates are there.
    assert points(answer, "cases_completed") == {
        "2019-10": 0,
        "2019-11": 1,
        "2019-12": 2,
        "2020-01": 2,
        "2020-02": 3,
    }
    assert points(answer, "completion_percentage")["2020-01"] == Fraction(2, 4)


def test_a_day_is_exact(data: Path) -> None:
    answer = trend(data, "total-enrolled", every="day", start="2019-10-30", to="2019-11-01")
    assert points(answer, "total_enrolled") == {"2019-10-30": 0, "2019-10-31": 1, "2019-11-01": 2}


def test_the_last_point_is_as_of_the_last_day_though_its_period_goes_on(data: Path) -> None:
    answer = trend(data, "total-enrolled", every="fiscal_year", start="2019-10", to="2020-01-16")
    (point,) = answer.series[0].points
    assert (point.period, point.day) == ("FY2020", datetime.date(2020, 1, 16))
    assert point.values == {"total_enrolled": 3}


def test_by_default_it_goes_from_the_first_counted_case_to_the_end_of_the_data(data: Path) -> None:
    answer = trend(data, "total-enrolled", every="quarter")
    assert [point.period for point in answer.series[0].points] == ["2019-Q4", "2020-Q1"]
    assert answer.series[0].points[-1].day == datetime.date(2020, 2, 29)


def test_of_nobody_there_is_no_percentage(data: Path) -> None:
    answer = trend(data, "completion-rate", start="2019-09", to="2019-10")
    assert points(answer, "completion_percentage")["2019-09"] is None
    assert answer.series[0].points[0].display["completion_percentage"] == "n/a"


def test_groups_have_a_series_each_and_sum_to_all_cases(data: Path) -> None:
    answer = trend(data, "total-enrolled", start="2019-11", by=["nationality"])
    assert [series.by.get("nationality", "all") for series in answer.series] == [
        "all",
        "CUBA",
        "HONDURAS",
        None,
    ]
    for place, point in enumerate(answer.series[0].points):
        parts = [each.points[place].values["total_enrolled"] for each in answer.series[1:]]
        assert sum(parts) == point.values["total_enrolled"]  # type: ignore[arg-type]


def test_a_breakdown_by_time_follows_those_enrolled_in_each_period(data: Path) -> None:
    answer = trend(data, "completion-rate", every="quarter", start="2019-10", by=["month"])
    enrolled_in_november = next(s for s in answer.series if s.by.get("month") == "2019-11")
    assert [p.values["cases_completed"] for p in enrolled_in_november.points] == [1, 1]


def test_conditions_narrow_every_point(data: Path) -> None:
    answer = trend(data, "total-enrolled", start="2019-11", where={"nationality": "CUBA"})
    assert points(answer, "total_enrolled")["2020-02"] == 2


def test_encounters_are_the_fiscal_year_to_date(data: Path) -> None:
    answer = trend(data, "enforcement-encounters", start="2019-09", to="2019-12-30")
    assert points(answer, "encounters") == {
        "2019-09": 5,
        "2019-10": 77,
        "2019-11": 77,
        "2019-12": 77,  # December has not ended.
    }
    answer = trend(data, "enforcement-encounters", start="2019-09", to="2019-12", by=["component"])
    ofo = next(each for each in answer.series if each.by.get("component") == "OFO")
    assert [point.values["encounters"] for point in ofo.points] == [None, 7, 7, 607]
    note = "each point is the fiscal year to date: the count begins again every October"
    assert answer.notes == (note,)
    assert trend(data, "total-enrolled").notes == ()


@pytest.mark.parametrize(
    ("every", "day", "ends", "label"),
    [
        ("month", "2020-02-10", "2020-02-29", "2020-02"),
        ("quarter", "2020-02-10", "2020-03-31", "2020-Q1"),
        ("quarter", "2020-12-31", "2020-12-31", "2020-Q4"),
        ("fiscal_year", "2020-09-30", "2020-09-30", "FY2020"),
        ("fiscal_year", "2020-10-01", "2021-09-30", "FY2021"),
        ("day", "2020-02-10", "2020-02-10", "2020-02-10"),
    ],
)
def test_periods_end_where_the_calendar_says(every: str, day: str, ends: str, label: str) -> None:
    start = datetime.date.fromisoformat(day)
    first = period_ends(start, datetime.date(2021, 10, 31), every)[0]
    assert (first.isoformat(), period_label(first, every)) == (ends, label)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    st.dates(datetime.date(2018, 1, 1), datetime.date(2022, 12, 31)),
    st.integers(0, 900),
    st.sampled_from(["day", "month", "quarter", "fiscal_year"]),
)
def test_periods_follow_each_other_without_a_gap(
    start: datetime.date, days: int, every: str
) -> None:
    to = start + datetime.timedelta(days=days)
    ends = period_ends(start, to, every)
    assert ends == sorted(set(ends))
    assert ends[0] >= start
    assert ends[-1] == to
    for before, after in zip([start, *ends], ends, strict=False):
        # Every day from the start on lies in the period of the first end after it.
        day = min(before + datetime.timedelta(days=1), after) if before in ends else before
        assert period_label(day, every) == period_label(after, every)


def test_every_point_of_the_sample_is_what_a_report_says_and_its_last_the_documents() -> None:
    with mpp_cli.load(columns=()) as sample:
        for name in ("completion-rate", "relief-granted", "non-refoulement-referrals"):
            answer = api.trend(sample, name, every="quarter", start="2019-06")
            for point in answer.series[0].points:
                metric = mpp_cli.metric(sample, name, as_of=point.day)
                assert point.values == figures(metric)
            assert point.day == datetime.date(2020, 12, 31)
        answer = api.trend(sample, "enforcement-encounters", to="2020-12-31")
        for point in answer.series[0].points[::5]:
            metric = mpp_cli.metric(sample, "enforcement-encounters", as_of=point.day)
            assert point.values == figures(metric)


def test_many_periods_ask_the_engine_no_more_than_one(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    execute = DuckDB._execute

    def spy(self: DuckDB, sql: str, parameters: dict[str, Any]) -> Any:
        asked.append(sql)
        return execute(self, sql, parameters)

    monkeypatch.setattr(DuckDB, "_execute", spy)
    numbers = []
    with mpp_cli.load(data, today=TODAY) as loaded:
        # What every answer needs is found once.
        api.trend(loaded, "completion-rate", start="2020-12", to="2020-12")
        for start in ("2020-12", "2019-01"):
            asked.clear()
            answer = api.trend(loaded, "completion-rate", start=start, to="2020-12")
            numbers.append((len(answer.series[0].points), len(asked)))
    assert [points for points, _ in numbers] == [1, 24]
    assert numbers[0][1] == numbers[1][1]


def test_what_has_no_trend_is_refused(data: Path) -> None:
    for options, said in (
        ({"start": "2021-01", "to": "2020-01"}, "after it ends"),
        ({"every": "week"}, "unknown period"),
        ({"start": "2019-13"}, "unreadable date"),
        ({"every": "day", "start": "1900-01-01"}, "points"),
        ({"by": ["colour"]}, "unknown column"),
    ):
        with pytest.raises(UsageError, match=said):
            trend(data, "total-enrolled", **options)
    with pytest.raises(UsageError, match="fiscal year to date"):
        trend(data, "enforcement-encounters", by=["month"])
    with pytest.raises(UnavailableError, match="needs a list of grants"):
        trend(data, "relief-granted")


def test_published_figures_alone_have_no_trend() -> None:
    published = draw(
        {"aggregates": "| as_of | measure | value |\n| 2020-12-31 | relief_granted | 5 |"}
    )
    with pytest.raises(UnavailableError, match="a trend needs the cases"):
        trend(published, "relief-granted")
