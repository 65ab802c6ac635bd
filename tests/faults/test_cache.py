"""The cache never changes an answer, whatever happens to it or to the files.

Every fault here is a real one: bytes that are gone or flipped, files that were
replaced within a tick of the clock, a disk that is full, runs at the same time.
"""

from __future__ import annotations

import datetime
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

import pytest

from mpp_cli.analysis import api
from mpp_cli.dataset import cache
from mpp_cli.dataset.cache import entry, file_index
from mpp_cli.dataset.cache import folder as place
from mpp_cli.dataset.cache import query_cache as kept_answers
from mpp_cli.engines.base import Engine
from mpp_cli.formats import render
from mpp_cli.sources import load
from mpp_cli.sources.file_account import FileAccount
from tests.harness import run

TODAY = datetime.date(2021, 6, 30)
AS_OF = "2020-03-31"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Tables with some of everything: cases with many events, defects, months."""
    chance = random.Random(7)
    home = tmp_path / "data"
    home.mkdir()

    def day(last: int = 700) -> str:
        return (datetime.date(2019, 1, 25) + datetime.timedelta(chance.randrange(last))).isoformat()

    cases = [
        f"C{n},{day()},{chance.choice(['USBP', 'OFO', 'x'])},{chance.choice(['HN', 'GT', ''])}"
        for n in range(4000)
    ]
    completions = [
        f"C{chance.randrange(4100)},{day(850)},"
        f"{chance.choice(['terminated', 'removal_ordered', 'change_of_venue', '', 'nonsense'])},"
        f"{chance.choice(['initial', 'subsequent', ''])}"
        for _ in range(9000)
    ]
    tables = {
        "cases": ("case_id,nta_filed_date,component,nationality", [*cases, cases[0], "C1,,,"]),
        "completions": (
            "case_id,completion_date,outcome,completion_type",
            [*completions, completions[0], "C5,2020-99-01,terminated,"],
        ),
        "grants": (
            "case_id,granted_date,relief_type",
            [f"C{chance.randrange(300)},{day()},asylum" for _ in range(900)],
        ),
        "referrals": (
            "case_id,referred_date",
            [f"C{chance.randrange(900)},{day()}" for _ in range(2500)],
        ),
        "encounters": (
            "fiscal_year,month,component,encounters,citizenship",
            [f"2020,{m},USBP,{m * 100},{c}" for m in (10, 11, 12, 1, 2, 3) for c in ("HN", "GT")],
        ),
    }
    for name, (header, rows) in tables.items():
        (home / f"{name}.csv").write_text("\n".join([header, *rows]) + "\n")
    (home / "notes.csv").write_text("what,why\na,b\n")
    return home


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of its own for every test."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "mpp"


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that were parsed, as long as the test runs."""
    names: list[str] = []
    read = load._read

    def watched(accounts: list[FileAccount], *rest: object) -> None:
        names.append(accounts[0].name)
        read(accounts, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(load, "_read", watched)
    return names


@pytest.fixture
def not_racy(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the files had been written long before they were read."""
    monkeypatch.setattr(file_index, "RACY_NS", -(10**18))


def report(data: Path, cached: bool = True, today: datetime.date = TODAY, **asked: object) -> str:
    by = tuple(asked.get("by", ()))  # type: ignore[arg-type]
    where = dict(asked.get("where", {}))  # type: ignore[call-overload]
    columns = {*by, *where} - {"month"}
    with api.load(data, columns=columns, today=today, cached=cached) as loaded:
        answer = api.report(loaded, as_of=AS_OF, by=by, where=where)
        return render(answer, "json")


def entries(home: Path) -> list[Path]:
    return [each for each in home.iterdir() if each.name != "index"]


def answers(home: Path) -> list[Path]:
    return sorted(home.glob("*/answer-*"))


def forget_answers(home: Path) -> None:
    """Leave the tables of every entry, so that they have to be asked."""
    assert answers(home)
    for each in answers(home):
        each.unlink()


# ------------------------------------------------------------- what it is for


ASKED: list[dict[str, object]] = [
    {},
    {"by": ["nationality"]},
    {"by": ["component", "month"]},
    {"where": {"component": "USBP"}},
    {"by": ["citizenship"], "where": {"nationality": "HN"}},
]


@pytest.mark.parametrize("asked", ASKED, ids=str)
def test_a_repeat_report_parses_nothing_and_has_the_same_bytes(
    data: Path, home: Path, parsed: list[str], asked: dict[str, object]
) -> None:
    without = report(data, cached=False, **asked)
    assert report(data, **asked) == without
    parsed.clear()
    assert report(data, **asked) == without
    forget_answers(home)
    assert report(data, **asked) == without
    assert parsed == []


@pytest.mark.parametrize(
    "command",
    [
        ["report", "-f", "markdown"],
        ["metric", "completion-rate", "-f", "json"],
        ["metric", "enforcement-encounters", "-f", "csv"],
        ["trend", "relief-granted", "-f", "csv", "--by", "nationality"],
        ["trend", "completion-rate", "-f", "json", "--every", "day", "--from", "2020-03"],
    ],
    ids=" ".join,
)
def test_every_command_that_uses_it_prints_the_same_with_and_without(
    data: Path, home: Path, parsed: list[str], command: list[str]
) -> None:
    day = "--to" if command[0] == "trend" else "--as-of"
    asked = [*command, "--data", str(data), day, AS_OF, "--no-config"]
    without = run([*asked, "--no-cache"])
    assert without[0] == 0
    assert run(asked) == without
    parsed.clear()
    assert run(asked) == without
    forget_answers(home)
    assert run(asked) == without
    assert parsed == []


def test_one_entry_answers_every_date_and_question(data: Path, parsed: list[str]) -> None:
    asked = ["--data", str(data), "--no-config", "-q"]
    run(["report", *asked, "--by", "nationality"])
    parsed.clear()
    for day in ("2019-03-01", "2020-01-15", "2021-05-31"):
        for command in (["report"], ["metric", "relief-granted", "--by", "nationality"]):
            question = [*command, *asked, "--as-of", day, "-f", "json"]
            warm = run(question)
            assert parsed == []
            assert warm == run([*question, "--no-cache"])
            parsed.clear()


def test_a_column_that_was_not_kept_is_read_from_the_files(data: Path, parsed: list[str]) -> None:
    report(data)
    parsed.clear()
    without = report(data, cached=False, by=["nationality"])
    parsed.clear()
    assert report(data, by=["nationality"]) == without
    assert "cases.csv" in parsed


def test_what_speaks_of_records_or_goes_beyond_the_document_reads_the_files(
    data: Path, parsed: list[str], tmp_path: Path
) -> None:
    run(["report", "--data", str(data), "--no-config", "-q"])
    for command in (
        ["report", "--additional"],
        ["report", "--rejects", str(tmp_path / "rejects.csv")],
        ["metric", "pending-cases"],
        ["explain", "completion-rate", "--case", "C7"],
        ["validate"],
        ["variants", "completion-rate"],
    ):
        parsed.clear()
        named = [str(data)] if command == ["validate"] else ["--data", str(data)]
        run([*command, *named, "--no-config", "-q"])
        assert "cases.csv" in parsed, command


def test_verify_never_uses_it(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    saved = tmp_path / "saved.json"
    run(["report", "--data", str(data), "--no-config", "-q", "-o", str(saved)])

    def never(*_: object, **__: object) -> None:
        raise AssertionError("the cache was asked")

    monkeypatch.setattr(cache.Cache, "of", never)
    assert run(["verify", str(saved), "-q"])[0] == 0
    assert run(["report", "--data", str(data), "--no-config", "-q", "--no-cache"])[0] == 0


def test_mpp_toml_can_switch_it_off(data: Path, home: Path, tmp_path: Path) -> None:
    config = tmp_path / "mpp.toml"
    config.write_text("cache = false\n")
    asked = ["report", "--data", str(data), "--config", str(config), "-q"]
    assert run(asked)[0] == 0
    assert not home.exists()
    assert run([*asked, "--cache"])[0] == 0
    assert entries(home)


# ------------------------------------------------- files of other headings, workbooks

MAPPING = """
[tables]
blank = ["-"]

[tables.cases]
file = "docket.csv"
[tables.cases.columns]
case_id = "Alien No"
nta_filed_date = "Filed"
nationality = "Country"

[tables.completions]
file = "docket.csv"
date-format = "DD.MM.YYYY"
[tables.completions.columns]
case_id = "Alien No"
completion_date = "Closed"
outcome = "Result"
[tables.completions.codes]
outcome = { T = "terminated", R = "removal_ordered" }
"""


@pytest.fixture
def mapped(tmp_path: Path) -> tuple[Path, Path]:
    """A wide file of other headings, with codes and rows of every kind, and its mapping."""
    chance = random.Random(11)
    rows = [
        f"C{n},2019-0{chance.randrange(2, 9)}-11,{chance.choice(['HN', 'GT', '-'])},"
        f"{chance.choice(['-', '05.06.2020', '05.06.2020', '31.12.2020', '31.02.2020'])},"
        f"{chance.choice(['T', 'T', 'R', 'R', 'X', '-'])}"
        for n in range(9000)
    ]
    home = tmp_path / "foreign"
    home.mkdir()
    header = "Alien No,Filed,Country,Closed,Result"
    (home / "docket.csv").write_text("\n".join([header, *rows]) + "\n")
    config = tmp_path / "mpp.toml"
    config.write_text(MAPPING)
    return home, config


def foreign(home: Path, config: Path, *more: str) -> tuple[int, bytes, str]:
    asked = ["report", "--data", str(home), "--config", str(config), "-f", "json"]
    return run([*asked, "--as-of", "2021-01-31", "--by", "nationality", *more])


def test_mapped_files_are_kept_with_all_that_is_said_of_them(
    mapped: tuple[Path, Path], parsed: list[str]
) -> None:
    without = foreign(*mapped, "--no-cache")
    assert without[0] == 0
    assert b'"Result: X"' in without[1]
    assert b'"mapping": "sha256:' in without[1]
    assert foreign(*mapped) == without
    parsed.clear()
    assert foreign(*mapped) == without
    assert parsed == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('R = "removal_ordered"', 'R = "terminated"'),
        ('date-format = "DD.MM.YYYY"', 'date-format = "MM.DD.YYYY"'),
        ('blank = ["-"]', 'blank = ["-", "GT"]'),
        ('nationality = "Country"', 'nationality = "Result"'),
    ],
)
def test_another_mapping_reads_the_files(
    mapped: tuple[Path, Path], parsed: list[str], old: str, new: str
) -> None:
    home, config = mapped
    first = foreign(home, config)
    assert old in MAPPING
    config.write_text(MAPPING.replace(old, new))
    parsed.clear()
    second = foreign(home, config)
    assert parsed == ["docket.csv"]
    assert second == foreign(home, config, "--no-cache") != first


def test_a_workbook_is_kept_sheet_by_sheet(tmp_path: Path, parsed: list[str]) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Cases"
    sheet.append(["case_id", "nta_filed_date", "nationality"])
    for n in range(12_000):
        sheet.append([f"C{n}", datetime.date(2019, 5, 1), f"{random.Random(n).random()}"])
    book.create_sheet("Notes").append(["what", "why", "when"])
    path = tmp_path / "docket.xlsx"
    book.save(path)
    assert path.stat().st_size > cache.WORTH_KEEPING
    asked = ["report", "--data", str(path), "--as-of", "2020-01-01", "-f", "json", "--no-config"]
    without = run([*asked, "--no-cache"])
    assert without[0] == 0
    assert b"Notes was passed over" in without[1]
    assert run(asked) == without
    parsed.clear()
    assert run(asked) == without
    assert parsed == []
    sheet.append(["more", datetime.date(2019, 5, 2)])
    book.save(path)
    parsed.clear()
    assert run(asked) == run([*asked, "--no-cache"]) != without
    assert parsed


# ------------------------------------------------------- when it must not answer


def test_a_file_that_has_changed_is_read(data: Path, parsed: list[str]) -> None:
    report(data)
    with (data / "completions.csv").open("a") as out:
        out.write("C6,2020-01-01,terminated,initial\n")
    parsed.clear()
    changed = report(data)
    assert "completions.csv" in parsed
    assert changed == report(data, cached=False)


def replaced(data: Path) -> None:
    """Other content of the same length in the same file, and the same time of change."""
    path = data / "cases.csv"
    before = path.stat()
    text = path.read_text()
    assert ",HN\n" in text
    with path.open("r+") as out:
        out.write(text.replace(",HN\n", ",GT\n"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    after = path.stat()
    assert (after.st_size, after.st_mtime_ns, after.st_ino) == (
        before.st_size,
        before.st_mtime_ns,
        before.st_ino,
    )


def test_a_file_replaced_in_the_same_tick_is_seen(data: Path) -> None:
    first = report(data, by=["nationality"])
    replaced(data)
    second = report(data, by=["nationality"])
    assert second != first
    assert second == report(data, cached=False, by=["nationality"])


def test_it_is_seen_where_the_system_shows_no_other_time_either(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A file system that notes no time of change, or one so coarse that it is the same.
    state = file_index._state
    monkeypatch.setattr(
        file_index, "_state", lambda path: [*state(path)[:2], state(path)[1], *state(path)[3:]]
    )
    first = report(data, by=["nationality"])
    replaced(data)
    second = report(data, by=["nationality"])
    assert second != first
    assert second == report(data, cached=False, by=["nationality"])


def test_a_file_that_was_written_long_before_is_not_even_hashed(
    data: Path, parsed: list[str], not_racy: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = report(data)
    hashed: list[Path] = []
    of = file_index.Hashes.of

    def watched(self: file_index.Hashes, path: Path, watch: Callable[[int], None]) -> str:
        hashed.append(path)
        return of(self, path, watch)

    monkeypatch.setattr(file_index.Hashes, "of", watched)
    parsed.clear()
    assert report(data) == first
    assert parsed == []
    assert not [path for path in hashed if path.parent == data]


def test_a_touched_file_is_hashed_and_found_again(data: Path, parsed: list[str]) -> None:
    first = report(data)
    os.utime(data / "cases.csv")
    parsed.clear()
    assert report(data) == first
    assert parsed == []


def test_a_file_that_came_to_the_folder_is_read(data: Path, parsed: list[str]) -> None:
    report(data)
    (data / "more.csv").write_text("case_id,granted_date,relief_type\nC9,2019-05-05,asylum\n")
    parsed.clear()
    assert report(data) == report(data, cached=False)
    assert "more.csv" in parsed


def test_another_today_is_another_question_only_where_dates_lie_after_it(
    data: Path, parsed: list[str]
) -> None:
    early = datetime.date(2020, 6, 1)
    report(data, today=early)
    parsed.clear()
    later = report(data)
    assert parsed != []
    parsed.clear()
    tomorrow = datetime.date(2031, 1, 1)
    assert report(data, today=datetime.date(2030, 1, 1)) == later
    parsed.clear()
    assert report(data, today=tomorrow) == report(data, cached=False, today=tomorrow)


def test_another_version_or_definition_does_not_use_it(
    data: Path, parsed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    report(data)
    monkeypatch.setattr(entry, "__version__", "0.0.0")
    parsed.clear()
    report(data)
    assert parsed != []
    monkeypatch.setattr(entry, "definitions_hash", lambda: "others")
    parsed.clear()
    report(data)
    assert parsed != []


def test_other_code_of_the_same_version_does_not_use_it(
    data: Path, parsed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    report(data)
    monkeypatch.setattr(entry, "_code", lambda: [["accounts.py", 1, 1]])
    parsed.clear()
    report(data)
    assert parsed != []


# -------------------------------------------------------------- damaged entries


def parts() -> list[str]:
    tables = ("history", "completions", "grants", "referrals", "encounters")
    return ["about.json", *(f"{name}.parquet" for name in tables)]


def damages() -> Iterator[tuple[str, Callable[[Path], None]]]:
    def flipped(path: Path) -> None:
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(content)

    yield "flipped bit", flipped
    yield "cut short", lambda path: os.truncate(path, path.stat().st_size // 2)
    yield "emptied", lambda path: os.truncate(path, 0)
    yield "removed", lambda path: path.unlink()


@pytest.mark.parametrize("part", parts())
@pytest.mark.parametrize("damage", [each for _, each in damages()], ids=[n for n, _ in damages()])
def test_a_damaged_entry_is_thrown_away_and_the_files_are_read(
    data: Path, home: Path, parsed: list[str], part: str, damage: Callable[[Path], None]
) -> None:
    first = report(data)
    (entry,) = entries(home)
    damage(entry / part)
    parsed.clear()
    assert report(data) == first
    assert "cases.csv" in parsed
    parsed.clear()
    assert report(data) == first
    assert parsed == []


# -------------------------------------------------------- questions asked before


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The engines that were opened on an entry, as long as the test runs."""
    engines: list[str] = []
    really = entry.open_engine

    def watched(name: str, tables: Mapping[str, Path]) -> Engine:
        engines.append(name)
        return really(name, tables)

    monkeypatch.setattr(entry, "open_engine", watched)
    return engines


@pytest.mark.parametrize("asked", ASKED, ids=str)
def test_the_same_question_again_needs_no_engine(
    data: Path, opened: list[str], asked: dict[str, object]
) -> None:
    first = report(data, **asked)
    assert report(data, **asked) == first
    assert opened == []


def test_another_question_is_no_question_asked_before(data: Path, opened: list[str]) -> None:
    others: list[dict[str, object]] = [{"where": {"nationality": each}} for each in ("HN", "GT")]
    report(data, by=["nationality"])
    for asked in others:
        before = len(opened)
        assert report(data, **asked) == report(data, cached=False, **asked)
        assert len(opened) == before + 1


@pytest.mark.parametrize("damage", [each for _, each in damages()], ids=[n for n, _ in damages()])
def test_a_damaged_answer_is_asked_for_again(
    data: Path, home: Path, opened: list[str], damage: Callable[[Path], None]
) -> None:
    first = report(data)
    for each in answers(home):
        damage(each)
    assert report(data) == first
    assert opened == ["duckdb"]
    assert report(data) == first
    assert opened == ["duckdb"]


def test_an_answer_under_the_name_of_another_question_is_none(data: Path, home: Path) -> None:
    first, written = report(data), answers(home)
    assert len(written) > 3
    held = [each.read_bytes() for each in written]
    for each, content in zip(written, held[1:] + held[:1], strict=True):
        each.write_bytes(content)
    assert report(data) == first


def test_answers_are_bounded(data: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = report(data, cached=False)
    monkeypatch.setattr(kept_answers, "LONGEST_ANSWER", 3)
    assert report(data) == first
    assert not [each for each in answers(home) if each.stat().st_size > 3 + 65]
    monkeypatch.setattr(kept_answers, "LONGEST_ANSWER", 1 << 20)
    monkeypatch.setattr(kept_answers, "MOST_ANSWERS", len([*entries(home)[0].iterdir()]) + 1)
    assert report(data) == first
    assert len([*entries(home)[0].iterdir()]) == kept_answers.MOST_ANSWERS + 1


def test_an_entry_that_vanishes_before_it_is_asked_still_answers(data: Path, home: Path) -> None:
    first = report(data)
    forget_answers(home)
    with api.load(data, columns=(), today=TODAY, cached=True) as loaded:
        shutil.rmtree(home)
        assert render(api.report(loaded, as_of=AS_OF), "json") == first


def test_a_damaged_index_only_costs_time(data: Path, home: Path) -> None:
    first = report(data)
    for content in (b"", b"{", b"[]", b'{"state": 1}', b'{"state": [], "hash": 3, "read": 1}'):
        for path in (home / "index").iterdir():
            path.write_bytes(content)
        assert report(data) == first


# ----------------------------------------------------------- the folder it is in


def test_it_is_private(data: Path, home: Path) -> None:
    home.parent.mkdir()
    home.mkdir(mode=0o755)
    before = os.umask(0)
    try:
        report(data)
    finally:
        os.umask(before)
    assert home.stat().st_mode & 0o777 == 0o700
    for path in home.rglob("*"):
        assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600), path


def test_no_case_id_is_in_it(data: Path, home: Path) -> None:
    for path in data.glob("*.csv"):
        path.write_text(path.read_text().replace("\nC", "\nSECRET"))
    report(data, by=["nationality"])
    for path in home.rglob("*"):
        assert path.is_dir() or b"SECRET" not in path.read_bytes()


def test_a_folder_of_somebody_else_is_not_used(
    data: Path, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.parent.mkdir()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    home.symlink_to(elsewhere)
    first = report(data)
    assert not [*elsewhere.iterdir()]
    home.unlink()
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    assert report(data) == first
    assert not [*home.iterdir()]


@pytest.mark.parametrize("folder", ["/proc/nowhere", "/dev/null", "\0", "/" + "x" * 300])
def test_a_folder_that_cannot_be_made_is_none(
    data: Path, folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = place.Place.found
    if "\0" in folder:
        monkeypatch.setattr("platformdirs.user_cache_path", lambda *_, **__: Path(folder))
    else:
        monkeypatch.setenv("XDG_CACHE_HOME", folder)
    assert found() is None
    assert report(data) == report(data, cached=False)


def test_without_a_home_there_is_none(data: Path) -> None:
    asked = [sys.executable, "-m", "mpp_cli", "report", "--data", str(data), "-q", "--no-config"]
    environment = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(asked, capture_output=True, env=environment, check=False, cwd=data)
    lost = [line for line in done.stderr.splitlines() if b"were set aside" not in line]
    assert (done.returncode, lost) == (0, [])
    assert sorted(each.suffix for each in data.iterdir()) == [".csv"] * 6


def test_a_full_disk_leaves_nothing_behind(data: Path, home: Path, tmp_path: Path) -> None:
    home.parent.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=40k", "tmpfs", str(home.parent)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip(f"mounting is not possible here: {mounted.stderr.decode().strip()}")
    try:
        assert report(data) == report(data, cached=False)
        assert not [each for each in home.iterdir() if each.name != "index"]
    finally:
        subprocess.run(["umount", str(home.parent)], check=True)


def test_what_was_used_last_stays(
    data: Path, home: Path, parsed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    report(data)
    os.utime(entries(home)[0], (1, 1))
    report(data, by=["nationality"])
    os.utime(next(each for each in entries(home) if each.stat().st_mtime > 1), (2, 2))
    monkeypatch.setattr(place, "MOST_ENTRIES", 2)
    report(data, by=["component"])
    parsed.clear()
    report(data, by=["nationality"])
    assert parsed == []
    assert len(entries(home)) == 2
    monkeypatch.setattr(place, "MOST_BYTES", 1)
    (data / "grants.csv").unlink()
    report(data)
    assert len(entries(home)) == 1


def test_what_a_killed_run_has_left_is_swept(data: Path, home: Path) -> None:
    home.mkdir(parents=True)
    left = home / ".unfinished-0123"
    left.mkdir()
    (left / "history.parquet").write_bytes(b"half")
    report(data)
    assert left.exists()  # perhaps a run that is still writing
    os.utime(left, (1, 1))
    report(data, by=["nationality"])
    assert not left.exists()


def test_runs_at_the_same_time_do_not_disturb_each_other(data: Path, home: Path) -> None:
    asked = [sys.executable, "-m", "mpp_cli", "report", "--data", str(data), "--no-config"]
    asked += ["--as-of", AS_OF, "-f", "json", "-q"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    for _ in range(2):  # into an empty cache, then out of a full one
        running = [subprocess.Popen(asked, stdout=subprocess.PIPE, env=environment) for _ in "123"]
        answers = {each.communicate()[0] for each in running}
        assert [each.returncode for each in running] == [0, 0, 0]
        assert len(answers) == 1
    assert not [each for each in home.iterdir() if each.name.startswith(".unfinished")]


def test_an_entry_that_vanishes_while_it_is_read_is_none(
    data: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = report(data)
    really = entry.hash_of

    def removed_afterwards(stream: BinaryIO) -> str:
        found = really(stream)
        shutil.rmtree(Path(stream.name).parent)
        return found

    with monkeypatch.context() as patched:
        patched.setattr(entry, "hash_of", removed_afterwards)
        assert report(data) == first
    assert report(data) == first
