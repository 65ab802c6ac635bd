"""An agency's own headings, codes and dates, through ``[tables]`` in mpp.toml."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mpp_cli.sources.mapping.date_formats import reader
from mpp_cli.sources.mapping.mapped_view import distinct
from mpp_cli.sources.readers.delimited import TextFile
from tests import wide
from tests.harness import run

Json = dict[str, Any]

ASKED = ["--by", "nationality", "--by", "fiscal_year", "--additional"]


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folders own/ (mpp's tables) and agency/ (the same as one wide file), and mpp.toml."""
    home = tmp_path_factory.mktemp("exports")
    tables = wide.sample(home / "sample")
    wide.own_tables(home / "own", tables)
    (home / "agency").mkdir()
    with (home / "agency" / "wide_2021.csv").open("w", newline="") as stream:
        csv.writer(stream).writerows([wide.HEADINGS, *wide.wide_rows(tables)])
    (home / "mpp.toml").write_text(wide.CONFIG)
    return home


def answer(*arguments: str | Path) -> Json:
    code, out, err = run([*map(str, arguments), "-f", "json"])
    assert code == 0, err
    found: Json = json.loads(out)
    return found


def figures(document: Json) -> Json:
    """An answer without where it comes from."""
    return {
        key: value for key, value in document.items() if key not in ("request", "data", "warnings")
    }


def test_a_wide_export_gives_the_report_of_the_tables_made_of_it(exports: Path) -> None:
    own = answer("report", "--data", exports / "own", "--no-config", *ASKED)
    mapped = answer(
        "report", "--data", exports / "agency", "--config", exports / "mpp.toml", *ASKED
    )
    assert own["goals"][1]["metrics"][0]["measures"][1]["value"] > 100
    assert figures(mapped) == figures(own)
    assert mapped["data"]["sources"][0]["file"] == "wide_2021.csv"
    by_kind = {each["kind"]: each for each in mapped["data"]["sources"]}
    for source in own["data"]["sources"]:
        same = by_kind[source["kind"]]
        assert same["rows_used"] == source["rows_used"]
        assert same["rows_read"] == by_kind["cases"]["rows_read"]
        assert same["rows_outside"].get("no-event", 0) == same["rows_read"] - same["rows_used"]


def test_an_import_answers_like_the_file(exports: Path, tmp_path: Path) -> None:
    config = exports / "mpp.toml"
    out = tmp_path / "out"
    code, said, err = run(
        ["import", "map", str(exports / "agency"), "-o", str(out), "--config", str(config)]
    )
    assert code == 0, err
    # A long path may fill a line of its own.
    assert " ".join(said.decode().split()).startswith(f"{out}: cases ")
    kept = answer("report", "--data", out, "--no-config", *ASKED)
    direct = answer("report", "--data", exports / "agency", "--config", config, *ASKED)
    assert figures(kept) == figures(direct)
    assert kept["data"] == direct["data"]


def test_mapped_columns_can_be_broken_down_by(exports: Path) -> None:
    found = answer(
        *("metric", "total-enrolled", "--by", "sector"),
        *("--data", exports / "agency", "--config", exports / "mpp.toml"),
    )
    own = answer(
        "metric", "total-enrolled", "--by", "sector", "--data", exports / "own", "--no-config"
    )
    assert len(found["metric"]["rows"]) > 3
    assert found["metric"]["rows"] == own["metric"]["rows"]


def test_verify_reads_through_the_same_mapping(
    exports: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    saved = tmp_path / "saved.json"
    config = str(exports / "mpp.toml")
    arguments = ["report", "--data", str(exports / "agency"), "-o", str(saved), "--config", config]
    assert run(arguments)[0] == 0
    code, out, err = run(["verify", str(saved), "--config", config])
    assert (code, b"verified" in out) == (0, True), err
    code, _, err = run(["verify", str(saved)])
    assert (code, "--config" in err) == (3, True)
    other = tmp_path / "other.toml"
    other.write_text(wide.CONFIG.replace('"ASY" = "asylum"', '"ASY" = "other"'))
    code, out, _ = run(["verify", str(saved), "--config", str(other)])
    assert code == 5
    assert b"mapping changed" in out


# ------------------------------------------------------------------ which rows are what

WIDE = """\
Person,NTA,Decided,Decision,Absent,Relief,Note
a1,01-FEB-19,31-DEC-19,R,N,,x
a2,02-FEB-19,31-DEC-20,G,N,ASY,
a3,,,,N,,
a4,03-FEB-19,31-JAN-20,Z,N,,"q
uote"
a5,31-FEB-19,05-JAN-20,R,N,,
a6,03-FEB-19,,T,N,,
a7,03-FEB-19,01-JAN-20,,Y,,
a8,03-FEB-19,01-JAN-20
a1,01-FEB-19,31-DEC-19,R,N,,another note
"""

CONFIG = """\
[tables]
date-format = "DD-MON-YY"
[tables.cases.columns]
case_id = "Person"
nta_filed_date = "NTA"
[tables.completions.columns]
completion_date = "Decided"
outcome = "Decision"
in_absentia = "Absent"
[tables.completions.codes.outcome]
R = "removal_ordered"
G = "relief_granted"
T = "terminated"
[tables.grants.columns]
granted_date = "Decided"
relief_type = "Relief"
[tables.grants.codes.relief_type]
ASY = "asylum"
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mpp.toml").write_text(CONFIG)
    (tmp_path / "persons.csv").write_text(WIDE)
    return tmp_path


def test_every_row_is_accounted_for_in_every_table(home: Path) -> None:
    sources = answer("report", "--data", "persons.csv")["data"]["sources"]
    found = {
        each["kind"]: (each["rows_used"], each["rows_outside"], each["set_aside"])
        for each in sources
    }
    assert [each["rows_read"] for each in sources] == [9, 9, 9]
    assert found == {
        # The second row of a1 is the same to the table of cases, whatever its note says.
        "cases": (6, {}, {"wrong_field_count": 1, "unreadable_date": 1, "duplicate": 1}),
        "completions": (
            3,
            {"no-event": 1},
            # A decision without its date is an event that was lost, not none.
            {"wrong_field_count": 1, "missing_date": 1, "unknown_value": 1}
            | {"duplicate": 1, "orphan": 1},
        ),
        # The date is that of the completion; only the kind of relief tells of a grant.
        "grants": (1, {"no-event": 7}, {"wrong_field_count": 1}),
    }
    assert sources[1]["unknown_codes"] == {"Decision: Z": 1}


def test_problems_name_the_agencys_lines_and_headings(home: Path) -> None:
    code, out, _ = run(["validate", "persons.csv", "-f", "csv"])
    assert code == 5
    rows = [*csv.DictReader(out.decode().splitlines())]
    where = {(row["reason"], row["line"], row["column"]) for row in rows}
    assert {
        ("unreadable_date", "7", "NTA"),
        ("unknown_value", "5", "Decision"),
        ("missing_date", "8", "Decided"),
        ("orphan", "7", "Decided"),
        ("duplicate", "11", "NTA"),
    } <= where
    assert next(row for row in rows if row["line"] == "7")["raw"] == "a5,31-FEB-19,05-JAN-20,R,N,,"


def test_of_a_file_with_several_tables_each_is_named(home: Path) -> None:
    tables = ["cases", "completions", "grants"]
    _, out, _ = run(["validate", "persons.csv"])
    headings = re.findall(r"^persons\.csv \((\w+)\)$", out.decode(), re.MULTILINE)
    assert headings == tables
    code, out, _ = run(["import", "map", "persons.csv", "-o", "out"])
    assert code == 0
    told = re.findall(r"^• Set aside: persons\.csv \((\w+)\): ", out.decode(), re.MULTILINE)
    assert told == tables
    (home / "cases.csv").write_text("case_id,nta_filed_date\nA,soon\n")
    _, out, _ = run(["validate", "cases.csv", "--no-config"])
    assert "\ncases.csv\n" in out.decode()


def test_validate_names_what_is_not_mapped(home: Path) -> None:
    _, out, err = run(["validate", "persons.csv"])
    assert 'the column "Note" is not mapped, so it is ignored' in out.decode()
    assert 'persons.csv:1: the column "Note" is not mapped, so it is ignored' in err
    assert 'the code "Z" in "Decision" is not mapped to completions.outcome (1 row)' in out.decode()
    (home / "persons.csv").write_text(WIDE.replace(",Note", ",Component").replace(",G,", ",RR,"))
    _, out, _ = run(["validate", "persons.csv", "-f", "json"])
    texts = [each["text"] for each in json.loads(out)["warnings"]]
    assert any("is free is cases.component" in text for text in texts)
    assert any('"RR"' in text and '(1 row); did you mean "R"?' in text for text in texts)


def test_explain_case_shows_the_line_of_the_agencys_file(home: Path) -> None:
    code, out, err = run(["explain", "completion-rate", "--case", "a2", "--data", "persons.csv"])
    assert code == 0, err
    assert "persons.csv:3" in out.decode()


def test_a_code_is_never_taken_for_a_value_of_mpps_own(home: Path) -> None:
    (home / "persons.csv").write_text(WIDE.replace(",Z,", ",other,"))
    sources = answer("report", "--data", "persons.csv")["data"]["sources"]
    assert sources[1]["set_aside"]["unknown_value"] == 1
    assert sources[1]["unknown_codes"] == {"Decision: other": 1}


def test_an_explicit_when_decides(home: Path) -> None:
    (home / "mpp.toml").write_text(
        CONFIG + '[tables.referrals]\nwhen = "Note"\ncolumns = { referred_date = "NTA" }\n'
    )
    sources = answer("report", "--data", "persons.csv")["data"]["sources"]
    referrals = next(each for each in sources if each["kind"] == "referrals")
    # Three rows have a note; to this table the two of a1 are one and the same.
    assert (referrals["rows_used"], referrals["rows_outside"]) == (2, {"no-event": 5})
    assert referrals["set_aside"] == {"wrong_field_count": 1, "duplicate": 1}


def test_several_columns_of_dates_make_rows_of_one_table(home: Path) -> None:
    (home / "mpp.toml").write_text(
        '[tables.cases.columns]\ncase_id = "id"\nnta_filed_date = "nta"\n'
        "[[tables.grants]]\n"
        'columns = { granted_date = "asy", relief_type = { value = "asylum" } }\n'
        "[[tables.grants]]\n"
        'columns = { granted_date = "cat", relief_type = { value = "cat_withholding" } }\n'
    )
    Path("p.csv").write_text(
        "id,nta,asy,cat\n1,2019-02-01,2019-03-01,2019-04-01\n2,2019-02-01,,2019-05-01\n"
        "3,2019-02-01,,\n"
    )
    document = answer("report", "--data", "p.csv", "--additional")
    grants = [each["rows_used"] for each in document["data"]["sources"] if each["kind"] == "grants"]
    assert grants == [1, 2]
    assert document["goals"][0]["metrics"][0]["measures"][0]["value"] == 2


@pytest.mark.parametrize(
    ("content", "extra"),
    [
        (WIDE.replace(",", "|"), 'delimiter = "|"'),
        (WIDE.replace(",", "\t"), 'delimiter = "tab"'),
        (WIDE.replace("Note", "Año"), 'encoding = "cp850"'),
    ],
    ids=["bars", "tabs", "cp850"],
)
def test_delimiter_and_encoding(home: Path, content: str, extra: str) -> None:
    encoding = "cp850" if "cp850" in extra else "utf-8"
    (home / "persons.csv").write_bytes(content.encode(encoding))
    (home / "mpp.toml").write_text(CONFIG.replace("[tables]\n", f"[tables]\n{extra}\n"))
    sources = answer("report", "--data", "persons.csv")["data"]["sources"]
    assert [each["rows_used"] for each in sources] == [6, 3, 1]


def test_own_headings_with_another_form_of_dates(home: Path) -> None:
    (home / "mpp.toml").write_text(
        '[tables.cases]\ndate-format = "%d.%m.%Y"\n[tables.cases.codes.component]\nBP = "USBP"\n'
    )
    Path("cases.csv").write_text(
        "case_id,nta_filed_date,component\n1,03.04.2020,BP\n2,2020-04-03,ofo\n3,4/3/2020,\n"
    )
    Path("grants.csv").write_text("case_id,granted_date,relief_type\n1,2020-05-01,asylum\n")
    document = answer("report", "--data", "cases.csv", "--data", "grants.csv")
    cases, grants = document["data"]["sources"]
    assert (cases["rows_used"], cases["set_aside"]) == (2, {"unreadable_date": 1})
    assert (cases["blanked"], cases["unknown_codes"]) == ({"component": 1}, {"component: ofo": 1})
    assert grants["rows_used"] == 1


# ------------------------------------------------------------------ what is refused


@pytest.mark.parametrize(
    ("text", "line", "message", "hint"),
    [
        ("[tables.caces]\n", 1, 'unknown table "caces"', 'did you mean "cases"?'),
        ('[tables.cases]\nfiel = "x"', 2, 'unknown key "fiel"', 'did you mean "file"?'),
        (
            '[tables.completions.columns]\ncase_id = "a"\ncompletion_dat = "x"',
            3,
            'no column "completion_dat"',
            'did you mean "completion_date"?',
        ),
        ('[tables.cases.columns]\nnta_filed_date = "x"', 1, '"case_id" of the table', "case_id ="),
        (
            '[tables.cases.columns]\ncase_id = "x"\ndocket = "d"\n'
            '[tables.cases.codes.docket]\nM = "mppp"',
            5,
            '"mppp" is not a value of docket',
            'did you mean "mpp"?',
        ),
        ('[tables.cases]\ndate-format = "DD-QQ-YY"', 2, "is not a date format", "DD-MON-YY"),
        ('[tables.cases]\nencoding = "klingon"', 2, 'unknown encoding "klingon"', "cp1252"),
        ('[tables.cases]\ndelimiter = "::"', 2, "not one character", '";"'),
        ('[tables.cases]\nfile = "../x.csv"', 2, "is a path", "--data"),
        (
            '[tables.cases.columns]\ncase_id = "x"\n[tables.cases.codes.docket]\nM = "mpp"',
            3,
            'codes of "docket", which is not mapped',
            "case_id",
        ),
        ("[tables.cases.columns]\ncase_id = 3", 2, "neither a heading nor a value", "value ="),
    ],
)
def test_a_wrong_mapping_names_its_line(
    home: Path, text: str, line: int, message: str, hint: str
) -> None:
    (home / "mpp.toml").write_text(text)
    code, _, err = run(["report", "--data", "persons.csv"])
    assert code == 2
    assert f"mpp.toml:{line}: " in err
    assert message in err
    assert hint in err


def test_a_misspelt_heading_names_the_nearest(home: Path) -> None:
    (home / "mpp.toml").write_text(CONFIG.replace('"Decided"', '"Decidet"'))
    code, _, err = run(["report", "--data", "persons.csv"])
    assert code == 3
    assert 'persons.csv:1: mpp.toml maps the table completions from a column "Decidet"' in err
    assert 'did you mean "Decided"?' in err


def test_a_mapping_that_no_file_needs_is_said(home: Path) -> None:
    (home / "cases.csv").write_text("case_id,nta_filed_date\n1,2020-01-01\n")
    code, _, err = run(["report", "--data", "cases.csv"])
    assert code == 0
    assert 'maps the table cases from a column "Person", and there is none in the data' in err
    assert run(["report", "--data", "cases.csv", "--no-config"])[2].count("maps") == 0


def test_the_sample_is_never_mapped(home: Path) -> None:
    code, out, _ = run(["metric", "completion-rate", "--data", "sample", "-f", "value"])
    assert (code, out) == (0, b"64.69\n")


def test_import_map_without_a_mapping(home: Path) -> None:
    (home / "mpp.toml").write_text("quiet = true\n")
    code, _, err = run(["import", "map", "persons.csv", "-o", "out"])
    assert (code, "[tables" in err) == (2, True)
    assert not (home / "out").exists()


def test_the_help_names_the_sections() -> None:
    _, out, _ = run(["import", "map", "--help"])
    assert "tables.completions" in out.decode()


def test_an_import_keeps_the_text_of_what_it_set_aside(home: Path) -> None:
    assert run(["import", "map", "persons.csv", "-o", "out"])[0] == 0
    before = run(["validate", "persons.csv", "-f", "csv"])[1].decode().splitlines()
    (home / "persons.csv").unlink()
    after = run(["validate", "out", "-f", "csv", "--no-config"])[1].decode().splitlines()
    assert sorted(after) == sorted(before)
    assert any("another note" in line for line in after)


# ------------------------------------------------------------------ the parts


@pytest.mark.parametrize(
    ("form", "text", "day"),
    [
        ("DD-MON-YY", "31-DEC-20", "2020-12-31"),
        ("DD-MON-YY", "1-jan-99", "2099-01-01"),
        ("DD-MON-YY", "31-DEC-2020", None),
        ("DD-MON-YY", "31-DEZ-20", None),
        ("DD-MON-YY", "31-DEC-20 00:00:00", "2020-12-31"),
        ("DD-MON-YYYY", "05-Sept-2019", "2019-09-05"),
        ("%d-%b-%y", "31-DEC-20", "2020-12-31"),
        ("MONTH DD, YYYY", "January 5, 2019", "2019-01-05"),
        ("YYYYMMDD", "20190105", "2019-01-05"),
        ("DD/MM/YYYY", "04/03/2020", "2020-03-04"),
        ("DD/MM/YYYY", "2020-03-04 00:00:00", "2020-03-04"),
        # Here 2020-03-04 would be the third of April.
        ("YYYY-DD-MM", "2020-03-04", "2020-04-03"),
        ("YYYY-DD-MM", "2020-01-13", None),
        ("M/D/YYYY", "1/2/2020", "2020-01-02"),
        ("D/M/YY", "1/2/20", "2020-02-01"),
        ("D-MON-YY", "1-Feb-20", "2020-02-01"),
        ("DMONYYYY", "1Feb2020", "2020-02-01"),
        ("YYYYMMDD", "2020115", None),
        ("serial", "43497", "2019-02-01"),
        ("serial", "43497.75", "2019-02-01"),
        ("serial", "4349", None),
        ("MM/DD", "01/02", None),
    ],
)
def test_forms_of_dates(form: str, text: str, day: str | None) -> None:
    assert reader([form])(text) == day


def test_of_several_forms_the_first_that_gives_a_day_counts() -> None:
    read = reader(["M/D/YYYY", "D/M/YYYY"])
    assert [read(text) for text in ("1/2/2020", "13/5/2020", "13/13/2020")] == [
        "2020-01-02",
        "2020-05-13",
        None,
    ]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text("abÀ-😀x", max_size=40), min_size=1, max_size=30))
def test_distinct_texts_are_told_apart(texts: list[str]) -> None:
    import io

    data = "c,d\n" + "".join(f"{text},1\n" for text in texts)
    (block,) = TextFile(lambda: io.BytesIO(data.encode())).blocks()
    told: list[str] = [""] * len(texts)
    for fields in block.fields:
        first, which = distinct(fields, 0)
        known = [fields.text(row, 0) for row in first.tolist()]
        assert len(known) == len({*known})
        for line, number in zip(fields.lines.tolist(), which.tolist(), strict=True):
            told[line - 2] = known[number]
    assert told == texts
