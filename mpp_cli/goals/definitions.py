"""The words that the goals are written in: Rule, Note, Count, Ratio, Metric, Goal.

A goal file declares what the document says and what is counted, side by side.
Nothing here computes: :mod:`mpp_cli.analysis.report` turns declarations into one
query and reads the answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Rule:
    """A condition that a case must pass to be counted.

    ``keeps`` is a predicate over the case history that is never NULL. It may
    speak of ``$as_of`` where a case leaves the count by an event, not by its lack.
    ``dated_by`` names the date that the as-of rule compares, last of all rules.
    ``until`` are the dates of which the first ends the count of a case, where
    ``keeps`` speaks of ``$as_of`` for them; ``ever`` is what it asks besides.
    ``footnote`` is what the document says about the rule, where it says
    something; ``excluded`` says in a few words what the rule leaves out. A balance
    names a ``quiet`` rule only where it leaves out something. A rule about events that
    leaves out ``one_each`` leaves out one of every case that passes the rules before it.
    """

    id: str
    keeps: str
    excluded: str
    dated_by: str | None = None
    footnote: str | None = None
    until: tuple[str, ...] = ()
    ever: str = "TRUE"
    quiet: bool = False
    one_each: bool = False

    def said(self, footnote: str | None) -> Rule:
        """The same rule where the document words it otherwise, or does not speak of it."""
        return replace(self, footnote=footnote)


@dataclass(frozen=True)
class Note:
    """A footnote without a rule: it explains a figure and removes nothing.

    ``withheld`` is its text where small counts are suppressed, if it holds counts.
    """

    id: str
    text: str
    withheld: str = ""


@dataclass(frozen=True)
class Events:
    """Events that a count leaves out of a counted case, said in a line of its own.

    ``table`` holds the events, ``keeps`` says which of them are meant (over the
    event's own columns). ``number`` and ``last`` are the columns of the case
    history that hold how many of them a case has and the date of the latest.
    ``one`` and ``many`` name them, ``of_one`` and ``of_many`` those they belong to.
    ``counted_as`` are the names of the counts of the same events and of the cases that
    they are of, where there are such counts.
    """

    table: str
    keeps: str
    number: str
    last: str
    one: str
    many: str
    of_one: str = "counted case"
    of_many: str = "counted cases"
    counted_as: tuple[str, str] | None = None

    def sentence(self, events: int, cases: int) -> str:
        """Such as "1,204 later completions of 1,180 counted cases not counted again"."""
        what = self.one if events == 1 else self.many
        whose = self.of_one if cases == 1 else self.of_many
        return f"{events:,} {what} of {cases:,} {whose} not counted again"


@dataclass(frozen=True)
class Count:
    """A number of cases (or people) that pass every rule by the as-of date.

    ``within`` makes a count a part of another: its rules are that count's rules
    and then its own, so the part is inside the whole by construction. ``table``
    is what is counted: a row of the case history is a case; one of an event
    history is an event, with the columns of its case beside its own.
    """

    name: str
    label: str
    of: str = "cases"
    rules: tuple[Rule, ...] = ()
    within: Count | None = None
    events: Events | None = None
    table: str = "case_history"

    @property
    def all_rules(self) -> tuple[Rule, ...]:
        """The whole's rules and then its own, in the order of exclusion."""
        return (*(self.within.all_rules if self.within else ()), *self.rules)

    @property
    def dates(self) -> tuple[str, ...]:
        """The dates that must all lie on or before the as-of date."""
        return tuple(rule.dated_by for rule in self.all_rules if rule.dated_by)

    @property
    def until(self) -> tuple[str, ...]:
        """The dates of which the first takes a counted case out of the count again."""
        return tuple(dict.fromkeys(date for rule in self.all_rules for date in rule.until))

    @property
    def event_date(self) -> str:
        """The date of the event that the count counts: that of its last dated rule."""
        return self.dates[-1]

    @property
    def unit(self) -> str:
        """cases, people, or the events that are counted."""
        return self.of

    def worded(self, words: Mapping[str, str]) -> Count:
        """The same count in a source's own words for what rules leave out, by the rules' ids."""
        if not words:
            return self
        rules = (replace(each, excluded=words.get(each.id, each.excluded)) for each in self.rules)
        within = self.within.worded(words) if self.within else None
        return replace(self, rules=tuple(rules), within=within)


@dataclass(frozen=True)
class Ratio:
    """One count divided by another, kept exact until it is shown with so many decimals."""

    name: str
    label: str
    part: Count
    whole: Count
    decimals: int = 0

    @property
    def unit(self) -> str:
        """Always ratio."""
        return "ratio"


@dataclass(frozen=True)
class EncounterTotal:
    """The sum of encounters in months that end by the as-of date.

    By fiscal year and component; the headline is the fiscal year that holds
    the as-of date.
    """

    name: str
    label: str

    @property
    def unit(self) -> str:
        """Always encounters."""
        return "encounters"


@dataclass(frozen=True)
class Span:
    """Whole days between two dates of the case history, over the cases of a count.

    ``waiting`` are cases whose span has not ended: theirs is at least the days
    from the start to the as-of date.
    """

    start: str
    end: str
    cases: Count
    waiting: Count


@dataclass(frozen=True)
class Days:
    """A number of days that a span took.

    ``percentile`` is the nearest rank among the ended spans. Without one it is
    the Kaplan-Meier median: the first day with survival of one half or less,
    waiting cases kept in.
    """

    name: str
    label: str
    span: Span
    percentile: int | None = None

    @property
    def unit(self) -> str:
        """Always days."""
        return "days"


@dataclass(frozen=True)
class Part:
    """One of the rows into which a metric divides its headline: a value and its cases."""

    value: str | None
    count: Count


AnyMeasure = Count | Ratio | EncounterTotal | Days


@dataclass(frozen=True)
class Metric:
    """A data measurement of the document: its words, its measures, its footnotes.

    ``statement`` is the document's "Metric" sentence, ``data_measurement`` its
    "Data measurement". ``notes`` follow the footnotes of the measures' rules.
    ``parts`` divide the headline into rows by ``outcome``, each with its share,
    which is named ``share``. ``grouped_by`` is the date by which breakdowns by
    time go, where it is not that of the first denominator. ``compares_dockets``
    lets ``--by docket`` show other dockets beside the one that is counted.
    """

    name: str
    title: str
    statement: str
    data_measurement: str
    measures: tuple[AnyMeasure, ...]
    headline: str
    notes: tuple[Note, ...] = ()
    goal: int | None = None
    parts: tuple[Part, ...] = ()
    share: str = ""
    grouped_by: str | None = None
    compares_dockets: bool = False

    @property
    def counts(self) -> tuple[Count, ...]:
        """The counts among the measures."""
        return tuple(each for each in self.measures if isinstance(each, Count))

    @property
    def every_count(self) -> tuple[Count, ...]:
        """Every count that the figures of the metric are made from, each once."""
        found = [*self.counts]
        for each in self.measures:
            if isinstance(each, Ratio):
                found += [each.whole, each.part]
            elif isinstance(each, Days):
                found += [each.span.cases, each.span.waiting]
        return tuple(dict.fromkeys([*found, *(part.count for part in self.parts)]))

    @property
    def footnote_rules(self) -> tuple[Rule, ...]:
        """Rules of this metric's counts that the document footnotes here, each once."""
        rules = {rule.id: rule for count in self.counts for rule in count.all_rules}
        return tuple(rule for rule in rules.values() if rule.footnote)


def event_date(declared: Metric, measures: Sequence[AnyMeasure]) -> str:
    """The date by which breakdowns by time go: the same for all measures of a table."""
    if declared.grouped_by:
        return declared.grouped_by
    whole = next((each.whole for each in measures if isinstance(each, Ratio)), None)
    return (whole or next(each for each in measures if isinstance(each, Count))).event_date


@dataclass(frozen=True)
class Goal:
    """A goal of the document and the metrics that measure it."""

    number: int
    text: str
    metrics: tuple[Metric, ...]
