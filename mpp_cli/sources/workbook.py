"""Excel workbooks (.xlsx), sheet by sheet, as the rows of text that the sheet has as CSV.

Every cell becomes text in the spelling of a CSV export and goes through the same
judgement as any other file: a date is ``2020-12-31`` whatever its format and
whichever day the workbook counts from, the number 123.0 is ``123``, an error is
``#N/A``. A row's line is its row in Excel. Rows and sheets that are hidden or
filtered are read like others; of merged cells the first has the value.

Rows are read one after the other, and no more than a sheet can hold.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any, BinaryIO

from mpp_cli.errors import DataError
from mpp_cli.sources import excel
from mpp_cli.sources.columnar import SEPARATOR, as_csv, shown
from mpp_cli.sources.faults import Fault
from mpp_cli.sources.files import Input
from mpp_cli.sources.header import MOST_TITLES
from mpp_cli.sources.records import CarefulRows, Rejected
from mpp_cli.sources.text import Block
from mpp_cli.sources.totals import TOTALS_ROW, is_total
from mpp_cli.sources.values import EXACT

#: More than any sheet that Excel can hold, or that could be read in bearable time.
MOST_ROWS = 1_048_576
MOST_CELLS = 100_000_000

_BLOCK_ROWS = 5_000

#: Excel keeps fifteen digits of a number; those after them become zeros.
MOST_DIGITS = 10**15

_ERRORS = ("#N/A", "#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!")


class SheetTable:
    """One sheet, read like a :class:`mpp_cli.sources.text.TextFile`.

    The header is the first row that fills more than half of the columns which
    the first rows have: titles above a table fill fewer.
    """

    encoding = "utf-8"
    header_fault: Fault | None = None

    def __init__(self, source: Input) -> None:
        self._source = source
        self._ids: set[int] = set()
        self._inexact = 0
        self._formulas: bool | None = None
        self.header: list[str] | None = None
        self.header_line: int | None = None
        with self._rows() as rows:
            first = [(line, _trimmed(cells)) for line, cells in islice(rows, MOST_TITLES)]
        self._first = [(line, cells) for line, cells in first if cells]
        widest = max((len(cells) for _, cells in first), default=0)
        for line, cells in first:
            if 2 * sum(map(bool, cells)) > widest:
                self.begin_at(line, cells)
                break

    def first_lines(self) -> Iterator[tuple[int, list[str]]]:
        """The first rows, each with its number: one of them may be the header."""
        yield from self._first

    def begin_at(self, line: int, names: list[str]) -> None:
        """Take this row, which has these names, as the header."""
        self.header, self.header_line = [*names], line

    def inexact(self, places: Sequence[int]) -> int:
        """The rows read so far with a number for an id that Excel does not hold exactly."""
        return self._inexact

    def take_ids(self, columns: Sequence[int]) -> None:
        """Columns of identifiers: an error in such a cell identifies nothing."""
        self._ids = {*columns}

    def blocks(self, opened: BinaryIO | None = None) -> Iterator[Block]:
        """The rows after the header, block by block; ``opened`` is only closed."""
        if opened is not None:
            opened.close()
        if self.header is None or self.header_line is None:
            return
        width = len(self.header)
        with self._rows() as rows:
            left = (row for row in rows if row[0] > self.header_line)
            while page := [*islice(left, _BLOCK_ROWS)]:
                careful, block = CarefulRows(b"", width, SEPARATOR), Block()
                for line, cells in page:
                    texts = _trimmed(cells)
                    ids = (cells[place] for place in self._ids if place < len(cells))
                    self._inexact += any(map(_is_inexact, ids))
                    if len(texts) > width:
                        reason = TOTALS_ROW if is_total(texts[0]) else "wrong_field_count"
                        block.rejected.append(Rejected(line, reason, as_csv(texts)))
                    elif texts:
                        texts += [""] * (width - len(texts))
                        for place in self._ids:
                            texts[place] = "" if texts[place] in _ERRORS else texts[place]
                        careful.add(line, 0, 0, [text.encode("utf-8") for text in texts])
                fields = careful.fields()
                block.fields = [] if fields is None else [shown(fields)]
                yield block

    @contextmanager
    def _rows(self) -> Iterator[Iterator[tuple[int, Sequence[Any]]]]:
        """The rows of the sheet with their numbers."""
        path, name = self._source.path, self._source.name
        with excel.opened(path, name) as book:
            rows = _values(book, self._source.sheet)
            if self._formulas is None:
                # To look for one takes reading the whole workbook.
                self._formulas = excel.has_formulas(path)
            if not self._formulas:
                yield _bounded(rows, name)
                return
            with excel.opened(path, name, formulas=True) as formulas:
                checked = _with_formulas(rows, _values(formulas, self._source.sheet), name)
                yield _bounded(checked, name)


def _bounded(rows: Iterator[Sequence[Any]], name: str) -> Iterator[tuple[int, Sequence[Any]]]:
    """The rows that are not empty, as long as there are no more than a sheet can hold."""
    cells = 0
    for line, row in enumerate(rows, start=1):
        cells += len(row)
        if line > MOST_ROWS or cells > MOST_CELLS:
            raise DataError(
                f"has more than {MOST_ROWS:,} rows or {MOST_CELLS:,} cells",
                file=name,
                line=line,
                hint="delete empty rows and columns behind the table, or save the sheet as CSV",
            )
        if row:
            yield line, row


def _with_formulas(
    rows: Iterator[Sequence[Any]], formulas: Iterator[Sequence[Any]], name: str
) -> Iterator[Sequence[Any]]:
    """The rows, none of which has a formula whose value was never computed."""
    for line, (row, written) in enumerate(zip(rows, formulas, strict=True), start=1):
        for place, (value, formula) in enumerate(zip(row, written, strict=True)):
            if value is None and formula is not None:
                raise DataError(
                    f"the cell {_letters(place)}{line} contains a formula without its value",
                    file=name,
                    line=line,
                    excerpt=str(getattr(formula, "text", formula)),
                    hint="open the workbook in Excel and save it, so that it also contains the "
                    "values",
                )
        yield row


def _letters(place: int) -> str:
    """The name of a column, from A."""
    from openpyxl.utils import get_column_letter

    return get_column_letter(place + 1)


def _values(book: Any, sheet: str | None) -> Iterator[Sequence[Any]]:
    found = book[sheet]
    # What a sheet says of its own size is not to be believed.
    found.reset_dimensions()
    rows: Iterator[Sequence[Any]] = found.iter_rows(values_only=True)
    return rows


def _trimmed(cells: Sequence[Any]) -> list[str]:
    """The texts of a row up to the last that is not blank."""
    texts = [_text(cell).strip() for cell in cells]
    while texts and not texts[-1]:
        texts.pop()
    return texts


def _is_inexact(value: Any) -> bool:
    """Whether a cell holds a number of which Excel keeps the first digits only."""
    return isinstance(value, int | float) and abs(value) >= MOST_DIGITS


def _text(value: Any) -> str:
    """A cell as a CSV export spells it."""
    match value:
        case None:
            return ""
        case str():
            return value
        case bool():
            return str(value).lower()
        case float() if value.is_integer() and abs(value) < EXACT:
            return str(int(value))
        case datetime.datetime():
            midnight = value.time() == datetime.time()
            return str(value.date()) if midnight else value.isoformat(" ", "seconds")
        case datetime.time():
            return value.isoformat("seconds")
        case _:
            return str(value)
