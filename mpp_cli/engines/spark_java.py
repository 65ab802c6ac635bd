"""The Java process that Spark runs in: found, started with its words kept aside, always ended."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO, TYPE_CHECKING, Any

from mpp_cli.common.errors import UsageError

if TYPE_CHECKING:
    from pyspark import SparkConf

#: The oldest Java that PySpark 4 runs on.
JAVA = 17

_POSIX = os.name == "posix"


def check_java() -> None:
    """See that there is a Java, and one that is new enough; raises UsageError."""
    home = os.environ.get("JAVA_HOME")
    java = shutil.which(os.path.join(home, "bin", "java") if home else "java")
    if java is None:
        place = f"$JAVA_HOME, {home}," if home else "the search path"
        raise UsageError(
            f"the engine Spark needs Java {JAVA}, and {place} has none",
            hint=f"install Java {JAVA}, for example the package openjdk-{JAVA}-jre-headless, "
            "and set JAVA_HOME if there are several",
        )
    version = _version(java)
    if version is not None and version < JAVA:
        raise UsageError(
            f"the engine Spark needs Java {JAVA}, and {java} is Java {version}",
            hint=f"install Java {JAVA} and set JAVA_HOME",
        )


def _version(java: str) -> int | None:
    """The number of a Java, None where it does not say."""
    with suppress(OSError, subprocess.SubprocessError):
        told = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=20)
        match = re.search(r'version "(?:1\.)?([0-9]+)', told.stderr + told.stdout)
        return int(match[1]) if match else None
    return None


class Java:
    """One Java process with PySpark's gateway in it.

    What Java and Spark say would stand among our own lines on standard error;
    it goes to a file without a name.
    """

    def __init__(self) -> None:
        self._log: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  it lives as long as Java
        self._processes: list[subprocess.Popen[bytes]] = []
        self._gateway: Any = None

    def start(self, conf: SparkConf) -> Any:
        """Start it; PySpark's gateway to it."""
        from pyspark import java_gateway

        # A group of its own: a shell script stands before it, and Ctrl-C is for us to answer.
        options: dict[str, Any] = {"process_group": 0} if _POSIX else {}
        launch: Any = java_gateway.launch_gateway
        with _noted(java_gateway, self._processes):
            self._gateway = launch(conf, {"stdout": self._log, "stderr": self._log, **options})
        return self._gateway

    def last_words(self) -> str:
        """The last line that it said of an error, or else the last line."""
        with suppress(OSError, ValueError):
            self._log.seek(0)
            said = self._log.read().decode("utf-8", "replace").splitlines()
            lines = [line for line in said if not re.search(r"\b(INFO|WARN)\b", line)]
            told = [line for line in lines if re.search(r"error|exception|refused", line, re.I)]
            return (told or lines or [""])[-1].strip()
        return ""

    def end(self, seconds: float = 0) -> None:
        """End it: after so many seconds at most in which it may do so by itself."""
        from pyspark import SparkContext

        SparkContext._gateway = SparkContext._jvm = None
        try:
            with suppress(Exception):
                self._gateway.shutdown()
            for process in self._processes:
                # It ends by itself when its standard input does.
                if process.stdin is not None:
                    process.stdin.close()
                with suppress(subprocess.TimeoutExpired):
                    process.wait(seconds)
        finally:
            for process in self._processes:
                _kill(process)
            self._log.close()


def _kill(process: subprocess.Popen[bytes]) -> None:
    # One that was interrupted while it started has no number.
    if process.pid is None or process.poll() is not None:
        return
    if _POSIX:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()


@contextmanager
def _noted(module: Any, processes: list[subprocess.Popen[bytes]]) -> Iterator[None]:
    """Note every process that a module starts: PySpark forgets its own when it is interrupted."""
    plain = module.Popen

    class Noted(subprocess.Popen[bytes]):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            processes.append(self)
            super().__init__(*args, **kwargs)

    module.Popen = Noted
    try:
        yield
    finally:
        module.Popen = plain
