"""One input file, what a table sees of it, and what became of its rows so far."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mpp_cli.sources.fields import Fields
    from mpp_cli.sources.files import Input
    from mpp_cli.sources.mapping.view import View
    from mpp_cli.sources.reading import Reader
    from mpp_cli.sources.schema import Table
    from mpp_cli.sources.tally import Tally

#: Rows of a wide file that have nothing for one of the tables that are made of it.
NO_EVENT = "no-event"

#: Rows that the condition of a mapping leaves out: they are of something else.
OTHER_ROWS = "other-rows"


@dataclass(frozen=True)
class Kept:
    """What stands for the reader of a file whose rows were kept from an earlier run."""

    encoding: str
    is_mapped: bool


@dataclass
class FileAccount:
    """One input file and what became of its rows so far.

    A file that several tables are made of has an account for each of them.
    ``view`` is what the table sees of the file, None where that is all of it.
    """

    number: int
    source: Input
    text: Reader | Kept
    table: Table
    header: list[str]
    kind: str
    hash: str = ""
    rows_read: int = 0
    outside: Counter[str] = field(default_factory=Counter)
    view: View | None = None
    #: What the values of its columns came to, by the table's names, once it was read.
    tallies: Mapping[str, Tally] = field(default_factory=dict)
    #: Lines below the last full row of which only the id of a case is filled, as far as kept.
    notes_below: list[int] = field(default_factory=list)
    #: Rows of encounters that were set aside, by fiscal year, month and component as far as read.
    lost_months: Counter[tuple[int | None, int | None, str | None]] = field(default_factory=Counter)
    #: Rows of published figures that were set aside, by measure and day as far as read.
    lost_figures: Counter[tuple[str | None, int | None]] = field(default_factory=Counter)

    @property
    def name(self) -> str:
        """The name that the file is spoken of by."""
        return self.source.name

    @property
    def reader(self) -> Reader:
        """What reads the file. Not for rows that were kept from an earlier run."""
        assert not isinstance(self.text, Kept)
        return self.text

    @property
    def is_mapped(self) -> bool:
        """Whether a mapping of ``mpp.toml`` says how the file is read."""
        return self.text.is_mapped if isinstance(self.text, Kept) else self.view is not None

    @property
    def encoding(self) -> str:
        """The encoding that the file's text was read in."""
        return self.text.encoding

    @property
    def extras(self) -> list[str]:
        """Columns that the table's description does not know, in file order."""
        return [name for name in self.header if name and self.table.column(name) is None]

    @property
    def unknown_codes(self) -> Mapping[str, int]:
        """Codes that the mapping of the file does not know."""
        return self.view.unknown_codes if self.view else {}

    def places_of(self, column: str) -> list[int]:
        """Where in the file a column of the table stands; nowhere where it is a constant."""
        if self.view is not None:
            return self.view.places_of(column)
        return [place for place, name in enumerate(self.header) if name == column]

    def heading(self, column: str) -> str:
        """What the file calls a column of the table."""
        if self.view is None:
            return column
        return self.view.heading(column) if column else self.view.event_heading

    def rows(self, fields: Fields) -> tuple[Fields | None, Counter[str]]:
        """The rows of a block as the table sees them, and how many are outside of it, by rule."""
        return (fields, Counter()) if self.view is None else self.view(fields)
