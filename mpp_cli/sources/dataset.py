"""Event tables in an engine, with an account of every row of the files they come from."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from mpp_cli.results import Warning
from mpp_cli.sources.account import FileAccount as FileAccount
from mpp_cli.sources.cbp import table_of_kind
from mpp_cli.sources.headings import meant_for
from mpp_cli.sources.missing import missing
from mpp_cli.sources.unreadable import Unread

if TYPE_CHECKING:
    from mpp_cli.engines.base import Engine
    from mpp_cli.sources.settled import Settled, SettledFile


@dataclass
class Dataset:
    """The event tables of an engine and the files that they come from.

    ``sample`` tells whether the data are the bundled sample. Every row of every
    file is in one of the engine's tables, in the table ``set_aside``, or counted
    in its file's ``outside``. ``settled`` are the sources that have judged their
    rows themselves; their files are numbered after ``files``. ``dimensions`` are the
    columns of ``cases`` that questions will group or filter by. ``unread`` is what the
    files hold and cannot be read, once all rows were judged.
    """

    engine: Engine
    files: list[FileAccount]
    paths: tuple[str, ...]
    sample: bool
    warnings: list[Warning] = field(default_factory=list)
    settled: list[Settled] = field(default_factory=list)
    dimensions: tuple[str, ...] = ()
    unread: Unread = field(default_factory=Unread)

    def has(self, name: str) -> bool:
        """Whether there is at least one source of an event table."""
        return bool(self.of(name)) or self.is_settled(name)

    def is_settled(self, name: str) -> bool:
        """Whether the rows of an event table come from a source that judged them itself."""
        return any(name in each.tables for each in self.settled)

    def release_of(self, name: str) -> datetime.date | None:
        """The day on which the source of an event table was released, where it is known."""
        return next((each.end for each in self.settled if name in each.tables), None)

    @property
    def words(self) -> Mapping[str, str]:
        """What rules leave out of these data, by their ids, where their source has words for it."""
        return {name: text for each in self.settled for name, text in each.words.items()}

    def holds_lists(self, name: str, column: str) -> bool:
        """Whether several values may stand in a column of an event table."""
        return any(f"{name}.{column}" in each.lists for each in self.settled)

    @property
    def every_year(self) -> bool:
        """Whether other dockets hold the cases of all years."""
        return any(each.every_year for each in self.settled)

    @property
    def settled_files(self) -> list[SettledFile]:
        """The files whose rows were judged by their own reader."""
        return [file for each in self.settled for file in each.files]

    @property
    def input_paths(self) -> list[Path]:
        """The files on disk that rows were read from, as far as they are known here."""
        return [each.source.path for each in self.files]

    def name_of(self, number: int) -> str:
        """The name of the file that rows with this ``_file`` come from."""
        names = {each.number: each.name for each in self.files}
        names |= {each.number: each.name for each in self.settled_files}
        return names[number]

    def unavailable(self, name: str) -> str | None:
        """Why there is no event table of this name that can be used, None when there is one."""
        if self.has(name):
            return self.unread.tables.get(name)
        told = (each.unavailable[name] for each in self.settled if name in each.unavailable)
        kinds = [each.kind for each in self.files] + [each.kind for each in self.settled_files]
        return next(told, missing(name, kinds))

    def of(self, name: str) -> list[FileAccount]:
        """The files of one event table."""
        return [each for each in self.files if each.table.name == name]

    def names_of(self, name: str) -> tuple[str, ...]:
        """What the files of one event table are called, whoever has judged their rows."""
        names = [each.name for each in self.of(name)]
        names += [each.name for each in self.settled_of(name)]
        return tuple(dict.fromkeys(names))

    def settled_of(self, name: str) -> list[SettledFile]:
        """The files of one event table whose rows were judged by their own reader.

        Of a court release no table has files of its own: several make one table.
        """
        return [
            file
            for each in self.settled
            if name in each.tables
            for file in each.files
            if table_of_kind(file.kind) == name
        ]

    def lacking(self, name: str, column: str) -> str | None:
        """The first file of a table that lacks a column, or None when all have it."""
        for each in self.settled:
            if name in each.tables and column not in each.tables[name]:
                return each.name
        return next((each.name for each in self.of(name) if column not in each.header), None)

    def says_lacking(self, name: str, column: str) -> str | None:
        """That a file of a table lacks a column, and which of its headings may be meant for it."""
        lacking = self.lacking(name, column)
        if lacking is None:
            return None
        near = (
            meant_for(each, column)
            for each in self.of(name)
            if each.name == lacking and not each.is_mapped
        )
        heading = next(filter(None, near), None)
        hint = f'; did you mean its column "{heading}"?' if heading else ""
        return f"{lacking} has no column {column}{hint}"

    def why_lacking(self, name: str, column: str) -> str | None:
        """What a source that judged its rows itself says of a column that it has not."""
        told = (each.unavailable.get(f"{name}.{column}") for each in self.settled)
        return next((each for each in told if each), None)

    def columns(self, name: str) -> list[str]:
        """Columns that every file of a table has, in the order of the first file."""
        headers: list[Sequence[str]] = [each.header for each in self.of(name)]
        headers += [each.tables[name] for each in self.settled if name in each.tables]
        if not headers:
            return []
        return [
            column
            for column in headers[0]
            if column and all(column in header for header in headers)
        ]
