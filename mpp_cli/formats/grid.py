"""The table of a metric as rows of ready text, before any format draws it."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from mpp_cli.formats.text import NO_FIGURE, column_heading, group_value
from mpp_cli.formats.tidy import row_measures
from mpp_cli.results import Metric


@dataclass(frozen=True)
class Grid:
    """A heading per column and rows of text under them.

    The first ``groups`` columns name the group, the others hold figures.
    ``total`` is the last row of a grouped table. ``beside`` holds the figures
    of the metric that are in no column, as (label, display).
    """

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    groups: int = 0
    total: tuple[str, ...] | None = None
    beside: tuple[tuple[str, str], ...] = ()

    @property
    def is_one_figure(self) -> bool:
        """Whether the table is one figure, whose heading says all that a title would."""
        return len(self.header) == 1 and len(self.rows) == 1

    @property
    def all_rows(self) -> tuple[tuple[str, ...], ...]:
        """The rows and then the total, where there is one."""
        return self.rows if self.total is None else (*self.rows, self.total)


def grid(metric: Metric, as_of: datetime.date) -> Grid:
    """The metric's figures as the document lays them out, or by group when it has groups."""
    if not metric.rows:
        if _is_by_year(metric):
            return Grid((), (), beside=_beside(metric, (), as_of))
        return Grid(
            tuple(each.label for each in metric.measures),
            (tuple(each.display for each in metric.measures),) if metric.measures else (),
        )
    columns = row_measures(metric)
    names = tuple(name for name, _ in columns)
    rows = tuple(
        (
            *(group_value(row.by.get(name)) for name in metric.by),
            *(row.display.get(name, NO_FIGURE) for name in names),
        )
        for row in metric.rows
    )
    whole = {} if _is_by_year(metric) else {m.name: m.display for m in metric.measures}
    total = None
    if any(name in whole for name in names):
        blanks = ("",) * (len(metric.by) - 1)
        total = ("Total", *blanks, *(whole.get(name, "") for name in names))
    return Grid(
        (*map(column_heading, metric.by), *(label for _, label in columns)),
        rows,
        groups=len(metric.by),
        total=total,
        beside=_beside(metric, names if total else (), as_of),
    )


def _is_by_year(metric: Metric) -> bool:
    """Whether the headline is one fiscal year, so that it is not the total of the rows."""
    return any(m.name == metric.headline and m.unit == "encounters" for m in metric.measures)


def _beside(
    metric: Metric, names: tuple[str, ...], as_of: datetime.date
) -> tuple[tuple[str, str], ...]:
    """The measures that no column totals, so that none of them is lost."""
    year = as_of.year + (as_of.month >= 10)  # The U.S. fiscal year begins in October.
    return tuple(
        (
            f"FY{year} to date"
            if measure.unit == "encounters" and measure.name == metric.headline
            else measure.label,
            measure.display,
        )
        for measure in metric.measures
        if measure.name not in names
    )
