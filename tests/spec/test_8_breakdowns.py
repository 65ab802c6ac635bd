"""Breakdowns and conditions: groups sum to totals, parts stay inside their wholes."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

import mpp_cli
from mpp_cli.common.errors import UsageError
from mpp_cli.metrics import query
from tests.spec.draw import ask, draw, excluded, figures, folder, groups, population, report

NAME = "completion-rate"

TABLES = {
    "cases": """
        | case_id | nta_filed_date | nationality | component | docket   |
        | A       | 2019-09-30     | HONDURAS    | USBP      |          |
        | B       | 2019-10-01     | HONDURAS    | OFO       |          |
        | C       | 2020-01-15     | CUBA        | USBP      |          |
        | D       | 2020-01-15     |             | USBP      |          |
        | E       | 2020-12-31     | NA          |           |          |
        | F       | 2019-09-30     | CUBA        | USBP      | detained |
        | G       |                | PERU        | USBP      |          |
        | H       | 2021-01-01     | BRAZIL      | USBP      |          |
    """,
    "completions": """
        | case_id | completion_date | outcome         |
        | A       | 2019-12-02      | removal_ordered |
        | B       | 2020-10-01      | terminated      |
        | D       | 2020-02-03      | removal_ordered |
    """,
    "grants": """
        | case_id | granted_date | relief_type |
        | B       | 2020-10-01   | asylum      |
    """,
    "referrals": """
        | case_id | referred_date |
        | A       | 2019-10-02    |
        | A       | 2020-10-02    |
        | G       | 2020-10-02    |
    """,
    "encounters": """
        | fiscal_year | month | component | demographic | encounters |
        | 2021        | OCT   | USBP      | Family      | 5          |
        | 2021        | OCT   | OFO       | Family      | 7          |
        | 2021        | OCT   | OFO       |             | 1          |
    """,
}


@pytest.fixture(scope="module")
def data() -> Path:
    return draw(TABLES)


# ------------------------------------------------------------ columns of cases


def test_a_blank_value_is_a_group_of_its_own_and_comes_last(data: Path) -> None:
    answer = ask(data, "total-enrolled", by=("nationality",))
    # NA is a value. PERU was never enrolled and BRAZIL not yet: they are no groups.
    assert list(groups(answer, "total_enrolled").items()) == [
        ("CUBA", 1),
        ("HONDURAS", 2),
        ("NA", 1),
        (None, 1),
    ]


def test_every_measure_is_given_for_every_group(data: Path) -> None:
    answer = ask(data, NAME, by=("nationality",))
    assert groups(answer, "total_enrolled") == {"CUBA": 1, "HONDURAS": 2, "NA": 1, None: 1}
    assert groups(answer, "cases_completed") == {"CUBA": 0, "HONDURAS": 2, "NA": 0, None: 1}
    assert groups(answer, "completion_percentage") == {
        "CUBA": Fraction(0),
        "HONDURAS": Fraction(1),
        "NA": Fraction(0),
        None: Fraction(1),
    }


def test_several_columns_give_their_combinations(data: Path) -> None:
    answer = ask(data, "total-enrolled", by=("component", "nationality"))
    assert groups(answer, "total_enrolled") == {
        ("OFO", "HONDURAS"): 1,
        ("USBP", "CUBA"): 1,
        ("USBP", "HONDURAS"): 1,
        ("USBP", None): 1,
        (None, "NA"): 1,
    }


@pytest.mark.parametrize(
    "by",
    [
        ("nationality",),
        ("component",),
        ("docket",),
        ("nta_filed_date",),
        ("month",),
        ("quarter",),
        ("fiscal_year",),
        ("calendar_year",),
        ("nationality", "month"),
    ],
)
def test_groups_sum_to_the_total(data: Path, by: tuple[str, ...]) -> None:
    for metric in report(data, by=by).metrics[:4]:
        for measure in metric.measures:
            if measure.unit != "ratio":
                found = groups(metric, measure.name)
                if by == ("docket",) and metric.name == "completion-rate":
                    # Other dockets stand beside it, for comparison.
                    found = {"mpp": found["mpp"]}
                assert sum(found.values()) == measure.value  # type: ignore[arg-type]


def test_a_column_may_be_named_in_any_spelling(data: Path) -> None:
    assert ask(data, NAME, by=("Nationality",)).metric.by == ("nationality",)


# ------------------------------------------------------------------- by time


def test_a_rate_is_grouped_by_the_event_of_its_whole(data: Path) -> None:
    answer = ask(data, NAME, by=("fiscal_year",))
    # B was enrolled in fiscal 2020 and completed in fiscal 2021: it stays with its own year.
    assert groups(answer, "total_enrolled") == {2019: 1, 2020: 3, 2021: 1}
    assert groups(answer, "cases_completed") == {2019: 1, 2020: 2, 2021: 0}
    assert groups(answer, "completion_percentage") == {
        2019: Fraction(1),
        2020: Fraction(2, 3),
        2021: Fraction(0),
    }


def test_a_measure_alone_is_grouped_by_its_own_event(data: Path) -> None:
    answer = ask(data, NAME, by=("fiscal_year",), measure="cases_completed")
    assert groups(answer, "cases_completed") == {2020: 2, 2021: 1}
    assert figures(answer) == {"cases_completed": 3}


def test_a_rate_asked_for_alone_keeps_its_part_and_its_whole(data: Path) -> None:
    answer = ask(data, NAME, by=("fiscal_year",), measure="completion_percentage")
    assert set(figures(answer)) == {"total_enrolled", "cases_completed", "completion_percentage"}
    assert groups(answer, "cases_completed") == {2019: 1, 2020: 2, 2021: 0}


@pytest.mark.parametrize(
    ("metric", "measure", "year"),
    [
        ("relief-granted", "relief_granted", {2021: 1}),
        ("non-refoulement-referrals", "aliens_referred", {2020: 1, 2021: 1}),
    ],
)
def test_grants_and_referrals_are_grouped_by_their_own_first_date(
    data: Path, metric: str, measure: str, year: dict[object, int]
) -> None:
    assert groups(ask(data, metric, by=("fiscal_year",)), measure) == year


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("month", {"2019-09": 1, "2019-10": 1, "2020-01": 2, "2020-12": 1}),
        ("quarter", {"2019-Q3": 1, "2019-Q4": 1, "2020-Q1": 2, "2020-Q4": 1}),
        ("calendar_year", {2019: 2, 2020: 3}),
        ("fiscal_year", {2019: 1, 2020: 3, 2021: 1}),
    ],
)
def test_the_periods(data: Path, by: str, expected: dict[object, int]) -> None:
    answer = ask(data, "total-enrolled", by=(by,))
    assert list(groups(answer, "total_enrolled").items()) == list(expected.items())


# ------------------------------------------------- columns that a table lacks


def test_a_metric_that_lacks_the_column_is_given_whole_with_a_note(data: Path) -> None:
    *of_cases, encounters = report(data, by=("nationality",)).metrics
    assert all(metric.by == ("nationality",) and not metric.notes for metric in of_cases)
    assert figures(encounters) == {"encounters": 13}
    assert encounters.by == ("fiscal_year",)
    assert len(encounters.notes) == 1
    assert "nationality" in encounters.notes[0]


def test_cases_lack_the_columns_of_encounters(data: Path) -> None:
    *of_cases, encounters = report(data, by=("demographic",)).metrics
    assert [(metric.rows, len(metric.notes)) for metric in of_cases] == [((), 1)] * 4
    assert groups(encounters, "encounters") == {(2021, "Family"): 12, (2021, None): 1}


@pytest.mark.parametrize(
    ("by", "nearest"),
    [("nationalty", "nationality"), ("fiscal-yaer", "fiscal_year"), ("compnent", "component")],
)
def test_an_unknown_column_suggests_the_nearest(data: Path, by: str, nearest: str) -> None:
    with pytest.raises(UsageError, match="unknown column") as caught:
        ask(data, NAME, by=(by,))
    assert caught.value.hint == f'did you mean "{nearest}"?'


@pytest.mark.parametrize("name", ["case_id", "Case ID", "CASE-ID"])
def test_a_case_id_is_neither_a_group_nor_a_condition(data: Path, name: str) -> None:
    with pytest.raises(UsageError, match="case_id"):
        ask(data, NAME, by=(name,))
    with pytest.raises(UsageError, match="case_id"):
        ask(data, NAME, where={name: "A"})
    with pytest.raises(UsageError, match="case_id"):
        report(data, by=(name,))


def test_a_thousand_groups_are_the_most() -> None:
    def cases(number: int) -> dict[str, str]:
        lines = "\n".join(f"| C{n} | 2019-06-03 | place {n} |" for n in range(number))
        return {"cases": f"| case_id | nta_filed_date | location |\n{lines}"}

    answer = ask(draw(cases(1000)), "total-enrolled", by=("location",))
    assert len(answer.metric.rows) == 1000
    with pytest.raises(UsageError, match=r"1,000 groups"):
        ask(draw(cases(1001)), "total-enrolled", by=("location",))


# ---------------------------------------------------------------- conditions


def test_a_condition_leaves_out_cases_and_the_ledger_says_how_many(data: Path) -> None:
    answer = ask(data, "total-enrolled", where={"component": "USBP"})
    assert figures(answer) == {"total_enrolled": 3}  # A, C and D
    assert population(answer, "total_enrolled") == 8
    assert excluded(answer, "total_enrolled") == {
        "where": 2,  # B and E
        "mpp-docket": 1,
        "nta-filed-only": 1,
        "as-of": 1,
    }


def test_several_conditions_must_all_hold(data: Path) -> None:
    answer = ask(data, "total-enrolled", where={"component": "USBP", "nationality": "CUBA"})
    assert figures(answer) == {"total_enrolled": 1}


def test_a_condition_on_nothing_means_blank(data: Path) -> None:
    for blank in ("", "(blank)"):  # as it is printed, too
        found = figures(ask(data, "total-enrolled", where={"nationality": blank}))
        assert found == {"total_enrolled": 1}
    assert figures(ask(data, "total-enrolled", where={"nationality": "NA"})) == {
        "total_enrolled": 1
    }


@pytest.mark.parametrize("value", ["U.S. Border Patrol", "usbp", " USBP "])
def test_a_code_in_a_condition_is_read_as_in_the_data(data: Path, value: str) -> None:
    assert figures(ask(data, "total-enrolled", where={"component": value})) == {"total_enrolled": 3}


def test_a_date_in_a_condition_is_read_as_in_the_data(data: Path) -> None:
    answer = ask(data, "total-enrolled", where={"nta_filed_date": "1/15/2020"})
    assert figures(answer) == {"total_enrolled": 2}


@pytest.mark.parametrize("value", ["HONDURAS' OR '1'='1", "%", "HOND*", "H_NDURAS", "HONDURA"])
def test_text_in_a_condition_is_compared_whole_and_never_interpreted(
    data: Path, value: str
) -> None:
    with pytest.raises(UsageError) as caught:
        ask(data, "total-enrolled", where={"nationality": value})
    assert caught.value.message == f'--where: no case has nationality "{value}"'


def test_an_unknown_code_in_a_condition_suggests_the_nearest(data: Path) -> None:
    with pytest.raises(UsageError) as caught:
        ask(data, "total-enrolled", where={"docket": "non-detaned"})
    assert caught.value.hint == 'did you mean "non_detained"?'


def test_a_condition_on_an_unknown_column_suggests_the_nearest(data: Path) -> None:
    with pytest.raises(UsageError) as caught:
        ask(data, "total-enrolled", where={"nationalty": "CUBA"})
    assert caught.value.hint == 'did you mean "nationality"?'


@pytest.mark.parametrize("condition", ["component", "=USBP", ""])
def test_a_condition_is_a_column_and_a_value(data: Path, condition: str) -> None:
    with mpp_cli.load(data) as loaded, pytest.raises(UsageError, match="condition"):
        mpp_cli.metric(loaded, "total-enrolled", where=[condition])


# ------------------------------------------------- columns with odd names


ODD = (
    'case_id,nta_filed_date,a,a=b,"=c",$d,"e""f",where_0,_line,x.y,é z\n'
    "A,2020-01-05,1,2,3,4,5,6,7,8,9\n"
    'B,2020-01-05,b=2,=2,2=,$as_of,"""",0,0,0,0\n'
    "C,2020-01-05,,,,,,,,,\n"
)


@pytest.mark.parametrize(
    "condition",
    [
        "a=1",
        "a=b=2",  # the column a=b of A, not the column a of B
        "A=B = 2",
        "a=b==2",
        "a=",
        "a=b=",
        "=c=3",
        "=c=2=",
        "$d=4",
        "$d=$as_of",
        'e"f=5',
        'e"f="',
        "where_0=6",
        "_line=7",
        "x.y=8",
        "É-Z=9",
    ],
)
def test_a_condition_may_name_a_column_of_any_name(condition: str) -> None:
    data = folder(cases=ODD)
    with mpp_cli.load(data, columns=query.ask(where=[condition]).columns) as loaded:
        answer = mpp_cli.metric(loaded, "total-enrolled", where=[condition])
    assert figures(answer) == {"total_enrolled": 1}


def test_what_follows_the_longest_column_is_the_value() -> None:
    # There is no column a=c, so that c=2 would be a value of a.
    with mpp_cli.load(folder(cases=ODD)) as loaded, pytest.raises(UsageError, match='a "c=2"'):
        mpp_cli.metric(loaded, "total-enrolled", where=["a=c=2"])


@pytest.mark.parametrize("by", ["a", "a=b", "=c", "$d", 'e"f', "where_0", "_line", "x.y", "é z"])
def test_figures_are_broken_down_by_a_column_of_any_name(by: str) -> None:
    answer = ask(folder(cases=ODD), "total-enrolled", by=(by,))
    assert list(groups(answer, "total_enrolled").values()) == [1, 1, 1]


def test_conditions_on_two_columns_that_begin_alike_are_two_conditions() -> None:
    with mpp_cli.load(folder(cases=ODD)) as loaded:
        answer = mpp_cli.metric(loaded, "total-enrolled", where=["a=1", "a=b=2"])
        assert figures(answer) == {"total_enrolled": 1}
        with pytest.raises(UsageError, match="names a=b twice"):
            mpp_cli.metric(loaded, "total-enrolled", where=["a=b=2", "a=b=3"])


# -------------------------------------- a column of cases that is called like a time


TIMED = {
    "cases": """
        | case_id | nta_filed_date | month  | fiscal_year |
        | A       | 2020-01-15     | first  | 2019        |
        | B       | 2020-02-15     | first  | 2019        |
        | C       | 2020-02-15     | second |             |
    """
}


def test_a_time_that_is_a_column_of_cases_too_must_be_told_from_it() -> None:
    data = draw(TIMED)
    with pytest.raises(UsageError, match="month of the event or the column month of") as caught:
        ask(data, "total-enrolled", by=("month",))
    assert caught.value.hint is not None
    assert "event.month" in caught.value.hint
    assert "cases.month" in caught.value.hint
    assert groups(ask(data, "total-enrolled", by=("event.month",)), "total_enrolled") == {
        "2020-01": 1,
        "2020-02": 2,
    }
    assert groups(ask(data, "total-enrolled", by=("cases.month",)), "total_enrolled") == {
        "first": 2,
        "second": 1,
    }
    both = ask(data, "total-enrolled", by=("cases.fiscal_year", "event.fiscal_year"))
    assert groups(both, "total_enrolled") == {("2019", 2020): 2, (None, 2020): 1}
    # A time that is no column needs no such word, and may have it.
    for quarter in ("quarter", "event.quarter"):
        found = groups(ask(data, "total-enrolled", by=(quarter,)), "total_enrolled")
        assert found == {"2020-Q1": 3}


def test_only_what_cases_have_can_be_meant_as_a_column_of_cases(data: Path) -> None:
    with pytest.raises(UsageError, match="unknown column"):
        ask(data, "total-enrolled", by=("cases.month",))
    with mpp_cli.load(draw(TIMED), columns={"month"}) as loaded:
        answer = mpp_cli.metric(loaded, "total-enrolled", where={"month": "first"})
    assert figures(answer) == {"total_enrolled": 2}


def test_a_condition_holds_for_groups_and_parts_alike(data: Path) -> None:
    answer = ask(data, NAME, by=("nationality",), where={"component": "USBP"})
    assert groups(answer, "total_enrolled") == {"CUBA": 1, "HONDURAS": 1, None: 1}
    assert groups(answer, "cases_completed") == {"CUBA": 0, "HONDURAS": 1, None: 1}


def test_a_condition_on_encounters_uses_their_own_columns(data: Path) -> None:
    answer = ask(data, "enforcement-encounters", where={"component": "OFO"})
    assert figures(answer) == {"encounters": 8}
    assert population(answer, "encounters") == 13
    assert excluded(answer, "encounters") == {"where": 5}


# ------------------------------------------------------------------- results


def test_the_groups_of_a_data_frame_sum_to_its_totals(data: Path) -> None:
    frame = ask(data, NAME, by=("nationality",)).to_frame()
    enrolled = frame[frame["measure"] == "total_enrolled"]
    whole = enrolled[enrolled["nationality"].isna()]["value"]
    parts = enrolled[enrolled["nationality"].notna()]
    assert list(whole) == [5]
    assert parts["value"].sum() == 5
    assert "(blank)" in set(parts["nationality"])


def test_an_unknown_metric_or_measure_suggests_the_nearest(data: Path) -> None:
    with pytest.raises(UsageError) as caught:
        ask(data, "completon-rate")
    assert caught.value.hint == 'did you mean "completion-rate"?'
    with pytest.raises(UsageError) as caught:
        ask(data, NAME, measure="case_completed")
    assert caught.value.hint == 'did you mean "cases_completed"?'
