"""Every kind of case that the document's words allow, written out by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product

OUTCOMES = (
    *("relief_granted", "removal_ordered", "voluntary_departure", "terminated", "dismissed"),
    *("withdrawn", "other", "unknown"),
)
MERITS = ("relief_granted", "removal_ordered", "voluntary_departure")


@dataclass(frozen=True)
class Case:
    """One kind of case as of a date.

    ``place`` is elsewhere (another docket) or mpp; ``nta`` is unfiled, late or filed;
    ``completion`` is none, other (no row can be an initial completion), late or done.
    ``again`` is whether there is a second completion: no, late or yes. ``grant`` is none,
    other, late or relief; ``counsel`` none, late or yes; ``referral`` none, late or yes,
    with an outcome that may be late as well: see :func:`referral_outcome`.
    """

    place: str = "mpp"
    nta: str = "filed"
    completion: str = "none"
    outcome: str = ""
    absent: str = ""
    before_nta: bool = False
    again: str = "no"
    grant: str = "none"
    counsel: str = "none"
    referral: str = "none"
    result: str = "pending"


Test = Callable[[Case], bool]


def kinds(late: dict[str, bool]) -> Iterator[Case]:
    """The kinds of cases that matter to completions and relief.

    ``late`` says of the tables whether they can hold dates after the as-of date.
    """
    grants = ["none", "other", "relief", *(["late"] if late["grants"] else [])]
    for place, nta in product(("mpp", "elsewhere"), ("unfiled", "filed", "late")):
        if nta == "late" and not late["cases"]:
            continue
        for grant in grants:
            for done in ("none", "other"):
                yield Case(place, nta, done, grant=grant)
            for done in ("done", "late") if late["completions"] else ("done",):
                for outcome, before in product(OUTCOMES, (False, True)):
                    absents = ("yes", "no", "unknown") if outcome == "removal_ordered" else ("",)
                    agains = ("no", "yes", "late") if late["completions"] else ("no", "yes")
                    for absent, again in product(absents, agains):
                        if done == "late" and (again == "yes" or (before and nta != "late")):
                            continue
                        if before and nta == "unfiled":
                            continue
                        if nta == "late" and done == "done" and not before:
                            continue
                        yield Case(place, nta, done, outcome, absent, before, again, grant)


def counselled(late: dict[str, bool]) -> Iterator[Case]:
    """The kinds that matter to counsel."""
    for place, nta, counsel in product(
        ("mpp", "elsewhere"), ("unfiled", "filed", "late"), ("none", "late", "yes")
    ):
        if nta != "late" or late["cases"]:
            yield Case(place, nta, counsel=counsel)


def referred(late: dict[str, bool]) -> Iterator[Case]:
    """The kinds that matter to referrals."""
    for place in ("mpp", "elsewhere"):
        yield Case(place, referral="none")
        if late["referrals"]:
            yield Case(place, referral="late")
        for result in ("pending", "positive", "negative", "closed"):
            yield Case(place, referral="yes", result=result)


def _done(case: Case) -> bool:
    return case.completion == "done"


def _initial(case: Case) -> bool:
    return case.completion in ("done", "late")


def _decided(case: Case) -> bool:
    """Whether there is a decision on the merits at all."""
    return case.grant in ("relief", "late") or (_initial(case) and case.outcome in MERITS)


def _decided_by_date(case: Case) -> bool:
    return case.grant == "relief" or (_done(case) and case.outcome in MERITS)


_ENROLLED = (
    ("mpp-docket", lambda c: c.place == "mpp"),
    ("nta-filed-only", lambda c: c.nta != "unfiled"),
)
_COMPLETED = (
    *_ENROLLED,
    ("no-completion", lambda c: c.completion != "none"),
    ("initial-completions-only", _initial),
)
_RELIEF = (
    *_ENROLLED,
    ("no-grant", lambda c: c.grant != "none"),
    ("relief-kinds", lambda c: c.grant in ("relief", "late")),
)
_PENDING = ("already-completed", lambda c: not _done(c))
_REFERRED = (_ENROLLED[0], ("no-referral", lambda c: c.referral != "none"))
_REMOVED = (*_COMPLETED, ("no-removal-order", lambda c: c.outcome == "removal_ordered"))

_FILED: Test = lambda c: c.nta == "filed"  # noqa: E731

#: The rules of every count in the order of its balance, and whether all its dates have come.
COUNTS: dict[str, tuple[tuple[tuple[str, Test], ...], Test]] = {
    "total_enrolled": (_ENROLLED, _FILED),
    "cases_completed": (_COMPLETED, lambda c: _FILED(c) and _done(c)),
    "relief_granted": (_RELIEF, lambda c: _FILED(c) and c.grant == "relief"),
    "aliens_referred": (_REFERRED, lambda c: c.referral == "yes"),
    "pending_cases": ((*_ENROLLED, _PENDING), _FILED),
    "relief_outside_completed": (
        (*_RELIEF, _PENDING),
        lambda c: _FILED(c) and c.grant == "relief",
    ),
    "merits_decisions": (
        (*_ENROLLED, ("no-merits-decision", _decided)),
        lambda c: _FILED(c) and _decided_by_date(c),
    ),
    "represented_cases": (
        (*_ENROLLED, ("no-counsel", lambda c: c.counsel != "none")),
        lambda c: _FILED(c) and c.counsel == "yes",
    ),
    "removal_orders": (_REMOVED, lambda c: _FILED(c) and _done(c)),
    "in_absentia_orders": (
        (
            *_REMOVED,
            ("absentia-unknown", lambda c: c.absent != "unknown"),
            ("not-in-absentia", lambda c: c.absent == "yes"),
        ),
        lambda c: _FILED(c) and _done(c),
    ),
    "cases_completed_again": (
        (*_COMPLETED, ("completed-once", lambda c: c.again != "no")),
        lambda c: _FILED(c) and _done(c) and c.again == "yes",
    ),
    "cases_timed": (
        (*_COMPLETED, ("completed-before-nta", lambda c: not c.before_nta)),
        lambda c: _FILED(c) and _done(c),
    ),
}
for _outcome in OUTCOMES:
    COUNTS[f"cases_completed: {_outcome}"] = (
        (*_COMPLETED, ("other-outcome", lambda c, o=_outcome: c.outcome == o)),
        lambda c: _FILED(c) and _done(c),
    )
for _result in ("pending", "positive", "negative", "closed"):
    COUNTS[f"aliens_referred: {_result}"] = (
        (*_REFERRED, ("other-outcome", lambda c, r=_result: c.result == r)),
        lambda c: c.referral == "yes",
    )

#: Which kinds tell a count: those of completions and relief, of counsel, or of referrals.
ABOUT = {"represented_cases": "counsel", "aliens_referred": "referral"}

#: Counts of which one lies inside the other: the rest is a count of cases as well.
INSIDE = (
    ("cases_completed", "total_enrolled"),
    ("relief_granted", "total_enrolled"),
    ("pending_cases", "total_enrolled"),
    ("merits_decisions", "total_enrolled"),
    ("relief_granted", "merits_decisions"),
    ("relief_outside_completed", "relief_granted"),
    ("represented_cases", "total_enrolled"),
    ("removal_orders", "cases_completed"),
    ("in_absentia_orders", "removal_orders"),
    ("in_absentia_orders", "cases_completed"),
    ("cases_completed_again", "cases_completed"),
    ("cases_timed", "cases_completed"),
)


def about(count: str) -> str:
    """The kinds that tell a count."""
    return ABOUT.get(count.partition(":")[0], "cases")


def line_of(count: str, case: Case) -> str:
    """The line of a balance on which a case is: the first rule that fails, or counted."""
    rules, dated = COUNTS[count]
    failed = next((name for name, test in rules if not test(case)), None)
    return failed or ("counted" if dated(case) else "as-of")
