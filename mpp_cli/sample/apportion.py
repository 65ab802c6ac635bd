"""Whole numbers in given proportions, exact in their sums.

Everything that a recipe promises exactly is decided here, in counts, before
any row is drawn.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


def spread(total: int, weights: Any) -> Ints:
    """Split a total in proportion to the weights, by largest remainder.

    The parts sum to the total; a tie goes to the earlier part. When no weight
    is positive, there is nothing to split by, and every part is 0.
    """
    parts = np.asarray(weights, dtype=np.float64)
    if total <= 0 or parts.sum() <= 0:
        return np.zeros(len(parts), dtype=np.int64)
    exact = parts / parts.sum() * total
    whole: Ints = np.floor(exact).astype(np.int64)
    # A tiny remainder of a zero weight must never win a unit.
    remainder = np.where(parts > 0, exact - whole, -1.0)
    left = int(total - whole.sum())
    whole[np.argsort(-remainder, kind="stable")[:left]] += 1
    return whole


def capped(total: int, weights: Any, caps: Ints) -> Ints:
    """Split a total by weights, no part above its cap; what is over goes where room is.

    The parts sum to the total, or to the sum of the caps where that is less.
    """
    given = np.zeros(len(caps), dtype=np.int64)
    wanted = np.asarray(weights, dtype=np.float64)
    while total > 0:
        room = caps - given
        if room.sum() <= 0:
            break
        chosen = np.where(room > 0, wanted, 0.0)
        if chosen.sum() <= 0:
            chosen = room.astype(np.float64)
        share = np.minimum(spread(total, chosen), room)
        given += share
        total -= int(share.sum())
    return given


def route(
    supply: Ints, demand: Ints, pull: Callable[[int], float], before: bool = False
) -> tuple[Ints, Ints]:
    """Match events by month with cases by month: how many of each pair.

    ``supply`` holds the cases that begin in each month and ``demand`` the
    events of each month; ``pull(lag)`` weighs a case by its months between the
    two. Gives the matrix (month of case, month of event) and the events by
    month as placed. An event needs a case that has begun: where there are too
    few it waits for the next month, or with ``before`` it takes a later case.
    """
    months = len(supply)
    left = supply.copy()
    pairs = np.zeros((months, months), dtype=np.int64)
    waiting = 0
    for month in range(months):
        waiting += int(demand[month])
        lags = month - np.arange(months)
        weights = left * np.array([pull(int(lag)) for lag in lags])
        begun = np.where((lags >= 0) | (weights > 0), left, 0)
        taken = capped(waiting, weights, begun)
        if before and taken.sum() < waiting:
            # The earliest later cases come first, which keeps the distance short.
            taken += _first(waiting - int(taken.sum()), left - taken)
        left -= taken
        waiting -= int(taken.sum())
        pairs[:, month] = taken
    return pairs, pairs.sum(axis=0)


def _first(total: int, room: Ints) -> Ints:
    filled = np.minimum(np.cumsum(room), total)
    return np.diff(filled, prepend=0)
