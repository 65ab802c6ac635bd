"""What a reader of the figures must know of files that lost many rows, and why they did.

These are the warnings that are said even where nothing else is (``-q``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from mpp_cli.results.report import Source, Warning
from mpp_cli.sources.dataset import Dataset
from mpp_cli.sources.file_account import FileAccount

#: The warning that a file lost many rows, where there is no more to say of it.
ROWS_LOST = "rows-lost"

#: A file that lost one row in so many, or more, is spoken of in any case.
_MANY = 10

#: A column that is blank in all rows of a file is worth a word from so many rows on.
_WORTH_A_WORD = 10

#: Columns of which a blank has a meaning that decides what is counted, and that meaning.
_BLANK_MEANS = {
    ("cases", "nta_filed_date"): "no NTA counts as filed",
    ("completions", "outcome"): "every completion counts as one of unknown outcome",
}

#: What spreadsheets and programs do to ids, by what is said of it, and the condition under
#: which it was done to one; ``id`` stands for the id.
_HARMS = (
    ('the signs ="…"', "{id} LIKE '=\"%'"),
    ("quotes", "{id} LIKE '%''%' OR {id} LIKE '%\"%'"),
    ("spaces", "{id} LIKE '% %'"),
    ("a .0 at the end", "{id} LIKE '%.0'"),
    ("leading zeros", "{id} LIKE '0%'"),
)
_SHORTENED = "{id} LIKE '%E+%' OR {id} LIKE '%e+%'"


def of_files(dataset: Dataset, sources: Sequence[Source]) -> Iterator[Warning]:
    """A warning about each file that lost many rows, or a column of which is blank."""
    shared = Counter(source.file for source in sources)
    for source in sources:
        name = source.file
        if shared[name] > 1:
            name += f" ({source.kind})"
        rows = source.rows_read - sum(source.rows_outside.values())
        lost = sum(source.set_aside.values())
        if lost * _MANY >= rows > 0 and lost:
            yield _loss(dataset, source, name, lost, rows)
        yield from _values_lost(dataset, source, name)
    for account in dataset.files:
        yield from _blank_columns(account)
        yield from _notes_below(account)


def _loss(dataset: Dataset, source: Source, name: str, lost: int, rows: int) -> Warning:
    by_reason = ", ".join(
        f"{times:,} {reason.replace('_', ' ')}" for reason, times in source.set_aside.items()
    )
    text = f"{lost:,} of {rows:,} rows of {name} were set aside ({by_reason})"
    if source.kind == "cases" and source.set_aside.get("conflicting_duplicate"):
        (shortened,) = dataset.engine.fetch(
            f"SELECT count(*) FROM used_cases WHERE {_SHORTENED.format(id='case_id')}"
        )[0]
        if shortened:
            text += f"; {_shortened(shortened, 'the ids that are left')}"
    if source.set_aside.get("orphan", 0) * 2 <= rows:
        return Warning(ROWS_LOST, text, source.file, loud=True)
    account = _account(dataset, source)
    harmed = None if account is None else _harmed(dataset, account)
    text += "; the ids of most of its rows are not among the cases"
    return Warning(
        "orphans-in-bulk", text + (f": {harmed}" if harmed else ""), source.file, loud=True
    )


def _values_lost(dataset: Dataset, source: Source, name: str) -> Iterator[Warning]:
    """Columns of which half of the values, or more, were read as blank."""
    account = _account(dataset, source)
    for column, lost in source.blanked.items():
        tally = account.tallies.get(column) if account else None
        filled = tally.filled if tally else source.rows_used
        if lost * 2 >= filled > 0:
            shown = account.heading(column) if account else column
            yield Warning(
                "values-lost",
                f"{lost:,} of {filled:,} values of {shown} in {name} cannot be read and count as "
                "blank",
                source.file,
                loud=True,
            )


def _account(dataset: Dataset, source: Source) -> FileAccount | None:
    """What became of the rows of a file; None where its own reader has judged them."""
    alike = (each for each in dataset.files if (each.name, each.kind) == (source.file, source.kind))
    return next(alike, None)


def _harmed(dataset: Dataset, account: FileAccount) -> str | None:
    """What was done to the ids of orphans, or to those of the cases, if that can be seen."""
    orphans = (
        f"SELECT DISTINCT e.case_id AS id FROM {account.table.name} e JOIN set_aside s "
        "ON s._file = e._file AND s._line = e._line WHERE s._file = $file AND s.reason = 'orphan'"
    )
    bare = (
        f"SELECT o.id AS orphan, c.case_id AS held FROM ({orphans}) o "
        f"JOIN used_cases c ON {_bare('c.case_id')} = {_bare('o.id')}"
    )
    said = ", ".join(
        f"count(*) FILTER (WHERE ({test.format(id='orphan')}) <> ({test.format(id='held')}))"
        for _, test in _HARMS
    )
    matches, *times = dataset.engine.fetch(
        f"SELECT count(*), {said} FROM ({bare}) m", file=account.number
    )[0]
    if matches:
        found = [what for (what, _), number in zip(_HARMS, times, strict=True) if number]
        without = " or ".join(found) or "these signs"
        return f"{matches:,} of them would match without {without}, on one side or the other"
    for whose, rows in (("its ids", orphans), ("the ids of the cases", _CASES)):
        test = _SHORTENED.format(id="id")
        parameters = {"file": account.number} if "$file" in rows else {}
        (shortened,) = dataset.engine.fetch(
            f"SELECT count(*) FROM ({rows}) r WHERE {test}", **parameters
        )[0]
        if shortened:
            return _shortened(shortened, whose)
    return None


def _shortened(number: int, whose: str) -> str:
    return (
        f"{number:,} of {whose} were shortened by a spreadsheet (as 2.01901E+11) and cannot be "
        "restored; export them as text"
    )


_CASES = "SELECT case_id AS id FROM used_cases"


def _bare(column: str) -> str:
    """An id without what spreadsheets put around it."""
    for sign in ("' '", "'\"'", "''''", "'='"):
        column = f"REPLACE({column}, {sign}, '')"
    shorter = f"SUBSTRING({column}, 1, LENGTH({column}) - 2)"
    return f"TRIM(LEADING '0' FROM CASE WHEN {column} LIKE '%.0' THEN {shorter} ELSE {column} END)"


def _blank_columns(account: FileAccount) -> Iterator[Warning]:
    for (table, column), meaning in _BLANK_MEANS.items():
        tally = account.tallies.get(column) if account.table.name == table else None
        rows = account.rows_read - sum(account.outside.values())
        if tally is not None and not tally.filled and rows >= _WORTH_A_WORD:
            yield Warning(
                "blank-column",
                f"{account.heading(column)} is blank in all {rows:,} rows, so that {meaning}",
                account.name,
            )


def _notes_below(account: FileAccount) -> Iterator[Warning]:
    """Rows below the last full one that have only an id: most often notes on the table."""
    if account.notes_below:
        rows = len(account.notes_below)
        have = (
            "1 row below the last full one has"
            if rows == 1
            else f"{rows} rows below the last full one have"
        )
        yield Warning(
            "notes-below-table",
            f"{have} nothing but a {account.heading('case_id')} and "
            f"{'counts as a case' if rows == 1 else 'count as cases'} without an NTA; delete "
            "what is a note",
            account.name,
            account.notes_below[0],
        )
