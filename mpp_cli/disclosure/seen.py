"""The ranges of many sums, as far as solutions have shown them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mpp_cli.disclosure.program import Form

if TYPE_CHECKING:
    from numpy import ndarray


class Seen:
    """The least and the most that each of some sums was in any solution so far."""

    def __init__(self, forms: Sequence[Form]) -> None:
        import numpy

        sizes = [len(form) for form in forms]
        self._columns = numpy.array([column for form in forms for column in form], dtype=int)
        self._times = numpy.array([n for form in forms for n in form.values()], dtype=float)
        self._of = numpy.repeat(numpy.arange(len(forms)), sizes)
        self._least = numpy.full(len(forms), numpy.inf)
        self._most = numpy.full(len(forms), -numpy.inf)

    def add(self, solution: ndarray | None) -> None:
        """Take up a solution."""
        import numpy

        if solution is not None:
            values = numpy.bincount(
                self._of, self._times * solution[self._columns], minlength=len(self._least)
            )
            self._least = numpy.minimum(self._least, values)
            self._most = numpy.maximum(self._most, values)

    def range(self, place: int) -> tuple[float, float]:
        """The least and the most of a sum, to the nearest thousandth."""
        return round(float(self._least[place]), 3), round(float(self._most[place]), 3)
