"""Goal 4: deterrence of illegal entry.

The copy of the document that this tool follows ends before the table of this
goal, so the layout of the table is the tool's own, and a footnote says so.
"""

from mpp_cli.definitions import EncounterTotal, Goal, Metric, Note

ENCOUNTERS = EncounterTotal("encounters", "Enforcement Encounters along the SWB")

WHOLE_MONTHS = Note(
    "whole-months",
    "Includes only months that end on or before that date, by U.S. fiscal year (October to "
    "September) of the encounter.",
)

ALL_ENCOUNTERS = Note(
    "all-encounters",
    "Encounters are events, not people. All encounters counted by CBP are included; figures "
    "that leave out administrative encounters are lower.",
)

NO_COMPONENTS = Note(
    "no-components",
    "Figures by component are not available (n/a) for months of which the source gives only "
    "the total.",
)

OWN_LAYOUT = Note(
    "own-layout",
    "The layout of this table is the tool's own: the copy of the document that it follows ends "
    "before the table of this goal.",
)

GOAL = Goal(
    4,
    "MPP provides a deterrent to illegal entry.",
    metrics=(
        Metric(
            "enforcement-encounters",
            "Number of Enforcement Encounters along the Southwest Border (SWB)",
            "MPP implementation contributes to decreasing the volume of inadmissible aliens "
            "arriving in the United States on land from Mexico (including those apprehended "
            "between the POEs).",
            "Number of enforcement encounters along the SWB.",
            measures=(ENCOUNTERS,),
            headline="encounters",
            notes=(WHOLE_MONTHS, ALL_ENCOUNTERS, OWN_LAYOUT),
            goal=4,
        ),
    ),
)
