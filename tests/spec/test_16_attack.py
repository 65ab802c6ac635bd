"""A reader of the JSON tries to work out what is hidden, with every number that is printed.

The reader knows only the output and the definitions: what adds up to what, what
lies inside what, that no count is below 0 and that a hidden one is not 0. An
integer program finds the least and the most that each hidden count can be.
"""

from __future__ import annotations

import datetime
import itertools
import json
import random
from collections import defaultdict
from collections.abc import Hashable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from mpp_cli.breakdown import event_date
from mpp_cli.goals import EVERY
from tests.harness import run
from tests.spec.draw import folder

N = 6
Cell = Hashable


class Reader:
    """Cells that are known or hidden, and equations between them."""

    def __init__(self) -> None:
        self.place: dict[Cell, int] = {}
        self.known: dict[Cell, int] = {}
        self.hidden: set[Cell] = set()
        self.marked: set[Cell] = set()
        self.equations: list[dict[Cell, int]] = []

    def see(self, cell: Cell, value: int | None, small: bool = False) -> None:
        self.place.setdefault(cell, len(self.place))
        if value is None:
            self.hidden.add(cell)
            self.marked |= {cell} if small else set()
        else:
            assert not 0 < value < N, f"{cell} is printed as {value}"
            assert self.known.setdefault(cell, value) == value, cell

    def add(self, whole: Cell, *parts: Cell) -> None:
        for cell in (whole, *parts):
            self.place.setdefault(cell, len(self.place))
        equation: dict[Cell, int] = defaultdict(int)
        equation[whole] += 1
        for part in parts:
            equation[part] -= 1
        self.equations.append(equation)

    def interval(self, cell: Cell) -> tuple[int, int]:
        size = len(self.place)
        low, high = np.zeros(size), np.full(size, 1e5)
        for each, at in self.place.items():
            if each in self.known:
                low[at] = high[at] = self.known[each]
            elif each in self.hidden:
                low[at] = 1
                if each in self.marked:
                    high[at] = N - 1
        matrix = np.zeros((len(self.equations), size))
        for row, equation in enumerate(self.equations):
            for each, sign in equation.items():
                matrix[row, self.place[each]] = sign
        ends = []
        for sign in (1, -1):
            target = np.zeros(size)
            target[self.place[cell]] = sign
            limits = [LinearConstraint(matrix, 0, 0)] if self.equations else []
            answer = milp(
                target, constraints=limits, bounds=Bounds(low, high), integrality=np.ones(size)
            )
            assert answer.status == 0, "the printed numbers contradict each other"
            ends.append(round(sign * answer.fun))
        return ends[0], ends[1]

    def guarded(self) -> Iterable[Cell]:
        """What must not be solved: hidden figures, and steps, parts and rests besides."""
        return [each for each in self.place if each not in self.known]

    def check(self) -> None:
        for cell in self.guarded():
            least, most = self.interval(cell)
            if cell in self.hidden:
                assert least < most, f"{cell} can only be {least}"
                if cell in self.marked:
                    assert (least, most) == (1, N - 1), cell
            else:
                # A rest that is solved must be nothing, or large enough.
                assert not (least == most and 0 < least < N), f"{cell} can only be {least}"


def made(seed: int) -> Path:
    """Cases of a few nationalities, some of them rare, with what happens to them."""
    chance = random.Random(seed)
    day = datetime.date(2019, 3, 1)
    tables: dict[str, list[str]] = {
        "cases": ["case_id,nta_filed_date,nta_issued_date,nationality,docket,representation_date"],
        "completions": ["case_id,completion_date,outcome,in_absentia,reopened_date"],
        "grants": ["case_id,granted_date,relief_type"],
        "referrals": ["case_id,referred_date,outcome,outcome_date"],
    }

    def later(from_: datetime.date, most: int) -> datetime.date:
        return from_ + datetime.timedelta(days=chance.randrange(most))

    for number in range(chance.choice([60, 150, 400])):
        name = f"C{number}"
        issued = later(day, 600)
        filed = later(issued, 20) if chance.random() < 0.97 else ""
        nationality = chance.choices(["CU", "HN", "GT", "PE", ""], [20, 30, 8, 2, 1])[0]
        docket = chance.choices(["mpp", "detained"], [12, 1])[0]
        counsel = later(issued, 300) if chance.random() < 0.1 else ""
        tables["cases"].append(f"{name},{filed},{issued},{nationality},{docket},{counsel}")
        if chance.random() < 0.6:
            done = later(issued, 400)
            outcomes = ["removal_ordered", "terminated", "relief_granted", "voluntary_departure"]
            outcome = chance.choices([*outcomes, "administratively_closed"], [9, 4, 1, 1, 1])[0]
            absent = chance.choice(["true", "true", "false", ""])
            again = later(done, 90) if chance.random() < 0.08 else ""
            tables["completions"].append(f"{name},{done},{outcome},{absent},{again}")
            if outcome == "relief_granted" or chance.random() < 0.05:
                kind = chance.choice(["asylum", "cat_deferral", "other", "cat_withholding"])
                tables["grants"].append(f"{name},{done},{kind}")
        if chance.random() < 0.3:
            first = later(issued, 60)
            said = chance.choice(["positive", "negative", "negative", "closed", "pending"])
            tables["referrals"].append(f"{name},{first},{said},{later(first, 60)}")
    return folder(**{name: "\n".join(lines) + "\n" for name, lines in tables.items()})


def asked(*arguments: str | Path) -> dict[str, Any]:
    code, out, err = run(
        [*map(str, arguments), "--suppress-below", str(N), "--no-config", "-q", "-f", "json"]
    )
    assert code == 0, err
    document: dict[str, Any] = json.loads(out)
    return document


#: A ratio by its metric and name: what it is a part of what.
RATIOS = {
    ("completion-rate", "completion_percentage"): ("cases_completed", "total_enrolled"),
    ("pending-cases", "share_of_enrolled"): ("pending_cases", "total_enrolled"),
    ("representation", "share_of_enrolled"): ("represented_cases", "total_enrolled"),
    ("in-absentia", "share_of_removal_orders"): ("in_absentia_orders", "removal_orders"),
    ("in-absentia", "share_of_completed"): ("in_absentia_orders", "cases_completed"),
}
#: Metrics that show other dockets beside their total.
COMPARED = ("completion-rate", "pending-cases", "time-to-completion")
INSIDE = [
    ("cases_completed", "total_enrolled"),
    ("relief_granted", "total_enrolled"),
    ("merits_decisions", "total_enrolled"),
    ("relief_granted", "merits_decisions"),
    ("removal_orders", "cases_completed"),
    ("in_absentia_orders", "removal_orders"),
    ("represented_cases", "total_enrolled"),
    ("cases_timed", "cases_completed"),
    ("cases_completed_again", "cases_completed"),
    ("relief_outside_completed", "relief_granted"),
    ("relief_outside_completed", "pending_cases"),
]


def relate(reader: Reader, key: Hashable) -> None:
    """What the definitions say of the counts of one group."""
    for part, whole in INSIDE:
        if (part, key) in reader.place and (whole, key) in reader.place:
            reader.add((whole, key), (part, key), ("rest", part, whole, key))
    three = [(name, key) for name in ("total_enrolled", "cases_completed", "pending_cases")]
    if all(cell in reader.place for cell in three):
        reader.add(*three)


def small(display: str) -> bool:
    return display == f"<{N}"


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(
    "options",
    [
        ["--by", "nationality"],
        ["--by", "docket"],
        ["--by", "nationality", "--by", "docket"],
        ["--where", "nationality=GT"],
        ["--by", "quarter"],
        ["--by", "fiscal_year", "--by", "nationality"],
        [],
    ],
    ids=" ".join,
)
def test_a_report_with_what_lies_beyond_the_document(seed: int, options: list[str]) -> None:
    document = asked(
        "report", "--additional", "--data", made(seed), "--as-of", "2021-01-31", *options
    )
    metrics = [each for goal in document["goals"] for each in goal["metrics"]]
    reader = Reader()
    keys: set[Hashable] = {()}
    for metric in [*metrics, *document["additional"]]:
        units = {each["name"]: each["unit"] for each in metric["measures"]}
        for each in metric["measures"]:
            if each["unit"] not in ("ratio", "days", "encounters"):
                hidden = each["suppressed"]
                shown = None if hidden else each["value"]
                if each["display"] != "unavailable":
                    reader.see((each["name"], ()), shown, small(each["display"]))
            elif each["value"] is not None and (metric["name"], each["name"]) in RATIOS:
                for name in RATIOS[metric["name"], each["name"]]:
                    # A ratio is only printed beside both of its counts.
                    assert (name, ()) in reader.known or any(
                        other["name"] == name and not other["suppressed"]
                        for other in metric["measures"]
                    )
        columns: dict[str, list[Cell]] = defaultdict(list)
        for row in metric["rows"]:
            by = {name: value for name, value in row["by"].items() if name != "outcome"}
            key: Hashable = tuple(by.items())
            if any("quarter" in name or "year" in name for name in by):
                # Metrics that go by the same event have the same groups of time.
                known = EVERY[metric["name"]]
                key = (event_date(known, known.measures), key)
            keys.add(key)
            for name, value in row["values"].items():
                if units.get(name) in ("ratio", "days") or name.startswith("share"):
                    continue
                counted = name
                if name == "cases":
                    counted = f"{metric['headline']}: {row['by']['outcome']}"
                    if counted == "cases_completed: removal_ordered":
                        counted = "removal_orders"
                    columns[metric["headline"], key].append((counted, key))  # type: ignore[index]
                if name in row.get("suppressed", ()):
                    reader.see((counted, key), None)
                else:
                    reader.see((counted, key), value)
                if by.get("docket", "mpp") == "mpp" or metric["name"] not in COMPARED:
                    columns[counted].append((counted, key))
        for place, cells in columns.items():
            if isinstance(place, tuple):
                reader.add(place, *cells)
            elif cells and cells[0] != (place, ()) and (place, ()) in reader.place:
                reader.add((place, ()), *cells)
    for key in keys:
        relate(reader, key)
    reader.check()


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    "options",
    [
        ["completion-rate", "--every", "month"],
        ["completion-rate", "--every", "quarter", "--by", "nationality"],
        ["pending-cases", "--every", "quarter"],
        ["relief-granted", "--every", "quarter", "--by", "docket"],
        ["in-absentia", "--every", "fiscal_year", "--by", "nationality"],
    ],
    ids=" ".join,
)
def test_a_trend_and_what_happened_between_its_points(seed: int, options: list[str]) -> None:
    document = asked("trend", *options, "--data", made(seed), "--to", "2020-12-31")
    counts = [
        each["name"] for each in document["measures"] if each["unit"] not in ("ratio", "days")
    ]
    reader = Reader()
    groups: dict[Hashable, list[Hashable]] = defaultdict(list)
    for series in document["series"]:
        group = tuple(series["by"].items())
        for name in counts:
            before: Cell | None = None
            for point in series["points"]:
                key = (group, point["as_of"])
                hidden = name in point.get("suppressed", ())
                reader.see((name, key), None if hidden else point["values"][name])
                if group:
                    groups[name, point["as_of"]].append((name, key))
                if before is not None and name != "pending_cases":
                    reader.add((name, key), before, ("step", name, key))
                before = (name, key)
        for point in series["points"]:
            relate(reader, (group, point["as_of"]))
    for (name, day), cells in groups.items():  # type: ignore[misc]
        reader.add((name, ((), day)), *cells)
    if "pending_cases" in counts:
        done: Cell | None = None
        for point in document["series"][0]["points"]:
            key = ((), point["as_of"])
            completed = ("completed", key)
            reader.add(("total_enrolled", key), ("pending_cases", key), completed)
            if done is not None:
                reader.add(completed, done, ("step", completed))
            done = completed
    reader.check()


def earlier(data: Path, seed: int) -> Path:
    """An earlier release of the same cases: fewer, other dates, other groups."""
    chance = random.Random(seed + 1000)
    tables = {}
    for name in ("cases", "completions", "grants", "referrals"):
        header, *lines = (data / f"{name}.csv").read_text().splitlines()
        kept = [line for line in lines if chance.random() < 0.95]
        if name == "cases":
            fields = [line.split(",") for line in kept]
            for row in fields:
                if chance.random() < 0.08:
                    row[3] = chance.choice(["CU", "HN", "GT", "PE", ""])
                if chance.random() < 0.04:
                    row[1] = chance.choice(["", "2020-05-05", "2020-11-11"])
            kept = [",".join(row) for row in fields]
        tables[name] = "\n".join([header, *kept]) + "\n"
    return folder(**tables)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("against", ["2020-06-30", "2020-12-20", "another release"])
@pytest.mark.parametrize(
    "by", [[], ["--by", "nationality"], ["--by", "quarter", "--by", "docket"]], ids=" ".join
)
def test_a_comparison_and_its_parts(seed: int, against: str, by: list[str]) -> None:
    data = made(seed)
    other = ["--with-data", earlier(data, seed)] if "release" in against else ["--with", against]
    document = asked("compare", "--data", data, "--as-of", "2020-12-31", *other, *by)
    reader = Reader()
    keys: set[Hashable] = set()
    for metric in document["metrics"]:
        wholes: dict[tuple[str, str], list[Cell]] = defaultdict(list)
        # Metrics go by different dates, so their groups of time are different ones.
        timed = metric["name"] if "quarter" in by else ""
        for row in [{"by": {}, "measures": metric["measures"]}, *metric["rows"]]:
            group = (timed, tuple(row["by"].items())) if row["by"] else ()
            keys.add(group)
            for place, cell in _see_changes(reader, row["measures"], group):
                if row["by"]:
                    wholes[place].append(cell)
        for (name, place), cells in wholes.items():
            # All groups have the sign of the part, so what is printed adds up without it.
            if place not in ("revised-into-group", "revised-out-of-group"):
                reader.add((name, place, ()), *cells)
        for name in {name for name, _ in wholes}:
            into, out = (wholes[name, f"revised-{way}-group"] for way in ("into", "out-of"))
            if into or out:
                reader.add(("between", name, timed), *into)
                reader.add(("between", name, timed), *out)
    for key in keys:
        for side in ("before", "after"):
            relate_at(reader, side, key)
    reader.check()


def _see_changes(
    reader: Reader, measures: list[dict[str, Any]], group: Hashable
) -> Iterable[tuple[tuple[str, str], Cell]]:
    """The figures and parts of one group, and how they make each other up."""
    for measure in measures:
        if measure["unit"] in ("ratio", "encounters") or measure["status"] != "ok":
            continue
        name, hidden = measure["name"], measure.get("suppressed", ())
        for side in ("before", "after"):
            shown = measure["display"][side]
            cell = (name, side, group)
            reader.see(cell, None if side in hidden else measure[side], small(shown))
            yield (name, side), cell
        gained: list[Cell] = []
        lost: list[Cell] = []
        for part in measure["parts"]:
            cell = (name, part["part"], group)
            value = None if part.get("suppressed") else abs(part["value"])
            reader.see(cell, value, small(part["display"]))
            (lost if part["part"] in LOST else gained).append(cell)
            yield (name, part["part"]), cell
        kept = ("kept", name, group)
        reader.add((name, "after", group), kept, *gained)
        reader.add((name, "before", group), kept, *lost)
        if gained:
            reader.add(("gained", name, group), *gained)


#: The parts that take cases away, whether or not their sign is printed.
LOST = ("record-removed", "revised-later", "revised-out", "revised-out-of-group")


def relate_at(reader: Reader, side: str, group: Hashable) -> None:
    """What the definitions say of the counts of one side of one group."""
    for part, whole in INSIDE:
        cells = [(name, side, group) for name in (part, whole)]
        if all(cell in reader.place for cell in cells):
            reader.add(cells[1], cells[0], ("rest", part, whole, side, group))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("metric", ["completion-rate", "relief-granted", "pending-cases"])
@pytest.mark.parametrize("by", [[], ["--by", "nationality"]], ids=str)
def test_variants_and_their_differences(seed: int, metric: str, by: list[str]) -> None:
    document = asked("variants", metric, "--data", made(seed), "--as-of", "2020-12-31", *by)
    reader = Reader()
    totals: dict[Cell, list[Cell]] = defaultdict(list)
    for variant in document["variants"]:
        groups = [((), variant["measures"])]
        groups += [(tuple(row["by"].items()), row["measures"]) for row in variant["rows"]]
        for group, measures in groups:
            for measure in measures:
                if measure["unit"] in ("ratio", "days", "completions"):
                    continue
                key = (variant["id"], group)
                cell = (measure["name"], key)
                first = (measure["name"], ("document", group))
                hidden = measure.get("suppressed", False)
                shown = small(measure["display"])
                reader.see(cell, None if hidden else measure["value"], shown)
                totals[measure["name"], (variant["id"], ())] += [cell] if group else []
                if variant["id"] == "document":
                    continue
                moved_in, moved_out = ("in", cell), ("out", cell)
                if not measure.get("moves_suppressed"):
                    reader.see(moved_in, measure["moved_in"])
                    reader.see(moved_out, measure["moved_out"])
                reader.add(cell, ("kept", cell), moved_in)
                reader.add(first, ("kept", cell), moved_out)
            relate(reader, (variant["id"], group))
    for whole, cells in totals.items():
        if cells:
            reader.add(whole, *cells)
    figures: dict[Hashable, list[int]] = defaultdict(list)
    for (name, key), value in reader.known.items():  # type: ignore[misc]
        if name not in ("in", "out", "kept"):
            for other in figures[name, key[1]]:
                assert not 0 < abs(value - other) < N
            figures[name, key[1]].append(value)
    reader.check()


def test_a_reconciliation_tells_no_small_count(tmp_path: Path) -> None:
    data, path = made(1), tmp_path / "published.csv"
    path.write_text(
        "as_of,measure,value,variant\n"
        "2020-12-31,total_enrolled,300,nta-issue-date\n"
        "2020-12-30,total_enrolled,300,\n"
        "2020-12-31,relief_granted,3,any-relief\n"
    )
    code, out, _ = run(
        [
            *("reconcile", str(path), "--data", str(data), "--suppress-below", "200"),
            *("--check", "--tolerance", "100%", "--no-config", "-q", "-f", "json"),
        ]
    )
    figures = json.loads(out)["figures"]
    assert code == 5  # Nothing is checked of what is hidden.
    assert {each["status"] for each in figures} == {"suppressed"}
    for each in figures:
        assert (each["ours"], each["difference"], each["share"]) == (None, None, None)
        assert each["within_tolerance"] is None
        assert all(other["value"] is None for other in each["variants"])


COUNTED = [
    *("total_enrolled", "cases_completed", "relief_granted", "merits_decisions"),
    *("removal_orders", "in_absentia_orders", "represented_cases", "referred_closed"),
]
DAYS = ["2020-03-31", "2020-06-30", "2020-07-15", "2020-12-31"]


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    "by", [["nationality"], ["docket"], ["nationality", "docket"], ["quarter"]], ids="-".join
)
def test_our_groups_beside_published_totals(seed: int, by: list[str], tmp_path: Path) -> None:
    chance, path = random.Random(seed), tmp_path / "published.csv"
    lines = [",".join(["as_of,measure,value,variant", *by])]
    for day in DAYS:
        for name in chance.sample(COUNTED, 6):
            variant = "nta-issue-date" if name == "total_enrolled" else ""
            lines.append(f"{day},{name},100,{variant}" + "," * len(by))
    # Somebody has published a group, too; it is also one of the groups of the total.
    lines += [f"{day},total_enrolled,5,,GT" for day in DAYS if by == ["nationality"]]
    path.write_text("\n".join(lines) + "\n")
    options = [word for column in by for word in ("--by", column)]
    document = asked("reconcile", path, "--data", made(seed), *options)
    reader, hidden_at_all = Reader(), 0
    days: dict[tuple[str, Hashable], dict[str, Cell]] = defaultdict(dict)
    totals: dict[tuple[str, str], list[Cell]] = {}
    for figure in document["figures"]:
        name, day = figure["measure"], figure["as_of"]
        own = tuple(sorted(figure["by"].items()))
        seen = [(own, figure["ours"], figure["status"] == "suppressed", "")]
        for row in figure["rows"]:
            hidden = row.get("suppressed", False)
            seen.append((tuple(sorted(row["by"].items())), row["ours"], hidden, row["display"]))
        for key, value, hidden, display in seen:
            cell = (name, (key, day))
            reader.see(cell, None if hidden else value, small(display))
            days[name, key][day] = cell
            hidden_at_all += hidden
        if not own:
            totals[name, day] = [(name, (key, day)) for key, *_ in seen[1:]]
    for (name, day), cells in totals.items():
        reader.add((name, ((), day)), *cells)
    for cells in days.values():
        in_order = [cells[day] for day in DAYS if day in cells]
        for before, after in itertools.pairwise(in_order):
            reader.add(after, before, ("step", after))
    if by != ["quarter"]:
        for key in {(key, day) for (_, key), cells in days.items() for day in cells}:
            relate(reader, key)
    assert hidden_at_all
    reader.check()
