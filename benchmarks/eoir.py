"""A court release read by mpp, and by scripts that somebody would write by hand, in one run.

    python benchmarks/eoir.py 16800000
    python benchmarks/eoir.py 16800000 --compare-dockets --rounds 5 --scratch /data/scratch
    python benchmarks/eoir.py 1000000 --peers duckdb
    python benchmarks/eoir.py --sizes --compare-dockets

Polars comes with `pip install mpp-cli[benchmarks]`; name the others with --peers without it.
A synthetic release with so many proceedings, and the other files in proportion, is
made in the temporary folder, or that of --scratch: 16.8 million proceedings make
5 GB, and --compare-dockets takes half as much again while it runs. --keep leaves the
release there for the next run. Every program (those beside mpp are in eoir_peers/)
runs as a process of its own, all of them in turn, round after round, so that what
else the machine does meets each of them. mpp keeps the account of every row; the
peers keep none.

Printed are tables in Markdown of the medians and, for each peer, the median of what
mpp takes of its time, processor time and memory in the same round. --sizes runs mpp
alone over releases of 1 to 50 million proceedings (15 GB), or of those that are
named, and prints and plots the time per million of them and the memory. The exit code
is 1 when mpp's ledger differs from what is true of the release.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eoir_release import truth_file
from plots import plotted
from processes import Run, run
from tabulate import tabulate

AS_OF = "2022-12-31"
HERE = Path(__file__).parent
PEERS = HERE / "eoir_peers"
COHORT_PEERS, ALL_PEERS = ("duckdb", "polars", "pandas"), ("duckdb",)
SIZES = (1_000_000, 5_000_000, 16_800_000, 50_000_000)

#: Bytes that a proceeding takes on disk, with all files of the release in
#: proportion, and the same with the rows that --compare-dockets sorts by case.
_BYTES, _BYTES_ALL = 310, 460


@dataclass(frozen=True)
class Place:
    """Where a release lies, and where its readers may write."""

    release: Path
    scratch: Path

    @property
    def megabytes(self) -> float:
        """The size of the release."""
        return sum(path.stat().st_size for path in self.release.rglob("*.csv")) / 1e6


def main() -> int:
    """Make the releases if need be, run everybody, print."""
    given = _arguments()
    ways = [False, True] if given.compare_dockets else [False]
    wrong: list[str] = []
    rows: dict[bool, list[list[str]]] = {everything: [] for everything in ways}
    for size in given.proceedings:
        with _release(size, given.scratch, given.keep, given.compare_dockets) as place:
            for everything in ways:
                there = ALL_PEERS if everything else COHORT_PEERS
                peers = [each for each in there if each in given.peers]
                runs, loads = _measure(place, peers, given.rounds, everything)
                found = _differences(place, everything)
                wrong += found
                if given.sizes:
                    rows[everything].append(_size_row(size, place, runs["mpp"]))
                    _tell(f"{size:,}: {rows[everything][-1]}; {_ledger(found)}")
                else:
                    print(f"\n{_title(size, place, everything)}\n")
                    print(_table(_peer_rows(runs), _PEER_HEAD))
                    print(
                        f"\nMedians of {given.rounds} rounds, load {min(loads):.1f} to "
                        f"{max(loads):.1f} on {os.cpu_count()} cores; {_ledger(found)}. A report "
                        f"from the import: {_report_again(place)}.",
                        flush=True,
                    )
    if given.sizes:
        for everything, listed in rows.items():
            print(f"\n{_what(everything)}, medians of {given.rounds} runs\n")
            print(_table(listed, _SIZE_HEAD))
            for place, what in ((4, "seconds per million"), (6, "peak MB")):
                values = [float(row[place].replace(",", "")) for row in listed]
                print(f"\n{plotted(what, given.proceedings, values)}", flush=True)
    print(*wrong, sep="\n", end="\n" if wrong else "")
    return 1 if wrong else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("proceedings", type=int, nargs="*", help="proceedings of each release")
    add("--sizes", action="store_true", help="mpp alone, over several sizes")
    add("--peers", nargs="*", choices=COHORT_PEERS, help="default: all there are")
    add("--rounds", type=int, default=3, help="how often everybody runs")
    add("--compare-dockets", action="store_true", help="then keep every case, too")
    add("--scratch", type=Path, help="for releases and all that is written")
    add("--keep", action="store_true", help="leave the releases in --scratch for the next run")
    given = parser.parse_args()
    given.proceedings = given.proceedings or (list(SIZES) if given.sizes else [1_000_000])
    given.scratch = given.scratch or Path(tempfile.gettempdir())
    if given.sizes and given.peers:
        parser.error("--sizes is about mpp alone")
    if given.peers is None:
        given.peers = [] if given.sizes else [*COHORT_PEERS]
    return given


@contextmanager
def _release(size: int, scratch: Path, keep: bool, everything: bool) -> Iterator[Place]:
    """A release of so many proceedings, made now or earlier."""
    scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="mpp-benchmark-", dir=scratch) as temporary:
        folder = (scratch if keep else Path(temporary)) / f"release-{size}"
        there = truth_file(folder).exists()
        need = size * ((_BYTES_ALL if everything else _BYTES) - (_BYTES if there else 0))
        if need > shutil.disk_usage(scratch).free:
            raise SystemExit(f"{size:,} proceedings need {need / 1e9:,.1f} GB in {scratch}")
        if not there:
            shutil.rmtree(folder, ignore_errors=True)
            made = run([sys.executable, str(HERE / "eoir_release.py"), str(folder), str(size)])
            _tell(f"{size:,} proceedings made in {made.seconds:.1f} s")
        yield Place(folder, Path(temporary))


def _measure(
    place: Place, peers: list[str], rounds: int, everything: bool
) -> tuple[dict[str, list[Run]], list[float]]:
    """Run everybody in turn; what each run took, and the load of the machine in between."""
    _into_the_cache(place.release)
    other = place.scratch / "other"
    other.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "mpp_cli", "import", "eoir", str(place.release), "-o"]
    command += [str(place.scratch / "out"), "--force", "-q"]
    commands = {"mpp": [*command, *(["--compare-dockets"] if everything else [])]}
    for name in peers:
        kind = "all" if everything else "cohort"
        script = [str(PEERS / f"{name}_{kind}.py")]
        if name == "duckdb":
            script = [str(PEERS / "duckdb_runs.py"), str(PEERS / f"duckdb_{kind}.sql")]
        commands[name] = [sys.executable, *script, str(place.release), str(other)]
    runs: dict[str, list[Run]] = {name: [] for name in commands}
    loads = [os.getloadavg()[0]]
    for number in range(rounds):
        for name, each in commands.items():
            runs[name].append(run(each, {"TMPDIR": str(place.scratch)}))
            _tell(f"round {number + 1}: {name} {runs[name][-1].seconds:.1f} s")
            loads.append(os.getloadavg()[0])
    return runs, loads


def _into_the_cache(folder: Path) -> None:
    """Read all files once, so that nobody pays for the disk."""
    for path in folder.rglob("*.csv"):
        with path.open("rb") as stream:
            while stream.read(1 << 24):
                pass


# --- what is printed -----------------------------------------------------------------

_TAKEN = ("seconds", "processor", "megabytes")
_PEER_HEAD = ["", "seconds", "processor seconds", "peak MB"]
_PEER_HEAD += ["mpp's share of the time", "of the processor time", "of the memory"]
_SIZE_HEAD = ["proceedings", "MB", "seconds", "processor seconds"]
_SIZE_HEAD += ["seconds per million", "processor seconds per million", "peak MB"]


def _peer_rows(runs: dict[str, list[Run]]) -> Iterator[list[str]]:
    for name, each in runs.items():
        shares = [
            statistics.median(
                getattr(mine, what) / getattr(theirs, what)
                for mine, theirs in zip(runs["mpp"], each, strict=True)
            )
            for what in _TAKEN
        ]
        yield [name, *_medians(each), *("" if name == "mpp" else f"{part:.2f}" for part in shares)]


def _size_row(size: int, place: Place, runs: list[Run]) -> list[str]:
    seconds, processor, megabytes = _medians(runs)
    each = [
        f"{statistics.median(getattr(run, what) for run in runs) / size * 1e6:.2f}"
        for what in ("seconds", "processor")
    ]
    return [f"{size:,}", f"{place.megabytes:,.0f}", seconds, processor, *each, megabytes]


def _medians(runs: list[Run]) -> tuple[str, str, str]:
    seconds, processor, megabytes = (
        statistics.median(getattr(each, what) for each in runs) for what in _TAKEN
    )
    return f"{seconds:.1f}", f"{processor:.1f}", f"{megabytes:,.0f}"


def _what(everything: bool) -> str:
    return "every case kept (--compare-dockets)" if everything else "the cohort's cases"


def _title(size: int, place: Place, everything: bool) -> str:
    return f"{size:,} proceedings, {place.megabytes:,.0f} MB in all files: {_what(everything)}"


def _ledger(found: list[str]) -> str:
    return f"the ledger is wrong in {len(found)} place(s)" if found else "the ledger is right"


def _table(rows: Iterable[list[str]], head: list[str]) -> str:
    align = ["left" if not name else "right" for name in head]
    return tabulate([*rows], head, tablefmt="github", disable_numparse=True, colalign=align)


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


# --- whether it is right ---------------------------------------------------------------

_COHORT_ONLY = ("rows_used", "rows_outside")


def _differences(place: Place, everything: bool) -> list[str]:
    """Where the import's ledger differs from what is true of the release."""
    text = (place.scratch / "out" / "import.json").read_text(encoding="utf-8")
    truth = json.loads(truth_file(place.release).read_text(encoding="utf-8"))
    wrong = []
    for each in json.loads(text)["files"]:
        name = Path(each["file"]).stem
        expected: dict[str, Any] = truth["files"][name]
        if everything:
            # Rows of other cases are then used, where their case is known.
            expected = {key: value for key, value in expected.items() if key not in _COHORT_ONLY}
            if name == "B_TblProceeding":
                expected["set_aside"]["orphan"] = truth["orphans"]
        wrong += [
            f"{each['file']}: {key} is {each[key]}, and {value} is true"
            for key, value in expected.items()
            if each[key] != value
        ]
    return wrong


def _report_again(place: Place) -> str:
    """A report from the import."""
    command = [sys.executable, "-m", "mpp_cli", "report", "--data", str(place.scratch / "out")]
    took = run([*command, "-q", "--no-config", "--as-of", AS_OF, "-o", os.devnull, "-f", "json"])
    return f"{took.seconds:.1f} s, {took.megabytes:,.0f} MB"


if __name__ == "__main__":
    sys.exit(main())
