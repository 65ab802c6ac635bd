"""The file of proceedings: what is read of it, and how its rows are kept."""

from __future__ import annotations

from collections.abc import Mapping

from mpp_cli.engines.base import Engine
from mpp_cli.sources.eoir import ledger
from mpp_cli.sources.eoir.buckets import FILE_BYTES, Buckets
from mpp_cli.sources.eoir.codes import Codebook
from mpp_cli.sources.eoir.columns import Column
from mpp_cli.sources.eoir.ids import IdSet
from mpp_cli.sources.eoir.options import LOCATIONS
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


def buckets(size: int, whole: bool) -> Buckets:
    """For the rows of a file of so many bytes; ``whole`` tells that most of it is kept."""
    return Buckets(kind(COLUMNS), 1 + size // FILE_BYTES if whole else 1)


def read(
    reading: Reading, account: SettledFile, engine: Engine, keep: IdSet, into: Buckets
) -> Mapping[str, Codebook]:
    """Read the proceedings of these cases; the texts of their codes by column.

    Case numbers heard at an MPP location are left in ``reading.noticed``.
    """
    places = reading.places(each.name for each in COLUMNS if not each.optional)
    keeper = Keeper(COLUMNS, places, account)
    for fields in reading.rows(keep, location="HEARING_LOC_CODE", codes=LOCATIONS):
        kept = keeper.read(fields)
        ledger.set_aside(engine, account, kept.set_aside)
        ledger.blank(engine, account, kept.blanked)
        into.add(kept.records)
    return keeper.books
