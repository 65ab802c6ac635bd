"""Text that still knows the figure it shows, for formats that hold numbers and dates."""

from __future__ import annotations

import datetime

from mpp_cli.formats.text import thousands
from mpp_cli.results.display import group_value
from mpp_cli.results.report import Value

#: The unit of a value that is a year, which has no thousands comma.
YEAR = "year"


class Shown(str):
    """A text like any other, with the exact ``value`` that it shows and its ``unit``.

    ``value`` is None where the text stands for no figure, or for a hidden one. The
    unit is that of a measure, ``year``, or empty for a date.
    """

    value: Value | datetime.date
    unit: str

    def __new__(cls, text: str, value: Value | datetime.date, unit: str = "") -> Shown:
        """The text, and what it shows."""
        shown = super().__new__(cls, text)
        shown.value, shown.unit = value, unit
        return shown


def shown_group(value: str | int | None) -> str:
    """The value of a group; the only numbers that groups have are years."""
    text = group_value(value)
    return Shown(text, value, YEAR) if isinstance(value, int) else text


def count(number: int) -> Shown:
    """A whole number with thousands commas, for counts that carry no display."""
    return Shown(thousands(number), number)
