"""Tables drawn in a test become a folder of files; answers become plain dictionaries."""

from __future__ import annotations

import atexit
import csv
import datetime
import functools
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

import mpp_cli
from mpp_cli.analysis.api import Data
from mpp_cli.results.report import Metric, MetricReport, Report, Source, Value

#: The day on which every test of the manual takes place, unless it says otherwise.
TODAY = datetime.date(2021, 6, 30)

_ROOT = Path(tempfile.mkdtemp(prefix="mpp-spec-"))
atexit.register(shutil.rmtree, _ROOT, ignore_errors=True)

_LOADED: dict[tuple[str, datetime.date], Data] = {}
atexit.register(lambda: _close())


def folder(**files: str | bytes) -> Path:
    """A new folder with these files, ``cases="…"`` being the whole text of cases.csv."""
    made = Path(tempfile.mkdtemp(dir=_ROOT))
    for name, content in files.items():
        data = content.encode() if isinstance(content, str) else content
        (made / f"{name}.csv").write_bytes(data)
    return made


def draw(tables: Mapping[str, str]) -> Path:
    """A folder of CSV files from tables drawn as ``| case_id | … |``, one line per row.

    What stands between two bars is the field, without the spaces around it.
    The same drawing gives the same folder, so tests only read what they drew.
    """
    return _drawn(tuple(tables.items()))


@functools.cache
def _drawn(tables: tuple[tuple[str, str], ...]) -> Path:
    made = folder()
    for name, drawing in tables:
        with (made / f"{name}.csv").open("w", encoding="utf-8", newline="") as out:
            csv.writer(out).writerows(_rows(drawing))
    return made


def _rows(drawing: str) -> list[list[str]]:
    rows = []
    for line in drawing.strip().splitlines():
        before, *fields, after = line.strip().split("|")
        assert before == after == "", f"a row begins and ends with a bar: {line}"
        rows.append([field.strip() for field in fields])
    return rows


def ask(
    data: Path | list[Path],
    name: str,
    as_of: str | None = "2020-12-31",
    *,
    today: datetime.date = TODAY,
    by: tuple[str, ...] = (),
    where: Mapping[str, str] | None = None,
    measure: str | None = None,
) -> MetricReport:
    """The answer of one metric."""
    loaded = _load(data, today)
    return mpp_cli.metric(loaded, name, as_of=as_of, by=by, where=where or {}, measure=measure)


def report(data: Path, as_of: str | None = "2020-12-31", *, by: tuple[str, ...] = ()) -> Report:
    """The whole document."""
    return mpp_cli.report(_load(data, TODAY), as_of=as_of, by=by)


def _load(data: Path | list[Path], today: datetime.date) -> Data:
    """The data, loaded once for all the questions that a test asks in a row.

    However much of them is lost: what is refused for that is the subject of test_17.
    """
    key = (str(data), today)
    if key not in _LOADED:
        _close()
        _LOADED[key] = mpp_cli.load(data, today=today, max_set_aside="100%")
    return _LOADED[key]


def _close() -> None:
    while _LOADED:
        _LOADED.popitem()[1].close()


def _metric(answer: MetricReport | Metric) -> Metric:
    return answer.metric if isinstance(answer, MetricReport) else answer


def figures(answer: MetricReport | Metric) -> dict[str, Value]:
    """Every measure and its exact figure."""
    return {each.name: each.value for each in _metric(answer).measures}


def shown(answer: MetricReport | Metric) -> dict[str, str]:
    """Every measure as it is printed."""
    return {each.name: each.display for each in _metric(answer).measures}


def population(answer: MetricReport | Metric, measure: str) -> int:
    """How many there are before any rule is applied."""
    return next(each.population for each in _metric(answer).ledger if each.measure == measure)


def excluded(answer: MetricReport | Metric, measure: str) -> dict[str, int]:
    """How many each rule excluded, in the order of the rules; rules that exclude none left out.

    Checks in passing that the balance of the measure closes.
    """
    ledger = next(each for each in _metric(answer).ledger if each.measure == measure)
    assert ledger.population == ledger.counted + sum(each.count for each in ledger.excluded)
    return {each.rule: each.count for each in ledger.excluded if each.count}


def events(answer: MetricReport | Metric, measure: str) -> tuple[str, ...]:
    """What is said of events that a count leaves out."""
    return next(each.events for each in _metric(answer).ledger if each.measure == measure)


def groups(answer: MetricReport | Metric, measure: str) -> dict[object, Value]:
    """One measure by group, in printing order; a group of several columns is a tuple."""
    found: dict[object, Value] = {}
    for row in _metric(answer).rows:
        key = tuple(row.by.values())
        found[key[0] if len(key) == 1 else key] = row.values[measure]
    return found


def rows(data: Path | list[Path], table: str = "cases") -> Source:
    """The account of the rows of one table's file. Checks in passing that it closes."""
    answer = mpp_cli.report(_load(data, TODAY))
    source = next(each for each in answer.head.sources if each.kind == table)
    outside, set_aside = sum(source.rows_outside.values()), sum(source.set_aside.values())
    assert source.rows_read == source.rows_used + outside + set_aside
    return source


def set_aside(data: Path | list[Path], table: str = "cases") -> dict[str, tuple[int, ...]]:
    """The lines of a table's file that were set aside, by reason."""
    source = rows(data, table)
    assert dict(source.set_aside) == {name: len(at) for name, at in source.examples.items()}
    return dict(source.examples)


def warnings(answer: MetricReport | Report) -> list[tuple[str, str | None, int | None]]:
    """Every warning as (id, file, line)."""
    return [(each.id, each.file, each.line) for each in answer.head.warnings]
