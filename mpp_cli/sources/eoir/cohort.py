"""Which cases are MPP: by the court's identifier, by hearing location, or by both."""

from __future__ import annotations

from dataclasses import dataclass

import nanoarrow as na
import numpy as np
from numpy.typing import NDArray

from mpp_cli.engines.base import Engine
from mpp_cli.sources import vectors
from mpp_cli.sources.eoir import ledger
from mpp_cli.sources.eoir.columns import Column, Typist, stored
from mpp_cli.sources.eoir.ids import Everything, GrowingIds, IdSet
from mpp_cli.sources.eoir.options import IDENTIFIERS, LOCATIONS
from mpp_cli.sources.eoir.reading import Reading
from mpp_cli.sources.fields import Fields
from mpp_cli.sources.settled import SettledFile

Ids = NDArray[np.int64]

TABLE = "court_identifiers"
COLUMNS = (Column("IDNCASE", "id"), Column("CASE_ID", "code"))
_NONE: Ids = np.empty(0, dtype=np.int64)


@dataclass(frozen=True)
class Counts:
    """The cohort under each rule: how many cases each knows, and MP and RM apart.

    ``by_identifier`` are the cases with each identifier (a case may have both).
    """

    identifier_only: int
    location_only: int
    both: int
    by_identifier: dict[str, int]


@dataclass(frozen=True)
class Cohort:
    """Case numbers known by their identifier and by a hearing location, each once."""

    by_identifier: Ids
    by_location: Ids
    identifiers: dict[str, int]

    def ids(self, rule: str) -> Ids:
        """The cases under a rule of ``--cohort``."""
        if rule == "identifier":
            return self.by_identifier
        if rule == "location":
            return self.by_location
        join = np.union1d if rule == "either" else np.intersect1d
        found: Ids = join(self.by_identifier, self.by_location)
        return found

    @property
    def counts(self) -> Counts:
        """How the two rules overlap."""
        both = len(np.intersect1d(self.by_identifier, self.by_location))
        return Counts(
            identifier_only=len(self.by_identifier) - both,
            location_only=len(self.by_location) - both,
            both=both,
            by_identifier=self.identifiers,
        )


def read_identifiers(
    reading: Reading, account: SettledFile, engine: Engine, known: GrowingIds | None
) -> None:
    """Read the rows with MPP's identifiers into the engine; all others are outside.

    The cases of all rows are added to ``known``.
    """
    engine.create(TABLE, stored(COLUMNS))
    places = reading.places(each.name for each in COLUMNS)
    typist = Typist(COLUMNS, places, account)
    codes = [code.encode() for code in IDENTIFIERS]
    if known is not None:
        reading.notice = known.add
    for fields in reading.rows(Everything(), watch=None if known is None else Everything()):
        chosen = _with_code(fields, places["CASE_ID"], codes)
        account.outside[ledger.OTHER_IDENTIFIER] += len(fields) - len(chosen)
        if len(chosen):
            typed = typist.read(_picked(fields, chosen))
            engine.append(TABLE, typed.batch)
    ledger.set_duplicates_aside(engine, TABLE, "idncase")


def identified(engine: Engine) -> tuple[Ids, dict[str, int]]:
    """The cases with one of MPP's identifiers, and how many have each."""
    counts = dict.fromkeys(IDENTIFIERS, 0) | dict(
        engine.fetch(f"SELECT case_id, count(DISTINCT idncase) FROM used_{TABLE} GROUP BY case_id")
    )
    rows = engine.fetch(f"SELECT DISTINCT idncase FROM used_{TABLE} ORDER BY idncase")
    return np.array([row[0] for row in rows], dtype=np.int64), counts


def heard_at_mpp(reading: Reading) -> Ids:
    """The cases that any proceeding of is at an MPP hearing location."""
    reading.places(("HEARING_LOC_CODE",))
    nobody = IdSet(_NONE)
    for _ in reading.rows(nobody, location="HEARING_LOC_CODE", codes=LOCATIONS):
        pass
    return gathered(reading.noticed)


def store(engine: Engine, name: str, ids: Ids) -> None:
    """Make a table of case numbers."""
    engine.create(name, {"idncase": "BIGINT"})
    if len(ids):
        numbers = vectors.integer_array(na.int64(), ids)
        engine.append(name, vectors.batch({"idncase": numbers}, len(ids)))


def gathered(found: list[Ids]) -> Ids:
    """Case numbers gathered block by block, each once, in order."""
    return np.unique(np.concatenate(found)) if found else _NONE


def _with_code(fields: Fields, place: int, codes: list[bytes]) -> Ids:
    """Rows whose field is one of these codes of two letters."""
    words = np.ndarray((len(fields.buffer) - 1,), dtype="<u2", buffer=fields.buffer, strides=(1,))
    letters = words[fields.starts[:, place]]
    found = np.zeros(len(fields), dtype=np.bool_)
    for code in codes:
        found |= letters == int.from_bytes(code, "little")
    return np.flatnonzero(found & (fields.lengths[:, place] == 2))


def _picked(fields: Fields, rows: Ids) -> Fields:
    """Some of the rows."""
    return Fields(
        buffer=fields.buffer,
        lines=fields.lines[rows],
        starts=fields.starts[rows],
        lengths=fields.lengths[rows],
        key_start=fields.key_start[rows],
        key_length=fields.key_length[rows],
        source=fields.source,
        source_start=fields.source_start[rows],
        source_length=fields.source_length[rows],
    )
