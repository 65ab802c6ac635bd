"""Our figures of single measures as of any date, of all cases and by group, from one pass."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from mpp_cli import counting, daily
from mpp_cli.counting import Key
from mpp_cli.definitions import Count, EncounterTotal
from mpp_cli.errors import MppError
from mpp_cli.judgement import Judgement
from mpp_cli.lost_years import lost_year
from mpp_cli.periods import LABELS
from mpp_cli.question import Question, column_of

#: The measures that a published figure can be held against.
Measure = Count | EncounterTotal


class Ours:
    """The figures of measures by their names; ``reasons`` says which of them there are not."""

    def __init__(self, judgement: Judgement, question: Question, named: Sequence[Measure]) -> None:
        self._dataset, self._question = judgement.dataset, question
        self.reasons: dict[str, str] = {}
        self._by_day: dict[str, Mapping[Key, Mapping[datetime.date, int]]] = {}
        self._by_group: dict[str, Mapping[Key, Mapping[datetime.date, int]]] = {}
        counts: list[Count] = []
        for measure in named:
            reason = self._reason(measure)
            if reason:
                self.reasons[measure.name] = reason
            elif isinstance(measure, Count):
                counts.append(measure)
        if counts:
            self._count(counts)

    def reason(self, measure: Measure, day: datetime.date) -> str | None:
        """Why there is no figure of a measure as of a day, None where there may be one."""
        if measure.name in self.reasons:
            return self.reasons[measure.name]
        return lost_year(self._dataset, day) if isinstance(measure, EncounterTotal) else None

    def by(self, measure: Measure) -> tuple[str, ...]:
        """The columns of ``--by`` that a measure can be broken down by."""
        columns = self._dataset.columns(self._table(measure))
        return tuple(
            name for name in self._question.by if name in LABELS or column_of(name) in columns
        )

    def figure(self, measure: Measure, day: datetime.date) -> int | None:
        """The figure of all cases as of a day; None where there is none."""
        if isinstance(measure, EncounterTotal):
            months = daily.months_to_date(self._dataset, self._whole, (), day)
            return sum(months[()].values()) if months else None
        return _as_of(self._by_day[measure.name].get((), {}), day)

    def groups(self, measure: Measure, day: datetime.date) -> dict[Key, int]:
        """The figure of every group as of a day in which it is not 0; they sum to that of all."""
        if not self.by(measure):
            return {}
        if isinstance(measure, EncounterTotal):
            by = self.by(measure)
            months = daily.months_to_date(self._dataset, self._question, by, day)
            found = {key: sum(group.values()) for key, group in months.items()}
        else:
            groups = self._by_group[measure.name]
            found = {key: _as_of(by_day, day) for key, by_day in groups.items()}
        if sum(found.values()) != (self.figure(measure, day) or 0):
            raise MppError(
                f"the groups of {measure.name} do not sum to the total; nothing is printed"
            )
        return {key: number for key, number in found.items() if number}

    @property
    def _whole(self) -> Question:
        return replace(self._question, by=())

    def _table(self, measure: Measure) -> str:
        return "encounters" if isinstance(measure, EncounterTotal) else "cases"

    def _reason(self, measure: Measure) -> str | None:
        """Why these data give no figure of a measure, None when they do."""
        table = self._table(measure)
        if isinstance(measure, Count) and not daily.adds_up(measure):
            return "it is not a sum of what happened by day"
        if isinstance(measure, Count):
            reason = counting.unavailable(self._dataset, measure)
        else:
            reason = self._dataset.unavailable(table)
        lacking = [
            name for name in self._question.where if name not in self._dataset.columns(table)
        ]
        return reason or (f"{table} has no column {lacking[0]}" if lacking else None)

    def _count(self, counts: Sequence[Count]) -> None:
        """Every measure by the day on which a case becomes counted; times go by its own event."""
        daily.build_history(self._dataset, counts, self._question)
        for question, found in ((self._whole, self._by_day), (self._question, self._by_group)):
            alike: dict[str, list[Count]] = defaultdict(list)
            timed = any(name in LABELS for name in question.by)
            for count in counts:
                alike[count.event_date if timed else ""].append(count)
            narrowed = replace(question, by=self.by(counts[0]) if question.by else ())
            for event_date, together in alike.items():
                groups = daily.counted_by_day(self._dataset, together, event_date, narrowed)
                for count in together:
                    found[count.name] = {key: each[count.name] for key, each in groups.items()}


def _as_of(by_day: Mapping[datetime.date, int], day: datetime.date) -> int:
    return daily.cumulated(by_day, [day])[0]
