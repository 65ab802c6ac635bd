"""The tool and a plain count agree on every figure beyond the document, also on the sample."""

from __future__ import annotations

import datetime
import gzip
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

import mpp_cli
from mpp_cli.api import Data, sample_folder
from mpp_cli.goals import ADDITIONAL
from mpp_cli.results import Metric
from tests.engines.test_agreement import written
from tests.oracle.additional import Beyond, beyond
from tests.oracle.strategies import Folder, folders

AS_OF = datetime.date(2020, 12, 31)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The sample, unpacked: the oracle reads plain files."""
    folder = tmp_path_factory.mktemp("sample")
    for packed in sorted(sample_folder().glob("*.csv.gz")):
        (folder / packed.stem).write_bytes(gzip.decompress(packed.read_bytes()))
    return sorted(folder.iterdir())


@pytest.fixture(scope="module")
def sample(files: list[Path]) -> Iterator[Data]:
    with mpp_cli.load([str(file) for file in files]) as data:
        yield data


@pytest.fixture(scope="module")
def at_end(files: list[Path]) -> Beyond:
    return beyond(files, AS_OF)


def figures(metric: Metric) -> dict[str, object]:
    return {each.name: each.value for each in metric.measures}


def by_outcome(metric: Metric) -> dict[object, object]:
    return {row.by["outcome"]: row.values["cases"] for row in metric.rows}


@pytest.mark.parametrize("name", ADDITIONAL)
def test_on_the_sample(sample: Data, at_end: Beyond, name: str) -> None:
    answer = mpp_cli.metric(sample, name, as_of=AS_OF).metric
    assert figures(answer) == at_end.figures[name]
    if name in at_end.outcomes:
        assert by_outcome(answer) == at_end.outcomes[name]


@pytest.mark.parametrize("name", ADDITIONAL)
def test_on_the_sample_on_an_earlier_day_and_for_some_cases(
    sample: Data, files: list[Path], name: str
) -> None:
    day = datetime.date(2020, 1, 15)
    expected = beyond(files, day, lambda row: row.text("nationality") == "HONDURAS")
    answer = mpp_cli.metric(sample, name, as_of=day, where={"nationality": "HONDURAS"}).metric
    assert figures(answer) == expected.figures[name]
    if name in expected.outcomes:
        assert by_outcome(answer) == expected.outcomes[name]


@pytest.mark.parametrize("name", ADDITIONAL)
def test_groups_are_what_the_figure_would_be_for_each(
    sample: Data, files: list[Path], name: str
) -> None:
    answer = mpp_cli.metric(sample, name, as_of=AS_OF, by=["component"]).metric
    for value in ("USBP", "OFO"):
        expected = beyond(files, AS_OF, lambda row, value=value: row.text("component") == value)
        rows = [row for row in answer.rows if row.by["component"] == value]
        if name in expected.outcomes:
            found = {row.by["outcome"]: row.values["cases"] for row in rows}
            assert found == expected.outcomes[name]
        else:
            assert [dict(row.values) for row in rows] == [expected.figures[name]]


def test_the_rates_of_relief_on_the_sample_are_shown_with_decimals(sample: Data) -> None:
    shown = {m.name: m.display for m in mpp_cli.metric(sample, "relief-rate").metric.measures}
    assert shown["relief_granted"] == "531"
    assert (shown["cases_completed"], shown["share_of_completed"]) == ("44,014", "1.21%")
    assert (shown["total_enrolled"], shown["share_of_enrolled"]) == ("68,039", "0.78%")


SETTINGS = settings(
    max_examples=40,
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
                expected = beyond(paths, AS_OF)
                for answer in answers:
                    found = figures(answer)
                    for measure, value in expected.figures[answer.name].items():
                        if answer.measure(measure).display != "unavailable":
                            assert found[measure] == value, (answer.name, measure)
                    if answer.name in expected.outcomes:
                        assert by_outcome(answer) == expected.outcomes[answer.name]
            assert all(isinstance(a.headline_measure.value, int | Fraction | None) for a in answers)
