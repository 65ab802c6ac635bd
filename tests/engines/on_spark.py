"""What tests of Spark need: PySpark and Java, the same command on two engines, a small cluster.

Where PySpark or Java are missing these tests are skipped and say so, unless
``MPP_TESTS_NEED_SPARK`` is set, as it is where a change is checked before it lands.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from unittest import mock

import pytest

from tests.harness import run

#: Seconds in which a process has to be there, or gone, on a machine that is busy.
PATIENCE = 120

#: Runs a command in the background until standard input ends, as it does when whoever
#: holds it is killed; then nothing of the process group is left.
GUARDED = ("sh", "-c", '"$@" < /dev/null & cat > /dev/null; kill -KILL 0', "sh")

NEEDED = pytest.mark.skipif(
    "MPP_TESTS_NEED_SPARK" not in os.environ
    and (find_spec("pyspark") is None or shutil.which("java") is None),
    reason="PySpark or Java are not there: nothing runs on Spark",
)


def same_on(engine: str, words: list[str]) -> bytes:
    """What a command prints on DuckDB, after seeing that it prints, says and ends the same."""
    answers = [run([*words, "--no-config", "--engine", each]) for each in ("duckdb", engine)]
    (code, expected, said), (found_code, found, found_said) = answers
    assert (found_code, found_said) == (code, said)
    name = engine.partition(":")[0]
    assert found.decode("utf-8", "replace") == named(expected, name).decode("utf-8", "replace")
    return expected


def named(answer: bytes, engine: str) -> bytes:
    """An answer of DuckDB's as another engine gives it."""
    answer = answer.replace(b'"engine": "duckdb"', f'"engine": "{engine}"'.encode())
    return answer.replace(b"engine duckdb", f"engine {engine}".encode())


@contextlib.contextmanager
def with_settings(settings: Mapping[str, str]) -> Iterator[None]:
    """Start Spark in this block with settings where Spark itself looks for them."""
    with tempfile.TemporaryDirectory() as folder:
        lines = "".join(f"{name} {value}\n" for name, value in settings.items())
        (Path(folder) / "spark-defaults.conf").write_text(lines)
        with mock.patch.dict(os.environ, {"SPARK_CONF_DIR": folder}):
            yield


def waited(condition: Callable[[], object], what: str) -> None:
    """Wait until a function says yes."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, f"{what}: not within {PATIENCE} s"
        time.sleep(0.05)


@dataclass
class Cluster:
    """A standalone cluster on the loopback: a master, and workers of one core each."""

    folder: Path
    url: str = ""
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def kill_a_worker(self) -> None:
        """As when its machine loses power: the worker and its executor are gone at once."""
        worker = self.workers.pop()
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()


@contextlib.contextmanager
def cluster(folder: Path, workers: int) -> Iterator[Cluster]:
    """Start a cluster; nothing of it is left afterwards."""
    here, loopback = Cluster(folder), ["--host", "127.0.0.1", "--port", "0", "--webui-port", "0"]
    with contextlib.ExitStack() as stack:
        stack.enter_context(_daemon(folder / "master", "master.Master", loopback))
        said = _said(folder / "master", r"Starting Spark master at (spark://127\.0\.0\.1:\d+)")
        here.url = said[1]
        for number in range(workers):
            own = folder / f"worker{number}"
            words = [*loopback, "--cores", "1", "--memory", "1g", "--work-dir", str(own), here.url]
            here.workers.append(stack.enter_context(_daemon(own, "worker.Worker", words)))
        for number in range(workers):
            _said(folder / f"worker{number}", "Successfully registered with master")
        yield here


@contextlib.contextmanager
def _daemon(folder: Path, name: str, words: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    """One Java process of a cluster, in a group with those that it starts."""
    import pyspark

    folder.mkdir()
    home = Path(pyspark.__file__).parent
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("SPARK_")},
        **{"SPARK_HOME": str(home), "SPARK_DAEMON_MEMORY": "256m", "TMPDIR": str(folder)},
        "SPARK_DAEMON_JAVA_OPTS": f"-XX:TieredStopAtLevel=1 -Djava.io.tmpdir={folder}",
        "SPARK_LOCAL_DIRS": str(folder),
    }
    command = [
        *GUARDED,
        str(home / "bin" / "spark-class"),
        f"org.apache.spark.deploy.{name}",
        *words,
    ]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            env=environment,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def _said(folder: Path, words: str) -> re.Match[str]:
    """Wait until a process of the cluster says something."""
    found: list[re.Match[str]] = []

    def there() -> bool:
        match = re.search(words, (folder / "log").read_text("utf-8", "replace"))
        found.extend([match] if match else [])
        return bool(found)

    waited(there, f"{folder.name}: {words}")
    return found[0]
