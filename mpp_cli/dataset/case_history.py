"""The case history: one row per used case, with the dates that matter.

It holds nothing that depends on the as-of date, so it is built once and
answers every date, breakdown and variant. The events of each table are folded
to one row per case before they are joined to it, so no case is counted twice.
Measured: this takes half the time of UNION ALL and one GROUP BY over all rows.
What its columns are is said in :mod:`mpp_cli.dataset.history_columns`.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Collection

from mpp_cli.dataset.document_columns import DOCUMENT
from mpp_cli.dataset.history_columns import COLUMNS, DERIVED, EVENTS
from mpp_cli.dataset.history_terms import COMPLETION_CLASS, HistoryColumn
from mpp_cli.engines.base import identifier
from mpp_cli.results.report import Query
from mpp_cli.sources.dataset import Dataset
from mpp_cli.sources.schema import STORED_AS, table

__all__ = [
    "COLUMNS",
    "COMPLETION_CLASS",
    "DERIVED",
    "DOCUMENT",
    "EVENTS",
    "HistoryColumn",
    "build",
    "build_events",
    "dimension",
    "prepare",
]


def dimension(name: str) -> str:
    """The column of the case history that holds a column of ``cases`` to group or filter by."""
    return identifier(f"by_{name}")


def prepare(dataset: Dataset) -> None:
    """See that there is the table ``document_history``.

    It has what the document's figures need and the dimensions of the data, and is made
    when it is first needed: an import, which prints no figure, has none.
    Events whose case is not used are in no row of it.
    """
    if not dataset.engine.columns(_PREPARED):
        query = _query(dataset, DOCUMENT, dataset.dimensions)
        dataset.engine.create_from(_PREPARED, query.sql)


def build(
    dataset: Dataset,
    names: Collection[str],
    dimensions: Collection[str],
    as_of: datetime.date | None = None,
) -> Query:
    """Give the name ``case_history`` to a history with these columns and columns of ``cases``.

    Returns the query whose rows it holds. ``as_of`` is for the columns that
    depend on it. What :func:`prepare` has made is not made again.
    """
    prepare(dataset)
    prepared = dataset.engine.columns(_PREPARED)
    known = [name.removeprefix("by_") for name in prepared if name.startswith("by_")]
    if {*names} <= {*prepared} and {*dimensions} <= {*known}:
        dataset.engine.define("case_history", f"SELECT * FROM {_PREPARED}")
        return _query(dataset, DOCUMENT, known)
    query = _query(dataset, names, dimensions, as_of)
    dataset.engine.create_from("asked_history", query.sql, **query.parameters)
    dataset.engine.define("case_history", "SELECT * FROM asked_history")
    return query


_PREPARED = "document_history"


def _query(
    dataset: Dataset,
    names: Collection[str],
    dimensions: Collection[str],
    as_of: datetime.date | None = None,
) -> Query:
    columns = [COLUMNS[name] for name in COLUMNS if name in names]
    columns += [_dimension_column(name) for name in dimensions]
    listed = ["cases.case_id AS case_id"]
    for column in columns:
        value = f"{column.table}.{identifier(column.name)}"
        if column.table != "cases" and column.over == "count":
            # Half as wide as what count() gives: no case has as many events as that holds.
            value = f"CAST(COALESCE({value}, 0) AS INTEGER)"
        listed.append(f"{value} AS {identifier(column.name)}")
    joined = [f"FROM ({_folded(dataset, 'cases', columns)}) cases"]
    joined += [
        f"LEFT JOIN ({_folded(dataset, name, columns)}) {name} ON {name}.case_id = cases.case_id"
        for name in ("completions", "grants", "referrals")
        if any(column.table == name for column in columns)
    ]
    sql = "SELECT {}\n{}".format(",\n  ".join(listed), "\n".join(joined))
    derived = "".join(
        f",\n  {made} AS {name}" for name, (made, of) in DERIVED.items() if {*of} <= {*names}
    )
    if derived:
        sql = f"SELECT folded.*{derived}\nFROM (\n{sql}\n) folded"
    dated = "$as_of" in sql
    return Query(
        "case_history",
        "One row for each case, with the dates that matter; "
        + ("as things stood on the as-of date." if dated else _UNDATED),
        sql,
        {"as_of": as_of} if dated else {},
    )


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


def _folded(dataset: Dataset, name: str, columns: list[HistoryColumn]) -> str:
    """The rows of one table with their columns of the history, one row for each case."""
    mine = [column for column in columns if column.table == name]
    if not dataset.has(name):
        nothing = "".join(
            f", CAST(NULL AS {column.type}) AS {identifier(column.name)}" for column in mine
        )
        return f"SELECT case_id{nothing} FROM used_cases WHERE FALSE"
    chosen = "".join(f", {column.each} AS {identifier(column.name)}" for column in mine)
    rows = f"SELECT case_id{chosen} FROM used_{name}"
    if name == "cases" and not dataset.is_settled(name):
        return rows  # a row for each case already
    over = "".join(
        f", {column.over}({identifier(column.name)}) AS {identifier(column.name)}"
        for column in mine
    )
    return f"SELECT case_id{over}\n  FROM ({rows}) r GROUP BY case_id"


def _named(columns: str) -> list[str]:
    """The names that a list of expressions gives its columns."""
    return re.findall(r"AS (event_\w+)", columns)
