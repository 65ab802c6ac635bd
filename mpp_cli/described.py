"""What a measure is, in sentences: its definition, made of its declaration."""

from __future__ import annotations

import datetime
from fractions import Fraction

from mpp_cli.definitions import AnyMeasure, Count, Days, EncounterTotal, Ratio, Span
from mpp_cli.figures import percentage
from mpp_cli.periods import fiscal_year, long_date

#: A share that no percentage shows.
_LITTLE = Fraction(1, 10**9)


def definition(measure: AnyMeasure, as_of: datetime.date, *, alone: bool = False) -> str:
    """The definition of a measure. One that stands ``alone`` says itself what its rules leave out.

    The other speaks of the rules below it, where they are listed one by one.
    """
    if isinstance(measure, Count):
        return _count(measure, alone)
    if isinstance(measure, Ratio):
        return _ratio(measure)
    if isinstance(measure, Days):
        return _days(measure, measure.span)
    return _encounters(measure, as_of)


def _count(count: Count, alone: bool) -> str:
    what = "The number of people" if count.of == "people" else "The number of cases"
    if count.within:
        what += f" of {count.within.name}"
    own = count.rules if count.within else count.all_rules
    dates = [rule.dated_by for rule in own if rule.dated_by]
    by = f", each with its {' and its '.join(dates)} by the as-of date" if dates else ""
    if not alone:
        return f"{what} that meet every rule below{by}. Each is counted once."
    without = f", without: {'; '.join(rule.excluded for rule in own)}" if own else ""
    return f"{what}{by}{without}. Each is counted once."


def _ratio(ratio: Ratio) -> str:
    places = ratio.decimals
    shown = f"percentage with {places} decimals," if places else "whole percent"
    return (
        f"{ratio.part.label} ({ratio.part.name}) divided by {ratio.whole.label} "
        f"({ratio.whole.name}). The quotient is exact until it is shown, as a {shown} "
        f"rounded half up; a part is never shown as the whole ({percentage(1 - _LITTLE, places)}) "
        f"nor something as nothing ({percentage(_LITTLE, places)})."
    )


def _days(days: Days, span: Span) -> str:
    return f"Whole days from {span.start} to {span.end}: " + (
        f"the percentile {days.percentile}, by nearest rank, of {span.cases.name}."
        if days.percentile is not None
        else f"the Kaplan-Meier median of {span.cases.name}, with {span.waiting.name} included as "
        "cases still waiting on the as-of date."
    )


def _encounters(_: EncounterTotal, as_of: datetime.date) -> str:
    return (
        "The sum of encounters along the Southwest Border in the months of fiscal year "
        f"{fiscal_year(as_of.year, as_of.month)} that end by {long_date(as_of)}."
    )
