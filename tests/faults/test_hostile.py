"""What somebody wrote to do harm is only text, in every command; what is private stays so."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import stat
import zipfile
from pathlib import Path

import pytest

from tests.harness import run

#: Each is a nationality, a location, a heading and part of a file's name.
TEXTS = (
    "'; DROP TABLE cases; --",
    '" OR 1=1 --',
    "$as_of",
    "${HOME}",
    "%s{0}",
    "[bold red]x[/]",
    "\x1b[31mred\x1b[0m\x07",
    "\x1b]0;title\x07",
    "\u202egnol",
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "|pipe|",
    "`code` <b>&amp;",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
)

COMMANDS = (
    ["report", "--additional"],
    ["metric", "completion-rate"],
    ["explain", "completion-rate", "--sql"],
    ["trend", "total-enrolled", "--every", "quarter", "--from", "2019-01", "--to", "2020-12"],
    ["variants", "completion-rate"],
    ["compare", "--with", "2019-06-30"],
)

#: Not every command has the first.
FORMATS = ("csv", "table", "markdown", "json", "html")

#: No id looks like anything that mpp itself prints.
SECRET = "Zq7-secret"


def _name(text: str) -> str:
    return re.sub(r"[/\x00]", "_", text)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Cases whose every text is hostile, one of them twice, in a file whose name is."""
    folder = tmp_path_factory.mktemp("hostile")
    name = _name(f"cases{TEXTS[0]}{TEXTS[5]}{TEXTS[6]}.csv")
    with (folder / name).open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["case_id", "nta_filed_date", "nationality", "location", TEXTS[0], TEXTS[15]])
        for number, text in enumerate(TEXTS):
            rows.writerow([f"{SECRET}-{number}", "2019-03-01", text, text, text, "x"])
        rows.writerow([f"{SECRET}-late", "soon", "x", "x", "x", "x"])
    completions = "case_id,completion_date,outcome,in_absentia,reopened_date\n"
    completions += f"{SECRET}-1,2019-09-10,removal_ordered,maybe,\n"
    (folder / "completions.csv").write_text(completions)
    return folder


def asked(data: Path, command: list[str], *more: str) -> tuple[int, bytes, str]:
    by = [] if command[0] in ("explain", "compare") else ["--by", "nationality"]
    known = ["--data", str(data), "--no-config", "--as-of", "2020-12-31"]
    known = known[:3] if command[0] == "trend" else known
    return run([*command, *by, *known, *more])


def ids(value: object) -> str | None:
    return value[0] if isinstance(value, list) else None


@pytest.mark.parametrize("command", COMMANDS, ids=ids)
def test_hostile_text_is_only_text(data: Path, command: list[str]) -> None:
    for format in FORMATS if command[0] != "explain" else FORMATS[1:]:
        code, out, err = asked(data, command, "-f", format)
        assert code == 0, err
        text = out.decode()
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\x9b]", text), format
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\x9b]", err), format
        assert "\u202e" not in (text if format != "json" else ""), format
        if format == "csv":
            cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
            assert not [c for c in cells if c.startswith(("=", "+", "@"))]
        if format == "json":
            json.loads(text)
        if format == "html":
            assert "<script>alert" not in text
            assert "<img src=x" not in text


def test_a_workbook_holds_texts_and_no_formulas(data: Path, tmp_path: Path) -> None:
    code, _, err = asked(data, COMMANDS[0], "-o", str(tmp_path / "out.xlsx"))
    assert code == 0, err
    with zipfile.ZipFile(tmp_path / "out.xlsx") as book:
        sheets = [book.read(n).decode() for n in book.namelist() if "worksheets/" in n]
    assert sheets
    assert not [sheet for sheet in sheets if "<f>" in sheet or "<hyperlink" in sheet]


@pytest.mark.parametrize("text", TEXTS)
def test_a_condition_of_hostile_text_finds_its_case_and_no_other(data: Path, text: str) -> None:
    known = ["--data", str(data), "--no-config", "--as-of", "2020-12-31", "-f", "value"]
    code, out, err = run(["metric", "total-enrolled", "--where", f"nationality={text}", *known])
    assert (code, out) == (0, b"1\n"), err


@pytest.mark.parametrize("heading", [TEXTS[0], TEXTS[15]])
def test_a_hostile_heading_is_a_column_like_others(data: Path, heading: str) -> None:
    known = ["--data", str(data), "--no-config", "--as-of", "2020-12-31", "-f", "json"]
    code, out, err = run(["metric", "total-enrolled", "--by", heading, *known])
    assert code == 0, err
    rows = json.loads(out)["metric"]["rows"]
    assert sum(row["values"]["total_enrolled"] for row in rows) == len(TEXTS)


def test_ids_that_only_look_alike_are_different_cases(tmp_path: Path) -> None:
    alike = ["a1", "A1", "A 1", "A  1", "\u00c5", "A\u030a", "\uff211", "A1\u200b", "0x41", "041"]
    rows = "".join(f"{each},2019-03-01\n" for each in alike)
    path = tmp_path / "cases.csv"
    path.write_text(f"case_id,nta_filed_date\n{rows} A1 ,2019-03-02\n", encoding="utf-8")
    known = ["--data", str(path), "--no-config", "-f", "json"]
    code, out, err = run(["metric", "total-enrolled", *known])
    assert code == 0, err
    answer = json.loads(out)
    assert answer["metric"]["measures"][0]["value"] == len(alike)
    # Blanks around an id are no part of it: this one is A1 again.
    assert answer["data"]["sources"][0]["set_aside"] == {"conflicting_duplicate": 1}


def test_a_configuration_that_is_a_pipe_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(tmp_path / "mpp.toml")
    monkeypatch.chdir(tmp_path)
    code, out, err = run(["metric", "total-enrolled", "--data", "sample", "-q"])
    assert (code, out) == (3, b"")
    assert "mpp.toml: the config file cannot be read: it is a pipe" in err


def test_a_configuration_cannot_make_mpp_read_what_is_no_data(tmp_path: Path) -> None:
    (tmp_path / "mpp.toml").write_text('data = "../../../../../../etc/passwd"\n')
    code, out, err = run(["report", "--config", str(tmp_path / "mpp.toml")])
    assert (code, out) == (3, b"")
    # The excerpt that shows what is wrong is the line where headings should be, and no more.
    assert len(err.splitlines()) == 3


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("nta_filed_date", "99999-01-01"),
        ("nta_filed_date", "2019-03-01" + "0" * 100_000),
        ("nta_filed_date", "0000-00-00"),
    ],
    ids=["year", "length", "zeros"],
)
def test_dates_beyond_all_bounds_are_set_aside(tmp_path: Path, field: str, value: str) -> None:
    (tmp_path / "cases.csv").write_text(f"case_id,{field}\nA,2019-03-01\nB,{value}\n")
    code, out, err = run(["report", "--data", str(tmp_path), "--no-config", "-f", "json"])
    assert code == 0, err
    assert json.loads(out)["data"]["sources"][0]["set_aside"] == {"unreadable_date": 1}
    assert len(err) < 2_000


# --- privacy -------------------------------------------------------------------------


@pytest.mark.parametrize("command", COMMANDS, ids=ids)
def test_no_case_is_named_in_an_answer(data: Path, command: list[str], tmp_path: Path) -> None:
    for format in FORMATS if command[0] != "explain" else FORMATS[1:]:
        code, out, err = asked(data, command, "-f", format)
        assert code == 0, err
        assert SECRET not in out.decode()
        assert SECRET not in err
    if command[0] != "explain":
        target = tmp_path / "out.xlsx"
        assert asked(data, command, "-o", str(target))[0] == 0
        with zipfile.ZipFile(target) as book:
            assert not [name for name in book.namelist() if SECRET.encode() in book.read(name)]


def test_a_quiet_run_that_fails_a_check_names_no_case(data: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.md"
    code, out, err = asked(data, COMMANDS[1], "-q", "--strict", "-o", str(target))
    assert (code, out) == (5, b"")
    assert SECRET not in err
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("command", "option"), [(COMMANDS[1], "--rejects"), (COMMANDS[2], "--cases")], ids=["a", "b"]
)
def test_lists_of_cases_are_private_files(
    data: Path, command: list[str], option: str, tmp_path: Path
) -> None:
    target = tmp_path / "list.csv"
    before = os.umask(0)
    try:
        code, out, err = asked(data, command, option, str(target))
    finally:
        os.umask(before)
    assert code == 0, err
    assert SECRET in target.read_text(encoding="utf-8")
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert SECRET not in out.decode() + err


def test_the_log_of_a_fault_names_no_case(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def fault(*_: object, **__: object) -> None:
        raise RuntimeError(f"the row {SECRET}-3 is odd")

    monkeypatch.setattr("mpp_cli.analysis.api.metric", fault)
    code, out, err = asked(data, COMMANDS[1])
    assert (code, out) == (70, b"")
    assert SECRET not in err
    (log,) = tmp_path.glob("mpp-fault-*.log")
    assert SECRET not in log.read_text()
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
