"""An import on disk: the event tables as Parquet, and the account of every row as JSON.

The tables get their names only when all are written and ``import.json`` stands
beside them, and the folder gets its own last: whenever the writing ends early,
what is left is refused, and never taken for a folder of some tables.
"""

from __future__ import annotations

import datetime
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from mpp_cli.engines.base import Engine, identifier
from mpp_cli.errors import DataError
from mpp_cli.results import Source, Warning
from mpp_cli.sources.eoir import ledger, notes, tables
from mpp_cli.sources.eoir.release import ABOUT
from mpp_cli.sources.schema import READ, table
from mpp_cli.sources.settled import CORRECTED, Settled, SettledFile, SourceNote
from mpp_cli.sources.unreadable import LostFigure, LostMonth

FORMAT = "mpp-import/1"

#: Rows that were set aside and values that were read as blank, with their text.
SET_ASIDE, _BLANKED = "set_aside", ledger.BLANKED

#: How the name of a table ends until all are written: nobody takes it for a table.
_UNFINISHED = ".part"

#: The tables that an import can hold.
TABLES = READ

#: Every file that an import may hold.
FILES = frozenset(
    {ABOUT, *(f"{name}.parquet" for name in (*TABLES, SET_ASIDE, _BLANKED, CORRECTED))}
)


def write(
    folder: Path,
    engine: Engine,
    settled: Settled,
    sources: Sequence[Source],
    version: str,
) -> None:
    """Write an import into an empty folder; ``sources`` are the balances of its files in order.

    The rows were judged: the used ones of each table are written.
    """
    for name in settled.tables:
        columns = tables.as_given(name, settled.tables[name])
        engine.write_parquet(
            f"SELECT _file, _line, {columns} FROM used_{name} "
            f"ORDER BY {'case_id, ' if table(name).column('case_id') else ''}_file, _line",
            folder / f"{name}{_UNFINISHED}",
        )
    numbers = ", ".join(str(each.number) for each in settled.files)
    ledger.keep_texts(engine, settled.files)
    for name, rows in (
        (
            SET_ASIDE,
            "SELECT s._file, s._line, s.reason, s.reason_column, COALESCE(s.raw, t.raw) AS raw "
            f"FROM {SET_ASIDE} s LEFT JOIN {ledger.TEXTS} t "
            "ON t._file = s._file AND t._line = s._line",
        ),
        (_BLANKED, f"SELECT * FROM {_BLANKED}"),
        *(((CORRECTED, f"SELECT * FROM {CORRECTED}"),) if "release" in settled.about else ()),
    ):
        engine.write_parquet(
            f"SELECT * FROM ({rows}) r WHERE _file IN ({numbers}) ORDER BY _file, _line",
            folder / f"{name}{_UNFINISHED}",
        )
    first = min(each.number for each in settled.files)
    about = {
        "format": FORMAT,
        "version": version,
        **settled.about,
        "first_file": first,
        "dated_by": settled.dated_by,
        "files": [_file(each, source) for each, source in zip(settled.files, sources, strict=True)],
        "tables": {
            name: {
                "file": f"{name}.parquet",
                "columns": list(columns),
                "rows": engine.fetch(f"SELECT count(*) FROM used_{name}")[0][0],
            }
            for name, columns in settled.tables.items()
        },
        "unavailable": dict(settled.unavailable),
        "unread": dict(settled.unread),
        "lost_months": [asdict(each) for each in settled.lost_months],
        "lost_figures": [asdict(each) for each in settled.lost_figures],
        "notes": [
            {"id": each.id, "text": each.text, "about": list(each.about)} for each in settled.notes
        ],
        "warnings": [
            {
                "id": each.id,
                "text": each.text,
                "file": each.file,
                "line": each.line,
                "loud": each.loud,
            }
            for each in settled.warnings
        ],
    }
    text = json.dumps(about, ensure_ascii=False, indent=2)
    (folder / ABOUT).write_text(text + "\n", encoding="utf-8")
    for path in folder.glob(f"*{_UNFINISHED}"):
        path.rename(path.with_name(path.name.removesuffix(_UNFINISHED) + ".parquet"))


def _file(file: SettledFile, source: Source) -> dict[str, Any]:
    return {
        "file": file.name,
        "kind": file.kind,
        "encoding": file.encoding,
        "hash": file.hash,
        "rows_read": file.rows_read,
        "rows_used": file.used,
        "rows_outside": dict(file.outside),
        "set_aside": dict(source.set_aside),
        "examples": {reason: list(lines) for reason, lines in source.examples.items()},
        "repaired": file.repaired,
        "blanked": dict(file.blanked),
        "unknown_codes": dict(file.unknown_codes),
        "most_outside": file.most_outside,
        "width": file.width,
        "case_place": file.case_place,
    }


def load(folder: Path, engine: Engine, first_number: int) -> Settled:
    """Read an import into the engine's event tables. Raises DataError when it is damaged."""
    about = _about(folder)
    shift = first_number - about["first_file"]
    files = [
        SettledFile(
            number=first_number + place,
            name=each["file"],
            kind=each["kind"],
            encoding=each["encoding"],
            hash=each["hash"],
            rows_read=each["rows_read"],
            used=each["rows_used"],
            outside=Counter(each["rows_outside"]),
            repaired=each["repaired"],
            blanked=Counter(each["blanked"]),
            unknown_codes=Counter(each["unknown_codes"]),
            most_outside=each.get("most_outside", True),
            width=each.get("width", 0),
            case_place=each.get("case_place"),
        )
        for place, each in enumerate(about["files"])
    ]
    given = {name: tuple(each["columns"]) for name, each in about["tables"].items()}
    # Mapped files have no rows that others correct, nor has an import of an earlier version.
    corrected = (CORRECTED,) if (folder / f"{CORRECTED}.parquet").exists() else ()
    for name in (*given, SET_ASIDE, _BLANKED, *corrected):
        try:
            engine.load_parquet(f"import_{name}", folder / f"{name}.parquet")
        except DataError as error:
            raise _damaged(folder, f"{error.file} {error.message}") from error
    for name, columns in given.items():
        tables.create(engine, name, columns)
        tables.fill(engine, name, f"({_shifted(f'import_{name}', columns, shift)}) i", columns)
        rows = engine.fetch(f"SELECT count(*) FROM {name}")[0][0]
        if rows != about["tables"][name]["rows"]:
            raise _damaged(folder, f"{name}.parquet has {rows:,} rows, and {ABOUT} says otherwise")
    ledger.create_tables(engine)
    for name, columns in (
        (SET_ASIDE, ("reason", "reason_column", "raw")),
        (_BLANKED, ("reason_column", "raw")),
        *((name, ("case_id", "corrected_by")) for name in corrected),
    ):
        engine.append_query(name, _shifted(f"import_{name}", columns, shift))
    day = about.get("release", {}).get("date")
    return Settled(
        name=folder.name,
        files=files,
        tables=given,
        unavailable=about["unavailable"],
        unread=about.get("unread", {}),
        lost_months=tuple(LostMonth(**each) for each in about.get("lost_months", ())),
        lost_figures=tuple(LostFigure(**each) for each in about.get("lost_figures", ())),
        notes=tuple(
            SourceNote(each["id"], each["text"], tuple(each["about"])) for each in about["notes"]
        ),
        warnings=list(_warnings(about)),
        end=datetime.date.fromisoformat(day) if day else None,
        dated_by=None if about.get("dated_by") is None else about["dated_by"] + shift,
        about={
            name: about[name]
            for name in ("release", "options", "cohort", "mapping")
            if name in about
        },
        **(notes.terms(about.get("options", {})) if "release" in about else {}),
    )


def _warnings(about: Mapping[str, Any]) -> Iterator[Warning]:
    for each in about["warnings"]:
        loud = each.get("loud", False)
        yield Warning(each["id"], each["text"], each["file"], each["line"], loud)


def _shifted(name: str, columns: tuple[str, ...], shift: int) -> str:
    """The rows of an import with the numbers that its files have here."""
    listed = ", ".join(map(identifier, columns))
    return f"SELECT CAST(_file + {shift} AS INTEGER) AS _file, _line, {listed} FROM {name}"


def _about(folder: Path) -> dict[str, Any]:
    try:
        about: dict[str, Any] = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
        version = about["format"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _damaged(folder, f"{ABOUT} cannot be read") from error
    if version != FORMAT:
        raise _damaged(folder, f"its format is {version}, and this version of mpp reads {FORMAT}")
    for name in (*about["tables"], SET_ASIDE, _BLANKED):
        if not (folder / f"{name}.parquet").is_file():
            raise _damaged(folder, f"{name}.parquet is missing")
    return about


def _damaged(folder: Path, why: str) -> DataError:
    return DataError(
        f"{folder}: is not a complete import: {why}", hint="make it again with `mpp import`"
    )
