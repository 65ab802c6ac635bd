"""Random data, and random questions about it."""

from __future__ import annotations

import datetime
import random
from collections.abc import Sequence
from pathlib import Path

NATIONALITIES = ("CU", "HN", "GT", "EC", "PE", "NI", "")
OUTCOMES = (
    *("removal_ordered", "terminated", "relief_granted", "voluntary_departure", "dismissed"),
    *("withdrawn", "other", "", "administratively_closed", "failure_to_prosecute"),
    *("change_of_venue",),
)
AS_OF = datetime.date(2020, 12, 31)
BEGAN = datetime.date(2019, 1, 25)

#: The metrics by name: the document's, and those beyond it.
DOCUMENT = (
    *("relief-granted", "non-refoulement-referrals", "completion-rate", "total-enrolled"),
    *("enforcement-encounters",),
)
BEYOND = (
    *("relief-rate", "pending-cases", "case-outcomes", "in-absentia", "representation"),
    *("referral-outcomes", "subsequent-completions", "time-to-completion"),
)
MEASURES = (
    *("total_enrolled", "cases_completed", "relief_granted", "aliens_referred", "pending_cases"),
    *("removal_orders", "in_absentia_orders", "represented_cases", "merits_decisions"),
)


class Inputs:
    """The data of one attack in a folder, and what is asked of them."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self.below = self._chance.choice([3, 5, 11, 11, 11])

    # --- data ---------------------------------------------------------------------------

    def write(self, folder: Path) -> None:
        """The tables of random cases, some of them rare in every way."""
        pick = self._chance
        size = pick.choice([12, 30, 60, 80, 150, 300])
        weights = [pick.choice([0.0, 0.02, 0.1, 0.5, 1.0]) for _ in NATIONALITIES]
        weights[pick.randrange(len(weights))] = 2.0
        rates = {name: pick.choice([0, 0, 0.03, 0.1, 0.5, 0.9]) for name in _RATES}
        rates["completed"] = pick.choice([0.2, 0.5, 0.8, 0.95, 1.0])
        tables: dict[str, list[str]] = {
            "cases": [
                "case_id,nta_filed_date,nta_issued_date,enrolled_date,nationality,docket,"
                "component,representation_date"
            ],
            "completions": ["case_id,completion_date,outcome,in_absentia,reopened_date"],
            "grants": ["case_id,granted_date,relief_type"],
            "referrals": ["case_id,referred_date,outcome,outcome_date"],
        }
        for number in range(size):
            self._add_case(tables, f"C{number}", weights, rates)
        optional = [name for name in ("grants", "referrals") if pick.random() < 0.25]
        for name, lines in tables.items():
            if name not in optional:
                (folder / f"{name}.csv").write_text("\n".join(lines) + "\n")
        if pick.random() < 0.5:
            self._write_encounters(folder)

    def _add_case(
        self,
        tables: dict[str, list[str]],
        name: str,
        weights: Sequence[float],
        rates: dict[str, float],
    ) -> None:
        pick = self._chance

        def happens(what: str) -> bool:
            return pick.random() < rates[what]

        def later(day: datetime.date, most: int) -> datetime.date:
            return day + datetime.timedelta(days=pick.randrange(most))

        issued = later(BEGAN, 650)
        if happens("late"):
            issued = later(AS_OF + datetime.timedelta(days=1), 30)
        filed: object = later(issued, 20)
        if happens("unfiled"):
            filed = ""
        enrolled = issued if pick.random() < 0.9 else ""
        docket = pick.choice(["detained", "non_detained"]) if happens("elsewhere") else "mpp"
        nationality = pick.choices(NATIONALITIES, weights)[0]
        component = pick.choice(["USBP", "USBP", "OFO", ""])
        counsel = later(issued, 300) if happens("counsel") else ""
        row = (name, filed, issued, enrolled, nationality, docket, component, counsel)
        tables["cases"].append(",".join(map(str, row)))
        done = issued
        for _ in range(2 if happens("again") else 1):
            if not happens("completed"):
                continue
            early = happens("early")
            done = issued - datetime.timedelta(days=3) if early else later(done, 200)
            outcome = pick.choices(OUTCOMES, [9, 4, 2, 1, 1, 1, 1, 1, 1, 1, 1])[0]
            absent = pick.choice(["true", "true", "false", ""])
            reopened = later(done, 90) if happens("again") else ""
            row = (name, done, outcome, absent, reopened)
            tables["completions"].append(",".join(map(str, row)))
            if outcome == "relief_granted" or happens("granted"):
                kinds = ["asylum", "cat_deferral", "other", "cat_withholding"]
                for _ in range(2 if happens("again") else 1):
                    tables["grants"].append(f"{name},{done},{pick.choice(kinds)}")
        if happens("referred"):
            for _ in range(2 if happens("again") else 1):
                first = later(issued, 60)
                said = pick.choice(["positive", "negative", "negative", "closed", "pending", ""])
                decided = later(first, 60) if said not in ("pending", "") else ""
                tables["referrals"].append(f"{name},{first},{said},{decided}")

    def _write_encounters(self, folder: Path) -> None:
        pick = self._chance
        lines = ["fiscal_year,month,component,encounters,citizenship"]
        for year in (2020, 2021):
            for month in ("OCT", "NOV", "DEC"):
                for component in ("USBP", "OFO"):
                    for place in ("CU", "HN"):
                        number = pick.choice([0, pick.randrange(12), pick.randrange(3000)])
                        lines.append(f"{year},{month},{component},{number},{place}")
        (folder / "encounters.csv").write_text("\n".join(lines) + "\n")

    # --- questions ----------------------------------------------------------------------

    def question(self, folder: Path) -> list[str]:
        """A command with its options, without its format."""
        pick = self._chance
        command = pick.choices(
            ["report", "metric", "explain", "trend", "compare", "variants", "reconcile"],
            [4, 5, 1, 2, 2, 2, 1],
        )[0]
        asked = getattr(self, f"_{command}")(folder)
        return [*asked, "--data", str(folder), "--suppress-below", str(self.below)]

    def _by(self, most: int = 2, times: bool = True) -> list[str]:
        columns = ["nationality", "component", "docket", *(("quarter", "fiscal_year") * times)]
        chosen = self._chance.sample(columns, self._chance.randrange(most + 1))
        return [word for name in chosen for word in ("--by", name)]

    def _where(self) -> list[str]:
        if self._chance.random() < 0.85:
            return []
        return ["--where", f"nationality={self._chance.choice(NATIONALITIES[:3])}"]

    def _report(self, _: Path) -> list[str]:
        beyond = ["--additional"] if self._chance.random() < 0.7 else []
        return ["report", "--as-of", str(AS_OF), *beyond, *self._by(), *self._where()]

    def _metric(self, _: Path) -> list[str]:
        name = self._chance.choice([*DOCUMENT[:4], *BEYOND, *BEYOND])
        return ["metric", name, "--as-of", str(AS_OF), *self._by(), *self._where()]

    def _explain(self, _: Path) -> list[str]:
        name = self._chance.choice([*DOCUMENT[:4], *BEYOND])
        return ["explain", name, "--as-of", str(AS_OF), *self._by()]

    def _trend(self, _: Path) -> list[str]:
        name = self._chance.choice([*DOCUMENT[:4], *BEYOND])
        every = self._chance.choice(["month", "quarter", "quarter", "fiscal_year"])
        by = self._by(1, times=False) if every != "month" else []
        return ["trend", name, "--to", str(AS_OF), "--every", every, *by]

    def _compare(self, folder: Path) -> list[str]:
        day = self._chance.choice(["2020-06-30", "2020-12-20", "2020-09-30"])
        against = ["--with", day]
        if self._chance.random() < 0.4:
            earlier = folder / "earlier"
            earlier.mkdir()
            self._write_earlier(folder, earlier)
            against = ["--with-data", str(earlier)]
        return ["compare", "--as-of", str(AS_OF), *against, *self._by(1)]

    def _write_earlier(self, folder: Path, earlier: Path) -> None:
        """An earlier release: fewer records, other dates, other groups."""
        pick = self._chance
        for path in sorted(folder.glob("*.csv")):
            header, *lines = path.read_text().splitlines()
            kept = [line for line in lines if pick.random() < 0.95 or len(lines) < 3]
            if path.stem == "cases":
                fields = [line.split(",") for line in kept]
                for row in fields:
                    row[4] = pick.choice(NATIONALITIES) if pick.random() < 0.06 else row[4]
                    row[1] = pick.choice(["", "2020-05-05"]) if pick.random() < 0.04 else row[1]
                kept = [",".join(row) for row in fields]
            (earlier / path.name).write_text("\n".join([header, *kept]) + "\n")

    def _variants(self, _: Path) -> list[str]:
        name = self._chance.choice(
            ["completion-rate", "relief-granted", "pending-cases", "total-enrolled", "relief-rate"]
        )
        return ["variants", name, "--as-of", str(AS_OF), *self._by(1, times=False)]

    def _reconcile(self, folder: Path) -> list[str]:
        lines = ["as_of,measure,value,variant"]
        for day in ("2020-06-30", "2020-09-30", str(AS_OF)):
            for name in self._chance.sample(MEASURES, 4):
                variant = "nta-issue-date" if name == "total_enrolled" else ""
                lines.append(f"{day},{name},100,{variant}")
        path = folder.parent / "published.csv"
        path.write_text("\n".join(lines) + "\n")
        return ["reconcile", str(path), *self._by(1, times=False)]


_RATES = (*("late", "unfiled", "elsewhere", "counsel", "again", "early", "granted", "referred"),)
