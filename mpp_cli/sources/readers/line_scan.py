"""The lines of a block: where their fields are, and which lines are odd.

Everything here works on a whole block at once. A line is odd when anything in
it needs the careful reader; all other lines consist of the right number of
fields, none padded, each either without quotes or in one pair of quotes with
nothing special between them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mpp_cli.sources.readers.encoding import is_utf8
from mpp_cli.sources.readers.fields import PADDING, Fields, texts_of

_NEWLINE, _RETURN, _SPACE, _QUOTE = 10, 13, 32, 34

Positions = NDArray[np.int64]
Marks = NDArray[np.bool_]


class Layout:
    """Lines and fields of one block of text that ends with a newline.

    ``starts`` and ``ends`` (exclusive) delimit the lines, ``odd`` marks those
    for the careful reader. A line has ``width`` fields, or as many as ``header`` says
    of which those beyond the width are blank.
    """

    def __init__(self, data: bytes, delimiter: bytes, width: int, header: int = 0) -> None:
        self._data, self._width = data, width
        self._bytes = bytes_ = np.frombuffer(data, dtype=np.uint8)
        self._separator = bytes_ == delimiter[0]
        self._separator |= bytes_ == _NEWLINE
        self._separators = np.flatnonzero(self._separator)
        self._last = np.flatnonzero(bytes_[self._separators] == _NEWLINE)
        self.ends: Positions = self._separators[self._last] + 1
        self.starts: Positions = np.concatenate((np.zeros(1, np.int64), self.ends[:-1]))
        self._returns = self._find_returns()
        self._has_quotes = b'"' in data
        counts = np.diff(self._last, prepend=-1)
        lengths = self.ends - self.starts - 1 - self._returns
        #: Fields of an ordinary line of this block: most lines have so many.
        self._fields = width
        if header > width and np.count_nonzero(counts == header) > np.count_nonzero(
            counts == width
        ):
            self._fields = header
        # A row of nothing but separators is blank; so is an empty line.
        self.odd: Marks = (counts != self._fields) | (lengths < self._fields)
        if self._fields > width:
            last = self.ends - 1 - self._returns
            behind = last - self._separators[np.maximum(self._last - (header - width), 0)]
            self.odd |= behind != header - width
        for positions in self._odd_bytes(delimiter):
            self.odd[np.searchsorted(self.ends, positions, side="right")] = True

    def longer_than(self, size: int) -> Positions:
        """The lines of more bytes than this, their ends included."""
        found: Positions = np.flatnonzero(self.ends - self.starts > size)
        return found

    def _find_returns(self) -> Positions:
        """Per line 1 where a carriage return stands before the newline."""
        if b"\r" not in self._data:
            return np.zeros(len(self.ends), dtype=np.int64)
        before = self._bytes[np.maximum(self.ends - 2, 0)] == _RETURN
        before &= self.ends - 2 >= self.starts
        found: Positions = before.astype(np.int64)
        return found

    def _odd_bytes(self, delimiter: bytes) -> list[Positions]:
        """Positions of bytes that the careful reader has to look at."""
        bytes_, found = self._bytes, []
        returns = (self.ends - 2)[self._returns == 1]
        control = bytes_ < _SPACE
        expected = len(self.ends) + len(returns)
        if delimiter[0] < _SPACE:
            expected = len(self._separators) + len(returns)
        if int(np.count_nonzero(control)) != expected:
            control &= ~self._separator
            control[returns] = False
            found.append(np.flatnonzero(control))
        edge = self._separator
        if self._has_quotes or len(returns):
            edge = edge.copy()
            edge[returns] = True
        if self._has_quotes:
            found.append(self._unpaired_quotes())
            edge |= bytes_ == _QUOTE
        # Beside a separator or a quote, blanks and letters beyond ASCII (some
        # of which are blanks) have to be trimmed.
        if b" " in self._data:
            found.append(_beside(bytes_ == _SPACE, edge))
        if not self._data.isascii():
            wide = bytes_ > 127
            # Were one line not UTF-8, each has to be tried by itself.
            valid = is_utf8(self._data)
            found.append(_beside(wide, edge) if valid else np.flatnonzero(wide))
        return found

    def _unpaired_quotes(self) -> Positions:
        """Quotes other than the two around a whole field without quotes in it."""
        quotes = np.flatnonzero(self._bytes == _QUOTE)
        place = np.searchsorted(self._separators, quotes)
        new = np.diff(place, prepend=-1) != 0
        group = np.cumsum(new) - 1
        first = np.flatnonzero(new)
        size = np.diff(first, append=len(quotes))
        of = place[first]
        start = np.where(of > 0, self._separators[of - 1] + 1, 0)
        end = self._separators[of]
        end -= (self._bytes[end] == _NEWLINE) & (self._bytes[end - 1] == _RETURN)
        paired = (size == 2) & (quotes[first] == start)
        paired &= quotes[np.minimum(first + 1, len(quotes) - 1)] == end - 1
        unpaired: Positions = quotes[~paired[group]]
        return unpaired

    def fields(self, rows: Positions, first_line: int) -> Fields | None:
        """The fields of these lines, none of which is odd; blank lines are left out."""
        if not len(rows):
            return None
        # Column by column, which is how the values are read.
        ends = np.asfortranarray(self._field_ends(rows))
        starts = np.empty_like(ends)
        starts[:, 1:] = ends[:, :-1] + 1
        starts[:, 0] = self.starts[rows]
        lengths = ends - starts
        if self._fields == self._width:
            lengths[:, -1] -= self._returns[rows]
        fields = Fields(
            buffer=self._data + bytes(PADDING),
            lines=rows + first_line,
            starts=starts,
            lengths=lengths,
            key_start=self.starts[rows],
            key_length=starts[:, -1] + lengths[:, -1] - starts[:, 0],
            source=self._data,
            source_start=self.starts[rows],
            source_length=self.ends[rows] - self.starts[rows],
        )
        return self._unquoted(fields) if self._has_quotes else fields

    def _field_ends(self, rows: Positions) -> Positions:
        if len(rows) == len(self.ends):
            return self._separators.reshape(-1, self._fields)[:, : self._width]
        places = self._last[rows][:, None] + np.arange(1 - self._fields, 1)[: self._width]
        found: Positions = self._separators[places]
        return found

    def _unquoted(self, fields: Fields) -> Fields | None:
        """The same fields without the quotes around them.

        The keys of rows with quotes are copied behind the text, without: only so are
        two rows that differ in their quotes equal in their keys.
        """
        quoted = self._bytes[fields.starts] == _QUOTE
        quotes = np.count_nonzero(quoted, axis=1)
        rows = np.flatnonzero(quotes)
        if not len(rows):
            return fields
        fields.starts += quoted
        fields.lengths -= quoted
        fields.lengths -= quoted
        start = fields.source_start[rows]
        line = texts_of(self._bytes, start, start + fields.source_length[rows])
        lengths = fields.source_length[rows] - 2 * quotes[rows]
        fields.key_start = fields.key_start.copy()
        fields.key_start[rows] = np.cumsum(lengths) - lengths + len(self._data)
        fields.key_length[rows] -= 2 * quotes[rows]
        fields.buffer = self._data + line[line != _QUOTE].tobytes() + bytes(PADDING)
        # Between quotes there may be nothing.
        blank = rows[~fields.lengths[rows].any(axis=1)]
        return fields.without(blank) if len(blank) else fields


def _beside(marks: Marks, edge: Marks) -> Positions:
    """Positions of marked bytes that have an edge, or the start of the block, beside them."""
    beside = np.zeros(len(marks), dtype=np.bool_)
    beside[1:] = edge[:-1]
    beside[0] = True
    beside[:-1] |= edge[1:]
    beside &= marks
    return np.flatnonzero(beside)
