"""mpp compare: two dates or two releases, its formats, and what it refuses."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from tests.harness import run
from tests.spec.draw import draw


@pytest.fixture(scope="module")
def old() -> Path:
    return draw(
        {
            "cases": """
                | case_id | nta_filed_date |
                | KEPT    | 2020-01-01     |
                | GONE    | 2020-01-01     |
            """,
            "completions": """
                | case_id | completion_date | outcome |
            """,
        }
    )


@pytest.fixture(scope="module")
def new() -> Path:
    return draw(
        {
            "cases": """
                | case_id | nta_filed_date |
                | KEPT    | 2020-01-01     |
                | FRESH   | 2020-03-01     |
                | FRESHER | 2020-03-02     |
            """,
            "completions": """
                | case_id | completion_date | outcome    |
                | KEPT    | 2020-03-01      | terminated |
            """,
        }
    )


def compare(*arguments: str | Path) -> tuple[int, str, str]:
    code, out, err = run(["compare", *map(str, arguments), "--no-config"])
    return code, out.decode(), err


def test_two_dates(new: Path) -> None:
    dates = ["--as-of", "2020-03-01", "--with", "2020-02-01"]
    code, out, _ = compare("completion-rate", "--data", new, *dates, "-f", "json")
    document = json.loads(out)
    assert (code, document["format"], document["case_ids"]) == (0, "mpp-compare/1", None)
    assert document["as_of"] == "2020-03-01"
    assert document["before"]["as_of"] == "2020-02-01"
    enrolled, completed, rate = document["metrics"][0]["measures"]
    assert (enrolled["before"], enrolled["after"], enrolled["change"]) == (1, 2, 1)
    assert completed["parts"][1] == {
        "part": "completed-since",
        "label": "completed since",
        "value": 1,
        "display": "+1",
        "of": None,
        "cases": None,
    }
    assert rate["display"] == {"before": "0%", "after": "50%", "change": "+50.00 points"}
    assert sum(part["value"] for part in rate["parts"]) == pytest.approx(0.5)


def test_two_releases(new: Path, old: Path) -> None:
    both = ["--data", new, "--with-data", old]
    code, out, _ = compare("total-enrolled", *both, "--as-of", "2020-03-31", "-f", "json")
    document = json.loads(out)
    assert code == 0
    assert document["case_ids"] == {"before": 2, "after": 3, "both": 1}
    assert document["request"]["data"] == [str(new)]
    assert document["before"]["paths"] == [str(old)]
    (enrolled,) = document["metrics"][0]["measures"]
    found = {part["part"]: part["value"] for part in enrolled["parts"] if part["value"]}
    assert found == {"record-added-late": 2, "record-removed": -1}


def test_the_page_says_what_is_compared(new: Path, old: Path) -> None:
    for format in ("table", "markdown"):
        code, out, _ = compare("--data", new, "--with-data", old, "-f", format)
        assert code == 0
        assert "As of March 2, 2020, compared with January 1, 2020" in out
        assert "2 newly enrolled" in out
        assert "1 record removed" in out
        text = " ".join(out.split())
        assert "unavailable: the data: this figure needs a list of grants of relief" in text
        assert "KEPT" not in out


@pytest.mark.parametrize("format", ["table", "markdown", "html", "json"])
def test_a_change_of_encounters_names_its_fiscal_years(format: str) -> None:
    months = draw(
        {
            "encounters": """
                | fiscal_year | month | component | encounters |
                | 2020        | SEP   | USBP      | 1000       |
                | 2021        | OCT   | USBP      | 1          |
                | 2021        | NOV   | USBP      | 2          |
            """
        }
    )
    dates = ["--as-of", "2020-11-30", "--with", "2020-09-30"]
    asked = ["enforcement-encounters", "--data", months, *dates, "-f", format]
    code, out, _ = compare(*asked)
    page = " ".join(out.split())
    assert code == 0
    assert (
        "before is fiscal year 2020, 1 month; after is fiscal year 2021 to date, 2 months; "
        "the count begins again every October" in page
    )
    if format != "json":
        assert "+3: 2 new months" in page


def test_warnings_of_two_releases_say_whose_they_are(tmp_path: Path) -> None:
    """The old release ends before the as-of date, and the new one is as often at fault."""
    early, late = tmp_path / "early", tmp_path / "late"
    for folder, end in ((early, "2020-11-30"), (late, "2020-12-31")):
        folder.mkdir()
        rows = f"A,2020-01-01\nB,{end}\nC,odd\n" + "".join(f"D{n},2020-01-01\n" for n in range(9))
        (folder / "cases.csv").write_text(f"case_id,nta_filed_date\n{rows}")
    asked = ["total-enrolled", "--as-of", "2020-12-31"]
    ends = "the case data end on 2020-11-30; what happened from then to 2020-12-31 is not in them"
    for new, old in ((late, early), (early, late)):
        code, out, err = compare(*asked, "--data", new, "--with-data", old)
        assert code == 0
        assert err.count("the case data end") == 1
        assert f"mpp: warning: {early}: {ends}\n" in err
        assert f"{early.name}: {ends}" in " ".join(out.split())
        for folder in (early, late):
            assert f"mpp: warning: {folder}: of 12 rows read; set aside: 1;" in err
        assert compare(*asked, "--data", new, "--with-data", old, "-q")[2] == ""
    code, out, _ = compare(*asked, "--data", late, "--with-data", early, "-f", "json")
    document = json.loads(out)
    assert [each["text"] for each in document["before"]["warnings"]] == [f"{early}: {ends}"]
    assert document["warnings"] == []


def test_two_dates_of_the_same_data_are_warned_of_once(new: Path) -> None:
    _, _, err = compare("--data", new, "--as-of", "2020-04-30", "--with", "2020-03-31")
    assert err == (
        "mpp: warning: the case data end on 2020-03-02; what happened from then to 2020-04-30 "
        "is not in them\n"
    )


def test_releases_of_encounters_are_told_apart_on_the_page(tmp_path: Path) -> None:
    for name, number in (("old", 1000), ("new", 1100)):
        (tmp_path / f"{name}.csv").write_text(
            f"fiscal_year,month,component,encounters\n2020,SEP,USBP,{number}\n"
        )
    both = ["--data", tmp_path / "new.csv", "--with-data", tmp_path / "old.csv"]
    code, out, _ = compare("enforcement-encounters", *both)
    assert code == 0
    assert "Sources of the data compared with" in out


def test_csv_has_a_line_for_each_measure_and_part(new: Path) -> None:
    dates = ["--as-of", "2020-03-01", "--with", "2020-02-01"]
    _, out, _ = compare("--data", new, *dates, "-f", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    whole = [row for row in rows if row["measure"] == "total_enrolled" and not row["part"]]
    assert [(row["metric"], row["change"]) for row in whole] == [
        ("completion-rate", "1"),
        ("total-enrolled", "1"),
    ]
    assert {row["status"] for row in rows if row["metric"] == "relief-granted"} == {"unavailable"}


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ([], 2, "nothing to compare with"),
        (["--as-of", "2020-01-01", "--with", "2020-02-01"], 2, "before it"),
        (["--with", "soon"], 2, 'unreadable date "soon" in --with\n'),
        (["--with", "2020-02-30"], 2, 'unreadable date "2020-02-30" in --with\n'),
        (["--as-of", "2020-02-30", "--with", "2020-02-01"], 2, "in --as-of\n"),
        (["relief-granted", "--with", "2020-02-01"], 3, "needs a list of grants"),
        (["--with", "2020-02-01", "--strict"], 5, "needs a list of grants"),
        (["--with", "2020-02-01", "-f", "value"], 2, "no value output"),
        (["--with-data", "/nowhere"], 3, "--with-data"),
        (["completon-rate", "--with", "2020-02-01"], 2, "did you mean"),
    ],
)
def test_what_is_refused(new: Path, arguments: list[str], code: int, said: str) -> None:
    done, out, err = compare("--data", new, *arguments)
    assert (done, out) == (code, "")
    assert said in err


def test_published_figures_alone_cannot_be_compared() -> None:
    figures = draw(
        {"aggregates": "| as_of | measure | value |\n| 2020-12-31 | relief_granted | 5 |"}
    )
    code, out, err = compare("--data", figures, "--with", "2020-09-30")
    assert (code, out) == (3, "")
    assert "this figure needs a list of cases" in err
    code, out, err = run(["reconcile", "--data", str(figures), "--no-config"])
    assert (code, out) == (3, b"")
    assert "this figure needs a list of cases" in err


def test_a_condition_that_one_table_lacks_leaves_its_measures_out(new: Path) -> None:
    months = "| fiscal_year | month | component | encounters | citizenship |"
    row = "| 2020        | JAN   | USBP      | 7          | CUBA        |"
    data = [new, draw({"encounters": f"{months}\n{row}"})]
    where = ["--where", "citizenship=CUBA", "--with", "2020-01-31", "--as-of", "2020-02-29"]
    code, out, _ = compare("--data", data[0], "--data", data[1], *where)
    assert code == 0
    assert "unavailable: the data: cases has no column citizenship" in out


def test_the_earlier_release_is_never_written_over(new: Path, tmp_path: Path) -> None:
    cases = tmp_path / "cases.csv"
    cases.write_text("case_id,nta_filed_date\nKEPT,2020-01-01\n")
    code, _, err = compare("--data", new, "--with-data", cases, "-o", cases)
    assert code == 2
    assert "one of the data files" in err
    assert cases.read_text().startswith("case_id")
