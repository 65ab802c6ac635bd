"""A short run of the fuzzer, and every input that once broke something."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz.found import FOUND

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
    code = (
        "import json, sys, pathlib; from tests.fuzz import runs;"
        f"asked = ['report', '--data', {file!r}, '--no-config', '-f', 'json'];"
        f"done = runs.run(asked, pathlib.Path({str(tmp_path)!r}));"
        "json.dump(runs.faults(asked, done, (3,)), sys.stdout)"
    )
    assert alone("-c", code) == []
