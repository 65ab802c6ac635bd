"""The HTML page: the layout of the document, with everything linked, said and labelled."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from itertools import pairwise

import pytest

from mpp_cli.formats import render

from . import build
from .reading import HIDDEN, HtmlPage


def drawn(report: object) -> tuple[HtmlPage, str]:
    text = render(report, "html")  # type: ignore[arg-type]
    assert isinstance(text, str)
    return HtmlPage(text), text


REPORTS = {
    "document": build.report(sample=True),
    "by group": build.report(by=True),
    "one metric": build.metric_report(build.completion(rows=build.BY_NATIONALITY)),
    "encounters": build.metric_report(build.encounters()),
    "unavailable": build.metric_report(build.unavailable()),
    "hidden": build.metric_report(build.suppressed()),
    "hostile": build.hostile(),
}


@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
def test_the_page_is_whole_in_itself(report: object) -> None:
    page, text = drawn(report)
    (policy,) = [each["content"] for each in page.all("meta") if "http-equiv" in each]
    style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert policy.startswith(f"default-src 'none'; style-src 'sha256-{digest}'; ")
    assert "url(" not in style[1]
    assert "@import" not in style[1]
    assert not page.tags & {"script", "link", "img", "iframe"}
    assert page.all("html") == [{"lang": "en"}]


@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
def test_every_link_leads_somewhere_and_no_name_is_used_twice(report: object) -> None:
    page, _ = drawn(report)
    assert len(page.ids) == len({*page.ids})
    named = [each["href"] for each in page.all("a")]
    named += [
        f"#{name}" for _, each in page.elements for name in each.get("aria-labelledby", "").split()
    ]
    assert {name.removeprefix("#") for name in named} <= {*page.ids}


@pytest.mark.parametrize("name", ["document", "by group", "one metric", "encounters"])
def test_every_footnote_is_linked_both_ways(name: str) -> None:
    page, _ = drawn(REPORTS[name])
    links = page.all("a")
    there = [(each["id"], each["href"]) for each in links if each.get("role") == "doc-noteref"]
    back = [each["href"] for each in links if each.get("role") == "doc-backlink"]
    assert sorted(f"#{place}" for place, _ in there) == sorted(back)
    notes = {each["id"] for each in page.all("p") if each.get("class") == "note" and "id" in each}
    assert {target.removeprefix("#") for _, target in there} == notes
    assert notes


@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
def test_headings_go_down_one_level_at_a_time(report: object) -> None:
    page, _ = drawn(report)
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
def test_every_table_has_a_caption_and_every_header_a_scope(report: object) -> None:
    page, _ = drawn(report)
    for table in page.tables:
        assert table.caption.strip()
        for row in table.rows:
            assert all("scope" in cell.attributes for cell in row if cell.tag == "th")
        assert len({len(row) for row in table.rows}) == 1


def test_a_mark_stands_where_it_belongs() -> None:
    """What holds for all figures, or for none, is marked at the title, the rest at its column."""
    page, _ = drawn(build.metric_report())
    (table,) = page.tables
    assert table.caption == "MPP Case Completion****"
    assert [cell.text for cell in table.rows[0]] == [
        *("Total Enrolled in MPP**", "Total Cases Completed", "Case Completion Percentage"),
    ]


def test_footnotes_of_an_unavailable_metric_belong_to_no_table_above() -> None:
    report = build.report()
    first, second = report.goals[0].metrics
    absent = replace(second, status="unavailable", reason="no table", measures=())
    goal = replace(report.goals[0], metrics=(first, absent))
    page, _ = drawn(replace(report, goals=(goal, *report.goals[1:])))
    assert "** If USCIS assesses" in "".join(page.text)
    assert len(page.ids) == len({*page.ids})


def test_a_chart_says_in_words_what_it_shows() -> None:
    page, text = drawn(build.metric_report(build.encounters()))
    (svg,) = page.all("svg")
    assert svg["role"] == "img"
    said = "Fiscal year 2021, 3 of 12 months: 218,036 (U.S. Border Patrol 206,036, Office of Field "
    assert said in "".join(page.text)
    widths = [
        float(width) for width in re.findall(r'<rect x="[\d.]+" y="[\d.]+" width="([\d.]+)"', text)
    ]
    assert widths[2:4] == [
        pytest.approx(440 * 851_508 / 977_509, abs=0.1),
        pytest.approx(56.7, abs=0.1),
    ]


def test_a_hidden_count_has_no_bar() -> None:
    hidden = replace(build.suppressed().measures[0])
    report = build.report()
    relief, *rest = report.goals[0].metrics
    goal = replace(report.goals[0], metrics=(replace(relief, measures=(hidden,), ledger=()), *rest))
    page, text = drawn(replace(report, goals=(goal, *report.goals[1:])))
    assert page.figures[0] == HIDDEN
    chart = re.search(r"<svg.*?</svg>", text, re.DOTALL)
    assert chart is not None
    assert chart[0].count("<rect") == 2  # Cases completed and enrolled.
    assert "&lt;10" in chart[0]


def test_hidden_months_break_no_figure_out_of_a_bar() -> None:
    metric = build.encounters()
    hidden = tuple(
        replace(
            row,
            values={**row.values, "ofo": None, "encounters": None},
            display={**row.display, "ofo": "<11", "encounters": "withheld"},
            suppressed=("ofo", "encounters"),
        )
        for row in metric.rows[:1]
    )
    page, text = drawn(build.metric_report(replace(metric, rows=(*hidden, *metric.rows[1:]))))
    chart = re.search(r"<svg.*?</svg>", text, re.DOTALL)
    assert chart is not None
    assert chart[0].count("<rect") == 2 + 2 + 4  # The hatch, the legend, and two years of two.
    assert page.figures[:4] == [851_508.0, HIDDEN, HIDDEN, 12.0]


def test_hostile_text_is_shown_as_it_is() -> None:
    page, text = drawn(build.hostile())
    shown = "".join(page.text)
    for each in ("<script>alert(1)</script>", '=HYPERLINK("http://example.org","x")', "a|b"):
        assert each in shown
    assert r"\u202egnol\u200f" in shown
    assert "<script" not in text
