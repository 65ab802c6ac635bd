"""Exact figures and how they are shown."""

from __future__ import annotations

from fractions import Fraction

from mpp_cli.results import Value

NOT_AVAILABLE = "n/a"


def ratio(part: int, whole: int) -> Fraction | None:
    """The exact quotient; None of nothing."""
    return Fraction(part, whole) if whole else None


def half_up(number: Fraction, decimals: int = 0) -> Fraction:
    """A number of 0 or more rounded half up to so many decimals, exactly."""
    scale = 10**decimals
    return Fraction((number * scale + Fraction(1, 2)).__floor__(), scale)


def display(value: Value, unit: str, decimals: int = 0) -> str:
    """A figure as the document shows it: ``1,284``, ``37%``, ``n/a``.

    ``decimals`` are those of a percentage; the document has none.
    """
    if value is None:
        return NOT_AVAILABLE
    if unit == "ratio":
        hundredths = int(half_up(Fraction(value) * 100, decimals) * 10**decimals)
        whole, rest = divmod(hundredths, 10**decimals)
        return f"{whole}.{rest:0{decimals}d}%" if decimals else f"{whole}%"
    return f"{int(value):,}"


def signed(change: int | Fraction) -> str:
    """A change of a count with its sign: ``+1,284``, ``-3``, ``0``."""
    return f"{int(change):+,}" if change else "0"


def points(change: Fraction) -> str:
    """A change of a ratio in percentage points with its sign: ``+1.25 points``."""
    shown = half_up(abs(change) * 100, 2)
    sign = "" if not shown else "-" if change < 0 else "+"
    return f"{sign}{int(shown)}.{int(shown * 100) % 100:02d} points"
