"""A trend as a chart of text, drawn by plotille; imported only when one is drawn."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from mpp_cli.figures import half_up
from mpp_cli.formats.text import group_value, safe
from mpp_cli.formats.wrapping import wrap
from mpp_cli.series import Series, Trend

#: Below so many columns a chart says less than the table under it.
LEAST_WIDTH = 50

#: The most lines that can be told apart.
MOST_LINES = 6

#: Lines are told apart by colour on a terminal, by letter everywhere.
_COLORS = ("bright_blue", "red", "green", "yellow", "magenta", "cyan")

# What plotille puts before the drawing: ten columns of numbers and the axis.
_MARGIN = 14
_TICK = 10

#: The empty cell of a drawing in dots, as a plain space.
_BLANK = "\u2800"


def draw(trend: Trend, *, color: bool, width: int) -> str | None:
    """The headline over time in lines of at most ``width`` columns; None where none fits.

    Of a broken-down trend the greatest groups are drawn.
    """
    lines = list(_lines(trend))
    if width < LEAST_WIDTH or len(trend.series[0].points) < 2 or not lines:
        return None
    try:
        import plotille
    except ModuleNotFoundError:  # The figures are in the table: a chart is a convenience.
        return None
    figure: Any = plotille.Figure()
    figure.width = width - _MARGIN - _TICK
    figure.height = max(6, min(16, width // 8))
    figure.color_mode = "names"
    figure.with_colors = color
    ratio = next(m.unit for m in trend.measures if m.name == trend.headline) == "ratio"
    days = [point.day.toordinal() for point in trend.series[0].points]
    # Limits are exclusive: the last and the greatest point must lie inside.
    figure.set_x_limits(days[0], days[-1] + 2 * (days[-1] - days[0]) / figure.width)
    top = max(value for _, points in lines for _, value in points)
    if not ratio:  # A line of the drawing is one case at least.
        figure.height = min(figure.height, max(3, int(top)))
    figure.set_y_limits(0, 1.02 * float(top) or 1.0)
    figure.x_ticks_fkt = lambda low, high: _day(low)
    figure.y_ticks_fkt = lambda low, high: _number(low, ratio)
    for place, (_, points) in enumerate(lines):
        x, y = [day for day, _ in points], [float(value) for _, value in points]
        options = {"lc": _COLORS[place] if color else None}
        figure.plot(x, y, **options)
        if len(lines) > 1:
            figure.scatter(x[-1:], y[-1:], marker=_letter(place), **options)
    drawn = figure.show().replace(_BLANK, " ")
    label = next(each.label for each in trend.measures if each.name == trend.headline)
    # plotille names its axes above and beside them; the title does that here.
    kept = re.sub(r"-> \(\w*\)", "", drawn).split("\n")[1:]
    legend = [
        line
        for place, (name, _) in enumerate(lines)
        for line in wrap(name, width, f"{_letter(place)}  ", "   ")
    ]
    rest = len(trend.series) - 1 - len(lines)
    if rest > 0:
        legend.append(f"{rest:,} more groups are in the table only")
    parts = [*wrap(safe(label), width), *kept, *(legend if len(lines) > 1 or rest > 0 else ())]
    return "\n".join(line.rstrip() for line in parts) + "\n"


def _lines(trend: Trend) -> Iterator[tuple[str, list[tuple[int, Fraction | int]]]]:
    """What is drawn, with its name: all cases, or the greatest of the groups."""
    groups = trend.series[1:]
    # By the first measure: of a rate that is its whole, so that the great groups are drawn.
    chosen = sorted(groups, key=lambda each: _last(each, trend.measures[0].name), reverse=True)
    for series in chosen[:MOST_LINES] if groups else trend.series:
        points = [
            (point.day.toordinal(), value)
            for point in series.points
            if (value := point.values[trend.headline]) is not None
        ]
        if points:
            yield safe(", ".join(group_value(each) for each in series.by.values())), points


def _last(series: Series, name: str) -> Fraction | int:
    value = series.points[-1].values[name]
    return -1 if value is None else value


def _letter(place: int) -> str:
    return "ABCDEF"[place]


def _day(ordinal: float) -> str:
    return datetime.date.fromordinal(max(1, int(ordinal))).strftime("%y-%m-%d")


def _number(value: float, ratio: bool) -> str:
    rounded = half_up(Fraction(max(value, 0.0)) * (100 if ratio else 1), 1 if ratio else 0)
    return f"{float(rounded):.1f}%".rjust(_TICK) if ratio else f"{int(rounded):,}".rjust(_TICK)
