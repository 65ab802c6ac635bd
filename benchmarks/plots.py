"""A plot in text of what each size of data takes, for a page of documentation."""

from __future__ import annotations

from collections.abc import Sequence
from math import log10

import plotille


def plotted(what: str, sizes: Sequence[float], values: Sequence[float]) -> str:
    """``what`` against the size of the data, sizes on a scale of powers of ten.

    The axis of values begins at 0 and leaves a third above the highest, so that
    what is flat looks flat. A single size has no line.
    """
    if len(set(sizes)) < 2:
        return f"{what}: one size, nothing to plot"
    figure = plotille.Figure()
    figure.width, figure.height, figure.color_mode = 50, 10, "names"
    figure.with_colors = False
    figure.set_x_limits(log10(min(sizes)), log10(max(sizes)))
    figure.set_y_limits(0, max(values) * 4 / 3)
    figure.x_label, figure.y_label = "size", what
    figure.x_ticks_fkt = lambda low, high: _rows(10**low)
    figure.y_ticks_fkt = lambda low, high: f"{low:,.1f}" if max(values) < 100 else f"{low:,.0f}"
    places = [log10(size) for size in sizes]
    figure.plot(places, values, interp="linear")
    figure.scatter(places, values, marker="o")
    return "\n".join(line.rstrip() for line in figure.show().splitlines())


def _rows(number: float) -> str:
    """A number of rows in three letters or so."""
    return f"{number / 1e6:.0f} M" if number >= 9.5e5 else f"{number / 1e3:.0f} k"
