"""The formats that programs read: JSON, CSV, the bare value, the DataFrame."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion

from mpp_cli.formats import render
from mpp_cli.formats.writers.csv_ import neutral
from mpp_cli.formats.writers.value import bare, percent_points
from mpp_cli.results.report import Measure

from . import build

HEAD = ["format", "version", "engine", "definitions", "as_of", "title", "request", "warnings"]
METRIC = ["name", "title", "metric", "data_measurement", "status", "reason", "headline"]
METRIC += ["measures", "rows", "footnotes", "ledger", "notes"]
SOURCE = ["file", "kind", "hash", "through", "rows_read", "rows_used", "rows_outside"]
SOURCE += ["set_aside", "blanked", "encoding", "examples", "repaired", "unknown_codes"]


def test_the_keys_of_a_report_in_json() -> None:
    report = json.loads(render(build.report(by=True), "json"))
    assert list(report) == [*HEAD, "data", "goals", "additional"]
    assert report["format"] == "mpp-report/1"
    assert list(report["request"]) == [
        *("command", "data", "by", "where", "suppress_below", "options")
    ]
    assert list(report["warnings"][0]) == ["id", "text", "file", "line"]
    assert list(report["data"]) == ["sample", "sources"]
    assert list(report["data"]["sources"][0]) == SOURCE
    assert [list(goal) for goal in report["goals"]] == [["number", "goal", "metrics"]] * 4
    metric = report["goals"][1]["metrics"][0]
    assert list(metric) == METRIC
    assert list(metric["measures"][0]) == [
        *("name", "label", "value", "display", "unit", "footnotes", "suppressed")
    ]
    assert list(metric["rows"][0]) == ["by", "values"]
    assert list(metric["footnotes"][0]) == ["id", "mark", "text"]
    assert list(metric["ledger"][0]) == ["measure", "population", "excluded", "counted", "events"]
    assert list(metric["ledger"][0]["excluded"][0]) == ["rule", "count", "text"]


def test_the_keys_of_a_metric_in_json() -> None:
    report = json.loads(render(build.metric_report(), "json"))
    assert list(report) == [*HEAD, "data", "metric"]
    assert report["format"] == "mpp-metric/1"
    assert list(report["metric"]) == METRIC


def test_figures_in_json_are_numbers_at_full_precision() -> None:
    by_group = build.completion(rows=build.BY_NATIONALITY)
    metric = json.loads(render(build.metric_report(by_group), "json"))["metric"]
    assert [each["value"] for each in metric["measures"]] == [68_039, 44_014, 44_014 / 68_039]
    assert [row["by"]["nationality"] for row in metric["rows"]] == [
        *("Honduras", "El Salvador", None, "Tuvalu")
    ]
    assert metric["rows"][3]["values"]["completion_percentage"] is None


def test_json_keeps_hostile_text_whole() -> None:
    """Escaped for a terminal, and the same text again for whoever decodes it."""
    metric = json.loads(render(build.hostile(), "json"))["metric"]
    assert [row["by"]["nationality"] for row in metric["rows"]] == list(build.HOSTILE)


def test_json_of_a_name_that_is_not_text_can_be_written() -> None:
    report = build.metric_report()
    source = replace(report.head.sources[0], file="caf\udce9.csv")
    report = replace(report, head=replace(report.head, sources=(source,)))
    assert "caf\\udce9.csv" in render(report, "json").encode().decode()


def test_json_of_a_metric(snapshot: SnapshotAssertion) -> None:
    assert render(build.metric_report(build.one_count(1, 0, 531)), "json") == snapshot


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_csv_of_a_report(snapshot: SnapshotAssertion) -> None:
    assert render(build.report(by=True), "csv") == snapshot


def test_csv_has_the_columns_of_every_grouping_in_order_of_appearance() -> None:
    report = build.report(by=True)
    header = render(report, "csv").splitlines()[0]
    assert header == (
        "as_of,goal,metric,measure,label,nationality,fiscal_year,value,display,unit,status,"
        "footnotes"
    )


def test_csv_of_a_whole_has_no_group() -> None:
    whole, *_, last = read(
        render(build.metric_report(build.completion(rows=build.BY_NATIONALITY)), "csv")
    )
    assert (whole["nationality"], whole["value"], whole["display"]) == ("", "68039", "68,039")
    assert whole["footnotes"] == "as-of; nta-filed-only"
    assert (last["nationality"], last["value"], last["display"]) == ("Tuvalu", "", "n/a")


def test_a_group_column_named_like_ours_is_told_apart() -> None:
    metric = build.completion(rows={"active": (10, 5)})
    rows = tuple(replace(row, by={"status": "active"}) for row in metric.rows)
    line = read(render(build.metric_report(replace(metric, by=("status",), rows=rows)), "csv"))[-1]
    assert (line["by_status"], line["status"]) == ("active", "ok")


def test_csv_leaves_no_metric_out() -> None:
    (row,) = read(render(build.metric_report(build.unavailable()), "csv"))
    assert (row["metric"], row["value"], row["display"], row["status"]) == (
        *("non-refoulement-referrals", "", "n/a", "unavailable"),
    )


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("=1+1", "'=1+1"),
        ("+1-1", "'+1-1"),
        ("-cmd", "'-cmd"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\\x0d=1"),
        ("\uff1d1", "'\uff1d1"),
        ("-1", "'-1"),
        ("+1,204", "'+1,204"),
        ("a=b", "a=b"),
        ("a\x1b[1m", "a\\x1b[1m"),
    ],
)
def test_text_that_would_be_a_formula_is_neutralised(text: str, shown: str) -> None:
    assert neutral(text) == shown


@given(st.text())
def test_no_text_begins_a_formula(text: str) -> None:
    assert neutral(text)[:1] not in tuple("=@\t\r")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (Fraction(129, 200), "64.50"),
        (Fraction(1, 8), "12.50"),
        (Fraction(44_014, 68_039), "64.69"),
        (Fraction(64_685, 100_000), "64.69"),  # Exactly 64.685: half goes up.
        (Fraction(1, 20_000), "0.01"),
        (Fraction(1, 20_001), "0.00"),
        (Fraction(1), "100.00"),
        (Fraction(0), "0.00"),
        (Fraction(-1, 8), "-12.50"),
    ],
)
def test_ratios_are_percent_points_half_up(value: Fraction, shown: str) -> None:
    assert percent_points(value) == shown


def test_a_ratio_that_is_a_whole_number_is_still_a_ratio() -> None:
    assert bare(Measure("share", "Share", Fraction(1), "100%", "ratio")) == "100.00"
    assert bare(Measure("median_days", "Median", 1_204, "1,204", "days")) == "1204"


def test_the_value_is_the_headline_or_the_measure_asked_for() -> None:
    report = build.metric_report()
    assert render(report, "value") == "64.69\n"
    assert render(report, "value", measure="total_enrolled") == "68039\n"
    with pytest.raises(KeyError):
        render(report, "value", measure="nonesuch")


def test_no_figure_prints_nothing() -> None:
    assert render(build.metric_report(build.no_cases()), "value") == ""
    assert render(build.metric_report(build.unavailable()), "value") == ""
    assert render(build.metric_report(build.suppressed()), "value") == "<10\n"


def test_the_frame_has_the_columns_of_the_csv() -> None:
    report = build.report(by=True)
    frame = report.to_frame()  # type: ignore[no-untyped-call]
    assert list(frame.columns) == render(report, "csv").splitlines()[0].split(",")
    assert len(frame) == len(read(render(report, "csv")))
    rate = frame[frame["measure"] == "completion_percentage"]
    assert rate["value"].iloc[0] == 44_014 / 68_039
    assert frame["value"].dtype == "Float64"
    assert frame["value"].isna().sum() == 1
    assert frame["as_of"].iloc[0].date() == build.AS_OF


def test_the_frame_of_a_metric_is_sample_data_when_it_is() -> None:
    frame = build.metric_report(sample=True).to_frame()  # type: ignore[no-untyped-call]
    assert set(frame["data"]) == {"SAMPLE DATA"}
