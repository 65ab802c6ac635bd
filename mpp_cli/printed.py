"""What a printed report tells: its counts as cells, and the sums that a reader can do with them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from mpp_cli.audit import Cell, Cells
from mpp_cli.definitions import Days, Ratio
from mpp_cli.periods import EVENT, fiscal_year
from mpp_cli.relations import COVERED, PARTS, canonical, declared, inside, shares
from mpp_cli.results import Head, Metric, Row, Value

#: The group of a figure: its columns and their values; none for that of all cases.
Key = tuple[tuple[str, str | int | None], ...]

#: The column of the rows that divide a headline into its parts.
_OUTCOME = "outcome"


class Places:
    """Counts as cells, and where they stand by name and group.

    There is more than one cell of a name and group where metrics group it by
    different dates.
    """

    def __init__(self) -> None:
        self.cells = Cells()
        self.at: dict[tuple[str, Key], list[Cell]] = {}

    def take(self, name: str, key: Key, value: Value) -> Cell | None:
        """The cell of a count; what is no count has none."""
        if not isinstance(value, int):
            return None
        cell = cell_of(name, key, value)
        self.cells.values[cell] = value
        found = self.at.setdefault((canonical(name), key), [])
        if cell not in found:
            found.append(cell)
        return cell

    def named(self, name: str, key: Key) -> list[Cell]:
        """The cells of a count in a group."""
        return self.at.get((canonical(name), key), [])

    def add_sum(self, whole: Cell, parts: tuple[Cell, ...]) -> None:
        """That parts add up to a whole, where they do."""
        values = self.cells.values
        if parts and whole not in parts and sum(map(values.__getitem__, parts)) == values[whole]:
            self.cells.sums.append((whole, parts))

    def add_steps(self, cells: Sequence[Cell | None], goes_on: Sequence[bool], below: int) -> None:
        """What happened between one figure and the next of a count that only grows.

        A reader must not learn that either. ``goes_on`` says whether a figure
        continues the one before it. Printed figures too near to the next one that
        is shown, from the last one back, are hidden from the start.
        """
        known = self.cells
        before: Cell | None = None
        for cell, continued in zip(cells, goes_on, strict=True):
            if before is not None and cell is not None and continued:
                difference = known.values[cell] - known.values[before]
                if difference >= 0 and cell != before:
                    step = ("step", before, cell)
                    known.values[step] = difference
                    known.unprinted.add(step)
                    self.add_sum(cell, (before, step))
            before = cell
        if any(cell in known.unprinted for cell in cells):
            return
        shown: int | None = None
        for cell, continued in zip(reversed(cells), reversed(goes_on), strict=True):
            if cell is not None:
                value = known.values[cell]
                near = shown is not None and 0 < shown - value < below
                if near or 0 < value < below:
                    known.start.add(cell)
                else:
                    shown = value
            if not continued:
                shown = None

    def relate(self) -> None:
        """What the definitions say of counts with different names, group by group."""
        at_key: dict[Key, dict[str, list[Cell]]] = {}
        for (name, key), cells in self.at.items():
            at_key.setdefault(key, {})[name] = cells
        for found in at_key.values():
            for part, whole in _nearest(found):
                pairs = {(one, other) for one in found[part] for other in found[whole]}
                self.cells.inside |= pairs
                if (part, whole) in shares():
                    self.cells.shares |= pairs
            for name, names in PARTS.items():
                one = self._all(found, (name, *names))
                if one:
                    self.add_sum(one[0], tuple(one[1:]))
            for name, covering in COVERED.items():
                one = self._all(found, (name, *covering))
                if one:
                    self._add_covered(one[0], tuple(dict.fromkeys(one[1:])))

    def _all(self, found: Mapping[str, Sequence[Cell]], names: Sequence[str]) -> list[Cell]:
        """The cells of these counts in one group, none where one of them is not printed."""
        cells = [found.get(canonical(each), ())[:1] for each in names]
        return [cell for each in cells for cell in each] if all(cells) else []

    def _add_covered(self, whole: Cell, parts: tuple[Cell, ...]) -> None:
        """That every case of a whole is in one of these at least: what they share counts once."""
        total = sum(self.cells.values[cell] for cell in parts)
        if total >= self.cells.values[whole]:
            twice, with_those = ("twice", whole), ("with those twice", whole)
            self.cells.values[twice] = total - self.cells.values[whole]
            self.cells.values[with_those] = total
            self.cells.unprinted |= {twice, with_those}
            self.cells.sums += [(with_those, (whole, twice)), (with_those, parts)]


def _nearest(found: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Which of these counts lies inside which, without what follows from two others."""
    names = [*found]
    pairs = [(one, other) for one in names for other in names if (one, other) in inside()]
    for one, other in pairs:
        between = any((one, each) in inside() and (each, other) in inside() for each in names)
        if (one, other) in shares() or not between:
            yield one, other


class Printed(Places):
    """The counts of one report, all metrics together."""

    def __init__(self, head: Head, metrics: Iterable[Metric]) -> None:
        super().__init__()
        self._head = head
        #: The cells of the rows of one metric: by name, with their groups.
        self._columns: list[tuple[str, list[tuple[Key, Cell]]]] = []
        for metric in metrics:
            self._add(metric)
        for name, cells in self._columns:
            self._add_totals(name, cells)
        self.relate()

    def _add(self, metric: Metric) -> None:
        for each in metric.measures:
            if each.unit not in ("ratio", "days"):
                self.take(each.name, (), each.value)
        if any(each.unit == "encounters" for each in metric.measures):
            self._add_encounters(metric)
            return
        columns: dict[str, list[tuple[Key, Cell]]] = {}
        wholes: dict[Key, list[Cell]] = {}
        parts = bool(declared(metric.name).parts)
        for row in metric.rows:
            for name, value in row.values.items():
                if not is_count(metric, name):
                    continue
                key = key_of(metric, row)
                counted = count_name(metric.name, name, row)
                cell = self.take(counted, key, value)
                if cell is not None:
                    columns.setdefault(counted, []).append((key, cell))
                    wholes.setdefault(key, []).append(cell)
        if parts:
            # The shares of a group tell how many cases it has, so that is printed, too.
            found = []
            for key, cells in wholes.items():
                total = sum(map(self.cells.values.__getitem__, cells))
                whole = self.take(metric.headline, key, total)
                if whole is not None:
                    self.add_sum(whole, tuple(cells))
                    found.append((key, whole))
            columns[metric.headline] = [each for each in found if each[0]]
        self._columns += columns.items()

    def _add_totals(self, name: str, cells: list[tuple[Key, Cell]]) -> None:
        """Groups add up to the total; where dockets are compared those of MPP do."""
        mpp = tuple(cell for key, cell in cells if ("docket", "mpp") in key)
        for whole in self.at.get((canonical(name), ()), ()):
            before = len(self.cells.sums)
            self.add_sum(whole, tuple(cell for _, cell in cells))
            if len(self.cells.sums) == before:
                self.add_sum(whole, mpp)

    def _add_encounters(self, metric: Metric) -> None:
        """Components add up to a row, and the rows of the headline's fiscal year to it."""
        rows: list[tuple[Row, Cell]] = []
        for row in metric.rows:
            key = key_of(metric, row)
            whole, *components = (
                self.take(name, key, row.values.get(name)) for name in ("encounters", "usbp", "ofo")
            )
            known = tuple(cell for cell in components if cell is not None)
            if whole is not None:
                rows.append((row, whole))
                if len(known) == 2:
                    self.add_sum(whole, known)
                    self.cells.inside |= {(cell, whole) for cell in known}
        day = self._head.as_of
        year = fiscal_year(day.year, day.month)
        # Calendar years may hold no other months than those to date, too.
        spans = [{f"FY{year}"}, {str(year)}, {str(year), str(year - 1)}]
        for total in self.at.get(("encounters", ()), ()):
            for span in spans:
                self.add_sum(total, tuple(cell for row, cell in rows if _year(row) in span))


def cell_of(name: str, key: Key, value: Value) -> Cell:
    """A count by its name, group and value: the same count is one cell wherever it stands."""
    return (canonical(name), key, value)


def is_count(metric: Metric, name: str) -> bool:
    """Whether a figure of a metric is a count, and not one of months, days or a ratio."""
    units = {each.name: each.unit for each in metric.measures}
    return name != "months" and units.get(name) not in ("ratio", "days")


def count_name(metric: str, name: str, row: Row | None) -> str:
    """What is counted: a row by outcome counts one of the parts that the headline divides into."""
    if row is not None and name == "cases":
        for part in declared(metric).parts:
            if part.value == row.by.get(_OUTCOME):
                return part.count.name
    return name


def counts_of_ratio(metric: str, name: str, row: Row | None) -> tuple[str, str] | None:
    """The names of the part and the whole of a ratio, None for another figure."""
    known = declared(metric)
    for each in known.measures:
        if isinstance(each, Ratio) and each.name == name:
            return each.part.name, each.whole.name
    if known.parts and name == known.share:
        return count_name(metric, "cases", row), known.headline
    return None


def count_of_days(metric: str, name: str) -> str | None:
    """The name of the count of the cases that a number of days is of."""
    for each in declared(metric).measures:
        if isinstance(each, Days) and each.name == name:
            return each.span.cases.name
    return None


def key_of(metric: Metric, row: Row) -> Key:
    """The group that a row stands for; its outcome says what is counted in the group."""
    parts = bool(declared(metric.name).parts)
    return tuple(item for item in row.by.items() if not (parts and item[0] == _OUTCOME))


def _year(row: Row) -> str | None:
    """The fiscal year of a row by its columns of time (``FY2021``), or else its calendar year."""
    times = {name.removeprefix(EVENT): value for name, value in row.by.items()}
    year = times.get("fiscal_year")
    if year is not None:
        return f"FY{year}"
    month = re.fullmatch(r"(\d{4})-(\d\d)", str(times.get("month")))
    quarter = re.fullmatch(r"(\d{4})\D*Q(\d)", str(times.get("quarter")))
    if month:
        return f"FY{fiscal_year(int(month[1]), int(month[2]))}"
    if quarter:
        return f"FY{fiscal_year(int(quarter[1]), int(quarter[2]) * 3 - 2)}"
    calendar_year = times.get("calendar_year")
    return None if calendar_year is None else str(calendar_year)
