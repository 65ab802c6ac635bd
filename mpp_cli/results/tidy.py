"""The tidy form of a report: one line per measure, then one per measure and group.

The CSV format and the pandas DataFrame both have this form; values here are
plain and not yet made safe for either.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from fractions import Fraction

from mpp_cli.results.display import NO_FIGURE, group_value, number
from mpp_cli.results.report import SUPPRESSED, Head, Measure, Metric

Cell = datetime.date | int | float | str | None

_BEFORE = ("as_of", "goal", "metric", "measure", "label")
_AFTER = ("value", "display", "unit", "status", "footnotes")
_SAMPLE = "data"


def group_columns(metrics: Sequence[Metric]) -> tuple[str, ...]:
    """The columns by which any of the metrics is grouped, in order of first appearance."""
    return tuple(dict.fromkeys(column for metric in metrics for column in metric.by))


def columns(head: Head, metrics: Sequence[Metric]) -> tuple[str, ...]:
    """The names of the columns, in order and each once.

    A column of the data may bear the name of one of ours; it is then written
    as ``by_status``, so that reading by name never meets the wrong one.
    """
    taken = {*_BEFORE, *_AFTER, _SAMPLE}
    groups = tuple(f"by_{name}" if name in taken else name for name in group_columns(metrics))
    return (*_BEFORE, *groups, *_AFTER, *((_SAMPLE,) if head.sample else ()))


def lines(head: Head, metrics: Sequence[Metric]) -> Iterator[tuple[Cell, ...]]:
    """The lines under :func:`columns`: ungrouped figures of a metric, then its groups."""
    groups = group_columns(metrics)
    tail: tuple[Cell, ...] = ("SAMPLE DATA",) if head.sample else ()
    for metric in metrics:
        start: tuple[Cell, ...] = (head.as_of, metric.goal, metric.name)
        none: tuple[Cell, ...] = (None,) * len(groups)
        for measure in metric.measures or (_missing(metric),):
            figure = None if measure.suppressed else measure.value
            yield (
                *start,
                *(measure.name, measure.label),
                *none,
                *(number(figure), measure.display, measure.unit),
                *(metric.status, "; ".join(measure.footnotes)),
                *tail,
            )
        for row in metric.rows:
            by = tuple(group_value(row.by[name]) if name in row.by else None for name in groups)
            for name, label in row_measures(metric):
                figure = row.values.get(name)
                yield (
                    *start,
                    *(name, label),
                    *by,
                    *(number(figure), row.display.get(name, NO_FIGURE)),
                    *(unit_of(metric, name), metric.status),
                    "; ".join(footnotes_of(metric, name, name in row.suppressed)),
                    *tail,
                )


def row_measures(metric: Metric) -> tuple[tuple[str, str], ...]:
    """The (name, label) of the figures of each group, in order."""
    return metric.row_measures or tuple((each.name, each.label) for each in metric.measures)


def _missing(metric: Metric) -> Measure:
    """The line of a metric without figures: a metric is never left out in silence."""
    return Measure(metric.headline, metric.title, None, NO_FIGURE, "")


def _named(metric: Metric, name: str) -> Measure | None:
    return next((each for each in metric.measures if each.name == name), None)


def unit_of(metric: Metric, name: str) -> str:
    """The unit of a figure that may be a column of the groups only."""
    measure = _named(metric, name)
    if measure:
        return measure.unit
    if name == "months":
        return "months"
    if any(isinstance(row.values.get(name), Fraction) for row in metric.rows):
        return "ratio"
    headline = _named(metric, metric.headline)
    return headline.unit if headline and headline.unit != "ratio" else "cases"


def footnotes_of(metric: Metric, name: str, suppressed: bool = False) -> tuple[str, ...]:
    """A column of the groups only is a part of the headline, whose footnotes hold for it.

    A figure that is ``suppressed`` says so, also where that of all cases is not.
    """
    measure = _named(metric, name) or _named(metric, metric.headline)
    own = measure.footnotes if measure else ()
    return (*own, *((SUPPRESSED,) if suppressed and SUPPRESSED not in own else ()))
