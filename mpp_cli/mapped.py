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
from mpp_cli.problems import BLANKED, PAGE, of_account
from mpp_cli.results import Problem, Source
from mpp_cli.sources.dataset import Dataset, FileAccount
from mpp_cli.sources.eoir import court, ledger
from mpp_cli.sources.eoir.stored import SET_ASIDE, TABLES
from mpp_cli.sources.mapping.mapped import Mapping
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


def settled(judgement: Judgement, mapping: Mapping) -> Settled:
    """The tables as a settled source, with the account of every file and of each of its rows."""
    dataset = judgement.dataset
    pairs = [*zip(dataset.files, judgement.sources, strict=True)]
    files = [_file(account, source) for account, source in pairs]
    _keep_problems(dataset, files)
    return Settled(
        name=mapping.file,
        files=files,
        tables={name: tuple(dataset.columns(name)) for name in TABLES if dataset.has(name)},
        unread={**dataset.unread.tables, **dataset.unread.columns},
        lost_months=dataset.unread.months,
        lost_figures=dataset.unread.figures,
        warnings=[*dataset.warnings],
        about={"mapping": {"file": mapping.file, "hash": mapping.hash}},
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


def _keep_problems(dataset: Dataset, files: Sequence[SettledFile]) -> None:
    """Give every problem the text of its row: the files may be gone when it is asked for."""
    engine = dataset.engine
    ledger.create_tables(engine)
    engine.create("problems_kept", {**ledger.BLANKED_COLUMNS, "reason": "VARCHAR"})
    for account, file in zip(dataset.files, files, strict=True):
        for page in _pages(of_account(dataset, account)):
            for reason in dict.fromkeys(each.reason for each in page):
                rows = [
                    SetAside(each.line, each.reason, each.column, each.raw)
                    for each in page
                    if each.reason == reason
                ]
                if reason == BLANKED:
                    ledger.blank(engine, file, rows, ledger.BLANKED)
                else:
                    ledger.set_aside(engine, file, rows, "problems_kept")
    engine.create_from(
        SET_ASIDE, "SELECT _file, _line, reason, reason_column, raw FROM problems_kept"
    )


def _pages(found: Iterator[Problem]) -> Iterator[list[Problem]]:
    """So many problems at once."""
    while page := [*islice(found, PAGE)]:
        yield page
