"""What a reproducer needs beyond text files; each function prepares one folder and undoes it."""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import os
import re
import shutil
import sys
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from unittest import mock

import openpyxl

from mpp_cli.sources import archives, streams
from tests.harness import run
from tests.sources import court

CASES = "case_id,nta_filed_date\nA1,2019-03-01\n"


@contextlib.contextmanager
def a_line_of_17_megabytes(folder: Path) -> Iterator[None]:
    """own/cases.csv, whose second line never seems to end."""
    _own(folder, "cases.csv").write_text(CASES + "x" * (17 << 20))
    yield


@contextlib.contextmanager
def a_key_of_101_columns(folder: Path) -> Iterator[None]:
    """own/encounters.csv with so many columns that mpp does not know."""
    own = [f"own_{number}" for number in range(101)]
    _own(folder, "encounters.csv").write_text(
        f"fiscal_year,month,component,encounters,{','.join(own)}\n"
    )
    yield


@contextlib.contextmanager
def a_pipe_without_a_writer(folder: Path) -> Iterator[None]:
    """own/cases.csv is a FIFO to which nobody writes."""
    os.mkfifo(_own(folder, "cases.csv"))
    with mock.patch.object(streams, "WRITER_COMES", 0.1):
        yield


@contextlib.contextmanager
def a_gzip_cut_short(folder: Path) -> Iterator[None]:
    """own/cases.csv.gz without its last bytes."""
    _own(folder, "cases.csv.gz").write_bytes(gzip.compress(CASES.encode())[:-12])
    yield


@contextlib.contextmanager
def a_parquet_cut_short(folder: Path) -> Iterator[None]:
    """own/cases.parquet without its last bytes."""
    path = _own(folder, "cases.parquet")
    _parquet(path, "SELECT 'A1' AS case_id, DATE '2019-03-01' AS nta_filed_date")
    path.write_bytes(path.read_bytes()[:-12])
    yield


@contextlib.contextmanager
def a_parquet_of_lists(folder: Path) -> Iterator[None]:
    """own/cases.parquet with a column that has no spelling as text."""
    _parquet(
        _own(folder, "cases.parquet"),
        "SELECT 'A1' AS case_id, DATE '2019-03-01' AS nta_filed_date, [1, 2] AS places",
    )
    yield


@contextlib.contextmanager
def a_zip_cut_short(folder: Path) -> Iterator[None]:
    """own.zip without its directory."""
    path = _zip(folder, {"cases.csv": CASES})
    path.write_bytes(path.read_bytes()[:-30])
    yield


@contextlib.contextmanager
def a_zip_with_a_damaged_member(folder: Path) -> Iterator[None]:
    """own.zip with one wrong byte in the middle of its member."""
    path = _zip(folder, {"cases.csv": CASES * 200})
    content = bytearray(path.read_bytes())
    content[60] ^= 0xFF
    path.write_bytes(content)
    yield


@contextlib.contextmanager
def a_zip_in_a_zip(folder: Path) -> Iterator[None]:
    """own.zip, which holds inner.zip."""
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("cases.csv", CASES)
    _zip(folder, {"inner.zip": inner.getvalue()})
    yield


@contextlib.contextmanager
def a_zip_with_one_name_twice(folder: Path) -> Iterator[None]:
    """own.zip with two members with the same name."""
    import warnings

    with warnings.catch_warnings(), zipfile.ZipFile(folder / "own.zip", "w") as archive:
        warnings.simplefilter("ignore")
        archive.writestr("cases.csv", CASES)
        archive.writestr("cases.csv", CASES)
    yield


@contextlib.contextmanager
def a_zip_of_nothing_but_zeros(folder: Path) -> Iterator[None]:
    """own.zip, whose member is a thousand times its size."""
    _zip(folder, {"cases.csv": CASES + "0" * (20 << 20)})
    yield


@contextlib.contextmanager
def a_zip_of_too_many_members(folder: Path) -> Iterator[None]:
    """own.zip with one member more than are read."""
    _zip(folder, {f"{number}.csv": "" for number in range(archives.MOST_MEMBERS + 1)})
    yield


@contextlib.contextmanager
def a_zip_that_is_encrypted(folder: Path) -> Iterator[None]:
    """own.zip, whose member is marked as encrypted."""
    _marked(_zip(folder, {"cases.csv": CASES}), at=6, value=1)
    yield


@contextlib.contextmanager
def a_zip_of_an_unknown_method(folder: Path) -> Iterator[None]:
    """own.zip, whose member is compressed by a method that nobody knows."""
    _marked(_zip(folder, {"cases.csv": CASES}), at=8, value=77)
    yield


@contextlib.contextmanager
def a_zip_without_tables(folder: Path) -> Iterator[None]:
    """own.zip with a letter in it."""
    _zip(folder, {"letter.txt": "Dear Sir"})
    yield


@contextlib.contextmanager
def a_folder_named_like_a_file(folder: Path) -> Iterator[None]:
    """own/cases.csv, a folder."""
    _own(folder, "cases.csv").mkdir()
    yield


@contextlib.contextmanager
def a_link_to_nothing(folder: Path) -> Iterator[None]:
    """own/cases.csv, a link whose target is gone."""
    _own(folder, "cases.csv").symlink_to("gone.csv")
    yield


@contextlib.contextmanager
def a_pipe_among_the_files(folder: Path) -> Iterator[None]:
    """own/cases.csv, a FIFO that nobody writes to."""
    os.mkfifo(_own(folder, "cases.csv"))
    yield


@contextlib.contextmanager
def standard_input_closed(folder: Path) -> Iterator[None]:
    """No standard input at all."""
    with mock.patch.object(sys, "stdin", None):
        yield


@contextlib.contextmanager
def no_temporary_folder(folder: Path) -> Iterator[None]:
    """A folder for temporary files that cannot be written to, whoever asks."""
    import tempfile

    with mock.patch.object(tempfile, "tempdir", "/proc"):
        yield


@contextlib.contextmanager
def no_java(folder: Path) -> Iterator[None]:
    """A JAVA_HOME with nothing in it."""
    with mock.patch.dict(os.environ, {"JAVA_HOME": "nowhere"}):
        yield


@contextlib.contextmanager
def some_java_and_no_spark(folder: Path) -> Iterator[None]:
    """Something called Java, and a Python without PySpark."""
    absent = {"pyspark": None, "pyarrow": None}
    with _java(folder, "17.0.1"), mock.patch.dict(sys.modules, absent):
        yield


@contextlib.contextmanager
def an_old_java(folder: Path) -> Iterator[None]:
    """Something that calls itself Java 11."""
    with _java(folder, "11.0.2"):
        yield


def _java(folder: Path, version: str) -> contextlib.AbstractContextManager[object]:
    """java/bin/java, which can do nothing but say what it is."""
    program = folder / "java" / "bin" / "java"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\"' >&2\n")
    program.chmod(0o755)
    return mock.patch.dict(os.environ, {"JAVA_HOME": "java"})


@contextlib.contextmanager
def a_folder_in_the_way(folder: Path) -> Iterator[None]:
    """out.csv, a folder with something in it."""
    (folder / "out.csv").mkdir()
    (folder / "out.csv" / "kept.txt").write_text("kept")
    yield


def _own(folder: Path, name: str) -> Path:
    (folder / "own").mkdir(exist_ok=True)
    return folder / "own" / name


def _zip(folder: Path, members: dict[str, str | bytes]) -> Path:
    with zipfile.ZipFile(folder / "own.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return folder / "own.zip"


def _marked(archive: Path, *, at: int, value: int) -> None:
    """Set a field of every member, in its own header and, two bytes on, in the directory."""
    content = bytearray(archive.read_bytes())
    for mark, place in ((b"PK\x03\x04", at), (b"PK\x01\x02", at + 2)):
        for found in re.finditer(re.escape(mark), content):
            content[found.start() + place] = value
    archive.write_bytes(content)


def _parquet(path: Path, query: str) -> None:
    import duckdb

    with duckdb.connect() as engine:
        engine.execute(f"COPY ({query}) TO '{path}' (FORMAT parquet)")


@contextlib.contextmanager
def a_config_in_latin_1(folder: Path) -> Iterator[None]:
    """mpp.toml with one letter in another encoding."""
    (folder / "mpp.toml").write_bytes(b'# d\xe9faut\nas-of = "2020-12-31"\n')
    yield


@contextlib.contextmanager
def a_config_of_two_megabytes(folder: Path) -> Iterator[None]:
    """mpp.toml with a very long remark."""
    (folder / "mpp.toml").write_text("#" * (2 << 20))
    yield


@contextlib.contextmanager
def a_list_of_too_many_bytes(folder: Path) -> Iterator[None]:
    """own.csv, larger than any list of figures, and all of it holes."""
    with (folder / "own.csv").open("wb") as file:
        file.truncate(1 << 30)
    yield


@contextlib.contextmanager
def a_report_whose_input_changed(folder: Path) -> Iterator[None]:
    """report.json, and one case more in the data than when it was made."""
    _saved(folder, "report")
    with (folder / "data" / "cases.csv").open("a", encoding="utf-8") as cases:
        cases.write("A4,2019-07-01,USBP,Honduras,mpp\n")
    yield


@contextlib.contextmanager
def a_report_without_a_request(folder: Path) -> Iterator[None]:
    """report.json whose request is gone."""
    _saved(folder, "report", lambda saved: saved.pop("request"))
    yield


@contextlib.contextmanager
def a_report_without_figures(folder: Path) -> Iterator[None]:
    """report.json whose goals are gone."""
    _saved(folder, "report", lambda saved: saved.pop("goals"))
    yield


@contextlib.contextmanager
def a_report_with_an_unknown_option(folder: Path) -> Iterator[None]:
    """report.json, made with an option of another version."""
    _saved(folder, "report", lambda saved: saved["request"]["options"].update(rounding="up"))
    yield


@contextlib.contextmanager
def a_figure_of_an_unknown_metric(folder: Path) -> Iterator[None]:
    """report.json with a metric of another version."""
    _saved(folder, "metric total-enrolled", lambda saved: saved["metric"].update(name="total"))
    yield


@contextlib.contextmanager
def a_report_from_standard_input(folder: Path) -> Iterator[None]:
    """report.json, made from a pipe."""
    _saved(folder, "report", lambda saved: saved["request"].update(data=["-"]))
    yield


@contextlib.contextmanager
def a_report_without_data(folder: Path) -> Iterator[None]:
    """report.json that names no data."""
    _saved(folder, "report", lambda saved: saved["request"].update(data=[]))
    yield


@contextlib.contextmanager
def a_report_without_an_end(folder: Path) -> Iterator[None]:
    """report.json, larger than any report, and all of it holes."""
    with (folder / "report.json").open("wb") as file:
        file.truncate(1 << 33)
    yield


def _saved(
    folder: Path, command: str, change: Callable[[Any], object] = lambda saved: None
) -> None:
    """report.json, what ``command`` says of the data, with a change made to it."""
    code, out, _ = run([*command.split(), "--data", "data", "-f", "json"])
    assert code == 0
    saved = json.loads(out)
    change(saved)
    (folder / "report.json").write_text(json.dumps(saved), encoding="utf-8")


@contextlib.contextmanager
def a_release(folder: Path) -> Iterator[None]:
    """court/, a whole release of one case."""
    _release(folder)
    yield


@contextlib.contextmanager
def a_release_without_applications(folder: Path) -> Iterator[None]:
    """court/, in which a table is missing."""
    next(_release(folder).glob("tbl_Court_Appln*")).unlink()
    yield


@contextlib.contextmanager
def a_release_with_one_table_twice(folder: Path) -> Iterator[None]:
    """court/, in which a table lies in two folders."""
    proceedings = next(_release(folder).glob("B_TblProceeding*"))
    (folder / "court" / "again").mkdir()
    shutil.copy(proceedings, folder / "court" / "again" / "B_TBLPROCEEDING.CSV")
    yield


@contextlib.contextmanager
def a_release_with_an_empty_file(folder: Path) -> Iterator[None]:
    """court/, in which a file holds nothing."""
    next(_release(folder).glob("B_TblProceeding*")).write_bytes(b"")
    yield


@contextlib.contextmanager
def a_release_without_a_column(folder: Path) -> Iterator[None]:
    """court/, in which a column that a rule needs has another name."""
    proceedings = next(_release(folder).glob("B_TblProceeding*"))
    proceedings.write_bytes(proceedings.read_bytes().replace(b"COMP_DATE", b"COMPLETED"))
    yield


@contextlib.contextmanager
def a_release_without_optional_columns(folder: Path) -> Iterator[None]:
    """court/, in which a column that not every figure needs has another name."""
    proceedings = next(_release(folder).glob("B_TblProceeding*"))
    proceedings.write_bytes(proceedings.read_bytes().replace(b"HEARING_LOC_CODE", b"PLACE"))
    yield


@contextlib.contextmanager
def a_release_without_proceedings(folder: Path) -> Iterator[None]:
    """court/, in which the table of proceedings is missing."""
    next(_release(folder).glob("B_TblProceeding*")).unlink()
    yield


@contextlib.contextmanager
def a_release_with_an_endless_line(folder: Path) -> Iterator[None]:
    """court/, in which a line is longer than 16 MB."""
    with next(_release(folder).glob("B_TblProceeding*")).open("ab") as proceedings:
        proceedings.write(b"x" * (17 << 20))
    yield


@contextlib.contextmanager
def a_release_in_a_damaged_zip(folder: Path) -> Iterator[None]:
    """own.zip, a release whose largest member has one wrong byte."""
    archive = _zipped_release(folder)
    content = bytearray(archive.read_bytes())
    content[content.index(b"B_TblProceeding") + 80] ^= 0xFF
    archive.write_bytes(content)
    yield


@contextlib.contextmanager
def two_releases(folder: Path) -> Iterator[None]:
    """court/ and again/, the same release twice."""
    shutil.copytree(_release(folder), folder / "again")
    yield


@contextlib.contextmanager
def an_import_cut_short(folder: Path) -> Iterator[None]:
    """out/, an import in which a table is damaged."""
    _release(folder)
    code, _, said = run(["import", "eoir", "court", "-o", "out", "-q"])
    assert code == 0, said
    cases = folder / "out" / "cases.parquet"
    cases.write_bytes(cases.read_bytes()[:-40])
    yield


def _zipped_release(folder: Path) -> Path:
    """own.zip, the same release, packed."""
    files = sorted(_release(folder).iterdir())
    return _zip(folder, {path.name: path.read_bytes() for path in files})


def _release(folder: Path) -> Path:
    """court/, a release of one case that is completed."""
    made = court.draw(
        folder,
        proceedings="| IDNPROCEEDING | IDNCASE | INPUT_DATE | COMP_DATE  | DEC_CODE |\n"
        "| 11            | 1       | 2019-05-02 | 2019-11-20 | X        |",
    )
    return made.rename(folder / "court")


@contextlib.contextmanager
def a_zip_of_one_line_over_and_over(folder: Path) -> Iterator[None]:
    """own.zip, whose member would unpack to a thousand times its size."""
    _zip(folder, {"cases.csv": CASES + "A1,2019-03-01\n" * (5 << 20)})
    yield


@contextlib.contextmanager
def a_zip_larger_than_what_is_read(folder: Path) -> Iterator[None]:
    """own.zip of 2 GB, where no more than 1 GB is read, so that the test need not write more."""
    with (
        zipfile.ZipFile(folder / "own.zip", "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("cases.csv", "w", force_zip64=True) as member,
    ):
        member.write(CASES.encode())
    content = bytearray((folder / "own.zip").read_bytes())
    size = content.index(b"PK\x01\x02") + 24
    content[size : size + 4] = (2 << 30).to_bytes(4, "little")
    (folder / "own.zip").write_bytes(content)
    with (
        mock.patch.object(archives, "MOST_BYTES", 1 << 30),
        mock.patch.object(archives, "MOST_RATIO", 1 << 40),
    ):
        yield


@contextlib.contextmanager
def no_deflate64(folder: Path) -> Iterator[None]:
    """own.zip, packed with Deflate64, where nothing is installed that unpacks it."""
    _marked(_zip(folder, {"cases.csv": CASES}), at=8, value=9)
    with mock.patch.dict(sys.modules, {"inflate64": None}):
        yield


@contextlib.contextmanager
def a_release_and_no_deflate64(folder: Path) -> Iterator[None]:
    """own.zip, a release packed with Deflate64, where nothing is installed that unpacks it."""
    _marked(_zipped_release(folder), at=8, value=9)
    with mock.patch.dict(sys.modules, {"inflate64": None}):
        yield


@contextlib.contextmanager
def a_release_of_an_unknown_method(folder: Path) -> Iterator[None]:
    """own.zip, a release compressed by a method that nobody knows."""
    _marked(_zipped_release(folder), at=8, value=77)
    yield


@contextlib.contextmanager
def a_release_without_identifiers(folder: Path) -> Iterator[None]:
    """court/, in which nothing says which cases are in MPP."""
    next(_release(folder).glob("A_TblCaseIdentifier*")).unlink()
    yield


@contextlib.contextmanager
def a_report_with_a_strange_figure(folder: Path) -> Iterator[None]:
    """report.json, one figure of which is no number."""
    _saved(
        folder,
        "report",
        lambda saved: saved["goals"][0]["metrics"][0]["measures"][0].update(value={"a": 1}),
    )
    yield


@contextlib.contextmanager
def a_report_of_another_shape(folder: Path) -> Iterator[None]:
    """report.json, whose sources are a number."""
    _saved(folder, "report", lambda saved: saved["data"].update(sources=4))
    yield


@contextlib.contextmanager
def encounters_of_many_places(folder: Path) -> Iterator[None]:
    """own/encounters.csv with more citizenships than there are countries."""
    _own(folder, "encounters.csv").write_text(
        "fiscal_year,month,component,citizenship,encounters\n"
        + "".join(f"2020,OCT,USBP,C{number},1\n" for number in range(1001))
    )
    yield


@contextlib.contextmanager
def cases_of_many_places(folder: Path) -> Iterator[None]:
    """own/cases.csv with more locations than any map."""
    _own(folder, "cases.csv").write_text(
        "case_id,nta_filed_date,location\n"
        + "".join(f"A{number},2019-03-01,L{number}\n" for number in range(1001))
    )
    yield


@contextlib.contextmanager
def no_xlsxwriter(folder: Path) -> Iterator[None]:
    """XlsxWriter as if it were not installed."""
    with mock.patch.dict(sys.modules, {"xlsxwriter": None}):
        yield


@contextlib.contextmanager
def short_sheets(folder: Path) -> Iterator[None]:
    """Sheets of 12 rows, because filling a million takes minutes."""
    with mock.patch("mpp_cli.formats.xlsx.MOST_ROWS", 12):
        yield


@contextlib.contextmanager
def a_report_of_mapped_files(folder: Path) -> Iterator[None]:
    """report.json, made through a mapping that is not there any more."""
    _saved(folder, "report", lambda saved: saved["request"]["options"].update(mapping="sha256:0"))
    yield


def _workbook(path: Path, *rows: Sequence[object]) -> None:
    """A workbook with the sheet "persons" of these rows."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "persons"
    for row in rows:
        sheet.append(list(row))
    book.save(path)


_HEADER, _ROW = ["case_id", "nta_filed_date"], ["A1", "2019-03-01"]


@contextlib.contextmanager
def a_workbook_of_another_thing(folder: Path) -> Iterator[None]:
    """own.xlsx, which holds no table of mpp's."""
    _workbook(folder / "own.xlsx", ["budget", "2020"], ["pencils", 12])
    yield


@contextlib.contextmanager
def a_workbook_with_a_formula(folder: Path) -> Iterator[None]:
    """own.xlsx with a formula that nobody has computed."""
    _workbook(folder / "own.xlsx", _HEADER, ["A1", "=TODAY()"])
    yield


@contextlib.contextmanager
def a_workbook_and_nothing_that_reads_it(folder: Path) -> Iterator[None]:
    """own.xlsx, where openpyxl is not installed."""
    _workbook(folder / "own.xlsx", _HEADER, _ROW)
    with mock.patch.dict(sys.modules, {"openpyxl": None}):
        yield


@contextlib.contextmanager
def a_workbook_that_is_protected(folder: Path) -> Iterator[None]:
    """own.xlsx as Excel saves it with a password."""
    (folder / "own.xlsx").write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504))
    yield


@contextlib.contextmanager
def a_workbook_cut_short(folder: Path) -> Iterator[None]:
    """own.xlsx without its second half."""
    path = folder / "own.xlsx"
    _workbook(path, _HEADER, _ROW)
    path.write_bytes(path.read_bytes()[:2000])
    yield


@contextlib.contextmanager
def a_workbook_without_a_sheet(folder: Path) -> Iterator[None]:
    """own.xlsx, a zip with something else in it."""
    with zipfile.ZipFile(folder / "own.xlsx", "w") as archive:
        archive.writestr("letter.txt", "no workbook")
    yield


@contextlib.contextmanager
def a_workbook_that_is_a_bomb(folder: Path) -> Iterator[None]:
    """own.xlsx with 200 MB of nothing in it."""
    _workbook(folder / "own.xlsx", _HEADER, _ROW)
    with zipfile.ZipFile(folder / "own.xlsx", "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/picture.bin", bytes(200 << 20))
    yield


@contextlib.contextmanager
def a_workbook_of_too_many_rows(folder: Path) -> Iterator[None]:
    """own.xlsx whose last row has a number that no sheet has."""
    path = folder / "own.xlsx"
    _workbook(path, _HEADER, _ROW)
    with zipfile.ZipFile(path) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    held[sheet] = held[sheet].replace(b'<row r="2"', b'<row r="2000000"')
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in held.items():
            archive.writestr(name, content)
    yield


@contextlib.contextmanager
def a_workbook_in_strict_open_xml(folder: Path) -> Iterator[None]:
    """own.xlsx, the parts of which name the other dialect."""
    path = folder / "own.xlsx"
    usual = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    strict = b"http://purl.oclc.org/ooxml/spreadsheetml/main"
    _workbook(path, _HEADER, _ROW)
    with zipfile.ZipFile(path) as archive:
        parts = {each: archive.read(each).replace(usual, strict) for each in archive.namelist()}
    _zip(folder, parts).rename(path)
    yield
