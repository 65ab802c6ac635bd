"""Beyond the document: figures that its readers asked for, with definitions like its own.

None of this is in the document, every output says so, and nothing here is ever
mixed into its goals. Every rate stands beside its denominator.
"""

from mpp_cli.definitions import Count, Days, Metric, Note, Rule, Span
from mpp_cli.goals.beyond import BEYOND, NOT_COMPLETED, PENDING_CASES, share
from mpp_cli.goals.completion import CASES_COMPLETED, TOTAL_ENROLLED
from mpp_cli.goals.outcomes import CASE_OUTCOMES, IN_ABSENTIA, REFERRALS
from mpp_cli.goals.relief import RELIEF_GRANTED
from mpp_cli.goals.rules import PEOPLE

# --- relief-rate ---------------------------------------------------------------

MERITS = Rule(
    "no-merits-decision",
    keeps="merits_date IS NOT NULL",
    dated_by="merits_date",
    excluded="cases without relief, an order of removal or voluntary departure",
    footnote=(
        "Decisions on the merits are grants of relief, and initial completions with relief, an "
        "order of removal or voluntary departure; each case counts once."
    ),
)

MERITS_DECISIONS = Count(
    "merits_decisions", "Cases Decided on the Merits", within=TOTAL_ENROLLED, rules=(MERITS,)
)

RELIEF_OUTSIDE = Count(
    "relief_outside_completed",
    "Relief Granted outside Cases Completed",
    within=RELIEF_GRANTED,
    rules=(NOT_COMPLETED,),
)

RELIEF_RATE = Metric(
    "relief-rate",
    "Relief Granted as a Share of Cases",
    "",
    "Aliens granted relief as a share of completed cases, of enrolled cases and of cases decided "
    "on the merits.",
    measures=(
        share("share_of_completed", "Share of Completed", RELIEF_GRANTED, CASES_COMPLETED),
        share("share_of_enrolled", "Share of Enrolled", RELIEF_GRANTED, TOTAL_ENROLLED),
        share("share_of_merits", "Share of Merits Decisions", RELIEF_GRANTED, MERITS_DECISIONS),
        RELIEF_GRANTED,
        CASES_COMPLETED,
        TOTAL_ENROLLED,
        MERITS_DECISIONS,
        RELIEF_OUTSIDE,
    ),
    headline="share_of_completed",
    notes=(
        BEYOND,
        Note(
            "relief-not-a-part",
            "The share of completed is the ratio of two published counts. Some relief is "
            "granted after a reopening or without an initial completion; the last column "
            "counts those cases.",
        ),
        Note("by-nta-date", "Breakdowns by time use the date on which the NTA was filed."),
        PEOPLE,
    ),
    grouped_by="nta_filed_date",
)

# --- pending-cases -------------------------------------------------------------

PENDING = Metric(
    "pending-cases",
    "Pending Cases",
    "",
    "Number of enrolled cases without an initial completion.",
    measures=(
        PENDING_CASES,
        share("share_of_enrolled", "Share of Enrolled", PENDING_CASES, TOTAL_ENROLLED),
        TOTAL_ENROLLED,
    ),
    headline="pending_cases",
    notes=(
        BEYOND,
        Note(
            "reopened-not-pending",
            "A case stays completed when it is reopened; it is not pending again.",
        ),
    ),
    compares_dockets=True,
)

# --- representation ------------------------------------------------------------

REPRESENTED_CASES = Count(
    "represented_cases",
    "Represented Cases",
    within=TOTAL_ENROLLED,
    rules=(
        Rule(
            "no-counsel",
            keeps="representation_date IS NOT NULL",
            dated_by="representation_date",
            excluded="cases in which no counsel appeared",
            footnote="A case is represented from the day on which counsel appeared.",
        ),
    ),
)

REPRESENTATION = Metric(
    "representation",
    "Cases with Counsel",
    "",
    "Number of enrolled cases in which counsel appeared, and their share.",
    measures=(
        share("share_of_enrolled", "Share of Enrolled", REPRESENTED_CASES, TOTAL_ENROLLED),
        REPRESENTED_CASES,
        TOTAL_ENROLLED,
    ),
    headline="share_of_enrolled",
    notes=(BEYOND,),
)

# --- subsequent-completions ----------------------------------------------------

SUBSEQUENT_COMPLETIONS = Count(
    "subsequent_completions",
    "Subsequent Completions",
    of="completions",
    table="completion_history",
    within=CASES_COMPLETED,
    rules=(
        Rule(
            "no-completion-at-all",
            keeps="event_class IN ('initial', 'subsequent')",
            excluded="rows that are not completions: moves, administrative closures, failures to "
            "prosecute",
        ),
        Rule(
            "initial-completion",
            keeps="NOT (event_class = 'initial' AND event_rank = 1)",
            dated_by="event_date",
            excluded="completions that are the initial one of their case",
            one_each=True,
            footnote="Subsequent completions are all completions of a completed case but its "
            "initial one, such as those after a motion to reopen or a remand. One that its source "
            "calls subsequent counts also where it is dated before the initial one.",
        ),
    ),
)

COMPLETED_AGAIN = Count(
    "cases_completed_again",
    "Cases Completed Again",
    within=CASES_COMPLETED,
    rules=(
        Rule(
            "completed-once",
            keeps="second_completion_date IS NOT NULL",
            dated_by="second_completion_date",
            excluded="cases completed only once",
        ),
    ),
)

SUBSEQUENT = Metric(
    "subsequent-completions",
    "Subsequent Completions",
    "",
    "Number of completions of completed cases besides the initial one, and of the cases that have "
    "them.",
    measures=(SUBSEQUENT_COMPLETIONS, COMPLETED_AGAIN, CASES_COMPLETED),
    headline="subsequent_completions",
    notes=(BEYOND,),
    grouped_by="initial_completion_date",
)

# --- time-to-completion --------------------------------------------------------

CASES_TIMED = Count(
    "cases_timed",
    "Completed Cases That Are Timed",
    within=CASES_COMPLETED,
    rules=(
        Rule(
            "completed-before-nta",
            keeps="COALESCE(initial_completion_date >= nta_filed_date, FALSE)",
            excluded="cases with an initial completion dated before the NTA",
            footnote="Cases with an initial completion dated before the NTA are not timed.",
        ),
    ),
)

SPAN = Span("nta_filed_date", "initial_completion_date", CASES_TIMED, PENDING_CASES)

TIME_TO_COMPLETION = Metric(
    "time-to-completion",
    "Days from the Notice to Appear to the Initial Completion",
    "",
    "Days from the filing of the NTA to the initial completion: among completed cases, and "
    "including pending cases.",
    measures=(
        Days("median_days", "Median Days, Completed Cases", SPAN, 50),
        Days("p25_days", "25th Percentile", SPAN, 25),
        Days("p75_days", "75th Percentile", SPAN, 75),
        Days(
            "km_median_days", "Median Days, Including Pending Cases (Kaplan-Meier Estimate)", SPAN
        ),
        CASES_TIMED,
        PENDING_CASES,
    ),
    headline="median_days",
    notes=(
        BEYOND,
        Note(
            "nearest-rank",
            "Percentiles are exact, by nearest rank, among completed cases; quick cases complete "
            "first, so that they are too short while many cases are pending.",
        ),
        Note(
            "kaplan-meier",
            "The median that includes pending cases is the Kaplan-Meier estimate: the first day on "
            "which half of the cases or fewer are still pending; n/a when there is no such day. "
            "Cases that were closed administratively, or moved into the interior, count as still "
            "pending (censored) and are taken to go on like the others; where they do not, the "
            "estimate is off.",
        ),
        Note("by-nta-date", "Breakdowns by time use the date on which the NTA was filed."),
    ),
    grouped_by="nta_filed_date",
    compares_dockets=True,
)

ADDITIONAL = (
    RELIEF_RATE,
    PENDING,
    CASE_OUTCOMES,
    IN_ABSENTIA,
    REPRESENTATION,
    REFERRALS,
    SUBSEQUENT,
    TIME_TO_COMPLETION,
)
