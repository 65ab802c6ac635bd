"""Figures that were published, from aggregate exports: read, never computed.

A figure is the row of its measure and exact date without any breakdown. Where
a measure is only given in parts, the figure is their sum, as long as all parts
are of one breakdown.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from mpp_cli.counting import Key, sort_key
from mpp_cli.engines.base import identifier
from mpp_cli.sources.dataset import Dataset
from mpp_cli.sources.schema import AGGREGATES, table


@dataclass(frozen=True)
class _Figure:
    measure: str
    value: int
    parts: tuple[str | None, ...]


class Published:
    """The published figures of one date."""

    def __init__(self, dataset: Dataset, as_of: datetime.date) -> None:
        self._dataset, self._as_of = dataset, as_of
        known = [column.name for column in table(AGGREGATES).columns]
        #: The columns that the figures are broken down by.
        self.breakdowns = tuple(name for name in dataset.columns(AGGREGATES) if name not in known)
        self._figures: list[_Figure] = []
        if dataset.has(AGGREGATES):
            stored = table(AGGREGATES).stored
            columns = ["measure", "value", *(identifier(stored(name)) for name in self.breakdowns)]
            self._figures = [
                _Figure(measure, value, tuple(parts))
                for measure, value, *parts in dataset.engine.fetch(
                    f"SELECT {', '.join(columns)} FROM used_aggregates WHERE as_of = $as_of",
                    as_of=as_of,
                )
            ]

    @property
    def lacks_the_date(self) -> bool:
        """Whether there are published figures, and none of this date."""
        return self._dataset.has(AGGREGATES) and not self._figures

    def figure(self, measure: str) -> int | None:
        """The figure of a measure, None where there is none of this date."""
        rows = [each for each in self._figures if each.measure == measure]
        whole = [each.value for each in rows if not any(each.parts)]
        if whole:
            return whole[0]
        shapes = {tuple(part is not None for part in each.parts) for each in rows}
        return sum(each.value for each in rows) if len(shapes) == 1 else None

    def groups(self, measures: Sequence[str], by: Sequence[str]) -> dict[Key, dict[str, int]]:
        """The figures by the columns of ``by``, where they are given so; 0 where not."""
        shape = tuple(name in by for name in self.breakdowns)
        found: dict[Key, dict[str, int]] = {}
        for each in self._figures:
            if each.measure in measures and tuple(part is not None for part in each.parts) == shape:
                parts = dict(zip(self.breakdowns, each.parts, strict=True))
                key = tuple(parts[name] for name in by)
                found.setdefault(key, dict.fromkeys(measures, 0))[each.measure] = each.value
        return {key: found[key] for key in sorted(found, key=sort_key)}

    def refusal(self, measure: str) -> str | None:
        """Why there is no figure of a measure, None when there is one or no file at all."""
        if not self._dataset.has(AGGREGATES) or self.figure(measure) is not None:
            return None
        dates = [
            str(day)
            for (day,) in self._dataset.engine.fetch(
                "SELECT DISTINCT as_of FROM used_aggregates WHERE measure = $measure "
                "ORDER BY as_of DESC",
                measure=measure,
            )
        ]
        if not dates:
            return f"the published figures have no {measure}"
        if str(self._as_of) in dates:
            return f"the published figures give {measure} only in parts"
        shown = ", ".join(dates[:12]) + (", …" if len(dates) > 12 else "")
        return f"the published figures have no {measure} as of {self._as_of}, but as of: {shown}"

    @property
    def file(self) -> str:
        """The file that the figures come from."""
        return ", ".join(account.name for account in self._dataset.of(AGGREGATES))
