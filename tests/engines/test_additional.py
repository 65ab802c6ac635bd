"""The tool and a plain count agree on every figure beyond the document, also on the sample."""

from __future__ import annotations

import csv
import datetime
import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

import mpp_cli
from mpp_cli.analysis.api import Data, sample_folder
from mpp_cli.goals import ADDITIONAL
from mpp_cli.results.report import Metric
from tests.engines.test_agreement import written
from tests.oracle import values
from tests.oracle.additional import Beyond, beyond
from tests.oracle.strategies import Folder, folders
from tests.oracle.tables import Row, Table, load

SCHEMA = Path(mpp_cli.__file__).parent / "sources" / "schema"
DATED = {
    "cases": "nta_filed_date",
    "completions": "completion_date",
    "grants": "granted_date",
    "referrals": "referred_date",
}
AS_OF = datetime.date(2020, 12, 31)


def tidy_rows(name: str, known: set[str] | None) -> Iterator[Row]:
    """The rows of a table of the sample without those that its recipe spoilt."""
    description = json.loads((SCHEMA / f"{name}.json").read_text("utf-8"))
    enums = {
        field["name"]: {"", *field["constraints"]["enum"]}
        for field in description["fields"]
        if field.get("constraints", {}).get("enum")
        and field["mpp"].get("unreadable") == "unknown_value"
    }
    seen: set[tuple[str, ...]] = set()
    ids: set[str] = set()
    with gzip.open(sample_folder() / f"{name}.csv.gz", "rt", encoding="utf-8", newline="") as file:
        header, *records = csv.reader(file)
        for line, record in enumerate(records, start=2):
            fields = [field.strip() for field in record]
            while len(fields) > len(header) and not fields[-1]:
                fields.pop()
            row = Row(line, dict(zip(header, fields, strict=False)))
            dated, case_id = row.text(DATED[name]), row.text("case_id")
            usable = len(fields) == len(header) and case_id and tuple(fields) not in seen
            usable = usable and (bool(values.read_date(dated)) or (not dated and name == "cases"))
            usable = usable and all(row.enumeration(column) in enums[column] for column in enums)
            seen.add(tuple(fields))
            if usable and (case_id in known if known is not None else case_id not in ids):
                ids.add(case_id)
                yield row


@pytest.fixture(scope="module")
def tables() -> dict[str, Table]:
    """The sample as plain rows."""
    cases = Table("cases", [], list(tidy_rows("cases", None)))
    known = {row.text("case_id") for row in cases.rows}
    events = ("completions", "grants", "referrals")
    return {
        "cases": cases,
        **{name: Table(name, [], list(tidy_rows(name, known))) for name in events},
    }


@pytest.fixture(scope="module")
def sample() -> Iterator[Data]:
    with mpp_cli.load("sample") as data:
        yield data


def figures(metric: Metric) -> dict[str, object]:
    return {each.name: each.value for each in metric.measures}


def by_outcome(metric: Metric) -> dict[object, object]:
    return {row.by["outcome"]: row.values["cases"] for row in metric.rows}


def check(answers: tuple[Metric, ...], expected: Beyond) -> None:
    for answer in answers:
        found = figures(answer)
        assert found == {name: expected.figures[answer.name][name] for name in found}, answer.name
        if answer.name in expected.outcomes:
            assert by_outcome(answer) == expected.outcomes[answer.name]


def test_on_the_sample(sample: Data, tables: dict[str, Table]) -> None:
    answers = mpp_cli.report(sample, as_of=AS_OF, additional=True).additional
    assert [answer.name for answer in answers] == [*ADDITIONAL]
    check(answers, beyond(tables, AS_OF))


def test_on_the_sample_on_an_earlier_day_and_for_some_cases(
    sample: Data, tables: dict[str, Table]
) -> None:
    day = datetime.date(2020, 1, 15)
    where = {"nationality": "HONDURAS"}
    answers = [mpp_cli.metric(sample, name, as_of=day, where=where).metric for name in ADDITIONAL]
    check(tuple(answers), beyond(tables, day, lambda row: row.text("nationality") == "HONDURAS"))


def test_groups_are_what_the_figure_would_be_for_each(
    sample: Data, tables: dict[str, Table]
) -> None:
    answers = mpp_cli.report(sample, as_of=AS_OF, by=["component"], additional=True).additional
    expected = beyond(tables, AS_OF, lambda row: row.text("component") == "OFO")
    for answer in answers:
        rows = [row for row in answer.rows if row.by["component"] == "OFO"]
        if answer.name in expected.outcomes:
            found = {row.by["outcome"]: row.values["cases"] for row in rows}
            assert found == expected.outcomes[answer.name]
        else:
            assert [dict(row.values) for row in rows] == [expected.figures[answer.name]]


def test_the_rates_of_relief_on_the_sample_are_shown_with_decimals(sample: Data) -> None:
    shown = {m.name: m.display for m in mpp_cli.metric(sample, "relief-rate").metric.measures}
    assert shown["relief_granted"] == "531"
    assert (shown["cases_completed"], shown["share_of_completed"]) == ("44,014", "1.21%")
    assert (shown["total_enrolled"], shown["share_of_enrolled"]) == ("68,039", "0.78%")


SETTINGS = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@SETTINGS
@given(folders())
def test_on_whatever_the_files_hold(folder: Folder) -> None:
    with written(folder) as (home, paths):
        try:
            data = mpp_cli.load(home, today=datetime.date(2021, 6, 30))
        except mpp_cli.common.errors.MppError:
            return
        with data:
            answers = mpp_cli.report(data, as_of=AS_OF, additional=True).additional
            if all(answer.status == "ok" for answer in answers):
                check(answers, beyond(load(paths), AS_OF))
