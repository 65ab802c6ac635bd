"""A standalone cluster gives the same bytes, also when a machine is lost on the way."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import mpp_cli
from mpp_cli import formats
from mpp_cli.engines import open_engine
from mpp_cli.engines.base import Engine
from tests.engines.on_spark import NEEDED, Cluster, cluster, named, same_on, with_settings
from tests.errors.reproducers import TABLES
from tests.spec.draw import TODAY, draw

pytestmark = NEEDED


@pytest.fixture(scope="module")
def two_workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with cluster(tmp_path_factory.mktemp("cluster"), workers=2) as started:
        yield started


@pytest.fixture(scope="module", autouse=True)
def engine(two_workers: Cluster) -> Iterator[Engine]:
    """Keeps Spark's application on the cluster open from test to test."""
    # What runs once is not worth the second compiler of Java.
    with with_settings({"spark.executor.extraJavaOptions": "-XX:TieredStopAtLevel=1"}):
        held = open_engine(two_workers.url)
    yield held
    held.close()


def test_a_report_is_the_same(two_workers: Cluster) -> None:
    assert b"44014" in same_on(two_workers.url, ["report", "--data", "sample", "-f", "json"])


def test_a_worker_that_is_killed_half_way_changes_nothing(two_workers: Cluster) -> None:
    tables = draw(TABLES)
    with mpp_cli.load(tables, today=TODAY) as data:
        expected = formats.render(mpp_cli.report(data), "json")
    with mpp_cli.load(tables, today=TODAY, engine=two_workers.url) as data:
        # Every row was judged: parts of the tables lie in the memory of each worker.
        two_workers.kill_a_worker()
        found = formats.render(mpp_cli.report(data), "json")
    assert isinstance(expected, str)
    assert found == named(expected.encode(), "spark").decode()
