"""Rules that more than one goal applies."""

import datetime

from mpp_cli.definitions import Note, Rule

#: The first day on which anyone was placed in MPP.
MPP_BEGAN = datetime.date(2019, 1, 25)

#: Said wherever a count of cases is read as one of people.
CASES_NOT_PEOPLE = Note(
    "cases-not-people",
    "Added to the document: cases are counted, not people. Every member of a family has a case of "
    "their own, and a person who was enrolled twice has two.",
)

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
