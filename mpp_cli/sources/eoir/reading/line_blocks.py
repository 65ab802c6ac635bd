"""A file of a release as blocks of whole lines, and its header.

NUL bytes are deleted before anything else looks at the text, so that a field
of NULs is blank. A block ends with a newline; the last line of a file is given
one where it has none.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import IO

from mpp_cli.common.errors import DataError
from mpp_cli.sources.eoir.reading.tab_positions import REACH
from mpp_cli.sources.eoir.release import ReleaseFile

#: Bytes that are read at once. Two blocks and what is computed from them fit
#: the cache of a small processor, and a block is long enough for numpy.
BLOCK_BYTES = 4 << 20

#: A line longer than this is no line: the file is damaged.
LONGEST_LINE = 16 << 20

_DROPPED_SUFFIX = re.compile(r"_(?:TO_BE_)?REMOVED?$")
_RENAMED = {"GENDER": "SEX"}
_MARK = b"\xef\xbb\xbf"


@dataclass
class Block:
    """Whole lines of a file: the first ``size`` bytes of a buffer, which end with a newline.

    At least ``REACH`` more bytes follow in the buffer, which mean nothing. Once
    a block is done with, its buffer is used again: fresh memory for every block
    costs the system more than reading does. ``offset`` is the byte of the file
    with which the block begins, where that is known.
    """

    buffer: bytearray
    size: int
    pool: list[bytearray] = field(default_factory=list)
    offset: int | None = None

    @classmethod
    def of(cls, text: bytes) -> Block:
        """A block of its own with this text."""
        return cls(bytearray(text + bytes(REACH)), len(text))

    def text(self) -> bytes:
        """A copy of the lines."""
        return bytes(memoryview(self.buffer)[: self.size])

    def done(self) -> None:
        """Give the buffer back."""
        self.pool.append(self.buffer)


def blocks(
    file: ReleaseFile, stream: IO[bytes], watch: Callable[[memoryview], None], start: int = 0
) -> Iterator[Block]:
    """The text of a file, header included, in blocks of whole lines.

    ``watch`` sees the bytes as they are in the file. The stream is at ``start``,
    the beginning of a line. Raises DataError for a line without end.
    """
    size, begin, at = BLOCK_BYTES, start, start
    pool: list[bytearray] = []
    rest = b""
    while True:
        room = len(rest) + size + REACH
        buffer = pool.pop() if pool else bytearray(room)
        if len(buffer) < room:
            buffer = bytearray(room)
        view = memoryview(buffer)
        got = stream.readinto(view[len(rest) : len(rest) + size])  # type: ignore[attr-defined]
        if not got:
            break
        watch(view[len(rest) : len(rest) + got])
        buffer[: len(rest)] = rest
        filled = len(rest) + got
        offset, last = begin, buffer.rfind(b"\n", len(rest), filled)
        if last >= 0:
            begin = at + last - len(rest) + 1
        at += got
        if buffer.find(b"\0", len(rest), filled) >= 0:
            text = bytes(view[:filled]).replace(b"\0", b"")
            filled = len(text)
            buffer[:filled] = text
        end = buffer.rfind(b"\n", 0, filled) + 1
        rest = bytes(view[end:filled])
        if len(rest) > LONGEST_LINE:
            raise DataError(
                "a line is longer than 16 MB",
                file=file.name,
                hint="the file is damaged, or its lines do not end in LF or CRLF",
            )
        block = Block(buffer, end, pool, offset)
        if end:
            yield block
        else:
            block.done()
    if rest:
        yield Block.of(rest + b"\n")


#: Lines of a file with the bytes at which they begin, in order.
Marks = Sequence[tuple[int, int]]


def texts(file: ReleaseFile, wanted: Collection[int], marks: Marks = ()) -> dict[int, str]:
    """The text of some lines, by their numbers; the file is read again for them.

    Reading begins at the last of ``marks`` before a line. What is packed is read
    from its start, once.
    """
    found: dict[int, str] = {}
    left = sorted(wanted, reverse=True)
    known = [(1, 0), *(() if file.member else marks)]

    def mark() -> tuple[int, int]:
        return known[bisect_right(known, left[-1], key=itemgetter(0)) - 1]

    if not left:
        return found
    with file.open() as stream:
        while left:
            number, offset = mark()
            if offset:
                stream.seek(offset)
            for block in blocks(file, stream, lambda chunk: None, offset):
                first, number = number, number + block.buffer.count(b"\n", 0, block.size)
                if left[-1] < number:
                    rows = block.text().split(b"\n")
                    while left and left[-1] < number:
                        line = left.pop()
                        text = rows[line - first].decode("cp1252", "replace")
                        found[line] = text.rstrip("\r")
                block.done()
                if not left or mark()[0] > number:
                    break
            else:
                break
    return found


def columns(file: ReleaseFile) -> list[str]:
    """The names of a file's columns, as they are compared: see :func:`column_name`."""
    with file.open() as stream:
        line = stream.readline(1 << 20)
    text = line.removeprefix(_MARK).replace(b"\0", b"").decode("cp1252", "replace")
    if not text.strip():
        raise DataError(
            "the file is empty: it has no header row",
            file=file.name,
            hint="unpack the release again, or fetch it again",
        )
    return [column_name(name) for name in text.split("\t")]


def column_name(name: str) -> str:
    """A column's name in capitals, without the marks of columns that the court will drop."""
    plain = _DROPPED_SUFFIX.sub("", name.strip().upper())
    return _RENAMED.get(plain, plain)


def places(file: ReleaseFile, header: list[str], needed: tuple[str, ...]) -> dict[str, int]:
    """Where each needed column stands; DataError when one is missing or there twice."""
    for name in needed:
        if header.count(name) != 1:
            raise DataError(
                f'the column "{name}" is missing'
                if name not in header
                else f'the column "{name}" is there more than once',
                file=file.name,
                line=1,
                excerpt=" ".join(header),
                hint="is this a tab-separated file of the release as the court published it?",
            )
    return {name: place for place, name in enumerate(header)}
