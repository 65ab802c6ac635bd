"""The formats that people read: the document in Markdown and on a terminal."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from syrupy.assertion import SnapshotAssertion

from mpp_cli.formats import render
from mpp_cli.formats.wrapping import wrap
from mpp_cli.formats.writers.markdown import escape

from . import build

BY_NATIONALITY = build.completion(rows=build.BY_NATIONALITY)


def test_the_document_in_markdown(snapshot: SnapshotAssertion) -> None:
    assert render(build.report(sample=True, by=True), "markdown") == snapshot


@pytest.mark.parametrize("width", [100, 40])
def test_a_metric_on_a_terminal(width: int, snapshot: SnapshotAssertion) -> None:
    assert render(build.metric_report(BY_NATIONALITY), "table", width=width) == snapshot


def test_the_document_on_a_terminal(snapshot: SnapshotAssertion) -> None:
    assert render(build.report(), "table", width=72) == snapshot


def test_markdown_reads_like_the_document() -> None:
    text = render(build.report(), "markdown")
    lines = text.splitlines()
    assert lines[0] == "# Migrant Protection Protocols Metrics and Measures"
    assert sum(line.startswith("- **Metric:** ") for line in lines) == 4
    assert sum(line.startswith("- **Data measurement:** ") for line in lines) == 5
    assert [line[:12] for line in lines if " **Goal:** " in line] == [
        f"{number}. **Goal:**"[:12] for number in (1, 2, 3, 4)
    ]
    assert "while upholding *non-refoulement* obligations" in text
    assert "\\* As of December 31, 2020." in lines
    assert "**MPP Case Completion**" in lines
    assert "**MPP Aliens Granted Relief**" not in lines  # The heading of the table says it.
    assert re.search(r"\| 68,039 +\|\n", text)


def test_a_grouped_table_ends_with_the_whole() -> None:
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in render(build.metric_report(BY_NATIONALITY), "markdown").splitlines()
        if line.startswith("|")
    ]
    assert [row[0] for row in rows] == [
        *("Nationality", ":" + "-" * 14, "Honduras", "El Salvador", "(blank)", "Tuvalu"),
        "**Total**",
    ]
    assert rows[-1][1:] == ["**68,039**", "**44,014**", "**65%**"]


@pytest.mark.parametrize("format", ["table", "markdown"])
def test_one_fiscal_year_is_not_the_total_of_the_years(format: str) -> None:
    text = render(build.metric_report(build.encounters()), format)
    assert "FY2021 to date: 218,036" in text
    assert "Total" not in text
    assert "FY2021 to date: n/a" in render(
        build.metric_report(build.encounters(value=None)), format
    )
    none = replace(build.encounters(value=None), rows=())
    assert "FY2021 to date: n/a" in render(build.metric_report(none), format)


@pytest.mark.parametrize("format", ["table", "markdown"])
def test_a_whole_that_no_column_adds_up_to_stands_beside_the_table(format: str) -> None:
    """As in case outcomes, where the column "cases" sums to cases completed."""
    columns = (("cases", "Cases"), ("share_of_completed", "Share"))
    rows = tuple(
        replace(row, display={"cases": "12", "share_of_completed": "3%"})
        for row in BY_NATIONALITY.rows
    )
    metric = replace(
        BY_NATIONALITY, measures=BY_NATIONALITY.measures[1:2], row_measures=columns, rows=rows
    )
    text = render(build.metric_report(metric), format)
    assert "Total Cases Completed: 44,014" in text
    assert "**Total**" not in text


def test_the_balance_of_a_count_in_words() -> None:
    text = render(build.metric_report(), "markdown")
    assert (
        "- **Total Enrolled in MPP:** 68,039 counted = 75,000 cases - 4,960 cases on another "
        "docket (mpp-docket) - 2,000 cases in which the NTA was not filed (nta-filed-only) "
        "- 1 case dated after December 31, 2020 (as-of)\n"
    ) in text
    assert "  - 1,204 later completions of 1,180 counted cases not counted again\n" in text


def test_a_count_under_two_headings_is_balanced_once() -> None:
    text = render(build.report(), "markdown")
    assert text.count("68,039 counted") == 1
    assert "- **Total Enrolled in MPP; Number of Aliens Enrolled in MPP:** 68,039 counted" in text


def test_the_balance_of_the_rows_of_a_file() -> None:
    text = render(build.report(), "markdown")
    assert "75,012 read = 75,000 used + 9 outside + 3 set aside" in text
    assert "2 unreadable date (lines 1284 and 40113); 1 duplicate (line 7)" in text


@given(st.text(alphabet="`*_|<[]\\#>-+=1.) \n~$&;ab"))
def test_escaped_text_holds_no_live_markup(text: str) -> None:
    shown = escape(text)
    assert "\n" not in shown
    assert not re.search(r"(?<!\\)(?:\\\\)*[`*_|<\[~$]", re.sub(r"\\[^\w]", "", shown))
    assert not re.match(r"\s*([#>=]|[+-](\s|$)|\d+[.)](\s|$))", shown)


def test_hostile_text_in_markdown() -> None:
    text = render(build.hostile(), "markdown")
    assert "\\<script>alert(1)\\</script>" in text
    assert not re.search(r"(?<!\\)<", text)
    assert re.search(r"^\| a\\\|b +\|", text, re.MULTILINE)
    assert "http://" not in text  # An address stays text and does not become a link.
    table = [line for line in text.splitlines() if line.startswith("|")]
    assert len(table) == 2 + len(build.HOSTILE) + 1
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in table} == {5}


def test_hostile_text_on_a_terminal() -> None:
    text = render(build.hostile(), "table", color=True)
    for shown in ("[red]x[/red]", r"\x1b[31mred\x1b[0m\x07", r"\u202egnol\u200f", r"\x9b31m"):
        assert shown in text
    assert set(re.findall(r"\x1b\[[\d;]*m", text)) <= {"\x1b[0m", "\x1b[1m", "\x1b[1;36m"}


@pytest.mark.parametrize("width", [100, 60, 40, 20, 5])
@pytest.mark.parametrize("metric", [BY_NATIONALITY, build.encounters()], ids=lambda m: m.name)
def test_every_figure_is_whole_at_any_width(width: int, metric) -> None:  # type: ignore[no-untyped-def]
    text = render(build.metric_report(metric), "table", width=width)
    shown = [measure.display for measure in metric.measures]
    shown += [figure for row in metric.rows for figure in row.display.values()]
    printed = text.split()
    for figure in set(shown):
        assert printed.count(figure) >= shown.count(figure)
    assert "…" not in text


@pytest.mark.parametrize("width", [100, 72, 60, 40, 20])
def test_only_a_word_too_long_for_the_width_makes_a_longer_line(width: int) -> None:
    for line in render(build.report(by=True), "table", width=width).splitlines():
        assert line == line.rstrip()
        if cell_len(line) > width:
            assert len(line.split()) <= 2  # The word, and perhaps the mark before it.


@pytest.mark.parametrize("width", [100, 40])
def test_colour_changes_no_character(width: int) -> None:
    report = build.report(sample=True, by=True)
    plain = render(report, "table", width=width)
    coloured = render(report, "table", width=width, color=True)
    assert "\x1b" not in plain
    assert "\x1b[1m" in coloured
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == plain


def test_the_environment_decides_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """NO_COLOR and the like are the command's to read."""
    plain, coloured = (render(build.metric_report(), "table", color=c) for c in (False, True))
    for name, value in (("FORCE_COLOR", "1"), ("COLUMNS", "30"), ("NO_COLOR", "1")):
        monkeypatch.setenv(name, value)
        assert render(build.metric_report(), "table") == plain
        assert render(build.metric_report(), "table", color=True) == coloured


@given(st.text(alphabet="ab日 1,"), st.integers(4, 30))
def test_wrapping_breaks_no_word(text: str, width: int) -> None:
    lines = wrap(text, width)
    assert " ".join(lines).split() == text.split()
    assert all(cell_len(line) <= width or " " not in line for line in lines)
