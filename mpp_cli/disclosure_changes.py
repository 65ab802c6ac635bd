"""``--suppress-below N`` of a comparison: neither small figures nor small parts of a change."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

from mpp_cli.audit import Cell
from mpp_cli.comparison import Change, Compared, Comparison, Overlap, Part
from mpp_cli.disclosure import FOOTNOTE, check, mark, sentence, veiled_head
from mpp_cli.printed import Key, Places, count_of_days, counts_of_ratio
from mpp_cli.results import WITHHELD, Footnote
from mpp_cli.suppression import hidden_cells

BEFORE: Key = (("side", "before"),)
AFTER: Key = (("side", "after"),)
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
            for change in metric.changes:
                if change.unit not in ("ratio", "days") and change.reason is None:
                    self._add(change)
        self._places.relate()
        self._hidden = hidden_cells(self._places.cells, below)

    def _add(self, change: Change) -> None:
        """The figures of both sides are what stayed and what was gained, or lost."""
        before, after = (
            self._places.take(change.name, key, value)
            for key, value in ((BEFORE, change.before), (AFTER, change.after))
        )
        gained: list[Cell] = []
        lost: list[Cell] = []
        for part in change.parts:
            cell = self._part(change.name, part)
            if cell is not None and isinstance(part.value, int):
                (lost if part.value < 0 else gained).append(cell)
        if before is None or after is None or not change.parts:
            return
        values, unprinted = self._places.cells.values, self._places.cells.unprinted
        kept = ("kept", change.name)
        values[kept] = values[before] - sum(values[cell] for cell in lost)
        unprinted.add(kept)
        for whole, parts, name in ((after, gained, "gained"), (before, lost, "lost")):
            if not parts:
                self._places.add_sum(whole, (kept,))
                continue
            together = (name, change.name)
            values[together] = sum(values[cell] for cell in parts)
            unprinted.add(together)
            self._places.add_sum(together, tuple(parts))
            self._places.add_sum(whole, (kept, together))

    def _part(self, name: str, part: Part) -> Cell | None:
        value = part.cases if part.of is not None else part.value
        if not isinstance(value, int):
            return None
        return self._places.take(name, (("part", part.id),), abs(value))

    # --- what is left of it ------------------------------------------------------

    def metric(self, metric: Compared) -> Compared:
        """One metric as it may be printed."""
        note = Footnote(FOOTNOTE, "*" * (len(metric.footnotes) + 1), sentence(self._below))
        return replace(
            metric,
            changes=tuple(self._change(metric, change) for change in metric.changes),
            footnotes=(*metric.footnotes, note),
        )

    def _change(self, metric: Compared, change: Change) -> Change:
        gone = dict(self._gone(metric, change))
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
            parts=tuple(self._without(change, part, bool(gone)) for part in change.parts),
            suppressed=tuple(gone),
        )

    def _gone(self, metric: Compared, change: Change) -> Iterator[tuple[str, str]]:
        """The sides of a change that are hidden, and what is shown for them."""
        by_name = {each.name: each for each in metric.changes}
        ratio = counts_of_ratio(metric.name, change.name, None)
        timed = by_name.get(count_of_days(metric.name, change.name) or "")
        for side, key in SIDES.items():
            value = getattr(change, side)
            if value is None:
                continue
            if ratio is not None:
                if any(self._is_hidden(name, key) for name in ratio):
                    yield side, WITHHELD
            elif timed is not None:
                cases = getattr(timed, side)
                if isinstance(cases, int) and cases < self._below:
                    yield side, WITHHELD
            else:
                cell = self._places.take(change.name, key, value)
                if cell in self._hidden:
                    yield side, mark(self._hidden[cell], self._below)

    def _is_hidden(self, name: str, key: Key) -> bool:
        return any(cell in self._hidden for cell in self._places.named(name, key))

    def _without(self, change: Change, part: Part, change_is_hidden: bool) -> Part:
        """A part as it may be printed; that of a ratio tells how many cases make its points."""
        cell = self._part(part.of or change.name, part)
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
