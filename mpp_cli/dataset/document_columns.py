"""What the document's goals need of the case history: told by their declarations alone."""

from __future__ import annotations

import re
from collections.abc import Iterable

from mpp_cli.dataset.history_columns import COLUMNS, DERIVED
from mpp_cli.goals import GOALS
from mpp_cli.goals.definitions import Count, Metric

#: What the rows of the data are judged by: orphans by the events that each case has,
#: early NTAs and completions by their dates.
_ROWS_JUDGED = ("completions", "grants", "referrals", "nta_filed_date", "first_completion_date")


def history_columns(count: Count) -> set[str]:
    """The columns of the case history that a count's rules speak of, or are made of."""
    spoken = " ".join((*(rule.keeps for rule in count.all_rules), *count.dates))
    if count.events:
        spoken += f" {count.events.number} {count.events.last}"
    words = {*re.findall(r"[a-z_]+", spoken)}
    words |= {name for word in words & DERIVED.keys() for name in DERIVED[word][1]}
    return words & COLUMNS.keys()


def _of_document() -> tuple[str, ...]:
    counts = [c for goal in GOALS for metric in goal.metrics for c in metric.every_count]
    needed = {name for count in counts for name in history_columns(count)} | {*_ROWS_JUDGED}
    return tuple(name for name in COLUMNS if name in needed and not _is_dated(name))


def _is_dated(name: str) -> bool:
    """Whether a column depends on the as-of date: no history for every date has it."""
    return "$as_of" in COLUMNS[name].each


#: The columns that answer the document's goals as of every date, its balances and warnings
#: included: the one history that is made of any data, and kept.
DOCUMENT = _of_document()


def are_answered(metrics: Iterable[Metric]) -> bool:
    """Whether the history with the columns of :data:`DOCUMENT` answers all of these metrics."""
    counts = [count for metric in metrics for count in metric.every_count]
    return all(
        count.table == "case_history" and history_columns(count) <= {*DOCUMENT} for count in counts
    )
