"""``--suppress-below N`` of a trend: neither small figures nor small steps between them.

A trend is cumulative, so that the difference of two points that are shown is a
count as well: of what happened between them. It is protected like a figure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from mpp_cli.audit import Cell
from mpp_cli.disclosure import check, mark, sentence, veiled_head
from mpp_cli.errors import UsageError
from mpp_cli.periods import fiscal_year
from mpp_cli.printed import Key, Places, count_of_days, counts_of_ratio
from mpp_cli.relations import counts, declared, shares
from mpp_cli.results import SUPPRESSED, WITHHELD, Footnote, Value
from mpp_cli.series import Point, Series, Trend
from mpp_cli.suppression import hidden_cells

#: More figures than this are not looked through: their protection would take minutes.
#: Groups and their total hang together at every date, which makes them the harder case.
MOST_FIGURES = 50_000
MOST_GROUPED = 3_000

STEPS = (
    "So is the difference of two points that are shown: points are withheld until what happened "
    "between them is {below} or more, or nothing."
)


def of_trend(trend: Trend) -> Trend:
    """A trend without the counts below its request's ``suppress_below``, if it has one."""
    below = check(trend.head.request.suppress_below)
    if below is None:
        return trend
    figures = sum(len(series.points) for series in trend.series) * len(trend.measures)
    most = MOST_GROUPED if trend.by else MOST_FIGURES
    if figures > most:
        raise UsageError(
            f"small counts cannot be hidden in a trend of {figures:,} figures, more than {most:,}",
            hint="choose longer periods with --every, or leave out a --by",
        )
    told = _Told(trend, below)
    hidden = hidden_cells(told.places.cells, below)
    number = len(trend.footnotes) + 1
    text = f"{sentence(below)} {STEPS.format(below=below)}"
    return replace(
        trend,
        head=veiled_head(trend.head, below),
        series=tuple(
            replace(
                series,
                points=tuple(told.without(series, point, hidden) for point in series.points),
            )
            for series in trend.series
        ),
        footnotes=(*trend.footnotes, Footnote(SUPPRESSED, "*" * number, text)),
    )


class _Told:
    """What a trend tells: its figures, what happened between them, and how they hang together."""

    def __init__(self, trend: Trend, below: int) -> None:
        self._trend, self._below = trend, below
        self.places = Places()
        self._counts = [each.name for each in trend.measures if each.unit not in ("ratio", "days")]
        for series in trend.series:
            for name in self._counts:
                self._follow(series, name)
        self._add_parts()
        whole, *groups = trend.series
        for name in self._counts:
            for place in range(len(whole.points) if groups else 0):
                cells = [self._cell(series, name, series.points[place]) for series in groups]
                total = self._cell(whole, name, whole.points[place])
                known = tuple(cell for cell in cells if cell is not None)
                if total is not None and len(known) == len(groups):
                    self.places.add_sum(total, known)
        self.places.relate()

    def _add_parts(self) -> None:
        """A headline that divides into parts is their sum, where all of them are followed."""
        known = declared(self._trend.name)
        parts = [part.count.name for part in known.parts]
        if not parts or not {known.headline, *parts} <= {*self._counts}:
            return
        for series in self._trend.series:
            for point in series.points:
                whole, *cells = (
                    self._cell(series, name, point) for name in (known.headline, *parts)
                )
                if whole is not None:
                    self.places.add_sum(whole, tuple(cell for cell in cells if cell is not None))

    def _cell(self, series: Series, name: str, point: Point) -> Cell | None:
        return self.places.take(name, _key(series, point), point.values[name])

    def _follow(self, series: Series, name: str) -> None:
        """The figures of one series, and the steps between them where they only grow."""
        cells = [self._cell(series, name, point) for point in series.points]
        count = counts().get(name)
        if count is None or not count.until:
            self.places.add_steps(cells, self._goes_on(series), self._below)
            return
        # What leaves a count stays outside: of its whole, the rest only grows.
        whole = next((each for part, each in shares() if part == name), None)
        rests: list[Cell | None] = []
        for point, cell in zip(series.points, cells, strict=True):
            of = point.values.get(whole or "")
            if whole is None or cell is None or not isinstance(of, int):
                return
            total = self._cell(series, whole, point)
            rest = ("left", name, _key(series, point))
            self.places.cells.values[rest] = of - self.places.cells.values[cell]
            self.places.cells.unprinted.add(rest)
            if total is not None:
                self.places.add_sum(total, (cell, rest))
            rests.append(rest)
        self.places.add_steps(rests, self._goes_on(series), self._below)

    def _goes_on(self, series: Series) -> list[bool]:
        """Whether each figure continues that of the point before: a fiscal year begins anew."""
        years = [fiscal_year(point.day.year, point.day.month) for point in series.points]
        anew = self._trend.measures[0].unit == "encounters"
        return [
            place > 0 and not (anew and years[place - 1] != years[place])
            for place in range(len(years))
        ]

    def without(self, series: Series, point: Point, hidden: Mapping[Cell, bool]) -> Point:
        """One point as it may be printed."""
        gone = dict(self._gone(series, point, hidden))
        return replace(
            point,
            values={name: None if name in gone else v for name, v in point.values.items()},
            display={**point.display, **gone},
            suppressed=tuple(gone),
        )

    def _gone(
        self, series: Series, point: Point, hidden: Mapping[Cell, bool]
    ) -> Iterator[tuple[str, str]]:
        metric = self._trend.name
        for measure in self._trend.measures:
            value: Value = point.values[measure.name]
            if value is None:
                continue
            ratio = counts_of_ratio(metric, measure.name, None)
            timed = count_of_days(metric, measure.name)
            if ratio is not None:
                if any(self._cell(series, name, point) in hidden for name in ratio):
                    yield measure.name, WITHHELD
            elif timed is not None:
                cases = point.values.get(timed)
                if isinstance(cases, int) and cases < self._below:
                    yield measure.name, WITHHELD
            else:
                cell = self._cell(series, measure.name, point)
                if cell in hidden:
                    yield measure.name, mark(hidden[cell], self._below)


def _key(series: Series, point: Point) -> Key:
    return (("as_of", point.day.isoformat()), *series.by.items())
