"""Goal 2: an orderly and timely completion of immigration processes."""

from mpp_cli.definitions import Count, Events, Goal, Metric, Ratio, Rule
from mpp_cli.goals.rules import MPP_DOCKET, NTA_FILED

ANY_COMPLETION = Rule(
    "no-completion",
    keeps="completions > 0",
    excluded="cases without a completion",
)

INITIAL_COMPLETION = Rule(
    "initial-completions-only",
    keeps="initial_completion_date IS NOT NULL",
    dated_by="initial_completion_date",
    excluded="cases that only have later completions, transfers or administrative closures",
    footnote=(
        '"Cases Completed" includes only initial case completions, i.e. it excludes cases that '
        'were "completed" a second time due to a motion to reopen or a remand.'
    ),
)

TOTAL_ENROLLED = Count(
    "total_enrolled",
    "Total Enrolled in MPP",
    rules=(MPP_DOCKET, NTA_FILED),
)

CASES_COMPLETED = Count(
    "cases_completed",
    "Total Cases Completed",
    within=TOTAL_ENROLLED,
    rules=(ANY_COMPLETION, INITIAL_COMPLETION),
    events=Events(
        table="completions",
        keeps="completion_class IN ('initial', 'subsequent')",
        number="countable_completions",
        last="last_countable_date",
        one="later completion",
        many="later completions",
        counted_as=("subsequent_completions", "cases_completed_again"),
    ),
)

COMPLETION_PERCENTAGE = Ratio(
    "completion_percentage",
    "Case Completion Percentage",
    part=CASES_COMPLETED,
    whole=TOTAL_ENROLLED,
)

GOAL = Goal(
    2,
    "MPP supports an orderly and timely completion to U.S. immigration processes.",
    metrics=(
        Metric(
            "completion-rate",
            "MPP Case Completion",
            "MPP provides a pathway for aliens to proceed efficiently through the U.S. "
            "immigration court processes, as compared to non-detained dockets.",
            "The number of cases completed by immigration judges since MPP's inception.",
            measures=(TOTAL_ENROLLED, CASES_COMPLETED, COMPLETION_PERCENTAGE),
            headline="completion_percentage",
            goal=2,
            compares_dockets=True,
        ),
    ),
)
