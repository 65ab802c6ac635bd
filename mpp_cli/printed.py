"""What a printed report tells: its counts as cells, and the sums that a reader can do with them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from mpp_cli.definitions import Count, Ratio
from mpp_cli.goals import METRICS
from mpp_cli.periods import fiscal_year
from mpp_cli.results import Head, Metric, Row, Value
from mpp_cli.suppression import Cell, Cells

#: Counts that add up to another one by their definition, wherever they are printed.
PARTS = {"total_enrolled": ("cases_completed", "pending_cases")}

#: The group of a figure: its columns and their values; none for that of all cases.
Key = tuple[tuple[str, str | int | None], ...]


class Printed:
    """The counts of one output, all metrics together.

    ``places`` finds the cells of a count by its name and group; there is more
    than one where metrics group it by different dates.
    """

    def __init__(self, head: Head, metrics: Iterable[Metric]) -> None:
        self._head = head
        self.cells = Cells()
        self.places: dict[tuple[str, Key], list[Cell]] = {}
        for metric in metrics:
            self._add(metric)
        self._relate()

    def _take(self, name: str, key: Key, value: Value) -> Cell | None:
        if not isinstance(value, int):
            return None
        cell = cell_of(name, key, value)
        self.cells.values[cell] = value
        found = self.places.setdefault((name, key), [])
        if cell not in found:
            found.append(cell)
        return cell

    def _add(self, metric: Metric) -> None:
        totals = {
            each.name: cell
            for each in metric.measures
            if _counts(each.unit)
            if (cell := self._take(each.name, (), each.value)) is not None
        }
        columns: dict[str, list[tuple[Row, Cell]]] = {}
        for row in metric.rows:
            for name, value in row.values.items():
                if name != "months" and not _is_days(metric, name):
                    cell = self._take(name, key_of(row), value)
                    if cell is not None:
                        columns.setdefault(name, []).append((row, cell))
        encounters = any(each.unit == "encounters" for each in metric.measures)
        if encounters:
            self._add_encounters(metric, columns, totals)
            return
        for name, cells in columns.items():
            parts = tuple(cell for _, cell in cells)
            # A column without a measure of its own adds up to one that it is a part of.
            wholes = [totals[name]] if name in totals else list(totals.values())
            for whole in wholes:
                self._add_sum(whole, parts)

    def _add_encounters(
        self,
        metric: Metric,
        columns: Mapping[str, list[tuple[Row, Cell]]],
        totals: Mapping[str, Cell],
    ) -> None:
        """Components add up to a row, and the rows of the headline's fiscal year to it."""
        for row in metric.rows:
            cells = [
                cell_of(name, key_of(row), row.values.get(name))
                for name in ("encounters", "usbp", "ofo")
            ]
            if all(cell in self.cells.values for cell in cells):
                self._add_sum(cells[0], tuple(cells[1:]))
                self.cells.inside |= {(cells[1], cells[0]), (cells[2], cells[0])}
        day = self._head.as_of
        year = fiscal_year(day.year, day.month)
        rows = columns.get("encounters", [])
        # Calendar years may hold no other months than those to date, too.
        spans = [{f"FY{year}"}, {str(year)}, {str(year), str(year - 1)}]
        for whole in totals.values():
            for span in spans:
                self._add_sum(whole, tuple(cell for row, cell in rows if _year(row) in span))

    def _add_sum(self, whole: Cell, parts: tuple[Cell, ...]) -> None:
        values = self.cells.values
        if parts and whole not in parts and sum(map(values.__getitem__, parts)) == values[whole]:
            self.cells.sums.append((whole, parts))

    def _relate(self) -> None:
        """What the definitions say of counts with different names, group by group."""
        inside, shares = _relations()
        keys = {key for _, key in self.places}
        for key in keys:
            for pairs, known in ((inside, self.cells.inside), (shares, self.cells.shares)):
                for part, whole in pairs:
                    known |= {
                        (one, other)
                        for one in self.places.get((part, key), ())
                        for other in self.places.get((whole, key), ())
                    }
            for name, parts in PARTS.items():
                cells = [self.places.get((each, key), [])[:1] for each in (name, *parts)]
                if all(cells):
                    self._add_sum(cells[0][0], tuple(cell for (cell,) in cells[1:]))


def cell_of(name: str, key: Key, value: Value) -> Cell:
    """A count by its name, group and value: the same count is one cell wherever it stands."""
    return (name, key, value)


def _counts(unit: str) -> bool:
    return unit not in ("ratio", "days")


def _is_days(metric: Metric, name: str) -> bool:
    return any(each.name == name and each.unit == "days" for each in metric.measures)


def key_of(row: Row) -> Key:
    """The group that a row stands for."""
    return tuple(row.by.items())


def _year(row: Row) -> str | None:
    """The fiscal year of a row by its columns of time (``FY2021``), or else its calendar year."""
    year = row.by.get("fiscal_year")
    if year is not None:
        return f"FY{year}"
    month = re.fullmatch(r"(\d{4})-(\d\d)", str(row.by.get("month")))
    quarter = re.fullmatch(r"(\d{4})\D*Q(\d)", str(row.by.get("quarter")))
    if month:
        return f"FY{fiscal_year(int(month[1]), int(month[2]))}"
    if quarter:
        return f"FY{fiscal_year(int(quarter[1]), int(quarter[2]) * 3 - 2)}"
    calendar_year = row.by.get("calendar_year")
    return None if calendar_year is None else str(calendar_year)


def _relations() -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """Which count lies inside which by its rules, and which one is a share of which."""
    counts: dict[str, Count] = {}
    shares: set[tuple[str, str]] = set()
    for metric in METRICS.values():
        for measure in metric.measures:
            found = [measure]
            if isinstance(measure, Ratio):
                shares.add((measure.part.name, measure.whole.name))
                found = [measure.part, measure.whole]
            for count in found:
                if isinstance(count, Count):
                    counts[count.name] = count
                    if count.within:
                        shares.add((count.name, count.within.name))
    inside = {
        (one.name, other.name)
        for one in counts.values()
        for other in counts.values()
        if one.name != other.name and _rules(other) <= _rules(one)
    }
    return inside, shares


def _rules(count: Count) -> set[tuple[str, str | None]]:
    return {(rule.keeps, rule.dated_by) for rule in count.all_rules}
