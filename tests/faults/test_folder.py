"""A folder that is made as a whole, while others make and sweep in the same place."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from mpp_cli.cli.output import SUFFIX, atomic_folder
from mpp_cli.cli.output.atomic_folder import whole_folder
from mpp_cli.common.errors import OutputError


def test_folders_are_made_while_others_sweep(tmp_path: Path) -> None:
    """Between making and locking, a folder looks like a leftover to another run."""
    target, over = tmp_path / "out", threading.Event()

    def sweep() -> None:
        while not over.is_set():
            atomic_folder._sweep(target)

    sweepers = [threading.Thread(target=sweep) for _ in range(2)]
    for each in sweepers:
        each.start()
    try:
        for number in range(300):
            with whole_folder(str(target), {"number"}, force=True) as made:
                (made / "number").write_text(str(number))
            assert (target / "number").read_text() == str(number)
    finally:
        over.set()
        for each in sweepers:
            each.join()
    assert os.listdir(tmp_path) == ["out"]


def test_what_a_killed_run_left_is_swept_and_what_another_holds_is_not(tmp_path: Path) -> None:
    target = tmp_path / "out"
    with whole_folder(str(target), {"a"}) as held:
        left = tmp_path / f".out.{'0' * 16}{SUFFIX}"
        left.mkdir()
        (left / "a").write_text("old")
        with whole_folder(str(target), {"a"}) as other:
            assert (held.exists(), other.exists(), left.exists()) == (True, True, False)
            (other / "a").write_text("other")
        (held / "a").write_text("held")
        # The other one was there first, and is not replaced unasked.
        with pytest.raises(OutputError, match="not empty"):
            whole_folder(str(target), {"a"}).__enter__()
        target_text = (target / "a").read_text()
        (target / "a").unlink()
    assert (target_text, (target / "a").read_text()) == ("other", "held")
    assert os.listdir(tmp_path) == ["out"]
