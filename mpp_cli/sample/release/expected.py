"""What is true of a synthetic release, written down while it is made."""

from __future__ import annotations

import datetime
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

Day = datetime.date


@dataclass
class CaseTruth:
    """What is to be counted of one MPP case; None where there is nothing.

    ``relief`` is the date of the first grant that the document counts, ``reversed`` that of
    the later decision that took it away, ``unknown_relief`` that of a grant of unknown kind.
    """

    case: int
    identifier: str
    filed: Day | None = None
    completed: Day | None = None
    outcome: str | None = None
    in_absentia: bool | None = None
    relief: Day | None = None
    reversed: Day | None = None
    unknown_relief: Day | None = None
    counsel: Day | None = None


@dataclass
class FileTruth:
    """What becomes of the rows of one file, under the default rules."""

    rows: int = 0
    used: int = 0
    outside: Counter[str] = field(default_factory=Counter)
    set_aside: Counter[str] = field(default_factory=Counter)
    repaired: int = 0
    blanked: Counter[str] = field(default_factory=Counter)


@dataclass
class Truth:
    """The true figures of a release and the true account of each of its files."""

    cases: list[CaseTruth] = field(default_factory=list)
    files: defaultdict[str, FileTruth] = field(default_factory=lambda: defaultdict(FileTruth))
    identifier_only: int = 0
    location_only: int = 0
    both: int = 0
    unknown_codes: Counter[str] = field(default_factory=Counter)
    undated_grants: int = 0
    #: Proceedings whose case nobody knows: set aside where all cases are judged.
    orphans: int = 0

    def figures(self, as_of: Day) -> dict[str, int]:
        """The measures of the cohort by its identifier, as of a day."""

        def by(day: Day | None) -> bool:
            return day is not None and day <= as_of

        enrolled = [case for case in self.cases if by(case.filed)]
        return {
            "total_enrolled": len(enrolled),
            "cases_completed": sum(by(case.completed) for case in enrolled),
            "relief_granted": sum(by(case.relief) for case in enrolled),
            "represented_cases": sum(by(case.counsel) for case in enrolled),
        }

    def relief_as_decided(self, as_of: Day) -> int:
        """Relief where decisions that grant relief of unknown kind count, too."""
        return self._enrolled(as_of, lambda case: case.relief or case.unknown_relief)

    def relief_at_present(self, as_of: Day) -> int:
        """Relief that no later decision has taken away by the day."""
        return self._enrolled(as_of, lambda case: case.relief) - self._enrolled(
            as_of, lambda case: case.relief and case.reversed
        )

    def _enrolled(self, as_of: Day, dated: Callable[[CaseTruth], Day | None]) -> int:
        """How many enrolled cases have such a date by the day."""
        found = ((case.filed, dated(case)) for case in self.cases)
        return sum(1 for filed, day in found if filed and day and max(filed, day) <= as_of)
