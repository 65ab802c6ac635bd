"""What the columns of the case history are written in: the classes of completions and grants."""

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

IN_ABSENTIA = "CASE WHEN in_absentia THEN 1 WHEN NOT in_absentia THEN 0 END"

RELIEF_KINDS = "relief_type IN ('asylum', 'statutory_withholding', 'cat_withholding')"

#: Outcomes that are decisions on the merits.
MERITS = "IN ('relief_granted', 'removal_ordered', 'voluntary_departure')"

#: A column that is made of others of the same case: its SQL, and the names of those others.
Derived = tuple[str, tuple[str, ...]]


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


def countable_rank(countable: str) -> str:
    """The place of a completion among all of its case that count."""
    return (
        f"ROW_NUMBER() OVER (\n    PARTITION BY case_id, {countable} "
        "ORDER BY completion_date, _file, _line\n  )"
    )


def merits(
    relief: tuple[str, ...] = ("relief_date",),
    outcome: str = "initial_outcome",
    completed: tuple[str, ...] = ("initial_completion_date",),
) -> Derived:
    """The first decision on the merits: relief of these dates, or a completion that is one."""
    day = f"LEAST({', '.join(completed)})" if len(completed) > 1 else completed[0]
    decided = f"CASE WHEN {outcome} {MERITS} THEN {day} END"
    return f"LEAST({', '.join(relief)}, {decided})", (*relief, outcome, *completed)
