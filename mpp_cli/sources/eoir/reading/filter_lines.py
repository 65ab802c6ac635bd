"""One block of lines: which are about wanted cases, and which are odd.

Everything here works on a whole block at once. Most lines are about other
cases: of these nothing is read but their number of fields, their case number
and, where it is asked for, their hearing location. A line is odd when its number of
fields is not that of the header, when its case number is not plain digits, or
when it is wanted and holds bytes beyond ASCII. Odd lines are for the careful
reader.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mpp_cli.sources.eoir.reading.field_positions import Lines
from mpp_cli.sources.eoir.reading.id_sets import IdSet
from mpp_cli.sources.eoir.reading.line_blocks import BLOCK_BYTES, Block
from mpp_cli.sources.eoir.reading.parse_integers import number, numbers
from mpp_cli.sources.eoir.reading.trim_fields import trimmed
from mpp_cli.sources.readers.fields import Fields, texts_of

_TAB, _NEWLINE, _SPACE, _ASCII = 9, 10, 32, 127

_LOW = np.uint32(0xFF)

#: A block with more lines than these is sifted in parts; no real one comes near.
MOST_LINES = 200_000

_ODD_AT_ONCE = 10_000

Positions = NDArray[np.int64]

_OWN = threading.local()


@dataclass(frozen=True)
class Wanted:
    """What to look for in the lines of a file.

    ``width`` is the number of its fields and ``key`` the place of the case
    number. ``keep`` are the cases whose lines are read. Cases are noticed when a
    line says one of ``codes``, each of three letters, at ``place``, and has a number
    at ``own``, without which it is of no use; or when they are in ``watch``. None
    looks for none. The fields that are read are those of ``columns``, in their order.
    """

    width: int
    key: int
    keep: IdSet
    columns: tuple[int, ...] = ()
    place: int | None = None
    codes: tuple[str, ...] = ()
    watch: IdSet | None = None
    own: int | None = None

    def notices(self, row: list[str], case: int) -> bool:
        """Whether a row of trimmed fields makes its case noticed."""
        if self.place is not None and row[self.place] in self.codes:
            return self.own is None or number(row[self.own]) is not None
        return self.watch is not None and case in self.watch


@dataclass
class Sifted:
    """What one block held.

    ``lines`` counts its lines, ``other`` those of them that are ordinary and
    about other cases. ``fields`` are the wanted ordinary lines (their numbers
    count from 0 in the block), ``odd`` the lines for the careful reader by
    number, ``noticed`` the case numbers found by their location. ``offset`` is
    where in the file the block begins, as far as it is known.
    """

    lines: int
    other: int
    fields: list[Fields]
    odd: list[OddLines]
    noticed: Positions
    offset: int | None = None

    def joined(self, other: Sifted) -> Sifted:
        """This part of a block and the one behind it as one."""
        for fields in other.fields:
            fields.lines = fields.lines + self.lines
        for odd in other.odd:
            odd.numbers = odd.numbers + self.lines
        return Sifted(
            lines=self.lines + other.lines,
            other=self.other + other.other,
            fields=self.fields + other.fields,
            odd=self.odd + other.odd,
            noticed=np.concatenate((self.noticed, other.noticed)),
            offset=self.offset,
        )


@dataclass
class OddLines:
    """Lines by their numbers, each of which ends in ``text`` at one of ``ends``.

    A damaged file may have millions of them, so they become objects few at a time.
    """

    numbers: Positions
    text: bytes
    ends: Positions

    def parts(self) -> Iterator[list[tuple[int, bytes]]]:
        """The numbers and texts of some lines, and of the next, in order."""
        begin = 0
        for first in range(0, len(self.numbers), _ODD_AT_ONCE):
            some = slice(first, first + _ODD_AT_ONCE)
            part = []
            for line, end in zip(
                self.numbers[some].tolist(), self.ends[some].tolist(), strict=True
            ):
                part.append((line, self.text[begin:end]))
                begin = end
            yield part


def sift(block: Block, wanted: Wanted) -> Sifted:
    """Sift a block of text without NULs; its buffer is free to be used again afterwards."""
    data, padded = memoryview(block.buffer)[: block.size], block.buffer
    text = np.frombuffer(data, dtype=np.uint8)
    mark = _scratch(len(text))
    ends = _line_ends(np.equal(text, _NEWLINE, out=mark))
    if len(ends) > MOST_LINES:
        return _in_parts(block, ends, wanted)
    starts = np.concatenate((np.zeros(1, np.int64), ends[:-1]))
    tab = np.equal(text, _TAB, out=mark)
    lines = Lines(padded, text, tab, starts, ends, wanted.width, wanted.key, wanted.place)
    begin, end = lines.key()
    ids, good = numbers(padded, end, end - begin)
    odd = lines.odd | ~good
    kept = wanted.keep.has(ids) & ~odd
    noticed = np.empty(0, dtype=np.int64)
    if wanted.place is not None:
        here = np.flatnonzero(_is_code(padded, lines, wanted.place, wanted.codes) & ~odd)
        if wanted.own is not None:
            begin, end = lines.fields(here, wanted.own)
            here = here[_are_numbers(padded, begin, end)]
        noticed = np.unique(ids[here])
    if wanted.watch is not None:
        noticed = ids[wanted.watch.has(ids) & ~odd]
    rows = np.flatnonzero(kept)
    if len(rows) and text.max() > 127:
        wide = np.searchsorted(ends, np.flatnonzero(text > 127), side="right")
        beyond = np.isin(rows, wide)
        odd[rows[beyond]] = True
        rows = rows[~beyond]
    careful = np.flatnonzero(odd)
    found = Sifted(
        lines=len(ends),
        other=len(ends) - len(rows) - len(careful),
        fields=_fields(data, starts, ends, rows, wanted),
        odd=_odd(data, starts, ends, careful),
        noticed=noticed,
        offset=block.offset,
    )
    block.done()
    return found


def _in_parts(block: Block, ends: Positions, wanted: Wanted) -> Sifted:
    """The same of a block with so many lines that what is computed of them takes much memory."""
    begin, found = 0, Sifted(0, 0, [], [], np.empty(0, dtype=np.int64), block.offset)
    for end in [*ends[MOST_LINES - 1 : -1 : MOST_LINES].tolist(), block.size]:
        part = Block.of(bytes(memoryview(block.buffer)[begin:end]))
        found, begin = found.joined(sift(part, wanted)), end
    block.done()
    return found


def _fields(
    data: memoryview, starts: Positions, ends: Positions, rows: Positions, wanted: Wanted
) -> list[Fields]:
    if not len(rows):
        return []
    return [trimmed(data, starts[rows], ends[rows], rows, wanted.width, wanted.columns)]


def _odd(data: memoryview, starts: Positions, ends: Positions, lines: Positions) -> list[OddLines]:
    if not len(lines):
        return []
    starts, ends = starts[lines], ends[lines]
    text = texts_of(np.frombuffer(data, dtype=np.uint8), starts, ends)
    return [OddLines(lines, text.tobytes(), np.cumsum(ends - starts))]


def _scratch(size: int) -> NDArray[np.bool_]:
    """Memory for one mark per byte, which each thread has for itself and uses again."""
    marks: NDArray[np.bool_] | None = getattr(_OWN, "marks", None)
    if marks is None or len(marks) < size:
        marks = _OWN.marks = np.empty(max(size, BLOCK_BYTES), dtype=np.bool_)
    return marks[:size]


def _line_ends(newline: NDArray[np.bool_]) -> Positions:
    """Where lines end: the places after the newlines, of which the last byte is one."""
    whole = len(newline) & ~7
    words = newline[:whole].view(np.uint64)
    # Of these words of eight bytes few hold a newline, and hardly any holds two.
    places = np.flatnonzero(words != 0)
    found = words[places]
    rest = np.count_nonzero(newline[whole:])
    if rest > 1 or (found & (found - np.uint64(1))).any():
        return np.flatnonzero(newline) + 1
    below = np.bitwise_count((found & (~found + np.uint64(1))) - np.uint64(1)) >> 3
    ends = places * 8 + below + 1
    return np.append(ends, len(newline)) if rest else ends


def _are_numbers(padded: bytearray, begin: Positions, end: Positions) -> NDArray[np.bool_]:
    """Which fields are numbers, padding aside."""
    _, found = numbers(padded, end, end - begin)
    few = np.flatnonzero(~found)
    texts = _texts(padded, begin[few], end[few])
    found[few] = [number(text) is not None for text in texts]
    return found


def _is_code(
    padded: bytearray, lines: Lines, place: int, codes: tuple[str, ...]
) -> NDArray[np.bool_]:
    """In which lines, odd ones aside, a field is one of these codes of three letters.

    Padding does not matter.
    """
    begin = lines.begin()
    words = np.ndarray((len(padded) - 3,), dtype="<u4", buffer=padded, strides=(1,))
    word = words[begin]
    letters, behind, first = word & np.uint32(0xFFFFFF), word >> np.uint32(24), word & _LOW
    found = np.zeros(len(begin), dtype=np.bool_)
    for code in codes:
        found |= letters == int.from_bytes(code.encode(), "little")
    ended = (behind == _TAB) | (behind == _NEWLINE)
    # What begins with a blank or goes on after a code may be padded; those few are read.
    unsure = found & ~ended
    unsure |= (first <= _SPACE) & (first != _TAB) & (first != _NEWLINE)
    unsure |= first > _ASCII  # a blank beyond ASCII is one, too
    few = np.flatnonzero(unsure & ~lines.odd)
    if len(few):
        begin, end = lines.fields(few, place)
        found[few] = [text in codes for text in _texts(padded, begin, end)]
    return found


def _texts(padded: bytearray, begin: Positions, end: Positions) -> Iterator[str]:
    """Trimmed fields."""
    for first, last in zip(begin.tolist(), end.tolist(), strict=True):
        yield padded[first:last].decode("cp1252", "replace").strip()
