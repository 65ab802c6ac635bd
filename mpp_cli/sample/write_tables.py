"""Writing tables: plain or gzip, the same bytes every time."""

from __future__ import annotations

import gzip
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import IO, Self

#: Level 9 makes a tenth less of these rows and takes four times as long.
LEVEL = 6


class TableFile:
    """A CSV file that is written line by line; its ending says whether it is compressed.

    The gzip header holds neither a time nor a name, so that the same rows give
    the same bytes.
    """

    def __init__(self, path: Path) -> None:
        self._raw: IO[bytes] = path.open("wb")
        self._out: IO[bytes] = self._raw
        if path.suffix == ".gz":
            self._out = gzip.GzipFile(  # type: ignore[assignment]
                filename="", mode="wb", compresslevel=LEVEL, fileobj=self._raw, mtime=0
            )

    def write(self, lines: Iterable[str]) -> None:
        """Write lines, each ended by a line feed."""
        text = "\n".join(lines)
        if text:
            self._out.write((text + "\n").encode())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._out.close()
        self._raw.close()


def read_bytes(path: Path) -> bytes:
    """The content of a file, decompressed where its ending says so."""
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
