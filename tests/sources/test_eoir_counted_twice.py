"""Random court releases, counted a second time by plain Python that shares no code.

They are dense with what is hard to count: rows without an INPUT_DATE, corrections of
corrections and copies of them, deferrals with a granted WCAT, decisions without an
application, grants that are reversed or repeated, moves after a grant, custody that changes.
`HYPOTHESIS_PROFILE=long` draws thousands of releases.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest

import mpp_cli.analysis.api
from mpp_cli.sample.release import Size, write_release
from tests.oracle import release as plain
from tests.sources import court

SEEDS = range(2_000 if os.environ.get("HYPOTHESIS_PROFILE") == "long" else 24)
DAYS = (date(2019, 9, 30), date(2020, 6, 30), date(2022, 12, 31))

Row = dict[str, str]


def drawing(rows: list[Row]) -> str:
    lines = ["| " + " | ".join(rows[0]) + " |"]
    lines += ["| " + " | ".join(row.values()) + " |" for row in rows]
    return "\n".join(lines)


class Random:
    """A release of few cases, in which nearly every row is odd."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)

    def day(self, blank: float = 0.0) -> str:
        if self.chance.random() < blank:
            return ""
        return str(date(2019, 1, 1) + timedelta(days=self.chance.randrange(0, 900)))

    def pick(self, *values: str) -> str:
        return self.chance.choice(values)

    def proceeding(self, number: int, case: int) -> Row:
        decided = self.chance.random() < 0.55
        return {
            "IDNPROCEEDING": str(number),
            "IDNCASE": str(case),
            "OSC_DATE": self.day(0.1),
            "INPUT_DATE": self.day(0.3),
            "COMP_DATE": self.day(0.15),
            "DEC_CODE": self.pick(*"XXRREZGGTQKx") if decided else "",
            "OTHER_COMP": self.pick("", *"CTXJFA") if not decided else self.pick("", "", "C"),
            "CASE_TYPE": self.pick("RMV", "RMV", "RMV", "RMV", "RMV", "WHO"),
            "CUSTODY": self.pick("D", "N", "R", ""),
            "HEARING_TIME": self.pick("0830", "1300"),
        }

    def write(self, folder: Path) -> Path:
        cases = range(1, 25)
        identifiers = [
            {"IDNCASEID": str(n), "IDNCASE": str(case), "CASE_ID": code}
            for n, (case, code) in enumerate(
                [(case, self.pick("MP", "MP", "RM", "JL")) for case in cases]
                + [(self.chance.choice(cases), "RM")]
            )
        ]
        proceedings: list[Row] = []
        for number in range(100, 160):
            proceedings.append(self.proceeding(number, self.chance.choice(cases)))
        for _ in range(14):  # Corrections, some of them of corrections.
            row = self.chance.choice(proceedings)
            again = self.proceeding(int(row["IDNPROCEEDING"]), int(row["IDNCASE"]))
            kept = self.chance.sample(sorted(row), 6)
            proceedings.append(again | {name: row[name] for name in kept})
        for _ in range(8):  # Copies, some of what was corrected since.
            proceedings.append({**self.chance.choice(proceedings)})
        applications = [
            {
                "IDNPROCEEDINGAPPLN": str(900 + n),
                "IDNPROCEEDING": row["IDNPROCEEDING"] if self.chance.random() < 0.93 else "999",
                "IDNCASE": row["IDNCASE"],
                "APPL_CODE": self.pick("ASYL", "ASYW", "WCAT", "WCAT", "42B", "VD", "asyl", ""),
                "APPL_DEC": self.pick(*"FGCIPLDW", ""),
            }
            for n, row in enumerate(self.chance.choices(proceedings, k=40))
        ]
        return court.draw(
            folder,
            identifiers=drawing(identifiers),
            proceedings=drawing(proceedings),
            applications=drawing(applications),
        )


def check(made: Path, rules: dict[str, object]) -> plain.Release:
    """Every figure and account of a release is what the second count says."""
    expected = plain.count(made, **rules)  # type: ignore[arg-type]
    with court.load(made, **rules) as data:
        for as_of in DAYS:
            figures = expected.figures(as_of)
            rate = mpp_cli.metric(data, "completion-rate", as_of=as_of).metric
            relief = mpp_cli.metric(data, "relief-granted", as_of=as_of).metric
            found = {each.name: each.value for each in (*rate.measures[:2], *relief.measures)}
            for each in mpp_cli.analysis.api.variants(data, "relief-granted", as_of=as_of).variants:
                if each.id in figures:
                    found[each.id] = each.figures[0].value
            assert found == figures, as_of
            if rules.get("compare_dockets"):
                groups = mpp_cli.metric(data, "completion-rate", as_of=as_of, by=["docket"]).metric
                assert {
                    row.by["docket"]: (row.values["total_enrolled"], row.values["cases_completed"])
                    for row in groups.rows
                } == {name: each for name, each in expected.dockets(as_of).items() if each[0]}
        left_out = Counter(
            {each.rule: each.count for each in relief.ledger[0].excluded if each.rule != "as-of"}
        )
        # Other dockets have no grants that anybody reads.
        assert +left_out == expected.left_out_of_relief()
        (account,) = [s for s in data.judgement.sources if s.kind == "eoir_proceedings"]
        undated = [w for w in data.judgement.dataset.warnings if w.id == "eoir-undated-grant"]
    assert account.rows_used == expected.used
    assert Counter(account.rows_outside) == expected.outside
    assert account.set_aside.get("duplicate", 0) == expected.duplicates
    said = int(undated[0].text.rpartition(": ")[2]) if undated else 0
    assert said == expected.undated
    return expected


RULES: list[dict[str, object]] = [
    {},
    {"nta_date": "issued", "case_types": ("RMV", "WHO")},
    {"compare_dockets": True, "custody": "first"},
    {"compare_dockets": True, "custody": "deciding"},
    {"compare_dockets": True, "custody": "latest"},
]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_random_release_is_counted_alike(tmp_path: Path, seed: int) -> None:
    check(Random(seed).write(tmp_path), RULES[seed % len(RULES)])


def test_the_random_releases_hold_what_is_hard_to_count(tmp_path: Path) -> None:
    met: Counter[str] = Counter()
    for seed in range(24):
        found = plain.count(Random(seed).write(tmp_path), compare_dockets=True)
        met.update(found.outside)
        met["duplicate"] += found.duplicates
        met["undated"] += found.undated
        now = found.figures(DAYS[-1])
        met["reversed"] += now["relief_granted"] - now["present-state"]
        met["unknown"] += now["decision-says-relief"] - now["relief_granted"]
        met["deferral"] += now["count-cat-deferral"] - now["relief_granted"]
    assert min(met.values()) >= 15, met


@pytest.mark.parametrize("rules", RULES[:1] + RULES[2:])
def test_a_release_as_large_as_life_is_counted_alike(
    tmp_path: Path, rules: dict[str, object]
) -> None:
    write_release(tmp_path, Size(mpp_cases=400, proceedings=900), seed=5)
    _without_defects(tmp_path)
    assert check(tmp_path, rules).figures(DAYS[-1])["cases_completed"] > 200


def _without_defects(folder: Path) -> None:
    """Leave the lines of every file that the plain count can read."""
    for path in folder.rglob("*_*.csv"):
        text = path.read_bytes().replace(b"\x00", b"").replace(b"\r\n", b"\n")
        header, *lines = text.decode("cp1252", "replace").rstrip("\n").split("\n")
        names = header.split("\t")
        kept = [line for line in lines if _is_plain(names, line.split("\t"))]
        path.write_bytes("\n".join([header, *kept, ""]).encode("cp1252", "replace"))
    (folder / "Count.txt").unlink()
    (folder / "A_TblCase.csv").unlink()  # Without it nobody can tell an orphan.


def _is_plain(names: list[str], fields: list[str]) -> bool:
    row = {name: text.strip() for name, text in zip(names, fields, strict=False)}
    ids = (row.get(name, "") for name in names if name.startswith("IDN"))
    try:
        for name in {*names} & {"OSC_DATE", "INPUT_DATE", "COMP_DATE"}:
            plain.day(row.get(name, ""))
    except ValueError:
        return False
    return len(fields) == len(names) and all(map(str.isdigit, ids))
