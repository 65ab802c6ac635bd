"""A reconciliation as plain frozen data: published figures and ours beside them."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from mpp_cli.results.report import Head


@dataclass(frozen=True)
class PublishedFigure:
    """A figure that somebody has published.

    ``measure`` is the measure of this tool that it corresponds to, None where
    there is none; ``published_as`` is what its publisher calls it. ``variants``
    are the ids of definitions by which its publisher may count. ``group`` are the columns
    and values of the group that it is of, none where it is of all.
    """

    as_of: datetime.date
    publisher: str
    measure: str | None
    value: int
    published_as: str
    source: str
    variants: tuple[str, ...] = ()
    group: tuple[tuple[str, str | None], ...] = ()


@dataclass(frozen=True)
class VariantFigure:
    """Our figure under another definition, and what it still differs by.

    ``differs`` says in words what is counted otherwise. There is no figure where
    the data lack what the definition needs; ``reason`` says what.
    """

    variant: str
    differs: str
    value: int | None
    residual: int | None
    reason: str | None = None
    suppressed: bool = False


@dataclass(frozen=True)
class OurGroup:
    """Our figure of one group, which nobody has published; a blank value of ``by`` is None."""

    by: Mapping[str, str | int | None]
    value: int | None
    display: str
    suppressed: bool = False


@dataclass(frozen=True)
class Reconciled:
    """One published figure beside ours as of the same date.

    ``status`` is ok, suppressed, beyond-data (the data end before the date, so the
    difference says little) or unavailable; ``reason`` says why it is not ok.
    ``share`` is the difference as a part of the published figure. ``within``
    is whether it is inside the tolerance, None where nothing is checked.
    ``variants`` are our figures under the rules that the publisher applies;
    ``groups`` are those of groups, which sum to ours.
    """

    published: PublishedFigure
    ours: int | None
    difference: int | None
    share: Fraction | None
    display_ours: str
    display_difference: str
    display_share: str
    within: bool | None
    status: str
    reason: str | None = None
    variants: tuple[VariantFigure, ...] = ()
    groups: tuple[OurGroup, ...] = ()

    @property
    def closest(self) -> str | None:
        """The definition that leaves least of the difference, None where ours does."""
        residuals = [
            (abs(each.residual), each.variant)
            for each in self.variants
            if each.residual is not None
        ]
        least = min(residuals, key=lambda each: each[0], default=None)
        if least is None or self.difference is None or least[0] >= abs(self.difference):
            return None
        return least[1]


@dataclass(frozen=True)
class Reconciliation:
    """All figures, in the order in which they were given; ``tolerance`` as it was written."""

    head: Head
    source: str
    tolerance: str
    rows: tuple[Reconciled, ...]
    notes: tuple[str, ...] = ()

    @property
    def checked(self) -> tuple[Reconciled, ...]:
        """The rows that the tolerance applies to."""
        return tuple(row for row in self.rows if row.within is not None)

    @property
    def outside(self) -> tuple[Reconciled, ...]:
        """The rows outside the tolerance."""
        return tuple(row for row in self.checked if not row.within)
