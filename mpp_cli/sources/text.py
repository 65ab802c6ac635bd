"""Delimited text, accounted for line by line before anything reads a value.

A file is read in blocks. In each block every physical line is counted and
every line that is odd in any way is found: a quote, a wrong number of fields,
padding, a byte above 127, a control character, a blank. Odd lines go through
the careful reader one by one; all others are handed on as field positions
without being touched. Nothing is skipped: each record becomes a row of fields
or a row set aside with its reason, and both carry the physical line on which
the record starts.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

BLOCK_BYTES = 4 << 20
#: A record longer than this has a quote that never closes.
RECORD_LIMIT = 16 << 20
#: The widest read past the start of a field, see :mod:`mpp_cli.sources.vectors`.
PADDING = 16

QUOTE = b'"'
_NEWLINE, _RETURN, _SPACE = 10, 13, 32


class LineTooLong(Exception):
    """A line without end: nothing that follows could be read in bounded memory."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


@dataclass(frozen=True)
class Rejected:
    """A record that could not be split into fields: its line, the reason, its text."""

    line: int
    reason: str
    raw: str


@dataclass
class Fields:
    """Rows of fields as positions in one buffer of UTF-8 text.

    ``starts`` and ``lengths`` have the shape (rows, columns) and count bytes;
    every field is trimmed. ``raw_start`` and ``raw_length`` (rows) delimit a text
    that is equal for two rows exactly when all their fields are. ``buffer`` ends
    with ``PADDING`` zero bytes.
    """

    buffer: bytes
    lines: NDArray[np.int64]
    starts: NDArray[np.int32]
    lengths: NDArray[np.int32]
    raw_start: NDArray[np.int32]
    raw_length: NDArray[np.int32]
    originals: list[str] | None = None

    def __len__(self) -> int:
        return len(self.lines)

    def text(self, row: int, column: int) -> str:
        """The text of one field."""
        start = int(self.starts[row, column])
        return self.buffer[start : start + int(self.lengths[row, column])].decode("utf-8")

    def raw(self, row: int) -> str:
        """The text of one record as it stands in the file."""
        if self.originals is not None:
            return self.originals[row]
        start = int(self.raw_start[row])
        return self.buffer[start : start + int(self.raw_length[row])].decode("utf-8")


@dataclass
class Block:
    """What one block of a file held."""

    fields: list[Fields] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)


# --- encodings ---------------------------------------------------------------


def _mark_undecodable(error: UnicodeError) -> tuple[str, int]:
    """Stand a lone surrogate in for what cannot be decoded.

    Written back as UTF-8 it is invalid, so the line is set aside like any
    other line with bad bytes.
    """
    assert isinstance(error, UnicodeDecodeError)
    return "\ud800", error.end


codecs.register_error("mpp-mark", _mark_undecodable)

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def detect_encoding(stream: BinaryIO) -> tuple[str, int]:
    """The encoding of a whole file and the length of its byte order mark.

    UTF-16 by its mark; otherwise UTF-8, unless the file is not valid UTF-8
    and none of its lines with bytes above 127 is: then cp1252.
    """
    head = stream.read(BLOCK_BYTES)
    for mark, name in _BOMS:
        if head.startswith(mark):
            return name, len(mark)
    valid = invalid = False
    carry = b""
    while head:
        lines, carry = _whole_lines(carry + head)
        if not lines.isascii():
            valid, invalid = _judge_utf8(lines, valid, invalid)
            if valid and invalid:
                break
        head = stream.read(BLOCK_BYTES)
    if not head and not carry.isascii():
        valid, invalid = _judge_utf8(carry, valid, invalid)
    return ("cp1252" if invalid and not valid else "utf-8"), 0


def _whole_lines(data: bytes) -> tuple[bytes, bytes]:
    cut = data.rfind(b"\n") + 1
    if cut == 0 and len(data) > RECORD_LIMIT:
        cut = len(data)  # a line without end is judged in pieces
    return data[:cut], data[cut:]


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _judge_utf8(lines: bytes, valid: bool, invalid: bool) -> tuple[bool, bool]:
    if _is_utf8(lines):
        return True, invalid
    for line in lines.split(b"\n"):
        if not line.isascii():
            if _is_utf8(line):
                valid = True
            else:
                invalid = True
            if valid and invalid:
                break
    return valid, invalid


def _utf8_chunks(stream: BinaryIO, encoding: str, size: int) -> Iterator[bytes]:
    """The stream as chunks of UTF-8, whatever it was encoded in."""
    if encoding == "utf-8":
        while chunk := stream.read(size):
            yield chunk
        return
    errors = "replace" if encoding == "cp1252" else "mpp-mark"
    decoder = codecs.getincrementaldecoder(encoding)(errors)
    while chunk := stream.read(size):
        yield decoder.decode(chunk).encode("utf-8", "surrogatepass")
    yield decoder.decode(b"", True).encode("utf-8", "surrogatepass")


# --- records -----------------------------------------------------------------


def split_record(
    data: bytes, start: int, delimiter: bytes, final: bool
) -> tuple[list[bytes] | None, int]:
    """The fields of the record that starts at ``start``, and where the next one starts.

    ``data`` ends with a newline. Returns ``(None, -1)`` when the record is not
    complete and more data may come, and ``(None, next line)`` when its quotes do
    not pair up: then only its first physical line is given up, and reading
    resumes on the next one.
    """
    fields: list[bytes] = []
    at, after_line = start, data.find(b"\n", start) + 1
    while True:
        if data[at : at + 1] == QUOTE:
            parts, at = [], at + 1
            while True:
                end = data.find(QUOTE, at)
                if end < 0 or end - start > RECORD_LIMIT:
                    if end < 0 and not final and len(data) - start <= RECORD_LIMIT:
                        return None, -1
                    return None, after_line
                parts.append(data[at:end])
                at = end + 1
                if data[at : at + 1] != QUOTE:
                    break
                at += 1
            value = QUOTE.join(parts)
            closing = data[at : at + 2]
            if closing[:1] == b"\n" or closing == b"\r\n":
                return [*fields, value], at + len(closing.partition(b"\n")[0]) + 1
            if closing[:1] != delimiter:
                return None, after_line
            fields.append(value)
            at += 1
        else:
            line_end = data.find(b"\n", at)
            end = data.find(delimiter, at, line_end)
            value = data[at : end if end >= 0 else line_end]
            if value.count(QUOTE) % 2:
                return None, after_line
            if end < 0:
                return [*fields, value[:-1] if value.endswith(b"\r") else value], line_end + 1
            fields.append(value)
            at = end + 1


class _Careful:
    """Rows that were split one by one, gathered into one buffer of their own."""

    def __init__(self, columns: int, delimiter: bytes) -> None:
        self._columns, self._delimiter = columns, delimiter
        self._pool = bytearray()
        self._lines: list[int] = []
        self._spans: list[tuple[list[int], list[int], int, int]] = []
        self._originals: list[str] = []

    def add(self, line: int, original: str, values: list[bytes]) -> None:
        """Add one row of trimmed fields."""
        self._originals.append(original)
        at, starts = len(self._pool), []
        for value in values:
            starts.append(at)
            at += len(value) + 1
        raw_start, row = len(self._pool), self._delimiter.join(values)
        self._pool += row + self._delimiter
        raw_length = len(row)
        if any(self._delimiter in value or b"\n" in value for value in values):
            # Joined with its delimiter such a row could equal another row: quote it.
            row = QUOTE + (QUOTE + self._delimiter + QUOTE).join(
                value.replace(QUOTE, QUOTE * 2) for value in values
            )
            raw_start, raw_length = len(self._pool), len(row)
            self._pool += row
        self._lines.append(line)
        self._spans.append((starts, [len(value) for value in values], raw_start, raw_length))

    def fields(self) -> Fields | None:
        """All rows added, or None when there are none."""
        if not self._lines:
            return None
        shape = (len(self._lines), self._columns)
        starts, lengths, raw_start, raw_length = zip(*self._spans, strict=True)
        return Fields(
            bytes(self._pool) + bytes(PADDING),
            np.array(self._lines, dtype=np.int64),
            np.array(starts, dtype=np.int32).reshape(shape),
            np.array(lengths, dtype=np.int32).reshape(shape),
            np.array(raw_start, dtype=np.int32),
            np.array(raw_length, dtype=np.int32),
            self._originals,
        )


class TextFile:
    """One delimited text file: its encoding, its header, and its rows in blocks.

    ``open`` gives the bytes afresh at every call. ``header`` is the first line
    that is not blank, or None in an empty file; ``header_fault`` says why the
    header cannot be read.
    """

    def __init__(
        self,
        open: Callable[[], BinaryIO],
        delimiter: bytes = b",",
        block_bytes: int = BLOCK_BYTES,
    ) -> None:
        self._open, self._delimiter, self._block_bytes = open, delimiter, block_bytes
        with open() as stream:
            self.encoding, self._mark = detect_encoding(stream)
        self.header: list[str] | None = None
        self.header_fault: str | None = None
        self.header_line = 0
        self._read_header()

    def _chunks(self, stream: BinaryIO) -> Iterator[bytes]:
        stream.read(self._mark)
        return _utf8_chunks(stream, self.encoding, self._block_bytes)

    def _read_header(self) -> None:
        with self._open() as stream:
            data, line = b"", 1
            chunks = self._chunks(stream)
            final = False
            while not final:
                chunk = next(chunks, None)
                final = chunk is None
                data += chunk or b""
                if final and data and not data.endswith(b"\n"):
                    data += b"\n"
                while b"\n" in data:
                    lines = data[: data.rfind(b"\n") + 1]
                    values, end = split_record(lines, 0, self._delimiter, final)
                    if end < 0:
                        break
                    raw, data = data[:end], data[end:]
                    if not _is_utf8(raw):
                        self.header, self.header_fault = [], "its header has bytes that are no text"
                    elif values is None:
                        self.header, self.header_fault = [], "its header has a quote without a pair"
                    else:
                        names = [value.decode("utf-8").strip() for value in values]
                        if any(names):
                            self.header = names
                    if self.header is not None:
                        self.header_line = line
                        return
                    line += raw.count(b"\n")
                if len(data) > RECORD_LIMIT:
                    self.header, self.header_fault = [], "its first line does not end"
                    return

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
        return split_record(data, at, self._delimiter, final)[1]

    def _split(self, data: bytes, first_line: int, final: bool) -> tuple[Block, int, int]:
        """One block's rows, how many bytes and how many lines of it were used."""
        assert self.header is not None
        width, layout = len(self.header), _Layout(data, self._delimiter, len(self.header))
        fast = ~layout.odd
        block, careful, resume = Block(), _Careful(width, self._delimiter), 0
        used, used_lines = len(data), len(layout.ends)
        for index in np.flatnonzero(layout.odd).tolist():
            if index < resume:
                continue
            start = int(layout.starts[index])
            values, end = split_record(data, start, self._delimiter, final)
            if end < 0:
                used, used_lines = start, index
                break
            resume = int(np.searchsorted(layout.ends, end, side="right"))
            fast[index:resume] = False
            self._keep(block, careful, first_line + index, data[start:end], values)
        fast[used_lines:] = False
        rows = layout.fields(np.flatnonzero(fast), first_line)
        block.fields = [each for each in (rows, careful.fields()) if each is not None]
        return block, used, used_lines

    def _keep(
        self, block: Block, careful: _Careful, line: int, raw: bytes, values: list[bytes] | None
    ) -> None:
        text = raw.decode("utf-8", "replace").rstrip("\r\n")
        if not _is_utf8(raw):
            block.rejected.append(Rejected(line, "invalid_encoding", text))
        elif values is None:
            block.rejected.append(Rejected(line, "malformed_quotes", text))
        else:
            trimmed = [value.decode("utf-8").strip().encode("utf-8") for value in values]
            assert self.header is not None
            width = len(self.header)
            if not any(trimmed):
                return
            if len(trimmed) < width or any(trimmed[width:]):
                block.rejected.append(Rejected(line, "wrong_field_count", text))
            else:
                careful.add(line, text, trimmed[:width])


class _Layout:
    """Where the lines and fields of one block are, and which lines are odd."""

    def __init__(self, data: bytes, delimiter: bytes, width: int) -> None:
        self._data, self._width = data, width
        self._bytes = bytes_ = np.frombuffer(data, dtype=np.uint8)
        newline = bytes_ == _NEWLINE
        separator = bytes_ == delimiter[0]
        separator |= newline
        self._separators = np.flatnonzero(separator).astype(np.int32)
        self._last = np.flatnonzero(bytes_[self._separators] == _NEWLINE)
        self.ends = self._separators[self._last].astype(np.int64) + 1
        self.starts = np.concatenate(([0], self.ends[:-1])) if len(self.ends) else self.ends
        counts = np.diff(self._last, prepend=-1)
        lengths = self.ends - self.starts - 1
        self._returns = self._find_returns()
        lengths = lengths - self._returns
        # A row of nothing but separators is blank; so is an empty line.
        self.odd = (counts != width) | (lengths < width)
        odd_at = self._odd_bytes(separator, newline, delimiter)
        if len(odd_at):
            self.odd[np.searchsorted(self.ends, odd_at, side="right")] = True

    def _find_returns(self) -> NDArray[np.int64]:
        """Per line 1 where a carriage return stands before the newline."""
        if b"\r" not in self._data:
            return np.zeros(len(self.ends), dtype=np.int64)
        before = self._bytes[np.maximum(self.ends - 2, 0)]
        return ((before == _RETURN) & (self.ends - 2 >= self.starts)).astype(np.int64)

    def _odd_bytes(
        self, separator: NDArray[np.bool_], newline: NDArray[np.bool_], delimiter: bytes
    ) -> NDArray[np.int64]:
        """Positions of bytes that the careful reader has to look at."""
        bytes_, found = self._bytes, []
        if QUOTE in self._data:
            found.append(np.flatnonzero(bytes_ == QUOTE[0]))
        if not self._data.isascii():
            found.append(np.flatnonzero(bytes_ > 127))
        edge = separator
        control = bytes_ < _SPACE
        expected = len(self.ends) + int(self._returns.sum())
        if delimiter == b"\t":
            expected += len(self._separators) - len(self.ends)
        if int(np.count_nonzero(control)) != expected:
            control &= ~separator
            control[(self.ends - 2)[self._returns == 1]] = False
            found.append(np.flatnonzero(control))
        if self._returns.any():
            edge = separator.copy()
            edge[(self.ends - 2)[self._returns == 1]] = True
        space = bytes_ == _SPACE
        beside = space[1:] & edge[:-1]
        beside |= space[:-1] & edge[1:]
        if len(space) and (space[0] or beside.any()):
            # The other byte of the pair may be the newline of the line before:
            # mark the space itself.
            at = np.flatnonzero(beside)
            found.append(np.where(space[at], at, at + 1))
            if space[0]:
                found.append(np.zeros(1, dtype=np.int64))
        return np.concatenate(found) if found else np.zeros(0, dtype=np.int64)

    def fields(self, rows: NDArray[np.int64], first_line: int) -> Fields | None:
        """The fields of these lines, all of which have the right number of them."""
        if not len(rows):
            return None
        width = self._width
        if len(rows) == len(self.ends):
            ends = self._separators.reshape(-1, width)
        else:
            ends = self._separators[self._last[rows][:, None] + np.arange(1 - width, 1)]
        starts = np.empty_like(ends)
        starts[:, 1:] = ends[:, :-1] + 1
        starts[:, 0] = self.starts[rows]
        lengths = ends - starts
        lengths[:, -1] -= self._returns[rows].astype(np.int32)
        return Fields(
            self._data + bytes(PADDING),
            rows + first_line,
            starts,
            lengths,
            starts[:, 0],
            starts[:, -1] + lengths[:, -1] - starts[:, 0],
        )
