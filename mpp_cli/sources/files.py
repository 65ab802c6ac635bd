"""Where bytes come from: files, folders, globs, archives, gzip, standard input.

An :class:`Input` can be opened again and again and gives the same bytes each
time. Formats are recognised elsewhere; here only endings matter, in any case.
"""

from __future__ import annotations

import glob
import gzip
import os
import shutil
import stat
import tempfile
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, cast

from mpp_cli.errors import DataError
from mpp_cli.sources import excel
from mpp_cli.sources.archives import Member, members
from mpp_cli.sources.streams import STANDARD_INPUT

#: Endings of files of text, with the delimiter of each.
TEXT_ENDINGS = {".csv": b",", ".tsv": b"\t", ".csv.gz": b",", ".tsv.gz": b"\t"}
PARQUET, ZIP = ".parquet", ".zip"
WORKBOOKS = (".xlsx", ".xlsm")

#: Endings of the files that hold one table, in a folder or in an archive.
TABLE_ENDINGS = (*TEXT_ENDINGS, PARQUET)

#: How the files begin that Excel makes beside a workbook that is open.
_LOCKS = "~$"

Watch = Callable[[bytes], None]


@dataclass(frozen=True)
class Dialect:
    """How a file is to be read where its name and its bytes do not tell.

    ``delimiter`` and ``encoding`` are None where they do. ``sheet`` is the one
    sheet of a workbook that is meant, None for any.
    """

    delimiter: bytes | None = None
    encoding: str | None = None
    sheet: str | None = None


#: As the file's name and bytes tell.
PLAIN = Dialect()


@dataclass(frozen=True)
class Input:
    """One table's file: where it is, and the name it is spoken of by.

    ``named`` tells whether the user named the file itself; a file that was
    only found in a folder or an archive may be passed over, a named one is
    refused. ``member`` is its entry where the file on disk is an archive,
    ``sheet`` the name of one of its sheets where it is a workbook. ``unread``
    says why a workbook that was only found cannot be read.
    """

    path: Path
    name: str
    named: bool
    member: zipfile.ZipInfo | None = None
    sheet: str | None = None
    unread: str = ""

    @property
    def file_name(self) -> str:
        """The name of the file without its folders, by which its format is known."""
        return self.member.filename.rpartition("/")[2] if self.member else self.path.name

    @property
    def table_name(self) -> str:
        """The name that may say which table it is: that of the sheet, or of the file."""
        return self.sheet or self.file_name

    @property
    def delimiter(self) -> bytes:
        """What parts the columns of a file of text with this name."""
        name = self.file_name.lower()
        return next((mark for end, mark in TEXT_ENDINGS.items() if name.endswith(end)), b",")

    @property
    def is_parquet(self) -> bool:
        """Whether the name is that of a Parquet file."""
        return self.file_name.lower().endswith(PARQUET)

    @property
    def size(self) -> int:
        """Bytes that reading it goes through."""
        return self.member.file_size if self.member else self.path.stat().st_size

    def open(self, watch: Watch | None = None) -> BinaryIO:
        """The text of the file, decompressed; ``watch`` sees its bytes as stored.

        Of an archive ``watch`` sees the bytes of the member instead.
        """
        raw: BinaryIO
        if self.member:
            raw = cast(BinaryIO, Member(self.path, self.member, self.name))
        else:
            raw = self.path.open("rb")
        if watch is not None:
            raw = cast(BinaryIO, _Watched(raw, watch))
        if self.file_name.lower().endswith(".gz"):
            return cast(BinaryIO, _GzipText(raw))
        return raw

    @contextmanager
    def on_disk(self) -> Iterator[Path]:
        """A path where the file lies by itself; for a member of an archive, a private copy."""
        if self.member is None:
            yield self.path.absolute()
            return
        with tempfile.TemporaryDirectory(prefix="mpp-") as folder:
            copy = Path(folder) / "member"
            with self.open() as stream, copy.open("wb") as out:
                shutil.copyfileobj(stream, out, 1 << 20)
            yield copy


class _Watched:
    """A stream that shows every chunk it reads to a watcher."""

    def __init__(self, stream: BinaryIO, watch: Watch) -> None:
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

    Folders and archives are searched for files with a known ending, in the
    order of their names; globs likewise. ``shown`` are the paths as the user
    wrote them: the copy of a stream is spoken of as the stream. Raises DataError
    for a path that is not there or is no file.
    """
    found: dict[Path, Input] = {}
    for text, written in zip(paths, shown, strict=True):
        for path, named in _expand(text):
            name = path.name
            if named and text != written:
                name = "standard input" if written == STANDARD_INPUT else written
            found.setdefault(path.resolve(), Input(path, name, named))
    names = Counter(each.name for each in found.values())
    return [
        member
        for each in found.values()
        for member in _members(
            each if names[each.name] == 1 else replace(each, name=str(each.path))
        )
    ]


def _members(source: Input) -> Iterator[Input]:
    """The tables in an archive; any other file is one itself."""
    if source.path.name.lower().endswith(WORKBOOKS):
        yield from _sheets(source)
        return
    if not source.path.name.lower().endswith(ZIP):
        yield source
        return
    try:
        entries = members(source.path, source.name, TABLE_ENDINGS)
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror}", file=source.name) from error
    if not entries and source.named:
        raise DataError(
            f"contains no member that ends in {', '.join(TABLE_ENDINGS)}",
            file=source.name,
            hint="`mpp schema` describes the tables that mpp reads",
        )
    for entry in entries:
        yield Input(source.path, f"{source.name}/{entry.filename}", False, entry)


def _sheets(source: Input) -> Iterator[Input]:
    """The sheets of a workbook; the workbook itself where it was found and cannot be read."""
    try:
        names = excel.sheets(source.path, source.name)
    except DataError as error:
        # An unrelated workbook that lies beside the tables must not stop a report.
        if source.named:
            raise
        remedy = f" ({error.hint})" if error.hint else ""
        yield replace(source, unread=f"{error.message}{remedy}")
        return
    for sheet in names:
        yield replace(source, name=f"{source.name}/{sheet}", sheet=sheet)


def _expand(text: str) -> Iterator[tuple[Path, bool]]:
    path = Path(text)
    if path.is_dir():
        yield from ((each, False) for each in _in_folder(path))
    elif os.path.lexists(path):
        check_is_file(path)
        yield path, True
    else:
        matches = sorted(glob.glob(text, recursive=True)) if glob.has_magic(text) else []
        if not matches:
            raise DataError(
                f"{text}: no such file or folder", hint="check the path given with --data"
            )
        for match in matches:
            if os.path.isdir(match):
                yield from _expand(match)
            else:
                check_is_file(Path(match))
                yield Path(match), True


def _in_folder(folder: Path) -> list[Path]:
    try:
        entries = sorted(folder.iterdir(), key=lambda each: each.name)
    except OSError as error:
        raise DataError(f"{folder}: cannot be read: {error.strerror}") from error
    endings = (*TABLE_ENDINGS, *WORKBOOKS, ZIP)
    found = [
        each
        for each in entries
        if not each.name.startswith((".", _LOCKS)) and each.name.lower().endswith(endings)
    ]
    for each in found:
        # Named like a table it was meant as one: passing it over would lose it.
        check_is_file(each)
    return found


def check_is_file(path: Path) -> None:
    """Refuse what is there and cannot be read like a file, before anything waits for it."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError as error:
        raise DataError(
            f"{path}: is a link to a file that is not there", hint="fix the link or remove it"
        ) from error
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from error
    if stat.S_ISDIR(mode):
        raise DataError(
            f"{path}: is a folder named like a file", hint="name that folder itself with --data"
        )
    if not stat.S_ISREG(mode):
        kind = "a FIFO" if stat.S_ISFIFO(mode) else "a device or socket"
        raise DataError(
            f"{path}: is {kind}, not a file", hint="name a file, or - for standard input"
        )
