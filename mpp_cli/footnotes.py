"""The footnotes under a metric, in the document's order and with its marks."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Sequence

from mpp_cli.definitions import Metric, Note
from mpp_cli.document_columns import history_columns
from mpp_cli.history import COLUMNS
from mpp_cli.periods import LABELS, long_date
from mpp_cli.question import Question, column_of
from mpp_cli.results import Footnote
from mpp_cli.sources.dataset import Dataset


def footnotes(declared: Metric, as_of: datetime.date, *more: Note) -> tuple[Footnote, ...]:
    """The date first, then the rules that the document speaks of, then the notes."""
    notes = [
        Note("as-of", f"As of {long_date(as_of)}."),
        *(Note(rule.id, rule.footnote or "") for rule in declared.footnote_rules),
        *declared.notes,
        *more,
    ]
    return tuple(
        Footnote(each.id, "*" * place, each.text, each.withheld)
        for place, each in enumerate(notes, start=1)
    )


def of_sources(dataset: Dataset, declared: Metric, by: Sequence[str]) -> tuple[Footnote, ...]:
    """The rules of sources that made the rows which a metric counts, or groups by.

    They are the source's, not the document's, so they have no mark.
    """
    topics = {"cases", *map(column_of, by)}
    for count in declared.every_count:
        for name in history_columns(count):
            topics |= {name, COLUMNS[name].table}
    return tuple(
        Footnote(note.id, "", note.text)
        for settled in dataset.settled
        for note in settled.notes
        if topics & {*note.about}
    )


def given_whole(question: Question, columns: Collection[str], table: str) -> tuple[str, ...]:
    """Said where a metric lacks a column that was asked for and is printed whole."""
    asked = dict.fromkeys((*question.by, *question.where))
    return tuple(
        f"{table} has no column {name}: this metric is shown without the breakdown"
        for name in asked
        if name not in LABELS
        and name not in columns
        and not (table == "cases" and column_of(name) in columns)
    )
