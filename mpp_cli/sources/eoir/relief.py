"""Relief: what applications and decisions granted, and when.

Withholding of removal and protection under the Convention Against Torture are
granted together with a removal order, so the outcome of a proceeding does not
tell of them: the decisions on its applications and the words of its own
decision do.
"""

from __future__ import annotations

from mpp_cli.engines.base import Engine
from mpp_cli.sources.eoir import ledger
from mpp_cli.sources.eoir.columns import Column, Typist, stored
from mpp_cli.sources.eoir.ids import IdSet
from mpp_cli.sources.eoir.reading import Reading
from mpp_cli.sources.settled import SettledFile

TABLE = "court_applications"
COLUMNS = (
    Column("IDNPROCEEDING", "id"),
    Column("IDNCASE", "id"),
    Column("APPL_CODE", "code"),
    Column("APPL_DEC", "code"),
)

#: Applications by code: the relief, and the decisions that grant it. Full
#: grant, grant, conditional grant, and grants stipulated in court or on paper;
#: a grant of withholding under the Convention has a letter of its own, L.
GRANTS = (
    ("ASYL", "asylum", "FGCIP"),
    ("ASYW", "statutory_withholding", "FGCIP"),
    ("WCAT", "cat_withholding", "FGCIPL"),
)


def read(reading: Reading, account: SettledFile, engine: Engine, keep: IdSet) -> None:
    """Read the applications of these cases into the engine."""
    engine.create(TABLE, stored(COLUMNS))
    places = reading.places(each.name for each in COLUMNS)
    typist = Typist(COLUMNS, places, account)
    for fields in reading.rows(keep, places):
        typed = typist.read(fields)
        ledger.set_aside(engine, account, typed.set_aside)
        if typed.batch is not None:
            engine.append(TABLE, typed.batch)


def make_grants(engine: Engine) -> None:
    """Make ``court_grants``: per case and kind of relief the earliest grant that has a date.

    Needs ``court_selected`` of :mod:`handover`. An application is dated by the completion date of
    its proceeding, which must be a selected one of the same case.
    """
    granted = " ".join(
        f"WHEN appl_code = '{code}' AND appl_dec IN ({', '.join(map(repr, decisions))}) "
        f"THEN '{relief}'"
        for code, relief, decisions in GRANTS
    )
    engine.create_from(
        "court_granted",
        f"""
        SELECT a._file, a._line, a.idncase, a.idnproceeding, a.relief_type, p.granted_date
        FROM (SELECT *, CASE {granted} END AS relief_type FROM used_{TABLE} u
            WHERE {ledger.IN_COHORT}) a
        LEFT JOIN (SELECT idncase, idnproceeding, min(comp_date) AS granted_date
            FROM court_selected GROUP BY idncase, idnproceeding) p
            ON p.idncase = a.idncase AND p.idnproceeding = a.idnproceeding
        WHERE a.relief_type IS NOT NULL""",
    )
    # A decision that only says "Relief Granted" is of another kind when no
    # application of its proceeding says which.
    engine.create_from(
        "court_decided",
        """
        SELECT s._file, s._line, s.idncase, s.idnproceeding, s.relief AS relief_type,
            s.comp_date AS granted_date
        FROM court_selected s
        WHERE s.outcome IS NOT NULL AND s.relief IS NOT NULL AND (s.relief <> 'other'
            OR NOT EXISTS (SELECT 1 FROM court_granted g WHERE g.idncase = s.idncase
                AND g.idnproceeding = s.idnproceeding))""",
    )
    engine.create_from(
        "court_grants",
        """
        SELECT _file, _line, CAST(idncase AS VARCHAR) AS case_id, granted_date, relief_type
        FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY idncase, relief_type
                ORDER BY granted_date, idnproceeding, _file, _line) AS place
            FROM (SELECT * FROM court_granted WHERE granted_date IS NOT NULL
                UNION ALL SELECT * FROM court_decided) g) r
        WHERE place = 1""",
    )


def undated(engine: Engine) -> tuple[int, int]:
    """How many granted applications of used cases have no date, and the line of the first."""
    rows = engine.fetch(
        "SELECT _line, count(*) OVER () FROM court_granted WHERE granted_date IS NULL "
        "ORDER BY _line LIMIT 1"
    )
    return (rows[0][1], rows[0][0]) if rows else (0, 0)
