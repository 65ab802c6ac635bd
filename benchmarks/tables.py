"""The report of mpp's tables, and scripts that somebody would write for its figures, in one run.

    python benchmarks/tables.py
    python benchmarks/tables.py 10000000 --scratch /data/scratch
    python benchmarks/tables.py 1000000 --peers duckdb --forms csv
    python benchmarks/tables.py --sizes 1000000 10000000 100000000

Polars comes with `pip install mpp-cli[benchmarks]`; name the others with --peers without it.
So many cases (a million by default), half as many completions again, a tenth as many
grants and four tenths as many referrals are made as CSV and as Parquet in the temporary
folder, or that of --scratch: 10 million cases make 2.2 GB. Every program (those beside
mpp are in tables_peers/) runs as a process of its own, all of them in turn, round after
round, so that what else the machine does meets each of them. mpp keeps the account of
every row and every count; the peers keep none, and print the same five figures, which
are compared.

Printed are tables in Markdown: the medians, and for each peer the median of what mpp
takes of its time, processor time and memory in the same round. "mpp" is the first
report of new files, "mpp again" the next one, which the cache answers. --sizes runs mpp
alone, and prints and plots the time per million rows and the memory. The exit code is 1
when a figure of a peer is not that of mpp.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from plots import plotted
from processes import Run, run
from tabulate import tabulate

AS_OF = "2020-12-31"
HERE = Path(__file__).parent
PEERS = ("duckdb", "polars", "pandas")
FORMS = ("csv", "parquet")

#: Bytes that a case takes on disk with its events, in both forms.
_BYTES = 230

#: Rows of all tables for one case.
_ROWS = 3

_MPP = (sys.executable, "-m", "mpp_cli")
_COUNTS = ("total_enrolled", "cases_completed", "relief_granted", "aliens_referred", "encounters")

Commands = Mapping[str, tuple[str, ...]]


def main() -> int:
    """Make the tables if need be, run everybody, print."""
    given = _arguments()
    with tempfile.TemporaryDirectory(prefix="mpp-benchmark-", dir=given.scratch) as temporary:
        scratch = Path(temporary)
        if given.sizes:
            _sizes(given, scratch)
            return 0
        wrong: list[str] = []
        for cases in given.cases:
            with _tables(cases, given.keep or scratch) as folder:
                for form in given.forms:
                    wrong += _beside_peers(given, scratch, folder / form, cases)
                _questions(given, scratch, folder / given.forms[0], cases)
        _beginnings(given, scratch)
    print(*wrong, sep="\n", end="\n" if wrong else "")
    return 1 if wrong else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("cases", type=int, nargs="*", help="cases of each set of tables")
    add("--sizes", action="store_true", help="mpp alone, over several sizes")
    add("--peers", nargs="*", choices=PEERS, default=[*PEERS], help="default: all there are")
    add("--forms", nargs="+", choices=FORMS, default=[*FORMS], help="default: both")
    add("--rounds", type=int, default=5, help="how often everybody runs")
    add("--scratch", type=Path, help="for the tables and all that is written")
    add("--keep", type=Path, metavar="FOLDER", help="leave the tables there for the next run")
    given = parser.parse_args()
    given.cases = given.cases or [1_000_000]
    return given


@contextmanager
def _tables(cases: int, place: Path) -> Iterator[Path]:
    """The folder of tables of so many cases, made now or earlier."""
    folder = place / f"tables-{cases}"
    if not folder.exists():
        place.mkdir(parents=True, exist_ok=True)
        if cases * _BYTES > shutil.disk_usage(place).free:
            raise SystemExit(f"{cases:,} cases need {cases * _BYTES / 1e9:,.1f} GB in {place}")
        unfinished = place / f".{folder.name}"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir()
        run([sys.executable, str(HERE / "tables_made.py"), str(unfinished), str(cases)])
        unfinished.rename(folder)
    for path in folder.rglob("*.*"):
        # Read once, so that nobody pays for the disk.
        with path.open("rb") as stream:
            while stream.read(1 << 24):
                pass
    yield folder
    if place.name.startswith("mpp-benchmark-"):
        shutil.rmtree(folder)


# --- what is run ---------------------------------------------------------------------


def _beside_peers(given: argparse.Namespace, scratch: Path, folder: Path, cases: int) -> list[str]:
    """Print the table of one form of the tables; the peers whose figures differ."""
    form = folder.name
    answer = scratch / "report.json"
    report = (*_MPP, "report", "--data", str(folder), "--as-of", AS_OF, "-q", "--no-config")
    report += ("-f", "json", "-o", str(answer))
    commands: dict[str, tuple[str, ...]] = {"mpp": report, "mpp again": report}
    for name in given.peers:
        script = HERE / "tables_peers" / f"{name}_figures.py"
        commands[name] = (sys.executable, str(script), str(folder), form, AS_OF)
    if form == "csv":
        commands["wc -l"] = ("wc", "-l", *map(str, sorted(folder.glob("*.csv"))))
    runs = _in_turn(commands, given.rounds, scratch)
    ours, theirs = _figures(answer), {name: _said(commands[name]) for name in given.peers}
    megabytes = sum(path.stat().st_size for path in folder.iterdir()) / 1e6
    print(f"\n{cases:,} cases, {_ROWS * cases:,} rows in all, {megabytes:,.0f} MB of {form}\n")
    _print(_peer_rows(runs), ["", *_TAKEN_HEAD, *_SHARES])
    wrong = [
        f"{name} on {form}: {said}, and mpp says {ours}"
        for name, said in theirs.items()
        if said != ours
    ]
    agreed = "every peer has the same figures" if not wrong else "a peer has other figures"
    _note(given, f"; {agreed}")
    return wrong


def _said(command: tuple[str, ...]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def _figures(answer: Path) -> str:
    """The five figures of a report, as the peers print them."""
    report = json.loads(answer.read_text(encoding="utf-8"))
    metrics = [metric for goal in report["goals"] for metric in goal["metrics"]]
    values = {each["name"]: each["value"] for metric in metrics for each in metric["measures"]}
    return " ".join(str(values[name]) for name in _COUNTS)


def _questions(given: argparse.Namespace, scratch: Path, folder: Path, cases: int) -> None:
    """What more a question costs than one report."""
    same = ("--data", str(folder), "-q", "--no-config", "--no-cache", "-f", "json")
    same += ("-o", str(scratch / "answer.json"))
    by = ("--by", "nationality", "--by", "component", "--by", "demographic")
    months = ("--every", "month", "--from", "2019-02", "--to", "2021-01")
    commands = {
        "report": (*_MPP, "report", "--as-of", AS_OF, *same),
        "report with 3 --by": (*_MPP, "report", "--as-of", AS_OF, *by, *same),
        "trend over 24 months": (*_MPP, "trend", "completion-rate", *months, *same),
    }
    runs = _in_turn(commands, given.rounds, scratch)
    print(f"\nQuestions to {cases:,} cases of {folder.name}\n")
    _print(_times_rows(runs, "report"), ["", *_TAKEN_HEAD, "times the report's time"])
    _note(given)


def _beginnings(given: argparse.Namespace, scratch: Path) -> None:
    """What it takes to begin at all, and the sample, on which little else counts."""
    nothing = {"import typer, rich": (sys.executable, "-c", "import typer, rich")}
    runs = _in_turn({**nothing, "mpp --help": (*_MPP, "--help")}, 2 * given.rounds + 1, scratch)
    print("\nTo begin\n")
    head = ["", *_TAKEN_HEAD, "times the import's time"]
    _print(_times_rows(runs, "import typer, rich"), head)
    sample = HERE.parent / "sample_data"
    rate = (*_MPP, "metric", "completion-rate", "--data", "sample", "--no-config", "-q")
    rate += ("-f", "value")
    commands = {"mpp": rate, "mpp again": rate}
    if "pandas" in given.peers:
        script = str(HERE / "tables_peers" / "pandas_rate.py")
        commands["pandas"] = (sys.executable, script, str(sample))
    runs = _in_turn(commands, 2 * given.rounds + 1, scratch)
    print("\nThe completion rate of the sample\n")
    _print(_peer_rows(runs), ["", *_TAKEN_HEAD, *_SHARES])


def _sizes(given: argparse.Namespace, scratch: Path) -> None:
    """The time per row and the memory as the tables grow."""
    rows: list[list[str]] = []
    found: dict[str, list[tuple[float, float, float]]] = {form: [] for form in given.forms}
    for cases in given.cases:
        with _tables(cases, given.keep or scratch) as folder:
            for form in given.forms:
                report = (*_MPP, "report", "--data", str(folder / form), "--as-of", AS_OF, "-q")
                report += ("--no-config", "--no-cache", "-o", str(scratch / "report.json"))
                runs = _in_turn({form: report}, given.rounds, scratch)[form]
                each = statistics.median(run.seconds for run in runs) / (_ROWS * cases) * 1e6
                rows.append([f"{cases:,}", form, *_medians(runs), f"{each:.2f}"])
                peak = statistics.median(run.megabytes for run in runs)
                found[form].append((_ROWS * cases, each, peak))
    _print(rows, ["cases", "form", *_TAKEN_HEAD, "seconds per million rows"])
    for form, each_size in found.items():
        sizes, times, peaks = zip(*each_size, strict=True)
        print(f"\n{form}\n\n{plotted('seconds per million rows', sizes, times)}")
        print(f"\n{plotted('peak MB', sizes, peaks)}", flush=True)


def _in_turn(commands: Commands, rounds: int, scratch: Path) -> dict[str, list[Run]]:
    """Run everybody in turn, each round with a cache that is empty at its beginning."""
    runs: dict[str, list[Run]] = {name: [] for name in commands}
    for number in range(rounds):
        with tempfile.TemporaryDirectory(dir=scratch) as cache:
            there = {"XDG_CACHE_HOME": cache, "TMPDIR": str(scratch)}
            for name, command in commands.items():
                runs[name].append(run(list(command), there))
                _tell(f"round {number + 1}: {name} {runs[name][-1].seconds:.2f} s")
    return runs


# --- what is printed -----------------------------------------------------------------

_TAKEN = ("seconds", "processor", "megabytes")
_TAKEN_HEAD = ("seconds", "processor seconds", "peak MB")
_SHARES = ("mpp takes of the time", "of the processor time", "of the memory")
_SHARES += ("mpp again of the time",)


def _peer_rows(runs: Mapping[str, list[Run]]) -> Iterator[list[str]]:
    first, again = runs["mpp"], runs["mpp again"]
    for name, each in runs.items():
        shares = [*_shares(first, each), _shares(again, each)[0]]
        told = [""] * len(shares) if each in (first, again) else [f"{part:.2f}" for part in shares]
        yield [name, *_medians(each), *told]


def _times_rows(runs: Mapping[str, list[Run]], base: str) -> Iterator[list[str]]:
    for name, each in runs.items():
        yield [name, *_medians(each), f"{_shares(each, runs[base])[0]:.2f}"]


def _shares(mine: list[Run], theirs: list[Run]) -> list[float]:
    """What one takes of the other's time, processor time and memory, as medians of rounds."""
    return [
        statistics.median(
            getattr(one, what) / getattr(other, what)
            for one, other in zip(mine, theirs, strict=True)
        )
        for what in _TAKEN
    ]


def _medians(runs: list[Run]) -> tuple[str, str, str]:
    seconds, processor, megabytes = (
        statistics.median(getattr(each, what) for each in runs) for what in _TAKEN
    )
    return f"{seconds:.2f}", f"{processor:.2f}", f"{megabytes:,.0f}"


def _note(given: argparse.Namespace, more: str = "") -> None:
    load = os.getloadavg()[0]
    print(f"\nMedians of {given.rounds} rounds, load {load:.1f} on {os.cpu_count()} cores{more}.")


def _print(rows: Iterable[list[str]], head: Iterable[str]) -> None:
    head = [*head]
    left = ("", " ", "form")
    align = ["left" if name in left else "right" for name in head]
    table = tabulate([*rows], head, tablefmt="github", disable_numparse=True, colalign=align)
    print(table, flush=True)


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
