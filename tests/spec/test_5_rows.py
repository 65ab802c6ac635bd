"""Nothing is lost: every row of every file is used, outside, or set aside for a reason.

The tests write files letter by letter, because what is wrong with a row is
often in its commas and quotes. Line 1 is the header.
"""

from __future__ import annotations

import pytest

import mpp_cli
from mpp_cli.common.errors import DataError
from tests.spec.draw import (
    ask,
    draw,
    excluded,
    figures,
    folder,
    groups,
    report,
    rows,
    set_aside,
    shown,
    warnings,
)

CASES = "case_id,nta_filed_date,docket\nA,2019-06-03,mpp\nB,2019-06-03,mpp\n"
COMPLETIONS = "case_id,completion_date,outcome,completion_type\n"
GRANTS = "case_id,granted_date,relief_type\n"
REFERRALS = "case_id,referred_date,outcome,outcome_date\n"
ENCOUNTERS = "fiscal_year,month,component,encounters\n"

# ------------------------------------------------------- the reasons, in order


def test_bytes_that_are_no_text_are_invalid_encoding() -> None:
    # The first row shows that the file is UTF-8, so the bad byte is not cp1252.
    cases = b"case_id,nta_filed_date,location\nA,2019-06-03,M\xc3\xa9xico\nB,2019-06-03,M\xe9xico\n"
    data = folder(cases=cases)
    assert set_aside(data) == {"invalid_encoding": (3,)}
    assert figures(ask(data, "total-enrolled")) == {"total_enrolled": 1}


@pytest.mark.parametrize("field", ['"bad" x', '"never closes', 'in"side'])
def test_quotes_that_do_not_pair_up_are_malformed_quotes(field: str) -> None:
    data = folder(cases=CASES + f"C,2019-06-03,{field}\nD,2019-06-03,mpp\n")
    assert set_aside(data) == {"malformed_quotes": (4,)}
    assert figures(ask(data, "total-enrolled")) == {"total_enrolled": 3}  # D is not swallowed


@pytest.mark.parametrize("row", ["C,2019-06-03", "C", "C,2019-06-03,mpp,x", "C,2019-06-03,mpp,,x"])
def test_too_few_or_too_many_fields_are_wrong_field_count(row: str) -> None:
    assert set_aside(folder(cases=CASES + row + "\n")) == {"wrong_field_count": (4,)}


def test_extra_fields_that_are_all_blank_are_dropped() -> None:
    data = folder(cases=CASES + "C,2019-06-03,mpp,, ,\n")
    assert set_aside(data) == {}
    assert figures(ask(data, "total-enrolled")) == {"total_enrolled": 3}


def test_a_row_without_a_case_id_is_missing_case_id() -> None:
    assert set_aside(folder(cases=CASES + "  ,2019-06-03,mpp\n")) == {"missing_case_id": (4,)}


@pytest.mark.parametrize(
    ("table", "row"),
    [
        ("completions", COMPLETIONS + "A,,removal_ordered,\n"),
        ("grants", GRANTS + "A, ,asylum\n"),
        ("referrals", REFERRALS + "A,,negative,\n"),
    ],
)
def test_an_event_without_its_date_is_missing_date(table: str, row: str) -> None:
    assert set_aside(folder(cases=CASES, **{table: row}), table) == {"missing_date": (2,)}


@pytest.mark.parametrize(
    ("table", "row"),
    [
        ("completions", COMPLETIONS + "A,31/12/2020,removal_ordered,\n"),
        ("grants", GRANTS + "A,NA,asylum\n"),
        ("referrals", REFERRALS + "A,2020-02-30,negative,\n"),
    ],
)
def test_an_event_whose_date_cannot_be_read_is_unreadable_date(table: str, row: str) -> None:
    assert set_aside(folder(cases=CASES, **{table: row}), table) == {"unreadable_date": (2,)}


def test_an_nta_date_that_cannot_be_read_is_no_case_without_an_nta() -> None:
    data = folder(cases=CASES + "C,soon,mpp\nD,,mpp\n")
    assert set_aside(data) == {"unreadable_date": (4,)}
    answer = ask(data, "total-enrolled")
    assert excluded(answer, "total_enrolled") == {"nta-filed-only": 1}  # D alone


@pytest.mark.parametrize(
    ("table", "row"),
    [
        ("completions", COMPLETIONS + "A,2020-02-03,removed,\n"),
        ("completions", COMPLETIONS + "A,2020-02-03,removal_ordered,second\n"),
        ("grants", GRANTS + "A,2020-02-03,refuge\n"),
        ("grants", GRANTS + "A,2020-02-03,\n"),  # which kind of relief is never left open
        ("encounters", ENCOUNTERS + "2021,13,USBP,5\n"),
        ("encounters", ENCOUNTERS + "FY21,OCT,USBP,5\n"),
        ("encounters", ENCOUNTERS + "2021,OCT,ICE,5\n"),
        ("encounters", ENCOUNTERS + "2021,OCT,,5\n"),
    ],
)
def test_a_code_that_nobody_knows_is_unknown_value(table: str, row: str) -> None:
    assert set_aside(folder(cases=CASES, **{table: row}), table) == {"unknown_value": (2,)}


def test_an_unknown_docket_is_unknown_value() -> None:
    assert set_aside(folder(cases=CASES + "C,2019-06-03,MPPP\n")) == {"unknown_value": (4,)}


@pytest.mark.parametrize("count", ["", "-1", "+1", "1e3", "1 000", "12.5", "many"])
def test_encounters_that_are_no_whole_number_are_not_a_count(count: str) -> None:
    data = folder(encounters=ENCOUNTERS + f"2021,OCT,USBP,{count}\n")
    assert set_aside(data, "encounters") == {"not_a_count": (2,)}


def test_a_row_that_repeats_an_earlier_one_is_a_duplicate() -> None:
    data = folder(
        cases=CASES + "A,2019-06-03,mpp\n",
        referrals=REFERRALS + "A,2019-07-01,,\nA,2019-07-01,,\nA,2019-07-02,,\n",
    )
    assert set_aside(data) == {"duplicate": (4,)}
    assert set_aside(data, "referrals") == {"duplicate": (3,)}
    assert figures(ask(data, "total-enrolled")) == {"total_enrolled": 2}


def test_fields_are_compared_after_trimming_and_as_they_are_written() -> None:
    cases = CASES + ' A ,"2019-06-03", mpp\nB,6/3/2019,mpp\n'
    assert set_aside(folder(cases=cases)) == {"duplicate": (4,), "conflicting_duplicate": (5,)}


def test_of_two_rows_that_contradict_each_other_the_first_stays() -> None:
    data = folder(cases=CASES + "A,2020-12-31,mpp\nA,,mpp\n")
    assert set_aside(data) == {"conflicting_duplicate": (4, 5)}
    assert figures(ask(data, "total-enrolled", "2019-06-03")) == {"total_enrolled": 2}


def test_encounters_of_one_month_and_component_contradict_each_other() -> None:
    data = folder(encounters=ENCOUNTERS + "2021,OCT,USBP,5\n2021,10,U.S. Border Patrol,7\n")
    assert set_aside(data, "encounters") == {"conflicting_duplicate": (3,)}
    assert figures(ask(data, "enforcement-encounters")) == {"encounters": 5}


def test_an_event_of_no_known_case_is_an_orphan() -> None:
    data = folder(
        cases=CASES,
        completions=COMPLETIONS + "Z,2020-02-03,other,\n",
        grants=GRANTS + "Z,2020-02-03,asylum\n",
        referrals=REFERRALS + "Z,2020-02-03,,\n",
    )
    for table in ("completions", "grants", "referrals"):
        assert set_aside(data, table) == {"orphan": (2,)}


def test_an_event_of_a_case_that_was_set_aside_is_an_orphan() -> None:
    data = folder(cases=CASES + "C,never,mpp\n", referrals=REFERRALS + "C,2020-02-03,,\n")
    assert set_aside(data, "referrals") == {"orphan": (2,)}


# ------------------------------------------- several faults in one row, or none


@pytest.mark.parametrize(
    ("table", "row", "reason"),
    [
        ("cases", b'C\xff,"bad" x,mpp', "invalid_encoding"),
        ("cases", b'"bad" x,2019-06-03', "malformed_quotes"),
        ("cases", b",soon", "wrong_field_count"),
        ("cases", b",soon,unknown", "missing_case_id"),
        ("completions", b",,removed,", "missing_case_id"),
        ("completions", b"A,,removed,", "missing_date"),
        ("completions", b"A,soon,removed,", "unreadable_date"),
        ("completions", b"Z,soon,other,", "unreadable_date"),
        ("grants", b"Z,2020-02-03,refuge", "unknown_value"),
        ("encounters", b"2021,OCT,ICE,many", "unknown_value"),
    ],
)
def test_a_row_with_several_faults_is_set_aside_for_the_first(
    table: str, row: bytes, reason: str
) -> None:
    header = {
        "cases": b"case_id,nta_filed_date,docket\n",
        "completions": COMPLETIONS.encode(),
        "grants": GRANTS.encode(),
        "encounters": ENCOUNTERS.encode(),
    }[table]
    # A row that is no fault, and shows that the file is UTF-8.
    good = b"S\xc3\xa1nchez,," if table == "cases" else b""
    files = {"cases": CASES, table: header + good + b"\n" + row + b"\n"}
    assert set_aside(folder(**files), table) == {reason: (3,)}


def test_a_copy_of_a_row_with_a_fault_has_the_same_fault() -> None:
    data = folder(cases=CASES + "C,soon,mpp\nC,soon,mpp\n")
    assert set_aside(data) == {"unreadable_date": (4, 5)}


def test_a_row_that_was_set_aside_contradicts_nobody() -> None:
    data = folder(cases=CASES + "C,soon,mpp\nC,2019-06-03,mpp\n")
    assert set_aside(data) == {"unreadable_date": (4,)}
    assert figures(ask(data, "total-enrolled")) == {"total_enrolled": 3}


def test_a_copy_of_a_row_that_contradicts_is_a_duplicate() -> None:
    data = folder(cases=CASES + "A,2020-01-06,mpp\nA,2020-01-06,mpp\n")
    assert set_aside(data) == {"duplicate": (5,), "conflicting_duplicate": (4,)}


def test_a_copy_of_an_orphan_is_a_duplicate() -> None:
    data = folder(cases=CASES, grants=GRANTS + "Z,2020-02-03,asylum\nZ,2020-02-03,asylum\n")
    assert set_aside(data, "grants") == {"duplicate": (3,), "orphan": (2,)}


def test_duplicates_are_looked_for_within_a_file_and_contradictions_across_files() -> None:
    data = folder(
        cases=CASES,
        cases_more="case_id,nta_filed_date,docket\nA,2019-06-03,mpp\nC,2019-06-03,mpp\n",
    )
    answer = ask(data, "total-enrolled")
    assert figures(answer) == {"total_enrolled": 3}
    by_file = {each.file: dict(each.set_aside) for each in answer.head.sources}
    assert by_file == {"cases.csv": {}, "cases_more.csv": {"conflicting_duplicate": 1}}


def test_reasons_are_listed_in_the_order_in_which_they_are_judged() -> None:
    source = rows(
        folder(cases=CASES + "A,2020-01-06,mpp\nA,2019-06-03,mpp\nC,,x\nC,soon,\n,,\n  ,,mpp\nC\n")
    )
    assert list(source.set_aside) == [
        "wrong_field_count",
        "missing_case_id",
        "unreadable_date",
        "unknown_value",
        "duplicate",
        "conflicting_duplicate",
    ]


def test_a_line_that_is_empty_or_all_blank_is_no_row() -> None:
    source = rows(folder(cases=CASES + "\n  \n,,\n , , \nC,,\n"))
    assert (source.rows_read, source.rows_used) == (3, 3)


def test_a_record_has_the_line_on_which_it_starts() -> None:
    header = "case_id,nta_filed_date,location\n"
    cases = header + 'A,2019-06-03,"two\nlines"\n\nB,soon,"x\ny"\nC,never,\n'
    assert set_aside(folder(cases=cases)) == {"unreadable_date": (5, 7)}


# ----------------------------------------------------- values read as blank


def test_another_optional_value_that_cannot_be_read_is_read_as_blank_and_counted() -> None:
    tables = {
        "cases": """
            | case_id | nta_filed_date | nta_issued_date | enrolled_date | component | representation_date |
            | A       | 2019-06-03     | soon            | 2019-02-30    | ICE       | 2019-13-01          |
            | B       | 2019-06-03     | 2019-06-01      | 2019-06-01    | USBP      |                     |
            | C       | 2019-06-03     |                 |               | CBP       |                     |
        """,  # noqa: E501
        "completions": """
            | case_id | completion_date | outcome | in_absentia | reopened_date |
            | A       | 2020-02-03      |         | perhaps     | soon          |
        """,
        "referrals": """
            | case_id | referred_date | outcome | outcome_date |
            | A       | 2020-02-03    | granted | soon         |
        """,
    }
    data = draw(tables)
    # One typo does not drop a case from the headline.
    assert figures(ask(data, "completion-rate"))["total_enrolled"] == 3
    assert figures(ask(data, "completion-rate"))["cases_completed"] == 1
    assert figures(ask(data, "non-refoulement-referrals")) == {"aliens_referred": 1}
    assert rows(data).set_aside == {}
    assert rows(data).blanked == {
        "nta_issued_date": 1,
        "enrolled_date": 1,
        "component": 2,
        "representation_date": 1,
    }
    assert rows(data, "completions").blanked == {"in_absentia": 1, "reopened_date": 1}
    assert rows(data, "referrals").blanked == {"outcome": 1, "outcome_date": 1}


def test_a_value_read_as_blank_is_in_the_blank_group() -> None:
    cases = "case_id,nta_filed_date,component\nA,2019-06-03,ICE\nB,2019-06-03,\nC,2019-06-03,OFO\n"
    answer = ask(folder(cases=cases), "total-enrolled", by=("component",))
    assert groups(answer, "total_enrolled") == {"OFO": 1, None: 2}


def test_values_of_a_row_that_was_set_aside_are_not_counted_as_blanked() -> None:
    cases = "case_id,nta_filed_date,component\nA,soon,ICE\nB,2019-06-03,OFO\n"
    assert rows(folder(cases=cases)).blanked == {}


# -------------------------------------------------------- absent is not blank


def test_without_cases_events_are_no_orphans_and_nothing_can_be_said_of_cases() -> None:
    data = folder(
        completions=COMPLETIONS + "Z,2020-02-03,other,\n",
        grants=GRANTS + "Z,2020-02-03,asylum\n",
        referrals=REFERRALS + "Z,2020-02-03,,\n",
    )
    document = report(data)
    assert [source.set_aside for source in document.head.sources] == [{}, {}, {}]
    assert [source.rows_used for source in document.head.sources] == [1, 1, 1]
    for metric in document.metrics[:4]:
        assert metric.status == "unavailable"
        assert metric.reason == (
            "this figure needs a list of cases (cases.csv); your data contain only completions, "
            "grants of relief and referrals to USCIS"
        )


@pytest.mark.parametrize(
    ("metric", "needed"),
    [
        ("relief-granted", "a list of grants of relief (grants.csv)"),
        ("non-refoulement-referrals", "a list of referrals to USCIS (referrals.csv)"),
        ("completion-rate", "a list of completions (completions.csv)"),
        (
            "enforcement-encounters",
            "counts of encounters by month (encounters.csv, or a file that CBP publishes)",
        ),
    ],
)
def test_a_figure_says_in_words_what_it_needs_and_what_there_is(metric: str, needed: str) -> None:
    answer = ask(folder(cases=CASES), metric).metric
    assert answer.reason == f"this figure needs {needed}; your data contain only a list of cases"


CBP = (
    "Fiscal Year,Month Grouping,Month (abbv),Component,Demographic,Citizenship Grouping,"
    "Title of Authority,Encounter Type,Encounter Count\n"
    "2020,FYTD,OCT,U.S. Border Patrol,Accompanied Minors,HONDURAS,Title 8,Apprehensions,5\n"
)


@pytest.mark.parametrize(
    ("files", "held"),
    [
        ({"sbo": CBP}, "CBP encounter counts"),
        ({"encounters": ENCOUNTERS}, "counts of encounters"),
        ({"totals": "as_of,measure,value\n2020-12-31,aliens_referred,5\n"}, "published figures"),
        (
            {"sbo": CBP, "completions": COMPLETIONS},
            "completions and CBP encounter counts",
        ),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_what_the_data_contain_is_said_in_words(files: dict[str, str], held: str) -> None:
    with mpp_cli.load(folder(**files)) as data:
        assert data.judgement.dataset.unavailable("cases") == (
            f"this figure needs a list of cases (cases.csv); your data contain only {held}"
        )


@pytest.mark.parametrize(
    ("metric", "table"),
    [
        ("relief-granted", "grants"),
        ("non-refoulement-referrals", "referrals"),
        ("completion-rate", "completions"),
        ("enforcement-encounters", "encounters"),
    ],
)
def test_without_its_table_a_figure_is_unavailable_and_not_zero(metric: str, table: str) -> None:
    answer = ask(folder(cases=CASES), metric)
    assert answer.metric.status == "unavailable"
    assert table in (answer.metric.reason or "")
    assert answer.value is None
    assert shown(answer)[answer.metric.headline] == "unavailable"


def test_without_completions_the_enrolled_cases_are_still_counted() -> None:
    answer = ask(folder(cases=CASES), "completion-rate")
    assert figures(answer) == {
        "total_enrolled": 2,
        "cases_completed": None,
        "completion_percentage": None,
    }


def test_without_the_column_nta_filed_date_nothing_is_known_of_enrolment() -> None:
    data = folder(
        cases="case_id,docket\nA,mpp\n",
        completions=COMPLETIONS + "A,2020-02-03,other,\n",
        grants=GRANTS + "A,2020-02-03,asylum\n",
        referrals=REFERRALS + "A,2020-02-03,,\n",
    )
    status = {metric.name: metric.status for metric in report(data).metrics}
    assert status == {
        "relief-granted": "unavailable",
        "non-refoulement-referrals": "ok",  # the NTA rule does not apply to it
        "completion-rate": "unavailable",
        "total-enrolled": "unavailable",
        "enforcement-encounters": "unavailable",
    }
    assert "nta_filed_date" in (ask(data, "total-enrolled").metric.reason or "")


def test_without_the_column_outcome_a_transfer_cannot_be_told_from_a_completion() -> None:
    data = folder(cases=CASES, completions="case_id,completion_date\nA,2020-02-03\n")
    answer = ask(data, "completion-rate")
    assert figures(answer)["cases_completed"] is None
    assert "outcome" in (answer.metric.reason or "")


def test_what_is_unavailable_leaves_the_rest_of_the_report_alone() -> None:
    document = report(folder(cases=CASES))
    assert {metric.name for metric in document.metrics if metric.status == "ok"} == {
        "total-enrolled"
    }


def test_a_table_without_rows_is_there_and_gives_zero() -> None:
    data = folder(cases=CASES, completions=COMPLETIONS, grants=GRANTS, referrals=REFERRALS)
    assert [figures(metric) for metric in report(data).metrics[:3]] == [
        {"relief_granted": 0},
        {"aliens_referred": 0},
        {"total_enrolled": 2, "cases_completed": 0, "completion_percentage": 0},
    ]


# ----------------------------------------------------------------- refused


def test_a_missing_required_column_is_refused_and_named() -> None:
    with pytest.raises(DataError, match="granted_date") as caught:
        ask(folder(cases=CASES, grants="case_id,relief_type,date_granted\n"), "relief-granted")
    assert caught.value.file == "grants.csv"


@pytest.mark.parametrize("content", ["", "\n\n", "  \n"])
def test_a_file_without_a_header_is_empty_and_refused(content: str) -> None:
    with pytest.raises(DataError, match="empty") as caught:
        ask(folder(cases=content), "total-enrolled")
    assert caught.value.file == "cases.csv"


def test_a_file_of_no_known_shape_is_passed_over_in_a_folder_and_refused_when_named() -> None:
    data = folder(cases=CASES, budget="year,dollars\n2020,5\n")
    answer = ask(data, "total-enrolled")
    assert figures(answer) == {"total_enrolled": 2}
    assert ("passed-over", "budget.csv", None) in warnings(answer)
    with pytest.raises(DataError):
        ask([data / "cases.csv", data / "budget.csv"], "total-enrolled")


def test_a_file_is_the_table_that_its_header_says_and_not_its_name() -> None:
    data = folder(completions_2020=CASES, x=COMPLETIONS + "A,2020-02-03,other,\n")
    assert figures(ask(data, "completion-rate"))["cases_completed"] == 1


def test_on_a_tie_the_name_of_the_file_decides() -> None:
    # case_id and outcome are columns of completions and of referrals alike.
    data = folder(cases=CASES, referrals_a="case_id,outcome\n")
    with pytest.raises(DataError, match="referred_date"):
        ask(data, "non-refoulement-referrals")
