"""A court release read by mpp, and by scripts that somebody would write by hand, in one run.

    python benchmarks/eoir.py 1000000
    python benchmarks/eoir.py 16800000 --folder /data/synthetic --rounds 5
    python benchmarks/eoir.py 16800000 --folder /data/synthetic --compare-dockets
    python benchmarks/eoir.py 1000000 5000000 50000000 --peers

A synthetic release with so many proceedings, and the other files in proportion,
is made in a temporary folder (or once in --folder, which 16.8 million make
5 GB large). Every program (those beside mpp are in eoir_peers/) runs as a process
of its own, all of them in turn, round after round, so that what else the machine
does meets each of them; the peak is the system's own count of its resident
memory. mpp keeps the account of every row; the peers keep none. Printed are the
medians and, for each peer, the median of what mpp takes of its time in the same
round. The exit code is 1 when mpp's ledger differs from what is true of the release.
"""

from __future__ import annotations

import argparse
import json
import os
import pickle
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from mpp_cli.sample.release import Size, Truth, write_release

AS_OF = "2022-12-31"
HERE = Path(__file__).parent / "eoir_peers"
COHORT_PEERS, ALL_PEERS = ("duckdb", "polars", "pandas"), ("duckdb",)


@dataclass(frozen=True)
class Run:
    """What one run took: seconds by the clock, seconds of processors, megabytes at most."""

    seconds: float
    processor: float
    megabytes: float


def main() -> int:
    """Make the releases if need be, run everybody, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("proceedings", type=int, nargs="+", help="proceedings of each release")
    parser.add_argument("--folder", type=Path, help="keep a release here, or take it from here")
    parser.add_argument("--peers", nargs="*", choices=COHORT_PEERS, help="default: all there are")
    parser.add_argument("--rounds", type=int, default=3, help="how often everybody runs")
    parser.add_argument("--compare-dockets", action="store_true", help="keep every case")
    arguments = parser.parse_args()
    if arguments.folder and len(arguments.proceedings) > 1:
        parser.error("--folder holds one release")
    there = ALL_PEERS if arguments.compare_dockets else COHORT_PEERS
    peers = [each for each in there if arguments.peers is None or each in arguments.peers]
    wrong = 0
    for size in arguments.proceedings:
        with tempfile.TemporaryDirectory(prefix="mpp-benchmark-") as temporary:
            folder = arguments.folder or Path(temporary) / "release"
            truth = _release(folder, size)
            wrong += _measure(
                folder, truth, Path(temporary), peers, arguments.rounds, arguments.compare_dockets
            )
    return 1 if wrong else 0


def _measure(
    folder: Path, truth: Truth, temporary: Path, peers: list[str], rounds: int, everything: bool
) -> int:
    """Run everybody in turn and print; the number of differences in mpp's ledger."""
    _into_the_cache(folder)
    out, other = temporary / "out", temporary / "other"
    other.mkdir()
    command = [sys.executable, "-m", "mpp_cli", "import", "eoir", str(folder), "-o", str(out)]
    command += ["--force", "-q", *(["--compare-dockets"] if everything else [])]
    commands = {"mpp": command}
    for name in peers:
        kind = "all" if everything else "cohort"
        script = [str(HERE / f"{name}_{kind}.py")]
        if name == "duckdb":
            script = [str(HERE / "duckdb_runs.py"), str(HERE / f"duckdb_{kind}.sql")]
        commands[name] = [sys.executable, *script, str(folder), str(other)]
    runs: dict[str, list[Run]] = {name: [] for name in commands}
    loads = [os.getloadavg()[0]]
    for _ in range(rounds):
        for name, each in commands.items():
            runs[name].append(_run(name, each))
            loads.append(os.getloadavg()[0])
    wrong = 0 if everything else _differences(out, truth)
    _print(runs, loads)
    _report_again(out)
    return wrong


def _print(runs: dict[str, list[Run]], loads: list[float]) -> None:
    rounds = len(runs["mpp"])
    print(f"medians of {rounds} rounds; load {min(loads):.1f} to {max(loads):.1f}")
    print(f"{'':8} {'seconds':>9} {'processor':>10} {'MB':>7}   of the time, processor, memory")
    for name, each in runs.items():
        row = [statistics.median(getattr(run, what) for run in each) for what in _WHAT]
        line = f"{name:8} {row[0]:9.1f} {row[1]:10.1f} {row[2]:7,.0f}"
        if name != "mpp":
            parts = [
                statistics.median(
                    getattr(mine, what) / getattr(theirs, what)
                    for mine, theirs in zip(runs["mpp"], each, strict=True)
                )
                for what in _WHAT
            ]
            line += "   mpp takes " + ", ".join(f"{part:.2f}" for part in parts)
        print(line, flush=True)


_WHAT = ("seconds", "processor", "megabytes")


def _release(folder: Path, proceedings: int) -> Truth:
    """The release and what is true of it, made now or earlier."""
    told = folder.parent / f"{folder.name}.truth"
    if told.exists():
        # Only this program writes that file.
        found: Truth = pickle.loads(told.read_bytes())
        return found
    folder.mkdir(parents=True)
    start = time.perf_counter()
    truth = write_release(folder, Size.of(proceedings))
    told.write_bytes(pickle.dumps(truth))
    size = sum(path.stat().st_size for path in folder.rglob("*.csv"))
    print(
        f"{proceedings:,} proceedings: {size / 1e6:,.0f} MB made in "
        f"{time.perf_counter() - start:.1f} s",
        flush=True,
    )
    return truth


def _into_the_cache(folder: Path) -> None:
    """Read all files once, so that nobody pays for the disk."""
    for path in folder.rglob("*.csv"):
        with path.open("rb") as stream:
            while stream.read(1 << 24):
                pass


def _run(name: str, command: list[str]) -> Run:
    """Run a program."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert process.stdout is not None
    said = process.stdout.read().decode(errors="replace")
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{name} failed:\n{said[-2000:]}")
    # Linux counts in kibibytes, macOS in bytes.
    unit = 1 if sys.platform == "darwin" else 1024
    seconds = time.perf_counter() - start
    return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit / 1e6)


def _differences(out: Path, truth: Truth) -> int:
    """Compare the import with what is true of the release; the number of differences."""
    about = json.loads((out / "import.json").read_text(encoding="utf-8"))
    wrong = []
    for each in about["files"]:
        expected = truth.files[Path(each["file"]).stem]
        for key, value in (
            ("rows_read", expected.rows),
            ("rows_used", expected.used),
            ("rows_outside", dict(+expected.outside)),
            ("set_aside", dict(+expected.set_aside)),
            ("repaired", expected.repaired),
            ("blanked", dict(+expected.blanked)),
        ):
            if each[key] != value:
                wrong.append(f"{each['file']}: {key} is {each[key]}, and {value} is true")
    print(*wrong or ["every defect is in the ledger"], sep="\n", flush=True)
    return len(wrong)


def _report_again(out: Path) -> None:
    """Time a report from the import."""
    command = [sys.executable, "-m", "mpp_cli", "report", "--data", str(out), "-q", "--no-config"]
    run = _run("report", [*command, "--as-of", AS_OF, "-o", os.devnull, "-f", "json"])
    print(
        f"report   {run.seconds:9.1f} {run.processor:10.1f} {run.megabytes:7,.0f}   from the import"
    )


if __name__ == "__main__":
    sys.exit(main())
