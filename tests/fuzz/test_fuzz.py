"""A short run of the fuzzer, and every input that once broke something."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

#: Inputs by (seed, number) of which something did not hold, and what it was.
FOUND: dict[tuple[int, int], str] = {}


def fuzz(*options: str) -> dict[str, object]:
    """Run the fuzzer in a process of its own, which it makes copies of."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz", *options, "-f", "json"],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=1500,
        check=False,
    )
    assert done.stdout, done.stderr
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_a_hundred_and_fifty_broken_inputs() -> None:
    assert fuzz("--inputs", "150", "--seed", "2021") == {"inputs": 150, "faults": []}


@pytest.mark.parametrize(("seed", "number"), FOUND)
def test_what_was_found_stays_mended(seed: int, number: int) -> None:
    found = fuzz("--inputs", "1", "--seed", str(seed), "--first", str(number))
    assert found == {"inputs": 1, "faults": []}
