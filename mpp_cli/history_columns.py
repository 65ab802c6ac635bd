"""The columns of the case history: what each is made from, and of which rows."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mpp_cli.sources.schema import table

#: How a completion counts, by its outcome and by what its source calls it.
#: change_of_venue and transferred are never completions; administrative
#: closures and failures to prosecute are not by default. One that its source
#: calls subsequent is never the initial one, whatever is counted.
COMPLETION_CLASS = """CASE
    WHEN outcome IN ('change_of_venue', 'transferred') THEN 'none'
    WHEN outcome IN ('administratively_closed', 'failure_to_prosecute')
      THEN CASE WHEN completion_type = 'subsequent' THEN 'closed_again' ELSE outcome END
    WHEN completion_type = 'subsequent' THEN 'subsequent'
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


def _countable_rank(countable: str) -> str:
    """The place of a completion among all of its case that count."""
    return (
        f"ROW_NUMBER() OVER (\n    PARTITION BY case_id, {countable} "
        "ORDER BY completion_date, _file, _line\n  )"
    )


#: The last date of the completions that follow one in its case, of those that had happened.
_LAST_AFTERWARDS = f"""MAX(CASE WHEN completion_date <= $as_of THEN completion_date END) OVER (
    PARTITION BY case_id, {COUNTABLE} ORDER BY completion_date, _file, _line
    ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING
  )"""

#: What some count as completions, too, by the name that columns have for it: cases that
#: were closed administratively or not prosecuted, and of these those not prosecuted.
_CLOSED = {
    "closure": "'administratively_closed', 'failure_to_prosecute'",
    "failure": "'failure_to_prosecute'",
}


def _initial_where_closures_count(kind: str) -> str:
    """Which completion is the initial one of its case."""
    eligible = f"({COMPLETION_CLASS}) IN ('initial', {_CLOSED[kind]})"
    rank = INITIAL_RANK.replace(f"({COMPLETION_CLASS})", f"({eligible})")
    return f"{eligible} AND {rank} = 1"


def _countable_where_closures_count(kind: str) -> str:
    """Which completions can count."""
    return f"COALESCE({COUNTABLE} OR outcome IN ({_CLOSED[kind]}), FALSE)"


def _where_closures_count(kind: str) -> tuple[HistoryColumn, ...]:
    """The initial completion of a case, and the second one, where closures are completions."""
    first, countable = _initial_where_closures_count(kind), _countable_where_closures_count(kind)
    return (
        HistoryColumn(
            f"outcome_or_{kind}",
            "completions",
            f"CASE WHEN {first} THEN outcome END",
            "max",
            "VARCHAR",
            ("outcome",),
        ),
        HistoryColumn(
            f"in_absentia_or_{kind}",
            "completions",
            f"CASE WHEN {first} THEN {_IN_ABSENTIA} END",
            "max",
            "INTEGER",
            ("outcome", "in_absentia"),
        ),
        HistoryColumn(
            f"second_or_{kind}_date",
            "completions",
            f"CASE WHEN {countable} AND {_countable_rank(countable)} = 2 THEN completion_date END",
            "max",
            "DATE",
            ("outcome",),
        ),
    )


_IN_ABSENTIA = "CASE WHEN in_absentia THEN 1 WHEN NOT in_absentia THEN 0 END"

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

    @property
    def reads(self) -> list[str]:
        """The columns of its table that it is made from, as ``cases.docket``."""
        columns = {column.name for column in table(self.table).columns}
        words = dict.fromkeys(re.findall(r"[a-z_]+", self.each))
        return [f"{self.table}.{word}" for word in words if word in columns]


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
        f"CASE WHEN {_IS_INITIAL} THEN {_IN_ABSENTIA} END",
        "max",
        "INTEGER",
        ("outcome", "in_absentia"),
    ),
    HistoryColumn(
        "second_completion_date",
        "completions",
        f"CASE WHEN {COUNTABLE} AND {_countable_rank(COUNTABLE)} = 2 THEN completion_date END",
        "max",
        "DATE",
        ("outcome",),
    ),
    _first_completion("closure_date", "administratively_closed"),
    _first_completion("failure_date", "failure_to_prosecute"),
    *(column for kind in _CLOSED for column in _where_closures_count(kind)),
    HistoryColumn(
        "open_again",
        "completions",
        f"CASE WHEN {COUNTABLE} AND completion_date <= $as_of AND reopened_date <= $as_of\n"
        f"    AND COALESCE({_LAST_AFTERWARDS} < reopened_date, TRUE) THEN 1 ELSE 0 END",
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
        *_LATER,
        *_FURTHER,
    )
}

#: What the document's figures speak of, the balances of its events and the warnings included.
DOCUMENT = (
    "docket",
    "nta_filed_date",
    "completions",
    "initial_completion_date",
    "grants",
    "relief_date",
    "first_referral_date",
    *(column.name for column in _LATER),
)

#: The dates of which the first is a case's completion where closures of a kind are some.
_OR_CLOSURE = ("initial_completion_date", "closure_date", "failure_date")
_OR_FAILURE = ("initial_completion_date", "failure_date")

#: Outcomes that are decisions on the merits.
_MERITS = "IN ('relief_granted', 'removal_ordered', 'voluntary_departure')"


def _merits(
    relief: tuple[str, ...] = ("relief_date",),
    outcome: str = "initial_outcome",
    completed: tuple[str, ...] = ("initial_completion_date",),
    others: tuple[str, ...] = (),
    only: str = "",
) -> tuple[str, tuple[str, ...]]:
    """The first decision on the merits: relief of these dates, or a completion that is one."""
    day = f"LEAST({', '.join(completed)})" if len(completed) > 1 else completed[0]
    decided = f"CASE WHEN {outcome} {_MERITS}{only} THEN {day} END"
    return f"LEAST({', '.join(relief)}, {decided})", (*relief, outcome, *completed, *others)


#: Columns that are made from others of the same case, and those others.
DERIVED: dict[str, tuple[str, tuple[str, ...]]] = {
    "merits_date": _merits(),
    "merits_or_deferral_date": _merits(("relief_date", "cat_deferral_date")),
    "merits_or_grant_date": _merits(("first_grant_date",)),
    "merits_in_initial_date": (
        f"CASE WHEN relief_date <= initial_completion_date OR initial_outcome {_MERITS} "
        "THEN initial_completion_date END",
        ("relief_date", "initial_outcome", "initial_completion_date"),
    ),
    "merits_now_date": _merits(others=("open_again",), only=" AND COALESCE(open_again, 0) = 0"),
    "merits_or_closure_date": _merits(outcome="outcome_or_closure", completed=_OR_CLOSURE),
    "merits_or_failure_date": _merits(outcome="outcome_or_failure", completed=_OR_FAILURE),
    "placed_date": (
        "COALESCE(enrolled_date, nta_filed_date)",
        ("enrolled_date", "nta_filed_date"),
    ),
    "completion_or_closure_date": (f"LEAST({', '.join(_OR_CLOSURE)})", _OR_CLOSURE),
    "completion_or_failure_date": (f"LEAST({', '.join(_OR_FAILURE)})", _OR_FAILURE),
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
        f"  {INITIAL_RANK} AS event_rank"
        + "".join(
            f",\n  {_countable_where_closures_count(kind)} AS event_counts_or_{kind},\n"
            f"  {_initial_where_closures_count(kind)} AS event_is_initial_or_{kind}"
            for kind in _CLOSED
        ),
    ),
    "referral_history": ("referrals", "referred_date AS event_date"),
}
