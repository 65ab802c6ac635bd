"""The oracle itself, pinned by drawn tables: each test is one rule with its expected numbers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from . import EncounterYear, Expected, Refused, compute, default_as_of

D = date(2020, 12, 31)
Ask = Callable[..., Expected]


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    """Return a function that writes tables, given as text or bytes by name, and computes them."""

    def write_and_compute(
        as_of: date = D,
        by: list[str] | None = None,
        where: dict[str, str] | None = None,
        measure: str | None = None,
        **tables: str | bytes,
    ) -> Expected:
        paths = []
        for name, text in tables.items():
            path = tmp_path / f"{name}.csv"
            path.write_bytes(text if isinstance(text, bytes) else drawn(text))
            paths.append(path)
        return compute(paths, as_of, by=by, where=where, measure=measure)

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


@pytest.mark.parametrize(
    ("text", "readable"),
    [
        ("2020-02-29", True),
        ("2/29/2020", True),
        ("02/9/2020", True),
        ("2020-01-01 00:00:00", True),
        ("2020-01-01T99:99:99.123456789", True),
        ("1/1/2020T10:00:00", True),
        ("2021-02-29", False),
        ("2020-1-1", False),
        ("1/1/20", False),
        ("0000-01-01", False),
        ("2020-01-01 10:00", False),
        ("2020-01-01T10:00:00.1234567890", False),
        ("2020-01-01Z", False),
        ("２０２０-01-01", False),
    ],
)
def test_the_forms_of_a_date(ask: Ask, text: str, readable: bool) -> None:
    expected = ask(cases=f"case_id,nta_filed_date\nA1,{text}")
    assert account(expected)[1] == int(readable)


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
        ('2021,09,OFO,"1,000"', "not_a_count"),
    ],
)
def test_the_first_reason_that_fits_encounters(ask: Ask, row: str, reason: str | None) -> None:
    expected = ask(encounters=f"fiscal_year,month,component,encounters\n{row}")
    aside = {(2, reason)} if reason else set()
    assert account(expected, "encounters") == (1, int(reason is None), aside)


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
