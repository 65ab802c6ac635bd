"""Rows of a table that no file has as text: joined texts as positions of fields.

Each row arrives as one text of all its values, and the lengths of these, which
is nearly what :class:`Fields` are. Only rows that need trimming, or that hold
the separator or a newline themselves, are looked at one by one.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mpp_cli.sources.readers.fields import PADDING, Fields
from mpp_cli.sources.readers.quoted_records import CarefulRows

#: Stands between the values of a row: no export has it in a value.
SEPARATOR = b"\x1f"

#: Most bytes of rows that are judged at once.
_BLOCK_BYTES = 2 << 20


def rows_of(batch: Any, columns: int, first: int) -> Iterator[list[Fields]]:
    """The rows of one Arrow batch in pieces of bounded size.

    Its columns are the joined texts and then the lengths of each of their
    fields in bytes; ``first`` is the line of its first row. Blank rows are none.
    """
    view = batch.child(0).view()
    offsets = np.frombuffer(view.buffer(1), dtype=np.int64)[: batch.length + 1]
    text = memoryview(view.buffer(2))
    lengths = np.empty((batch.length, columns), dtype=np.int64, order="F")
    for number in range(columns):
        column = batch.child(number + 1).view().buffer(1)
        lengths[:, number] = np.frombuffer(column, dtype=np.int32)[: batch.length]
    at = 0
    while at < batch.length:
        cut = np.searchsorted(offsets, offsets[at] + _BLOCK_BYTES, side="right")
        end = max(at + 1, int(cut) - 1)
        data = bytes(text[int(offsets[at]) : int(offsets[end])])
        starts = offsets[at:end] - offsets[at]
        yield _piece(data, starts, lengths[at:end], first + at)
        at = end


def _piece(
    data: bytes, row_starts: NDArray[np.int64], lengths: NDArray[np.int64], first: int
) -> list[Fields]:
    """The fields of these rows: all at once but for the odd ones; blank rows are none."""
    buffer = data + bytes(PADDING)
    before = np.cumsum(lengths + 1, axis=1) - lengths - 1
    starts = row_starts[:, None] + before
    key_length = before[:, -1] + lengths[:, -1]
    odd = _odd(buffer, starts, lengths)
    plain = np.flatnonzero(~odd & (lengths.any(axis=1)))
    careful = CarefulRows(b"", lengths.shape[1], SEPARATOR)
    for row in np.flatnonzero(odd).tolist():
        values = [
            buffer[start : start + length].decode("utf-8").strip().encode("utf-8")
            for start, length in zip(starts[row].tolist(), lengths[row].tolist(), strict=True)
        ]
        if any(values):
            careful.add(first + row, 0, 0, values)
    nothing = np.zeros(len(plain), dtype=np.int64)
    found: list[Fields] = [
        _Rows(
            buffer=buffer,
            lines=plain + first,
            starts=starts[plain],
            lengths=lengths[plain],
            key_start=row_starts[plain],
            key_length=key_length[plain],
            source=b"",
            source_start=nothing,
            source_length=nothing,
        )
    ]
    if (rows := careful.fields()) is not None:
        found.append(shown(rows))
    return [each for each in found if len(each)]


def _odd(buffer: bytes, starts: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Rows with a field that may need trimming, or that holds a separator or a newline."""
    bytes_ = np.frombuffer(buffer, dtype=np.uint8)
    filled = lengths > 0
    odd = np.zeros(len(starts), dtype=np.bool_)
    for edge in (bytes_[starts], bytes_[np.maximum(starts + lengths - 1, 0)]):
        # Blanks and controls, and the first bytes of letters beyond ASCII.
        odd |= ((edge.view(np.int8) <= 32) & filled).any(axis=1)
    for special, usual in ((SEPARATOR, starts.shape[1] - 1), (b"\n", 0)):
        found = np.flatnonzero(bytes_ == special[0])
        if len(found) != len(starts) * usual:
            rows = np.searchsorted(starts[:, 0], found, side="right") - 1
            odd |= np.bincount(rows, minlength=len(starts)) > usual
    return odd


class _Rows(Fields):
    """Rows that no file has as text: shown as a CSV file would have them."""

    def raw(self, row: int) -> str:
        return as_csv(self.texts(row))


def shown(fields: Fields) -> Fields:
    """The same rows, shown as a CSV file would have them."""
    return _Rows(**vars(fields))


def as_csv(texts: Sequence[str]) -> str:
    """A row as a line of a CSV file, without its end."""
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow(texts)
    return out.getvalue()
