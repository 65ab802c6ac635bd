"""Members of a zip that are packed with Deflate64, as Windows packs large files.

Python's zipfile knows the method by name only. The library inflate64 unpacks
it; what is here finds the member's bytes and checks what came out of them.
"""

from __future__ import annotations

import importlib.util
import io
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any, BinaryIO

#: The number of the method in a zip.
METHOD = 9

#: What makes such archives readable.
REMEDY = "pip install 'mpp-cli[eoir]'"

#: Bytes that are unpacked at once; they may become a thousand times as many.
_CHUNK = 1 << 16
_LOCAL_HEADER = struct.Struct("<4s22xHH")
_ENCRYPTED = 1


def is_known() -> bool:
    """Whether the library that unpacks the method is installed."""
    try:
        return importlib.util.find_spec("inflate64") is not None
    except ValueError:  # A module without a specification, as one that is ruled out has.
        return False


class Deflate64(io.RawIOBase):
    """A member's text as a stream; zipfile.BadZipFile when it is damaged.

    Raises ImportError when inflate64 is not installed.
    """

    def __init__(self, path: Path, member: zipfile.ZipInfo) -> None:
        super().__init__()
        import inflate64

        if member.flag_bits & _ENCRYPTED:
            raise zipfile.BadZipFile("it is encrypted")
        self._member = member
        self._inflater: Any = inflate64.Inflater()
        self._file: BinaryIO = path.open("rb")
        self._left = member.compress_size
        self._ready = memoryview(b"")
        self._checksum, self._size = 0, 0
        self._file.seek(member.header_offset)
        header = self._file.read(_LOCAL_HEADER.size)
        mark, name, extra = _LOCAL_HEADER.unpack(header.ljust(_LOCAL_HEADER.size))
        if mark != b"PK\x03\x04":
            raise zipfile.BadZipFile("there is no member where its directory says")
        self._file.seek(name + extra, io.SEEK_CUR)

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, target: Any) -> int:
        """Unpack into a buffer; 0 at the end of the member."""
        while not self._ready:
            packed = self._file.read(min(_CHUNK, self._left))
            if not packed:
                self._check()
                return 0
            self._left -= len(packed)
            try:
                text = self._inflater.inflate(packed)
            except ValueError as error:
                raise zipfile.BadZipFile("it is damaged") from error
            self._checksum = zlib.crc32(text, self._checksum)
            self._size += len(text)
            if self._size > self._member.file_size:
                raise zipfile.BadZipFile("it unpacks to more than was packed")
            self._ready = memoryview(text)
        size = min(len(target), len(self._ready))
        target[:size] = self._ready[:size]
        self._ready = self._ready[size:]
        return size

    def _check(self) -> None:
        whole = self._left == 0 and self._size == self._member.file_size
        if not whole or self._checksum != self._member.CRC:
            raise zipfile.BadZipFile("what it unpacks to is not what was packed")

    def close(self) -> None:
        """Close the archive as well."""
        self._file.close()
        super().close()
