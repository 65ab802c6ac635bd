"""What is told beside an answer, or beside the error that stands for one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.harness import run
from tests.spec.draw import draw


def mpp(*arguments: str | Path) -> tuple[int, str, str]:
    code, out, err = run([*map(str, arguments), "--no-config"])
    return code, out.decode(), err


@pytest.fixture(scope="module")
def data() -> Path:
    return draw(
        {
            "cases": """
                | case_id | nta_filed_date | nationality |
                | A       | 2020-01-01     | HONDURAS    |
                | B       | soon           | HONDURAS    |
            """,
            "completions": """
                | case_id | completion_date | outcome    |
                | A       | 2020-03-01      | terminated |
            """,
        }
    )


def test_a_figure_that_does_not_exist_says_before_the_error_why(data: Path) -> None:
    """The one remark that helps would be lost where it is needed most."""
    asked = ["metric", "completion-rate", "--data", data, "-f", "value", "--as-of", "2019-12-31"]
    code, out, err = mpp(*asked)
    lost, _, error = err.splitlines()
    assert (code, out) == (3, "")
    assert lost.startswith("mpp: warning: of 3 rows read; set aside: 1;")
    assert error.startswith("mpp: error: completion_percentage is n/a")
    assert mpp(*asked, "-q")[2].splitlines()[-1] == error


def test_a_metric_that_is_unavailable_has_its_warnings_before_the_error(data: Path) -> None:
    code, out, err = mpp("metric", "relief-granted", "--data", data)
    assert (code, out) == (3, "")
    assert err.startswith("mpp: warning: of 3 rows read; set aside: 1;")
    assert "mpp: error: relief-granted is unavailable: this figure needs a list of grants" in err


def test_a_report_without_any_figure_says_so_and_why() -> None:
    """It is printed as any other, and might be taken for one of no cases."""
    completions = draw({"completions": "| case_id | completion_date |\n| A | 2020-03-01 |"})
    code, out, err = mpp("report", "--data", completions)
    said = "no figure of this report is available: this figure needs a list of cases (cases.csv)"
    assert code == 0
    only = "your data contain only completions"
    assert f"mpp: warning: {said}; {only}; this figure needs counts of encounters by month" in err
    assert said in " ".join(out.split())


def test_a_report_with_one_figure_does_not(data: Path) -> None:
    _, out, err = mpp("report", "--data", data)
    assert "no figure" not in out + err
