"""The case history: one row per used case, with the dates that matter.

It holds nothing that depends on the as-of date, so it is built once and
answers every date, breakdown and variant. It is made by UNION ALL of the
events and one GROUP BY: no join, so no case is counted twice.
"""

from __future__ import annotations

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

RELIEF_KINDS = "relief_type IN ('asylum', 'statutory_withholding', 'cat_withholding')"


@dataclass(frozen=True)
class HistoryColumn:
    """One column of the case history and the rows that it is made from.

    ``each`` is computed per row of ``table``, ``over`` joins the rows of a case.
    ``needs`` are the table's columns without which the column does not exist.
    """

    name: str
    table: str
    each: str
    over: str
    type: str
    needs: tuple[str, ...] = ()


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
    )
}


def dimension(name: str) -> str:
    """The column of the case history that holds a column of ``cases`` to group or filter by."""
    return identifier(f"by_{name}")


def build(dataset: Dataset, names: Collection[str], dimensions: Collection[str]) -> Query:
    """Make the table ``case_history`` with these columns and columns of ``cases``.

    Returns the query whose rows it holds.
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
    query = Query(
        "case_history",
        "One row for each case, with the dates that matter; it does not depend on the as-of date.",
        f"SELECT case_id{folded}\nFROM (\n  {events}\n) events\nGROUP BY case_id",
        {},
    )
    dataset.engine.create_from("case_history", query.sql)
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
