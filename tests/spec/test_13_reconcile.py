"""13. Published figures stand beside ours as of the same date, with the difference."""

from __future__ import annotations

import datetime
from fractions import Fraction
from pathlib import Path

import pytest

import mpp_cli
from mpp_cli import api
from mpp_cli.errors import DataError, UsageError
from mpp_cli.reconcile import tolerance
from mpp_cli.reconciliation import Reconciliation
from tests.spec.draw import TODAY, draw

#: Totals that DHS and TRAC have published, where they are at hand.
PUBLISHED = Path(__file__).parents[3] / "shared/data/mpp/published_mpp_totals.csv"

TABLES = {
    "cases": """
        | case_id | nta_filed_date | nationality |
        | A1      | 2020-01-01     | CUBA        |
        | A2      | 2020-06-01     | CUBA        |
        | A3      | 2020-09-30     | HONDURAS    |
    """,
    "completions": """
        | case_id | completion_date | outcome    |
        | A1      | 2020-03-01      | terminated |
    """,
    "encounters": """
        | fiscal_year | month | component | encounters |
        | 2020        | OCT   | USBP      | 10         |
    """,
}


@pytest.fixture(scope="module")
def data() -> Path:
    return draw(TABLES)


def reconcile(data: Path, published: str, tmp_path: Path, **options: object) -> Reconciliation:
    path = tmp_path / "published.csv"
    path.write_text(published, encoding="utf-8")
    with mpp_cli.load(data, today=TODAY) as loaded:
        return api.reconcile(loaded, path, **options)  # type: ignore[arg-type]


def test_each_figure_is_held_against_ours_as_of_its_own_date(data: Path, tmp_path: Path) -> None:
    answer = reconcile(
        data,
        "as_of,measure,value\n"
        '2020-05-31,total_enrolled,1\n2020-06-30,total_enrolled,"1,000"\n'
        "9/30/2020,cases_completed,4\n2020-09-30,encounters,8\n",
        tmp_path,
    )
    assert [(row.ours, row.difference, row.share) for row in answer.rows] == [
        (1, 0, Fraction(0)),
        (2, -998, Fraction(-998, 1000)),
        (1, -3, Fraction(-3, 4)),
        (10, 2, Fraction(1, 4)),
    ]
    assert [row.display_share for row in answer.rows] == ["0.00%", "-99.80%", "-75.00%", "+25.00%"]


def test_a_tolerance_is_a_number_or_a_part_of_the_published_figure(
    data: Path, tmp_path: Path
) -> None:
    published = "as_of,measure,value\n2020-06-30,total_enrolled,4\n"
    for text, within in (("0", False), ("1", False), ("2", True), ("49.9%", False), ("50%", True)):
        (row,) = reconcile(data, published, tmp_path, tolerance=text).rows
        assert row.within is within, text
    for text in ("", "-1", "1e3", "5 %%"):
        with pytest.raises(UsageError, match="unreadable tolerance"):
            tolerance(text)


def test_a_date_beyond_the_data_is_shown_and_not_checked(data: Path, tmp_path: Path) -> None:
    (row,) = reconcile(data, "as_of,measure,value\n2020-10-01,total_enrolled,3\n", tmp_path).rows
    assert (row.status, row.ours, row.within) == ("beyond-data", 3, None)


def test_what_cannot_be_computed_says_why(data: Path, tmp_path: Path) -> None:
    published = "as_of,measure,value\n2020-06-30,relief_granted,4\n2020-10-20,encounters,5\n"
    relief, encounters = reconcile(data, published, tmp_path).rows
    assert (relief.status, relief.within) == ("unavailable", None)
    assert "a list of grants of relief" in (relief.reason or "")
    assert "no full month" in (encounters.reason or "")


def test_nothing_is_divided_by_a_published_nought(data: Path, tmp_path: Path) -> None:
    (row,) = reconcile(data, "as_of,measure,value\n2020-06-30,total_enrolled,0\n", tmp_path).rows
    assert (row.difference, row.share, row.display_share) == (2, None, "n/a")


def test_the_words_of_publishers_are_understood(data: Path, tmp_path: Path) -> None:
    """What corresponds to no measure is listed as such; a misspelt name is refused."""
    answer = reconcile(
        data,
        "as_of,publisher,measure,value\n"
        "2020-06-30,TRAC,cases filed (rounded),2\n"
        "2020-06-30,DHS,total enrolled (NTA filed only),2\n"
        "2020-06-30,DHS,Total Cases Completed,1\n"
        "2020-06-30,TRAC,absent at last hearing,7\n"
        "2020-06-30,somebody,number of buses,7\n",
        tmp_path,
    )
    found = [(row.published.measure, row.published.published_as, row.ours) for row in answer.rows]
    assert found == [
        ("total_enrolled", "cases filed (rounded)", 2),
        ("total_enrolled", "total enrolled (NTA filed only)", 2),
        ("cases_completed", "Total Cases Completed", 1),
        (None, "absent at last hearing", None),
        (None, "number of buses", None),
    ]
    # TRAC counts from the day of issue, which the built-in list knows of it.
    assert [each.variant for each in answer.rows[0].variants] == ["nta-issue-date"]
    assert answer.rows[1].variants == ()
    assert [row.status for row in answer.rows[3:]] == ["unavailable"] * 2


@pytest.mark.skipif(not PUBLISHED.exists(), reason="the list of published totals is not here")
def test_a_list_of_everything_that_was_published_is_read_whole(tmp_path: Path) -> None:
    with mpp_cli.load("sample") as loaded:
        answer = api.reconcile(loaded, PUBLISHED)
    lines = PUBLISHED.read_text(encoding="utf-8").splitlines()
    assert len(answer.rows) == len(lines) - 1
    ours = {
        row.published.published_as: row.difference
        for row in answer.rows
        if row.published.publisher == "DHS" and row.ours is not None
    }
    assert set(ours.values()) == {0}


def test_publisher_and_date_pick_figures(data: Path, tmp_path: Path) -> None:
    published = (
        "publisher,as_of,measure,value\nX,2020-06-30,total_enrolled,1\n"
        "Y,2020-06-30,total_enrolled,2\nY,2020-01-01,total_enrolled,3\n"
    )
    answer = reconcile(data, published, tmp_path, publisher="y", as_of="2020-06-30")
    assert [row.published.value for row in answer.rows] == [2]
    with pytest.raises(UsageError, match='no figure of "Z"'):
        reconcile(data, published, tmp_path, publisher="Z")
    with pytest.raises(UsageError, match="no published figure as of 2020-02-02"):
        reconcile(data, published, tmp_path, as_of="2020-02-02")


@pytest.mark.parametrize(
    ("published", "line", "said"),
    [
        ("as_of,value\n", 1, "no column measure"),
        ("as_of,measure,value,nationality\n", 1, '"nationality" is unknown'),
        ("as_of,measure,value\n2020-06-30,total_enroled,1\n", 2, "unknown measure"),
        ("as_of,measure,value\n\n2020-02-30,total_enrolled,1\n", 3, "unreadable date"),
        ("as_of,measure,value\n2020-06-30,total_enrolled,65%\n", 2, "is not a count"),
        ("as_of,measure,value\n2020-06-30,total_enrolled\n", 2, "a different number of fields"),
        ("as_of,measure,value\n", None, "no published figure"),
        ("", None, "the file is empty"),
    ],
)
def test_a_list_that_cannot_be_read_is_refused_with_its_line(
    data: Path, tmp_path: Path, published: str, line: int | None, said: str
) -> None:
    with pytest.raises(DataError, match=said) as caught:
        reconcile(data, published, tmp_path)
    assert caught.value.line == line


@pytest.mark.parametrize(
    "published",
    [
        'as_of,measure,value\n2020-06-30,total_enrolled,"1,404"\n',
        "as_of,measure,value,\n30-Jun-2020,total_enrolled,1404,\nTotal,,1404,\n",
        "\ufeffAs  Of,Measure,Value\n6/30/2020 0:00,total_enrolled,1404.0\n",
        "Figures of ours\n\nAs-Of,measure,value,publisher\n6/30/2020,total_enrolled,1404,É\n",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
def test_a_list_is_read_like_any_file(
    data: Path, tmp_path: Path, published: str, encoding: str
) -> None:
    text = published if encoding == "utf-8" else published.removeprefix("\ufeff")
    path = tmp_path / "published.csv"
    path.write_bytes(text.encode(encoding))
    with mpp_cli.load(data, today=TODAY) as loaded:
        (row,) = api.reconcile(loaded, path).rows
    assert (row.published.value, str(row.published.as_of)) == (1404, "2020-06-30")


def test_the_sample_differs_from_the_document_by_nothing() -> None:
    with mpp_cli.load(columns=()) as sample:
        answer = api.reconcile(sample, publisher="DHS")
        assert [row.published.measure for row in answer.rows] == [
            "relief_granted",
            "aliens_referred",
            "total_enrolled",
            "cases_completed",
        ]
        assert {row.difference for row in answer.rows} == {0}
        assert len(answer.checked) == 4
        everything = api.reconcile(sample)
    for row in everything.rows:
        assert row.published.source
        assert row.published.publisher in ("DHS", "TRAC")
        assert row.published.as_of in (
            datetime.date(2020, 12, 31),
            datetime.date(2021, 1, 31),
            datetime.date(2019, 11, 30),
        )
        assert row.ours is not None or row.status == "unavailable"
    # The data of the sample end before the later of TRAC's dates.
    beyond = {row.published.as_of for row in everything.rows if row.status == "beyond-data"}
    assert beyond == {datetime.date(2021, 1, 31)}


def test_conditions_narrow_ours(data: Path, tmp_path: Path) -> None:
    published = "as_of,measure,value\n2020-09-30,total_enrolled,1\n"
    (row,) = reconcile(data, published, tmp_path, where={"nationality": "HONDURAS"}).rows
    assert row.difference == 0


# -------------------------------------------------------------------- by group


def groups(answer: Reconciliation) -> list[dict[object, int | None]]:
    """Our groups under each published figure."""
    return [
        {"/".join(map(str, each.by.values())): each.value for each in row.groups}
        for row in answer.rows
    ]


def test_our_groups_stand_under_a_published_total_and_sum_to_ours(
    data: Path, tmp_path: Path
) -> None:
    text = "as_of,measure,value\n2020-06-30,total_enrolled,2\n2020-09-30,total_enrolled,3\n"
    answer = reconcile(data, text, tmp_path, by=["nationality"])
    assert groups(answer) == [{"CUBA": 2}, {"CUBA": 2, "HONDURAS": 1}]
    answer = reconcile(data, text, tmp_path, by=["quarter", "nationality"])
    assert groups(answer)[1] == {"2020-Q1/CUBA": 1, "2020-Q2/CUBA": 1, "2020-Q3/HONDURAS": 1}
    assert [row.difference for row in answer.rows] == [0, 0]


def test_a_published_group_is_held_against_ours(data: Path, tmp_path: Path) -> None:
    text = (
        "as_of,measure,value,nationality\n"
        "2020-09-30,total_enrolled,3,\n"
        "2020-09-30,total_enrolled,1,CUBA\n"
        "2020-09-30,total_enrolled,1,HONDURAS\n"
        "2020-09-30,total_enrolled,4,PERU\n"
        "2020-09-30,total_enrolled,2,(blank)\n"
        "2020-09-30,encounters,2,CUBA\n"
    )
    answer = reconcile(data, text, tmp_path, by=["nationality"])
    assert [(row.ours, row.difference, row.within) for row in answer.rows] == [
        (3, 0, True),
        (2, 1, False),
        (1, 0, True),
        (0, -4, False),
        (0, -2, False),
        (None, None, None),
    ]
    assert answer.rows[-1].reason == "encounters has no groups by nationality"
    assert groups(answer)[0] == {"CUBA": 2, "HONDURAS": 1}
    assert groups(answer)[1] == {}


def test_encounters_are_grouped_by_their_own_columns_and_months(data: Path, tmp_path: Path) -> None:
    text = "as_of,measure,value\n2020-09-30,encounters,10\n"
    answer = reconcile(data, text, tmp_path, by=["month", "component", "nationality"])
    assert groups(answer) == [{"2019-10/USBP": 10}]
    assert answer.notes == (
        "encounters cannot be broken down by nationality, which its table lacks",
    )
