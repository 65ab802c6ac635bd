"""The words that the goals are written in: Rule, Note, Count, Ratio, Metric, Goal.

A goal file declares what the document says and what is counted, side by side.
Nothing here computes: :mod:`mpp_cli.evaluate` turns declarations into one
query and reads the answer.
"""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Rule:
    """A condition that a case must pass to be counted.

    ``keeps`` is a predicate over the case history that is never NULL.
    ``dated_by`` names the date that the as-of rule compares, last of all rules.
    ``footnote`` is what the document says about the rule, where it says
    something; ``excluded`` says in a few words what the rule leaves out.
    """

    id: str
    keeps: str
    excluded: str
    dated_by: str | None = None
    footnote: str | None = None

    def said(self, footnote: str | None) -> Rule:
        """The same rule where the document words it otherwise, or does not speak of it."""
        return replace(self, footnote=footnote)


@dataclass(frozen=True)
class Note:
    """A footnote without a rule: it explains a figure and removes nothing."""

    id: str
    text: str


@dataclass(frozen=True)
class Events:
    """Events that a count leaves out of a counted case, said in a line of its own.

    ``table`` holds the events, ``keeps`` says which of them are meant (over the
    event's own columns). ``one`` and ``many`` name them, ``of_one`` and
    ``of_many`` those they belong to.
    """

    table: str
    keeps: str
    one: str
    many: str
    of_one: str = "counted case"
    of_many: str = "counted cases"

    def sentence(self, events: int, cases: int) -> str:
        """Such as "1,204 later completions of 1,180 counted cases not counted again"."""
        what = self.one if events == 1 else self.many
        whose = self.of_one if cases == 1 else self.of_many
        return f"{events:,} {what} of {cases:,} {whose} not counted again"


@dataclass(frozen=True)
class Count:
    """A number of cases (or people) that pass every rule by the as-of date.

    ``within`` makes a count a part of another: its rules are that count's rules
    and then its own, so the part is inside the whole by construction.
    """

    name: str
    label: str
    of: str = "cases"
    rules: tuple[Rule, ...] = ()
    within: Count | None = None
    events: Events | None = None

    @property
    def all_rules(self) -> tuple[Rule, ...]:
        """The whole's rules and then its own, in the order of exclusion."""
        return (*(self.within.all_rules if self.within else ()), *self.rules)

    @property
    def dates(self) -> tuple[str, ...]:
        """The dates that must all lie on or before the as-of date."""
        return tuple(rule.dated_by for rule in self.all_rules if rule.dated_by)

    @property
    def event_date(self) -> str:
        """The date of the event that the count counts: that of its last dated rule."""
        return self.dates[-1]

    @property
    def unit(self) -> str:
        """cases or people."""
        return self.of


@dataclass(frozen=True)
class Ratio:
    """One count divided by another, kept exact until it is shown."""

    name: str
    label: str
    part: Count
    whole: Count

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


AnyMeasure = Count | Ratio | EncounterTotal


@dataclass(frozen=True)
class Metric:
    """A data measurement of the document: its words, its measures, its footnotes.

    ``statement`` is the document's "Metric" sentence, ``data_measurement`` its
    "Data measurement". ``notes`` follow the footnotes of the measures' rules.
    """

    name: str
    title: str
    statement: str
    data_measurement: str
    measures: tuple[AnyMeasure, ...]
    headline: str
    notes: tuple[Note, ...] = ()
    goal: int | None = None

    @property
    def counts(self) -> tuple[Count, ...]:
        """The counts among the measures."""
        return tuple(each for each in self.measures if isinstance(each, Count))

    @property
    def footnote_rules(self) -> tuple[Rule, ...]:
        """Rules of this metric's counts that the document footnotes here, each once."""
        rules = {rule.id: rule for count in self.counts for rule in count.all_rules}
        return tuple(rule for rule in rules.values() if rule.footnote)


@dataclass(frozen=True)
class Goal:
    """A goal of the document and the metrics that measure it."""

    number: int
    text: str
    metrics: tuple[Metric, ...]
