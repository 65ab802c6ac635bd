"""Figures that were published, from aggregate exports: read, never computed.

A figure is the row of its measure and exact date without any breakdown. Where
a measure is only given in parts, the figure is their sum, as long as all parts
are of one breakdown.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from mpp_cli import breakdown
from mpp_cli.counting import Key, sort_key
from mpp_cli.definitions import AnyMeasure, Count, Metric, Ratio
from mpp_cli.engines.base import identifier
from mpp_cli.figures import display
from mpp_cli.results import Row
from mpp_cli.sources.dataset import Dataset
from mpp_cli.sources.schema import AGGREGATES, table

#: Why a published figure is none under conditions.
NOT_NARROWED = "published figures cannot be narrowed with --where"

#: The group of what the published groups of a measure do not hold of its total.
OTHER = "(other)"


@dataclass(frozen=True)
class PublishedRow:
    """A published figure: what it says, and the file, line and source that it was read from."""

    measure: str
    value: int
    parts: tuple[str | None, ...]
    file: str
    line: int
    source: str | None


class Published:
    """The published figures of one date."""

    def __init__(self, dataset: Dataset, as_of: datetime.date) -> None:
        self._dataset, self._as_of = dataset, as_of
        known = [column.name for column in table(AGGREGATES).columns]
        #: The columns that the figures are broken down by.
        self.breakdowns = tuple(name for name in dataset.columns(AGGREGATES) if name not in known)
        self._figures: list[PublishedRow] = []
        if dataset.has(AGGREGATES):
            stored = table(AGGREGATES).stored
            has_source = "source" in dataset.columns(AGGREGATES)
            columns = ["measure", "value", "_file", "_line", "source" if has_source else "NULL"]
            columns += [identifier(stored(name)) for name in self.breakdowns]
            self._figures = [
                PublishedRow(measure, value, tuple(parts), dataset.name_of(file), line, source)
                for measure, value, file, line, source, *parts in dataset.engine.fetch(
                    f"SELECT {', '.join(columns)} FROM used_aggregates WHERE as_of = $as_of "
                    "ORDER BY _file, _line",
                    as_of=as_of,
                )
            ]

    @property
    def lacks_the_date(self) -> bool:
        """Whether there are published figures, and none of this date."""
        return self._dataset.has(AGGREGATES) and not self._figures

    def figure(self, measure: str) -> int | None:
        """The figure of a measure, None where there is none of this date."""
        rows = self.rows_of(measure)
        return sum(each.value for each in rows) if rows else None

    def rows_of(self, measure: str) -> tuple[PublishedRow, ...]:
        """The rows that the figure of a measure is the sum of: one, or the parts of one breakdown.

        There are none where the figure is not given, or only in parts of several breakdowns.
        """
        rows = [each for each in self._figures if each.measure == measure]
        whole = [each for each in rows if not any(each.parts)]
        if whole:
            return (whole[0],)
        if self._lost(measure):
            return ()
        shapes = {tuple(part is not None for part in each.parts) for each in rows}
        return tuple(rows) if len(shapes) == 1 else ()

    def _lost(self, measure: str) -> str | None:
        """The file of which rows of a measure and this date were set aside, None where none were.

        What is left of the parts of a figure does not sum to it.
        """
        days = (None, str(self._as_of))
        lost = self._dataset.unread.figures
        return next((x.file for x in lost if x.measure == measure and x.as_of in days), None)

    def rows(
        self, declared: Metric, measures: Sequence[AnyMeasure], by: Sequence[str]
    ) -> tuple[tuple[Row, ...], tuple[str, ...]]:
        """The groups of a metric as they were published, and what must be said of them.

        A figure that was not given for a group is None there. What the groups of a measure
        lack of its total is the group :data:`OTHER`, so that they sum to it; it has no
        ratio of counts that were given for different groups. Where groups sum to more
        than the total, nobody can say which of them are wrong.
        """
        counts = [each for each in measures if isinstance(each, Count)]
        groups = self._groups([count.name for count in counts], by)
        named = ", ".join(by)
        if not groups:
            return (), (without_groups(by),)
        notes: list[str] = []
        rest: dict[str, int | None] = {}
        given = {
            count.name: {key for key, group in groups.items() if group[count.name] is not None}
            for count in counts
        }
        for count in counts:
            missing = (self.figure(count.name) or 0) - sum(
                group[count.name] or 0 for group in groups.values()
            )
            rest[count.name] = missing if given[count.name] and missing >= 0 else None
            if not given[count.name]:
                notes.append(f"{count.label}: no groups by {named} were published.")
            elif missing < 0:
                notes.append(
                    f"{count.label}: the groups by {named} sum to more than the total, as they "
                    "were published. They overlap, or one of the figures is wrong."
                )
            elif missing:
                notes.append(
                    f"{count.label}: the groups by {named} that were published do not sum to the "
                    f"total. The rest is the group {OTHER}."
                )
        found = [*breakdown.rows(declared, measures, by, groups, {})]
        if any(rest.values()):
            other = breakdown.rows(declared, measures, by, {(OTHER,) * len(by): rest}, {})
            unlike = [
                each.name
                for each in measures
                if isinstance(each, Ratio) and given[each.part.name] != given[each.whole.name]
            ]
            found += [_without(row, unlike) for row in other]
        return tuple(found), tuple(notes)

    def _groups(
        self, measures: Sequence[str], by: Sequence[str]
    ) -> dict[Key, dict[str, int | None]]:
        """The figures by the columns of ``by``, where they are given so; None where not."""
        shape = tuple(name in by for name in self.breakdowns)
        found: dict[Key, dict[str, int | None]] = {}
        for each in self._figures:
            if each.measure in measures and tuple(part is not None for part in each.parts) == shape:
                parts = dict(zip(self.breakdowns, each.parts, strict=True))
                key = tuple(parts[name] for name in by)
                found.setdefault(key, dict.fromkeys(measures))[each.measure] = each.value
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
        if file := self._lost(measure):
            given = "given only in parts, and rows of it" if dates else "not given: its rows"
            return f"{measure} is {given} in {file} were set aside; `mpp validate` lists them"
        if not dates:
            return f"the published figures have no {measure}"
        if str(self._as_of) in dates:
            return f"the published figures give {measure} only in parts"
        shown = ", ".join(dates[:12]) + (", …" if len(dates) > 12 else "")
        return f"the published figures have no {measure} as of {self._as_of}, but as of: {shown}"

    @property
    def file(self) -> str:
        """The file that the figures come from."""
        return ", ".join(self._dataset.names_of(AGGREGATES))


def contradicted(measure: Ratio, figures: Mapping[str, int | None]) -> str | None:
    """Why there is no percentage of published figures: a part is never more than its whole."""
    part, whole = figures.get(measure.part.name), figures.get(measure.whole.name)
    inside = {*measure.whole.all_rules} <= {*measure.part.all_rules}
    if not inside or part is None or whole is None or part <= whole:
        return None
    return (
        f"{measure.part.name} ({part:,}) was published as more than {measure.whole.name} "
        f"({whole:,}), of which it is a part"
    )


def mixed(measure: Ratio, counted: Collection[str]) -> str | None:
    """Why there is no ratio of a count and of a figure that was published of other cases.

    None where both were ``counted``, or neither was.
    """
    here = [each.name for each in (measure.whole, measure.part) if each.name in counted]
    read = [each.name for each in (measure.whole, measure.part) if each.name not in counted]
    if not here or not read:
        return None
    return f"{here[0]} is counted from cases, and {read[0]} was only published"


def without_groups(by: Iterable[str]) -> str:
    """What is said where published figures have no groups by these columns."""
    named = ", ".join(by)
    return f"Published figures have no groups by {named}: only the total is shown."


def _without(row: Row, ratios: Sequence[str]) -> Row:
    """A row without these ratios, which would be of different cases."""
    none = dict.fromkeys(ratios)
    shown = {name: display(None, "ratio") for name in ratios}
    return replace(row, values={**row.values, **none}, display={**row.display, **shown})
