"""Rows to figures: the four goals' measures, their ledgers and their groups."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

from . import values
from .model import EncounterYear, Expected, Key, Ledger, Refused, Value
from .tables import Row, Table, encounter_month, load

__all__ = ["Refused", "compute", "default_as_of"]

TIME_COLUMNS = ("month", "quarter", "fiscal_year", "calendar_year")
RULES = {
    "relief_granted": (
        "mpp-docket",
        "nta-filed-only",
        "no-grant",
        "relief-unknown",
        "relief-kinds",
        "as-of",
    ),
    "aliens_referred": ("mpp-docket", "no-referral", "as-of"),
    "total_enrolled": ("mpp-docket", "nta-filed-only", "as-of"),
    "cases_completed": (
        "mpp-docket",
        "nta-filed-only",
        "no-completion",
        "initial-completions-only",
        "as-of",
    ),
}
METRICS = {
    "relief-granted": ("relief_granted",),
    "non-refoulement-referrals": ("aliens_referred",),
    "completion-rate": ("total_enrolled", "cases_completed", "completion_percentage"),
    "total-enrolled": ("total_enrolled",),
}
ENROLLED: dict[str, tuple[str, ...]] = {"cases": ("nta_filed_date", "docket")}
COMPLETED = {**ENROLLED, "completions": ("completion_date", "outcome", "completion_type")}
# The columns that each measure's rules and dates speak of.
NEEDS: dict[str, dict[str, tuple[str, ...]]] = {
    "relief_granted": {**ENROLLED, "grants": ("granted_date", "relief_type")},
    "aliens_referred": {"cases": ("docket",), "referrals": ("referred_date",)},
    "total_enrolled": ENROLLED,
    "cases_completed": COMPLETED,
    "completion_percentage": COMPLETED,
    "encounters": {"encounters": ("fiscal_year", "month", "component", "encounters")},
}
# Where a file has none of these, all its values are blank.
MAY_BE_ABSENT = {"docket", "completion_type"}


@dataclass
class Case:
    """One used case with the facts that its measures ask for."""

    row: Row
    is_mpp: bool
    nta: date | None
    has_grant: bool
    has_unknown_grant: bool
    relief: date | None
    has_completion: bool
    completed: date | None
    referred: date | None


def compute(
    files: list[Path],
    as_of: date,
    *,
    by: list[str] | None = None,
    where: dict[str, str] | None = None,
    measure: str | None = None,
    limited: bool = False,
) -> Expected:
    """Compute everything for these files as of a day, the day included.

    `by` names columns of cases or periods of the event; `where` keeps the cases whose column has
    that value; `measure` groups that one measure by its own event; `limited` says that a limit was
    given of what may be set aside. Raises Refused.
    """
    by = by or []
    tables = load(files, limited=limited)
    unavailable = frozenset(name for name in NEEDS if is_unavailable(tables, name))
    everyone = build_cases(tables)
    cases = [
        case
        for case in everyone
        if all(column_value(case, name) == (value or None) for name, value in (where or {}).items())
    ]
    elsewhere = (("where", len(everyone) - len(cases)),) if where else ()
    figures: dict[str, Value] = {}
    ledgers: dict[str, Ledger] = {}
    for name, rules in RULES.items():
        if name not in unavailable:
            ledgers[name] = ledger_of(cases, name, rules, as_of, elsewhere)
            figures[name] = ledgers[name].counted
    years: dict[int, EncounterYear] = {}
    if "encounters" not in unavailable:
        table = tables["encounters"]
        years, figure, ledger = encounters(table.rows, table.set_aside, as_of)
        if is_lost(table.rows, table.set_aside, as_of, values.fiscal_year_of(as_of)):
            unavailable |= {"encounters"}
        else:
            figures["encounters"], ledgers["encounters"] = figure, ledger
    figures.update(dict.fromkeys(unavailable))
    figures["completion_percentage"] = (
        None if "completion_percentage" in unavailable else percentage(figures)
    )
    wanted = METRICS if measure is None else {measure: (measure,)}
    groups = {
        metric: group(cases, measures, by, as_of)
        for metric, measures in wanted.items()
        if by and not unavailable.intersection(measures)
    }
    accounts = {f.account.name: f.account for table in tables.values() for f in table.files}
    unread = frozenset(
        (name, column)
        for name, table in tables.items()
        for column in table.held
        if table.is_unread(column)
    )
    return Expected(as_of, accounts, figures, unavailable, unread, ledgers, years, groups)


def default_as_of(files: list[Path], today: date) -> date | None:
    """Return the latest date of a used NTA, completion, grant or referral up to today."""
    columns = {
        "cases": "nta_filed_date",
        "completions": "completion_date",
        "grants": "granted_date",
        "referrals": "referred_date",
    }
    days = [
        row.date(columns[name])
        for name, table in load(files).items()
        if name in columns
        for row in table.rows
    ]
    return max((day for day in days if day is not None and day <= today), default=None)


def is_unavailable(tables: dict[str, Table], measure: str) -> bool:
    """Say whether a table or column that the measure needs is not there, or could not be read."""
    return any(
        name not in tables
        or tables[name].is_lost()
        or any(
            tables[name].is_unread(column)
            or (column not in MAY_BE_ABSENT and tables[name].lacks(column))
            for column in columns
        )
        for name, columns in NEEDS[measure].items()
    )


def build_cases(tables: dict[str, Table]) -> list[Case]:
    """Gather the events of each used case."""
    events: dict[str, dict[str, list[Row]]] = {}
    for name in ("grants", "completions", "referrals"):
        events[name] = defaultdict(list)
        for row in tables[name].rows if name in tables else []:
            events[name][row.text("case_id")].append(row)
    cases = []
    for row in tables["cases"].rows if "cases" in tables else []:
        case_id = row.text("case_id")
        grants = events["grants"][case_id]
        completions = events["completions"][case_id]
        case = Case(
            row=row,
            is_mpp=row.enumeration("docket") in ("", "mpp"),
            nta=row.date("nta_filed_date"),
            has_grant=bool(grants),
            has_unknown_grant=any(g.enumeration("relief_type") == "unknown" for g in grants),
            relief=earliest(
                [
                    g
                    for g in grants
                    if g.enumeration("relief_type") in values.RELIEF_OF_THE_DOCUMENT
                ],
                "granted_date",
            ),
            has_completion=bool(completions),
            completed=earliest([c for c in completions if can_be_initial(c)], "completion_date"),
            referred=earliest(events["referrals"][case_id], "referred_date"),
        )
        cases.append(case)
    return cases


def can_be_initial(completion: Row) -> bool:
    """Say whether a completion may be a case's initial one."""
    return (
        completion.enumeration("outcome") not in values.NEVER_INITIAL
        and completion.enumeration("completion_type") != "subsequent"
    )


def earliest(rows: list[Row], column: str) -> date | None:
    """Return the earliest date of the column, or None when there is no row."""
    return min((day for row in rows if (day := row.date(column)) is not None), default=None)


def failed_rule(case: Case, measure: str, as_of: date) -> str | None:
    """Return the first rule by which the case is not counted, or None when it is."""
    needs_nta = measure != "aliens_referred"
    event = event_date(case, measure)
    if not case.is_mpp:
        return "mpp-docket"
    if needs_nta and case.nta is None:
        return "nta-filed-only"
    if measure == "relief_granted" and event is None:
        if case.has_unknown_grant:
            return "relief-unknown"
        return "relief-kinds" if case.has_grant else "no-grant"
    if measure == "cases_completed" and event is None:
        return "initial-completions-only" if case.has_completion else "no-completion"
    if event is None:
        return "no-referral"
    if event > as_of or (needs_nta and case.nta is not None and case.nta > as_of):
        return "as-of"
    return None


def event_date(case: Case, measure: str) -> date | None:
    """Return the date of the event that the measure counts."""
    return {
        "relief_granted": case.relief,
        "aliens_referred": case.referred,
        "total_enrolled": case.nta,
        "cases_completed": case.completed,
        "completion_percentage": case.nta,
    }[measure]


def ledger_of(
    cases: list[Case],
    measure: str,
    rules: tuple[str, ...],
    as_of: date,
    elsewhere: tuple[tuple[str, int], ...],
) -> Ledger:
    """Count the cases by the first rule that they fail; those `elsewhere` stand before them."""
    failed = [failed_rule(case, measure, as_of) for case in cases]
    return Ledger(
        population=len(cases) + sum(count for _, count in elsewhere),
        excluded=elsewhere + tuple((rule, failed.count(rule)) for rule in rules),
        counted=failed.count(None),
    )


def percentage(figures: dict[str, Value]) -> Fraction | None:
    """Return completed over enrolled, or None of nobody enrolled."""
    completed, enrolled = figures["cases_completed"], figures["total_enrolled"]
    if not enrolled or completed is None:
        return None
    return Fraction(completed) / Fraction(enrolled)


def percent_shown(value: Value) -> str:
    """Write a share as a whole percent: a part is not the whole, and something is not nothing."""
    if value is None:
        return "n/a"
    if value in (0, 1):
        return f"{value * 100}%"
    rounded = int(value * 100 + Fraction(1, 2))
    return {0: "<1%", 100: ">99%"}.get(rounded, f"{rounded}%")


def group(
    cases: list[Case], measures: tuple[str, ...], by: list[str], as_of: date
) -> dict[Key, dict[str, Value]]:
    """Split the measures by the columns; the first measure is the denominator of a ratio."""
    counts = [name for name in measures if name != "completion_percentage"]
    if not counts:
        counts = ["total_enrolled", "cases_completed"]
    groups: dict[Key, dict[str, Value]] = {}
    for name in counts:
        for case in cases:
            if failed_rule(case, name, as_of) is None:
                day = event_date(case, counts[0])
                assert day is not None
                key = tuple(
                    period(day, column) if column in TIME_COLUMNS else column_value(case, column)
                    for column in by
                )
                groups.setdefault(key, dict.fromkeys(counts, 0))
                groups[key][name] = (groups[key][name] or 0) + 1
    if "completion_percentage" in measures:
        for numbers in groups.values():
            numbers["completion_percentage"] = percentage(numbers)
    return groups


def period(day: date, column: str) -> str | int:
    """Return the period of the column that the day is in."""
    return {
        "month": f"{day.year:04}-{day.month:02}",
        "quarter": f"{day.year:04}-Q{(day.month + 2) // 3}",
        "fiscal_year": values.fiscal_year_of(day),
        "calendar_year": day.year,
    }[column]


def column_value(case: Case, column: str) -> str | None:
    """Return the value of a column of cases as it is shown, or None when it is blank."""
    text = case.row.text(column)
    if column == "docket":
        return case.row.enumeration("docket") or "mpp"
    if column == "component":
        return values.COMPONENTS.get(case.row.enumeration("component"))
    return text or None


def has_ended(fiscal_year: int, month: int, as_of: date) -> bool:
    """Say whether a month of a fiscal year ends on the as-of date or before."""
    tomorrow = as_of + timedelta(days=1)
    calendar_year = fiscal_year - 1 if month >= 10 else fiscal_year
    return (calendar_year, month) < (tomorrow.year, tomorrow.month)


def is_lost(rows: list[Row], set_aside: list[Row], as_of: date, year: int) -> bool:
    """Say whether a component's rows of a fiscal year were there, and all of them were set aside.

    Months that end later do not matter; a month that cannot be read may be any. A row whose fiscal
    year cannot be read may be any year's, unless its component has rows of other years.
    """
    months = [encounter_month(row) for row in rows]
    used = {
        component
        for used_year, month, component in months
        if used_year == year and has_ended(year, month, as_of)
    }
    anywhere = {component for _, _, component in months}
    for row in set_aside:
        component = values.COMPONENTS.get(row.enumeration("component"))
        month = values.read_month(row.text("month"))
        if not component or component in used or (month and not has_ended(year, month, as_of)):
            continue
        of_year = values.read_fiscal_year(row.text("fiscal_year"))
        if of_year == year or (of_year is None and component not in anywhere):
            return True
    return False


def encounters(
    rows: list[Row], set_aside: list[Row], as_of: date
) -> tuple[dict[int, EncounterYear], int | None, Ledger]:
    """Return the years' encounters, the figure of the year that holds the day, and its ledger.

    A component that a year does not have is None, and so is the sum where one was lost.
    """
    headline_year = values.fiscal_year_of(as_of)
    totals: dict[int, Counter[str]] = defaultdict(Counter)
    months: dict[int, set[int]] = defaultdict(set)
    not_yet = later_years = 0
    for row in rows:
        fiscal_year, month, component = encounter_month(row)
        count = values.read_count(row.text("encounters")) or 0
        if has_ended(fiscal_year, month, as_of):
            totals[fiscal_year][component] += count
            months[fiscal_year].add(month)
        elif fiscal_year == headline_year:
            not_yet += count
        else:
            later_years += count
    years = {
        year: EncounterYear(
            usbp=total.get("USBP"),
            ofo=total.get("OFO"),
            encounters=None if is_lost(rows, set_aside, as_of, year) else total.total(),
            months=len(months[year]),
        )
        for year, total in totals.items()
    }
    counted = totals[headline_year].total()
    headline = counted if headline_year in years else None
    other = later_years + sum(
        total.total() for year, total in totals.items() if year != headline_year
    )
    ledger = Ledger(
        population=counted + other + not_yet,
        excluded=(("fiscal-year", other), ("as-of", not_yet)),
        counted=counted,
    )
    return years, headline, ledger
