"""The other defensible definitions: each a rule of the document swapped for another.

Each says what differs, who counts so, and where that is published.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from mpp_cli.definitions import Count, Rule

TRAC = "Transactional Records Access Clearinghouse (TRAC), Syracuse University"
TRAC_MPP = (
    "Details on MPP (Remain in Mexico) Deportation Proceedings, "
    "https://trac.syr.edu/phptools/immigration/mpp/"
)
TRAC_CLOSED = f'"Completed or closed" in {TRAC_MPP}'
EOIR = "Executive Office for Immigration Review (EOIR)"
EOIR_TOTALS = "New Cases and Total Completions, EOIR Adjudication Statistics"


@dataclass(frozen=True)
class Variant:
    """A definition that differs from the document's.

    ``swaps`` maps the id of a rule to what stands in its place; ``counting``
    maps a count's name to the table of events that is counted instead of
    cases, the name of the events and a rule about them.
    """

    id: str
    differs: str
    used_by: str
    published: str
    swaps: Mapping[str, tuple[Rule, ...]] = field(default_factory=dict)
    counting: Mapping[str, tuple[str, str, Rule]] = field(default_factory=dict)

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
            rules=tuple(new for rule in count.rules for new in self.swaps.get(rule.id, (rule,))),
            within=self._swapped(count.within) if count.within else None,
        )


def _completed_by(date: str) -> tuple[Rule, ...]:
    return (Rule("initial-completions-only", f"{date} IS NOT NULL", "cases never closed", date),)


def _not_completed(date: str) -> tuple[Rule, ...]:
    keeps = f"COALESCE({date} > $as_of, TRUE)"
    return (Rule("already-completed", keeps, "cases closed", until=(date,)),)


_OPEN_AGAIN = Rule("open-again", "COALESCE(open_again, 0) = 0", "cases that are open again")

VARIANTS = (
    Variant(
        "every-enrolment",
        "Every enrolment counts, whether or not the NTA was filed, by the date of enrolment.",
        "DHS Office of Homeland Security Statistics (OHSS)",
        "Book-outs to MPP in its monthly tables, which count people placed in the program",
        {
            "nta-filed-only": (
                Rule("no-date", "placed_date IS NOT NULL", "cases without a date", "placed_date"),
            )
        },
    ),
    Variant(
        "nta-issue-date",
        "Enrolled is from the day on which the NTA was issued, not filed with the court.",
        TRAC,
        TRAC_MPP,
        {
            "nta-filed-only": (
                Rule(
                    "nta-issued-only",
                    "nta_issued_date IS NOT NULL",
                    "cases in which the NTA was not issued",
                    "nta_issued_date",
                ),
            )
        },
    ),
    Variant(
        "count-every-completion",
        "Every completion of a completed case counts, also one after a reopening or a remand.",
        EOIR,
        EOIR_TOTALS,
        counting={
            "cases_completed": (
                "completion_history",
                "completions",
                Rule(
                    "no-completion-at-all",
                    "event_class IN ('initial', 'subsequent')",
                    "completions that are none",
                    "event_date",
                ),
            )
        },
    ),
    Variant(
        "count-administrative-closures",
        "A case that was closed administratively is completed.",
        TRAC,
        TRAC_CLOSED,
        {
            "initial-completions-only": _completed_by("completion_or_closure_date"),
            "already-completed": _not_completed("completion_or_closure_date"),
        },
    ),
    Variant(
        "count-failures-to-prosecute",
        "A case that ended because the NTA was not prosecuted is completed.",
        TRAC,
        TRAC_CLOSED,
        {
            "initial-completions-only": _completed_by("completion_or_failure_date"),
            "already-completed": _not_completed("completion_or_failure_date"),
        },
    ),
    Variant(
        "present-state",
        "A case that was reopened, and not completed since, is pending again.",
        TRAC,
        TRAC_MPP,
        {
            "initial-completions-only": (
                Rule(
                    "initial-completions-only",
                    "initial_completion_date IS NOT NULL",
                    "cases with only rows that cannot be an initial completion",
                    "initial_completion_date",
                ),
                _OPEN_AGAIN,
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
    ),
    Variant(
        "count-cat-deferral",
        "Deferral of removal under the Convention Against Torture is relief, too.",
        EOIR,
        "Convention Against Torture cases by disposition, EOIR Statistics Yearbook",
        {
            "relief-kinds": (
                Rule(
                    "relief-kinds",
                    "relief_or_deferral_date IS NOT NULL",
                    "cases with grants of other kinds only",
                    "relief_or_deferral_date",
                ),
            )
        },
    ),
    Variant(
        "any-relief",
        "Any grant of relief counts, of whatever kind.",
        TRAC,
        f'"Some form of relief" in {TRAC_MPP}',
        {
            "relief-kinds": (
                Rule(
                    "any-relief",
                    "first_grant_date IS NOT NULL",
                    "cases without a grant of relief",
                    "first_grant_date",
                ),
            )
        },
    ),
    Variant(
        "relief-in-initial-completion",
        "Only relief that was granted by the initial completion counts, not after a reopening.",
        EOIR,
        "Outcomes of initial case completions, EOIR Adjudication Statistics",
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
            )
        },
    ),
    Variant(
        "referrals",
        "Referrals count, not people: someone who was referred twice counts twice.",
        "U.S. Citizenship and Immigration Services (USCIS)",
        "Screenings in the DHS Assessment of the Migrant Protection Protocols, October 28, 2019",
        counting={
            "aliens_referred": (
                "referral_history",
                "referrals",
                Rule("no-date", "event_date IS NOT NULL", "referrals without a date", "event_date"),
            )
        },
    ),
)
