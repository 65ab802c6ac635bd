"""From the files of ``--data`` to event tables in an engine, with an account of every row."""

from __future__ import annotations

import gzip
import zlib
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from blake3 import blake3

from mpp_cli.engines.base import Engine
from mpp_cli.errors import DataError
from mpp_cli.results import Warning
from mpp_cli.sources import vectors
from mpp_cli.sources.files import Input, find
from mpp_cli.sources.recognise import recognise
from mpp_cli.sources.schema import TABLES, Table, table
from mpp_cli.sources.tables import OTHER_REGION, ROW_COLUMNS, STORED_AS, SetAside, TableReader
from mpp_cli.sources.text import Block, LineTooLong, TextFile

_SET_ASIDE_COLUMNS = {
    "_file": "INTEGER",
    "_line": "BIGINT",
    "reason": "VARCHAR",
    "reason_column": "VARCHAR",
}


@dataclass
class FileAccount:
    """One input file and what became of its rows so far."""

    number: int
    source: Input
    text: TextFile
    table: Table
    header: list[str]
    kind: str
    hash: str = ""
    rows_read: int = 0
    outside: Counter[str] = field(default_factory=Counter)

    @property
    def name(self) -> str:
        """The name that the file is spoken of by."""
        return self.source.name

    @property
    def extras(self) -> list[str]:
        """Columns that the table's description does not know, in file order."""
        return [name for name in self.header if name and self.table.column(name) is None]


@dataclass
class Dataset:
    """The event tables of an engine and the files that they come from.

    ``sample`` tells whether the data are the bundled sample. Every row of every
    file is in one of the engine's tables, in the table ``set_aside``, or counted
    in its file's ``outside``.
    """

    engine: Engine
    files: list[FileAccount]
    paths: tuple[str, ...]
    sample: bool
    warnings: list[Warning] = field(default_factory=list)

    def has(self, name: str) -> bool:
        """Whether there is at least one file of an event table."""
        return any(each.table.name == name for each in self.files)

    def of(self, name: str) -> list[FileAccount]:
        """The files of one event table."""
        return [each for each in self.files if each.table.name == name]

    def lacking(self, name: str, column: str) -> str | None:
        """The first file of a table that lacks a column, or None when all have it."""
        return next((each.name for each in self.of(name) if column not in each.header), None)

    def columns(self, name: str) -> list[str]:
        """Columns that every file of a table has, in the order of the first file."""
        files = self.of(name)
        if not files:
            return []
        return [
            column
            for column in files[0].header
            if column and all(column in each.header for each in files)
        ]


@dataclass
class Progress:
    """Told which file is read and how many of its bytes; the default says nothing."""

    started: Callable[[str, int], None] = lambda name, size: None
    read: Callable[[int], None] = lambda size: None


def load(
    paths: Sequence[str],
    engine: Engine,
    *,
    sample: bool = False,
    shown_paths: Sequence[str] | None = None,
    keep: Collection[str] | None = None,
    progress: Progress | None = None,
) -> Dataset:
    """Read every file into the engine's event tables.

    ``keep`` names the text columns of ``cases`` that will be asked for; None
    keeps all. Raises DataError for a file that is refused.
    """
    shown = tuple(shown_paths or paths)
    dataset = Dataset(engine, [], shown, sample)
    for source in find(paths, shown):
        _admit(dataset, source)
    if not dataset.files:
        raise DataError(
            f"{', '.join(dataset.paths)}: holds no file that mpp can read",
            hint="name a folder or files of the tables that `mpp schema` describes",
        )
    engine.create("set_aside", {**_SET_ASIDE_COLUMNS, "raw": "VARCHAR"})
    for name in TABLES:
        if dataset.has(name):
            engine.create(name, _stored(dataset, name, keep))
    for account in dataset.files:
        _read(account, engine, _kept(account, keep), progress or Progress())
    _warn_of_copies(dataset)
    return dataset


def _admit(dataset: Dataset, source: Input) -> None:
    try:
        text = TextFile(source.open, source.delimiter)
    except (OSError, EOFError, zlib.error) as error:
        raise unreadable(source, error) from error
    known = recognise(source, text)
    if known is None:
        if source.named:
            raise DataError(
                "its header is that of no table mpp knows",
                file=source.name,
                line=text.header_line,
                excerpt=",".join(text.header or []),
                hint="`mpp schema` lists the tables and their columns",
            )
        dataset.warnings.append(
            Warning(
                "passed-over",
                f"{source.name} was passed over: its header is that of no table mpp knows",
                source.name,
            )
        )
        return
    dataset.files.append(
        FileAccount(len(dataset.files), source, text, known.table, known.header, known.kind)
    )


def unreadable(source: Input, error: BaseException) -> DataError:
    """The refusal of a file that the system or a decompressor cannot read."""
    if isinstance(error, gzip.BadGzipFile | EOFError | zlib.error):
        return DataError(
            f"not a whole gzip file: {error}",
            file=source.name,
            hint="the file is damaged or was cut short; fetch it again",
        )
    reason = getattr(error, "strerror", None) or str(error)
    return DataError(f"cannot be read: {reason}", file=source.name)


def _kept(account: FileAccount, keep: Collection[str] | None) -> set[str]:
    """The columns of a file that go into its event table.

    Text columns of ``cases`` are only kept when they are asked for: they are
    most of the bytes and no rule needs them. In ``encounters`` every column is
    part of the key; elsewhere unknown columns are ignored.
    """
    known = {column.name for column in account.table.columns if column.name in account.header}
    name = account.table.name
    if name == "encounters":
        return known | set(account.extras)
    if name != "cases":
        return known
    if keep is None:
        return known | set(account.extras)
    core = {column.name for column in account.table.columns if column.kind != "text"}
    return (known & core) | {"case_id"} | (set(keep) & set(account.header))


def _stored(dataset: Dataset, name: str, keep: Collection[str] | None) -> dict[str, str]:
    kinds = {column.name: STORED_AS[column.kind] for column in table(name).columns}
    wanted: dict[str, str] = {}
    for account in dataset.of(name):
        kept = _kept(account, keep)
        wanted |= {
            column: kinds.get(column, "VARCHAR") for column in account.header if column in kept
        }
    # Columns that a rule may need are always there, NULL where no file has them.
    wanted |= {
        name: kind for name, kind in kinds.items() if name not in wanted and kind != "VARCHAR"
    }
    wanted |= {
        column.name: "VARCHAR"
        for column in table(name).columns
        if column.kind in ("enum", "region") and column.name not in wanted
    }
    return {**ROW_COLUMNS, **wanted}


def _read(account: FileAccount, engine: Engine, kept: set[str], progress: Progress) -> None:
    reader = TableReader(account.table, account.header, account.number, kept)
    digest = blake3()
    before = account.source.path.stat()

    def watch(chunk: bytes) -> None:
        digest.update(chunk)
        progress.read(len(chunk))

    progress.started(account.name, before.st_size)
    try:
        opened = account.source.open(watch)
        for block in account.text.blocks(opened):
            _take_block(account, engine, reader, block)
    except LineTooLong as error:
        raise DataError(
            "a line is longer than 16 MB",
            file=account.name,
            line=error.line,
            hint="the file is damaged, or its lines do not end in LF or CRLF",
        ) from error
    except (OSError, EOFError, zlib.error) as error:
        raise unreadable(account.source, error) from error
    after = account.source.path.stat()
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise DataError(
            "changed while it was being read",
            file=account.name,
            hint="run again once the export is complete",
        )
    account.hash = f"blake3:{digest.hexdigest()}"


def _take_block(account: FileAccount, engine: Engine, reader: TableReader, block: Block) -> None:
    set_aside = [SetAside(each.line, each.reason, "", each.raw) for each in block.rejected]
    account.rows_read += len(block.rejected)
    for fields in block.fields:
        judged = reader.judge(fields)
        account.rows_read += len(fields)
        if judged.outside:
            account.outside[OTHER_REGION] += judged.outside
        set_aside += judged.set_aside
        if judged.batch is not None:
            engine.append(account.table.name, judged.batch)
    if set_aside:
        engine.append("set_aside", _set_aside_batch(account, set_aside))


def _set_aside_batch(account: FileAccount, rows: list[SetAside]) -> object:
    import nanoarrow as na
    import numpy as np

    return vectors.batch(
        {
            "_file": vectors.integer_array(
                na.int32(), np.full(len(rows), account.number, np.int32)
            ),
            "_line": vectors.integer_array(
                na.int64(), np.array([row.line for row in rows], dtype=np.int64)
            ),
            "reason": vectors.strings_array([row.reason for row in rows]),
            "reason_column": vectors.strings_array([row.column for row in rows]),
            "raw": vectors.strings_array([row.raw for row in rows]),
        },
        len(rows),
    )


def _warn_of_copies(dataset: Dataset) -> None:
    """Two files with the same bytes are hardly ever meant, and count events twice."""
    seen: dict[str, str] = {}
    for account in dataset.files:
        first = seen.setdefault(account.hash, account.name)
        if first != account.name:
            dataset.warnings.append(
                Warning(
                    "same-content",
                    f"{account.name} holds the same bytes as {first}; its rows were read twice",
                    account.name,
                )
            )
