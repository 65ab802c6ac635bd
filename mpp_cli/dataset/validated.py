"""Data of which every row was judged: what questions are put to."""

from __future__ import annotations

import datetime
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

from mpp_cli.dataset import data_warnings, row_validation
from mpp_cli.results.report import Source, Warning
from mpp_cli.sources.dataset import Dataset


@dataclass(frozen=True)
class Judgement:
    """The data after every row was judged, and where they end.

    ``warnings_kept`` are those of single rows where an earlier run has found them.
    """

    dataset: Dataset
    sources: tuple[Source, ...]
    today: datetime.date
    warnings_kept: tuple[Warning, ...] | None = None

    @cached_property
    def row_warnings(self) -> tuple[Warning, ...]:
        """Warnings about single rows, whatever the question; an import needs none of them."""
        if self.warnings_kept is not None:
            return self.warnings_kept
        from mpp_cli.dataset import losses

        found = losses.of_files(self.dataset, self.sources)
        return (*found, *data_warnings.row_warnings(self.dataset, self.today))

    @property
    def case_data_end(self) -> datetime.date | None:
        """The day the case data end, or None when they hold no date."""
        return data_warnings.case_data_end(self.sources)

    @property
    def end(self) -> datetime.date | None:
        """The day the data end: that of the case data, else of the figures that there are."""
        return (
            self.case_data_end
            or data_warnings.aggregates_end(self.sources)
            or data_warnings.encounters_end(self.sources)
        )


def judge(
    dataset: Dataset,
    today: datetime.date | None = None,
    newest_release: bool = False,
    dimensions: Collection[str] = (),
) -> Judgement:
    """Judge all rows of freshly read data; see :mod:`mpp_cli.dataset.row_validation`."""
    from mpp_cli.dataset import unread

    today = today or datetime.date.today()
    columns = {*dataset.columns("cases")}
    dataset.dimensions = tuple(name for name in dimensions if name in columns)
    row_validation.judge(dataset, newest_release)
    sources = row_validation.sources(dataset, today)
    dataset.unread = unread.find(dataset, sources)
    return Judgement(dataset, sources, today)
