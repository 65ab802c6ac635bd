"""``mpp import eoir``: a folder that answers in a moment, or no folder at all."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from mpp_cli.sample.release import Size, write_release
from mpp_cli.sources.eoir import stored
from tests.harness import run, run_json
from tests.sources import court


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("releases") / "EOIR 2026-02"
    folder.mkdir()
    write_release(folder, Size(mpp_cases=150), seed=3)
    return folder


@pytest.fixture(scope="module")
def imported(release: Path) -> tuple[Path, str, str]:
    out = release.parent / "imported"
    code, said, told = run(["import", "eoir", str(release), "-o", str(out)])
    assert code == 0, told
    return out, said.decode(), told


def test_the_folder_holds_tables_and_the_ledger(imported: tuple[Path, str, str]) -> None:
    out, _, _ = imported
    assert {path.name for path in out.iterdir()} == {
        "cases.parquet",
        "completions.parquet",
        "grants.parquet",
        "set_aside.parquet",
        "blanked_values.parquet",
        "corrected_rows.parquet",
        "import.json",
    }
    about = json.loads((out / "import.json").read_text())
    assert about["format"] == "mpp-import/1"
    assert about["release"] == {"name": "EOIR 2026-02", "date": "2026-02-28"}
    assert about["options"] == {
        "cohort": "identifier",
        "case_types": ["RMV"],
        "nta_date": "input",
        "compare_dockets": False,
        "custody": "first",
    }
    assert set(about["cohort"]) == {"identifier_only", "location_only", "both", "by_identifier"}
    for each in about["files"]:
        lost = sum(each["rows_outside"].values()) + sum(each["set_aside"].values())
        assert each["rows_read"] == each["rows_used"] + lost
        assert set(each["examples"]) == set(each["set_aside"])


def test_the_ledger_is_shown_as_a_short_table(imported: tuple[Path, str, str]) -> None:
    out, said, told = imported
    assert "by identifier only" in said
    assert "by location only" in said
    assert "MP " in said
    assert "RM " in said
    (row,) = [line for line in said.splitlines() if line.startswith("B_TblProceeding.csv")]
    read, used, outside, aside = (int(cell.replace(",", "")) for cell in row.split()[1:])
    assert read == used + outside + aside
    about = json.loads((out / "import.json").read_text())
    (file,) = [each for each in about["files"] if each["file"] == "B_TblProceeding.csv"]
    assert (read, used) == (file["rows_read"], file["rows_used"])
    # What was set aside by reason, with its lines; codes not on any list, with counts.
    words = " ".join(said.split())
    (line,) = file["examples"]["duplicate"]
    assert f"1 duplicate (line {line})" in words
    assert "Repaired: B_TblProceeding.csv: 2 rows with shifted fields" in words
    assert f"NAT NA ({file['unknown_codes']['NAT NA']})" in words
    # Stage lines, because nobody watches.
    for stage in ("reading B_TblProceeding.csv", "putting cases together", "writing the tables"):
        assert f"mpp: {stage}" in told


def test_a_report_is_the_same_from_the_import_as_from_the_release(
    release: Path, imported: tuple[Path, str, str]
) -> None:
    answers = []
    for data in (release, imported[0]):
        code, found, told = run_json(["report", "--data", str(data), "--as-of", "2020-12-31"])
        assert code == 0, told
        assert found is not None
        del found["request"]["data"]
        answers.append((found, told))
    assert answers[0] == answers[1]
    notes = {note["id"] for note in answers[1][0]["goals"][1]["metrics"][0]["footnotes"]}
    assert "eoir-cohort" in notes


def test_the_rows_set_aside_are_listed_from_both(
    release: Path, imported: tuple[Path, str, str], tmp_path: Path
) -> None:
    listed = []
    for number, data in enumerate((release, imported[0])):
        target = tmp_path / f"{number}.csv"
        code, _, told = run(
            ["report", "--data", str(data), "--rejects", str(target), "-q", "--no-config"]
        )
        assert code == 0, told
        listed.append(target.read_text().splitlines())
    assert listed[0] == listed[1]
    assert all(line.rpartition(",")[2] for line in listed[0] if line.startswith("duplicate"))
    assert len(listed[0]) > 8
    code, _, _ = run(["validate", str(release), "--no-config"])
    assert code == 5


def test_a_row_whose_case_nobody_knows_is_explained_from_both(tmp_path: Path) -> None:
    drawn = court.draw(
        tmp_path,
        proceedings="""
        | IDNPROCEEDING | IDNCASE | INPUT_DATE | CUSTODY |
        | 11            | 1       | 2019-03-01 | N |
        | 12            | 1009    | 2019-03-01 | N |
        | 13            | 1       | 2019-03-01 | N |
        | 13            | 1       | 2019-03-01 | N |
        """,
        cases="| IDNCASE |\n| 1 |",
    )
    out = tmp_path / "out"
    code, _, told = run(["import", "eoir", str(drawn), "-o", str(out), "--compare-dockets", "-q"])
    assert code == 0, told
    for case, data, reason, line in (
        ("1009", out, "orphan", 3),
        ("1", out, "duplicate", 5),
        ("1", drawn, "duplicate", 5),
    ):
        command = ["explain", "completion-rate", "--case", case, "--data", str(data), "--no-config"]
        _, said, told = run(command)
        words = " ".join(said.decode().split())
        assert f"B_TblProceeding.csv:{line}" in words, told
        assert reason in words


def test_a_row_of_another_case_is_not_shown_for_the_number_of_its_proceeding(
    tmp_path: Path,
) -> None:
    drawn = court.draw(
        tmp_path,
        proceedings="""
        | IDNPROCEEDING | IDNCASE | INPUT_DATE |
        | 11            | 1       | 2019-03-01 |
        | 1             | 2       | 2019-03-02 |
        | 1             | 2       | 2019-03-02 |
        """,
        identifiers="| IDNCASE | CASE_ID |\n| 1 | MP |\n| 2 | MP |",
    )
    out = tmp_path / "out"
    assert run(["import", "eoir", str(drawn), "-o", str(out), "-q"])[0] == 0
    for data in (out, drawn):
        for case, times in (("1", 0), ("2", 1)):
            command = ["explain", "completion-rate", "--case", case, "--data", str(data)]
            _, said, told = run([*command, "--no-config"])
            assert said.decode().count("duplicate") == times, told


def test_a_breakdown_by_the_courts_own_columns(imported: tuple[Path, str, str]) -> None:
    for by in ("identifier", "nationality", "hearing_location"):
        arguments = ["metric", "total-enrolled", "--data", str(imported[0]), "--by", by]
        code, found, told = run_json(arguments)
        assert code == 0, told
        assert found is not None
        assert len(found["metric"]["rows"]) > 1


def test_the_options_reach_the_rules(release: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    options = "--cohort either --case-types RMV,WHO --nta-date issued --compare-dockets -q".split()
    options += ["--custody", "latest"]
    code, said, told = run(["import", "eoir", str(release), "-o", str(out), *options])
    assert (code, said, told) == (0, b"", "")
    about = json.loads((out / "import.json").read_text())
    assert about["options"] == {
        "cohort": "either",
        "case_types": ["RMV", "WHO"],
        "nta_date": "issued",
        "compare_dockets": True,
        "custody": "latest",
    }
    code, found, _ = run_json(["metric", "total-enrolled", "--data", str(out)])
    assert found is not None
    notes = " ".join(note["text"] for note in found["metric"]["footnotes"])
    assert "cohort either" in notes
    assert "RMV, WHO" in notes
    assert "nta-date issued" in notes
    assert "CUSTODY is D" in notes


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--cohort", "identifer"], 2, 'did you mean "identifier"'),
        (["--nta-date", "x"], 2, "known names: input, issued"),
        (["--case-types", " , "], 2, "--case-types names no case type"),
    ],
)
def test_a_wrong_choice(
    release: Path, tmp_path: Path, arguments: list[str], code: int, said: str
) -> None:
    out = tmp_path / "out"
    found, _, told = run(["import", "eoir", str(release), "-o", str(out), *arguments])
    assert (found, out.exists()) == (code, False)
    assert said in told


def test_what_is_no_release_is_refused(tmp_path: Path) -> None:
    out = tmp_path / "out"
    (tmp_path / "empty").mkdir()
    for name, reason in (
        ("empty", "is not a court release"),
        ("missing", "no such file or folder"),
    ):
        code, _, told = run(["import", "eoir", str(tmp_path / name), "-o", str(out)])
        assert (code, out.exists()) == (3, False)
        assert reason in told


def test_an_earlier_import_is_replaced_only_when_asked(
    release: Path, imported: tuple[Path, str, str], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    again = ["import", "eoir", str(release), "-o", str(out), "-q"]
    assert run(again)[0] == 0
    assert run(again)[0] == 4
    assert run([*again, "--force"])[0] == 0
    (out / "letter.txt").write_text("mine")
    assert run([*again, "--force"])[0] == 4
    assert (out / "letter.txt").exists()


def test_two_imports_of_one_release_are_the_same_bytes(
    release: Path, imported: tuple[Path, str, str], tmp_path: Path
) -> None:
    assert run(["import", "eoir", str(release), "-o", str(tmp_path / "out"), "-q"])[0] == 0
    for path in imported[0].iterdir():
        assert path.read_bytes() == (tmp_path / "out" / path.name).read_bytes(), path.name


@pytest.mark.parametrize("name", ["cases.parquet", "set_aside.parquet", "import.json"])
def test_a_damaged_import_is_refused(release: Path, tmp_path: Path, name: str) -> None:
    out = tmp_path / "out"
    assert run(["import", "eoir", str(release), "-o", str(out), "-q"])[0] == 0
    (out / name).write_bytes((out / name).read_bytes()[:40])
    code, said, told = run(["report", "--data", str(out), "--no-config"])
    assert (code, said) == (3, b"")
    assert "is not a complete import" in told


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="POSIX signals")
@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -9)]
)
def test_an_interrupted_import_leaves_nothing_that_a_report_accepts(
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    number: signal.Signals,
    code: int,
) -> None:
    release, out = tmp_path / "release", tmp_path / "out"
    release.mkdir()
    write_release(release, Size.of(400_000))
    scratch = tmp_path_factory.mktemp("scratch")
    command = [sys.executable, "-m", "mpp_cli", "import", "eoir", str(release), "-o", str(out)]
    process = subprocess.Popen(
        [*command, "--compare-dockets"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "TMPDIR": str(scratch)},
    )
    assert process.stderr is not None
    for line in process.stderr:
        if b"A_TblCaseIdentifier.csv" in line:
            # Held up in the middle: once the files were found to be files, the last one
            # becomes a pipe that nobody fills.
            (release / "tbl_Court_Appln.csv").unlink()
            os.mkfifo(release / "tbl_Court_Appln.csv")
        if b"A_TblCase.csv" in line:
            break
    time.sleep(0.2)
    process.send_signal(number)
    said, told = process.communicate(timeout=30)
    assert (process.returncode, said) == (code, b"")
    assert b"Traceback" not in told
    assert not out.exists()
    # What was on disk while the import ran is gone, too, unless nobody could tidy up.
    held = [path for path in scratch.iterdir() if path.name.startswith("mpp-scratch")]
    assert bool(held) == (number == signal.SIGKILL)
    left = [path for path in tmp_path.iterdir() if path.name != "release"]
    assert (not left) == (number != signal.SIGKILL)
    for each in left:
        assert run(["report", "--data", str(each), "--no-config"])[0] == 3
    # The next run removes what a killed one has left.
    (release / "tbl_Court_Appln.csv").unlink()
    again = subprocess.run([*command, "-q"], env={**os.environ, "TMPDIR": str(scratch)}, timeout=60)
    assert again.returncode == 0
    assert list(scratch.iterdir()) == []
    assert {path.name for path in tmp_path.iterdir()} == {"release", "out"}


@pytest.mark.parametrize("renamed", range(7))
def test_an_import_that_ends_while_its_files_get_their_names_is_refused(
    release: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, renamed: int
) -> None:
    rename, done = Path.rename, []

    def stopping(path: Path, target: Path) -> Path:
        if path.parent == tmp_path and len(done) == renamed:
            raise InterruptedError
        done.append(path)
        return rename(path, target)

    with court.load(release) as data:
        settled = data.judgement.dataset.settled[0]
        write = partial(stored.write, tmp_path, data.judgement.dataset.engine, settled)
        monkeypatch.setattr(Path, "rename", stopping)
        if renamed < 6:
            with pytest.raises(InterruptedError):
                write(data.judgement.sources, "1")
        else:
            write(data.judgement.sources, "1")
    monkeypatch.undo()
    code, said, told = run(["report", "--data", str(tmp_path), "--no-config", "-q"])
    assert code == (3 if renamed < 6 else 0), told
    assert bool(said) == (renamed == 6)
