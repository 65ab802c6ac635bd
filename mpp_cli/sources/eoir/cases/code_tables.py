"""What the codes of proceedings mean, as tables by the numbers of their texts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mpp_cli.sources.eoir.cases.codebook import Codebook
from mpp_cli.sources.eoir.cases.proceeding_rows import NO_DATE
from mpp_cli.sources.eoir.rules.decision_codes import KINDS_OF_RELIEF, OUTCOMES, Decisions

Numbers = NDArray[Any]

#: Codes of OTHER_COMP after which the case goes on elsewhere: change of venue,
#: transfer, zero bond, and jurisdiction transferred to the appeals board.
NO_COMPLETION = ("C", "T", "X", "J")
FAILURE_TO_PROSECUTE = "F"

CLOSED = OUTCOMES.index("administratively_closed")
FAILED = OUTCOMES.index("failure_to_prosecute")
_NONE = -1


class Meanings:
    """The meaning of every code that a file of proceedings holds.

    ``selected`` tells by case type which proceedings count.
    """

    def __init__(
        self, books: Mapping[str, Codebook], decisions: Decisions, case_types: tuple[str, ...]
    ) -> None:
        self._books, self._decisions = books, decisions
        self.selected = books["case_type"].table(lambda text: text in case_types, np.bool_)
        self._other = books["other_comp"].table(_administrative, np.int8)
        # Few case types and codes of decisions are known to the lookup: each is
        # a line or a column of a small table, and all others share one.
        types = sorted({case_type for case_type, _ in decisions.completions})
        codes = sorted({code for _, code in decisions.completions})
        self._type = books["case_type"].table(_place_in(types))
        self._code = books["dec_code"].table(_place_in(codes))
        self._outcome = np.full((len(types) + 1, len(codes) + 1), _NONE, dtype=np.int8)
        self._relief = self._outcome.copy()
        for (case_type, code), found in decisions.completions.items():
            place = types.index(case_type), codes.index(code)
            self._outcome[place] = OUTCOMES.index(found.outcome)
            if found.relief is not None:
                self._relief[place] = KINDS_OF_RELIEF.index(found.relief)

    def of_rows(self, rows: NDArray[Any]) -> tuple[Numbers, Numbers]:
        """The outcome of each proceeding and the relief that its decision grants, -1 for none.

        A completion has a date. With both codes the decision decides.
        """
        decided = rows["dec_code"] != 0
        place = self._type[rows["case_type"]], self._code[rows["dec_code"]]
        outcome = np.where(decided, self._outcome[place], self._other[rows["other_comp"]])
        outcome[rows["comp_date"] == NO_DATE] = _NONE
        return outcome, np.where(decided & (outcome >= 0), self._relief[place], np.int8(_NONE))

    def unknown_decisions(self, rows: NDArray[Any]) -> Counter[str]:
        """Codes of completions that no lookup knows, as "RMV 2", with their proceedings."""
        found: Counter[str] = Counter()
        decided = rows["dec_code"] != 0
        for column, chosen in (("dec_code", decided), ("other_comp", ~decided)):
            texts, types = self._books[column].texts, self._books["case_type"].texts
            code = rows[column][chosen].astype(np.int64)
            pairs = code * len(types) + rows["case_type"][chosen]
            for pair, count in zip(*_counted(pairs), strict=True):
                case_type, text = types[pair % len(types)], texts[pair // len(types)]
                if text and (case_type, text) not in self._decisions.known:
                    found[f"{case_type} {text}"] += count
        return found


def _administrative(code: str) -> int:
    """The outcome of a completion by its OTHER_COMP."""
    if not code or code in NO_COMPLETION:
        return _NONE
    return FAILED if code == FAILURE_TO_PROSECUTE else CLOSED


def _place_in(known: list[str]) -> Any:
    places = {text: place for place, text in enumerate(known)}
    return lambda text: places.get(text, len(known))


def _counted(numbers: Numbers) -> tuple[list[int], list[int]]:
    """Which numbers there are, and how often."""
    if len(numbers) and int(numbers.max()) < len(numbers):
        counts = np.bincount(numbers)
        there = np.flatnonzero(counts)
        return there.tolist(), counts[there].tolist()
    found, times = np.unique(numbers, return_counts=True)
    return found.tolist(), times.tolist()
