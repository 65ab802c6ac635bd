"""What became of every row of a file: the account, and the rows that were set aside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import nanoarrow as na
import numpy as np
from numpy.typing import NDArray

from mpp_cli.engines.base import Engine
from mpp_cli.sources.prevalidated import CORRECTED, SettledFile
from mpp_cli.sources.values import arrow_columns
from mpp_cli.sources.values.validate import SetAside

#: Why a row is outside: its case is not in the cohort, it bears another
#: identifier than MPP's, a later row of the file corrects it, its proceeding is
#: of another case type, or no proceeding of its case says on which docket it is.
OTHER_CASE = "other-case"
OTHER_IDENTIFIER = "other-identifier"
SUPERSEDED = "superseded"
OTHER_CASE_TYPE = "other-case-type"
NO_DOCKET = "no-docket"

#: Whether a row of any of the court's tables, called ``u``, is about a case of
#: the cohort. More may have been read, while the cohort was not known yet.
IN_COHORT = "EXISTS (SELECT 1 FROM court_cohort c WHERE c.idncase = u.idncase)"

#: The engine's table of values that were read as blank in used rows, and that
#: of all such values, found while it was not known yet which rows are used.
BLANKED, _FOUND_BLANK = "blanked_values", "found_blank"
BLANKED_COLUMNS = {
    "_file": "INTEGER",
    "_line": "BIGINT",
    "reason_column": "VARCHAR",
    "raw": "VARCHAR",
}

CORRECTED_COLUMNS = {
    "_file": "INTEGER",
    "_line": "BIGINT",
    "case_id": "VARCHAR",
    "corrected_by": "BIGINT",
}

#: The engine's table of texts that :func:`keep_texts` makes, and how many it reads at once.
TEXTS, _PAGE = "texts_set_aside", 100_000


def create_tables(engine: Engine) -> None:
    """Make the tables of values read as blank, and of rows that others correct."""
    engine.create(CORRECTED, CORRECTED_COLUMNS)
    engine.create(BLANKED, BLANKED_COLUMNS)
    engine.create(_FOUND_BLANK, BLANKED_COLUMNS)


def set_aside(
    engine: Engine, account: SettledFile, rows: Sequence[SetAside], into: str = "set_aside"
) -> None:
    """Record rows that cannot be used."""
    if rows:
        engine.append(
            into,
            arrow_columns.batch(
                {
                    **_places(account, rows),
                    "reason": arrow_columns.strings_array([row.reason for row in rows]),
                    "reason_column": arrow_columns.strings_array([row.column for row in rows]),
                    "raw": arrow_columns.strings_array([row.raw for row in rows]),
                },
                len(rows),
            ),
        )


def blank(
    engine: Engine, account: SettledFile, rows: Sequence[SetAside], into: str = _FOUND_BLANK
) -> None:
    """Record values that cannot be read; their rows stay used."""
    if rows:
        engine.append(
            into,
            arrow_columns.batch(
                {
                    **_places(account, rows),
                    "reason_column": arrow_columns.strings_array([row.column for row in rows]),
                    "raw": arrow_columns.strings_array([row.raw for row in rows]),
                },
                len(rows),
            ),
        )


def _places(account: SettledFile, rows: Sequence[SetAside]) -> dict[str, object]:
    numbers = np.full(len(rows), account.number, np.int32)
    lines = np.array([row.line for row in rows], dtype=np.int64)
    return {
        "_file": arrow_columns.integer_array(na.int32(), numbers),
        "_line": arrow_columns.integer_array(na.int64(), lines),
    }


def set_aside_found(engine: Engine, reason: str, rows: str) -> None:
    """Set aside the rows that a query gives as (_file, _line)."""
    engine.append_query(
        "set_aside",
        f"SELECT _file, _line, '{reason}', '', CAST(NULL AS VARCHAR) FROM ({rows}) r",
    )


def set_lines_aside(
    engine: Engine, account: SettledFile, reason: str, lines: NDArray[np.int64]
) -> None:
    """Set aside the rows on these lines; their text is read again when it is asked for."""
    rows = len(lines)
    engine.append(
        "set_aside",
        arrow_columns.batch(
            {
                "_file": arrow_columns.integer_array(
                    na.int32(), np.full(rows, account.number, np.int32)
                ),
                "_line": arrow_columns.integer_array(na.int64(), lines),
                "reason": arrow_columns.strings_array([reason] * rows),
                "reason_column": arrow_columns.strings_array([""] * rows),
            },
            rows,
        ),
    )


def keep_texts(engine: Engine, files: Sequence[SettledFile]) -> None:
    """Make the table of the texts of rows that were set aside for what other rows say.

    They are read again from the files, which may be gone when somebody asks for them.
    """
    engine.create(TEXTS, {"_file": "INTEGER", "_line": "BIGINT", "raw": "VARCHAR"})
    for file in files:
        after = -1
        while page := engine.fetch(
            "SELECT _line FROM set_aside WHERE _file = $file AND raw IS NULL AND _line > $after "
            f"ORDER BY _line LIMIT {_PAGE}",
            file=file.number,
            after=after,
        ):
            lines = [line for (line,) in page]
            texts, after = file.texts(lines), lines[-1]
            rows = [SetAside(line, "", "", texts.get(line, "")) for line in lines]
            raw = arrow_columns.strings_array([row.raw for row in rows])
            engine.append(
                TEXTS, arrow_columns.batch({**_places(file, rows), "raw": raw}, len(rows))
            )


def define_used(engine: Engine, table: str) -> None:
    """Give the rows of a table that were not set aside the name ``used_…``."""
    among = "SELECT 1 FROM set_aside s WHERE s._file = t._file AND s._line = t._line"
    some = engine.fetch(f"SELECT count(*) FROM {table} t WHERE EXISTS ({among})")[0][0]
    engine.define(
        f"used_{table}",
        f"SELECT * FROM {table} t" + (f" WHERE NOT EXISTS ({among})" if some else ""),
    )


def set_duplicates_aside(engine: Engine, table: str, key: str) -> None:
    """Set aside exact copies of an earlier row of the same file about a case of the cohort.

    The fingerprint covers the whole row after trimming; ``key`` is compared as
    well, so that only rows with one number could ever be taken for another.
    """
    set_aside_found(
        engine,
        "duplicate",
        "SELECT _file, _line FROM (SELECT _file, _line, ROW_NUMBER() OVER "
        f"(PARTITION BY _print, {key} ORDER BY _line) AS place FROM {table} u "
        f"WHERE _print IN (SELECT _print FROM {table} GROUP BY _print HAVING count(*) > 1) "
        f"AND {IN_COHORT}) d WHERE place > 1",
    )
    define_used(engine, table)


def settle(
    engine: Engine, account: SettledFile, table: str, outside: Mapping[str, str] | None = None
) -> None:
    """Count the used rows of a file, and the values read as blank in them.

    ``outside`` are conditions on the table's rows, by the rule for which rows
    that meet one of them, the first, are outside.
    """
    cases = " ".join(f"WHEN {test} THEN '{rule}'" for rule, test in (outside or {}).items())
    rule = f"CASE {cases} END" if cases else "CAST(NULL AS VARCHAR)"
    for name, count in engine.fetch(
        f"SELECT {rule}, count(*) FROM used_{table} u WHERE _file = $file GROUP BY 1",
        file=account.number,
    ):
        if name is None:
            account.used = count
        else:
            account.outside[name] += count
    settle_blanked(
        engine, account, f"SELECT _line FROM used_{table} u WHERE _file = $file AND {rule} IS NULL"
    )


def settle_blanked(engine: Engine, account: SettledFile, used: str) -> None:
    """Record the values read as blank in used rows, whose lines the query ``used`` gives."""
    engine.append_query(
        BLANKED,
        f"SELECT b.* FROM {_FOUND_BLANK} b WHERE _file = $file "
        f"AND EXISTS (SELECT 1 FROM ({used}) l WHERE l._line = b._line)",
        file=account.number,
    )
    counts = engine.fetch(
        f"SELECT reason_column, count(*) FROM {BLANKED} WHERE _file = $file "
        "GROUP BY reason_column ORDER BY reason_column",
        file=account.number,
    )
    account.blanked.update(dict(counts))
