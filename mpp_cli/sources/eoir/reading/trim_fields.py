"""Ordinary lines as rows of trimmed fields: padding is cut out for all of them at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mpp_cli.sources.readers.fields import PADDING, Fields, texts_of

_TAB, _NEWLINE, _RETURN = 9, 10, 13

#: Bytes that trimming removes, the separators aside: what Python's strip() does.
_BLANKS = np.zeros(256, dtype=np.bool_)
_BLANKS[[11, 12, 13, 28, 29, 30, 31, 32]] = True
_HIGHEST_BLANK = 32

Positions = NDArray[np.int64]
Bools = NDArray[np.bool_]


def trimmed(
    data: memoryview,
    starts: Positions,
    ends: Positions,
    lines: Positions,
    width: int,
    columns: Sequence[int],
) -> Fields:
    """Some fields of these lines of ``data``, each of ASCII bytes and ``width`` fields.

    ``ends`` stand after the lines' newlines; ``lines`` are their numbers. The fields
    are those of ``columns`` in their order; the key of a row tells of all of them.
    """
    source = np.frombuffer(data, dtype=np.uint8)
    lengths = ends - starts
    if int(lengths.sum()) < len(data):
        source = texts_of(source, starts, ends)
        ends = np.cumsum(lengths)
        starts = ends - lengths
    separator = _separators(source)
    last = np.flatnonzero(separator).reshape(-1, width)
    first = starts
    text = source
    # Of most lines only the line end is cut off, and the text stays as it is.
    # Those that are padded are copied behind it, without their padding.
    padded = _padded(source, separator, ends)
    if len(padded):
        few = texts_of(source, starts[padded], ends[padded])
        few = _cut(few, _separators(few))
        places = (np.flatnonzero(_separators(few)) + len(source)).reshape(-1, width)
        last[padded] = places
        first = starts.copy()
        first[padded] = np.concatenate(([len(source)], places[:-1, -1] + 1))
        text = np.concatenate((source, few))
    line_end = last[:, -1] - (text[np.maximum(last[:, -1] - 1, first)] == _RETURN)
    buffer = text.tobytes() + bytes(PADDING)
    fields_start = np.empty((len(lines), len(columns)), dtype=np.int64, order="F")
    fields_length = np.empty_like(fields_start)
    for number, column in enumerate(columns):
        start = last[:, column - 1] + 1 if column else first
        fields_start[:, number] = start
        end = last[:, column] if column < width - 1 else line_end
        np.subtract(end, start, out=fields_length[:, number])
    return Fields(
        buffer=buffer,
        lines=lines,
        starts=fields_start,
        lengths=fields_length,
        key_start=first,
        key_length=line_end - first,
        source=buffer,
        source_start=starts,
        source_length=lengths,
    )


def _separators(text: NDArray[np.uint8]) -> Bools:
    """Which bytes end a field or a line."""
    found: Bools = text == _TAB
    found |= text == _NEWLINE
    return found


def _blanks(text: NDArray[np.uint8], separator: Bools) -> Positions:
    """Where blanks are."""
    # Hardly any byte this low is anything but a blank or a separator.
    low = text <= _HIGHEST_BLANK
    low &= ~separator
    blanks = np.flatnonzero(low)
    return blanks[_BLANKS[text[blanks]]]


def _padded(text: NDArray[np.uint8], separator: Bools, ends: Positions) -> Positions:
    """Which lines have blanks beside separators; the return of a line end is none."""
    blanks = _blanks(text, separator)
    # Before the first byte stands the last, which is a newline.
    before, behind = separator[blanks - 1], separator[blanks + 1]
    beside = before | behind
    beside &= ~((text[blanks] == _RETURN) & (text[blanks + 1] == _NEWLINE))
    # What stands before that return is padding, too.
    beside[:-1] |= (
        (blanks[1:] == blanks[:-1] + 1)
        & (text[blanks[1:]] == _RETURN)
        & (text[blanks[1:] + 1] == _NEWLINE)
    )
    return np.unique(np.searchsorted(ends, blanks[beside], side="right"))


def _cut(text: NDArray[np.uint8], separator: Bools) -> NDArray[np.uint8]:
    """The text without blanks beside separators."""
    blanks = _blanks(text, separator)
    # A run of blanks is padding when a separator, or the start of the
    # text, is on either side of it.
    first = np.diff(blanks, prepend=-2) != 1
    run = np.flatnonzero(first)
    size = np.diff(run, append=len(blanks))
    start = blanks[run]
    padding = separator[start + size] | separator[start - 1] | (start == 0)
    keep = np.ones(len(text), dtype=np.bool_)
    keep[blanks[np.repeat(padding, size)]] = False
    return text[keep]


def merged(parts: Sequence[Fields]) -> Fields:
    """The rows of several blocks as those of one."""
    if len(parts) == 1:
        return parts[0]
    before = np.cumsum([0, *(len(part.buffer) for part in parts[:-1])]).astype(np.int32)
    sources = np.cumsum([0, *(len(part.source) for part in parts[:-1])])
    shifted = list(zip(parts, before, sources, strict=True))
    return Fields(
        buffer=b"".join(part.buffer for part in parts),
        lines=np.concatenate([part.lines for part in parts]),
        starts=np.concatenate([part.starts + shift for part, shift, _ in shifted]),
        lengths=np.concatenate([part.lengths for part in parts]),
        key_start=np.concatenate([part.key_start + shift for part, shift, _ in shifted]),
        key_length=np.concatenate([part.key_length for part in parts]),
        source=b"".join(part.source for part in parts),
        source_start=np.concatenate([part.source_start + shift for part, _, shift in shifted]),
        source_length=np.concatenate([part.source_length for part in parts]),
    )
