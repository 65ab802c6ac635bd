"""``--suppress-below N`` of a comparison: neither small figures nor small parts of a change."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from mpp_cli.audit import Cell
from mpp_cli.comparison import (
    INTO_GROUP,
    OUT_OF_GROUP,
    Change,
    Compared,
    Comparison,
    Overlap,
    Part,
)
from mpp_cli.disclosure import check, mark, sentence, veiled_head
from mpp_cli.printed import Key, Places, count_of_days, counts_of_ratio
from mpp_cli.results import SUPPRESSED, WITHHELD, Footnote
from mpp_cli.suppression import hidden_cells

BEFORE: Key = (("side", "before"),)
AFTER: Key = (("side", "after"),)
#: The cells of a change by side or part, with their values and signs.
Counted = Mapping[str, tuple[Cell, int]]
SIDES = {"before": BEFORE, "after": AFTER}


def of_comparison(comparison: Comparison) -> Comparison:
    """A comparison without the counts below its request's ``suppress_below``, if it has one."""
    below = check(comparison.head.request.suppress_below)
    if below is None:
        return comparison
    cover = _Cover(comparison, below)
    return replace(
        comparison,
        head=veiled_head(comparison.head, below),
        before=veiled_head(comparison.before, below),
        metrics=tuple(map(cover.metric, comparison.metrics)),
        overlap=cover.overlap(comparison.overlap),
    )


class _Cover:
    """All figures and parts of one comparison, and which of them are hidden."""

    def __init__(self, comparison: Comparison, below: int) -> None:
        self._below = below
        self._places = Places()
        for metric in comparison.metrics:
            for place, change in enumerate(metric.changes):
                if change.unit in ("ratio", "days") or change.reason is not None:
                    continue
                total = self._add(change, ())
                groups = [
                    self._add(group.changes[place], tuple(group.by.items()))
                    for group in metric.groups
                ]
                if groups:
                    self._add_groups(total, groups)
        self._places.relate()
        self._hidden = hidden_cells(self._places.cells, below)

    def _add(self, change: Change, group: Key) -> Counted:
        """The figures of both sides are what stayed and what was gained, or lost."""
        figures = [
            (side, self._places.take(change.name, (*key, *group), getattr(change, side)))
            for side, key in SIDES.items()
        ]
        parts = [
            (part.id, self._part(change.name, part, group), part.value)
            for part in change.parts
            if isinstance(part.value, int)
        ]
        signed = [(cell, value) for _, cell, value in parts if cell is not None]
        gained = tuple(cell for cell, value in signed if value >= 0)
        lost = tuple(cell for cell, value in signed if value < 0)
        (_, before), (_, after) = figures
        if before is not None and after is not None and parts:
            kept = self._unprinted("kept", before, lost, minus=True)
            for whole, cells in ((after, gained), (before, lost)):
                if not cells:
                    self._places.add_sum(whole, (kept,))
                    continue
                together = self._unprinted("together", whole, cells)
                self._places.add_sum(together, cells)
                self._places.add_sum(whole, (kept, together))
        return {name: (cell, value) for name, cell, value in parts if cell is not None} | {
            side: (cell, getattr(change, side)) for side, cell in figures if cell is not None
        }

    def _add_groups(self, total: Counted, groups: Sequence[Counted]) -> None:
        """Groups add up to the total, figure by figure and part by part."""
        for name in dict.fromkeys(name for each in (total, *groups) for name in each):
            found = [each[name] for each in groups if name in each]
            plus = tuple(cell for cell, value in found if value > 0)
            minus = tuple(cell for cell, value in found if value < 0)
            if name not in total:
                continue
            whole, value = total[name]
            same, other = (minus, plus) if value < 0 else (plus, minus)
            if not other:
                self._places.add_sum(whole, same)
            elif same:
                # What some groups gained and others lost is more than the total of both.
                all_same = self._unprinted("of groups", whole, same)
                self._places.add_sum(all_same, same)
                self._places.add_sum(all_same, (whole, *other))
        ways = [
            tuple(each[way][0] for each in groups if way in each and each[way][1])
            for way in (INTO_GROUP, OUT_OF_GROUP)
        ]
        if all(ways):
            between = self._unprinted("between groups", total.get("after"), ways[0])
            for cells in ways:
                self._places.add_sum(between, cells)

    def _unprinted(
        self, name: str, whole: object, parts: tuple[Cell, ...], minus: bool = False
    ) -> Cell:
        """A count that is not printed: the sum of parts, or what they leave of their whole."""
        cells = self._places.cells
        made = (name, whole, parts)
        together = sum(cells.values[cell] for cell in parts)
        cells.values[made] = cells.values[whole] - together if minus else together
        cells.unprinted.add(made)
        return made

    def _part(self, name: str, part: Part, group: Key) -> Cell | None:
        value = part.cases if part.of is not None else part.value
        if not isinstance(value, int):
            return None
        return self._places.take(name, (("part", part.id), *group), abs(value))

    # --- what is left of it ------------------------------------------------------

    def metric(self, metric: Compared) -> Compared:
        """One metric as it may be printed."""
        note = Footnote(SUPPRESSED, "*" * (len(metric.footnotes) + 1), sentence(self._below))
        return replace(
            metric,
            changes=self._changes(metric, metric.changes, ()),
            groups=tuple(
                replace(each, changes=self._changes(metric, each.changes, tuple(each.by.items())))
                for each in metric.groups
            ),
            footnotes=(*metric.footnotes, note),
        )

    def _changes(
        self, metric: Compared, changes: Sequence[Change], group: Key
    ) -> tuple[Change, ...]:
        return tuple(self._change(metric, changes, change, group) for change in changes)

    def _change(
        self, metric: Compared, beside: Sequence[Change], change: Change, group: Key
    ) -> Change:
        gone = dict(self._gone(metric, beside, change, group))
        if gone:
            gone["change"] = WITHHELD
        return replace(
            change,
            before=None if "before" in gone else change.before,
            after=None if "after" in gone else change.after,
            change=None if "change" in gone else change.change,
            display_before=gone.get("before", change.display_before),
            display_after=gone.get("after", change.display_after),
            display_change=gone.get("change", change.display_change),
            parts=tuple(self._without(change, part, group, bool(gone)) for part in change.parts),
            suppressed=tuple(gone),
        )

    def _gone(
        self, metric: Compared, beside: Sequence[Change], change: Change, group: Key
    ) -> Iterator[tuple[str, str]]:
        """The sides of a change that are hidden, and what is shown for them."""
        by_name = {each.name: each for each in beside}
        ratio = counts_of_ratio(metric.name, change.name, None)
        timed = by_name.get(count_of_days(metric.name, change.name) or "")
        for side, key in SIDES.items():
            value = getattr(change, side)
            if value is None:
                continue
            if ratio is not None:
                if any(self._is_hidden(name, (*key, *group)) for name in ratio):
                    yield side, WITHHELD
            elif timed is not None:
                cases = getattr(timed, side)
                if isinstance(cases, int) and cases < self._below:
                    yield side, WITHHELD
            else:
                cell = self._places.take(change.name, (*key, *group), value)
                if cell in self._hidden:
                    yield side, mark(self._hidden[cell], self._below)

    def _is_hidden(self, name: str, key: Key) -> bool:
        return any(cell in self._hidden for cell in self._places.named(name, key))

    def _without(self, change: Change, part: Part, group: Key, change_is_hidden: bool) -> Part:
        """A part as it may be printed; that of a ratio tells how many cases make its points."""
        cell = self._part(part.of or change.name, part, group)
        if cell in self._hidden:
            shown = mark(self._hidden[cell], self._below)
        elif part.of is not None and change_is_hidden and part.value:
            shown = WITHHELD
        else:
            return part
        return replace(part, value=None, cases=None, display=shown, suppressed=True)

    def overlap(self, overlap: Overlap | None) -> Overlap | None:
        """The ids of two releases, unless how many came or went is a small count."""
        if overlap is None or overlap.both is None:
            return overlap
        numbers = (overlap.before, overlap.after, overlap.both)
        told = [each - overlap.both for each in numbers[:2] if each is not None]
        if self._hidden or _any_small([*told, *(each or 0 for each in numbers)], self._below):
            return Overlap(None, None, None)
        return overlap


def _any_small(numbers: Collection[int], below: int) -> bool:
    return any(0 < number < below for number in numbers)
