"""Lists of published figures: the built-in one, and those that users bring as CSV.

The built-in list is the one place of the package where figures of the document
stand. Nothing is ever computed from it; it is only held beside what is computed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from mpp_cli import ohss
from mpp_cli.errors import DataError, did_you_mean
from mpp_cli.reconciliation import PublishedFigure
from mpp_cli.sources import excel, values
from mpp_cli.sources.files import WORKBOOKS, Input
from mpp_cli.sources.hashes import Hashes
from mpp_cli.sources.header import find as find_header
from mpp_cli.sources.reading import Pass, Reader, reader
from mpp_cli.sources.recognise import check_header
from mpp_cli.sources.totals import TOTALS_ROW, is_total

BUILT_IN = Path(__file__).with_name("published_figures.csv")

#: What the built-in list is called in an answer.
BUILT_IN_NAME = "built-in"

REQUIRED = ("as_of", "measure", "value")
OPTIONAL = ("publisher", "published_as", "variant", "source")

#: A list of published figures is written by hand.
MOST_BYTES = 10_000_000

#: How the group without a value is written.
BLANK = "(blank)"

#: What is wrong with a line that has no fields, by the reason that its reader gives.
_FAULTS = {
    "invalid_encoding": "has bytes that are not text",
    "malformed_quotes": "has quotes that do not pair up",
    "wrong_field_count": "has a different number of fields than the header",
}


def read(
    path: str | None,
    measures: Mapping[str, str],
    variants: Collection[str],
    by: Sequence[str] = (),
) -> list[PublishedFigure]:
    """The figures of a CSV file, or of the built-in list where no path is given.

    ``measures`` has the label of each by its name. A file of a user may also have a label, or
    the words that a publisher of the built-in list uses. Other words of a publisher's are
    kept, and correspond to no measure; a single word that is no name is refused: a misspelt
    measure would pass every check unseen. ``variants`` are the ids that the column variant
    may hold, several of them with spaces between. Columns of ``by`` say which group a figure is of:
    ``(blank)`` is the group without a value, and a figure of all leaves them empty. OHSS's
    monthly CSV is read as it is published. Raises DataError with file and line.
    """
    file = path or str(BUILT_IN)
    source = Input(Path(file), path or BUILT_IN.name, True)
    content = _content(source)
    if ohss.recognises(content):
        return list(ohss.figures(content, source.name))
    words = _Words(measures, read(None, measures, variants)) if path is not None else None
    figures = list(_figures(source, words, variants, by))
    if not figures:
        raise DataError("contains no published figure", file=source.name)
    return figures


def _content(source: Input) -> str:
    """The text of a file that is small enough to be a list, as far as it is text."""
    try:
        with source.path.open("rb") as stream:
            content = stream.read(MOST_BYTES + 1)
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror}", file=source.name) from error
    if len(content) > MOST_BYTES:
        raise DataError("is too large for a list of published figures", file=source.name)
    return content.decode("utf-8-sig", "replace")


class _Words:
    """What publishers call a measure, and the definitions by which they may count it."""

    def __init__(self, measures: Mapping[str, str], built_in: Sequence[PublishedFigure]) -> None:
        self.names = list(measures)
        self._named: dict[tuple[str, str], tuple[str | None, tuple[str, ...]]] = {}
        for each in built_in:
            meant = (each.measure, each.variants)
            self._named.setdefault(
                (each.publisher.lower(), values.name_key(each.published_as)), meant
            )
            self._named.setdefault(("", values.name_key(each.published_as)), (each.measure, ()))
        for name, label in measures.items():
            self._named.setdefault(("", values.name_key(label)), (name, ()))
            self._named["", values.name_key(name)] = (name, ())

    def meant(self, publisher: str, text: str) -> tuple[str | None, tuple[str, ...]] | None:
        """The measure and its variants; None for a single word that is no name of a measure."""
        # What stands in brackets explains: "total enrolled (NTA filed only)".
        key = values.name_key(re.sub(r"\s*\([^()]*\)$", "", text))
        found = self._named.get((publisher.lower(), key)) or self._named.get(("", key))
        if found is None and " " in text:
            return None, ()
        return found


def _figures(
    source: Input, known: _Words | None, variants: Collection[str], by: Sequence[str]
) -> Iterator[PublishedFigure]:
    """The figures of a file, which is read like any file of data."""
    text = _reader(source)
    find_header(text, lambda header: {*REQUIRED} <= {*header})
    header = _header(check_header(source, text), source.name, text.header_line or 1, by)
    for line, excerpt, values_ in _rows(source, text):
        cells = {name: cell for name, cell in zip(header, values_, strict=True) if name}
        group = _group(cells, source.name, line, excerpt, by)
        figure = _figure(cells, source.name, line, excerpt, known, variants)
        yield replace(figure, group=group)


def _reader(source: Input) -> Reader:
    """What reads a file: of a workbook the first sheet that has the columns of a list."""
    if not source.file_name.lower().endswith(WORKBOOKS):
        return reader(source)
    sheets = [replace(source, sheet=name) for name in excel.sheets(source.path, source.name)]
    found = [reader(each) for each in sheets]
    fitting = (each for each in found if find_header(each, lambda names: {*REQUIRED} <= {*names}))
    return next(fitting, found[0])


def _rows(source: Input, text: Reader) -> Iterator[tuple[int, str, list[str]]]:
    """The rows in the order of their lines: line, text, and fields; totals are left out."""
    for block in Pass(source, text, Hashes()).blocks(lambda size: None):
        for rejected in block.rejected:
            if rejected.reason != TOTALS_ROW:
                raise DataError(
                    _FAULTS[rejected.reason],
                    file=source.name,
                    line=rejected.line,
                    excerpt=rejected.raw,
                )
        rows = [
            (int(fields.lines[row]), fields.raw(row), fields.texts(row))
            for fields in block.fields
            for row in range(len(fields))
        ]
        yield from sorted(row for row in rows if not is_total(row[2][0]))


def _group(
    cells: dict[str, str], file: str, line: int, excerpt: str, by: Sequence[str]
) -> tuple[tuple[str, str | None], ...]:
    """The group that a figure is of, by all of the columns or by none."""
    named = [name for name in by if cells.get(name)]
    if named and len(named) < len(by):
        lacking = next(name for name in by if name not in named)
        raise DataError(
            f"a group has no {lacking}",
            file=file,
            line=line,
            excerpt=excerpt,
            hint=f"write {BLANK} for the group without a value; a figure of all has no group",
        )
    return tuple((name, None if cells[name] == BLANK else cells[name]) for name in named)


def _header(header: list[str], file: str, line: int, by: Sequence[str]) -> list[str]:
    columns = (*REQUIRED, *OPTIONAL, *by)
    for name in REQUIRED:
        if name not in header:
            raise DataError(
                f"there is no column {name}",
                file=file,
                line=line,
                hint=f"the columns are {', '.join(columns)}; the first three are required",
            )
    for name in header:
        if name and name not in columns:
            # A breakdown: its figures would be held against the whole.
            raise DataError(
                f'the column "{name}" is unknown',
                file=file,
                line=line,
                hint=f"the columns are {', '.join(columns)}; figures of groups are read with "
                "--by COLUMN",
            )
    return header


def _figure(
    cells: dict[str, str],
    file: str,
    line: int,
    excerpt: str,
    known: _Words | None,
    variants: Collection[str],
) -> PublishedFigure:
    days = values.date(cells["as_of"])
    if days is None:
        raise DataError(
            f'unreadable date "{cells["as_of"]}"',
            file=file,
            line=line,
            excerpt=excerpt,
            hint="dates are YYYY-MM-DD or M/D/YYYY",
        )
    value = values.count(cells["value"])
    if value is None:
        raise DataError(
            f'"{cells["value"]}" is not a count',
            file=file,
            line=line,
            excerpt=excerpt,
            hint="give counts; percentages are made of them",
        )
    measure: str | None = cells["measure"] or None
    published_as, usual = cells.get("published_as", ""), tuple[str, ...]()
    if known is not None:
        meant = known.meant(cells.get("publisher", ""), cells["measure"])
        if meant is None:
            raise DataError(
                f'unknown measure "{cells["measure"][:80]}"',
                file=file,
                line=line,
                excerpt=excerpt,
                hint=did_you_mean(cells["measure"], known.names),
            )
        measure, usual = meant
        if measure != cells["measure"]:
            published_as = published_as or cells["measure"]
    named = tuple(dict.fromkeys(cells.get("variant", "").split()))
    for name in named:
        if name not in variants:
            raise DataError(
                f'unknown variant "{name}"',
                file=file,
                line=line,
                excerpt=excerpt,
                hint=did_you_mean(name, variants),
            )
    return PublishedFigure(
        as_of=values.from_days(days),
        publisher=cells.get("publisher", ""),
        measure=measure,
        value=value,
        published_as=published_as,
        source=cells.get("source", ""),
        variants=named if "variant" in cells else usual,
    )
