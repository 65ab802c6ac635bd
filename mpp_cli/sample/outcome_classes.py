"""How a completed case ended: the classes of initial completions.

A class fixes the outcome and the grants together, because they belong
together: withholding comes with a removal order, asylum with relief granted.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from mpp_cli.sample.apportion import Ints, spread
from mpp_cli.sample.recipe import Recipe


class Ending(NamedTuple):
    """One class: the outcome, whether in absentia (blank = unknown), the grants."""

    name: str
    outcome: str
    in_absentia: str
    grants: tuple[str, ...] = ()


ENDINGS = (
    Ending("asylum", "relief_granted", "false", ("asylum",)),
    Ending("statutory_withholding", "removal_ordered", "false", ("statutory_withholding",)),
    Ending("cat_withholding", "removal_ordered", "false", ("cat_withholding",)),
    Ending("both", "removal_ordered", "false", ("statutory_withholding", "cat_withholding")),
    Ending("cat_deferral", "removal_ordered", "false", ("cat_deferral",)),
    Ending("other_relief", "relief_granted", "false", ("other",)),
    Ending("terminated", "terminated", "false"),
    Ending("voluntary_departure", "voluntary_departure", "false"),
    Ending("dismissed", "dismissed", "false"),
    Ending("withdrawn", "withdrawn", "false"),
    Ending("other", "other", "false"),
    Ending("unknown", "", ""),
    Ending("ordered_present", "removal_ordered", "false"),
    Ending("ordered_absent", "removal_ordered", "true"),
)
INDEX = {ending.name: position for position, ending in enumerate(ENDINGS)}
#: The first four classes are the relief that the document counts.
COUNTED_RELIEF = 4
ABSENT = INDEX["ordered_absent"]


def ending_counts(recipe: Recipe) -> Ints:
    """How many of the enrolled cases end in each class; they sum to completed."""
    counts = np.zeros(len(ENDINGS), dtype=np.int64)
    kinds = [recipe.shares.relief_types.get(each.name, 0.0) for each in ENDINGS[:COUNTED_RELIEF]]
    if recipe.relief_granted and not sum(kinds):
        raise ValueError("no kind of relief is given a share")
    counts[:COUNTED_RELIEF] = spread(recipe.relief_granted, kinds)
    rest = recipe.completed - recipe.relief_granted
    uncounted = min(rest, round(recipe.untidy.other_relief * recipe.completed))
    counts[INDEX["cat_deferral"]] = uncounted // 2
    counts[INDEX["other_relief"]] = uncounted - uncounted // 2
    rest -= uncounted

    outcomes = recipe.shares.outcomes
    if strange := set(outcomes) - set(INDEX) - {"removal_ordered"}:
        raise ValueError(f"{min(strange)} is not an outcome of an initial completion")
    if rest and not sum(outcomes.values()):
        raise ValueError("no outcome is given a share")
    parts = dict(zip(outcomes, spread(rest, list(outcomes.values())).tolist(), strict=True))
    ordered = parts.pop("removal_ordered", 0)
    for name, part in parts.items():
        counts[INDEX[name]] += part
    # The share in absentia is of all removal orders, those with withholding included.
    orders = ordered + int(counts[1:5].sum())
    absent = min(ordered, round(recipe.shares.in_absentia * orders))
    counts[ABSENT] = absent
    counts[INDEX["ordered_present"]] = ordered - absent
    return counts
