"""From the files of ``--data`` to event tables in an engine, each file in one pass."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import groupby

import nanoarrow as na
import numpy as np

from mpp_cli.engines.base import Engine
from mpp_cli.errors import DataError
from mpp_cli.results import Warning
from mpp_cli.sources import vectors
from mpp_cli.sources.account import FileAccount
from mpp_cli.sources.admit import admit, of_workbooks
from mpp_cli.sources.ahead import ahead
from mpp_cli.sources.dataset import Dataset
from mpp_cli.sources.eoir import court
from mpp_cli.sources.eoir.options import Options
from mpp_cli.sources.hashes import Hashes
from mpp_cli.sources.inputs import Found
from mpp_cli.sources.mapping.admission import Admission
from mpp_cli.sources.mapping.mapped import Mapping
from mpp_cli.sources.progress import Progress
from mpp_cli.sources.reading import Pass
from mpp_cli.sources.schema import AGGREGATES, READ, ROW_COLUMNS, STORED_AS, table
from mpp_cli.sources.tables import SET_ASIDE_COLUMNS, SetAside, TableReader
from mpp_cli.sources.text import Block, TextFile
from mpp_cli.sources.totals import TOTALS_ROW, totals_rows


def load(
    found: Found,
    engine: Engine,
    shown: Sequence[str],
    *,
    sample: bool,
    keep: Collection[str] | None,
    progress: Progress | None,
    court_options: Options | None,
    mapping: Mapping | None,
) -> Dataset:
    """Read every file that was found into the engine's event tables.

    ``shown`` are the paths as the user wrote them. ``keep`` names the text columns of
    ``cases`` that will be asked for; None keeps all. ``court_options`` shape what is
    read from a release of the immigration courts; ``mapping`` says how files of other
    headings are read. Raises DataError for a file that is refused.
    """
    progress = progress or Progress()
    dataset = Dataset(engine, [], tuple(shown), sample)
    of_court, sources, others = found
    admission = Admission(mapping) if mapping else None
    for source in sources:
        admitted, warnings = admit(source, admission, len(dataset.files))
        dataset.files += admitted
        dataset.warnings += warnings
    dataset.warnings += of_workbooks(sources, dataset.files)
    unused = admission.unused() if admission and others else []
    if not dataset.files and not of_court:
        why = [*unused, *(each.text for each in dataset.warnings if each.id == "passed-over")]
        raise DataError(
            f"{', '.join(dataset.paths)}: contains no file that mpp can read",
            hint=next(
                iter(why), "name a folder or files of the tables that `mpp schema` describes"
            ),
        )
    dataset.warnings += [Warning("mapping-unused", text) for text in unused]
    engine.create("set_aside", SET_ASIDE_COLUMNS)
    if of_court:
        _load_court(dataset, of_court, court_options or Options(), progress)
    for name in READ:
        if dataset.of(name):
            stored = _stored(dataset, name, keep)
            coded = {
                column.name: column.values
                for column in table(name).columns
                if column.kind == "enum" and column.name in stored
            }
            engine.create(name, stored, coded)
    hashes = Hashes()
    with engine.bulk():
        # The accounts of one reading follow each other.
        for _, grouped in groupby(dataset.files, lambda each: id(each.text)):
            accounts = [*grouped]
            _read(accounts, engine, keep, progress, hashes)
            dataset.warnings += _inexact_ids(accounts)
    _warn_of_copies(dataset)
    return dataset


def _load_court(
    dataset: Dataset, paths: Sequence[str], options: Options, progress: Progress
) -> None:
    """Read one court release, or one import of a release; two could hold the same cases."""
    if len(paths) > 1:
        raise DataError(
            f"{paths[0]} and {paths[1]} are both imports or court releases",
            hint="give one release or one import at a time",
        )
    settled = court.load(paths[0], dataset.engine, options, len(dataset.files), progress)
    mixed = next((each for each in dataset.files if each.table.name in settled.tables), None)
    if mixed is not None:
        raise DataError(
            f"the table {mixed.table.name} is in {paths[0]} already",
            file=mixed.name,
            hint="give an import or a court release together with tables that it does not contain",
        )
    dataset.settled.append(settled)
    dataset.warnings += settled.warnings


def _kept(account: FileAccount, keep: Collection[str] | None) -> set[str]:
    """The columns of a file that go into its event table.

    Text columns of ``cases`` are only kept when they are asked for: they are
    most of the bytes and no rule needs them. In ``encounters`` every column is
    part of the key; elsewhere unknown columns are ignored.
    """
    known = {column.name for column in account.table.columns if column.name in account.header}
    name = account.table.name
    if account.table.is_keyed_by_all:
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
            table(name).stored(column): kinds.get(column, "VARCHAR")
            for column in account.header
            if column in kept
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


def _read(
    accounts: Sequence[FileAccount],
    engine: Engine,
    keep: Collection[str] | None,
    progress: Progress,
    hashes: Hashes,
) -> None:
    """One pass over a file for all tables that are made of it."""
    judges = [
        TableReader(each.table, each.header, each.number, _kept(each, keep)) for each in accounts
    ]
    source = accounts[0].source
    progress.started(source.name, source.size)
    reading = Pass(source, accounts[0].reader, hashes)
    totals = sorted({0, *(place for each in accounts for place in _places_of_totals(each))})
    for block in ahead(reading.blocks(progress.read)):
        outside = _without_totals(block, totals)
        for account, judge in zip(accounts, judges, strict=True):
            if outside:
                account.rows_read += outside
                account.outside[TOTALS_ROW] += outside
            _take_block(account, engine, judge, block)
    for account, judge in zip(accounts, judges, strict=True):
        account.hash, account.tallies = reading.hash, judge.tallies
        account.lost_months, account.lost_figures = judge.lost_months, judge.lost_figures
        account.notes_below = judge.notes_below


def _places_of_totals(account: FileAccount) -> Iterator[int]:
    """Where in a file a row says that it is a total: beside its first column.

    Of rows that are counts themselves every text that parts them may say so.
    """
    yield from account.places_of("case_id")
    if account.table.name in ("encounters", AGGREGATES):
        for name in account.header:
            column = account.table.column(name)
            if name and (column is None or column.kind == "text"):
                yield from account.places_of(name)


def _inexact_ids(accounts: Sequence[FileAccount]) -> Iterator[Warning]:
    """That ids were kept as numbers of which not all digits are."""
    reader, account = accounts[0].reader, accounts[0]
    places = {place for each in accounts for place in each.places_of("case_id")}
    rows = 0 if isinstance(reader, TextFile) else reader.inexact(sorted(places))
    if rows:
        yield Warning(
            "inexact-ids",
            f"{rows:,} {'id is a number' if rows == 1 else 'ids are numbers'} of more digits than "
            "the file keeps, so that different cases may have become one; keep ids as text",
            account.name,
            loud=True,
        )


def _without_totals(block: Block, places: Sequence[int]) -> int:
    """Take the rows of totals out of a block; how many there were."""
    outside, kept = 0, []
    for fields in block.fields:
        rows = totals_rows(fields, places)
        left = fields.without(np.array(rows, dtype=np.int64)) if rows else fields
        outside += len(rows)
        kept += [] if left is None else [left]
    short = [each for each in block.rejected if each.reason == TOTALS_ROW]
    if short or outside:
        block.fields = kept
        block.rejected = [each for each in block.rejected if each.reason != TOTALS_ROW]
    return outside + len(short)


def _take_block(account: FileAccount, engine: Engine, reader: TableReader, block: Block) -> None:
    set_aside = [SetAside(each.line, each.reason, "", each.raw) for each in block.rejected]
    account.rows_read += len(block.rejected)
    for fields in block.fields:
        account.rows_read += len(fields)
        rows, outside = account.rows(fields)
        account.outside += outside
        if rows is None:
            continue
        judged = reader.judge(rows)
        account.outside += judged.outside
        set_aside += judged.set_aside
        if judged.batch is not None:
            engine.append(account.table.name, judged.batch)
    if set_aside:
        engine.append("set_aside", _set_aside_batch(account, set_aside))


def _set_aside_batch(account: FileAccount, rows: list[SetAside]) -> object:
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
    seen: dict[tuple[str, str], FileAccount] = {}
    for account in dataset.files:
        # The members of an archive share its hash.
        member = account.source.member
        same = (account.hash, member.filename if member else "")
        first = seen.setdefault(same, account)
        if first.source.path != account.source.path:
            dataset.warnings.append(
                Warning(
                    "same-content",
                    f"{account.name} has the same bytes as {first.name}; its rows were read twice",
                    account.name,
                )
            )
