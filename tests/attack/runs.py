"""One attack: random data, a random question, every format, and what follows from the answer."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.attack.formats import told_besides
from tests.attack.inputs import Inputs
from tests.attack.report import Reader
from tests.attack.several import read_comparison, read_reconciliation, read_trend, read_variants
from tests.attack.solver import Contradiction
from tests.harness import run

#: The commands whose answers are figures as of one date, and what reads the others.
REPORTS = ("report", "metric", "explain")
READ = {
    "trend": read_trend,
    "compare": read_comparison,
    "variants": read_variants,
    "reconcile": read_reconciliation,
}


@dataclass
class Found:
    """What attacks found, by command."""

    outputs: Counter[str] = field(default_factory=Counter)
    hidden: Counter[str] = field(default_factory=Counter)
    exact: Counter[str] = field(default_factory=Counter)
    narrow: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def add(self, other: Found) -> None:
        """Take up what another attack found."""
        for name in ("outputs", "hidden", "exact", "narrow"):
            getattr(self, name).update(getattr(other, name))
        self.faults += other.faults

    def table(self) -> str:
        """The numbers as a Markdown table."""
        lines = [
            "| command | outputs | counts asked for | exact small counts | "
            "narrower than the mark |",
            "|---|---:|---:|---:|---:|",
        ]
        for name in sorted(self.outputs):
            cells = (each[name] for each in (self.outputs, self.hidden, self.exact, self.narrow))
            lines.append(f"| {name} | " + " | ".join(f"{each:,}" for each in cells) + " |")
        return "\n".join(lines)


def attack(seed: int) -> Found:
    """One attack; the seed makes it again."""
    inputs, found = Inputs(seed), Found()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "data"
        folder.mkdir()
        inputs.write(folder)
        question = inputs.question(folder)
        code, out, err = run([*question, "--no-config", "-q", "-f", "json"])
        # The data lack what the question needs, or no case meets its condition.
        if code == 3 or "no case has" in err:
            return found
        assert code == 0, (question, err)
        document = json.loads(out)
        texts = {
            format: run([*question, "--no-config", "-q", "-f", format])[1].decode()
            for format in ("csv", "markdown")
            if (question[0], format) != ("explain", "csv")
        }
    command = question[0]
    found.outputs[command] += 1
    where = " ".join(question)
    for format, text in texts.items():
        if besides := told_besides(document, text, format):
            found.faults.append(f"{format} tells {besides} besides: {where}")
    try:
        ask(command, document, texts.get("csv", ""), found, where)
    except Contradiction as wrong:
        found.faults.append(f"the numbers contradict each other ({wrong}): {where}")
    except AssertionError as wrong:
        found.faults.append(f"{wrong}: {where}")
    return found


def ask(command: str, document: dict[str, Any], table: str, found: Found, where: str) -> None:
    """Ask of everything that is hidden what it can be."""
    reader = Reader(document, displays(table)) if command in REPORTS else READ[command](document)
    below = reader.below
    for name, terms, small in reader.targets():
        found.hidden[command] += 1
        least, most = reader.known.possible(terms)
        # What can be so many things is not asked for any further.
        wide = (least <= 1 and most >= below - 1) if small else (least < 1 or most >= below)
        if wide and least <= most:
            continue
        least, most = reader.known.interval(terms)
        inside = least >= 1 and most < below
        if inside and least == most:
            found.exact[command] += 1
            found.faults.append(f"{name} can only be {least}: {where}")
        elif (small or inside) and (least, most) != (1, below - 1):
            found.narrow[command] += 1
            found.faults.append(f"{name} is from {least} to {most}: {where}")


def displays(table: str) -> dict[Hashable, str]:
    """How every figure of a report is shown, from its CSV."""
    found: dict[Hashable, str] = {}
    fixed = ("as_of", "goal", "metric", "measure", "label", "value", "display", "unit", "status")
    for row in csv.DictReader(io.StringIO(table)):
        by = {k: v for k, v in row.items() if k not in (*fixed, "footnotes") and v}
        found[_place(row["metric"], row["measure"], by)] = row["display"]
    return found


def _place(metric: str, measure: str, by: dict[str, str]) -> Hashable:
    return (metric, measure, *((k, _blank(v)) for k, v in by.items()))


def _blank(value: str) -> str | int | None:
    if value == "(blank)":
        return None
    return int(value) if value.isdigit() else value
