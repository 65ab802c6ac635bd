"""What must be so in every format: the same figures, the sample banner, hostile text inert."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace

import pytest

from mpp_cli.formats import render
from mpp_cli.formats.text import UNSAFE, long_date, safe

from . import build

PAGES = ("table", "markdown", "csv", "json", "html")


def test_every_format_shows_the_same_figures() -> None:
    report = build.report(by=True)
    shown = {measure.display for metric in report.metrics for measure in metric.measures}
    shown |= {d for metric in report.metrics for row in metric.rows for d in row.display.values()}
    for format in ("table", "markdown", "csv"):
        text = render(report, format)
        assert {figure for figure in shown if figure not in text} == set()
    rows = list(csv.DictReader(io.StringIO(render(report, "csv"))))
    values = {(row["metric"], row["measure"]): row["value"] for row in reversed(rows)}
    for goal in json.loads(render(report, "json"))["goals"]:
        for metric in goal["metrics"]:
            for measure in metric["measures"]:
                assert values[metric["name"], measure["name"]] == str(measure["value"])


@pytest.mark.parametrize("format", PAGES)
@pytest.mark.parametrize("make", [build.report, lambda sample: build.metric_report(sample=sample)])
def test_sample_data_are_called_so(format: str, make) -> None:  # type: ignore[no-untyped-def]
    assert "SAMPLE DATA" in render(make(sample=True), format)
    assert "SAMPLE DATA" not in render(make(sample=False), format)


def test_every_csv_row_of_sample_data_says_so() -> None:
    header, *rows = csv.reader(io.StringIO(render(build.report(sample=True, by=True), "csv")))
    assert header[-1] == "data"
    assert {row[-1] for row in rows} == {"SAMPLE DATA"}


@pytest.mark.parametrize("format", ["table", "markdown"])
def test_the_page_of_sample_data_says_what_they_are(format: str) -> None:
    text = render(build.report(sample=True), format)
    assert "SAMPLE DATA: Migrant Protection Protocols Metrics and Measures" in text
    assert "synthetic sample data. They are not facts about real people." in text


@pytest.mark.parametrize("format", [*PAGES, "value"])
@pytest.mark.parametrize("color", [False, True])
def test_no_control_character_of_the_data_reaches_the_output(format: str, color: bool) -> None:
    text = render(build.hostile(), format, color=color)
    ours = re.sub(r"\x1b\[[\d;]*m", "", text) if color and format == "table" else text
    assert set(UNSAFE.findall(ours)) <= {"\n"}
    assert "\x1b[31mred" not in text


@pytest.mark.parametrize("format", ["table", "markdown", "csv"])
def test_a_blank_group_is_named(format: str) -> None:
    text = render(build.metric_report(build.completion(rows=build.BY_NATIONALITY)), format)
    assert "(blank)" in text
    assert "None" not in text


@pytest.mark.parametrize("format", ["table", "markdown"])
def test_an_unavailable_metric_says_why(format: str) -> None:
    text = render(build.metric_report(build.unavailable()), format)
    assert "Unavailable: there is no table of referrals in the data" in text


@pytest.mark.parametrize("format", ["table", "markdown", "csv"])
def test_a_rate_of_no_cases_is_no_figure(format: str) -> None:
    text = render(build.metric_report(build.no_cases()), format)
    assert "n/a" in text
    assert "None" not in text


@pytest.mark.parametrize("format", [*PAGES[:3], "value"])
def test_a_suppressed_figure_is_nowhere(format: str) -> None:
    text = render(build.metric_report(build.suppressed()), format)
    assert "<10" in text.replace("\\", "")
    assert not re.search(r"\b7\b(?!\))", text)
    assert "74,993" not in text


def test_json_withholds_the_balance_of_a_suppressed_figure() -> None:
    metric = json.loads(render(build.metric_report(build.suppressed()), "json"))["metric"]
    assert metric["ledger"] == []
    assert (metric["measures"][0]["value"], metric["measures"][0]["suppressed"]) == (None, True)


def test_a_filter_is_said_on_the_page() -> None:
    report = build.metric_report()
    request = replace(report.head.request, where={"hearing_location": "El Paso"})
    filtered = replace(report, head=replace(report.head, request=request))
    for format in ("table", "markdown"):
        sentence = "Only cases with hearing location = El Paso."
        assert sentence in render(filtered, format)
        assert sentence not in render(report, format)


def test_control_characters_are_shown() -> None:
    assert safe("a\x1b[1m\x9b\x7f\r") == r"a\x1b[1m\x9b\x7f\x0d"
    assert safe("\u202eabc\u2066\u200f\u061c") == r"\u202eabc\u2066\u200f\u061c"
    assert safe("caf\udce9") == r"caf\xe9"
    assert safe("a\tb\nc", keep="\n\t") == "a\tb\nc"
    assert safe("Zürich 日本") == "Zürich 日本"


def test_dates_in_prose_do_not_depend_on_the_locale() -> None:
    assert long_date(build.AS_OF) == "December 31, 2020"
    assert long_date(build.AS_OF.replace(month=1, day=2)) == "January 2, 2020"
