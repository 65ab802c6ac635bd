"""Whole synthetic releases, whose true figures are known by construction."""

from __future__ import annotations

import datetime
import json
import random
import shutil
import sys
import zipfile
import zlib
from collections import Counter
from pathlib import Path

import pytest

import mpp_cli.api
from mpp_cli.errors import DataError
from mpp_cli.sample.release import Size, Truth, write_release
from mpp_cli.sources.eoir import lines
from tests.sources import court

END = datetime.date(2022, 12, 31)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Truth]:
    folder = tmp_path_factory.mktemp("release")
    return folder, write_release(folder, Size(mpp_cases=300, proceedings=3_000), seed=7)


def known(release: Path, as_of: datetime.date) -> dict[str, object]:
    found = court.figures(release, str(as_of))
    names = ("total_enrolled", "cases_completed", "relief_granted")
    return {name: found[name] for name in names}


def true(truth: Truth, as_of: datetime.date) -> dict[str, int]:
    figures = truth.figures(as_of)
    return {name: figures[name] for name in figures if name != "represented_cases"}


@pytest.mark.parametrize("seed", range(8))
def test_the_figures_are_exactly_right_with_all_defects_in(tmp_path: Path, seed: int) -> None:
    truth = write_release(tmp_path, Size(), seed)
    for as_of in (END, datetime.date(2019, 12, 31), datetime.date(2020, 5, 1)):
        assert known(tmp_path, as_of) == true(truth, as_of)
    found = court.rows(tmp_path, "cases", "representation_date")
    assert sum(row[0] is not None for row in found) == sum(bool(c.counsel) for c in truth.cases)


def test_other_definitions_of_relief_are_exactly_right(made: tuple[Path, Truth]) -> None:
    release, truth = made
    with court.load(release) as data:
        for as_of in (END, datetime.date(2020, 9, 30)):
            found = {
                each.id: each.figures[0].value
                for each in mpp_cli.api.variants(data, "relief-granted", as_of=as_of).variants
                if each.figures
            }
            assert found["decision-says-relief"] == truth.relief_as_decided(as_of)
            assert found["present-state"] == truth.relief_at_present(as_of)
    assert truth.relief_at_present(END) < truth.figures(END)["relief_granted"]


def test_every_case_is_exactly_right(made: tuple[Path, Truth]) -> None:
    release, truth = made
    cases = court.rows(release, "cases", "case_id, nta_filed_date, representation_date, identifier")
    assert cases == sorted(
        ((str(c.case), c.filed, c.counsel, c.identifier) for c in truth.cases), key=repr
    )
    first = court.rows(
        release,
        "completions WHERE completion_type = 'initial'",
        "case_id, completion_date, outcome, in_absentia",
    )
    assert first == sorted(
        ((str(c.case), c.completed, c.outcome, c.in_absentia) for c in truth.cases if c.completed),
        key=repr,
    )
    unknown = court.rows(release, "grants WHERE relief_type = 'unknown'", "case_id, granted_date")
    assert unknown == sorted(
        ((str(c.case), c.unknown_relief) for c in truth.cases if c.unknown_relief), key=repr
    )
    assert unknown
    relief = court.rows(
        release,
        "grants WHERE relief_type NOT IN ('cat_deferral', 'other', 'unknown') GROUP BY case_id",
        "case_id, min(granted_date)",
    )
    assert relief == sorted(((str(c.case), c.relief) for c in truth.cases if c.relief), key=repr)


def test_every_defect_is_found_again_in_the_ledger(made: tuple[Path, Truth]) -> None:
    release, truth = made
    for name, expected in truth.files.items():
        found = court.account(release, name)
        assert found.rows_read == expected.rows, name
        assert found.rows_used == expected.used, name
        assert Counter(found.rows_outside) == +expected.outside, name
        assert Counter(found.set_aside) == +expected.set_aside, name
        assert Counter(found.blanked) == +expected.blanked, name
        assert found.repaired == expected.repaired, name
    assert court.account(release).unknown_codes == truth.unknown_codes
    with court.load(release) as data:
        counts = data.judgement.dataset.settled[0].about["cohort"]
    assert counts["identifier_only"] == truth.identifier_only
    assert counts["location_only"] == truth.location_only
    assert counts["both"] == truth.both
    assert court.warned(release) == [
        "eoir-undated-grant",
        "eoir-unknown-code",
        "eoir-unknown-name",
        "eoir-odd-date",
    ]


def test_every_defect_is_found_again_where_all_cases_are_kept(made: tuple[Path, Truth]) -> None:
    release, truth = made
    for name, expected in truth.files.items():
        found = court.account(release, name, compare_dockets=True)
        orphans = {"orphan": truth.orphans} if name == court.PROCEEDINGS else {}
        assert found.rows_read == expected.rows, name
        assert Counter(found.set_aside) == +expected.set_aside + Counter(orphans), name
        assert Counter(found.blanked) == +expected.blanked, name
        assert found.repaired == expected.repaired, name
    assert truth.orphans


def test_a_release_holds_every_defect(made: tuple[Path, Truth]) -> None:
    _, truth = made
    proceedings = truth.files[court.PROCEEDINGS]
    assert set(proceedings.set_aside) == {"wrong_field_count", "missing_case_id", "duplicate"}
    assert proceedings.outside["superseded"]
    assert proceedings.repaired
    assert proceedings.blanked
    for name in (court.APPLICATIONS, court.CASES):
        assert truth.files[name].repaired
        assert truth.files[name].set_aside["missing_case_id"]


@pytest.mark.parametrize("seed", range(4))
def test_the_order_of_rows_changes_nothing(tmp_path: Path, seed: int) -> None:
    truth = write_release(tmp_path, Size(mpp_cases=120), seed)
    tables = {
        "cases": "case_id, nta_filed_date, nta_issued_date, hearing_location, nationality, "
        "representation_date, docket, identifier",
        "completions": "case_id, completion_date, outcome, completion_type, in_absentia, "
        "reopened_date",
        "grants": "case_id, granted_date, relief_type",
    }
    before = {name: court.rows(tmp_path, name, columns) for name, columns in tables.items()}
    chance = random.Random(seed)
    for path in tmp_path.glob("*_*.csv"):
        header, *rest = path.read_bytes().removesuffix(b"\n").split(b"\n")
        chance.shuffle(rest)
        if path.stem == court.PROCEEDINGS:
            # Of rows of one proceeding the last one stands: these keep their order.
            rest = _corrections_last(path, rest)
        path.write_bytes(b"\n".join([header, *rest]) + b"\n")
    after = {name: court.rows(tmp_path, name, columns) for name, columns in tables.items()}
    assert before == after
    assert known(tmp_path, END) == true(truth, END)


def _corrections_last(path: Path, lines: list[bytes]) -> list[bytes]:
    """The lines with those of one proceeding in the order that they have in the file."""
    order = {line: place for place, line in enumerate(path.read_bytes().split(b"\n"))}
    places: dict[bytes, list[int]] = {}
    for place, line in enumerate(lines):
        places.setdefault(line.split(b"\t")[0].strip(b" \x00"), []).append(place)
    found = [*lines]
    for several in places.values():
        in_order = sorted((lines[place] for place in several), key=lambda line: order[line])
        for place, line in zip(several, in_order, strict=True):
            found[place] = line
    return found


def test_the_size_of_blocks_changes_nothing(
    made: tuple[Path, Truth], monkeypatch: pytest.MonkeyPatch
) -> None:
    release, truth = made
    before = court.account(release)
    for size in (97, 1_000, 65_536):
        monkeypatch.setattr(lines, "BLOCK_BYTES", size)
        assert court.account(release) == before
        assert known(release, END) == true(truth, END)


def test_files_are_found_anywhere_in_any_case_with_either_line_end(tmp_path: Path) -> None:
    there, here = tmp_path / "made", tmp_path / "moved"
    there.mkdir()
    truth = write_release(there, Size())
    (here / "A" / "deep").mkdir(parents=True)
    for number, path in enumerate(sorted(there.rglob("*.csv"))):
        name = path.name.swapcase() if number % 2 else path.stem.lower() + ".TXT"
        text = path.read_bytes().replace(b"\r\n", b"\n")
        if number % 2:
            text = text.replace(b"\n", b"\r\n")
        (here / "A" / ("deep" if number % 2 else "") / name).write_bytes(text)
    assert known(here, END) == true(truth, END)


def test_columns_are_found_by_name(tmp_path: Path) -> None:
    release = court.draw(
        tmp_path,
        proceedings="| IDNPROCEEDING | IDNCASE | INPUT_DATE |\n| 11 | 1 | 2019-03-01 |",
        cases="| IDNCASE | E_28_DATE |\n| 1 | 2019-06-01 |",
    )
    (release / "B_TblProceeding.csv").write_text(
        "COMP_DATE\tOther_Comp\tinput_date_TO_BE_REMOVED\tOSC_DATE\tCASE_TYPE\tDEC_CODE_Remove\t"
        "idncase\tIDNPROCEEDING\n2019-09-01\t\t2019-03-02\t2019-03-01\tRMV\tX\t1\t11\n"
    )
    (release / "A_TblCase.csv").write_text("E_28_DATE\tGENDER\tIDNCASE\n2019-05-01\tM\t1\n")
    assert court.figures(release)["cases_completed"] == 1
    columns = "nta_filed_date, representation_date, hearing_location"
    assert court.rows(release, "cases", columns) == [
        (datetime.date(2019, 3, 2), datetime.date(2019, 5, 1), None)
    ]


def test_a_release_in_its_zip(tmp_path: Path, made: tuple[Path, Truth]) -> None:
    release, truth = made
    archive = tmp_path / "release.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as out:
        for path in release.rglob("*"):
            out.write(path, path.relative_to(release))
    assert known(archive, END) == true(truth, END)


@pytest.fixture(scope="module")
def deflate64(made: tuple[Path, Truth], tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The release packed as the court packs its own."""
    inflate64 = pytest.importorskip("inflate64")
    archive = tmp_path_factory.mktemp("packed") / "release.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as out:
        for path in made[0].rglob("*.*"):
            text = path.read_bytes()
            packer = inflate64.Deflater()
            packed = packer.deflate(text) + packer.flush()
            member = zipfile.ZipInfo(str(path.relative_to(made[0])))
            out.writestr(member, packed)
            # No library writes this method any more: the member is packed first,
            # stored, and then called what it is, in the directory at the end.
            member.compress_type, member.file_size = 9, len(text)
            member.CRC = zlib.crc32(text)
    return archive.read_bytes()


def test_a_zip_with_deflate64(tmp_path: Path, made: tuple[Path, Truth], deflate64: bytes) -> None:
    archive = tmp_path / "release.zip"
    archive.write_bytes(deflate64)
    assert known(archive, END) == true(made[1], END)


@pytest.mark.parametrize("seed", range(12))
def test_a_damaged_zip_with_deflate64_is_refused(
    tmp_path: Path, made: tuple[Path, Truth], deflate64: bytes, seed: int
) -> None:
    chance, data, archive = random.Random(seed), bytearray(deflate64), tmp_path / "release.zip"
    # One bit flipped among the packed files.
    data[chance.randrange(len(data) * 9 // 10)] ^= 1 << chance.randrange(8)
    archive.write_bytes(data)
    try:
        found = known(archive, END)
    except DataError:
        return
    # The bit was one of a name or date in a local header, which nobody reads.
    assert found == true(made[1], END)


def test_without_the_library_the_way_out_is_said(
    tmp_path: Path, made: tuple[Path, Truth], monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = tmp_path / "release.zip"
    with zipfile.ZipFile(archive, "w") as out:
        for path in made[0].rglob("*.csv"):
            member = zipfile.ZipInfo(path.name)
            out.writestr(member, b"")
            member.compress_type = 9
    monkeypatch.setitem(sys.modules, "inflate64", None)
    with pytest.raises(DataError) as error:
        court.figures(archive)
    assert "7-Zip" in (error.value.hint or "")


def test_a_second_file_of_one_table_is_refused(tmp_path: Path, made: tuple[Path, Truth]) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(made[0], copy)
    (copy / "older").mkdir()
    shutil.copy(copy / "B_TblProceeding.csv", copy / "older" / "b_tblproceeding.csv")
    with pytest.raises(DataError, match="two files are B_TblProceeding"):
        court.figures(copy)


def test_official_counts_that_differ_are_told_with_both_numbers(
    tmp_path: Path, made: tuple[Path, Truth]
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(made[0], copy)
    (copy / "Count.txt").write_text("A_TblCase.csv, 12,345\nB_TBLPROCEEDING\t1\n")
    with court.load(copy) as data:
        told = [each.text for each in data.judgement.dataset.warnings if "says" in each.text]
    rows = made[1].files[court.CASES].rows
    assert f"A_TblCase.csv: {rows:,} rows were read, and Count.txt says 12,345" in told
    assert len(told) == 2
    # In another spelling, with a heading and what is no table.
    (copy / "Count.txt").write_text(
        'Table\tRows\n[dbo].[A_TblCase]\t12,345\ndbo.B_TblProceeding.csv 1 rows\n"tbl_Lawyer";7\n'
    )
    with court.load(copy) as data:
        again = [each.text for each in data.judgement.dataset.warnings if "says" in each.text]
        (unsaid,) = [
            each for each in data.judgement.dataset.warnings if each.id == "eoir-unread-counts"
        ]
    assert again == told
    assert (unsaid.file, unsaid.line) == ("Count.txt", 1)
    assert unsaid.text == (
        "Count.txt gives no number of rows for A_TblCaseIdentifier, tbl_Court_Appln, so whether "
        "those files are complete is not known; lines that are not a table and a number: 1, "
        "such as 1 "
        '"Table\tRows"'
    )
    (copy / "Count.txt").unlink()
    assert "eoir-no-counts" in court.warned(copy)


def test_the_report_names_what_a_json_reader_needs(made: tuple[Path, Truth]) -> None:
    from tests.harness import run_json

    code, found, _ = run_json(["report", "--data", str(made[0])])
    assert code == 0
    assert found is not None
    sources = {Path(each["file"]).stem: each for each in found["data"]["sources"]}
    assert sources["B_TblProceeding"]["repaired"] == made[1].files[court.PROCEEDINGS].repaired
    assert sources["B_TblProceeding"]["unknown_codes"] == dict(made[1].unknown_codes)
    json.dumps(found)
