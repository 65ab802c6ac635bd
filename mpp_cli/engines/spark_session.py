"""Starts Spark for this process, once for all engines that are open, and stops it after them."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from mpp_cli.errors import UnavailableError, UsageError
from mpp_cli.scratch import Scratch

if TYPE_CHECKING:
    from pyspark import SparkContext
    from pyspark.sql import SparkSession

#: The oldest Java that PySpark 4 runs on.
JAVA = 17

#: Seconds in which a master has to answer, and a cluster to do its first piece of work.
MASTER_ANSWERS = 10
WORKERS_ANSWER = 60

#: Seconds in which Spark has to stop; it is left to itself after that.
_STOPS = 20

#: What holds for each session, whatever the installation's own defaults are.
_SESSION = {
    "spark.sql.ansi.enabled": "true",
    "spark.sql.caseSensitive": "true",
    "spark.sql.session.timeZone": "UTC",
    # Rows come and go as Arrow: no row is ever turned into Python on a worker,
    # so the workers' Python does not matter.
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    # A batch that is handed over is a partition as it is, and is never copied
    # into the text of a query.
    "spark.sql.execution.arrow.maxRecordsPerBatch": "100000000",
    "spark.sql.execution.arrow.localRelationThreshold": "0",
}


@dataclass
class _Running:
    """The Spark of this process and how many engines use it."""

    master: str
    context: SparkContext
    scratch: Scratch
    log: IO[bytes]
    users: int = 0


_running: _Running | None = None


@dataclass
class Lease:
    """A session for one engine, and a private folder on this machine."""

    session: SparkSession
    folder: Path

    @property
    def is_last(self) -> bool:
        """Whether no other engine uses Spark: it stops when this is given back."""
        return _running is None or _running.users == 1

    def close(self) -> None:
        """Give it back; the last one stops Spark."""
        global _running
        if _running is None:
            return
        _running.users -= 1
        if _running.users == 0:
            ended, _running = _running, None
            _stop(ended)


def leased(master: str) -> Lease:
    """A session at a master, which is ``local[*]`` or ``spark://HOST:PORT``.

    Raises UsageError when PySpark or Java are not there, UnavailableError when
    the cluster does not answer.
    """
    global _running
    if _running is None:
        _running = _start(master)
    elif _running.master != master:
        raise UsageError(f"this process already uses Spark at {_running.master}, not {master}")
    from pyspark.sql import SparkSession

    # Said of pandas frames, none of which goes to Spark or comes from it.
    warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
    _running.users += 1
    session = SparkSession(_running.context).newSession()
    for name, value in _SESSION.items():
        session.conf.set(name, value)
    lease = Lease(session, _running.scratch.path)
    try:
        if _running.users == 1 and master.startswith("spark:"):
            _first_work(session, master)
    except BaseException:
        lease.close()
        raise
    return lease


def _start(master: str) -> _Running:
    java = _java()
    address = _own_address(master)
    try:
        import pyarrow  # noqa: F401
        from pyspark import SparkConf, SparkContext
        from pyspark.java_gateway import launch_gateway
    except ImportError as error:
        raise UsageError(
            f"the engine Spark is not installed: there is no {error.name}",
            hint="pip install 'mpp-cli[spark]'",
        ) from error
    scratch = Scratch()
    log: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  it lives as long as Spark
    try:
        conf = SparkConf(loadDefaults=False)
        for name, value in _settings(master, address, scratch.path).items():
            conf.set(name, value)
        with _signals_kept():
            # What Java and Spark say would stand among our own lines on stderr.
            start: Any = launch_gateway
            gateway = start(conf, {"stdout": log, "stderr": log})
            context = SparkContext(conf=conf, gateway=gateway)
    except BaseException as error:
        said = _last_words(log)
        _end_java()
        scratch.close()
        if not isinstance(error, Exception):
            raise
        raise _refusal(java, master, said) from error
    return _Running(master, context, scratch, log)


def _settings(master: str, address: str, folder: Path) -> dict[str, str]:
    cores = os.cpu_count() or 1
    settings = {
        "spark.master": master,
        "spark.app.name": "mpp",
        "spark.submit.deployMode": "client",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.local.dir": str(folder),
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.sql.catalogImplementation": "in-memory",
        "spark.driver.extraJavaOptions": _java_options(master, folder),
        # Spark splits every grouping so often and joins small parts again.
        "spark.sql.shuffle.partitions": str(cores if master.startswith("local") else 64),
        "spark.driver.bindAddress": address,
        "spark.driver.host": address,
    }
    if "SPARK_LOCAL_IP" in os.environ:
        # Whoever sets it knows the network better.
        del settings["spark.driver.bindAddress"], settings["spark.driver.host"]
    return settings


def _java_options(master: str, folder: Path) -> str:
    options = f"-Djava.io.tmpdir={folder} -XX:-UsePerfData"
    # Most of the time on this machine goes into compiling code that runs once.
    # Measured on the sample: 42 s of processor time, 65 s with the second compiler.
    return f"{options} -XX:TieredStopAtLevel=1" if master.startswith("local") else options


def _java() -> str:
    home = os.environ.get("JAVA_HOME")
    java = shutil.which(os.path.join(home, "bin", "java") if home else "java")
    if java is None:
        place = f"$JAVA_HOME, {home}," if home else "the search path"
        raise UsageError(
            f"the engine Spark needs Java {JAVA}, and {place} has none",
            hint=f"install Java {JAVA}, for example the package openjdk-{JAVA}-jre-headless, "
            "and set JAVA_HOME if there are several",
        )
    return java


def _own_address(master: str) -> str:
    """The address of this machine at which workers reach it; nobody else, where there are none.

    Raises UnavailableError when the master does not answer.
    """
    if not master.startswith("spark://"):
        return "127.0.0.1"
    host, _, port = master.removeprefix("spark://").rpartition(":")
    try:
        with socket.create_connection((host, int(port)), timeout=MASTER_ANSWERS) as connection:
            return str(connection.getsockname()[0])
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UnavailableError(
            f"no Spark master answers at {master}: {reason}",
            hint="check the address, and that the master runs (its page names its spark:// URL)",
        ) from error


def _first_work(session: SparkSession, master: str) -> None:
    """See to it that somebody works: without workers a query would wait for ever."""
    done: list[Any] = []
    thread = threading.Thread(target=lambda: done.append(session.range(1).collect()), daemon=True)
    thread.start()
    thread.join(WORKERS_ANSWER)
    if not done:
        raise UnavailableError(
            f"the cluster at {master} did no work within {WORKERS_ANSWER} s",
            hint="it may have no workers, none with free cores and memory, or none that can "
            "reach this machine",
        )


@contextmanager
def _signals_kept() -> Iterator[None]:
    """PySpark takes the handler of Ctrl-C for itself; mpp ends in its own way."""
    before = signal.getsignal(signal.SIGINT)
    try:
        yield
    finally:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, before)


def _last_words(log: IO[bytes]) -> str:
    """What Java and Spark said, of which the last line that tells of an error counts."""
    with suppress(OSError, ValueError):
        log.seek(0)
        lines = log.read().decode("utf-8", "replace").splitlines()
        told = [line for line in lines if re.search(r"error|exception|refused", line, re.I)]
        return (told or lines or [""])[-1].strip()
    return ""


def _refusal(java: str, master: str, said: str) -> UsageError | UnavailableError:
    version = _java_version(java)
    if version is not None and version < JAVA:
        return UsageError(
            f"the engine Spark needs Java {JAVA}, and {java} is Java {version}",
            hint=f"install Java {JAVA} and set JAVA_HOME",
        )
    return UnavailableError(f"Spark could not be started at {master}: {said or 'it said nothing'}")


def _java_version(java: str) -> int | None:
    with suppress(OSError, subprocess.SubprocessError):
        told = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=20)
        match = re.search(r'version "(?:1\.)?([0-9]+)', told.stderr + told.stdout)
        return int(match[1]) if match else None
    return None


def _stop(ended: _Running) -> None:
    # An interrupted call may have left its answer behind in the connection of
    # this thread: another thread has another.
    stopping = threading.Thread(target=ended.context.stop, daemon=True)
    stopping.start()
    stopping.join(_STOPS)
    _end_java()
    ended.scratch.close()
    ended.log.close()


def _end_java() -> None:
    """End the Java process, so that nothing of it is left: it holds files in our folder."""
    from pyspark import SparkContext

    gateway: Any = SparkContext._gateway
    SparkContext._gateway = SparkContext._jvm = None
    if gateway is None:
        return
    with suppress(Exception):
        gateway.shutdown()
    process = gateway.proc
    # It ends by itself when its standard input does.
    process.stdin.close()
    try:
        process.wait(_STOPS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
