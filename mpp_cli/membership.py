"""Every case with the verdict of every count: the ledger, one case at a time.

The predicates are those that :mod:`mpp_cli.counting` counts with, so that the
verdicts of all cases add up to the ledger.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from mpp_cli import counting, history
from mpp_cli.case_explained import COUNTED, UNAVAILABLE
from mpp_cli.definitions import Count, Metric, event_date
from mpp_cli.judgement import Judgement
from mpp_cli.periods import LABELS
from mpp_cli.question import Question, column_of
from mpp_cli.results import Query

#: Cases that are fetched at once.
PAGE = 50_000


def counts_of(declared: Metric) -> tuple[Count, ...]:
    """Every count of cases behind a metric, each once; a count of events judges no case."""
    return tuple(count for count in declared.every_count if count.table not in history.EVENTS)


@dataclass(frozen=True)
class Membership:
    """The case history of a question, ready to be asked about single cases.

    ``reasons`` says of a count why it is unavailable, None where it is not.
    """

    judgement: Judgement
    question: Question
    as_of: datetime.date
    counts: tuple[Count, ...]
    reasons: Mapping[str, str | None]

    @property
    def available(self) -> tuple[Count, ...]:
        """The counts that these data can answer."""
        return tuple(count for count in self.counts if self.reasons[count.name] is None)


def prepare(judgement: Judgement, question: Question, counts: Sequence[Count]) -> Membership:
    """Make the case history that these counts are judged by."""
    dataset = judgement.dataset
    case_columns = {*dataset.columns("cases")}
    narrowed = replace(
        question,
        by=tuple(name for name in question.by if name in LABELS or column_of(name) in case_columns),
        where={k: v for k, v in question.where.items() if k in case_columns},
    )
    reasons = {count.name: counting.unavailable(dataset, count) for count in counts}
    member = Membership(
        judgement,
        narrowed,
        question.as_of or judgement.end or judgement.today,
        tuple(counts),
        reasons,
    )
    columns: set[str] = set()
    for count in member.available:
        columns |= counting.history_columns(count)
    if dataset.has("cases"):
        history.build(dataset, columns, narrowed.columns & case_columns)
    return member


def group_in(member: Membership, declared: Metric) -> list[str]:
    """What tells the group of a case in a metric: :func:`mpp_cli.counting.group_of` reads it."""
    known = {count.name for count in member.available}
    answered = [
        each
        for each in declared.measures
        if {count.name for count in replace(declared, measures=(each,), parts=()).every_count}
        <= known
    ]
    dated = event_date(declared, answered or declared.measures)
    return counting.group_keys(member.question, dated)


def by_the_day(count: Count) -> str:
    """That every date a count needs lies on or before ``$as_of``; never NULL."""
    return " AND ".join(f"COALESCE({date} <= $as_of, FALSE)" for date in count.dates) or "TRUE"


def verdict(count: Count, question: Question) -> str:
    """The verdict on a case as SQL: the first rule that fails, or that it is counted."""
    steps = []
    if question.where:
        steps.append((counting.WHERE.id, counting.conditions(question).sql))
    steps += [(rule.id, rule.keeps) for rule in count.all_rules]
    steps.append((counting.AS_OF.id, counting.counted(count)))
    whens = " ".join(f"WHEN NOT ({keeps}) THEN '{name}'" for name, keeps in steps)
    return f"CASE {whens} ELSE '{COUNTED}' END"


def verdicts_query(member: Membership, keys: Sequence[str] = ()) -> Query:
    """The verdicts of the available counts on a page of cases, in the order of their ids.

    After them stand the ``keys`` of the group of each case.
    """
    columns = "".join(
        f",\n  {verdict(count, member.question)} AS {count.name}" for count in member.available
    )
    return Query(
        "verdicts",
        "Each case with what every count makes of it.",
        f"SELECT {', '.join([f'case_id{columns}', *keys])}\nFROM case_history\n"
        f"WHERE case_id > $after\nORDER BY case_id\nLIMIT {PAGE}",
        {"as_of": member.as_of, "after": "", **counting.conditions(member.question).parameters},
    )


def verdicts(
    member: Membership, keys: Sequence[str] = ()
) -> Iterator[tuple[str | int | None, ...]]:
    """Each used case, its group, and its verdict per count, in the order of ``member.counts``.

    No more than a page of them is in memory.
    """
    query = verdicts_query(member, keys)
    places = {count.name: place for place, count in enumerate(member.available, start=1)}
    after, full = "", True
    while full:
        page = member.judgement.dataset.engine.fetch(
            query.sql, **{**query.parameters, "after": after}
        )
        for row in page:
            yield (
                row[0],
                *counting.group_of(member.question, row[len(places) + 1 :]),
                *(
                    row[places[count.name]] if count.name in places else UNAVAILABLE
                    for count in member.counts
                ),
            )
        full = len(page) == PAGE
        after = page[-1][0] if page else after
