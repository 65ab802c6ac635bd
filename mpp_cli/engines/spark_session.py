"""Starts Spark for this process, once for all engines that are open, and stops it after them."""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mpp_cli.engines.spark_java import Java, check_java
from mpp_cli.errors import UnavailableError, UsageError
from mpp_cli.scratch import Scratch

if TYPE_CHECKING:
    from pyspark import SparkContext
    from pyspark.sql import SparkSession

#: Seconds in which a master has to answer, and a cluster to do its first piece of work.
MASTER_ANSWERS = 10
WORKERS_ANSWER = 60

#: Seconds in which Spark has to stop; it is left to itself after that.
_STOPS = 20

#: Parts of a grouping for each core of a cluster: enough that none waits long for another.
_PARTS_PER_CORE = 4

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


#: PySpark's own loggers, which write to standard error what the error says that is raised.
_LOGGERS = ("DataFrameQueryContextLogger", "SQLQueryContextLogger")


@dataclass
class _Running:
    """The Spark of this process and how many engines use it."""

    master: str
    context: SparkContext
    java: Java
    scratch: Scratch
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

    def broken_off(self, master: str) -> UnavailableError:
        """The error that says why Spark gave up a piece of work."""
        said = _running.java.last_words() if _running else ""
        return UnavailableError(
            f"Spark at {master} stopped: {said or 'it gave no reason'}",
            hint="look at the logs of the cluster"
            if master.startswith("spark:")
            else "there may be too little memory or room in $TMPDIR",
        )

    def close(self) -> None:
        """Give it back; the last one stops Spark."""
        _give_back()


def leased(master: str) -> Lease:
    """A session at a master, which is ``local[*]`` or ``spark://HOST:PORT``.

    Raises UsageError when PySpark or Java are not there, UnavailableError when
    the cluster does not answer.
    """
    global _running
    # Said of pandas frames, none of which goes to Spark or comes from it.
    warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
    # Where Java is gone, as when it was killed, PySpark warns while it stops; the error says it.
    warnings.filterwarnings("ignore", module=r"(pyspark|py4j)\.")
    if _running is None:
        _running = _start(master)
    elif _running.master != master:
        raise UsageError(f"this process already uses Spark at {_running.master}, not {master}")
    from pyspark.sql import SparkSession

    _running.users += 1
    try:
        session = SparkSession(_running.context).newSession()
        for name, value in _SESSION.items():
            session.conf.set(name, value)
        if master.startswith("spark:"):
            if _running.users == 1:
                _first_work(session, master)
            # So often is every grouping split; small parts are joined again.
            parts = _PARTS_PER_CORE * _running.context.defaultParallelism
            session.conf.set("spark.sql.shuffle.partitions", str(parts))
    except BaseException:
        _give_back()
        raise
    return Lease(session, _running.scratch.path)


def _give_back() -> None:
    global _running
    if _running is None:
        return
    _running.users -= 1
    if _running.users == 0:
        ended, _running = _running, None
        _stop(ended)


def _start(master: str) -> _Running:
    check_java()
    address = _own_address(master)
    try:
        import pyarrow  # noqa: F401
        from pyspark import SparkConf, SparkContext
        from pyspark.logger import PySparkLogger
    except ImportError as error:
        raise UsageError(
            f"the engine Spark is not installed: there is no {error.name}",
            hint="pip install 'mpp-cli[spark]'",
        ) from error
    for name in _LOGGERS:
        PySparkLogger.getLogger(name).disabled = True
    logging.getLogger().addFilter(_is_not_of_py4j)
    java, scratch = Java(), Scratch()
    try:
        conf = SparkConf(loadDefaults=False)
        for name, value in _settings(master, address, scratch.path).items():
            conf.set(name, value)
        with _signals_kept():
            context = SparkContext(conf=conf, gateway=java.start(conf))
    except BaseException as error:
        said = java.last_words()
        java.end()
        scratch.close()
        if not isinstance(error, Exception):
            raise
        raise UnavailableError(
            f"Spark could not be started at {master}: {said or 'it gave no reason'}"
        ) from error
    return _Running(master, context, java, scratch)


def _is_not_of_py4j(record: logging.LogRecord) -> bool:
    """Whether something else logs: py4j writes what it raises to standard error, too."""
    return "py4j" not in Path(record.pathname).parts


def _settings(master: str, address: str, folder: Path) -> dict[str, str]:
    settings = {
        "spark.master": master,
        "spark.app.name": "mpp",
        "spark.submit.deployMode": "client",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.local.dir": str(folder),
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.sql.catalogImplementation": "in-memory",
        "spark.driver.extraJavaOptions": _java_options(folder),
        "spark.sql.shuffle.partitions": str(os.cpu_count() or 1),
        "spark.driver.bindAddress": address,
        "spark.driver.host": address,
    }
    if "SPARK_LOCAL_IP" in os.environ:
        # Whoever sets it knows the network better.
        del settings["spark.driver.bindAddress"], settings["spark.driver.host"]
    return settings


def _java_options(folder: Path) -> str:
    # Most of the time on this machine goes into compiling code that runs once.
    # Measured on the sample: 42 s of processor time, 65 s with the second compiler.
    # The workers of a cluster, which do the long work there, have both.
    return f"-Djava.io.tmpdir={folder} -XX:-UsePerfData -XX:TieredStopAtLevel=1"


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
    _quietly(lambda: done.append(session.range(1).collect())).join(WORKERS_ANSWER)
    if not done:
        raise UnavailableError(
            f"the cluster at {master} did not respond within {WORKERS_ANSWER} s",
            hint="it may have no workers, none with free cores and memory, or none that can "
            "reach this machine",
        )


def _quietly(work: Callable[[], object]) -> threading.Thread:
    """A thread that works, and whose error, as when Spark is stopped or gone, nobody needs."""

    def run() -> None:
        with suppress(Exception):
            work()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


@contextmanager
def _signals_kept() -> Iterator[None]:
    """PySpark takes the handler of Ctrl-C for itself; mpp ends in its own way."""
    before = signal.getsignal(signal.SIGINT)
    try:
        yield
    finally:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, before)


def _stop(ended: _Running) -> None:
    # An interrupted call may have left its answer behind in the connection of
    # this thread: another thread has another.
    stopping = _quietly(ended.context.stop)
    try:
        stopping.join(_STOPS)
        ended.java.end(_STOPS)
    finally:
        # Once more, for whoever interrupts this as well. Java would make its
        # folders again after us: it has to be gone before they are removed.
        ended.java.end()
        ended.scratch.close()
