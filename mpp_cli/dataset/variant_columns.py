"""The columns of the case history that only other definitions than the document's speak of."""

from __future__ import annotations

from collections.abc import Iterator

from mpp_cli.dataset.history_terms import (
    COMPLETION_CLASS,
    COUNTABLE,
    IN_ABSENTIA,
    INITIAL_RANK,
    MERITS,
    RELIEF_KINDS,
    Derived,
    HistoryColumn,
    countable_rank,
    merits,
)
from mpp_cli.goals.common_rules import MPP_BEGAN

_BEGAN = f"DATE '{MPP_BEGAN}'"

# --- what is a completion --------------------------------------------------------

#: Other definitions of a completion, by the name that columns have for each: what can be
#: the initial one of a case, and what counts at all. Some count cases that were closed
#: administratively or not prosecuted, or of these those not prosecuted; some leave out
#: what is dated before MPP began.
_DEFINITIONS = {
    "closure": (
        f"({COMPLETION_CLASS}) IN ('initial', 'administratively_closed', 'failure_to_prosecute')",
        f"COALESCE({COUNTABLE} OR outcome IN ('administratively_closed', 'failure_to_prosecute'), "
        "FALSE)",
    ),
    "failure": (
        f"({COMPLETION_CLASS}) IN ('initial', 'failure_to_prosecute')",
        f"COALESCE({COUNTABLE} OR outcome IN ('failure_to_prosecute'), FALSE)",
    ),
    "since": (
        f"(({COMPLETION_CLASS}) = 'initial' AND completion_date >= {_BEGAN})",
        f"({COUNTABLE} AND completion_date >= {_BEGAN})",
    ),
}


def _initial(name: str) -> str:
    """Which completion is the initial one of its case under another definition."""
    eligible, _ = _DEFINITIONS[name]
    rank = INITIAL_RANK.replace(f"({COMPLETION_CLASS})", f"({eligible})")
    return f"{eligible} AND {rank} = 1"


def _completed(name: str) -> Iterator[HistoryColumn]:
    """The initial completion of a case, and the date of the second one, under a definition."""
    first, (_, countable) = _initial(name), _DEFINITIONS[name]
    yield HistoryColumn(
        f"completion_by_{name}_date",
        "completions",
        f"CASE WHEN {first} THEN completion_date END",
        "min",
        "DATE",
        ("outcome",),
    )
    yield HistoryColumn(
        f"outcome_by_{name}",
        "completions",
        f"CASE WHEN {first} THEN outcome END",
        "max",
        "VARCHAR",
        ("outcome",),
    )
    yield HistoryColumn(
        f"in_absentia_by_{name}",
        "completions",
        f"CASE WHEN {first} THEN {IN_ABSENTIA} END",
        "max",
        "INTEGER",
        ("outcome", "in_absentia"),
    )
    yield HistoryColumn(
        f"second_by_{name}_date",
        "completions",
        f"CASE WHEN {countable} AND {countable_rank(countable)} = 2 THEN completion_date END",
        "max",
        "DATE",
        ("outcome",),
    )


#: What the history of completions says of each under these definitions.
EVENT_COLUMNS = "".join(
    f",\n  {countable} AS event_counts_by_{name},\n  {_initial(name)} AS event_is_initial_by_{name}"
    for name, (_, countable) in _DEFINITIONS.items()
)

# --- how things stand on the as-of date -------------------------------------------

#: Completions that count and had happened; the place of each from the last one back.
_HAPPENED = f"({COUNTABLE} AND completion_date <= $as_of)"
_FROM_LAST = f"""ROW_NUMBER() OVER (
    PARTITION BY case_id, {_HAPPENED} ORDER BY completion_date DESC, _file DESC, _line DESC
  )"""

#: That the case was reopened after a completion. A reopening that is dated before the
#: completion it belongs to reopens nothing.
_REOPENED = f"{_HAPPENED} AND reopened_date BETWEEN completion_date AND $as_of"

#: The last date of the completions that follow one in its case, of those that had happened.
_LAST_AFTERWARDS = f"""MAX(CASE WHEN completion_date <= $as_of THEN completion_date END) OVER (
    PARTITION BY case_id, {COUNTABLE} ORDER BY completion_date, _file, _line
    ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING
  )"""

_PRESENT = (
    HistoryColumn(
        "open_again",
        "completions",
        f"CASE WHEN {_REOPENED}\n"
        f"    AND COALESCE({_LAST_AFTERWARDS} < reopened_date, TRUE) THEN 1 ELSE 0 END",
        "max",
        "INTEGER",
        ("outcome", "reopened_date"),
    ),
    HistoryColumn(
        "last_reopening_date",
        "completions",
        f"CASE WHEN {_REOPENED} THEN reopened_date END",
        "max",
        "DATE",
        ("outcome", "reopened_date"),
    ),
    HistoryColumn(
        "last_completion_date",
        "completions",
        f"CASE WHEN {_HAPPENED} AND {_FROM_LAST} = 1 THEN completion_date END",
        "max",
        "DATE",
        ("outcome",),
    ),
    HistoryColumn(
        "last_outcome",
        "completions",
        f"CASE WHEN {_HAPPENED} AND {_FROM_LAST} = 1 THEN outcome END",
        "max",
        "VARCHAR",
        ("outcome",),
    ),
    HistoryColumn(
        "completion_before_last_date",
        "completions",
        f"CASE WHEN {_HAPPENED} AND {_FROM_LAST} = 2 THEN completion_date END",
        "max",
        "DATE",
        ("outcome",),
    ),
    HistoryColumn(
        "relief_until_now_date",
        "grants",
        f"CASE WHEN {RELIEF_KINDS} AND granted_date <= $as_of THEN granted_date END",
        "max",
        "DATE",
    ),
)

#: That a later decision took relief away: after the last grant the case was reopened, or
#: completed, and then completed again, and not by a grant.
_TAKEN = (
    "COALESCE(last_completion_date > relief_until_now_date, FALSE) "
    "AND COALESCE(last_outcome <> 'relief_granted', TRUE) "
    "AND (COALESCE(completion_before_last_date >= relief_until_now_date, FALSE) "
    "OR COALESCE(last_reopening_date >= relief_until_now_date, FALSE))"
)
_TAKEN_OF = tuple(column.name for column in _PRESENT)

# --- all of them --------------------------------------------------------------------

_DATES = ("enrolled_date", "nta_issued_date")

COLUMNS = (
    *(HistoryColumn(name, "cases", name, "max", "DATE", (name,)) for name in _DATES),
    HistoryColumn(
        "filed_since_date",
        "cases",
        f"CASE WHEN nta_filed_date >= {_BEGAN} THEN nta_filed_date END",
        "max",
        "DATE",
        ("nta_filed_date",),
    ),
    *(column for name in _DEFINITIONS for column in _completed(name)),
    *_PRESENT,
    HistoryColumn(
        "cat_deferral_date",
        "grants",
        "CASE WHEN relief_type = 'cat_deferral' THEN granted_date END",
        "min",
        "DATE",
    ),
    HistoryColumn(
        "relief_or_unknown_date",
        "grants",
        f"CASE WHEN {RELIEF_KINDS} OR relief_type = 'unknown' THEN granted_date END",
        "min",
        "DATE",
    ),
    HistoryColumn("first_grant_date", "grants", "granted_date", "min", "DATE"),
)

#: Columns that are made from others of the same case, and those others.
DERIVED: dict[str, Derived] = {
    # One rule for all: where the date that a definition goes by is blank, the day on which
    # the NTA was filed stands for it, so that no case that the document counts is lost.
    "placed_date": ("COALESCE(enrolled_date, nta_filed_date)", ("enrolled_date", "nta_filed_date")),
    "issued_date": (
        "COALESCE(nta_issued_date, nta_filed_date)",
        ("nta_issued_date", "nta_filed_date"),
    ),
    "relief_or_deferral_date": (
        "LEAST(relief_date, cat_deferral_date)",
        ("relief_date", "cat_deferral_date"),
    ),
    "relief_now_date": (
        f"CASE WHEN COALESCE(open_again, 0) = 0 AND NOT ({_TAKEN}) THEN relief_date END",
        ("relief_date", *_TAKEN_OF),
    ),
    "merits_now_date": (
        f"CASE WHEN COALESCE(open_again, 0) = 0 THEN LEAST(\n    CASE WHEN NOT ({_TAKEN}) THEN "
        f"relief_date END,\n    CASE WHEN initial_outcome {MERITS} THEN initial_completion_date "
        "END) END",
        ("relief_date", "initial_outcome", "initial_completion_date", *_TAKEN_OF),
    ),
    "merits_or_deferral_date": merits(("relief_date", "cat_deferral_date")),
    "merits_or_unknown_date": merits(("relief_or_unknown_date",)),
    "merits_or_grant_date": merits(("first_grant_date",)),
    "merits_in_initial_date": (
        f"CASE WHEN relief_date <= initial_completion_date OR initial_outcome {MERITS} "
        "THEN initial_completion_date END",
        ("relief_date", "initial_outcome", "initial_completion_date"),
    ),
    **{
        f"merits_by_{name}_date": merits(
            outcome=f"outcome_by_{name}", completed=(f"completion_by_{name}_date",)
        )
        for name in _DEFINITIONS
    },
}
