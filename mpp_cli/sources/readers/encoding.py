"""Encodings: which one a file is in, and the file as UTF-8 whatever it is."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from functools import partial
from itertools import chain
from typing import BinaryIO

#: What is worked on at once: what numpy makes of so much stays in the processor's cache.
BLOCK_BYTES = 1 << 20
#: A line without end is judged in pieces of this size.
_LONGEST = 16 << 20


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


def told_encoding(stream: BinaryIO, known: str | None = None) -> tuple[str | None, int, bytes]:
    """What the first bytes tell: the encoding, the length of its mark, and these bytes.

    A byte order mark decides; without one the encoding is the ``known`` one, and None
    where there is none: then :func:`detect_encoding` tells, once a byte matters.
    """
    first = stream.read(16)
    for mark, name in _BOMS:
        if first.startswith(mark):
            return name, len(mark), first
    return ("utf-16-le" if known == "utf-16" else known), 0, first


def detect_encoding(stream: BinaryIO) -> str:
    """The encoding of a whole file without a mark.

    UTF-8, unless the file is not valid UTF-8 and none of its lines with bytes
    above 127 is: then cp1252.
    """
    head = stream.read(BLOCK_BYTES)
    valid = invalid = False
    carry = b""
    while head:
        if not carry and head.isascii():
            # Whatever line this is the beginning of, it decides nothing.
            head = stream.read(BLOCK_BYTES)
            continue
        lines, carry = _whole_lines(carry + head)
        if not lines.isascii():
            valid, invalid = _judge_utf8(lines, valid, invalid)
            if valid and invalid:
                break
        head = stream.read(BLOCK_BYTES)
    if not head and not carry.isascii():
        valid, invalid = _judge_utf8(carry, valid, invalid)
    return "cp1252" if invalid and not valid else "utf-8"


def _whole_lines(data: bytes) -> tuple[bytes, bytes]:
    cut = data.rfind(b"\n") + 1
    if cut == 0 and len(data) > _LONGEST:
        cut = len(data)  # a line without end is judged in pieces
    return data[:cut], data[cut:]


def is_utf8(line: bytes) -> bool:
    """Whether these bytes are valid UTF-8."""
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _judge_utf8(lines: bytes, valid: bool, invalid: bool) -> tuple[bool, bool]:
    if is_utf8(lines):
        return True, invalid
    for line in lines.split(b"\n"):
        if not line.isascii():
            if is_utf8(line):
                valid = True
            else:
                invalid = True
            if valid and invalid:
                break
    return valid, invalid


def utf8_chunks(stream: BinaryIO, encoding: str, size: int, first: bytes = b"") -> Iterator[bytes]:
    """The stream as chunks of UTF-8, whatever it was encoded in; ``first`` was read of it."""
    rest = iter(partial(stream.read, size), b"")
    chunks = chain([first], rest) if first else rest
    if encoding == "utf-8":
        yield from chunks
        return
    errors = "replace" if encoding == "cp1252" else "mpp-mark"
    decoder = codecs.getincrementaldecoder(encoding)(errors)
    for chunk in chunks:
        yield decoder.decode(chunk).encode("utf-8", "surrogatepass")
    yield decoder.decode(b"", True).encode("utf-8", "surrogatepass")
