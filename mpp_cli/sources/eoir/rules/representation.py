"""Counsel: when a lawyer first entered an appearance, by the court's cases."""

from __future__ import annotations

from mpp_cli.engines.base import Engine
from mpp_cli.sources.eoir import row_ledger
from mpp_cli.sources.eoir.reading.id_sets import Everything, GrowingIds, IdSet
from mpp_cli.sources.eoir.reading.read_file import Reading
from mpp_cli.sources.eoir.typed_columns import USUAL_DATES, Column, Typist, stored
from mpp_cli.sources.prevalidated import SettledFile

TABLE = "court_cases"

#: Form EOIR-28 is the appearance of counsel before the court.
COLUMNS = (Column("IDNCASE", "id"), Column("E_28_DATE", "date", optional=True))


def read(
    reading: Reading,
    account: SettledFile,
    engine: Engine,
    keep: IdSet,
    known: GrowingIds | None,
) -> None:
    """Read the rows of ``keep`` into the engine; the cases of all rows are added to ``known``."""
    engine.create(TABLE, stored(COLUMNS))
    places = reading.places(each.name for each in COLUMNS if not each.optional)
    typist = Typist(COLUMNS, places, account)
    if known is not None:
        reading.notice = known.add
    for fields in reading.rows(keep, places, watch=None if known is None else Everything()):
        typed = typist.read(fields)
        row_ledger.blank(engine, account, typed.blanked)
        engine.append(TABLE, typed.batch)


def make_counsel(engine: Engine, there: bool) -> None:
    """Make ``court_counsel``: per case the earliest appearance, empty without the file."""
    engine.create_from(
        "court_counsel",
        f"SELECT idncase, min(e_28_date) AS representation_date FROM used_{TABLE} GROUP BY idncase"
        if there
        else "SELECT CAST(NULL AS BIGINT) AS idncase, CAST(NULL AS DATE) AS representation_date "
        "WHERE FALSE",
    )


def odd_dates(engine: Engine) -> dict[str, tuple[int, int]]:
    """Appearances on a day that cannot be right: their first line and their number, if any."""
    first, last = USUAL_DATES
    [(line, count)] = engine.fetch(
        f"SELECT min(_line), count(*) FROM used_{TABLE} WHERE e_28_date < $first "
        "OR e_28_date > $last",
        first=first,
        last=last,
    )
    return {"E_28_DATE": (line, count)} if count else {}
