"""Beyond the document: by outcome, of completed cases and of referrals."""

from mpp_cli.goals.additional_common import BEYOND, share
from mpp_cli.goals.common_rules import PEOPLE
from mpp_cli.goals.completion import CASES_COMPLETED
from mpp_cli.goals.definitions import Count, Metric, Note, Part, Rule
from mpp_cli.goals.relief import ALIENS_REFERRED

# --- case-outcomes -------------------------------------------------------------

OUTCOMES = (
    "relief_granted",
    "removal_ordered",
    "voluntary_departure",
    "terminated",
    "dismissed",
    "withdrawn",
    "other",
    None,
)


def _with_outcome(outcome: str | None) -> Part:
    keeps = f"COALESCE(initial_outcome = '{outcome}', FALSE)"
    if outcome is None:
        keeps = "initial_outcome IS NULL"
    rule = Rule("other-outcome", keeps, excluded="cases with another outcome")
    words = (outcome or "unknown").replace("_", " ")
    name, label = f"completed_{outcome or 'unknown'}", f"Outcome: {words}"
    return Part(outcome, Count(name, label, within=CASES_COMPLETED, rules=(rule,)))


CASE_OUTCOMES = Metric(
    "case-outcomes",
    "Outcomes of Completed Cases",
    "",
    "Number of completed cases by the outcome of the initial completion.",
    measures=(CASES_COMPLETED,),
    headline="cases_completed",
    notes=(
        BEYOND,
        Note(
            "outcome-of-initial",
            "The outcome is that of the initial completion, whatever followed it. Withholding of "
            "removal is granted with an order of removal, so that relief by outcome is not the "
            "count of goal 1.",
        ),
    ),
    parts=tuple(map(_with_outcome, OUTCOMES)),
    share="share_of_completed",
)

# --- in-absentia ---------------------------------------------------------------

REMOVAL_ORDERS = Count(
    "removal_orders",
    "Orders of Removal",
    within=CASES_COMPLETED,
    rules=(
        Rule(
            "no-removal-order",
            keeps="COALESCE(initial_outcome = 'removal_ordered', FALSE)",
            excluded="cases initially completed otherwise",
            footnote="Only orders of removal that are the initial completion of a case count.",
        ),
    ),
)

IN_ABSENTIA_ORDERS = Count(
    "in_absentia_orders",
    "Orders of Removal in Absentia",
    within=REMOVAL_ORDERS,
    rules=(
        Rule(
            "absentia-unknown",
            keeps="initial_in_absentia IS NOT NULL",
            excluded="cases in which it is unknown whether the order was in absentia",
            footnote="Orders of which it is unknown whether they were in absentia are not counted "
            "as such.",
        ),
        Rule(
            "not-in-absentia",
            keeps="COALESCE(initial_in_absentia = 1, FALSE)",
            excluded="cases in which the order was not in absentia",
        ),
    ),
)

IN_ABSENTIA = Metric(
    "in-absentia",
    "Orders of Removal in Absentia",
    "",
    "Orders of removal in absentia as a share of orders of removal and of completed cases.",
    measures=(
        share(
            "share_of_removal_orders",
            "Share of Orders of Removal",
            IN_ABSENTIA_ORDERS,
            REMOVAL_ORDERS,
        ),
        share("share_of_completed", "Share of Completed", IN_ABSENTIA_ORDERS, CASES_COMPLETED),
        IN_ABSENTIA_ORDERS,
        REMOVAL_ORDERS,
        CASES_COMPLETED,
    ),
    headline="share_of_removal_orders",
    notes=(BEYOND,),
)

# --- referral-outcomes ---------------------------------------------------------

REFERRAL_OUTCOMES = ("positive", "negative", "closed")


def _referred(place: int) -> Part:
    """The people whose referrals have this outcome and none that goes before it."""
    first = tuple(f"{name}_date" for name in REFERRAL_OUTCOMES[:place])
    outcome, ever, dated_by = "pending", "TRUE", None
    if place < len(REFERRAL_OUTCOMES):
        outcome = REFERRAL_OUTCOMES[place]
        dated_by = f"{outcome}_date"
        ever = f"{dated_by} IS NOT NULL"
    clauses = [ever, *(f"COALESCE({date} > $as_of, TRUE)" for date in first)]
    rule = Rule(
        "other-outcome",
        " AND ".join(clauses),
        excluded="cases with another outcome",
        dated_by=dated_by,
        until=first,
        ever=ever,
    )
    name, label = f"referred_{outcome}", f"Outcome: {outcome}"
    return Part(outcome, Count(name, label, of="people", rules=(*ALIENS_REFERRED.rules, rule)))


REFERRALS = Metric(
    "referral-outcomes",
    "Outcomes of Non-Refoulement Assessments",
    "",
    "Number of aliens referred to USCIS by the outcome of the assessment.",
    measures=(ALIENS_REFERRED,),
    headline="aliens_referred",
    notes=(
        BEYOND,
        Note(
            "one-outcome",
            "A person with several outcomes counts once: as positive before negative before "
            "closed. Only outcomes dated by the as-of date count; otherwise the person is pending.",
        ),
        PEOPLE,
    ),
    parts=tuple(map(_referred, range(len(REFERRAL_OUTCOMES) + 1))),
    share="share_of_referred",
)
