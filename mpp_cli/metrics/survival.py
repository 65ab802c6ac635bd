"""How long something takes: exact percentiles, and the Kaplan-Meier median.

Both are computed from a histogram, whole days and the number of cases that took
them, so that they need no more memory for a million cases than for a thousand,
and in whole numbers, so that they are the same everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping

#: Whole days and the number of cases that took them.
Histogram = Mapping[int, int]


def nearest_rank(ended: Histogram, percentile: int) -> int | None:
    """The smallest day by which at least so many percent of the cases have ended.

    None of no case.
    """
    cases = sum(ended.values())
    rank = max(1, -(-cases * percentile // 100))  # Rounded up in whole numbers.
    seen = 0
    for day in sorted(ended):
        seen += ended[day]
        if seen >= rank:
            return day
    return None


def kaplan_meier_median(ended: Histogram, waiting: Histogram) -> int | None:
    """The first day on which the estimated survival is one half or less.

    A case that is ``waiting`` after so many days is at risk up to that day, and
    on it. None when more than half survive to the last day.
    E. L. Kaplan and P. Meier, "Nonparametric Estimation from Incomplete
    Observations", Journal of the American Statistical Association 53 (1958).
    """
    at_risk = sum(ended.values()) + sum(waiting.values())
    # Survival as an exact fraction that is never reduced: two products.
    surviving, of = 1, 1
    for day in sorted({*ended, *waiting}):
        ends = ended.get(day, 0)
        if ends:
            surviving *= at_risk - ends
            of *= at_risk
            if 2 * surviving <= of:
                return day
        at_risk -= ends + waiting.get(day, 0)
    return None
