"""Files as people have them: each gives its right figure, or a refusal that names the remedy.

Every fault that was found in public files and bug reports is here with its own input, where the
folder of inputs is there, and with others of the same kind, written in the test.
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest

from tests.harness import run

WILD = Path(__file__).parents[3] / "shared" / "data" / "wild"
needs_wild = pytest.mark.skipif(not WILD.exists(), reason=f"the inputs are not at {WILD}")

ENROLLED, RATE, MONTHS = "total-enrolled", "completion-rate", "enforcement-encounters"
CASES = "case_id,nta_filed_date\nA1,2019-02-01\nA2,2019-03-01\n"
DONE = "case_id,completion_date,outcome\nA1,2019-12-01,removal_ordered\n"


def write(folder: Path, files: dict[str, str | bytes]) -> Path:
    """A folder with these files."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def ask(*arguments: str | Path, config: Path | str | None = None) -> tuple[int, str, str]:
    """Run a command; its exit code, its output and its messages."""
    options = ["--config", str(config)] if config else ["--no-config"]
    code, out, err = run([*map(str, arguments), *options])
    return code, out.decode().strip(), err


def figure(metric: str, data: Path, *options: str, config: Path | str | None = None) -> str:
    """The headline of a metric, which has to be there."""
    code, out, err = ask("metric", metric, "--data", data, "-f", "value", *options, config=config)
    assert code == 0, err
    return out


def refusal(*arguments: str | Path, config: Path | str | None = None) -> str:
    """What is said when the data are refused, or the figure is unavailable."""
    code, out, err = ask(*arguments, config=config)
    assert (code, out) == (3, ""), err
    return err


def report(data: Path, *options: str, config: Path | str | None = None) -> dict[str, Any]:
    """A report as JSON."""
    code, out, err = ask("report", "--data", data, "-f", "json", *options, config=config)
    assert code == 0, err
    answer: dict[str, Any] = json.loads(out)
    return answer


def source(answer: dict[str, Any], kind: str) -> dict[str, Any]:
    """The account of the one file of a table."""
    (found,) = [each for each in answer["data"]["sources"] if each["kind"] == kind]
    return dict(found)


def book(path: Path, sheets: dict[str, list[list[object]]]) -> Path:
    """A workbook."""
    made = openpyxl.Workbook()
    made.remove(made.worksheets[0])
    for title, rows in sheets.items():
        sheet = made.create_sheet(title)
        for row in rows:
            sheet.append(row)
    made.save(path)
    return path


def rows_of(text: str) -> list[list[object]]:
    return [[*line.split(",")] for line in text.splitlines()]


def parquet(path: Path, select: str) -> Path:
    """The rows of a query as Parquet."""
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"COPY ({select}) TO '{path}' (FORMAT parquet)")
    return path


# ------------------------------------------------------------ the inputs that were found


@needs_wild
@pytest.mark.parametrize(
    ("metric", "data", "options", "expected"),
    [
        (MONTHS, "F01/sector.csv", ["--config", "F01/sector.toml"], "450"),
        (MONTHS, "F01/tidy-aor.csv", ["--config", "F01/tidy-aor.toml"], "9750"),
        (ENROLLED, "F02/mapped_sum.xlsx", ["--config", "F02/p.toml"], "2"),
        (RATE, "F02/fold", [], "50.00"),
        (ENROLLED, "F03/nbsp.csv", [], "1"),
        (ENROLLED, "F03/newline-heading.csv", [], "1"),
        (ENROLLED, "F03/two-spaces.csv", [], "1"),
        (ENROLLED, "F03/wrapped-heading.xlsx", [], "4"),
        (RATE, "F03/wrapped-heading.xlsx", [], "50.00"),
        (ENROLLED, "F04/times.csv", [], "6"),
        (ENROLLED, "F05/floatcase", [], "4"),
        (RATE, "F05/floatcase", [], "50.00"),
        (ENROLLED, "F06-strict/same-not-strict.xlsx", [], "4"),
        (ENROLLED, "F07/header-trailing-comma.csv", [], "2"),
        (RATE, "F08/published.csv", ["--as-of", "2020-12-31"], "64.69"),
        (RATE, "F09/nf", [], "33.33"),
        (ENROLLED, "F09/nf", [], "3"),
        (MONTHS, "F11/months.csv", [], "327031"),
        (MONTHS, "F12/land-border-region.csv", [], "100"),
    ],
)
def test_what_was_found_has_its_figure(
    metric: str, data: str, options: list[str], expected: str
) -> None:
    config = WILD / options.pop(1) if options[:1] == ["--config"] else None
    options = [each for each in options if each != "--config"]
    assert figure(metric, WILD / data, *options, config=config) == expected


@needs_wild
@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("F06-strict/strict.xlsx", ["strict.xlsx", "Strict Open XML", "Excel Workbook (.xlsx)"]),
        ("F10/ielp-table-mini.csv", ["OHSS", "mpp reconcile"]),
        ("F12/border-region.csv", ["border-region.csv:1", '"Border Region"']),
        ("F12/border.csv", ["border.csv:1", '"Border"']),
    ],
)
def test_what_was_found_is_refused_with_the_remedy(data: str, said: list[str]) -> None:
    for command in (["report"], ["metric", MONTHS]):
        error = refusal(*command, "--data", WILD / data)
        assert [each for each in said if each not in error] == []
    code, _, error = ask("validate", WILD / data)
    assert code in (3, 5)
    assert said[0] in error


# ------------------------------------------ F1: dimensions of mapped encounters stay in the key


@pytest.mark.parametrize(
    ("heading", "groups"),
    [
        ("Field Office", ["El Paso", "Laredo", "Tucson"]),
        ("State", ["TX", "AZ", "CA"]),
        ("Age Group", ["0-5", "6-12", ""]),
        ("AOR (Abbv)", ["EPT", "LRT", "YUM"]),
        ("Geschlecht", ["M", "W", "D"]),
    ],
)
def test_a_column_that_is_not_mapped_tells_counts_apart(
    heading: str, groups: list[str], tmp_path: Path
) -> None:
    rows = "".join(f"2019,OCT,{group},100\n" for group in groups)
    again = f"2019,OCT,{groups[0]},100\n"
    write(tmp_path, {"own.csv": f"FY,Mon,{heading},Count\n{rows}{again}"})
    config = tmp_path / "own.toml"
    config.write_text(
        '[tables.encounters]\ncolumns = { fiscal_year = "FY", month = "Mon", '
        'encounters = "Count", component = { value = "USBP" } }\n'
    )
    assert figure(MONTHS, tmp_path / "own.csv", config=config) == "300"
    account = source(report(tmp_path / "own.csv", config=config), "encounters")
    assert account["set_aside"] == {"duplicate": 1}


def test_months_as_columns_keep_a_key_of_their_own(tmp_path: Path) -> None:
    write(tmp_path, {"wide.csv": "FY,Sector,Oct,Nov\n2019,El Paso,100,20\n2019,Yuma,100,20\n"})
    section = (
        '[[tables.encounters]]\ncolumns = { fiscal_year = "FY", month = { value = "%s" }, '
        'encounters = "%s", component = { value = "USBP" } }\n'
    )
    config = tmp_path / "own.toml"
    config.write_text(section % ("OCT", "Oct") + section % ("NOV", "Nov"))
    assert figure(MONTHS, tmp_path / "wide.csv", config=config) == "240"


# ----------------------- F2, F9: what is no table lies beside tables and is passed over


@pytest.mark.parametrize(
    ("name", "content", "lacks"),
    [
        ("by_month.csv", "Fiscal Year,Month,Total\n2019,FEB,1\n", "component"),
        ("by_sector.csv", "Fiscal Year,Sector,Component\n2019,Yuma,USBP\n", "month"),
        ("a_notes.csv", "Case ID,Remarks\nA1,called\nA2,no phone\n", "only case_id"),
        ("contacts.csv", "CASE-ID,Phone,E-mail\nA1,1,2\n", "only case_id"),
        ("Hashes.csv", "case_id\nA1\nA2\n", "only case_id"),
        ("hearings.csv", "case_id,hearing_date,outcome\nA1,2019-05-01,other\n", "completion_date"),
    ],
)
def test_a_list_beside_the_tables_is_passed_over_with_a_note(
    name: str, content: str, lacks: str, tmp_path: Path
) -> None:
    data = write(tmp_path / "data", {"cases.csv": CASES, "completions.csv": DONE, name: content})
    assert figure(RATE, data) == "50.00"
    answer = report(data)
    assert [each["file"] for each in answer["data"]["sources"]] == ["cases.csv", "completions.csv"]
    (note,) = [each["text"] for each in answer["warnings"] if each["file"] == name]
    assert lacks in note
    assert name in refusal("report", "--data", data / name)


@pytest.mark.parametrize(
    "rows",
    [
        [["Fiscal Year", "Month", "Total"], [2019, "FEB", 2]],
        [["Case ID", "Remarks"], ["A1", "called"], ["A2", None]],
        [["Table 1: encounters"], ["Fiscal Year", "Component"], [2019, "USBP"]],
        [["Prepared by", "somebody"]],
    ],
)
def test_a_sheet_beside_the_tables_is_passed_over_with_a_note(
    rows: list[list[object]], tmp_path: Path
) -> None:
    sheets = {"Summary": rows, "Cases": rows_of(CASES), "Completions": rows_of(DONE)}
    data = book(tmp_path / "book.xlsx", sheets)
    assert figure(RATE, data) == "50.00"
    notes = [each["text"] for each in report(data)["warnings"]]
    assert [each for each in notes if "Summary" in each]


@pytest.mark.parametrize(
    "other",
    [
        [["Fiscal Year", "Month", "Total"], [2019, "FEB", 2]],
        [["case_id", "nta_filed_date"], ["B1", "2019-02-01"], ["B2", "2019-02-01"]],
        [["A-Number Hash", "NTA Filed"], ["9f01", "2019-02-01"], ["9f07", "2019-02-03"]],
        [["case_id", "completion_date", "outcome"], ["9f01", "soon", "?"]],
    ],
)
def test_a_mapping_that_names_a_sheet_reads_that_sheet_only(
    other: list[list[object]], tmp_path: Path
) -> None:
    persons: list[list[object]] = [["A-Number Hash", "NTA Filed"], ["9f01", "2019-02-01"]]
    data = book(tmp_path / "book.xlsx", {"Other": other, "Persons": persons})
    config = tmp_path / "own.toml"
    config.write_text(
        '[tables.cases]\nsheet = "Persons"\n'
        'columns = { case_id = "A-Number Hash", nta_filed_date = "NTA Filed" }\n'
    )
    assert figure(ENROLLED, data, config=config) == "1"
    assert len(report(data, config=config)["data"]["sources"]) == 1


# ---------------------------------------------------- F3: white space in headings

HEADINGS = [
    'Case ID,"NTA\r\nFiled\r\nDate"',
    "Case   ID,NTA \t Filed Date",
    '"Case\u00a0\nID",NTA\u2009Filed\u3000Date',
    "CASE - ID,nta--filed--date",
]


@pytest.mark.parametrize("heading", HEADINGS)
@pytest.mark.parametrize("titles", ["", "MPP, as of today\n\n"])
def test_any_white_space_in_a_heading_is_one_underscore(
    heading: str, titles: str, tmp_path: Path
) -> None:
    write(tmp_path, {"own.csv": f"{titles}{heading}\nA1,2019-02-01\n"})
    assert figure(ENROLLED, tmp_path / "own.csv") == "1"


@pytest.mark.parametrize("heading", HEADINGS)
def test_a_mapped_heading_may_be_spelled_with_plain_spaces(heading: str, tmp_path: Path) -> None:
    heading = heading.replace("NTA", "Served").replace("nta", "Served")
    write(tmp_path, {"own.csv": f"{heading}\nA1,2019-02-01\n"})
    config = tmp_path / "own.toml"
    config.write_text(
        '[tables.cases]\ncolumns = { case_id = "case id", nta_filed_date = "Served filed DATE" }\n'
    )
    assert figure(ENROLLED, tmp_path / "own.csv", config=config) == "1"


def test_the_heading_that_a_hint_suggests_can_be_pasted(tmp_path: Path) -> None:
    write(tmp_path, {"own.csv": 'Person,"Date\nServed"\nA1,2019-02-01\n'})
    config = tmp_path / "own.toml"
    section = '[tables.cases]\ncolumns = { case_id = "Person", nta_filed_date = "%s" }\n'
    config.write_text(section % "Date Serveed")
    error = refusal("report", "--data", tmp_path / "own.csv", config=config)
    suggested = error.partition('did you mean "')[2].partition('"')[0]
    config.write_text(section % suggested)
    assert figure(ENROLLED, tmp_path / "own.csv", config=config) == "1"


def test_validate_does_not_call_a_table_sound_that_has_no_headline(tmp_path: Path) -> None:
    write(tmp_path, {"cases.csv": "case_id,nta_file_day,component\nA1,2019-02-01,USBP\n"})
    _, out, err = ask("validate", tmp_path / "cases.csv")
    assert "No problems" not in out
    assert "nta_filed_date" in out + err


# -------------------------------------------------------------- F4: every time of day

TIMED = [
    *("2/1/2019 0:00", "2/1/2019 12:00:00 AM", "2019-02-01 00:00", "2019-02-01T00:00:00Z"),
    *("2019-02-01T23:00:00.000-05:00", "2019-02-01 23:59:59.9999999", "02/01/2019 11:59 p.m."),
    *("1-FEB-2019 00:00:00", "01 February 2019 1:05AM", "2019-02-01T00:00+0100"),
]


def cases_of(days: list[str]) -> list[list[object]]:
    return [["case_id", "nta_filed_date"], *([f"A{n}", day] for n, day in enumerate(days))]


def as_text(rows: list[list[object]]) -> str:
    return "".join(",".join(map(str, row)) + "\n" for row in rows)


@pytest.mark.parametrize("reader", ["csv", "tsv", "xlsx", "parquet", "mapping", "court"])
def test_every_reader_knows_every_time_of_day(reader: str, tmp_path: Path) -> None:
    rows = cases_of(TIMED)
    config = None
    if reader in ("csv", "mapping"):
        data = write(tmp_path, {"own.csv": as_text(rows)}) / "own.csv"
    if reader == "tsv":
        data = write(tmp_path, {"own.tsv": as_text(rows).replace(",", "\t")}) / "own.tsv"
    if reader == "mapping":
        config = tmp_path / "own.toml"
        config.write_text('[tables.cases.columns]\ncase_id = "case id"\n')
    if reader == "xlsx":
        data = book(tmp_path / "own.xlsx", {"cases": rows})
    if reader == "parquet":
        values = ", ".join(f"('{name}', '{day}')" for name, day in rows[1:])
        data = parquet(
            tmp_path / "own.parquet",
            f"SELECT * FROM (VALUES {values}) AS made(case_id, nta_filed_date)",
        )
    if reader == "court":
        data = court_release(tmp_path, TIMED)
    if reader == "mapping":
        config = tmp_path / "own.toml"
        config.write_text(
            '[tables.cases]\ncolumns = { case_id = "case_id", nta_filed_date = "nta_filed_date" }\n'
        )
    for day, expected in (("2019-01-31", "0"), ("2019-02-01", str(len(TIMED)))):
        assert figure(ENROLLED, data, "--as-of", day, config=config) == expected


def court_release(folder: Path, days: list[str]) -> Path:
    """A release with a case for each day, on which its record was made."""
    from tests.sources import court

    identifiers = ["| IDNCASEID | IDNCASE | CASE_ID |"]
    proceedings = ["| IDNPROCEEDING | IDNCASE | INPUT_DATE |"]
    for n, day in enumerate(days, start=1):
        identifiers.append(f"| {n} | {n} | MP |")
        proceedings.append(f"| {n} | {n} | {day} |")
    return court.draw(
        folder, identifiers="\n".join(identifiers), proceedings="\n".join(proceedings)
    )


# ------------------------------------------------------------ F5: numbers as ids


@pytest.mark.parametrize(
    ("cases", "events"),
    [
        ("1234567::DOUBLE", "1234567::BIGINT"),
        ("1234567::FLOAT", "'1234567'"),
        ("'1234567'", "1234567::DOUBLE"),
        ("1234567::DECIMAL(12,2)", "1234567::INTEGER"),
        ("9007199254740991::DOUBLE", "'9007199254740991'"),
        ("1234567::DOUBLE", "1234567::FLOAT"),
    ],
)
def test_a_whole_number_is_the_same_id_in_every_type(
    cases: str, events: str, tmp_path: Path
) -> None:
    parquet(
        tmp_path / "cases.parquet", f"SELECT {cases} AS case_id, '2019-02-01' AS nta_filed_date"
    )
    parquet(
        tmp_path / "completions.parquet",
        f"SELECT {events} AS case_id, '2019-12-01' AS completion_date, 'other' AS outcome",
    )
    assert figure(RATE, tmp_path) == "100.00"


def test_a_number_that_is_not_whole_is_not_made_so(tmp_path: Path) -> None:
    parquet(
        tmp_path / "cases.parquet",
        "SELECT unnest([1.5::DOUBLE, 1, 2]) AS case_id, '2019-02-01' AS nta_filed_date",
    )
    (tmp_path / "completions.csv").write_text(
        "case_id,completion_date,outcome\n1.5,2019-12-01,other\n1,2019-12-01,other\n"
    )
    assert figure(RATE, tmp_path) == "66.67"


def test_numbers_that_have_lost_digits_are_spoken_of(tmp_path: Path) -> None:
    parquet(
        tmp_path / "cases.parquet",
        "SELECT 201900012345678901::DOUBLE AS case_id, '2019-02-01' AS nta_filed_date",
    )
    warnings = report(tmp_path)["warnings"]
    (warning,) = [each for each in warnings if each["file"] == "cases.parquet"]
    assert "digits" in warning["text"]


# --------------------------------------------------------- F6: Strict Open XML

STRICT = {
    b"http://schemas.openxmlformats.org/spreadsheetml/2006/main": (
        b"http://purl.oclc.org/ooxml/spreadsheetml/main"
    ),
    b"http://schemas.openxmlformats.org/officeDocument/2006/relationships": (
        b"http://purl.oclc.org/ooxml/officeDocument/relationships"
    ),
}


def strict(path: Path) -> Path:
    """The workbook in the dialect that Excel calls strict."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            for usual, other in STRICT.items():
                content = content.replace(usual, other)
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize("name", ["own.xlsx", "OWN.XLSX", "own.xlsm", "folder"])
def test_a_strict_workbook_is_read_or_named_for_what_it_is(name: str, tmp_path: Path) -> None:
    file = tmp_path / ("own.xlsx" if name == "folder" else name)
    strict(book(file, {"Cases": rows_of(CASES)}))
    code, out, err = ask(
        *("metric", ENROLLED, "-f", "value", "--data", tmp_path if name == "folder" else file)
    )
    if code == 0:
        assert out == "2"
    else:
        assert (code, out) == (3, "")
        assert file.name in err
        assert "Strict Open XML" in err
        assert "Excel Workbook (.xlsx)" in err


# ------------------------------------------------ F7: a header that ends in a delimiter


@pytest.mark.parametrize("end", [",", ",,,", ', ,""', ",\u00a0"])
@pytest.mark.parametrize("rest", ["", ",", ",,,,,"])
def test_headings_without_a_name_at_the_end_do_not_count(
    end: str, rest: str, tmp_path: Path
) -> None:
    write(tmp_path, {"cases.csv": f"case_id,nta_filed_date{end}\nA1,2019-02-01{rest}\n"})
    write(tmp_path, {"completions.csv": f"{DONE.splitlines()[0]}{end}\nA1,2019-03-01,other{rest}"})
    months = f"fiscal_year,month,component,encounters{end}\n2019,FEB,USBP,7{rest}\n"
    write(tmp_path, {"encounters.csv": months})
    assert figure(RATE, tmp_path) == "100.00"
    assert figure(MONTHS, tmp_path, "--as-of", "2019-03-01") == "7"


def test_a_value_under_no_heading_is_not_dropped(tmp_path: Path) -> None:
    write(tmp_path, {"cases.csv": f"{CASES}A3,2019-02-01,x,\n".replace("date\n", "date,,\n")})
    account = source(report(tmp_path), "cases")
    assert (account["rows_used"], account["set_aside"]) == (2, {"wrong_field_count": 1})


# -------------------------------------------- F8, U1: counts with thousands separators


@pytest.mark.parametrize("value", ['"68,039"', "68039.0", '"68,039.00"', "68039", '" 68,039 "'])
def test_a_published_count_is_read_alike_by_every_command(value: str, tmp_path: Path) -> None:
    listed = tmp_path / "published.csv"
    listed.write_text(
        f"as_of,measure,value,source\n2020-12-31,total_enrolled,{value},DHS\n"
        '2020-12-31,cases_completed,"44,014",DHS\n'
    )
    assert figure(ENROLLED, listed, "--as-of", "2020-12-31") == "68039"
    assert figure(RATE, listed, "--as-of", "2020-12-31") == "64.69"
    code, out, err = ask("reconcile", listed, "--data", "sample", "-f", "json")
    assert code == 0, err
    assert [each["published"] for each in json.loads(out)["figures"]] == [68039, 44014]


@pytest.mark.parametrize("value", ['"68,39"', "68 039", '"6,80,39"', "68039.5", "about 68039"])
def test_a_published_count_that_is_none_is_named_by_line_and_value(
    value: str, tmp_path: Path
) -> None:
    listed = tmp_path / "published.csv"
    listed.write_text(f"as_of,measure,value\n2020-12-31,total_enrolled,{value}\n")
    bare = value.strip('"')
    for command in (["report", "--data", listed], ["reconcile", listed, "--data", "sample"]):
        code, _, err = ask(*command, "--as-of", "2020-12-31")
        assert code == 3, err
        assert "published.csv:2" in err
        assert bare in err


@pytest.mark.parametrize(
    ("name", "sign"), [("comma", ","), ("point", "."), ("space", " "), ("apostrophe", "'")]
)
@pytest.mark.parametrize("spelled", [True, False])
def test_a_mapping_says_what_stands_between_thousands(
    name: str, sign: str, spelled: bool, tmp_path: Path
) -> None:
    rows = "".join(
        f'2019,{month},USBP,"{count:,}"\n'.replace(f"{count:,}", f"{count:,}".replace(",", sign))
        for month, count in (("OCT", 1404), ("NOV", 9000), ("DEC", 512), ("JAN", 1234567))
    )
    write(tmp_path, {"own.csv": f"fiscal_year,month,component,encounters\n{rows}"})
    config = tmp_path / "own.toml"
    config.write_text(f'[tables]\nthousands = "{name if spelled else sign}"\n')
    assert figure(MONTHS, tmp_path / "own.csv", config=config) == "1245483"


@pytest.mark.parametrize("sign", [".", " ", "'", "\u00a0", "\u2009"])
def test_other_thousands_separators_are_named(sign: str, tmp_path: Path) -> None:
    rows = "".join(
        f"2019,{month},USBP,{count}\n"
        for month, count in (("OCT", f"1{sign}404"), ("NOV", f"9{sign}000"), ("DEC", f"3{sign}001"))
    )
    write(tmp_path, {"encounters.csv": f"fiscal_year,month,component,encounters\n{rows}"})
    assert "thousands" in refusal("report", "--data", tmp_path)


# ------------------------------------------------------------- F10: OHSS's monthly tables


@pytest.mark.parametrize(
    "header",
    [
        "Calendar Year,Fiscal Year,Month,Repatriations:Total",
        "Calendar Year,Fiscal Year,Month,CBP Book-outs:Migrant Protection Protocols",
        "Calendar Year,Fiscal Year,Month,Administrative Arrests:Total,Repatriations:Total",
    ],
)
def test_the_monthly_tables_of_ohss_are_named(header: str, tmp_path: Path) -> None:
    row = "2019,2019,3" + ",10" * (header.count(",") - 2)
    write(tmp_path, {"monthly.csv": f"{header}\n{row}\n"})
    error = refusal("report", "--data", tmp_path / "monthly.csv")
    assert "OHSS" in error
    assert "mpp reconcile" in error
    write(tmp_path, {"cases.csv": CASES})
    assert figure(ENROLLED, tmp_path) == "2"


# -------------------------------------------------------------- F11: months in full

MONTH_NAMES = [
    *("October", "november", "DECEMBER", "January", "February", "March"),
    *("April", "May", "June", "July", "August", "September"),
]


@pytest.mark.parametrize("spelled", [str, str.upper, str.lower, str.title])
@pytest.mark.parametrize("form", ["csv", "xlsx", "mapping"])
def test_a_year_of_months_in_full_is_the_whole_year(
    spelled: Callable[[str], str], form: str, tmp_path: Path
) -> None:
    text = "fiscal_year,month,component,encounters\n" + "".join(
        f"2019,{spelled(name)},USBP,{1000 + n}\n" for n, name in enumerate(MONTH_NAMES)
    )
    config = None
    if form == "xlsx":
        data = book(tmp_path / "own.xlsx", {"encounters": rows_of(text)})
    else:
        data = write(tmp_path, {"own.csv": text.replace("month,", "Mon,", form == "mapping")})
        data /= "own.csv"
    if form == "mapping":
        config = tmp_path / "own.toml"
        config.write_text(
            '[tables.encounters]\ncolumns = { fiscal_year = "fiscal_year", month = "Mon", '
            'component = "component", encounters = "encounters" }\n'
        )
    assert figure(MONTHS, data, "--as-of", "2019-09-30", config=config) == "12066"


@pytest.mark.parametrize("name", ["Sept", "Septembre", "Oct.", "M10", "October 2019", "2018-10"])
def test_what_is_not_a_month_is_not_half_a_year(name: str, tmp_path: Path) -> None:
    """A year of which May alone can be read is lost, not small."""
    rows = f"2019,May,USBP,132856\n2019,{name},USBP,5\n2019,{name} ,OFO,7\n"
    write(tmp_path, {"encounters.csv": f"fiscal_year,month,component,encounters\n{rows}"})
    assert name in refusal("report", "--data", tmp_path)


# ---------------------------------------- F12: CBP's shapes are a closed list of headings

AREAS = (
    "Fiscal Year,Month Grouping,Month (abbv),Component,{region},Area of Responsibility,"
    "AOR (Abbv),Demographic,Citizenship,Title of Authority,Encounter Type,Encounter Count\n"
    "2021,FYTD,OCT,U.S. Border Patrol,Southwest Land Border,El Paso Sector,EPT,"
    "Single Adults,MEXICO,Title 8,Apprehensions,100\n"
    "2021,FYTD,OCT,Office of Field Operations,Other,New York Field Office,NY,"
    "Single Adults,MEXICO,Title 8,Inadmissibles,900\n"
)
STATES = (
    "Fiscal Year,Month Grouping,Month (abbv),{region},State,Demographic,Citizenship,"
    "Title of Authority,Encounter Count\n"
    "2021,FYTD,OCT,Southwest Land Border,TX,Single Adults,MEXICO,Title 8,100\n"
    "2021,FYTD,OCT,Other,NY,Single Adults,MEXICO,Title 8,900\n"
)
BOTH = AREAS.replace("AOR (Abbv),", "AOR (Abbv),State,").replace("EPT,", "EPT,TX,")
BOTH = BOTH.replace(",NY,", ",NY,NY,")


@pytest.mark.parametrize("shape", [AREAS, STATES, BOTH], ids=["areas", "states", "both"])
@pytest.mark.parametrize(
    "heading", ["Region", "Land Border", "Border Region", "Southwest Border", "Border Sector Type"]
)
def test_a_region_by_another_name_is_never_the_southwest(
    shape: str, heading: str, tmp_path: Path
) -> None:
    write(tmp_path, {"cbp.csv": shape.format(region="Land Border Region")})
    assert figure(MONTHS, tmp_path) == "100"
    write(tmp_path, {"cbp.csv": shape.format(region=heading)})
    error = refusal("report", "--data", tmp_path / "cbp.csv")
    assert f'"{heading}"' in error
    assert "cbp.csv:1" in error


# ------------------------------------------ U2: what stands under a table is not a case


@pytest.mark.parametrize(
    "note",
    [
        "Source: EOIR case data",
        "Note: figures are preliminary",
        "* includes re-enrolled persons",
        "Prepared on 2021-01-05",
    ],
)
def test_a_note_under_the_cases_is_set_aside_or_spoken_of(note: str, tmp_path: Path) -> None:
    write(tmp_path, {"cases.csv": CASES.replace("\n", ",\n") + f"{note},,\n"})
    answer = report(tmp_path)
    account = source(answer, "cases")
    spoken_of = [each["text"] for each in answer["warnings"] if each["file"] == "cases.csv"]
    assert sum(account["set_aside"].values()) == 1 or spoken_of
    assert figure(ENROLLED, tmp_path) == "2"


@pytest.mark.parametrize("total", ["Total", "Grand Total", "SUBTOTAL:", "Sub-Totals"])
def test_a_total_under_a_table_is_outside(total: str, tmp_path: Path) -> None:
    write(tmp_path, {"cases.csv": f"{CASES}{total},2\n", "completions.csv": f"{DONE}{total},,1\n"})
    answer = report(tmp_path)
    assert source(answer, "cases")["rows_outside"] == {"totals-row": 1}
    assert source(answer, "completions")["rows_outside"] == {"totals-row": 1}
    assert figure(RATE, tmp_path) == "50.00"


# --------------------------------------------- U3: ids that a spreadsheet has changed


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: text.lstrip("0"), "zero"),
        (lambda text: f"'{text}", "quote"),
        (lambda text: f'"=""{text}"""', '="'),
        (lambda text: f"{text}.0", ".0"),
        (lambda text: f"{text[:6]} {text[6:]}", "space"),
        (lambda text: "2.01901E+11", "E+11"),
    ],
    ids=["zeros", "apostrophes", "formulas", "points", "spaces", "shortened"],
)
def test_ids_that_a_spreadsheet_has_changed_are_explained(
    change: Callable[[str], str], said: str, tmp_path: Path
) -> None:
    ids = [f"00201900{n:04}" for n in range(1, 9)]
    cases = "".join(f"{each},2019-02-01\n" for each in ids)
    done = "".join(f"{change(each)},2019-12-{n:02},other\n" for n, each in enumerate(ids, start=1))
    write(tmp_path, {"cases.csv": f"case_id,nta_filed_date\n{cases}"})
    write(tmp_path, {"completions.csv": f"case_id,completion_date,outcome\n{done}"})
    error = refusal("metric", RATE, "--data", tmp_path, "-f", "value", "-q")
    assert "completions" in error
    warnings = " ".join(each["text"] for each in report(tmp_path)["warnings"])
    assert said in warnings


# ------------------------------------- U4: dates in another form are named as what they are


@pytest.mark.parametrize(
    ("days", "form"),
    [
        (["43497", "43498", "43523"], "serial"),
        (["13/02/2019", "02/03/2019", "04/03/2019"], "D/M/YYYY|DD/MM/YYYY"),
        (["2/13/19", "3/2/19", "3/4/19"], "M/D/YY|MM/DD/YY"),
        (["13-FEB-19", "02-MAR-19", "04-MAR-19"], "D-MON-YY|DD-MON-YY"),
        (["13.02.2019", "02.03.2019", "04.03.2019"], "D.M.YYYY|DD.MM.YYYY"),
        (["20190213", "20190302", "20190304"], "YYYYMMDD"),
    ],
)
def test_dates_in_another_form_are_named_and_the_hint_reads_them(
    days: list[str], form: str, tmp_path: Path
) -> None:
    write(tmp_path, {"cases.csv": as_text(cases_of(days))})
    error = refusal("report", "--data", tmp_path)
    (named,) = [each for each in form.split("|") if f'"{each}"' in error]
    config = tmp_path / "own.toml"
    config.write_text(f'[tables]\ndate-format = "{named}"\n')
    assert figure(ENROLLED, tmp_path / "cases.csv", "--as-of", "2019-02-28", config=config) == (
        "3" if named == "serial" else "1"
    )


# ------------------------------------------------ U5: rows of other programs


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ('where = { "MPP INDICATOR (Y/N)" = ["Y"] }', "2"),
        ('where = { "MPP INDICATOR (Y/N)" = ["Y", "y"] }', "3"),
        ('where = { "MPP INDICATOR (Y/N)" = ["Y", ""] }', "3"),
        ('where = { Program = ["MPP"], "MPP INDICATOR (Y/N)" = ["Y"] }', "1"),
    ],
)
def test_a_mapping_may_take_the_rows_of_one_program(
    condition: str, expected: str, tmp_path: Path
) -> None:
    rows = ["A1,2019-02-01,Y,MPP", "A2,2019-02-01,Y,PACR", "A3,2019-02-01,y,MPP"]
    rows += ["A4,2019-02-01,N,PACR", "A5,soon,N,HARP", "A6,2019-02-01,,MPP"]
    text = "\n".join(["Case ID,NTA Filed Date,MPP INDICATOR (Y/N),Program", *rows])
    data = write(tmp_path, {"own.csv": text}) / "own.csv"
    config = tmp_path / "own.toml"
    config.write_text(f"[tables.cases]\n{condition}\n")
    assert figure(ENROLLED, data, "--strict", config=config) == expected
    account = source(report(data, config=config), "cases")
    assert account["rows_outside"] == {"other-rows": 6 - int(expected)}


# --------------------------------------------- U6: nothing was usable, so there is no figure


@pytest.mark.parametrize(
    "completions",
    [
        "case_id,completion_date,outcome\nA1,31.12.2019,other\nA2,30.12.2019,other\n",
        "case_id,completion_date,outcome\nA1,2019-12-31,RMV\nA2,2019-12-30,GRT\n",
        "case_id,completion_date,outcome\nA1;2019-12-31;other\nA2;2019-12-30;other\n",
        "case_id,completion_date,outcome\nB1,2019-12-31,other\nB2,2019-12-30,other\n",
        "case_id,completion_date,outcome\nA1,2019-12-31,other,x\nA2,2019-12-30,other,x\n",
        "case_id,completion_date,outcome\n,2019-12-31,other\n,2019-12-30,other\n",
    ],
    ids=["dates", "codes", "delimiter", "orphans", "fields", "ids"],
)
def test_a_table_of_which_nothing_is_usable_has_no_figure(completions: str, tmp_path: Path) -> None:
    write(tmp_path, {"cases.csv": CASES, "completions.csv": completions})
    for options in ([], ["--max-set-aside", "100%"]):
        error = refusal("metric", RATE, "--data", tmp_path, "-f", "value", *options)
        assert "completions" in error
    assert figure(ENROLLED, tmp_path, "--max-set-aside", "100%") == "2"


def test_an_empty_cohort_of_a_court_release_is_said(tmp_path: Path) -> None:
    from tests.sources import court

    data = court.draw(
        tmp_path,
        identifiers="| IDNCASEID | IDNCASE | CASE_ID |\n| 1 | 1 | XX |",
        proceedings="| IDNPROCEEDING | IDNCASE | INPUT_DATE |\n| 1 | 1 | 2019-02-01 |",
    )
    code, _, err = ask("metric", ENROLLED, "--data", data, "--as-of", "2020-12-31", "-f", "value")
    assert code in (0, 3)
    assert "MP" in err
    assert "RM" in err


# --------------------------------------------------- a component that is not there


@pytest.mark.parametrize(("there", "other"), [("USBP", "ofo"), ("OFO", "usbp")])
def test_a_component_that_is_not_there_is_null_and_said(
    there: str, other: str, tmp_path: Path
) -> None:
    rows = f"2021,OCT,{there},100\n2021,NOV,{there},200\n"
    write(tmp_path, {"encounters.csv": f"fiscal_year,month,component,encounters\n{rows}"})
    answer = report(tmp_path, "--as-of", "2020-12-31")
    metric = answer["goals"][3]["metrics"][0]
    (row,) = metric["rows"]
    assert (row["values"][other], row["values"][there.lower()]) == (None, 300)
    assert row["values"]["encounters"] == 300
    assert [note for note in metric["footnotes"] if f"{there} alone" in note["text"]]
    for form in ("table", "markdown"):
        _, out, _ = ask("metric", MONTHS, "--data", tmp_path, "--as-of", "2020-12-31", "-f", form)
        (line,) = [each for each in out.splitlines() if re.match(r"\W*2021\b", each)]
        assert sorted(re.findall(r"n/a|\b[0-9]+\b", line)) == ["2", "2021", "300", "300", "n/a"]


# --------------------------------------------------- titles above the headings


@pytest.mark.parametrize(
    "titles",
    [
        "Migrant Protection Protocols\n",
        '"U.S. Customs, Border Protection"\nAs of 12/31/2020,,\n\n',
        "Report,1\nParameter,Value\nfrom,2019-01-01\nto,2020-12-31\n",
        "x\n" * 30,
    ],
)
def test_titles_above_the_headings_are_passed_over_and_said(titles: str, tmp_path: Path) -> None:
    write(tmp_path, {"cases.csv": titles + CASES, "completions.csv": titles + DONE + "A2,soon,x\n"})
    assert figure(RATE, tmp_path) == "50.00"
    answer = report(tmp_path)
    said = {each["file"] for each in answer["warnings"] if "title" in each["text"].lower()}
    assert said == {"cases.csv", "completions.csv"}
    account = source(answer, "completions")
    assert account["examples"] == {"unreadable_date": [titles.count("\n") + 3]}
