"""A cluster in which nobody works is refused, not waited for."""

from __future__ import annotations

from pathlib import Path

import pytest

from mpp_cli.engines import spark_session
from tests.engines.on_spark import NEEDED, cluster
from tests.errors.reproducers import TABLES
from tests.harness import run
from tests.spec.draw import draw

pytestmark = NEEDED


def test_a_cluster_without_workers_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spark_session, "WORKERS_ANSWER", 3)
    with cluster(tmp_path, workers=0) as empty:
        words = ["report", "--data", str(draw(TABLES)), "--no-config", "--engine", empty.url]
        assert run(words) == (
            3,
            b"",
            f"mpp: error: the cluster at {empty.url} did not respond within 3 s\n"
            "hint: it may have no workers, none with free cores and memory, or none that can "
            "reach this machine\n",
        )
