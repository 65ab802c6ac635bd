"""The columns of the case history: what each is made from, and of which rows."""

from __future__ import annotations

from mpp_cli.dataset import variant_columns
from mpp_cli.dataset.history_terms import (
    COMPLETION_CLASS,
    COUNTABLE,
    IN_ABSENTIA,
    INITIAL_RANK,
    RELIEF_KINDS,
    Derived,
    HistoryColumn,
    countable_rank,
    merits,
)

_IS_INITIAL = f"({COMPLETION_CLASS}) = 'initial' AND {INITIAL_RANK} = 1"


def _outcome_date(outcome: str) -> HistoryColumn:
    """When a referral of the case first had an outcome, which it has not before it is made."""
    known = f"outcome = '{outcome}' AND outcome_date IS NOT NULL"
    return HistoryColumn(
        f"{outcome}_date",
        "referrals",
        f"CASE WHEN {known} THEN GREATEST(referred_date, outcome_date) END",
        "min",
        "DATE",
        ("outcome", "outcome_date"),
    )


#: What tells the events of a case that a count leaves out, and a completion before the NTA.
_LATER = (
    HistoryColumn("first_completion_date", "completions", "completion_date", "min", "DATE"),
    HistoryColumn(
        "countable_completions",
        "completions",
        f"CASE WHEN {COUNTABLE} THEN 1 END",
        "count",
        "INTEGER",
        ("outcome",),
    ),
    HistoryColumn(
        "last_countable_date",
        "completions",
        f"CASE WHEN {COUNTABLE} THEN completion_date END",
        "max",
        "DATE",
        ("outcome",),
    ),
    HistoryColumn(
        "relief_grants", "grants", f"CASE WHEN {RELIEF_KINDS} THEN 1 END", "count", "INTEGER"
    ),
    HistoryColumn(
        "last_relief_date",
        "grants",
        f"CASE WHEN {RELIEF_KINDS} THEN granted_date END",
        "max",
        "DATE",
    ),
    HistoryColumn("referrals", "referrals", "1", "count", "INTEGER"),
    HistoryColumn("last_referral_date", "referrals", "referred_date", "max", "DATE"),
)

#: What the figures beyond the document speak of.
_FURTHER = (
    HistoryColumn(
        "representation_date",
        "cases",
        "representation_date",
        "max",
        "DATE",
        ("representation_date",),
    ),
    HistoryColumn(
        "initial_outcome",
        "completions",
        f"CASE WHEN {_IS_INITIAL} THEN outcome END",
        "max",
        "VARCHAR",
        ("outcome",),
    ),
    HistoryColumn(
        "initial_in_absentia",
        "completions",
        f"CASE WHEN {_IS_INITIAL} THEN {IN_ABSENTIA} END",
        "max",
        "INTEGER",
        ("outcome", "in_absentia"),
    ),
    HistoryColumn(
        "second_completion_date",
        "completions",
        f"CASE WHEN {COUNTABLE} AND {countable_rank(COUNTABLE)} = 2 THEN completion_date END",
        "max",
        "DATE",
        ("outcome",),
    ),
    *map(_outcome_date, ("positive", "negative", "closed")),
)

#: Everything that a rule may speak of.
COLUMNS: dict[str, HistoryColumn] = {
    column.name: column
    for column in (
        HistoryColumn("docket", "cases", "COALESCE(docket, 'mpp')", "max", "VARCHAR"),
        HistoryColumn(
            "nta_filed_date", "cases", "nta_filed_date", "max", "DATE", ("nta_filed_date",)
        ),
        HistoryColumn("completions", "completions", "1", "count", "INTEGER"),
        HistoryColumn(
            "initial_completion_date",
            "completions",
            f"CASE WHEN {COMPLETION_CLASS} = 'initial' THEN completion_date END",
            "min",
            "DATE",
            ("outcome",),
        ),
        HistoryColumn("grants", "grants", "1", "count", "INTEGER"),
        HistoryColumn(
            "relief_date",
            "grants",
            f"CASE WHEN {RELIEF_KINDS} THEN granted_date END",
            "min",
            "DATE",
        ),
        HistoryColumn(
            "unknown_relief_date",
            "grants",
            "CASE WHEN relief_type = 'unknown' THEN granted_date END",
            "min",
            "DATE",
        ),
        HistoryColumn("first_referral_date", "referrals", "referred_date", "min", "DATE"),
        *_LATER,
        *_FURTHER,
        *variant_columns.COLUMNS,
    )
}


#: Columns that are made from others of the same case, and those others.
DERIVED: dict[str, Derived] = {"merits_date": merits(), **variant_columns.DERIVED}

#: Histories with a row per event, its case's columns beside its own: their
#: table and its columns. They stand beside the case history for what counts events.
EVENTS: dict[str, tuple[str, str]] = {
    "completion_history": (
        "completions",
        f"{COMPLETION_CLASS} AS event_class, completion_date AS event_date,\n"
        f"  {INITIAL_RANK} AS event_rank{variant_columns.EVENT_COLUMNS}",
    ),
    "referral_history": ("referrals", "referred_date AS event_date"),
}
