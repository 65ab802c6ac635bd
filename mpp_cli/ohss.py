"""The monthly tables of the Office of Homeland Security Statistics, as figures to reconcile with.

Their book-outs of CBP under the Migrant Protection Protocols count persons who
left CBP's custody for Mexico, month by month and rounded to 10. Cumulated they
come near to the cases enrolled, and are never equal to them: not every notice to
appear was filed, and not in the month of the book-out.

A row of month 0 is the total of its fiscal year and no month. ``X`` is "not
applicable", which is no 0: such a month has no figure. The totals of the fiscal
years before, which hold what the months may leave out, and the months of the
running one are what is summed up.
"""

from __future__ import annotations

import csv
import datetime
import io
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mpp_cli.errors import DataError
from mpp_cli.periods import month_end, month_number
from mpp_cli.reconciliation import PublishedFigure
from mpp_cli.sources.ohss_columns import COLUMNS

PUBLISHER = "OHSS"
MEASURE = "total_enrolled"

#: How far our figure may be off where the user says nothing: a check of the
#: order, not of equality. To December 2020 the two are 1.3% apart.
TOLERANCE = "2%"

_NOT_APPLICABLE = "X"
_COUNT = re.compile(r"\d{1,9}", re.ASCII)

_SOURCE = (
    "OHSS monthly tables: book-outs by CBP under MPP, the totals of earlier fiscal years and the "
    "months since, rounded to 10; near the cases enrolled and never equal to them"
)


@dataclass(frozen=True)
class _Row:
    calendar_year: int
    fiscal_year: int
    month: int
    book_outs: int | None


def recognises(text: str) -> bool:
    """Whether this is the text of OHSS's monthly CSV, by its header."""
    return set(COLUMNS) <= {name.strip() for name in next(csv.reader(io.StringIO(text)), [])}


def figures(text: str, file: str) -> Iterator[PublishedFigure]:
    """Book-outs under MPP cumulated to the end of each month that has a figure.

    Raises DataError with the line of a row that cannot be read.
    """
    totals: dict[int, int] = {}
    months: dict[int, list[_Row]] = defaultdict(list)
    for row in _rows(text, file):
        if row.month:
            months[row.fiscal_year].append(row)
        elif row.book_outs is not None:
            totals[row.fiscal_year] = row.book_outs
    before = 0
    for year in sorted(months):
        so_far, missing = before, False
        for row in sorted(months[year], key=lambda each: (each.calendar_year, each.month)):
            if row.book_outs is None:
                missing = True
                continue
            so_far += row.book_outs
            yield PublishedFigure(
                as_of=month_end(month_number(row.calendar_year, row.month)),
                publisher=PUBLISHER,
                measure=MEASURE,
                value=so_far,
                published_as="MPP book-outs by CBP, cumulated",
                source=_SOURCE + ("; without this year's months marked X" if missing else ""),
            )
        before = before + totals[year] if year in totals else so_far


def latest(found: Sequence[PublishedFigure], end: datetime.date | None) -> list[PublishedFigure]:
    """Of OHSS's figures the last that the case data reach, with the figures of others.

    Early months say little: the notices of a month's book-outs are filed later.
    """
    ours = [each for each in found if each.publisher == PUBLISHER]
    reached = [each for each in ours if end is not None and each.as_of <= end] or ours[:1]
    return [each for each in found if each.publisher != PUBLISHER or each is reached[-1]]


def _rows(text: str, file: str) -> Iterator[_Row]:
    reader = csv.DictReader(io.StringIO(text, newline=""))
    reader.fieldnames = [name.strip() for name in reader.fieldnames or ()]
    for cells in reader:
        found = [(cells[name] or "").strip() for name in COLUMNS]
        year, fiscal, month, count = found
        readable = all(map(_COUNT.fullmatch, (year, fiscal, month))) and int(month) <= 12
        if not readable or not (count == _NOT_APPLICABLE or _COUNT.fullmatch(count)):
            raise DataError(
                "is not a row of OHSS's monthly tables",
                file=file,
                line=reader.line_num,
                excerpt=", ".join(found),
                hint="years and months are numbers, and book-outs a whole number or X",
            )
        book_outs = None if count == _NOT_APPLICABLE else int(count)
        yield _Row(int(year), int(fiscal), int(month), book_outs)
