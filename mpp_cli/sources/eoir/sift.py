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
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mpp_cli.sources.eoir import hops
from mpp_cli.sources.eoir.ids import IdSet
from mpp_cli.sources.eoir.lines import BLOCK_BYTES, Block
from mpp_cli.sources.eoir.numbers import number, numbers
from mpp_cli.sources.eoir.trim import trimmed
from mpp_cli.sources.fields import Fields

_TAB, _NEWLINE, _SPACE = 9, 10, 32

#: A line longer than this is looked at one by one; no real one comes near.
_LONGEST = 60_000

#: From this column on it is faster to find all tabs than to hop.
_FAR = 10

Positions = NDArray[np.int64]

_OWN = threading.local()


@dataclass(frozen=True)
class Wanted:
    """What to look for in the lines of a file.

    ``width`` is the number of its fields and ``key`` the place of the case
    number. ``keep`` are the cases whose lines are read. Cases are noticed when a
    line says one of ``codes``, each of three letters, at ``place``, and has a number
    at ``own``, without which it is of no use; or when they are in ``watch``. None
    looks for none.
    """

    width: int
    key: int
    keep: IdSet
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
    fields: Fields | None
    odd: list[tuple[int, bytes]]
    noticed: Positions
    offset: int | None = None


def sift(block: Block, wanted: Wanted) -> Sifted:
    """Sift a block of text without NULs; its buffer is free to be used again afterwards."""
    data, padded = memoryview(block.buffer)[: block.size], block.buffer
    text = np.frombuffer(data, dtype=np.uint8)
    mark = _scratch(len(text))
    ends = np.flatnonzero(np.equal(text, _NEWLINE, out=mark)) + 1
    starts = np.concatenate((np.zeros(1, np.int64), ends[:-1]))
    odd = _odd(np.equal(text, _TAB, out=mark), starts, ends, wanted.width)
    even = np.flatnonzero(~odd)
    fields = _fields(padded, text, starts[even], ends[even], wanted)
    begin, end = fields[wanted.key]
    ids, good = numbers(padded, end, end - begin)
    odd[even[~good]] = True
    kept = wanted.keep.has(ids) & good
    noticed = np.empty(0, dtype=np.int64)
    if wanted.place is not None:
        begin, end = fields[wanted.place]
        here = np.flatnonzero(_is_code(padded, begin, end, wanted.codes) & good)
        if wanted.own is not None:
            begin, end = fields[wanted.own]
            here = here[_are_numbers(padded, begin[here], end[here])]
        noticed = np.unique(ids[here])
    if wanted.watch is not None:
        noticed = ids[wanted.watch.has(ids) & good]
    rows = even[kept]
    if len(rows) and text.max() > 127:
        wide = np.searchsorted(ends, np.flatnonzero(text > 127), side="right")
        beyond = np.isin(rows, wide)
        odd[rows[beyond]] = True
        rows = rows[~beyond]
    careful = np.flatnonzero(odd)
    found = Sifted(
        lines=len(ends),
        other=len(ends) - len(rows) - len(careful),
        fields=trimmed(data, starts[rows], ends[rows], rows, wanted.width) if len(rows) else None,
        odd=[(line, bytes(data[starts[line] : ends[line]])) for line in careful.tolist()],
        noticed=noticed,
        offset=block.offset,
    )
    block.done()
    return found


def _scratch(size: int) -> NDArray[np.bool_]:
    """Memory for one mark per byte, which each thread has for itself and uses again."""
    marks: NDArray[np.bool_] | None = getattr(_OWN, "marks", None)
    if marks is None or len(marks) < size:
        marks = _OWN.marks = np.empty(max(size, BLOCK_BYTES), dtype=np.bool_)
    return marks[:size]


def _odd(
    tab: NDArray[np.bool_], starts: Positions, ends: Positions, width: int
) -> NDArray[np.bool_]:
    """Which lines have another number of tabs than there are between ``width`` fields."""
    # Numbers of 16 bits are summed many times faster than greater ones; a line
    # in which they could overflow is odd in any case.
    tabs = np.add.reduceat(tab.view(np.uint8), starts, dtype=np.uint16)
    odd: NDArray[np.bool_] = tabs != width - 1
    odd |= ends - starts > _LONGEST
    return odd


def _fields(
    padded: bytearray, text: NDArray[np.uint8], starts: Positions, ends: Positions, wanted: Wanted
) -> dict[int, hops.Field]:
    """Where the needed fields of these lines begin and end; none of the lines is odd."""
    asked = (wanted.key, wanted.place, wanted.own)
    places = tuple(place for place in asked if place is not None)
    if max(places) < min(wanted.width - 1, _FAR):
        found = hops.fields(padded, starts, places)
        if found is not None:
            return found
    # Long fields, or a column far from the start: then all separators are found.
    mark = text == _TAB
    mark |= text == _NEWLINE
    separators = np.flatnonzero(mark)
    first = np.searchsorted(separators, starts)
    return {
        place: (separators[first + place - 1] + 1 if place else starts, separators[first + place])
        for place in places
    }


def _are_numbers(padded: bytearray, begin: Positions, end: Positions) -> NDArray[np.bool_]:
    """Which fields are numbers, padding aside."""
    _, found = numbers(padded, end, end - begin)
    for row in np.flatnonzero(~found).tolist():
        text = padded[begin[row] : end[row]].decode("cp1252", "replace")
        found[row] = number(text.strip()) is not None
    return found


def _is_code(
    padded: bytearray, begin: Positions, end: Positions, codes: tuple[str, ...]
) -> NDArray[np.bool_]:
    """Which fields are one of these codes of three letters, padding aside."""
    words = np.ndarray((len(padded) - 3,), dtype="<u4", buffer=padded, strides=(1,))
    letters = words[begin] & np.uint32(0xFFFFFF)
    found = np.zeros(len(begin), dtype=np.bool_)
    for code in codes:
        found |= letters == int.from_bytes(code.encode(), "little")
    length = end - begin
    # A field of another length may be padded; those few are looked at one by one.
    unsure = (found & (length > 3)) | ((letters & np.uint32(0xFF)) <= _SPACE) & (length > 3)
    found &= length == 3
    for row in np.flatnonzero(unsure).tolist():
        found[row] = padded[begin[row] : end[row]].decode("cp1252", "replace").strip() in codes
    return found
