"""The round values at which an axis of a chart is labelled, and how they are written."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import ceil

from mpp_cli.formats.text import thousands
from mpp_cli.results.report import Value


def ticks(greatest: Value, unit: str) -> list[Fraction]:
    """Nought and up to five round numbers, of which the last is not below the greatest figure."""
    rough = Fraction(greatest or 1) / 4
    power = Fraction(1)
    while power > rough:
        power /= 10
    while power * 10 <= rough:
        power *= 10
    step = next(power * each for each in (1, 2, 5, 10) if power * each >= rough)
    if unit != "ratio":  # There are no parts of a case, nor is a day divided.
        step = max(step, Fraction(1))
    return [step * each for each in range(ceil(Fraction(greatest or 1) / step) + 1)]


def label(tick: Fraction, unit: str, among: Sequence[Fraction]) -> str:
    """A tick in words, with as many decimals as tell it from its neighbours."""
    if unit != "ratio":
        return thousands(int(tick))
    step = among[1] * 100
    decimals = next((places for places in range(4) if (step * 10**places).denominator == 1), 4)
    return f"{float(tick * 100):.{decimals}f}%"
