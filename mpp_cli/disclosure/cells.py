"""The numbers of an answer as cells: what each counts, of whom, as of when, by whose definition."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Protocol

from mpp_cli.results.report import Value

#: A group: its columns and their values; none for all cases.
Group = tuple[tuple[str, str | int | None], ...]

#: What a cell is of its count: the figure itself, or what is said of it besides.
FIGURE = "figure"
POPULATION = "population"  # of the balance
LINE = "line"  # what a rule leaves out, named by ``detail``
COUNTED = "counted"  # what the balance comes to
EVENTS = "events"  # what is not counted again
EVENT_CASES = "event cases"  # and of how many cases that is
MOVED_IN = "moved in"  # cases that only another definition counts
MOVED_OUT = "moved out"  # and that it alone does not
PART = "part"  # of a change, named by ``detail``
COMPONENT = "component"  # of encounters, named by ``detail``
ROWS = "rows"  # of a file


@dataclass(frozen=True)
class Cell:
    """One number where it stands.

    ``measure`` is the name of what is counted, ``metric`` that of the metric that
    prints it. Breakdowns by time go by ``dated``. ``definition`` is the id of another
    definition than the document's, ``release`` tells the earlier of two releases. ``what``
    tells a figure from what else is said of it; ``unit`` tells counts from ratios and days.
    """

    metric: str
    measure: str
    unit: str
    value: Value
    day: datetime.date
    group: Group = ()
    dated: str = ""
    definition: str = ""
    release: str = ""
    what: str = FIGURE
    detail: str = ""


class Screen(Protocol):
    """Decides how the numbers of an answer are shown."""

    def hides(self, cell: Cell) -> str | None:
        """What stands in a cell's place; None where it is shown."""

    def remark(self, text: str, together: bool = False) -> str | None:
        """A remark as it may be read; None for one that must not be."""

    def warning(self, text: str, no_rows: bool) -> str | None:
        """The same of a warning; without how many rows there are where ``no_rows`` are told."""

    def told(self, more: str = "") -> str:
        """The sentence that says what is hidden, with more of the same."""
