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
from mpp_cli.sources import values
from mpp_cli.sources.files import Dialect, Input
from mpp_cli.sources.mapping.declared import MappedTable, Mapping
from mpp_cli.sources.mapping.view import View
from mpp_cli.sources.reading import Reader
from mpp_cli.sources.recognise import check_header, table_of
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
        wanted = {values.name_key(heading): heading for heading in mapped.headings}
        lacking = [heading for key, heading in wanted.items() if key not in header]
        if not lacking:
            return True
        nearly = len(lacking) < len(wanted) and len(lacking) * 2 <= len(wanted)
        if not nearly and not (meant and mapped.file is not None):
            return False
        match = nearest(lacking[0], [name for name in text.header or () if name])
        told = f'{self._mapping.file} maps the table {mapped.name} from a column "{lacking[0]}"'
        raise DataError(
            f"{told}, which is not there",
            file=source.name,
            line=text.header_line,
            excerpt=",".join(text.header or ()),
            hint=f'did you mean "{match}"?'
            if match
            else f"mend its columns in {self._mapping.file}",
        )

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


def _own(mapped: MappedTable, source: Input, header: list[str]) -> MappedTable | None:
    """A mapping of a file with the table's own headings, cut to those that it has."""
    known = table_of(header, source.file_name)
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
    header = [values.name_key(name) for name in text.header or ()]
    if text.header_fault or any(times > 1 for name, times in Counter(header).items() if name):
        return []
    return header


def _views(tables: Sequence[MappedTable], header: list[str]) -> tuple[View, ...]:
    """What each table sees; a column that several read tells of the first of them only."""
    views = []
    taken: set[str] = set()
    for mapped in sorted(tables, key=lambda each: READ.index(each.name)):
        wide = len(tables) > 1 and mapped.name in _EVENTS
        views.append(View(mapped, header, set(taken) if wide else None))
        taken |= {values.name_key(heading) for heading in mapped.headings}
    return tuple(views)
