"""Headings that are near a known one which their file lacks: most often a slip of the pen."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence

from mpp_cli.results import Warning
from mpp_cli.sources.account import FileAccount
from mpp_cli.sources.values import heading_key

#: How much two names must have in common. Two words for one thing have less.
_ALIKE = 0.8


def meant_for(account: FileAccount, column: str) -> str | None:
    """The heading of a file that its table does not know and that may be meant for a column.

    It must not be nearer to another column, such as the one beside it.
    """
    known = [each.name for each in account.table.columns]
    for heading in difflib.get_close_matches(column, account.extras, cutoff=_ALIKE):
        if difflib.get_close_matches(heading, known, n=1) == [column]:
            return heading
    return None


def remarks(files: Sequence[FileAccount]) -> Iterator[Warning]:
    """A remark on each such heading. What a mapping or a published layout names is meant so."""
    for account in files:
        if account.is_mapped or account.kind != account.table.name:
            continue
        for column in account.table.columns:
            heading = None if column.name in account.header else meant_for(account, column.name)
            if heading is not None:
                written = _as_written(account, heading)
                yield Warning(
                    "misspelt-column",
                    f'{account.table.name} has no column "{written}"; '
                    f'did you mean "{column.name}"?',
                    account.name,
                    account.reader.header_line,
                )


def _as_written(account: FileAccount, heading: str) -> str:
    written = account.reader.header or ()
    return next((each for each in written if heading_key(each) == heading), heading)
