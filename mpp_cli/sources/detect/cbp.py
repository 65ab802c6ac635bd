"""CBP's encounter CSVs as CBP publishes them, read as the table ``encounters``.

Four shapes have been published, two of which differ in a state only. All count
encounters by fiscal year and month; they differ in what else they tell apart.
Every column but the count and the month grouping tells rows apart, and rows are
summed to months.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from mpp_cli.sources.schema import Table

#: The column that says how far the newest year reached when the file was made ("FYTD",
#: "Remaining"): it is never a filter and no key.
MONTH_GROUPING = "month_grouping"

#: CBP's headings (as headers are normalised) and the columns of ``encounters``
#: that they are.
_RENAMED = {
    "month_(abbv)": "month",
    "month_(abbv.)": "month",
    "encounter_count": "encounters",
    "citizenship_grouping": "citizenship",
    "land_border_region": "region",
    MONTH_GROUPING: "",
}

#: Every other heading that CBP has published beside a count of encounters.
_OTHERS = frozenset(
    "fiscal_year component area_of_responsibility aor_(abbv) state demographic citizenship "
    "title_of_authority encounter_type".split()
)

#: What a heading may be called that says on which border a row is.
_OF_REGION = re.compile(r"(?:^|_)(?:border|region)s?(?:_|$)")


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
    Shape(
        "cbp-southwest",
        frozenset({"component"}),
        frozenset({"region", "area_of_responsibility", "aor_(abbv)", "state"}),
    ),
)


def table_of_kind(kind: str) -> str:
    """The table that a file of a kind is: one of a published shape, or the kind's own name."""
    return "encounters" if kind in {shape.kind for shape in SHAPES} else kind


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
    if not _counts_encounters(header) or unknown_headings(header):
        return None
    renamed = [_RENAMED.get(name, name) for name in header]
    for shape in SHAPES:
        if shape.has <= set(renamed) and not shape.lacks & set(renamed):
            return shape.kind, renamed
    return None


def unknown_headings(header: list[str]) -> list[str]:
    """The headings of a file of CBP's, as it seems, that are in none that CBP has published.

    ``header`` is normalised. Whatever else such a file may be, it is not one of these.
    """
    if not _counts_encounters(header):
        return []
    return [name for name in header if name and name not in _RENAMED and name not in _OTHERS]


def lacks_region(header: list[str]) -> bool:
    """Whether a file of CBP's, as it seems, has places all over the country and no border."""
    places = {"area_of_responsibility", "aor_(abbv)", "state"}
    return (
        _counts_encounters(header)
        and bool(places & {*header})
        and "land_border_region" not in header
    )


def heading_of_region(headings: Iterable[str]) -> str | None:
    """The heading, if any, that may say on which border a row is and that is not read so."""
    return next((each for each in headings if _OF_REGION.search(each)), None)


def _counts_encounters(header: list[str]) -> bool:
    needed = {"fiscal_year", "encounter_count"}
    return needed <= {*header} and bool({"month_(abbv)", "month_(abbv.)"} & {*header})
