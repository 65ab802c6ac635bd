"""CBP's encounter CSVs: the four published shapes, and every trap that others fell into."""

from __future__ import annotations

from pathlib import Path

import pytest

import mpp_cli
from mpp_cli.errors import DataError
from mpp_cli.results import MetricReport, Source

NAME = "enforcement-encounters"
REAL = Path(__file__).parents[2].parent / "shared" / "data" / "cbp"

A = "Fiscal Year,Month Grouping,Month (abbv),Component,Demographic,Citizenship Grouping,"
A += "Title of Authority,Encounter Type,Encounter Count"
B = "Fiscal Year,Month Grouping,Month (abbv),Component,Land Border Region,Area of Responsibility,"
B += "AOR (Abbv),Demographic,Citizenship,Title of Authority,Encounter Type,Encounter Count"
C = "Fiscal Year,Month Grouping,Month (abbv),Land Border Region,State,Demographic,Citizenship,"
C += "Title of Authority,Encounter Count"
D = B.replace("AOR (Abbv),", "AOR (Abbv),State,")

SOUTH, NORTH = "Southwest Land Border", "Northern Land Border"


def write(folder: Path, name: str, header: str, *rows: str) -> Path:
    path = folder / name
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


def ask(*paths: Path, as_of: str, newest: bool = False, by: tuple[str, ...] = ()) -> MetricReport:
    with mpp_cli.load([*map(str, paths)], newest_release=newest) as data:
        return mpp_cli.metric(data, NAME, as_of=as_of, by=by)


def years(answer: MetricReport) -> dict[object, tuple[object, ...]]:
    """usbp, ofo, encounters and months by fiscal year."""
    return {row.by["fiscal_year"]: tuple(row.values.values()) for row in answer.metric.rows}


def only_source(answer: MetricReport) -> Source:
    (source,) = answer.head.sources
    return source


def test_southwest_border(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "sbo.csv",
        A,
        "2020,FYTD,OCT,U.S. Border Patrol,FMUA,Honduras,Title 8,Apprehensions,9584.0",
        "2020,FYTD,OCT,U.S. Border Patrol,FMUA,Mexico,Title 8,Apprehensions,16.0",
        "2020,Remaining,SEP,Office of Field Operations,FMUA,Other,Title 8,Inadmissibles,0.0",
    )
    answer = ask(path, as_of="2020-09-30")
    assert years(answer) == {2020: (9600, 0, 9600, 2)}
    assert only_source(answer).kind == "cbp-southwest"


@pytest.mark.parametrize(
    ("header", "place"), [(B, "EL PASO,ELP"), (D, "EL PASO,ELP,TX")], ids=["area", "area and state"]
)
def test_nationwide_keeps_the_southwest_border_only(
    tmp_path: Path, header: str, place: str
) -> None:
    path = write(
        tmp_path,
        "nationwide.csv",
        header,
        f"2022,FYTD,OCT,U.S. Border Patrol,{SOUTH},{place},UAC,CUBA,Title 8,Apprehensions,7",
        f"2022,FYTD,OCT,U.S. Border Patrol,{NORTH},{place},UAC,CUBA,Title 8,Apprehensions,90",
        f"2022,FYTD,OCT,OFO,Other,{place},UAC,CUBA,Title 8,Inadmissibles,800",
        # A blank region is not southwest here, and no copy of the row that is.
        f"2022,FYTD,OCT,U.S. Border Patrol,,{place},UAC,CUBA,Title 8,Apprehensions,6000",
    )
    answer = ask(path, as_of="2021-10-31")
    assert years(answer) == {2022: (7, None, 7, 1)}
    source = only_source(answer)
    assert (source.kind, source.rows_used) == ("cbp-nationwide", 1)
    assert source.rows_outside == {"other-region": 3}


def test_the_state_file_has_no_component_which_is_not_zero(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "state.csv",
        C,
        f"2024 (FYTD),FYTD,OCT,{SOUTH},AZ,Single Adults,CUBA,Title 8,55",
        f"2024 (FYTD),FYTD,OCT,{SOUTH},TX,Single Adults,CUBA,Title 8,45",
    )
    answer = ask(path, as_of="2023-10-31")
    assert years(answer) == {2024: (None, None, 100, 1)}
    assert "no-components" in [footnote.id for footnote in answer.metric.footnotes]
    assert only_source(answer).kind == "cbp-nationwide-state"


def test_the_month_grouping_is_no_filter_and_no_key(tmp_path: Path) -> None:
    row = "U.S. Border Patrol,FMUA,Honduras,Title 8,Apprehensions"
    path = write(
        tmp_path, "sbo.csv", A, f"2022,FYTD,OCT,{row},5", f"2022,Remaining,SEP,{row},6",
        f"2022,Remaining,OCT,{row},7",
    )  # fmt: skip
    answer = ask(path, as_of="2022-09-30")
    assert years(answer)[2022] == (11, None, 11, 2)
    assert only_source(answer).set_aside == {"conflicting_duplicate": 1}


def test_rows_are_told_apart_by_every_other_column(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "sbo.csv",
        A,
        "2022,FYTD,OCT,U.S. Border Patrol,FMUA,Honduras,Title 42,Apprehensions,5",
        "2022,FYTD,OCT,U.S. Border Patrol,FMUA,Honduras,Title 42,Expulsions,6",
    )
    answer = ask(path, as_of="2021-10-31", by=("title_of_authority",))
    assert [row.values["encounters"] for row in answer.metric.rows] == [11]
    (warning,) = [w for w in answer.head.warnings if w.id == "encounter-type-mislabelled"]
    assert (warning.text.startswith("the encounter type of 5 encounters"), warning.line) == (
        True,
        2,
    )


def test_a_group_that_was_renamed_is_one_group(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "sbo.csv",
        A,
        "2022,FYTD,OCT,U.S. Border Patrol,UAC,Honduras,Title 8,Apprehensions,5",
        "2022,FYTD,NOV,U.S. Border Patrol,UC / Single Minors,Honduras,Title 8,Apprehensions,6",
    )
    answer = ask(path, as_of="2021-11-30", by=("demographic",))
    assert [row.by["demographic"] for row in answer.metric.rows] == ["UC / Single Minors"]


@pytest.fixture
def two_releases(tmp_path: Path) -> list[Path]:
    row = "U.S. Border Patrol,FMUA,Honduras,Title 8,Apprehensions"
    older = write(
        tmp_path, "older.csv", A, f"2021,FYTD,SEP,{row},1", f"2022,FYTD,OCT,{row},10",
        f"2022,FYTD,NOV,{row},100",
    )  # fmt: skip
    newer = write(
        tmp_path, "newer.csv", A, f"2022,FYTD,OCT,{row},20", f"2022,FYTD,NOV,{row},200",
        f"2022,FYTD,DEC,{row},2000",
    )  # fmt: skip
    return [older, newer]


def test_two_files_with_the_same_months_are_refused_naming_both(two_releases: list[Path]) -> None:
    with pytest.raises(DataError) as refused:
        ask(*two_releases, as_of="2021-12-31")
    assert "older.csv and newer.csv" in refused.value.message
    assert "October 2021 to November 2021" in refused.value.message
    assert "--newest-release" in str(refused.value.hint)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_each_month_whole_from_the_file_that_reaches_further(
    two_releases: list[Path], order: tuple[int, int]
) -> None:
    answer = ask(*(two_releases[n] for n in order), as_of="2021-12-31", newest=True)
    assert years(answer) == {2021: (1, None, 1, 1), 2022: (2220, None, 2220, 3)}
    outside = {source.file: source.rows_outside for source in answer.head.sources}
    assert outside == {"older.csv": {"older-release": 2}, "newer.csv": {}}
    (warning,) = [w for w in answer.head.warnings if w.id == "older-release"]
    assert "October 2021 to November 2021" in warning.text


def test_of_two_files_that_reach_equally_far_neither_is_newer(two_releases: list[Path]) -> None:
    copy = two_releases[1].with_name("copy.csv")
    copy.write_text(two_releases[1].read_text().replace("2000", "2001"))
    with pytest.raises(DataError, match="neither is the newer release"):
        ask(two_releases[1], copy, as_of="2021-12-31", newest=True)


def test_beside_case_level_tables_in_one_report(tmp_path: Path) -> None:
    write(tmp_path, "cases.csv", "case_id,nta_filed_date", "A,2020-01-02")
    write(
        tmp_path, "sbo.csv", A, "2020,FYTD,OCT,U.S. Border Patrol,FMUA,Cuba,Title 8,Apprehensions,3"
    )
    with mpp_cli.load(tmp_path) as data:
        report = mpp_cli.report(data, as_of="2020-09-30")
    figures = {m.name: m.headline_measure.value for m in report.metrics if m.status == "ok"}
    assert figures == {"total-enrolled": 1, "enforcement-encounters": 3}


# --- the files as CBP published them -------------------------------------------

real = pytest.mark.skipif(not REAL.is_dir(), reason="the published CBP files are not here")
SOUTHWEST = REAL / "sbo-encounters-fy19-fy22.csv"
STATES = REAL / "nationwide-encounters-fy21-fy24-oct-state.csv"


@real
def test_golden_totals() -> None:
    assert years(ask(SOUTHWEST, as_of="2021-09-30")) == {
        2019: (851_508, 126_001, 977_509, 12),
        2020: (400_651, 57_437, 458_088, 12),
        2021: (1_659_206, 75_480, 1_734_686, 12),
    }


@real
def test_the_fiscal_year_to_date() -> None:
    answer = ask(SOUTHWEST, as_of="2020-12-31")
    assert answer.value == 218_036
    (warning,) = [w for w in answer.head.warnings if w.id == "encounter-type-mislabelled"]
    assert "1,054,084" in warning.text


@real
def test_the_state_file_agrees_on_the_southwest_border() -> None:
    found = years(ask(STATES, as_of="2023-10-31"))
    assert {year: row[2] for year, row in found.items()} == {
        2021: 1_734_686,
        2022: 2_378_944,
        2023: 2_475_669,
        2024: 240_988,
    }
    assert {row[:2] for row in found.values()} == {(None, None)}


@real
def test_both_files_together() -> None:
    with pytest.raises(DataError, match="October 2020 to September 2022"):
        ask(SOUTHWEST, STATES, as_of="2021-09-30")
    found = years(ask(SOUTHWEST, STATES, as_of="2021-09-30", newest=True))
    assert [row[2] for row in found.values()] == [977_509, 458_088, 1_734_686]


def test_a_fiscal_year_is_written_as_cbp_writes_it(tmp_path: Path) -> None:
    row = "OCT,U.S. Border Patrol,FMUA,Cuba,Title 8,Apprehensions"
    path = write(
        tmp_path, "sbo.csv", A, f"2020 (FYTD),FYTD,{row},3", f"2021(FYTD),FYTD,{row},40",
        f"2022  (FYTD),FYTD,{row},500", f"2023 (FYTD),FYTD,{row},6",
    )  # fmt: skip
    answer = ask(path, as_of="2022-10-31")
    assert list(years(answer)) == [2020, 2023]
    assert only_source(answer).set_aside == {"unknown_value": 2}
