"""What a reader of the figures should know of the release: its warnings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher

from mpp_cli.errors import NAMES_LISTED
from mpp_cli.results import Warning
from mpp_cli.sources.eoir import names, release
from mpp_cli.sources.eoir.cohort import Counts
from mpp_cli.sources.eoir.options import LOCATIONS, Options
from mpp_cli.sources.settled import SettledFile

Accounts = Mapping[str, SettledFile]


def built_in_lookup(lists_none: bool = False) -> Warning:
    """The release does not say what its decision codes mean, or its lookup ``lists_none``."""
    lacks = (
        f"{release.DECISIONS} lists no completion (strDecType C)"
        if lists_none
        else f"the release has no {release.DECISIONS}"
    )
    return Warning(
        "eoir-built-in-lookup",
        f"{lacks}; decision codes were read by mpp's own table, which is incomplete",
        loud=lists_none,
    )


def cohort_unknown(counts: Counts) -> Iterator[Warning]:
    """The release lacks what one of the rules for the cohort goes by."""
    if counts.both is None:
        known = any(count is not None for count in counts.by_identifier.values())
        why, what = f"the release has no {release.IDENTIFIERS}", "has an identifier of MPP"
        if known:
            why = f"{release.PROCEEDINGS} has no column HEARING_LOC_CODE"
            what = "was heard at an MPP location"
        yield Warning("eoir-cohort-unknown", f"{why}, so which case {what} is not known")


def empty_cohort(options: Options, accounts: Accounts) -> Warning:
    """No case of the release is an MPP case; what was looked for."""
    by_identifier = "the CASE_ID MP or RM"
    by_location = f"a proceeding heard at {', '.join(LOCATIONS[:-1])} or {LOCATIONS[-1]}"
    looked_for = {
        "identifier": by_identifier,
        "location": by_location,
        "either": f"{by_identifier}, or {by_location}",
        "both": f"{by_identifier} and {by_location}",
    }[options.cohort]
    read = ", ".join(
        f"{accounts[table].rows_read:,} rows of {accounts[table].name}"
        for table in (release.IDENTIFIERS, release.PROCEEDINGS)
        if table in accounts
    )
    return Warning(
        "eoir-empty-cohort",
        f"no case of the release is an MPP case, so every figure is of no case: looked for "
        f"{looked_for} (cohort {options.cohort}) in {read}",
        loud=True,
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


def unknown_codes(accounts: Accounts, decided: bool) -> Iterator[Warning]:
    """Codes that no lookup of the release knows.

    Where none of the decisions is known (``decided`` is False) this must not be overlooked.
    """
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
                    f"codes of {what} that are not on any list: {', '.join(listed)}",
                    account.name,
                    loud=listed is decisions and not decided,
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
    if release.COUNTS not in found.files:
        yield Warning(
            "eoir-no-counts",
            "the release has no Count.txt, so whether its files are complete is not known",
        )
        return
    file = found.files[release.COUNTS].name
    official, unread = found.official_counts()
    unsaid = [table for table in _LARGE if table in accounts and table not in official]
    if unsaid:
        text = (
            f"{file} gives no number of rows for {', '.join(unsaid)}, so whether "
            f"{'that file is' if len(unsaid) == 1 else 'those files are'} complete is not known"
        )
        if unread:
            listed = ", ".join(f'{line} "{text[:40]}"' for line, text in [*unread.items()][:3])
            text += f"; lines that are not a table and a number: {len(unread):,}, such as {listed}"
        yield Warning("eoir-unread-counts", text, file, min(unread, default=None))
    for table, account in accounts.items():
        rows = official.get(table)
        if rows is not None and rows != account.rows_read:
            yield Warning(
                "eoir-row-count",
                f"{account.name}: {account.rows_read:,} rows were read, "
                f"and Count.txt says {rows:,}",
                account.name,
                loud=abs(rows - account.rows_read) * 10 >= rows,
            )


def no_such_case_type(chosen: Sequence[str], there: Sequence[str]) -> Iterator[Warning]:
    """Case types that were asked for and that no proceeding has; ``there`` are those that do."""
    missing = [each for each in chosen if each not in there]
    known = [each for each in there if each]
    if missing and known:
        # The nearest first: another case of the letters, or a letter more or less.
        known.sort(key=lambda each: (min(_distance(each, other) for other in missing), each))
        yield Warning(
            "eoir-no-such-case-type",
            f"no proceeding that was read has the case type {', '.join(missing)} (case-types); "
            f"there are {', '.join(known[:NAMES_LISTED])}",
            loud=len(missing) == len(chosen),
        )


def _distance(one: str, other: str) -> float:
    return 1 - SequenceMatcher(None, one.casefold(), other.casefold()).ratio()


#: Tables that an official list of rows has to name.
_LARGE = (release.IDENTIFIERS, release.PROCEEDINGS, release.APPLICATIONS, release.CASES)
