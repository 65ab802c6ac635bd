"""Goal 3: no "catch and release" for the duration of removal proceedings."""

from mpp_cli.goals.common_rules import CASES_NOT_PEOPLE, MPP_DOCKET, NTA_FILED
from mpp_cli.goals.definitions import Count, Goal, Metric

TOTAL_ENROLLED = Count(
    "total_enrolled",
    "Number of Aliens Enrolled in MPP",
    rules=(
        MPP_DOCKET,
        NTA_FILED.said('"Total Enrolled" includes only cases in which the NTA was filed.'),
    ),
)

GOAL = Goal(
    3,
    'MPP prevents "catch and release" into the United States, including for those whose claims '
    "are later found to be non-meritorious.",
    metrics=(
        Metric(
            "total-enrolled",
            "Number of Aliens Enrolled in MPP",
            "MPP decreases the number of aliens released into the interior of United States for "
            "the duration of their U.S. removal proceedings.",
            "Number of aliens enrolled in MPP by Customs and Border Protection (CBP) across the "
            "Southwest Border (SWB).",
            measures=(TOTAL_ENROLLED,),
            headline="total_enrolled",
            notes=(CASES_NOT_PEOPLE,),
            goal=3,
        ),
    ),
)
