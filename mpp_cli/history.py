"""The case history: one row per used case, with the dates that matter.

It holds nothing that depends on the as-of date, so it is built once and
answers every date, breakdown and variant. It is made by UNION ALL of the
events and one GROUP BY: no join, so no case is counted twice.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Collection
from dataclasses import dataclass

from mpp_cli.engines.base import identifier
from mpp_cli.results import Query
from mpp_cli.sources.dataset import Dataset
from mpp_cli.sources.schema import table
from mpp_cli.sources.tables import STORED_AS

#: How a completion counts, by its outcome and by what its source calls it.
#: change_of_venue and transferred are never completions; administrative
#: closures and failures to prosecute are not by default.
COMPLETION_CLASS = """CASE
    WHEN outcome IN ('change_of_venue', 'transferred') THEN 'none'
    WHEN completion_type = 'subsequent' THEN 'subsequent'
    WHEN outcome IN ('administratively_closed', 'failure_to_prosecute') THEN outcome
    ELSE 'initial' END"""

#: Completions that can count: the initial one and those after it.
COUNTABLE = f"({COMPLETION_CLASS}) IN ('initial', 'subsequent')"

#: The place of a completion among those of its case that can be the initial
#: one: by date, then what the source calls initial, then the order of the files.
INITIAL_RANK = f"""ROW_NUMBER() OVER (
    PARTITION BY case_id, ({COMPLETION_CLASS})
    ORDER BY completion_date, CASE WHEN completion_type = 'initial' THEN 0 ELSE 1 END, _file, _line
  )"""

_IS_INITIAL = f"({COMPLETION_CLASS}) = 'initial' AND {INITIAL_RANK} = 1"

#: The place of a completion among all of its case that count.
_COUNTABLE_RANK = f"""ROW_NUMBER() OVER (
    PARTITION BY case_id, {COUNTABLE} ORDER BY completion_date, _file, _line
  )"""

_NEXT_COMPLETION = f"""LEAD(completion_date) OVER (
    PARTITION BY case_id, {COUNTABLE} ORDER BY completion_date, _file, _line
  )"""

RELIEF_KINDS = "relief_type IN ('asylum', 'statutory_withholding', 'cat_withholding')"


@dataclass(frozen=True)
class HistoryColumn:
    """One column of the case history and the rows that it is made from.

    ``each`` is computed per row of ``table``, ``over`` joins the rows of a case.
    ``needs`` are the table's columns without which the column does not exist.
    Only a column whose ``each`` speaks of ``$as_of`` depends on that date.
    """

    name: str
    table: str
    each: str
    over: str
    type: str
    needs: tuple[str, ...] = ()


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


def _first_completion(name: str, outcome: str) -> HistoryColumn:
    """The first completion of a class that is no initial completion by default."""
    return HistoryColumn(
        name,
        "completions",
        f"CASE WHEN ({COMPLETION_CLASS}) = '{outcome}' THEN completion_date END",
        "min",
        "DATE",
        ("outcome",),
    )


#: What the figures beyond the document and the variants speak of.
_FURTHER = (
    HistoryColumn("enrolled_date", "cases", "enrolled_date", "max", "DATE", ("enrolled_date",)),
    HistoryColumn(
        "nta_issued_date", "cases", "nta_issued_date", "max", "DATE", ("nta_issued_date",)
    ),
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
        f"CASE WHEN {_IS_INITIAL} THEN CASE WHEN in_absentia THEN 1 "
        "WHEN NOT in_absentia THEN 0 END END",
        "max",
        "INTEGER",
        ("outcome", "in_absentia"),
    ),
    HistoryColumn(
        "second_completion_date",
        "completions",
        f"CASE WHEN {COUNTABLE} AND {_COUNTABLE_RANK} = 2 THEN completion_date END",
        "max",
        "DATE",
        ("outcome",),
    ),
    _first_completion("closure_date", "administratively_closed"),
    _first_completion("failure_date", "failure_to_prosecute"),
    HistoryColumn(
        "open_again",
        "completions",
        f"CASE WHEN {COUNTABLE} AND completion_date <= $as_of AND reopened_date <= $as_of\n"
        f"    AND COALESCE({_NEXT_COMPLETION} > $as_of, TRUE) THEN 1 ELSE 0 END",
        "max",
        "INTEGER",
        ("outcome", "reopened_date"),
    ),
    HistoryColumn(
        "cat_deferral_date",
        "grants",
        "CASE WHEN relief_type = 'cat_deferral' THEN granted_date END",
        "min",
        "DATE",
    ),
    HistoryColumn("first_grant_date", "grants", "granted_date", "min", "DATE"),
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
        HistoryColumn("first_referral_date", "referrals", "referred_date", "min", "DATE"),
        *_FURTHER,
    )
}

#: Columns that are made from others of the same case, and those others.
DERIVED: dict[str, tuple[str, tuple[str, ...]]] = {
    "merits_date": (
        "LEAST(relief_date, CASE WHEN initial_outcome IN ('relief_granted', 'removal_ordered', "
        "'voluntary_departure') THEN initial_completion_date END)",
        ("relief_date", "initial_outcome", "initial_completion_date"),
    ),
    "placed_date": (
        "COALESCE(enrolled_date, nta_filed_date)",
        ("enrolled_date", "nta_filed_date"),
    ),
    "completion_or_closure_date": (
        "LEAST(initial_completion_date, closure_date)",
        ("initial_completion_date", "closure_date"),
    ),
    "completion_or_failure_date": (
        "LEAST(initial_completion_date, failure_date)",
        ("initial_completion_date", "failure_date"),
    ),
    "relief_or_deferral_date": (
        "LEAST(relief_date, cat_deferral_date)",
        ("relief_date", "cat_deferral_date"),
    ),
}

#: Histories with a row per event, its case's columns beside its own: their
#: table and its columns. They stand beside the case history for what counts events.
EVENTS: dict[str, tuple[str, str]] = {
    "completion_history": (
        "completions",
        f"{COMPLETION_CLASS} AS event_class, completion_date AS event_date,\n"
        f"  {INITIAL_RANK} AS event_rank",
    ),
    "referral_history": ("referrals", "referred_date AS event_date"),
}


def dimension(name: str) -> str:
    """The column of the case history that holds a column of ``cases`` to group or filter by."""
    return identifier(f"by_{name}")


def build(
    dataset: Dataset,
    names: Collection[str],
    dimensions: Collection[str],
    as_of: datetime.date | None = None,
) -> Query:
    """Make the table ``case_history`` with these columns and columns of ``cases``.

    Returns the query whose rows it holds. ``as_of`` is for the columns that
    depend on it.
    """
    columns = [COLUMNS[name] for name in COLUMNS if name in names]
    columns += [_dimension_column(name) for name in dimensions]
    branches = [
        _branch(name, columns)
        for name in ("cases", "completions", "grants", "referrals")
        if name == "cases" or any(column.table == name for column in columns)
    ]
    folded = "".join(
        f",\n  {column.over}({identifier(column.name)}) AS {identifier(column.name)}"
        for column in columns
    )
    events = "\n  UNION ALL\n  ".join(branches)
    sql = f"SELECT case_id{folded}\nFROM (\n  {events}\n) events\nGROUP BY case_id"
    derived = "".join(
        f",\n  {made} AS {name}" for name, (made, of) in DERIVED.items() if {*of} <= {*names}
    )
    if derived:
        sql = f"SELECT folded.*{derived}\nFROM (\n{sql}\n) folded"
    dated = "$as_of" in sql
    query = Query(
        "case_history",
        "One row for each case, with the dates that matter; "
        + ("as things stood on the as-of date." if dated else _UNDATED),
        sql,
        {"as_of": as_of} if dated else {},
    )
    dataset.engine.create_from("case_history", query.sql, **query.parameters)
    return query


_UNDATED = "it does not depend on the as-of date."


def build_events(dataset: Dataset, name: str) -> Query:
    """Make the history of one kind of event (see :data:`EVENTS`) from the case history."""
    table_name, columns = EVENTS[name]
    query = Query(
        name,
        f"One row for each row of {table_name}, with the columns of its case.",
        f"SELECT h.*, {', '.join(_named(columns))}\nFROM (SELECT case_id AS event_case, {columns}\n"
        f"  FROM used_{table_name}) e\nJOIN case_history h ON h.case_id = e.event_case",
        {},
    )
    dataset.engine.create_from(name, query.sql)
    return query


def _dimension_column(name: str) -> HistoryColumn:
    known = table("cases").column(name)
    kind = STORED_AS[known.kind] if known else "VARCHAR"
    each = identifier(table("cases").stored(name))
    if name == "docket":
        each = "COALESCE(docket, 'mpp')"
    return HistoryColumn(f"by_{name}", "cases", each, "max", kind)


def _branch(name: str, columns: list[HistoryColumn]) -> str:
    chosen = "".join(
        f", {column.each if column.table == name else f'CAST(NULL AS {column.type})'} "
        f"AS {identifier(column.name)}"
        for column in columns
    )
    return f"SELECT case_id{chosen} FROM used_{name}"


def _named(columns: str) -> list[str]:
    """The names that a list of expressions gives its columns."""
    return re.findall(r"AS (event_\w+)", columns)
