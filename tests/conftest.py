"""What holds for all tests: a cache of their own, and who runs what beside whom."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from typing import Any

import pytest

#: Files whose tests start something large that they share: one worker runs them, one by one.
IN_ONE_WORKER = {
    "tests/cli/test_browser": "browser",
    "tests/engines/test_cluster": "spark",
    "tests/engines/test_spark": "spark",
}


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Deal out tests one by one, but those files whole.

    The marker xdist_group is for that, and does nothing under pytest 9.2.
    """
    from xdist.scheduler import LoadScopeScheduling

    class Scheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            groups = (group for file, group in IN_ONE_WORKER.items() if nodeid.startswith(file))
            return next(groups, nodeid)

    return Scheduling(config, log)


@pytest.fixture(autouse=True, scope="session")
def _cache_of_its_own() -> Iterator[None]:
    before = os.environ.get("XDG_CACHE_HOME")
    with tempfile.TemporaryDirectory(prefix="mpp-test-cache-") as folder:
        os.environ["XDG_CACHE_HOME"] = folder
        yield
    if before is None:
        del os.environ["XDG_CACHE_HOME"]
    else:
        os.environ["XDG_CACHE_HOME"] = before
