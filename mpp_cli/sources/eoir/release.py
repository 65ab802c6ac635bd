"""A court release on disk: which of its files mpp reads, where they are, and their headers.

EOIR's monthly release is a folder, or still the zip it came in, of some hundred
tab-separated files; lookups lie in a folder of their own. Files are found
anywhere under the folder by their name without its ending, in any case.
"""

from __future__ import annotations

import datetime
import io
import os
import re
import zipfile
import zlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from mpp_cli.common.errors import DataError
from mpp_cli.sources.io import deflate64
from mpp_cli.sources.io.files import check_is_file

IDENTIFIERS = "A_TblCaseIdentifier"
PROCEEDINGS = "B_TblProceeding"
APPLICATIONS = "tbl_Court_Appln"
CASES = "A_TblCase"
DECISIONS = "tblLookupCourtDecision"
LOCATIONS = "tblLookupHloc"
NATIONALITIES = "tblLookupAlienNat"

#: The files that are read, in the order in which an account lists them.
TABLES = (IDENTIFIERS, PROCEEDINGS, APPLICATIONS, CASES, DECISIONS, LOCATIONS, NATIONALITIES)

#: The file with the official number of rows of every table.
COUNTS = "Count"

#: The file by which a folder is known for an import of a release.
ABOUT = "import.json"

_BY_NAME = {name.casefold(): name for name in (*TABLES, COUNTS)}
_ENDINGS = (".csv", ".txt", ".tsv")

#: A table, perhaps with its schema or ending, and its rows.
_COUNT_LINE = re.compile(r'(\D.*?)[\s,;|:="]+([0-9][0-9,]*)(?:\s*rows?)?["\s]*', re.IGNORECASE)
_LONGEST_COUNT = 300
_MONTHS = "january february march april may june july august september october november december"
_DAY_IN_NAME = re.compile(
    r"(?<!\d)(20\d\d)[-_. ]?(0[1-9]|1[0-2])(?:[-_. ]?(0[1-9]|[12]\d|3[01]))?(?!\d)"
)
_MONTH_IN_NAME = re.compile(rf"({'|'.join(_MONTHS.split())})[-_, ]*(20\d\d)", re.IGNORECASE)


@dataclass(frozen=True)
class ReleaseFile:
    """One file of a release, in a folder or in an archive. ``size`` counts bytes of text."""

    table: str
    name: str
    path: Path
    size: int
    member: zipfile.ZipInfo | None = None

    @contextmanager
    def open(self) -> Iterator[IO[bytes]]:
        """The file's bytes, decompressed; DataError when they cannot be read to the end."""
        try:
            with (
                self.path.open("rb")
                if self.member is None
                else _open_member(self.path, self.member)
            ) as stream:
                yield stream
        except (OSError, EOFError, zlib.error, zipfile.BadZipFile) as error:
            raise DataError(
                f"cannot be read: {getattr(error, 'strerror', None) or error}",
                file=self.name,
                hint="the file is damaged or was cut short; unpack the release again",
            ) from error

    def state(self) -> tuple[int, int]:
        """Size and time of change of the file on disk, to notice when it changes."""
        found = self.path.stat()
        return found.st_size, found.st_mtime_ns


@dataclass(frozen=True)
class Release:
    """The files of one release; ``day`` is its date as far as its name tells."""

    name: str
    day: datetime.date | None
    files: dict[str, ReleaseFile] = field(default_factory=dict)

    def require(self, table: str, why: str) -> ReleaseFile:
        """The file of a table; DataError when the release lacks it."""
        if table not in self.files:
            raise DataError(
                f"{self.name}: the release has no {table}, {why}",
                hint=f"unpack the whole release: {table}.csv may lie anywhere in the folder",
            )
        return self.files[table]

    def official_counts(self) -> tuple[dict[str, int], dict[int, str]]:
        """Rows per table, as the release's ``Count.txt`` gives them, and its other lines.

        The other lines, by their numbers, are those that are no name and number.
        """
        found: dict[str, int] = {}
        unread: dict[int, str] = {}
        if COUNTS not in self.files:
            return found, unread
        with self.files[COUNTS].open() as stream:
            text = stream.read(1 << 20).replace(b"\0", b"").decode("cp1252", "replace")
        for number, line in enumerate(map(str.strip, text.splitlines()), start=1):
            match = _COUNT_LINE.fullmatch(line) if len(line) <= _LONGEST_COUNT else None
            if match:
                words = (_BY_NAME.get(word.casefold()) for word in re.findall(r"\w+", match[1]))
                table = next((word for word in words if word), None)
                if table:
                    found[table] = int(match[2].replace(",", ""))
            elif line:
                unread[number] = line
        return found, unread


def is_import(path: Path) -> bool:
    """Whether a folder holds an import of a release, whole or damaged."""
    return path.is_dir() and (path / ABOUT).is_file()


def is_release(path: Path) -> bool:
    """Whether a folder or archive holds a court release: it has the table of proceedings."""
    return _has_one_of(path, {PROCEEDINGS.casefold()})


def is_part_of_release(path: Path) -> bool:
    """Whether a folder or archive holds any table of a court release."""
    return _has_one_of(path, {name.casefold() for name in TABLES})


def _has_one_of(path: Path, wanted: Collection[str]) -> bool:
    if path.is_dir():
        return any(_stem(name) in wanted for _, _, names in os.walk(path) for name in names)
    if path.suffix.lower() == ".zip" and path.is_file() and zipfile.is_zipfile(path):
        try:
            with zipfile.ZipFile(path) as archive:
                return any(_stem(each.filename) in wanted for each in archive.infolist())
        except (zipfile.BadZipFile, ValueError, NotImplementedError):
            return False  # damaged, which whoever reads archives says with its remedy
    return False


def find_release(path: Path) -> Release:
    """The release in a folder or archive; DataError when two files claim one table."""
    files: dict[str, ReleaseFile] = {}
    for each in sorted(_candidates(path), key=lambda file: file.name):
        if each.table in files:
            raise DataError(
                f"{path}: two files are {each.table}: {files[each.table].name} and {each.name}",
                hint="give the folder of one release",
            )
        files[each.table] = each
    name = path.resolve().name
    return Release(name, _day_of(name), files)


def _candidates(path: Path) -> Iterator[ReleaseFile]:
    if path.is_dir():
        for folder, _, names in os.walk(path):
            for name in names:
                if table := _table(name):
                    found = Path(folder) / name
                    check_is_file(found)
                    shown = str(found.relative_to(path))
                    yield ReleaseFile(table, shown, found, found.stat().st_size)
        return
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            if table := _table(member.filename):
                yield ReleaseFile(table, member.filename, path, member.file_size, member)


def _stem(name: str) -> str:
    """A file's name without folders and ending, ignoring case; empty for hidden files."""
    base = re.split(r"[/\\]", name)[-1].casefold()
    return base.removesuffix(next((end for end in _ENDINGS if base.endswith(end)), ""))


def _table(name: str) -> str | None:
    return _BY_NAME.get(_stem(name))


def _open_member(path: Path, member: zipfile.ZipInfo) -> IO[bytes]:
    shown = f"{path.name}/{member.filename}"
    try:
        if member.compress_type == deflate64.METHOD:
            return io.BufferedReader(deflate64.Deflate64(path, member), 1 << 20)
        return zipfile.ZipFile(path).open(member)
    except ImportError as error:
        raise DataError(
            "is packed with Deflate64, which this Python cannot unpack",
            file=shown,
            hint=f"{deflate64.REMEDY}, or unpack the archive (7-Zip, or unzip on Linux and "
            "macOS) and give its folder",
        ) from error
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise DataError(
            f"cannot be unpacked: {error}",
            file=shown,
            hint="unpack the archive with 7-Zip and give its folder",
        ) from error


def _day_of(name: str) -> datetime.date | None:
    """The date in a release's name; the last day of a month where only that is given."""
    if match := _DAY_IN_NAME.search(name):
        year, month, day = match.groups()
    elif match := _MONTH_IN_NAME.search(name):
        year, day = match[2], None
        month = str(_MONTHS.split().index(match[1].lower()) + 1)
    else:
        return None
    if day is None:
        last = datetime.date(int(year), int(month), 28) + datetime.timedelta(days=4)
        return last - datetime.timedelta(days=last.day)
    try:
        return datetime.date(int(year), int(month), int(day))
    except ValueError:
        return None
