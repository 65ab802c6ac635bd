"""Writes a synthetic release, file by file, and returns what is true of it."""

from __future__ import annotations

import csv
import datetime
import io
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from itertools import count
from pathlib import Path

from mpp_cli.sample.release import background_cases, defects
from mpp_cli.sample.release.expected import CaseTruth, FileTruth, Truth
from mpp_cli.sample.release.file_layout import COLUMNS, Row, day, line
from mpp_cli.sample.release.scenarios import MPP_PLACES, Case, tell

#: Damaged rows per file and row in the real release: 71 of 16.8 million and so on.
_SHARES = {
    defects.PROCEEDINGS: 71 / 16_800_000,
    defects.CASES: 101 / 10_900_000,
    defects.APPLICATIONS: 15 / 16_000_000,
    defects.IDENTIFIERS: 10 / 2_400_000,
}

#: Proceedings without a case, of all.
_ORPHANS = 271 / 16_800_000

#: Names by code. One of the codes that rows have, NA, is in no lookup.
_NAMES = {
    "tblLookupHloc": {
        **{place: f"MPP COURT {place}" for place in MPP_PLACES},
        **{"HOU": "HOUSTON", "LOS": "LOS ANGELES", "NYC": "NEW YORK CITY", "MPP": "MPP TEST"},
        **{"MIA": "MIAMI", "NYV": "NEW YORK VARICK", "PDN": "PASO DEL NORTE", "POE": "BRIDGE"},
    },
    "tblLookupAlienNat": {
        **{"HO": "HONDURAS", "GT": "GUATEMALA", "EC": "ECUADOR", "ES": "EL SALVADOR"},
        **{"CU": "CUBA", "NU": "NICARAGUA", "VE": "VENEZUELA", "MX": "MEXICO"},
        "??": "UNKNOWN NATIONALITY",
    },
}

_IDENTIFIER_SHARE = 0.97  # of MPP cases are MP, the others RM


@dataclass(frozen=True)
class Size:
    """How large a release is: MPP cases, and rows about other cases in each file."""

    mpp_cases: int = 60
    proceedings: int = 400
    cases: int = 250
    applications: int = 300
    identifiers: int = 100

    @classmethod
    def of(cls, proceedings: int) -> Size:
        """The proportions of the real release with so many proceedings."""
        share = proceedings / 16_800_000
        return cls(
            mpp_cases=max(60, round(74_000 * share)),
            proceedings=proceedings,
            cases=round(10_900_000 * share),
            applications=round(16_000_000 * share),
            identifiers=round(2_400_000 * share),
        )


def write_release(folder: Path, size: Size, seed: int = 1) -> Truth:
    """Write a release into an empty folder. The same size and seed give the same bytes."""
    return _Writer(folder, size, seed).write()


class _Writer:
    def __init__(self, folder: Path, size: Size, seed: int) -> None:
        self._folder, self._size = folder, size
        self._chance = random.Random(seed)
        self._truth = Truth()
        self._lines: dict[str, list[bytes]] = {name: [] for name in COLUMNS}
        self._numbers = count(background_cases.FIRST_PROCEEDING + 1, 2)

    def _next_proceeding(self) -> int:
        return next(self._numbers)

    def write(self) -> Truth:
        """Tell the stories, then write all files."""
        for number in range(self._size.mpp_cases):
            self._case(number)
        self._strangers()
        self._decisions()
        self._names()
        for table, rows in (
            (defects.IDENTIFIERS, self._size.identifiers),
            (defects.PROCEEDINGS, self._size.proceedings),
            (defects.APPLICATIONS, self._size.applications),
            (defects.CASES, self._size.cases),
            ("tblLookupCourtDecision", 0),
            *((table, 0) for table in _NAMES),
        ):
            self._write(table, rows)
        counts = "".join(f"{name}\t{each.rows}\n" for name, each in self._truth.files.items())
        (self._folder / "Count.txt").write_text(counts, encoding="cp1252")
        return self._truth

    # --- MPP cases ---------------------------------------------------------------

    def _case(self, number: int) -> None:
        chance = self._chance
        identifier = "MP" if chance.random() < _IDENTIFIER_SHARE and number % 50 != 7 else "RM"
        truth = CaseTruth(background_cases.FIRST_CASE + 2 * number + 1, identifier)
        case = Case(truth, random.Random(chance.random()), self._next_proceeding)
        tell(case, number)
        self._truth.cases.append(truth)
        self._truth.both += case.located
        self._truth.identifier_only += not case.located
        self._truth.unknown_codes.update(case.unknown)
        self._truth.undated_grants += case.undated
        self._identifier(case, number)
        for row in case.proceedings:
            earlier = case.earlier.get(row["IDNPROCEEDING"], [])
            if earlier:
                self._corrected([*earlier, row])
            else:
                self._proceeding(row, number)
        for row in case.applications:
            self._application(row, number)
        if case.appearances or number % 10:
            appearances: list[datetime.date | None] = [*case.appearances]
            for appeared in appearances or [None]:
                self._court_case(truth.case, appeared, number)

    def _add(self, table: str, text: bytes, used: bool = True, repaired: bool = False) -> None:
        self._lines[table].append(text)
        self._truth.files[table].used += used
        self._truth.files[table].repaired += repaired

    def _often(self, table: str, number: int, first: int) -> bool:
        """Whether this row is damaged: the first one is, then as often as in the real release."""
        return number == first or self._chance.random() < _SHARES[table]

    def _identifier(self, case: Case, number: int) -> None:
        table, truth = defects.IDENTIFIERS, self._truth.files[defects.IDENTIFIERS]
        row = {
            "IDNCASEID": str(70_000_000 + number),
            "IDNCASE": str(case.truth.case),
            "CASE_ID": case.truth.identifier,
        }
        if self._often(table, number, 5):
            self._add(table, defects.padded(table, row))
        else:
            self._add(table, line(table, row, "\n"))
        if self._often(table, number, 6):
            self._add(table, defects.duplicate(table, row, truth), used=False)
        if self._often(table, number, 8):
            self._add(table, defects.without_case(table, row, truth), used=False)

    def _proceeding(self, row: Row, number: int) -> None:
        table, truth = defects.PROCEEDINGS, self._truth.files[defects.PROCEEDINGS]
        often = self._often
        # A shift can be undone for certain where the columns before and after
        # it are filled: in a proceeding that was decided.
        decided = bool(row.get("DEC_CODE") and row.get("ABSENTIA") and row["INPUT_DATE"])
        if row["CASE_TYPE"] != "RMV":
            truth.outside["other-case-type"] += 1
            self._add(table, line(table, row), used=False)
        elif decided and often(table, number, 0):
            self._add(table, defects.shifted(table, row), repaired=True)
        elif decided and often(table, number, 1):
            self._add(table, defects.overlong(table, row), repaired=True)
        elif often(table, number, 2):
            self._add(table, defects.padded(table, row))
        elif often(table, number, 3):
            self._add(table, defects.with_nulls(table, row))
        elif often(table, number, 4):
            self._add(table, defects.beyond_ascii(table, row))
        elif row["INPUT_DATE"] and often(table, number, 5):
            self._add(table, defects.bad_date(table, row, "OSC_DATE", truth))
        elif row["INPUT_DATE"] and often(table, number, 6):
            self._add(table, line(table, {**row, "OSC_DATE": "1900-01-01 00:00:00.000"}))
        else:
            self._add(table, line(table, row, "\n" if number % 3 else "\r\n"))
        if row["CASE_TYPE"] == "RMV" and often(table, number, 7):
            self._add(table, defects.duplicate(table, row, truth), used=False)
        self._unnamed(row)
        if row["CASE_TYPE"] == "RMV" and often(table, number, 8):
            # What the rules look at is the same, so that either row may be the last one.
            self._add(table, line(table, {**row, "HEARING_TIME": "1300"}), used=False)
            truth.outside["superseded"] += 1
        if often(table, number, 9):
            lost = defects.without_case(table, row, truth, "IDNPROCEEDING")
            self._add(table, lost, used=False)

    def _corrected(self, rows: Sequence[Row]) -> None:
        """A proceeding with its corrections, which stay after it wherever it is in the file."""
        table = defects.PROCEEDINGS
        self._add(table, b"".join(line(table, row) for row in rows))
        self._truth.files[table].outside["superseded"] += len(rows) - 1
        self._unnamed(rows[-1])

    def _unnamed(self, row: Row) -> None:
        """A used proceeding may have a code that no lookup knows."""
        if row["CASE_TYPE"] == "RMV" and row["NAT"] not in _NAMES["tblLookupAlienNat"]:
            self._truth.unknown_codes[f"NAT {row['NAT']}"] += 1

    def _application(self, row: Row, number: int) -> None:
        table, truth = defects.APPLICATIONS, self._truth.files[defects.APPLICATIONS]
        row = {"IDNPROCEEDINGAPPLN": str(90_000_000 + truth.used), **row}
        if row["APPL_DEC"] and self._often(table, number, 4):
            self._add(table, defects.shifted(table, row), repaired=True)
        else:
            self._add(table, line(table, row, "\n"))

    def _court_case(self, case: int, appeared: datetime.date | None, number: int) -> None:
        table = defects.CASES
        row = {
            "IDNCASE": str(case),
            "ALIEN_CITY": "TIJUANA",
            "ALIEN_STATE": "XX",
            "ALIEN_ZIPCODE": "00000",
            "NAT": "HO",
            "LANG": "SP",
            "CUSTODY": "N",
            "E_28_DATE": day(appeared),
            "CASE_TYPE": "RMV",
            "C_BIRTHDATE": "1/1990",
        }
        if self._often(table, number, 3):
            self._add(table, defects.shifted(table, row), repaired=True)
        elif self._often(table, number, 4):
            self._add(table, defects.bad_date(table, row, "E_28_DATE", self._truth.files[table]))
        else:
            self._add(table, line(table, row, "\n"))

    # --- other cases whose rows are seen all the same ---------------------------------

    def _strangers(self) -> None:
        """Damaged rows of other cases, cases known by their location only, and an orphan."""
        table, truth = defects.PROCEEDINGS, self._truth.files[defects.PROCEEDINGS]
        row = {
            "IDNPROCEEDING": str(self._next_proceeding()),
            "IDNCASE": str(background_cases.case_number(0)),
            "OSC_DATE": "2019-05-14 00:00:00.000",
            "INPUT_DATE": "2019-05-15 00:00:00.000",
            "HEARING_LOC_CODE": "HOU",
            "HEARING_DATE": "2019-06-15 00:00:00.000",
            "HEARING_TIME": "0830",
            "CUSTODY": "N",
            "CASE_TYPE": "RMV",
            "NAT": "MX",
            "LANG": "SP",
        }
        for _ in range(max(1, round(_SHARES[table] * self._size.proceedings))):
            self._add(table, defects.ambiguous(row, truth), used=False)
            self._add(table, defects.halves(table, row, truth), used=False)
            self._add(table, defects.without_case(table, row, truth), used=False)
        for table in (defects.APPLICATIONS, defects.CASES):
            other = {"IDNCASE": str(background_cases.case_number(0)), "NAT": "MX"}
            lost = defects.without_case(table, other, self._truth.files[table])
            self._add(table, lost, used=False)
        heard = {**row, "HEARING_LOC_CODE": MPP_PLACES[0]}
        located = 1 + self._size.cases // 20_000
        for place in range(min(located, self._size.cases)):
            self._elsewhere(heard, background_cases.case_number(place))
        self._truth.location_only = min(located, self._size.cases)
        # No table of cases knows these: they are no cases, wherever they were heard.
        self._truth.orphans = max(1, round(_ORPHANS * self._size.proceedings))
        for place in range(self._truth.orphans):
            self._elsewhere(heard, background_cases.FIRST_CASE - 1 - place)

    def _elsewhere(self, row: Row, case: int) -> None:
        table = defects.PROCEEDINGS
        number = str(self._next_proceeding())
        text = line(table, {**row, "IDNPROCEEDING": number, "IDNCASE": str(case)})
        self._add(table, text, used=False)
        self._truth.files[table].outside["other-case"] += 1

    def _decisions(self) -> None:
        """The lookup as the release has it, with a key that stands there twice."""
        table = "tblLookupCourtDecision"
        known = files("mpp_cli.sources.eoir.rules").joinpath("decisions.csv").read_text("utf-8")
        rows = [
            {"strCaseType": "RMV", "strDecCode": "X", "strDecDescription": "Other"}
            | {"strDecType": "C", "blnActive": "0"},
            *({**row, "blnActive": "1"} for row in csv.DictReader(io.StringIO(known))),
        ]
        for number, row in enumerate(rows):
            self._add(table, line(table, {"idnCourtDecision": str(number), **row}))

    def _names(self) -> None:
        """The lookups of hearing locations and nationalities, each row a code and a name."""
        for table, names in _NAMES.items():
            for values in names.items():
                self._add(table, line(table, dict(zip(COLUMNS[table], values, strict=True))))

    # --- files ---------------------------------------------------------------------

    def _write(self, table: str, others: int) -> None:
        """One file: the rows of MPP cases, shuffled, spread among those of all other cases."""
        truth = self._truth.files[table]
        rule = "other-identifier" if table == defects.IDENTIFIERS else "other-case"
        place = self._folder / ("Lookup" if table.startswith("tblLookup") else "")
        place.mkdir(exist_ok=True)
        mine = self._lines.pop(table)
        self._chance.shuffle(mine)
        with (place / f"{table}.csv").open("wb") as out:
            out.write(("\t".join(COLUMNS[table]) + "\r\n").encode("cp1252"))
            left = max(1, -(-others // background_cases.BLOCK))
            for text, rows in self._others(table, others):
                some = -(-len(mine) // left)
                out.writelines(mine[:some])
                _count(truth, mine[:some])
                del mine[:some]
                left -= 1
                out.write(text)
                truth.rows += rows
                truth.outside[rule] += rows
            _count(truth, mine)
            # The last line of a file may have no end.
            out.write(b"".join(mine).removesuffix(b"\n"))

    def _others(self, table: str, rows: int) -> Iterator[tuple[bytes, int]]:
        if rows:
            yield from background_cases.blocks(table, rows, self._size.cases, self._chance)


def _count(truth: FileTruth, lines: list[bytes]) -> None:
    truth.rows += sum(text.count(b"\n") for text in lines)
