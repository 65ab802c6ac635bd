"""The oracle itself, pinned by drawn tables: each test is one rule with its expected numbers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from . import EncounterYear, Expected, Refused, compute, default_as_of, exceeds, values

D = date(2020, 12, 31)
Ask = Callable[..., Expected]


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    """Return a function that writes tables, given as text or bytes by name, and computes them.

    Unless it is told otherwise a limit was given, so that a file may lose all its rows.
    """

    def write_and_compute(
        as_of: date = D,
        by: list[str] | None = None,
        where: dict[str, str] | None = None,
        measure: str | None = None,
        limited: bool = True,
        **tables: str | bytes,
    ) -> Expected:
        paths = []
        for name, text in tables.items():
            path = tmp_path / f"{name}.csv"
            path.write_bytes(text if isinstance(text, bytes) else drawn(text))
            paths.append(path)
        return compute(paths, as_of, by=by, where=where, measure=measure, limited=limited)

    return write_and_compute


def drawn(text: str) -> bytes:
    """Return a table drawn with indented lines as the bytes of a file."""
    return "\n".join(line.strip(" ") for line in text.strip().split("\n")).encode() + b"\n"


def account(expected: Expected, table: str = "cases") -> tuple[int, int, set[tuple[int, str]]]:
    """Return rows read, rows used, and what was set aside where."""
    file = expected.files[f"{table}.csv"]
    return file.rows_read, file.rows_used, file.set_aside_lines


CASES = """
    case_id,nta_filed_date
    A1,2020-01-01
    A2,2020-12-31
    A3,2021-01-01
    A4,
"""


def test_enrolled_are_mpp_cases_with_an_nta_by_the_day(ask: Ask) -> None:
    expected = ask(cases=CASES)
    assert expected.figures["total_enrolled"] == 2
    ledger = expected.ledgers["total_enrolled"]
    assert ledger.population == 4
    assert ledger.excluded == (("mpp-docket", 0), ("nta-filed-only", 1), ("as-of", 1))


def test_a_blank_docket_is_mpp_and_another_docket_is_the_first_rule(ask: Ask) -> None:
    expected = ask(
        cases="""
            case_id,nta_filed_date,docket
            A1,2020-01-01,
            A2,2020-01-01,MPP
            A3,,Non Detained
            A4,2020-01-01,detained
        """
    )
    assert expected.figures["total_enrolled"] == 2
    assert expected.ledgers["total_enrolled"].excluded[0] == ("mpp-docket", 2)


def test_the_initial_completion_completes_a_case(ask: Ask) -> None:
    expected = ask(
        cases="""
            case_id,nta_filed_date
            A1,2020-01-01
            A2,2020-01-01
            A3,2020-01-01
            A4,2020-01-01
            A5,2020-01-01
            A6,
        """,
        completions="""
            case_id,completion_date,outcome,completion_type
            A1,2020-02-01,removal_ordered,
            A1,2020-03-01,relief_granted,subsequent
            A2,2020-02-01,change_of_venue,initial
            A2,2020-02-01,Administratively-Closed,
            A3,2020-02-01,other,subsequent
            A4,2021-01-01,other,
            A6,2020-02-01,other,
        """,
    )
    assert expected.figures["cases_completed"] == 1
    assert expected.figures["completion_percentage"] == Fraction(1, 5)
    assert expected.ledgers["cases_completed"].excluded == (
        ("mpp-docket", 0),
        ("nta-filed-only", 1),
        ("no-completion", 1),
        ("initial-completions-only", 2),
        ("as-of", 1),
    )


def test_of_nobody_enrolled_there_is_no_percentage(ask: Ask) -> None:
    expected = ask(
        cases="case_id,nta_filed_date\nA1,", completions="case_id,completion_date,outcome"
    )
    assert expected.figures["cases_completed"] == 0
    assert expected.figures["completion_percentage"] is None
    assert not {"cases_completed", "completion_percentage"} & expected.unavailable


def test_relief_is_of_three_kinds_and_each_case_counts_once(ask: Ask) -> None:
    expected = ask(
        cases="""
            case_id,nta_filed_date
            A1,2020-01-01
            A2,2020-01-01
            A3,2020-01-01
            A4,2020-01-01
            A5,
            A6,2020-01-01
        """,
        grants="""
            case_id,granted_date,relief_type
            A1,2020-02-01,asylum
            A1,2020-02-02,CAT Withholding
            A2,2020-02-01,cat_deferral
            A2,2020-02-02,other
            A3,2021-02-01,statutory-withholding
            A3,2020-02-01,other
            A5,2020-02-01,asylum
            A6,2020-02-01,other
            A6,2020-02-01,unknown
        """,
    )
    assert expected.figures["relief_granted"] == 1
    assert expected.ledgers["relief_granted"].excluded == (
        ("mpp-docket", 0),
        ("nta-filed-only", 1),
        ("no-grant", 1),
        ("relief-unknown", 1),
        ("relief-kinds", 1),
        ("as-of", 1),
    )


def test_people_referred_need_no_nta(ask: Ask) -> None:
    expected = ask(
        cases="case_id,docket\nA1,\nA2,detained\nA3,\nA4,",
        referrals="""
            case_id,referred_date
            A1,2020-02-01
            A1,2020-03-01
            A2,2020-03-01
            A3,2021-01-01
        """,
    )
    assert expected.figures["aliens_referred"] == 1
    assert expected.ledgers["aliens_referred"].excluded == (
        ("mpp-docket", 1),
        ("no-referral", 1),
        ("as-of", 1),
    )
    assert "total_enrolled" in expected.unavailable


def test_what_is_absent_is_unavailable(ask: Ask) -> None:
    expected = ask(
        cases="case_id,nta_filed_date\nA1,2020-01-01",
        completions="case_id,completion_date\nA1,2020-02-01",
    )
    assert expected.unavailable == {
        "relief_granted",
        "aliens_referred",
        "cases_completed",
        "completion_percentage",
        "encounters",
    }
    assert expected.figures["total_enrolled"] == 1
    assert account(expected, "completions")[1] == 1


def test_without_cases_events_are_not_orphans(ask: Ask) -> None:
    expected = ask(referrals="case_id,referred_date\nA1,2020-01-01")
    assert account(expected, "referrals") == (1, 1, set())
    assert expected.figures["aliens_referred"] is None


def test_only_used_cases_have_events(ask: Ask) -> None:
    expected = ask(
        cases="case_id,nta_filed_date\nA1,never\nA2,2020-01-01\na2,",
        referrals="""
            case_id,referred_date
            A1,2020-01-01
            A2,2020-01-01
            A9,2020-01-01
            A9,2020-01-01
            A9,2020-01-02
        """,
    )
    assert account(expected, "referrals") == (
        5,
        1,
        {(2, "orphan"), (4, "orphan"), (5, "duplicate"), (6, "orphan")},
    )


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("A1,2020-01-01,mpp", None),
        ("A1,2020-01-01,mpp,,", None),
        ("A1,2020-01-01", "wrong_field_count"),
        ("A1,2020-01-01,mpp,,x", "wrong_field_count"),
        (",2020-01-01,mpp", "missing_case_id"),
        ("\u00a0,never,wrong", "missing_case_id"),
        ("A1,NA,wrong", "unreadable_date"),
        ("A1,,wrong", "unknown_value"),
        ("A1,,NA", "unknown_value"),
        ('"A1" ,,', "malformed_quotes"),
        ('"A1', "malformed_quotes"),
        ('A"1,,', "malformed_quotes"),
        (' "A1",,', None),
        ('A"1",,', None),
        ('"A,""1""",,', None),
        ("A1,,mpp\rx", "unknown_value"),
    ],
)
def test_the_first_reason_that_fits_a_case(ask: Ask, row: str, reason: str | None) -> None:
    table = f"case_id,nta_filed_date,docket\n{row}\n".encode()
    assert account(ask(cases=table)) == (
        1,
        int(reason is None),
        {(2, reason)} if reason else set(),
    )


@pytest.mark.parametrize(
    ("table", "row", "reason"),
    [
        ("completions", "A1,,other", "missing_date"),
        ("completions", "A1,2020-02-30,nothing", "unreadable_date"),
        ("completions", "A1,2020-02-01,nothing", "unknown_value"),
        ("completions", "A1,2020-02-01,", None),
        ("grants", "A1,2020-02-01,", "unknown_value"),
        ("grants", "A1,,", "missing_date"),
        ("referrals", "A1,2020-02-01,nothing", None),
        ("referrals", ",,nothing", "missing_case_id"),
        ("referrals", "A2,,", "missing_date"),
    ],
)
def test_the_first_reason_that_fits_an_event(
    ask: Ask, table: str, row: str, reason: str | None
) -> None:
    header = {
        "completions": "case_id,completion_date,outcome",
        "grants": "case_id,granted_date,relief_type",
        "referrals": "case_id,referred_date,outcome",
    }[table]
    data = f"{header}\n{row}\n"
    expected = ask(cases="case_id\nA1", **{table: data})
    read, used, aside = account(expected, table)
    assert (read, used) == (1, int(reason is None))
    assert {found for _, found in aside} == ({reason} if reason else set())


def test_an_unknown_completion_type_is_an_unknown_value(ask: Ask) -> None:
    expected = ask(completions="case_id,completion_date,completion_type\nA1,2020-01-01,first")
    assert account(expected, "completions") == (1, 0, {(2, "unknown_value")})


def test_optional_values_that_cannot_be_read_are_blanks_of_used_rows(ask: Ask) -> None:
    expected = ask(
        cases="""
            case_id,nta_filed_date,component,representation_date,enrolled_date
            A1,2020-01-01,CBP,soon,2020-01-01
            A1,2020-01-02,CBP,soon,soon
            A2,2020-01-01,office of field-operations,NA,
        """,
        completions="""
            case_id,completion_date,in_absentia,reopened_date
            A1,2020-02-01,maybe,1/1/2020
            A2,2020-02-01,Y,1/1/20
        """,
        referrals="""
            case_id,referred_date,outcome,outcome_date
            A1,2020-02-01,lost,
            A2,2020-02-01,Positive,x
        """,
    )
    blanked = {name: file.blanked for name, file in expected.files.items()}
    assert blanked == {
        "cases.csv": {"component": 1, "representation_date": 2},
        "completions.csv": {"in_absentia": 1, "reopened_date": 1},
        "referrals.csv": {"outcome": 1, "outcome_date": 1},
    }
    assert account(expected)[2] == {(3, "conflicting_duplicate")}


def test_duplicates_are_equal_after_trimming_and_the_first_stays(ask: Ask) -> None:
    expected = ask(
        cases="""
            case_id,nta_filed_date,nationality
            A1,2020-01-01,HO
            "A1",\t2020-01-01,HO
            A1,1/1/2020,HO
            A1,1/1/2020,HO
            A1,never,HO
            a1,2020-01-01,HO
        """
    )
    assert account(expected) == (
        6,
        2,
        {
            (3, "duplicate"),
            (4, "conflicting_duplicate"),
            (5, "duplicate"),
            (6, "unreadable_date"),
        },
    )


def test_a_case_of_an_earlier_file_is_a_conflict_and_not_a_duplicate(ask: Ask) -> None:
    expected = ask(cases="case_id,docket\nA1,", cases_b="case_id,docket\nA1,\nA2,")
    assert account(expected, "cases_b") == (2, 1, {(2, "conflicting_duplicate")})


def test_a_malformed_record_takes_its_first_line_only(ask: Ask) -> None:
    expected = ask(
        cases="""
            case_id,location
            A1,"two
            lines"
            A2,"never closed
            A3,x
            A4,"closed" badly
            A5,y
        """
    )
    assert account(expected) == (5, 3, {(4, "malformed_quotes"), (6, "malformed_quotes")})


def test_blank_lines_are_no_rows_and_lines_are_physical(ask: Ask) -> None:
    table = b'\xef\xbb\xbf\r\n , \r\nCase ID,nta-filed date\r\n\r\n,,,\r\n"","\n"\r\nA1,x'
    assert account(ask(cases=table)) == (1, 0, {(8, "unreadable_date")})


def test_a_file_without_valid_lines_of_high_bytes_is_cp1252(ask: Ask) -> None:
    table = b"case_id,nationality\n\xa0A1,\xd1\nA2,\x81\n"
    expected = ask(cases=table, by=["nationality"], referrals="case_id,referred_date\nA1,1/1/2020")
    assert expected.files["cases.csv"].encoding == "cp1252"
    assert account(expected) == (2, 2, set())
    assert expected.groups["non-refoulement-referrals"] == {("Ñ",): {"aliens_referred": 1}}


def test_a_file_with_a_valid_line_of_high_bytes_is_utf8(ask: Ask) -> None:
    table = "case_id,nationality\nA1,Ñ\n".encode() + b'A2,\xd1\nA3,"x\n\xd1\n"\n"A4,\xd1\nA5,\n'
    expected = ask(cases=table)
    assert expected.files["cases.csv"].encoding == "utf-8"
    aside = {(3, "invalid_encoding"), (4, "invalid_encoding"), (7, "invalid_encoding")}
    assert account(expected) == (5, 2, aside)


TIMES = [
    *(" 0:00", " 00:00", "T9:05", " 12:00 AM", " 12:00AM", " 2:05:09 p.m.", "T02:05:09P.M."),
    *(" 10:00:00", "T10:00:00.", " 10:00:00.5", " 10:00:00,123456789012", " 99:99:99"),
    *("T00:00:00Z", " 00:00 UTC", "T00:00:00.000-05:00", " 00:00:00 +0530", "T1:00+01"),
    " 11:59:59.997 pM -06:00",
]
NOT_TIMES = [
    *("T", " ", "Z", " 10", " 10:0", " 100:00", " 10:00:0", " 10:00:00:00", " 10:00 AM PM"),
    *("t10:00", "  10:00", " T10:00", " 10:00  AM", " 10:00 A.M", " 10:00 XM", " 10:00 am utc"),
    *("T10:00z", " 10:00 EST", " 10:00 +5", " 10:00 +05:0", " 10:00  Z", " at 10:00", ",10:00"),
]


@pytest.mark.parametrize("day", ["2020-02-29", "2/29/2020", "29-Feb-2020", "29 february 2020"])
def test_every_date_takes_every_time_of_day(day: str) -> None:
    assert values.read_date(day) == date(2020, 2, 29)
    assert {time: values.read_date(day + time) for time in TIMES} == dict.fromkeys(
        TIMES, date(2020, 2, 29)
    )
    assert [time for time in NOT_TIMES if values.read_date(day + time)] == []


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("02/9/2020", date(2020, 2, 9)),
        ("02/09/2020", date(2020, 2, 9)),
        ("9-FEB-2020", date(2020, 2, 9)),
        ("09 feb 2020", date(2020, 2, 9)),
        ("9-September-2020", date(2020, 9, 9)),
        ("1 May 2020", date(2020, 5, 1)),
        ("31-dEcEmBeR-0001", date(1, 12, 31)),
    ],
)
def test_the_forms_of_a_date(text: str, day: date) -> None:
    assert values.read_date(text) == day


@pytest.mark.parametrize(
    "text",
    [
        *("2021-02-29", "2020-1-1", "1/1/20", "0000-01-01", "13/2/2020", "2020/02/13", "43831"),
        *("9-Sept-2020", "9-Febr-2020", "9 Feb-2020", "9-Feb 2020", "9-Feb-20", "9/Feb/2020"),
        *("Feb-9-2020", "9--Feb-2020", "9  Feb 2020", "9_Feb_2020", "9Feb2020", "9.Feb.2020"),
        *("30-Feb-2020", "0-Jan-2020", "32 Jan 2020", "9-Feb-0000", "009-Feb-2020", "9-2-2020"),
        *("２０２０-01-01", "9-Fév-2020", "9\u00a0Feb\u00a02020", "9\u2011Feb\u20112020"),
    ],
)
def test_what_is_not_a_date(text: str) -> None:
    assert values.read_date(text) is None


DAY_FIRST = """
    case_id,nta_filed_date,representation_date
    A1,2020-01-01,13/02/2020
    A2,2020-01-01,03/02/2020 10:00
    A3,2020-01-01,
"""


def test_a_column_with_the_day_first_is_not_read_in_part(ask: Ask) -> None:
    expected = ask(limited=False, cases=DAY_FIRST)
    assert expected.unread == {("cases", "representation_date")}
    assert expected.files["cases.csv"].blanked == {"representation_date": 1}
    assert expected.figures["total_enrolled"] == 3


@pytest.mark.parametrize("value", ["02/13/2020", "2020-02-13", "13-Feb-2020", "soon"])
def test_one_value_that_says_otherwise_is_enough(ask: Ask, value: str) -> None:
    expected = ask(cases=drawn(DAY_FIRST) + f"A4,2020-01-01,{value}\n".encode())
    assert expected.unread == set()


@pytest.mark.parametrize(("others", "are"), [(9, True), (10, False)])
def test_a_tenth_has_to_be_day_first(others: int, are: bool) -> None:
    assert values.are_day_first(["13/02/2020", *["03/02/2020"] * others]) is are


def test_a_file_whose_rows_are_dated_in_another_form_is_refused(ask: Ask) -> None:
    tables = {
        "cases": "case_id,docket\nA1,\nA2,\nA3,",
        "referrals": "case_id,referred_date\nA1,13/02/2020\nA2,03/02/2020\nA3,04/02/2020",
    }
    with pytest.raises(Refused):
        ask(limited=False, **tables)
    expected = ask(**tables)
    assert expected.unread == {("referrals", "referred_date")}
    assert "aliens_referred" in expected.unavailable


def test_nta_dates_in_another_form_are_no_dates(ask: Ask) -> None:
    cases = "case_id,nta_filed_date\nA1,13/02/2020\nA2,03/02/2020\nA3,\nA4,\nA5,"
    with pytest.raises(Refused):
        ask(limited=False, cases=cases)
    assert "total_enrolled" in ask(cases=cases).unavailable


ENCOUNTERS = """
    fiscal_year,month,component,encounters,region
    2020,SEP,USBP,1,
    2020,9,OFO,20,Southwest Land Border
    2021,oct,U.S. Border Patrol,300,southwest-border
    2021 (FYTD),12,Office of Field Operations,4000.0,
    2021,JAN,USBP,50000,
    2021,OCT,USBP,1,Northern Land Border
    ,,,,northern
"""


def test_encounters_are_those_of_the_months_that_end_by_the_day(ask: Ask) -> None:
    expected = ask(encounters=ENCOUNTERS)
    assert expected.figures["encounters"] == 4300
    assert expected.encounter_years == {
        2020: EncounterYear(usbp=1, ofo=20, encounters=21, months=1),
        2021: EncounterYear(usbp=300, ofo=4000, encounters=4300, months=2),
    }
    ledger = expected.ledgers["encounters"]
    assert (ledger.population, ledger.counted) == (54321, 4300)
    assert ledger.excluded == (("fiscal-year", 21), ("as-of", 50000))
    assert expected.files["encounters.csv"].rows_outside == {"other-region": 2}


def test_a_component_that_a_year_does_not_have_is_not_zero(ask: Ask) -> None:
    expected = ask(
        encounters="""
            fiscal_year,month,component,encounters
            2020,SEP,OFO,20
            2021,OCT,USBP,300
            2021,JAN,OFO,7
            2022,FEB,OFO,x
        """
    )
    assert expected.figures["encounters"] == 300
    assert expected.encounter_years == {
        2020: EncounterYear(usbp=None, ofo=20, encounters=20, months=1),
        2021: EncounterYear(usbp=300, ofo=None, encounters=300, months=1),
    }


@pytest.mark.parametrize(
    "row", ["2021,OCT,OFO,x", "2021,Octo,OFO,5", "2021,NOV,ofo,-1", "FY21,OCT,OFO,5"]
)
def test_without_a_component_that_was_lost_there_is_no_sum(ask: Ask, row: str) -> None:
    encounters = f"""
        fiscal_year,month,component,encounters
        2020,SEP,USBP,20
        2021,OCT,USBP,300
        2021,NOV,USBP,300
        {row}
    """
    expected = ask(limited=False, encounters=encounters)
    assert "encounters" in expected.unavailable
    assert expected.encounter_years[2020].encounters == (None if "FY" in row else 20)
    assert expected.encounter_years[2021] == EncounterYear(600, None, None, 2)
    if "2021" in row and "Octo" not in row:
        assert ask(as_of=date(2020, 9, 30), encounters=encounters).figures["encounters"] == 20
    whole = ask(encounters=drawn(encounters) + b"2021,DEC,OFO,1\n")
    assert whole.figures["encounters"] == 601
    later = ask(encounters=drawn(encounters) + b"2021,JAN,OFO,1\n")
    assert ("encounters" in later.unavailable) is ("FY" not in row)


def test_a_month_that_ends_later_is_not_lost_yet(ask: Ask) -> None:
    rows = "2021,OCT,USBP,300\n2021,JAN,OFO,x"
    encounters = f"fiscal_year,month,component,encounters\n{rows}\n"
    assert ask(encounters=encounters).figures["encounters"] == 300
    assert "encounters" in ask(as_of=date(2021, 1, 31), encounters=encounters).unavailable


def test_a_year_without_a_whole_month_has_no_figure(ask: Ask) -> None:
    expected = ask(encounters=ENCOUNTERS, as_of=date(2020, 10, 30))
    assert expected.figures["encounters"] is None
    assert "encounters" not in expected.unavailable
    assert set(expected.encounter_years) == {2020}
    assert expected.ledgers["encounters"].counted == 0


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("2021,OCT,USBP,0", None),
        ("0000,OCT,USBP,1", "unknown_value"),
        (",OCT,USBP,1", "unknown_value"),
        ("2021,13,USBP,1", "unknown_value"),
        ("2021,09,CBP,-1", "unknown_value"),
        ("2021,09,OFO,-1", "not_a_count"),
        ("2021,09,OFO,", "not_a_count"),
        ("2021,09,OFO,1.", "not_a_count"),
        ("2021,09,OFO,1e3", "not_a_count"),
        ("2021,09,OFO,1.00", None),
        ("2021,09,OFO,999999999999999999", None),
        ("2021,09,OFO,1000000000000000000", "not_a_count"),
        ("2021,09,OFO,0001000000000000000000", "not_a_count"),
        ("2021,09,OFO,000000000000000000000001", None),
        ("2021,09,OFO,9584.0", None),
        ('2021,09,OFO,"9,584"', None),
        ('2021,09,OFO,"9,584.00"', None),
        ('2021,09,OFO,"1,009,584"', None),
        ('2021,09,OFO,"9,58"', "not_a_count"),
        ('2021,09,OFO,"9,5840"', "not_a_count"),
        ('2021,09,OFO,"9584,000"', "not_a_count"),
        ('2021,09,OFO,"9,,584"', "not_a_count"),
        ('2021,09,OFO,",584"', "not_a_count"),
        ('2021,09,OFO,"9,584,"', "not_a_count"),
        ('2021,09,OFO,"9, 584"', "not_a_count"),
        ('2021,09,OFO,"9,584.5"', "not_a_count"),
        ("2021,09,OFO,9 584", "not_a_count"),
        ("2021,09,OFO,9'584", "not_a_count"),
        ("2021,September,OFO,1", None),
        ("2021,may,OFO,1", None),
        ("2021,DECEMBER,OFO,1", None),
        ("2021,Sept,OFO,1", "unknown_value"),
        ("2021,Decem,OFO,1", "unknown_value"),
        ("2021,Dec.,OFO,1", "unknown_value"),
        ("2021,Sep-20,OFO,1", "unknown_value"),
    ],
)
def test_the_first_reason_that_fits_encounters(ask: Ask, row: str, reason: str | None) -> None:
    expected = ask(encounters=f"fiscal_year,month,component,encounters\n{row}")
    aside = {(2, reason)} if reason else set()
    assert account(expected, "encounters") == (1, int(reason is None), aside)


@pytest.mark.parametrize("counts", [["1.404", "9.000", "512"], ["9.000", "1.404.000"]])
def test_counts_with_points_between_thousands_are_not_read_in_part(
    ask: Ask, counts: list[str]
) -> None:
    rows = [f"2021,{month},USBP,{count}" for month, count in enumerate(counts, 1)]
    encounters = "\n".join(["fiscal_year,month,component,encounters", *rows])
    with pytest.raises(Refused):
        ask(limited=False, encounters=encounters)
    assert "encounters" in ask(encounters=encounters).unavailable


def test_counts_with_points_that_mean_nothing_else_are_set_aside(ask: Ask) -> None:
    rows = "2021,OCT,USBP,1.404\n2021,NOV,USBP,512"
    expected = ask(encounters=f"fiscal_year,month,component,encounters\n{rows}")
    assert account(expected, "encounters") == (2, 1, {(2, "not_a_count")})


def test_a_count_with_a_point_and_zeros_is_whole_beside_others(ask: Ask) -> None:
    rows = "2021,OCT,USBP,9.000\n2021,NOV,USBP,1.404\n2021,DEC,USBP,9584.0"
    expected = ask(encounters=f"fiscal_year,month,component,encounters\n{rows}")
    assert account(expected, "encounters") == (3, 2, {(3, "not_a_count")})
    assert expected.figures["encounters"] == 9593


def test_the_key_of_encounters_is_every_column_but_the_count(ask: Ask) -> None:
    expected = ask(
        encounters="""
            fiscal_year,month,component,encounters,demographic,own
            2021,OCT,USBP,1,x,y
            2021,OCT,USBP,1,x,y
            2021 (FYTD),10,usbp,2,x,y
            2021,OCT,USBP,3,x,z
        """
    )
    aside = {(3, "duplicate"), (4, "conflicting_duplicate")}
    assert account(expected, "encounters") == (4, 2, aside)


@pytest.mark.parametrize(
    "tables",
    [
        {"cases": b""},
        {"cases": b"\n,,\n"},
        {"grants": b"case_id,granted_date\n"},
        {"cases": b"case_id,Case ID\n"},
        {
            "encounters": b"fiscal_year,month,component,encounters\n2021,OCT,USBP,1\n",
            "encounters_b": b"fiscal_year,month,component,encounters\n2021,10,usbp,1\n",
        },
    ],
    ids=["empty", "blank", "required column", "repeated column", "same month"],
)
def test_what_is_refused_outright(ask: Ask, tables: dict[str, bytes]) -> None:
    with pytest.raises(Refused):
        ask(**tables)


@pytest.mark.parametrize(("used", "refused"), [(2, True), (3, False)])
def test_a_file_that_loses_more_than_half_is_refused(ask: Ask, used: int, refused: bool) -> None:
    good = "".join(f"A{n},2020-01-01\n" for n in range(used))
    # A total, a copy and a case that is there already are not lost for their own values.
    others = "Total,x\nA0,2020-01-01\nA1,2020-01-02\n"
    bad = "B1,never\n,2020-01-01\nB2\nB3,2020-01-01,x\n" + 'B4,"\n'
    cases = f"case_id,nta_filed_date\n{good}{others}{bad}".encode()
    if refused:
        with pytest.raises(Refused):
            ask(limited=False, cases=cases)
    assert len(account(ask(limited=used != 3, cases=cases))[2]) == 7
    assert ask(cases=cases).figures["total_enrolled"] == used


def test_orphans_do_not_refuse_a_file_and_are_not_zero(ask: Ask) -> None:
    expected = ask(
        limited=False,
        cases="case_id,nta_filed_date\n007,2020-01-01",
        completions="case_id,completion_date,outcome\n7,2020-02-01,other",
    )
    assert account(expected, "completions") == (1, 0, {(2, "orphan")})
    assert expected.unavailable == {
        *("relief_granted", "aliens_referred", "encounters"),
        *("cases_completed", "completion_percentage"),
    }


def test_an_optional_column_of_which_nothing_is_read_takes_its_measures_along(ask: Ask) -> None:
    cases = "case_id,nta_filed_date,docket,component\nA1,2020-01-01,,X\nA2,2020-01-01,,"
    completions = "case_id,completion_date,outcome,completion_type\n" + "A1,2020-02-01,,\n" * 1
    beside = {
        "grants": "case_id,granted_date,relief_type",
        "referrals": "case_id,referred_date",
    }

    def lost(cases: str, completions: str) -> set[str]:
        expected = ask(limited=False, cases=cases, completions=completions, **beside)
        return set(expected.unavailable) - {"encounters"}

    of_completions = {"cases_completed", "completion_percentage"}
    assert lost(cases, completions) == set()
    assert lost(cases, completions + "A2,2020-02-01,gone,\n") == of_completions
    assert lost(cases, completions + "A2,2020-02-01,other,\nA1,2020-02-03,gone,") == set()
    assert lost(cases, completions + "A2,2020-02-01,,first\n") == of_completions
    of_cases = {"total_enrolled", "relief_granted", "aliens_referred"} | of_completions
    assert lost(f"{cases}\nA3,2020-01-01,X,", completions) == of_cases


def test_a_table_of_totals_alone_has_no_rows_to_lose(ask: Ask) -> None:
    expected = ask(limited=False, cases="case_id,nta_filed_date\nTotal,12")
    assert account(expected) == (1, 0, set())
    assert expected.figures["total_enrolled"] == 0


@pytest.mark.parametrize(
    "row",
    [
        *("Total,2020-01-01,x", "TOTALS:,,", " grand total ,,", "Subtotal,x,", "sub-total:,,"),
        *("Sub Totals,,", "2020,Total,", "x,total", "Total,1,2,3", "TOTAL"),
    ],
)
def test_a_row_of_totals_is_outside_whatever_else_it_holds(ask: Ask, row: str) -> None:
    expected = ask(cases=f"location,case_id,nta_filed_date\nx,A1,2020-01-01\n{row}")
    assert account(expected) == (2, 1, set())
    assert expected.files["cases.csv"].rows_outside == {"totals-row": 1}


@pytest.mark.parametrize(
    "row", ["Total of all,2020-01-01", "Grand  Total,", "Total.,", "Sum,", "A Total,", "Totally,"]
)
def test_what_is_not_a_row_of_totals(ask: Ask, row: str) -> None:
    expected = ask(cases=f"case_id,nta_filed_date\n{row}")
    assert account(expected) == (1, 1, set())


def test_a_row_of_totals_that_is_not_text_is_set_aside(ask: Ask) -> None:
    cases = b'case_id,location\nA1,\xc3\xa9\nTotal,\xff\nTotal,"a" b\n'
    aside = {(3, "invalid_encoding"), (4, "malformed_quotes")}
    assert account(ask(cases=cases)) == (3, 1, aside)


@pytest.mark.parametrize(
    ("name", "header", "table"),
    [
        ("cases", "case_id,remark", "cases"),
        ("persons", "case_id,remark", None),
        ("persons", "case_id,docket", "cases"),
        ("persons", "nta_filed_date,docket", None),
        ("cases", "nta_filed_date,docket", None),
        ("completions_2020", "case_id,remark", "refused"),
        ("completions", "completion_date,outcome", "refused"),
        ("rulings", "completion_date,outcome", None),
        ("rulings", "case_id,completion_date", "completions"),
        ("grants", "case_id,remark", None),
        ("grants", "case_id,relief_type", "refused"),
        ("Referrals", "case_id", "refused"),
        ("by_month", "fiscal_year,month,total", None),
        ("encounters", "fiscal_year,month,total", "refused"),
        ("encounters", "fiscal_year,total", None),
        ("months", "fiscal_year,month,component,encounters", "encounters"),
        ("referrals", "case_id,completion_date,outcome", "completions"),
        ("referrals", "case_id,outcome", "refused"),
        ("completions", "case_id,outcome", "refused"),
        ("own", "case_id,outcome", None),
    ],
)
def test_what_is_a_known_shape(tmp_path: Path, name: str, header: str, table: str | None) -> None:
    path = tmp_path / f"{name}.csv"
    path.write_text(header)
    beside = tmp_path / "zz_referrals.csv"
    beside.write_text("case_id,referred_date")
    if table == "refused":
        with pytest.raises(Refused):
            compute([path, beside], D)
        return
    files = compute([path, beside], D).files
    assert (files[path.name].table if path.name in files else None) == table


@pytest.mark.parametrize(
    "header",
    [
        'Case  ID,"NTA Filed\nDate"',
        "case\u00a0id,NTA\u00a0 Filed\t-\tDate",
        "CASE - ID,nta--filed--date",
        "case_id,nta_filed_date,",
        'case_id,nta_filed_date, ,"",',
    ],
)
def test_headings_in_every_spelling(ask: Ask, header: str) -> None:
    expected = ask(cases=f"{header}\nA1,2020-01-01\nA2,2020-01-01,,".encode())
    assert account(expected) == (2, 2, set())
    assert expected.figures["total_enrolled"] == 2


def test_nameless_headings_at_the_end_do_not_take_values(ask: Ask) -> None:
    expected = ask(cases="case_id,,docket,,\nA1,x,\nA2,x,,y,")
    assert account(expected) == (2, 1, {(3, "wrong_field_count")})


@pytest.mark.parametrize(("titles", "known"), [(0, True), (1, True), (30, True), (31, False)])
def test_titles_above_a_header_are_passed_over(ask: Ask, titles: int, known: bool) -> None:
    title = b'Cases, as of "December"\n'
    cases = title * titles + b"case_id,nta_filed_date\nA1,2020-01-01\nA2,never\n"
    expected = ask(cases=cases, referrals="case_id,referred_date")
    assert ("cases.csv" in expected.files) is known
    if known:
        assert account(expected) == (2, 1, {(titles + 3, "unreadable_date")})


def test_a_title_may_be_what_no_record_is(ask: Ask) -> None:
    expected = ask(cases=b'"MPP" cases\n\xff\n\ncase_id,docket\nA1,\n')
    assert account(expected) == (1, 1, set())


def test_what_a_limit_is_held_against(ask: Ask) -> None:
    good = "".join(f"A{n},2020-01-01,\n" for n in range(1, 100))
    expected = ask(
        cases=f"case_id,nta_filed_date,component\n{good}B,never,\nC,2020-01-01,X",
        referrals="case_id,referred_date\nA1,2020-02-01\nA2,2020-02-01\nA3,2020-02-01\nA4,x",
    )
    accounts = list(expected.files.values())
    assert exceeds(accounts[:1], Fraction(19, 10))
    assert not exceeds(accounts[:1], Fraction(2))
    assert exceeds(accounts, Fraction(249, 10))  # 3 of 105 rows, but 1 of 4 of the second file
    assert not exceeds(accounts, Fraction(25))


def test_a_header_without_rows_is_a_table_of_no_rows(ask: Ask) -> None:
    expected = ask(cases="case_id,nta_filed_date")
    assert account(expected) == (0, 0, set())
    assert expected.figures["total_enrolled"] == 0


GROUPED = {
    "cases": """
        case_id,nta_filed_date,nationality,court
        A1,2019-10-01,HO,x
        A2,2020-09-30,,x
        A3,2020-10-01,HO,y
        A4,2021-10-01,GT,y
    """,
    "completions": """
        case_id,completion_date,outcome
        A1,2020-11-30,other
        A3,2020-12-01,other
    """,
}


def test_groups_by_a_column_of_cases_list_blanks_and_no_zeros(ask: Ask) -> None:
    expected = ask(by=["nationality"], **GROUPED)
    assert expected.groups["completion-rate"] == {
        ("HO",): {"total_enrolled": 2, "cases_completed": 2, "completion_percentage": 1},
        (None,): {"total_enrolled": 1, "cases_completed": 0, "completion_percentage": 0},
    }


def test_a_rate_is_grouped_by_the_nta_and_a_measure_alone_by_its_event(ask: Ask) -> None:
    expected = ask(by=["fiscal_year"], **GROUPED)
    assert expected.groups["completion-rate"] == {
        (2020,): {
            "total_enrolled": 2,
            "cases_completed": 1,
            "completion_percentage": Fraction(1, 2),
        },
        (2021,): {"total_enrolled": 1, "cases_completed": 1, "completion_percentage": 1},
    }
    expected = ask(by=["month", "quarter"], measure="cases_completed", **GROUPED)
    assert expected.groups["cases_completed"] == {
        ("2020-11", "2020-Q4"): {"cases_completed": 1},
        ("2020-12", "2020-Q4"): {"cases_completed": 1},
    }


def test_where_excludes_the_other_cases_first(ask: Ask) -> None:
    expected = ask(where={"court": "x"}, **GROUPED)
    assert expected.figures["total_enrolled"] == 2
    assert expected.figures["cases_completed"] == 1
    ledger = expected.ledgers["total_enrolled"]
    assert (ledger.population, ledger.excluded[0]) == (4, ("where", 2))


def test_the_case_data_end_on_their_latest_used_date_up_to_today(tmp_path: Path) -> None:
    cases, encounters = tmp_path / "cases.csv", tmp_path / "encounters.csv"
    cases.write_bytes(b"case_id,nta_filed_date\nA1,2020-05-01\nA1,2020-06-01\nA2,2030-01-01\n")
    encounters.write_bytes(b"fiscal_year,month,component,encounters\n2021,OCT,USBP,1\n")
    assert default_as_of([cases, encounters], date(2026, 1, 1)) == date(2020, 5, 1)
    assert default_as_of([encounters], date(2026, 1, 1)) is None
