"""Which cases are MPP: by the court's identifier, by hearing location, or by both."""

from __future__ import annotations

from dataclasses import dataclass, replace

import nanoarrow as na
import numpy as np
from numpy.typing import NDArray

from mpp_cli.engines.base import Engine
from mpp_cli.sources.eoir import row_ledger
from mpp_cli.sources.eoir.options import IDENTIFIERS
from mpp_cli.sources.eoir.reading.id_sets import Everything, GrowingIds, IdSet
from mpp_cli.sources.eoir.reading.read_file import Reading
from mpp_cli.sources.eoir.typed_columns import Column, Typist, stored
from mpp_cli.sources.prevalidated import SettledFile
from mpp_cli.sources.readers.fields import Fields
from mpp_cli.sources.values import arrow_columns

Ids = NDArray[np.int64]

TABLE = "court_identifiers"
COLUMNS = (Column("IDNCASE", "id"), Column("CASE_ID", "code"))
_NONE: Ids = np.empty(0, dtype=np.int64)


@dataclass(frozen=True)
class Counts:
    """The cohort under each rule: how many cases each knows, and MP and RM apart.

    ``by_identifier`` are the cases with each identifier (a case may have both).
    None is what the release cannot tell.
    """

    identifier_only: int | None
    location_only: int | None
    both: int | None
    by_identifier: dict[str, int | None]


@dataclass(frozen=True)
class Cohort:
    """Case numbers known by their identifier and by a hearing location, each once.

    None are those of a rule for which the release has no table or column.
    """

    by_identifier: Ids | None
    by_location: Ids | None
    identifiers: dict[str, int]

    def ids(self, rule: str) -> Ids:
        """The cases under a rule of ``--cohort``, for which the release has what it needs."""
        by_identifier = _NONE if self.by_identifier is None else self.by_identifier
        by_location = _NONE if self.by_location is None else self.by_location
        if rule == "identifier":
            return by_identifier
        if rule == "location":
            return by_location
        join = np.union1d if rule == "either" else np.intersect1d
        found: Ids = join(by_identifier, by_location)
        return found

    def among(self, known: IdSet | None) -> Cohort:
        """The same without the cases that are in no table of cases; None where nobody can tell."""
        if known is None or self.by_location is None:
            return self
        return replace(self, by_location=self.by_location[known.has(self.by_location)])

    @property
    def counts(self) -> Counts:
        """How the two rules overlap."""
        if self.by_identifier is None:
            return Counts(None, None, None, dict.fromkeys(IDENTIFIERS))
        if self.by_location is None:
            return Counts(None, None, None, {**self.identifiers})
        both = len(np.intersect1d(self.by_identifier, self.by_location))
        return Counts(
            identifier_only=len(self.by_identifier) - both,
            location_only=len(self.by_location) - both,
            both=both,
            by_identifier={**self.identifiers},
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
    for fields in reading.rows(Everything(), places, watch=None if known is None else Everything()):
        chosen = _with_code(fields, places["CASE_ID"], codes)
        account.outside[row_ledger.OTHER_IDENTIFIER] += len(fields) - len(chosen)
        if len(chosen):
            typed = typist.read(_picked(fields, chosen))
            engine.append(TABLE, typed.batch)


def identified(engine: Engine) -> tuple[Ids, dict[str, int]]:
    """The cases with one of MPP's identifiers, and how many have each."""
    counts = dict.fromkeys(IDENTIFIERS, 0) | dict(
        engine.fetch(f"SELECT case_id, count(DISTINCT idncase) FROM {TABLE} GROUP BY case_id")
    )
    rows = engine.fetch(f"SELECT DISTINCT idncase FROM {TABLE} ORDER BY idncase")
    return np.array([row[0] for row in rows], dtype=np.int64), counts


def store(engine: Engine, name: str, ids: Ids) -> None:
    """Make a table of case numbers."""
    engine.create(name, {"idncase": "BIGINT"})
    if len(ids):
        numbers = arrow_columns.integer_array(na.int64(), ids)
        engine.append(name, arrow_columns.batch({"idncase": numbers}, len(ids)))


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
