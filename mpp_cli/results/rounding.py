"""Exact figures and how they are shown."""

from __future__ import annotations

from fractions import Fraction

from mpp_cli.results.report import Value

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
        return percentage(Fraction(value), decimals)
    return f"{int(value):,}"


def percentage(share: Fraction, decimals: int = 0) -> str:
    """A share of 0 or more in percent, half up: ``65%``.

    A part is never shown as the whole, nor something as nothing: ``>99%``, ``<1%``,
    ``>99.99%``. Only a quotient that is exactly 1 or 0 is ``100%`` or ``0%``.
    """
    shown, least = half_up(share * 100, decimals), Fraction(1, 10**decimals)
    if shown == 100 and share < 1:
        return f">{_fixed(100 - least, decimals)}%"
    if shown == 100 and share > 1:
        return f">{_fixed(shown, decimals)}%"
    return f"{_nearly(share, shown, least, decimals)}%"


def _nearly(exact: Fraction, shown: Fraction, least: Fraction, decimals: int) -> str:
    """A rounded number, or that it is less than the least one where it is not nothing."""
    return f"<{_fixed(least, decimals)}" if exact and not shown else _fixed(shown, decimals)


def _fixed(number: Fraction, decimals: int) -> str:
    """A number that is exact at so many decimals, with all of them."""
    whole, rest = divmod(int(number * 10**decimals), 10**decimals)
    return f"{whole}.{rest:0{decimals}d}" if decimals else f"{whole}"


def signed_percentage(change: Fraction, decimals: int = 2) -> str:
    """A change as a percentage of something, with its sign: ``+0.27%``, ``-<0.01%``, ``0.00%``."""
    shown, least = half_up(abs(change) * 100, decimals), Fraction(1, 10**decimals)
    return f"{_sign(change)}{_nearly(change, shown, least, decimals)}%"


def _sign(change: Fraction) -> str:
    return "" if not change else "-" if change < 0 else "+"


def signed(change: int | Fraction) -> str:
    """A change of a count with its sign: ``+1,284``, ``-3``, ``0``."""
    return f"{int(change):+,}" if change else "0"


def points(change: Fraction) -> str:
    """A change of a ratio in percentage points with its sign: ``+1.25 points``."""
    return signed_percentage(change).replace("%", " points")
