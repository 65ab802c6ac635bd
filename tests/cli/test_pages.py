"""HTML and XLSX on the command line: the figures of the JSON, and nothing that data could run."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from mpp_cli.goals import METRICS
from tests.formats.reading import (
    Figure,
    HtmlPage,
    expected,
    markdown_figures,
    sheet_figures,
    workbook,
)
from tests.harness import run
from tests.spec.draw import folder

FORMATS = ("json", "html", "xlsx", "markdown")


def made(*arguments: str) -> bytes:
    code, out, err = run([*arguments, "-q", "--no-config"])
    assert (code, err) == (0, "")
    return out


def rounded(figures: list[Figure]) -> list[Figure]:
    """As Markdown shows them: shares, which are no integers in the JSON, in whole percent."""
    return [f"{int(each * 100 + 0.5)}%" if isinstance(each, float) else each for each in figures]


CASES = {"CUBA": (40, 21), "HONDURAS": (25, 7), "PERU": (4, 2), "": (12, 12)}


@pytest.fixture(scope="module")
def data() -> Path:
    cases = ["case_id,nta_filed_date,nationality"]
    completions = ["case_id,completion_date,outcome"]
    grants = ["case_id,granted_date,relief_type"]
    for name, (enrolled, completed) in CASES.items():
        for place in range(enrolled):
            cases.append(f"{name}{place}x,2019-06-03,{name}")
            if place < completed:
                completions.append(f"{name}{place}x,2020-02-03,terminated")
            if place < completed // 3:
                grants.append(f"{name}{place}x,2020-02-03,asylum")
    encounters = ["fiscal_year,month,component,region,encounters"]
    for month in range(1, 13):
        encounters.append(f"2020,{month},USBP,Southwest Border,{1000 + month}")
        encounters.append(f"2020,{month},OFO,Southwest Border,{month % 3}")
    return folder(
        **{
            name: "\n".join(lines) + "\n"
            for name, lines in {
                "cases": cases,
                "completions": completions,
                "grants": grants,
                "encounters": encounters,
            }.items()
        }
    )


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--by", "nationality"),
        ("--suppress-below", "11"),
        ("--by", "nationality", "--suppress-below", "11"),
    ],
    ids=" ".join,
)
def test_the_figures_of_every_format_are_those_of_the_json(
    data: Path, options: tuple[str, ...]
) -> None:
    asked = ("report", "--data", str(data), "--as-of", "2020-12-31", *options)
    answers = {format: made(*asked, "-f", format) for format in FORMATS}
    goals = json.loads(answers["json"])["goals"]
    wanted = [
        [figure for metric in goal["metrics"] for figure in expected(metric)] for goal in goals
    ]
    assert sum(map(len, wanted)) > 5

    flat = [figure for goal in wanted for figure in goal]
    assert HtmlPage(answers["html"].decode()).figures == flat
    book = workbook(answers["xlsx"])
    assert [list(sheet_figures(book[f"Goal {goal['number']}"])) for goal in goals] == wanted
    assert list(markdown_figures(answers["markdown"].decode())) == rounded(flat)


def test_a_chart_over_time_is_left_out_where_it_would_tell_small_counts(data: Path) -> None:
    asked = ("report", "--data", str(data), "--as-of", "2020-12-31", "-f", "html")
    assert "Total Cases Completed, by month" in made(*asked).decode()
    assert "by month" not in made(*asked, "--suppress-below", "11").decode()


def test_the_chart_over_time_has_the_figures_of_the_trend(data: Path) -> None:
    asked = ("--data", str(data), "-q", "--no-config")
    page = HtmlPage(made("report", "--as-of", "2020-12-31", *asked[:2], "-f", "html").decode())
    (table,) = [each for each in page.tables if each.in_details]
    trend = json.loads(
        made("trend", "completion-rate", "--to", "2020-12-31", *asked[:2], "-f", "json")
    )
    points = trend["series"][0]["points"]
    assert [[cell.value for cell in row[2:]] for row in table.rows[1:]] == [
        [str(value) for value in point["values"].values()] for point in points
    ]
    assert [row[1].text for row in table.rows[1:]] == [point["as_of"] for point in points]


@pytest.mark.parametrize(
    "command",
    [
        ("metric", "completion-rate", "--by", "nationality"),
        ("trend", "completion-rate", "--every", "quarter"),
        ("compare", "--with", "2019-12-31"),
        ("variants", "completion-rate"),
        ("reconcile",),
        ("explain", "completion-rate", "--sql"),
        ("explain", "completion-rate", "--case", "CUBA1x"),
    ],
    ids=lambda words: " ".join(words),
)
def test_every_page_is_to_be_had_in_both(data: Path, command: tuple[str, ...]) -> None:
    page = HtmlPage(made(*command, "--data", str(data), "-f", "html").decode())
    assert len(page.all("h1")) == 1
    content = made(*command, "--data", str(data), "-f", "xlsx")
    book = workbook(content)
    assert "Sources" in book.sheetnames or "--case" in command
    assert made(*command, "--data", str(data), "-f", "xlsx") == content


def test_the_tab_of_a_sheet_is_never_half_a_title(data: Path) -> None:
    found = {
        command: workbook(made(*command.split(), "--data", str(data), "-f", "xlsx")).sheetnames
        for command in ("compare --with 2020-01-31", "explain completion-rate --sql")
    }
    assert found["compare --with 2020-01-31"] == ["Compare", *METRICS, "Sources"]
    assert found["explain completion-rate --sql"] == [
        *("Explain", "total_enrolled", "cases_completed", "completion_percentage"),
        *("Columns", "The queries that ran", "Sources"),
    ]


@pytest.mark.parametrize("command", ["report", "compare --with 2020-09-30", "reconcile"])
def test_every_sheet_of_sample_data_says_so(command: str) -> None:
    content = made(*command.split(), "--data", "sample", "-f", "xlsx")
    for sheet in workbook(content):
        texts = [str(cell.value) for row in sheet.iter_rows() for cell in row]
        assert sum(text.startswith("These figures come from synthetic") for text in texts) == 1


def test_the_workbook_defines_each_measure_by_itself(data: Path) -> None:
    """And not by what its metric measures: two measures of a metric are not one thing."""
    book = workbook(made("report", "--data", str(data), "-f", "xlsx"))
    rows = list(book["Definitions"].iter_rows(values_only=True))
    (place,) = [row.index("Name") for row in rows if "Name" in row]
    defined = {row[place]: str(row[-1]) for row in rows if len(row) > place and row[place]}
    assert defined["total_enrolled"].startswith(
        "The number of cases, each with its nta_filed_date by the as-of date, without: cases on "
        "another docket; cases in which the NTA was not filed. Each is counted once."
    )
    assert defined["cases_completed"].startswith("The number of cases of total_enrolled, each")
    assert defined["completion_percentage"].startswith(
        "Total Cases Completed (cases_completed) divided by Total Enrolled in MPP"
    )
    assert "in the months of fiscal year" in defined["encounters"]


def test_a_trend_in_a_workbook_is_numbers_and_dates(data: Path) -> None:
    asked = ("trend", "completion-rate", "--every", "quarter", "--data", str(data))
    points = json.loads(made(*asked, "-f", "json"))["series"][0]["points"]
    sheet = workbook(made(*asked, "-f", "xlsx")).worksheets[0]
    rows = [
        row for row in sheet.iter_rows(values_only=True) if row[0] in {p["period"] for p in points}
    ]
    assert [(row[1].date().isoformat(), *row[2:5]) for row in rows] == [
        (point["as_of"], *point["values"].values()) for point in points
    ]


def test_a_comparison_in_a_workbook_is_numbers_with_signs(data: Path) -> None:
    asked = (
        "compare",
        "total-enrolled",
        "--as-of",
        "2020-12-31",
        "--with",
        "2019-01-01",
    )
    content = made(*asked, "--data", str(data), "-f", "xlsx")
    found = [
        (cell.value, cell.number_format)
        for sheet in workbook(content)
        for row in sheet.iter_rows()
        for cell in row
        if isinstance(cell.value, int) and cell.number_format.startswith("+")
    ]
    assert found == [(81, "+#,##0;-#,##0;#,##0")]


# --- where it goes -----------------------------------------------------------------


def test_the_ending_picks_the_format(data: Path, tmp_path: Path) -> None:
    for name, start in (("a.html", b"<!DOCTYPE html>"), ("a.htm", b"<!DOCTYPE"), ("a.xlsx", b"PK")):
        made("report", "--data", str(data), "-o", str(tmp_path / name))
        assert (tmp_path / name).read_bytes().startswith(start)


def test_a_case_is_written_to_a_private_file(data: Path, tmp_path: Path) -> None:
    for name in ("case.html", "case.xlsx"):
        target = tmp_path / name
        made(
            "explain", "completion-rate", "--case", "CUBA1x", "--data", str(data), "-o", str(target)
        )
        assert target.stat().st_mode & 0o777 == 0o600


def test_a_workbook_is_not_written_to_a_terminal(data: Path) -> None:
    ours, theirs = pty.openpty()
    done = subprocess.run(
        [sys.executable, "-m", "mpp_cli", "report", "--data", str(data), "-f", "xlsx"],
        stdout=theirs,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(theirs)
    os.close(ours)
    assert done.returncode == 2
    assert done.stderr == (
        "mpp: error: xlsx is not for a terminal\nhint: name a file: -o report.xlsx\n"
    )


def test_a_missing_library_is_said_before_anything_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    code, out, err = run(["report", "--data", "gone/", "-f", "xlsx", "--no-config"])
    assert (code, out) == (2, b"")
    assert err == (
        "mpp: error: the format xlsx needs XlsxWriter, which is not installed\n"
        "hint: pip install 'mpp-cli[xlsx]'\n"
    )


# --- hostile data ------------------------------------------------------------------

HOSTILE = (
    "<script>alert(1)</script>",
    "</style><img src=x onerror=alert(1)>",
    '=HYPERLINK("http://example.org")',
    "@SUM(A1)",
    "http://example.org/",
    "[red]x[/red]",
    "a|b",
    "\x1b[31mred\x07",
    "\u202egnol\u200f",
    "\x01\x0b\ufffe",
    "_x0041_",
    "**bold** `code` [a](b)",
    "x" * 10_000,
)

COMMANDS = (
    ("report", "--by", "nationality"),
    ("metric", "completion-rate", "--by", "nationality"),
    ("metric", "total-enrolled", "--where", f"nationality={HOSTILE[0]}"),
    ("trend", "completion-rate", "--by", "nationality", "--every", "quarter"),
    ("compare", "--with", "2019-12-31", "--where", f"nationality={HOSTILE[2]}"),
    ("variants", "completion-rate", "--where", f"nationality={HOSTILE[7]}"),
    ("explain", "completion-rate", "--where", f"nationality={HOSTILE[8]}"),
    ("explain", "completion-rate", "--case", f"{HOSTILE[0]}1"),
)


@pytest.fixture(scope="module")
def hostile() -> Path:
    """Hostile ids, groups, codes, and names of files and of columns."""
    quoted = ['"' + text.replace('"', '""') + '"' for text in HOSTILE]
    cases = ["case_id,nta_filed_date,nationality,docket"]
    completions = ["case_id,completion_date,outcome"]
    for text in quoted:
        for place in range(3):
            case = f'{text[:-1]}{place}"'
            cases.append(f"{case},2019-06-03,{text},MPP")
            completions.append(f"{case},2020-02-03,{'terminated' if place else text}")
    made = folder(completions="\n".join(completions) + "\n")
    name = "cases <img src=x onerror=alert(1)> [red] =1+1 \x1b[31m\u202e.csv"
    (made / name).write_text("\n".join(cases) + "\n", encoding="utf-8")
    return made


#: What a reader of plain text must never meet: what a terminal obeys, and what reorders a line.
CONTROLS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def answer(hostile: Path, command: tuple[str, ...], format: str) -> bytes | None:
    code, out, err = run([*command, "--data", str(hostile), "-f", format, "--no-config"])
    if code == 2 and f"no {format} output" in err:
        return None
    assert code == 0, err
    assert not CONTROLS.search(err)
    return out


@pytest.mark.parametrize("command", COMMANDS, ids=lambda words: " ".join(words)[:40])
def test_hostile_data_stay_text_in_html(hostile: Path, command: tuple[str, ...]) -> None:
    text = (answer(hostile, command, "html") or b"").decode()
    page = HtmlPage(text)
    assert not CONTROLS.search(text)
    assert not page.tags & {"script", "img", "iframe", "object", "link", "base", "form", "input"}
    assert len(page.all("style")) == 1
    names = {name for _, attributes in page.elements for name in attributes}
    assert not {name for name in names if name.startswith("on") or name in ("src", "style")}
    assert all(each["href"].startswith("#") for each in page.all("a"))
    assert "alert(1)" in "".join(page.text)  # The name of the file, or the group.


@pytest.mark.parametrize("command", COMMANDS, ids=lambda words: " ".join(words)[:40])
def test_hostile_data_stay_text_in_a_workbook(hostile: Path, command: tuple[str, ...]) -> None:
    content = answer(hostile, command, "xlsx") or b""
    with zipfile.ZipFile(BytesIO(content)) as parts:
        for part in parts.namelist():
            xml = parts.read(part).decode()
            assert "<f>" not in xml
            assert "hyperlink" not in xml
    cells = [cell for sheet in workbook(content) for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n", "d"}
    assert not any(cell.hyperlink for cell in cells)
    texts = [cell.value for cell in cells if isinstance(cell.value, str)]
    assert not any(CONTROLS.search(text) for text in texts)
    if command[:3] == ("metric", "completion-rate", "--by"):
        assert {*HOSTILE[:7], r"\x1b[31mred\x07", r"\u202egnol\u200f", HOSTILE[-1]} <= {*texts}
        assert "_x0041_" in texts


@pytest.mark.parametrize("format", ["table", "markdown", "csv", "json"])
@pytest.mark.parametrize("command", COMMANDS, ids=lambda words: " ".join(words)[:40])
def test_hostile_data_stay_text_everywhere_else(
    hostile: Path, command: tuple[str, ...], format: str
) -> None:
    out = answer(hostile, command, format)
    if out is None:
        assert (command[0], format) == ("explain", "csv")
        return
    text = out.decode()
    assert not CONTROLS.search(text)
    if format == "markdown":
        assert not re.search(
            r"(?<!\\)<(?:script|img|/)", re.sub(r"```.*?```", "", text, flags=re.S)
        )
        assert not re.search(r"(?<!\\)\[(?:a\]\(|red)", text)
    if format == "csv":
        assert not re.search(r'(?m)(?:^|,)"?[=@]', text)
    if format == "json":
        document: Any = json.loads(text)
        assert document["format"].startswith("mpp-")
