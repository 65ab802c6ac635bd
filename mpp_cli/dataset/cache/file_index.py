"""Which content files have, as far as their size, time and inode tell.

A file whose size, times and inode are those of an earlier run has the content
that it had then. As git has it, this is not believed of a file that was changed
shortly before it was read: it could have been changed again within the same tick
of the clock. Such a file is hashed again, which is far less than parsing it.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from blake3 import blake3

from mpp_cli.common.errors import DataError
from mpp_cli.dataset.cache.folder import Place, write_whole
from mpp_cli.sources.dataset import Dataset
from mpp_cli.sources.io.files import Input
from mpp_cli.sources.io.hashes import Hashes

#: A clock's coarsest tick, that of FAT file systems, and some allowance.
RACY_NS = 3_000_000_000

#: A file that holds no table is hashed for the key only up to this size.
_LARGEST_OTHER = 64 << 20


class Contents:
    """The index of known files, a small file for each under the name of its path."""

    def __init__(self, place: Place) -> None:
        self._folder = place.folder / "index"
        #: The files as they were when the run began, so before any was read.
        self._seen: dict[Path, list[int]] = {}

    def known(self, inputs: Sequence[Input]) -> dict[Path, str] | None:
        """The hash of every file that these inputs lie in; None where one is not known."""
        try:
            self._seen = {path: _state(path) for path in (each.path for each in inputs)}
            noted = {path: self._noted(path) for path in self._seen}
            found: dict[Path, str] = {}
            for path, state in self._seen.items():
                known = noted[path]
                if known is None or known["state"][0] != state[0]:
                    # Unknown, or of another size: to hash any of them would be in vain.
                    return None
                found[path] = known["hash"]
            for path, state in self._seen.items():
                known = noted[path]
                if known and (known["state"] != state or _is_racy(state, known["read"])):
                    found[path] = self._hashed(path, state)
            return found
        except (OSError, DataError):
            return None

    def _hashed(self, path: Path, state: list[int]) -> str:
        began = time.time_ns()
        found = Hashes().of(path, lambda size: None)
        if _state(path) == state:
            with suppress(OSError):
                self._note(path, {"state": state, "hash": found, "read": began})
        return found

    def learn(
        self, inputs: Sequence[Input], dataset: Dataset, began: int
    ) -> dict[Path, str] | None:
        """Note the hashes of files that were just read; None when one has changed since."""
        found = {account.source.path: account.hash for account in dataset.files}
        others = Hashes()
        try:
            for path in dict.fromkeys(each.path for each in inputs):
                if path not in found:
                    if path.stat().st_size > _LARGEST_OTHER:
                        return None
                    found[path] = others.of(path, lambda size: None)
                if _state(path) != self._seen.get(path):
                    return None
            self._folder.mkdir(mode=0o700, exist_ok=True)
            for path, hash in found.items():
                self._note(path, {"state": self._seen[path], "hash": hash, "read": began})
        except (OSError, DataError):
            return None
        return found

    def _noted(self, path: Path) -> dict[str, Any] | None:
        try:
            noted = json.loads(self._file(path).read_bytes())
            state, hash, read = noted["state"], noted["hash"], noted["read"]
            whole = len(state) == 5 and type(read) is int and type(hash) is str
            return noted if whole else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _note(self, path: Path, noted: dict[str, Any]) -> None:
        write_whole(self._file(path), json.dumps(noted).encode())

    def _file(self, path: Path) -> Path:
        return self._folder / blake3(os.fsencode(path.resolve())).hexdigest()


def _state(path: Path) -> list[int]:
    """What changes when a file is written or replaced; its size comes first."""
    about = path.stat()
    return [about.st_size, about.st_mtime_ns, about.st_ctime_ns, about.st_ino, about.st_dev]


def _is_racy(state: list[int], read: int) -> bool:
    """Whether a file may have changed after it was read without its times showing it."""
    return max(state[1], state[2]) + RACY_NS >= read
