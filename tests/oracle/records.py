"""Bytes to records: which text, which physical line, and what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass

BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class Malformed(Exception):
    """The quotes of a field do not pair up."""


@dataclass(frozen=True)
class Record:
    """One record with its trimmed fields, or with the fault that kept it from being read."""

    line: int
    fields: tuple[str, ...]
    fault: str | None = None


def decode(data: bytes) -> tuple[str, list[str], set[int]]:
    """Return the encoding, the physical lines with their ends, and the undecodable lines.

    Lines are numbered from 1 and end at a line feed and nowhere else.
    """
    *ended, last = data.split(b"\n")
    lines = [line + b"\n" for line in ended] + ([last] if last else [])
    bad = {number for number, line in enumerate(lines, 1) if not is_utf8(line)}
    if bad and not any(is_utf8(line) for line in lines if max(line, default=0) > 127):
        return "cp1252", [line.decode("cp1252", errors="replace") for line in lines], set()
    if lines:
        lines[0] = lines[0].removeprefix(BYTE_ORDER_MARK)
    if lines == [b""]:
        lines.clear()
    return "utf-8", [line.decode("utf-8", errors="replace") for line in lines], bad


def is_utf8(line: bytes) -> bool:
    """Say whether the bytes are valid UTF-8."""
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def read_records(data: bytes, delimiter: str = ",") -> tuple[str, list[Record]]:
    """Return the encoding and every record that is not blank, the header's among them."""
    encoding, lines, bad = decode(data)
    records = []
    current = 0
    while current < len(lines):
        rest = "".join(lines[current:])
        first = current + 1
        try:
            fields, length = read_record(rest, delimiter)
        except Malformed:
            fault = "invalid_encoding" if first in bad else "malformed_quotes"
            records.append(Record(first, (), fault))
            current += 1
            continue
        used = 0
        while used < length:
            used += len(lines[current])
            current += 1
        if bad.intersection(range(first, current + 1)):
            records.append(Record(first, (), "invalid_encoding"))
            continue
        trimmed = tuple(field.strip() for field in fields)
        if any(trimmed):
            records.append(Record(first, trimmed))
    return encoding, records


def read_record(text: str, delimiter: str) -> tuple[list[str], int]:
    """Read one record from the start of the text; return its fields and its length."""
    fields = []
    position = 0
    while True:
        if text.startswith('"', position):
            value, position = read_quoted(text, position + 1, delimiter)
        else:
            value, position = read_plain(text, position, delimiter)
        fields.append(value)
        if text.startswith(delimiter, position):
            position += 1
            continue
        end = line_end(text, position)
        assert end is not None
        return fields, end


def line_end(text: str, position: int) -> int | None:
    """Return the position after the line end that stands here, or None where none does."""
    if position >= len(text):
        return len(text)
    if text[position] == "\n":
        return position + 1
    if text.startswith("\r\n", position):
        return position + 2
    return None


def read_quoted(text: str, position: int, delimiter: str) -> tuple[str, int]:
    """Read a quoted field after its opening quote; a doubled quote stands for one."""
    value = ""
    while position < len(text):
        if text.startswith('""', position):
            value += '"'
            position += 2
        elif text[position] == '"':
            position += 1
            if text.startswith(delimiter, position) or line_end(text, position) is not None:
                return value, position
            raise Malformed
        else:
            value += text[position]
            position += 1
    raise Malformed


def read_plain(text: str, position: int, delimiter: str) -> tuple[str, int]:
    """Read a field that does not begin with a quote; an even number of quotes is kept."""
    value = ""
    while not text.startswith(delimiter, position) and line_end(text, position) is None:
        value += text[position]
        position += 1
    if value.count('"') % 2:
        raise Malformed
    return value, position
