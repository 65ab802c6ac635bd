"""Where bytes come from: files, folders, globs, gzip, standard input.

An :class:`Input` can be opened again and again and gives the same bytes each
time. Formats are recognised elsewhere; here only endings matter.
"""

from __future__ import annotations

import glob
import gzip
import os
import shutil
import stat
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, cast

from mpp_cli.errors import DataError

#: The path that stands for standard input.
STANDARD_INPUT = "-"

#: Endings of files that a folder is searched for, with the delimiter of each.
TEXT_ENDINGS = {".csv": b",", ".tsv": b"\t", ".csv.gz": b",", ".tsv.gz": b"\t"}


@dataclass(frozen=True)
class Input:
    """One input file: its path, the name it is spoken of by, and its delimiter.

    ``named`` tells whether the user named the file itself; a file that was
    only found in a folder may be passed over, a named one is refused.
    """

    path: Path
    name: str
    delimiter: bytes
    named: bool

    def open(self, watch: Callable[[bytes], None] | None = None) -> BinaryIO:
        """The text of the file, decompressed; ``watch`` sees its bytes as stored."""
        raw: BinaryIO = self.path.open("rb")
        if watch is not None:
            raw = cast(BinaryIO, _Watched(raw, watch))
        if self.path.suffix.lower() == ".gz":
            return cast(BinaryIO, _GzipText(raw))
        return raw


class _Watched:
    """A stream that shows every chunk it reads to a watcher."""

    def __init__(self, stream: BinaryIO, watch: Callable[[bytes], None]) -> None:
        self._stream, self._watch = stream, watch

    def read(self, size: int = -1) -> bytes:
        chunk = self._stream.read(size)
        self._watch(chunk)
        return chunk

    def close(self) -> None:
        self._stream.close()

    def __enter__(self) -> _Watched:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _GzipText(gzip.GzipFile):
    """A gzip stream that closes the file under it, too."""

    def __init__(self, raw: BinaryIO) -> None:
        super().__init__(fileobj=raw, mode="rb")
        self._raw = raw

    def close(self) -> None:
        super().close()
        self._raw.close()


def find(paths: Sequence[str], shown: Sequence[str]) -> list[Input]:
    """The files that ``--data`` names, each once, in the order named.

    Folders are searched for files with a known ending, in the order of their
    names; globs likewise. ``shown`` are the paths as the user wrote them: the
    copy of a stream is spoken of as the stream. Raises DataError for a path that
    is not there.
    """
    found: dict[Path, Input] = {}
    for text, written in zip(paths, shown, strict=True):
        for path, named in _expand(text):
            name = path.name
            if named and text != written:
                name = "standard input" if written == STANDARD_INPUT else written
            found.setdefault(path.resolve(), Input(path, name, _delimiter(path), named))
    names = Counter(each.name for each in found.values())
    return [
        each if names[each.name] == 1 else replace(each, name=str(each.path))
        for each in found.values()
    ]


def _expand(text: str) -> Iterator[tuple[Path, bool]]:
    path = Path(text)
    if path.is_dir():
        yield from ((each, False) for each in _in_folder(path))
    elif os.path.lexists(path):
        yield path, True
    else:
        matches = sorted(glob.glob(text)) if glob.has_magic(text) else []
        if not matches:
            raise DataError(
                f"{text}: no such file or folder", hint="check the path given with --data"
            )
        for match in matches:
            yield from _expand(match) if match != text else [(Path(match), True)]


def _in_folder(folder: Path) -> list[Path]:
    try:
        entries = sorted(folder.iterdir(), key=lambda each: each.name)
    except OSError as error:
        raise DataError(f"{folder}: cannot be read: {error.strerror}") from error
    return [
        each
        for each in entries
        if not each.name.startswith(".")
        and each.name.lower().endswith(tuple(TEXT_ENDINGS))
        and each.is_file()
    ]


def _delimiter(path: Path) -> bytes:
    name = path.name.lower()
    for ending, delimiter in TEXT_ENDINGS.items():
        if name.endswith(ending):
            return delimiter
    if path.is_dir():
        raise DataError(f"{path}: is a folder named like a file")
    return b","


@contextmanager
def streams_copied(paths: Sequence[str]) -> Iterator[list[str]]:
    """The paths with streams (``-`` or a FIFO) replaced by private copies, gone afterwards.

    A file is read more than once (for its encoding, for its rows), which a
    pipe does not allow.
    """
    if not any(map(_is_stream, paths)):
        yield list(paths)
        return
    with tempfile.TemporaryDirectory(prefix="mpp-") as folder:
        copies = []
        for number, path in enumerate(paths):
            if _is_stream(path):
                copy = Path(folder) / f"{number}" / "stdin.csv"
                copy.parent.mkdir()
                with copy.open("wb") as out:
                    if path == STANDARD_INPUT:
                        shutil.copyfileobj(sys.stdin.buffer, out)
                    else:
                        with open(path, "rb") as stream:
                            shutil.copyfileobj(stream, out)
                path = str(copy)
            copies.append(path)
        yield copies


def _is_stream(path: str) -> bool:
    if path == STANDARD_INPUT:
        return True
    try:
        return stat.S_ISFIFO(os.stat(path).st_mode)
    except (OSError, ValueError):
        return False
