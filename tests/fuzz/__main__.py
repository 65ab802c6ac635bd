"""``python -m tests.fuzz``: change inputs at random and say what does not hold."""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sys
import tempfile
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.fuzz import mutations, runs, seeds

#: What is asked, and how often.
_QUESTIONS = {
    ("report", "-f", "json"): 12,
    ("validate", "-f", "json"): 3,
    ("report", "-f", "markdown"): 2,
    ("report", "--additional", "-f", "csv"): 2,
    ("report", "--by", "fiscal_year", "-f", "html"): 1,
    ("metric", "completion-rate", "-f", "table"): 1,
}

#: One in so many inputs is asked twice: the same bytes must give the same answer.
_TWICE = 10


@dataclass(frozen=True)
class Input:
    """One changed input: its number and seed give it again."""

    number: int
    format: str
    change: str
    arguments: list[str]
    refusal: tuple[int, ...]


def make(number: int, seed: int, folder: Path) -> Input:
    """Put the input of that number into an empty folder."""
    rng = random.Random(f"{seed}/{number}")
    known = seeds.seeds()
    chosen = known[number % len(known)]
    data = folder / "data"
    data.mkdir()
    for name, content in {**chosen.files, **seeds.beside(chosen)}.items():
        path = (folder if name == "mpp.toml" else data) / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    name = rng.choice(sorted(chosen.files))
    path = (folder if name == "mpp.toml" else data) / name
    if rng.random() < 0.03:
        kind, (put, ending) = rng.choice(sorted(mutations.STRANGERS.items()))
        path.unlink()
        put(path.with_name(path.name + ending))
        change = kind
    elif chosen.packed and rng.random() < 0.5:
        content, change = mutations.change(rng.choice(chosen.contents), rng)
        path.write_bytes(chosen.packed(content))
        change = f"in it {change}"
    else:
        content, change = mutations.change(path.read_bytes(), rng)
        path.write_bytes(content)
    (question,) = rng.choices(list(_QUESTIONS), list(_QUESTIONS.values()))
    command = question[0]
    # A folder passes over what it does not know; a file that is named is judged.
    named = data if chosen.name in ("court", "csv", "tsv") or rng.random() < 0.5 else path
    where = [] if named == folder / "mpp.toml" else ["--data", str(named.relative_to(folder))]
    config = ["--config", "mpp.toml"] if chosen.mapped else ["--no-config"]
    if command == "validate":
        where = where[1:] or ["data"]
    elif not where:
        where = ["--data", "data"]
    count = 2 if command == "metric" else 1
    arguments = [*question[:count], *where, *config, *question[count:]]
    return Input(number, chosen.name, f"{name}: {change}", arguments, chosen.refusal)


def _tried(number: int, seed: int) -> tuple[Input, runs.Outcome, list[str]]:
    """The input of that number, what a run made of it, and what does not hold."""
    folder = Path(tempfile.mkdtemp(prefix="mpp-fuzz-"))
    try:
        each = make(number, seed, folder)
        found = runs.run(each.arguments, folder)
        faults = runs.faults(each.arguments, found, each.refusal)
        if number % _TWICE == 0 and not faults:
            again = runs.run(each.arguments, folder)
            if (again.code, again.out, again.err) != (found.code, found.out, found.err):
                faults = ["another answer to the same bytes"]
        return each, found, faults
    finally:
        shutil.rmtree(folder)


def main() -> int:
    """Run and print a summary; 1 when something does not hold."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("--inputs", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="the number of the first input")
    parser.add_argument("--keep", type=Path, help="a folder for inputs of which something fails")
    parser.add_argument("-f", "--format", choices=("text", "json"), default="text")
    asked = parser.parse_args()
    # A copy of this process finds everything imported.
    import duckdb  # noqa: F401
    import openpyxl  # noqa: F401

    import mpp_cli.analysis.api  # noqa: F401

    counts: Counter[tuple[str, int]] = Counter()
    wrong: list[dict[str, object]] = []
    slowest, largest = 0.0, 0
    with suppress(KeyboardInterrupt):  # Ctrl-C: the summary is of those that ran
        for number in range(asked.first, asked.first + asked.inputs):
            each, found, faults = _tried(number, asked.seed)
            counts[each.format, found.code] += 1
            slowest, largest = max(slowest, found.seconds), max(largest, found.peak)
            if not faults:
                continue
            wrong.append(
                {
                    "number": number,
                    "format": each.format,
                    "change": each.change,
                    "command": " ".join(each.arguments),
                    "faults": faults,
                    "stderr": found.err[-600:],
                }
            )
            if asked.format == "text":
                print(json.dumps(wrong[-1], indent=2), flush=True)
            if asked.keep:
                # Made again, not copied: it may be a FIFO, or have been changed.
                kept = asked.keep / str(number)
                kept.mkdir(parents=True)
                make(number, asked.seed, kept)
    if asked.format == "json":
        json.dump({"inputs": counts.total(), "faults": wrong}, sys.stdout)
    else:
        _summary(counts, slowest, largest, len(wrong))
    return 1 if wrong else 0


def _summary(counts: Counter[tuple[str, int]], slowest: float, largest: int, wrong: int) -> None:
    codes = sorted({code for _, code in counts})
    print("| format | " + " | ".join(f"exit {code}" for code in codes) + " |")
    print("|---|" + "---:|" * len(codes))
    for name in dict.fromkeys(each.name for each in seeds.seeds()):
        cells = " | ".join(f"{counts[name, code]:,}" for code in codes)
        print(f"| {name} | {cells} |")
    print(f"\n{counts.total():,} inputs, {wrong:,} of which something does not hold; ", end="")
    print(f"slowest {slowest:.1f} s, largest {largest / 1e6:,.0f} MB")


if __name__ == "__main__":
    sys.exit(main())
