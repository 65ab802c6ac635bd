"""Histograms of days, counted by the engine: for all cases and for every group."""

from __future__ import annotations

import datetime
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from mpp_cli.goals.definitions import Days, Span
from mpp_cli.metrics.counts import Key, conditions, counted, group_keys, group_of
from mpp_cli.metrics.query import Question
from mpp_cli.metrics.survival import kaplan_meier_median, nearest_rank
from mpp_cli.results.report import Query
from mpp_cli.sources.dataset import Dataset


@dataclass(frozen=True)
class Durations:
    """How many cases took how many days, and how many have waited for how many."""

    ended: Counter[int] = field(default_factory=Counter)
    waiting: Counter[int] = field(default_factory=Counter)

    def figure(self, measure: Days) -> int | None:
        """One measure of them, in days; None where there is none."""
        if measure.percentile is None:
            return kaplan_meier_median(self.ended, self.waiting)
        return nearest_rank(self.ended, measure.percentile)


def queries(
    dataset: Dataset, span: Span, question: Question, as_of: datetime.date, event_date: str
) -> tuple[Query, Query]:
    """The days that ended cases took and those that others have waited, by group."""
    where = conditions(question)
    keys = group_keys(question, event_date)
    made = []
    for name, count, end in (
        ("days taken", span.cases, span.end),
        ("days waited", span.waiting, "$as_of"),
    ):
        columns = ", ".join([*keys, dataset.engine.days_between(span.start, end)])
        numbers = ", ".join(str(place) for place in range(1, len(keys) + 2))
        made.append(
            Query(
                name,
                f"How many cases there are for every number of {name}.",
                f"SELECT {columns} AS days, count(*) AS cases\nFROM case_history\n"
                f"WHERE {where.sql} AND {counted(count)}\nGROUP BY {numbers}",
                {"as_of": as_of, **where.parameters},
            )
        )
    return made[0], made[1]


def durations(
    dataset: Dataset, span: Span, question: Question, as_of: datetime.date, event_date: str
) -> Mapping[Key, Durations]:
    """The durations of every group of ``--by``; of all cases under the empty group."""
    found: dict[Key, Durations] = defaultdict(Durations)
    taken, waited = queries(dataset, span, question, as_of, event_date)
    for query, kind in ((taken, "ended"), (waited, "waiting")):
        for *keys, days, cases in dataset.engine.fetch(query.sql, **query.parameters):
            histogram: Counter[int] = getattr(found[group_of(question, keys)], kind)
            histogram[days] += cases
    return found
