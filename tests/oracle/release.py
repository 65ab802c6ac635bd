"""A court release counted a second time, row by row in plain Python.

It is written from the definitions alone (the rules for EOIR's case data) and shares no code
with the reader that it checks. It knows well-formed files only: no shifted rows, no archives.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

Row = dict[str, str]
Rows = list[Row]

GRANTED = set("FGCIP")
#: Applications that ask for no relief.
NO_RELIEF = {"VD", "WD", "WDL", "PRMF"}
#: Other completions after which the case goes on elsewhere.
MOVES = {"C", "T", "X", "J"}
DOCUMENT = {"asylum", "statutory_withholding", "cat_withholding"}
NEVER_INITIAL = {"administratively_closed", "failure_to_prosecute"}


@dataclass
class Completion:
    """A completion, in the order of its case."""

    day: date
    number: int
    outcome: str
    reopened: date | None


@dataclass
class Case:
    """What a release says of one case."""

    docket: str = "mpp"
    filed: date | None = None
    issued: date | None = None
    completions: list[Completion] = field(default_factory=list)
    grants: set[tuple[date, str]] = field(default_factory=set)

    @property
    def initial(self) -> Completion | None:
        """The first completion that can be one."""
        able = [each for each in self.completions if each.outcome not in NEVER_INITIAL]
        return min(able, key=lambda each: (each.day, each.number), default=None)

    def enrolled(self, as_of: date) -> bool:
        """Whether the NTA was filed by the day."""
        return self.filed is not None and self.filed <= as_of

    def completed(self, as_of: date) -> bool:
        """Whether the initial completion is dated by the day."""
        return self.initial is not None and self.initial.day <= as_of

    def has(self, kinds: set[str], as_of: date) -> bool:
        """Whether relief of one of these kinds was granted by the day."""
        return any(day <= as_of and kind in kinds for day, kind in self.grants)

    def has_now(self, as_of: date) -> bool:
        """Whether relief stands on the day: no reopening, and no decision without it, since."""
        granted = [day for day, kind in self.grants if kind in DOCUMENT and day <= as_of]
        if not granted:
            return False
        past = sorted(
            (
                each
                for each in self.completions
                if each.outcome not in NEVER_INITIAL and each.day <= as_of
            ),
            key=lambda each: (each.day, each.number),
        )
        reopened = [
            (place, each.reopened)
            for place, each in enumerate(past)
            if each.reopened and each.day <= each.reopened <= as_of
        ]
        for place, day in reopened:
            if all(later.day < day for later in past[place + 1 :]):
                return False  # It is open again.
        if not past or past[-1].day <= max(granted) or past[-1].outcome == "relief_granted":
            return True
        before = [each.day for each in past[-2:-1]] + [day for _, day in reopened]
        return not any(day >= max(granted) for day in before)


@dataclass
class Release:
    """All cases by number, and what became of the rows of proceedings."""

    cases: dict[int, Case]
    used: int
    outside: Counter[str]
    duplicates: int
    undated: int

    def mpp(self, as_of: date) -> list[Case]:
        """The enrolled MPP cases."""
        return [c for c in self.cases.values() if c.docket == "mpp" and c.enrolled(as_of)]

    def figures(self, as_of: date) -> dict[str, int]:
        """The measures of the document, and of relief under other definitions."""
        enrolled = self.mpp(as_of)
        return {
            "total_enrolled": len(enrolled),
            "cases_completed": sum(case.completed(as_of) for case in enrolled),
            "relief_granted": sum(case.has(DOCUMENT, as_of) for case in enrolled),
            "decision-says-relief": sum(
                case.has(DOCUMENT | {"unknown"}, as_of) for case in enrolled
            ),
            "count-cat-deferral": sum(
                case.has(DOCUMENT | {"cat_deferral"}, as_of) for case in enrolled
            ),
            "any-relief": sum(
                case.has(DOCUMENT | {"cat_deferral", "other", "unknown"}, as_of)
                for case in enrolled
            ),
            "present-state": sum(case.has_now(as_of) for case in enrolled),
        }

    def left_out_of_relief(self) -> Counter[str]:
        """The MPP cases that relief leaves out, by the first rule that fails, dates aside."""
        found: Counter[str] = Counter()
        for case in self.cases.values():
            kinds = {kind for _, kind in case.grants}
            if case.docket != "mpp":
                found["mpp-docket"] += 1
            elif case.filed is None:
                found["nta-filed-only"] += 1
            elif not kinds:
                found["no-grant"] += 1
            elif not kinds & DOCUMENT:
                found["relief-unknown" if "unknown" in kinds else "relief-kinds"] += 1
        return found

    def dockets(self, as_of: date) -> dict[str, tuple[int, int]]:
        """By docket the cases enrolled and completed, in the years in which MPP's were filed."""
        filed = [c.filed.year for c in self.mpp(as_of) if c.filed and c.filed >= date(2019, 1, 25)]
        found: dict[str, tuple[int, int]] = {}
        for case in self.cases.values():
            if not case.enrolled(as_of) or not case.filed:
                continue
            if case.docket != "mpp" and filed and not min(filed) <= case.filed.year <= max(filed):
                continue
            one, two = found.get(case.docket, (0, 0))
            found[case.docket] = one + 1, two + case.completed(as_of)
        return found


def count(
    folder: Path,
    *,
    case_types: tuple[str, ...] = ("RMV",),
    nta_date: str = "input",
    compare_dockets: bool = False,
    custody: str = "first",
) -> Release:
    """Count a release whose cohort is known by its identifiers."""
    proceedings = rows(folder, "B_TblProceeding")
    decisions = {
        (row["strCaseType"], row["strDecCode"]): row["strDecDescription"].lower()
        for row in rows(folder, "tblLookupCourtDecision")
        if row["strDecType"] == "C"
    }
    cohort = {
        row["IDNCASE"]
        for row in rows(folder, "A_TblCaseIdentifier")
        if row["CASE_ID"] in ("MP", "RM")
    }
    outside: Counter[str] = Counter()
    duplicates = 0
    by_number: dict[tuple[str, str], Rows] = defaultdict(list)
    for row in proceedings:
        if row["IDNCASE"] not in cohort and not compare_dockets:
            outside["other-case"] += 1
        else:
            by_number[row["IDNCASE"], row["IDNPROCEEDING"]].append(row)
    selected: dict[str, Rows] = defaultdict(list)
    for (case, _), several in by_number.items():
        different = [row for n, row in enumerate(several) if row not in several[:n]]
        duplicates += len(several) - len(different)
        outside["superseded"] += len(different) - 1
        if several[-1]["CASE_TYPE"] in case_types:
            selected[case].append(several[-1])
        else:
            outside["other-case-type"] += 1
    applications = [row for row in rows(folder, "tbl_Court_Appln") if row["IDNCASE"] in cohort]
    found: dict[int, Case] = {int(case): Case() for case in cohort}
    used = undated = 0
    for name, chosen in selected.items():
        chosen.sort(key=lambda row: int(row["IDNPROCEEDING"]))
        case = tell(chosen, decisions, nta_date)
        if name not in cohort:
            case.docket = docket(chosen, case, custody)
            if not case.docket:
                outside["no-docket"] += len(chosen)
                continue
        used += len(chosen)
        found[int(name)] = case
    for name in cohort:
        mine = [row for row in applications if row["IDNCASE"] == name]
        grants, lost = relief(selected.get(name, []), mine, decisions)
        found[int(name)].grants = grants
        undated += lost
    return Release(found, used, +outside, duplicates, undated)


def rows(folder: Path, table: str) -> Rows:
    """The rows of a file by column, trimmed."""
    path = next(each for each in folder.rglob(f"{table}.csv"))
    header, *lines = path.read_text(encoding="cp1252").rstrip("\n").split("\n")
    names = [name.strip() for name in header.split("\t")]
    return [
        dict(zip(names, (text.strip() for text in line.split("\t")), strict=True)) for line in lines
    ]


def day(text: str) -> date | None:
    """A date without its time."""
    return date.fromisoformat(text[:10]) if text else None


def tell(chosen: Rows, decisions: dict[tuple[str, str], str], nta_date: str) -> Case:
    """The dates and completions of a case, from its proceedings by number."""
    case = Case()
    for place, row in enumerate(chosen):
        issued = day(row["OSC_DATE"])
        filed = issued if nta_date == "issued" else day(row["INPUT_DATE"]) or issued
        case.issued = min(filter(None, (case.issued, issued)), default=None)
        case.filed = min(filter(None, (case.filed, filed)), default=None)
        outcome, ended = outcome_of(row, decisions), day(row["COMP_DATE"])
        if outcome and ended:
            after = chosen[place + 1]["INPUT_DATE"] if place + 1 < len(chosen) else ""
            completion = Completion(ended, int(row["IDNPROCEEDING"]), outcome, day(after))
            case.completions.append(completion)
    return case


def outcome_of(row: Row, decisions: dict[tuple[str, str], str]) -> str | None:
    """The outcome of a proceeding, None where it is no completion."""
    if row["DEC_CODE"]:
        text = decisions.get((row["CASE_TYPE"], row["DEC_CODE"]))
        if text is None:
            return None
        for start, outcome in (
            ("remove", "removal_ordered"),
            ("relief granted", "relief_granted"),
            ("grant", "relief_granted"),
            ("final grant", "relief_granted"),
            ("voluntary departure", "voluntary_departure"),
            ("terminat", "terminated"),
        ):
            if text.startswith(start):
                return outcome
        return "other"
    if not row["OTHER_COMP"] or row["OTHER_COMP"] in MOVES:
        return None
    return "failure_to_prosecute" if row["OTHER_COMP"] == "F" else "administratively_closed"


def docket(chosen: Rows, case: Case, custody: str) -> str:
    """The docket of a case of another than MPP's by the proceeding whose custody counts."""
    letters = [row["CUSTODY"] for row in chosen if row["CUSTODY"]]
    letter = letters[0 if custody == "first" else -1] if letters else ""
    if custody == "deciding" and case.initial:
        deciding = [r for r in chosen if int(r["IDNPROCEEDING"]) == case.initial.number]
        letter = deciding[0]["CUSTODY"] or letter
    return {"D": "detained", "N": "non_detained", "R": "non_detained", "": ""}[letter]


def relief(
    chosen: Rows, applications: Rows, decisions: dict[tuple[str, str], str]
) -> tuple[set[tuple[date, str]], int]:
    """The grants of an MPP case as (day, kind), and the granted applications without a date."""
    ended = sorted(
        (row for row in chosen if row["COMP_DATE"]),
        key=lambda row: (day(row["COMP_DATE"]), int(row["IDNPROCEEDING"])),
    )
    grants: set[tuple[date, str]] = set()
    moved: set[tuple[date, str]] = set()
    explained: set[str] = set()
    undated = 0
    for row in applications:
        code, decision = row["APPL_CODE"], row["APPL_DEC"]
        granted = decision in GRANTED or (code == "WCAT" and decision == "L")
        if not granted or code in NO_RELIEF:
            continue
        place = next(
            (n for n, each in enumerate(ended) if each["IDNPROCEEDING"] == row["IDNPROCEEDING"]),
            None,
        )
        if place is None:
            undated += 1
            continue
        # A proceeding that ended without a decision grants nothing: the next decision does.
        dated = next((each for each in ended[place:] if each["DEC_CODE"]), None)
        kind = {"ASYL": "asylum", "ASYW": "statutory_withholding", "WCAT": "cat_withholding"}.get(
            code, "other"
        )
        if dated is None:
            when = day(ended[place]["COMP_DATE"])
            assert when
            moved.add((when, kind))
            continue
        said = decisions.get((dated["CASE_TYPE"], dated["DEC_CODE"]), "")
        if kind == "cat_withholding" and "cat deferral" in said:
            kind = "cat_deferral"
        when = day(dated["COMP_DATE"])
        assert when
        grants.add((when, kind))
        explained.add(dated["IDNPROCEEDING"])
    for row in ended:
        said = decisions.get((row["CASE_TYPE"], row["DEC_CODE"]), "") if row["DEC_CODE"] else ""
        when = day(row["COMP_DATE"])
        assert when
        for part, kind in (
            ("ina withholding", "statutory_withholding"),
            ("cat withholding", "cat_withholding"),
            ("cat deferral", "cat_deferral"),
            ("grant of eoir 42", "other"),
        ):
            if part in said:
                grants.add((when, kind))
        if said.startswith("relief granted") and row["IDNPROCEEDING"] not in explained:
            grants.add((when, "unknown"))
    # What was only ever granted where no decision followed counts from its first day.
    first = {kind: min(d for d, k in grants | moved if k == kind) for _, kind in moved}
    return grants | {(when, kind) for when, kind in moved if first[kind] == when}, undated
