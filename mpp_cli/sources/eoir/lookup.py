"""What a court decision code means: by the release's own lookup, in its own words.

A letter means different things by case type and by type of decision (`C`
completion, `O` other): ``X`` is "Remove" as a decision in removal proceedings
and "ZERO BOND" as another completion. So a decision is decoded by its
description, found under (case type, code, type C), and never by its letter.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib.resources import files

#: Beginnings of descriptions, in lower case, and the outcomes they mean.
_OUTCOMES = (
    ("remove", "removal_ordered"),
    ("relief granted", "relief_granted"),
    ("grant", "relief_granted"),
    ("conditional grant", "relief_granted"),
    ("final grant", "relief_granted"),
    ("voluntary departure", "voluntary_departure"),
    ("terminat", "terminated"),
    ("prosecutorial discretion - terminated", "terminated"),
    ("dismissed", "dismissed"),
    ("withdraw", "withdrawn"),
)

#: Parts of descriptions, in lower case, of the relief that a decision names: protection,
#: with a removal order or without one, and cancellation or suspension of removal.
_NAMED = (
    ("ina withholding", "statutory_withholding"),
    ("cat withholding", "cat_withholding"),
    ("cat deferral", "cat_deferral"),
    ("grant of eoir 42", "other"),
)

#: Outcomes of completions, in the order of their names, which settles ties.
OUTCOMES = tuple(
    sorted(
        {found for _, found in _OUTCOMES}
        | {"other", "administratively_closed", "failure_to_prosecute"}
    )
)

#: What a decision can grant by itself.
KINDS_OF_RELIEF = (*(found for _, found in _NAMED), "unknown")

#: The columns of the lookup that are read; the last may be missing.
COLUMNS = ("STRCASETYPE", "STRDECCODE", "STRDECDESCRIPTION", "STRDECTYPE")
ACTIVE = "BLNACTIVE"

_YES = frozenset({"1", "y", "yes", "t", "true", "-1"})


@dataclass(frozen=True)
class Decision:
    """A completion by an immigration judge: its outcome, and the relief it grants by itself.

    The relief is unknown where the decision grants some and does not name it.
    """

    outcome: str
    relief: str | None


@dataclass
class Decisions:
    """The lookup: completions by (case type, code), and the keys of every type.

    ``known`` holds (case type, code) of completions and of all others; ``is_own`` tells that
    the lookup is the release's own.
    """

    completions: dict[tuple[str, str], Decision] = field(default_factory=dict)
    known: set[tuple[str, str]] = field(default_factory=set)
    is_own: bool = True


def decision(description: str) -> Decision:
    """A completion by its description."""
    text = description.strip().casefold()
    outcome = next((found for start, found in _OUTCOMES if text.startswith(start)), "other")
    relief = next((found for part, found in _NAMED if part in text), None)
    if relief is None and outcome == "relief_granted":
        relief = "unknown"
    return Decision(outcome, relief)


def decisions(rows: Iterable[Mapping[str, str]]) -> Decisions:
    """The lookup from its rows, by column name in capitals.

    Of rows with one key, the first active one counts, else the first.
    """
    found = Decisions()
    active: set[tuple[str, str]] = set()
    for row in rows:
        key = (row["STRCASETYPE"], row["STRDECCODE"])
        found.known.add(key)
        if row["STRDECTYPE"] != "C":
            continue
        is_active = row.get(ACTIVE, "").casefold() in _YES
        if key not in found.completions or (is_active and key not in active):
            found.completions[key] = decision(row["STRDECDESCRIPTION"])
        if is_active:
            active.add(key)
    return found


def built_in() -> Decisions:
    """What is known of the lookup from public transcriptions, for a release without it."""
    text = files(__package__).joinpath("decisions.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(io.StringIO(text))
    found = decisions({name.upper(): value for name, value in row.items()} for row in rows)
    found.is_own = False
    return found
