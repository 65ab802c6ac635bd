"""Rules that more than one goal applies."""

from mpp_cli.definitions import Rule

MPP_DOCKET = Rule(
    "mpp-docket",
    keeps="docket = 'mpp'",
    excluded="cases on another docket",
)

NTA_FILED = Rule(
    "nta-filed-only",
    keeps="nta_filed_date IS NOT NULL",
    dated_by="nta_filed_date",
    excluded="cases in which the NTA was not filed",
    footnote='"Total Enrolled" includes only cases in which the notice to appear (NTA) was filed.',
)
