"""What stands nowhere and must not follow: rests, what rules leave out, what happened between."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from itertools import pairwise

from mpp_cli.disclosure import declarations
from mpp_cli.disclosure.balances import Balances
from mpp_cli.disclosure.cells import COUNTED, FIGURE, LINE, POPULATION, Cell
from mpp_cli.disclosure.conditions import less
from mpp_cli.disclosure.figures import AS_OF, Figures
from mpp_cli.disclosure.statements import Expression, Reading, combined, in_scope


def guard_rests(reading: Reading, figures: Figures) -> None:
    """A whole without its part: those not completed, where completed ones are given."""
    at: dict[Hashable, dict[str, Cell]] = defaultdict(dict)
    for cell in figures.cells:
        if cell.what == FIGURE and not figures.rules(cell).of_events:
            place = (cell.day, cell.group, cell.dated, cell.definition, cell.release)
            at[place].setdefault(cell.measure, cell)
    nested = declarations.nested()
    for cells in at.values():
        for part, whole in nested:
            if part.name in cells and whole.name in cells:
                inner, outer = cells[part.name], cells[whole.name]
                reading.guard(
                    _rest(figures, inner, outer),
                    _int(outer) - _int(inner),
                    figures.home(outer),
                    (figures.of(inner), figures.of(outer)),
                )


def guard_rules(reading: Reading, figures: Figures, balances: Balances) -> None:
    """What each rule leaves out of all cases, by the end of the answer."""
    last = max((cell.day for cell in figures.cells), default=None)
    lines = {(cell.measure, cell.detail): cell.value for cell in figures.cells if cell.what == LINE}
    done = set()
    for cell in figures.cells:
        of_all = not (cell.definition or cell.release or cell.group) and cell.day == last
        if of_all and cell.measure not in done and cell.what == FIGURE:
            done.add(cell.measure)
            if not figures.rules(cell).of_events or (cell.measure, AS_OF) in lines:
                for name, expression in balances.lines(cell).items():
                    if name not in (POPULATION, COUNTED):
                        value = lines.get((cell.measure, name))
                        known = value if isinstance(value, int) else None
                        reading.guard(expression, known, figures.home(cell))


def guard_steps(reading: Reading, figures: Figures) -> None:
    """What happened between one date and the next."""
    for cells in _followed(figures):
        for before, after in pairwise(cells):
            _guard_step(reading, figures, before, after)
    _guard_steps_of_rests(reading, figures)


def _guard_step(reading: Reading, figures: Figures, before: Cell, after: Cell) -> None:
    grows = not figures.rules(after).count.until and _int(after) >= _int(before)
    if figures.rules(after).of_events:
        if grows:
            step: Hashable = ("step", after.measure, after.group, after.day)
            was, now = figures.expression(before), figures.expression(after)
            reading.relate(combined((now, 1), (was, -1), ({step: 1}, -1)), figures.home(after))
            reading.guard({step: 1}, _int(after) - _int(before))
        return
    old, new = figures.of(before), figures.of(after)
    both = old.cases | new.cases
    between = ("from", after.metric or after.measure, before.day, after.day)
    known = _int(after) - _int(before) if grows else None
    reading.guard(in_scope(new.scope, {new.cases: 1, both: -1}), known, between)
    reading.guard(in_scope(new.scope, {old.cases: 1, both: -1}), 0 if grows else None, between)


def _guard_steps_of_rests(reading: Reading, figures: Figures) -> None:
    """What left a count stays outside it: of its whole, the rest only grows."""
    followed: dict[str, dict[Hashable, Sequence[Cell]]] = defaultdict(dict)
    for cells in _followed(figures):
        followed[cells[0].measure][cells[0].group] = cells
    for part, whole in declarations.nested():
        if part.until and not whole.until:
            for group, parts in followed.get(part.name, {}).items():
                wholes = {c.day: c for c in followed.get(whole.name, {}).get(group, ())}
                both = [(cell, wholes[cell.day]) for cell in parts if cell.day in wholes]
                for before, after in pairwise(both):
                    rests = [_rest(figures, *before), _rest(figures, *after)]
                    grown = _int(after[1]) - _int(after[0]) - _int(before[1]) + _int(before[0])
                    between = ("from", after[0].metric, before[0].day, after[0].day)
                    reading.guard(combined((rests[1], 1), (rests[0], -1)), grown, between)


def _rest(figures: Figures, part: Cell, whole: Cell) -> Expression:
    inner, outer = figures.of(part), figures.of(whole)
    return in_scope(outer.scope, less(outer.cases, inner.cases | outer.cases))


def _followed(figures: Figures) -> Iterator[Sequence[Cell]]:
    """The figures of one count and group in the order of their dates."""
    found: dict[Hashable, dict[Hashable, Cell]] = defaultdict(dict)
    for cell in figures.cells:
        if cell.what == FIGURE and not cell.definition:
            found[cell.measure, cell.group, cell.dated].setdefault(cell.day, cell)
    for cells in found.values():
        yield sorted(cells.values(), key=lambda cell: cell.day)


def _int(cell: Cell) -> int:
    assert isinstance(cell.value, int)
    return cell.value
