"""The events of a batch: its rows of completions, grants and referrals.

Every function gives columns and, first among them, the position of the case
in its batch; rows are in the order of the cases and then of their days.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mpp_cli.sample.apportion import Ints
from mpp_cli.sample.batch import ENROLLED, UNFILED, Batch
from mpp_cli.sample.dates import Days
from mpp_cli.sample.outcome_classes import ABSENT, COUNTED_RELIEF, ENDINGS, INDEX
from mpp_cli.sample.plan import Plan

INITIAL, SUBSEQUENT, DERIVE = range(3)
TYPES = ("initial", "subsequent", "")
#: Outcomes that are no completions (by default), after the endings in the list of outcomes.
NOT_COMPLETIONS = (
    "change_of_venue",
    "transferred",
    "administratively_closed",
    "failure_to_prosecute",
)
OUTCOMES = (*(ending.outcome for ending in ENDINGS), *NOT_COMPLETIONS)
ABSENTIA = (*(ending.in_absentia for ending in ENDINGS), *("",) * len(NOT_COMPLETIONS))


@dataclass
class Completions:
    """Rows of completions; ``outcome`` is a position in OUTCOMES, ``type`` in TYPES."""

    case: Ints
    day: Days
    outcome: Ints
    type: Ints
    reopened: Days


@dataclass
class Grants:
    """Rows of grants; ``relief`` holds the relief type as text."""

    case: Ints
    day: Days
    relief: list[str]


@dataclass
class Referrals:
    """Rows of referrals; ``outcome`` is a position in the recipe's shares."""

    case: Ints
    day: Days
    outcome: Ints
    outcome_day: Days


def completions_and_grants(
    plan: Plan, batch: Batch, rng: np.random.Generator
) -> tuple[Completions, Grants]:
    """The completions of a batch, reopened ones twice, and the grants that came with them."""
    edges, last, size = plan.recipe.untidy, plan.calendar.last, len(batch.kind)
    done = batch.ending >= 0
    reopened = batch.completed + rng.integers(10, 120, size)
    again = reopened + rng.integers(20, 200, size)
    is_reopened = done & (rng.random(size) < edges.reopened) & (reopened <= last)
    is_again = is_reopened & (again <= last)
    second = rng.choice(
        [INDEX["terminated"], INDEX["ordered_present"], ABSENT], size, p=[0.4, 0.4, 0.2]
    )
    # Some sources name the initial completion, some leave it to the dates; likewise later ones.
    unsaid = rng.random(size) < 0.2
    second_type = np.where(rng.random(size) < 0.5, SUBSEQUENT, DERIVE)

    # A change of venue and its like comes before the completion, or without one.
    start = np.where(batch.nta > 0, batch.nta, batch.issued)
    before = np.where(done, batch.completed, last)
    venue = np.where(batch.kind <= UNFILED, rng.random(size), 1.0) < edges.not_completions
    venue &= before > start
    venue_day = start + (rng.random(size) * (before - start)).astype(np.int64)
    venue_kind = len(ENDINGS) + rng.integers(0, len(NOT_COMPLETIONS), size)

    # A source may call a case's only row a later completion; the case is then pending.
    only_later = (batch.kind == ENROLLED) & ~done & (rng.random(size) < edges.subsequent_only)
    later_day = start + (rng.random(size) * (last - start)).astype(np.int64)
    ordered = np.full(size, INDEX["ordered_present"])

    parts = [
        (venue, venue_day, venue_kind, np.full(size, DERIVE), np.zeros(size, dtype=np.int64)),
        (
            done,
            batch.completed,
            batch.ending,
            np.where(unsaid, DERIVE, INITIAL),
            np.where(is_reopened, reopened, 0),
        ),
        (is_again, again, second, second_type, np.zeros(size, dtype=np.int64)),
        (only_later, later_day, ordered, np.full(size, SUBSEQUENT), np.zeros(size, dtype=np.int64)),
    ]
    columns = [np.concatenate([np.flatnonzero(part[0]) for part in parts])]
    columns += [np.concatenate([part[i][part[0]] for part in parts]) for i in range(1, 5)]
    order = np.lexsort((columns[1], columns[0]))
    rows = Completions(*(column[order] for column in columns))
    return rows, _grants(batch, edges.unknown_relief)


def _grants(batch: Batch, unknown: float) -> Grants:
    """The grants of a batch; of those of other kinds, a share of kinds that nobody knows."""
    case, relief = [], []
    granting = [position for position, each in enumerate(ENDINGS) if each.grants]
    for position in np.flatnonzero(np.isin(batch.ending, granting)).tolist():
        for kind in ENDINGS[batch.ending[position]].grants:
            case.append(position)
            relief.append(kind)
    for place, position in enumerate(n for n, kind in enumerate(relief) if kind == "other"):
        if int((place + 1) * unknown + 0.5) > int(place * unknown + 0.5):
            relief[position] = "unknown"
    cases = np.array(case, dtype=np.int64)
    return Grants(cases, batch.completed[cases], relief)


def referrals(plan: Plan, batch: Batch, rng: np.random.Generator) -> Referrals:
    """The first referral of each person referred, and the repeated ones."""
    last = plan.calendar.last
    first = np.flatnonzero(batch.referred)
    later = batch.referred[first] + rng.integers(20, 150, len(first))
    repeated = (rng.random(len(first)) < plan.recipe.untidy.repeated_referrals) & (later <= last)
    case = np.concatenate([first, first[repeated]])
    day = np.concatenate([batch.referred[first], later[repeated]])
    order = np.lexsort((day, case))
    case, day = case[order], day[order]

    weights = plan.recipe.shares.referral_outcomes
    names = list(weights)
    chances = np.array(list(weights.values()))
    outcome = rng.choice(len(names), size=len(day), p=chances / chances.sum())
    outcome_day = day + rng.integers(0, 15, len(day))
    # What is decided after the data end is still pending in them.
    pending = names.index("pending")
    outcome = np.where(outcome_day > last, pending, outcome)
    return Referrals(case, day, outcome, np.where(outcome == pending, 0, outcome_day))


def without_relief(batch: Batch) -> Ints:
    """Positions of enrolled cases without relief that counts."""
    granted = (batch.ending >= 0) & (batch.ending < COUNTED_RELIEF)
    return np.flatnonzero((batch.kind == ENROLLED) & ~granted)
