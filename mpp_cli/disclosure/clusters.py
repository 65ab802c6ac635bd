"""Sets of cases in small tables: every kind of case that can be, without a table of all kinds.

All sets together would divide the cases into far too many kinds. Conditions about
different columns are independent, so that the sets can be told in several tables, or
clusters, that agree on what they have in common: for every way to fill them there are
cases that do. Columns are put away one after the other, as variables are in a
graphical model: what speaks of them goes into one cluster, with the sets that are
left when their conditions are taken out, and the rest knows only these.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mpp_cli.disclosure.conditions import Cases
from mpp_cli.disclosure.kinds import Block, Ends, blocks, states

if TYPE_CHECKING:
    from numpy import ndarray

#: A whole and the parts that it divides into: each of its cases is in one of them.
Partition = tuple[Cases, tuple[Cases, ...]]


@dataclass(frozen=True)
class Cluster:
    """Sets, and the kinds of cases that can be told by them: a row for each, a column for each set.

    ``shared`` are the sets that the cluster ``parent`` has as well, and on which both agree.
    """

    sets: tuple[Cases, ...]
    kinds: ndarray
    shared: tuple[Cases, ...] = ()
    parent: int | None = None

    def place(self, cases: Cases) -> int:
        """The column of a set."""
        return self.sets.index(cases)


def order_of(sets: Collection[Cases], scopes: Collection[frozenset[Cases]]) -> list[Block]:
    """The blocks of conditions in the order in which they are put away."""
    waiting = blocks(sets)
    held = [frozenset({each}) for each in sets] + [*scopes]
    found = []
    while waiting:
        costs = [(len(_touched(held, block)[0]), block) for block in waiting]
        _, block = min(costs)
        waiting.remove(block)
        held = _without(held, block)[0]
        found.append(block)
    return found


def clusters(
    sets: Collection[Cases],
    scopes: Collection[frozenset[Cases]],
    order: Sequence[Block],
    ends: Ends,
    partitions: Iterable[Partition] = (),
) -> list[Cluster]:
    """The clusters that tell these sets; those of one scope are in one cluster together."""
    import numpy

    partitions = [*partitions]
    known = {block: states(block, ends) for block in order}
    held = [frozenset({each}) for each in sets] + [*scopes]
    made: list[tuple[frozenset[Cases], frozenset[Cases]]] = []
    for block in order:
        held, told, shared = _without(held, block)
        if told:
            made.append((told | shared, shared))
    # Sets without any condition are the same in every cluster: all cases.
    found = []
    for place, (told, shared) in enumerate(made):
        listed = tuple(sorted(told, key=sorted))
        kinds = numpy.ones((1, len(listed)), dtype=bool)
        for block in order:
            kinds = _narrowed(kinds, listed, block, known[block])
        for whole, parts in partitions:
            if {whole, *parts} <= told:
                columns = [listed.index(each) for each in parts]
                kinds = kinds[~kinds[:, listed.index(whole)] | kinds[:, columns].any(axis=1)]
        parent = next(
            (later for later in range(place + 1, len(made)) if shared and shared <= made[later][0]),
            None,
        )
        found.append(
            Cluster(listed, kinds[kinds.any(axis=1)], tuple(sorted(shared, key=sorted)), parent)
        )
    return found


def _narrowed(kinds: ndarray, sets: Sequence[Cases], block: Block, states: ndarray) -> ndarray:
    """The kinds where the conditions of one more block are met in every way that they can be."""
    import numpy

    asked = [[place for place, each in enumerate(block) if each in cases] for cases in sets]
    if not any(asked):
        return kinds
    met = numpy.stack([states[:, places].all(axis=1) for places in asked], axis=1)
    met = numpy.unique(met, axis=0)
    return numpy.unique((kinds[:, None, :] & met[None, :, :]).reshape(-1, len(sets)), axis=0)


def _touched(
    held: Iterable[frozenset[Cases]], block: Block
) -> tuple[frozenset[Cases], list[frozenset[Cases]]]:
    """The sets of the scopes that speak of a block, and the scopes that do not."""
    conditions = {*block}
    touched: set[Cases] = set()
    others = []
    for scope in held:
        if any(cases & conditions for cases in scope):
            touched |= scope
        else:
            others.append(scope)
    return frozenset(touched), others


def _without(
    held: Iterable[frozenset[Cases]], block: Block
) -> tuple[list[frozenset[Cases]], frozenset[Cases], frozenset[Cases]]:
    """The scopes without a block: what it is told by, and what of that is told without it."""
    told, others = _touched(held, block)
    shared = frozenset(cases - {*block} for cases in told)
    return [*others, *([shared] if told else [])], told, shared
