"""Encounters by month, and what may be said of a fiscal year from them."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mpp_cli.common.errors import UsageError
from mpp_cli.common.periods import (
    LABELS,
    fiscal_month_number,
    fiscal_year,
    fiscal_year_of,
    whole_months_by,
)
from mpp_cli.engines.base import Parameter, identifier
from mpp_cli.metrics.conditions import condition, taken
from mpp_cli.metrics.counts import Key, sort_key
from mpp_cli.metrics.lost_years import COMPONENTS, lost_months, lost_year, lost_years
from mpp_cli.metrics.query import MOST_GROUPS, Question
from mpp_cli.results.report import Excluded, Ledger, Query
from mpp_cli.sources.dataset import Dataset
from mpp_cli.sources.schema import table

#: What a row of encounters shows, with its heading.
ROW_MEASURES = (
    ("usbp", "USBP"),
    ("ofo", "OFO"),
    ("encounters", "Encounters"),
    ("months", "Months"),
)


#: The components by the names that their figures have.
_COMPONENTS = {component: component.lower() for component in COMPONENTS}


@dataclass(frozen=True)
class Encounters:
    """Encounters in whole months by a date: the year to date, the rows, the balance.

    ``alone`` are the fiscal years of which the data have one component only, with that one;
    ``lost`` those of which a component could not be read, with the reason.
    """

    year: int
    to_date: int | None
    months: int
    latest: int | None
    rows: Mapping[Key, Mapping[str, int | None]]
    lacks_components: bool
    alone: Mapping[int, str]
    lost: Mapping[int, str]
    by: tuple[str, ...]
    ledger: Ledger


def unavailable(dataset: Dataset, as_of: datetime.date) -> str | None:
    """Why there is no sum of the fiscal year that holds a day, or None when there is one."""
    return dataset.unavailable("encounters") or lost_year(dataset, as_of)


def count_encounters(dataset: Dataset, question: Question, as_of: datetime.date) -> Encounters:
    """Sum the encounters of used rows in months that end by ``as_of``."""
    by = _by(dataset, question)
    query = encounters_query(dataset, question)
    rows = dataset.engine.fetch(query.sql, **query.parameters)
    last, year = whole_months_by(as_of), fiscal_year(as_of.year, as_of.month)
    left_out: dict[str, int] = dict.fromkeys(("where", "fiscal-year", "as-of"), 0)
    found: dict[Key, dict[str, int]] = defaultdict(lambda: dict.fromkeys(dict(ROW_MEASURES), 0))
    months: dict[Key, set[int]] = defaultdict(set)
    held: dict[int, set[str]] = defaultdict(set)
    whole: set[Key] = set()
    to_date, counted_months, latest, population = 0, set(), None, 0
    for row_year, month, component, *values, kept, total in rows:
        total = int(total)
        number = fiscal_month_number(row_year, month)
        population += total
        if number <= last:
            held[row_year].add(component)
        if not kept:
            left_out["where"] += total
            continue
        if number > last:
            # Of what fails both rules, the as-of date comes last.
            left_out["as-of" if row_year == year else "fiscal-year"] += total
            continue
        latest = max(number, latest or number)
        if row_year == year:
            to_date += total
            counted_months.add(number)
        else:
            left_out["fiscal-year"] += total
        rest = iter(values)
        key = tuple(
            LABELS[name](number // 12, month) if name in LABELS else next(rest) for name in by
        )
        if component is None:
            whole.add(key)
        else:
            found[key][component.lower()] += total
        found[key]["encounters"] += total
        months[key].add(number)
    if len(found) > MOST_GROUPS:
        raise UsageError(
            f"--by gives more than {MOST_GROUPS:,} groups",
            hint="group by a column with fewer different values",
        )
    for key, numbers in months.items():
        found[key]["months"] = len(numbers)
    lost, lacking = lost_years(dataset, as_of), lost_months(dataset)
    shown: dict[Key, dict[str, int | None]] = {}
    for key in sorted(found, key=sort_key):
        years = {_fiscal(number)[0] for number in months[key]}
        shown[key] = {**found[key]}
        for component, name in _COMPONENTS.items():
            # Of a month that is only given whole the components are unknown, not 0, and so is
            # one that the data do not have for the year, or of which no row could be read.
            unread = not found[key][name] and any(
                (*_fiscal(number), component) in lacking for number in months[key]
            )
            if key in whole or unread or not any(component in held[year] for year in years):
                shown[key][name] = None
        if any(year in lost for year in years):
            shown[key]["encounters"] = None
    return Encounters(
        year,
        to_date if counted_months else None,
        len(counted_months),
        latest,
        shown,
        bool(whole),
        {
            held_year: next(iter(components))
            for held_year, components in sorted(held.items())
            if len(components) == 1 and None not in components and held_year not in lost
        },
        {year: why for year, why in sorted(lost.items()) if year in held},
        by,
        Ledger("encounters", population, _excluded(left_out, question), to_date),
    )


def _fiscal(number: int) -> tuple[int, int]:
    """The fiscal year and the calendar month of a numbered month."""
    return fiscal_year_of(number), number % 12 + 1


def encounters_query(dataset: Dataset, question: Question) -> Query:
    """The encounters of every month and component, and of every group that is asked for.

    Months of all years are in it: which of them end by the as-of date is judged
    on its rows.
    """
    where, parameters = _conditions(question, dataset.columns("encounters"))
    dimensions = [name for name in _by(dataset, question) if name not in LABELS]
    columns = ", ".join(["fiscal_year", "month", "component", *map(_stored, dimensions)])
    return Query(
        "encounters by month",
        "The months of all years; those that end by the as-of date are picked from its rows.",
        f"SELECT {columns}, ({where}) AS kept, sum(encounters) AS encounters\n"
        f"FROM used_encounters\nGROUP BY {columns}, ({where})",
        parameters,
    )


def _by(dataset: Dataset, question: Question) -> tuple[str, ...]:
    """The columns of the rows; without a time, different fiscal years would be added up."""
    columns = dataset.columns("encounters")
    by = tuple(name for name in question.by if name in LABELS or name in columns)
    return by if any(name in LABELS for name in by) else ("fiscal_year", *by)


def _conditions(
    question: Question, table_columns: Sequence[str]
) -> tuple[str, dict[str, Parameter]]:
    clauses: list[str] = []
    parameters: dict[str, Parameter] = {}
    for place, (column, text) in enumerate(question.where.items()):
        if column not in table_columns:
            continue
        values = taken(question.matched, "encounters", column, text)
        clause, named = condition(_stored(column), values, f"where_{place}")
        clauses.append(clause)
        parameters |= named
    return " AND ".join(clauses) or "TRUE", parameters


def _excluded(left_out: Mapping[str, int], question: Question) -> tuple[Excluded, ...]:
    texts = {
        "where": "encounters that the conditions of --where leave out",
        "fiscal-year": "encounters of other fiscal years",
        "as-of": "encounters in months that end after the as-of date",
    }
    return tuple(
        Excluded(rule, left_out[rule], text)
        for rule, text in texts.items()
        if rule != "where" or question.where
    )


def _stored(column: str) -> str:
    """The SQL name of a column of encounters."""
    return identifier(table("encounters").stored(column))
