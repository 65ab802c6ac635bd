"""Ordinary lines as rows of trimmed fields: padding is cut out for all of them at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mpp_cli.sources.fields import PADDING, Fields

_TAB, _NEWLINE = 9, 10

#: Bytes that trimming removes, the separators aside: what Python's strip() does.
_BLANKS = np.zeros(256, dtype=np.bool_)
_BLANKS[[11, 12, 13, 28, 29, 30, 31, 32]] = True

Positions = NDArray[np.int64]


def trimmed(
    data: bytes, starts: Positions, ends: Positions, lines: Positions, width: int
) -> Fields:
    """The fields of these lines of ``data``, each of ASCII bytes and ``width`` fields.

    ``ends`` stand after the lines' newlines; ``lines`` are their numbers.
    """
    source = np.frombuffer(data, dtype=np.uint8)
    lengths = ends - starts
    if int(lengths.sum()) < len(data):
        offset = np.cumsum(lengths) - lengths
        source = source[np.repeat(starts - offset, lengths) + np.arange(int(lengths.sum()))]
    text, separators = _cut(source)
    fields_end = separators.reshape(-1, width).astype(np.int32)
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
        source=data,
        source_start=starts,
        source_length=lengths,
    )


def _cut(text: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], Positions]:
    """The text without blanks beside separators, and where the separators then are."""
    separator = text == _TAB
    separator |= text == _NEWLINE
    blanks = np.flatnonzero(_BLANKS[text])
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
