"""What a mapping passes over in the files that it is about: headings and codes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from mpp_cli.errors import nearest
from mpp_cli.results import Warning
from mpp_cli.sources import values
from mpp_cli.sources.account import FileAccount
from mpp_cli.sources.mapping.view import View
from mpp_cli.sources.schema import table


def remarks(files: Sequence[FileAccount]) -> Iterator[Warning]:
    """A remark on each heading that no table is made of, and on each code, with its rows."""
    mapped = [(each, each.view) for each in files if each.view is not None]
    for _, pairs in groupby(mapped, lambda pair: id(pair[0].text)):
        accounts = [*pairs]
        yield from _headings(accounts[0][0], [view for _, view in accounts])
        for account, view in accounts:
            yield from _codes(account, view)


def _headings(account: FileAccount, views: Sequence[View]) -> Iterator[Warning]:
    used = {values.heading_key(heading) for view in views for heading in view.mapped.headings}
    free = {
        column.name: f"{view.mapped.name}.{column.name}"
        for view in reversed(views)
        for column in table(view.mapped.name).columns
        if column.name not in view.columns
    }
    for heading in account.reader.header or ():
        if not heading or values.heading_key(heading) in used:
            continue
        match = nearest(heading, free)
        hint = f"; the nearest column that is free is {free[match]}" if match else ""
        yield Warning(
            "unmapped-column",
            f'the column "{heading}" is not mapped, so it is ignored{hint}',
            account.name,
            account.reader.header_line,
        )


def _codes(account: FileAccount, view: View) -> Iterator[Warning]:
    for column, code, rows in view.unmapped():
        codes = view.mapped.columns[column].codes or {}
        described = account.table.column(column)
        match = nearest(code, [*codes, *(described.values if described else ())])
        hint = f'; did you mean "{match}"?' if match else ""
        times = "1 row" if rows == 1 else f"{rows:,} rows"
        yield Warning(
            "unmapped-code",
            f'the code "{code}" in "{view.heading(column)}" is not mapped to '
            f"{account.table.name}.{column} ({times}){hint}",
            account.name,
        )
