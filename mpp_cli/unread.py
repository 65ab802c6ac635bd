"""What the data hold and cannot be read: no figure is made of what is left.

A table that has rows of which none can be used, or a column in which values stand and none can
be read, is not empty. The figures that need it are unavailable, and the reason says what the
values look like and what reads them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from mpp_cli.results import Source, Warning
from mpp_cli.sources import values
from mpp_cli.sources.account import NO_EVENT, OTHER_ROWS, FileAccount
from mpp_cli.sources.dataset import Dataset
from mpp_cli.sources.remedies import likeness, remedy, worst
from mpp_cli.sources.schema import AGGREGATES, READ
from mpp_cli.sources.totals import TOTALS_ROW
from mpp_cli.sources.unreadable import LostFigure, LostMonth, Unread
from mpp_cli.sources.values import heading_key

#: Rules by which a row is not one of the table at all.
_NO_ROWS = (NO_EVENT, OTHER_ROWS, TOTALS_ROW)

#: What to do where it is not the values of one column that cost all rows of a table.
_ADVICE = {
    "invalid_encoding": "save the file as UTF-8, or name its encoding in mpp.toml",
    "malformed_quotes": "close the quotes of each field, or write two where one is meant",
    "wrong_field_count": "its rows have a different number of fields than its headings: name "
    "the separator with delimiter in mpp.toml, or move the headings above the rows",
    "missing_case_id": "its rows have no case_id: the headings may be shifted by a column",
    "missing_date": "its rows have no date: the headings may be shifted by a column",
    "orphan": "the case_id of its rows is not among the cases: write ids the same way in both "
    "files",
    "other-region": "no row is of the southwest border: region reads southwest, or Southwest Land "
    "Border, for those that are",
}

#: Lines of a file that are looked through for another header.
_LOOKED_THROUGH = 30


def find(dataset: Dataset, sources: Sequence[Source]) -> Unread:
    """What cannot be read of these data; ``sources`` are the balances of their files in order."""
    pairs = [*zip(dataset.files, sources, strict=False)]
    tables, columns = {}, {}
    for name in READ:
        of_table = [pair for pair in pairs if pair[0].table.name == name]
        if not of_table:
            continue
        accounts = [account for account, _ in of_table]
        if reason := _nothing_used(dataset, of_table):
            tables[name] = reason
        for column in accounts[0].table.columns:
            if reason := _nothing_read(accounts, column.name):
                columns[f"{name}.{column.name}"] = reason
    for settled in dataset.settled:
        tables |= {k: v for k, v in settled.unread.items() if "." not in k}
        columns |= {k: v for k, v in settled.unread.items() if "." in k}
    of_settled = (month for settled in dataset.settled for month in settled.lost_months)
    months = (*_lost_months(dataset), *of_settled)
    settled_figures = (each for settled in dataset.settled for each in settled.lost_figures)
    return Unread(tables, columns, months, (*_lost_figures(dataset), *settled_figures))


def remarks(dataset: Dataset) -> Iterator[Warning]:
    """What the values of single columns that cannot be read look like, for who mends them."""
    for account in dataset.files:
        for name, tally in account.tallies.items():
            look = likeness(account, name, tally) if tally.unreadable else None
            if look is not None:
                values = "1 value" if tally.unreadable == 1 else f"{tally.unreadable:,} values"
                yield Warning(
                    "unreadable-values",
                    f"{values} of {account.heading(name)} cannot be read; {look}",
                    account.name,
                )


def _nothing_used(dataset: Dataset, pairs: Sequence[tuple[FileAccount, Source]]) -> str | None:
    """Why there is no used row in a table that has rows, None where there is one, or no row."""
    rows = sum(
        source.rows_read - sum(source.rows_outside.get(rule, 0) for rule in _NO_ROWS)
        for _, source in pairs
    )
    if any(source.rows_used for _, source in pairs):
        return None
    if not rows:
        left_out = [
            account.view.said_of_where()
            for account, source in pairs
            if account.view and source.rows_outside.get(OTHER_ROWS)
        ]
        return "; ".join(dict.fromkeys(left_out)) or None
    causes: dict[str, int] = defaultdict(int)
    for _, source in pairs:
        for cause, times in (*source.set_aside.items(), *source.rows_outside.items()):
            if cause not in _NO_ROWS:
                causes[cause] += times
    listed = ", ".join(
        f"{times:,} {cause.replace('_', ' ')}"
        for cause, times in sorted(causes.items(), key=lambda each: -each[1])
    )
    files = _named([account for account, _ in pairs])
    row = "the only row" if rows == 1 else f"all {rows:,} rows"
    text = f"{row} of {files} cannot be used ({listed})"
    most = max(causes, key=lambda cause: causes[cause])
    accounts = [account for account, _ in pairs]
    return "; ".join([text, *_remedies(dataset, accounts, _ADVICE.get(most))])


def _nothing_read(accounts: Sequence[FileAccount], name: str) -> str | None:
    """Why a column has values and none of them is read, None where one is, or where none stands."""
    tallies = [(each, each.tallies[name]) for each in accounts if name in each.tallies]
    misread = [pair for pair in tallies if pair[1].is_misread]
    filled = sum(tally.filled for _, tally in tallies)
    if not misread and (not filled or sum(t.unreadable for _, t in tallies) < filled):
        return None
    account, tally = (misread or [pair for pair in tallies if pair[1].filled])[0]
    number = tally.filled if misread else filled
    files = account.name if misread else _named([pair[0] for pair in tallies])
    values = "the only value" if number == 1 else f"all {number:,} values"
    verb = "is" if number == 1 else "are"
    wrong = f"{verb} in another form" if misread else f"{verb} unreadable"
    return f"{values} of {account.heading(name)} in {files} {wrong}; {remedy(account, name, tally)}"


def _remedies(
    dataset: Dataset, accounts: Sequence[FileAccount], advice: str | None = None
) -> Iterator[str]:
    """What to do about the column that cost most, and where another header seems to be.

    ``advice`` is for what no column has cost.
    """
    for account in accounts:
        line = _another_header(dataset, account)
        if line is not None:
            yield f"line {line} of {account.name} seems to be the line of the column headings"
            return
        found = None if advice else worst(account)
        if found:
            yield remedy(account, *found)
            return
    if advice:
        yield advice


def _another_header(dataset: Dataset, account: FileAccount) -> int | None:
    """The first line set aside that has the names of columns of the table."""
    names = {column.name for column in account.table.columns}
    for line, raw in dataset.engine.fetch(
        "SELECT _line, raw FROM set_aside WHERE _file = $file AND raw IS NOT NULL "
        f"ORDER BY _line LIMIT {_LOOKED_THROUGH}",
        file=account.number,
    ):
        cells = [heading_key(cell.strip('"')) for cell in re.split(r"[,;\t|]", raw)]
        if len(names & {*cells}) > 1:
            found: int = line
            return found
    return None


def _named(accounts: Sequence[FileAccount]) -> str:
    names = [*dict.fromkeys(account.name for account in accounts)]
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more files" if len(names) > 3 else "")


def _lost_figures(dataset: Dataset) -> Iterator[LostFigure]:
    """The published figures of which rows were set aside."""
    for account in dataset.of(AGGREGATES):
        for measure, day in sorted(account.lost_figures, key=str):
            if measure is not None:
                as_of = None if day is None else str(values.from_days(day))
                yield LostFigure(measure, as_of, account.name)


def _lost_months(dataset: Dataset) -> Iterator[LostMonth]:
    """The months of which encounters of a component were set aside, each with the remedy."""
    for account in dataset.of("encounters"):
        if not account.lost_months:
            continue
        remedies = "".join(f"; {text}" for text in _remedies(dataset, [account]))
        for year, month, component in sorted(account.lost_months, key=str):
            # A blank is of no component: such a row is most often a sum or a note.
            if component is not None:
                reason = f"of {account.name} were set aside{remedies}"
                yield LostMonth(year, month, component, reason)
