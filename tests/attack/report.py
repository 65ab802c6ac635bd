"""What a reader of a report, a metric or an explanation knows, and tries to work out."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from tests.attack.cases import (
    COUNTS,
    INSIDE,
    OUTCOMES,
    Case,
    about,
    counselled,
    kinds,
    line_of,
    referred,
)
from tests.attack.solver import Knowledge, total

Answer = dict[str, Any]
Group = tuple[tuple[str, Any], ...]
Terms = dict[Hashable, int]

TIMES = ("month", "quarter", "fiscal_year", "calendar_year")

#: The event that breakdowns by time go by; the NTA where nothing else is said.
EVENTS = {
    "relief-granted": "relief",
    "non-refoulement-referrals": "referral",
    "referral-outcomes": "referral",
    "case-outcomes": "completion",
    "in-absentia": "completion",
    "subsequent-completions": "completion",
}

#: The headline that a metric divides into parts, and the parts.
PARTS = {
    "case-outcomes": ("cases_completed", OUTCOMES),
    "referral-outcomes": ("aliens_referred", ("positive", "negative", "closed", "pending")),
}

#: Counts of single completions after the initial one, and the cases that have them.
LATER, AGAIN = "subsequent_completions", "cases_completed_again"


@dataclass(frozen=True)
class Figure:
    """A count where it is printed: None for a hidden one, ``small`` where its mark says so."""

    count: str
    event: str
    group: Group
    value: int | None
    small: bool = False

    @property
    def other(self) -> bool:
        """Whether it is of another docket than MPP."""
        return dict(self.group).get("docket", "mpp") != "mpp"


class Reader:
    """The knowledge of a reader of metrics, and what must not follow from it."""

    def __init__(self, document: Answer, displays: dict[Hashable, str]) -> None:
        self.below = int(document["request"]["suppress_below"])
        self.known = Knowledge()
        self._document, self._displays = document, displays
        self._metrics = [each for each in metrics_of(document) if each["status"] == "ok"]
        self.figures = [figure for metric in self._metrics for figure in self._figures(metric)]
        self._given: dict[tuple[str, bool], set[str]] = defaultdict(set)
        self._groups: dict[tuple[str, bool], set[Group]] = defaultdict(set)
        for figure in self.figures:
            if figure.group and figure.count in COUNTS:
                self._given[figure.event, figure.other].add(figure.count)
                self._groups[figure.event, figure.other].add(figure.group)
        self._told_by: dict[Hashable, dict[frozenset[str], list[Hashable]]] = {}
        self._add_up()
        self._believe()
        self._read_balances()
        self._read_rows()

    # --- what is printed ------------------------------------------------------------------

    def _figures(self, metric: Answer) -> Iterator[Figure]:
        timed = any(name in TIMES for row in metric["rows"] for name in row["by"])
        event = EVENTS.get(metric["name"], "nta") if timed else ""
        for each in metric["measures"]:
            if each["unit"] not in ("ratio", "days", "encounters") and _shown(each["display"]):
                yield self._figure(metric, each["name"], "", (), each["value"], each["suppressed"])
        whole, parts = PARTS.get(metric["name"], ("", ()))
        seen: dict[Group, set[str]] = defaultdict(set)
        units = {each["name"]: each["unit"] for each in metric["measures"]}
        for row in metric["rows"]:
            group = tuple((k, v) for k, v in row["by"].items() if k != "outcome")
            for name, value in row["values"].items():
                hidden = name in row.get("suppressed", ())
                if whole and name == "cases":
                    part = row["by"]["outcome"] or "unknown"
                    seen[group].add(part)
                    count = f"{whole}: {part}"
                    yield self._figure(metric, count, event, group, value, hidden, name, row["by"])
                elif not whole and units.get(name) not in ("ratio", "days", "encounters", None):
                    yield self._figure(metric, name, event, group, value, hidden, name, row["by"])
        for group, found in seen.items():
            for part in {*parts} - found:
                yield Figure(f"{whole}: {part}", event, group, 0)

    def _figure(
        self,
        metric: Answer,
        count: str,
        event: str,
        group: Group,
        value: int | None,
        hidden: bool,
        column: str = "",
        by: dict[str, Any] | None = None,
    ) -> Figure:
        shown = self._displays.get((metric["name"], column or count, *(by or {}).items()), "")
        return Figure(
            count, event, group, None if hidden else value, hidden and shown.startswith("<")
        )

    # --- kinds of cases -------------------------------------------------------------------

    @cached_property
    def _late(self) -> dict[str, bool]:
        """Whether a table can hold dates after the as-of date, as its end tells."""
        late = {}
        for table in ("cases", "completions", "grants", "referrals"):
            found = [e for e in self._document["data"]["sources"] if e["kind"] == table]
            late[table] = not found or any(
                (e["through"] or "") > self._document["as_of"] for e in found
            )
        if any(each["id"] == "date-after-data-end" for each in self._document["warnings"]):
            return dict.fromkeys(late, True)
        return late

    @cached_property
    def _of_all(self) -> dict[str, dict[Hashable, Case]]:
        """The kinds of all cases by what they are told by, one case for each that is told apart."""
        counts = sorted({figure.count for figure in self.figures} & {*COUNTS})
        counts += [name for name in ("total_enrolled", AGAIN) if name not in counts]
        made = {"cases": kinds, "counsel": counselled, "referral": referred}
        found: dict[str, dict[Hashable, Case]] = {}
        for name, every in made.items():
            asked = [each for each in counts if about(each) == name]
            told: dict[Hashable, Case] = {}
            for case in every(self._late):
                lines = tuple(line_of(count, case) for count in asked)
                here = tuple(_anywhere(count, case) for count in asked)
                has = (case.completion != "none", case.grant != "none", case.referral != "none")
                told.setdefault((name, case.place, case.nta, lines, here, has), case)
            found[name] = told
        return found

    def line(self, count: str, line: str = "counted") -> Terms:
        """The cases on a line of the balance of a count, of all cases."""
        return total(
            name
            for name, case in self._of_all[about(count)].items()
            if line_of(count, case) == line
        )

    def counted(self, figure: Figure) -> Terms:
        """The cases, or events, that a figure counts."""
        if figure.count == LATER:
            more = (LATER, figure.event, figure.group)
            return {more: 1, **self.counted(replace(figure, count=AGAIN))}
        if not figure.group:
            return self.line(figure.count)
        told = self._told(figure.event, figure.other, about(figure.count))
        return total((figure.event, figure.group, each) for each in told if figure.count in each)

    def _told(self, event: str, other: bool, table: str) -> dict[frozenset[str], list[Hashable]]:
        """The sets of counts of groups that count the same case, with the kinds of all cases."""
        key = (event, other, table)
        if key not in self._told_by:
            self._told_by[key] = self._made_told(*key)
        return self._told_by[key]

    def _made_told(
        self, event: str, other: bool, table: str
    ) -> dict[frozenset[str], list[Hashable]]:
        counts = {*self._given[event, other]}
        if LATER in {figure.count for figure in self.figures}:
            counts.add(AGAIN)
        found: dict[frozenset[str], list[Hashable]] = defaultdict(list)
        for name, case in self._of_all[table].items():
            if (case.place == "mpp") is not other:
                told = {
                    count
                    for count in counts
                    if about(count) == table or (table, count) == ("counsel", "total_enrolled")
                    if _anywhere(count, case)
                }
                if told:
                    found[frozenset({*told, table})].append(name)
        return found

    def _add_up(self) -> None:
        """Tables agree, and groups add up to all cases."""
        for table, facets in (("counsel", 2), ("referral", 1)):
            sums: dict[Hashable, Terms] = defaultdict(dict)
            for name, sign in (("cases", 1), (table, -1)):
                for key, case in self._of_all[name].items():
                    sums[(case.place, case.nta)[:facets]][key] = sign
            for terms in sums.values():
                self.known.know(terms, 0)
        for (event, other), groups in self._groups.items():
            for table in ("cases", "counsel", "referral"):
                for told, of_all in self._told(event, other, table).items():
                    parts = total((event, group, told) for group in groups)
                    self.known.know({**parts, **total(of_all, -1)}, 0)
            if "total_enrolled" in self._given[event, other]:
                for group in groups:
                    figure = Figure("total_enrolled", event, group, None)
                    enrolled = self.counted(figure)
                    again = total(
                        (event, group, each)
                        for each in self._told(event, other, "counsel")
                        if "total_enrolled" in each
                    )
                    if again:
                        self.known.know({**enrolled, **{k: -v for k, v in again.items()}}, 0)

    # --- what it says -----------------------------------------------------------------------

    def _believe(self) -> None:
        """Every figure is what it says; a group that a metric does not list has no case."""
        listed: dict[tuple[str, bool, str], set[Group]] = defaultdict(set)
        for figure in self.figures:
            if figure.count in COUNTS or figure.count == LATER:
                self._believe_one(figure)
                if figure.group:
                    listed[figure.event, figure.other, figure.count].add(figure.group)
        for (event, other, count), groups in listed.items():
            for group in self._groups[event, other] - groups:
                self._believe_one(Figure(count, event, group, 0))

    def _believe_one(self, figure: Figure) -> None:
        terms = self.counted(figure)
        if figure.value is not None:
            assert not 0 < figure.value < self.below, f"{figure} is printed"
            self.known.know(terms, figure.value)
        else:
            self.known.know(terms, 1, self.below - 1 if figure.small else 1e5)

    def _read_balances(self) -> None:
        for metric in self._metrics:
            for ledger in metric["ledger"]:
                if ledger["measure"] in COUNTS:
                    self._read_balance(ledger)
                elif ledger["measure"] == LATER:
                    self._read_events(ledger)

    def _read_balance(self, ledger: Answer) -> None:
        count = ledger["measure"]
        self.known.know(total(self._of_all[about(count)]), ledger["population"])
        left = {each["rule"]: each["count"] for each in ledger["excluded"]}
        if not left.pop("where", 0):
            for rule, number in left.items():
                self.known.know(self.line(count, rule), number)
        self.known.know(self.line(count), ledger["counted"])
        for number in (ledger["population"], ledger["counted"], *left.values()):
            assert not 0 < number < self.below, f"{number} in the balance of {count}"
        for sentence in ledger["events"]:
            events, cases = map(_number, re.findall(r"\d[\d,]*", sentence))
            for number in (events, cases):
                assert not 0 < number < self.below, sentence
            if count == "cases_completed":
                later = Figure(LATER, "", (), None)
                self.known.know(self.counted(later), events)
                self.known.know(self.line(AGAIN), cases)

    def _read_events(self, ledger: Answer) -> None:
        """Of every case that a rule leaves out all completions are left out, one or more."""
        self.known.know({"completions": 1}, ledger["population"])
        for each in ledger["excluded"]:
            if each["rule"] == "initial-completion":
                initial = {**self.line("cases_completed"), **self.line("cases_completed", "as-of")}
                self.known.know(initial, each["count"])
            elif each["rule"] in ("mpp-docket", "nta-filed-only", "initial-completions-only"):
                cases = total(
                    name
                    for name, case in self._of_all["cases"].items()
                    if case.completion != "none"
                    and line_of("cases_completed", case) == each["rule"]
                )
                if cases and not self._document["request"]["where"]:
                    self.known.know(cases, 0, each["count"])

    def _read_rows(self) -> None:
        """A row of cases is a case, and a case with an event has a row of them."""
        tables: dict[str, list[int | None]] = defaultdict(list)
        for each in self._document["data"]["sources"]:
            tables[each["kind"]].append(each["rows_used"])
        for table, rows in tables.items():
            if None in rows:
                continue
            number = sum(each or 0 for each in rows)
            if table == "cases":
                self.known.know(total(self._of_all["cases"]), number)
            elif table in ("grants", "referrals", "completions"):
                facet = {"grants": "grant", "completions": "completion"}.get(table, "referral")
                made = self._of_all["referral" if table == "referrals" else "cases"]
                has = total(k for k, case in made.items() if getattr(case, facet) != "none")
                self.known.know(has, 0, number)
                if table == "completions":
                    self.known.know({"completions": 1}, number)

    # --- what follows -----------------------------------------------------------------------

    def targets(self) -> Iterator[tuple[Hashable, Terms, bool]]:
        """What must not be known, with whether it is marked as small."""
        for figure in self.figures:
            if figure.value is None and (figure.count in COUNTS or figure.count == LATER):
                yield figure, self.counted(figure), figure.small
        at: dict[tuple[str, Group], set[str]] = defaultdict(set)
        for figure in self.figures:
            at[figure.event, figure.group].add(figure.count)
        for (event, group), counts in at.items():
            for part, whole in INSIDE:
                if part in counts and whole in counts:
                    inner, outer = (
                        self.counted(Figure(name, event, group, None)) for name in (part, whole)
                    )
                    rest = {**outer}
                    for name, times in inner.items():
                        rest[name] = rest.get(name, 0) - times
                    yield ("rest", part, whole, event, group), rest, False
        for count in sorted({figure.count for figure in self.figures} & {*COUNTS}):
            for rule in (*(name for name, _ in COUNTS[count][0]), "as-of"):
                if line := self.line(count, rule):
                    yield ("rule", count, rule), line, False


def metrics_of(document: Answer) -> list[Answer]:
    """The metrics of a report, of one metric or of an explanation."""
    if isinstance(document.get("metric"), dict):
        return [document["metric"]]
    goals = [metric for goal in document["goals"] for metric in goal["metrics"]]
    return [*goals, *document["additional"]]


def _anywhere(count: str, case: Case) -> bool:
    """Whether a case counts, or would if its docket were MPP."""
    return line_of(count, replace(case, place="mpp")) == "counted"


def _shown(display: str) -> bool:
    return display not in ("unavailable", "n/a")


def _number(text: str) -> int:
    return int(text.replace(",", ""))
