"""One batch of cases: who they are and what becomes of them, as columns of numbers."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from mpp_cli.sample.apportion import Ints
from mpp_cli.sample.dates import COURT, OFFICE, Days
from mpp_cli.sample.locations import Directory
from mpp_cli.sample.outcome_classes import ABSENT, COUNTED_RELIEF, INDEX
from mpp_cli.sample.plan import Plan, Quota

ENROLLED, UNFILED, NON_DETAINED, DETAINED = range(4)
#: Endings of cases outside the count, in neutral parts: without an NTA a case
#: is mostly terminated; on other dockets most are heard and some get asylum.
UNFILED_ENDINGS = (*("terminated",) * 14, *("ordered_present",) * 5, "asylum")
OTHER_ENDINGS = ("asylum", "ordered_present", "ordered_present", "ordered_absent", "terminated")


@dataclass
class Batch:
    """Columns of equal length, one entry per case; days of 0 are blanks.

    ``kind`` says which of the four kinds of case; ``ending`` is the class of
    the initial completion, below 0 while pending; the other codes are
    positions in the recipe's shares.
    """

    kind: Ints
    nta: Days
    issued: Days
    enrolled: Days
    counsel: Days
    place: Ints
    hearing: Ints
    nationality: Ints
    demographic: Ints
    ending: Ints
    completed: Days
    referred: Days

    def take(self, order: Ints) -> Batch:
        """The same cases in another order."""
        return Batch(**{each.name: getattr(self, each.name)[order] for each in fields(self)})


def draw_batch(plan: Plan, quota: Quota, places: Directory, rng: np.random.Generator) -> Batch:
    """Draw the cases of one quota and take them off the plan, in order of their dates."""
    calendar, first = plan.calendar, plan.calendar.first
    kind = np.repeat(
        np.array([ENROLLED, UNFILED, NON_DETAINED, DETAINED]),
        [quota.enrolled, quota.unfiled, quota.other - quota.other // 3, quota.other // 3],
    )
    size = len(kind)
    filed = calendar.draw(rng, np.full(size, quota.month), OFFICE)
    if quota.last_day:
        # The enrolled cases come first, and the data must end on this very day.
        filed[0] = calendar.last
    issued = np.maximum(filed - rng.geometric(0.15, size), first)

    ending, completed = _completions(plan, quota, kind, filed, rng)
    referral_month = np.full(size, -1)
    referral_month[: quota.enrolled] = _months(plan.referred[quota.month], quota.enrolled, rng)
    unfiled = slice(quota.enrolled, quota.enrolled + quota.unfiled)
    referral_month[unfiled] = _months(plan.unfiled_referred[quota.month], quota.unfiled, rng)
    referred = calendar.draw(rng, referral_month, OFFICE)
    # Nobody is referred before being placed in the program, though some before the NTA.
    issued = np.where(referred > 0, np.minimum(issued, referred), issued)
    enrolled = np.where(rng.random(size) < 0.9, issued, np.maximum(issued - 1, first))

    place, hearing = places.draw(quota.month, size, rng)
    batch = Batch(
        kind=kind,
        nta=np.where(kind == UNFILED, 0, filed),
        issued=issued,
        enrolled=np.where(kind < NON_DETAINED, enrolled, 0),
        counsel=_counsel(plan, ending, issued, completed, rng),
        place=place,
        hearing=np.where(kind < NON_DETAINED, hearing, -1),
        nationality=_nationality(plan, ending, rng),
        demographic=_choice(list(plan.recipe.shares.demographic.values()), size, rng),
        ending=ending,
        completed=completed,
        referred=referred,
    )
    # Shuffled first, so that within a day nothing betrays the kind of a case.
    shuffled = rng.permutation(size)
    return batch.take(shuffled[np.argsort(filed[shuffled], kind="stable")])


def _completions(
    plan: Plan, quota: Quota, kind: Ints, filed: Days, rng: np.random.Generator
) -> tuple[Ints, Days]:
    calendar, edges = plan.calendar, plan.recipe.untidy
    ending = np.full(len(kind), -1)
    month = np.full(len(kind), -1)
    month[: quota.enrolled] = _months(plan.completed[quota.month], quota.enrolled, rng)
    for each in np.unique(month[month >= 0]):
        chosen = np.flatnonzero(month == each)
        counts = _draw_from(plan.endings[each], len(chosen), rng)
        ending[chosen] = rng.permutation(np.repeat(np.arange(len(counts)), counts))
    completed = calendar.draw(rng, month, COURT)
    done = month >= 0
    late = np.minimum(filed + 1, calendar.month_end(month))
    completed = np.where(done, np.maximum(completed, late), 0)
    early = done & (rng.random(len(kind)) < edges.early) & (filed - 30 >= calendar.first)
    completed = np.where(early, filed - rng.integers(1, 30, len(kind)), completed)

    # Cases outside the count need no exact numbers: their endings are drawn freely.
    for which, chance, span, names in (
        (UNFILED, edges.unfiled_completed, (30, 300), UNFILED_ENDINGS),
        (NON_DETAINED, 0.5, (90, 900), OTHER_ENDINGS),
        (DETAINED, 0.9, (10, 120), OTHER_ENDINGS),
    ):
        day = filed + rng.integers(*span, len(kind))
        free = (kind == which) & (rng.random(len(kind)) < chance) & (day <= calendar.last)
        codes = np.array([INDEX[name] for name in names])
        completed = np.where(free, day, completed)
        ending = np.where(free, rng.choice(codes, len(kind)), ending)
    return ending, completed


def _months(left: Ints, size: int, rng: np.random.Generator) -> Ints:
    """Months of an event for ``size`` cases (-1 = none), taken off the plan's row."""
    counts = _draw_from(left, size, rng)
    months = np.repeat(np.arange(len(counts)), counts)
    return rng.permutation(np.where(months == len(counts) - 1, -1, months))


def _draw_from(left: Ints, size: int, rng: np.random.Generator) -> Ints:
    """Draw without replacement, so that the last batch gets exactly what remains."""
    counts: NDArray[np.int64] = rng.multivariate_hypergeometric(left, size, method="marginals")
    left -= counts
    return counts


def _choice(weights: list[float], size: int, rng: np.random.Generator) -> Ints:
    chances = np.array(weights)
    return rng.choice(len(chances), size=size, p=chances / chances.sum())


def _nationality(plan: Plan, ending: Ints, rng: np.random.Generator) -> Ints:
    shares, names = plan.recipe.shares, list(plan.recipe.shares.nationality)
    usual = _choice(list(shares.nationality.values()), len(ending), rng)
    weights = [shares.nationality_relief.get(name, 0.0) for name in names]
    if not sum(weights):
        return usual
    favoured = _choice(weights, len(ending), rng)
    return np.where((ending >= 0) & (ending < COUNTED_RELIEF), favoured, usual)


def _counsel(
    plan: Plan, ending: Ints, since: Days, completed: Days, rng: np.random.Generator
) -> Days:
    """The day counsel appeared: before the completion, or within the data."""
    chance = np.full(len(ending), plan.recipe.shares.represented["otherwise"])
    chance[(ending >= 0) & (ending < COUNTED_RELIEF)] = plan.recipe.shares.represented["relief"]
    chance[ending == ABSENT] = plan.recipe.shares.represented["in_absentia"]
    until = np.where(completed > 0, completed, np.minimum(since + 180, plan.calendar.last))
    day = rng.integers(since, np.maximum(until, since) + 1)
    return np.where(rng.random(len(ending)) < chance, day, 0)
