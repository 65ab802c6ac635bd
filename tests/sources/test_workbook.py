"""Excel workbooks as input: what is typed, what is hostile, and which sheet is meant."""

from __future__ import annotations

import datetime
import json
import re
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from unittest import mock

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from tests import wide
from tests.harness import run

Cells = Sequence[Sequence[Any]]


def workbook(path: Path, sheets: dict[str, Cells], epoch: datetime.datetime | None = None) -> Path:
    book = openpyxl.Workbook()
    if epoch is not None:
        book.epoch = epoch
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
    book.save(path)
    return path


def rewritten(path: Path, member: str, pattern: str, text: str) -> Path:
    """The workbook with a part of one of its members replaced."""
    with zipfile.ZipFile(path) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    changed = re.sub(pattern, text, held[member].decode(), count=1)
    assert changed != held[member].decode()
    held[member] = changed.encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in held.items():
            archive.writestr(name, content)
    return path


def report(*arguments: str | Path) -> dict[str, Any]:
    code, out, err = run(["report", *map(str, arguments), "-f", "json"])
    assert code == 0, err
    found: dict[str, Any] = json.loads(out)
    return found


def enrolled(*arguments: str | Path) -> int:
    value = report(*arguments)["goals"][2]["metrics"][0]["measures"][0]["value"]
    assert isinstance(value, int)
    return value


CASES: Cells = [
    ["case_id", "nta_filed_date", "nationality"],
    [123.0, datetime.date(2019, 2, 1), "HO"],
    ["124", "2019-02-02", "GT"],
    ["125", "3/2/2019", None],
    ["126", datetime.datetime(2019, 2, 4, 10, 30), "GT"],
    ["127", None, "GT"],
    [None, None, None],
    ["129", datetime.time(9, 30), "GT"],
    ["#N/A", datetime.date(2019, 2, 1), "GT"],
    ["131", "#N/A", "GT"],
    ["132", True, "GT"],
]


def test_a_wide_workbook_gives_the_report_of_the_tables_made_of_it(tmp_path: Path) -> None:
    tables = wide.sample(tmp_path / "sample", cases=150)
    own = report("--data", wide.own_tables(tmp_path / "own", tables), "--no-config")
    dates = [place for place, name in enumerate(wide.HEADINGS) if name in wide.DATES]
    rows: list[list[Any]] = [
        ["Migrant Protection Protocols: all persons"],
        ["run on", datetime.date(2021, 1, 4)],
        [],
        wide.HEADINGS,
    ]
    for row in wide.wide_rows(tables):
        typed: list[Any] = [cell or None for cell in row]
        for place in dates:
            if row[place]:
                typed[place] = datetime.datetime.strptime(row[place].title(), "%d-%b-%y").date()
        rows.append(typed)
    path = workbook(
        tmp_path / "wide.xlsx", {"About": [["A list of persons"], ["x", "y"]], "Persons": rows}
    )
    (tmp_path / "mpp.toml").write_text(wide.CONFIG)
    arguments = ["--data", path, "--config", tmp_path / "mpp.toml"]
    mapped = report(*arguments)
    assert mapped["goals"] == own["goals"]
    assert {each["file"] for each in mapped["data"]["sources"]} == {"wide.xlsx/Persons"}
    # Text as the database wrote it gives the same.
    texts = [[cell or None for cell in row] for row in wide.wide_rows(tables)]
    workbook(path, {"Persons": [wide.HEADINGS, *texts]})
    assert report(*arguments)["goals"] == own["goals"]


@pytest.mark.parametrize("epoch", [None, CALENDAR_MAC_1904], ids=["1900", "1904"])
def test_what_is_typed_is_read_as_it_is_meant(
    tmp_path: Path, epoch: datetime.datetime | None
) -> None:
    path = workbook(tmp_path / "cases.xlsx", {"cases": CASES}, epoch)
    (source,) = report("--data", path)["data"]["sources"]
    assert (source["file"], source["kind"]) == ("cases.xlsx/cases", "cases")
    assert (source["rows_read"], source["rows_used"]) == (9, 5)
    assert source["through"] == "2019-03-02"
    assert source["set_aside"] == {"missing_case_id": 1, "unreadable_date": 3}
    code, out, _ = run(["explain", "total-enrolled", "--case", "123", "--data", str(path)])
    assert code == 0
    assert "cases.xlsx/cases:2" in out.decode()
    _, out, _ = run(["validate", str(path), "-f", "json"])
    problems = {each["line"]: each["raw"] for each in json.loads(out)["problems"]}
    assert problems == {
        8: "129,09:30:00,GT",
        9: ",2019-02-01,GT",
        10: "131,#N/A,GT",
        11: "132,true,GT",
    }


def test_hidden_rows_and_sheets_are_read(tmp_path: Path) -> None:
    path = workbook(tmp_path / "cases.xlsx", {"a": [["x"]], "cases": CASES})
    book = openpyxl.load_workbook(path)
    book["cases"].row_dimensions[2].hidden = True
    book["cases"].sheet_state = "hidden"
    book.save(path)
    assert enrolled("--data", path) == 4


def test_a_row_that_is_wider_than_its_header_is_set_aside(tmp_path: Path) -> None:
    path = workbook(tmp_path / "c.xlsx", {"s": [*CASES[:3], ["x", "2019-02-02", "GT", "more"]]})
    (source,) = report("--data", path)["data"]["sources"]
    assert source["set_aside"] == {"wrong_field_count": 1}


def test_a_formula_without_its_value_is_refused_by_its_cell(tmp_path: Path) -> None:
    rows = [["case_id", "nta_filed_date"], ["1", "2019-02-01"], ["2", "=B2+1"]]
    path = workbook(tmp_path / "c.xlsx", {"s": rows})
    code, _, err = run(["report", "--data", str(path)])
    assert code == 3
    assert "c.xlsx/s:3: the cell B3 contains a formula without its value" in err
    rewritten(path, "xl/worksheets/sheet1.xml", r"(<f>B2\+1</f>)<v ?/>", r"\1<v>43500</v>")
    (source,) = report("--data", path)["data"]["sources"]
    # The value has no format of dates: it is the number, and no date.
    assert source["set_aside"] == {"unreadable_date": 1}


def test_sheets_are_tables_by_their_headings(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "all.xlsx",
        {
            "Notes": [["made on Monday"]],
            "Sheet1": CASES[:4],
            "Sheet2": [["case_id", "completion_date", "outcome"], [123, "2020-01-01", "other"]],
            "CBP": [
                [
                    *("Fiscal Year", "Month Grouping", "Month (abbv)", "Component", "Demographic"),
                    *("Citizenship Grouping", "Title of Authority", "Encounter Type"),
                    "Encounter Count",
                ],
                [2020, "FYTD", "OCT", "USBP", "x", "y", "Title 8", "z", 1234],
            ],
            "Figures": [["as_of", "measure", "value"], ["2020-12-31", "relief_granted", 5]],
        },
    )
    document = report("--data", path)
    kinds = [each["kind"] for each in document["data"]["sources"]]
    assert kinds == ["cases", "completions", "cbp-southwest", "aggregates"]
    assert [each["text"] for each in document["warnings"] if each["id"] == "passed-over"] == [
        "all.xlsx, Notes was passed over: no table that mpp knows"
    ]


def test_the_mapping_names_a_sheet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    head = ["Person", "Filed"]
    workbook(
        tmp_path / "p.xlsx",
        {"2019": [head, ["a", "2019-02-01"]], "2020": [head, ["b", "2020-02-01"], ["c", None]]},
    )
    mapping = '[tables.cases.columns]\ncase_id = "Person"\nnta_filed_date = "Filed"\n'
    Path("mpp.toml").write_text(mapping)
    assert enrolled("--data", "p.xlsx") == 2
    Path("mpp.toml").write_text('[tables]\nfile = "p.xlsx"\nsheet = "2019"\n' + mapping)
    assert enrolled("--data", "p.xlsx") == 1


# ------------------------------------------------------------------ refused or passed over


def refused(path: Path) -> str:
    code, _, err = run(["report", "--data", str(path)])
    assert code == 3, err
    return err


def test_workbooks_that_are_none(tmp_path: Path) -> None:
    path = tmp_path / "c.xlsx"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512))
    assert "protected by a password" in refused(path)
    assert "old Excel workbook" in refused(path.rename(tmp_path / "c.xls"))
    path.write_bytes(b"PK\x03\x04 and then nothing")
    assert "c.xlsx: not a complete Excel workbook" in refused(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x.txt", "x")
    assert "not a complete Excel workbook" in refused(path)
    workbook(path, {"s": [["a", "b"], [1, 2]], "t": []})
    assert "none of its sheets is a table that mpp knows: s, t" in refused(path)


def test_a_workbook_that_lies_beside_the_tables_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "cases.csv").write_text("case_id,nta_filed_date\n1,2019-02-01\n")
    (tmp_path / "locked.xlsx").write_bytes(b"\xd0\xcf\x11\xe0" + bytes(100))
    (tmp_path / "~$cases.xlsx").write_bytes(b"lock")
    workbook(tmp_path / "budget.xlsx", {"s": [["a", "b"], [1, 2]], "t": [["c"]]})
    document = report("--data", tmp_path)
    told = [each["text"] for each in document["warnings"] if each["id"] == "passed-over"]
    assert len(told) == 2
    assert "budget.xlsx was passed over: none of its sheets" in told[1]
    assert "locked.xlsx was passed over: is protected" in told[0]


def test_without_the_library_one_line_says_what_to_install(tmp_path: Path) -> None:
    path = workbook(tmp_path / "c.xlsx", {"cases": CASES})
    with mock.patch.dict(sys.modules, {"openpyxl": None}):
        assert "pip install 'mpp-cli[xlsx]'" in refused(path)


def test_hostile_workbooks_are_bounded(tmp_path: Path) -> None:
    path = workbook(tmp_path / "c.xlsx", {"cases": CASES[:3]})
    sheet = "xl/worksheets/sheet1.xml"
    # A sheet may say of itself what it likes.
    rewritten(path, sheet, r'<dimension ref="[^"]*"', '<dimension ref="A1:XFD1048576"')
    assert enrolled("--data", path) == 2
    rewritten(path, sheet, r'<row r="3"', '<row r="4000000000"')
    assert "has more than 1,048,576 rows" in refused(path)
    workbook(path, {"cases": CASES[:3]})
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/image.bin", bytes(200 << 20))
    assert "more than any workbook of its size contains" in refused(path)
    assert path.stat().st_size < 1 << 20
