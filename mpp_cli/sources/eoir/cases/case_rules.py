"""Proceedings of whole cases folded into cases and completions, many cases at once.

The rules are those of the specification of the source, in its order; each is
printed with the figures, see :mod:`mpp_cli.sources.eoir.rules.rule_notes`. Rows are those
of :mod:`mpp_cli.sources.eoir.cases.proceeding_rows`. A number stands once in a case: of rows that
share one, :func:`repeated` tells which stands.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mpp_cli.sources.eoir.cases.code_tables import CLOSED, FAILED, Meanings
from mpp_cli.sources.eoir.cases.proceeding_rows import NO_DATE
from mpp_cli.sources.eoir.options import Options

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
    """What is made of selected proceedings: ``of_case`` says of each row which case it is.

    ``initial`` are the rows that are their case's initial completion.
    """

    rows: Records
    of_case: Numbers
    outcome: Numbers
    relief: Numbers
    initial: Bools
    cases: Cases


def in_order(rows: Records) -> Records:
    """Rows by case and number of proceeding, each kept in the order of the file."""
    return rows[np.lexsort((rows["idnproceeding"], rows["idncase"]))]


def repeated(rows: Records) -> tuple[Bools, Numbers]:
    """Of rows in order: which are exact copies of an earlier row, and which are corrected.

    Of rows of one proceeding with different values the last in the file stands; the others
    have its line, all others 0. Where the last is a copy of an earlier row, that one stands
    for it.
    """
    copies, corrected_by = np.zeros(len(rows), np.bool_), np.zeros(len(rows), np.int64)
    several = np.flatnonzero(_in_runs(_repeats(rows["idncase"], rows["idnproceeding"])))
    if not len(several):
        return copies, corrected_by
    few = rows[several]
    alike = np.lexsort((few["line"], few["print"], few["idnproceeding"], few["idncase"]))
    again = _repeats(*(few[alike][key] for key in ("idncase", "idnproceeding", "print")))
    copies[several[alike[again]]] = True
    later = np.lexsort((few["line"], few["idnproceeding"], few["idncase"]))
    starts = np.flatnonzero(~_repeats(*(few[later][key] for key in ("idncase", "idnproceeding"))))
    sizes = np.diff(starts, append=len(few))
    last = np.repeat(later[starts + sizes - 1], sizes)
    stands = few["print"][later] == few["print"][last]
    corrected_by[several[later]] = np.where(stands, 0, few["line"][last])
    corrected_by[copies] = 0
    return copies, corrected_by


def fold(rows: Records, meanings: Meanings, options: Options) -> Folded:
    """Fold selected proceedings, in order, into cases.

    Nationality and hearing location are those of the first proceeding, which
    has the smallest number.
    """
    starts = np.flatnonzero(~_repeats(rows["idncase"]))
    of_case = np.repeat(np.arange(len(starts)), np.diff(starts, append=len(rows)))
    filed = rows["osc_date"]
    if options.nta_date == "input":
        filed = np.where(rows["input_date"] == NO_DATE, filed, rows["input_date"])
    outcome, relief = meanings.of_rows(rows)
    initial = _initial(rows, outcome)
    custody = _custody(rows, starts, of_case, initial, options.custody)
    return Folded(
        rows=rows,
        of_case=of_case,
        outcome=outcome,
        relief=relief,
        initial=initial,
        cases=Cases(
            idncase=rows["idncase"][starts],
            filed=_least(filed, starts),
            issued=_least(rows["osc_date"], starts),
            location=rows["hearing_loc_code"][starts],
            nation=rows["nat"][starts],
            detained=custody == _DETAINED,
            docketed=custody != 0,
            first_line=rows["line"][starts],
        ),
    )


def _custody(rows: Records, starts: Numbers, of_case: Numbers, initial: Bools, by: str) -> Numbers:
    """The custody of each case, 0 where no proceeding says one.

    It is that of the first proceeding that says one, or of the latest; or of the
    ``deciding`` one, which has the initial completion, and else of the latest.
    """
    custody, places = rows["custody"], np.arange(len(rows))
    said = custody != 0
    if by == "first":
        place = _least(np.where(said, places, len(rows)), starts)
    else:
        place = -_least(np.where(said, -places, 1), starts)
        if by == "deciding":
            decided = np.flatnonzero(initial & said)
            place[of_case[decided]] = decided
    found: Numbers = custody[np.clip(place, 0, max(len(rows) - 1, 0))]
    found[(place < 0) | (place >= len(rows))] = 0
    return found


def completions(folded: Folded, kept: Bools) -> Completions:
    """The completions of kept cases.

    A completion's case is open again on the input date of its next selected proceeding.
    """
    reopened = _next_input(folded.rows)
    chosen = np.flatnonzero((folded.outcome >= 0) & kept[folded.of_case])
    rows, outcome = folded.rows[chosen], folded.outcome[chosen]
    return Completions(
        line=rows["line"],
        idncase=rows["idncase"],
        date=rows["comp_date"],
        outcome=outcome,
        initial=folded.initial[chosen],
        absentia=rows["absentia"],
        reopened=reopened[chosen],
    )


def _initial(rows: Records, outcome: Numbers) -> Bools:
    """Which rows are their case's first completion, by date and then by number.

    Administrative closures and failures to prosecute are none that could be it.
    """
    able = np.flatnonzero((outcome >= 0) & (outcome != CLOSED) & (outcome != FAILED))
    case, date = rows["idncase"][able], rows["comp_date"][able]
    starts = np.flatnonzero(~_repeats(case))
    earliest = np.repeat(_least(date, starts), np.diff(starts, append=len(able)))
    able = able[date == earliest]
    found = np.zeros(len(rows), dtype=np.bool_)
    found[able[~_repeats(rows["idncase"][able])]] = True
    return found


def _next_input(rows: Records) -> Numbers:
    """Per row the input date of the next proceeding of its case."""
    follows = np.full(len(rows), NO_DATE, dtype=np.int32)
    same = rows["idncase"][1:] == rows["idncase"][:-1]
    follows[:-1] = np.where(same, rows["input_date"][1:], NO_DATE)
    return follows


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
