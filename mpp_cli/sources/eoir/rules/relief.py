"""Relief: what applications and decisions granted, and when.

Withholding of removal and protection under the Convention Against Torture are
granted together with a removal order, so the outcome of a proceeding does not
tell of them: the decisions on its applications and the words of its own
decision do. Deferral under the Convention has no code among applications: there
the decision is the better witness.
"""

from __future__ import annotations

from collections.abc import Iterable

from mpp_cli.engines.base import Engine
from mpp_cli.sources.eoir import row_ledger
from mpp_cli.sources.eoir.reading.id_sets import IdSet
from mpp_cli.sources.eoir.reading.read_file import Reading
from mpp_cli.sources.eoir.typed_columns import Column, Typist, stored
from mpp_cli.sources.prevalidated import SettledFile

TABLE = "court_applications"
COLUMNS = (
    Column("IDNPROCEEDING", "id"),
    Column("IDNCASE", "id"),
    Column("APPL_CODE", "code"),
    Column("APPL_DEC", "code"),
)

#: Decisions on an application that grant it: full grant, grant, conditional grant, and
#: grants stipulated in court or on paper.
GRANTED = "FGCIP"

#: Applications by code: the relief, and the decisions that grant it. A grant of
#: withholding under the Convention has a letter of its own, L.
GRANTS = (
    ("ASYL", "asylum", GRANTED),
    ("ASYW", "statutory_withholding", GRANTED),
    ("WCAT", "cat_withholding", GRANTED + "L"),
)

#: Applications for no relief: voluntary departure, which is an outcome of its own;
#: withdrawal, also of the request for admission; a prima facie determination.
NO_RELIEF = ("VD", "WD", "WDL", "PRMF")


def read(reading: Reading, account: SettledFile, engine: Engine, keep: IdSet) -> None:
    """Read the applications of these cases into the engine."""
    engine.create(TABLE, stored(COLUMNS))
    places = reading.places(each.name for each in COLUMNS)
    typist = Typist(COLUMNS, places, account)
    for fields in reading.rows(keep, places):
        typed = typist.read(fields)
        row_ledger.set_aside(engine, account, typed.set_aside)
        if typed.batch is not None:
            engine.append(TABLE, typed.batch)


def make_grants(engine: Engine) -> None:
    """Make ``court_grants``: every grant that has a date, once for each case, kind and day.

    Needs ``court_selected`` of :mod:`handover`. An application has the date of its
    proceeding, which must be a selected one of the same case with a completion date;
    where that one ended without a decision, such as by a change of venue, that of the
    first later one with a decision, if there is one. What is granted again counts
    from its first day; the further days tell that a later decision granted it, too.
    """
    engine.create_from("court_dating", _DATING)
    engine.create_from(
        "court_granted",
        f"""
        SELECT a._file, a._line, a.idncase, a.idnproceeding, d.decided_by, d.granted_date,
            CASE WHEN a.granted = 'cat_withholding' AND d.relief = 'cat_deferral'
                THEN 'cat_deferral' ELSE a.granted END AS relief_type
        FROM (SELECT *, {_granted()} AS granted FROM used_{TABLE} u
            WHERE {row_ledger.IN_COHORT}) a
        LEFT JOIN court_dating d
            ON d.idncase = a.idncase AND d.idnproceeding = a.idnproceeding
        WHERE a.granted IS NOT NULL""",
    )
    # A decision that grants relief and does not name it is of unknown kind when no
    # granted application that it dates says which.
    engine.create_from(
        "court_decided",
        """
        SELECT s._file, s._line, s.idncase, s.idnproceeding, s.idnproceeding AS decided_by,
            s.comp_date AS granted_date, s.relief AS relief_type
        FROM court_selected s
        WHERE s.outcome IS NOT NULL AND s.relief IS NOT NULL AND (s.relief <> 'unknown'
            OR NOT EXISTS (SELECT 1 FROM court_granted g WHERE g.idncase = s.idncase
                AND g.decided_by = s.idnproceeding))""",
    )
    engine.create_from(
        "court_grants",
        """
        SELECT _file, _line, CAST(idncase AS VARCHAR) AS case_id, granted_date, relief_type
        FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY idncase, relief_type, granted_date
                ORDER BY idnproceeding, _file, _line) AS place,
                min(granted_date) OVER (PARTITION BY idncase, relief_type) AS first_date
            FROM (SELECT * FROM court_granted WHERE granted_date IS NOT NULL
                UNION ALL SELECT * FROM court_decided) g) r
        WHERE place = 1 AND (decided_by IS NOT NULL OR granted_date = first_date)""",
    )


#: Which decision dates what was granted in a proceeding: by proceeding of the cohort, the
#: number of the decision, its date and the relief that it names. Completions are in the
#: order of their date and the number of their proceeding.
_DATING = """
    SELECT p.idncase, p.idnproceeding, d.idnproceeding AS decided_by, d.relief,
        COALESCE(d.comp_date, p.comp_date) AS granted_date
    FROM court_selected p
    LEFT JOIN court_selected d ON d.decided AND d.idncase = p.idncase
        AND CASE WHEN p.decided THEN d.idnproceeding = p.idnproceeding
            ELSE d.comp_date > p.comp_date
                OR (d.comp_date = p.comp_date AND d.idnproceeding > p.idnproceeding) END
    WHERE p.comp_date IS NOT NULL
        AND EXISTS (SELECT 1 FROM court_cohort c WHERE c.idncase = p.idncase)
    QUALIFY ROW_NUMBER() OVER (PARTITION BY p.idncase, p.idnproceeding
        ORDER BY d.comp_date, d.idnproceeding) = 1"""


def _granted() -> str:
    """The relief that an application was granted, as SQL; NULL where it was not."""
    named = " ".join(
        f"WHEN appl_code = '{code}' AND appl_dec IN ({_texts(decisions)}) THEN '{relief}'"
        for code, relief, decisions in GRANTS
    )
    of_others = _texts((*(code for code, _, _ in GRANTS), *NO_RELIEF))
    return (
        f"CASE {named} WHEN COALESCE(appl_code, '') NOT IN ({of_others}) "
        f"AND appl_dec IN ({_texts(GRANTED)}) THEN 'other' END"
    )


def _texts(values: Iterable[str]) -> str:
    return ", ".join(map(repr, values))


def undated(engine: Engine) -> tuple[int, int]:
    """How many granted applications of used cases have no date, and the line of the first."""
    rows = engine.fetch(
        "SELECT _line, count(*) OVER () FROM court_granted WHERE granted_date IS NULL "
        "ORDER BY _line LIMIT 1"
    )
    return (rows[0][1], rows[0][0]) if rows else (0, 0)
