"""What stands for figures and groups wherever they are shown."""

from __future__ import annotations

from fractions import Fraction

from mpp_cli.results.report import Value

#: How a blank value of a group is shown.
BLANK = "(blank)"

#: How a figure that does not exist is shown.
NO_FIGURE = "n/a"


def number(value: Value) -> int | float | None:
    """A figure for machines: a count as an integer, a ratio as a float at full precision."""
    return float(value) if isinstance(value, Fraction) else value


def group_value(value: str | int | None) -> str:
    """The value of a group, or ``(blank)``; a year has no thousands comma."""
    return BLANK if value is None or value == "" else str(value)
