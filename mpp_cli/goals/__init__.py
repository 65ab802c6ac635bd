"""The document as declarations, in its own order and words.

Source of every goal, metric, data measurement and footnote marked so: U.S.
Department of Homeland Security, "Migrant Protection Protocols Metrics and
Measures", January 2021.
"""

from collections import ChainMap
from collections.abc import Mapping

from mpp_cli.goals import additional, completion, encounters, enrollment, relief
from mpp_cli.goals.definitions import Metric

TITLE = "Migrant Protection Protocols Metrics and Measures"

INTRODUCTION = (
    "The Migrant Protection Protocols (MPP) are a U.S. Government (USG) action whereby citizens "
    "and nationals of countries other than Mexico arriving in the United States by land from "
    "Mexico -- whether or not at a port of entry (POE) -- may be returned to Mexico pursuant to "
    "Section 235(b)(2)(C) of the Immigration and Nationality Act (INA) while their U.S. removal "
    "proceedings are pending under Section 240 of the INA.",
    "DHS remains committed to using all available tools to address the unprecedented security and "
    "humanitarian crisis at the southern border of the United States. At the peak of the crisis "
    "in May 2019, there were more than 4,800 undocumented aliens attempting to cross the border "
    "into the United States daily. MPP is a core component of the USG's efforts to address the "
    "migration crisis along the U.S.-Mexico border.",
    "The following are the intended goals of MPP and measurements of how those goals are "
    "currently being met.",
)

GOALS = (relief.GOAL, completion.GOAL, enrollment.GOAL, encounters.GOAL)

METRICS: dict[str, Metric] = {metric.name: metric for goal in GOALS for metric in goal.metrics}

#: What lies beyond the document: never a part of its goals.
ADDITIONAL: dict[str, Metric] = {metric.name: metric for metric in additional.ADDITIONAL}

#: Both, by name: a view of the two, which goes through the last of its maps first.
EVERY: Mapping[str, Metric] = ChainMap(ADDITIONAL, METRICS)
