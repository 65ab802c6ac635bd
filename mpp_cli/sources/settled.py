"""Event tables whose rows their own source has already judged.

A court release is no CSV of event tables: rows of several files make one case,
and most rows of a file are about other cases. Its reader therefore keeps the
account of each file itself and hands over event tables in which no row is left
to be judged. This is what it hands over, whatever the release looked like.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from mpp_cli.results import Warning
from mpp_cli.sources.tally import Tally
from mpp_cli.sources.unreadable import LostFigure, LostMonth

#: The engine's table of rows that a later row of their file corrects, where a source has any:
#: ``_file``, ``_line``, ``case_id``, and the line of the last row, ``corrected_by``.
CORRECTED = "corrected_rows"


@dataclass
class SettledFile:
    """One input file and the account of its rows, kept by its own reader.

    ``rows_read = used + sum(outside) + rows in set_aside``; the rows set aside
    are in the engine's table ``set_aside`` under ``number``, which is also the
    ``_file`` of the rows of event tables that come from this file. ``repaired``
    counts used and outside rows whose fields had to be put back in place;
    ``blanked`` counts values read as blank by column, ``unknown_codes`` the
    codes not on any list. ``most_outside`` says that a row may be set aside before it
    is known whether it is outside, as most of them are. A row of ``width`` fields (0: that
    is not known) has the id of its case at ``case_place``, or is about none.
    """

    number: int
    name: str
    kind: str
    encoding: str = "cp1252"
    hash: str = ""
    rows_read: int = 0
    used: int = 0
    outside: Counter[str] = field(default_factory=Counter)
    repaired: int = 0
    blanked: Counter[str] = field(default_factory=Counter)
    unknown_codes: Counter[str] = field(default_factory=Counter)
    most_outside: bool = True
    width: int = 0
    case_place: int | None = None
    #: What the values of its columns came to, as far as not every text can be read.
    tallies: dict[str, Tally] = field(default_factory=dict)
    #: Gives the text of lines that were set aside for what other rows say.
    texts: Callable[[Collection[int]], Mapping[int, str]] = lambda lines: {}


@dataclass(frozen=True)
class SourceNote:
    """A rule of the source: a footnote of the figures that it shaped.

    ``about`` names event tables, or columns of the case history, that it is about.
    """

    id: str
    text: str
    about: tuple[str, ...]


@dataclass
class Settled:
    """The event tables of one settled source, which are in the engine already.

    ``name`` is what the source is spoken of by.
    ``tables`` maps each event table to its columns; ``unavailable`` says of an
    event table, or of a column of one (as ``cases.nationality``), why the source
    does not hold it, ``unread`` likewise that it holds it and nothing of it can be read.
    ``lost_months`` are the months of which encounters of a component were set aside, and why,
    ``lost_figures`` published figures that were.
    ``end`` is the day on which the
    source was released, after which none of its dates can be true. ``dated_by`` is
    the number of the file that all dates of its events are from, whichever file their
    rows are from; None where each has its own. ``about`` is what
    else an import of it records, as JSON.

    ``words`` says what rules leave out of it, by their ids, where that is not what they
    leave out elsewhere. ``lists`` are columns, as ``cases.identifier``, in which several
    values may stand, with blanks between them. ``every_year`` tells that its other dockets
    hold the cases of all years, and not only of those in which MPP had some.
    """

    name: str
    files: list[SettledFile]
    tables: Mapping[str, tuple[str, ...]]
    unavailable: Mapping[str, str] = field(default_factory=dict)
    unread: Mapping[str, str] = field(default_factory=dict)
    lost_months: tuple[LostMonth, ...] = ()
    lost_figures: tuple[LostFigure, ...] = ()
    notes: tuple[SourceNote, ...] = ()
    warnings: list[Warning] = field(default_factory=list)
    end: datetime.date | None = None
    dated_by: int | None = None
    about: Mapping[str, Any] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    lists: tuple[str, ...] = ()
    every_year: bool = False
