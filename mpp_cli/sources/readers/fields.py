"""Rows of fields as positions in a buffer of text: what the readers hand on."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

#: Spare bytes after a buffer, so that a fixed number of bytes can be read from
#: the start of any field.
PADDING = 16

#: What is left of a word of eight bytes that is to hold a text of 0 to 8 bytes.
WORD_MASKS = np.array([(1 << 8 * size) - 1 for size in range(9)], dtype=np.uint64)


def words_of(buffer: bytes | bytearray) -> NDArray[np.uint64]:
    """The eight bytes from every place of a buffer on, as a view: shape (bytes - 7)."""
    return np.ndarray((len(buffer) - 7,), dtype="<u8", buffer=buffer, strides=(1,))


#: From so many lines in one stretch on, stretches are copied and not bytes.
_WORTH_SLICING = 8


def texts_of(
    source: NDArray[np.uint8], starts: NDArray[np.int64], ends: NDArray[np.int64]
) -> NDArray[np.uint8]:
    """The text of these lines of a block, of which there is at least one, in order and joined."""
    breaks = np.flatnonzero(starts[1:] != ends[:-1])
    if len(breaks) * _WORTH_SLICING < len(starts):
        # Most lines follow one another: whole stretches are copied.
        first = starts[np.append(0, breaks + 1)].tolist()
        last = ends[np.append(breaks, len(ends) - 1)].tolist()
        return np.concatenate([source[a:b] for a, b in zip(first, last, strict=True)])
    # A line here and there.
    lengths = ends - starts
    offset = np.cumsum(lengths) - lengths
    return source[np.repeat(starts - offset, lengths) + np.arange(int(lengths.sum()))]


@dataclass
class Fields:
    """Rows of fields, every one trimmed, as positions in UTF-8 text.

    ``starts`` and ``lengths`` have the shape (rows, columns) and count bytes of
    ``buffer``, which ends with ``PADDING`` zero bytes. ``key_start`` and
    ``key_length`` (rows) delimit a text that is equal for two rows exactly when
    all their fields are. ``source_start`` and ``source_length`` say where the
    record stands in ``source``, the text as it is in the file; ``lines`` are the
    physical lines on which the records start.
    """

    buffer: bytes
    lines: NDArray[np.int64]
    starts: NDArray[np.int64]
    lengths: NDArray[np.int64]
    key_start: NDArray[np.int64]
    key_length: NDArray[np.int64]
    source: bytes
    source_start: NDArray[np.int64]
    source_length: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.lines)

    def without(self, rows: NDArray[np.int64]) -> Fields | None:
        """All but these rows, None when nothing is left."""
        kept = np.delete(np.arange(len(self)), rows)
        if not len(kept):
            return None
        by_row = [name for name, value in vars(self).items() if isinstance(value, np.ndarray)]
        return replace(self, **{name: getattr(self, name)[kept] for name in by_row})

    def text(self, row: int, column: int) -> str:
        """The text of one field."""
        start = int(self.starts[row, column])
        return self.buffer[start : start + int(self.lengths[row, column])].decode("utf-8")

    def texts(self, row: int) -> list[str]:
        """The texts of all fields of one row."""
        return [self.text(row, column) for column in range(self.lengths.shape[1])]

    def raw(self, row: int) -> str:
        """The record as it stands in the file, without its line end."""
        start = int(self.source_start[row])
        record = self.source[start : start + int(self.source_length[row])]
        return record.decode("utf-8").rstrip("\r\n")
