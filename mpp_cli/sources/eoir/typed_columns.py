"""Columns of a release as typed columns of an engine's table."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import nanoarrow as na
import numpy as np
from numpy.typing import NDArray

from mpp_cli.sources.eoir.reading import parse_integers
from mpp_cli.sources.prevalidated import SettledFile
from mpp_cli.sources.readers.fields import Fields
from mpp_cli.sources.values import arrow_columns
from mpp_cli.sources.values.tally import Tally
from mpp_cli.sources.values.validate import SetAside

#: What every table of a release holds besides its columns.
ROW_COLUMNS = {"_file": "INTEGER", "_line": "BIGINT", "_print": "UBIGINT"}

#: Dates outside these are typing errors, taken as they are written and warned of.
USUAL_DATES = (datetime.date(1950, 1, 1), datetime.date(2100, 12, 31))

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


@dataclass
class Judged:
    """The values of rows, by the name under which they are stored.

    ``numbers`` are those of ids and dates, ``bad`` tells which values are not
    to be read. ``used`` are the rows that can be used, ``blanked`` those of them with a value
    that was read as blank.
    """

    numbers: dict[str, Any]
    bad: dict[str, arrow_columns.Bools]
    used: NDArray[np.int64]
    blanked_rows: arrow_columns.Bools
    set_aside: list[SetAside]
    blanked: list[SetAside]


class Typist:
    """Reads the values of one file's rows; it remembers the odd ones from block to block."""

    def __init__(
        self, columns: tuple[Column, ...], places: Mapping[str, int], account: SettledFile
    ) -> None:
        self.columns = [each for each in columns if each.name in places]
        #: Where the columns stand among the fields that are read.
        self.places = {name: number for number, name in enumerate(places)}
        self._account = account
        self._dates = {
            each.name: arrow_columns.DateReader() for each in columns if each.kind == "date"
        }
        self._tallies = {name: each.tally for name, each in self._dates.items()}
        self._tallies |= {each.name: Tally() for each in columns if each.letters}
        account.tallies.update(self._tallies)

    def judge(self, fields: Fields) -> Judged:
        """Which rows of trimmed fields can be used, and which of their values are blank."""
        judged = Judged({}, {}, np.empty(0, np.int64), np.zeros(len(fields), np.bool_), [], [])
        missing = np.zeros(len(fields), dtype=np.bool_)
        unread: list[tuple[str, arrow_columns.Bools]] = []
        for column in self.columns:
            place = self.places[column.name]
            if column.kind == "id":
                ids, good = read_ids(fields, place)
                for row in np.flatnonzero(~good & ~missing).tolist():
                    judged.set_aside.append(_lost(fields, row, "missing_case_id", column.name))
                missing |= ~good
                judged.numbers[column.stored], judged.bad[column.stored] = ids, ~good
            elif column.kind == "date":
                days, blank, bad = self._dates[column.name](fields, place)
                judged.numbers[column.stored], judged.bad[column.stored] = days, blank | bad
                unread.append((column.name, bad))
            elif column.letters:
                bad = _other_letter(fields, place, column.letters)
                blank = fields.lengths[:, place] == 0
                judged.bad[column.stored] = bad | blank
                self._tallies[column.name].filled += int(np.count_nonzero(~blank))
                for row in np.flatnonzero(bad).tolist():
                    self._tallies[column.name].add(fields.text(row, place), 1, False)
                unread.append((column.name, bad))
            else:
                judged.bad[column.stored] = fields.lengths[:, place] == 0
        judged.used = np.flatnonzero(~missing)
        for name, bad in unread:
            if bad.any():
                judged.blanked_rows |= bad
                for row in np.flatnonzero(bad & ~missing).tolist():
                    judged.blanked.append(_lost(fields, row, "blanked", name))
        return judged

    def read(self, fields: Fields) -> Typed:
        """The values of rows of trimmed fields, for the engine."""
        judged = self.judge(fields)
        typed = Typed(None, judged.set_aside, judged.blanked)
        used = judged.used
        if len(used):
            key = arrow_columns.views(
                fields.buffer, fields.key_start[used], fields.key_length[used]
            )
            file = np.full(len(used), self._account.number, dtype=np.int32)
            columns = {
                "_file": arrow_columns.integer_array(na.int32(), file),
                "_line": arrow_columns.integer_array(na.int64(), fields.lines[used]),
                "_key": arrow_columns.text_array(key, fields.buffer),
            }
            for column in self.columns:
                null = judged.bad[column.stored][used]
                if column.stored in judged.numbers:
                    kind = na.int64() if column.kind == "id" else na.date32()
                    numbers = judged.numbers[column.stored][used]
                    columns[column.stored] = arrow_columns.integer_array(kind, numbers, null)
                else:
                    place = self.places[column.name]
                    starts, lengths = fields.starts[used, place], fields.lengths[used, place]
                    text = arrow_columns.views(fields.buffer, starts, lengths)
                    columns[column.stored] = arrow_columns.text_array(text, fields.buffer, null)
            typed.batch = arrow_columns.batch(columns, len(used))
        return typed


def read_ids(fields: Fields, place: int) -> tuple[Any, arrow_columns.Bools]:
    """The numbers of a column, and which values are numbers."""
    lengths = fields.lengths[:, place].astype(np.int64)
    ids, good = parse_integers.numbers(fields.buffer, fields.starts[:, place] + lengths, lengths)
    for row in np.flatnonzero(~good).tolist():
        found = parse_integers.number(fields.text(row, place))
        if found is not None:
            ids[row], good[row] = found, True
    return ids, good


def _lost(fields: Fields, row: int, reason: str, column: str) -> SetAside:
    return SetAside(int(fields.lines[row]), reason, column, fields.raw(row))


def _other_letter(fields: Fields, place: int, letters: str) -> arrow_columns.Bools:
    """Which values are neither blank nor one of these letters."""
    lengths = fields.lengths[:, place]
    first = np.frombuffer(fields.buffer, dtype=np.uint8)[fields.starts[:, place]]
    known = np.isin(first, np.frombuffer(letters.encode(), dtype=np.uint8)) & (lengths == 1)
    found: arrow_columns.Bools = ~known & (lengths > 0)
    return found
