"""What a terminal of few columns shows: lines that break at blanks, and nowhere else."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios

import pytest

from tests.cli.test_contract import environment
from tests.harness import run


def in_a_terminal(columns: int, *arguments: str) -> list[str]:
    """The lines that a command writes to standard error, where that is a terminal."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    with subprocess.Popen(
        [sys.executable, "-m", "mpp_cli", *arguments],
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=theirs,
    ):
        os.close(theirs)
        said = b""
        while chunk := _read(ours):
            said += chunk
    os.close(ours)
    return said.decode().replace("\r\n", "\n").splitlines()


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 1 << 16)
    except OSError:  # Nobody is left who could write.
        return b""


@pytest.mark.parametrize(
    "arguments",
    [
        ("metric", "completion-rate", "--data", "sample"),
        ("metric", "completon-rate"),
        ("metric", "completion-rate", "--data", "nowhere"),
    ],
)
def test_what_is_said_on_standard_error_breaks_at_blanks(arguments: tuple[str, ...]) -> None:
    whole = in_a_terminal(1000, *arguments, "--no-config", "--no-cache")
    lines = in_a_terminal(40, *arguments, "--no-config", "--no-cache")
    assert len(lines) > len(whole)
    assert all(len(line) <= 40 or " " not in line.strip() for line in lines)
    assert " ".join(map(str.strip, lines)) == " ".join(map(str.strip, whole))
    # In a pipe, a log or a mail, what is said stays one line.
    assert run([*arguments, "--no-config", "--no-cache"])[2].splitlines() == whole


def test_the_list_of_metrics_breaks_at_blanks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    whole = run(["metrics"])[1].decode()
    assert len(whole.splitlines()) == 13
    for width in (40, 60, 80):
        monkeypatch.setenv("COLUMNS", str(width))
        text = run(["metrics"])[1].decode()
        assert max(map(len, text.splitlines())) <= width
        assert text.split() == whole.split()
