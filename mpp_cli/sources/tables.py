"""mpp's own case-level format: which rows of a file can be used, and why not.

A :class:`TableReader` judges the rows of one file by themselves: values that
cannot be read, dates that are missing, codes that nobody knows. What needs
other rows (duplicates, conflicts, orphans) is judged in
:mod:`mpp_cli.accounts` once all files are read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from typing import Any

import nanoarrow as na
import numpy as np
from numpy.typing import NDArray

from mpp_cli.sources import values, vectors
from mpp_cli.sources.fields import Fields
from mpp_cli.sources.schema import AGGREGATES, STORED_AS, Column, Table
from mpp_cli.sources.tally import Tally, of_count, of_date

#: Reasons for which a row is set aside by its own values, in the order of judgement.
VALUE_REASONS = (
    "missing_case_id",
    "missing_date",
    "unreadable_date",
    "unknown_value",
    "not_a_count",
)

#: The kinds of columns that another convention reads otherwise.
_CONVENTIONS = {"date": of_date, "count": of_count}

#: More lines below a table than these are no notes on it.
_MOST_NOTES = 100

#: What a reader of codes returns for a value whose row is not part of the question.
_OUTSIDE = "outside"


#: The columns of an engine's table of rows that cannot be used.
SET_ASIDE_COLUMNS = {
    "_file": "INTEGER",
    "_line": "BIGINT",
    "reason": "VARCHAR",
    "reason_column": "VARCHAR",
    "raw": "VARCHAR",
}


@dataclass(frozen=True)
class SetAside:
    """A row that cannot be used: where it is, why, in which column, and its text."""

    line: int
    reason: str
    column: str
    raw: str


@dataclass
class Judged:
    """The rows of one block after judgement.

    ``batch`` holds the rows to use (None when there are none), ``set_aside``
    the others, ``outside`` how many are not part of the question, by rule.
    """

    batch: Any
    set_aside: list[SetAside]
    outside: Counter[str]


@dataclass
class _Read:
    """One column of a block: which values are blank, which unreadable, and how to store them."""

    blank: vectors.Bools
    bad: vectors.Bools
    array: Callable[[NDArray[np.int64]], Any]
    outside: vectors.Bools | None = None
    #: What the value of a row means, for a column of codes; None where it cannot be read.
    meaning: Callable[[int], Any] = lambda row: None


class TableReader:
    """Judges the rows of one file of an event table.

    ``header`` are the file's normalised column names, ``keep`` the names of the
    columns to hand on (every column is judged, kept or not).
    """

    def __init__(self, table: Table, header: list[str], file: int, keep: Container[str]) -> None:
        self._table, self._header, self._file = table, header, file
        self._keep = keep
        #: What the values of each column came to, as far as not every text can be read.
        self.tallies = {
            column.name: Tally(_CONVENTIONS.get(column.kind))
            for column in table.columns
            if column.name in header and column.unreadable
        }
        self._last_full, self._only_id = 0, list[int]()
        #: Rows of encounters that were set aside, by fiscal year, month and component.
        self.lost_months: Counter[tuple[int | None, int | None, str | None]] = Counter()
        #: Rows of published figures that were set aside, by measure and day.
        self.lost_figures: Counter[tuple[str | None, int | None]] = Counter()
        self._readers: dict[str, Any] = {
            column.name: _reader(column, self.tallies.get(column.name))
            for column in table.columns
            if column.name in header
        }

    def judge(self, fields: Fields) -> Judged:
        """Judge the rows of one block."""
        rows = len(fields)
        reads = {
            name: self._read(fields, name)
            for name in self._header
            if name and (name in self._readers or name in self._keep)
        }
        outside, rules = np.zeros(rows, dtype=np.bool_), Counter[str]()
        for column in self._table.columns:
            read = reads.get(column.name)
            if read is not None and read.outside is not None and read.outside.any():
                (rule,) = column.outside
                rules[rule] += int(np.count_nonzero(read.outside & ~outside))
                outside |= read.outside
        why, where = self._reasons(reads, outside)
        if self._table.name == "cases" and len(self._header) > 1:
            self._look_below(fields)
        used = np.flatnonzero((why == 0) & ~outside)
        if why.any():
            self._count_lost(fields, reads, np.flatnonzero(why).tolist())
        set_aside = [
            SetAside(
                int(fields.lines[row]),
                VALUE_REASONS[why[row] - 1],
                self._table.columns[where[row]].name,
                fields.raw(row),
            )
            for row in np.flatnonzero(why).tolist()
        ]
        batch = self._batch(fields, reads, used) if len(used) else None
        return Judged(batch, set_aside, rules)

    @property
    def notes_below(self) -> list[int]:
        """The lines below the last full row of which only the id is filled, as far as kept."""
        return sorted(line for line in self._only_id if line > self._last_full > 0)

    def _look_below(self, fields: Fields) -> None:
        only_id = np.count_nonzero(fields.lengths, axis=1) == 1
        only_id &= fields.lengths[:, self._header.index("case_id")] > 0
        full = fields.lines[~only_id]
        if len(full):
            self._last_full = max(self._last_full, int(full.max()))
        if only_id.any():
            lines = [*self._only_id, *fields.lines[only_id].tolist()]
            self._only_id = [line for line in lines if line > self._last_full][:_MOST_NOTES]

    def _count_lost(self, fields: Fields, reads: dict[str, _Read], rows: Sequence[int]) -> None:
        """Count the months, or the published figures, that the rows set aside are about."""
        if self._table.name == "encounters":
            component = reads.get("component")
            for row in rows:
                year, month = (reads[name].meaning(row) for name in ("fiscal_year", "month"))
                of = None if component is None else component.meaning(row)
                if component is not None and component.bad[row]:
                    of = ""
                self.lost_months[year, month, of] += 1
        elif self._table.name == AGGREGATES:
            place = self._header.index("as_of")
            for row in rows:
                day = values.date(fields.text(row, place))
                self.lost_figures[reads["measure"].meaning(row), day] += 1

    def _read(self, fields: Fields, name: str) -> _Read:
        place = self._header.index(name)
        reader = self._readers.get(name)
        if reader is None:
            return _read_text(fields, place)
        read: _Read = reader(fields, place)
        return read

    def _reasons(
        self, reads: dict[str, _Read], outside: vectors.Bools
    ) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
        """Per row the reason (1-based, 0 = usable) and the column that gives it."""
        why = np.zeros(len(outside), dtype=np.int8)
        where = np.zeros(len(outside), dtype=np.int8)
        for number, reason in enumerate(VALUE_REASONS, start=1):
            for place, column in enumerate(self._table.columns):
                read = reads.get(column.name)
                if read is None:
                    continue
                for cause, mask in ((column.blank, read.blank), (column.unreadable, read.bad)):
                    if cause == reason and mask.any():
                        hit = mask & (why == 0) & ~outside
                        why[hit], where[hit] = number, place
        return why, where

    def _batch(self, fields: Fields, reads: dict[str, _Read], used: NDArray[np.int64]) -> Any:
        blanked = np.zeros(len(fields), dtype=np.int32)
        for place, column in enumerate(self._table.columns):
            if column.unreadable == "blanked" and column.name in reads:
                blanked |= reads[column.name].bad.astype(np.int32) << place
        raw = vectors.views(fields.buffer, fields.key_start[used], fields.key_length[used])
        file = np.full(len(used), self._file, dtype=np.int32)
        columns = {
            "_file": vectors.integer_array(na.int32(), file),
            "_line": vectors.integer_array(na.int64(), fields.lines[used]),
            "_blanked": vectors.integer_array(na.int32(), blanked[used]),
            "_key": vectors.text_array(raw, fields.buffer),
        }
        for name in self._header:
            if name in reads and name in self._keep:
                columns[self._table.stored(name)] = reads[name].array(used)
        return vectors.batch(columns, len(used))


def _read_text(fields: Fields, place: int) -> _Read:
    starts, lengths = fields.starts[:, place], fields.lengths[:, place]
    blank = lengths == 0

    def array(used: NDArray[np.int64]) -> Any:
        views = vectors.views(fields.buffer, starts[used], lengths[used])
        return vectors.text_array(views, fields.buffer, blank[used])

    return _Read(blank, np.zeros(len(blank), dtype=np.bool_), array)


def _reader(column: Column, tally: Tally | None) -> Callable[[Fields, int], _Read]:
    """The reader of one column; it remembers what it has met from block to block."""
    if column.kind == "text" and not column.aliases:
        return _read_text
    if column.kind == "date":
        dates = vectors.DateReader(tally)

        def read_date(fields: Fields, place: int) -> _Read:
            days, blank, bad = dates(fields, place)
            null = blank | bad
            return _Read(
                blank, bad, lambda used: vectors.integer_array(na.date32(), days[used], null[used])
            )

        return read_date
    scalar: dict[str, Callable[[str], Any]] = {
        "boolean": values.boolean,
        "count": values.count,
        "fiscal_year": values.fiscal_year,
        "month": values.month,
        "text": lambda text: column.aliases.get(values.name_key(text), text),
        "region": _region,
        "enum": _enumeration(column),
    }
    codes = vectors.CodeReader(scalar[column.kind], tally)

    def read_codes(fields: Fields, place: int) -> _Read:
        found, blank = codes(fields, place)
        bad = codes.that_mean(None, found, blank)
        outside = codes.that_mean(_OUTSIDE, found, blank) if column.outside else None
        if outside is not None and column.kind == "region" and column.default is None:
            outside |= blank
        return _Read(
            blank,
            bad,
            lambda used: _codes_array(column, codes, found, blank | bad, used),
            outside,
            lambda row: None if blank[row] else codes.meanings[found[row]],
        )

    return read_codes


def _region(text: str) -> str | None:
    """The southwest, or a region whose rows are outside; None for a word that may be either."""
    if values.region(text) == "southwest":
        return "southwest"
    return None if values.seems_southwest(text) else _OUTSIDE


def _enumeration(column: Column) -> Callable[[str], str | None]:
    """A reader of codes that tells those whose rows are not part of the question."""
    known = values.enumeration(column)
    others = {values.name_key(each) for listed in column.outside.values() for each in listed}
    if not others:
        return known
    return lambda text: _OUTSIDE if values.name_key(text) in others else known(text)


def _codes_array(
    column: Column,
    codes: vectors.CodeReader,
    found: NDArray[np.int32],
    null: vectors.Bools,
    used: NDArray[np.int64],
) -> Any:
    """The values of a column of codes; a blank one is its default where it has one."""
    meanings = codes.meanings or [None]
    picked, null = found[used], null[used]
    if column.kind == "enum":
        # Small integers, see Engine.create: the default, or NULL, where the value is none.
        places = {value: place for place, value in enumerate(column.values, start=1)}
        none = places.get(column.default or "", 0)
        coded = np.array([places.get(meaning, 0) for meaning in meanings], dtype=np.int8)[picked]
        coded[null] = none
        return vectors.integer_array(na.int8(), coded)
    if STORED_AS[column.kind] == "VARCHAR":
        if column.default in (*column.values, "southwest"):
            picked = np.where(null, len(meanings), picked)
            null = np.zeros(len(used), dtype=np.bool_)
        views, pool = vectors.lookup_texts([*meanings, column.default])
        return vectors.text_array(views[picked], pool, null)
    if column.kind == "boolean":
        truth = np.array([meaning == "true" for meaning in meanings], dtype=np.bool_)
        return vectors.boolean_array(truth[picked], null)
    stored = STORED_AS[column.kind]
    numbers = np.array([meaning or 0 for meaning in meanings], dtype=np.int64)[picked]
    if stored == "INTEGER":
        return vectors.integer_array(na.int32(), numbers.astype(np.int32), null)
    return vectors.integer_array(na.int64(), numbers, null)
