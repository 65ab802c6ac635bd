"""A table that is not in the data, in the words of who has the data."""

from __future__ import annotations

from collections.abc import Iterable

#: What a figure needs where it needs a table, and the file that it would be.
_NEEDED = {
    "cases": "a list of cases (cases.csv)",
    "completions": "a list of completions (completions.csv)",
    "grants": "a list of grants of relief (grants.csv)",
    "referrals": "a list of referrals to USCIS (referrals.csv)",
    "encounters": "counts of encounters by month (encounters.csv, or a file that CBP publishes)",
    "aggregates": "published figures (a file with as_of, measure and value)",
}

#: What files of a kind contain; of other kinds see :func:`_contained`.
_CONTAINED = {
    "cases": "a list of cases",
    "completions": "completions",
    "grants": "grants of relief",
    "referrals": "referrals to USCIS",
    "encounters": "counts of encounters",
    "aggregates": "published figures",
}


def missing(table: str, kinds: Iterable[str]) -> str:
    """That a figure needs a table which is not in the data, and what files of these kinds hold."""
    *others, last = dict.fromkeys(map(_contained, kinds))
    held = f"{', '.join(others)} and {last}" if others else last
    return f"this figure needs {_NEEDED[table]}; your data contain only {held}"


def _contained(kind: str) -> str:
    if kind.startswith("cbp-"):
        return "CBP encounter counts"
    if kind.startswith("eoir"):
        return "records of the immigration courts"
    return _CONTAINED.get(kind, kind)
