"""An import of encounters and published figures answers as the files that it was made of."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.harness import run

#: An agency's months: a column for each component, a sector that mpp has no column for, and
#: rows of every fate.
SECTORS = """FY,Mon,Sector,Border Region,USBP Count,OFO Count
2019,OCT,El Paso,Southwest,100,10
2019,OCT,Laredo,Southwest,250,25
2019,November,Yuma,Southwest,"1,100",
2019,DEC,Yuma,Southwest,many,7
2019,DEC,Yuma,Southwest,5,7
2019,DEC,Yuma,Southwest,5,7
2019,DEC,Yuma,Southwest,6,8
2019,Octember,Yuma,Southwest,5,7
2019,DEC,Detroit,Northern Land Border,5,7
2020,OCT,El Paso,Southwest,70,7
2020,OCT,Laredo,Southwest,30,
Total,,,,999,999
"""

SECTIONS = "".join(
    f"""
[[tables.encounters]]
[tables.encounters.columns]
fiscal_year = "FY"
month = "Mon"
encounters = "{component} Count"
component = {{ value = "{component}" }}
region = "Border Region"
"""
    for component in ("USBP", "OFO")
)

CASES = """Person,NTA Filed,Nat
A,2018-11-05,HN
B,2019-02-05,GT
C,2019-13-05,GT
"""

CASES_SECTION = """
[tables.cases]
columns = { case_id = "Person", nta_filed_date = "NTA Filed", nationality = "Nat" }
"""

CBP = """Fiscal Year,Month Grouping,Month (abbv),Component,Demographic,Citizenship Grouping,\
Title of Authority,Encounter Type,Encounter Count
2020,FYTD,OCT,U.S. Border Patrol,Accompanied Minors,HONDURAS,Title 8,Apprehensions,5
2020,FYTD,OCT,U.S. Border Patrol,Accompanied Minors,CUBA,Title 8,Apprehensions,4
2020,FYTD,OCT,U.S. Border Patrol,Accompanied Minors,CUBA,Title 8,Apprehensions,4
2020,FYTD,OCT,Office of Field Operations,FMUA,CUBA,Title 8,Inadmissibles,3
2020,FYTD,NOV,Office of Field Operations,FMUA,CUBA,Title 42,Inadmissibles,2
2020,FYTD,NOV,U.S. Border Patrol,FMUA,CUBA,Title 42,Expulsions,x
2021 (FYTD),FYTD,OCT,U.S. Border Patrol,FMUA,PERU,Title 42,Expulsions,11
"""

PUBLISHED = """Day,What,Number,Who,Nat
12/31/2019,total_enrolled,"68,039",DHS,
12/31/2019,total_enrolled,60000,DHS,HN
12/31/2019,cases_completed,44014,DHS,
12/31/2019,aliens_referred,lots,DHS,
"""

PUBLISHED_SECTION = """
[tables.aggregates]
columns = { as_of = "Day", measure = "What", value = "Number", source = "Who" }
"""

#: Files, the sections that map them, and what is asked of them.
SOURCES: dict[str, tuple[dict[str, str], str, list[list[str]]]] = {
    "mapped months": (
        {"sectors.csv": SECTORS, "persons.csv": CASES},
        SECTIONS + CASES_SECTION,
        [
            ["report", "--as-of", "2019-12-31"],
            ["report", "--as-of", "2019-12-31", "--by", "nationality", "--by", "sector"],
            ["metric", "enforcement-encounters", "--by", "sector", "--as-of", "2019-12-31"],
            ["metric", "enforcement-encounters", "--by", "month", "--as-of", "2018-12-31"],
            ["metric", "enforcement-encounters", "--where", "sector=laredo"],
            ["trend", "enforcement-encounters", "--from", "2018-10", "--to", "2019-10"],
            ["trend", "enforcement-encounters", "--by", "sector", "--to", "2019-10"],
            ["compare", "--as-of", "2019-10-31", "--with", "2018-12-31"],
            ["compare", "--as-of", "2018-12-31", "--with", "2018-10-31", "--by", "sector"],
            ["reconcile"],
            ["explain", "enforcement-encounters", "--as-of", "2018-12-31"],
        ],
    ),
    "a file of CBP's": (
        {"sbo.csv": CBP, "persons.csv": CASES},
        CASES_SECTION,
        [
            ["report", "--as-of", "2020-10-31"],
            ["metric", "enforcement-encounters", "--by", "citizenship", "--as-of", "2019-11-30"],
            ["metric", "enforcement-encounters", "--by", "encounter_type"],
            ["metric", "enforcement-encounters", "--where", "citizenship=cuba"],
            ["trend", "enforcement-encounters", "--to", "2020-10"],
        ],
    ),
    "months alone": (
        {"sectors.csv": SECTORS},
        SECTIONS,
        [["report"], ["metric", "enforcement-encounters", "--as-of", "2018-12-31"]],
    ),
    "published figures": (
        {"published.csv": PUBLISHED},
        PUBLISHED_SECTION,
        [
            ["report", "--as-of", "2019-12-31"],
            ["metric", "total-enrolled", "--by", "nat", "--as-of", "2019-12-31"],
            ["explain", "completion-rate", "--as-of", "2019-12-31"],
        ],
    ),
}


def made(tmp_path: Path, source: str) -> tuple[Path, Path]:
    """The folder of a source, and the import that is made of it."""
    files, sections, _ = SOURCES[source]
    home, out = tmp_path / "agency", tmp_path / "import"
    home.mkdir()
    for name, text in files.items():
        (home / name).write_text(text)
    (tmp_path / "mpp.toml").write_text(sections)
    code, _, err = run(
        ["import", "map", str(home), "-o", str(out), "--config", str(tmp_path / "mpp.toml")]
    )
    assert code == 0, err
    return home, out


def asked(arguments: list[str], data: Path, format: str) -> tuple[int, bytes, str]:
    config = str(data.parent / "mpp.toml")
    own = ["--no-config"] if data.name == "import" else ["--config", config]
    return run([*arguments, "--data", str(data), "-f", format, *own])


@pytest.mark.parametrize("source", SOURCES)
def test_an_import_answers_like_the_files_that_it_was_made_of(source: str, tmp_path: Path) -> None:
    home, out = made(tmp_path, source)
    for arguments in SOURCES[source][2]:
        explains = arguments[0] == "explain"
        found = [asked(arguments, data, "json" if explains else "csv")[:2] for data in (home, out)]
        assert found[0][0] == 0, arguments
        if explains:
            assert figures(found[0][1]) == figures(found[1][1])
        else:
            assert found[0] == found[1], arguments


def figures(text: bytes) -> Any:
    """An explanation without where it comes from."""
    document = json.loads(text)
    return {key: value for key, value in document.items() if key not in ("request", "queries")}


@pytest.mark.parametrize("source", SOURCES)
def test_an_import_has_the_account_and_the_warnings_of_the_files(
    source: str, tmp_path: Path
) -> None:
    documents = [
        json.loads(asked(["report", "--as-of", "2019-12-31"], data, "json")[1])
        for data in made(tmp_path, source)
    ]
    assert documents[0]["data"] == documents[1]["data"]
    assert documents[0]["warnings"] == documents[1]["warnings"]
    assert documents[0]["goals"] == documents[1]["goals"]


@pytest.mark.parametrize("source", SOURCES)
def test_every_row_that_was_set_aside_is_there_with_its_text(source: str, tmp_path: Path) -> None:
    listed = [
        asked(["validate"], data, "csv")[1].decode().splitlines() for data in made(tmp_path, source)
    ]
    assert sorted(listed[0]) == sorted(listed[1])
    assert len(listed[0]) > 1


def test_each_section_over_one_file_keeps_its_own_account(tmp_path: Path) -> None:
    _, out = made(tmp_path, "months alone")
    about = json.loads((out / "import.json").read_text())
    usbp, ofo = about["files"]
    assert (usbp["set_aside"]["not_a_count"], ofo["set_aside"]["not_a_count"]) == (1, 2)
    for each in (usbp, ofo):
        lost = sum(each["set_aside"].values()) + sum(each["rows_outside"].values())
        assert each["rows_read"] == each["rows_used"] + lost
        assert each["rows_outside"]["other-region"] == 1


def test_a_table_that_an_import_holds_is_not_taken_from_a_file_as_well(tmp_path: Path) -> None:
    _, out = made(tmp_path, "months alone")
    more = tmp_path / "encounters.csv"
    more.write_text("fiscal_year,month,component,encounters\n2020,NOV,USBP,5\n")
    code, printed, err = run(["report", "--data", str(out), "--data", str(more), "--no-config"])
    assert (code, printed) == (3, b"")
    assert "encounters.csv: the table encounters is in " in err
    cases = tmp_path / "cases.csv"
    cases.write_text("case_id,nta_filed_date\nA,2019-02-01\n")
    both = ["--data", str(out), "--data", str(cases), "--no-config", "-f", "value"]
    assert run(["metric", "total-enrolled", *both])[1] == b"1\n"
    assert run(["metric", "enforcement-encounters", "--as-of", "2019-10-31", *both])[1] == b"107\n"


def test_what_could_not_be_read_is_not_zero_in_an_import_either(tmp_path: Path) -> None:
    home, out = tmp_path / "agency", tmp_path / "import"
    home.mkdir()
    (home / "months.csv").write_text(
        "FY,Mon,Who,N\n2019,OCT,USBP,5\n2019,OCT,OFO,x\n2020,OCT,USBP,7\n2020,OCT,OFO,8\n"
    )
    (tmp_path / "mpp.toml").write_text(
        "[tables.encounters.columns]\n"
        'fiscal_year = "FY"\nmonth = "Mon"\ncomponent = "Who"\nencounters = "N"\n'
    )
    config = ["--config", str(tmp_path / "mpp.toml")]
    assert run(["import", "map", str(home), "-o", str(out), *config])[0] == 0
    for day in ("2018-10-31", "2019-10-31"):
        arguments = ["metric", "enforcement-encounters", "--as-of", day]
        direct, kept = (asked(arguments, data, "json") for data in (home, out))
        assert kept[0] == direct[0]
        if direct[0] == 0:
            assert json.loads(kept[1])["metric"] == json.loads(direct[1])["metric"]
        else:
            assert kept[2].splitlines()[-2:] == direct[2].splitlines()[-2:]
