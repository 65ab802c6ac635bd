"""What the data hold and cannot be read, for whoever makes figures of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class LostMonth:
    """Rows of encounters that were set aside, by month and component, and why.

    ``year`` (fiscal) and ``month`` are None where they could not be read either; ``component``
    is empty where one stands and cannot be read.
    """

    year: int | None
    month: int | None
    component: str
    reason: str

    def may_be(self, component: str) -> bool:
        """Whether these may be rows of a component."""
        return self.component in ("", component)

    def reason_for(self, component: str, year: int) -> str:
        """Why there is no sum of a fiscal year of which no other row of a component is used."""
        if self.component:
            return f"all rows of {component} in fiscal year {year} {self.reason}"
        return (
            f"there are no rows of {component} in fiscal year {year}, and rows with an unreadable "
            f"component {self.reason}"
        )


@dataclass(frozen=True)
class LostFigure:
    """Rows of published figures of one measure that were set aside.

    ``as_of`` is None where the date cannot be read.
    """

    measure: str
    as_of: str | None
    file: str


@dataclass(frozen=True)
class Unread:
    """What the data hold and cannot be read, each with the reason and the likely remedy.

    ``tables`` have rows of which none can be used, ``columns`` (as ``cases.docket``) have
    values of which none can be read; of ``months`` a component's encounters were set aside:
    where these are all of its months of a fiscal year, there is no sum of it. ``figures`` are
    published ones that were set aside: where such a figure is given only in parts, they may
    lack one.
    """

    tables: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)
    months: tuple[LostMonth, ...] = ()
    figures: tuple[LostFigure, ...] = ()

    def explains(self, reason: str | None) -> bool:
        """Whether this is why there is no figure; then the reason has the remedy in it."""
        lost = {each.reason for each in self.months}
        return reason in {*self.tables.values(), *self.columns.values()} or any(
            reason is not None and reason.endswith(each) for each in lost
        )

    def of(self, columns: Iterable[str]) -> str | None:
        """Why the first of these columns that was not read was not, None when all were."""
        return next((self.columns[each] for each in columns if each in self.columns), None)
