"""A short run of the fuzzer, and every input that once broke something."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz.found import FOUND, FOUND_IN_COURT
from tests.fuzz.seeds import seeds

ROOT = Path(__file__).parents[2]


def alone(*command: str) -> object:
    """Run in a process of its own, which may be copied: this one has threads."""
    done = subprocess.run(
        [sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stdout, done.stderr
    return json.loads(done.stdout)


def test_broken_inputs_of_every_format() -> None:
    found = alone("-m", "tests.fuzz", "--inputs", "150", "--seed", "2021", "-f", "json")
    assert found == {"inputs": 150, "faults": []}


@pytest.mark.parametrize("name", FOUND)
def test_what_was_found_stays_mended(name: str, tmp_path: Path) -> None:
    file, content, _ = FOUND[name]
    (tmp_path / file).write_bytes(content)
    assert faults(file, tmp_path) == []


@pytest.mark.parametrize("name", FOUND_IN_COURT)
def test_what_was_found_in_a_court_release_stays_mended(name: str, tmp_path: Path) -> None:
    broken, content, _ = FOUND_IN_COURT[name]
    release = next(seed for seed in seeds() if seed.name == "court")
    for file, text in release.files.items():
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).write_bytes(text + content if file == broken else text)
    assert faults(".", tmp_path) == []


def faults(data: str, folder: Path) -> object:
    """What does not hold of a report on data in a folder."""
    code = (
        # The run changes its folder, and is to find this tree from there, too.
        f"import json, sys, pathlib; sys.path[0] = {str(ROOT)!r}; from tests.fuzz import runs;"
        f"asked = ['report', '--data', {data!r}, '--no-config', '-f', 'json'];"
        f"done = runs.run(asked, pathlib.Path({str(folder)!r}));"
        "json.dump(runs.faults(asked, done, (3,)), sys.stdout)"
    )
    return alone("-c", code)
