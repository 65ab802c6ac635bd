"""The two sides of a comparison: data and dates, and the cases that both have."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace
from fractions import Fraction

from mpp_cli.comparison import Overlap
from mpp_cli.conditions import Matched
from mpp_cli.errors import DataError, UsageError
from mpp_cli.judgement import Judgement
from mpp_cli.question import Question, asked_again
from mpp_cli.sources.dataset import Dataset

#: Two releases must share this part of the ids of the smaller one.
LEAST_SHARED = Fraction(1, 2)


@dataclass(frozen=True)
class Side:
    """One of the two: data, the date they are asked as of, and how they spell conditions."""

    judgement: Judgement
    as_of: datetime.date
    name: str
    matched: Matched

    @property
    def dataset(self) -> Dataset:
        """The event tables of the side."""
        return self.judgement.dataset

    def asked(self, question: Question) -> Question:
        """The question as it is put to the data of this side."""
        return replace(question, matched=self.matched)


def sides(
    after: Judgement,
    question: Question,
    before: Judgement | None,
    before_as_of: datetime.date | None,
) -> tuple[Side, Side]:
    """What is compared, the later side first; UsageError when it is not the later one."""
    if before is None and before_as_of is None:
        raise UsageError(
            "there is nothing to compare with",
            hint="name an earlier date with --with, or an earlier release with --with-data",
        )
    earlier = before or after
    to = question.as_of or after.end or after.today
    since = before_as_of or question.as_of or earlier.end or earlier.today
    if since > to:
        raise UsageError(
            f"{since} is compared with as the earlier date, but {to} is before it",
            hint=f"use --as-of {since} --with {to}" if before is None else "name both dates",
        )
    then = question if before is None else asked_again(before.dataset, question)
    return (
        Side(after, to, "the data", question.matched),
        Side(earlier, since, "the data compared with", then.matched),
    )


def overlap(new: Side, old: Side) -> Overlap:
    """The case ids that both releases have; DataError when they are too few."""
    engine = new.dataset.engine
    engine.load_arrow("ids_before", old.dataset.engine.arrow("SELECT case_id FROM case_history"))
    (after, both), (before,) = (
        engine.fetch(
            "SELECT count(*), count(*) FILTER (WHERE case_id IN (SELECT case_id FROM ids_before)) "
            "FROM case_history"
        )[0],
        engine.fetch("SELECT count(*) FROM ids_before")[0],
    )
    if both < LEAST_SHARED * min(before, after):
        raise DataError(
            f"the two releases share only {both:,} case ids, of {before:,} and {after:,}: "
            "their cases cannot be matched",
            hint="compare releases in which a case keeps its case_id",
        )
    return Overlap(before, after, both)
