"""How values are read: dates, yes and no, codes, months, counts, headers, and text."""

from __future__ import annotations

import gzip

import pytest

from mpp_cli.common.errors import DataError, UsageError
from tests.spec.draw import ask, excluded, figures, folder, groups, rows, set_aside

ENCOUNTERS = "fiscal_year,month,component,encounters\n"

DATES = [
    "2020-01-05",
    "1/5/2020",
    "01/05/2020",
    "1/05/2020",
    "2020-01-05 00:00:00",
    "2020-01-05T23:59:59",
    "2020-01-05 13:45:10.1",
    "2020-01-05T13:45:10.123456789",
    "1/5/2020 00:00:00",
    "01/05/2020T13:45:10.000",
    "  2020-01-05  ",
]

NO_DATES = [
    "2020-1-5",
    "20200105",
    "2020/01/05",
    "01-05-2020",
    "1/5/20",
    "31/12/2020",
    "13/1/2020",
    "0/5/2020",
    "001/05/2020",
    "5 Janu 2020",
    "5-January 2020",
    "5--Jan-2020",
    "January 5 2020",
    "31-Feb-2020",
    "2020-01",
    "2020-13-01",
    "2020-02-30",
    "2019-02-29",
    "0000-01-01",
    "2020-01-05 13",
    "2020-01-05t13:45",
    "2020-01-05Z",
    "2020-01-05 13:45 ET",
    "2020-01-05  13:45:10",
    "2020-01-05x",
    "-2020-01-05",
    "NA",
    "N/A",
    "NULL",
    "٢٠٢٠-01-05",
]


def test_each_of_these_is_the_fifth_of_january() -> None:
    lines = "".join(f"C{place},{text}\n" for place, text in enumerate(DATES))
    data = folder(cases="case_id,nta_filed_date\n" + lines)
    assert set_aside(data) == {}
    assert figures(ask(data, "total-enrolled", "2020-01-04")) == {"total_enrolled": 0}
    assert figures(ask(data, "total-enrolled", "2020-01-05")) == {"total_enrolled": len(DATES)}


def test_none_of_these_is_a_date() -> None:
    lines = "".join(f"C{place},{text}\n" for place, text in enumerate(NO_DATES))
    source = rows(folder(cases="case_id,nta_filed_date\n" + lines))
    assert source.set_aside == {"unreadable_date": len(NO_DATES)}


def test_a_leap_day_is_a_date() -> None:
    data = folder(cases="case_id,nta_filed_date\nA,2020-02-29\n")
    assert figures(ask(data, "total-enrolled", "2020-02-29")) == {"total_enrolled": 1}


def test_yes_and_no_in_every_form() -> None:
    readable = "true false t f yes no y n 1 0 TRUE False T F Yes NO Y N".split()
    unreadable = ["2", "ja", "-", "NA", "0.0", "yes."]
    lines = "".join(f"A,2020-01-{day:02},{text}\n" for day, text in enumerate(readable, start=1))
    header = "case_id,completion_date,in_absentia\n"
    data = folder(completions=header + lines)
    assert rows(data, "completions").blanked == {}
    lines = "".join(f"A,2020-01-{day:02},{text}\n" for day, text in enumerate(unreadable, start=1))
    assert rows(folder(completions=header + lines), "completions").blanked == {
        "in_absentia": len(unreadable)
    }


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("mpp", "mpp"),
        ("MPP", "mpp"),
        ("", "mpp"),
        ("non_detained", "non_detained"),
        ("Non-Detained", "non_detained"),
        ("NON DETAINED", "non_detained"),
        (" detained ", "detained"),
    ],
)
def test_a_docket_in_any_spelling(written: str, meant: str) -> None:
    data = folder(
        cases=f"case_id,nta_filed_date,docket\nA,2019-06-03,{written}\n",
    )
    assert set_aside(data) == {}
    # A case of another docket is never counted, so a condition tells which docket it is.
    for docket in ("mpp", "non_detained", "detained"):
        if docket != meant:
            with pytest.raises(UsageError, match="no case has docket"):
                ask(data, "total-enrolled", where={"docket": docket})
            continue
        answer = ask(data, "total-enrolled", where={"docket": docket})
        assert "where" not in excluded(answer, "total_enrolled")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("USBP", "USBP"),
        ("usbp", "USBP"),
        ("U.S. Border Patrol", "USBP"),
        ("u.s. border patrol", "USBP"),
        ("OFO", "OFO"),
        ("Office of Field Operations", "OFO"),
        ("office-of-field_operations", "OFO"),
    ],
)
def test_a_component_in_any_spelling_and_in_every_table(written: str, meant: str) -> None:
    data = folder(
        cases=f"case_id,nta_filed_date,component\nA,2019-06-03,{written}\n",
        encounters=ENCOUNTERS + f"2021,OCT,{written},5\n",
    )
    assert groups(ask(data, "total-enrolled", by=("component",)), "total_enrolled") == {meant: 1}
    row = ask(data, "enforcement-encounters").metric.rows[0]
    assert row.values[meant.lower()] == 5


@pytest.mark.parametrize(
    ("written", "month"),
    [
        ("OCT", "2020-10"),
        ("Dec", "2020-12"),
        ("jan", "2021-01"),
        ("October", "2020-10"),
        ("DECEMBER", "2020-12"),
        ("SEP", "2021-09"),
        ("10", "2020-10"),
        ("12", "2020-12"),
        ("1", "2021-01"),
        ("01", "2021-01"),
        ("9", "2021-09"),
    ],
)
def test_a_month_is_of_the_calendar_and_its_year_is_fiscal(written: str, month: str) -> None:
    data = folder(encounters=ENCOUNTERS + f"2021,{written},OFO,5\n")
    answer = ask(data, "enforcement-encounters", "2021-12-31", by=("month",))
    assert groups(answer, "encounters") == {month: 5}


def test_none_of_these_is_a_month() -> None:
    texts = ["0", "13", "Octo", "2020-10", "1.0", "001", "", "NA", "-1"]
    lines = "".join(f"{2010 + place},{text},OFO,5\n" for place, text in enumerate(texts))
    source = rows(folder(encounters=ENCOUNTERS + lines), "encounters")
    assert source.set_aside == {"unknown_value": len(texts)}


@pytest.mark.parametrize("written", ["2021", "2021 (FYTD)", " 2021 "])
def test_a_fiscal_year_to_date_is_a_fiscal_year(written: str) -> None:
    data = folder(encounters=ENCOUNTERS + f"{written},OCT,OFO,5\n")
    assert groups(ask(data, "enforcement-encounters"), "encounters") == {2021: 5}


def test_none_of_these_is_a_fiscal_year() -> None:
    texts = ["21", "FY2021", "2021.0", "20210", "2021 FYTD", "2021 (YTD)", "", "NA"]
    months = "OCT NOV DEC JAN FEB MAR APR MAY".split()
    lines = "".join(f"{text},{month},OFO,5\n" for text, month in zip(texts, months, strict=True))
    source = rows(folder(encounters=ENCOUNTERS + lines), "encounters")
    assert source.set_aside == {"unknown_value": len(texts)}


@pytest.mark.parametrize(
    ("written", "count"),
    [
        ("9584", 9584),
        ("9584.0", 9584),
        ("9584.00", 9584),
        ("0", 0),
        ("007", 7),
        (" 5 ", 5),
        ('"9,584"', 9584),
        ('"1,009,584.0"', 1009584),
    ],
)
def test_a_count_is_a_whole_number(written: str, count: int) -> None:
    data = folder(encounters=ENCOUNTERS + f"2021,OCT,OFO,{written}\n")
    assert figures(ask(data, "enforcement-encounters")) == {"encounters": count}


def test_none_of_these_is_a_count() -> None:
    texts = [
        "-1",
        "+1",
        '"95,84"',
        '"9584,000"',
        "1e3",
        "9584.5",
        "9584.",
        ".0",
        "9 584",
        "٩",
        "NA",
        "",
    ]
    lines = "".join(f"{2010 + place},OCT,OFO,{text}\n" for place, text in enumerate(texts))
    source = rows(folder(encounters=ENCOUNTERS + lines), "encounters")
    assert source.set_aside == {"not_a_count": len(texts)}


# ------------------------------------------------------------------- headers


@pytest.mark.parametrize(
    "header",
    [
        "case_id,nta_filed_date",
        "CASE_ID,NTA_Filed_Date",
        " Case ID , NTA-filed date ",
        '"Case-Id","nta filed-date"',
        "\ufeffcase_id,nta_filed_date",
    ],
)
def test_a_header_in_any_spelling(header: str) -> None:
    data = folder(cases=header + "\nA,2019-06-03\n")
    assert figures(ask(data, "total-enrolled")) == {"total_enrolled": 1}


def test_columns_may_stand_in_any_order() -> None:
    data = folder(cases="docket,nta_filed_date,case_id\nmpp,2019-06-03,A\n")
    assert figures(ask(data, "total-enrolled")) == {"total_enrolled": 1}


def test_a_column_named_twice_is_refused() -> None:
    with pytest.raises(DataError, match="more than once"):
        ask(folder(cases="case_id,nta_filed_date,Case ID\nA,2019-06-03,B\n"), "total-enrolled")


def test_columns_without_a_name_are_ignored() -> None:
    data = folder(cases="case_id,,nta_filed_date,\nA,,2019-06-03,\n")
    assert figures(ask(data, "total-enrolled")) == {"total_enrolled": 1}


def test_an_unknown_column_of_cases_is_a_dimension() -> None:
    data = folder(cases="case_id,nta_filed_date,Attorney Firm\nA,2019-06-03,Smith & Co\n")
    answer = ask(data, "total-enrolled", by=("attorney_firm",))
    assert groups(answer, "total_enrolled") == {"Smith & Co": 1}


# ---------------------------------------------------------------------- text


def test_text_is_trimmed_and_kept_as_it_is_otherwise() -> None:
    cases = (
        "case_id,nta_filed_date,nationality\n"
        "A,2019-06-03,  HONDURAS \n"
        "B,2019-06-03,Honduras\n"
        'C,2019-06-03,"SAN  JOSÉ, ""x"""\n'
    )
    answer = ask(folder(cases=cases), "total-enrolled", by=("nationality",))
    assert groups(answer, "total_enrolled") == {
        "HONDURAS": 1,
        "Honduras": 1,
        'SAN  JOSÉ, "x"': 1,
    }


@pytest.mark.parametrize("text", ["NA", "N/A", "NULL", "null", "None", "-"])
def test_na_and_the_like_are_text_and_not_blank(text: str) -> None:
    cases = f"case_id,nta_filed_date,nationality\nA,2019-06-03,{text}\nB,2019-06-03,\n"
    answer = ask(folder(cases=cases), "total-enrolled", by=("nationality",))
    assert groups(answer, "total_enrolled") == {text: 1, None: 1}


def test_a_case_id_is_trimmed_and_its_case_and_inner_spaces_are_kept() -> None:
    data = folder(
        cases="case_id,nta_filed_date\n a 1 ,2019-06-03\nA 1,2019-06-03\na  1,2019-06-03\n",
        referrals="case_id,referred_date\na 1,2019-07-01\n A 1,2019-07-01\na1,2019-07-01\n",
    )
    assert figures(ask(data, "total-enrolled")) == {"total_enrolled": 3}
    assert set_aside(data, "referrals") == {"orphan": (4,)}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_the_encodings_that_are_read(encoding: str) -> None:
    cases = "case_id,nta_filed_date,nationality\nA,2019-06-03,MÉXICO\nB,2019-06-03,CURAÇAO\n"
    answer = ask(folder(cases=cases.encode(encoding)), "total-enrolled", by=("nationality",))
    assert groups(answer, "total_enrolled") == {"CURAÇAO": 1, "MÉXICO": 1}


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("last", [True, False])
def test_lines_end_in_either_way_and_the_last_one_need_not(line_end: str, last: bool) -> None:
    cases = line_end.join(["case_id,nta_filed_date", "A,2019-06-03", "B,2019-06-03"])
    data = folder(cases=cases + (line_end if last else ""))
    assert figures(ask(data, "total-enrolled")) == {"total_enrolled": 2}


def test_tabs_and_gzip_are_read() -> None:
    data = folder()
    (data / "cases.tsv").write_text("case_id\tnta_filed_date\nA,x\t2019-06-03\n")
    text = b'case_id,referred_date\n"A,x",2019-07-01\n'
    (data / "referrals.csv.gz").write_bytes(gzip.compress(text))
    assert figures(ask(data, "total-enrolled")) == {"total_enrolled": 1}
    assert figures(ask(data, "non-refoulement-referrals")) == {"aliens_referred": 1}
