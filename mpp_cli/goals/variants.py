"""The other defensible definitions: each a rule of the document swapped for another.

Each says what differs, who counts so, and where that is published.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from mpp_cli.definitions import Count, Rule, Span

CBP = "U.S. Customs and Border Protection (CBP)"
CBP_MPP = (
    "Migrant Protection Protocols FY 2020, "
    "https://www.cbp.gov/newsroom/stats/migrant-protection-protocols-fy-2020"
)
TRAC = "Transactional Records Access Clearinghouse (TRAC), Syracuse University"
TRAC_MPP = (
    "figures as of January 31, 2021, "
    "https://austinkocher.substack.com/p/who-will-be-affected-by-dhss-plans"
)
EOIR = "Executive Office for Immigration Review (EOIR)"
EOIR_YEARBOOK = "EOIR Statistics Yearbook, fiscal year 2018"


@dataclass(frozen=True)
class Variant:
    """A definition that differs from the document's.

    ``swaps`` maps the id of a rule to what stands in its place; ``counting``
    maps a count's name to the table of events that is counted instead of
    cases, the name of the events and a rule about them. ``columns`` maps a column
    of the case history to the one in its place, wherever a rule that is not
    swapped speaks of it, and where days are counted from it or to it.
    """

    id: str
    differs: str
    used_by: str
    published: str
    swaps: Mapping[str, tuple[Rule, ...]] = field(default_factory=dict)
    counting: Mapping[str, tuple[str, str, Rule]] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)

    def span(self, span: Span) -> Span:
        """A span of days under this definition, between the dates that it goes by."""
        return Span(
            self.columns.get(span.start, span.start),
            self.columns.get(span.end, span.end),
            self.of(span.cases),
            self.of(span.waiting),
        )

    def of(self, count: Count) -> Count:
        """The count under this definition: itself where no rule of it is swapped."""
        other = self._swapped(count)
        if count.name in self.counting:
            table, of, rule = self.counting[count.name]
            other = replace(other, table=table, of=of, rules=(*other.rules, rule))
        return other

    def _swapped(self, count: Count) -> Count:
        """The count with other rules; only a count itself is made one of events, no whole."""
        return replace(
            count,
            rules=tuple(
                new
                for rule in count.rules
                for new in self.swaps.get(rule.id, (self._renamed(rule),))
            ),
            within=self._swapped(count.within) if count.within else None,
        )

    def _renamed(self, rule: Rule) -> Rule:
        """The rule where it speaks of other columns."""

        def said(text: str) -> str:
            return re.sub(r"[a-z_]+", lambda word: self.columns.get(word[0], word[0]), text)

        return replace(
            rule,
            keeps=said(rule.keeps),
            dated_by=rule.dated_by and said(rule.dated_by),
            until=tuple(map(said, rule.until)),
            ever=said(rule.ever),
        )


def _completed_by(name: str) -> dict[str, str]:
    """What stands for a case's completion where something else is one."""
    return {
        "initial_completion_date": f"completion_by_{name}_date",
        "initial_outcome": f"outcome_by_{name}",
        "initial_in_absentia": f"in_absentia_by_{name}",
        "second_completion_date": f"second_by_{name}_date",
        "merits_date": f"merits_by_{name}_date",
    }


def _completions_with(name: str) -> dict[str, tuple[Rule, ...]]:
    """The rules about single completions where something else is one."""
    return {
        "no-completion-at-all": (
            Rule(
                "no-completion-at-all",
                f"event_counts_by_{name}",
                "rows that are not completions",
            ),
        ),
        "initial-completion": (
            Rule(
                "initial-completion",
                f"NOT event_is_initial_by_{name}",
                "completions that are the initial one of their case",
                "event_date",
            ),
        ),
    }


_OPEN_AGAIN = Rule("open-again", "COALESCE(open_again, 0) = 0", "cases that are open again")

#: Of the encounters of goal 4, which no rule about cases counts.
TITLE_8_ONLY = Variant(
    "title-8-only",
    "Only encounters under Title 8 count, not expulsions under Title 42, of people who could not "
    "be enrolled in MPP.",
    f"{CBP}, which publishes both, by title of authority",
    "Southwest Land Border Encounters, "
    "https://www.cbp.gov/newsroom/stats/southwest-land-border-encounters",
)

VARIANTS = (
    Variant(
        "every-enrolment",
        "Every enrolment counts, whether or not the NTA was filed, by the date of enrolment; where "
        "that is blank, the date on which the NTA was filed stands for it.",
        f"{CBP}; DHS Office of Homeland Security Statistics (OHSS)",
        f"Enrollments by month and location, {CBP_MPP}; book-outs to MPP in the monthly tables of "
        "OHSS",
        {
            "nta-filed-only": (
                Rule("no-date", "placed_date IS NOT NULL", "cases without a date", "placed_date"),
            ),
        },
        columns={"nta_filed_date": "placed_date"},
    ),
    Variant(
        "nta-issue-date",
        "Enrolled is from the day on which the NTA was issued, not filed with the court; where "
        "that is blank, the date on which it was filed stands for it.",
        TRAC,
        "Number of cases DHS filed in Immigration Court by when the NTA was issued, figure 1 of "
        "https://trac.syr.edu/immigration/reports/487/",
        {
            "nta-filed-only": (
                Rule(
                    "nta-issued-only",
                    "issued_date IS NOT NULL",
                    "cases in which the NTA was neither issued nor filed",
                    "issued_date",
                ),
            ),
        },
        columns={"nta_filed_date": "issued_date"},
    ),
    Variant(
        "since-inception",
        "NTAs and completions that are dated before MPP began, on January 25, 2019, do not count.",
        "The document itself, in words: cases completed since MPP's inception",
        "The data measurement of its goal 2",
        _completions_with("since"),
        columns={"nta_filed_date": "filed_since_date", **_completed_by("since")},
    ),
    Variant(
        "count-every-completion",
        "Every completion of a completed case counts, also one after a reopening or a remand.",
        EOIR,
        "EOIR Adjudication Statistics, Pending Cases, New Cases, and Total Completions: the total "
        "is initial and subsequent case completions",
        counting={
            "cases_completed": (
                "completion_history",
                "completions",
                Rule(
                    "no-completion-at-all",
                    "event_class IN ('initial', 'subsequent')",
                    "rows that are not completions",
                    "event_date",
                ),
            )
        },
    ),
    Variant(
        "count-administrative-closures",
        "A case that was closed administratively, or that the government did not prosecute, is "
        "completed.",
        f"{EOIR}, beside initial case completions; {TRAC}, which does not say what is closed",
        "Other completions, Unaccompanied Children Priority Code Adjudication, July 18, 2014 to "
        f"May 26, 2015; cases completed or closed, {TRAC_MPP}",
        _completions_with("closure"),
        columns=_completed_by("closure"),
    ),
    Variant(
        "count-failures-to-prosecute",
        "Of these, only a case that the government did not prosecute is completed.",
        f"{TRAC}, which does not say what is closed",
        f"Cases completed or closed, {TRAC_MPP}",
        _completions_with("failure"),
        columns=_completed_by("failure"),
    ),
    Variant(
        "present-state",
        "A case that was reopened, and not completed since, is pending again; relief no longer "
        "counts where the case was reopened, or completed again without relief. A reopening that "
        "is dated before the completion it belongs to reopens nothing.",
        f"{TRAC}: every case is pending, or completed or closed; it does not speak of reopening",
        f"Cases pending, and completed or closed, {TRAC_MPP}",
        {
            "initial-completions-only": (
                Rule(
                    "initial-completions-only",
                    "initial_completion_date IS NOT NULL",
                    "cases that only have later completions, transfers or administrative closures",
                    "initial_completion_date",
                ),
                _OPEN_AGAIN,
            ),
            "relief-kinds": (
                Rule(
                    "relief-kinds",
                    "relief_date IS NOT NULL",
                    "cases with grants of other kinds only",
                    "relief_date",
                ),
                Rule(
                    "relief-taken-away",
                    "relief_now_date IS NOT NULL",
                    "cases in which relief no longer stands",
                ),
            ),
            "already-completed": (
                Rule(
                    "already-completed",
                    "COALESCE(initial_completion_date > $as_of, TRUE) "
                    "OR COALESCE(open_again, 0) = 1",
                    "cases that are completed and not open again",
                ),
            ),
        },
        columns={"merits_date": "merits_now_date"},
    ),
    Variant(
        "count-cat-deferral",
        "Deferral of removal under the Convention Against Torture is also relief.",
        EOIR,
        "Table 10, Convention Against Torture Cases by Disposition, EOIR Statistical Year Book, "
        "fiscal year 2012",
        columns={
            "relief_date": "relief_or_deferral_date",
            "merits_date": "merits_or_deferral_date",
        },
    ),
    Variant(
        "decision-says-relief",
        "A decision that grants relief also counts where no granted application says of what "
        "kind it is.",
        f"{EOIR}, which counts by decision",
        f"Case Completions by Decision, {EOIR_YEARBOOK}",
        columns={
            "relief_date": "relief_or_unknown_date",
            "merits_date": "merits_or_unknown_date",
        },
    ),
    Variant(
        "any-relief",
        "Any grant of relief counts, of whatever kind.",
        f"{TRAC}, which does not name the kinds",
        f"Relief granted, {TRAC_MPP}",
        columns={"relief_date": "first_grant_date", "merits_date": "merits_or_grant_date"},
    ),
    Variant(
        "relief-in-initial-completion",
        "Only relief that was granted by the initial completion counts, not after a reopening.",
        EOIR,
        f"Case Completions by Decision, of initial case completions, {EOIR_YEARBOOK}",
        {
            "relief-kinds": (
                Rule(
                    "relief-kinds",
                    "relief_date IS NOT NULL",
                    "cases with grants of other kinds only",
                    "relief_date",
                ),
                Rule(
                    "relief-later",
                    "COALESCE(relief_date <= initial_completion_date, FALSE)",
                    "cases with relief after the initial completion",
                    "initial_completion_date",
                ),
            ),
        },
        columns={"merits_date": "merits_in_initial_date"},
    ),
    Variant(
        "referrals",
        "Referrals count, not people: someone who was referred twice counts twice.",
        f"{CBP}, which does not say whether a person who is referred again counts again",
        f"Cases referred to USCIS by month, {CBP_MPP}",
        counting={
            "aliens_referred": (
                "referral_history",
                "referrals",
                Rule("no-date", "event_date IS NOT NULL", "referrals without a date", "event_date"),
            )
        },
    ),
)
