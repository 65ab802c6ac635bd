"""The least and the most that each of many sums can be, as far as solutions have shown them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from random import Random
from typing import TYPE_CHECKING

from mpp_cli.disclosure.model import Model
from mpp_cli.disclosure.program import End, Form, Part
from mpp_cli.disclosure.statements import Scope

if TYPE_CHECKING:
    from numpy import ndarray

#: The ends of a range, as signs of what is minimized.
LEAST, MOST = 1, -1

#: A program with more columns than this is looked through so many groups at a time.
LARGE, AT_A_TIME = 3000, 12

#: Many sums at once are pushed to their ends until so many times in a row hardly any is found.
_IN_VAIN, _HARDLY_ANY = 3, 2


class Ranges:
    """The ranges of sums in a model; every solution that is found widens those of all.

    ``buffers`` gives the groups in which much is hidden, and which can therefore take up
    what a number in another group might differ by.
    """

    def __init__(
        self,
        model: Model,
        forms: Sequence[Form],
        buffers: Callable[[], Iterable[Scope]],
    ) -> None:
        import numpy

        self._model, self._program, self._forms = model, model.program, forms
        self._buffers = buffers
        self._chance = Random(0)
        self._part: Part | None = None
        self._base: ndarray | None = None
        self._groups = [scope for scope in model.scopes if scope.group]
        self._group_of = {
            column: place
            for place, scope in enumerate(self._groups)
            for columns in model.scopes[scope]
            for column in columns
        }
        self._columns = numpy.array([column for form in forms for column in form], dtype=int)
        self._times = numpy.array([n for form in forms for n in form.values()], dtype=float)
        self._of = numpy.repeat(numpy.arange(len(forms)), [len(form) for form in forms])
        self._least = numpy.full(len(forms), numpy.inf)
        self._most = numpy.full(len(forms), -numpy.inf)

    @property
    def is_large(self) -> bool:
        """Whether so many groups are looked through at a time."""
        return self._program.columns > LARGE

    def start(self) -> None:
        """Begin with the answer as it is."""
        end = self._program.end({}, LEAST)
        assert end is not None
        self._base = end.solution
        self._add(end)

    def of(self, place: int) -> tuple[float, float]:
        """The least and the most of a sum, to the nearest thousandth."""
        return round(float(self._least[place]), 3), round(float(self._most[place]), 3)

    def group(self, place: int) -> int:
        """The place of the first group that a sum is about; -1 for one about all cases."""
        return min((self._group_of.get(column, -1) for column in self._forms[place]), default=-1)

    def bound(self, row: int, least: float, most: float | None) -> None:
        """Other bounds of a row."""
        self._program.bound(row, least, most)
        if self._part is not None:
            self._part.bound(row, least, most)

    def push(self, places: Sequence[int], needs: Callable[[int], Sequence[int]]) -> None:
        """Look for many ends at once; ``needs`` says which of a sum's are still to be found."""
        part = self._part if self.is_large else None
        if self.is_large:
            places = [each for each in places if part is not None and part.holds(self._forms[each])]
        ends = {place: signs for place in places if (signs := needs(place))}
        in_vain = 0
        while ends and in_vain < _IN_VAIN:
            total: dict[int, int] = {}
            for place, signs in ends.items():
                sign = self._chance.choice(signs)
                for column, times in self._forms[place].items():
                    total[column] = total.get(column, 0) + sign * times
            self._add((part or self._program).whole_end(total))
            before, ends = ends, {place: signs for place in ends if (signs := needs(place))}
            found = sum(map(len, before.values())) - sum(map(len, ends.values()))
            in_vain = in_vain + 1 if found <= _HARDLY_ANY else 0

    def look(self, place: int, sign: int) -> End | None:
        """Look for one end of a sum, among so many groups where there are more."""
        form = self._forms[place]
        if not self.is_large or self._part is None or not self._part.holds(form):
            return self.look_everywhere(place, sign)
        return self._add(self._part.end(form, sign))

    def look_everywhere(self, place: int, sign: int) -> End | None:
        """Look for one end of a sum among all groups, which takes its time."""
        return self._add(self._program.end(self._forms[place], sign))

    def move_to(self, place: int) -> bool:
        """Turn to the groups around that of a sum; whether they are other ones than before."""
        form = self._forms[place]
        if not self.is_large or (self._part is not None and self._part.holds(form)):
            return False
        assert self._base is not None
        self._part = self._program.part(self._around(form), self._base)
        return True

    def _around(self, form: Form) -> list[int]:
        """The columns of all cases, of the groups of a sum and those after them, and of buffers."""
        own = {self._group_of[column] for column in form if column in self._group_of}
        first = min(own, default=0)
        places = {scope: place for place, scope in enumerate(self._groups)}
        chosen = {*own, *range(first, first + AT_A_TIME)}
        chosen |= {places[scope] for scope in self._buffers() if scope in places}
        return [
            column
            for column in range(self._program.columns)
            if self._group_of.get(column) is None or self._group_of[column] in chosen
        ]

    def _add(self, end: End | None) -> End | None:
        import numpy

        if end is not None:
            values = numpy.bincount(
                self._of, self._times * end.solution[self._columns], minlength=len(self._least)
            )
            self._least = numpy.minimum(self._least, values)
            self._most = numpy.maximum(self._most, values)
        return end
