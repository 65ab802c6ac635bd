"""What a reader knows of answers of several dates, releases or definitions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator
from itertools import pairwise
from typing import Any

from tests.attack.cases import INSIDE
from tests.attack.solver import Knowledge

Answer = dict[str, Any]

#: Counts that lose cases again: only what is outside them, of their whole, grows.
LEAVES = {"pending_cases": "total_enrolled"}
PARTS = {
    "cases_completed": (
        *("relief_granted", "removal_ordered", "voluntary_departure", "terminated"),
        *("dismissed", "withdrawn", "other", "unknown"),
    ),
    "aliens_referred": ("positive", "negative", "closed", "pending"),
}
SHORT = {"cases_completed": "completed", "aliens_referred": "referred"}

#: The parts of a change that take cases away, whether or not their sign is printed.
LOST = ("record-removed", "revised-later", "revised-out", "revised-out-of-group")


class Several:
    """Cells that are known or hidden, and sums between them; what is not printed is a cell, too."""

    def __init__(self, document: Answer) -> None:
        self.document = document
        self.below = int(document["request"]["suppress_below"])
        self.known = Knowledge()
        self.hidden: dict[Hashable, bool] = {}
        self.unprinted: list[Hashable] = []
        self._seen: dict[Hashable, int] = {}

    def see(self, cell: Hashable, value: int | None, display: str = "") -> None:
        """Take up a printed cell: its value, or that it is hidden and what stands for it."""
        if value is None:
            small = display == f"<{self.below}"
            self.known.know({cell: 1}, 1, self.below - 1 if small else 1e5)
            self.hidden[cell] = self.hidden.get(cell, False) or small
        else:
            assert not 0 < value < self.below, f"{cell} is printed as {value}"
            assert self._seen.setdefault(cell, value) == value, cell
            self.known.know({cell: 1}, value)

    def has(self, cell: Hashable) -> bool:
        """Whether a cell is printed."""
        return cell in self._seen or cell in self.hidden

    def add(self, whole: Hashable, *parts: Hashable) -> None:
        """That parts add up to a whole; those that are not printed must not follow either."""
        terms: dict[Hashable, int] = {whole: 1}
        for part in parts:
            terms[part] = terms.get(part, 0) - 1
            if not self.has(part):
                self.unprinted.append(part)
        self.known.know(terms, 0)

    def targets(self) -> Iterator[tuple[Hashable, dict[Hashable, int], bool]]:
        """What must not be known, with whether it is marked as small."""
        for cell, small in self.hidden.items():
            yield cell, {cell: 1}, small
        for cell in dict.fromkeys(self.unprinted):
            yield cell, {cell: 1}, False

    def relate(self, name: Any) -> None:
        """What the definitions say of counts at one place; ``name`` makes a cell of a count."""
        for part, whole in INSIDE:
            if self.has(name(part)) and self.has(name(whole)):
                self.add(name(whole), name(part), ("rest", name(part), name(whole)))
        three = [name(each) for each in ("total_enrolled", "cases_completed", "pending_cases")]
        if all(map(self.has, three)):
            self.add(*three)
        for whole, parts in PARTS.items():
            cells = [name(f"{SHORT[whole]}_{part}") for part in parts]
            if self.has(name(whole)) and all(map(self.has, cells)):
                self.add(name(whole), *cells)


def read_trend(document: Answer) -> Several:
    """A trend: its points, and what happened between them."""
    reader = Several(document)
    units = {each["name"]: each["unit"] for each in document["measures"]}
    groups: dict[Hashable, list[Hashable]] = defaultdict(list)
    for series in document["series"]:
        group = tuple(series["by"].items())
        for point in series["points"]:
            for name, value in point["values"].items():
                if units[name] not in ("ratio", "days", "encounters"):
                    hidden = name in point.get("suppressed", ())
                    cell = (name, group, point["as_of"])
                    reader.see(cell, None if hidden else value)
                    groups[name, point["as_of"]] += [cell] if group else []
    for (name, day), cells in groups.items():  # type: ignore[misc]
        if cells:
            reader.add((name, (), day), *cells)
    for series in document["series"]:
        group = tuple(series["by"].items())
        days = [point["as_of"] for point in series["points"]]
        for day in days:
            reader.relate(lambda name, day=day, group=group: (name, group, day))
        for before, after in pairwise(days):
            for name in units:
                _step(reader, name, group, before, after)
    return reader


def _step(reader: Several, name: str, group: Hashable, before: str, after: str) -> None:
    was, now = (name, group, before), (name, group, after)
    if not reader.has(now) or name.startswith("referred_"):
        return
    if name not in LEAVES:
        reader.add(now, was, ("step", now))
        return
    outside = []
    for day in (before, after):
        whole, cell = (LEAVES[name], group, day), (name, group, day)
        if not reader.has(whole):
            return
        outside.append(("outside", cell))
        reader.add(whole, cell, outside[-1])
    reader.add(outside[1], outside[0], ("step", now))


def read_comparison(document: Answer) -> Several:
    """A comparison: both sides, what stayed, and every part of the change."""
    reader = Several(document)
    timed = any(
        "quarter" in metric["by"] or "fiscal_year" in metric["by"] for metric in document["metrics"]
    )
    for metric in document["metrics"]:
        # Metrics go by different dates, so that their groups of time are different ones.
        event = metric["name"] if timed else ""
        wholes: dict[tuple[str, str], list[Hashable]] = defaultdict(list)
        for row in [{"by": {}, "measures": metric["measures"]}, *metric["rows"]]:
            group: Hashable = (event, *row["by"].items()) if row["by"] else ()
            for measure in row["measures"]:
                if measure["unit"] in ("ratio", "encounters") or measure["status"] == "unavailable":
                    continue
                if measure["before"] is measure["after"] is None and not measure.get("suppressed"):
                    continue
                for place, cell in _see_change(reader, measure, group):
                    if row["by"]:
                        wholes[place].append(cell)
            for side in ("before", "after"):
                reader.relate(lambda name, side=side, group=group: (name, side, group))
        for (name, place), cells in wholes.items():
            if place not in ("revised-into-group", "revised-out-of-group"):
                reader.add((name, place, ()), *cells)
        for name in {name for name, _ in wholes}:
            into, out = (wholes.get((name, f"revised-{way}-group")) for way in ("into", "out-of"))
            if into and out:
                reader.add(("between", name, event), *into)
                reader.add(("between", name, event), *out)
    return reader


def _see_change(
    reader: Several, measure: Answer, group: Hashable
) -> Iterator[tuple[tuple[str, str], Hashable]]:
    name, hidden = measure["name"], measure.get("suppressed", ())
    for side in ("before", "after"):
        cell = (name, side, group)
        value = None if side in hidden else measure[side]
        reader.see(cell, value, measure["display"][side])
        yield (name, side), cell
    gained, lost = [], []
    for part in measure["parts"]:
        cell = (name, part["part"], group)
        value = None if part.get("suppressed") else abs(part["value"])
        reader.see(cell, value, part["display"])
        (lost if part["part"] in LOST else gained).append(cell)
        yield (name, part["part"]), cell
    if name not in LEAVES:
        stayed = ("stayed", name, group)
        reader.add((name, "after", group), stayed, *gained)
        reader.add((name, "before", group), stayed, *lost)
        reader.add(("gained", name, group), *gained)


def read_variants(document: Answer) -> Several:
    """A metric by several definitions: every figure, and the cases that move."""
    reader = Several(document)
    totals: dict[Hashable, list[Hashable]] = defaultdict(list)
    for variant in document["variants"]:
        rows = [{"by": {}, "measures": variant["measures"]}, *variant["rows"]]
        for row in rows:
            group = tuple(row["by"].items())
            for measure in row["measures"]:
                if measure["unit"] in ("ratio", "days", "completions", "referrals"):
                    continue
                cell = (measure["name"], variant["id"], group)
                hidden = measure.get("suppressed", False)
                reader.see(cell, None if hidden else measure["value"], measure["display"])
                if group:
                    totals[measure["name"], variant["id"], ()].append(cell)
                if variant["id"] != "document":
                    first = (measure["name"], "document", group)
                    if not measure.get("moves_suppressed"):
                        for way in ("in", "out"):
                            reader.see((way, cell), measure[f"moved_{way}"])
                    reader.add(cell, ("stayed", cell), ("in", cell))
                    reader.add(first, ("stayed", cell), ("out", cell))
            id = variant["id"]
            reader.relate(lambda name, id=id, group=group: (name, id, group))
    for whole, cells in totals.items():
        reader.add(whole, *cells)
    return reader


def read_reconciliation(document: Answer) -> Several:
    """Our figures beside published ones: those of groups, and from one date to the next."""
    reader = Several(document)
    days: dict[tuple[str, Hashable], dict[str, Hashable]] = defaultdict(dict)
    sums: dict[Hashable, list[Hashable]] = {}
    for figure in document["figures"]:
        name, day = figure["measure"], figure["as_of"]
        rows = [{"by": figure["by"], "ours": figure["ours"], "display": ""}, *figure["rows"]]
        for place, row in enumerate(rows):
            hidden = row.get("suppressed") if place else figure["status"] == "suppressed"
            group = tuple(sorted(row["by"].items()))
            if row["ours"] is not None or hidden:
                cell = (name, group, day)
                reader.see(cell, None if hidden else row["ours"], row["display"])
                days[name, group][day] = cell
                if place:
                    sums.setdefault((name, (), day), []).append(cell)
    for whole, cells in sums.items():
        reader.add(whole, *dict.fromkeys(cells))
    for (name, group), found in days.items():
        for before, after in pairwise(sorted(found)):
            _step(reader, name, group, before, after)
    for group, day in {(group, day) for (_, group), found in days.items() for day in found}:
        reader.relate(lambda name, group=group, day=day: (name, group, day))
    return reader
