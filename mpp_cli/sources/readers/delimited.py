"""Delimited text, accounted for line by line before anything reads a value.

A file is read in blocks. In each block every physical line is counted and
every line that is odd in any way is found (:mod:`mpp_cli.sources.readers.line_scan`). Odd
lines go through the careful reader one by one (:mod:`mpp_cli.sources.readers.quoted_records`);
all others are handed on as field positions without being touched. Nothing is
skipped: each record becomes a row of fields or a row set aside with its reason,
and both carry the physical line on which the record starts.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import BinaryIO

import numpy as np

from mpp_cli.sources.detect.header_line import MOST_TITLES
from mpp_cli.sources.readers import file_errors
from mpp_cli.sources.readers.encoding import (
    BLOCK_BYTES,
    detect_encoding,
    is_utf8,
    told_encoding,
    utf8_chunks,
)
from mpp_cli.sources.readers.fields import Fields
from mpp_cli.sources.readers.line_scan import Layout
from mpp_cli.sources.readers.quoted_records import RECORD_LIMIT, CarefulRows, Rejected, split_record
from mpp_cli.sources.readers.totals_rows import TOTALS_ROW, is_total


def _names(raw: bytes, values: list[bytes] | None) -> tuple[list[str], file_errors.Fault | None]:
    """The names in a record, or why it cannot be a header; a blank record has no names."""
    if len(raw) > RECORD_LIMIT:
        return [], file_errors.ENDLESS_HEADER
    fault = file_errors.nul_bytes(raw)
    if fault is None and not is_utf8(raw):
        fault = file_errors.NOT_TEXT
    if fault is None and values is None:
        fault = file_errors.UNPAIRED_QUOTE
    if fault:
        return [], fault
    return [value.decode("utf-8").strip() for value in values or ()], None


class _NotSplit(Exception):
    """The text has no records that could be told from each other."""

    def __init__(self, fault: file_errors.Fault, line: int) -> None:
        super().__init__(fault, line)
        self.fault, self.line = fault, line


class LineTooLong(Exception):
    """A line without end: nothing that follows could be read in bounded memory."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


@dataclass
class Block:
    """What one block of a file held."""

    fields: list[Fields] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)


class TextFile:
    """One delimited text file: its encoding, its header, and its rows in blocks.

    ``open`` gives the bytes afresh at every call. ``encoding`` is its encoding
    where that is known; else it is found out. ``header`` is the first line
    that is not blank up to its last name, or None in an empty file; ``header_fault``
    says why the file or its header cannot be read. :meth:`begin_at` makes another
    line the header; those above it are titles.
    """

    def __init__(
        self,
        open: Callable[[], BinaryIO],
        delimiter: bytes = b",",
        block_bytes: int | None = None,
        encoding: str | None = None,
    ) -> None:
        self._open, self._delimiter = open, delimiter
        self._block_bytes = block_bytes or BLOCK_BYTES
        self.header: list[str] | None = None
        self.header_fault: file_errors.Fault | None = None
        self.header_line = 0
        #: Fields of the header, those without a name at its end included.
        self._fields = 0
        with open() as stream:
            self._told, self._mark, head = told_encoding(stream, encoding)
        fault = file_errors.container(head)
        self._is_text = fault is None
        if fault:
            self._refuse(fault, 1)
        else:
            self._read_header()

    def _refuse(self, fault: file_errors.Fault, line: int) -> None:
        self.header, self.header_fault, self.header_line = [], fault, line

    def first_lines(self) -> Iterator[tuple[int, list[str]]]:
        """The first records that could be a header, each with its line.

        What cannot be read of them ends them: it is refused when the rows are read.
        """
        if not self._is_text:
            return
        with suppress(_NotSplit, OSError, EOFError, zlib.error):
            for line, raw, values in self._records():
                if line > MOST_TITLES + 1:
                    return
                names, fault = _names(raw, values)
                if fault is None and any(names):
                    yield line, names

    def begin_at(self, line: int, names: list[str]) -> None:
        """Take the record on this line, which has these names, as the header."""
        self.header_fault, self.header_line, self._fields = None, line, len(names)
        self.header = [*names]
        while self.header and not self.header[-1]:
            self.header.pop()

    @property
    def encoding(self) -> str:
        """The encoding that the file was read in; known for certain once it was read.

        As long as every byte was ASCII it makes no difference, and is UTF-8.
        """
        return self._told or "utf-8"

    def _chunks(self, stream: BinaryIO) -> Iterator[bytes]:
        stream.read(self._mark)
        chunk = b""
        while self._told is None:
            chunk = stream.read(self._block_bytes)
            if not chunk:
                return
            if chunk.isascii():
                yield chunk
                continue
            # Only here does it matter, and only the whole file can tell.
            with self._open() as whole:
                self._told = detect_encoding(whole)
        yield from utf8_chunks(stream, self._told, self._block_bytes, chunk)

    def _read_header(self) -> None:
        try:
            for line, raw, values in self._records():
                names, fault = _names(raw, values)
                if fault:
                    return self._refuse(fault, line)
                if any(names):
                    return self.begin_at(line, names)
        except _NotSplit as error:
            self._refuse(error.fault, error.line)
        return None

    def _records(self) -> Iterator[tuple[int, bytes, list[bytes] | None]]:
        """The records from the start of the file: their lines, their texts, and their fields.

        Raises _NotSplit where no record ends.
        """
        with self._open() as stream:
            data, line = b"", 1
            chunks = self._chunks(stream)
            final = False
            while not final:
                chunk = next(chunks, None)
                final = chunk is None
                data += chunk or b""
                # Only a file without any LF is one whose lines end in CR.
                unbroken = line == 1 and b"\n" not in data
                if unbroken and b"\r" in data and (final or len(data) > RECORD_LIMIT):
                    raise _NotSplit(file_errors.RETURNS_ONLY, line)
                if final and data and not data.endswith(b"\n"):
                    data += b"\n"
                lines, at = data[: data.rfind(b"\n") + 1], 0
                while at < len(lines):
                    values, end = split_record(lines, at, self._delimiter, final)
                    if end < 0:
                        break
                    yield line, lines[at:end], values
                    line += lines.count(b"\n", at, end)
                    at = end
                data = data[at:]
                if len(data) > RECORD_LIMIT:
                    raise _NotSplit(file_errors.ENDLESS_HEADER, line)

    def blocks(self, opened: BinaryIO | None = None) -> Iterator[Block]:
        """The rows after the header, block by block, in bounded memory.

        ``opened`` is a stream of the same bytes, for a caller that watches what
        is read. Raises LineTooLong for a line that cannot be held in memory.
        """
        if self.header is None:
            return
        with opened or self._open() as stream:
            chunks = self._chunks(stream)
            data, line, skip_header, final = b"", 1, True, False
            while not final:
                chunk = next(chunks, None)
                final = chunk is None
                data += chunk or b""
                if final and data and not data.endswith(b"\n"):
                    data += b"\n"
                ready = data if final else data[: data.rfind(b"\n") + 1]
                if skip_header and ready:
                    taken = self._after_header(ready, final)
                    if taken < 0:
                        continue
                    line += ready.count(b"\n", 0, taken)
                    ready, data, skip_header = ready[taken:], data[taken:], False
                if not ready:
                    if len(data) > RECORD_LIMIT:
                        raise LineTooLong(line)
                    continue
                block, used, lines = self._split(ready, line, final)
                yield block
                data, line = data[used:], line + lines

    def _after_header(self, data: bytes, final: bool) -> int:
        """Where the header's record ends in ``data``, -1 when more data are needed."""
        at, line = 0, 1
        while line < self.header_line:
            at = data.find(b"\n", at) + 1
            if at == 0:
                return -1
            line += 1
        if at == len(data):
            return -1
        return split_record(data, at, self._delimiter, final)[1]

    def _split(self, data: bytes, first_line: int, final: bool) -> tuple[Block, int, int]:
        """One block's rows, how many bytes and how many lines of it were used."""
        assert self.header is not None
        width = len(self.header)
        layout = Layout(data, self._delimiter, width, self._fields)
        # Whether a block happens to hold all of such a line makes no difference.
        if len(data) > RECORD_LIMIT and len(too_long := layout.longer_than(RECORD_LIMIT)):
            raise LineTooLong(first_line + int(too_long[0]))
        fast = ~layout.odd
        block, careful, resume = Block(), CarefulRows(data, width, self._delimiter), 0
        used, used_lines = len(data), len(layout.ends)
        for index in np.flatnonzero(layout.odd).tolist():
            if index < resume:
                continue
            start, resume = int(layout.starts[index]), index + 1
            values, end = split_record(data, start, self._delimiter, final)
            if end < 0:
                used, used_lines = start, index
                break
            if end > layout.ends[index]:
                resume = int(np.searchsorted(layout.ends, end, side="right"))
                fast[index:resume] = False
            rejected = self._keep(careful, first_line + index, data, start, end, values)
            if rejected:
                block.rejected.append(rejected)
        fast[used_lines:] = False
        rows = layout.fields(np.flatnonzero(fast), first_line)
        block.fields = [each for each in (rows, careful.fields()) if each is not None]
        return block, used, used_lines

    def _keep(
        self,
        careful: CarefulRows,
        line: int,
        data: bytes,
        start: int,
        end: int,
        values: list[bytes] | None,
    ) -> Rejected | None:
        """Add a record to the careful rows, or say why it is rejected; a blank one is neither."""
        assert self.header is not None
        raw, reason = data[start:end], "wrong_field_count"
        if raw.isascii():
            trimmed = [value.decode("ascii").strip().encode("ascii") for value in values or ()]
        elif is_utf8(raw):
            trimmed = [value.decode("utf-8").strip().encode("utf-8") for value in values or ()]
        else:
            reason, trimmed = "invalid_encoding", []
        if values is None and reason != "invalid_encoding":
            reason = "malformed_quotes"
        elif reason != "invalid_encoding":
            if not any(trimmed):
                return None
            width = len(self.header)
            if len(trimmed) >= width and not any(trimmed[width:]):
                careful.add(line, start, end, trimmed[:width])
                return None
            if is_total(trimmed[0].decode("utf-8")):
                reason = TOTALS_ROW
        return Rejected(line, reason, raw.decode("utf-8", "replace").rstrip("\r\n"))
