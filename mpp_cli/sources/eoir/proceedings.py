"""The file of proceedings: what is read of it, and how its rows are kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from mpp_cli.engines.base import Engine
from mpp_cli.errors import DataError
from mpp_cli.sources.eoir import ledger
from mpp_cli.sources.eoir.buckets import FILE_BYTES, Buckets
from mpp_cli.sources.eoir.codes import Codebook
from mpp_cli.sources.eoir.cohort import Ids, gathered
from mpp_cli.sources.eoir.columns import Column
from mpp_cli.sources.eoir.ids import IdSet
from mpp_cli.sources.eoir.options import LOCATIONS, Options
from mpp_cli.sources.eoir.reading import Reading
from mpp_cli.sources.eoir.rows import Keeper, kind
from mpp_cli.sources.settled import SettledFile

COLUMNS = (
    Column("IDNPROCEEDING", "id"),
    Column("IDNCASE", "id"),
    Column("OSC_DATE", "date"),
    Column("INPUT_DATE", "date"),
    Column("COMP_DATE", "date"),
    Column("DEC_CODE", "code"),
    Column("OTHER_COMP", "code"),
    Column("CASE_TYPE", "code"),
    Column("ABSENTIA", "letter", letters="YN", optional=True),
    Column("CUSTODY", "letter", letters="DNR", optional=True),
    Column("HEARING_LOC_CODE", "code", optional=True),
    Column("NAT", "code", optional=True),
)

#: What to look for to notice the cases that are heard at an MPP location, in
#: proceedings that can be used.
AT_MPP: dict[str, Any] = {
    "location": "HEARING_LOC_CODE",
    "own": "IDNPROCEEDING",
    "codes": LOCATIONS,
}


def buckets(size: int, whole: bool) -> Buckets:
    """For the rows of a file of so many bytes; ``whole`` tells that most of it is kept."""
    return Buckets(kind(COLUMNS), 1 + size // FILE_BYTES if whole else 1)


def places(reading: Reading, options: Options) -> dict[str, int]:
    """Where the columns stand that these options need.

    Raises DataError when one is missing without which there is no figure, or
    none of what was asked for.
    """
    found = reading.places(each.name for each in COLUMNS if not each.optional)
    asked = (
        ("HEARING_LOC_CODE", f"--cohort {options.cohort}", options.cohort != "identifier"),
        ("CUSTODY", "--compare-dockets", options.compare_dockets),
    )
    for column, option, needed in asked:
        if needed and column not in found:
            raise DataError(
                f'the column "{column}" is missing, which {option} uses',
                file=reading.name,
                line=1,
                hint=f"leave out {option}, or give the table as the court published it",
            )
    if not options.compare_dockets:
        # What no measure needs is not checked.
        found.pop("CUSTODY", None)
    return found


def heard_at_mpp(reading: Reading) -> Ids:
    """The cases that any proceeding of is at an MPP hearing location."""
    nobody = IdSet(np.empty(0, dtype=np.int64))
    for _ in reading.rows(nobody, {}, **AT_MPP):
        pass
    return gathered(reading.noticed)


def read(
    reading: Reading,
    places: Mapping[str, int],
    account: SettledFile,
    engine: Engine,
    keep: IdSet,
    into: Buckets,
) -> Mapping[str, Codebook]:
    """Read the proceedings of these cases; the texts of their codes by column.

    ``places`` are those of :func:`places`. Case numbers heard at an MPP location
    are left in ``reading.noticed``.
    """
    keeper = Keeper(COLUMNS, places, account)
    for fields in reading.rows(keep, places, **AT_MPP):
        kept = keeper.read(fields)
        ledger.set_aside(engine, account, kept.set_aside)
        ledger.blank(engine, account, kept.blanked)
        into.add(kept.records)
    return keeper.books
