"""Ordinary lines as rows of trimmed fields: padding is cut out for all of them at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mpp_cli.sources.fields import PADDING, Fields

_TAB, _NEWLINE = 9, 10

#: Bytes that trimming removes, the separators aside: what Python's strip() does.
_BLANKS = np.zeros(256, dtype=np.bool_)
_BLANKS[[11, 12, 13, 28, 29, 30, 31, 32]] = True
_HIGHEST_BLANK = 32

#: From so many lines in one stretch on, stretches are copied and not bytes.
_WORTH_SLICING = 8

Positions = NDArray[np.int64]


def trimmed(
    data: memoryview, starts: Positions, ends: Positions, lines: Positions, width: int
) -> Fields:
    """The fields of these lines of ``data``, each of ASCII bytes and ``width`` fields.

    ``ends`` stand after the lines' newlines; ``lines`` are their numbers.
    """
    source = np.frombuffer(data, dtype=np.uint8)
    lengths = ends - starts
    if int(lengths.sum()) < len(data):
        source = _only(source, starts, ends, lengths)
        starts = np.cumsum(lengths) - lengths
    text, separators = _cut(source)
    fields_end = np.asfortranarray(separators.reshape(-1, width))
    fields_start = np.empty_like(fields_end)
    fields_start[:, 1:] = fields_end[:, :-1] + 1
    fields_start[1:, 0] = fields_end[:-1, -1] + 1
    fields_start[0, 0] = 0
    return Fields(
        buffer=text.tobytes() + bytes(PADDING),
        lines=lines,
        starts=fields_start,
        lengths=fields_end - fields_start,
        key_start=fields_start[:, 0],
        key_length=fields_end[:, -1] - fields_start[:, 0],
        source=source.tobytes(),
        source_start=starts,
        source_length=lengths,
    )


def _only(
    source: NDArray[np.uint8], starts: Positions, ends: Positions, lengths: Positions
) -> NDArray[np.uint8]:
    """The text of these lines, one after the other."""
    breaks = np.flatnonzero(starts[1:] != ends[:-1])
    if len(breaks) * _WORTH_SLICING < len(starts):
        # Most lines follow one another: whole stretches are copied.
        first = starts[np.append(0, breaks + 1)].tolist()
        last = ends[np.append(breaks, len(ends) - 1)].tolist()
        return np.concatenate([source[a:b] for a, b in zip(first, last, strict=True)])
    # A line here and there: a block is hundreds of times as large as they are.
    offset = np.cumsum(lengths) - lengths
    return source[np.repeat(starts - offset, lengths) + np.arange(int(lengths.sum()))]


def _cut(text: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], Positions]:
    """The text without blanks beside separators, and where the separators then are."""
    separator = text == _TAB
    separator |= text == _NEWLINE
    # Hardly any byte this low is anything but a blank or a separator.
    low = text <= _HIGHEST_BLANK
    low &= ~separator
    blanks = np.flatnonzero(low)
    blanks = blanks[_BLANKS[text[blanks]]]
    if len(blanks):
        # A run of blanks is padding when a separator, or the start of the
        # text, is on either side of it.
        first = np.diff(blanks, prepend=-2) != 1
        run = np.flatnonzero(first)
        size = np.diff(run, append=len(blanks))
        start = blanks[run]
        padding = separator[start + size] | separator[start - 1] | (start == 0)
        if padding.any():
            keep = np.ones(len(text), dtype=np.bool_)
            keep[blanks[np.repeat(padding, size)]] = False
            text, separator = text[keep], separator[keep]
    return text, np.flatnonzero(separator)


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
