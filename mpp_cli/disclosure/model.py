"""A reading as one linear program: a variable for each kind of case in each scope."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from math import inf
from typing import TYPE_CHECKING

from mpp_cli.disclosure.changes import IN_GROUP_AFTER, IN_GROUP_BEFORE
from mpp_cli.disclosure.clusters import Cluster, clusters, order_of
from mpp_cli.disclosure.conditions import ALL, Cases
from mpp_cli.disclosure.figures import WHOLE
from mpp_cli.disclosure.kinds import Ends
from mpp_cli.disclosure.program import Form, Program
from mpp_cli.disclosure.statements import Expression, Of, Reading, Scope

if TYPE_CHECKING:
    from numpy import ndarray

_FLAGS = (IN_GROUP_BEFORE, IN_GROUP_AFTER)


class Model:
    """The program of a reading, and where its sets and names stand in it."""

    def __init__(self, reading: Reading, ends: Ends) -> None:
        self.program = Program()
        self._reading, self._ends = reading, ends
        self._names: dict[Hashable, int] = {}
        #: The clusters of a home in a scope, with their first columns.
        self._clusters: dict[tuple[Hashable, Scope], list[tuple[Cluster, int]]] = {}
        #: The columns of every scope; those of names are in none.
        self.scopes: dict[Scope, list[range]] = defaultdict(list)
        #: Where a set is told first.
        self._told: dict[Of, tuple[Cluster, int]] = {}
        shared = self._shared()
        for home, scopes in reading.homes.items():
            joint = [sets for one, other, sets in shared if home in (one, other)]
            self._add_home(home, scopes, joint)
        for one, other, sets in shared:
            self._agree(one, other, sets)
        for relation in reading.relations:
            most = None if relation.at_least else 0
            self.program.add_row(self.form(relation.expression), 0, most)

    def form(self, expression: Expression) -> Form:
        """An expression in columns of the program."""
        found: dict[int, int] = defaultdict(int)
        for term, times in expression.items():
            for column in self._columns(term):
                found[column] += times
        return {column: times for column, times in found.items() if times}

    def is_inside(self, part: Of, whole: Of) -> bool:
        """Whether every kind of case that is in a part is in the whole, too."""
        for (_, scope), placed in self._clusters.items():
            for cluster, _ in placed if scope == part.scope else ():
                if {part.cases, whole.cases} <= {*cluster.sets}:
                    inner, outer = (
                        cluster.kinds[:, cluster.place(of.cases)] for of in (part, whole)
                    )
                    return not (inner & ~outer).any()
        return part.cases >= whole.cases

    def _columns(self, term: Hashable) -> Iterable[int]:
        if isinstance(term, Of):
            cluster, start = self._told[term]
            return _where(cluster.kinds[:, cluster.place(term.cases)], start)
        if term not in self._names:
            self._names[term] = self.program.add_columns(1)
        return (self._names[term],)

    def _shared(self) -> list[tuple[Hashable, Hashable, frozenset[Cases]]]:
        """The sets that a home has in common with one before it."""
        first: dict[Cases, Hashable] = {}
        found: dict[tuple[Hashable, Hashable], set[Cases]] = defaultdict(set)
        for home, scopes in self._reading.homes.items():
            every = {each for sets in scopes.values() for each in sets} - {ALL}
            for cases in sorted(every, key=sorted):
                other = first.setdefault(cases, home)
                if other != home:
                    found[other, home].add(cases)
        return [(one, other, frozenset(sets)) for (one, other), sets in found.items()]

    # --- one home ------------------------------------------------------------------------

    def _add_home(
        self,
        home: Hashable,
        scopes: Mapping[Scope, set[Cases]],
        joint: Sequence[frozenset[Cases]],
    ) -> None:
        partitions = self._reading.partitions
        every = {each for sets in scopes.values() for each in sets}
        parts = [frozenset({whole, *each}) for whole, each in partitions]
        told_together = (*parts, *self._reading.compared)
        together = [*joint, *(each for each in told_together if each <= every)]
        breakdowns: dict[Hashable, list[Scope]] = defaultdict(list)
        for scope in scopes:
            if scope != WHOLE:
                breakdowns[scope.breakdown, scope.outside].append(scope)
        decided = {scope.outside for scope in scopes} - {ALL}
        order = order_of(every | decided, together)
        of_all = {*scopes.get(WHOLE, ()), *decided}
        summed: list[frozenset[Cases]] = []
        small: list[tuple[list[Scope], set[Cases], list[Cluster]]] = []
        for alike in breakdowns.values():
            sets = {each for scope in alike for each in scopes[scope]}
            told = [each & sets for each in together if each & sets]
            of_groups = clusters(sets, told, order, self._ends, partitions)
            small.append((alike, sets, of_groups))
            # What groups tell together is told together of all cases.
            for cluster in of_groups:
                summed += [
                    frozenset({*of_group.values(), *({alike[0].outside} - {ALL})})
                    for of_group in _summed(cluster, sets)
                ]
        of_all = of_all.union(*summed)
        told = [*(each & of_all for each in together if each & of_all), *summed]
        whole = clusters(of_all, told, order, self._ends, partitions)
        self._start(home, WHOLE, whole)
        for alike, sets, of_groups in small:
            for scope in alike:
                self._start(home, scope, of_groups)
            for place, cluster in enumerate(of_groups):
                starts = [self._clusters[home, scope][place][1] for scope in alike]
                for of_group in _summed(cluster, sets):
                    self._add_up(home, cluster, starts, of_group, alike[0].outside)

    def _start(self, home: Hashable, scope: Scope, made: Sequence[Cluster]) -> None:
        """Columns for every kind of a scope, and what its clusters agree on."""
        placed = [(each, self.program.add_columns(len(each.kinds))) for each in made]
        self._clusters[home, scope] = placed
        self.scopes[scope] += [range(start, start + len(each.kinds)) for each, start in placed]
        for cluster, start in placed:
            for cases in cluster.sets:
                self._told.setdefault(Of(scope, cases), (cluster, start))
            if cluster.parent is not None:
                self._equal((cluster, start), placed[cluster.parent], cluster.shared)

    def _equal(
        self,
        one: tuple[Cluster, int],
        other: tuple[Cluster, int],
        shared: Sequence[Cases],
    ) -> None:
        """That two clusters hold as many cases in every combination of sets that both have."""
        sides = [_by_vector(cluster, start, shared) for cluster, start in (one, other)]
        for vector in sides[0].keys() | sides[1].keys():
            if any(vector):
                form = dict.fromkeys(sides[0].get(vector, ()), 1)
                form |= dict.fromkeys(sides[1].get(vector, ()), -1)
                self.program.add_row(form, 0, 0)

    def _agree(self, one: Hashable, other: Hashable, sets: frozenset[Cases]) -> None:
        """The same for two homes, in every scope that both have."""
        for (home, scope), placed in [*self._clusters.items()]:
            if home == other and (one, scope) in self._clusters:
                here = frozenset().union(*(cluster.sets for cluster, _ in placed)) & sets
                there = self._clusters[one, scope]
                shared = sorted(
                    here & frozenset().union(*(cluster.sets for cluster, _ in there)), key=sorted
                )
                if shared:
                    self._equal(_holding(placed, shared), _holding(there, shared), shared)

    def _add_up(
        self,
        home: Hashable,
        cluster: Cluster,
        starts: Sequence[int],
        of_group: Mapping[Cases, Cases],
        outside: Cases,
    ) -> None:
        """That groups add up to all cases; groups outside to no more than are not counted there.

        Of other dockets an answer may give the cases of some years only.
        """
        sets = [*of_group]
        totals = [of_group[each] for each in sets]
        decided = [outside] if outside else []
        whole, first = _holding(self._clusters[home, WHOLE], [*totals, *decided])
        of_all = _by_vector(whole, first, [*totals, *decided])
        for vector, columns in _by_vector(cluster, 0, sets).items():
            if any(vector):
                form = {start + column: 1 for start in starts for column in columns}
                for each in of_all.get((*vector, *(False for _ in decided)), ()):
                    form[each] = -1
                self.program.add_row(form, -inf if outside else 0, 0)
        if not outside:
            for vector, columns in of_all.items():
                if any(vector) and vector not in _by_vector(cluster, 0, sets):
                    self.program.add_row(dict.fromkeys(columns, 1), 0, 0)


def _summed(cluster: Cluster, sets: Iterable[Cases]) -> Iterator[dict[Cases, Cases]]:
    """The sets of a cluster of groups that add up, and those of all cases that they add up to.

    Of two releases each case is in one group before and in one after. Sets of cases in
    the group on one side add up; those on both sides, or on any, do not.
    """
    sides = [{flag} for flag in _FLAGS if any(flag in cases for cases in sets)]
    for side in sides or [set()]:
        summed = [cases for cases in cluster.sets if {*_FLAGS} & cases == side]
        if summed:
            yield {cases: cases - {*_FLAGS} for cases in summed}


def _holding(placed: Sequence[tuple[Cluster, int]], sets: Iterable[Cases]) -> tuple[Cluster, int]:
    wanted = {*sets}
    return next(each for each in placed if wanted <= {*each[0].sets})


def _by_vector(
    cluster: Cluster, start: int, sets: Sequence[Cases]
) -> dict[tuple[bool, ...], list[int]]:
    """The columns of the kinds that are in these of some sets, and not in the others."""
    places = [cluster.place(each) for each in sets]
    found: dict[tuple[bool, ...], list[int]] = defaultdict(list)
    for row, vector in enumerate(cluster.kinds[:, places].tolist()):
        found[tuple(vector)].append(start + row)
    return found


def _where(column: ndarray, start: int) -> list[int]:
    return [start + int(row) for row in column.nonzero()[0]]
