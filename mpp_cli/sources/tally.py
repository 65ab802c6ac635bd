"""What the values of one column of a file came to: how many stand there, how many cannot be read.

A column can be wrong as a whole and still be read in part: of dates with the day first,
``13/02/2019`` cannot be read and ``02/03/2019`` can, as another day. So values are counted
that only another convention reads, and those that both do.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

#: Different texts that cannot be read of which the rows are counted.
_REMEMBERED = 200

#: A column is of another convention when at least one value in so many is only of that one.
_TELLING = 10

#: Where values of other forms stand beside, so many must be, and one in so many of those in doubt.
_FEW, _CLEARLY = 3, 4

_SLASHED = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/[0-9]{4}\b.*")
_DOTTED = re.compile(r"[0-9]{1,3}(?:\.[0-9]{3})+")
_SMALL = re.compile(r"[0-9]{1,3}")

#: How a value stands to our convention and to another one.
OURS, THEIRS, EITHER, NEITHER = "ours", "theirs", "either", "neither"

#: Neither, and read by us.
OTHER = "other"


def of_date(text: str) -> str:
    """Of a date: theirs is the day first, ``13/02/2019``."""
    match = _SLASHED.fullmatch(text)
    if match is None:
        return NEITHER
    first, second = int(match[1]), int(match[2])
    if first > 12 >= second:
        return THEIRS
    return EITHER if first <= 12 >= second else OURS


def of_count(text: str) -> str:
    """Of a count: theirs is a point between thousands, ``1.404``, which makes ``9.000`` ours, 9."""
    if _DOTTED.fullmatch(text):
        return EITHER if set(text.partition(".")[2]) <= {"0", "."} else THEIRS
    return NEITHER if _SMALL.fullmatch(text) else OURS


@dataclass
class Tally:
    """The values of one column of a file.

    ``filled`` are not blank, ``unreadable`` those of them that cannot be read; ``texts``
    has the first of these, with their rows. ``convention`` tells how a text stands to
    ours, None where there is no other.
    """

    convention: Callable[[str], str] | None = None
    filled: int = 0
    unreadable: int = 0
    texts: Counter[str] = field(default_factory=Counter)
    stands: Counter[str] = field(default_factory=Counter)

    def add(self, text: str, rows: int, readable: bool) -> None:
        """Count the rows that have this text; ``filled`` is counted by who knows all rows."""
        if not readable:
            self.unreadable += rows
            if text in self.texts or len(self.texts) < _REMEMBERED:
                self.texts[text] += rows
        if self.convention is not None:
            stands = self.convention(text)
            if stands == NEITHER and readable:
                stands = OTHER
            # What cannot be read is theirs or nobody's.
            self.stands[stands if readable or stands == THEIRS else NEITHER] += rows

    @property
    def is_misread(self) -> bool:
        """Whether the column is of another convention, so that what was read of it is wrong."""
        theirs, either = self.stands[THEIRS], self.stands[EITHER]
        if not theirs or not either or self.stands[OURS]:
            return False
        if self.convention is of_count:
            # No count has three decimals by accident.
            return True
        if not self.stands[OTHER]:
            return theirs * _TELLING >= self.filled
        return theirs >= _FEW and theirs * _CLEARLY >= theirs + either

    @property
    def is_lost(self) -> bool:
        """Whether values stand in the column and none of them can be believed."""
        return self.filled > 0 and (self.unreadable == self.filled or self.is_misread)
