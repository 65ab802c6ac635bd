"""What was read in part: no figure is made of the rest as if it were all.

A component written in another way, a border that may be the southwest, a published part that was
lost, a condition of a mapping that no row meets: each leaves rows that could be added up.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import mpp_cli
from mpp_cli.sources.tally import THEIRS, Tally, of_count, of_date
from tests.harness import run
from tests.spec.draw import TODAY, folder

MONTHS = ("OCT", "NOV", "DEC", "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP")
PUBLISHED = "as_of,measure,value"


def encounters(ofo: str = "OFO", first: int = 0, ofo_counts: int = 100) -> str:
    """A year of both components; the last of OFO's months as ``ofo``, from the ``first`` on."""
    rows = [f"2020,{month},USBP,1000" for month in MONTHS]
    rows += [
        f"2020,{month},{ofo if place >= first else 'OFO'},{ofo_counts}"
        for place, month in enumerate(MONTHS)
    ]
    return "fiscal_year,month,component,encounters\n" + "\n".join(rows) + "\n"


def figures(data: Path, *options: str, metric: str = "enforcement-encounters") -> dict[str, object]:
    """The parsed JSON of a metric, with its exit code and standard error."""
    code, out, err = run(
        ["metric", metric, "--data", str(data), "--no-config", "-q", "-f", "json", *options]
    )
    return {"code": code, "err": err, "metric": json.loads(out)["metric"] if out else None}


# --- encounters ------------------------------------------------------------------


@pytest.mark.parametrize("spelled", ["Field Operations", "Office of Field Operations (OFO)", "FO"])
def test_a_component_of_another_name_is_not_left_out_of_the_sum(spelled: str) -> None:
    found = figures(folder(encounters=encounters(spelled)), "--as-of", "2020-09-30")
    assert found["code"] == 3
    assert (
        "there are no rows of OFO in fiscal year 2020, and rows with an unreadable component"
        in (str(found["err"]))
    )


def test_a_row_without_a_component_says_nothing_of_one() -> None:
    table = "fiscal_year,month,component,encounters\n2020,OCT,USBP,7\n2020,OCT,,7\n"
    found = figures(folder(encounters=table), "--as-of", "2020-09-30")
    assert found["metric"]["measures"][0]["value"] == 7  # type: ignore[index]


def test_a_month_of_which_a_component_was_lost_has_no_figure_of_it() -> None:
    table = encounters().replace("2020,OCT,OFO,100", "2020,OCT,OFO,n/a")
    found = figures(folder(encounters=table), "--as-of", "2020-09-30", "--by", "month")
    rows = {row["by"]["month"]: row["values"] for row in found["metric"]["rows"]}  # type: ignore[index]
    assert (rows["2019-10"]["usbp"], rows["2019-10"]["ofo"]) == (1000, None)
    assert rows["2019-11"]["ofo"] == 100


@pytest.mark.parametrize(
    "region", ["SW", "swb", "SW Land Border", "South West", "Southwest sector"]
)
def test_a_region_that_may_be_the_southwest_is_set_aside_and_not_outside(region: str) -> None:
    rows = "".join(
        f"2020,{month},USBP,100,{region if place < 4 else 'southwest'}\n"
        for place, month in enumerate(MONTHS)
    )
    table = f"fiscal_year,month,component,encounters,region\n{rows}"
    found = figures(folder(encounters=table), "--as-of", "2020-09-30")
    assert "4 of 12 rows of encounters.csv were set aside (4 unknown value)" in str(found["err"])
    code, _, err = run(["report", "--data", str(folder(encounters=table)), "--strict"])
    assert (code, "12 rows read, are more than --strict allows" in err) == (5, True)


@pytest.mark.parametrize("region", ["Northern Land Border", "Coastal", "Other", "Swanton"])
def test_another_region_is_outside(region: str) -> None:
    table = (
        "fiscal_year,month,component,encounters,region\n"
        f"2020,OCT,USBP,7,\n2020,OCT,OFO,3,southwest\n2020,NOV,OFO,5,{region}\n"
    )
    found = figures(folder(encounters=table), "--as-of", "2020-09-30")
    assert found["metric"]["measures"][0]["value"] == 10  # type: ignore[index]


@pytest.mark.parametrize("place", range(3))
def test_the_total_of_groups_is_not_added_to_them_wherever_it_says_so(place: int) -> None:
    headings = ["fiscal_year,month,component", "encounters"]
    headings.insert(place, "demographic")
    rows = []
    for component in ("USBP", "OFO"):
        for group in ("FMUA", "Single Adults", "Total"):
            row = [f"2020,OCT,{component}", "20" if group == "Total" else "10"]
            row.insert(place, group)
            rows.append(",".join(row))
    table = "\n".join([",".join(headings), *rows]) + "\n"
    found = figures(folder(encounters=table), "--as-of", "2019-10-31")
    assert found["metric"]["measures"][0]["value"] == 40  # type: ignore[index]


# --- published figures -----------------------------------------------------------


def published(*rows: str, more: str = ",nationality") -> Path:
    return folder(aggregates="\n".join([PUBLISHED + more, *rows]) + "\n")


def test_a_published_total_by_its_group_is_not_a_group() -> None:
    data = published(
        "2020-12-31,total_enrolled,100,Total",
        "2020-12-31,total_enrolled,40,HONDURAS",
        "2020-12-31,total_enrolled,60,CUBA",
    )
    found = figures(data, "--as-of", "2020-12-31", metric="total-enrolled")
    assert found["metric"]["measures"][0]["value"] == 100  # type: ignore[index]


@pytest.mark.parametrize("lost", ["68 039,", "<11,CUBA", "x,CUBA"])
def test_what_is_left_of_published_parts_is_not_their_sum(lost: str) -> None:
    parts = [f"2020-12-31,total_enrolled,{50 + n},G{n}" for n in range(6)]
    data = published(f"2020-12-31,total_enrolled,{lost}", *parts)
    found = figures(data, "--as-of", "2020-12-31", metric="total-enrolled")
    assert found["code"] == 3
    assert (
        "total_enrolled is given only in parts, and rows of it in aggregates.csv were set"
        in str(found["err"])
    )


def test_a_lost_part_does_not_matter_beside_the_total() -> None:
    data = published(
        "2020-12-31,total_enrolled,100,",
        "2020-12-31,total_enrolled,40,HONDURAS",
        "2020-12-31,total_enrolled,x,CUBA",
    )
    found = figures(data, "--as-of", "2020-12-31", metric="total-enrolled")
    assert found["metric"]["measures"][0]["value"] == 100  # type: ignore[index]


def test_a_published_part_is_not_more_than_its_whole() -> None:
    rows = ("2020-12-31,total_enrolled,100", "2020-12-31,cases_completed,440")
    found = figures(published(*rows, more=""), "--as-of", "2020-12-31", metric="completion-rate")
    assert found["code"] == 3
    assert "cases_completed (440) was published as more than total_enrolled (100)" in str(
        found["err"]
    )


# --- mappings --------------------------------------------------------------------

WIDE = "ID,NTA,IND,Done,Res\n" + "".join(
    f"A{n},2019-03-01,Y,2020-05-01,terminated\n" for n in range(4)
)
SECTIONS = """
[tables.cases]
columns = { case_id = "ID", nta_filed_date = "NTA" }
[tables.completions]
columns = { case_id = "ID", completion_date = "Done", outcome = "Res" }
where = { IND = ["yes"] }
"""


def test_a_condition_that_no_row_meets_is_not_zero_completions(tmp_path: Path) -> None:
    (tmp_path / "wide.csv").write_text(WIDE, encoding="utf-8")
    (tmp_path / "mpp.toml").write_text(SECTIONS, encoding="utf-8")
    code, out, err = run(
        [
            *("metric", "completion-rate", "--data", str(tmp_path / "wide.csv")),
            *("--config", str(tmp_path / "mpp.toml"), "-q", "-f", "value"),
        ]
    )
    assert (code, out) == (3, b"")
    assert 'no row has IND = yes (where in mpp.toml); there is "Y"' in err


def test_an_import_of_which_most_is_lost_is_refused(tmp_path: Path) -> None:
    (tmp_path / "wide.csv").write_text(WIDE.replace("2019-03-01", "1.3.2019"), encoding="utf-8")
    (tmp_path / "mpp.toml").write_text(SECTIONS.replace("yes", "Y"), encoding="utf-8")
    command = ["import", "map", str(tmp_path / "wide.csv"), "-o", str(tmp_path / "out")]
    command += ["--config", str(tmp_path / "mpp.toml"), "-q"]
    code, _, err = run(command)
    assert (code, "cannot be used" in err, (tmp_path / "out").exists()) == (3, True, False)
    code, _, err = run([*command, "--max-set-aside", "100%"])
    assert (code, err) == (0, "")


@pytest.mark.parametrize("encoding", ["idna", "punycode", "undefined", "hex", "rot13", "no-such"])
def test_an_encoding_that_is_none_of_text_is_refused(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "mpp.toml").write_text(f'[tables]\nencoding = "{encoding}"\n', encoding="utf-8")
    data = folder(cases="case_id,nta_filed_date\nA1,2019-03-01\n")
    code, _, err = run(["report", "--data", str(data), "--config", str(tmp_path / "mpp.toml")])
    assert (code, f'unknown encoding "{encoding}"' in err) == (2, True)


# --- values ----------------------------------------------------------------------


def test_a_column_of_which_half_is_lost_is_spoken_of_in_any_case() -> None:
    rows = "".join(f"A{n},2020-01-0{n},Pos\nA{n},2020-02-0{n},negative\n" for n in range(1, 6))
    data = folder(
        cases="case_id,nta_filed_date\n" + "".join(f"A{n},2019-02-01\n" for n in range(1, 6)),
        referrals=f"case_id,referred_date,outcome\n{rows}",
    )
    found = figures(data, metric="referral-outcomes")
    assert "5 of 10 values of outcome in referrals.csv cannot be read and count as blank" in str(
        found["err"]
    )


def test_shortened_ids_of_cases_are_named() -> None:
    rows = "".join(f"2.01901E+11,2019-03-{n:02}\n" for n in range(1, 21))
    with mpp_cli.load(folder(cases=f"case_id,nta_filed_date\n{rows}"), today=TODAY) as data:
        answer = mpp_cli.metric(data, "total-enrolled")
    (warning,) = [each for each in answer.head.warnings if each.id == "rows-lost"]
    assert warning.loud
    assert "1 of the ids that are left were shortened by a spreadsheet" in warning.text


def tally(convention: object, texts: list[str], unreadable: list[str]) -> Tally:
    found = Tally(convention)  # type: ignore[arg-type]
    for text in texts:
        found.add(text, 1, text not in unreadable)
    found.filled = len(texts)
    return found


@pytest.mark.parametrize(
    ("texts", "misread"),
    [
        # Day-first dates stay so where some are written otherwise.
        (
            ["07/01/2020", "08/01/2020", "13/01/2020", "14/01/2020", "15/01/2020", "2020-05-01"],
            True,
        ),
        (["07/01/2020", "13/01/2020", "2020-05-01", "2020-05-02"], False),
        (["07/01/2020", "13/01/2020", "1/31/2020"], False),
    ],
)
def test_dates_with_the_day_first_among_others(texts: list[str], misread: bool) -> None:
    theirs = [text for text in texts if of_date(text) == THEIRS]
    assert tally(of_date, texts, theirs).is_misread is misread


@pytest.mark.parametrize(
    ("texts", "misread"),
    [
        (["9.404", *["9.000"] * 11, *["100"] * 12], True),
        (["9.404", "9584.0", "9.000"], False),
        (["9.404", "100", "100"], False),
    ],
)
def test_one_count_with_a_point_tells_what_the_others_are(texts: list[str], misread: bool) -> None:
    assert tally(of_count, texts, ["9.404"]).is_misread is misread
