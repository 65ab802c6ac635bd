"""What a reader of the figures should know of the release: its warnings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mpp_cli.results import Warning
from mpp_cli.sources.eoir import names, release
from mpp_cli.sources.settled import SettledFile

Accounts = Mapping[str, SettledFile]


def built_in_lookup() -> Warning:
    """The release does not say what its decision codes mean."""
    return Warning(
        "eoir-built-in-lookup",
        f"the release has no {release.DECISIONS}; its codes were read by mpp's own table, "
        "which is incomplete",
    )


def unread_lookup(found: release.ReleaseFile, wanted: names.Lookup) -> Warning:
    """A lookup whose columns have other names than any that are known."""
    return Warning(
        "eoir-unread-lookup",
        f"no column {' or '.join(wanted.code)} beside {' or '.join(wanted.name)}: "
        f"{wanted.fills} stays unknown",
        found.name,
        1,
    )


def undated_grants(count: int, first: int, account: SettledFile) -> Warning:
    """Granted applications that no date can be given."""
    return Warning(
        "eoir-undated-grant",
        "granted applications whose proceeding has no completion date, so that they are not "
        f"counted: {count:,}",
        account.name,
        first,
    )


def unknown_codes(accounts: Accounts) -> Iterator[Warning]:
    """Codes that no lookup of the release knows."""
    named = {each.column for each in names.LOOKUPS}
    for account in accounts.values():
        codes: dict[str, list[str]] = {"decisions": [], "hearing locations and nationalities": []}
        decisions, places = codes.values()
        for code, count in account.unknown_codes.items():
            listed = places if code.partition(" ")[0] in named else decisions
            listed.append(f"{code} ({count:,})")
        for what, listed in codes.items():
            if listed:
                yield Warning(
                    "eoir-unknown-code" if listed is decisions else "eoir-unknown-name",
                    f"codes of {what} that no lookup knows: {', '.join(listed)}",
                    account.name,
                )


def odd_dates(found: Mapping[str, tuple[int, int]], account: SettledFile) -> Iterator[Warning]:
    """Dates that cannot be right; ``found`` has by column the first line and their number."""
    for column, (line, count) in sorted(found.items()):
        yield Warning(
            "eoir-odd-date",
            f"dates of {column} before 1950 or after 2100, taken as written: {count:,}",
            account.name,
            line,
        )


def counts(found: release.Release, accounts: Accounts) -> Iterator[Warning]:
    """Rows that were read and are not as many as the release itself says."""
    official = found.official_counts()
    if not official:
        yield Warning(
            "eoir-no-counts",
            "the release has no Count.txt, so whether its files are whole is not known",
        )
    for table, account in accounts.items():
        rows = official.get(table.casefold())
        if rows is not None and rows != account.rows_read:
            yield Warning(
                "eoir-row-count",
                f"{account.name}: {account.rows_read:,} rows were read, "
                f"and Count.txt says {rows:,}",
                account.name,
            )
