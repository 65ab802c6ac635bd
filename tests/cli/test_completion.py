"""Shell completion, through the protocol that bash speaks: names on stdout, nothing else ever."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

from mpp_cli.goals import ADDITIONAL, METRICS
from mpp_cli.sources.schema import TABLES
from tests.cli.test_contract import environment
from tests.harness import run
from tests.spec.draw import folder


def offered(line: str, cwd: Path | str = "/", **more: str) -> list[str]:
    """What TAB offers at the end of a line; the last word is the one being typed."""
    words = line.split(" ")
    env = environment(
        _MPP_COMPLETE="complete_bash", COMP_WORDS=line, COMP_CWORD=str(len(words) - 1), **more
    )
    done = subprocess.run(
        [sys.executable, "-m", "mpp_cli"],
        env=env,
        cwd=cwd,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=20,
        check=False,
    )
    assert done.stderr == ""
    assert done.returncode == 0
    return done.stdout.split()


def test_commands() -> None:
    assert {"report", "metric", "explain", "validate", "schema", "sample"} <= {*offered("mpp ")}
    assert offered("mpp expl") == ["explain"]


@pytest.mark.parametrize("command", ["metric", "explain"])
def test_metrics(command: str) -> None:
    assert offered(f"mpp {command} ") == [*METRICS, *ADDITIONAL]
    assert offered(f"mpp {command} comp") == ["completion-rate"]


def test_measures_are_those_of_the_metric() -> None:
    assert offered("mpp metric completion-rate --measure ") == [
        "total_enrolled",
        "cases_completed",
        "completion_percentage",
    ]


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("mpp report -f ", ["table", "markdown", "csv", "json", "html", "xlsx", "value"]),
        ("mpp report --format ma", ["markdown"]),
        ("mpp explain total-enrolled -f ", ["table", "markdown", "json"]),
        ("mpp validate -f ", ["table", "markdown", "csv", "json"]),
        ("mpp schema -f ", ["table", "markdown", "json"]),
        ("mpp sample out -f ", ["csv", "csv.gz"]),
    ],
)
def test_formats(line: str, names: list[str]) -> None:
    assert set(names) <= {*offered(line)}


def test_tables() -> None:
    assert set(TABLES) <= {*offered("mpp schema ")}
    assert offered("mpp schema enc") == ["encounters"]


def test_columns_of_the_description() -> None:
    found = offered("mpp report --by ")
    assert {"month", "fiscal_year", "nationality", "component", "title_of_authority"} <= {*found}
    assert "case_id" not in found
    assert len(found) == len({*found})
    assert offered("mpp metric completion-rate --where comp") == ["component=USBP", "component=OFO"]
    assert offered("mpp metric completion-rate --where nation") == ["nationality="]


def test_columns_of_the_data_in_reach(tmp_path: Path) -> None:
    data = folder(
        cases="case_id,Judge Name,x;y\nA,B,C\n", completions="case_id,completion_date,zz\n"
    )
    for line, where, more in (
        (f"mpp report --data {data} --by ", "/", {}),
        (f"mpp report --data {data}/cases.csv --by ", "/", {}),
        (f"mpp report --data {data}/*.csv --by ", "/", {}),
        ("mpp report --by ", "/", {"MPP_DATA": str(data)}),
        ("mpp report --by ", tmp_path, {}),
    ):
        (tmp_path / "mpp.toml").write_text(f'data = "{data}"\n')
        found = offered(line, where, **more)
        assert "judge_name" in found, line
        # A name that a shell would trip over, and a column of events, are no help.
        assert not {"x;y", "zz"} & {*found}


def test_columns_of_other_tables_and_of_a_mapping_are_offered(tmp_path: Path) -> None:
    (tmp_path / "cases.tsv").write_text("case_id\tnta_filed_date\tjudge\nA\t2020-01-01\tX\n")
    assert "judge" in offered(f"mpp compare --data {tmp_path} --by j")
    with duckdb.connect() as connection:
        connection.execute(
            f"COPY (SELECT 'A' AS case_id, 'X' AS \"Court Room\") TO '{tmp_path}/cases.parquet'"
        )
    assert "court_room" in offered(f"mpp explain completion-rate --data {tmp_path} --by co")
    (tmp_path / "mpp.toml").write_text(
        '[tables.cases]\nfile = "people.csv"\n'
        'columns = { case_id = "Subject", agency_unit = "Unit" }\n'
    )
    assert "agency_unit" in offered("mpp reconcile --by ag", tmp_path)


def test_what_is_wrong_with_the_data_is_not_told_by_tab(tmp_path: Path) -> None:
    (tmp_path / "cases.csv").write_bytes(bytes(range(256)))
    (tmp_path / "other.csv.gz").write_bytes(b"no gzip")
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "mpp.toml").write_text("data = [\n")
    for data in (tmp_path, tmp_path / "pipe.csv", tmp_path / "gone", "-", "/dev/zero", "sample"):
        started = time.monotonic()
        assert "nationality" in offered(f"mpp report --data {data} --by na")
        assert time.monotonic() - started < 5
    assert "nationality" in offered("mpp report --by na", tmp_path)
    assert "nationality" in offered("mpp report --by na", MPP_DATA="")


def test_a_header_is_read_from_the_start_of_a_large_file(tmp_path: Path) -> None:
    with (tmp_path / "cases.csv").open("wb") as out:
        out.write(b"\xef\xbb\xbfcase_id,judge\n")
        out.seek(1 << 33)  # a hole: the file is long and takes no room
        out.write(b"\n")
    assert "judge" in offered(f"mpp report --data {tmp_path} --by j")


@pytest.mark.parametrize(
    ("shell", "sign"),
    [
        ("bash", "complete -o default -F"),
        ("zsh", "#compdef mpp"),
        ("fish", "complete --command mpp"),
        ("powershell", "Register-ArgumentCompleter"),
        ("pwsh", "Register-ArgumentCompleter"),
    ],
)
def test_the_script_of_a_named_shell_is_printed(shell: str, sign: str) -> None:
    for words in (["--show-completion", shell], [f"--show-completion={shell}"]):
        code, out, err = run(words)
        assert (code, err) == (0, "")
        assert sign in out.decode()
        assert "_MPP_COMPLETE" in out.decode()


def test_the_completion_of_a_named_shell_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    code, out, _ = run(["--install-completion", "fish"])
    installed = tmp_path / ".config" / "fish" / "completions" / "mpp.fish"
    assert code == 0
    assert str(installed) in out.decode()
    assert "complete --command mpp" in installed.read_text()


@pytest.mark.parametrize("shell", ["zsh", "fish", "bash"])
def test_the_script_of_every_shell_can_be_had(shell: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mpp_cli"],
        env=environment(_MPP_COMPLETE=f"source_{shell}"),
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "mpp" in done.stdout
