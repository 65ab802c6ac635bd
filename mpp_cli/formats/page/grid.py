"""The table of a metric as rows of ready text, before any format draws it."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace

from mpp_cli.common.periods import fiscal_year
from mpp_cli.formats.page.cell import Shown, shown_group
from mpp_cli.formats.text import column_heading
from mpp_cli.results.display import NO_FIGURE
from mpp_cli.results.report import Measure, Metric, Row
from mpp_cli.results.tidy import footnotes_of, row_measures, unit_of


@dataclass(frozen=True)
class Grid:
    """A heading per column and rows of text under them.

    The first ``groups`` columns name the group, the others hold figures.
    ``total`` is the last row of a grouped table. ``beside`` holds the figures
    of the metric that are in no column, as (label, display). ``notes`` are the
    ids of the footnotes to each heading, and then to each figure beside the table.
    ``inner`` numbers the rows that belong to the row above them which is none of these.

    A cell that is :class:`Shown` knows the figure that its text shows.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    groups: int = 0
    total: tuple[str, ...] | None = None
    beside: tuple[tuple[str, str], ...] = ()
    notes: tuple[tuple[str, ...], ...] = ()
    inner: frozenset[int] = frozenset()

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
            return _with_beside(Grid((), ()), metric, (), as_of)
        return Grid(
            tuple(each.label for each in metric.measures),
            (tuple(map(_shown, metric.measures)),) if metric.measures else (),
            notes=tuple(each.footnotes for each in metric.measures),
        )
    columns = row_measures(metric)
    names = tuple(name for name, _ in columns)
    hidden = {name for row in metric.rows for name in row.suppressed}
    whole = {} if _is_by_year(metric) else {m.name: _shown(m) for m in metric.measures}
    total = None
    if any(name in whole for name in names):
        blanks = ("",) * (len(metric.by) - 1)
        total = ("Total", *blanks, *(whole.get(name, "") for name in names))
    table = Grid(
        (*map(column_heading, metric.by), *(label for _, label in columns)),
        tuple(_line(metric, row, names) for row in metric.rows),
        groups=len(metric.by),
        total=total,
        notes=(
            *(() for _ in metric.by),
            *(footnotes_of(metric, name, name in hidden) for name in names),
        ),
    )
    return _with_beside(table, metric, names if total else (), as_of)


def _line(metric: Metric, row: Row, names: tuple[str, ...]) -> tuple[str, ...]:
    figures = (
        Shown(row.display.get(name, NO_FIGURE), row.values.get(name), unit_of(metric, name))
        for name in names
    )
    return (*(shown_group(row.by.get(name)) for name in metric.by), *figures)


def _shown(measure: Measure) -> Shown:
    value = None if measure.suppressed else measure.value
    return Shown(measure.display, value, measure.unit)


def _is_by_year(metric: Metric) -> bool:
    """Whether the headline is one fiscal year, so that it is not the total of the rows."""
    return any(m.name == metric.headline and m.unit == "encounters" for m in metric.measures)


def _with_beside(table: Grid, metric: Metric, names: tuple[str, ...], as_of: datetime.date) -> Grid:
    """The table with the measures that no column totals, so that none of them is lost."""
    year = fiscal_year(as_of.year, as_of.month)
    rest = [measure for measure in metric.measures if measure.name not in names]
    labels = [
        f"FY{year} to date"
        if measure.unit == "encounters" and measure.name == metric.headline
        else measure.label
        for measure in rest
    ]
    return replace(
        table,
        beside=tuple(zip(labels, map(_shown, rest), strict=True)),
        notes=(*table.notes, *(measure.footnotes for measure in rest)),
    )
