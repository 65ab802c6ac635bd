"""The tool and the oracle agree on every figure, balance and row, whatever the files hold.

`HYPOTHESIS_PROFILE=long` draws thousands of folders; otherwise a small set that is always the same.
"""

from __future__ import annotations

import csv
import datetime
import os
import re
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from tests.harness import run_json
from tests.oracle import Expected, Refused, compute, default_as_of, exceeds, percent_shown
from tests.oracle.measures import build_cases, column_value
from tests.oracle.strategies import Folder, folders
from tests.oracle.tables import load

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]
settings.register_profile(
    "agreement-ci", max_examples=60, deadline=None, derandomize=True, suppress_health_check=SLOW
)
settings.register_profile(
    "agreement-long", max_examples=3000, deadline=None, suppress_health_check=SLOW
)
LONG = os.environ.get("HYPOTHESIS_PROFILE") == "long"
PROFILE = settings.get_profile("agreement-long" if LONG else "agreement-ci")

MEASURES = {
    "relief-granted": ["relief_granted"],
    "non-refoulement-referrals": ["aliens_referred"],
    "completion-rate": ["total_enrolled", "cases_completed", "completion_percentage"],
    "total-enrolled": ["total_enrolled"],
    "enforcement-encounters": ["encounters"],
}
CASE_METRICS = [name for name in MEASURES if name != "enforcement-encounters"]
BY = ["nationality", "month", "quarter", "fiscal_year", "calendar_year"]
#: What may be set aside: no more is said, anything, or a part of every file and of all of them.
ANY = "1000000"
LIMITS = [None, None, ANY, ANY, "0.1%", "10%", "33.3%", "50%", "100%"]


@contextmanager
def written(folder: Folder) -> Iterator[tuple[Path, list[Path]]]:
    """Write the drawn files to a folder of their own; give the folder and its files by name."""
    with tempfile.TemporaryDirectory() as name:
        home = Path(name) / "data"
        home.mkdir()
        for file, data in folder.files.items():
            (home / file).write_bytes(data)
        yield home, sorted(home.iterdir())


def number(value: Any) -> Any:
    """Return what the JSON shows of a value: a fraction is shown as the nearest float."""
    return float(value) if isinstance(value, Fraction) else value


def metrics_of(answer: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the metrics of a report by name."""
    return {metric["name"]: metric for goal in answer["goals"] for metric in goal["metrics"]}


def shown_figures(metric: dict[str, Any]) -> dict[str, Any]:
    """Return the values of a metric by measure."""
    return {measure["name"]: measure["value"] for measure in metric["measures"]}


def shown_ledger(metric: dict[str, Any], measure: str) -> tuple[Any, ...]:
    """Return a ledger without the rules that excluded nothing."""
    (ledger,) = [ledger for ledger in metric["ledger"] if ledger["measure"] == measure]
    excluded = [(e["rule"], e["count"]) for e in ledger["excluded"] if e["count"]]
    return ledger["population"], excluded, ledger["counted"]


def expected_ledger(expected: Expected, measure: str) -> tuple[Any, ...]:
    """Return what the ledger has to be, without the rules that excluded nothing."""
    ledger = expected.ledgers[measure]
    return ledger.population, [e for e in ledger.excluded if e[1]], ledger.counted


def check_sources(answer: dict[str, Any], expected: Expected) -> None:
    """Compare where every row of every file went."""
    sources = {source["file"]: source for source in answer["data"]["sources"]}
    assert set(sources) == set(expected.files)
    for name, account in expected.files.items():
        source = sources[name]
        assert {
            "kind": source["kind"],
            "encoding": source["encoding"].lower().replace("-sig", "").replace("windows-", "cp"),
            "read": source["rows_read"],
            "used": source["rows_used"],
            "outside": {rule: n for rule, n in source["rows_outside"].items() if n},
            "set aside": {reason: n for reason, n in source["set_aside"].items() if n},
            "blanked": {column: n for column, n in source["blanked"].items() if n},
        } == {
            "kind": account.table,
            "encoding": account.encoding,
            "read": account.rows_read,
            "used": account.rows_used,
            "outside": dict(account.rows_outside),
            "set aside": account.set_aside,
            "blanked": account.blanked,
        }, name


def check_rejects(path: Path, expected: Expected) -> None:
    """Compare the lines of the rejects file with the lines that have to be in it."""
    shown: Counter[tuple[str, str, int, str]] = Counter()
    if path.exists():
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                blanked = row["reason"] == "blanked"
                detail = row["column"] if blanked else ""
                shown[Path(row["file"]).name, row["reason"], int(row["line"]), detail] += 1
    wanted: Counter[tuple[str, str, int, str]] = Counter()
    for name, account in expected.files.items():
        for line, reason in account.set_aside_lines:
            wanted[name, reason, line, ""] += 1
        for line, column in account.blanked_lines:
            wanted[name, "blanked", line, column] += 1
    assert shown == wanted


def check_metric(metric: dict[str, Any], expected: Expected) -> None:
    """Compare the figures and ledgers of one metric, as far as it is available."""
    measures = MEASURES[metric["name"]]
    missing = expected.unavailable.intersection(measures)
    assert (metric["status"] == "unavailable") == bool(missing), metric["reason"]
    figures = shown_figures(metric)
    for measure in measures:
        if measure in missing:
            assert figures.get(measure) is None
        elif not missing:
            assert figures[measure] == number(expected.figures[measure]), measure
            if measure in expected.ledgers:
                assert shown_ledger(metric, measure) == expected_ledger(expected, measure), measure
            if measure == "completion_percentage":
                shown = next(m["display"] for m in metric["measures"] if m["name"] == measure)
                assert shown == percent_shown(expected.figures[measure])


def check_rows(metric: dict[str, Any], by: list[str], groups: dict[Any, Any]) -> None:
    """Compare the groups of one metric."""
    shown = {tuple(row["by"][column] for column in by): row["values"] for row in metric["rows"]}
    assert len(shown) == len(metric["rows"])
    assert shown == {
        key: {measure: number(value) for measure, value in values.items()}
        for key, values in groups.items()
    }


def check_years(metric: dict[str, Any], expected: Expected) -> None:
    """Compare the encounters of each fiscal year, and what is said of a component alone."""
    years = expected.encounter_years
    check_rows(metric, ["fiscal_year"], {(year,): asdict(row) for year, row in years.items()})
    notes = " ".join(note["text"] for note in metric["footnotes"])
    for year, row in years.items():
        if row.encounters is not None and None in (row.usbp, row.ofo):
            alone = "USBP" if row.ofo is None else "OFO"
            assert re.search(rf"\b{alone}\b.*\balone\b|\balone\b.*\b{alone}\b", notes), year


def check_quiet(err: str, expected: Expected) -> None:
    """Compare of which files it is said that they lost much, when nothing else is."""
    for name, account in expected.files.items():
        lost = 10 * len(account.set_aside_lines) >= max(account.rows_read, 1)
        assert (name in err) is lost, err


@settings(PROFILE)
@given(folders(), st.sampled_from(LIMITS), st.booleans())
def test_a_report_agrees_with_the_oracle(folder: Folder, limit: str | None, quiet: bool) -> None:
    with written(folder) as (home, paths):
        rejects = home.parent / "rejects.csv"
        args = ["report", "--data", str(home), "--as-of", folder.as_of.isoformat()]
        args += ["--rejects", str(rejects)] + ["-q"] * quiet
        code, answer, err = run_json(args + (["--max-set-aside", limit] if limit else []))
        try:
            expected = compute(paths, folder.as_of, limited=limit is not None)
        except Refused as refusal:
            note(str(refusal))
            assert (code, answer) == (3, None), err
            return
        if limit and limit.endswith("%") and exceeds(expected.files.values(), Fraction(limit[:-1])):
            assert (code, answer) == (5, None), err
            return
        assert code == 0, err
        assert answer is not None
        check_sources(answer, expected)
        check_rejects(rejects, expected)
        if quiet:
            check_quiet(err, expected)
        metrics = metrics_of(answer)
        assert set(metrics) == set(MEASURES)
        for metric in metrics.values():
            check_metric(metric, expected)
        if "encounters" not in expected.unavailable:
            check_years(metrics["enforcement-encounters"], expected)


@settings(PROFILE)
@given(
    folders(),
    st.sampled_from(CASE_METRICS),
    st.lists(st.sampled_from(BY), min_size=1, max_size=2, unique=True),
    st.sampled_from([{}, {}, {"nationality": "HO"}, {"nationality": "NA"}]),
)
def test_a_breakdown_agrees_with_the_oracle(
    folder: Folder, name: str, by: list[str], where: dict[str, str]
) -> None:
    with written(folder) as (home, paths):
        args = ["metric", name, "--data", str(home), "--as-of", folder.as_of.isoformat()]
        args += ["--max-set-aside", ANY]
        for column in by:
            args += ["--by", column]
        for column, value in where.items():
            args += ["--where", f"{column}={value}"]
        try:
            there = spellings(paths, where)
            expected = compute(paths, folder.as_of, by=by, where=there or where, limited=True)
        except Refused:
            return
        if not any(account.table == "cases" for account in expected.files.values()):
            return
        code, answer, err = run_json(args)
        if there is None:
            assert (code, answer) == (2, None), err
            return
        if expected.unavailable.intersection(MEASURES[name]):
            assert code == 3, err
            return
        assert code == 0, err
        assert answer is not None
        check_metric(answer["metric"], expected)
        check_rows(answer["metric"], by, expected.groups[name])


def spellings(paths: list[Path], where: dict[str, str]) -> dict[str, str] | None:
    """The conditions as used cases spell them; None where there are cases and none has a value.

    None of the values that are drawn has more than one other spelling.
    """
    cases = build_cases(load(paths))
    found = {}
    for name, value in where.items() if cases else ():
        there = {column_value(case, name) or "" for case in cases}
        alike = sorted(each for each in there if each.lower() == value.lower())
        if not alike:
            return None
        found[name] = value if value in there else alike[0]
    return found


@settings(PROFILE)
@given(
    folders(),
    st.sampled_from(["total_enrolled", "cases_completed"]),
    st.lists(st.sampled_from(BY), min_size=1, max_size=2, unique=True),
)
def test_a_measure_alone_is_grouped_by_its_own_event(
    folder: Folder, measure: str, by: list[str]
) -> None:
    with written(folder) as (home, paths):
        try:
            expected = compute(paths, folder.as_of, by=by, measure=measure, limited=True)
        except Refused:
            return
        if expected.unavailable.intersection(MEASURES["completion-rate"]):
            return
        args = ["metric", "completion-rate", "--data", str(home), "--max-set-aside", ANY]
        args += ["--as-of", folder.as_of.isoformat(), "--measure", measure]
        for column in by:
            args += ["--by", column]
        code, answer, err = run_json(args)
        assert code == 0, err
        assert answer is not None
        shown = {
            tuple(row["by"][column] for column in by): row["values"][measure]
            for row in answer["metric"]["rows"]
        }
        wanted = {key: group[measure] for key, group in expected.groups[measure].items()}
        assert {key: count for key, count in shown.items() if count} == wanted


@settings(PROFILE)
@given(folders())
def test_the_default_as_of_is_the_end_of_the_case_data(folder: Folder) -> None:
    with written(folder) as (home, paths):
        try:
            day = default_as_of(paths, datetime.date.today())
        except Refused:
            return
        if day is None:
            return
        code, answer, err = run_json(["report", "--data", str(home)])
        assert code == 0, err
        assert answer is not None
        assert answer["as_of"] == day.isoformat()


def test_a_header_after_a_blank_line_is_not_a_row() -> None:
    folder = Folder(datetime.date(2020, 12, 31), {"cases.csv": b"\ncase_id,nta_filed_date"})
    with written(folder) as (home, paths):
        code, answer, err = run_json(["report", "--data", str(home), "--as-of", "2020-12-31"])
        assert code == 0, err
        assert answer is not None
        check_sources(answer, compute(paths, folder.as_of))


@pytest.mark.parametrize("name", CASE_METRICS)
def test_an_unknown_column_of_the_cases_is_a_dimension(name: str) -> None:
    header, rows = "case_id,nta_filed_date,Court Code", ["A1,2020-01-01,x", "A2,2020-01-01,"]
    files = {
        "cases.csv": "\n".join([header, *rows]),
        "completions.csv": "case_id,completion_date,outcome\nA1,2020-02-01,other\n",
        "grants.csv": "case_id,granted_date,relief_type\nA1,2020-03-01,asylum\n",
        "referrals.csv": "case_id,referred_date\nA2,2020-03-01\n",
    }
    day = datetime.date(2020, 12, 31)
    folder = Folder(day, {file: text.encode() for file, text in files.items()})
    with written(folder) as (home, paths):
        args = ["metric", name, "--data", str(home), "--as-of", "2020-12-31", "--by", "court_code"]
        code, answer, err = run_json(args)
        assert code == 0, err
        assert answer is not None
        expected = compute(paths, day, by=["court_code"])
        check_rows(answer["metric"], ["court_code"], expected.groups[name])
