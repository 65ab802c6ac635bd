"""Spark gives the same answers as DuckDB, byte for byte.

``HYPOTHESIS_PROFILE=long`` draws hundreds of folders; otherwise a few that are always the same.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings

import mpp_cli
from mpp_cli.analysis import api
from mpp_cli.analysis.api import Data
from mpp_cli.engines import open_engine
from tests.engines.on_spark import NEEDED, named, same_on, with_settings
from tests.engines.test_agreement import written
from tests.harness import run
from tests.oracle.strategies import Folder, folders
from tests.sources import court
from tests.spec.draw import TODAY, draw

pytestmark = NEEDED

#: Every reason to set a row aside or to read a value as blank that Spark has a part in,
#: and texts that another dialect of SQL could take for something else.
TABLES = {
    "cases": """
    | case_id | nta_filed_date | component | nationality | docket       | representation_date |
    | A1      | 2019-03-01     | USBP      | Honduras    | mpp          | 2019-04-01          |
    | A2      | 2019-05-20     | OFO       | O'Higgins\\n | mpp          |                     |
    | A3      |                | USBP      | Honduras    | mpp          | soon                |
    | A4      | 2019-07-01     | border    | "$by" --    | mpp          |                     |
    | A5      | 2019-07-02     | USBP      |             | mpp          | 2019-07-30          |
    | A5      | 2019-07-02     | USBP      |             | mpp          | 2019-07-30          |
    | A1      | 2019-08-02     | USBP      | Cuba        | mpp          |                     |
    | A6      | 31/12/2019     | USBP      | Cuba        | mpp          |                     |
    | a1      | 0001-01-01     | OFO       | {fn now()}  | mpp          |                     |
    | N1      | 2019-02-11     | USBP      | Ecuador     | non_detained | 2019-02-12          |
    | N2      | 2019-02-12     | USBP      | Ecuador     | non_detained |                     |
    """,
    "completions": """
    | case_id | completion_date | outcome         | completion_type | reopened_date | in_absentia |
    | A1      | 2019-09-10      | removal_ordered | initial         |               | true        |
    | A1      | 2020-01-10      | relief_granted  | subsequent      |               | false       |
    | A2      | 2019-10-01      | terminated      | initial         | 2020-02-02    |             |
    | A4      | 2019-12-01      | transferred     |                 |               | perhaps     |
    | a1      | 9999-12-31      | terminated      | initial         |               |             |
    | N1      | 2019-06-01      | removal_ordered | initial         |               |             |
    | Z9      | 2019-06-01      | removal_ordered | initial         |               |             |
    """,
    "grants": """
    | case_id | granted_date | relief_type    |
    | A1      | 2020-01-15   | asylum         |
    | A2      | 2020-01-16   | cat_deferral   |
    | A5      | 2020-03-01   | cat_withholding |
    | A4      | 2020-03-02   | unknown         |
    | A5      | 2019-01-02   | asylum          |
    """,
    "referrals": """
    | case_id | referred_date | outcome  | outcome_date |
    | A2      | 2019-06-03    | negative | 2019-06-04   |
    | A2      | 2019-07-03    | positive |              |
    | A4      | 2019-08-03    |          |              |
    """,
    "encounters": """
    | fiscal_year | month | component | encounters | citizenship | title_of_authority |
    | 2020        | OCT   | USBP      | 35400      | Honduras    | Title 8            |
    | 2020        | OCT   | OFO       | 9700       | Honduras    | Title 8            |
    | 2020        | NOV   | USBP      | 33500      | Cuba        |                    |
    | 2020        | NOV   | OFO       | none       | Cuba        | Title 8            |
    | 2020        | APR   | USBP      | 30000      | Cuba        | Title 42           |
    | 2020        | APR   | OFO       | 300        | Cuba        | Title 8            |
    """,
}
#: The same half a year earlier: a case less, a completion less, a date revised.
EARLIER = {
    **TABLES,
    "cases": re.sub(r" *\\| A5 .*\n", "", TABLES["cases"]).replace("2019-03-01", "2019-03-02"),
    "completions": re.sub(r" *\\| A2 .*\n", "", TABLES["completions"]),
}
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]
#: Compiling costs more than it saves here. The cluster, and Spark as a process, have the defaults.
FOR_SMALL_DATA = {
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
}
LONG = os.environ.get("HYPOTHESIS_PROFILE") == "long"


@pytest.fixture(scope="module", autouse=True)
def spark() -> Iterator[None]:
    """Keeps Spark open from test to test."""
    with with_settings({} if LONG else FOR_SMALL_DATA):
        held = open_engine("spark")
    yield
    held.close()


@pytest.fixture(scope="module")
def loaded() -> Iterator[dict[str, tuple[Data, Data]]]:
    """The tables and those of half a year earlier, on each engine."""
    with contextlib.ExitStack() as stack:
        yield {
            engine: (
                stack.enter_context(mpp_cli.load(draw(TABLES), engine=engine, today=TODAY)),
                stack.enter_context(mpp_cli.load(draw(EARLIER), engine=engine, today=TODAY)),
            )
            for engine in ("duckdb", "spark")
        }


QUESTIONS: dict[str, Callable[[Data, Data], Any]] = {
    "report": lambda data, _: mpp_cli.report(data, by=["nationality", "month"], additional=True),
    "report --where": lambda data, _: mpp_cli.report(data, where={"nationality": "O'Higgins\\n"}),
    "report --suppress-below": lambda data, _: mpp_cli.report(
        data, by=["component"], suppress_below=3
    ),
    "metric --measure": lambda data, _: mpp_cli.metric(
        data, "completion-rate", measure="cases_completed", by=["quarter", "component"]
    ),
    "time-to-completion": lambda data, _: mpp_cli.metric(data, "time-to-completion", by=["docket"]),
    "completion-rate and pending-cases by docket": lambda data, _: [
        mpp_cli.metric(data, name, by=["docket"]) for name in ("completion-rate", "pending-cases")
    ],
    "explain --sql": lambda data, _: api.explain(data, "completion-rate", sql=True),
    "explain --case": lambda data, _: api.explain(data, "relief-granted", case="A1"),
    "explain --case, not used": lambda data, _: api.explain(data, "relief-granted", case="A6"),
    "explain --cases": lambda data, _: [*api.cases(data, "completion-rate")[1]],
    "trend": lambda data, _: api.trend(data, "completion-rate", to="2020-12", by=["component"]),
    "trend, daily": lambda data, _: api.trend(
        data, "case-outcomes", every="day", start="2019-09", to="2019-10"
    ),
    "compare --with": lambda data, _: api.compare(
        data, as_of="2020-06-30", before_as_of="2019-09-30"
    ),
    "compare --with-data": lambda data, old: api.compare(data, before=old),
    "variants": lambda data, _: [
        api.variants(data, name) for name in ("completion-rate", "relief-granted", "pending-cases")
    ],
    "variants beyond the document": lambda data, _: [
        api.variants(data, name)
        for name in ("in-absentia", "subsequent-completions", "relief-rate", "time-to-completion")
    ],
    "variants of encounters": lambda data, _: api.variants(
        data, "enforcement-encounters", as_of="2020-09-30", by=["citizenship"]
    ),
    "variants --by": lambda data, _: api.variants(data, "total-enrolled", by=["nationality"]),
    "reconcile": lambda data, _: api.reconcile(data),
    "validate": lambda data, _: (lambda head, rows: (head, [*rows]))(*api.validate(data)),
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_question_has_the_same_answer(
    loaded: dict[str, tuple[Data, Data]], question: str
) -> None:
    """An answer is all that a format is given: the same answer is the same bytes in each."""
    expected, found = (repr(QUESTIONS[question](*loaded[engine])) for engine in ("duckdb", "spark"))
    assert found == expected.replace("engine='duckdb'", "engine='spark'")


def test_a_command_on_csv_prints_the_same(tmp_path: Path) -> None:
    rejects = tmp_path / "rejects.csv"
    words = ["report", "--data", str(draw(TABLES)), "-f", "json", "--rejects", str(rejects)]
    same_on("spark", words)
    assert "\norphan," in rejects.read_text("utf-8")


def test_a_command_on_parquet_prints_the_same(tmp_path: Path) -> None:
    for table in draw(TABLES).glob("*.csv"):
        target = tmp_path / f"{table.stem}.parquet"
        duckdb.sql(f"COPY (FROM read_csv('{table}', all_varchar = true)) TO '{target}'")
    words = ["metric", "completion-rate", "--data", str(tmp_path), "--by", "nationality"]
    assert b"Higgins" in same_on("spark", words)


def test_a_workbook_is_the_same(tmp_path: Path) -> None:
    books = []
    for engine in ("duckdb", "spark"):
        books.append(tmp_path / f"{engine}.xlsx")
        words = [
            "metric",
            "total-enrolled",
            "--data",
            str(draw(TABLES)),
            "-o",
            str(books[-1]),
            "--no-config",
        ]
        assert run([*words, "--engine", engine])[0] == 0
    one, other = (openpyxl_cells(path) for path in books)
    assert named(one, "spark") == other


def openpyxl_cells(path: Path) -> bytes:
    import openpyxl

    book = openpyxl.load_workbook(path)
    return "\n".join(
        repr((sheet.title, *(cell.value for row in sheet.iter_rows() for cell in row)))
        for sheet in book.worksheets
    ).encode()


def test_a_report_that_spark_made_is_verified_without_it(tmp_path: Path) -> None:
    saved = tmp_path / "report.json"
    words = ["metric", "total-enrolled", "--data", str(draw(TABLES)), "--engine", "spark"]
    assert run([*words, "--no-config", "-o", str(saved)])[0] == 0
    code, out, _ = run(["verify", str(saved)])
    assert (code, b"verified" in out) == (0, True)


def test_an_import_is_the_same_in_every_file(tmp_path: Path) -> None:
    (tmp_path / "mpp.toml").write_text(
        "[tables.cases]\n"
        'columns = { case_id = "A", nta_filed_date = "Filed", nationality = "From" }\n'
        "[tables.completions]\n"
        'columns = { case_id = "A", completion_date = "Done", outcome = "How" }\n'
    )
    wide = tmp_path / "wide.csv"
    wide.write_text(
        "A,Filed,From,Done,How\nA1,2019-03-01,Cuba,2020-05-02,terminated\n"
        "A2,2019-03-01,,,\nA3,soon,Peru,2020-05-02,terminated\n"
    )
    kept = {}
    for engine in ("duckdb", "spark"):
        words = ["import", "map", str(wide), "-o", str(tmp_path / engine), "--engine", engine]
        assert run([*words, "--config", str(tmp_path / "mpp.toml"), "-q"])[0] == 0
        kept[engine] = {each.name: each.read_bytes() for each in (tmp_path / engine).iterdir()}
    assert len(kept["duckdb"]) == 5
    assert kept["spark"] == kept["duckdb"]


RELEASE = """
| IDNPROCEEDING | IDNCASE | INPUT_DATE | COMP_DATE  | DEC_CODE |
| 11            | 1       | 2019-05-02 | 2019-11-20 | X        |
| 12            | 1       | soon       |            |          |
| 13            | 2       | 2019-05-03 |            |          |
"""


@pytest.mark.parametrize("imported", [False, True])
def test_a_court_release_is_read_here_and_answered_there(tmp_path: Path, imported: bool) -> None:
    data = court.draw(tmp_path, proceedings=RELEASE)
    if imported:
        target = tmp_path / "tables"
        assert run(["import", "eoir", str(data), "-o", str(target), "-q"])[0] == 0
        data = target
    with mpp_cli.load(data, engine="spark", today=court.TODAY) as there:
        found = repr((mpp_cli.report(there), [*api.validate(there)[1]]))
    with mpp_cli.load(data, today=court.TODAY) as here:
        expected = repr((mpp_cli.report(here), [*api.validate(here)[1]]))
    assert found == expected.replace("engine='duckdb'", "engine='spark'")


@settings(
    max_examples=300 if LONG else 6,
    derandomize=not LONG,
    deadline=None,
    suppress_health_check=SLOW,
)
@given(folders())
def test_whatever_the_files_hold(folder: Folder) -> None:
    with written(folder) as (home, _):
        words = ["report", "--data", str(home), "--as-of", folder.as_of.isoformat(), "-f", "json"]
        same_on("spark", [*words, "--by", "month"])


def test_lists_of_cases_survive_other_questions(
    loaded: dict[str, tuple[Data, Data]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mpp_cli.analysis.explanation.case_verdicts.PAGE", 3)
    found = []
    for data, _ in loaded.values():
        first = api.cases(data, "completion-rate", as_of="2020-12-31", by=["nationality"])[1]
        second = api.cases(data, "relief-granted", as_of="2019-12-31", where={"component": "USBP"})
        rows = [[next(first)], [next(second[1])]]
        mpp_cli.report(data, by=["component"], as_of="2020-01-31")
        rows[1] += second[1]
        mpp_cli.metric(data, "referral-outcomes")
        rows[0] += first
        found.append(rows)
    assert found[0] == found[1]
    assert [len(rows) for rows in found[0]] == [8, 8]
