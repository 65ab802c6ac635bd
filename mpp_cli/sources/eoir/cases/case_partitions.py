"""Rows of whole numbers, all of one case together, in memory or on disk.

Rows of one case lie all over a file. They are dealt out by their case to
buckets that each fit memory many times, so that what is made of whole cases
takes the same memory whatever the size of the file.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from mpp_cli.common.errors import OutputError
from mpp_cli.common.scratch import Scratch

Records = NDArray[Any]

#: Bytes of a file whose rows make one bucket.
FILE_BYTES = 64 << 20
_MOST = 400

_SPREAD = np.uint64(0x9E3779B97F4A7C15)


class Buckets:
    """Rows with the field ``idncase``, dealt out to ``count`` buckets; one is held in memory.

    Use it in a ``with`` block, or close it: buckets on disk are as large as
    what was read. A row's place among those of its bucket is that in which it was added.
    Raises OutputError when the disk is full.
    """

    def __init__(self, kind: np.dtype[Any], count: int = 1) -> None:
        self._kind, self._count = kind, min(max(count, 1), _MOST)
        self._held: list[Records] = []
        self._files: list[IO[bytes]] = []
        self._open = ExitStack()
        #: Bytes of all rows that were added.
        self.size = 0
        if self._count > 1:
            self._scratch = Scratch()
            self._open.callback(self._scratch.close)
            for number in range(self._count):
                path = self._scratch.path / f"bucket-{number}"
                self._files.append(self._open.enter_context(path.open("w+b")))

    def __enter__(self) -> Buckets:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def add(self, rows: Records) -> None:
        """Deal out rows."""
        self.size += rows.nbytes
        if not self._files:
            self._held.append(rows)
            return
        bucket = rows["idncase"].astype(np.uint64) * _SPREAD >> np.uint64(32)
        bucket = (bucket % np.uint64(self._count)).astype(np.int16)
        rows = rows[np.argsort(bucket, kind="stable")]
        ends = np.cumsum(np.bincount(bucket, minlength=self._count)).tolist()
        try:
            start = 0
            for file, end in zip(self._files, ends, strict=True):
                if end > start:
                    file.write(rows[start:end].data)
                start = end
        except OSError as error:
            raise self._full(error) from error

    def __iter__(self) -> Iterator[Records]:
        """The buckets, each once; a bucket is forgotten once it was given."""
        if not self._files:
            held, self._held = self._held, []
            yield np.concatenate(held) if held else np.empty(0, dtype=self._kind)
        for file in self._files:
            try:
                file.seek(0)
                rows = np.fromfile(file, dtype=self._kind)
                file.truncate(0)
            except OSError as error:
                raise self._full(error) from error
            yield rows
        self.close()

    def close(self) -> None:
        """Let go of all rows."""
        self._open.close()
        self._held, self._files = [], []

    def _full(self, error: OSError) -> OutputError:
        return OutputError(
            f"the temporary folder {tempfile.gettempdir()} cannot be used: {error.strerror}",
            hint="make room there, or name another folder in $TMPDIR",
        )
