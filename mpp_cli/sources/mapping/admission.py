"""Which files a mapping is about, and what each of its tables sees in them.

A mapping never opens a file by itself: it is applied to the data that were
named. It is about a file by the file's name, where it gives one, and else by
the headings that it maps.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from mpp_cli.errors import DataError, nearest
from mpp_cli.sources import header as headers
from mpp_cli.sources import values
from mpp_cli.sources.cbp import MONTH_GROUPING
from mpp_cli.sources.files import PLAIN, Dialect, Input
from mpp_cli.sources.mapping.mapped import MappedTable, Mapping
from mpp_cli.sources.mapping.view import View
from mpp_cli.sources.reading import Reader
from mpp_cli.sources.recognise import Recognised, check_header, is_known, table_of
from mpp_cli.sources.schema import READ, table

#: Tables of which a row of a wide file may have none: it is still a row of ``cases``.
_EVENTS = ("completions", "grants", "referrals")

#: Gives the reader of the file in question.
Open = Callable[[Dialect], Reader]


@dataclass(frozen=True)
class Seen:
    """A file as it is read, and the tables that are made of its rows."""

    text: Reader
    header: list[str]
    views: tuple[View, ...]


class Admission:
    """Applies a mapping to one file after the other, and knows what it found."""

    def __init__(self, mapping: Mapping) -> None:
        self._mapping = mapping
        self._used: set[int] = set()

    def admit(self, source: Input, open: Open) -> list[Seen]:
        """Every way in which this file is read; none when the mapping is not about it.

        Raises DataError for a file that is named and lacks a heading.
        """
        found = []
        dialects = dict.fromkeys(each.dialect for each in self._mapping.tables)
        for dialect in dialects:
            tables = [
                (number, each)
                for number, each in enumerate(self._mapping.tables)
                if each.dialect == dialect and _named(each, source)
            ]
            if not tables or (dialect.sheet is not None and dialect.sheet != source.sheet):
                continue
            text = open(dialect)
            _find_header(text, source, [each for _, each in tables])
            # A file that is named is the one that was meant: its header has to be fit.
            # Of a workbook that is named it may be any sheet.
            named = source.sheet is None or dialect.sheet is not None
            meant = named and any(each.file is not None for _, each in tables)
            header = check_header(source, text) if meant else loose_header(text)
            fitting = []
            for number, each in tables:
                fitted = _own(each, source, header) if each.own_headings else each
                if fitted is not None and self._fits(fitted, source, text, header, meant):
                    self._used.add(number)
                    fitting.append(fitted)
            if fitting:
                found.append(Seen(text, header, _views(fitting, header)))
        return found

    def _fits(
        self, mapped: MappedTable, source: Input, text: Reader, header: list[str], meant: bool
    ) -> bool:
        wanted = {values.heading_key(heading): heading for heading in mapped.headings}
        lacking = [heading for key, heading in wanted.items() if key not in header]
        if not lacking:
            return True
        nearly = len(lacking) < len(wanted) and len(lacking) * 2 <= len(wanted)
        if not nearly and not (meant and mapped.file is not None):
            return False
        match = nearest(lacking[0], [headers.shown(name) for name in text.header or () if name])
        told = f'{self._mapping.file} maps the table {mapped.name} from a column "{lacking[0]}"'
        raise DataError(
            f"{told}, which is not there",
            file=source.name,
            line=text.header_line,
            excerpt=headers.excerpt(text),
            hint=f'did you mean "{match}"?'
            if match
            else f"correct it under [tables.{mapped.name}.columns] in {self._mapping.file}",
        )

    def leaves_out(self, source: Input) -> bool:
        """Whether the mapping names sheets of this workbook, and this is another one."""
        sheets = {
            each.dialect.sheet
            for each in (*self._mapping.tables, *self._mapping.own.values())
            if each.dialect.sheet is not None and _named(each, source)
        }
        return source.sheet is not None and bool(sheets) and source.sheet not in sheets

    def dialect_of_own(self, source: Input) -> Dialect:
        """How a file that no section of the mapping is about is read."""
        own = next(iter(self._mapping.own.values()), None)
        return own.dialect if own is not None and _named(own, source) else PLAIN

    def view_of_own(self, source: Input, known: Recognised) -> View | None:
        """What is seen of a file with a table's own headings; None where that is all of it."""
        own = self._mapping.own.get(known.table.name)
        if own is None or not _named(own, source):
            return None
        columns = {name: each for name, each in own.columns.items() if name in known.header}
        if not own.blank and all(not (c.forms or c.thousands) for c in columns.values()):
            return None
        more = [name for name in known.header if name and name not in columns]
        return View(replace(own, columns=columns), known.header, None, more)

    def unused(self) -> list[str]:
        """The tables of the mapping that no file was found for, as a sentence for each."""
        return [
            f"{self._mapping.file} maps the table {each.name} from "
            + (f'files named "{each.file}"' if each.file else f'a column "{each.headings[0]}"')
            + (f' with a sheet "{each.dialect.sheet}"' if each.dialect.sheet else "")
            + ", and there is none in the data"
            for number, each in enumerate(self._mapping.tables)
            if number not in self._used
        ]


def _find_header(text: Reader, source: Input, tables: Sequence[MappedTable]) -> None:
    """Have a file with titles above its header read from there."""
    wanted = [{values.heading_key(heading) for heading in each.headings} for each in tables]

    def fits(header: list[str]) -> bool:
        return is_known(header, source) or any(each and each <= {*header} for each in wanted)

    if not headers.find(text, fits):
        # Of headers that lack something the one that is meant has the most of them.
        def most(header: list[str]) -> int:
            return max((len(each & {*header}) for each in wanted), default=0)

        headers.find_best(text, most)


def _own(mapped: MappedTable, source: Input, header: list[str]) -> MappedTable | None:
    """A mapping of a file with the table's own headings, cut to those that it has."""
    known = table_of(header, source.table_name)
    if mapped.file is None and (known is None or known.name != mapped.name):
        return None
    required = table(mapped.name).required
    kept = {
        name: each for name, each in mapped.columns.items() if name in header or name in required
    }
    return replace(mapped, columns=kept)


def _named(mapped: MappedTable, source: Input) -> bool:
    """Whether the mapping is about a file by its name, or by any name."""
    return mapped.file is None or fnmatchcase(source.file_name.lower(), mapped.file.lower())


def loose_header(text: Reader) -> list[str]:
    """The normalised header of a file that may be any; none that cannot be used."""
    header = [values.heading_key(name) for name in text.header or ()]
    if text.header_fault or any(times > 1 for name, times in Counter(header).items() if name):
        return []
    return header


def _views(tables: Sequence[MappedTable], header: list[str]) -> tuple[View, ...]:
    """What each table sees; a column that several read tells of the first of them only.

    Where every column tells rows apart, so do those that no section is made of; a file
    with the table's own headings keeps all that it has.
    """
    views = []
    taken: set[str] = set()
    made = {values.heading_key(heading) for each in tables for heading in each.headings}
    free = [name for name in header if name and name not in made]
    for mapped in sorted(tables, key=lambda each: READ.index(each.name)):
        wide = len(tables) > 1 and mapped.name in _EVENTS
        more = [name for name in free if name != MONTH_GROUPING]
        if not table(mapped.name).is_keyed_by_all and not (
            mapped.own_headings and mapped.name == "cases"
        ):
            more = []
        views.append(View(mapped, header, set(taken) if wide else None, more))
        taken |= {values.heading_key(heading) for heading in mapped.headings}
    return tuple(views)
