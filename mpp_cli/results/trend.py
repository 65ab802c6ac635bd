"""A trend as plain frozen data: the figures as of the end of each period."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

from mpp_cli.results.report import Footnote, Head, Value


@dataclass(frozen=True)
class TrendMeasure:
    """What is followed; ``unit`` is that of the metric's measure of this name."""

    name: str
    label: str
    unit: str


@dataclass(frozen=True)
class Point:
    """The figures as of ``day``, the end of ``period`` or the last day asked for.

    ``suppressed`` names those that are hidden; their value is None.
    """

    period: str
    day: datetime.date
    values: Mapping[str, Value]
    display: Mapping[str, str]
    suppressed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Series:
    """The points of one group, or of all cases where ``by`` is empty."""

    by: Mapping[str, str | int | None]
    points: tuple[Point, ...]


@dataclass(frozen=True)
class Trend:
    """A metric over time: the series of all cases first, then one for each group."""

    head: Head
    name: str
    title: str
    every: str
    headline: str
    measures: tuple[TrendMeasure, ...]
    by: tuple[str, ...]
    series: tuple[Series, ...]
    footnotes: tuple[Footnote, ...] = ()
    notes: tuple[str, ...] = ()
