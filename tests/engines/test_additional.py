"""The tool and a plain count agree on every figure beyond the document, also on the sample."""

from __future__ import annotations

import datetime
import gzip
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings

import mpp_cli
from mpp_cli.api import Data, sample_folder
from mpp_cli.goals import ADDITIONAL
from mpp_cli.results import Metric
from tests.engines.test_agreement import written
from tests.oracle.additional import Beyond, beyond
from tests.oracle.strategies import Folder, folders
from tests.oracle.tables import Table, load

AS_OF = datetime.date(2020, 12, 31)


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Table]:
    """The sample as the oracle reads it: from plain files, once."""
    folder = tmp_path_factory.mktemp("sample")
    for packed in sorted(sample_folder().glob("*.csv.gz")):
        if not packed.name.startswith("encounters"):
            (folder / packed.stem).write_bytes(gzip.decompress(packed.read_bytes()))
    return load(sorted(folder.iterdir()))


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
        except mpp_cli.errors.MppError:
            return
        with data:
            answers = mpp_cli.report(data, as_of=AS_OF, additional=True).additional
            if all(answer.status == "ok" for answer in answers):
                check(answers, beyond(load(paths), AS_OF))
