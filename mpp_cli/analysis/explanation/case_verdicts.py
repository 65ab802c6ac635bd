"""Every case with the verdict of every count: the ledger, one case at a time.

The predicates are those that :mod:`mpp_cli.metrics.counts` counts with, so that the
verdicts of all cases add up to the ledger.
"""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from mpp_cli.common.periods import LABELS
from mpp_cli.dataset import case_history
from mpp_cli.dataset.validated import Judgement
from mpp_cli.goals.definitions import Count, Metric, event_date
from mpp_cli.metrics import counts as counting
from mpp_cli.metrics.query import Question, column_of
from mpp_cli.results.case_explanation import COUNTED, UNAVAILABLE

#: Cases that are fetched at once.
PAGE = 50_000


def counts_of(declared: Metric) -> tuple[Count, ...]:
    """Every count of cases behind a metric, each once; a count of events judges no case."""
    return tuple(count for count in declared.every_count if count.table not in case_history.EVENTS)


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
        case_history.build(dataset, columns, narrowed.columns & case_columns)
    return member


def group_in(member: Membership, declared: Metric) -> list[str]:
    """What tells the group of a case in a metric, for :func:`mpp_cli.metrics.counts.group_of`."""
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
    whens = " ".join(f"WHEN NOT ({keeps}) THEN '{name}'" for name, keeps in _steps(count, question))
    return f"CASE {whens} ELSE '{COUNTED}' END"


def _steps(count: Count, question: Question) -> list[tuple[str, str]]:
    """The rules that a case must pass, in their order: the id of each, and what it keeps."""
    where = [(counting.WHERE.id, counting.conditions(question).sql)] if question.where else []
    rules = [(rule.id, rule.keeps) for rule in count.all_rules]
    return [*where, *rules, (counting.AS_OF.id, counting.counted(count))]


def verdicts(
    member: Membership, keys: Sequence[str] = ()
) -> Iterator[tuple[str | int | None, ...]]:
    """Each used case, its group, and its verdict per count, in the order of ``member.counts``.

    No more than a page of them is in memory. They are those of this moment, whatever the
    data are asked while they are read: the verdicts are a table of their own, which goes
    when it was read to its end, or when nobody reads on.
    """
    engine, question = member.judgement.dataset.engine, member.question
    table = f"verdicts_{next(_NUMBERS)}"
    words, columns = {}, ["case_id"]
    for place, count in enumerate(member.available):
        steps = _steps(count, question)
        # A number is all that the table holds of a verdict: there is one for every case.
        whens = " ".join(
            f"WHEN NOT ({keeps}) THEN {number}" for number, (_, keeps) in enumerate(steps)
        )
        columns.append(f"CAST(CASE {whens} ELSE {len(steps)} END AS TINYINT) AS verdict_{place}")
        words[count.name] = place, [*(name for name, _ in steps), COUNTED]
    columns += [f"{key} AS key_{place}" for place, key in enumerate(keys)]
    engine.create_from(
        table,
        f"SELECT {', '.join(columns)} FROM case_history",
        as_of=member.as_of,
        **counting.conditions(question).parameters,
    )
    return _read(member, table, words)


#: Tells the tables of lists apart that are read at the same time.
_NUMBERS = itertools.count()


def _read(
    member: Membership, table: str, words: Mapping[str, tuple[int, Sequence[str]]]
) -> Iterator[tuple[str | int | None, ...]]:
    """The rows of a table of verdicts; ``words`` are the place and the verdicts of each count."""
    engine = member.judgement.dataset.engine
    after, full = "", True
    try:
        while full:
            page = engine.fetch(
                f"SELECT * FROM {table} WHERE case_id > $after ORDER BY case_id LIMIT {PAGE}",
                after=after,
            )
            for case_id, *cells in page:
                said = {name: names[cells[place]] for name, (place, names) in words.items()}
                yield (
                    case_id,
                    *counting.group_of(member.question, cells[len(words) :]),
                    *(said.get(count.name, UNAVAILABLE) for count in member.counts),
                )
            full = len(page) == PAGE
            after = page[-1][0] if page else after
    finally:
        engine.drop(table)
