"""Data of which every row was judged: what questions are put to."""

from __future__ import annotations

import datetime
from collections.abc import Collection
from dataclasses import dataclass

from mpp_cli import accounts, checks
from mpp_cli.results import Source, Warning
from mpp_cli.sources.dataset import Dataset


@dataclass(frozen=True)
class Judgement:
    """The data after every row was judged, and where they end.

    ``row_warnings`` are about single rows, whatever the question.
    """

    dataset: Dataset
    sources: tuple[Source, ...]
    today: datetime.date
    row_warnings: tuple[Warning, ...]

    @property
    def case_data_end(self) -> datetime.date | None:
        """The day the case data end, or None when they hold no date."""
        return checks.case_data_end(self.sources)

    @property
    def end(self) -> datetime.date | None:
        """The day the data end: that of the case data, else of the figures that there are."""
        return (
            self.case_data_end
            or checks.aggregates_end(self.sources)
            or checks.encounters_end(self.sources)
        )


def judge(
    dataset: Dataset,
    today: datetime.date | None = None,
    newest_release: bool = False,
    dimensions: Collection[str] = (),
) -> Judgement:
    """Judge all rows of freshly read data; see :mod:`mpp_cli.accounts`."""
    today = today or datetime.date.today()
    columns = {*dataset.columns("cases")}
    accounts.judge(dataset, newest_release, [name for name in dimensions if name in columns])
    sources = accounts.sources(dataset, today)
    return Judgement(dataset, sources, today, checks.row_warnings(dataset, today))
