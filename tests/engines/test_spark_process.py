"""Spark as a process of its own: silent, and gone with the command, however that ends."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.engines.on_spark import NEEDED, PATIENCE, waited
from tests.errors.reproducers import TABLES
from tests.spec.draw import draw

pytestmark = NEEDED


def started(home: Path, **environment: str) -> subprocess.Popen[str]:
    """A figure from Spark, as from a terminal: in a group of its own, with its own folder."""
    words = ["metric", "total-enrolled", "--data", str(draw(TABLES)), "--engine", "spark", "-q"]
    return subprocess.Popen(
        [sys.executable, "-m", "mpp_cli", *words, "--no-config"],
        env={**os.environ, "TMPDIR": str(home), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def javas(session: int) -> list[int]:
    """The Java processes that a command started: they are of its session."""
    found = subprocess.run(
        ["ps", "-e", "-o", "pid=,sid=,stat=,comm="], capture_output=True, text=True, check=True
    )
    rows = [line.split(None, 3) for line in found.stdout.splitlines()]
    return [
        int(pid)
        for pid, sid, stat, name in rows
        if (sid, name) == (str(session), "java") and "Z" not in stat
    ]


def at_work(home: Path) -> bool:
    """Whether Spark has come so far that rows go from one task to another."""
    return any(home.glob("mpp-scratch-*/blockmgr-*/*/shuffle_*"))


#: Opens Spark, kills its Java, and closes it at once.
KILLED_AND_CLOSED = """
import os, signal
from mpp_cli.engines.spark_session import leased
from tests.engines.test_spark_process import javas
lease = leased("local[*]")
print(lease.session.range(5).count())
for each in javas(os.getpid()):
    os.kill(each, signal.SIGKILL)
lease.close()
print("closed")
"""


def test_nothing_is_said_and_nothing_is_left(tmp_path: Path) -> None:
    command = started(tmp_path)
    out, err = command.communicate(timeout=4 * PATIENCE)
    assert (command.returncode, err) == (0, "")
    assert "Computed by" in out
    assert (javas(command.pid), [*tmp_path.iterdir()]) == ([], [])


@pytest.mark.parametrize("when", ["starting", "at work"])
def test_ctrl_c_leaves_no_java_and_no_folder(tmp_path: Path, when: str) -> None:
    command = started(tmp_path)
    waited(lambda: at_work(tmp_path) if when == "at work" else javas(command.pid), when)
    os.killpg(command.pid, signal.SIGINT)
    out, err = command.communicate(timeout=PATIENCE)
    assert (command.returncode, out, err) == (130, "", "mpp: interrupted\n")
    assert (javas(command.pid), [*tmp_path.iterdir()]) == ([], [])


def test_a_java_that_dies_is_told_in_two_lines(tmp_path: Path) -> None:
    command = started(tmp_path)
    waited(lambda: at_work(tmp_path), "at work")
    for each in javas(command.pid):
        os.kill(each, signal.SIGKILL)
    out, err = command.communicate(timeout=PATIENCE)
    assert (command.returncode, out) == (3, "")
    assert re.fullmatch(r"mpp: error: Spark at local\[\*\] stopped: .*\nhint: .*\n", err)
    assert [*tmp_path.iterdir()] == []


def test_an_engine_whose_java_is_gone_closes_in_silence(tmp_path: Path) -> None:
    # Killed at this moment, its connections look as if they were there: PySpark
    # then warns that it could not stop it.
    ended = subprocess.run(
        [sys.executable, "-c", KILLED_AND_CLOSED],
        env={**os.environ, "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=2 * PATIENCE,
        start_new_session=True,
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "5\nclosed\n", "")
    assert [*tmp_path.iterdir()] == []


def test_a_java_that_cannot_start_is_told_in_one_line(tmp_path: Path) -> None:
    java = tmp_path / "home" / "bin" / "java"
    java.parent.mkdir(parents=True)
    java.write_text(
        "#!/bin/sh\necho 'openjdk version \"17.0.1\"' >&2\necho Error: no room >&2\nexit 1\n"
    )
    java.chmod(0o755)
    (tmp_path / "own").mkdir()
    command = started(tmp_path / "own", JAVA_HOME=str(tmp_path / "home"))
    out, err = command.communicate(timeout=PATIENCE)
    assert (command.returncode, out) == (3, "")
    assert err == "mpp: error: Spark could not be started at local[*]: Error: no room\n"
    assert [*(tmp_path / "own").iterdir()] == []
