"""Days as whole numbers: drawing them by month and weekday, writing them as text.

A day is its proleptic ordinal, and 0 stands for a blank.
"""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

Days = NDArray[np.int64]

#: Weights of Monday to Sunday.
OFFICE = (1.0, 1.0, 1.0, 1.0, 1.0, 0.3, 0.2)
COURT = (1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0)


def months_between(first: date, last: date) -> tuple[str, ...]:
    """Every month from one date to the other, as YYYY-MM."""
    start, end = first.year * 12 + first.month - 1, last.year * 12 + last.month - 1
    return tuple(f"{each // 12:04d}-{each % 12 + 1:02d}" for each in range(start, end + 1))


class Calendar:
    """The days from the program's beginning to the end of the data."""

    def __init__(self, began: date, as_of: date) -> None:
        self.first, self.last = began.toordinal(), as_of.toordinal()
        self.months = months_between(began, as_of)
        self._bounds = [self._month_bounds(month) for month in self.months]
        words = [date.fromordinal(day).isoformat() for day in range(self.first, self.last + 1)]
        self._words = np.array(["", *words], dtype=object)

    def _month_bounds(self, month: str) -> tuple[int, int]:
        start = date(int(month[:4]), int(month[5:]), 1)
        following = (start + timedelta(days=32)).replace(day=1)
        return (
            max(start.toordinal(), self.first),
            min(following.toordinal() - 1, self.last),
        )

    def draw(
        self, rng: np.random.Generator, months: NDArray[np.int64], week: tuple[float, ...]
    ) -> Days:
        """A day in each of the given months (their positions; below 0 gives a blank)."""
        drawn = np.zeros(len(months), dtype=np.int64)
        for month in np.unique(months[months >= 0]):
            low, high = self._bounds[month]
            days = np.arange(low, high + 1)
            chances = np.array(week)[(days - 1) % 7]
            if chances.sum() == 0:
                # A month cut down to a weekend has no court day.
                chances = np.ones(len(days))
            chosen = months == month
            drawn[chosen] = rng.choice(days, size=int(chosen.sum()), p=chances / chances.sum())
        return drawn

    def month_end(self, months: NDArray[np.int64]) -> Days:
        """The last day of each month, within the data."""
        return np.array([high for _, high in self._bounds], dtype=np.int64)[months]

    def text(self, days: Days) -> list[str]:
        """Each day as YYYY-MM-DD, or blank."""
        words: list[str] = self._words[np.where(days > 0, days - self.first + 1, 0)].tolist()
        return words
