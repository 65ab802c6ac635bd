"""A program run as a process of its own, and what it took of the machine."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Run:
    """What one run took: seconds by the clock, seconds of processors, megabytes at most.

    The megabytes are the system's own count of resident memory: all of it, the
    interpreter included, but not the files' pages in the cache. A system counts
    the memory of the process that starts another one, too, for a moment before
    the other begins: whoever measures must be small.
    """

    seconds: float
    processor: float
    megabytes: float


def run(command: list[str], environment: dict[str, str] | None = None) -> Run:
    """Run a program to its end. SystemExit with its last words when it fails."""
    start = time.perf_counter()
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, **(environment or {})},
    )
    assert process.stdout is not None
    said = process.stdout.read().decode(errors="replace")
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{said[-2000:]}")
    # Linux counts in kibibytes, macOS in bytes.
    unit = 1 if sys.platform == "darwin" else 1024
    return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit / 1e6)
