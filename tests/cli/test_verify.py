"""mpp verify: a saved report is computed again, and what differs is named."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.harness import run

CASES = "case_id,nta_filed_date,nationality\n" + "".join(
    f"A{n},2019-06-{n % 28 + 1:02d},{'CU' if n % 3 else 'HN'}\n" for n in range(60)
)
COMPLETIONS = "case_id,completion_date,outcome\n" + "".join(
    f"A{n},2020-02-03,terminated\n" for n in range(0, 60, 2)
)
ENCOUNTERS = "fiscal_year,month,component,encounters\n2021,OCT,USBP,70\n2021,NOV,OFO,30\n"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    home = tmp_path / "data"
    home.mkdir()
    (home / "cases.csv").write_text(CASES)
    (home / "completions.csv").write_text(COMPLETIONS)
    (home / "encounters.csv").write_text(ENCOUNTERS)
    return home


@pytest.fixture
def save(data: Path, tmp_path: Path) -> Callable[..., Path]:
    """Saves the JSON of a command about the data."""

    def saved(*arguments: str) -> Path:
        target = tmp_path / "saved.json"
        code, _, err = run(
            [*arguments, "--data", str(data), "-o", str(target), "--no-config", "-q"]
        )
        assert code == 0, err
        return target

    return saved


def verify(path: Path, *more: str) -> tuple[int, list[str], str]:
    code, out, err = run(["verify", str(path), "-q", *more])
    return code, out.decode().splitlines(), err


def change(path: Path, edit: Callable[[dict[str, Any]], None]) -> None:
    document = json.loads(path.read_text())
    edit(document)
    path.write_text(json.dumps(document))


ASKED = [
    ["report", "--additional", "--by", "nationality"],
    ["report", "--additional", "--suppress-below", "3", "-f", "json"],
    ["report"],
    ["report", "--as-of", "2020-06-30", "--by", "nationality"],
    ["report", "--by", "nationality", "--suppress-below", "11"],
    ["metric", "completion-rate", "--by", "month"],
    ["metric", "completion-rate", "--where", "nationality=CU"],
    ["metric", "completion-rate", "--measure", "cases_completed", "--by", "fiscal_year"],
    ["metric", "enforcement-encounters"],
]


@pytest.mark.parametrize("arguments", ASKED, ids=" ".join)
def test_what_nobody_changed_is_verified_in_one_line(
    save: Callable[..., Path], arguments: list[str]
) -> None:
    code, lines, err = verify(save(*arguments))
    assert (code, len(lines), err) == (0, 1, "")
    assert ": verified: " in lines[0]
    assert "3 unchanged files" in lines[0]


def test_a_changed_input_is_named_with_its_file_and_its_figures(
    save: Callable[..., Path], data: Path
) -> None:
    path = save("metric", "completion-rate", "--by", "nationality")
    (data / "completions.csv").write_text(COMPLETIONS.replace("A4,2020-02-03,terminated\n", ""))
    code, lines, err = verify(path)
    assert code == 5
    assert "is not what its inputs give: " in err
    (changed,) = [each for each in lines if each.startswith("input changed: ")]
    assert changed.startswith("input changed: completions.csv: blake3:")
    assert "figure changed: completion-rate, cases_completed: 30 (30) saved, 29 (29) now" in lines
    assert (
        "figure changed: completion-rate, cases_completed, nationality = CU: 20 saved, 19 now"
        in lines
    )


def test_files_that_came_or_went(save: Callable[..., Path], data: Path) -> None:
    path = save("metric", "total-enrolled")
    os.rename(data / "completions.csv", data / "completions_new.csv")
    code, lines, _ = verify(path)
    assert code == 5
    assert "input changed: completions.csv: no longer among the data" in lines
    assert "input changed: completions_new.csv: not among the data when it was saved" in lines


def test_a_forged_figure_is_found(save: Callable[..., Path]) -> None:
    path = save("report", "--by", "nationality")

    def forge(document: dict[str, Any]) -> None:
        metric = document["goals"][1]["metrics"][0]
        metric["measures"][1].update(value=59, display="59")
        metric["rows"][0]["values"]["cases_completed"] = 39

    change(path, forge)
    code, lines, err = verify(path)
    assert code == 5
    assert lines == [
        "figure changed: completion-rate, cases_completed: 59 (59) saved, 30 (30) now",
        "figure changed: completion-rate, cases_completed, nationality = CU: 39 saved, 20 now",
    ]
    assert "2 differences" in err


def first(document: dict[str, Any]) -> dict[str, Any]:
    metric: dict[str, Any] = document["goals"][1]["metrics"][0]
    return metric


FORGED: list[tuple[Callable[[dict[str, Any]], None], str]] = [
    (lambda d: d.update(definitions="sha256:0"), "definition changed: sha256:0 saved"),
    (lambda d: first(d)["ledger"][0].update(population=1), "balance changed: completion-rate"),
    (lambda d: first(d)["footnotes"].pop(), "text changed: completion-rate: footnotes"),
    (lambda d: first(d)["measures"].append(first(d)["measures"][0]), "text changed: completion"),
    (lambda d: first(d)["measures"].pop(), "figure changed: completion-rate, completion_per"),
    (lambda d: first(d).update(status="unavailable"), "figure changed: completion-rate: unav"),
    (lambda d: first(d)["measures"][0].update(value=60.0), "figure changed: completion-rate"),
    (lambda d: d["goals"][1]["metrics"].pop(), "figure changed: completion-rate: not saved"),
    (lambda d: d["goals"][0].update(goal="x"), "text changed: goals"),
    (lambda d: d.update(title="Facts"), "text changed: title"),
    (lambda d: d["data"].update(sample=True), "text changed: whether the data are the sample"),
    (lambda d: d["data"]["sources"][0].update(rows_read=1), "account changed: cases.csv: rows_r"),
    (lambda d: d["data"]["sources"][0].update(through="2031-01-01"), "account changed: cases.csv"),
    (
        lambda d: d["warnings"].append({"id": "x", "text": "Beware", "file": None, "line": None}),
        "warning changed: Beware: no longer given",
    ),
    (lambda d: d.update(warnings=[]), "warning changed: only one component has"),
    (lambda d: d["data"].update(sources=[]), "input changed: cases.csv: not among the data"),
]


@pytest.mark.parametrize(("forge", "line"), FORGED, ids=[line for _, line in FORGED])
def test_nothing_else_in_the_file_is_believed(
    save: Callable[..., Path], forge: Callable[[dict[str, Any]], None], line: str
) -> None:
    path = save("report")
    change(path, forge)
    code, lines, _ = verify(path)
    assert code == 5
    assert [each for each in lines if each.startswith(line)], lines


def test_another_version_is_noted_and_fails_nothing(save: Callable[..., Path]) -> None:
    path = save("report")
    change(path, lambda document: document.update(version="0.0.1"))
    code, lines, _ = verify(path)
    assert code == 0
    assert lines[0].startswith("version changed: 0.0.1 saved, ")
    assert "verified" in lines[1]


def test_paths_are_read_as_they_stand_and_data_overrides_them(
    save: Callable[..., Path], data: Path, tmp_path: Path
) -> None:
    path = save("report")
    moved = tmp_path / "moved"
    os.rename(data, moved)
    code, lines, err = verify(path)
    assert (code, lines) == (3, [])
    code, lines, err = verify(path, "--data", str(moved))
    assert code == 0, err


def test_a_column_that_is_gone_is_a_difference(save: Callable[..., Path], data: Path) -> None:
    path = save("metric", "total-enrolled", "--by", "nationality")
    (data / "cases.csv").write_text(CASES.replace("nationality", "country", 1))
    code, lines, _ = verify(path)
    assert code == 5
    assert lines[0].startswith("input changed: cases.csv")
    assert 'figure changed: none can be computed: --by: unknown column "nationality"' in lines


BROKEN = [
    "",
    "{",
    "[]",
    "null",
    '"mpp-report/1"',
    "{}",
    '{"format": "mpp-explain/1"}',
    '{"format": "mpp-report/1"}',
    '{"format": "mpp-report/1", "format": "mpp-metric/1"}',
    '{"format": ["mpp-report/1"]}',
    '{"format": "mpp-report/1", "as_of": "x", "request": {}, "goals": []}',
    '{"format": "mpp-metric/1", "as_of": "2020-12-31", "metric": {"name": "x", "measures": []}, '
    '"request": {"data": ["sample"], "by": [], "where": {}, "suppress_below": null}}',
    '{"format": "mpp-report/1", "as_of": "2020-12-31", "goals": 5, '
    '"request": {"data": ["sample"], "by": "abc", "where": {}, "suppress_below": null}}',
    "[" * 100_000,
    "\ud800",
]


@pytest.mark.parametrize("text", BROKEN, ids=[each[:40] for each in BROKEN[:-1]] + ["not UTF-8"])
def test_what_is_no_report_is_refused_with_a_remedy(tmp_path: Path, text: str) -> None:
    path = tmp_path / "broken.json"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    code, lines, err = verify(path)
    assert (code, lines) == (3, [])
    assert err.startswith("mpp: error: ")
    assert "hint: " in err


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    code, _, err = verify(tmp_path / "none.json")
    assert code == 3
    assert "No such file" in err


EDITS: list[Callable[[dict[str, Any]], None]] = [
    lambda d: d.update(goals=[5]),
    lambda d: d["goals"][1]["metrics"][0].update(rows=5),
    lambda d: d["goals"][1]["metrics"][0].update(measures=["x"]),
    lambda d: d["goals"][1]["metrics"][0].update(ledger={}),
    lambda d: d["goals"][1]["metrics"][0].update(name=["x"]),
    lambda d: d["data"].update(sources=[[]]),
    lambda d: d.update(data=[]),
    lambda d: d["request"].update(suppress_below=True),
    lambda d: d["request"].update(where=[["a", "b"]]),
    lambda d: d["request"].update(data=[5]),
    lambda d: d["request"].update(options={"cohort": "either"}),
    lambda d: d["request"].update(options=[5]),
]


@pytest.mark.parametrize("number", range(len(EDITS)))
def test_a_report_of_another_shape_is_refused(save: Callable[..., Path], number: int) -> None:
    path = save("report")
    change(path, EDITS[number])
    code, lines, err = verify(path)
    assert (code, lines) == (3, []), err
    assert "hint: " in err


def test_standard_input_cannot_be_read_again(save: Callable[..., Path], data: Path) -> None:
    path = save("metric", "total-enrolled")
    change(path, lambda document: document["request"].update(data=["-"]))
    code, _, err = verify(path)
    assert code == 3
    assert "--data" in err
    assert verify(path, "--data", str(data))[0] == 0


def test_the_sample_is_verified(tmp_path: Path) -> None:
    path = tmp_path / "sample.json"
    assert run(["report", "--data", "sample", "-q", "-o", str(path), "--no-config"])[0] == 0
    assert verify(path)[0] == 0
