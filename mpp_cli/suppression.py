"""Which cells must be hidden so that no small count can be solved for from the others.

This knows cells, sums and which cell lies inside which; what they mean is the
part of :mod:`mpp_cli.disclosure`. First come rules that are right in most tables
and hide little; then :mod:`mpp_cli.audit` says what they overlooked.

A count of 1 to N-1 is hidden, a 0 never. A sum that is printed gives a hidden
part away unless something else in it can take up what the part might differ
by. So in every printed sum that has a hidden part, one of these holds: the whole
is hidden as well; or one more hidden part is large enough, and far enough from
the cells that it is inside of, to take up any difference below N (a *buffer*);
or the hidden parts alone can each be anything from 1 to N-1.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from mpp_cli.audit import Audit, Cell, Cells


def hidden_cells(cells: Cells, below: int) -> dict[Cell, bool]:
    """The cells to hide; True for those that may be said to be small.

    A small whole of several parts may not: that it is small, too, would narrow
    what its parts can be. What the rules above hide is audited, and more is
    hidden as long as a reader could work out too much.
    """
    hiding, audit = _Hiding(cells, below), Audit(cells, below)
    unsaid = _unsaid(cells)
    given_up: set[Cell] = set()
    while True:
        hiding.run()
        marked = {
            cell for cell in hiding.hidden if 0 < cells.values[cell] < below and cell not in unsaid
        }
        found = [*audit.exposed(hiding.hidden, marked, given_up)]
        if not found:
            return {cell: cell in marked for cell in cells.values if cell in hiding.hidden}
        for exposed in found:
            if exposed.told_by:
                hiding.hide_one(exposed.told_by)
            elif exposed.marked:
                unsaid.update(exposed.marked)
            else:
                # Nothing that is printed tells it.
                given_up.add(exposed.cell)


def _unsaid(cells: Cells) -> set[Cell]:
    """Wholes of several parts, and what equals them: the only part that there is, or the whole."""
    nonzero = [
        (whole, [part for part in parts if cells.values[part]]) for whole, parts in cells.sums
    ]
    found = {whole for whole, parts in nonzero if len(parts) > 1}
    equal = [{whole, *parts} for whole, parts in nonzero if len(parts) == 1]
    before = -1
    while before != len(found):
        before = len(found)
        for pair in equal:
            if pair & found:
                found |= pair
    return found


class _Hiding:
    def __init__(self, cells: Cells, below: int) -> None:
        self.values, self._below = cells.values, below
        # What stands in no output takes up differences by itself; the audit looks at it.
        self._sums = [
            (whole, parts)
            for whole, parts in cells.sums
            if not cells.unprinted.intersection((whole, *parts))
        ]
        self._inside = {pair for pair in cells.inside if self._holds(pair)}
        self._shares = {pair for pair in cells.shares if self._holds(pair)}
        self._above: dict[Cell, list[Cell]] = defaultdict(list)
        self._under: dict[Cell, list[Cell]] = defaultdict(list)
        self._sums_of: dict[Cell, int] = defaultdict(int)
        for whole, parts in self._sums:
            for cell in (whole, *parts):
                self._sums_of[cell] += 1
        # A cell that stands in no other sum is kept inside its whole by the sum itself.
        kept = {
            (part, whole)
            for whole, parts in self._sums
            for part in parts
            if self._sums_of[part] == 1
        }
        for part, whole in self._inside | self._shares:
            self._under[whole].append(part)
            if (part, whole) not in kept:
                self._above[part].append(whole)
        self.hidden = {
            cell
            for cell, value in self.values.items()
            if 0 < value < below and cell not in cells.unprinted
        } | {cell for cell in cells.start if self.values[cell]}

    def _holds(self, pair: tuple[Cell, Cell]) -> bool:
        return self.values[pair[0]] <= self.values[pair[1]]

    def run(self) -> None:
        """Hide more cells until no rule asks for another."""
        before = -1
        while before != len(self.hidden):
            before = len(self.hidden)
            for part, whole in self._shares:
                # Whole less part would be printed in all but name.
                if 0 < self.values[whole] - self.values[part] < self._below:
                    self._hide(part)
            for part, whole in self._inside | self._shares:
                # A part that is shown says how much its whole is at least.
                if whole in self.hidden:
                    self._hide(part)
            for whole, parts in self._sums:
                self._protect(whole, [part for part in parts if self.values[part]])

    def hide_one(self, cells: Sequence[Cell]) -> None:
        """Hide one of these: the smallest that can take up any difference, else the largest."""
        buffers = [cell for cell in cells if self.values[cell] >= 2 * self._below]
        if buffers:
            self._hide(min(buffers, key=lambda cell: (self.values[cell], repr(cell))))
        else:
            self._hide(max(cells, key=lambda cell: (self.values[cell], repr(cell))))

    def _hide(self, cell: Cell) -> None:
        if self.values[cell]:
            self.hidden.add(cell)

    def _protect(self, whole: Cell, parts: Sequence[Cell]) -> None:
        """Hide what keeps the hidden parts of one sum, or its hidden whole, from being solved."""
        hidden = [part for part in parts if part in self.hidden]
        shown = [part for part in parts if part not in self.hidden]
        if whole in self.hidden:
            if not hidden and shown:
                self._hide(max(shown, key=lambda part: (self._is_buffer(part), self.values[part])))
            return
        if not hidden or self._are_free(hidden):
            return
        if len(hidden) > 1 and any(map(self._is_buffer, hidden)):
            return
        buffers = [part for part in shown if self._is_buffer(part)]
        if buffers:
            self._hide(min(buffers, key=lambda part: self.values[part]))
        else:
            self._hide(whole)

    def _is_buffer(self, cell: Cell) -> bool:
        """Whether a hidden cell can take up any difference below N and stay what it says."""
        value, room = self.values[cell], self._below
        return (
            value >= 2 * room
            and all(self.values[whole] - value >= room for whole in self._above[cell])
            and all(value - self.values[part] >= room for part in self._under[cell])
        )

    def _are_free(self, hidden: Sequence[Cell]) -> bool:
        """Whether small parts whose sum is known can each be anything from 1 to N-1."""
        others, most = len(hidden) - 1, self._below - 1
        total = sum(self.values[cell] for cell in hidden)
        alone = all(
            self.values[cell] < self._below
            and self._sums_of[cell] == 1
            and not self._under[cell]
            and all(whole not in self.hidden for whole in self._above[cell])
            for cell in hidden
        )
        return alone and most + others <= total <= 1 + others * most
