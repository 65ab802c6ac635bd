"""Proceedings as rows of whole numbers, small enough to keep all that a release holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mpp_cli.sources.eoir.cases.codebook import Codebook
from mpp_cli.sources.eoir.typed_columns import Column, Typist
from mpp_cli.sources.prevalidated import SettledFile
from mpp_cli.sources.readers.fields import WORD_MASKS, Fields, words_of
from mpp_cli.sources.values.validate import SetAside

#: A date that is not there. It is later than every other, so that the earliest
#: of several dates is their least.
NO_DATE = np.iinfo(np.int32).max

_STORED_AS = {"id": "<i8", "date": "<i4", "code": "<i4", "letter": "u1"}
_WORD = 8
_MIX = np.uint64(0xFF51AFD7ED558CCD)
_HALF = np.uint64(32)


def kind(columns: tuple[Column, ...]) -> np.dtype[Any]:
    """The fields of a row: its line, a fingerprint, whether a value was blanked, the columns."""
    own = [("line", "<i8"), ("print", "<u8"), ("blanked", "?")]
    return np.dtype([*own, *((each.stored, _STORED_AS[each.kind]) for each in columns)])


@dataclass
class Kept:
    """Rows of a block as records of :func:`kind`, and what was lost."""

    records: NDArray[Any]
    set_aside: list[SetAside]
    blanked: list[SetAside]


class Keeper:
    """Makes rows of whole numbers of one file's fields.

    A blank code is 0 in its column's book, a blank letter is 0, a blank date
    ``NO_DATE``; a column that the file lacks is all blank.
    """

    def __init__(
        self, columns: tuple[Column, ...], places: Mapping[str, int], account: SettledFile
    ) -> None:
        self.kind = kind(columns)
        self.books = {each.stored: Codebook() for each in columns if each.kind == "code"}
        self._columns = columns
        self._typist = Typist(columns, places, account)

    def read(self, fields: Fields) -> Kept:
        """The rows of these fields that can be used."""
        judged = self._typist.judge(fields)
        records = np.zeros(len(fields), dtype=self.kind)
        records["line"] = fields.lines
        records["print"] = fingerprints(fields)
        records["blanked"] = judged.blanked_rows
        letters = np.frombuffer(fields.buffer, dtype=np.uint8)
        for column in self._columns:
            name = column.stored
            if column.name not in self._typist.places:
                if column.kind == "date":
                    records[name] = NO_DATE
                continue
            place = self._typist.places[column.name]
            if column.kind == "code":
                records[name] = self.books[name].read(fields, place)
            elif column.kind == "letter":
                found = letters[fields.starts[:, place]]
                records[name] = np.where(judged.bad[name], np.uint8(0), found)
            elif column.kind == "date":
                records[name] = np.where(judged.bad[name], NO_DATE, judged.numbers[name])
            else:
                records[name] = judged.numbers[name]
        if len(judged.used) < len(records):
            records = records[judged.used]
        return Kept(records, judged.set_aside, judged.blanked)


def fingerprints(fields: Fields) -> NDArray[np.uint64]:
    """A number for each row that is equal where all fields are, and hardly ever elsewhere."""
    text = words_of(fields.buffer)
    at, left = fields.key_start.copy(), fields.key_length.copy()
    found = left.astype(np.uint64)
    whole = int(left.min(initial=0 if not len(left) else np.iinfo(np.int64).max)) // _WORD
    for _ in range(whole):
        found ^= text[at]
        found *= _MIX
        found ^= found >> _HALF
        at += _WORD
    left -= whole * _WORD
    rows = np.flatnonzero(left)
    while len(rows):
        word = text[at[rows]] & WORD_MASKS[np.minimum(left[rows], _WORD)]
        mixed = (found[rows] ^ word) * _MIX
        mixed ^= mixed >> _HALF
        found[rows] = mixed
        at += _WORD
        left -= _WORD
        rows = rows[left[rows] > 0]
    return found
