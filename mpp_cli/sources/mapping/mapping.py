"""A mapping, as what it is applied with: tables, and where each of their columns comes from."""

from __future__ import annotations

from collections.abc import Mapping as Dict
from dataclasses import dataclass, field

from mpp_cli.sources.io.files import Dialect


@dataclass(frozen=True)
class MappedColumn:
    """Where one column of a table comes from.

    ``heading`` is the file's column, None where every row has the text
    ``value``. ``codes`` maps the file's codes to the table's values, None where
    they are the table's own; ``forms`` are those of dates, none for mpp's own;
    ``thousands`` is what stands between the thousands of counts, None for mpp's own.
    """

    heading: str | None
    value: str = ""
    codes: Dict[str, str] | None = None
    forms: tuple[str, ...] = ()
    thousands: str | None = None


@dataclass(frozen=True)
class MappedTable:
    """One table as it is made of a file.

    ``file`` is a pattern of file names, None for any file with these headings;
    ``blank`` are texts that mean nothing; ``when`` are headings of which one
    must be filled for a row to be a row of the table, None for the usual rule;
    ``where`` are the texts that headings must have, all others being rows of something else.
    ``own_headings`` tells that the file's headings are mpp's: any of them may be
    there.
    """

    name: str
    file: str | None
    dialect: Dialect
    columns: Dict[str, MappedColumn]
    blank: frozenset[str] = frozenset()
    when: tuple[str, ...] | None = None
    where: Dict[str, frozenset[str]] = field(default_factory=dict)
    own_headings: bool = False

    @property
    def headings(self) -> tuple[str, ...]:
        """The file's columns that are needed, each once."""
        found = [each.heading for each in self.columns.values() if each.heading is not None]
        return tuple(dict.fromkeys([*found, *(self.when or ()), *self.where]))


@dataclass(frozen=True)
class Mapping:
    """Everything that a config file says about tables.

    ``file`` is the config file, ``hash`` a fingerprint of what it says. ``own`` says how
    files with a table's own headings are read, by the table's name, where something is
    said of all files.
    """

    file: str
    hash: str
    tables: tuple[MappedTable, ...]
    own: Dict[str, MappedTable] = field(default_factory=dict)
