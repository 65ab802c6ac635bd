"""Months of encounters that more than one file holds: refused, or taken from the newest file.

Adding two releases that hold the same month would count it twice. A file
without components holds all of a month.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from mpp_cli.common.errors import DataError
from mpp_cli.common.periods import fiscal_month_number, month_name
from mpp_cli.results.report import Warning
from mpp_cli.sources.dataset import Dataset, FileAccount

#: Rows of a month that is taken from a newer file are not part of the question.
OLDER_RELEASE = "older-release"

#: True of rows whose month is not taken from another file.
NOT_OLDER = (
    "NOT EXISTS (SELECT 1 FROM older_months o WHERE o._file = t._file "
    "AND o.fiscal_year = t.fiscal_year AND o.month = t.month)"
)

#: Rows by month, file and component.
_Months = dict[int, dict[int, dict[str | None, int]]]


def prepare(dataset: Dataset) -> None:
    """Make the table that :data:`NOT_OLDER` reads, still empty."""
    columns = dict.fromkeys(("_file", "fiscal_year", "month"), "INTEGER")
    dataset.engine.create("older_months", columns)


def settle(dataset: Dataset, newest_release: bool) -> None:
    """See to it that every month of encounters comes from one file only.

    Fills the table ``older_months`` and counts its rows as outside. Raises
    DataError for months that two files hold, unless ``newest_release``: then for
    two files that reach equally far.
    """
    held = _held(dataset)
    clashes = {
        month: files for month, files in sorted(held.items()) if _clash(list(files.values()))
    }
    if clashes and not newest_release:
        raise _refusal(dataset, clashes)
    older = _older(dataset, held, clashes)
    for file, months in older.items():
        rows = sum(sum(held[month][file].values()) for month in months)
        for month in months:
            year, place = _fiscal(month)
            dataset.engine.append_query("older_months", f"SELECT {file}, {year}, {place}")
        account = _account(dataset, file)
        account.outside[OLDER_RELEASE] += rows
        dataset.warnings.append(
            Warning(
                OLDER_RELEASE,
                f"{account.name}: {_spans(months)} taken from a newer file; "
                f"{rows:,} rows here left out",
                account.name,
            )
        )


def _held(dataset: Dataset) -> _Months:
    """How many rows of every component each file holds, by month and file."""
    held: _Months = defaultdict(lambda: defaultdict(dict))
    for year, month, file, component, rows in dataset.engine.fetch(
        "SELECT fiscal_year, month, _file, component, count(*) FROM used_encounters "
        "GROUP BY fiscal_year, month, _file, component"
    ):
        held[fiscal_month_number(year, month)][file][component] = rows
    return held


def _clash(components: list[dict[str | None, int]]) -> bool:
    """Whether two files hold the same component of a month; None is all of them."""
    return any(
        None in one or None in other or bool(one.keys() & other.keys())
        for place, one in enumerate(components)
        for other in components[place + 1 :]
    )


def _older(dataset: Dataset, held: _Months, clashes: _Months) -> dict[int, list[int]]:
    """Per file the months that are taken from a file that reaches further."""
    reach: dict[int, int] = {}
    for month, files in held.items():
        for file in files:
            reach[file] = max(month, reach.get(file, month))
    older: dict[int, list[int]] = defaultdict(list)
    for month, files in clashes.items():
        newest = max(files, key=lambda file: reach[file])
        for file in sorted(files):
            if file == newest:
                continue
            if reach[file] == reach[newest]:
                raise DataError(
                    f"{_name(dataset, file)} and {_name(dataset, newest)} both end in "
                    f"{month_name(reach[file])}: neither is the newer release",
                    file=_name(dataset, max(file, newest)),
                    hint="give only one of them",
                )
            older[file].append(month)
    return older


def _refusal(dataset: Dataset, clashes: _Months) -> DataError:
    names = sorted({file for files in clashes.values() for file in files})
    files = " and ".join(_name(dataset, file) for file in names)
    last = names[-1]
    year, month = _fiscal(min(each for each, held in clashes.items() if last in held))
    [(line,)] = dataset.engine.fetch(
        "SELECT min(_line) FROM used_encounters "
        "WHERE _file = $file AND fiscal_year = $year AND month = $month",
        file=last,
        year=year,
        month=month,
    )
    return DataError(
        f"{files} contain the same months of encounters: {_spans(clashes)}",
        file=_name(dataset, last),
        line=line,
        hint="give one file for each month, or use --newest-release to take each month from the "
        "file whose data end later",
    )


def _spans(months: Iterable[int]) -> str:
    """Months in words, runs of them as spans: ``October 2020 to June 2021``."""
    spans: list[list[int]] = []
    for month in sorted(months):
        if spans and month == spans[-1][1] + 1:
            spans[-1][1] = month
        else:
            spans.append([month, month])
    return ", ".join(
        month_name(first) if first == last else f"{month_name(first)} to {month_name(last)}"
        for first, last in spans
    )


def _fiscal(month: int) -> tuple[int, int]:
    """A numbered month as fiscal year and calendar month."""
    year, place = divmod(month, 12)
    return (year + 1 if place >= 9 else year), place + 1


def _account(dataset: Dataset, file: int) -> FileAccount:
    return next(account for account in dataset.files if account.number == file)


def _name(dataset: Dataset, file: int) -> str:
    return _account(dataset, file).name
