"""A trend as a chart of text, drawn by plotille; imported only when one is drawn.

plotille draws the lines. The axes are written here, because its own are labelled
every ten columns and on every line, whatever value that is: here the labels are
round values on one axis, and periods of the trend on the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

from mpp_cli.formats.text import safe
from mpp_cli.formats.wrapping import wrap
from mpp_cli.formats.writers import axis
from mpp_cli.results.display import group_value
from mpp_cli.results.trend import Series, Trend

#: Below so many columns a chart says less than the table under it.
LEAST_WIDTH = 50

#: What is said there instead, on a line that a window of 40 columns holds.
TOO_NARROW = f"Too narrow for the chart ({LEAST_WIDTH} columns)."

#: The most lines that can be told apart.
MOST_LINES = 6

#: Lines are told apart by colour on a terminal, by letter everywhere.
_COLORS = ("bright_blue", "red", "green", "yellow", "magenta", "cyan")

#: The most lines of text between two labels of the upright axis.
_MOST_APART = 5

#: Between the labels of the upright axis and the drawing.
_EDGE = " | "

#: The empty cell of a drawing in dots, as a plain space.
_BLANK = "\u2800"

#: A place of the drawing: column from the left, row from below.
_Cell = tuple[int, int]


@dataclass(frozen=True)
class _Line:
    """A line with the days and figures of its points."""

    name: str
    points: list[tuple[int, Fraction | int]]


def draw(trend: Trend, *, color: bool, width: int) -> str | None:
    """The headline over time in lines of at most ``width`` columns; None where there is nothing.

    Of a broken-down trend the greatest groups are drawn. Where the chart would not fit, a
    line says so.
    """
    lines = list(_lines(trend))
    if len(trend.series[0].points) < 2 or not lines:
        return None
    if width < LEAST_WIDTH:
        return "\n".join(wrap(TOO_NARROW, width)) + "\n"
    try:
        import plotille
    except ModuleNotFoundError:  # The figures are in the table: a chart is a convenience.
        return None
    headline = next(each for each in trend.measures if each.name == trend.headline)
    rest = len(trend.series) - 1 - len(lines)
    parts = [
        *wrap(safe(headline.label), width),
        *_Drawing(plotille.Canvas, trend, lines, headline.unit, color, width).text(),
    ]
    if len(lines) > 1 or rest > 0:
        for place, line in enumerate(lines):
            parts += wrap(line.name, width, f"{_letter(place)}  ", "   ")
    if rest > 0:
        parts.append(f"{rest:,} more groups are in the table only")
    return "\n".join(line.rstrip() for line in parts) + "\n"


def _lines(trend: Trend) -> Iterator[_Line]:
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
            yield _Line(safe(", ".join(group_value(each) for each in series.by.values())), points)


def _last(series: Series, name: str) -> Fraction | int:
    value = series.points[-1].values[name]
    return -1 if value is None else value


def _letter(place: int) -> str:
    return "ABCDEF"[place]


class _Drawing:
    """The lines between their axes.

    A row of the drawing is four dots high, a column two dots wide.
    """

    def __init__(
        self, canvas: Any, trend: Trend, lines: list[_Line], unit: str, color: bool, width: int
    ) -> None:
        self._lines, self._color, self._whole = lines, color, width
        self._points = trend.series[0].points
        self._first = self._points[0].day.toordinal()
        self._days = self._points[-1].day.toordinal() - self._first
        ticks = axis.ticks(max(value for line in lines for _, value in line.points), unit)
        self._labels = [axis.label(tick, unit, ticks) for tick in ticks]
        # Every label stands at the foot of its row: that is where its value is.
        self._apart = max(1, min(_MOST_APART, min(16, width // 8) // (len(ticks) - 1)))
        self._height = self._apart * (len(ticks) - 1) + 1
        self._margin = max(map(len, self._labels)) + len(_EDGE)
        self._width = width - self._margin
        self._row = (ticks[1] - ticks[0]) / self._apart
        # Its limits are exclusive: the last and the greatest point must lie inside.
        self._canvas = canvas(self._width, self._height, 0, 0, 2 * self._width, 4 * self._height)

    def text(self) -> Iterator[str]:
        """The rows from the top, then the axis of time and its labels."""
        ways = [[*map(self._dot, line.points)] for line in self._lines]
        for place, way in enumerate(ways):
            self._canvas.point(*way[0], color=self._hue(place))
            for before, after in pairwise(way):
                self._canvas.line(*before, *after, color=self._hue(place))
        if len(ways) > 1:
            # Letters come last, so that no line runs over one.
            for place, (column, row) in enumerate(_free_places([*map(_cells, ways)])):
                self._canvas.text(2 * column, 4 * row, _letter(place), color=self._hue(place))
        drawn = self._canvas.plot(linesep="\n").replace(_BLANK, " ").split("\n")
        for row, line in zip(reversed(range(self._height)), drawn, strict=True):
            said = "" if row % self._apart else self._labels[row // self._apart]
            yield f"{said:>{self._margin - len(_EDGE)}}{_EDGE}{line}"
        yield from self._time()

    def _hue(self, place: int) -> str | None:
        return _COLORS[place] if self._color else None

    def _dot(self, point: tuple[int, Fraction | int]) -> tuple[int, int]:
        day, value = point
        return self._across(day), round(Fraction(value) / self._row * 4)

    def _across(self, day: int) -> int:
        return round(Fraction(day - self._first, self._days) * (2 * self._width - 1))

    def _time(self) -> Iterator[str]:
        """The axis with a mark at each period that is labelled, and the labels."""
        marks = [
            (self._margin + self._across(point.day.toordinal()) // 2, point.period)
            for point in self._points
        ]
        axis = list(" " * (self._margin - 2) + "|" + "-" * (self._width + 1))
        below = list(" " * self._whole)
        for column, start, label in _labelled(marks, self._whole):
            axis[column] = "|"
            below[start : start + len(label)] = label
        yield "".join(axis)
        yield "".join(below)


def _labelled(marks: Sequence[tuple[int, str]], width: int) -> list[tuple[int, int, str]]:
    """As many periods at equal intervals as have room for their labels, and the last.

    Each with its column, the column where its label starts, and the label.
    """
    spans = [
        (column, max(0, min(column - len(label) // 2, width - len(label))), label)
        for column, label in marks
    ]
    *others, last = spans
    for every in range(1, len(spans)):
        chosen = others[::every]
        # The one before the last gives way to it, where it would touch it.
        if len(chosen) > 1 and not _apart([chosen[-1], last]):
            chosen.pop()
        if _apart([*chosen, last]):
            return [*chosen, last]
    return [last]


def _apart(spans: Sequence[tuple[int, int, str]]) -> bool:
    """Whether two blanks at least are between any two labels."""
    return all(
        start + len(label) + 2 <= after for (_, start, label), (_, after, _) in pairwise(spans)
    )


def _cells(way: list[tuple[int, int]]) -> list[_Cell]:
    """The places of the drawing that a line runs through, from its end to its start."""
    dots = [way[0]]
    for (x, y), (right, up) in pairwise(way):
        steps = max(abs(right - x), abs(up - y), 1)
        dots += [
            (x + (right - x) * step // steps, y + (up - y) * step // steps)
            for step in range(1, steps + 1)
        ]
    return [*dict.fromkeys((x // 2, y // 4) for x, y in reversed(dots))]


def _free_places(lines: list[list[_Cell]]) -> list[_Cell]:
    """A place for the letter of each line, none of them the place of another.

    That is the one nearest its end which no other line runs through, or else as few as
    can be. Short lines choose first, as they have least to choose from.
    """
    found: dict[int, _Cell] = {}
    for index in sorted(range(len(lines)), key=lambda each: len(lines[each])):
        free = [cell for cell in lines[index] if cell not in found.values()]
        others = [set(line) for place, line in enumerate(lines) if place != index]
        found[index] = min(
            free or _beside(lines[index][0], found.values()),
            key=lambda cell: sum(cell in line for line in others),
        )
    return [found[index] for index in range(len(lines))]


def _beside(cell: _Cell, taken: Any) -> list[_Cell]:
    """The place nearest to one, on its row, that has no letter yet."""
    column, row = cell
    near = ((column + sign * far, row) for far in range(1, MOST_LINES + 1) for sign in (-1, 1))
    return [next(each for each in near if each[0] >= 0 and each not in taken)]
