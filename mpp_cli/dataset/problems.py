"""What is wrong with the data, one problem at a time and in the order of the files.

Problems hold the text of rows: they are for the user's eyes, never for a
report. However many there are, only a page of them is in memory at any time.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mpp_cli.dataset.case_history import COMPLETION_CLASS
from mpp_cli.results.report import Problem
from mpp_cli.sources.dataset import Dataset, FileAccount
from mpp_cli.sources.prevalidated import SettledFile
from mpp_cli.sources.readers.fields import Fields

#: Rows that are fetched at once.
PAGE = 100_000

#: A value that cannot be read and was read as blank; its row is used.
BLANKED = "blanked"

#: A case whose completions are all called subsequent, so that it has no initial one.
ONLY_SUBSEQUENT = "only_subsequent"

#: Reasons that stop nothing and lose nothing: the row is used as it is.
REMARKS = frozenset({ONLY_SUBSEQUENT})

# Transfers are no completions at all, so they do not make a case have another
# than a subsequent one. Only the few cases found are looked at row by row.
_FIRST_OF_ONLY_SUBSEQUENT = (
    "SELECT _file, _line FROM (SELECT _file, _line, ROW_NUMBER() OVER "
    "(PARTITION BY case_id ORDER BY _file, _line) AS place FROM classed "
    "WHERE completion_class IN ('subsequent', 'closed_again') "
    "AND case_id IN (SELECT case_id FROM classed "
    "GROUP BY case_id HAVING count(*) FILTER "
    "(WHERE completion_class NOT IN ('subsequent', 'closed_again', 'none')) = 0)) p "
    "WHERE place = 1"
)


def problems(dataset: Dataset, *, remarks: bool = False) -> Iterator[Problem]:
    """Every row that was set aside and every blanked value, by file and line.

    With ``remarks`` also cases that have only subsequent completions, at the
    first of these. A row that was found by comparing it with others is read
    again from its file.
    """
    remarks = remarks and dataset.has("completions")
    if remarks:
        dataset.engine.define(
            "classed", f"SELECT *, {COMPLETION_CLASS} AS completion_class FROM used_completions"
        )
        dataset.engine.create_from("only_subsequent", _FIRST_OF_ONLY_SUBSEQUENT)
    for account in dataset.files:
        yield from of_account(dataset, account, remarks=remarks)
    for file in dataset.settled_files:
        yield from _settled(dataset, file)


def of_account(
    dataset: Dataset, account: FileAccount, *, remarks: bool = False
) -> Iterator[Problem]:
    """The problems of what one table sees of a file, in the order of its lines."""
    texts = _Texts(account)
    for page in _pages(dataset, account, remarks):
        raw = texts.of({line for line, _, _, text, _ in page if text is None})
        for line, reason, column, text, bits in page:
            shown = raw.get(line, "") if text is None else text
            for name in _blanked(account, bits) if reason == BLANKED else (column,):
                column = account.heading(name)
                yield Problem(reason, account.name, line, column, shown, account.kind)


def _settled(dataset: Dataset, file: SettledFile) -> Iterator[Problem]:
    """The problems of a file whose own reader judged its rows, in the order of its lines."""
    found = (
        "SELECT _line, reason, reason_column, raw FROM set_aside WHERE _file = $file UNION ALL "
        f"SELECT b._line, '{BLANKED}', b.reason_column, b.raw FROM blanked_values b "
        "WHERE b._file = $file"
    )
    after, full = -1, True
    while full:
        page = dataset.engine.fetch(
            f"SELECT * FROM ({found}) p WHERE _line > $after ORDER BY _line, reason, "
            f"reason_column LIMIT {PAGE}",
            file=file.number,
            after=after,
        )
        full = len(page) == PAGE
        if full:
            page = [row for row in page if row[0] < page[-1][0]]
        texts = file.texts({line for line, _, _, raw in page if raw is None})
        for line, reason, column, raw in page:
            yield Problem(
                reason,
                file.name,
                line,
                column,
                texts.get(line, "") if raw is None else raw,
                file.kind,
            )
            after = line


_Row = tuple[int, str, str, str | None, int]


def _pages(dataset: Dataset, account: FileAccount, remarks: bool) -> Iterator[list[_Row]]:
    """The problems of a file in the order of its lines, a page at a time.

    No line has two: a row that was set aside is not used, and the bits of a
    used one hold all its blanked values. Only a remark may come on top, so a
    page ends with all of its last line.
    """
    here = "WHERE _file = $file AND _line > $after"
    found = (
        f"SELECT _line, reason, reason_column, raw, 0 AS bits FROM set_aside {here} UNION ALL "
        f"SELECT _line, '{BLANKED}', '', CAST(NULL AS VARCHAR), _blanked "
        f"FROM used_{account.table.name} {here} AND _blanked <> 0"
    )
    if remarks and account.table.name == "completions":
        found += (
            f" UNION ALL SELECT _line, '{ONLY_SUBSEQUENT}', 'completion_type', "
            f"CAST(NULL AS VARCHAR), 0 FROM only_subsequent {here}"
        )
    after, full = 0, True
    while full:
        page: list[_Row] = dataset.engine.fetch(
            f"SELECT * FROM ({found}) p ORDER BY _line, reason LIMIT {PAGE}",
            file=account.number,
            after=after,
        )
        full = len(page) == PAGE
        if full:
            page = [row for row in page if row[0] < page[-1][0]]
            after = page[-1][0]
        if page:
            yield page


def _blanked(account: FileAccount, bits: int) -> Iterator[str]:
    for place, column in enumerate(account.table.columns):
        if bits >> place & 1:
            yield column.name


class _Texts:
    """The text of lines of a file, asked for in ascending order, so that it is read once."""

    def __init__(self, account: FileAccount) -> None:
        # A generator: the file is not opened before a line is asked for.
        self._blocks = account.reader.blocks()
        self._rows: list[Fields] = []

    def of(self, lines: set[int]) -> dict[int, str]:
        """The texts of these lines, all of which are rows of the file."""
        texts = self._held(lines)
        while len(texts) < len(lines):
            block = next(self._blocks, None)
            if block is None:
                break
            self._rows = block.fields
            texts |= self._held(lines)
        return texts

    def _held(self, lines: set[int]) -> dict[int, str]:
        """Those of the texts that the block at hand has."""
        wanted = np.fromiter(lines, dtype=np.int64, count=len(lines))
        return {
            int(rows.lines[row]): rows.raw(row)
            for rows in self._rows
            for row in np.flatnonzero(np.isin(rows.lines, wanted)).tolist()
        }
