"""Columns of many values at once: from field positions to typed Arrow arrays.

The scalar functions of :mod:`mpp_cli.sources.values.parse` say what a text means.
Here the common shapes are read for a whole block at a time, and every other
value is given to the scalar function, so both always agree.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import nanoarrow as na
import numpy as np
from numpy.typing import NDArray

from mpp_cli.sources.readers.distinct_texts import distinct
from mpp_cli.sources.readers.fields import PADDING, WORD_MASKS, Fields, words_of
from mpp_cli.sources.values import parse
from mpp_cli.sources.values import tally as tallies
from mpp_cli.sources.values.tally import Tally

Bools = NDArray[np.bool_]
#: An Arrow string view: its length, then up to 12 bytes of text, or 4 bytes
#: and the place of the whole text in a buffer. Shape (rows, 16), uint8.
Views = NDArray[np.uint8]

_INLINE = 12
#: Masks of the first 4 and of the next 8 bytes of texts of 0 to 12 bytes.
_HEAD_MASKS = np.array([(1 << 8 * min(size, 4)) - 1 for size in range(13)], dtype=np.uint64)
_REST_MASKS = np.array([(1 << 8 * max(size - 4, 0)) - 1 for size in range(13)], dtype=np.uint64)


def _words(buffer: bytes) -> NDArray[np.uint64]:
    """The eight bytes that begin at each place of a buffer, as little-endian numbers."""
    return np.ndarray((len(buffer) - 7,), dtype="<u8", buffer=buffer, strides=(1,))


def views(buffer: bytes, starts: NDArray[Any], lengths: NDArray[Any]) -> Views:
    """String views of texts in ``buffer``, which ends with ``PADDING`` spare bytes."""
    rows = len(starts)
    out = np.empty((rows, 2), dtype=np.uint64)
    if not rows:
        return out.view(np.uint8)
    words = _words(buffer)
    head, rest = out[:, 0], out[:, 1]
    np.take(words, starts, out=head)
    if int(lengths.min()) > _INLINE:
        rest[:] = starts
        rest <<= np.uint64(32)
    else:
        np.take(words, starts + 4, out=rest)
        longest, shortest = int(lengths.max()), int(lengths.min())
        # Most often all texts have the same length, and one mask does for all.
        size = shortest if longest == shortest else np.minimum(lengths, _INLINE)
        head &= _HEAD_MASKS[size]
        rest &= _REST_MASKS[size]
        if longest > _INLINE:
            long = np.flatnonzero(lengths > _INLINE)
            rest[long] = starts[long].astype(np.uint64) << np.uint64(32)
    head <<= np.uint64(32)
    head |= lengths.astype(np.uint64)
    return out.view(np.uint8)


def text_array(views_: Views, pool: bytes, blank: Bools | None = None) -> Any:
    """An Arrow string array of views into ``pool``; blank values are null."""
    validity = None if blank is None or not blank.any() else _bitmap(~blank)
    return na.c_array_from_buffers(na.string_view(), len(views_), [validity, views_, pool])


def integer_array(kind: Any, numbers: NDArray[Any], blank: Bools | None = None) -> Any:
    """An Arrow array of integers, or of dates as days since 1970-01-01."""
    validity = None if blank is None or not blank.any() else _bitmap(~blank)
    return na.c_array_from_buffers(kind, len(numbers), [validity, np.ascontiguousarray(numbers)])


def boolean_array(truth: Bools, blank: Bools) -> Any:
    """An Arrow array of booleans; blank values are null."""
    validity = None if not blank.any() else _bitmap(~blank)
    return na.c_array_from_buffers(na.bool_(), len(truth), [validity, _bitmap(truth)])


def strings_array(texts: Sequence[str | None]) -> Any:
    """An Arrow string array of Python strings."""
    return na.c_array(texts, na.string())


def batch(columns: dict[str, Any], rows: int) -> Any:
    """Named Arrow arrays of one length as one Arrow record batch."""
    schema = na.struct({name: array.schema for name, array in columns.items()})
    return na.Array(na.c_array_from_buffers(schema, rows, [None], children=list(columns.values())))


def _bitmap(valid: Bools) -> bytes:
    return np.packbits(valid, bitorder="little").tobytes()


# --- dates -------------------------------------------------------------------

_MONTHS_IN_LUT = 10_000 * 12
_DIGITS = np.uint64(0x2D30302D30303030)  # "0000-00-" with its first byte lowest
_CARRY = np.uint64(0x0606060606060606)
_HIGH = np.uint64(0xF0F0F0F0F0F0F0F0)
_DASHES = np.uint64(0xFF0000FF00000000)
_CLOCK = np.uint64(0x30303A30303A3030)  # "00:00:00"
_COLONS = np.uint64(0x0000FF0000FF0000)
_FRACTION = np.uint64(0x3030302E00000000)  # ".000" after four bytes that do not matter
_POINT = np.uint64(0x000000FF00000000)


@cache
def _calendar() -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """First day (since 1970-01-01) and length of every month of the years 0 to 9999."""
    months = np.arange(_MONTHS_IN_LUT + 1) - 1970 * 12
    first = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    lengths = np.diff(first).astype(np.int32)
    lengths[:12] = 0  # there is no year 0 on this calendar
    return first[:-1].astype(np.int32), lengths


def _iso_days(buffer: bytes, starts: NDArray[Any]) -> tuple[NDArray[np.int32], Bools]:
    """Days since 1970-01-01 of ``YYYY-MM-DD`` at each start, and where it stands there."""
    word = words_of(buffer)[starts]
    tail = np.ndarray((len(buffer) - 1,), dtype="<u2", buffer=buffer, strides=(1,))[starts + 8]
    word ^= _DIGITS
    tail ^= np.uint16(0x3030)
    wrong = word + _CARRY
    wrong |= word
    wrong &= _HIGH
    wrong |= word & _DASHES
    good: Bools = wrong == 0
    good &= ((tail | (tail + np.uint16(0x0606))) & np.uint16(0xF0F0)) == 0
    # Each byte ten times and the next byte once: the numbers of two digits.
    pairs = word * np.uint64(10)
    word >>= np.uint64(8)
    pairs += word
    pairs[~good] = 0
    month = ((pairs >> np.uint64(40)) & np.uint64(0xFF)).view(np.int64)
    place = ((pairs >> np.uint64(16)) & np.uint64(0xFF)).view(np.int64)
    pairs &= np.uint64(0xFF)
    pairs *= np.uint64(100)
    place += pairs.view(np.int64)
    place *= 12
    place += month - 1
    day = (tail & np.uint16(15)) * np.uint16(10) + (tail >> np.uint16(8))
    first, length = _calendar()
    good &= (month >= 1) & (month <= 12) & (day >= 1)
    place[~good] = 0
    good &= day <= length[place]
    days = first[place]
    days += day
    days -= 1
    return days, good


def _time_follows(buffer: bytes, starts: NDArray[Any], lengths: NDArray[Any]) -> Bools:
    """Where ``HH:MM:SS`` or ``HH:MM:SS.fff`` follows a space or T, and nothing else.

    These are the times that databases write; others are read one by one.
    """
    text = np.frombuffer(buffer, dtype=np.uint8)
    word = words_of(buffer)
    good: Bools = (lengths == 9) | (lengths == 13)
    # Of any other length there may not be so many bytes.
    starts = np.where(good, starts, 0)
    good &= (text[starts] == ord(" ")) | (text[starts] == ord("T"))
    clock = word[starts + 1] ^ _CLOCK
    good &= ((clock | (clock + _CARRY)) & _HIGH) | (clock & _COLONS) == 0
    fraction = word[np.where(lengths == 13, starts + 5, 0)] ^ _FRACTION
    wrong = (((fraction | (fraction + _CARRY)) & _HIGH) | (fraction & _POINT)) >> np.uint64(32)
    good &= (lengths == 9) | (wrong == 0)
    return good


class DateReader:
    """Reads the dates of one column, remembering the unusual ones it has met."""

    _REMEMBERED = 100_000

    def __init__(self, tally: Tally | None = None) -> None:
        #: What the values of the column came to.
        self.tally = tally or Tally(tallies.of_date)
        self._met: dict[str, int | None] = {}

    def __call__(self, fields: Fields, column: int) -> tuple[NDArray[np.int32], Bools, Bools]:
        """Days since 1970-01-01, which values are blank, and which cannot be read."""
        starts, lengths = fields.starts[:, column], fields.lengths[:, column]
        blank = lengths == 0
        days, good = _iso_days(fields.buffer, starts)
        plain = lengths == 10
        longer = np.flatnonzero(good & ~plain)
        if len(longer):
            plain[longer] = _time_follows(fields.buffer, starts[longer] + 10, lengths[longer] - 10)
        good &= plain
        bad = ~(good | blank)
        self.tally.filled += len(blank) - int(np.count_nonzero(blank))
        self.tally.stands[tallies.OURS] += int(np.count_nonzero(good))
        unusual = np.flatnonzero(bad)
        if len(unusual):
            first, which = distinct(fields, column, unusual)
            read = [self._read(fields.text(row, column)) for row in first.tolist()]
            times = np.bincount(which, minlength=len(first)).tolist()
            for row, day, rows in zip(first.tolist(), read, times, strict=True):
                self.tally.add(fields.text(row, column), rows, day is not None)
            bad[unusual] = np.array([day is None for day in read], dtype=np.bool_)[which]
            days[unusual] = np.array([day or 0 for day in read], dtype=np.int32)[which]
        return days, blank, bad

    def _read(self, text: str) -> int | None:
        if text not in self._met:
            if len(self._met) > self._REMEMBERED:
                self._met.clear()
            self._met[text] = parse.date(text)
        return self._met[text]


# --- codes -------------------------------------------------------------------


class _Keys:
    """Texts of up to 24 bytes as numbers that are equal exactly when the texts are.

    A text is its length and three eight-byte words: its first 8 bytes, the
    next 8, and its last 8 where it is longer than 16.
    """

    LONGEST = 24

    def __init__(self, buffer: bytes, starts: NDArray[Any], lengths: NDArray[Any]) -> None:
        word, masks = words_of(buffer), WORD_MASKS
        longest, shortest = int(lengths.max(initial=0)), int(lengths.min(initial=0))
        first = word[starts]
        first &= masks[min(longest, 8) if longest == shortest else np.minimum(lengths, 8)]
        self._parts: list[NDArray[Any]] = [lengths, first]
        if longest > 8:
            second = word[starts + 8]
            second &= masks[np.clip(lengths - 8, 0, 8)]
            self._parts.append(second)
        if longest > 16:
            third = word[np.maximum(starts + lengths - 8, 0)]
            third[lengths <= 16] = 0
            self._parts.append(third)

    def __getitem__(self, row: int) -> tuple[int, ...]:
        key = tuple(int(part[row]) for part in self._parts)
        return key + (0,) * (4 - len(key))

    def equal(self, key: tuple[int, ...]) -> Bools:
        """Which rows have this key."""
        found: Bools = self._parts[0] == key[0]
        for part, number in zip(self._parts[1:], key[1:], strict=False):
            found &= part == np.uint64(number)
        return found


class CodeReader:
    """Reads a column that holds few different texts, each decoded once.

    ``read`` is the scalar function; what it returns is remembered per text, and
    the values of a block are compared with the texts met so far all at once.
    """

    _MOST_COMPARED = 48

    def __init__(self, read: Callable[[str], Any], tally: Tally | None = None) -> None:
        self._read = read
        #: What the values of the column came to.
        self.tally = tally or Tally()
        self._codes: dict[str, int] = {}
        self._texts: list[str] = []
        self._keys: dict[tuple[int, ...], int] = {}
        #: What each code stands for; None for a text that cannot be read.
        self.meanings: list[Any] = []

    def __call__(self, fields: Fields, column: int) -> tuple[NDArray[np.int32], Bools]:
        """Per row the index into ``meanings`` (0 where blank), and which values are blank."""
        starts, lengths = fields.starts[:, column], fields.lengths[:, column]
        blank = lengths == 0
        codes = np.where(blank, 0, -1).astype(np.int32)
        if blank.all():
            return codes, blank
        keys = _Keys(fields.buffer, starts, lengths)
        for key, code in self._keys.items():
            codes[keys.equal(key)] = code
        while len(rest := np.flatnonzero(codes < 0)):
            row = int(rest[0])
            if lengths[row] > _Keys.LONGEST or len(self._keys) >= self._MOST_COMPARED:
                codes[rest] = [self._code(fields.text(r, column)) for r in rest.tolist()]
                break
            code = self._keys[keys[row]] = self._code(fields.text(row, column))
            codes[keys.equal(keys[row])] = code
        self._count(codes, blank)
        return codes, blank

    def _count(self, codes: NDArray[np.int32], blank: Bools) -> None:
        self.tally.filled += len(blank) - int(np.count_nonzero(blank))
        rows = np.bincount(codes[~blank], minlength=len(self.meanings))
        for code in np.flatnonzero(rows).tolist():
            readable = self.meanings[code] is not None
            if not readable or self.tally.convention is not None:
                self.tally.add(self._texts[code], int(rows[code]), readable)

    def _code(self, text: str) -> int:
        if text not in self._codes:
            self._codes[text] = len(self.meanings)
            self._texts.append(text)
            self.meanings.append(self._read(text))
        return self._codes[text]

    def that_mean(self, meaning: str | None, codes: NDArray[np.int32], blank: Bools) -> Bools:
        """Which of these values mean this; None is what cannot be read."""
        if not self.meanings:
            return np.zeros(len(codes), dtype=np.bool_)
        same = np.array([each == meaning for each in self.meanings], dtype=np.bool_)
        found: Bools = same[codes] & ~blank
        return found


def lookup_texts(meanings: Sequence[str | None]) -> tuple[Views, bytes]:
    """String views of a list of texts (None reads as empty) and the pool they point into."""
    encoded = [(meaning or "").encode("utf-8") for meaning in meanings] or [b""]
    lengths = np.array([len(each) for each in encoded], dtype=np.int32)
    starts = np.cumsum(lengths) - lengths
    pool = b"".join(encoded) + bytes(PADDING)
    return views(pool, starts, lengths), pool
