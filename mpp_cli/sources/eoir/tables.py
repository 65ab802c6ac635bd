"""From the court's tables in the engine to mpp's event tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from mpp_cli.engines.base import Engine, identifier
from mpp_cli.sources.schema import table
from mpp_cli.sources.tables import ROW_COLUMNS, STORED_AS

#: Columns of ``cases`` that a release fills; the last is the court's own.
CASES = (
    "case_id",
    "nta_filed_date",
    "nta_issued_date",
    "hearing_location",
    "nationality",
    "representation_date",
    "docket",
    "identifier",
)
COMPLETIONS = (
    "case_id",
    "completion_date",
    "outcome",
    "completion_type",
    "in_absentia",
    "reopened_date",
)
GRANTS = ("case_id", "granted_date", "relief_type")

EVENT_TABLES: Mapping[str, tuple[str, ...]] = {
    "cases": CASES,
    "completions": COMPLETIONS,
    "grants": GRANTS,
}


def stored(name: str, given: Iterable[str]) -> dict[str, tuple[str, str]]:
    """The columns of an event table: all that are described, and those given beside them.

    Each with its name in the engine, which for the others is another, and its type.
    """
    described = table(name)
    columns = {each.name: STORED_AS[each.kind] for each in described.columns}
    columns |= {each: "VARCHAR" for each in given if each not in columns}
    return {each: (described.stored(each), kind) for each, kind in columns.items()}


def fill(engine: Engine, name: str, source: str, given: Iterable[str]) -> None:
    """Make an event table of the rows of ``source``, which has ``_file``, ``_line`` and ``given``.

    The rows are judged already: they have no fingerprint, and none is blanked.
    """
    columns = stored(name, given := tuple(given))
    engine.create(name, {**ROW_COLUMNS, **dict(columns.values())})
    have = {*given}
    chosen = ", ".join(
        identifier(column) if column in have else f"CAST(NULL AS {kind})"
        for column, (_, kind) in columns.items()
    )
    rows = {"_file": "_file", "_line": "_line", "_blanked": "0"}
    of_row = ", ".join(
        rows.get(column, f"CAST(NULL AS {kind})") for column, kind in ROW_COLUMNS.items()
    )
    engine.append_query(name, f"SELECT {of_row}, {chosen} FROM {source}")


def of_cases(source: str) -> str:
    """The rows of ``source`` that are about cases in the table ``cases``.

    Cases were kept whose cohort was not known yet, and cases without a docket.
    """
    return f"{source} e WHERE EXISTS (SELECT 1 FROM cases c WHERE c.case_id = e.case_id)"


def make_cases(engine: Engine, proceedings: int, compare: bool) -> None:
    """Make ``court_case_rows`` in the columns of ``cases``.

    A case of the cohort stands on the line of its identifier, or of its first
    proceeding where it has none. With ``compare`` the other cases that have a
    docket follow. ``proceedings`` is the number of that file.
    """
    docket = "CASE d.custody WHEN 'D' THEN 'detained' ELSE 'non_detained' END"
    others = (
        f"""
        UNION ALL SELECT {proceedings}, d.first_line, d.idncase, NULL, {docket}
        FROM court_dated d
        WHERE NOT EXISTS (SELECT 1 FROM court_cohort c WHERE c.idncase = d.idncase)
            AND d.custody IS NOT NULL"""
        if compare
        else ""
    )
    engine.create_from(
        "court_case_rows",
        f"""
        SELECT k._file, k._line, CAST(k.idncase AS VARCHAR) AS case_id, d.nta_filed_date,
            d.nta_issued_date, d.hearing_location, d.nationality, r.representation_date,
            k.docket, k.identifier
        FROM (SELECT CASE WHEN i._file IS NULL THEN {proceedings} ELSE i._file END AS _file,
                COALESCE(i._line, p._line, 0) AS _line, c.idncase, i.identifier, 'mpp' AS docket
            FROM court_cohort c
            LEFT JOIN (SELECT idncase, min(_file) AS _file, min(_line) AS _line,
                    CASE WHEN min(case_id) = max(case_id) THEN min(case_id)
                        ELSE min(case_id) || ' ' || max(case_id) END AS identifier
                FROM used_court_identifiers GROUP BY idncase) i ON i.idncase = c.idncase
            LEFT JOIN (SELECT idncase, min(_line) AS _line
                FROM used_court_proceedings GROUP BY idncase) p ON p.idncase = c.idncase
            {others}) k
        LEFT JOIN court_dated d ON d.idncase = k.idncase
        LEFT JOIN court_counsel r ON r.idncase = k.idncase""",
    )
