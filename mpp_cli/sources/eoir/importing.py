"""A court release, from its files to mpp's event tables and the account of every row."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mpp_cli.engines.base import Engine
from mpp_cli.results import Warning
from mpp_cli.sources.eoir import (
    cohort,
    counsel,
    ledger,
    lines,
    lookup,
    notes,
    proceedings,
    release,
    relief,
    remarks,
    tables,
    unread,
)
from mpp_cli.sources.eoir.buckets import Buckets
from mpp_cli.sources.eoir.casework import Casework
from mpp_cli.sources.eoir.codes import Codebook
from mpp_cli.sources.eoir.columns import stored
from mpp_cli.sources.eoir.ids import Everything, GrowingIds, IdSet
from mpp_cli.sources.eoir.names import LOOKUPS, names
from mpp_cli.sources.eoir.options import Options
from mpp_cli.sources.eoir.reading import Reading
from mpp_cli.sources.eoir.small import lookup_rows
from mpp_cli.sources.progress import Progress
from mpp_cli.sources.settled import Settled, SettledFile

#: The kind of each file, as an account names it.
KINDS = {
    release.IDENTIFIERS: "eoir_identifiers",
    release.PROCEEDINGS: "eoir_proceedings",
    release.APPLICATIONS: "eoir_applications",
    release.CASES: "eoir_cases",
    release.DECISIONS: "eoir_decisions",
    release.LOCATIONS: "eoir_locations",
    release.NATIONALITIES: "eoir_nationalities",
}


def load(
    path: Path, engine: Engine, options: Options, first_number: int, progress: Progress
) -> Settled:
    """Read the release in a folder or archive into the engine's event tables.

    ``first_number`` is the number of its first file account. Raises DataError
    for a release that lacks a file or column without which there is no figure.
    """
    return _Import(path, engine, options, first_number, progress).run()


class _Import:
    """One import, step by step: each step leaves tables in the engine for the next."""

    def __init__(
        self, path: Path, engine: Engine, options: Options, first_number: int, progress: Progress
    ) -> None:
        self._release = release.find_release(path)
        self._engine, self._options, self._progress = engine, options, progress
        self._accounts = {
            table: SettledFile(first_number + number, self._release.files[table].name, KINDS[table])
            for number, table in enumerate(each for each in KINDS if each in self._release.files)
        }
        self._warnings: list[Warning] = []
        #: All cases of the court; without A_TblCase nobody can tell what is none.
        self._known = GrowingIds() if release.CASES in self._release.files else None

    def run(self) -> Settled:
        """All steps in order."""
        file = self._release.require(release.PROCEEDINGS, "without which there is no case")
        with proceedings.buckets(file.size, self._options.compare_dockets) as buckets:
            return self._run(buckets)

    def _run(self, buckets: Buckets) -> Settled:
        ledger.create_tables(self._engine)
        decisions = self._read_decisions()
        names = self._read_names()
        by_identifier, identifiers = self._read_identifiers()
        books, by_location = self._read_proceedings(by_identifier, buckets)
        asked = cohort.Cohort(by_identifier, by_location, identifiers)
        # No measure compares relief or counsel between dockets: these are read of
        # the cohort only, and the footnote says so.
        judged = IdSet(asked.ids(self._options.cohort))
        self._read_cases(judged)
        found = asked.among(self._known)
        mine = IdSet(found.ids(self._options.cohort))
        self._read_applications(mine)
        cohort.store(self._engine, "court_cohort", mine.ids)
        self._set_copies_aside()
        work = Casework(
            self._engine,
            self._accounts[release.PROCEEDINGS],
            self._options,
            decisions,
            mine,
            Everything() if self._options.compare_dockets else judged,
            self._known,
            names,
            self._progress,
        )
        work.run(buckets, books)
        self._finish()
        self._warnings += remarks.cohort_unknown(found.counts)
        if not len(mine.ids):
            self._warnings.append(remarks.empty_cohort(self._options, self._accounts))
        types = books["case_type"].texts
        self._warnings += remarks.no_such_case_type(self._options.case_types, types)
        decided = self._engine.fetch("SELECT count(*) FROM completions")[0][0]
        self._warnings += remarks.unknown_codes(self._accounts, bool(decided))
        self._warnings += remarks.odd_dates(work.odd_dates, self._accounts[release.PROCEEDINGS])
        if release.CASES in self._accounts:
            odd = counsel.odd_dates(self._engine)
            self._warnings += remarks.odd_dates(odd, self._accounts[release.CASES])
        self._warnings += remarks.counts(self._release, self._accounts)
        unavailable = self._unavailable(names)
        made = about(self._release, self._options, found.counts)
        return Settled(
            name=self._release.name,
            files=list(self._accounts.values()),
            tables=_tables(unavailable),
            unavailable=unavailable,
            unread=dict(unread.find(self._accounts, self._options)),
            notes=tuple(notes.notes(self._release, self._options, found.counts, decisions.is_own)),
            warnings=self._warnings,
            end=self._release.day,
            dated_by=self._accounts[release.PROCEEDINGS].number,
            about=made,
            **notes.terms(made["options"]),
        )

    # --- reading ---------------------------------------------------------------

    def _reading(self, table: str) -> Reading:
        file = self._release.files[table]
        return Reading(file, self._accounts[table], self._engine, self._progress)

    def _read_decisions(self) -> lookup.Decisions:
        if release.DECISIONS in self._release.files:
            found = lookup.decisions(self._lookup(release.DECISIONS, lookup.COLUMNS))
            if found.completions:
                return found
        given = release.DECISIONS in self._release.files
        self._warnings.append(remarks.built_in_lookup(lists_none=given))
        return lookup.built_in()

    def _read_names(self) -> dict[str, dict[str, str]]:
        """Names by code, for the columns of ``cases`` that the release has a lookup for."""
        found = {}
        for each in LOOKUPS:
            file = self._release.files.get(each.table)
            columns = each.columns(lines.columns(file)) if file else None
            if columns is not None:
                found[each.fills] = names(self._lookup(each.table, columns), *columns)
            elif file is not None:
                self._lookup(each.table, ())
                self._warnings.append(remarks.unread_lookup(file, each))
        return found

    def _lookup(self, table: str, needed: tuple[str, ...]) -> list[dict[str, str]]:
        file, account = self._release.files[table], self._accounts[table]
        return lookup_rows(file, account, self._engine, needed, self._progress)

    def _read_identifiers(self) -> tuple[cohort.Ids | None, dict[str, int]]:
        if self._options.cohort != "location":
            self._release.require(release.IDENTIFIERS, "which says what cases are MPP")
        if release.IDENTIFIERS not in self._release.files:
            self._engine.create(cohort.TABLE, stored(cohort.COLUMNS))
            return None, {}
        reading, account = self._reading(release.IDENTIFIERS), self._accounts
        cohort.read_identifiers(reading, account[release.IDENTIFIERS], self._engine, self._known)
        return cohort.identified(self._engine)

    def _read_proceedings(
        self, by_identifier: cohort.Ids | None, buckets: Buckets
    ) -> tuple[Mapping[str, Codebook], cohort.Ids | None]:
        """Read the proceedings of all cases that may be wanted; the cases heard at MPP places."""
        reading, options = self._reading(release.PROCEEDINGS), self._options
        places = proceedings.places(reading, options)
        by_location = None
        if not options.compare_dockets and options.cohort != "identifier":
            # A reading of which nothing is recorded.
            file = self._release.files[release.PROCEEDINGS]
            looking = Reading(file, SettledFile(-1, "", ""), None, self._progress)
            by_location = proceedings.heard_at_mpp(looking)
        asked = cohort.Cohort(by_identifier, by_location, {})
        keep = Everything() if options.compare_dockets else IdSet(asked.ids(options.cohort))
        account = self._accounts[release.PROCEEDINGS]
        books = proceedings.read(reading, places, account, self._engine, keep, buckets)
        if by_location is None and "HEARING_LOC_CODE" in places:
            by_location = cohort.gathered(reading.noticed)
        return books, by_location

    def _read_cases(self, keep: IdSet) -> None:
        """Read counsel, and what cases there are."""
        if release.CASES in self._release.files:
            account = self._accounts[release.CASES]
            counsel.read(self._reading(release.CASES), account, self._engine, keep, self._known)

    def _read_applications(self, keep: IdSet) -> None:
        if release.APPLICATIONS in self._release.files:
            account = self._accounts[release.APPLICATIONS]
            relief.read(self._reading(release.APPLICATIONS), account, self._engine, keep)

    # --- rules -----------------------------------------------------------------

    def _set_copies_aside(self) -> None:
        """Judge the rows that were read of the cohort by each other, proceedings aside."""
        for stored_as, key, there in (
            (cohort.TABLE, "idncase", True),
            (relief.TABLE, "idncase, idnproceeding", release.APPLICATIONS in self._accounts),
            (counsel.TABLE, "idncase", release.CASES in self._accounts),
        ):
            if there:
                ledger.set_duplicates_aside(self._engine, stored_as, key)
        counsel.make_counsel(self._engine, release.CASES in self._accounts)

    def _finish(self) -> None:
        """What is left to do once the proceedings are folded."""
        engine, account = self._engine, self._accounts[release.PROCEEDINGS]
        tables.make_cohort(engine, account.number)
        tables.fill(engine, "cases", "court_case_rows", tables.CASES)
        if release.APPLICATIONS in self._release.files:
            relief.make_grants(engine)
            tables.create(engine, "grants", tables.GRANTS)
            tables.fill(engine, "grants", "court_grants", tables.GRANTS)
            undated, first = relief.undated(engine)
            if undated:
                there = self._accounts[release.APPLICATIONS]
                self._warnings.append(remarks.undated_grants(undated, first, there))
        outside = {ledger.OTHER_CASE: f"NOT {ledger.IN_COHORT}"}
        for table, stored_as in (
            (release.IDENTIFIERS, cohort.TABLE),
            (release.APPLICATIONS, relief.TABLE),
            (release.CASES, counsel.TABLE),
        ):
            if table in self._accounts:
                ledger.settle(engine, self._accounts[table], stored_as, outside)

    # --- what it is --------------------------------------------------------------

    def _unavailable(self, names: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
        """Why there is no event table, or no column of one (as ``cases.nationality``)."""
        found = {"referrals": notes.NO_REFERRALS}
        for event_table, table in (
            ("grants", release.APPLICATIONS),
            ("cases.representation_date", release.CASES),
            ("cases.identifier", release.IDENTIFIERS),
        ):
            if table not in self._release.files:
                found[event_table] = f"the release has no {table}"
        for each in LOOKUPS:
            if each.fills not in names:
                found[f"cases.{each.fills}"] = f"the release has no {each.table} that can be read"
        for table, column, filled in _FILLED:
            file = self._release.files.get(table)
            if file is not None and column not in lines.columns(file):
                found |= dict.fromkeys(filled, f"{file.name} has no column {column}")
        return found


#: Columns of a release without which columns of event tables are not there.
_FILLED = (
    (release.PROCEEDINGS, "ABSENTIA", ("completions.in_absentia",)),
    (release.PROCEEDINGS, "NAT", ("cases.nationality", "cases.nationality_name")),
    (
        release.PROCEEDINGS,
        "HEARING_LOC_CODE",
        ("cases.hearing_location", "cases.hearing_location_name"),
    ),
    (release.CASES, "E_28_DATE", ("cases.representation_date",)),
)


def _tables(unavailable: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """The event tables that there are, with the columns that there are."""
    return {
        name: tuple(column for column in columns if f"{name}.{column}" not in unavailable)
        for name, columns in tables.EVENT_TABLES.items()
        if name not in unavailable
    }


def about(found: release.Release, options: Options, counts: cohort.Counts) -> dict[str, Any]:
    """The release, the choices and the cohort, as an import records them."""
    return {
        "release": {"name": found.name, "date": str(found.day) if found.day else None},
        "options": {
            "cohort": options.cohort,
            "case_types": list(options.case_types),
            "nta_date": options.nta_date,
            "compare_dockets": options.compare_dockets,
            "custody": options.custody,
        },
        "cohort": {
            "identifier_only": counts.identifier_only,
            "location_only": counts.location_only,
            "both": counts.both,
            "by_identifier": counts.by_identifier,
        },
    }
