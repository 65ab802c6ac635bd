"""Private folders for what does not fit in memory, gone when the program ends.

A program that is killed cannot tidy up. Its folder has a lock that died with
it, so the next run knows the folder for a leftover and removes it.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

try:
    import fcntl
except ImportError:  # no locks on this system: leftovers stay
    fcntl = None  # type: ignore[assignment]

from mpp_cli.common.errors import OutputError

_PREFIX = "mpp-scratch-"
_LOCK = ".lock"


class Scratch:
    """One private folder (0700) in the system's temporary folder.

    Raises OutputError when none can be made.
    """

    def __init__(self) -> None:
        _sweep()
        try:
            self.path = Path(tempfile.mkdtemp(prefix=_PREFIX))
            # The lock gets its name only once it is held: another run that looks
            # for leftovers must not come in between.
            unnamed = self.path / f"{_LOCK}-new"
            self._lock = os.open(unnamed, os.O_RDWR | os.O_CREAT, 0o600)
            if fcntl is not None:
                fcntl.flock(self._lock, fcntl.LOCK_EX)
            unnamed.rename(self.path / _LOCK)
        except OSError as error:
            raise OutputError(
                f"no temporary folder can be made in {tempfile.gettempdir()}: {error.strerror}",
                hint="make room there, or name another folder in $TMPDIR",
            ) from error

    def close(self) -> None:
        """Remove the folder and all that is in it."""
        try:
            remove(self.path)
        finally:
            with suppress(OSError):
                os.close(self._lock)


def remove(folder: Path) -> None:
    """Remove a folder as far as that is possible; a signal in between does not stop it."""
    try:
        shutil.rmtree(folder, ignore_errors=True)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _sweep() -> None:
    """Remove the folders of runs that were killed."""
    if fcntl is None:
        return
    for folder in _folders():
        with suppress(OSError):
            lock = os.open(folder / _LOCK, os.O_RDWR)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(lock)


def _folders() -> Iterator[Path]:
    with suppress(OSError):
        yield from Path(tempfile.gettempdir()).glob(f"{_PREFIX}*")
