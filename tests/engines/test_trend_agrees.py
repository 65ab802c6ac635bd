"""The last point of a trend is what a report says, whatever the files hold."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.harness import run_json
from tests.oracle.strategies import Folder, folders

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]


@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=SLOW)
@given(folders(), st.sampled_from(["day", "month", "quarter", "fiscal_year"]))
def test_the_last_point_is_what_a_report_says(folder: Folder, every: str) -> None:
    with tempfile.TemporaryDirectory() as home:
        for name, content in folder.files.items():
            (Path(home) / name).write_bytes(content)
        to = str(folder.as_of)
        code, report, _ = run_json(["report", "--additional", "--data", home, "--as-of", to])
        if report is None:
            assert code == 3
            return
        goals = [each for goal in report["goals"] for each in goal["metrics"]]
        for metric in [*goals, *report["additional"]]:
            asked = ["trend", metric["name"], "--data", home, "--every", every, "--to", to]
            code, trend, err = run_json([*asked, "--from", f"{folder.as_of.year - 1}-06"])
            if metric["status"] != "ok":
                assert code == 3, err
                continue
            assert (code, trend is None) == (0, False), err
            assert trend is not None
            last = trend["series"][0]["points"][-1]
            assert last["as_of"] == to
            measures = {each["name"]: each["value"] for each in metric["measures"]}
            # A trend follows the rows by outcome as well.
            assert {name: last["values"][name] for name in measures} == measures
            rows = [row["values"]["cases"] for row in metric["rows"] if "cases" in row["values"]]
            parts = [value for name, value in last["values"].items() if name not in measures]
            assert sorted(filter(None, parts)) == sorted(rows)
