"""Columns of a release as typed columns of an engine's table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import nanoarrow as na
import numpy as np

from mpp_cli.sources import vectors
from mpp_cli.sources.eoir import numbers
from mpp_cli.sources.fields import Fields
from mpp_cli.sources.settled import SettledFile
from mpp_cli.sources.tables import SetAside

#: What every table of a release holds besides its columns.
ROW_COLUMNS = {"_file": "INTEGER", "_line": "BIGINT", "_print": "UBIGINT"}

_STORED_AS = {"id": "BIGINT", "date": "DATE", "code": "VARCHAR", "letter": "VARCHAR"}


@dataclass(frozen=True)
class Column:
    """A column that is read: its name in the release and the kind of its values.

    An ``id`` is a number, and a row without it is set aside; a ``date`` that
    cannot be read is read as blank, and so is a ``letter`` that is none of
    ``letters``; any ``code`` is taken as it is. It is stored under its name in
    lower case. An ``optional`` column may be missing: it is all blank then.
    """

    name: str
    kind: str
    letters: str = ""
    optional: bool = False

    @property
    def stored(self) -> str:
        """Its name in the engine."""
        return self.name.lower()


def stored(columns: tuple[Column, ...]) -> dict[str, str]:
    """The columns of an engine's table for these columns of a release."""
    return {**ROW_COLUMNS, **{each.stored: _STORED_AS[each.kind] for each in columns}}


@dataclass
class Typed:
    """Rows of a block as an Arrow batch, None when there are none, and what was lost."""

    batch: Any
    set_aside: list[SetAside]
    blanked: list[SetAside]


class Typist:
    """Reads the values of one file's rows; it remembers the odd ones from block to block."""

    def __init__(
        self, columns: tuple[Column, ...], places: dict[str, int], account: SettledFile
    ) -> None:
        self._columns = [each for each in columns if each.name in places]
        self._places, self._account = places, account
        self._dates = {each.name: vectors.DateReader() for each in columns if each.kind == "date"}

    def read(self, fields: Fields) -> Typed:
        """The values of rows of trimmed fields."""
        typed = Typed(None, [], [])
        makers: dict[str, Callable[[Any], Any]] = {}
        missing = np.zeros(len(fields), dtype=np.bool_)
        unread: list[tuple[str, vectors.Bools]] = []
        for column in self._columns:
            place = self._places[column.name]
            if column.kind == "id":
                ids, good = read_ids(fields, place)
                for row in np.flatnonzero(~good & ~missing).tolist():
                    typed.set_aside.append(_lost(fields, row, "missing_case_id", column.name))
                missing |= ~good
                makers[column.stored] = _numbers(na.int64(), ids, ~good)
            elif column.kind == "date":
                days, blank, bad = self._dates[column.name](fields, place)
                makers[column.stored] = _numbers(na.date32(), days, blank | bad)
                unread.append((column.name, bad))
            else:
                bad = _other_letter(fields, place, column.letters)
                makers[column.stored] = _texts(fields, place, bad)
                unread.append((column.name, bad))
        used = np.flatnonzero(~missing)
        for name, bad in unread:
            for row in np.flatnonzero(bad & ~missing).tolist():
                typed.blanked.append(_lost(fields, row, "blanked", name))
        if len(used):
            key = vectors.views(fields.buffer, fields.key_start[used], fields.key_length[used])
            file = np.full(len(used), self._account.number, dtype=np.int32)
            typed.batch = vectors.batch(
                {
                    "_file": vectors.integer_array(na.int32(), file),
                    "_line": vectors.integer_array(na.int64(), fields.lines[used]),
                    "_key": vectors.text_array(key, fields.buffer),
                    **{name: maker(used) for name, maker in makers.items()},
                },
                len(used),
            )
        return typed


def read_ids(fields: Fields, place: int) -> tuple[Any, vectors.Bools]:
    """The numbers of a column, and which values are numbers."""
    lengths = fields.lengths[:, place].astype(np.int64)
    ids, good = numbers.numbers(fields.buffer, fields.starts[:, place] + lengths, lengths)
    for row in np.flatnonzero(~good).tolist():
        found = numbers.number(fields.text(row, place))
        if found is not None:
            ids[row], good[row] = found, True
    return ids, good


def _lost(fields: Fields, row: int, reason: str, column: str) -> SetAside:
    return SetAside(int(fields.lines[row]), reason, column, fields.raw(row))


def _numbers(kind: Any, found: Any, null: vectors.Bools) -> Callable[[Any], Any]:
    return lambda used: vectors.integer_array(kind, found[used], null[used])


def _texts(fields: Fields, place: int, bad: vectors.Bools) -> Callable[[Any], Any]:
    starts, lengths = fields.starts[:, place], fields.lengths[:, place]
    null = bad | (lengths == 0)

    def make(used: Any) -> Any:
        views = vectors.views(fields.buffer, starts[used], lengths[used])
        return vectors.text_array(views, fields.buffer, null[used])

    return make


def _other_letter(fields: Fields, place: int, letters: str) -> vectors.Bools:
    """Which values are neither blank nor one of these letters; none where any code will do."""
    lengths = fields.lengths[:, place]
    if not letters:
        return np.zeros(len(lengths), dtype=np.bool_)
    first = np.frombuffer(fields.buffer, dtype=np.uint8)[fields.starts[:, place]]
    known = np.isin(first, np.frombuffer(letters.encode(), dtype=np.uint8)) & (lengths == 1)
    found: vectors.Bools = ~known & (lengths > 0)
    return found
