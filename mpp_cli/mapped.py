"""Judged rows of mapped files as a source of its own, to be kept as an import.

What an import holds is what a report of the same files would have used, with
the same account: rows set aside keep their reason, their line in the agency's
file, and its text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice

from mpp_cli.errors import DataError
from mpp_cli.judgement import Judgement
from mpp_cli.problems import BLANKED, PAGE, problems
from mpp_cli.results import Problem, Source
from mpp_cli.sources.dataset import Dataset, FileAccount
from mpp_cli.sources.eoir import court, ledger
from mpp_cli.sources.eoir.stored import SET_ASIDE, TABLES
from mpp_cli.sources.mapping.declared import Mapping
from mpp_cli.sources.settled import Settled, SettledFile
from mpp_cli.sources.tables import SetAside


def refuse_court_data(paths: Sequence[str]) -> None:
    """Raises DataError when one of these paths is court data: it is large, so this comes first."""
    of_court, _, _ = court.split(paths, paths, mapped=True)
    if of_court:
        raise DataError(
            f"{of_court[0]}: is court data, which needs no mapping",
            hint="use `mpp import eoir`, and give its folder with --data",
        )


def settled(judgement: Judgement, mapping: Mapping) -> tuple[Settled, list[Source], list[Source]]:
    """The case tables as a settled source, the balances of its files, and those of others.

    Raises DataError when there is no case table among them.
    """
    dataset = judgement.dataset
    pairs = [*zip(dataset.files, judgement.sources, strict=True)]
    kept = [(account, source) for account, source in pairs if account.table.name in TABLES]
    if not kept:
        raise DataError(
            f"{', '.join(dataset.paths)}: holds no table of cases or their events",
            hint="`mpp schema` describes the tables",
        )
    files = [_file(account, source) for account, source in kept]
    _keep_problems(dataset, files)
    names = [name for name in TABLES if dataset.has(name)]
    return (
        Settled(
            name=mapping.file,
            files=files,
            tables={name: tuple(dataset.columns(name)) for name in names},
            unavailable={
                name: f"the import has no table {name}" for name in TABLES if name not in names
            },
            unread={**dataset.unread.tables, **dataset.unread.columns},
            warnings=[*dataset.warnings],
            about={"mapping": {"file": mapping.file, "hash": mapping.hash}},
        ),
        [source for _, source in kept],
        [source for account, source in pairs if account.table.name not in TABLES],
    )


def _file(account: FileAccount, source: Source) -> SettledFile:
    return SettledFile(
        number=account.number,
        name=source.file,
        kind=source.kind,
        encoding=source.encoding,
        hash=source.hash,
        rows_read=source.rows_read,
        used=source.rows_used,
        outside=Counter(source.rows_outside),
        blanked=Counter(source.blanked),
        unknown_codes=Counter(source.unknown_codes),
        most_outside=False,
    )


def _keep_problems(dataset: Dataset, files: list[SettledFile]) -> None:
    """Give every problem the text of its row: the files may be gone when it is asked for."""
    engine = dataset.engine
    numbers = {(file.name, file.kind): file for file in files}
    ledger.create_tables(engine)
    engine.create("problems_kept", {**ledger.BLANKED_COLUMNS, "reason": "VARCHAR"})
    for file, page in _pages(problems(dataset)):
        if file not in numbers:
            continue
        for reason in dict.fromkeys(each.reason for each in page):
            rows = [
                SetAside(each.line, each.reason, each.column, each.raw)
                for each in page
                if each.reason == reason
            ]
            if reason == BLANKED:
                ledger.blank(engine, numbers[file], rows, ledger.BLANKED)
            else:
                ledger.set_aside(engine, numbers[file], rows, "problems_kept")
    engine.create_from(
        SET_ASIDE, "SELECT _file, _line, reason, reason_column, raw FROM problems_kept"
    )


def _pages(found: Iterator[Problem]) -> Iterator[tuple[tuple[str, str], list[Problem]]]:
    """The problems of one source after the other, so many at once."""
    while page := [*islice(found, PAGE)]:
        by_source: dict[tuple[str, str], list[Problem]] = {}
        for each in page:
            by_source.setdefault((each.file, each.kind), []).append(each)
        yield from by_source.items()
