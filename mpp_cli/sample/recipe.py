"""What is asked of a sample: its totals, its months, its proportions, its dirt."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from mpp_cli.sample.allotment import spread
from mpp_cli.sample.days import months_between
from mpp_cli.sample.shares import NO_EDGES, PLACES, Dirt, Edges, Place, Shares

#: How readily a case is completed, or its person referred, so many months after the NTA.
COMPLETION_LAGS = (0.0, 0.5, 1.0, 1.0, 1.0, 0.8, 0.6, 0.4, 0.3)
REFERRAL_LAGS = (1.0, 0.8, 0.6, 0.4, 0.3, 0.2)


@dataclass(frozen=True)
class Recipe:
    """A sample as asked for; the totals hold exactly on the as-of date.

    ``enrolled_by_month`` counts NTA filings and ``referred_by_month`` people by
    the month of their first referral (keys YYYY-MM); both are followed exactly.
    ``completed_by_month`` and ``relief_by_month`` are weights, which give way
    where too few cases have begun. ``encounters`` is a CSV file to pass on.
    """

    as_of: date
    began: date
    seed: int
    enrolled: int
    completed: int
    relief_granted: int
    referred: int
    enrolled_by_month: Mapping[str, int]
    referred_by_month: Mapping[str, int]
    completed_by_month: Mapping[str, float] = field(default_factory=dict)
    relief_by_month: Mapping[str, float] = field(default_factory=dict)
    places: tuple[Place, ...] = PLACES
    shares: Shares = field(default_factory=Shares)
    edges: Edges = field(default_factory=Edges)
    dirt: Dirt = field(default_factory=Dirt)
    encounters: Path | None = None

    def __post_init__(self) -> None:
        """Refuse a recipe that no data could follow; ValueError says why."""
        if self.began > self.as_of:
            raise ValueError("the program began after the as-of date")
        if not 0 <= self.relief_granted <= self.completed <= self.enrolled:
            raise ValueError("relief granted, completed and enrolled must not exceed one another")
        if not 0 <= self.referred <= self.enrolled + self.unfiled:
            raise ValueError("more people referred than there are MPP cases")
        if self.dirt.amount < 0:
            raise ValueError("the amount of dirt must not be negative")
        for name, series, total in (
            ("enrolled", self.enrolled_by_month, self.enrolled),
            ("referred", self.referred_by_month, self.referred),
        ):
            if min(series.values(), default=0) < 0:
                raise ValueError(f"{name} by month contains a negative number")
            if sum(series.values()) != total:
                raise ValueError(f"{name} by month sums to {sum(series.values())}, not {total}")
        for keys in (
            set(self.enrolled_by_month),
            set(self.referred_by_month),
            set(self.completed_by_month),
            set(self.relief_by_month),
        ):
            if strange := keys - set(self.months):
                raise ValueError(f"{min(strange)} is outside {self.began} to {self.as_of}")
        if not any(place.since <= self.months[0] for place in self.places):
            raise ValueError("no place is open in the first month")

    @property
    def months(self) -> tuple[str, ...]:
        """The months of the data, YYYY-MM."""
        return months_between(self.began, self.as_of)

    @property
    def untidy(self) -> Edges:
        """The edge cases in the amount that the dirt asks for."""
        if self.dirt.amount == 0:
            return NO_EDGES
        amount = self.dirt.amount
        return Edges(**{key: min(1.0, part * amount) for key, part in vars(self.edges).items()})

    @property
    def unfiled(self) -> int:
        """Number of MPP cases whose NTA is never filed."""
        return round(self.untidy.unfiled * self.enrolled)

    @classmethod
    def load(cls, path: Path) -> Recipe:
        """Read a TOML file; ValueError for a recipe that cannot be followed."""
        with path.open("rb") as file:
            told = tomllib.load(file)
        monthly, weights = told.get("monthly", {}), told.get("weights", {})
        encounters = told.get("encounters")
        given: dict[str, Any] = {
            "shares": Shares(**told.get("shares", {})),
            "edges": Edges(**told.get("edges", {})),
            "dirt": Dirt(**told.get("dirt", {})),
        }
        if "places" in told:
            given["places"] = tuple(Place(**place) for place in told["places"])
        return cls(
            as_of=told["as_of"],
            began=told["began"],
            seed=told["seed"],
            **told["totals"],
            enrolled_by_month=monthly["enrolled"],
            referred_by_month=monthly["referred"],
            completed_by_month=weights.get("completed", {}),
            relief_by_month=weights.get("relief_granted", {}),
            encounters=path.parent / encounters if encounters else None,
            **given,
        )

    @classmethod
    def plain(cls, cases: int, seed: int, began: date, as_of: date) -> Recipe:
        """A neutral recipe: even months, half completed, a tenth of that with relief."""
        months = months_between(began, as_of)
        even = [1.0] * len(months)
        shape = cls(
            as_of=as_of,
            began=began,
            seed=seed,
            enrolled=(size := 20 * len(months)),
            completed=size // 2,
            relief_granted=size // 20,
            referred=size // 4,
            enrolled_by_month=dict(zip(months, spread(size, even).tolist(), strict=True)),
            referred_by_month=dict(zip(months, spread(size // 4, even).tolist(), strict=True)),
        )
        return shape.scaled(cases, seed)

    def scaled(self, cases: int, seed: int) -> Recipe:
        """The same shape with so many enrolled cases.

        The month of the as-of date keeps at least one of them, so that the
        data still end on that date.
        """
        if cases < 1 or self.enrolled < 1:
            raise ValueError("a sample needs at least one case")
        enrolled = _rescaled(self.enrolled_by_month, self.months, cases)
        if enrolled[self.months[-1]] == 0:
            enrolled[max(enrolled, key=lambda month: enrolled[month])] -= 1
            enrolled[self.months[-1]] = 1
        # Floors keep relief inside completed inside enrolled.
        referred = self.referred * cases // self.enrolled
        fits = replace(
            self,
            seed=seed,
            enrolled=cases,
            completed=self.completed * cases // self.enrolled,
            relief_granted=self.relief_granted * cases // self.enrolled,
            referred=0,
            enrolled_by_month=enrolled,
            referred_by_month={},
        )
        referred = min(referred, cases + fits.unfiled)
        return replace(
            fits,
            referred=referred,
            referred_by_month=_rescaled(self.referred_by_month, self.months, referred),
        )


def _rescaled(series: Mapping[str, int], months: tuple[str, ...], total: int) -> dict[str, int]:
    parts = spread(total, [series.get(month, 0) for month in months])
    return dict(zip(months, parts.tolist(), strict=True))
