"""The document, word for word, beside what the tool prints and what it computes.

Source: U.S. Department of Homeland Security, "Migrant Protection Protocols
Metrics and Measures", January 2021. The sentences below were copied from the
document and not from the package, so that a slip of the pen in either shows.
"""

from __future__ import annotations

import ast
import datetime
import re
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

import mpp_cli
from mpp_cli.analysis.api import Data
from mpp_cli.formats import render
from mpp_cli.goals import METRICS
from mpp_cli.goals.common_rules import CASES_NOT_PEOPLE
from mpp_cli.goals.definitions import AnyMeasure, Count, Metric, Ratio, Rule

PACKAGE = Path(mpp_cli.__file__).parent
SEED = PACKAGE.parents[1] / "shared" / "seed" / "mpp-metrics-and-measures.txt"

AS_OF = datetime.date(2020, 12, 31)

INTRODUCTION = [
    "The Migrant Protection Protocols (MPP) are a U.S. Government (USG) action whereby citizens "
    "and nationals of countries other than Mexico arriving in the United States by land from "
    "Mexico -- whether or not at a port of entry (POE) -- may be returned to Mexico pursuant to "
    "Section 235(b)(2)(C) of the Immigration and Nationality Act (INA) while their U.S. removal "
    "proceedings are pending under Section 240 of the INA.",
    "DHS remains committed to using all available tools to address the unprecedented security and "
    "humanitarian crisis at the southern border of the United States. At the peak of the crisis "
    "in May 2019, there were more than 4,800 undocumented aliens attempting to cross the border "
    "into the United States daily. MPP is a core component of the USG's efforts to address the "
    "migration crisis along the U.S.-Mexico border.",
    "The following are the intended goals of MPP and measurements of how those goals are "
    "currently being met.",
]

GOAL_1 = [
    "1. Goal: MPP streamlines existing avenues for aliens in removal proceedings who qualify for "
    "humanitarian protection in the United States to receive it.",
    "- Metric: MPP provides a streamlined pathway for aliens to defensively apply for protection "
    "or relief from removal, while upholding non-refoulement obligations through screenings of "
    "fear in Mexico.",
    "- Data measurement: Number of INA Section 240 removal proceedings for aliens subject to MPP "
    "which resulted in a grant of relief.",
    "MPP Aliens Granted Relief",
    "531",
    "* As of December 31, 2020.",
    '** "Relief" in this context refers to asylum, statutory withholding of removal and '
    "withholding of removal under the Convention Against Torture.",
    "- Data measurement: Number of MPP aliens referred to U.S. Citizenship and Immigration "
    "Services (USCIS) for non-refoulement assessment interviews based on the alien's assertion of "
    "a fear of persecution or torture in, or returning to, Mexico.",
    "Number of MPP Aliens Referred to USCIS for Non-Refoulement Assessments",
    "19,707",
    "* As of December 31, 2020",
    "** If USCIS assesses that an alien who affirmatively states a fear of return to Mexico is "
    "more likely than not to face persecution on a protected ground or torture in Mexico, the "
    "alien is no longer amenable for MPP.",
]

GOAL_2 = [
    "2. Goal: MPP supports an orderly and timely completion to U.S. immigration processes.",
    "- Metric: MPP provides a pathway for aliens to proceed efficiently through the U.S. "
    "immigration court processes, as compared to non-detained dockets.",
    "- Data measurement: The number of cases completed by immigration judges since MPP's "
    "inception.",
    "MPP Case Completion",
    "Total Enrolled in MPP",
    "Total Cases Completed",
    "Case Completion Percentage",
    "68,039",
    "44,014",
    "65%",
    "* As of December 31, 2020.",
    '** "Total Enrolled" includes only cases in which the notice to appear (NTA) was filed.',
    '*** "Cases Completed" includes only initial case completions, i.e. it excludes cases that '
    'were "completed" a second time due to a motion to reopen or a remand.',
]

GOAL_3 = [
    '3. Goal: MPP prevents "catch and release" into the United States, including for those whose '
    "claims are later found to be non-meritorious.",
    "- Metric: MPP decreases the number of aliens released into the interior of United States for "
    "the duration of their U.S. removal proceedings.",
    "- Data measurement: Number of aliens enrolled in MPP by Customs and Border Protection (CBP) "
    "across the Southwest Border (SWB).",
    "Number of Aliens Enrolled in MPP",
    "68,039",
    "* As of December 31, 2020.",
    '** "Total Enrolled" includes only cases in which the NTA was filed.',
]

GOAL_4 = [
    "4. Goal: MPP provides a deterrent to illegal entry.",
    "- Metric: MPP implementation contributes to decreasing the volume of inadmissible aliens "
    "arriving in the United States on land from Mexico (including those apprehended between the "
    "POEs).",
    "- Data measurement: Number of enforcement encounters along the SWB.",
]

PARTS = {
    "introduction": INTRODUCTION,
    "goal 1": GOAL_1,
    "goal 2": GOAL_2,
    "goal 3": GOAL_3,
    "goal 4": GOAL_4,
}

#: Every footnote of the document that is a rule: the metric that bears it, its
#: sentence, the id of the rule, and the predicate that keeps a case.
FOOTNOTE_RULES = [
    (
        "relief-granted",
        '"Relief" in this context refers to asylum, statutory withholding of removal and '
        "withholding of removal under the Convention Against Torture.",
        "relief-kinds",
        "relief_date IS NOT NULL",
    ),
    (
        "completion-rate",
        '"Total Enrolled" includes only cases in which the notice to appear (NTA) was filed.',
        "nta-filed-only",
        "nta_filed_date IS NOT NULL",
    ),
    (
        "completion-rate",
        '"Cases Completed" includes only initial case completions, i.e. it excludes cases that '
        'were "completed" a second time due to a motion to reopen or a remand.',
        "initial-completions-only",
        "initial_completion_date IS NOT NULL",
    ),
    (
        "total-enrolled",
        '"Total Enrolled" includes only cases in which the NTA was filed.',
        "nta-filed-only",
        "nta_filed_date IS NOT NULL",
    ),
]

#: The footnote of the document that explains a figure and removes nothing.
FOOTNOTE_NOTE = (
    "non-refoulement-referrals",
    "If USCIS assesses that an alien who affirmatively states a fear of return to Mexico is more "
    "likely than not to face persecution on a protected ground or torture in Mexico, the alien is "
    "no longer amenable for MPP.",
)

#: The figures of the document, by metric and measure.
FIGURES = {
    ("relief-granted", "relief_granted"): "531",
    ("non-refoulement-referrals", "aliens_referred"): "19,707",
    ("completion-rate", "total_enrolled"): "68,039",
    ("completion-rate", "cases_completed"): "44,014",
    ("completion-rate", "completion_percentage"): "65%",
    ("total-enrolled", "total_enrolled"): "68,039",
}


@pytest.fixture(scope="module")
def sample() -> Iterator[Data]:
    with mpp_cli.load(columns=()) as loaded:
        yield loaded


@pytest.fixture(scope="module")
def markdown(sample: Data) -> str:
    return render(mpp_cli.report(sample, as_of=AS_OF), "markdown")


def plain(markdown: str) -> str:
    """The words of a Markdown page in one line, without emphasis, bars and bullets."""
    text = re.sub(r"^\|[-:| ]+\|$", "", markdown, flags=re.MULTILINE)  # the rule under a header
    text = re.sub(r"(?<!\\)\*", "", text)  # emphasis
    text = re.sub(r"\\([^\w\s])", r"\1", text)  # escapes
    return " ".join(text.replace("|", " ").split())


# ------------------------------------------------------------------ the words


@pytest.mark.parametrize("part", PARTS)
def test_the_words_of_the_document_stand_in_the_report_in_their_order(
    part: str, markdown: str
) -> None:
    words = plain(markdown)
    start = words.index(plain(PARTS[part][0]))
    for sentence in PARTS[part]:
        wanted = plain(sentence.replace("*", r"\*"))
        # The document ends one of its "As of" notes without a full stop.
        assert wanted in words[start:], f"not there, or not in this place: {sentence}"
        start = words.index(wanted, start) + len(wanted)


def test_the_parts_of_the_document_stand_in_its_order(markdown: str) -> None:
    words = plain(markdown)
    places = [words.index(plain(sentences[0])) for sentences in PARTS.values()]
    assert places == sorted(places)
    assert "SAMPLE DATA: Migrant Protection Protocols Metrics and Measures" in words


def test_nothing_but_the_documents_words_stands_in_its_first_three_goals(markdown: str) -> None:
    words = plain(markdown)
    between = words[words.index("1. Goal:") : words.index("4. Goal:")]
    # What is added to the document says so.
    assert between.count(CASES_NOT_PEOPLE.text) == 3
    between = between.replace(CASES_NOT_PEOPLE.text, "")
    for sentence in (*GOAL_1, *GOAL_2, *GOAL_3):
        between = between.replace(plain(sentence.replace("*", r"\*")), "", 1)
    assert between.strip(" .*") == ""


def test_non_refoulement_is_emphasised_as_in_the_document(markdown: str) -> None:
    assert markdown.count("*non-refoulement*") == 2


def test_the_transcription_above_is_the_document() -> None:
    if not SEED.is_file():
        pytest.skip(f"the text of the document is not at {SEED.parent.name}/{SEED.name}")
    text = re.sub(r"^(\*+) ?(?=[A-Z\"])", _marked, SEED.read_text("utf-8"), flags=re.MULTILINE)
    document = plain(text)
    start = document.index(plain(INTRODUCTION[0]))
    for sentence in (sentence for part in PARTS.values() for sentence in part):
        wanted = plain(sentence.replace("*", r"\*"))
        assert document[start:].startswith(wanted), sentence
        start += len(wanted) + 1
    assert document[start:] == ""


def _marked(match: re.Match[str]) -> str:
    """The mark of a footnote, told apart from the stars of emphasis."""
    return r"\*" * len(match[1]) + " "


@pytest.mark.parametrize("format", ["table", "markdown", "csv", "json"])
def test_the_sample_is_called_so_in_every_format(sample: Data, format: str) -> None:
    assert "SAMPLE DATA" in render(mpp_cli.report(sample, as_of=AS_OF), format)


# ------------------------------------------------------- footnotes and rules


@pytest.mark.parametrize(("name", "sentence", "rule", "keeps"), FOOTNOTE_RULES)
def test_a_footnote_stands_beside_the_rule_that_it_describes(
    name: str, sentence: str, rule: str, keeps: str
) -> None:
    declared = {each.id: each for each in METRICS[name].footnote_rules}
    assert declared[rule].footnote == sentence
    assert declared[rule].keeps == keeps


def test_no_other_rule_bears_a_footnote() -> None:
    declared = [
        (name, rule.id) for name, metric in METRICS.items() for rule in metric.footnote_rules
    ]
    assert declared == [(name, rule) for name, _, rule, _ in FOOTNOTE_RULES]


@pytest.mark.parametrize(("name", "sentence", "rule", "keeps"), FOOTNOTE_RULES)
def test_without_the_rule_of_a_footnote_the_figure_would_be_another(
    sample: Data,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    sentence: str,
    rule: str,
    keeps: str,
) -> None:
    with_rule = _displays(sample, name)
    monkeypatch.setitem(METRICS, name, _without(METRICS[name], rule))
    assert _displays(sample, name) != with_rule


@pytest.mark.parametrize(("name", "sentence", "rule", "keeps"), FOOTNOTE_RULES)
def test_the_ledger_says_how_many_cases_a_footnote_removed(
    sample: Data, name: str, sentence: str, rule: str, keeps: str
) -> None:
    metric = mpp_cli.metric(sample, name, as_of=AS_OF).metric
    removed = {each.rule: each.count for ledger in metric.ledger for each in ledger.excluded}
    assert removed[rule] > 0


@pytest.mark.parametrize("name", ["relief-granted", "completion-rate", "non-refoulement-referrals"])
def test_the_as_of_footnote_is_the_date_that_was_applied(sample: Data, name: str) -> None:
    earlier = mpp_cli.metric(sample, name, as_of="2020-06-30")
    assert earlier.metric.footnotes[0].text == "As of June 30, 2020."
    assert [each.display for each in earlier.metric.measures] != _displays(sample, name)


def test_the_note_on_positive_assessments_removes_nobody() -> None:
    name, sentence = FOOTNOTE_NOTE
    assert [note.text for note in METRICS[name].notes] == [sentence, CASES_NOT_PEOPLE.text]
    assert METRICS[name].footnote_rules == ()


def _displays(sample: Data, name: str) -> list[str]:
    metric = mpp_cli.metric(sample, name, as_of=AS_OF).metric
    return [each.display for each in metric.measures if each.unit != "ratio"]


def _without(metric: Metric, rule: str) -> Metric:
    return replace(metric, measures=tuple(_measure_without(each, rule) for each in metric.measures))


def _measure_without(measure: AnyMeasure, rule: str) -> AnyMeasure:
    if isinstance(measure, Count):
        return _count_without(measure, rule)
    if isinstance(measure, Ratio):
        part, whole = _count_without(measure.part, rule), _count_without(measure.whole, rule)
        return replace(measure, part=part, whole=whole)
    return measure


def _count_without(count: Count, rule: str) -> Count:
    # What the rule keeps is dropped, not its place: a later rule may need its date.
    rules = tuple(_always(each) if each.id == rule else each for each in count.rules)
    within = _count_without(count.within, rule) if count.within else None
    return replace(count, rules=rules, within=within)


def _always(rule: Rule) -> Rule:
    return replace(rule, keeps="TRUE", dated_by=None)


# ---------------------------------------------------------------- the figures


@pytest.mark.parametrize(("metric", "measure"), FIGURES)
def test_the_sample_gives_the_figures_of_the_document(
    sample: Data, metric: str, measure: str
) -> None:
    answer = mpp_cli.metric(sample, metric, as_of=AS_OF)
    assert answer.metric.measure(measure).display == FIGURES[metric, measure]


def test_the_sample_ends_on_the_day_of_the_document(sample: Data) -> None:
    assert mpp_cli.report(sample).head.as_of == AS_OF


def test_the_percentage_is_computed_and_not_copied(sample: Data) -> None:
    assert mpp_cli.metric(sample, "completion-rate", as_of=AS_OF).value == Fraction(44_014, 68_039)


def test_no_figure_of_the_document_stands_in_the_code() -> None:
    figures = {531, 19_707, 68_039, 44_014}
    found = [
        f"{path.relative_to(PACKAGE)}: {number}"
        for path in sorted(PACKAGE.rglob("*.py"))
        for number in sorted(figures & {*_written(path), *_computed(path)})
    ]
    assert found == []


def _written(path: Path) -> Iterator[int]:
    """Every number in a file, comments and texts included: 68039, 68,039, 68_039, 0x109c7."""
    source = path.read_text(encoding="utf-8")
    for match in re.findall(r"(?<!\d)\d{1,3}(?:[,_.' ]\d{3})+(?!\d)|(?<!\d)\d+(?!\d)", source):
        yield int(re.sub(r"\D", "", match))
    for match in re.findall(r"\b0[xob][0-9a-f_]+\b", source, re.IGNORECASE):
        yield int(match, 0)


def _computed(path: Path) -> Iterator[int]:
    """The value of every sum, difference and product of numbers in a file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        parts = list(ast.walk(node))
        if isinstance(node, ast.BinOp) and all(isinstance(each, _ARITHMETIC) for each in parts):
            value = eval(compile(ast.Expression(node), "constant", "eval"), {"__builtins__": {}})
            if isinstance(value, int):
                yield value


_ARITHMETIC = (ast.BinOp, ast.Constant, ast.Add, ast.Sub, ast.Mult)
