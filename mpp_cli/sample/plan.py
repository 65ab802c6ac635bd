"""The plan: how many cases of what kind in which month, before any row is drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from mpp_cli.sample.apportion import Ints, capped, route, spread
from mpp_cli.sample.dates import Calendar
from mpp_cli.sample.outcome_classes import COUNTED_RELIEF, ending_counts
from mpp_cli.sample.recipe import COMPLETION_LAGS, REFERRAL_LAGS, Recipe


@dataclass
class Plan:
    """Counts by month, used up as batches are drawn.

    Every array is indexed by the position of the month. ``completed`` and the
    two ``referred`` are matrices (month of the NTA, month of the event) whose
    last column holds the cases without the event; ``endings`` is (month of the completion, class).
    """

    recipe: Recipe
    calendar: Calendar
    enrolled: Ints
    unfiled: Ints
    other: Ints
    completed: Ints
    referred: Ints
    unfiled_referred: Ints
    endings: Ints


@dataclass(frozen=True)
class Quota:
    """What one batch must hold; ``last_day`` asks that one event falls on the as-of date."""

    month: int
    enrolled: int
    unfiled: int
    other: int
    last_day: bool


def make_plan(recipe: Recipe) -> Plan:
    """Decide every exact count of the recipe."""
    calendar = Calendar(recipe.began, recipe.as_of)
    months = recipe.months
    enrolled = _series(recipe.enrolled_by_month, months)
    if enrolled[-1] == 0:
        raise ValueError(f"no NTA in {months[-1]}: the data would not end on the as-of date")
    unfiled = spread(recipe.unfiled, enrolled)
    other = spread(round(recipe.untidy.other_dockets * recipe.enrolled), enrolled)

    weights: list[float] = [recipe.completed_by_month.get(month, 0.0) for month in months]
    # Without weights of its own a completion may come in any month.
    wanted = spread(recipe.completed, weights if any(weights) else [1.0] * len(months))
    completed, completed_by_month = route(enrolled, wanted, _pull(COMPLETION_LAGS))

    first = _series(recipe.referred_by_month, months)
    of_unfiled = max(
        min(recipe.referred, round(recipe.untidy.unfiled_referred * recipe.unfiled)),
        recipe.referred - recipe.enrolled,
    )
    of_unfiled_by_month = capped(of_unfiled, first, first)
    unfiled_referred, _ = route(unfiled, of_unfiled_by_month, _pull(REFERRAL_LAGS), before=True)
    referred, _ = route(enrolled, first - of_unfiled_by_month, _pull(REFERRAL_LAGS), before=True)
    return Plan(
        recipe,
        calendar,
        enrolled,
        unfiled,
        other,
        _with_rest(completed, enrolled),
        _with_rest(referred, enrolled),
        _with_rest(unfiled_referred, unfiled),
        _endings(recipe, completed_by_month),
    )


def quotas(plan: Plan, size: int) -> Iterator[Quota]:
    """Cut the plan into batches of one month each and at most ``size`` cases or so."""
    last = len(plan.enrolled) - 1
    for month in range(last + 1):
        whole = [int(each[month]) for each in (plan.enrolled, plan.unfiled, plan.other)]
        parts = -(-sum(whole) // size)
        for part in range(parts):
            enrolled, unfiled, other = (
                each * (part + 1) // parts - each * part // parts for each in whole
            )
            # Cut this way the last part is the largest, so it has an enrolled case if any has.
            yield Quota(month, enrolled, unfiled, other, month == last and part == parts - 1)


def _with_rest(pairs: Ints, supply: Ints) -> Ints:
    return np.column_stack([pairs, supply - pairs.sum(axis=1)])


def _endings(recipe: Recipe, by_month: Ints) -> Ints:
    """Place the classes of completions in months: (month, class)."""
    counts = ending_counts(recipe)
    later: list[float] = [recipe.relief_by_month.get(month, 0.0) for month in recipe.months]
    left = by_month.copy()
    placed = np.zeros((len(by_month), len(counts)), dtype=np.int64)
    for position, count in enumerate(counts):
        favoured = np.array(later) if position < COUNTED_RELIEF and any(later) else by_month
        placed[:, position] = capped(int(count), favoured, left)
        left -= placed[:, position]
    return placed


def _series(series: Mapping[str, int], months: tuple[str, ...]) -> Ints:
    return np.array([series.get(month, 0) for month in months], dtype=np.int64)


def _pull(lags: tuple[float, ...]) -> Callable[[int], float]:
    def pull(lag: int) -> float:
        if lag < 0:
            return 0.0
        # Long after, a case is still taken now and then.
        return lags[lag] if lag < len(lags) else lags[-1] / (lag - len(lags) + 2)

    return pull
