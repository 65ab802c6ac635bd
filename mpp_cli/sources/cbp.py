"""CBP's encounter CSVs as CBP publishes them, read as the table ``encounters``.

Four shapes have been published. All count encounters by fiscal year and month;
they differ in what else they tell apart. Every column but the count and the
month grouping tells rows apart, and rows are summed to months.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from mpp_cli.sources.schema import Table

#: CBP's headings (as headers are normalised) and the columns of ``encounters``
#: that they are. The month grouping ("FYTD", "Remaining") says how far the
#: newest year reached when the file was made: it is never a filter and no key.
_RENAMED = {
    "month_(abbv)": "month",
    "month_(abbv.)": "month",
    "encounter_count": "encounters",
    "citizenship_grouping": "citizenship",
    "land_border_region": "region",
    "month_grouping": "",
}


@dataclass(frozen=True)
class Shape:
    """One of the published shapes: the columns by which it is told from the others."""

    kind: str
    has: frozenset[str]
    lacks: frozenset[str]


#: From the most to the least particular.
SHAPES = (
    Shape("cbp-nationwide", frozenset({"region", "area_of_responsibility"}), frozenset()),
    Shape("cbp-nationwide-state", frozenset({"region", "state"}), frozenset({"component"})),
    Shape("cbp-southwest", frozenset({"component"}), frozenset({"region"})),
)


def described(encounters: Table) -> Table:
    """The table ``encounters`` as CBP fills it: a row without a border region is not southwest.

    In mpp's own format a blank region is southwest. CBP's files name the
    southwest border where they mean it.
    """
    columns = (
        replace(column, default=None) if column.kind == "region" else column
        for column in encounters.columns
    )
    return replace(encounters, columns=tuple(columns))


def recognise(header: list[str]) -> tuple[str, list[str]] | None:
    """The kind of a CBP file and its header in the names of ``encounters``.

    ``header`` is normalised. None when it is not a header of CBP's.
    """
    needed = {"fiscal_year", "encounter_count"}
    if not needed <= set(header) or not {"month_(abbv)", "month_(abbv.)"} & set(header):
        return None
    renamed = [_RENAMED.get(name, name) for name in header]
    for shape in SHAPES:
        if shape.has <= set(renamed) and not shape.lacks & set(renamed):
            return shape.kind, renamed
    return None
