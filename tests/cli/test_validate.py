"""mpp validate: every problem of the data, by reason, file, line and column."""

from __future__ import annotations

import csv
import io
import json
import stat
from pathlib import Path
from typing import Any

import pytest

from mpp_cli import problems as module
from tests.harness import run
from tests.spec.draw import draw, folder

CLEAN = {
    "cases": """
        | case_id | nta_filed_date | component |
        | A       | 2019-06-03     | USBP      |
        | B       | 2019-06-04     | OFO       |
    """,
    "completions": """
        | case_id | completion_date | outcome    |
        | A       | 2020-02-03      | terminated |
    """,
}
#: One row or value for every reason that a drawing can hold.
DIRTY = {
    "cases": """
        | case_id | nta_filed_date | component | docket |
        | A       | 2019-06-03     | USBP      |        |
        | B       | soon           | USBP      |        |
        | C       | 2019-06-03     | ICE       |        |
        |         | 2019-06-03     | OFO       |        |
        | D       | 2019-06-03     | OFO       | moon   |
        | A       | 2019-06-03     | USBP      |        |
        | A       | 2019-06-04     | USBP      |        |
    """,
    "completions": """
        | case_id | completion_date | outcome    | completion_type | in_absentia |
        | A       | 2020-02-03      | terminated | subsequent      | perhaps     |
        | C       |                 | terminated |                 |             |
        | Z       | 2020-02-03      | terminated |                 |             |
    """,
}
FOUND = [
    ("unreadable_date", "cases.csv", 3, "nta_filed_date", "B,soon,USBP,"),
    ("blanked", "cases.csv", 4, "component", "C,2019-06-03,ICE,"),
    ("missing_case_id", "cases.csv", 5, "case_id", ",2019-06-03,OFO,"),
    ("unknown_value", "cases.csv", 6, "docket", "D,2019-06-03,OFO,moon"),
    ("duplicate", "cases.csv", 7, "", "A,2019-06-03,USBP,"),
    ("conflicting_duplicate", "cases.csv", 8, "", "A,2019-06-04,USBP,"),
    ("blanked", "completions.csv", 2, "in_absentia", "A,2020-02-03,terminated,subsequent,perhaps"),
    (
        "only_subsequent",
        "completions.csv",
        2,
        "completion_type",
        "A,2020-02-03,terminated,subsequent,perhaps",
    ),
    ("missing_date", "completions.csv", 3, "completion_date", "C,,terminated,,"),
    ("orphan", "completions.csv", 4, "", "Z,2020-02-03,terminated,,"),
]


def validate(*arguments: str | Path) -> tuple[int, str, str]:
    code, out, err = run(["validate", *map(str, arguments), "--no-config"])
    return code, out.decode(), err


def found(document: dict[str, Any]) -> list[tuple[Any, ...]]:
    return [tuple(each.values()) for each in document["problems"]]


@pytest.fixture(scope="module")
def dirty() -> Path:
    return draw(DIRTY)


def test_json_holds_every_problem_and_the_balances(dirty: Path) -> None:
    code, out, err = validate(dirty, "-f", "json")
    document = json.loads(out)
    assert code == 5
    assert document["format"] == "mpp-validate/1"
    assert document["request"]["command"] == "validate"
    assert list(document["problems"][0]) == ["reason", "file", "line", "column", "raw"]
    assert found(document) == FOUND
    cases = document["data"]["sources"][0]
    assert cases["rows_read"] == cases["rows_used"] + sum(cases["set_aside"].values()) == 7
    assert "7 rows set aside, 2 values read as blank" in err
    assert "records" in err


def test_csv_holds_the_same(dirty: Path) -> None:
    code, out, _ = validate(dirty, "-f", "csv")
    rows = list(csv.reader(io.StringIO(out)))
    assert code == 5
    assert rows[0] == ["reason", "file", "line", "column", "raw"]
    assert [(r, f, int(n), c, raw) for r, f, n, c, raw in rows[1:]] == FOUND


@pytest.mark.parametrize("format", ["table", "markdown"])
def test_text_is_grouped_by_file_and_reason(dirty: Path, format: str) -> None:
    code, out, _ = validate(dirty, "-f", format)
    plain = " ".join(out.replace("\\", "").split())
    assert code == 5
    assert "quotes individual records" in plain
    assert plain.index("cases.csv") < plain.index("completions.csv")
    assert "7 read = 2 used + 0 outside + 5 set aside" in plain
    for reason, _, line, column, raw in FOUND:
        assert reason + (f" ({column})" if column else "") in plain
        assert f"line {line}: {raw}" in plain


def test_limit_says_how_many_examples(tmp_path: Path) -> None:
    rows = "".join(f"C{n},soon\n" for n in range(9))
    made = folder(cases=f"case_id,nta_filed_date\n{rows}")
    for limit, lines in ((0, 0), (2, 2), (20, 9)):
        _, out, _ = validate(made, "--limit", str(limit))
        assert "unreadable_date (nta_filed_date): 9 set aside" in out
        assert out.count(",soon") == lines
        assert ("… and 7 more" in out) == (limit == 2)


@pytest.mark.parametrize("format", ["table", "markdown"])
def test_clean_data_are_one_calm_line(format: str) -> None:
    code, out, err = validate(draw(CLEAN), "-f", format)
    assert (code, err) == (0, "")
    assert out == "No problems: 3 rows read from 2 files = 3 used + 0 outside the question\n"


def test_clean_data_have_no_problems_in_json_and_csv() -> None:
    code, out, _ = validate(draw(CLEAN), "-f", "json")
    assert (code, json.loads(out)["problems"]) == (0, [])
    code, out, _ = validate(draw(CLEAN), "-f", "csv")
    assert (code, out) == (0, "reason,file,line,column,raw\n")


def test_a_case_with_only_subsequent_completions_is_listed_and_fails_nothing() -> None:
    made = draw(
        {
            "cases": "| case_id | nta_filed_date |\n"
            + "".join(f"| {each} | 2019-06-03 |\n" for each in "ABCD"),
            "completions": """
                | case_id | completion_date | outcome                 | completion_type |
                | A       | 2020-02-03      | terminated              | subsequent      |
                | A       | 2020-01-03      | terminated              | subsequent      |
                | B       | 2020-02-03      | terminated              | subsequent      |
                | B       | 2020-01-03      | terminated              |                 |
                | C       | 2020-01-03      | change_of_venue         |                 |
                | C       | 2020-02-03      | other                   | subsequent      |
                | D       | 2020-01-03      | administratively_closed |                 |
                | D       | 2020-02-03      | terminated              | subsequent      |
            """,
        }
    )
    code, out, _ = validate(made, "-f", "json")
    document = json.loads(out)
    assert code == 0
    assert [(each["reason"], each["line"]) for each in document["problems"]] == [
        ("only_subsequent", 2),
        ("only_subsequent", 7),
    ]
    code, out, _ = validate(made)
    assert code == 0
    assert "only_subsequent (completion_type): 2 used" in out


def test_warnings_alone_do_not_fail() -> None:
    made = folder(cases="case_id,nta_filed_date\nA,2018-01-01\n")
    code, out, err = validate(made)
    assert code == 0
    assert out.startswith("No row has a problem: 1 row read")
    assert "before 2019-01-25" in err
    assert "before 2019-01-25" in out


def test_paths_are_arguments_or_data_or_both(dirty: Path) -> None:
    _, out, _ = validate(dirty / "cases.csv", "--data", dirty / "completions.csv", "-f", "json")
    assert found(json.loads(out)) == FOUND


def test_without_data_the_sample_is_judged_and_named() -> None:
    code, out, err = validate()
    assert code == 5
    assert out.startswith("SAMPLE DATA: ")
    assert "SAMPLE DATA" in err


def test_what_is_not_there_is_refused(tmp_path: Path) -> None:
    code, out, err = validate(tmp_path / "gone.csv")
    assert (code, out) == (3, "")
    assert "gone.csv" in err


@pytest.mark.parametrize("format", ["value", "cvs", "xlsx"])
def test_other_formats_are_refused(dirty: Path, format: str) -> None:
    code, out, _ = validate(dirty, "-f", format)
    assert (code, out) == (2, "")


def test_the_file_of_records_is_private(dirty: Path, tmp_path: Path) -> None:
    target = tmp_path / "problems.csv"
    code, out, _ = validate(dirty, "-o", target)
    assert (code, out) == (5, "")
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert len(target.read_text().splitlines()) == 1 + len(FOUND)


def test_limits_of_reports_in_the_config_file_do_not_hide_what_they_are_about(
    dirty: Path, tmp_path: Path
) -> None:
    config = tmp_path / "mpp.toml"
    config.write_text('strict = true\nmax-set-aside = "0"\nformat = "value"\nby = ["component"]\n')
    code, out, _ = run(["validate", str(dirty), "--config", str(config)])
    assert code == 5
    assert b"unreadable_date" in out


def test_text_from_data_acts_on_nothing() -> None:
    made = folder(cases="case_id,nta_filed_date\n=1+1\x1b[31m,soon\n`x`<b>,soon\n")
    for format in ("table", "markdown", "csv", "json"):
        _, out, _ = validate(made, "-f", format)
        assert "\x1b" not in out
    _, out, _ = validate(made, "-f", "csv")
    assert "'=1+1" in out
    _, out, _ = validate(made, "-f", "json")
    assert found(json.loads(out))[0][4] == "=1+1\x1b[31m,soon"


def test_pages_of_problems_lose_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many problems there are, few are held, and all come in the order of lines."""
    rows = "".join(f"C{n // 2},2019-06-03,{'ICE' if n % 3 else 'x y'}\n" for n in range(400))
    made = folder(cases=f"case_id,nta_filed_date,component\n{rows}")
    _, whole, _ = validate(made, "-f", "json")
    monkeypatch.setattr(module, "PAGE", 7)
    _, paged, _ = validate(made, "-f", "json")
    assert paged == whole
    lines = [each["line"] for each in json.loads(paged)["problems"]]
    assert lines == sorted(lines)
    assert len(lines) == 400


def test_rejects_hold_the_same_rows_but_no_remarks(dirty: Path, tmp_path: Path) -> None:
    rejects = tmp_path / "rejects.csv"
    run(["report", "--data", str(dirty), "--rejects", str(rejects), "--no-config"])
    rows = list(csv.reader(rejects.read_text().splitlines()))[1:]
    assert [(r, f, int(n), c, raw) for r, f, n, c, raw in rows] == [
        each for each in FOUND if each[0] != "only_subsequent"
    ]


def test_a_heading_that_is_nearly_a_known_one_is_remarked_on_and_does_not_fail(
    tmp_path: Path,
) -> None:
    """Its column would be kept as one of the user's own, and the figure be unavailable."""
    cases = tmp_path / "cases.csv"
    cases.write_text("case_id,nta filed dat,Location,my_note\nA,2020-01-01,El Paso,x\n")
    code, out, err = run(["validate", str(cases), "--no-config"])
    assert code == 0
    assert out.decode().startswith("No row has a problem: 1 row read from 1 file")
    said = 'cases has no column "nta filed dat"; did you mean "nta_filed_date"?'
    assert f"mpp: warning: cases.csv:1: {said}\n" in err
    assert err.count("did you mean") == 1
    code, out, err = run(["metric", "total-enrolled", "--data", str(cases), "--no-config"])
    assert (code, out) == (3, b"")
    lacking = 'cases.csv has no column nta_filed_date; did you mean its column "nta_filed_dat"?'
    assert lacking in err


def test_a_heading_that_is_nearer_to_a_column_that_is_there_is_left_alone(tmp_path: Path) -> None:
    cases = tmp_path / "cases.csv"
    cases.write_text("case_id,nta_issued_date,nta_issued_dates\nA,2020-01-01,2020-01-01\n")
    code, _, err = run(["validate", str(cases), "--no-config"])
    assert code == 0
    assert "did you mean" not in err
