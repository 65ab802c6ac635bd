"""Proceedings: from the court's rows to cases and completions, by rules in SQL.

The rules are those of the specification of the source, in its order; each is
printed with the figures, see :mod:`mpp_cli.sources.eoir.notes`.
"""

from __future__ import annotations

from mpp_cli.engines.base import Engine
from mpp_cli.sources.eoir import ledger
from mpp_cli.sources.eoir.columns import Column, Typist, stored
from mpp_cli.sources.eoir.ids import IdSet
from mpp_cli.sources.eoir.lookup import Decisions
from mpp_cli.sources.eoir.options import LOCATIONS, Options
from mpp_cli.sources.eoir.reading import Reading
from mpp_cli.sources.settled import SettledFile

TABLE = "court_proceedings"
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

#: Whether a row of any of the court's tables, called ``u``, is about a case of
#: the cohort. More may have been read, while the cohort was not known yet.
IN_COHORT = "EXISTS (SELECT 1 FROM court_cohort c WHERE c.idncase = u.idncase)"

#: Codes of OTHER_COMP after which the case goes on elsewhere: change of venue,
#: transfer, zero bond, and jurisdiction transferred to the appeals board.
NO_COMPLETION = ("C", "T", "X", "J")
FAILURE_TO_PROSECUTE = "F"


def read(reading: Reading, account: SettledFile, engine: Engine, keep: IdSet) -> None:
    """Read the proceedings of these cases into the engine.

    Case numbers heard at an MPP location are left in ``reading.noticed``.
    """
    engine.create(TABLE, stored(COLUMNS))
    places = reading.places(each.name for each in COLUMNS if not each.optional)
    typist = Typist(COLUMNS, places, account)
    for fields in reading.rows(keep, location="HEARING_LOC_CODE", codes=LOCATIONS):
        typed = typist.read(fields)
        ledger.set_aside(engine, account, typed.set_aside)
        ledger.blank(engine, account, typed.blanked)
        if typed.batch is not None:
            engine.append(TABLE, typed.batch)
    ledger.set_duplicates_aside(engine, TABLE, "idncase, idnproceeding")


def other_types(options: Options) -> str:
    """The condition under which a proceeding is of another case type than those chosen."""
    return f"COALESCE(case_type, '') NOT IN ({_texts(options.case_types)})"


def select(engine: Engine, options: Options, decisions: Decisions) -> None:
    """Make ``court_selected``: the proceedings of chosen case types, each decoded.

    ``outcome`` is that of a completion, NULL where there is none; ``relief`` is
    what the decision itself grants.
    """
    engine.create(
        "court_decisions", dict.fromkeys(("case_type", "dec_code", "outcome", "relief"), "VARCHAR")
    )
    for (case_type, code), found in decisions.completions.items():
        engine.append_query(
            "court_decisions",
            "SELECT $case_type, $code, $outcome, $relief",
            case_type=case_type,
            code=code,
            outcome=found.outcome,
            relief=found.relief,
        )
    wanted = "" if options.compare_dockets else f" AND {IN_COHORT}"
    engine.create_from(
        "court_selected",
        f"""
        SELECT p.*, d.relief, CASE
            WHEN p.comp_date IS NULL THEN NULL
            WHEN p.dec_code IS NOT NULL THEN d.outcome
            WHEN p.other_comp IS NULL OR p.other_comp IN ({_texts(NO_COMPLETION)}) THEN NULL
            WHEN p.other_comp = '{FAILURE_TO_PROSECUTE}' THEN 'failure_to_prosecute'
            ELSE 'administratively_closed' END AS outcome
        FROM (SELECT * FROM used_{TABLE} u WHERE NOT ({other_types(options)}){wanted}) p
        LEFT JOIN court_decisions d
            ON d.case_type = p.case_type AND d.dec_code = p.dec_code""",
    )


def unknown_codes(engine: Engine, decisions: Decisions) -> dict[str, int]:
    """Codes of completions that no lookup knows, as "RMV 2", with their proceedings."""
    rows = engine.fetch(
        "SELECT case_type, COALESCE(dec_code, other_comp), count(*) FROM court_selected "
        "WHERE COALESCE(dec_code, other_comp) IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2"
    )
    return {
        f"{case_type} {code}": count
        for case_type, code, count in rows
        if (case_type, code) not in decisions.known
    }


def make_cases(engine: Engine, options: Options) -> None:
    """Make ``court_dated``: one row per case that has a selected proceeding.

    Nationality and hearing location are those of the first selected proceeding,
    which has the smallest number; rows with one number are told apart by their
    values, so that the order of the file decides nothing.
    """
    filed = "min(input_date)" if options.nta_date == "input" else "min(osc_date)"
    if options.nta_date == "input":
        filed = f"COALESCE({filed}, min(osc_date))"
    engine.create_from(
        "court_dated",
        f"""
        SELECT idncase, {filed} AS nta_filed_date, min(osc_date) AS nta_issued_date,
            max(CASE WHEN place = 1 THEN hearing_loc_code END) AS hearing_location,
            max(CASE WHEN place = 1 THEN nat END) AS nationality,
            max(CASE WHEN custody_place = 1 THEN custody END) AS custody,
            min(CASE WHEN place = 1 THEN _line END) AS first_line
        FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY idncase ORDER BY idnproceeding,
                input_date NULLS LAST, hearing_loc_code NULLS LAST, nat NULLS LAST) AS place,
            ROW_NUMBER() OVER (PARTITION BY idncase ORDER BY
                CASE WHEN custody IS NULL THEN 1 ELSE 0 END, idnproceeding,
                input_date NULLS LAST, custody NULLS LAST) AS custody_place
            FROM court_selected) p
        GROUP BY idncase""",
    )


def make_completions(engine: Engine) -> None:
    """Make ``court_completions``: one row per completion, in the columns of the event table.

    The first completion that can be an initial one, by date and then by the
    number of its proceeding, is called initial; so which of two of one day it
    is does not hang on the order of the file.
    """
    eligible = "outcome NOT IN ('administratively_closed', 'failure_to_prosecute')"
    engine.create_from(
        "court_completions",
        f"""
        SELECT e._file, e._line, CAST(e.idncase AS VARCHAR) AS case_id,
            e.comp_date AS completion_date, e.outcome,
            CASE WHEN {eligible} AND e.place = 1 THEN 'initial' END AS completion_type,
            CASE e.absentia WHEN 'Y' THEN TRUE WHEN 'N' THEN FALSE END AS in_absentia,
            n.reopened_date
        FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY idncase, {eligible}
                ORDER BY comp_date, idnproceeding, outcome, absentia NULLS LAST, _line) AS place
            FROM court_selected WHERE outcome IS NOT NULL) e
        LEFT JOIN (SELECT idncase, idnproceeding, LEAD(first_input) OVER
                (PARTITION BY idncase ORDER BY idnproceeding) AS reopened_date
            FROM (SELECT idncase, idnproceeding, min(input_date) AS first_input
                FROM court_selected GROUP BY idncase, idnproceeding) s) n
            ON n.idncase = e.idncase AND n.idnproceeding = e.idnproceeding""",
    )


def odd_dates(engine: Engine) -> list[tuple[str, int, int]]:
    """Columns of selected proceedings with dates before 1950 or after 2100.

    As (column, first line, how many): typing errors, taken as they are written.
    """
    found = []
    for column in (each for each in COLUMNS if each.kind == "date"):
        line, count = engine.fetch(
            f"SELECT min(_line), count(*) FROM court_selected WHERE {column.stored} < DATE "
            f"'1950-01-01' OR {column.stored} > DATE '2100-12-31'"
        )[0]
        if count:
            found.append((column.name, line, count))
    return found


def _texts(codes: tuple[str, ...]) -> str:
    """Codes as a list of SQL texts."""
    return ", ".join("'" + code.replace("'", "''") + "'" for code in codes)
