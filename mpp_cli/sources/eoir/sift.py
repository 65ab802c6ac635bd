"""One block of lines: which are about wanted cases, and which are odd.

Everything here works on a whole block at once. Most lines are about other
cases: of these nothing is read but their number of fields, their case number
and, where it is asked for, their hearing location. A line is odd when its number of
fields is not that of the header, when its case number is not plain digits, or
when it is wanted and holds bytes beyond ASCII. Odd lines are for the careful
reader.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mpp_cli.sources.eoir.ids import IdSet
from mpp_cli.sources.eoir.numbers import numbers
from mpp_cli.sources.eoir.trim import trimmed
from mpp_cli.sources.fields import PADDING, Fields

_TAB, _NEWLINE, _SPACE = 9, 10, 32

Positions = NDArray[np.int64]


@dataclass(frozen=True)
class Wanted:
    """What to look for in the lines of a file.

    ``width`` is the number of its fields and ``key`` the place of the case
    number. ``keep`` are the cases whose lines are read. Other cases are noticed
    when a line says one of ``codes``, each of three letters, at ``place``, or when they
    are in ``watch``; None looks for none.
    """

    width: int
    key: int
    keep: IdSet
    place: int | None = None
    codes: tuple[str, ...] = ()
    watch: IdSet | None = None

    def notices(self, row: list[str], case: int) -> bool:
        """Whether a row of trimmed fields makes its case noticed."""
        if self.place is not None and row[self.place] in self.codes:
            return True
        return self.watch is not None and case in self.watch


@dataclass
class Sifted:
    """What one block held.

    ``lines`` counts its lines, ``other`` those of them that are ordinary and
    about other cases. ``fields`` are the wanted ordinary lines (their numbers
    count from 0 in the block), ``odd`` the lines for the careful reader by
    number, ``noticed`` the case numbers found by their location.
    """

    lines: int
    other: int
    fields: Fields | None
    odd: list[tuple[int, bytes]]
    noticed: Positions


def sift(data: bytes, wanted: Wanted) -> Sifted:
    """Sift a block of text without NULs that ends with a newline."""
    padded = data + bytes(PADDING)
    text = np.frombuffer(data, dtype=np.uint8)
    mark = text == _TAB
    newline = text == _NEWLINE
    mark |= newline
    separators = np.flatnonzero(mark)
    last, odd = _lines(text, separators, int(np.count_nonzero(newline)), wanted.width)
    ends = separators[last] + 1
    starts = np.concatenate((np.zeros(1, np.int64), ends[:-1]))
    even = np.flatnonzero(~odd)
    first_field = last[even] - (wanted.width - 1)
    begin, end = _field(separators, starts[even], first_field, wanted.key)
    ids, good = numbers(padded, end, end - begin)
    odd[even[~good]] = True
    even, ids, first_field = even[good], ids[good], first_field[good]
    kept = wanted.keep.has(ids)
    noticed = np.empty(0, dtype=np.int64)
    if wanted.place is not None:
        begin, end = _field(separators, starts[even], first_field, wanted.place)
        noticed = np.unique(ids[_is_code(padded, begin, end, wanted.codes)])
    if wanted.watch is not None:
        noticed = np.unique(ids[wanted.watch.has(ids)])
    rows = even[kept]
    if len(rows) and not data.isascii():
        wide = np.searchsorted(ends, np.flatnonzero(text > 127), side="right")
        beyond = np.isin(rows, wide)
        odd[rows[beyond]] = True
        rows = rows[~beyond]
    careful = np.flatnonzero(odd)
    return Sifted(
        lines=len(ends),
        other=len(ends) - len(rows) - len(careful),
        fields=trimmed(data, starts[rows], ends[rows], rows, wanted.width) if len(rows) else None,
        odd=[(line, data[starts[line] : ends[line]]) for line in careful.tolist()],
        noticed=noticed,
    )


def _lines(
    text: NDArray[np.uint8], separators: Positions, lines: int, width: int
) -> tuple[Positions, NDArray[np.bool_]]:
    """For each line the place of its newline among the separators, and whether it is odd."""
    if len(separators) == lines * width:
        last = np.arange(width - 1, len(separators), width)
        if (text[separators[last]] == _NEWLINE).all():
            return last, np.zeros(lines, dtype=np.bool_)
    last = np.flatnonzero(text[separators] == _NEWLINE)
    return last, np.diff(last, prepend=-1) != width


def _field(
    separators: Positions, starts: Positions, first: Positions, place: int
) -> tuple[Positions, Positions]:
    """Where a field begins and ends, per line; ``first`` is where its separators begin."""
    end = separators[first + place]
    return (separators[first + place - 1] + 1 if place else starts), end


def _is_code(
    padded: bytes, begin: Positions, end: Positions, codes: tuple[str, ...]
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
