"""How many cells are hidden besides the small ones: ``python -m tests.attack.share``.

The same question is asked twice, with and without suppression.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.attack.inputs import Inputs
from tests.harness import run


def counts(document: dict[str, Any]) -> Iterator[tuple[Any, int | None]]:
    """Every count of cases or events in an answer, with its place; None for a hidden one."""

    def of(values: dict[str, Any], units: dict[str, str], place: Any) -> Iterator[Any]:
        for name, value in values.items():
            if units.get(name, "cases") not in ("ratio", "days") and name != "months":
                if not name.startswith("share"):
                    yield (*place, name), value

    metrics = [
        *([document["metric"]] if document["format"] == "mpp-metric/1" else []),
        *(
            metric
            for goal in document.get("goals", ())
            if isinstance(goal, dict)
            for metric in goal["metrics"]
        ),
        *document.get("additional", ()),
    ]
    for metric in metrics:
        units = {each["name"]: each["unit"] for each in metric["measures"]}
        figures = {each["name"]: each["value"] for each in metric["measures"]}
        yield from of(figures, units, (metric["name"],))
        for row in metric.get("rows", ()):
            yield from of(row["values"], units, (metric["name"], *row["by"].items()))
    units = {each["name"]: each["unit"] for each in document.get("measures", ()) if "unit" in each}
    for series in document.get("series", ()):
        for point in series["points"]:
            yield from of(point["values"], units, (*series["by"].items(), point["as_of"]))
    for metric in document.get("metrics", ()):
        for row in [{"by": {}, "measures": metric["measures"]}, *metric["rows"]]:
            for each in row["measures"]:
                place = (metric["name"], *row["by"].items(), each["name"])
                if each["unit"] not in ("ratio", "days"):
                    yield (*place, "before"), each["before"]
                    yield (*place, "after"), each["after"]
                    for part in each["parts"]:
                        value = part["value"]
                        yield (*place, part["part"]), value if value is None else abs(value)
    for variant in document.get("variants", ()):
        rows = [{"by": {}, "measures": variant["measures"]}, *variant["rows"]]
        for row in rows:
            for each in row["measures"]:
                if each["unit"] not in ("ratio", "days"):
                    yield (variant["id"], *row["by"].items(), each["name"]), each["value"]
    for place, figure in enumerate(document.get("figures", ())):
        yield (place, "ours"), figure["ours"]
        for row in figure["rows"]:
            yield (place, *row["by"].items()), row["ours"]


def main() -> None:
    """Count over random outputs what is small, what is hidden besides, and which balances."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--outputs", type=int, default=200)
    asked.add_argument("--seed", type=int, default=1)
    options = asked.parse_args()
    total: dict[str, list[int]] = {}
    for number in range(options.outputs):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name) / "data"
            folder.mkdir()
            inputs = Inputs(options.seed * 1_000_003 + number)
            inputs.write(folder)
            question = inputs.question(folder)
            arguments = [*question, "--no-config", "-q", "-f", "json"]
            plain = [*arguments]
            place = plain.index("--suppress-below")
            del plain[place : place + 2]
            answers = [run(each) for each in (arguments, plain)]
        if any(code for code, _, _ in answers):
            total.setdefault("failed", [0, 0, 0, 0, 0, 0])[0] += 1
            if answers[0][0] not in (2, 3):
                print(number, question, answers[0][2][-300:])
            continue
        hidden, open_ = (json.loads(out) for _, out, _ in answers)
        known, truth = dict(counts(hidden)), dict(counts(open_))
        found = total.setdefault(question[0], [0, 0, 0, 0, 0, 0])
        for place, value in truth.items():
            if value is not None:
                small = 0 < value < inputs.below
                found[0] += 1
                found[1] += small
                found[2] += not small and known.get(place) is None
        found[3] += sum(len(each.get("ledger", ())) for each in _metrics(open_))
        found[4] += sum(len(each.get("ledger", ())) for each in _metrics(hidden))
        found[5] += 1
    for name, found in [*total.items(), ("all", [sum(x) for x in zip(*total.values())])]:
        print(name, dict(zip(["cells", "small", "besides", "balances", "shown", "outputs"], found)))


def _metrics(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        *([document["metric"]] if document["format"] == "mpp-metric/1" else []),
        *(
            m
            for goal in document.get("goals", ())
            if isinstance(goal, dict)
            for m in goal["metrics"]
        ),
        *document.get("additional", ()),
    ]


if __name__ == "__main__":
    main()
