"""Rules that more than one goal applies."""

import datetime
from dataclasses import replace

from mpp_cli.goals.definitions import Note, Rule

#: The first day on which anyone was placed in MPP.
MPP_BEGAN = datetime.date(2019, 1, 25)

#: Said wherever a count of cases is read as one of people: under the document's figures as
#: an addition to it, and beyond the document by itself.
PEOPLE = Note(
    "cases-not-people",
    "Cases are counted, not people. Every member of a family has a case of their own, and a "
    "person who was enrolled twice has two.",
)
CASES_NOT_PEOPLE = replace(
    PEOPLE, text=f"Added to the document: {PEOPLE.text.replace('Cases', 'cases', 1)}"
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
