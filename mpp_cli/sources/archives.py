"""Zip archives: their members as streams, bounded and never written by their names.

A member's name is only ever shown. What cannot be unpacked is refused before
anything is read, with a word on how to unpack it by other means.
"""

from __future__ import annotations

import io
import zipfile
from collections import Counter
from pathlib import Path
from typing import BinaryIO, cast

from mpp_cli.errors import DataError
from mpp_cli.sources import deflate64

#: Bounds of an archive: members, bytes unpacked in all, and how many times a
#: large member may be larger than it is packed. Tables shrink to a hundredth
#: at best; what unpacks a thousandfold was made to fill a disk.
MOST_MEMBERS = 1_000
MOST_BYTES = 64 << 30
MOST_RATIO = 500
_SMALL = 64 << 20
_BUFFER = 1 << 20

_ARCHIVES = (".zip", ".7z", ".rar", ".tar", ".tgz", ".tar.gz", ".tar.bz2", ".tar.xz")
_ENCRYPTED = 0x1

#: What opening an archive raises that is none, or not a whole one.
BROKEN = (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError)

_AGAIN = "the file is damaged or was cut short; fetch it again"


def members(path: Path, name: str, endings: tuple[str, ...]) -> list[zipfile.ZipInfo]:
    """The members with one of these endings, in the order of their names.

    Raises DataError for an archive that breaks a bound, holds another archive,
    or cannot be unpacked; OSError when it cannot be read.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = [each for each in archive.infolist() if not each.is_dir()]
    except BROKEN as error:
        raise DataError(f"not a complete zip file: {error}", file=name, hint=_AGAIN) from error
    if len(entries) > MOST_MEMBERS:
        raise DataError(
            f"holds {len(entries):,} members, more than the {MOST_MEMBERS:,} that are read",
            file=name,
            hint="unpack it and name the files that contain tables",
        )
    found = []
    for entry in entries:
        lower = entry.filename.lower()
        if _hidden(entry.filename):
            continue
        if lower.endswith(_ARCHIVES):
            raise DataError(
                "is an archive inside an archive, which is not unpacked",
                file=f"{name}/{entry.filename}",
                hint="unpack the outer archive and name the inner one",
            )
        if lower.endswith(endings):
            _check(entry, name)
            found.append(entry)
    _check_together(found, name)
    return sorted(found, key=lambda entry: entry.filename)


def _hidden(member: str) -> bool:
    """Whether a member is what an operating system adds to an archive."""
    parts = [part for part in member.split("/") if part not in (".", "..")]
    return any(part.startswith(".") or part == "__MACOSX" for part in parts)


def _check(entry: zipfile.ZipInfo, name: str) -> None:
    shown = f"{name}/{entry.filename}"
    if entry.flag_bits & _ENCRYPTED:
        raise DataError(
            "is encrypted", file=shown, hint="unpack it with its password and name the files"
        )
    if entry.compress_type == deflate64.METHOD and not deflate64.is_known():
        raise DataError(
            "is compressed with Deflate64, which Python cannot unpack",
            file=shown,
            hint=f"{deflate64.REMEDY}, or unpack it (7-Zip, or unzip on Linux and macOS) and "
            "name the folder",
        )
    if is_bomb(entry):
        raise DataError(
            f"would unpack to {entry.file_size / max(1, entry.compress_size):,.0f} times its size",
            file=shown,
            hint="no table does; if it is one, unpack it and name the files",
        )


def is_bomb(entry: zipfile.ZipInfo) -> bool:
    """Whether a member unpacks to so many times its size that no table does."""
    return entry.file_size > max(_SMALL, MOST_RATIO * entry.compress_size)


def _check_together(found: list[zipfile.ZipInfo], name: str) -> None:
    total = sum(entry.file_size for entry in found)
    if total > MOST_BYTES:
        raise DataError(
            f"would unpack to {total / (1 << 30):,.0f} GB, more than the "
            f"{MOST_BYTES >> 30} GB that are read",
            file=name,
            hint="unpack it and name the files that contain tables",
        )
    for member, times in Counter(entry.filename for entry in found).items():
        if times > 1:
            raise DataError(
                f"holds {times} members with the same name",
                file=f"{name}/{member}",
                hint="unpack it and name the files",
            )


class Member:
    """The bytes of one member; never more than the archive's directory says.

    Raises DataError when the archive is damaged, with the name that is shown.
    """

    def __init__(self, path: Path, entry: zipfile.ZipInfo, shown: str) -> None:
        self._shown = shown
        self._archive = zipfile.ZipFile(path)
        try:
            self._stream = self._opened(path, entry)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
            self._archive.close()
            raise DataError(
                f"cannot be unpacked: {error}",
                file=shown,
                hint="unpack the archive by other means and name the files",
            ) from error

    def _opened(self, path: Path, entry: zipfile.ZipInfo) -> BinaryIO:
        if entry.compress_type == deflate64.METHOD:
            return io.BufferedReader(deflate64.Deflate64(path, entry), _BUFFER)
        return cast(BinaryIO, self._archive.open(entry))

    def read(self, size: int = -1) -> bytes:
        """Up to ``size`` bytes, as a file gives them."""
        # Besides zipfile's own error, every decompressor has one of its own,
        # and the system's come as OSError: all mean that the bytes are not there.
        try:
            return self._stream.read(size)
        except Exception as error:
            raise DataError(
                f"not a complete zip member: {error}", file=self._shown, hint=_AGAIN
            ) from error

    def readable(self) -> bool:
        """Whether it can be read, for the readers of the standard library."""
        return True

    def close(self) -> None:
        """Close the member and its archive."""
        self._stream.close()
        self._archive.close()

    def __enter__(self) -> Member:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
