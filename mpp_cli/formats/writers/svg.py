"""Charts as inline SVG: shapes with classes, coloured by the style of the page.

Text is as large as the page's, parts and lines are told apart without colour,
and every chart says what it shows in words. Nothing here is a string of markup:
elements are built, so that text is escaped wherever they are written.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from fractions import Fraction
from xml.etree.ElementTree import Element, SubElement

from mpp_cli.formats.page.charts import Bars, Line, Lines
from mpp_cli.formats.text import safe
from mpp_cli.formats.writers import axis

_WIDTH = 440
_LINE = 20  # Of text, from one base line to the next.
_BAR = 16
_HEIGHT = 200  # Of the drawing between the axes.
_LEFT, _RIGHT = 64, 24

#: Letters of a label that fit into the width; what is beyond stands in the table.
_MOST_LETTERS = 56


def draw(chart: Bars | Lines, number: int) -> Element:
    """The chart as an ``svg`` element; ``number`` tells it from the others of the page."""
    content, height = _bars(chart, number) if isinstance(chart, Bars) else _lines(chart)
    title, said = f"chart-{number}-title", f"chart-{number}-text"
    svg = Element(
        "svg",
        {
            "viewBox": f"0 0 {_WIDTH} {height}",
            "role": "img",
            "aria-labelledby": f"{title} {said}",
            "class": "chart",
        },
    )
    SubElement(svg, "title", {"id": title}).text = safe(chart.title)
    SubElement(svg, "desc", {"id": said}).text = safe(chart.said)
    svg.extend(content)
    return svg


# --- bars ----------------------------------------------------------------------


def _bars(chart: Bars, number: int) -> tuple[list[Element], int]:
    found: list[Element] = []
    hatch = f"hatch-{number}"
    y = 0
    if chart.parts:
        found.append(_hatch(hatch))
        for place, name in enumerate(chart.parts):
            found.append(_piece(0, y + 4, 24, place, hatch))
            found.append(_text(32, y + 16, name))
            y += _LINE
        y += 8
    longest = max((sum(bar.lengths) for bar in chart.bars), default=0)
    for bar in chart.bars:
        y += _LINE
        found.append(_text(0, y, bar.label))
        found.append(_text(_WIDTH, y, bar.display, "end"))
        x = 0.0
        for place, length in enumerate(bar.lengths):
            width = _WIDTH * length / longest if longest else 0.0
            # A bar that stands for something is never too thin to be seen.
            found.append(_piece(x, y + 6, max(width, 1.0) if length else 0.0, place, hatch))
            x += width
        y += _BAR + 14
    return found, y


def _piece(x: float, y: float, width: float, place: int, hatch: str) -> Element:
    shape = {"x": _short(x), "y": _short(y), "width": _short(width), "height": str(_BAR)}
    if place == 0:
        return Element("rect", shape | {"class": "bar"})
    return Element("rect", shape | {"class": "part", "fill": f"url(#{hatch})"})


def _hatch(name: str) -> Element:
    """Slanted lines, by which the second part of a bar differs from the first."""
    pattern = Element(
        "pattern",
        {
            "id": name,
            "width": "6",
            "height": "6",
            "patternUnits": "userSpaceOnUse",
            "patternTransform": "rotate(45)",
        },
    )
    SubElement(pattern, "rect", {"width": "6", "height": "6", "class": "ground"})
    SubElement(pattern, "rect", {"width": "3", "height": "6", "class": "stripe"})
    return pattern


# --- lines ---------------------------------------------------------------------


def _lines(chart: Lines) -> tuple[list[Element], int]:
    found: list[Element] = []
    y = 0
    for place, line in enumerate(chart.lines):
        y += _LINE
        found.append(_stroke([(0, y - 5), (36, y - 5)], place))
        letter = f"{_letter(place)}: " if len(chart.lines) > 1 else ""
        found.append(_text(44, y, f"{letter}{line.name}"))
    top = y + 20
    greatest = max((value for line in chart.lines for value in line.values if value), default=1)
    ticks = axis.ticks(greatest, chart.unit)
    for tick in ticks:
        level = _level(tick, ticks[-1], top)
        found.append(_path([(_LEFT, level), (_WIDTH - _RIGHT, level)], "grid"))
        found.append(_text(_LEFT - 8, level + 5, axis.label(tick, chart.unit, ticks), "end"))
    found += _dates(chart.days, top)
    ends: list[tuple[float, float, int]] = []
    for place, line in enumerate(chart.lines):
        runs = _runs(chart, line, ticks[-1], top)
        for run in runs:
            found.append(_run(run, place))
        if runs and len(chart.lines) > 1:
            ends.append((*runs[-1][-1], place))
    return [*found, *_letters(ends)], top + _HEIGHT + 28


def _runs(
    chart: Lines, line: Line, greatest: Fraction, top: int
) -> list[list[tuple[float, float]]]:
    """A line in as many pieces as the gaps in it leave."""
    runs: list[list[tuple[float, float]]] = [[]]
    for day, value in zip(chart.days, line.values, strict=True):
        if value is None:
            runs.append([])
        else:
            runs[-1].append((_x(day, chart.days), _level(Fraction(value), greatest, top)))
    return [run for run in runs if run]


def _run(points: list[tuple[float, float]], place: int) -> Element:
    if len(points) > 1:
        return _stroke(points, place)
    ((x, y),) = points  # A line of one point would not be seen.
    return Element("circle", {"cx": _short(x), "cy": _short(y), "r": "3", "class": "point"})


def _letters(ends: list[tuple[float, float, int]]) -> Iterator[Element]:
    """The letters of the lines where they end, none of them over another."""
    above = float("-inf")
    for x, y, place in sorted(ends, key=lambda end: end[1]):
        above = max(y, above + 15)
        yield _text(min(x + 6, _WIDTH - 12), above + 5, _letter(place))


def _dates(days: Sequence[datetime.date], top: int) -> Iterator[Element]:
    """The first and the last day, and the beginnings of years that stand clear of both."""
    base = top + _HEIGHT + 20
    first, last = _x(days[0], days), _x(days[-1], days)
    yield _text(first, base, days[0].isoformat(), "middle")
    yield _text(min(last, _WIDTH - 40), base, days[-1].isoformat(), "middle")
    taken = first + 45
    for year in range(days[0].year + 1, days[-1].year + 1):
        x = _x(datetime.date(year, 1, 1), days)
        yield _path([(x, top + _HEIGHT), (x, top + _HEIGHT + 5)], "grid")
        if x - 20 > taken and x + 20 < min(last, _WIDTH - 40) - 40:
            yield _text(x, base, str(year), "middle")
            taken = x + 20


def _x(day: datetime.date, days: Sequence[datetime.date]) -> float:
    whole = (days[-1] - days[0]).days or 1
    return _LEFT + (_WIDTH - _LEFT - _RIGHT) * (day - days[0]).days / whole


def _level(value: Fraction, greatest: Fraction, top: int) -> float:
    return float(top + _HEIGHT * (1 - value / greatest))


def _letter(place: int) -> str:
    return "ABCDEF"[place]


# --- shapes ----------------------------------------------------------------------


def _stroke(points: Sequence[tuple[float, float]], place: int) -> Element:
    return _path(points, f"line line-{place}")


def _path(points: Sequence[tuple[float, float]], name: str) -> Element:
    way = "M" + "L".join(f"{_short(x)} {_short(y)}" for x, y in points)
    return Element("path", {"d": way, "class": name})


def _text(x: float, y: float, text: str, anchor: str = "start") -> Element:
    shown = safe(text)
    if len(shown) > _MOST_LETTERS:
        shown = f"{shown[:_MOST_LETTERS]}…"
    place = {"x": _short(x), "y": _short(y), "text-anchor": anchor}
    element = Element("text", place)
    element.text = shown
    return element


def _short(number: float) -> str:
    """A coordinate with at most one decimal."""
    return f"{number:.1f}".removesuffix(".0")
