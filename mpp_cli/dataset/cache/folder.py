"""The folder of the cache: private, bounded, and changed by whole entries only."""

from __future__ import annotations

import os
import secrets
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from mpp_cli.common.errors import MppError

#: What all entries together may take.
MOST_BYTES = 4 << 30

#: Entries that are kept at most.
MOST_ENTRIES = 32

#: How the name of an entry begins until it is whole.
_UNFINISHED = ".unfinished-"

#: Unfinished entries older than this were left by a run that was killed.
_ABANDONED_S = 24 * 3600


class Place:
    """The folder of the cache, which belongs to this user alone (0700)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def found(cls) -> Place | None:
        """The folder where the platform keeps caches; None where there is none to be had.

        One that others could write to is none: figures would be theirs.
        """
        if os.name == "posix" and not (os.environ.get("HOME") or os.environ.get("XDG_CACHE_HOME")):
            return None
        from platformdirs import user_cache_path

        try:
            folder = user_cache_path("mpp", appauthor=False)
            if not folder.is_absolute():
                return None
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if folder.is_symlink() or not folder.is_dir():
                return None
            if os.name == "posix":
                if folder.stat().st_uid != os.geteuid():
                    return None
                folder.chmod(0o700)
            return cls(folder)
        except (OSError, RuntimeError):
            return None

    def entries(self, key: str) -> list[Path]:
        """The entries under a key, the one that was used last first."""
        return sorted(
            (each for each in self._all() if each.name.startswith(f"{key}-")),
            key=_used,
            reverse=True,
        )

    def add(self, key: str, write: Callable[[Path], None]) -> Path | None:
        """Make an entry of what ``write`` puts into a folder, or none at all."""
        unfinished = self.folder / f"{_UNFINISHED}{secrets.token_hex(8)}"
        try:
            unfinished.mkdir(mode=0o700)
            write(unfinished)
            for path in unfinished.iterdir():
                path.chmod(0o600)
            entry = unfinished.rename(self.folder / f"{key}-{secrets.token_hex(4)}")
            self._make_room()
            return entry
        except (OSError, MppError):
            # A full disk, most often. The report does not depend on it.
            shutil.rmtree(unfinished, ignore_errors=True)
            return None

    def touch(self, entry: Path) -> None:
        """Remember that an entry was used just now."""
        with suppress(OSError):
            os.utime(entry)

    def remove(self, entry: Path) -> None:
        """Remove an entry; a run that is reading it reads the files instead."""
        shutil.rmtree(entry, ignore_errors=True)

    def _all(self) -> list[Path]:
        with suppress(OSError):
            return [
                each
                for each in self.folder.iterdir()
                if "-" in each.name and not each.name.startswith(".")
            ]
        return []

    def _make_room(self) -> None:
        """Remove what was not used for longest, and what killed runs have left."""
        room = MOST_BYTES
        for number, entry in enumerate(sorted(self._all(), key=_used, reverse=True)):
            room -= _size(entry)
            if number and (room < 0 or number >= MOST_ENTRIES):
                self.remove(entry)
        for left in self.folder.glob(f"{_UNFINISHED}*"):
            if time.time() - _used(left) > _ABANDONED_S:
                self.remove(left)


def write_whole(target: Path, content: bytes) -> None:
    """Give a private file (0600) this content, at once. Raises OSError, then it is as it was."""
    part = target.with_name(f".{target.name}-{secrets.token_hex(8)}")
    opened = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(opened, "wb") as out:
            out.write(content)
        part.replace(target)
    except OSError:
        part.unlink(missing_ok=True)
        raise


def _used(entry: Path) -> float:
    try:
        return entry.stat().st_mtime
    except OSError:
        return 0.0


def _size(entry: Path) -> int:
    try:
        return sum(each.stat().st_size for each in entry.iterdir())
    except OSError:
        return 0
