"""How much of the data may be lost: no figure is made of what is left of a file that was not read.

Where nothing is said, no file may lose more than half of its rows by their own values: its dates
or codes are in another form, and the rest was read by chance.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from mpp_cli.errors import CheckFailed, DataError, MppError, UsageError
from mpp_cli.judgement import Judgement
from mpp_cli.results import Source, lost_of
from mpp_cli.sources.account import FileAccount

if TYPE_CHECKING:
    from mpp_cli.sources.settled import SettledFile

#: Reasons that come from other rows, not from a row's own values.
_BY_OTHER_ROWS = ("duplicate", "conflicting_duplicate", "orphan")

#: What a required date or count that is in another form would set aside its row for.
_DECIDING = ("unreadable_date", "not_a_count")


@dataclass(frozen=True)
class Limit:
    """How many rows may be set aside or values read as blank.

    ``number`` is a number of both, in all files together, or, where it is a ``share``,
    of a hundred rows read, which holds for every file and for all together. ``option``
    is what the user called it.
    """

    number: Fraction
    share: bool
    option: str


#: Everything may be lost, and more values be read as blank than there are rows.
ANYTHING = Limit(Fraction(100), True, "--max-set-aside 100%")

#: Nothing may be lost.
STRICT = Limit(Fraction(0), False, "--strict")


def read_limit(text: str | None) -> Limit | None:
    """A limit such as ``100`` or ``0.1%``; UsageError for anything else."""
    if text is None:
        return None
    match = re.fullmatch(r"([0-9]{1,15}(?:\.[0-9]{1,9})?)(%?)", text.strip())
    if match is None or (match[2] and Fraction(match[1]) > 100):
        raise UsageError(
            f'unreadable limit "{text}" in --max-set-aside',
            hint="write a number or a share: 100 or 0.1%",
        )
    number, share = Fraction(match[1]), bool(match[2])
    if share and number == 100:
        return ANYTHING
    return Limit(number, share, f"--max-set-aside {text}")


def check(judged: Judgement, limit: Limit | None, hint: str | None = None) -> None:
    """Refuse data that have lost more than the limit allows, or where there is none, half a file.

    Raises CheckFailed for a limit, with ``hint``, and DataError without one.
    """
    if limit is None:
        refused = next(_refusals(judged), None)
        if refused is not None:
            raise refused
        return
    if limit == ANYTHING:
        return
    sources = judged.sources
    if limit.share:
        for source in sources:
            _check(limit, [source], f"{source.file}: ", hint)
    _check(limit, sources, "", hint)


def exceeds_half(judged: Judgement) -> bool:
    """Whether a file would be refused where nothing is said."""
    return next(_refusals(judged), None) is not None


def _check(
    limit: Limit, sources: tuple[Source, ...] | list[Source], of: str, hint: str | None
) -> None:
    read = sum(source.rows_read for source in sources)
    set_aside, blanked = lost_of(sources)
    allowed = limit.number * read / 100 if limit.share else limit.number
    if set_aside + blanked <= allowed:
        return
    first = next((each for each in sources if each.examples), None)
    lines = [line for lines in first.examples.values() for line in lines] if first else []
    raise CheckFailed(
        f"{_rows(set_aside)} set aside and {blanked:,} value{'' if blanked == 1 else 's'} "
        f"read as blank, of {_rows(read)} read, are more than {limit.option} allows; nothing "
        "was written",
        file=first.file if first else sources[0].file if of else None,
        line=min(lines) if lines else None,
        hint=hint,
    )


def _rows(number: int) -> str:
    return f"{number:,} row{'' if number == 1 else 's'}"


def _refusals(judged: Judgement) -> Iterator[MppError]:
    """Why files are refused, of which most rows or the values of a column were not read."""
    dataset = judged.dataset
    accounts: list[FileAccount | SettledFile] = [*dataset.files, *dataset.settled_files]
    for account, source in zip(accounts, judged.sources, strict=True):
        own = {k: v for k, v in source.set_aside.items() if k not in _BY_OTHER_ROWS}
        lost, rows = sum(own.values()), source.rows_read
        if isinstance(account, FileAccount) or not account.most_outside:
            rows -= sum(source.rows_outside.values())
        if lost * 2 > rows:
            yield _half_lost(judged, account, source, own, rows)
        elif isinstance(account, FileAccount):
            yield from _misread(account)


def _half_lost(
    judged: Judgement,
    account: FileAccount | SettledFile,
    source: Source,
    own: dict[str, int],
    rows: int,
) -> DataError:
    most = max(own, key=lambda reason: own[reason])
    line = min(source.examples[most])
    # Of a file whose rows are read again for their texts there is none at hand.
    [(raw, column)] = judged.dataset.engine.fetch(
        "SELECT max(raw), max(reason_column) FROM set_aside WHERE _file = $file AND _line = $line",
        file=account.number,
        line=line,
    )
    hint = "say with --max-set-aside how much may be lost; `mpp validate` lists every row"
    where = f" in {column}" if column else ""
    if isinstance(account, FileAccount):
        from mpp_cli.sources.remedies import remedy, worst

        where = f" in {account.heading(column)}" if column else ""
        found = worst(account)
        if found and found[1].unreadable * 2 > rows:
            hint = f"{remedy(account, *found)}; or {hint}"
    lost = sum(own.values())
    said = "its only row" if rows == 1 else f"{lost:,} of its {_rows(rows)}"
    more = "" if lost == rows else ", which is more than half"
    return DataError(
        f"{said} cannot be used (most often: {most.replace('_', ' ')}{where}){more}",
        file=source.file,
        line=line,
        excerpt=raw,
        hint=hint,
    )


def _misread(account: FileAccount) -> Iterator[DataError]:
    for name, tally in account.tallies.items():
        column = account.table.column(name)
        if column is not None and column.unreadable in _DECIDING and tally.is_misread:
            from mpp_cli.sources.remedies import remedy

            text = next(iter(tally.texts))
            yield DataError(
                f'the values of {account.heading(name)}, such as "{text}", are in another form '
                "than the one in which they would be read",
                file=account.name,
                hint=remedy(account, name, tally),
            )
