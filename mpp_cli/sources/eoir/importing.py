"""A court release, from its files to mpp's event tables and the account of every row."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np

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
    tables,
)
from mpp_cli.sources.eoir.columns import stored
from mpp_cli.sources.eoir.ids import Everything, IdSet
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
}

_NOBODY = IdSet(np.empty(0, dtype=np.int64))


def load(
    path: Path, engine: Engine, options: Options, first_number: int, progress: Progress
) -> Settled:
    """Read the release in a folder or archive into the engine's event tables.

    ``first_number`` is the number of its first file account. Raises DataError
    for a release that lacks a file or column without which there is no figure.
    """
    return _Import(path, engine, options, first_number, progress).run()


class _Import:
    """One import, step by step: each step leaves a table in the engine for the next."""

    def __init__(
        self, path: Path, engine: Engine, options: Options, first_number: int, progress: Progress
    ) -> None:
        self._release = release.find_release(path)
        self._engine, self._options, self._progress = engine, options, progress
        self._accounts = {
            table: SettledFile(first_number + number, self._release.files[table].name, KINDS[table])
            for number, table in enumerate(each for each in KINDS if each in self._release.files)
        }
        for table, account in self._accounts.items():
            account.texts = partial(lines.texts, self._release.files[table])
        self._warnings: list[Warning] = []

    def run(self) -> Settled:
        """All steps in order."""
        ledger.create_tables(self._engine)
        decisions = self._read_decisions()
        by_identifier, identifiers = self._read_identifiers()
        by_location = self._read_proceedings(by_identifier)
        # No measure compares relief or counsel between dockets: these are read of
        # the cohort only, and the footnote says so.
        keep = IdSet(np.union1d(by_identifier, by_location))
        by_location = self._read_cases(by_identifier, by_location, keep)
        found = cohort.Cohort(by_identifier, by_location, identifiers)
        self._make_cohort(found)
        self._read_applications(keep)
        self._apply_rules(decisions)
        self._settle()
        self._check_counts()
        return Settled(
            name=self._release.name,
            files=list(self._accounts.values()),
            tables=self._tables(),
            unavailable=self._unavailable(),
            notes=tuple(notes.notes(self._release, self._options, found.counts)),
            warnings=self._warnings,
            end=self._release.day,
            about={
                "release": {
                    "name": self._release.name,
                    "date": str(self._release.day) if self._release.day else None,
                },
                "options": {
                    "cohort": self._options.cohort,
                    "case_types": list(self._options.case_types),
                    "nta_date": self._options.nta_date,
                    "compare_dockets": self._options.compare_dockets,
                },
                "cohort": {
                    "identifier_only": found.counts.identifier_only,
                    "location_only": found.counts.location_only,
                    "both": found.counts.both,
                    "by_identifier": found.counts.by_identifier,
                },
            },
        )

    # --- reading ---------------------------------------------------------------

    def _reading(self, table: str) -> Reading:
        file = self._release.files[table]
        return Reading(file, self._accounts[table], self._engine, self._progress)

    def _looking(self, table: str) -> Reading:
        """A reading of which nothing is recorded."""
        scratch = SettledFile(-1, "", "")
        return Reading(self._release.files[table], scratch, None, self._progress)

    def _read_decisions(self) -> lookup.Decisions:
        if release.DECISIONS not in self._release.files:
            self._warn(
                "eoir-built-in-lookup",
                f"the release has no {release.DECISIONS}; its codes were read by mpp's own table, "
                "which is incomplete",
            )
            return lookup.built_in()
        rows = lookup_rows(
            self._release.files[release.DECISIONS],
            self._accounts[release.DECISIONS],
            self._engine,
            lookup.COLUMNS,
            self._progress,
        )
        return lookup.decisions(rows)

    def _read_identifiers(self) -> tuple[cohort.Ids, dict[str, int]]:
        if self._options.cohort != "location":
            self._release.require(release.IDENTIFIERS, "which says what cases are MPP")
        if release.IDENTIFIERS not in self._release.files:
            self._engine.create(cohort.TABLE, stored(cohort.COLUMNS))
            ledger.define_used(self._engine, cohort.TABLE)
        else:
            account = self._accounts[release.IDENTIFIERS]
            cohort.read_identifiers(self._reading(release.IDENTIFIERS), account, self._engine)
        return cohort.identified(self._engine)

    def _read_proceedings(self, by_identifier: cohort.Ids) -> cohort.Ids:
        """Read the proceedings of all cases that may be wanted; the cases heard at MPP places."""
        self._release.require(release.PROCEEDINGS, "without which there is no case")
        account = self._accounts[release.PROCEEDINGS]
        reading = self._reading(release.PROCEEDINGS)
        if self._options.cohort == "identifier" or self._options.compare_dockets:
            proceedings.read(reading, account, self._engine, self._kept(by_identifier))
            return cohort.gathered(reading.noticed)
        looking = self._looking(release.PROCEEDINGS)
        by_location = cohort.heard_at_mpp(looking)
        keep = IdSet(np.union1d(by_identifier, by_location))
        proceedings.read(reading, account, self._engine, keep)
        return by_location

    def _read_cases(
        self, by_identifier: cohort.Ids, by_location: cohort.Ids, keep: IdSet
    ) -> cohort.Ids:
        """Read counsel; the cases heard at MPP places that are cases of the court at all.

        Proceedings whose case neither table of cases knows are orphans. Without
        A_TblCase nobody can tell.
        """
        there = release.CASES in self._release.files
        if there:
            reading = self._reading(release.CASES)
            unsure = IdSet(np.setdiff1d(by_location, by_identifier))
            counsel.read(reading, self._accounts[release.CASES], self._engine, keep, unsure)
            known = np.union1d(by_identifier, cohort.gathered(reading.noticed))
            if len(unsure) and release.IDENTIFIERS in self._release.files:
                looking = self._looking(release.IDENTIFIERS)
                for _ in looking.rows(_NOBODY, watch=unsure):
                    pass
                known = np.union1d(known, cohort.gathered(looking.noticed))
            self._set_orphans_aside(np.setdiff1d(by_location, known))
            by_location = np.intersect1d(by_location, known)
        counsel.make_counsel(self._engine, there)
        return by_location

    def _set_orphans_aside(self, orphans: cohort.Ids) -> None:
        cohort.store(self._engine, "court_orphans", orphans)
        ledger.set_aside_found(
            self._engine,
            "orphan",
            f"SELECT _file, _line FROM used_{proceedings.TABLE} WHERE idncase IN "
            "(SELECT idncase FROM court_orphans)",
        )
        ledger.define_used(self._engine, proceedings.TABLE)

    def _read_applications(self, keep: IdSet) -> None:
        if release.APPLICATIONS in self._release.files:
            account = self._accounts[release.APPLICATIONS]
            relief.read(self._reading(release.APPLICATIONS), account, self._engine, keep)

    def _kept(self, ids: cohort.Ids) -> IdSet:
        return Everything() if self._options.compare_dockets else IdSet(ids)

    # --- rules -----------------------------------------------------------------

    def _make_cohort(self, found: cohort.Cohort) -> None:
        cohort.store(self._engine, "court_cohort", found.ids(self._options.cohort))

    def _apply_rules(self, decisions: lookup.Decisions) -> None:
        engine, options = self._engine, self._options
        account = self._accounts[release.PROCEEDINGS]
        proceedings.select(engine, options, decisions)
        account.unknown_codes.update(proceedings.unknown_codes(engine, decisions))
        proceedings.make_cases(engine, options)
        tables.make_cases(engine, account.number, options.compare_dockets)
        tables.fill(engine, "cases", "court_case_rows", tables.CASES)
        proceedings.make_completions(engine)
        tables.fill(engine, "completions", tables.of_cases("court_completions"), tables.COMPLETIONS)
        if release.APPLICATIONS in self._release.files:
            relief.make_grants(engine)
            tables.fill(engine, "grants", tables.of_cases("court_grants"), tables.GRANTS)
            undated, first = relief.undated(engine)
            if undated:
                self._warn(
                    "eoir-undated-grant",
                    "granted applications whose proceeding has no completion date, so that they "
                    f"are not counted: {undated:,}",
                    self._accounts[release.APPLICATIONS].name,
                    first,
                )

    def _settle(self) -> None:
        elsewhere = {}
        if not self._options.compare_dockets:
            elsewhere[ledger.OTHER_CASE] = f"NOT {proceedings.IN_COHORT}"
        for table, stored_as in (
            (release.IDENTIFIERS, cohort.TABLE),
            (release.PROCEEDINGS, proceedings.TABLE),
            (release.APPLICATIONS, relief.TABLE),
            (release.CASES, counsel.TABLE),
        ):
            outside = dict(elsewhere)
            if table == release.PROCEEDINGS:
                outside[ledger.OTHER_CASE_TYPE] = proceedings.other_types(self._options)
            if table in self._accounts:
                ledger.settle(self._engine, self._accounts[table], stored_as, outside)
        self._warn_of_codes()

    # --- what a reader should know -----------------------------------------------

    def _warn(self, id: str, text: str, file: str | None = None, line: int | None = None) -> None:
        self._warnings.append(Warning(id, text, file, line))

    def _warn_of_codes(self) -> None:
        for account in self._accounts.values():
            if account.unknown_codes:
                listed = ", ".join(f"{k} ({n:,})" for k, n in account.unknown_codes.items())
                self._warn(
                    "eoir-unknown-code",
                    f"codes of decisions that no lookup knows: {listed}",
                    account.name,
                )
        for column, line, count in proceedings.odd_dates(self._engine):
            self._warn(
                "eoir-odd-date",
                f"dates of {column} before 1950 or after 2100, taken as written: {count:,}",
                self._accounts[release.PROCEEDINGS].name,
                line,
            )

    def _check_counts(self) -> None:
        official = self._release.official_counts()
        if not official:
            self._warn(
                "eoir-no-counts",
                "the release has no Count.txt, so whether its files are whole is not known",
            )
        for table, account in self._accounts.items():
            rows = official.get(table.casefold())
            if rows is not None and rows != account.rows_read:
                self._warn(
                    "eoir-row-count",
                    f"{account.rows_read:,} rows were read, and Count.txt says {rows:,}",
                    account.name,
                )

    def _tables(self) -> dict[str, tuple[str, ...]]:
        found = dict(tables.EVENT_TABLES)
        if release.APPLICATIONS not in self._release.files:
            del found["grants"]
        if release.CASES not in self._release.files:
            found["cases"] = tuple(name for name in tables.CASES if name != "representation_date")
        return found

    def _unavailable(self) -> dict[str, str]:
        found = {"referrals": notes.NO_REFERRALS}
        if release.APPLICATIONS not in self._release.files:
            found["grants"] = f"the release has no {release.APPLICATIONS}"
        return found
