"""mpp sample: a folder of synthetic tables, whole or not at all, that mpp report can read."""

from __future__ import annotations

import json
import os
import re
from importlib import import_module
from pathlib import Path

import pytest

from mpp_cli.sources.schema import TABLES
from tests.harness import run, run_json

FEW = ["--cases", "300"]


def sample(*arguments: str | Path) -> tuple[int, str, str]:
    code, out, err = run(["sample", *map(str, arguments)])
    return code, out.decode(), err


def content(folder: Path) -> dict[str, bytes]:
    return {each.name: each.read_bytes() for each in sorted(folder.iterdir())}


def figures(folder: Path) -> dict[str, int]:
    code, report, err = run_json(["report", "--data", str(folder)])
    assert code == 0, err
    assert report is not None
    return {
        measure["name"]: measure["value"]
        for goal in report["goals"]
        for metric in goal["metrics"]
        for measure in metric["measures"]
    }


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp("samples") / "out"
    code, out, err = sample(folder, *FEW)
    assert (code, err) == (0, "")
    return folder, out


def test_it_says_the_totals_and_a_report_on_it_gives_them(made: tuple[Path, str]) -> None:
    folder, said = made
    totals = {
        name: int(number.replace(",", ""))
        for name, number in re.findall(r"(\w+) ([\d,]+)(?:, |\n)", said.splitlines()[1] + "\n")
    }
    assert "SYNTHETIC" in said
    assert totals["total_enrolled"] == 300
    assert totals.items() <= figures(folder).items()


def test_the_files_are_the_tables_and_a_description(made: tuple[Path, str]) -> None:
    folder, _ = made
    assert set(content(folder)) == {"datapackage.json", *(f"{name}.csv" for name in TABLES)}
    package = json.loads((folder / "datapackage.json").read_text())
    assert "SYNTHETIC" in package["title"]
    assert [each["path"] for each in package["resources"]] == [f"{each}.csv" for each in TABLES]


def test_every_identifier_says_that_it_is_synthetic(made: tuple[Path, str]) -> None:
    folder, _ = made
    for name in TABLES[:4]:
        rows = (folder / f"{name}.csv").read_text().splitlines()[1:]
        assert rows
        assert all(row.startswith("SYN-") for row in rows)


def test_clean_by_default_and_dirty_when_asked(made: tuple[Path, str], tmp_path: Path) -> None:
    assert run(["validate", str(made[0])])[0] == 0
    code, out, _ = sample(tmp_path / "dirty", *FEW, "--dirt", "-f", "csv.gz")
    assert code == 0
    assert "set aside" in out
    assert run(["validate", str(tmp_path / "dirty")])[0] == 5
    assert figures(tmp_path / "dirty")["total_enrolled"] == 300


def test_a_dirty_sample_has_relief_of_unknown_kind_and_the_bundled_one_none(
    tmp_path: Path,
) -> None:
    assert sample(tmp_path / "dirty", "--cases", "6000", "--dirt", "-q")[0] == 0
    assert ",unknown\n" in (tmp_path / "dirty" / "grants.csv").read_text()
    code, report, _ = run_json(["metric", "relief-granted", "--data", "sample"])
    assert code == 0
    assert report is not None
    assert "relief-unknown" not in {each["id"] for each in report["warnings"]}


def test_the_same_seed_gives_the_same_bytes(made: tuple[Path, str], tmp_path: Path) -> None:
    sample(tmp_path / "again", *FEW, "--seed", "1", "--no-dirt")
    sample(tmp_path / "other", *FEW, "--seed", "2")
    assert content(tmp_path / "again") == content(made[0])
    assert content(tmp_path / "other") != content(made[0])


def test_another_day(tmp_path: Path) -> None:
    code, out, _ = sample(tmp_path / "out", *FEW, "--as-of", "2021-06-15")
    assert code == 0
    assert "as of 2021-06-15" in out
    _, report, _ = run_json(["report", "--data", str(tmp_path / "out")])
    assert report is not None
    assert report["as_of"] == "2021-06-15"


def test_one_case_is_a_sample(tmp_path: Path) -> None:
    assert sample(tmp_path / "out", "--cases", "1")[0] == 0
    assert figures(tmp_path / "out")["total_enrolled"] == 1


def test_an_empty_folder_and_a_link_are_filled_in_place(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "link").symlink_to("there")
    assert sample(tmp_path / "link", *FEW)[0] == 0
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "there" / "cases.csv").exists()
    assert sorted(os.listdir(tmp_path)) == ["link", "there"]


def test_a_folder_that_holds_something_is_refused(tmp_path: Path) -> None:
    sample(tmp_path / "out", *FEW)
    before = content(tmp_path / "out")
    code, out, err = sample(tmp_path / "out", *FEW, "--seed", "2")
    assert (code, out) == (4, "")
    assert "not empty" in err
    assert "--force" in err
    assert content(tmp_path / "out") == before


def test_force_replaces_a_sample_whole(tmp_path: Path) -> None:
    sample(tmp_path / "out", *FEW, "-f", "csv.gz")
    assert sample(tmp_path / "out", *FEW, "--seed", "2", "--force")[0] == 0
    assert "cases.csv.gz" not in content(tmp_path / "out")
    assert "cases.csv" in content(tmp_path / "out")
    assert os.listdir(tmp_path) == ["out"]


def test_force_never_costs_anybody_their_files(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    code, _, err = sample(tmp_path, *FEW, "--force")
    assert code == 4
    assert "thesis.txt" in err
    assert content(tmp_path) == {"thesis.txt": b"years of work"}


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--cases", "0"], 2, "--cases"),
        (["--as-of", "2018-01-01"], 2, "no such sample"),
        (["--as-of", "soon"], 2, "soon"),
        (["--format", "cvs"], 2, 'did you mean "csv"?'),
        (["--seed", "-1"], 2, "--seed"),
    ],
)
def test_what_cannot_be_made_is_one_clear_error(
    arguments: list[str], code: int, said: str, tmp_path: Path
) -> None:
    found, out, err = sample(tmp_path / "out", *arguments)
    assert (found, out) == (code, "")
    assert said in err
    assert os.listdir(tmp_path) == []


def test_a_place_that_cannot_be_is_exit_4(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for out in (tmp_path / "gone" / "out", tmp_path / "file"):
        code, _, err = sample(out, *FEW)
        assert code == 4
        assert str(out) in err


def test_a_failure_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    # The package has a function of the name of the module.
    monkeypatch.setattr(import_module("mpp_cli.sample.generate"), "write_encounters", full)
    code, _, err = sample(tmp_path / "out", *FEW)
    assert code == 4
    assert "no space" in err
    assert os.listdir(tmp_path) == []


def test_what_a_killed_run_left_is_swept(tmp_path: Path) -> None:
    left = tmp_path / f".out.{'0' * 16}.mpp-tmp"
    left.mkdir()
    (left / "cases.csv").write_text("half")
    assert sample(tmp_path / "out", *FEW, "-q") == (0, "", "")
    assert os.listdir(tmp_path) == ["out"]
