"""Where cases come from: component, location and hearing location belong together."""

from __future__ import annotations

import numpy as np

from mpp_cli.sample.apportion import Floats, Ints
from mpp_cli.sample.recipe import Recipe


class Directory:
    """The places of a recipe by month, with their courts numbered through."""

    def __init__(self, recipe: Recipe) -> None:
        self.places = recipe.places
        self.courts = tuple(dict.fromkeys(name for place in self.places for name in place.hearing))
        self._months = recipe.months

    def draw(self, month: int, size: int, rng: np.random.Generator) -> tuple[Ints, Ints]:
        """Positions of places open in that month, and of a court of each."""
        opened = self._months[month]
        weights = np.array([place.share if place.since <= opened else 0.0 for place in self.places])
        place = rng.choice(len(weights), size=size, p=weights / weights.sum())
        court = np.zeros(size, dtype=np.int64)
        for position, each in enumerate(self.places):
            here = place == position
            codes = np.array([self.courts.index(name) for name in each.hearing])
            chances: Floats = np.array(list(each.hearing.values()))
            court[here] = rng.choice(codes, size=int(here.sum()), p=chances / chances.sum())
        return place, court
