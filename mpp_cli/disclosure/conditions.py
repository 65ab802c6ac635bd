"""Which cases a printed number counts, as declared: conjunctions of conditions over the history.

A set of cases is a set of conditions that all of them meet. What a balance says is a
difference of two such sets: a rule leaves out what meets the rules before it, less
what meets it as well. So every number is a sum and difference of sets, made from
the declarations that counted it.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property

from mpp_cli.common.errors import MppError
from mpp_cli.dataset.history_columns import COLUMNS, DERIVED, EVENTS
from mpp_cli.goals.definitions import Count

#: A column in an expression, or a quoted code: SQL's own words are in capitals, parameters
#: have a dollar.
WORD = re.compile(r"'[^']*'|(?<![\w$])[a-z_]+(?!\w)")


@dataclass(frozen=True, order=True)
class Condition:
    """A predicate of the declarations, as of a date, over the records of one release.

    ``sql`` speaks of that date as ``$as_of``. Conditions without ``sql`` are met or not as it
    happens, whatever else is met: ``free`` tells them apart.
    """

    sql: str
    day: datetime.date = datetime.date.min
    release: str = ""
    free: str = ""


#: A set of cases: those that meet all of these conditions; all cases without any.
Cases = frozenset[Condition]

#: A number of cases as sets that are added (1) and taken away (-1).
Number = Mapping[Cases, int]

ALL: Cases = frozenset()


def free(name: str) -> Condition:
    """A condition that no declaration speaks of, such as that of ``--where``."""
    return Condition("", free=name)


@dataclass(frozen=True)
class Rules:
    """A count by one definition as of a date: its sets of cases, as its rules narrow them.

    ``first`` are conditions that come before its rules, such as that of ``--where``.
    """

    count: Count
    day: datetime.date
    release: str = ""
    first: Cases = ALL

    @property
    def of_events(self) -> bool:
        """Whether events are counted, and not the cases that have them."""
        return self.count.table in EVENTS

    def _condition(self, sql: str) -> Condition:
        # A rule that says the same of every day is the same condition on every day.
        day = self.day if depends_on_day(sql) else datetime.date.min
        return Condition(sql, day, self.release)

    def dated(self, dates: Iterable[str], by: datetime.date | None = None) -> Cases:
        """That each of these dates lies on or before the as-of date, or before another."""
        day = by or self.day
        return frozenset(Condition(f"{date} <= $as_of", day, self.release) for date in dates)

    @cached_property
    def narrowed(self) -> tuple[tuple[str, Cases], ...]:
        """The id of each rule, in the order of exclusion, and what passes it and all before.

        Rules about single events are left out: they say nothing of a case.
        """
        passed, found = self.first, []
        for rule in self.count.all_rules:
            if not speaks_of_events(rule.keeps):
                passed |= {self._condition(rule.keeps)}
            found.append((rule.id, passed))
        return tuple(found)

    @cached_property
    def passed(self) -> Cases:
        """The cases that pass all rules, whenever that is."""
        return self.narrowed[-1][1] if self.narrowed else self.first

    @cached_property
    def counted(self) -> Cases:
        """The cases that count, or that the counted events are of."""
        dates = [date for date in self.count.dates if not speaks_of_events(date)]
        return self.passed | self.dated(dates)


@cache
def columns_of(sql: str) -> tuple[str, ...]:
    """The columns that an expression is about, instead of those that are made of others."""
    words = [word for word in dict.fromkeys(WORD.findall(sql)) if word[0] != "'"]
    for word in words:
        if word not in COLUMNS and word not in DERIVED:
            raise MppError(
                f"nothing is known of the column {word}, so no small count that depends on it can "
                "be hidden; nothing is printed"
            )
    made = (DERIVED[word][1] if word in DERIVED else (word,) for word in words)
    return tuple(dict.fromkeys(name for names in made for name in names))


def depends_on_day(sql: str) -> bool:
    """Whether what an expression says changes with the as-of date."""
    return "$as_of" in sql or any("$as_of" in COLUMNS[name].each for name in columns_of(sql))


def speaks_of_events(sql: str) -> bool:
    """Whether an expression is about a single event and not about its case."""
    return "event_" in sql


def less(whole: Cases, part: Cases) -> Number:
    """The cases of a whole that are in none of its part."""
    return {whole: 1, whole | part: -1} if not part <= whole else {}
