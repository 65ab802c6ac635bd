"""Aggregate exports: published figures under the same names, read and never computed."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

import mpp_cli
from mpp_cli import api
from mpp_cli.errors import DataError, UsageError
from mpp_cli.explanation import Explanation, Place
from mpp_cli.formats import render
from mpp_cli.goals import METRICS
from mpp_cli.results import MetricReport, Report
from mpp_cli.sources.schema import AGGREGATES, table

FOUR = """as_of,measure,value,source
2020-12-31,relief_granted,531,DHS
2020-12-31,aliens_referred,19707,DHS
2020-12-31,total_enrolled,68039,DHS
2020-12-31,cases_completed,44014,DHS
2020-12-31,completion_percentage,99%,DHS
2020-11-30,total_enrolled,66947,DHS
"""


def folder(tmp_path: Path, **tables: str) -> Path:
    for name, text in tables.items():
        (tmp_path / f"{name}.csv").write_text(text)
    return tmp_path


def report(path: Path, as_of: str | None = None) -> Report:
    with mpp_cli.load(path) as data:
        return mpp_cli.report(data, as_of=as_of)


def metric(path: Path, name: str, as_of: str, *by: str, **where: str) -> MetricReport:
    with mpp_cli.load(path) as data:
        return mpp_cli.metric(data, name, as_of=as_of, by=by, where=where)


def test_the_four_published_figures_give_the_documents_report(tmp_path: Path) -> None:
    found = report(folder(tmp_path, totals=FOUR))
    assert str(found.head.as_of) == "2020-12-31"  # the latest date that the file has
    shown = {each.name: each.display for m in found.metrics[:4] for each in m.measures}
    assert shown == {
        "relief_granted": "531",
        "aliens_referred": "19,707",
        "total_enrolled": "68,039",
        "cases_completed": "44,014",
        "completion_percentage": "65%",
    }
    assert found.metrics[0].notes == ("As published in totals.csv; not computed from cases.",)
    assert found.metrics[4].status == "unavailable"


def test_a_percentage_is_recomputed_and_never_read(tmp_path: Path) -> None:
    answer = metric(folder(tmp_path, totals=FOUR), "completion-rate", "2020-12-31")
    assert answer.value == Fraction(44_014, 68_039)
    (source,) = answer.head.sources
    assert (source.kind, source.rows_used, source.rows_outside) == (
        "aggregates",
        5,
        {"recomputed": 1},
    )


def test_a_date_that_the_file_lacks_is_refused_with_the_dates_it_has(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="2020-12-31, 2020-11-30"):
        report(folder(tmp_path, totals=FOUR), "2020-10-31")
    answer = metric(tmp_path, "total-enrolled", "2020-10-31")
    assert answer.metric.status == "unavailable"
    assert "as of: 2020-12-31, 2020-11-30" in str(answer.metric.reason)


def test_a_measure_without_a_row_of_that_date_leaves_the_others(tmp_path: Path) -> None:
    found = report(folder(tmp_path, totals=FOUR), "2020-11-30")
    assert {m.name: m.status for m in found.metrics} == {
        "relief-granted": "unavailable",
        "non-refoulement-referrals": "unavailable",
        "completion-rate": "unavailable",
        "total-enrolled": "ok",
        "enforcement-encounters": "unavailable",
    }


CASES = "case_id,nta_filed_date\nA,2020-01-02\nB,2020-01-03\n"
TWO = "as_of,measure,value\n2020-12-31,total_enrolled,{}\n2020-12-31,aliens_referred,9\n"


def test_case_level_tables_answer_before_published_figures(tmp_path: Path) -> None:
    path = folder(tmp_path, cases=CASES, totals=TWO.format(2))
    found = report(path, "2020-12-31")
    figures = {m.name: m.headline_measure.value for m in found.metrics if m.status == "ok"}
    assert figures == {"total-enrolled": 2, "non-refoulement-referrals": 9}
    assert not [w for w in found.head.warnings if w.id == "differs-from-published"]


def test_where_both_exist_and_differ_both_are_shown(tmp_path: Path) -> None:
    answer = metric(
        folder(tmp_path, cases=CASES, totals=TWO.format(3)), "total-enrolled", "2020-12-31"
    )
    assert answer.value == 2
    (warning,) = [w for w in answer.head.warnings if w.id == "differs-from-published"]
    assert "2 as computed here and 3 as published in totals.csv" in warning.text
    assert answer.metric.notes == (warning.text,)


def test_a_difference_is_told_once_however_many_metrics_show_the_measure(tmp_path: Path) -> None:
    path = folder(
        tmp_path,
        cases=CASES,
        completions="case_id,completion_date,outcome\n",
        totals=TWO.format(3),
    )
    found = report(path, "2020-12-31")  # completion-rate and total-enrolled show it
    assert [w.id for w in found.head.warnings].count("differs-from-published") == 1


PARTS = """as_of,measure,value,nationality,component
2020-12-31,total_enrolled,10,,
2020-12-31,total_enrolled,6,CUBA,
2020-12-31,total_enrolled,4,PERU,
2020-12-31,cases_completed,3,CUBA,
2020-12-31,cases_completed,1,PERU,
2020-12-31,cases_completed,4,,
2020-12-31,aliens_referred,5,CUBA,
2020-12-31,aliens_referred,2,PERU,
2020-12-31,relief_granted,1,CUBA,
2020-12-31,relief_granted,1,,USBP
"""


def test_breakdowns_are_those_that_were_published(tmp_path: Path) -> None:
    path = folder(tmp_path, parts=PARTS)
    answer = metric(path, "completion-rate", "2020-12-31", "nationality")
    assert [(row.by, dict(row.display)) for row in answer.metric.rows] == [
        (
            {"nationality": "CUBA"},
            {"total_enrolled": "6", "cases_completed": "3", "completion_percentage": "50%"},
        ),
        (
            {"nationality": "PERU"},
            {"total_enrolled": "4", "cases_completed": "1", "completion_percentage": "25%"},
        ),
    ]
    with pytest.raises(UsageError, match="location"):
        metric(path, "completion-rate", "2020-12-31", "location")


def test_a_figure_only_given_in_parts_is_their_sum_when_they_are_of_one_breakdown(
    tmp_path: Path,
) -> None:
    path = folder(tmp_path, parts=PARTS)
    assert metric(path, "non-refoulement-referrals", "2020-12-31").value == 7
    answer = metric(path, "relief-granted", "2020-12-31")
    assert "only in parts" in str(answer.metric.reason)


def test_a_figure_without_groups_by_time_says_so(tmp_path: Path) -> None:
    found = metric(folder(tmp_path, totals=FOUR), "total-enrolled", "2020-12-31", "month")
    assert (found.value, found.metric.rows) == (68_039, ())
    assert found.metric.notes[1:] == (
        "Published figures have no groups by month: only the total is shown.",
    )


def test_conditions_cannot_be_put_to_published_figures(tmp_path: Path) -> None:
    answer = metric(
        folder(tmp_path, parts=PARTS), "total-enrolled", "2020-12-31", nationality="CUBA"
    )
    assert answer.metric.status == "unavailable"
    assert "--where" in str(answer.metric.reason)


def test_published_encounters_are_the_fiscal_year_to_date(tmp_path: Path) -> None:
    path = folder(tmp_path, e="as_of,measure,value\n2020-12-31,encounters,216701\n")
    answer = metric(path, "enforcement-encounters", "2020-12-31")
    assert answer.value == 216_701
    (row,) = answer.metric.rows
    assert row.by == {"fiscal_year": 2021}
    assert (row.values["usbp"], row.values["encounters"]) == (None, 216_701)


def test_every_row_is_accounted_for(tmp_path: Path) -> None:
    rows = [
        "as_of,measure,value,source",
        "2020-12-31,total_enrolled,10,x",
        "2020-12-31,total_enrolled,10,x",  # duplicate
        "2020-12-31,total_enrolled,11,x",  # conflicting_duplicate
        "12/31/2020,Cases-Completed,4.0,x",
        ",total_enrolled,1,x",  # missing_date
        "31/12/2020,total_enrolled,1,x",  # unreadable_date
        "2020-12-31,enrolled,1,x",  # unknown_value
        "2020-12-31,relief_granted,-1,x",  # not_a_count
    ]
    answer = metric(folder(tmp_path, t="\n".join(rows)), "completion-rate", "2020-12-31")
    (source,) = answer.head.sources
    assert (source.rows_read, source.rows_used) == (8, 2)
    assert source.set_aside == {
        "missing_date": 1,
        "unreadable_date": 1,
        "unknown_value": 1,
        "not_a_count": 1,
        "duplicate": 1,
        "conflicting_duplicate": 1,
    }
    assert answer.value == Fraction(4, 10)


def test_the_names_of_measures_are_those_of_the_goals() -> None:
    column = table(AGGREGATES).column("measure")
    assert column is not None
    measures = [m for metric in METRICS.values() for m in metric.measures]
    assert set(column.values) == {m.name for m in measures if m.unit != "ratio"}
    assert set(column.outside["recomputed"]) == {m.name for m in measures if m.unit == "ratio"}


@pytest.mark.parametrize("asked", [{"by": ["nationality"]}, {"where": {"component": "USBP"}}])
def test_published_figures_cannot_be_grouped_or_narrowed_by_columns_of_cases(
    tmp_path: Path, asked: dict[str, object]
) -> None:
    with mpp_cli.load(folder(tmp_path, totals=FOUR)) as data:
        for answer in (
            lambda: mpp_cli.report(data, **asked),  # type: ignore[arg-type]
            lambda: mpp_cli.metric(data, "completion-rate", **asked),  # type: ignore[arg-type]
            lambda: api.compare(data, before_as_of="2020-11-30", **asked),  # type: ignore[arg-type]
        ):
            with pytest.raises(UsageError, match="name no cases") as refused:
                answer()
            assert "case-level tables" in str(refused.value.hint)


def test_a_breakdown_that_published_figures_have_is_still_suggested(tmp_path: Path) -> None:
    rows = "as_of,measure,value,nationality\n2020-12-31,total_enrolled,5,CUBA\n"
    with pytest.raises(UsageError) as refused:
        metric(folder(tmp_path, totals=rows), "total-enrolled", "2020-12-31", "nationalty")
    assert refused.value.hint == 'did you mean "nationality"?'


# ------------------------------------------------- groups that are not all of it


#: The groups of one measure sum to less than its total, of one to all, of one to more.
LACKING = """as_of,measure,value,source,nationality
2020-12-31,total_enrolled,10,DHS,
2020-12-31,total_enrolled,4,DHS,CUBA
2020-12-31,total_enrolled,3,DHS,PERU
2020-12-31,cases_completed,6,DHS,
2020-12-31,cases_completed,2,DHS,CUBA
2020-12-31,cases_completed,1,DHS,PERU
2020-12-31,relief_granted,5,DHS,
2020-12-31,relief_granted,4,DHS,CUBA
2020-12-31,relief_granted,4,DHS,PERU
2020-12-31,aliens_referred,5,DHS,
2020-12-31,aliens_referred,5,DHS,CUBA
"""

DAY = "2020-12-31"


def by_nationality(answer: MetricReport, measure: str) -> dict[object, object]:
    return {row.by["nationality"]: row.values[measure] for row in answer.metric.rows}


def test_what_published_groups_lack_of_their_total_is_a_group_of_its_own(tmp_path: Path) -> None:
    answer = metric(folder(tmp_path, t=LACKING), "completion-rate", DAY, "nationality")
    assert by_nationality(answer, "total_enrolled") == {"CUBA": 4, "PERU": 3, "(other)": 3}
    assert by_nationality(answer, "cases_completed") == {"CUBA": 2, "PERU": 1, "(other)": 3}
    rates = by_nationality(answer, "completion_percentage")
    assert rates == {"CUBA": Fraction(1, 2), "PERU": Fraction(1, 3), "(other)": 1}
    assert [note for note in answer.metric.notes if "do not sum to the total" in note] == [
        f"{label}: the groups by nationality that were published do not sum to the total. "
        "The rest is the group (other)."
        for label in ("Total Enrolled in MPP", "Total Cases Completed")
    ]


def test_published_groups_that_are_all_of_it_have_no_other(tmp_path: Path) -> None:
    answer = metric(folder(tmp_path, t=LACKING), "non-refoulement-referrals", DAY, "nationality")
    assert by_nationality(answer, "aliens_referred") == {"CUBA": 5}
    assert answer.metric.notes == ("As published in t.csv; not computed from cases.",)


def test_published_groups_that_sum_to_more_than_their_total_are_called_wrong(
    tmp_path: Path,
) -> None:
    answer = metric(folder(tmp_path, t=LACKING), "relief-granted", DAY, "nationality")
    assert by_nationality(answer, "relief_granted") == {"CUBA": 4, "PERU": 4}
    assert answer.metric.notes[-1] == (
        "MPP Aliens Granted Relief: the groups by nationality sum to more than the total, as they "
        "were published. They overlap, or one of the figures is wrong."
    )


def test_a_figure_that_was_not_published_for_a_group_is_not_0(tmp_path: Path) -> None:
    rows = [row for row in LACKING.splitlines() if row != "2020-12-31,cases_completed,1,DHS,PERU"]
    answer = metric(folder(tmp_path, t="\n".join(rows)), "completion-rate", DAY, "nationality")
    assert by_nationality(answer, "cases_completed") == {"CUBA": 2, "PERU": None, "(other)": 4}
    # What is left of one count is of other groups than what is left of the other.
    rates = by_nationality(answer, "completion_percentage")
    assert rates == {"CUBA": Fraction(1, 2), "PERU": None, "(other)": None}


def test_a_measure_of_which_no_groups_were_published_has_none(tmp_path: Path) -> None:
    rows = [row for row in LACKING.splitlines() if "completed,6" in row or "completed" not in row]
    answer = metric(folder(tmp_path, t="\n".join(rows)), "completion-rate", DAY, "nationality")
    assert set(by_nationality(answer, "cases_completed").values()) == {None}
    assert "Total Cases Completed: no groups by nationality were published." in answer.metric.notes
    path = tmp_path / "t.csv"
    path.write_text("as_of,measure,value,nationality\n2020-12-31,total_enrolled,10,\n")
    answer = metric(path, "total-enrolled", DAY, "nationality")
    assert (answer.value, answer.metric.rows) == (10, ())
    assert answer.metric.notes[-1] == (
        "Published figures have no groups by nationality: only the total is shown."
    )


@pytest.mark.parametrize("format", ["table", "markdown", "csv", "json", "html"])
def test_groups_that_lack_figures_print_in_every_format(tmp_path: Path, format: str) -> None:
    path = folder(tmp_path, t=LACKING)
    for below in (None, 4, 100):
        with mpp_cli.load(path) as data:
            found = api.report(data, as_of=DAY, by=["nationality"], suppress_below=below)
        text = render(found, format)
        assert isinstance(text, str)
        assert ("(other)" in text) or format == "html"


def test_a_rest_that_is_small_is_hidden_like_any_group(tmp_path: Path) -> None:
    with mpp_cli.load(folder(tmp_path, t=LACKING)) as data:
        found = mpp_cli.metric(
            data, "total-enrolled", as_of=DAY, by=["nationality"], suppress_below=4
        )
    shown = {row.by["nationality"]: row.display["total_enrolled"] for row in found.metric.rows}
    assert shown["(other)"] == shown["PERU"] == "<4"


# --------------------------------------------------------- what counts and what was read


def test_a_metric_is_counted_whole_or_read_whole(tmp_path: Path) -> None:
    # Completions are not there: a percentage of published completions of two cases is none.
    path = folder(tmp_path, cases=CASES, totals=FOUR)
    answer = metric(path, "completion-rate", DAY)
    assert answer.value == Fraction(44_014, 68_039)
    assert answer.metric.ledger == ()
    assert metric(path, "total-enrolled", DAY).value == 2
    only = "as_of,measure,value\n2020-12-31,cases_completed,44014\n"
    answer = metric(folder(tmp_path, cases=CASES, totals=only), "completion-rate", DAY)
    assert answer.metric.reason == (
        "total_enrolled is counted from cases, and cases_completed was only published"
    )


def test_published_encounters_are_neither_narrowed_nor_grouped_in_silence(tmp_path: Path) -> None:
    rows = (
        "as_of,measure,value,component\n2020-12-31,encounters,90,\n2020-12-31,encounters,60,USBP\n"
    )
    path = folder(tmp_path, e=rows)
    answer = metric(path, "enforcement-encounters", DAY, component="USBP")
    assert answer.metric.reason == "published figures cannot be narrowed with --where"
    answer = metric(path, "enforcement-encounters", DAY, "component")
    assert (answer.value, answer.metric.notes[0]) == (
        90,
        "encounters has no column component: this metric is shown without the breakdown",
    )


# -------------------------------------------------------------------- explained


def explained(path: Path, name: str, *by: str) -> Explanation:
    with mpp_cli.load(path) as data:
        return api.explain(data, name, as_of=DAY, by=by, sql=True)


def test_an_explanation_says_where_a_figure_was_read_and_applies_no_rule(tmp_path: Path) -> None:
    found = explained(folder(tmp_path, t=LACKING), "completion-rate", "nationality")
    enrolled, completed, rate = found.measures
    assert enrolled.published == (Place("t.csv", 2, "DHS"),)
    assert enrolled.definition == (
        "This figure was published: t.csv, line 2 (source: DHS). mpp has read it, not counted it, "
        "and has applied no rule to it."
    )
    assert completed.published == (Place("t.csv", 5, "DHS"),)
    for each in found.measures:
        assert (each.rules, each.events, each.ledger) == ((), None, None)
    assert "Both figures were published" in rate.definition
    assert {each.table for each in found.columns} == {"aggregates"}
    assert found.queries == ()


def test_an_explanation_names_every_part_that_a_published_figure_is_the_sum_of(
    tmp_path: Path,
) -> None:
    (referred,) = explained(folder(tmp_path, p=PARTS), "non-refoulement-referrals").measures
    assert referred.published == (Place("p.csv", 8, None), Place("p.csv", 9, None))
    assert referred.definition.startswith(
        "The sum of 2 published figures: p.csv, line 8; p.csv, line 9."
    )


def test_an_explanation_of_published_encounters_says_so_too(tmp_path: Path) -> None:
    path = folder(tmp_path, e="as_of,measure,value\n2020-12-31,encounters,216701\n")
    (encounters,) = explained(path, "enforcement-encounters").measures
    assert (encounters.published, encounters.rules) == ((Place("e.csv", 2, None),), ())


def test_what_is_counted_is_explained_by_its_rules(tmp_path: Path) -> None:
    path = folder(tmp_path, cases=CASES, totals=TWO.format(3))
    (enrolled,) = explained(path, "total-enrolled").measures
    assert (enrolled.published, enrolled.ledger is None, bool(enrolled.rules)) == ((), False, True)
