"""The generator of synthetic data keeps what its recipe promises.

The counts here are written from the definitions in plain Python and share no
code with the generator or with the reader of the tables.
"""

from __future__ import annotations

import csv
import gzip
import json
import re
import sys
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mpp_cli.sample import Account, Recipe, generate
from mpp_cli.sample.events import NOT_COMPLETIONS
from mpp_cli.sample.proportions import Dirt, Edges

SAMPLE = Path(__file__).parents[2] / "sample_data"
DRAWN = ("cases", "completions", "grants", "referrals")
FILES = (*DRAWN, "encounters")
COUNTED = {"asylum", "statutory_withholding", "cat_withholding"}
OUTCOMES = {
    "relief_granted", "removal_ordered", "voluntary_departure", "terminated", "dismissed",
    "withdrawn", "administratively_closed", "failure_to_prosecute", "change_of_venue",
    "transferred", "other", "",
}  # fmt: skip
ENUMS = {
    "docket": {"mpp", "non_detained", "detained", ""},
    "completion_type": {"initial", "subsequent", ""},
    "relief_type": COUNTED | {"cat_deferral", "other", "unknown"},
}
REQUIRED_DATES = {
    "completions": "completion_date", "grants": "granted_date", "referrals": "referred_date",
}  # fmt: skip
OPTIONAL = {
    "cases": {"nta_issued_date": "date", "enrolled_date": "date", "component": "component",
              "representation_date": "date"},
    "completions": {"in_absentia": "boolean", "reopened_date": "date"},
    "grants": {},
    "referrals": {"outcome": "assessment", "outcome_date": "date"},
}  # fmt: skip
LEGAL = {
    "component": {"usbp", "ofo", "u.s. border patrol", "office of field operations"},
    "boolean": {"true", "false", "t", "f", "yes", "no", "y", "n", "1", "0"},
    "assessment": {"positive", "negative", "closed", "pending"},
}


# The independent count.


def day(text: str) -> date | None:
    """A date as the format allows it, or None."""
    text = re.split(r"[ T]", text)[0]
    for shape in ("%Y-%m-%d", "%m/%d/%Y"):
        if shape == "%Y-%m-%d" and not re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            continue
        try:
            return datetime.strptime(text, shape).date()
        except ValueError:
            continue
    return None


def word(text: str) -> str:
    return re.sub(r"[ -]", "_", text.lower())


@dataclass
class Read:
    """The used rows of each table, and the rows and values that are not used."""

    rows: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    set_aside: Counter[tuple[str, str]] = field(default_factory=Counter)
    blanked: Counter[tuple[str, str]] = field(default_factory=Counter)


def content(path: Path) -> str:
    raw = path.read_bytes()
    return (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode()


def read(folder: Path, ending: str = ".csv.gz") -> Read:
    found = Read()
    known: set[str] = set()
    for name in DRAWN:
        lines = list(csv.reader(content(folder / f"{name}{ending}").splitlines()))
        header, used = lines[0], []
        seen: set[tuple[str, ...]] = set()
        ids: set[str] = set()
        for line in lines[1:]:
            values = [value.strip() for value in line]
            row = dict(zip(header, values, strict=False))
            reason = judge(name, header, values, row, seen, ids, known)
            seen.add(tuple(values))
            if reason:
                found.set_aside[name, reason] += 1
                continue
            ids.add(row["case_id"])
            for column, kind in OPTIONAL[name].items():
                text = row[column]
                legal = day(text) if kind == "date" else text.lower() in LEGAL[kind]
                if text and not legal:
                    found.blanked[name, column] += 1
                    row[column] = ""
            used.append(row)
        if name == "cases":
            known = ids
        found.rows[name], found.lines[name] = used, len(lines) - 1
    return found


def judge(
    name: str,
    header: list[str],
    values: list[str],
    row: dict[str, str],
    seen: set[tuple[str, ...]],
    ids: set[str],
    known: set[str],
) -> str | None:
    """The first reason for which a row cannot be used, or None."""
    if len(values) != len(header):
        return "wrong_field_count"
    if not row["case_id"]:
        return "missing_case_id"
    dated = row[REQUIRED_DATES[name]] if name != "cases" else row["nta_filed_date"]
    if not dated and name != "cases":
        return "missing_date"
    if dated and not day(dated):
        return "unreadable_date"
    checks = ENUMS | ({"outcome": OUTCOMES} if name == "completions" else {})
    if any(column in row and word(row[column]) not in legal for column, legal in checks.items()):
        return "unknown_value"
    if tuple(values) in seen:
        return "duplicate"
    if name == "cases" and row["case_id"] in ids:
        return "conflicting_duplicate"
    if name != "cases" and row["case_id"] not in known:
        return "orphan"
    return None


def first_days(rows: list[dict[str, str]], column: str) -> dict[str, date]:
    firsts: dict[str, date] = {}
    for row in rows:
        when = day(row[column])
        assert when is not None
        firsts[row["case_id"]] = min(when, firsts.get(row["case_id"], when))
    return firsts


def initial(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """The rows that can be an initial completion."""
    return [
        row for row in rows
        if word(row["completion_type"]) != "subsequent"
        and word(row["outcome"]) not in NOT_COMPLETIONS
    ]  # fmt: skip


def count(found: Read, as_of: date) -> dict[str, int]:
    """The four totals of the document on a date."""
    mpp = {r["case_id"]: r for r in found.rows["cases"] if word(r["docket"]) in ("mpp", "")}
    filed = {case: day(row["nta_filed_date"]) for case, row in mpp.items()}
    enrolled = {case for case, when in filed.items() if when and when <= as_of}
    completed = first_days(initial(found.rows["completions"]), "completion_date")
    granted = [row for row in found.rows["grants"] if word(row["relief_type"]) in COUNTED]
    relief = first_days(granted, "granted_date")
    referred = first_days(found.rows["referrals"], "referred_date")
    return {
        "enrolled": len(enrolled),
        "completed": sum(case in enrolled and when <= as_of for case, when in completed.items()),
        "relief_granted": sum(case in enrolled and when <= as_of for case, when in relief.items()),
        "referred": sum(case in mpp and when <= as_of for case, when in referred.items()),
    }


def asked(recipe: Recipe) -> dict[str, int]:
    return {
        name: getattr(recipe, name)
        for name in ("enrolled", "completed", "relief_granted", "referred")
    }


def by_month(days: list[date]) -> dict[str, int]:
    return dict(Counter(f"{each:%Y-%m}" for each in days))


def check(recipe: Recipe, found: Read, account: Account) -> None:
    """Everything that a recipe promises of any data made from it."""
    assert count(found, recipe.as_of) == asked(recipe)
    mpp = {r["case_id"] for r in found.rows["cases"] if word(r["docket"]) in ("mpp", "")}
    filed = first_days([r for r in found.rows["cases"] if r["nta_filed_date"]], "nta_filed_date")
    enrolled = by_month([when for case, when in filed.items() if case in mpp])
    assert enrolled == {month: n for month, n in recipe.enrolled_by_month.items() if n}
    referred = first_days(found.rows["referrals"], "referred_date")
    assert by_month(list(referred.values())) == {
        month: n for month, n in recipe.referred_by_month.items() if n
    }
    assert found.set_aside == account.set_aside
    assert found.blanked == account.blanked
    assert found.lines == {name: account.rows[name] for name in DRAWN}
    ends = list(filed.values())
    for name, column in REQUIRED_DATES.items():
        ends += [when for r in found.rows[name] if (when := day(r[column]))]
    assert max(ends) == recipe.as_of
    assert min(ends) >= recipe.began
    for table in found.rows.values():
        for row in table:
            assert row["case_id"].startswith("SYN-")
            for column, text in row.items():
                if column.endswith("_date") and text:
                    when = day(text)
                    assert when is not None
                    assert recipe.began <= when <= recipe.as_of


# The bundled sample.


@pytest.fixture(scope="module")
def recipe() -> Recipe:
    return Recipe.load(SAMPLE / "recipe.toml")


@pytest.fixture(scope="module")
def made(recipe: Recipe, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Account]:
    folder = tmp_path_factory.mktemp("sample")
    return folder, generate(recipe, folder)


@pytest.fixture(scope="module")
def sample() -> Read:
    return read(SAMPLE)


def test_the_sample_gives_the_figures_of_the_document(sample: Read) -> None:
    assert count(sample, date(2020, 12, 31)) == {
        "relief_granted": 531,
        "referred": 19_707,
        "enrolled": 68_039,
        "completed": 44_014,
    }


def test_the_sample_keeps_every_promise_of_its_recipe(
    recipe: Recipe, sample: Read, made: tuple[Path, Account]
) -> None:
    check(recipe, sample, made[1])
    assert made[1].undone == 0


@pytest.mark.parametrize("name", FILES)
def test_the_bundled_files_are_what_the_recipe_gives_now(
    name: str, made: tuple[Path, Account]
) -> None:
    assert content(SAMPLE / f"{name}.csv.gz") == content(made[0] / f"{name}.csv.gz")


def test_the_sample_is_small() -> None:
    assert sum((SAMPLE / f"{name}.csv.gz").stat().st_size for name in FILES) < 3_000_000


def test_the_encounters_are_the_published_totals() -> None:
    rows = list(csv.DictReader(content(SAMPLE / "encounters.csv.gz").splitlines()))
    totals: Counter[tuple[str, ...]] = Counter()
    for row in rows:
        totals[row["fiscal_year"], row["component"]] += int(row["encounters"])
    assert totals == {
        ("2019", "USBP"): 851_508,
        ("2019", "OFO"): 126_001,
        ("2020", "USBP"): 400_651,
        ("2020", "OFO"): 57_437,
        ("2021", "USBP"): 1_659_206,
        ("2021", "OFO"): 75_480,
    }
    autumn = [r for r in rows if r["fiscal_year"] == "2021" and r["month"] in ("OCT", "NOV", "DEC")]
    assert sum(int(row["encounters"]) for row in autumn) == 218_036
    assert len({(r["fiscal_year"], r["month"], r["component"]) for r in rows}) == 3 * 12 * 2


def test_every_kind_of_dirt_is_in_the_sample(sample: Read, made: tuple[Path, Account]) -> None:
    everywhere = {"wrong_field_count", "missing_case_id", "unreadable_date", "duplicate"}
    events = everywhere | {"missing_date", "orphan"}
    expected = {
        "cases": everywhere | {"unknown_value", "conflicting_duplicate"},
        "completions": events | {"unknown_value"},
        "grants": events | {"unknown_value"},
        "referrals": events,
    }
    for name, reasons in expected.items():
        assert {reason for table, reason in sample.set_aside if table == name} == reasons
        assert {column for table, column in sample.blanked if table == name} == set(OPTIONAL[name])
        assert any(table == name for table, _ in made[1].respelled)


def test_every_edge_case_is_in_the_sample(sample: Read) -> None:
    cases = {row["case_id"]: row for row in sample.rows["cases"]}
    completions, grants = sample.rows["completions"], sample.rows["grants"]
    unfiled = {case for case, row in cases.items() if not row["nta_filed_date"]}
    referrals = Counter(row["case_id"] for row in sample.rows["referrals"])
    assert 0.01 <= len(unfiled) / len(cases) <= 0.03
    assert unfiled & set(referrals)
    assert unfiled & {row["case_id"] for row in completions}
    assert max(referrals.values()) > 1
    assert {word(row["docket"]) for row in cases.values()} == {
        "mpp",
        "",
        "non_detained",
        "detained",
    }
    for docket in ("non_detained", "detained"):
        others = {case for case, row in cases.items() if row["docket"] == docket}
        assert others & {row["case_id"] for row in completions}
        assert others & {row["case_id"] for row in grants}
    assert {word(row["outcome"]) for row in completions} == OUTCOMES
    assert any(row["reopened_date"] for row in completions)
    firsts = first_days(initial(completions), "completion_date")
    again = [
        row for row in initial(completions) if day(row["completion_date"]) != firsts[row["case_id"]]
    ]
    assert again
    assert any(row["completion_type"] == "subsequent" for row in completions)
    assert {row["case_id"] for row in completions if row["completion_type"] == "subsequent"} - set(
        firsts
    )
    kinds: dict[str, set[str]] = {}
    for row in grants:
        kinds.setdefault(row["case_id"], set()).add(word(row["relief_type"]))
    assert {"cat_deferral"} in kinds.values()
    assert {"other"} in kinds.values()
    filed = first_days([r for r in cases.values() if r["nta_filed_date"]], "nta_filed_date")
    assert any(when < filed[case] for case, when in firsts.items() if case in filed)
    referred = first_days(sample.rows["referrals"], "referred_date")
    assert any(when < filed[case] for case, when in referred.items() if case in filed)


def test_the_sample_is_plausible(sample: Read) -> None:
    firsts = first_days(initial(sample.rows["completions"]), "completion_date")
    first_rows = {
        row["case_id"]: row for row in initial(sample.rows["completions"])
        if day(row["completion_date"]) == firsts[row["case_id"]]
    }  # fmt: skip
    cases = {
        row["case_id"]: row for row in sample.rows["cases"]
        if row["nta_filed_date"] and word(row["docket"]) in ("mpp", "")
    }  # fmt: skip
    done = [row for case, row in first_rows.items() if case in cases]
    ordered = [row for row in done if word(row["outcome"]) == "removal_ordered"]
    assert 32_000 <= len(ordered) <= 33_000
    absent = [row for row in ordered if row["in_absentia"].lower() in ("true", "y")]
    assert 0.84 <= len(absent) / len(ordered) <= 0.86
    closed = [row for row in done if date(2020, 4, 1) <= firsts[row["case_id"]] < date(2020, 7, 1)]
    assert len(closed) < 200
    represented = [row for row in cases.values() if row["representation_date"]]
    assert 0.06 <= len(represented) / len(cases) <= 0.08
    relief = {r["case_id"] for r in sample.rows["grants"] if word(r["relief_type"]) in COUNTED}
    with_relief = [row for case, row in cases.items() if case in relief]
    assert sum(bool(row["representation_date"]) for row in with_relief) > 0.6 * len(with_relief)
    assert sum(row["nationality"] == "CUBA" for row in with_relief) > 0.35 * len(with_relief)
    weekend = [r for r in cases.values() if (d := day(r["nta_filed_date"])) and d.weekday() > 4]
    assert 0 < len(weekend) < 0.15 * len(cases)
    assert count(sample, date(2019, 11, 30))["relief_granted"] < 150


def test_the_data_package_lists_the_files() -> None:
    package = json.loads((SAMPLE / "datapackage.json").read_text())
    assert "SYNTHETIC" in package["title"]
    assert [resource["path"] for resource in package["resources"]] == [
        f"{name}.csv.gz" for name in FILES
    ]
    for resource in package["resources"]:
        head = content(SAMPLE / resource["path"]).splitlines()[0]
        assert [each["name"] for each in resource["schema"]["fields"]] == head.split(",")


# Other recipes.


@st.composite
def recipes(draw: st.DrawFn) -> Recipe:
    began = draw(st.dates(date(2021, 1, 1), date(2021, 3, 31)))
    as_of = draw(st.dates(date(2021, 4, 1), date(2021, 9, 30)))
    plain = Recipe.plain(1, 0, began, as_of)
    enrolled = {month: draw(st.integers(0, 40)) for month in plain.months}
    enrolled[plain.months[-1]] += 1
    total = sum(enrolled.values())
    completed = draw(st.integers(0, total))
    recipe = replace(
        plain,
        seed=draw(st.integers(0, 99)),
        enrolled=total,
        completed=completed,
        relief_granted=draw(st.integers(0, completed)),
        enrolled_by_month=enrolled,
        edges=Edges(*(draw(st.sampled_from([0.0, 0.1, 0.5])) for _ in range(10))),
        dirt=Dirt(amount=draw(st.sampled_from([0.0, 0.5, 1.0]))),
        referred=0,
        referred_by_month={},
    )
    left, referred = total + recipe.unfiled, {}
    for month in recipe.months:
        referred[month] = draw(st.integers(0, min(left, 60)))
        left -= referred[month]
    return replace(recipe, referred=sum(referred.values()), referred_by_month=referred)


@settings(
    max_examples=60,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(recipe=recipes())
def test_any_recipe_is_kept(recipe: Recipe, tmp_path: Path) -> None:
    account = generate(recipe, tmp_path, ".csv")
    check(recipe, read(tmp_path, ".csv"), account)


@pytest.mark.parametrize("cases", [1, 2, 50, 3_000])
def test_the_shape_scales(recipe: Recipe, cases: int, tmp_path: Path) -> None:
    small = recipe.scaled(cases, seed=5)
    account = generate(small, tmp_path)
    assert small.enrolled == cases
    check(small, read(tmp_path), account)


def test_batches_hold_no_more_than_asked(
    recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The package's function of the same name hides the module.
    monkeypatch.setattr(sys.modules["mpp_cli.sample.generate"], "BATCH", 100)
    small = recipe.scaled(3_000, seed=5)
    account = generate(small, tmp_path)
    check(small, read(tmp_path), account)


def test_the_same_recipe_gives_the_same_bytes(recipe: Recipe, tmp_path: Path) -> None:
    for folder, seed in (("one", 1), ("two", 1), ("three", 2)):
        generate(recipe.scaled(500, seed), tmp_path / folder)
    for name in FILES:
        one = (tmp_path / "one" / f"{name}.csv.gz").read_bytes()
        assert one == (tmp_path / "two" / f"{name}.csv.gz").read_bytes()
    other = (tmp_path / "three" / "cases.csv.gz").read_bytes()
    assert other != (tmp_path / "one" / "cases.csv.gz").read_bytes()


def test_plain_and_compressed_files_hold_the_same_text(recipe: Recipe, tmp_path: Path) -> None:
    small = recipe.scaled(300, seed=3)
    generate(small, tmp_path, ".csv")
    generate(small, tmp_path, ".csv.gz")
    for name in FILES:
        assert content(tmp_path / f"{name}.csv") == content(tmp_path / f"{name}.csv.gz")


def test_without_dirt_the_tables_keep_their_constraints(recipe: Recipe, tmp_path: Path) -> None:
    clean = replace(recipe.scaled(2_000, seed=4), dirt=Dirt(amount=0.0))
    account = generate(clean, tmp_path)
    found = read(tmp_path)
    check(clean, found, account)
    assert not found.set_aside
    assert not found.blanked
    ids = [row["case_id"] for row in found.rows["cases"]]
    assert len(set(ids)) == len(ids) == clean.enrolled
    enums = ENUMS | {"component": {"USBP", "OFO"}, "in_absentia": {"true", "false", ""}}
    for name, rows in found.rows.items():
        outcomes = OUTCOMES if name == "completions" else LEGAL["assessment"]
        for row in rows:
            assert row["case_id"] in set(ids) if name != "cases" else True
            assert all(row[column] in legal for column, legal in enums.items() if column in row)
            assert row.get("outcome", "other") in outcomes | {"other"}
            for column, text in row.items():
                assert not column.endswith("_date") or re.fullmatch(r"(\d{4}-\d\d-\d\d)?", text)


def test_a_recipe_without_encounters_gets_synthetic_ones(tmp_path: Path) -> None:
    plain = Recipe.plain(100, 1, date(2021, 11, 5), date(2022, 2, 20))
    account = generate(plain, tmp_path, ".csv")
    rows = list(csv.DictReader(content(tmp_path / "encounters.csv").splitlines()))
    assert len(rows) == account.rows["encounters"] == 2 * len(plain.months)
    assert {row["fiscal_year"] for row in rows} == {"2022"}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"completed": 101}, "must not exceed"),
        ({"referred": 500}, "more people referred"),
        ({"enrolled_by_month": {"2021-11": 1}}, "sums to 1, not 100"),
        ({"began": date(2023, 1, 1)}, "began after"),
        ({"completed_by_month": {"2020-01": 1.0}}, "2020-01 is outside"),
    ],
)
def test_an_impossible_recipe_is_refused(change: dict[str, object], words: str) -> None:
    plain = Recipe.plain(100, 1, date(2021, 11, 5), date(2022, 2, 20))
    with pytest.raises(ValueError, match=words):
        replace(plain, **change)  # type: ignore[arg-type]


def test_the_generator_holds_no_published_figure() -> None:
    code = "".join(path.read_text() for path in (SAMPLE.parent / "mpp_cli/sample").glob("*.py"))
    for figure in ("531", "19707", "68039", "44014", "56490", "2019-01-25"):
        assert figure not in code.replace("_", "").replace(",", "")
