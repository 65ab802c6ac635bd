"""The ending of -o picks the format; one that stands for none of them is refused at once."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from tests.errors.reproducers import TABLES
from tests.harness import run
from tests.spec.draw import draw

COMMANDS = {
    "report": ["report", "--data", "DATA"],
    "metric": ["metric", "total-enrolled", "--data", "DATA"],
    "explain": ["explain", "total-enrolled", "--data", "DATA"],
    "trend": ["trend", "total-enrolled", "--data", "DATA"],
    "compare": ["compare", "--data", "DATA", "--with", "2019-03-31"],
    "variants": ["variants", "total-enrolled", "--data", "DATA"],
    "reconcile": ["reconcile", "--data", "DATA"],
    "validate": ["validate", "--data", "DATA"],
    "schema": ["schema"],
}


def asked(command: str, output: object) -> list[str]:
    data = str(draw(TABLES))
    return [data if word == "DATA" else word for word in COMMANDS[command]] + ["-o", str(output)]


@pytest.mark.parametrize("ending", [".png", ".tsv", ".odt", ".csv.gz"])
@pytest.mark.parametrize("command", COMMANDS)
def test_another_ending_is_refused_and_those_that_are_known_are_named(
    command: str, ending: str, tmp_path: Path
) -> None:
    code, out, err = run(asked(command, tmp_path / f"page{ending}"))
    assert (code, out) == (2, b"")
    assert f'"{ending[ending.rindex(".") :]}"' in err
    for known in (".md", ".csv", ".json", ".html", ".xlsx", ".txt", "-f"):
        assert known in err
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize("name", ["page.txt", "page", "page.TXT"])
@pytest.mark.parametrize("command", COMMANDS)
def test_txt_and_no_ending_are_text(command: str, name: str, tmp_path: Path) -> None:
    target = tmp_path / name
    assert run(asked(command, target))[0] == 0
    written = target.read_text()
    code, out, _ = run(asked(command, "-"))
    assert (code, out.decode()) == (0, written)


@pytest.mark.parametrize("command", [each for each in COMMANDS if each not in ("schema",)])
def test_a_format_that_is_asked_for_goes_under_any_name(command: str, tmp_path: Path) -> None:
    target = tmp_path / "figures.out"
    assert run([*asked(command, target), "-f", "json"])[0] == 0
    assert target.read_text().startswith("{")


def test_what_is_no_file_may_have_any_name(tmp_path: Path) -> None:
    pipe, link = tmp_path / "figures.pipe", tmp_path / "nothing.dev"
    os.mkfifo(pipe)
    link.symlink_to("/dev/null")
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()))
    reader.start()
    assert run(asked("metric", pipe))[0] == 0
    reader.join()
    assert "Total Enrolled" in read[0]
    assert run(asked("metric", link))[0] == 0
    assert link.is_symlink()


def test_a_folder_is_called_a_folder_whatever_its_name(tmp_path: Path) -> None:
    code, _, err = run(asked("metric", tmp_path.rename(tmp_path.with_suffix(".odt"))))
    assert code == 4
    assert "it is a folder" in err
