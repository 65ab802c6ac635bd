"""A fifth goal is a declaration and nothing else: whatever its counts speak of is there.

Each test declares one in a copy of the package and asks for its figure by the command
line, first from the files and then from what the first run has kept of them.
"""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import mpp_cli
from mpp_cli.dataset.document_columns import DOCUMENT

#: The cases: every second has counsel from 2020 on, every fourth was completed and reopened,
#: every fifth has two referrals.
CASES = 8000

DATED = "a column that depends on the as-of date"

#: Goals in the words of mpp_cli.goals.definitions, with the figure as of the end of 2020 and
#: whether it can be had from what is kept, which has no date of today and no single events.
GOALS = {
    "a column that no other goal speaks of": (
        """
COUNT = Count("counselled", "Counselled", within=TOTAL_ENROLLED, rules=(Rule(
    "no-counsel", keeps="representation_date IS NOT NULL", dated_by="representation_date",
    excluded="cases without counsel"),))
""",
        CASES // 2,
        True,
    ),
    "a column that is made of others": (
        """
COUNT = Count("placed", "Placed", rules=(MPP_DOCKET, Rule(
    "never-placed", keeps="placed_date IS NOT NULL", dated_by="placed_date",
    excluded="cases never placed"),))
""",
        CASES,
        True,
    ),
    DATED: (
        """
COUNT = Count("open", "Open Again", within=TOTAL_ENROLLED, rules=(Rule(
    "not-open", keeps="COALESCE(open_again, 0) = 1", excluded="cases not open again"),))
""",
        CASES // 4,
        False,
    ),
    "events instead of cases": (
        """
COUNT = Count("all_referrals", "Referrals", of="referrals", table="referral_history", rules=(
    MPP_DOCKET, Rule("undated", keeps="event_date IS NOT NULL", dated_by="event_date",
    excluded="referrals without a date"),))
""",
        2 * CASES // 5,
        False,
    ),
}

_HEAD = '''"""Goal 5."""

from mpp_cli.goals.definitions import Count, Goal, Metric, Rule
from mpp_cli.goals.completion import TOTAL_ENROLLED
from mpp_cli.goals.common_rules import MPP_DOCKET
'''

_GOAL = """
GOAL = Goal(5, "A fifth goal.", metrics=(Metric(
    "fifth", "Fifth", "A metric.", "A measurement.", measures=(COUNT,), headline=COUNT.name,
    goal=5),))
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Enough rows that their history is kept."""
    home = tmp_path / "data"
    home.mkdir()
    tables = {
        "cases": (
            "case_id,nta_filed_date,enrolled_date,representation_date",
            [
                f"A-2019-{n:06},2019-{n % 9 + 3:02}-15,2019-02-01,{'' if n % 2 else '2020-01-31'}"
                for n in range(CASES)
            ],
        ),
        "completions": (
            "case_id,completion_date,outcome,reopened_date",
            [f"A-2019-{n:06},2020-02-03,terminated,2020-06-01" for n in range(0, CASES, 4)],
        ),
        "grants": ("case_id,granted_date,relief_type", []),
        "referrals": (
            "case_id,referred_date",
            [f"A-2019-{n:06},2020-03-0{k}" for n in range(0, CASES, 5) for k in (1, 2)],
        ),
    }
    for name, (header, rows) in tables.items():
        (home / f"{name}.csv").write_text("\n".join([header, *rows]) + "\n")
    return home


def package_with(goal: str, folder: Path) -> Path:
    """A copy of the package in which the document has this goal, too."""
    copy = folder / "mpp_cli"
    shutil.copytree(
        Path(mpp_cli.__file__).parent, copy, ignore=shutil.ignore_patterns("__pycache__")
    )
    (copy / "goals" / "fifth.py").write_text(_HEAD + goal + _GOAL)
    home = copy / "goals" / "__init__.py"
    declared = home.read_text()
    home.write_text(
        declared.replace("encounters, enrollment,", "encounters, enrollment, fifth,").replace(
            "encounters.GOAL)", "encounters.GOAL, fifth.GOAL)"
        )
    )
    assert home.read_text().count("fifth") == 2
    return folder


def ask(package: Path, command: str, data: Path, *more: str, reads: bool = True) -> str:
    """The CSV that a command prints; ``reads`` False forbids it to read the files."""
    forbidden = "" if reads else "sys.modules['mpp_cli.sources.load'] = None"
    asked = [*command.split(), "--data", str(data), "-f", "csv", "--no-config", *more]
    code = f"import sys\n{forbidden}\nfrom mpp_cli.app import main\nsys.exit(main({asked!r}))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(package), "XDG_CACHE_HOME": str(package / "cache")},
        cwd=package,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def value(answer: str) -> int:
    """The last figure of the metric in an answer as CSV."""
    rows = [row for row in csv.DictReader(answer.splitlines()) if row["metric"] == "fifth"]
    return int(rows[-1]["value"])


@pytest.mark.parametrize("goal", GOALS)
def test_a_fifth_goal_works_twice_in_a_row(goal: str, data: Path, tmp_path: Path) -> None:
    declared, figure, kept = GOALS[goal]
    package = package_with(declared, tmp_path / "package")
    commands = ["metric fifth --as-of 2020-12-31", "report --as-of 2020-12-31"]
    if goal != DATED:  # Its figures of single days do not add up to one over time.
        commands.append("trend fifth --from 2020-11 --to 2020-12")
    for command in commands:
        first = ask(package, command, data)
        assert value(first) == figure
        assert ask(package, command, data, reads=not kept) == first
        assert ask(package, command, data, "--no-cache") == first


def test_the_history_that_is_kept_has_what_the_four_goals_and_the_warnings_need() -> None:
    assert {*DOCUMENT} == {
        "docket",
        "nta_filed_date",
        "completions",
        "initial_completion_date",
        "countable_completions",
        "last_countable_date",
        "grants",
        "relief_date",
        "unknown_relief_date",
        "relief_grants",
        "last_relief_date",
        "referrals",
        "first_referral_date",
        "last_referral_date",
        "first_completion_date",
    }
