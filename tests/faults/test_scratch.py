"""Private folders: gone at the end, and after a kill gone with the next run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mpp_cli.common.errors import OutputError
from mpp_cli.common.scratch import Scratch
from mpp_cli.common.signals import Stopped
from mpp_cli.engines.duckdb import DuckDB

HOLD = """import time; from mpp_cli.common.scratch import Scratch
held = Scratch(); print(1, flush=True); time.sleep(60)"""


def folders(home: Path) -> list[str]:
    return sorted(os.listdir(home))


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def holder(home: Path) -> subprocess.Popen[bytes]:
    child = subprocess.Popen(
        [sys.executable, "-c", HOLD],
        env={**os.environ, "TMPDIR": str(home)},
        stdout=subprocess.PIPE,
    )
    assert child.stdout is not None
    assert child.stdout.readline() == b"1\n"
    return child


def test_a_folder_is_private_and_gone_at_the_end(home: Path) -> None:
    scratch = Scratch()
    (scratch.path / "x").write_text("x")
    assert scratch.path.stat().st_mode & 0o777 == 0o700
    scratch.close()
    assert folders(home) == []


def test_the_folder_of_a_killed_run_goes_with_the_next_one(home: Path) -> None:
    with holder(home) as child:
        child.send_signal(signal.SIGKILL)
        child.wait()
    assert len(folders(home)) == 1
    Scratch().close()
    assert folders(home) == []


def test_the_folder_of_a_running_one_stays(home: Path) -> None:
    with holder(home) as child:
        before = folders(home)
        Scratch().close()
        assert folders(home) == before
        child.kill()
        child.wait()


def test_no_room_is_said_with_its_remedy(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(home / "missing"))
    with pytest.raises(OutputError, match="temporary folder"):
        Scratch()


def test_an_engine_that_is_stopped_while_it_opens_leaves_no_folder(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Connection:
        def execute(self, statement: str) -> None:
            raise Stopped

    monkeypatch.setattr("duckdb.connect", lambda *_, **__: Connection())
    with pytest.raises(Stopped):
        DuckDB()
    assert folders(home) == []


def test_a_signal_while_a_folder_is_removed_does_not_keep_it(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = Scratch()
    for name in "abc":
        (scratch.path / name).write_text(name)
    unlink, met = os.unlink, []

    def stopping(*given: Any, **named: Any) -> None:
        met.append(given)
        if len(met) == 2:
            raise Stopped
        unlink(*given, **named)

    monkeypatch.setattr(os, "unlink", stopping)
    with pytest.raises(Stopped):
        scratch.close()
    assert folders(home) == []
