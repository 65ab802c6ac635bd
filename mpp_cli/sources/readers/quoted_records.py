"""Records of delimited text, one at a time and with all the care that quotes need."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mpp_cli.sources.readers.fields import PADDING, Fields

#: A record longer than this has a quote that never closes.
RECORD_LIMIT = 16 << 20

QUOTE = b'"'


@dataclass(frozen=True)
class Rejected:
    """A record that could not be split into fields: its line, the reason, its text."""

    line: int
    reason: str
    raw: str


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


class CarefulRows:
    """Rows that were split one by one, gathered into one buffer of their own.

    ``source`` is the block that the records stand in.
    """

    def __init__(self, source: bytes, columns: int, delimiter: bytes) -> None:
        self._source, self._columns, self._delimiter = source, columns, delimiter
        self._pool = bytearray()
        self._lengths: list[int] = []
        # Per row: line, place of its fields, place and length of its key,
        # place and length of its record in the source.
        self._rows: list[tuple[int, int, int, int, int, int]] = []

    def add(self, line: int, start: int, end: int, values: list[bytes]) -> None:
        """Add one row of trimmed fields that was read from ``source[start:end]``."""
        pool, delimiter = self._pool, self._delimiter
        at = key_at = len(pool)
        key = delimiter.join(values)
        pool += key + delimiter
        if key.count(delimiter) >= self._columns or b"\n" in key:
            # A field that holds a delimiter: joined like this the row could
            # equal another row, so its key quotes every field.
            key = QUOTE + (QUOTE + delimiter + QUOTE).join(
                value.replace(QUOTE, QUOTE * 2) for value in values
            )
            key_at = len(pool)
            pool += key
        self._lengths += map(len, values)
        self._rows.append((line, at, key_at, len(key), start, end - start))

    def fields(self) -> Fields | None:
        """All rows added, or None when there are none."""
        if not self._rows:
            return None
        line, at, key_at, key_length, start, length = np.array(self._rows, dtype=np.int64).T
        lengths = np.array(self._lengths, dtype=np.int64).reshape(len(line), self._columns)
        before = np.cumsum(lengths + 1, axis=1) - lengths - 1
        return Fields(
            buffer=bytes(self._pool) + bytes(PADDING),
            lines=line,
            starts=at[:, None] + before,
            lengths=lengths,
            key_start=key_at,
            key_length=key_length,
            source=self._source,
            source_start=start,
            source_length=length,
        )
