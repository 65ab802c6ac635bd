"""From the court's tables in the engine to mpp's event tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from mpp_cli.engines.base import Engine, identifier
from mpp_cli.sources.schema import ROW_COLUMNS, STORED_AS, table

#: Columns of ``cases`` that a release fills; those with names and the last are the court's own.
CASES = (
    "case_id",
    "nta_filed_date",
    "nta_issued_date",
    "hearing_location",
    "hearing_location_name",
    "nationality",
    "nationality_name",
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


def as_given(name: str, given: Sequence[str]) -> str:
    """The SQL of columns of an event table under the names that they were given."""
    columns = stored(name, given)
    return ", ".join(f"{identifier(columns[each][0])} AS {identifier(each)}" for each in given)


def create(
    engine: Engine,
    name: str,
    given: Iterable[str],
    values: Mapping[str, Sequence[str]] | None = None,
) -> None:
    """Make an event table without rows that has the columns ``given`` beside those described.

    ``values`` are the only texts of some of the given columns, see the engine's ``create``.
    """
    columns = stored(name, given)
    coded = {columns[each][0]: texts for each, texts in (values or {}).items()}
    engine.create(name, {**ROW_COLUMNS, **dict(columns.values())}, coded)


def fill(engine: Engine, name: str, source: str, given: Sequence[str]) -> None:
    """Add the rows of ``source``, which has ``_file``, ``_line`` and ``given``, to an event table.

    The table was created for the same columns. The rows are judged already: they
    have no fingerprint, and none is blanked.
    """
    have = {*given}
    chosen = ", ".join(
        identifier(column) if column in have else f"CAST(NULL AS {kind})"
        for column, (_, kind) in stored(name, given).items()
    )
    rows = {"_file": "_file", "_line": "_line", "_blanked": "0"}
    of_row = ", ".join(
        rows.get(column, f"CAST(NULL AS {kind})") for column, kind in ROW_COLUMNS.items()
    )
    engine.append_query(name, f"SELECT {of_row}, {chosen} FROM {source}")


def make_cohort(engine: Engine, proceedings: int) -> None:
    """Make ``court_case_rows``: the cases of the cohort in the columns of ``cases``.

    A case stands on the line of its identifier, or of its first proceeding
    where it has none. ``proceedings`` is the number of that file.
    """
    engine.create_from(
        "court_case_rows",
        f"""
        SELECT CASE WHEN i._file IS NULL THEN {proceedings} ELSE i._file END AS _file,
            COALESCE(i._line, p._line, 0) AS _line, CAST(c.idncase AS VARCHAR) AS case_id,
            d.nta_filed_date, d.nta_issued_date, d.hearing_location, d.hearing_location_name,
            d.nationality, d.nationality_name, r.representation_date, 'mpp' AS docket,
            i.identifier
        FROM court_cohort c
        LEFT JOIN (SELECT idncase, min(_file) AS _file, min(_line) AS _line,
                CASE WHEN min(case_id) = max(case_id) THEN min(case_id)
                    ELSE min(case_id) || ' ' || max(case_id) END AS identifier
            FROM used_court_identifiers GROUP BY idncase) i ON i.idncase = c.idncase
        LEFT JOIN court_lines p ON p.idncase = c.idncase
        LEFT JOIN court_dated d ON d.idncase = c.idncase
        LEFT JOIN court_counsel r ON r.idncase = c.idncase""",
    )
