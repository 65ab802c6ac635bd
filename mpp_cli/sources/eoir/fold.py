"""Proceedings of whole cases folded into cases and completions, many cases at once.

The rules are those of the specification of the source, in its order; each is
printed with the figures, see :mod:`mpp_cli.sources.eoir.notes`. Rows are those
of :mod:`mpp_cli.sources.eoir.rows`. The order of rows in a file decides only
between proceedings of one case with the same number.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mpp_cli.sources.eoir.meanings import CLOSED, FAILED, Meanings
from mpp_cli.sources.eoir.rows import NO_DATE

Records = NDArray[Any]
Numbers = NDArray[Any]
Bools = NDArray[np.bool_]

_DETAINED, YES = ord("D"), ord("Y")


@dataclass
class Cases:
    """Cases with a selected proceeding; NO_DATE, 0 and blank codes where there is nothing."""

    idncase: Numbers
    filed: Numbers
    issued: Numbers
    location: Numbers
    nation: Numbers
    detained: Bools
    docketed: Bools
    first_line: Numbers


@dataclass
class Completions:
    """Completions in the order of their cases; ``outcome`` is one of ``OUTCOMES`` by number.

    ``absentia`` is a letter, 0 where blank.
    """

    line: Numbers
    idncase: Numbers
    date: Numbers
    outcome: Numbers
    initial: Bools
    absentia: Numbers
    reopened: Numbers


@dataclass
class Folded:
    """What is made of selected proceedings: ``of_case`` says of each row which case it is."""

    rows: Records
    of_case: Numbers
    outcome: Numbers
    relief: Numbers
    cases: Cases


def in_order(rows: Records) -> Records:
    """Rows by case and number of proceeding, each kept in the order of the file."""
    return rows[np.lexsort((rows["idnproceeding"], rows["idncase"]))]


def copies(rows: Records) -> Bools:
    """Which of the rows, in order, are exact copies of an earlier row of the file."""
    found = np.zeros(len(rows), dtype=np.bool_)
    several = np.flatnonzero(_in_runs(_repeats(rows["idncase"], rows["idnproceeding"])))
    few = rows[several]
    order = np.lexsort((few["line"], few["print"], few["idnproceeding"], few["idncase"]))
    few = few[order]
    again = _repeats(few["idncase"], few["idnproceeding"], few["print"])
    found[several[order[again]]] = True
    return found


def fold(rows: Records, meanings: Meanings, by_input: bool) -> Folded:
    """Fold selected proceedings, in order, into cases.

    ``by_input`` dates the filing of an NTA by INPUT_DATE rather than OSC_DATE.
    Nationality and hearing location are those of the first proceeding, which
    has the smallest number; of rows of one number it is the first in the file.
    """
    rows = _ties_settled(
        rows,
        _repeats(rows["idncase"], rows["idnproceeding"]),
        lambda few: (few["line"], few["idnproceeding"], few["idncase"]),
    )
    starts = np.flatnonzero(~_repeats(rows["idncase"]))
    of_case = np.repeat(np.arange(len(starts)), np.diff(starts, append=len(rows)))
    issued = _least(rows["osc_date"], starts)
    filed = issued
    if by_input:
        filed = _least(rows["input_date"], starts)
        filed = np.where(filed == NO_DATE, issued, filed)
    custody = rows["custody"]
    place = np.where(custody != 0, np.arange(len(rows)), len(rows))
    first = _least(place, starts)
    docketed = first < len(rows)
    first = np.minimum(first, max(len(rows) - 1, 0))
    outcome, relief = meanings.of_rows(rows)
    return Folded(
        rows=rows,
        of_case=of_case,
        outcome=outcome,
        relief=relief,
        cases=Cases(
            idncase=rows["idncase"][starts],
            filed=filed,
            issued=issued,
            location=rows["hearing_loc_code"][starts],
            nation=rows["nat"][starts],
            detained=(custody[first] == _DETAINED) & docketed,
            docketed=docketed,
            first_line=rows["line"][starts],
        ),
    )


def completions(folded: Folded, kept: Bools) -> Completions:
    """The completions of kept cases.

    The first that can be an initial one, by date and then by the number of its
    proceeding, is called initial. A completion's case is open again on the
    input date of its next selected proceeding.
    """
    reopened = _next_input(folded.rows)
    chosen = np.flatnonzero((folded.outcome >= 0) & kept[folded.of_case])
    rows, outcome = folded.rows[chosen], folded.outcome[chosen]
    return Completions(
        line=rows["line"],
        idncase=rows["idncase"],
        date=rows["comp_date"],
        outcome=outcome,
        initial=_initial(rows, outcome),
        absentia=rows["absentia"],
        reopened=reopened[chosen],
    )


def _initial(rows: Records, outcome: Numbers) -> Bools:
    """Which completions, in order, are their case's first that can be the initial one."""
    able = np.flatnonzero((outcome != CLOSED) & (outcome != FAILED))
    case, date = rows["idncase"][able], rows["comp_date"][able]
    starts = np.flatnonzero(~_repeats(case))
    earliest = np.repeat(_least(date, starts), np.diff(starts, append=len(able)))
    able = able[date == earliest]
    order = np.arange(len(able))
    several = np.flatnonzero(_in_runs(_repeats(rows["idncase"][able])))
    few = rows[able[several]]
    order[several] = several[np.lexsort((few["line"], few["idnproceeding"], few["idncase"]))]
    able = able[order]
    found = np.zeros(len(rows), dtype=np.bool_)
    found[able[~_repeats(rows["idncase"][able])]] = True
    return found


def _next_input(rows: Records) -> Numbers:
    """Per row the earliest input date of the next proceeding of its case."""
    starts = np.flatnonzero(~_repeats(rows["idncase"], rows["idnproceeding"]))
    least = _least(rows["input_date"], starts)
    case = rows["idncase"][starts]
    follows = np.full(len(starts), NO_DATE, dtype=np.int32)
    follows[:-1] = np.where(case[1:] == case[:-1], least[1:], NO_DATE)
    return np.repeat(follows, np.diff(starts, append=len(rows)))


def _least(values: Numbers, starts: Numbers) -> Numbers:
    """The least value of each stretch of rows."""
    return np.minimum.reduceat(values, starts) if len(starts) else values[:0]


def _repeats(*keys: Numbers) -> Bools:
    """Which rows have the keys of the row before them."""
    found = np.zeros(len(keys[0]), dtype=np.bool_)
    if len(found):
        found[1:] = True
        for key in keys:
            found[1:] &= key[1:] == key[:-1]
    return found


def _in_runs(again: Bools) -> Bools:
    """Rows that repeat the one before them, and those that are repeated."""
    found = again.copy()
    found[:-1] |= again[1:]
    return found


def _ties_settled(rows: Records, again: Bools, keys: Any) -> Records:
    """The rows with those that share a key put in the order of other values."""
    several = np.flatnonzero(_in_runs(again))
    if len(several):
        few = rows[several]
        rows[several] = few[np.lexsort(keys(few))]
    return rows
