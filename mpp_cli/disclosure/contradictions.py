"""Figures that contradict each other, as published ones may: only their own sums are relied on.

No cases can be thought of that such figures would count. A reader knows all the same
that a part lies inside its whole and that groups add up, wherever that is so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator
from itertools import permutations

from mpp_cli.disclosure.conditions import Cases
from mpp_cli.disclosure.statements import (
    Expression,
    Guarded,
    Of,
    Reading,
    Relation,
    Scope,
    Statement,
)


def as_sums(reading: Reading) -> Reading:
    """The reading with a number of its own for each set, and what holds between these numbers."""
    values = {
        term: each.value
        for each in reading.statements.values()
        for term, times in each.expression.items()
        if isinstance(term, Of) and times == 1 and len(each.expression) == 1
    }
    found = Reading(follow=reading.follow, hidden=reading.hidden)
    for key, each in reading.statements.items():
        found.statements[key] = Statement(
            _named(each.expression), each.value, each.figure, each.marked, each.units, each.cells
        )
    for relation in reading.relations:
        found.relations.append(Relation(_named(relation.expression), relation.at_least))
    for key, guarded in reading.guarded.items():
        inside = guarded.inside
        if inside is None or inside[0].cases > inside[1].cases:
            found.guarded[key] = Guarded(_named(guarded.expression), guarded.value)
    for told in (*_inside(reading, values), *_added_up(values)):
        found.relate(_named(told[0]), at_least=told[1])
    return found


def _named(expression: Expression) -> Expression:
    """An expression in which every set is a number of its own."""
    return {
        ("number", term.scope, term.cases) if isinstance(term, Of) else term: times
        for term, times in expression.items()
    }


def _inside(reading: Reading, values: dict[Of, int]) -> Iterator[tuple[dict[Hashable, int], bool]]:
    """That a set with more conditions lies inside one with fewer, where its number does."""
    sets: dict[Scope, set[Cases]] = defaultdict(set)
    for scopes in reading.homes.values():
        for scope, cases in scopes.items():
            sets[scope] |= cases
    for scope, listed in sets.items():
        for part, whole in permutations(sorted(listed, key=sorted), 2):
            inner, outer = Of(scope, part), Of(scope, whole)
            if whole < part and values.get(inner, 0) <= values.get(outer, values.get(inner, 0)):
                yield {outer: 1, inner: -1}, True


def _added_up(values: dict[Of, int]) -> Iterator[tuple[dict[Hashable, int], bool]]:
    """That the groups of a breakdown add up to all, where they do."""
    groups: dict[tuple[Hashable, Cases], list[Of]] = defaultdict(list)
    for of in values:
        if of.scope.group and not of.scope.outside:
            groups[of.scope.breakdown, of.cases].append(of)
    for (_, cases), parts in groups.items():
        whole = Of(Scope(), cases)
        if sum(values[each] for each in parts) == values.get(whole):
            yield {whole: -1, **dict.fromkeys(parts, 1)}, False
