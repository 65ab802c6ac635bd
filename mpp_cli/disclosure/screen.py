"""The numbers of an answer are recorded, looked through, and shown or hidden."""

from __future__ import annotations

import datetime
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from mpp_cli.common.errors import MppError, UsageError
from mpp_cli.dataset.history_columns import EVENTS
from mpp_cli.disclosure import comparisons, declarations
from mpp_cli.disclosure.audit import Audit
from mpp_cli.disclosure.cells import COMPONENT, FIGURE, MOVED_IN, MOVED_OUT, PART, ROWS, Cell
from mpp_cli.disclosure.changes import CHANGE, FiguresOfChange, add_up, read_changes, read_sums
from mpp_cli.disclosure.contradictions import as_sums
from mpp_cli.disclosure.encounters import read_encounters
from mpp_cli.disclosure.figures import Figures, home_of
from mpp_cli.disclosure.file_rows import CASES, OF_EVENTS, read_rows
from mpp_cli.disclosure.kinds import Ends
from mpp_cli.disclosure.reading import read_cases
from mpp_cli.disclosure.reports import screened
from mpp_cli.disclosure.small_differences import hide_small_differences
from mpp_cli.disclosure.statements import BALANCE, MOVES, Reading, Unit
from mpp_cli.disclosure.words import masked, sentence, without_rows
from mpp_cli.results.comparison import Comparison
from mpp_cli.results.report import WITHHELD, Head
from mpp_cli.results.trend import Trend

Answer = TypeVar("Answer")

#: A trend of more figures than this is refused, and of groups than this.
MOST_FIGURES, MOST_GROUPED = 50_000, 3_000

#: Units of numbers that no case is counted by.
_NOT_COUNTS = ("ratio", "days", "months")


def screen(answer: Answer, head: Head, below: int) -> Answer:
    """An answer without small counts, whatever answer it is."""
    if isinstance(answer, Trend):
        _check_size(answer)
    recorder = _Recorder()
    screened(answer, recorder)
    reading = read(answer, head, recorder.cells, below)
    audit = Audit(reading, ends_of(answer, head), below)
    if not audit.is_consistent:
        reading = as_sums(reading)
        audit = Audit(reading, {}, below)
        audit.set_apart()
    audit.run()
    hidden: Answer = screened(answer, _Screen(recorder.cells, reading, audit, below))
    return hidden


def _check_size(trend: Trend) -> None:
    """Refuse a trend of more figures than can be looked through."""
    figures = sum(len(series.points) for series in trend.series) * len(trend.measures)
    most = MOST_GROUPED if trend.by else MOST_FIGURES
    if figures > most:
        raise UsageError(
            f"small counts cannot be hidden in a trend of {figures:,} figures, more than {most:,}",
            hint="choose longer periods with --every, or leave out a --by",
        )


class _Recorder:
    """Sees every cell of an answer and hides none."""

    def __init__(self) -> None:
        self.cells: list[Cell] = []

    def hides(self, cell: Cell) -> str | None:
        self.cells.append(cell)
        return None

    def remark(self, text: str, together: bool = False) -> str | None:
        return text

    def warning(self, text: str, no_rows: bool) -> str | None:
        return text

    def told(self, more: str = "") -> str:
        return more


def read(answer: object, head: Head, cells: Sequence[Cell], below: int) -> Reading:
    """What the cells of an answer say."""
    reading = Reading()
    counted = [cell for cell in cells if cell.unit not in (*_NOT_COUNTS, "rows", "ids")]
    encounters = [cell for cell in counted if _is_encounters(cell)]
    cases = [cell for cell in counted if not _is_encounters(cell)]
    narrowed = bool(head.request.where)
    home = CHANGE if isinstance(answer, Comparison) else home_of(_last(cases))
    if isinstance(answer, Comparison):
        events = [cell for cell in cases if _is_of_events(cell)]
        others = [cell for cell in cases if cell not in events]
        read_changes(reading, FiguresOfChange(others, narrowed))
        read_sums(reading, encounters)
        read_sums(reading, events)
        add_up(reading, counted)
    else:
        read_cases(reading, Figures(cases, narrowed))
        read_encounters(reading, encounters)
        hide_small_differences(reading, counted, below)
    read_rows(reading, cells, home)
    _check_all_taken(reading, counted)
    return reading


def _check_all_taken(reading: Reading, cells: Sequence[Cell]) -> None:
    """A number that no equation covers could tell what is hidden: it is a fault."""
    taken = {cell for stated in reading.statements.values() for cell in stated.cells}
    for cell in cells:
        if cell.value and cell not in taken:
            what = f"the {cell.what} {cell.detail or cell.measure} of {cell.metric}"
            raise MppError(
                f"nothing says how {what} is made, so no small count in it can be hidden; nothing "
                "is printed"
            )


def _is_encounters(cell: Cell) -> bool:
    return cell.unit == "encounters"


def _is_of_events(cell: Cell) -> bool:
    count = declarations.count_of(cell.metric, cell.measure)
    return count is not None and count.table in EVENTS


def _last(cells: Sequence[Cell]) -> datetime.date:
    return max((cell.day for cell in cells), default=datetime.date.max)


def ends_of(answer: object, head: Head) -> Ends:
    """The last day of each table of cases and events, which the answer prints."""
    heads = [("", head)]
    if isinstance(answer, Comparison):
        two = answer.overlap is not None or "with_data" in head.request.options
        heads += [(comparisons.EARLIER, answer.before)] if two else []
    found: dict[tuple[str, str], datetime.date] = {}
    for release, each in heads:
        if any(warning.id == "date-after-data-end" for warning in each.warnings):
            continue  # Dates in the future move no end.
        for source in each.sources:
            if source.kind in (CASES, *OF_EVENTS) and source.through is not None:
                key = (release, source.kind)
                found[key] = max(source.through, found.get(key, source.through))
    return found


class _Screen:
    """Hides what an audit says that must be hidden."""

    def __init__(self, cells: Sequence[Cell], reading: Reading, audit: Audit, below: int) -> None:
        self._audit, self._below = audit, below
        self._shown: dict[Cell, str | None] = {}
        for place, stated in enumerate(reading.statements.values()):
            for cell in stated.cells:
                if any(unit in audit.hidden for unit in _printed_in(cell, stated.units)):
                    small = audit.is_said(place)
                    self._shown[cell] = f"<{below}" if small else WITHHELD
        self._figures = {_figure(cell): cell for cell in cells if cell.what == FIGURE}
        self._any = bool(audit.hidden)
        self._names = {
            cell.measure for cell in self._shown if cell.what == FIGURE and not cell.group
        }

    def hides(self, cell: Cell) -> str | None:
        if cell.value is None:
            return None
        if cell.unit == "ids":
            small = 0 < int(cell.value) < self._below
            return WITHHELD if small or self._any else None
        if cell.unit == "ratio":
            part = cell.detail or None
            of = declarations.counts_of_ratio(cell.metric, cell.measure, part)
            counts = [replace(cell, measure=name, detail="") for name in of or ()]
            return WITHHELD if any(self._is_hidden(each) for each in counts) else None
        if cell.unit == "days":
            name = declarations.count_of_days(cell.metric, cell.measure)
            timed = self._figures.get(_figure(replace(cell, measure=name or "")))
            few = timed is not None and isinstance(timed.value, int) and timed.value < self._below
            return WITHHELD if few else None
        return self._shown.get(cell)

    def _is_hidden(self, cell: Cell) -> bool:
        figure = self._figures.get(_figure(cell))
        return figure is not None and figure in self._shown

    def remark(self, text: str, together: bool = False) -> str | None:
        """A remark without small counts; none on a figure that is hidden."""
        if self._is_of_hidden(text):
            return None
        return masked(text, self._below, together)

    def warning(self, text: str, no_rows: bool) -> str | None:
        """A warning says of cases what no count is declared for: not beside what is hidden."""
        remark = None if self._is_of_hidden(text) else masked(text, self._below, every=self._any)
        return without_rows(remark) if remark and no_rows else remark

    def _is_of_hidden(self, text: str) -> bool:
        return any(text.startswith(f"{name} as of ") for name in self._names)

    def told(self, more: str = "") -> str:
        return sentence(self._below, more.format(below=self._below))


def _figure(cell: Cell) -> Hashable:
    return (cell.measure, cell.day, cell.group, cell.dated, cell.definition, cell.release)


def _printed_in(cell: Cell, units: Iterable[Unit]) -> list[Unit]:
    """The units that hold a cell, of those that its number is printed in."""
    if cell.what in (FIGURE, PART, COMPONENT):
        return [unit for unit in units if unit.kind in (FIGURE, PART)]
    if cell.what == ROWS:
        return [unit for unit in units if unit.kind == ROWS]
    if cell.what in (MOVED_IN, MOVED_OUT):
        return [Unit(MOVES, (cell.metric, cell.measure, cell.definition, cell.group))]
    return [Unit(BALANCE, (cell.metric, cell.measure))]
