"""What the definitions say of counts: which lie inside which, which add up, which are the same.

A reader knows the definitions, so whatever follows from them can be used to work
out a count that is hidden.
"""

from __future__ import annotations

from functools import cache

from mpp_cli.definitions import Count, Metric, Ratio
from mpp_cli.goals import EVERY

#: Counts that add up to another one by their definition, wherever they are printed.
PARTS = {
    "total_enrolled": ("cases_completed", "pending_cases"),
}

#: What lies inside what by definition, though its rules do not show it.
INSIDE = {
    ("relief_granted", "merits_decisions"),
    ("completed_relief_granted", "merits_decisions"),
    ("completed_removal_ordered", "merits_decisions"),
    ("completed_voluntary_departure", "merits_decisions"),
    ("cases_completed_again", "subsequent_completions"),
}

#: A count of cases of which each is in one of the others at least.
COVERED = {
    "merits_decisions": (
        "relief_granted",
        "completed_relief_granted",
        "completed_removal_ordered",
        "completed_voluntary_departure",
    ),
}


def declared(name: str) -> Metric:
    """The declaration of a metric by its name."""
    return EVERY[name]


@cache
def counts() -> dict[str, Count]:
    """Every count by its name."""
    found: dict[str, Count] = {}
    for metric in EVERY.values():
        for count in metric.every_count:
            found.setdefault(count.name, count)
    return found


@cache
def canonical(name: str) -> str:
    """The first name of what a count counts: orders of removal are also a row of the outcomes."""
    asked = counts().get(name)
    if asked is None:
        return name
    return next(each.name for each in counts().values() if _same(each, asked))


def _same(one: Count, other: Count) -> bool:
    return _rules(one) == _rules(other) and one.table == other.table


@cache
def inside() -> frozenset[tuple[str, str]]:
    """Pairs of a count and one that it cannot exceed, by their first names."""
    found = {
        (one, other) for one, other in further() if counts()[one].table == counts()[other].table
    }
    return frozenset(found | {(canonical(one), canonical(other)) for one, other in INSIDE})


@cache
def further() -> frozenset[tuple[str, str]]:
    """Pairs of a count and one whose rules are all among its own, by their first names.

    Through what the other rules leave out, the balance of the first tells the second,
    also where one counts cases and the other their events.
    """
    known = [each for each in counts().values() if canonical(each.name) == each.name]
    return frozenset(
        (one.name, other.name)
        for one in known
        for other in known
        if one.name != other.name and _rules(other) <= _rules(one)
    )


@cache
def shares() -> frozenset[tuple[str, str]]:
    """The pairs of them whose difference is a count of cases that somebody would look for.

    Those are the parts and wholes of ratios, and counts within others.
    """
    found = set()
    for metric in EVERY.values():
        found |= {
            (canonical(each.part.name), canonical(each.whole.name))
            for each in metric.measures
            if isinstance(each, Ratio)
        }
    found |= {
        (canonical(each.name), canonical(each.within.name))
        for each in counts().values()
        if each.within is not None
    }
    return frozenset(found & inside())


def _rules(count: Count) -> frozenset[tuple[str, str | None]]:
    return frozenset((rule.keeps, rule.dated_by) for rule in count.all_rules)
