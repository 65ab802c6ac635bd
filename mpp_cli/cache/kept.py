"""What one entry of the cache holds: the case history, the months, and every account.

No case id is in it. Beside the history stand the events of those few cases, by a
number of their own, whose history does not tell how many had happened by a date.
"""

from __future__ import annotations

import datetime
import json
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from blake3 import blake3

import mpp_cli
from mpp_cli import __version__, history
from mpp_cli.cache.answers import Answers, AskedBefore
from mpp_cli.engines import open_engine
from mpp_cli.engines.base import Engine, identifier
from mpp_cli.errors import DataError
from mpp_cli.goals import METRICS
from mpp_cli.heads import definitions_hash
from mpp_cli.judgement import Judgement
from mpp_cli.results import Source, Warning
from mpp_cli.sources.account import FileAccount, Kept
from mpp_cli.sources.dataset import Dataset
from mpp_cli.sources.files import Input
from mpp_cli.sources.hashes import Hashes, hash_of
from mpp_cli.sources.schema import AGGREGATES, READ, table
from mpp_cli.sources.unreadable import LostFigure, LostMonth, Unread

if TYPE_CHECKING:
    from mpp_cli.sources.mapping.mapped import Mapping as Mapped

#: The one engine whose tables are kept: others have their own ways of reading Parquet.
ENGINE = "duckdb"

#: Changes with every change to what an entry holds.
_FORMAT = "mpp-cache/1"

_ABOUT = "about.json"

#: Tables that are kept row by row: months and published figures, of which there are few.
_SMALL = ("encounters", AGGREGATES)

#: For each table of events that the document's counts leave out, the columns of the case
#: history that hold how many of them a case has.
_EVENTS: dict[str, set[str]] = {}
for _metric in METRICS.values():
    for _count in _metric.every_count:
        if _count.events:
            _EVENTS.setdefault(_count.events.table, set()).add(_count.events.number)


def key(inputs: Sequence[Input], hashes: Mapping[Path, str], options: Mapping[str, object]) -> str:
    """The name of what is kept: another for other files, file names, options or versions."""
    files = []
    for each in inputs:
        member = each.member.filename if each.member else None
        named = [each.name, each.file_name, each.named, member, each.sheet, each.unread]
        files.append([hashes[each.path], *named])
    code = [__version__, _code(), definitions_hash(), history.DOCUMENT]
    about = [_FORMAT, code, files, dict(options)]
    return blake3(json.dumps(about, sort_keys=True).encode()).hexdigest()[:40]


def told(mapping: Mapped | None) -> object:
    """A mapping as part of a key: all that it says, in its order, and the file that says it."""
    if mapping is None:
        return None
    return [mapping.hash, mapping.file, [[each.name, each.file] for each in mapping.tables]]


def _code() -> list[list[object]]:
    """The size and time of every module: a checkout changes without a new version."""
    package = Path(mpp_cli.__file__).parent
    return [
        [name, about.st_size, about.st_mtime_ns]
        for folder, _, names in sorted(os.walk(package))
        for name in sorted(names)
        if name.endswith((".py", ".json"))
        for about in [os.stat(os.path.join(folder, name))]
    ]


def answers(about: Mapping[str, Any], columns: Collection[str], today: datetime.date) -> bool:
    """Whether an entry can answer: it has the columns, and its "today" makes no difference."""
    asked = {name for name in columns if name in about["case_columns"]}
    then = datetime.date.fromisoformat(about["today"])
    latest = about["latest"] and datetime.date.fromisoformat(about["latest"])
    same = today == then or latest is None or latest <= min(today, then)
    return same and asked <= {*about["dimensions"]}


# --- writing --------------------------------------------------------------------


def write(folder: Path, judged: Judgement, columns: Collection[str]) -> None:
    """Write an entry into an empty folder. Raises OSError or DataError when it cannot."""
    dataset, engine = judged.dataset, judged.dataset.engine
    written: list[str] = []
    if dataset.has("cases"):
        history.prepare(dataset)
        tables = [name for name in _EVENTS if dataset.has(name)]
        many = " OR ".join(map(_many, tables)) or "FALSE"
        columns_kept = [name for name in engine.columns("document_history") if name != "case_id"]
        # The number of a row is its own as long as the table is as it is: it stands for the case.
        engine.write_parquet(
            f"SELECT CASE WHEN {many} THEN CAST(rowid AS INTEGER) END AS case_id, "
            f"{', '.join(map(identifier, columns_kept))} FROM document_history",
            folder / "history.parquet",
            in_order=False,
        )
        written.append("history")
        for name in tables:
            engine.write_parquet(
                f"SELECT n.number AS case_id, {', '.join(_event_columns(name))} "
                f"FROM used_{name} e "
                "JOIN (SELECT case_id, CAST(rowid AS INTEGER) AS number "
                f"FROM document_history WHERE {_many(name)}) n ON n.case_id = e.case_id",
                folder / f"{name}.parquet",
                in_order=False,
            )
            written.append(name)
    for name in _SMALL:
        if dataset.has(name):
            target = folder / f"{name}.parquet"
            engine.write_parquet(f"SELECT * FROM used_{name}", target, in_order=False)
            written.append(name)
    dimensions = [each for each in columns if each in dataset.columns("cases")]
    about = {
        "today": judged.today.isoformat(),
        "latest": _latest(dataset),
        "case_columns": dataset.columns("cases"),
        "dimensions": dimensions,
        "tables": {name: _digest(folder / f"{name}.parquet") for name in written},
        "files": [
            {
                "number": each.number,
                "name": each.name,
                "table": each.table.name,
                "header": each.header,
                "kind": each.kind,
                "encoding": each.encoding,
                "mapped": each.is_mapped,
                "hash": each.hash,
                "rows_read": each.rows_read,
                "outside": dict(each.outside),
            }
            for each in dataset.files
        ],
        "sources": [asdict(each) for each in judged.sources],
        "warnings": [asdict(each) for each in dataset.warnings],
        "row_warnings": [asdict(each) for each in judged.row_warnings],
        "unread": asdict(dataset.unread),
    }
    text = json.dumps(about, default=str).encode()
    (folder / _ABOUT).write_bytes(blake3(text).hexdigest().encode() + b"\n" + text)


def _many(name: str) -> str:
    """Which cases have so many events that the history does not tell when each happened."""
    return " OR ".join(f"{number} > 2" for number in sorted(_EVENTS[name]))


def _event_columns(name: str) -> list[str]:
    """What the events of a table that a count leaves out are told by."""
    known = [column.name for column in table(name).columns if column.kind in ("enum", "date")]
    return [f"e.{column}" for column in known]


def _latest(dataset: Dataset) -> datetime.date | None:
    """The latest date of an event or of a published figure, whatever the day today is."""
    days: list[datetime.date | None] = []
    for name in READ:
        column = table(name).date_column
        if column and dataset.has(name):
            days += dataset.engine.fetch(f"SELECT max({column}) FROM used_{name}")[0]
    return max((day for day in days if day), default=None)


def _digest(path: Path) -> str:
    return Hashes().of(path, lambda size: None)


# --- reading ---------------------------------------------------------------------


def read_about(entry: Path) -> dict[str, Any] | None:
    """What an entry says of itself; None when a byte of that is not what was written."""
    try:
        digest, _, text = (entry / _ABOUT).read_bytes().partition(b"\n")
        if blake3(text).hexdigest().encode() != digest:
            return None
        about: dict[str, Any] = json.loads(text)
        return about
    except (OSError, ValueError):
        return None


def load(
    entry: Path,
    about: Mapping[str, Any],
    inputs: Sequence[Input],
    today: datetime.date,
    paths: tuple[str, ...],
    sample: bool,
) -> Judgement | None:
    """The judged data of an entry, in an engine; None when one of its files is not whole."""
    try:
        tables = _Tables(entry, about["tables"])
    except (OSError, DataError):
        return None
    named = {each.name: each for each in inputs}
    engine = AskedBefore(ENGINE, Answers(entry), held=tables)
    dataset = Dataset(engine, [], paths, sample)
    dataset.files += [
        FileAccount(
            number=each["number"],
            source=named[each["name"]],
            text=Kept(each["encoding"], each["mapped"]),
            table=table(each["table"]),
            header=each["header"],
            kind=each["kind"],
            hash=each["hash"],
            rows_read=each["rows_read"],
            outside=Counter(each["outside"]),
        )
        for each in about["files"]
    ]
    dataset.warnings += [Warning(**each) for each in about["warnings"]]
    dataset.unread = _unread(about["unread"])
    sources = tuple(_source(each) for each in about["sources"])
    rows = tuple(Warning(**each) for each in about["row_warnings"])
    return Judgement(dataset, sources, today, rows)


class _Tables:
    """The tables of an entry, every byte of which is what was written.

    They are held open: the cache may be removed before an engine reads them.
    Raises OSError or DataError when one is not there or not whole.
    """

    def __init__(self, entry: Path, digests: Mapping[str, str]) -> None:
        self._files: dict[str, BinaryIO] = {}
        try:
            for name, digest in digests.items():
                self._files[name] = opened = (entry / f"{name}.parquet").open("rb")
                if hash_of(opened) != digest:
                    raise OSError("is not what was written")
        except BaseException:
            self.close()
            raise

    def open(self) -> Engine:
        """An engine with the tables under the names that questions have for them."""
        try:
            engine = open_engine(ENGINE, {_shown(n): Path(f.name) for n, f in self._files.items()})
        except (OSError, DataError):
            with tempfile.TemporaryDirectory(prefix="mpp-") as folder:
                copies = {name: Path(folder) / name for name in self._files}
                for name, copy in copies.items():
                    self._files[name].seek(0)
                    with copy.open("wb") as out:
                        shutil.copyfileobj(self._files[name], out, 1 << 20)
                engine = open_engine(ENGINE, {_shown(n): path for n, path in copies.items()})
        if "history" in self._files:
            _show_cases(engine)
        return engine

    def close(self) -> None:
        """Let go of the files."""
        for each in self._files.values():
            each.close()


def _shown(name: str) -> str:
    """The name that questions have for a table of an entry."""
    return "document_history" if name == "history" else f"used_{name}"


def _show_cases(engine: Engine) -> None:
    """Give the columns of cases that were kept the name that the rows of cases have."""
    shown = ["case_id"]
    for name in engine.columns("document_history"):
        if name.startswith("by_"):
            stored = table("cases").stored(name.removeprefix("by_"))
            shown.append(f"{identifier(name)} AS {identifier(stored)}")
    engine.define("used_cases", f"SELECT {', '.join(shown)} FROM document_history")


def _unread(about: dict[str, Any]) -> Unread:
    months = tuple(LostMonth(**each) for each in about["months"])
    figures = tuple(LostFigure(**each) for each in about["figures"])
    return Unread(about["tables"], about["columns"], months, figures)


def _source(each: dict[str, Any]) -> Source:
    through = each["through"]
    examples = {reason: tuple(lines) for reason, lines in each["examples"].items()}
    return Source(
        **{
            **each,
            "through": through and datetime.date.fromisoformat(through),
            "examples": examples,
        }
    )
