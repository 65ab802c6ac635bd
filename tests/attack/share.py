"""How many cells are hidden besides the small ones: ``python -m tests.attack.share``.

The same question is asked twice, with and without suppression.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import Counter
from collections.abc import Hashable, Iterator
from pathlib import Path
from typing import Any

from tests.attack.inputs import Inputs
from tests.attack.report import metrics_of
from tests.harness import run

Answer = dict[str, Any]
Place = tuple[Hashable, ...]

#: What is counted of every command, in the order of the table.
COLUMNS = ("outputs", "cells", "small", "besides", "balances", "balances shown")

_NO_COUNTS = ("ratio", "days")


def cells(answer: Answer) -> Iterator[tuple[Place, int | None]]:
    """Every count of cases or events in an answer, with its place; None for a hidden one."""
    for metric in reported(answer):
        units = {each["name"]: each["unit"] for each in metric["measures"]}
        figures = {each["name"]: each["value"] for each in metric["measures"]}
        yield from _of(figures, units, (metric["name"],))
        for row in metric["rows"]:
            yield from _of(row["values"], units, (metric["name"], *row["by"].items()))
    for series in answer.get("series", ()):
        units = {each["name"]: each["unit"] for each in answer["measures"]}
        for point in series["points"]:
            yield from _of(point["values"], units, (*series["by"].items(), point["as_of"]))
    for metric in answer.get("metrics", ()):
        for row in [{"by": {}, "measures": metric["measures"]}, *metric["rows"]]:
            place = (metric["name"], *row["by"].items())
            for each in row["measures"]:
                if each["unit"] not in _NO_COUNTS:
                    yield (*place, each["name"], "before"), each["before"]
                    yield (*place, each["name"], "after"), each["after"]
                    for part in each["parts"]:
                        value = part["value"]
                        yield (*place, each["name"], part["part"]), value and abs(value)
    for variant in answer.get("variants", ()):
        for row in [{"by": {}, "measures": variant["measures"]}, *variant["rows"]]:
            for each in row["measures"]:
                if each["unit"] not in _NO_COUNTS:
                    yield (variant["id"], *row["by"].items(), each["name"]), each["value"]
    for number, figure in enumerate(answer.get("figures", ())):
        yield (number, "ours"), figure["ours"]
        for row in figure["rows"]:
            yield (number, *row["by"].items()), row["ours"]


def _of(values: Answer, units: dict[str, str], place: Place) -> Iterator[tuple[Place, int | None]]:
    for name, value in values.items():
        is_count = units.get(name, "cases") not in _NO_COUNTS and name != "months"
        if is_count and not name.startswith("share"):
            yield (*place, name), value


def reported(answer: Answer) -> list[Answer]:
    """The metrics of an answer that is a report, or like one; they have balances."""
    return metrics_of(answer) if answer["format"] in ("mpp-report/1", "mpp-metric/1") else []


def compared(number: int) -> tuple[str, Counter[str]]:
    """The command of a random question, and what is hidden of its answer."""
    found: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "data"
        folder.mkdir()
        inputs = Inputs(number)
        inputs.write(folder)
        question = inputs.question(folder)
        hidden = [*question, "--no-config", "-q", "-f", "json"]
        place = hidden.index("--suppress-below")
        plain = [*hidden[:place], *hidden[place + 2 :]]
        texts = [run(each)[1] for each in (hidden, plain)]
    if not all(texts):
        return question[0], found
    after, before = map(json.loads, texts)
    known = dict(cells(after))
    for where, value in cells(before):
        if value is not None:
            small = 0 < value < inputs.below
            found["cells"] += 1
            found["small"] += small
            found["besides"] += not small and known.get(where) is None
    found["balances"] = sum(len(each["ledger"]) for each in reported(before))
    found["balances shown"] = sum(len(each["ledger"]) for each in reported(after))
    found["outputs"] = 1
    return question[0], found


def main() -> None:
    """Count over random outputs what is small, what is hidden besides, and which balances."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--outputs", type=int, default=200)
    asked.add_argument("--seed", type=int, default=1)
    options = asked.parse_args()
    total: dict[str, Counter[str]] = {}
    for number in range(options.outputs):
        command, found = compared(options.seed * 1_000_003 + number)
        total.setdefault(command, Counter()).update(found)
        total.setdefault("together", Counter()).update(found)
    print("| command | " + " | ".join(COLUMNS) + " |")
    print("|---|" + "---:|" * len(COLUMNS))
    for command in sorted(total, key=lambda each: (each == "together", each)):
        print(f"| {command} | " + " | ".join(f"{total[command][c]:,}" for c in COLUMNS) + " |")


if __name__ == "__main__":
    main()
