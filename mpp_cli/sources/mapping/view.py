"""What a table sees of the rows of a foreign file: its own columns in place of the file's.

The rows stay where they are. Values that are not changed are positions in the
block as before; the texts of changed ones, codes and dates, are made once for
each distinct value of a block and stand behind it. Then the table's columns of
all rows are brought together, so that rows that are alike to the table have the
same key.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mpp_cli.sources import values
from mpp_cli.sources.account import NO_EVENT, OTHER_ROWS
from mpp_cli.sources.columnar import SEPARATOR
from mpp_cli.sources.distinct import distinct
from mpp_cli.sources.fields import PADDING, Fields
from mpp_cli.sources.mapping import dates
from mpp_cli.sources.mapping.mapped import MappedColumn, MappedTable
from mpp_cli.sources.schema import Column, table

#: Stands before a text that the mapping does not know, so that no table knows it
#: either: a code or date that happens to look like one of mpp's own is none.
UNKNOWN = "?"

#: Texts of a column of which the meaning is remembered.
_REMEMBERED = 100_000

Positions = tuple[NDArray[np.int64], NDArray[np.int64]]


class View:
    """One table as it is seen in one file.

    ``header`` are the file's normalised column names. ``shared`` are headings
    that tell nothing about whether a row has something for this table, None
    where every row has. ``more`` are columns of the file, by their normalised names,
    that the table has besides those that are mapped.
    """

    def __init__(
        self,
        mapped: MappedTable,
        header: Sequence[str],
        shared: Collection[str] | None = None,
        more: Sequence[str] = (),
    ) -> None:
        known = {column.name for column in table(mapped.name).columns} | {*mapped.columns}
        # A column that is not mapped must not pass for the table's own of that name.
        named = {f"{name}_in_file" if name in known else name: name for name in more}
        mapped = replace(
            mapped, columns={**mapped.columns, **{to: MappedColumn(of) for to, of in named.items()}}
        )
        self.mapped = mapped
        self.columns = list(mapped.columns)
        places = {name: place for place, name in enumerate(header)}
        self._places = [
            None if each.heading is None else places[values.heading_key(each.heading)]
            for each in mapped.columns.values()
        ]
        self._translators = [
            _translator(table(mapped.name).column(name), each, mapped.blank)
            for name, each in mapped.columns.items()
        ]
        self._telling = self._telling_columns(shared)
        self._where = [
            (places[values.heading_key(heading)], texts) for heading, texts in mapped.where.items()
        ]
        #: Texts under the headings of ``where`` that rows have and that are not asked for.
        self._passed_over: set[str] = set()
        self._when = [places[values.heading_key(heading)] for heading in mapped.when or ()]

    def said_of_where(self) -> str:
        """What rows must have by ``where``, and what they have, where none has it."""
        found = ", ".join(f'"{text}"' for text in sorted(self._passed_over)[:5])
        wanted = " and ".join(
            f"{heading} = {' or '.join(sorted(texts))}"
            for heading, texts in self.mapped.where.items()
        )
        return f"no row has {wanted} (where in mpp.toml); there is {found or 'none with a value'}"

    def places_of(self, column: str) -> list[int]:
        """Where in the file a column of the table stands; nowhere where it is a constant."""
        of = zip(self.columns, self._places, strict=True)
        return [place for name, place in of if name == column and place is not None]

    def heading(self, column: str) -> str:
        """The file's heading of a column of the table; the column itself for a constant."""
        mapped = self.mapped.columns.get(column)
        return mapped.heading if mapped and mapped.heading is not None else column

    @property
    def event_heading(self) -> str:
        """The heading by which a row of a wide file says that it has this event."""
        day = table(self.mapped.name).date_column
        return self.heading(day) if day in self.columns else ""

    @property
    def unknown_codes(self) -> Counter[str]:
        """Codes that the mapping does not know, as "heading: code"."""
        return Counter(
            {f"{self.heading(column)}: {code}": rows for column, code, rows in self.unmapped()}
        )

    def unmapped(self) -> Iterator[tuple[str, str, int]]:
        """The same as (column of the table, code, rows)."""
        for name, each in zip(self.columns, self._translators, strict=True):
            if each is not None:
                yield from ((name, code, rows) for code, rows in each.unknown.items())

    def _telling_columns(self, shared: Collection[str] | None) -> list[int] | None:
        """Places of the columns of which one is filled in every row of the table."""
        if self.mapped.when is not None:
            return []
        if shared is None:
            return None
        kinds = {column.name: column.kind for column in table(self.mapped.name).columns}
        own = [
            place
            for place, (name, each) in enumerate(self.mapped.columns.items())
            if each.heading is not None
            and kinds.get(name) in ("date", "enum")
            and values.heading_key(each.heading) not in shared
        ]
        day = table(self.mapped.name).date_column
        return own or [self.columns.index(day)] if day in self.columns else own

    def __call__(self, fields: Fields) -> tuple[Fields | None, Counter[str]]:
        """The rows of a block that this table has, and how many are outside of it, by rule."""
        outside = Counter[str]()
        kept = self._asked_for(fields)
        if len(kept) < len(fields):
            outside[OTHER_ROWS] = len(fields) - len(kept)
            left = fields.without(np.setdiff1d(np.arange(len(fields)), kept))
            if left is None:
                return None, outside
            fields = left
        pool = bytearray()
        base = len(fields.buffer)
        columns = [
            self._column(fields, place, each, translator, base, pool)
            for place, each, translator in zip(
                self._places, self.mapped.columns.values(), self._translators, strict=True
            )
        ]
        starts = np.stack([each[0] for each in columns], axis=1)
        lengths = np.stack([each[1] for each in columns], axis=1)
        rows = self._rows(fields, lengths)
        if len(rows) < len(fields):
            outside[NO_EVENT] = len(fields) - len(rows)
        if not len(rows):
            return None, outside
        source = np.frombuffer(fields.buffer + bytes(pool), dtype=np.uint8)
        return _gathered(fields, source, starts[rows], lengths[rows], rows), outside

    def _asked_for(self, fields: Fields) -> NDArray[np.int64]:
        """The rows that have one of the texts that ``where`` names, under each of its headings."""
        kept = np.ones(len(fields), dtype=np.bool_)
        for place, texts in self._where:
            first, which = distinct(fields, place)
            found = [fields.text(row, place) for row in first.tolist()]
            kept &= np.array([text in texts for text in found])[which]
            if len(self._passed_over) < _REMEMBERED:
                self._passed_over |= {*found} - texts
        return np.flatnonzero(kept)

    def _rows(self, fields: Fields, lengths: NDArray[np.int64]) -> NDArray[np.int64]:
        if self._telling is None:
            return np.arange(len(fields))
        filled = np.zeros(len(fields), dtype=np.bool_)
        for place in self._telling:
            filled |= lengths[:, place] > 0
        for place in self._when:
            blank = self.mapped.blank
            filled |= [
                length > 0 and (not blank or fields.text(row, place) not in blank)
                for row, length in enumerate(fields.lengths[:, place].tolist())
            ]
        return np.flatnonzero(filled)

    def _column(
        self,
        fields: Fields,
        place: int | None,
        mapped: MappedColumn,
        translator: _Translator | None,
        base: int,
        pool: bytearray,
    ) -> Positions:
        if place is None:
            text = mapped.value.encode("utf-8")
            at = base + len(pool)
            pool += text
            same = np.ones(len(fields), dtype=np.int64)
            return same * np.int64(at), same * np.int64(len(text))
        if translator is None:
            return fields.starts[:, place], fields.lengths[:, place]
        return translator(fields, place, base, pool)


class _Translator:
    """Gives each text of one column its meaning, once, and counts those that have none."""

    def __init__(self, read: Callable[[str], tuple[str, bool]]) -> None:
        self._read = read
        self._met: dict[str, tuple[bytes, bool]] = {}
        self.unknown: Counter[str] = Counter()

    def __call__(self, fields: Fields, place: int, base: int, pool: bytearray) -> Positions:
        """Where the meanings stand: they are added to ``pool``, which begins at ``base``."""
        first, which = distinct(fields, place)
        starts = np.empty(len(first), dtype=np.int64)
        lengths = np.empty(len(first), dtype=np.int64)
        times = np.bincount(which, minlength=len(first))
        for number, row in enumerate(first.tolist()):
            text = fields.text(row, place)
            if text not in self._met:
                if len(self._met) >= _REMEMBERED:
                    self._met.clear()
                meaning, known = self._read(text) if text else ("", True)
                self._met[text] = meaning.encode("utf-8"), known
            encoded, known = self._met[text]
            starts[number], lengths[number] = base + len(pool), len(encoded)
            pool += encoded
            if not known and (text in self.unknown or len(self.unknown) < _REMEMBERED):
                self.unknown[text] += int(times[number])
        return starts[which], lengths[which]


def _translator(
    column: Column | None, mapped: MappedColumn, blank: frozenset[str]
) -> _Translator | None:
    """What reads a column of a file, None where its texts are the table's own."""
    kind = column.kind if column else "text"
    codes, form = mapped.codes, dates.reader(mapped.forms) if mapped.forms else None
    own: Callable[[str], Any] | None = None
    if column is not None and kind in ("enum", "boolean"):
        own = values.boolean if kind == "boolean" else values.enumeration(column)
    thousands = mapped.thousands
    if mapped.heading is None or not (codes is not None or form or blank or own or thousands):
        return None

    def read(text: str) -> tuple[str, bool]:
        if text in blank:
            return "", True
        if codes is not None and text in codes:
            return codes[text], True
        if thousands is not None:
            number = _without(thousands, text)
            return (f"{UNKNOWN}{text}" if number is None else number), True
        if form is not None:
            day = form(text)
            return (f"{UNKNOWN}{text}" if day is None else day), True
        if codes is not None and kind != "date":
            # Text is kept as it is; a code of a closed list must not pass for another.
            return (text if own is None else f"{UNKNOWN}{text}"), False
        return text, own is None or own(text) is not None

    return _Translator(read)


def _without(sign: str, text: str) -> str | None:
    """A number without what stands between its thousands, None where it stands elsewhere."""
    between = r"\s" if sign == " " else re.escape(sign)
    if re.fullmatch(rf"[0-9]+|[0-9]{{1,3}}(?:{between}[0-9]{{2,3}})*{between}[0-9]{{3}}", text):
        return re.sub(between, "", text)
    return text if sign != "." and values.count(text) is not None else None


class _Seen(Fields):
    """Rows of a table made of rows of a file, whose text is that of the file."""

    origin: Fields
    rows: NDArray[np.int64]

    def raw(self, row: int) -> str:
        return self.origin.raw(int(self.rows[row]))


def _gathered(
    origin: Fields,
    source: NDArray[np.uint8],
    starts: NDArray[np.int64],
    lengths: NDArray[np.int64],
    rows: NDArray[np.int64],
) -> Fields:
    """The fields at these places of ``source``, row by row in a buffer of their own."""
    shape = lengths.shape
    sizes = lengths.ravel().astype(np.int64) + 1
    ends = np.cumsum(sizes)
    places = ends - sizes
    # The byte after a field is there, whatever it is: the block is padded.
    index = np.repeat(starts.ravel() - places, sizes)
    index += np.arange(len(index))
    np.minimum(index, len(source) - 1, out=index)
    out = source[index]
    out[ends - 1] = SEPARATOR[0]
    first = places.reshape(shape).astype(np.int64)
    seen = _Seen(
        buffer=out.tobytes() + bytes(PADDING),
        lines=origin.lines[rows],
        starts=first,
        lengths=lengths.astype(np.int64),
        key_start=first[:, 0],
        key_length=(ends.reshape(shape)[:, -1] - 1 - first[:, 0]).astype(np.int64),
        source=b"",
        source_start=np.zeros(len(rows), dtype=np.int64),
        source_length=np.zeros(len(rows), dtype=np.int64),
    )
    seen.origin, seen.rows = origin, rows
    return seen
