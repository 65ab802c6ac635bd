"""A measure before and after, and the parts that its change is made of."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from fractions import Fraction

from mpp_cli.analysis.comparison.case_flows import Moves
from mpp_cli.common.periods import fiscal_year
from mpp_cli.goals.definitions import AnyMeasure, Ratio
from mpp_cli.metrics.breakdown import shown
from mpp_cli.results.comparison import Change, Part
from mpp_cli.results.rounding import points, ratio, signed

#: Said where a metric has days among its measures.
NO_PARTS = (
    "A median or percentile has a change and no parts: it is not a sum over cases, so which cases "
    "changed it cannot be said."
)

#: Encounters by the number of their month.
Months = Mapping[int, int]


def of_count(measure: AnyMeasure, found: Moves) -> Change:
    """A count's change as the cases that came and went."""
    parts = tuple(Part(each.id, each.label, each.cases, signed(each.cases)) for each in found.parts)
    return changed(measure, found.before, found.after, parts)


def of_ratio(measure: Ratio, part: Moves, whole: Moves) -> Change:
    """A ratio's change as the points that the changes of its two counts make.

    Each count's effect is the mean of both orders in which the two could
    have changed, so neither comes first and the effects sum exactly.
    """
    before, after = ratio(part.before, whole.before), ratio(part.after, whole.after)
    if before is None or after is None:
        return changed(measure, before, after, ())
    of_part = (Fraction(1, whole.before) + Fraction(1, whole.after)) / 2
    of_whole = Fraction(-(part.before + part.after), 2 * whole.before * whole.after)
    parts = [
        Part(each.id, each.label, each.cases * effect, points(each.cases * effect), count.name,
             each.cases)
        for count, found, effect in (
            (measure.part, part, of_part), (measure.whole, whole, of_whole),
        )
        for each in found.parts
    ]  # fmt: skip
    return changed(measure, before, after, tuple(parts))


def summed(groups: Iterable[Months]) -> Months:
    """The encounters of all groups by month."""
    found: dict[int, int] = {}
    for group in groups:
        for month, encounters in group.items():
            found[month] = found.get(month, 0) + encounters
    return found


def of_months(
    measure: AnyMeasure, old: Months, new: Months, all_old: Months, all_new: Months
) -> Change:
    """Encounters as months that are new, revised or no longer counted.

    Which months those are is told by the encounters of all groups, ``all_old`` and
    ``all_new``, so that the parts of the groups sum to those of the total.
    """
    both = all_old.keys() & all_new.keys()
    dropped, added = all_old.keys() - both, all_new.keys() - both
    one = "1 new month"
    cells = (
        ("new-months", one if len(added) == 1 else f"{len(added)} new months",
         sum(new.get(month, 0) for month in added)),
        ("revised-months", f"{len(both)} months in both, revised",
         sum(new.get(month, 0) - old.get(month, 0) for month in both)),
        ("dropped-months", f"{len(dropped)} months no longer counted",
         -sum(old.get(month, 0) for month in dropped)),
    )  # fmt: skip
    parts = tuple(Part(part, label, value, signed(value)) for part, label, value in cells)
    before = sum(old.values()) if all_old else None
    after = sum(new.values()) if all_new else None
    return changed(measure, before, after, parts)


def years_told(since: datetime.date, old: Months, to: datetime.date, new: Months) -> str:
    """Which fiscal years a change of encounters compares, and how much of each is counted.

    The count begins again every October, so a whole year may stand beside a few months.
    """
    told = f"before is {_year_told(since, old)}; after is {_year_told(to, new)}"
    alike = fiscal_year(since.year, since.month) == fiscal_year(to.year, to.month)
    return told if alike else f"{told}; the count begins again every October"


def _year_told(day: datetime.date, counted: Months) -> str:
    year = f"fiscal year {fiscal_year(day.year, day.month)}"
    to_date = "" if (day.month, day.day) == (9, 30) else " to date"
    return f"{year}{to_date}, {len(counted)} {'month' if len(counted) == 1 else 'months'}"


def changed(
    measure: AnyMeasure, before: int | Fraction | None, after: int | Fraction | None,
    parts: tuple[Part, ...],
) -> Change:  # fmt: skip
    """The figures of both sides; without one of them there is no change and no part of it."""
    change = None if before is None or after is None else after - before
    by = "n/a" if change is None else signed(change)
    if change is not None and measure.unit == "ratio":
        by = points(Fraction(change))
    return Change(
        name=measure.name,
        label=measure.label,
        unit=measure.unit,
        before=before,
        after=after,
        change=change,
        display_before=shown(measure, before),
        display_after=shown(measure, after),
        display_change=by,
        parts=parts if change is not None else (),
    )


def unavailable(measure: AnyMeasure, reason: str) -> Change:
    """That there is no change, and why."""
    words = ("unavailable",) * 3
    return Change(
        measure.name, measure.label, measure.unit, None, None, None, *words, (), reason
    )  # fmt: skip
