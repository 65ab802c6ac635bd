"""Files that lost much: which are refused, which are spoken of, and what no figure is made of."""

from __future__ import annotations

from pathlib import Path

import pytest

import mpp_cli
from mpp_cli import api
from mpp_cli.errors import CheckFailed, DataError, UnavailableError
from mpp_cli.results import MetricReport, Warning
from tests.harness import run
from tests.spec.draw import TODAY, ask, folder, groups

CASES = "case_id,nta_filed_date\n" + "".join(f"A{n},2019-02-0{n}\n" for n in range(1, 9))
MONTHS = "fiscal_year,month,component,encounters\n"


def load(data: Path, limit: str | None = None) -> api.Data:
    return mpp_cli.load(data, today=TODAY, max_set_aside=limit)


def completions(*days: str) -> str:
    rows = "".join(f"A{n},{day},terminated\n" for n, day in enumerate(days, start=1))
    return f"case_id,completion_date,outcome\n{rows}"


def warned(answer: MetricReport, id: str) -> Warning:
    (warning,) = [each for each in answer.head.warnings if each.id == id]
    return warning


# --- more than half of a file ---------------------------------------------------


def test_half_of_a_file_may_be_lost_and_one_row_more_not() -> None:
    half = folder(cases=CASES, completions=completions("2020-01-01", "soon"))
    with load(half) as data:
        assert mpp_cli.metric(data, "completion-rate").metric.status == "ok"
    more = folder(cases=CASES, completions=completions("2020-01-01", "soon", "later"))
    with pytest.raises(DataError, match="2 of its 3 rows cannot be used") as refused:
        load(more)
    assert (refused.value.file, refused.value.line) == ("completions.csv", 3)
    assert refused.value.excerpt == "A2,soon,terminated"


def test_a_limit_that_is_given_says_how_much_may_be_lost() -> None:
    data = folder(cases=CASES, completions=completions("2020-01-01", "soon", "later"))
    with load(data, "70%") as loaded:
        assert mpp_cli.metric(loaded, "completion-rate").metric.measures[1].value == 1
    with pytest.raises(CheckFailed, match="more than --max-set-aside 60% allows"):
        load(data, "60%")


def test_rows_that_other_rows_set_aside_refuse_no_file() -> None:
    """Duplicates are in the file twice, and orphans may be of cases that somebody left out."""
    lines = "A1,2019-02-01\n" * 5
    with load(folder(cases=f"case_id,nta_filed_date\n{lines}")) as data:
        assert mpp_cli.metric(data, "total-enrolled").value == 1


def test_rows_outside_of_the_question_count_for_nothing() -> None:
    """Of 100 rows 97 are of other borders: two of the three others were lost."""
    others = "".join(f"{1900 + n},OCT,USBP,Northern,{n}\n" for n in range(97))
    lost = "2020,OCT,USBP,,many\n2020,OCT,OFO,,many\n2020,NOV,OFO,,7\n"
    data = folder(encounters=f"fiscal_year,month,component,region,encounters\n{lost}{others}")
    with pytest.raises(DataError, match="2 of its 3 rows cannot be used"):
        load(data)


def test_a_share_holds_for_every_file_and_for_all_together() -> None:
    many = "".join(f"B{n},2019-02-01\n" for n in range(1000))
    data = folder(
        cases=f"case_id,nta_filed_date\n{many}",
        grants="case_id,granted_date,relief_type\nB1,2020-01-01,asylum\nB2,soon,asylum\n",
    )
    with pytest.raises(CheckFailed) as refused:
        load(data, "1%")
    assert (refused.value.file, refused.value.line) == ("grants.csv", 3)
    # One of all 1,002 rows is no more than 1 row, and less than 1%.
    with load(data, "1") as loaded:
        assert mpp_cli.metric(loaded, "relief-granted").value == 1


# --- nothing of it --------------------------------------------------------------


def unavailable(data: Path, name: str) -> str:
    with load(data, "100%") as loaded:
        metric = mpp_cli.metric(loaded, name).metric
    assert (metric.status, {m.display for m in metric.measures}) == (
        "unavailable",
        {"unavailable"} | {m.display for m in metric.measures if m.value is not None},
    )
    assert metric.headline_measure.value is None
    return metric.reason or ""


@pytest.mark.parametrize(
    ("days", "look"),
    [
        (("12/31/20", "1/30/20"), 'they look like M/D/YY: add date-format = "M/D/YY"'),
        (("31/12/2019", "30/11/2019"), 'they look like D/M/YYYY: add date-format = "D/M/YYYY"'),
        (("20191231", "20191130"), 'they look like YYYYMMDD: add date-format = "YYYYMMDD"'),
        (("43830", "43831.5"), "they look like the numbers by which a spreadsheet stores days"),
        (("31.12.2019", "30.11.2019"), 'date-format = "D.M.YYYY"'),
        (("Dec 31, 2019", "November 30, 2019"), 'date-format = "MON D, YYYY"'),
        (("31-DEC-19", "30-NOV-19"), 'date-format = "D-MON-YY"'),
        (("1/2/20", "3/4/20"), "they look like M/D/YY or D/M/YY: add the one that is meant"),
        (("case_id", "soon"), 'there is "case_id", "soon": dates are YYYY-MM-DD'),
    ],
)
def test_a_table_of_which_no_row_can_be_used_is_unavailable(
    days: tuple[str, ...], look: str
) -> None:
    quoted = [f'"{day}"' for day in days]
    data = folder(cases=CASES, completions=completions(*quoted))
    reason = unavailable(data, "completion-rate")
    assert reason.startswith("all 2 rows of completions.csv cannot be used (2 unreadable date)")
    assert look in reason


def test_the_form_that_is_named_reads_the_file(tmp_path: Path) -> None:
    """What the reason says to do is done, and the figure is there."""
    texts = ["12/31/20", "31/12/2019", "20191231", "43830", "Dec 31, 2019", "31.12.19", "31/DEC/19"]
    for text in texts:
        quoted = [f'"{text}"'] * 2
        data = folder(cases=CASES, completions=completions(*quoted))
        told = unavailable(data, "completion-rate").partition("add ")[2]
        setting = told.removesuffix(" under [tables] in mpp.toml")
        config = tmp_path / "mpp.toml"
        config.write_text(f"[tables]\n{setting}\n")
        asked = ["metric", "completion-rate", "--data", str(data), "--config", str(config)]
        assert run([*asked, "-f", "value", "-q"])[:2] == (0, b"25.00\n"), text


def test_a_table_without_rows_holds_none_and_is_read() -> None:
    data = folder(cases=CASES, completions="case_id,completion_date,outcome\n")
    assert ask(data, "completion-rate").value == 0


def test_a_column_of_which_nothing_is_read_makes_what_needs_it_unavailable() -> None:
    cases = CASES.replace("\n", ",soon\n").replace("date,soon", "date,representation_date")
    data = folder(cases=cases, completions=completions("2020-01-01"))
    reason = unavailable(data, "representation")
    assert reason.startswith("all 8 values of representation_date in cases.csv are unreadable")
    assert ask(data, "completion-rate").metric.status == "ok"


def test_codes_of_which_none_is_known_are_not_blank_ones() -> None:
    """A blank outcome is a completion of unknown outcome; RMV, of rows beside it, is not blank."""
    rows = "A1,2020-01-01,\nA2,2020-01-01,RMV\nA3,2020-01-01,\n"
    data = folder(cases=CASES, completions=f"case_id,completion_date,outcome\n{rows}")
    reason = unavailable(data, "completion-rate")
    assert reason == (
        "the only value of outcome in completions.csv is unreadable; "
        'there is "RMV": say what each code means under [tables.completions.codes.outcome] in '
        "mpp.toml"
    )


def test_groups_of_a_column_of_which_nothing_is_read_are_refused() -> None:
    cases = CASES.replace("\n", ",Patrol\n").replace("date,Patrol", "date,component")
    with load(folder(cases=cases)) as data:
        with pytest.raises(UnavailableError, match="--by component: all 8 values of component"):
            mpp_cli.metric(data, "total-enrolled", by=["component"])
        assert mpp_cli.metric(data, "total-enrolled").value == 8


# --- read, and read wrongly -------------------------------------------------------


def day_first(*more: str) -> Path:
    """13 and 14 February can only have the day first; 2 March and 3 April would be others."""
    days = ["13/02/2019", "02/03/2019", "03/04/2019", "14/02/2019", *more]
    rows = "".join(f"A{n},{day}\n" for n, day in enumerate(days))
    return folder(cases=f"case_id,nta_filed_date\n{rows}")


def test_dates_of_which_half_could_be_other_days_are_not_believed() -> None:
    with pytest.raises(DataError, match="are in another form") as refused:
        load(day_first())
    assert 'date-format = "D/M/YYYY"' in (refused.value.hint or "")
    assert "all 4 values of nta_filed_date in cases.csv are in another form" in unavailable(
        day_first(), "total-enrolled"
    )


@pytest.mark.parametrize("own", ["2/14/2019", "2019-02-14", "14-Feb-2019"])
def test_one_date_that_is_ours_makes_the_others_slips_of_the_pen(own: str) -> None:
    assert ask(day_first(own), "total-enrolled").value == 3


def test_counts_with_a_point_between_thousands_are_not_believed() -> None:
    data = folder(encounters=MONTHS + "2020,OCT,OFO,9.000\n2020,NOV,OFO,1.404\n2020,DEC,OFO,12\n")
    with pytest.raises(DataError) as refused:
        load(data)
    assert 'add thousands = "point"' in (refused.value.hint or "")
    assert (
        ask(
            folder(encounters=MONTHS + "2020,OCT,OFO,9.000\n2020,NOV,OFO,1404\n"),
            "enforcement-encounters",
            "2019-11-30",
        ).value
        == 9 + 1404
    )


# --- components ---------------------------------------------------------------------


def test_a_component_that_a_year_does_not_have_is_not_zero() -> None:
    rows = "2019,OCT,USBP,5\n2020,OCT,USBP,5\n2020,OCT,OFO,0\n2021,OCT,OFO,7\n"
    answer = ask(folder(encounters=MONTHS + rows), "enforcement-encounters", "2020-10-31")
    assert groups(answer, "usbp") == {2019: 5, 2020: 5, 2021: None}
    assert groups(answer, "ofo") == {2019: None, 2020: 0, 2021: 7}
    assert groups(answer, "encounters") == {2019: 5, 2020: 5, 2021: 7}
    notes = {each.id: each.text for each in answer.metric.footnotes}
    assert notes["usbp-alone"].startswith("For fiscal year 2019 the data have encounters of USBP")
    assert notes["ofo-alone"].startswith("For fiscal year 2021 the data have encounters of OFO")


def test_a_group_without_rows_of_a_component_is_zero_where_the_year_has_it() -> None:
    rows = "2020,OCT,USBP,Adults,5\n2020,OCT,USBP,Minors,6\n2020,OCT,OFO,Adults,7\n"
    header = "fiscal_year,month,component,demographic,encounters\n"
    data = folder(encounters=header + rows)
    answer = ask(data, "enforcement-encounters", "2019-10-31", by=("demographic",))
    assert groups(answer, "ofo") == {(2020, "Adults"): 7, (2020, "Minors"): 0}


def test_a_component_of_which_all_rows_were_lost_makes_the_sum_unavailable() -> None:
    rows = "2020,OCT,USBP,5\n2020,NOV,USBP,5\n2020,OCT,OFO,many\n2019,SEP,USBP,4\n2019,SEP,OFO,3\n"
    data = folder(encounters=MONTHS + rows)
    answer = ask(data, "enforcement-encounters", "2019-11-30")
    assert answer.metric.status == "unavailable"
    assert "all rows of OFO in fiscal year 2020" in (answer.metric.reason or "")
    before = ask(data, "enforcement-encounters", "2019-09-30")
    assert (before.value, before.metric.status) == (7, "ok")
    with load(data) as loaded:
        with pytest.raises(UnavailableError, match="all rows of OFO"):
            api.trend(loaded, "enforcement-encounters")
        compared = api.compare(loaded, "enforcement-encounters", before_as_of="2019-09-30")
        assert "all rows of OFO" in repr(compared.metrics)


# --- what is spoken of ----------------------------------------------------------------


def test_a_tenth_of_a_file_is_spoken_of_and_less_is_not() -> None:
    nine = "".join(f"B{n},2019-02-01\n" for n in range(9))
    answer = ask(folder(cases=f"case_id,nta_filed_date\n{nine}C,soon\n"), "total-enrolled")
    warning = warned(answer, "rows-lost")
    assert warning.text == "1 of 10 rows of cases.csv were set aside (1 unreadable date)"
    assert (warning.file, warning.loud) == ("cases.csv", True)
    less = ask(
        folder(cases=f"case_id,nta_filed_date\n{nine}B,2019-02-01\nC,soon\n"), "total-enrolled"
    )
    assert not [each for each in less.head.warnings if each.loud]


@pytest.mark.parametrize(
    ("held", "event", "what"),
    [
        ("00123", "123", "leading zeros"),
        ("123", "123.0", "a .0 at the end"),
        ('"=""123"""', "123", 'the signs ="…"'),
        ("'123", "123", "quotes"),
        ("1 2 3", "123", "spaces"),
    ],
)
def test_orphans_whose_ids_a_spreadsheet_has_changed(held: str, event: str, what: str) -> None:
    data = folder(
        cases=f"case_id,nta_filed_date\n{held},2019-02-01\nB,2019-02-01\n",
        completions=f"case_id,completion_date,outcome\n{event},2020-01-01,terminated\n",
    )
    answer = ask(data, "completion-rate")
    said = warned(answer, "orphans-in-bulk").text
    assert f"1 of them would match without {what}" in said
    # No id of a case stands in a report.
    assert "123" not in said
    assert answer.metric.status == "unavailable"


def test_ids_that_a_spreadsheet_has_shortened_cannot_be_restored() -> None:
    data = folder(
        cases="case_id,nta_filed_date\n201901012345,2019-02-01\n",
        completions="case_id,completion_date,outcome\n2.01901E+11,2020-01-01,terminated\n",
    )
    assert "1 of its ids were shortened by a spreadsheet" in (
        warned(ask(data, "completion-rate"), "orphans-in-bulk").text
    )


def test_a_column_that_is_blank_throughout_and_notes_below_a_table_are_spoken_of() -> None:
    blank = "".join(f"A{n},\n" for n in range(12))
    answer = ask(folder(cases=f"case_id,nta_filed_date\n{blank}"), "total-enrolled")
    assert "nta_filed_date is blank in all 12 rows" in warned(answer, "blank-column").text
    notes = folder(cases=CASES + "Source: our own export,\nB9,2019-02-01\nSource: none,\nNote,\n")
    warning = warned(ask(notes, "total-enrolled"), "notes-below-table")
    assert (warning.text.partition(" have")[0], warning.line) == (
        "2 rows below the last full one",
        12,
    )
