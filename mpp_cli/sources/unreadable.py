"""What the data hold and cannot be read, for whoever makes figures of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class LostMonth:
    """Rows of one component's encounters that were set aside, by month, and why.

    ``year`` (fiscal) and ``month`` are None where they could not be read either.
    """

    year: int | None
    month: int | None
    component: str
    reason: str

    def reason_for(self, year: int) -> str:
        """Why there is no sum of a fiscal year of which nothing else of the component is used."""
        return f"all rows of {self.component} in fiscal year {year} {self.reason}"


@dataclass(frozen=True)
class Unread:
    """What the data hold and cannot be read, each with the reason and the likely remedy.

    ``tables`` have rows of which none can be used, ``columns`` (as ``cases.docket``) have
    values of which none can be read; of ``months`` a component's encounters were set aside:
    where these are all of its months of a fiscal year, there is no sum of it.
    """

    tables: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)
    months: tuple[LostMonth, ...] = ()

    def explains(self, reason: str | None) -> bool:
        """Whether this is why there is no figure; then the reason has the remedy in it."""
        lost = {each.reason for each in self.months}
        return reason in {*self.tables.values(), *self.columns.values()} or any(
            reason is not None and reason.endswith(each) for each in lost
        )

    def of(self, columns: Iterable[str]) -> str | None:
        """Why the first of these columns that was not read was not, None when all were."""
        return next((self.columns[each] for each in columns if each in self.columns), None)
