"""The figures beyond the document, counted case by case in plain Python."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from . import values
from .measures import can_be_initial
from .model import Value
from .tables import Row, Table

NO_COMPLETION = (
    "change_of_venue",
    "transferred",
    "administratively_closed",
    "failure_to_prosecute",
)
MERITS = ("relief_granted", "removal_ordered", "voluntary_departure")


@dataclass
class Story:
    """One enrolled case as things stand on the as-of date."""

    row: Row
    nta: date
    initial: Row | None
    later: int
    relief: bool

    @property
    def outcome(self) -> str | None:
        """The outcome of the initial completion, None when it is blank or there is none."""
        return (self.initial.enumeration("outcome") or None) if self.initial else None


@dataclass
class Beyond:
    """Every figure, the rows by outcome, and the figures by a column of cases."""

    figures: dict[str, dict[str, Value]]
    outcomes: dict[str, dict[str | None, int]]


def beyond(
    tables: dict[str, Table],
    as_of: date,
    keep: Callable[[Row], bool] = lambda row: True,
) -> Beyond:
    """Compute everything for the cases that are kept. All tables and columns have to be there."""
    events: dict[str, dict[str, list[Row]]] = {}
    for name in ("grants", "completions", "referrals"):
        events[name] = defaultdict(list)
        for row in tables[name].rows:
            events[name][row.text("case_id")].append(row)
    mpp = [
        row
        for row in tables["cases"].rows
        if row.enumeration("docket") in ("", "mpp") and keep(row)
    ]
    stories = [
        told(row, nta, events, as_of)
        for row in mpp
        if (nta := row.date("nta_filed_date")) is not None and nta <= as_of
    ]
    completed = [story for story in stories if story.initial]
    pending = [story for story in stories if not story.initial]
    relief = [story for story in stories if story.relief]
    merits = [story for story in stories if story.relief or story.outcome in MERITS]
    removed = [story for story in completed if story.outcome == "removal_ordered"]
    absent = [story for story in removed if was_absent(story)]
    counsel = [
        story
        for story in stories
        if (day := story.row.date("representation_date")) is not None and day <= as_of
    ]
    spans = [days for story in completed if (days := span(story)) >= 0]
    waits = [(as_of - story.nta).days for story in pending]
    assessed = Counter(
        outcome
        for row in mpp
        if (outcome := assessment(events["referrals"][row.text("case_id")], as_of))
    )
    figures: dict[str, dict[str, Value]] = {
        "relief-rate": {
            "share_of_completed": quotient(relief, completed),
            "share_of_enrolled": quotient(relief, stories),
            "share_of_merits": quotient(relief, merits),
            "relief_granted": len(relief),
            "cases_completed": len(completed),
            "total_enrolled": len(stories),
            "merits_decisions": len(merits),
            "relief_outside_completed": len([s for s in relief if not s.initial]),
        },
        "pending-cases": {
            "pending_cases": len(pending),
            "share_of_enrolled": quotient(pending, stories),
            "total_enrolled": len(stories),
        },
        "case-outcomes": {"cases_completed": len(completed)},
        "in-absentia": {
            "share_of_removal_orders": quotient(absent, removed),
            "share_of_completed": quotient(absent, completed),
            "in_absentia_orders": len(absent),
            "removal_orders": len(removed),
            "cases_completed": len(completed),
        },
        "representation": {
            "share_of_enrolled": quotient(counsel, stories),
            "represented_cases": len(counsel),
            "total_enrolled": len(stories),
        },
        "referral-outcomes": {"aliens_referred": sum(assessed.values())},
        "subsequent-completions": {
            "subsequent_completions": sum(story.later for story in completed),
            "cases_completed_again": sum(story.later > 0 for story in completed),
            "cases_completed": len(completed),
        },
        "time-to-completion": {
            "median_days": percentile(spans, 50),
            "p25_days": percentile(spans, 25),
            "p75_days": percentile(spans, 75),
            "km_median_days": half_gone(spans, waits),
            "cases_timed": len(spans),
            "pending_cases": len(pending),
        },
    }
    outcomes: dict[str, dict[str | None, int]] = {
        "case-outcomes": dict(Counter(story.outcome for story in completed)),
        "referral-outcomes": dict(assessed),
    }
    return Beyond(figures, outcomes)


def told(row: Row, nta: date, events: dict[str, dict[str, list[Row]]], as_of: date) -> Story:
    """Tell what has happened to a case by the as-of date."""
    name = row.text("case_id")
    happened = [c for c in events["completions"][name] if by(c, "completion_date", as_of)]
    # Python's sort keeps the order of the file among equals.
    first = sorted(
        (c for c in events["completions"][name] if can_be_initial(c)),
        key=lambda c: (c.date("completion_date"), c.enumeration("completion_type") != "initial"),
    )[:1]
    initial = first[0] if first and by(first[0], "completion_date", as_of) else None
    counting = [c for c in happened if counts(c)]
    relief = any(
        grant.enumeration("relief_type") in values.RELIEF_OF_THE_DOCUMENT
        and by(grant, "granted_date", as_of)
        for grant in events["grants"][name]
    )
    return Story(row, nta, initial, len(counting) - 1 if initial else 0, relief)


def counts(completion: Row) -> bool:
    """Say whether a completion is one at all, the initial one or another."""
    return completion.enumeration("outcome") not in NO_COMPLETION


def by(row: Row, column: str, as_of: date) -> bool:
    """Say whether the event is dated on the as-of date or before."""
    day = row.date(column)
    return day is not None and day <= as_of


def was_absent(story: Story) -> bool:
    """Say whether the initial completion is known to have been in absentia."""
    assert story.initial
    return story.initial.text("in_absentia").lower() in ("true", "t", "yes", "y", "1")


def span(story: Story) -> int:
    """The days from the NTA to the initial completion."""
    assert story.initial
    day = story.initial.date("completion_date")
    assert day
    return (day - story.nta).days


def assessment(referrals: list[Row], as_of: date) -> str | None:
    """The one outcome of a person; None of a person who was not referred."""
    made = [each for each in referrals if by(each, "referred_date", as_of)]
    if not made:
        return None
    known = {each.enumeration("outcome") for each in made if by(each, "outcome_date", as_of)}
    return next((each for each in ("positive", "negative", "closed") if each in known), "pending")


def quotient(part: list[Story], whole: list[Story]) -> Fraction | None:
    """The exact share, None of nothing."""
    return Fraction(len(part), len(whole)) if whole else None


def percentile(days: list[int], percent: int) -> int | None:
    """The day at the nearest rank, counted from 1, of the days in order."""
    return sorted(days)[math.ceil(Fraction(percent * len(days), 100)) - 1] if days else None


def half_gone(ended: list[int], waiting: list[int]) -> int | None:
    """The first day with a survival of one half or less, by fractions and by the definition."""
    survival = Fraction(1)
    ends, waits = Counter(ended), Counter(waiting)
    at_risk = len(ended) + len(waiting)
    for day in sorted({*ends, *waits}):
        if ends[day]:
            survival *= 1 - Fraction(ends[day], at_risk)
            if survival <= Fraction(1, 2):
                return day
        at_risk -= ends[day] + waits[day]
    return None
