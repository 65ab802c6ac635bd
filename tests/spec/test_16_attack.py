"""Nobody can work out a small count from what is printed, whoever knows how it is made.

The attack (:mod:`tests.attack`) shares no code with the program. It knows the document's
rules, reads printed answers, and asks a solver what each hidden count can be. Here it
attacks a few random answers; ``python -m tests.attack --outputs 2000`` attacks many.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mpp_cli.common.errors import MppError
from mpp_cli.disclosure.audit import Audit
from mpp_cli.disclosure.cells import Cell
from mpp_cli.disclosure.screen import read
from mpp_cli.disclosure.statements import Reading
from mpp_cli.results.report import Head, Request
from tests.attack.report import metrics_of
from tests.attack.runs import Found, ask, attack
from tests.harness import run
from tests.spec.draw import TODAY, folder
from tests.spec.test_17_another_goal import package_with

N = 11
AS_OF = ["--as-of", "2020-12-31", "--no-config", "-q", "-f"]

# --- examples ---------------------------------------------------------------------------

#: Rows that many cases have in common: the first case, the last one, and the row.
Rows = list[tuple[int, int, str]]

FILED = "2020-01-05"
REMOVED = "2020-03-01,removal_ordered"

#: What told a small count once, with the question that was asked.
EXAMPLES: dict[str, tuple[str, Rows, Rows, Rows]] = {
    # 26 later completions of 26 counted cases are the total, so that b had 26 - 17 = 9.
    "a line of events tells a withheld total": (
        "metric subsequent-completions --by g",
        [(1, 40, f"{FILED},a"), (41, 80, f"{FILED},b")],
        [
            (1, 80, "2020-02-01,removal_ordered"),
            *((first, last, "2020-06-01,terminated") for first, last in ((1, 17), (41, 49))),
        ],
        [],
    ),
    # 40 cases completed and 37 timed: 3 were completed before the NTA.
    "the balance of one count tells what a rule of another left out": (
        "metric time-to-completion",
        [(1, 80, f"{FILED},x")],
        [(1, 3, "2020-01-02,removal_ordered"), (4, 40, REMOVED)],
        [],
    ),
    # 80 cases and 76 enrolled: 4 NTAs were not filed.
    "the balance of another count tells the population": (
        "report",
        [(1, 4, ",x"), (5, 80, f"{FILED},x")],
        [(5, 40, REMOVED)],
        [(51, 80, "2020-02-01")],
    ),
    # 40 cases, of which 38 are in CU: GT and HO have one each.
    "the population bounds a withheld total": (
        "report --by g",
        [(1, 38, f"{FILED},CU"), (39, 39, f"{FILED},GT"), (40, 40, f"{FILED},HO")],
        [(1, 28, REMOVED), (40, 40, REMOVED)],
        [],
    ),
    # 60 cases less 14 without a completion are 46, of which nothing lies after the date.
    "a balance and the end of the data tell what is pending": (
        "metric time-to-completion --by g",
        [(1, 40, f"{FILED},a"), (41, 60, f"{FILED},b")],
        [(1, 29, REMOVED), (41, 57, REMOVED)],
        [],
    ),
    # 12 rows of cases, of which 11 are in B: A has one.
    "the rows of a file tell the total": (
        "metric total-enrolled --by g",
        [(1, 11, f"{FILED},B"), (12, 12, f"{FILED},A")],
        [],
        [],
    ),
}


def table(header: str, rows: Rows) -> str:
    lines = [f"{number},{row}" for first, last, row in rows for number in range(first, last + 1)]
    return "\n".join([header, *lines]) + "\n"


def answers(example: str, *more: str) -> tuple[dict[str, Any], str]:
    """What is printed of an example, as JSON and as CSV."""
    question, cases, completions, referrals = EXAMPLES[example]
    data = folder(
        cases=table("case_id,nta_filed_date,g", cases),
        completions=table("case_id,completion_date,outcome", completions),
        referrals=table("case_id,referred_date", referrals),
    )
    texts = []
    for format in ("json", "csv"):
        code, out, err = run([*question.split(), "--data", str(data), *AS_OF, format, *more])
        assert code == 0, err
        texts.append(out.decode())
    return json.loads(texts[0]), texts[1]


def faults(command: str, document: dict[str, Any], cells: str = "") -> list[str]:
    found = Found()
    ask(command, document, cells, found, command)
    return found.faults


@pytest.mark.parametrize("example", EXAMPLES)
def test_what_once_told_a_small_count_tells_it_no_longer(example: str) -> None:
    document, cells = answers(example, "--suppress-below", str(N))
    assert faults(EXAMPLES[example][0].split()[0], document, cells) == []


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_attack_finds_it_where_small_figures_alone_are_hidden(example: str) -> None:
    document, _ = answers(example)
    document["request"]["suppress_below"] = N
    for metric in metrics_of(document):
        for measure in metric["measures"]:
            hide(measure, "value", lambda m: m.update(suppressed=True))
        for row in metric["rows"]:
            row["suppressed"] = [name for name, value in row["values"].items() if is_small(value)]
            row["values"].update(dict.fromkeys(row["suppressed"]))
        # A balance that prints a small count is not printed.
        metric["ledger"] = [each for each in metric["ledger"] if not has_small_count(each)]
    assert any("can only be" in each for each in faults(EXAMPLES[example][0].split()[0], document))


def is_small(value: object) -> bool:
    return isinstance(value, int) and 0 < value < N


def hide(of: dict[str, Any], key: str, then: Callable[[dict[str, Any]], None]) -> None:
    if is_small(of[key]):
        of[key] = None
        then(of)


def has_small_count(ledger: dict[str, Any]) -> bool:
    lines = [each["count"] for each in ledger["excluded"]]
    return any(map(is_small, (ledger["population"], *lines, ledger["counted"])))


# --- random answers ---------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(11))
def test_no_small_count_can_be_worked_out_of_a_random_answer(seed: int) -> None:
    found = Found()
    for number in range(2):
        found.add(attack(seed * 1_000 + number))
    assert found.faults == []


# --- what nobody has declared ---------------------------------------------------------------


def test_a_new_measure_is_looked_through_by_its_declaration(tmp_path: Path) -> None:
    declared = """
COUNT = Count("counselled", "Counselled", within=TOTAL_ENROLLED, rules=(Rule(
    "no-counsel", keeps="representation_date IS NOT NULL", dated_by="representation_date",
    excluded="cases without counsel"),))
"""
    package = package_with(declared, tmp_path / "package")
    rows: Rows = [
        *((1, 30, "2020-01-05,CU,2020-02-01"), (31, 60, "2020-01-05,HN,2020-02-01")),
        *((61, 64, "2020-01-05,GT,2020-02-01"), (65, 90, "2020-01-05,GT,")),
    ]
    data = folder(cases=table("case_id,nta_filed_date,nationality,representation_date", rows))
    question = ["metric", "fifth", "--by", "nationality", "--suppress-below", str(N)]
    out = ask_package(package, [*question, "--data", str(data), *AS_OF, "json"])
    metric = json.loads(out)["metric"]
    shown = {row["by"]["nationality"]: row["values"]["counselled"] for row in metric["rows"]}
    # The small one, and one more or the total, which would tell it.
    assert shown["GT"] is None
    assert [*shown.values(), metric["measures"][0]["value"]].count(None) == 2
    # Its balance says that 26 of 90 have no counsel, which is no less.
    assert metric["ledger"] == [] or metric["measures"][0]["value"] == 64


def ask_package(package: Path, arguments: list[str]) -> str:
    import subprocess
    import sys

    code = f"import sys\nfrom mpp_cli.app import main\nsys.exit(main({arguments!r}))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=package,
        env={"PYTHONPATH": str(package), "XDG_CACHE_HOME": str(package / "cache")},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_number_that_no_equation_covers_is_a_fault() -> None:
    request = Request("metric", (), suppress_below=N)
    head = Head("", "", "", TODAY, "", request, (), sample=False, sources=())
    cell = Cell("completion-rate", "cases_completed", "cases", 50, TODAY, what="a novelty")
    with pytest.raises(MppError, match="nothing says how the a novelty cases_completed"):
        read(None, head, [cell], N)
    unknown = Cell("completion-rate", "cases_forgotten", "cases", 50, TODAY)
    with pytest.raises(MppError, match="nothing says what cases_forgotten counts"):
        read(None, head, [unknown], N)


# --- examples of others -----------------------------------------------------------------


def hidden(table: dict[tuple[str, str], int], below: int) -> set[tuple[str, str]]:
    """The cells of a table with both margins that the audit hides."""
    reading = Reading()
    rows, columns = ({cell[side] for cell in table} for side in (0, 1))
    for row in sorted({*rows, "Total"}):
        for column in sorted({*columns, "Total"}):
            inside = [
                cell for cell in table if row in (cell[0], "Total") and column in (cell[1], "Total")
            ]
            value = sum(table[each] for each in inside)
            group = (("row", row), ("column", column)) if "Total" not in (row, column) else ()
            cell = Cell(row, column, "cases", value, TODAY, group=group)
            reading.state_figure(dict.fromkeys(inside, 1), cell)
    audit = Audit(reading, {}, below)
    audit.run()
    return {
        (stated.cells[0].metric, stated.cells[0].measure)
        for stated in reading.statements.values()
        if {*stated.units} & audit.hidden
    }


def test_a_published_table_needs_no_more_cells_than_were_hidden_there() -> None:
    # From the documentation of GaussSuppression 1.1 (Statistics Norway): one small cell, for
    # which three more are hidden, and no margin.
    published = {
        ("young", "Spain"): 5,
        ("young", "Iceland"): 2,
        ("young", "Portugal"): 0,
        ("old", "Spain"): 6,
        ("old", "Iceland"): 3,
        ("old", "Portugal"): 4,
    }
    found = hidden(published, below=3)
    assert ("young", "Iceland") in found
    # Ours never hides a 0, so the rectangle must be that with Spain.
    assert found == {(age, place) for age in ("young", "old") for place in ("Iceland", "Spain")}
