"""Small counts are hidden, and nothing that is printed tells what they were.

The last part attacks the output as a reader would: it knows only the JSON, takes
every printed number as an equation, and tries to solve for what is hidden.
"""

from __future__ import annotations

import csv
import datetime
import io
import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from mpp_cli import disclosure
from mpp_cli.formats import render
from mpp_cli.goals import GOALS, METRICS
from mpp_cli.results.report import (
    Excluded,
    Goal,
    Head,
    Ledger,
    Measure,
    Metric,
    Report,
    Request,
    Row,
    Value,
)
from mpp_cli.results.rounding import display, ratio
from tests.harness import run
from tests.spec.draw import folder

N = 5


# --- on the command line -----------------------------------------------------------


def cases_of(groups: dict[str, tuple[int, int]]) -> Path:
    """A folder of cases by nationality: how many are enrolled, and how many of them completed."""
    cases, completions = ["case_id,nta_filed_date,nationality"], ["case_id,completion_date,outcome"]
    for name, (enrolled, completed) in groups.items():
        for place in range(enrolled):
            cases.append(f"{name}{place},2019-06-03,{name}")
            if place < completed:
                completions.append(f"{name}{place},2020-02-03,terminated")
    return folder(cases="\n".join(cases) + "\n", completions="\n".join(completions) + "\n")


@pytest.fixture(scope="module")
def data() -> Path:
    return cases_of({"CU": (40, 20), "HN": (60, 30), "PE": (9, 2), "GT": (30, 12), "XX": (7, 0)})


def mpp(*arguments: str) -> tuple[int, str, str]:
    code, out, err = run([*arguments, "--as-of", "2020-12-31", "--no-config"])
    return code, out.decode(), err


def suppressed(data: Path, *more: str) -> dict[str, Any]:
    code, out, err = mpp(
        *("metric", "completion-rate", "--data", str(data), "--suppress-below", str(N)),
        *("-f", "json", *more),
    )
    assert code == 0, err
    document: dict[str, Any] = json.loads(out)
    return document


def row(document: dict[str, Any], name: str) -> dict[str, Any]:
    rows = document["metric"]["rows"]
    found: dict[str, Any] = next(each for each in rows if each["by"]["nationality"] == name)
    return found


def test_a_small_count_is_hidden_with_its_ratio_and_one_more_count(data: Path) -> None:
    document = suppressed(data, "--by", "nationality")
    small = row(document, "PE")
    assert small["values"] == {
        "total_enrolled": 9,
        "cases_completed": None,
        "completion_percentage": None,
    }
    assert small["suppressed"] == ["cases_completed", "completion_percentage"]
    # The smallest that is large enough to hide behind.
    other = row(document, "GT")
    assert other["suppressed"] == ["cases_completed", "completion_percentage"]
    assert "suppressed" not in row(document, "CU")
    assert [each["suppressed"] for each in document["metric"]["measures"]] == [False] * 3
    assert document["request"]["suppress_below"] == N


def test_0_is_shown(data: Path) -> None:
    assert row(suppressed(data, "--by", "nationality"), "XX")["values"]["cases_completed"] == 0


def test_every_format_hides_the_same(data: Path) -> None:
    arguments = ["metric", "completion-rate", "--data", str(data), "--by", "nationality"]
    arguments += ["--suppress-below", str(N)]
    _, text, _ = mpp(*arguments)
    (line,) = [each.split() for each in text.splitlines() if each.startswith("PE")]
    assert line == ["PE", "9", "<5", "withheld"]
    _, page, _ = mpp(*arguments, "-f", "markdown")
    assert r"\<5" in page
    _, table, _ = mpp(*arguments, "-f", "csv")
    lines = csv.DictReader(io.StringIO(table))
    found = {(each["nationality"], each["measure"]): each for each in lines}
    hidden = found["PE", "cases_completed"]
    assert (hidden["value"], hidden["display"]) == ("", "<5")
    # What is hidden says so, and nothing else does.
    assert hidden["footnotes"].endswith("; suppressed")
    assert "suppressed" not in found["PE", "total_enrolled"]["footnotes"]
    assert "suppressed" not in found["", "cases_completed"]["footnotes"]
    for each in (text, page):
        assert "Counts from 1 to 4 are shown as" in " ".join(each.split())
        assert "comparison with" in " ".join(each.split())


def test_a_balance_of_events_does_not_tell_the_cases_they_are_of() -> None:
    """One of 20 cases is pending: how many are completed is withheld, and 19 is nowhere."""
    data = cases_of({"CU": (20, 19)})
    code, out, err = mpp(
        *("report", "--data", str(data), "--additional", "--suppress-below", "3", "-f", "json")
    )
    assert code == 0, err
    metrics = [each for goal in json.loads(out)["goals"] for each in goal["metrics"]]
    metrics += json.loads(out)["additional"]
    numbers = [
        number
        for metric in metrics
        for ledger in metric["ledger"]
        for number in (
            ledger["population"],
            ledger["counted"],
            *(each["count"] for each in ledger["excluded"]),
        )
    ]
    assert not {1, 19} & {*numbers}
    assert 19 not in [each["value"] for metric in metrics for each in metric["measures"]]


def test_a_small_figure_alone() -> None:
    few = cases_of({"PE": (9, 2)})
    document = suppressed(few)
    enrolled, completed, share = document["metric"]["measures"]
    assert (enrolled["value"], completed["value"], share["value"]) == (9, None, None)
    assert (completed["display"], completed["suppressed"]) == ("<5", True)
    assert "suppressed" in completed["footnotes"]
    assert [each["measure"] for each in document["metric"]["ledger"]] == ["total_enrolled"]
    arguments = ["metric", "completion-rate", "--data", str(few), "--suppress-below", "5"]
    code, out, _ = mpp(*arguments, "--measure", "cases_completed", "-f", "value")
    assert (code, out) == (0, "<5\n")
    # A script looks for one mark, whatever is hidden; the percentage is hidden with its part.
    code, out, _ = mpp(*arguments, "-f", "value")
    assert (code, out) == (0, "<5\n")


def test_a_small_rest_hides_the_part() -> None:
    """Enrolled less completed is the number of pending cases, which is a count, too."""
    document = suppressed(cases_of({"PE": (40, 38)}))
    assert [each["display"] for each in document["metric"]["measures"]] == [
        *("40", "withheld", "withheld")
    ]


def test_a_balance_with_a_small_count_is_withheld(data: Path) -> None:
    more = folder(
        cases=(data / "cases.csv").read_text() + "A,,CU\nB,,CU\n",
        completions=(data / "completions.csv").read_text(),
    )
    metric = suppressed(more)["metric"]
    assert metric["ledger"] == []
    assert any("withheld" in note for note in metric["notes"])
    assert [each["suppressed"] for each in metric["measures"]] == [False] * 3


def test_explain_hides_what_the_rules_removed() -> None:
    few = cases_of({"PE": (9, 2)})
    code, out, _ = mpp(
        *("explain", "completion-rate", "--data", str(few), "--suppress-below", "5", "-f", "json")
    )
    assert code == 0
    measures = {each["name"]: each for each in json.loads(out)["measures"]}
    assert {each["removed"] for each in measures["cases_completed"]["rules"]} == {None}
    assert measures["cases_completed"]["counted"] is None


@pytest.mark.parametrize("below", ["0", "1", "2", "-1", "few"])
def test_a_threshold_that_hides_nothing_is_refused(data: Path, below: str) -> None:
    # Before anything is read: the second table would be refused.
    for each in (data, folder(cases="no such column\n1\n")):
        code, out, err = mpp("report", "--data", str(each), "--suppress-below", below)
        assert (code, out) == (2, "")
        assert "--suppress-below" in err


def test_the_threshold_can_stand_in_the_config_file(data: Path, tmp_path: Path) -> None:
    config = tmp_path / "mpp.toml"
    config.write_text("suppress-below = 5\n")
    code, out, _ = run(
        *[["metric", "completion-rate", "--data", str(data), "--config", str(config), "-f", "json"]]
    )
    assert code == 0
    assert json.loads(out)["request"]["suppress_below"] == 5
    config.write_text("suppress-below = 2\n")
    code, _, err = run(["report", "--data", str(data), "--config", str(config)])
    assert code == 2
    assert "a whole number from 3" in err


def test_without_the_option_nothing_is_hidden(data: Path) -> None:
    _, out, _ = mpp("report", "--data", str(data), "--by", "nationality", "-f", "json")
    assert '"suppressed": true' not in out
    assert "withheld" not in out


def test_warnings_tell_no_small_count(data: Path) -> None:
    early = folder(
        cases=(data / "cases.csv").read_text() + "A,2018-06-03,CU\nB,2018-06-03,CU\n",
        completions=(data / "completions.csv").read_text(),
    )
    texts = {each["id"]: each["text"] for each in suppressed(early)["warnings"]}
    assert texts["nta-before-programme"].startswith("<5 MPP cases have an NTA filed before 2019")


def test_a_remark_on_a_hidden_figure_is_withheld() -> None:
    few = cases_of({"PE": (9, 2)})
    (few / "published.csv").write_text("as_of,measure,value\n2020-12-31,cases_completed,3\n")
    document = suppressed(few)
    assert [each["id"] for each in document["warnings"]] == ["as-of-beyond-data"]
    assert not any("as published" in note for note in document["metric"]["notes"])


# --- generated tables ----------------------------------------------------------------

counts = st.one_of(st.integers(0, 6), st.integers(0, 30), st.integers(20, 2000))


@st.composite
def tables(draw: st.DrawFn) -> tuple[Report, int]:
    """A whole document by nationality, and the N below which counts are to be hidden."""
    below = draw(st.sampled_from([3, 5, 11]))
    names = ["CU", "HN", "PE", "GT", None][: draw(st.integers(1, 5))]
    enrolled, completed, relief, referred = {}, {}, {}, {}
    for name in names:
        enrolled[name] = draw(counts)
        completed[name] = draw(part_of(enrolled[name]))
        relief[name] = draw(part_of(enrolled[name]))
        referred[name] = draw(counts)
    elsewhere, unfiled, late = draw(counts), draw(counts), draw(counts)
    start = [("mpp-docket", elsewhere), ("nta-filed-only", unfiled)]
    totals = [sum(each.values()) for each in (enrolled, completed, relief, referred)]
    population = elsewhere + unfiled + late + totals[0]
    more = draw(st.integers(0, totals[0] - totals[1]))
    kinds = draw(st.integers(0, totals[0] - totals[2]))
    ledgers = {
        "total_enrolled": [*start, ("as-of", late)],
        "cases_completed": [
            *start,
            ("no-completion", more),
            ("initial-completions-only", 0),
            ("as-of", late + totals[0] - totals[1] - more),
        ],
        "relief_granted": [
            *start,
            ("no-grant", kinds),
            ("relief-kinds", 0),
            ("as-of", late + totals[0] - totals[2] - kinds),
        ],
    }
    columns: dict[str, dict[str | None, int]] = {
        "total_enrolled": enrolled,
        "cases_completed": completed,
        "relief_granted": relief,
        "aliens_referred": referred,
    }
    by = draw(st.booleans())
    encounters = draw(encounter_rows())
    goals = []
    for goal in GOALS:
        metrics = tuple(
            encounter_metric(encounters)
            if each.name == "enforcement-encounters"
            else case_metric(each.name, columns, by, ledgers, population)
            for each in goal.metrics
        )
        goals.append(Goal(goal.number, goal.text, metrics))
    request = Request("report", ("x",), by=("nationality",) if by else (), suppress_below=below)
    day = datetime.date(2020, 12, 31)
    return Report(Head("0", "e", "d", day, "t", request, (), False, ()), (), tuple(goals)), below


def part_of(whole: int) -> st.SearchStrategy[int]:
    near = [each for each in (0, 1, 2, 3, whole - 2, whole - 1, whole) if 0 <= each <= whole]
    return st.one_of(st.sampled_from(near), st.integers(0, whole))


@st.composite
def encounter_rows(draw: st.DrawFn) -> list[tuple[dict[str, str | int | None], int, int]]:
    years = draw(st.sampled_from([[2021], [2020, 2021], [2019, 2020]]))
    places = draw(st.sampled_from([[None], ["CU", "HN"], ["CU", "HN", "PE", "GT"]]))
    return [
        (
            {"fiscal_year": year} | ({"citizenship": place} if place else {}),
            draw(counts),
            draw(counts),
        )
        for year in years
        for place in places
    ]


def encounter_metric(rows: list[tuple[dict[str, str | int | None], int, int]]) -> Metric:
    to_date = sum(u + o for by, u, o in rows if by["fiscal_year"] == 2021)
    others = sum(u + o for by, u, o in rows if by["fiscal_year"] != 2021)
    ledger = Ledger(
        "encounters", to_date + others, (Excluded("fiscal-year", others, "encounters"),), to_date
    )
    made = tuple(
        Row(by, {"usbp": u, "ofo": o, "encounters": u + o, "months": 3}, {}) for by, u, o in rows
    )
    declared = METRICS["enforcement-encounters"]
    measure = Measure("encounters", "Encounters", to_date, str(to_date), "encounters")
    return metric_of(declared.name, (measure,), tuple(rows[0][0]), made, (ledger,))


def case_metric(
    name: str,
    columns: dict[str, dict[str | None, int]],
    by: bool,
    ledgers: dict[str, list[tuple[str, int]]],
    population: int,
) -> Metric:
    declared = METRICS[name]
    shown = [each.name for each in declared.measures if each.name in columns]
    share = name == "completion-rate"

    def figures(found: dict[str, int]) -> dict[str, Value]:
        figure: dict[str, Value] = {**found}
        if share:
            figure["completion_percentage"] = ratio(
                found["cases_completed"], found["total_enrolled"]
            )
        return figure

    whole = figures({each: sum(columns[each].values()) for each in shown})
    measures = tuple(
        Measure(each.name, each.label, value, display(value, each.unit), each.unit)
        for each in declared.measures
        for value in (whole[each.name],)
    )
    rows = tuple(
        Row({"nationality": group}, figures({each: columns[each][group] for each in shown}), {})
        for group in columns[shown[0]]
        if any(columns[each][group] for each in shown)
    )
    balances = tuple(
        Ledger(
            each,
            population,
            tuple(Excluded(rule, number, "cases") for rule, number in ledgers[each]),
            sum(columns[each].values()),
        )
        for each in shown
        if each in ledgers
    )
    return metric_of(name, measures, ("nationality",) if by else (), rows if by else (), balances)


def metric_of(
    name: str,
    measures: tuple[Measure, ...],
    by: tuple[str, ...],
    rows: tuple[Row, ...],
    ledger: tuple[Ledger, ...],
) -> Metric:
    declared = METRICS[name]
    return Metric(
        *(name, declared.title, declared.goal, "", "", "ok", None, declared.headline),
        measures=measures,
        by=by,
        rows=rows,
        ledger=ledger,
    )


class Attack:
    """What a reader of the JSON knows: variables, equations, and bounds of each variable."""

    def __init__(self, document: dict[str, Any], below: int) -> None:
        self.below = below
        self.names: dict[Any, int] = {}
        self.equations: list[tuple[dict[int, float], float]] = []
        self.most: list[tuple[dict[int, float], float]] = []
        self.marks: dict[int, tuple[float, float]] = {}
        self.hidden: dict[int, bool] = {}
        for goal in document["goals"]:
            for metric in goal["metrics"]:
                self.read(metric)
        self.know()

    def variable(self, *name: Any) -> int:
        return self.names.setdefault(name, len(self.names))

    def equal(self, whole: int, parts: list[int]) -> None:
        coefficients = dict.fromkeys(parts, 1.0)
        coefficients[whole] = coefficients.get(whole, 0.0) - 1.0
        self.equations.append((coefficients, 0.0))

    def figure(self, name: str, key: Any, value: float | None, shown: str, hidden: bool) -> None:
        place = self.variable(name, key)
        if not hidden:
            assert value is not None
            self.equations.append(({place: 1.0}, float(value)))
            return
        assert value is None
        small = shown == f"<{self.below}"
        assert small or shown == "withheld"
        # 0 is always shown, so what is hidden is at least 1.
        self.marks[place] = (1, self.below - 1 if small else np.inf)
        self.hidden[place] = self.hidden.get(place, False) or small

    def read(self, metric: dict[str, Any]) -> None:
        units = {each["name"]: each["unit"] for each in metric["measures"]}
        for each in metric["measures"]:
            if each["unit"] == "ratio":
                self.share(each["value"], ())
            else:
                self.figure(
                    each["name"], (), each["value"], each["display"], bool(each["suppressed"])
                )
        columns: dict[str, list[tuple[Any, int]]] = {}
        for row in metric["rows"]:
            key = tuple(row["by"].items())
            for name, value in row["values"].items():
                if units.get(name) == "ratio":
                    self.share(value, key)
                elif name != "months":
                    hidden = name in row.get("suppressed", ())
                    self.figure(name, key, value, row["display"].get(name, ""), hidden)
                    columns.setdefault(name, []).append((row["by"], self.variable(name, key)))
            if "encounters" in row["values"]:
                parts = [self.variable(each, key) for each in ("usbp", "ofo")]
                self.equal(self.variable("encounters", key), parts)
        for name, cells in columns.items():
            if name == "encounters":
                cells = [(by, cell) for by, cell in cells if by["fiscal_year"] == 2021]
            if name in units:
                self.equal(self.variable(name, ()), [cell for _, cell in cells])
        for ledger in metric["ledger"]:
            lines = []
            for line in ledger["excluded"]:
                place = self.variable("line", ledger["measure"], line["rule"])
                self.equations.append(({place: 1.0}, float(line["count"])))
                assert not 0 < line["count"] < self.below
                lines.append(place)
            whole = self.variable("population", ledger["measure"] == "encounters")
            self.equations.append(({whole: 1.0}, float(ledger["population"])))
            self.equal(whole, [self.variable(ledger["measure"], ()), *lines])

    def share(self, value: float | None, key: Any) -> None:
        if value is None:
            return
        exact = Fraction(value).limit_denominator(100_000)
        part, whole = self.variable("cases_completed", key), self.variable("total_enrolled", key)
        self.equations.append(
            ({part: float(exact.denominator), whole: -float(exact.numerator)}, 0.0)
        )

    def know(self) -> None:
        """That parts are inside their wholes."""
        for name, key in [each for each in self.names if len(each) == 2]:
            if name in ("cases_completed", "relief_granted") and ("total_enrolled", key) in (
                self.names
            ):
                pair = {self.variable(name, key): 1.0, self.variable("total_enrolled", key): -1.0}
                self.most.append((pair, 0.0))

    def matrix(self, rows: list[tuple[dict[int, float], float]]) -> tuple[Any, Any]:
        found = np.zeros((len(rows), len(self.names)))
        for place, (coefficients, _) in enumerate(rows):
            for variable, number in coefficients.items():
                found[place, variable] = number
        return found, np.array([number for _, number in rows])

    def solved(self) -> set[int]:
        """Hidden cells that the equations alone determine."""
        matrix, _ = self.matrix(self.equations)
        _, singular, rows = np.linalg.svd(matrix)
        rank = int((singular > 1e-9 * max(1.0, singular[0])).sum())
        null = rows[rank:]
        return {cell for cell in self.hidden if np.abs(null[:, cell]).max(initial=0) < 1e-9}

    def range(self, cell: int) -> tuple[int, int]:
        """The least and the most whole number that a cell can be."""
        matrix, right = self.matrix(self.equations)
        most, limit = self.matrix(self.most)
        low, high = np.zeros(len(self.names)), np.full(len(self.names), 1e6)
        for place, (least, largest) in self.marks.items():
            low[place], high[place] = least, min(largest, 1e6)
        ends = []
        for sign in (1, -1):
            target = np.zeros(len(self.names))
            target[cell] = sign
            limits = [LinearConstraint(matrix, right, right)]
            if len(most):
                limits.append(LinearConstraint(most, -np.inf, limit))
            answer = milp(
                target,
                constraints=limits,
                bounds=Bounds(low, high),
                integrality=np.ones(len(self.names)),
            )
            assert answer.status == 0, "the printed numbers contradict each other"
            ends.append(round(sign * answer.fun))
        return ends[0], ends[1]


def attack(report: Report, below: int) -> Attack:
    hidden = disclosure.without_small_counts(report, report.head)
    document = json.loads(render(hidden, "json"))
    # How a cell of a group is shown stands in the other formats only.
    for goal, made in zip(document["goals"], hidden.goals, strict=True):
        for metric, answer in zip(goal["metrics"], made.metrics, strict=True):
            for row, shown in zip(metric["rows"], answer.rows, strict=True):
                row["display"] = dict(shown.display)
    return Attack(document, below)


SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]


@settings(max_examples=200, deadline=None, derandomize=True, suppress_health_check=SLOW)
@given(tables())
def test_no_hidden_cell_can_be_solved_for(drawn: tuple[Report, int]) -> None:
    assert attack(*drawn).solved() == set()


@settings(max_examples=50, deadline=None, derandomize=True, suppress_health_check=SLOW)
@given(tables())
def test_a_small_cell_can_be_anything_from_1_to_n_less_1(drawn: tuple[Report, int]) -> None:
    found = attack(*drawn)
    for cell, small in found.hidden.items():
        least, most = found.range(cell)
        assert least < most
        if small:
            assert (least, most) == (1, found.below - 1)


@settings(max_examples=100, deadline=None, derandomize=True, suppress_health_check=SLOW)
@given(tables())
def test_no_small_count_is_left_and_no_0_is_hidden(drawn: tuple[Report, int]) -> None:
    report, below = drawn
    hidden = disclosure.without_small_counts(report, report.head)
    for before, after in zip(report.metrics, hidden.metrics, strict=True):
        for was, now in zip(before.measures, after.measures, strict=True):
            if isinstance(was.value, int):
                assert now.suppressed or not 0 < was.value < below
                assert was.value or not now.suppressed
        for one, other in zip(before.rows, after.rows, strict=True):
            for name, value in one.values.items():
                if isinstance(value, int) and name != "months":
                    assert (name in other.suppressed) or not 0 < value < below
                    assert value or name not in other.suppressed
