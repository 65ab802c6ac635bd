"""Unread is not zero: when no value of a column can be read, no figure is made without it.

Every column that decides a figure is spoilt in every way of `spoil`, in files of every form, and
every command that computes is asked. A figure that goes by the column is unavailable or the file
is refused; any other is what it is in the sound files, or is not given.

`HYPOTHESIS_PROFILE=long` asks every command about every file; otherwise they take turns.
"""

from __future__ import annotations

import functools
import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from tests.harness import run
from tests.spec import spoil

AS_OF = "2020-12-31"
FORMS = ["csv", "parquet", "xlsx"]
COLUMNS = [(table, column) for table, kinds in spoil.KINDS.items() for column in kinds]
#: So much may be set aside that no file is refused for it.
ANYTHING = ["--max-set-aside", "1000000"]
COMMANDS = ["metric", "trend", "compare", "reconcile"]
LONG = os.environ.get("HYPOTHESIS_PROFILE") == "long"

#: What the reason or the error says of values in these forms, whatever else it says.
REMEDIES = {
    ("date", "day first"): r"D/M/YYYY|DD/MM/YYYY",
    ("date", "serials"): r"serial",
    ("date", "two-digit years"): r"M/D/YY\b|MM/DD/YY\b",
    ("count", "thousands"): r"thousands",
}

#: The figures of the sound tables, counted by hand.
TOTALS = {
    "total_enrolled": 24,
    "cases_completed": 16,
    "relief_granted": 7,
    "aliens_referred": 11,
    "encounters": 218390,
}
PUBLISHED = "as_of,measure,value\n" + "".join(f"{AS_OF},{name},7\n" for name in TOTALS)

MEASURES = {
    "total-enrolled": "total_enrolled",
    "completion-rate": "cases_completed",
    "relief-granted": "relief_granted",
    "non-refoulement-referrals": "aliens_referred",
    "enforcement-encounters": "encounters",
}

Figures = dict[str, dict[str, Any]]


# ---------------------------------------------------------------- what is printed


def ask(*arguments: str | Path) -> tuple[int, str, str]:
    """Run a command without a configuration; its exit code, its output and its messages."""
    code, out, err = run([*map(str, arguments), "--no-config"])
    return code, out.decode(), err


def report(data: Path, *options: str) -> tuple[int, Figures, str]:
    """The exit code, the figures by metric, and all that is said. A refusal has no figures."""
    asked = ["report", "--data", data, "--as-of", AS_OF, "--additional", "-f", "json", *options]
    code, out, err = ask(*asked)
    if not out:
        return code, {}, err
    answer = json.loads(out)
    metrics = [each for goal in answer["goals"] for each in goal["metrics"]]
    figures = {each["name"]: figures_of(each) for each in [*metrics, *answer["additional"]]}
    reasons = [each["reason"] or "" for each in [*metrics, *answer["additional"]]]
    return code, figures, "\n".join([err, *reasons])


def figures_of(metric: dict[str, Any]) -> dict[str, Any]:
    """Every figure of a metric, those of its rows among them; no figure where it is unavailable."""
    if metric["status"] == "unavailable":
        assert [each for each in metric["measures"] if each["value"] == 0] == []
        return {}
    figures = {each["name"]: each["value"] for each in metric["measures"]}
    for row in metric["rows"]:
        for name, value in row["values"].items():
            figures[f"{name} of {row['by']}"] = value
    return figures


def trend(data: Path, metric: str, *options: str) -> tuple[int, dict[str, Any], str]:
    asked = ["trend", metric, "--data", data, "--every", "quarter", "--from", "2019-06"]
    code, out, err = ask(*asked, "--to", AS_OF, "-f", "json", *options)
    series = json.loads(out)["series"] if out else []
    return (
        code,
        {
            f"{name} {point['as_of']}": value
            for each in series
            for point in each["points"]
            for name, value in point["values"].items()
        },
        err,
    )


def compare(data: Path, metric: str, *options: str) -> tuple[int, dict[str, Any], str]:
    asked = ["compare", metric, "--data", data, "--as-of", AS_OF, "--with", "2020-06-30"]
    code, out, err = ask(*asked, "-f", "json", *options)
    return code, dict(numbers(json.loads(out)["metrics"])) if out else {}, err


def numbers(value: Any, path: str = "") -> list[tuple[str, Any]]:
    """Every number of an answer, with the way to it."""
    if isinstance(value, dict):
        return [pair for key, each in value.items() for pair in numbers(each, f"{path}.{key}")]
    if isinstance(value, list):
        return [pair for at, each in enumerate(value) for pair in numbers(each, f"{path}.{at}")]
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return [(path, value)] if is_number else []


def metric(data: Path, name: str, *options: str) -> tuple[int, dict[str, Any], str]:
    code, out, err = ask("metric", name, "--data", data, "--as-of", AS_OF, "-f", "value", *options)
    return code, {name: out.strip()} if out.strip() else {}, err


def reconcile(data: Path, *options: str) -> tuple[int, dict[str, Any], str]:
    listed = data.parent / "published.csv"
    listed.write_text(PUBLISHED)
    code, out, err = ask("reconcile", listed, "--data", data, "-f", "json", *options)
    found = json.loads(out)["figures"] if out else []
    return code, {each["measure"]: each["ours"] for each in found}, err


ASKED = {"metric": metric, "trend": trend, "compare": compare}

# ------------------------------------------------------------- the sound tables


@functools.cache
def beside(form: str, folder: Path) -> Path:
    """The sound tables in files of one form."""
    return spoil.write(folder / f"sound-{form}", spoil.sound(), form)


@functools.cache
def sound(folder: Path) -> dict[str, Any]:
    """What is said of the sound tables, in whatever form."""
    data = beside("csv", folder)
    code, figures, said = report(data)
    assert code == 0, said
    return {"report": figures, "reconcile": reconcile(data)[1]}


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("unread")


@pytest.mark.parametrize("form", FORMS)
def test_the_sound_tables_have_all_figures(form: str, home: Path) -> None:
    data = beside(form, home)
    assert reconcile(data)[1] == TOTALS
    _, figures, _ = report(data)
    assert figures == sound(home)["report"]
    assert set(figures) == set(spoil.GOES_BY)
    assert [name for name, values in figures.items() if not any(values.values())] == []


@pytest.mark.parametrize("name", spoil.GOES_BY)
def test_every_command_has_figures_of_the_sound_tables(name: str, home: Path) -> None:
    for asked in ASKED.values():
        code, figures, said = asked(beside("csv", home), name)
        assert code == 0, said
        assert any(figures.values())


# ------------------------------------------------------------------ what is spoilt


def hold(found: dict[str, Any], before: dict[str, Any], about: str) -> None:
    """Hold the figures against those of the sound files: each is the same, or is not given."""
    other = {name: value for name, value in found.items() if value not in (None, before.get(name))}
    assert other == {}, about


def check(
    data: Path, form: str, home: Path, changed: set[tuple[str, str]], about: str, turn: int = 0
) -> str:
    """Ask about spoilt files; what is said of them in reports.

    A metric that goes by one of the changed columns has no figure; others have the same or none.
    The commands take turns: two are asked about text files, and one about others.
    """
    before = sound(home)
    lost = {name for name, columns in spoil.GOES_BY.items() if columns & changed}
    texts = []
    for options in [[], ["-q", *ANYTHING]] if form == "csv" or not turn else [ANYTHING]:
        code, figures, said = report(data, *options)
        texts.append(said)
        assert code in (0, 3), said
        for name, values in figures.items():
            assert not values or name not in lost, (about, name, values)
            hold(values, before["report"][name], about)
    metric = sorted(lost)[turn % len(lost)]
    many = len(COMMANDS) if LONG else 2 if form == "csv" else 1
    for command in (COMMANDS * 2)[turn % len(COMMANDS) :][:many]:
        if command == "reconcile":
            check_reconcile(data, lost, before["reconcile"], about)
            continue
        code, figures, said = ASKED[command](data, metric, *ANYTHING)
        if command == "compare" and code == 0:
            # Of a metric it compares the measures that do not go by the column.
            hold(figures, compare(beside("csv", home), metric)[1], about)
            continue
        assert code == 3, (about, command, metric, said)
        assert {each: v for each, v in figures.items() if v is not None} == {}, about
    return "\n".join(texts)


def check_reconcile(data: Path, lost: set[str], before: dict[str, Any], about: str) -> None:
    """Hold our figures beside published ones against those of the sound files."""
    code, ours, said = reconcile(data, *ANYTHING)
    assert code in (0, 3), said
    hold(ours, before, about)
    for metric, measure in MEASURES.items():
        assert metric not in lost or ours.get(measure) is None, (about, measure)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_a_column_of_which_nothing_is_read(
    table: str, column: str, form: str, home: Path, tmp_path: Path
) -> None:
    for number, way in enumerate(spoil.WAYS):
        tables = spoil.spoilt(spoil.sound(), table, column, way)
        if tables is None or (table, column, way) in spoil.SOUND:
            continue
        if form == "xlsx" and way == "NUL padding":
            continue  # A cell of a workbook cannot hold it.
        data = spoil.write(tmp_path / str(number), tables, form, beside("csv", home))
        said = check(data, form, home, {(table, column)}, f"{table}.{column}: {way}", number)
        remedy = REMEDIES.get((spoil.KINDS[table][column], way))
        if remedy:
            assert re.search(remedy, said), (way, said)
            assert column in said or form != "csv"


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_a_column_that_is_shifted(
    table: str, column: str, form: str, home: Path, tmp_path: Path
) -> None:
    tables = spoil.shifted(spoil.sound(), table, column)
    data = spoil.write(tmp_path / "data", tables, form, beside("csv", home))
    turn = COLUMNS.index((table, column))
    check(data, form, home, {(table, column)}, f"{table}.{column}: shifted", turn)


@pytest.mark.parametrize("delimiter", [";", "|"])
@pytest.mark.parametrize("table", spoil.KINDS)
def test_a_table_with_another_delimiter(
    table: str, delimiter: str, home: Path, tmp_path: Path
) -> None:
    tables = spoil.delimited(spoil.sound(), table, delimiter)
    data = spoil.write(tmp_path / "data", tables, "csv", beside("csv", home))
    columns = {(table, column) for column in spoil.KINDS[table]}
    check(data, "csv", home, columns, f"{table} parted by {delimiter!r}")


@pytest.mark.parametrize(("table", "column", "way"), spoil.SOUND)
def test_what_means_something_is_a_figure(
    table: str, column: str, way: str, home: Path, tmp_path: Path
) -> None:
    """The combinations that are passed over above are not unread: every row is used."""
    tables = spoil.spoilt(spoil.sound(), table, column, way)
    assert tables is not None
    data = spoil.write(tmp_path / "data", tables, "csv")
    code, out, err = ask("report", "--data", data, "--as-of", AS_OF, "-f", "json", "--strict")
    assert code == 0, err
    sources = json.loads(out)["data"]["sources"]
    assert [each["rows_read"] - each["rows_used"] for each in sources] == [0] * len(sources)
    assert [each["blanked"] for each in sources if each["blanked"]] == []
