"""One run in a process of its own, and what must hold of it."""

from __future__ import annotations

import io
import json
import os
import re
import resource
import signal
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

#: Most time of the processor and most memory that a run may take.
SECONDS, BYTES = 30, 1_000_000_000

#: A run that waits uses no processor; it is ended after so many seconds by the clock.
_WAITS = 300


@dataclass(frozen=True)
class Outcome:
    """What one run printed, how it ended, and what it took."""

    code: int
    out: bytes
    err: str
    seconds: float
    peak: int


def run(arguments: list[str], folder: Path) -> Outcome:
    """Run the command line in a copy of this process, which has everything imported.

    A negative code is the signal that ended it: SIGXCPU or SIGALRM when it does not end.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = os.fork()
        if child == 0:
            _become(arguments, folder, out.fileno(), err.fileno())
        _, status, usage = os.wait4(child, 0)
        out.seek(0)
        err.seek(0)
        return Outcome(
            os.waitstatus_to_exitcode(status),
            out.read(),
            err.read().decode("utf-8", "replace"),
            usage.ru_utime + usage.ru_stime,
            usage.ru_maxrss * 1024,
        )


def _become(arguments: list[str], folder: Path, out: int, err: int) -> None:
    code = 70
    try:
        # Whatever it hangs in, the alarm ends it: nothing handles this signal.
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, _WAITS)
        used = int(time.process_time())
        resource.setrlimit(resource.RLIMIT_CPU, (used + SECONDS, used + SECONDS + 5))
        resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000_000, 2_000_000_000))
        os.chdir(folder)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(out, 1)
        os.dup2(err, 2)
        sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
        sys.stdout = io.TextIOWrapper(os.fdopen(1, "wb", closefd=False), encoding="utf-8")
        sys.stderr = os.fdopen(2, "w", encoding="utf-8", buffering=1, closefd=False)
        from mpp_cli.app import main

        try:
            code = main(arguments)
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(code)


def faults(arguments: list[str], found: Outcome, refusal: tuple[int, ...]) -> list[str]:
    """What does not hold of a run; nothing when all is well."""
    wrong = []
    if found.code in (-signal.SIGXCPU, -signal.SIGALRM):
        wrong.append("no end in time")
    elif found.code < 0:
        wrong.append(f"ended by signal {-found.code}")
    if found.peak > BYTES:
        wrong.append(f"{found.peak / 1e6:,.0f} MB")
    if "Traceback" in found.err or 'File "' in found.err:
        wrong.append("a traceback")
    if re.search(r"[\x00-\x08\x0b-\x1f\x7f]", found.err.replace("\r\n", "\n")):
        wrong.append("a control character on stderr")
    checks = (5,) if arguments[0] == "validate" else ()
    if found.code >= 0 and found.code not in (0, *checks, *refusal):
        wrong.append(f"exit code {found.code}")
    if found.code in refusal:
        if not re.match(r"mpp: error: \S", _last_error(found.err)):
            wrong.append("refused without an error")
        if found.out:
            wrong.append("refused, and printed something")
    if found.code == 0 and arguments[-1] == "json":
        answer = json.loads(found.out)
        wrong += _open_balances(answer) + _made_of_nothing(answer)
    return wrong


def _last_error(text: str) -> str:
    return next((line for line in text.splitlines() if line.startswith("mpp: error:")), "")


def _open_balances(answer: dict[str, Any]) -> list[str]:
    """The balances of a report that do not close."""
    wrong = []
    for source in answer["data"]["sources"]:
        outside, aside = source["rows_outside"].values(), source["set_aside"].values()
        if source["rows_read"] != source["rows_used"] + sum(outside) + sum(aside):
            wrong.append(f"the rows of {source['file']} do not balance")
    metrics = [each for goal in answer.get("goals", ()) for each in goal["metrics"]]
    for metric in metrics:
        for ledger in metric["ledger"]:
            excluded = sum(each["count"] for each in ledger["excluded"])
            if ledger["population"] != ledger["counted"] + excluded:
                wrong.append(f"the balance of {ledger['measure']} does not close")
    return wrong


#: The tables without which there is no figure.
_NEEDS = {
    "relief-granted": ("cases", "grants"),
    "non-refoulement-referrals": ("cases", "referrals"),
    "completion-rate": ("cases", "completions"),
    "total-enrolled": ("cases",),
    "enforcement-encounters": ("encounters",),
}


def _made_of_nothing(answer: dict[str, Any]) -> list[str]:
    """The figures of tables that have rows, of which none is used."""
    read: Counter[str] = Counter()
    used: Counter[str] = Counter()
    for source in answer["data"]["sources"]:
        outside = source["rows_outside"]
        no_rows = outside.get("totals-row", 0) + outside.get("no-event", 0)
        read[source["kind"]] += source["rows_read"] - no_rows
        used[source["kind"]] += source["rows_used"]
    metrics = [each for goal in answer.get("goals", ()) for each in goal["metrics"]]
    return [
        f"{metric['name']} is a figure without a row of {table}"
        for metric in metrics
        for table in _NEEDS[metric["name"]]
        if metric["status"] == "ok" and read[table] and not used[table] and "aggregates" not in read
    ]
