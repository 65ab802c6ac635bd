"""What scripts and cron rely on: real runs of the program, their codes, streams and files."""

from __future__ import annotations

import csv
import datetime
import fcntl
import json
import os
import pty
import re
import signal
import stat
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path
from typing import Any

import pytest

from tests.spec.draw import draw

PROGRAM = [sys.executable, "-m", "mpp_cli"]
RATE = ["metric", "completion-rate"]
ENROLLED = ["metric", "total-enrolled"]
BY_NATIONALITY = [*ENROLLED, "--by", "nationality"]
FORMATS = ("table", "markdown", "csv", "json")
#: What a reader must be able to see in the same way everywhere.
NEVER_INHERITED = re.compile(r"MPP_|NO_COLOR|FORCE_COLOR|TERM|COLUMNS|LINES|LC_|LANG|PYTHON")

Done = subprocess.CompletedProcess[bytes]


def environment(**changes: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not NEVER_INHERITED.match(name)}
    return kept | changes


def mpp(*arguments: str | Path, cwd: Path | str = "/", **options: Any) -> Done:
    """Run the program with its output into pipes, by default in a folder without mpp.toml."""
    options.setdefault("env", environment())
    if "input" not in options:
        options.setdefault("stdin", subprocess.DEVNULL)
    command = [*PROGRAM, *map(str, arguments)]
    options.setdefault("stdout", subprocess.PIPE)
    return subprocess.run(
        command, cwd=cwd, stderr=subprocess.PIPE, timeout=60, check=False, **options
    )


def words(value: object) -> str | None:
    """A command line as the name of a test; other parameters name themselves."""
    return " ".join(value) or "none" if isinstance(value, list) else None


def ok(*arguments: str | Path, **options: Any) -> bytes:
    """What a run that must succeed printed."""
    done = mpp(*arguments, **options)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout or b""


def assert_refused(done: Done, code: int, *said: str) -> None:
    """The run printed nothing but one clear error on stderr, and ended with this code."""
    error = done.stderr.decode()
    assert (done.returncode, done.stdout) == (code, b""), error
    assert "Traceback" not in error
    assert sum(line.startswith("mpp: error: ") for line in error.splitlines()) == 1, error
    for text in said:
        assert text in error


@pytest.fixture(scope="module")
def data() -> Path:
    """A clean folder with every table."""
    return draw(
        {
            "cases": """
                | case_id | nta_filed_date | nationality |
                | A       | 2019-06-03     | MÉXICO, x   |
                | B       | 2019-06-03     | HONDURAS    |
                | C       | 2020-12-30     |             |
            """,
            "completions": """
                | case_id | completion_date | outcome         |
                | A       | 2020-02-03      | removal_ordered |
            """,
            "grants": """
                | case_id | granted_date | relief_type |
                | B       | 2020-02-03   | asylum      |
            """,
            "referrals": """
                | case_id | referred_date |
                | B       | 2019-07-01    |
            """,
            "encounters": """
                | fiscal_year | month | component | encounters |
                | 2021        | OCT   | USBP      | 69032      |
                | 2021        | OCT   | OFO       | 2897       |
            """,
        }
    )


@pytest.fixture(scope="module")
def dirty() -> Path:
    """Four rows of cases: one is set aside, one has a value that is read as blank."""
    return draw(
        {
            "cases": """
                | case_id | nta_filed_date | component |
                | A       | 2019-06-03     | USBP      |
                | B       | soon           | USBP      |
                | C       | 2019-06-03     | ICE       |
                | D       | 2019-06-03     | OFO       |
            """
        }
    )


@pytest.fixture
def report(tmp_path: Path) -> Path:
    """The last good report, which a failure must leave alone."""
    path = tmp_path / "report.json"
    path.write_text("the last good report")
    return path


def assert_untouched(report: Path) -> None:
    assert report.read_text() == "the last good report"
    assert os.listdir(report.parent) == [report.name]


# ----------------------------------------------------------------- wrong input


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["metric", "completon-rate"], ['"completon-rate"', 'did you mean "completion-rate"?']),
        ([*RATE, "--by", "nationalty"], ['"nationalty"', 'did you mean "nationality"?']),
        ([*RATE, "--where", "nationalty=x"], ['"nationalty"', 'did you mean "nationality"?']),
        ([*RATE, "--measure", "case_completed"], ['did you mean "cases_completed"?']),
        ([*RATE, "--by", "case_id"], ["case_id"]),
        ([*RATE, "--as-of", "31/12/2020"], ['"31/12/2020"', "YYYY-MM-DD or M/D/YYYY"]),
        (["report", "-f", "cvs"], ['"cvs"', 'did you mean "csv"?']),
        (["report", "-f", "value"], ["mpp metric"]),
        (["report", "--max-set-aside", "few"], ['"few"', "0.1%"]),
        (["report", "--max-age", "-1"], ["--max-age"]),
        (["report", "--as-off", "2020-12-31"], ["--as-off", "--as-of"]),
        (["reprot"], ["reprot", "report"]),
        (["report", "--engine", "duckbd"], ["duckbd", "duckdb"]),
    ],
    ids=words,
)
def test_wrong_usage_is_one_clear_error_and_exit_2(
    arguments: list[str], said: list[str], data: Path, report: Path
) -> None:
    more = [] if arguments == ["reprot"] else ["--data", data, "-o", report]
    assert_refused(mpp(*arguments, *more), 2, *said)
    assert_untouched(report)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("grants.csv", b"case_id,relief_type\n", ["grants.csv:1", '"granted_date"']),
        ("cases.csv", b"", ["cases.csv", "empty"]),
        ("cases.csv", b"case_id,nta_filed_date,Case Id\n", ["cases.csv:1", "more than once"]),
        ("cases.csv.gz", b"this is no gzip", ["cases.csv.gz", "gzip"]),
        ("budget.csv", b"year,dollars\n2020,5\n", ["none of its column headings match"]),
        ("budget.csv/", b"", ["no file"]),
        ("gone.csv", None, ["gone.csv"]),
        ("*.tsv", None, ["*.tsv"]),
    ],
)
def test_data_that_cannot_be_read_are_one_clear_error_and_exit_3(
    name: str, content: bytes | None, said: list[str], tmp_path: Path
) -> None:
    (tmp_path / "in").mkdir()
    path = tmp_path / "in" / name
    if name.endswith("/"):
        path.mkdir()
    elif content is not None:
        path.write_bytes(content)
    report = tmp_path / "out" / "report.json"
    report.parent.mkdir()
    report.write_text("the last good report")
    assert_refused(mpp("report", "--data", path, "-o", report), 3, *said)
    assert_untouched(report)


def test_a_file_that_the_system_cannot_read_is_exit_3(report: Path) -> None:
    memory = Path("/proc/self/mem")  # a file that is there and cannot be read, not even by root
    if not memory.exists():
        pytest.skip("this system has no file that nobody can read")
    assert_refused(mpp("report", "--data", memory, "-o", report), 3, "cannot be read")
    assert_untouched(report)


def test_an_error_shows_where_it_is_and_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "grants.csv").write_text("\ncase_id,date_granted,relief_type\n")
    error = mpp("report", "--data", tmp_path).stderr.decode().splitlines()
    assert error[0].startswith("mpp: error: grants.csv:2: ")
    assert error[1] == "      case_id,date_granted,relief_type"
    assert error[2].startswith("hint: ")


def test_a_metric_that_is_unavailable_is_exit_3_and_a_report_of_the_rest_is_exit_0(
    dirty: Path,
) -> None:
    assert_refused(mpp("metric", "relief-granted", "--data", dirty, "-q"), 3, "grants")
    printed = ok("report", "--data", dirty, "-f", "json")
    status = {
        metric["name"]: metric["status"]
        for goal in json.loads(printed)["goals"]
        for metric in goal["metrics"]
    }
    assert status.pop("total-enrolled") == "ok"
    assert set(status.values()) == {"unavailable"}


def test_no_arguments_print_help_and_exit_2() -> None:
    done = mpp()
    assert done.returncode == 2
    assert b"report" in done.stdout + done.stderr


# ----------------------------------------------------------------------- value


def test_the_value_of_the_sample_is_that_of_the_document() -> None:
    done = mpp(*RATE, "--data", "sample", "-f", "value")
    assert (done.returncode, done.stdout) == (0, b"64.69\n")
    assert b"2020-12-31" in done.stderr  # the date is always told
    assert b"SAMPLE DATA" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "printed"),
    [
        ([*RATE], b"33.33\n"),
        ([*RATE, "--measure", "cases_completed"], b"1\n"),
        (["metric", "enforcement-encounters"], b"71929\n"),
    ],
    ids=words,
)
def test_a_value_is_a_bare_number(arguments: list[str], printed: bytes, data: Path) -> None:
    assert ok(*arguments, "--data", data, "-f", "value") == printed


def test_a_value_that_does_not_exist_is_nothing_and_exit_3(data: Path) -> None:
    arguments = ["--data", data, "--as-of", "2018-12-31", "-f", "value", "-q"]
    assert_refused(mpp(*RATE, *arguments), 3, "n/a")
    assert ok(*RATE, "--measure", "total_enrolled", *arguments) == b"0\n"


def test_a_value_that_does_not_exist_leaves_the_last_good_file_alone(
    data: Path, report: Path
) -> None:
    done = mpp(*RATE, "--data", data, "--as-of", "2018-12-31", "-f", "value", "-o", report)
    assert_refused(done, 3, "n/a")
    assert_untouched(report)


def test_a_fiscal_year_without_a_whole_month_is_nothing_and_exit_0(data: Path) -> None:
    arguments = ["metric", "enforcement-encounters", "--data", data, "--as-of", "2021-10-30"]
    assert ok(*arguments, "-f", "value") == b""
    assert b"October 2020" in ok(*arguments)


# ---------------------------------------------------------------------- checks


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ([], 0),
        (["--max-set-aside", "2"], 0),
        (["--max-set-aside", "1"], 5),  # a value read as blank counts, too
        (["--max-set-aside", "50%"], 0),
        (["--max-set-aside", "49.9%"], 5),
        (["--strict"], 5),
    ],
    ids=words,
)
def test_more_rows_lost_than_allowed_print_no_figure_and_exit_5(
    options: list[str], code: int, dirty: Path, report: Path
) -> None:
    done = mpp(*ENROLLED, "--data", dirty, "-o", report, *options)
    assert (done.returncode, done.stdout) == (code, b"")
    if code:
        assert_refused(done, 5, "cases.csv:3", "--rejects")
        assert_untouched(report)
    else:
        assert json.loads(report.read_text())["metric"]["measures"][0]["value"] == 3


def test_strict_wants_every_metric_and_clean_data(data: Path) -> None:
    ok("report", "--data", data, "--strict")
    only_cases = draw({"cases": "| case_id | nta_filed_date |"})
    assert_refused(mpp("report", "--data", only_cases, "--strict"), 5, "unavailable")
    ok(*ENROLLED, "--data", only_cases, "--strict")


def test_data_that_are_too_old_print_no_figure_and_exit_5(report: Path) -> None:
    ended = datetime.date.today() - datetime.timedelta(days=10)
    data = draw({"cases": f"| case_id | nta_filed_date |\n| A | {ended} |"})
    assert_refused(
        mpp(*ENROLLED, "--data", data, "--max-age", "9", "-o", report), 5, str(ended), "--max-age 9"
    )
    assert_untouched(report)
    ok(*ENROLLED, "--data", data, "--max-age", "11", "-o", report)
    assert json.loads(report.read_text())["as_of"] == str(ended)


def test_rejects_are_a_private_list_of_every_row_and_value_that_was_lost(
    dirty: Path, tmp_path: Path
) -> None:
    rejects = tmp_path / "rejects.csv"
    done = mpp(*ENROLLED, "--data", dirty, "--rejects", rejects, "--strict", umask=0)
    assert done.returncode == 5  # they are written even though the report is not
    with rejects.open(newline="") as lines:
        assert list(csv.reader(lines)) == [
            ["reason", "file", "line", "column", "raw"],
            ["unreadable_date", "cases.csv", "3", "nta_filed_date", "B,soon,USBP"],
            ["blanked", "cases.csv", "4", "component", "C,2019-06-03,ICE"],
        ]
    assert stat.S_IMODE(rejects.stat().st_mode) == 0o600


def test_no_case_is_named_outside_the_rejects() -> None:
    secret = draw({"cases": "| case_id | nta_filed_date |\n| A-123 | 2019-06-03 |\n| A-456 | x |"})
    for format in ("markdown", "json"):
        done = mpp("report", "--data", secret, "-f", format)
        assert done.returncode == 0
        assert not re.search(rb"A-(123|456)", done.stdout + done.stderr)


def test_what_was_lost_is_told_on_stderr_and_not_when_quiet(dirty: Path) -> None:
    done = mpp(*ENROLLED, "--data", dirty)
    assert b"of 4 rows read; set aside: 1; values read as blank: 1" in done.stderr
    quiet = mpp(*ENROLLED, "--data", dirty, "-q")
    assert (quiet.returncode, quiet.stdout) == (0, done.stdout)
    # A file that lost a tenth of its rows, or more, is spoken of all the same.
    said = b"mpp: warning: 1 of 4 rows of cases.csv were set aside (1 unreadable date)\n"
    assert quiet.stderr == said


def test_a_little_that_was_lost_is_not_told_when_quiet(tmp_path: Path) -> None:
    rows = "".join(f"A{number},2019-06-03\n" for number in range(10))
    (tmp_path / "cases.csv").write_text(f"case_id,nta_filed_date\n{rows}B,soon\n")
    quiet = mpp(*ENROLLED, "--data", tmp_path, "-q")
    assert (quiet.returncode, quiet.stderr) == (0, b"")


# ---------------------------------------------------------------------- sample


@pytest.mark.parametrize("value", ["", "gone"])
def test_data_that_are_set_and_not_there_never_become_the_sample(
    value: str, tmp_path: Path
) -> None:
    assert_refused(mpp(*RATE, cwd=tmp_path, env=environment(MPP_DATA=value)), 3, "MPP_DATA")


@pytest.mark.parametrize("option", ["-q", "--strict", "-o"])
def test_where_nobody_looks_the_sample_must_be_asked_for(option: str, report: Path) -> None:
    options = ["-o", str(report)] if option == "-o" else [option]
    assert_refused(mpp(*RATE, *options, cwd=report.parent), 3, "--data sample")
    assert_untouched(report)


def test_the_variable_names_the_data(data: Path, tmp_path: Path) -> None:
    env = environment(MPP_DATA=str(data))
    assert ok(*RATE, "-f", "value", "-q", cwd=tmp_path, env=env) == b"33.33\n"


def test_without_data_the_sample_is_used_and_called_so_on_both_streams(tmp_path: Path) -> None:
    done = mpp(*ENROLLED, cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout.startswith(b"SAMPLE DATA: ")
    assert b"SAMPLE DATA" in done.stderr


# ------------------------------------------------------------- the surroundings


def test_no_environment_no_home_and_a_folder_that_cannot_be_written(
    data: Path, piped: bytes
) -> None:
    assert ok(*BY_NATIONALITY, "--data", data, env={}, cwd="/proc") == piped


@pytest.fixture(scope="module")
def piped(data: Path) -> bytes:
    return ok(*BY_NATIONALITY, "--data", data)


@pytest.mark.parametrize(
    "surroundings",
    [
        {"LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"NO_COLOR": "1", "TZ": "Pacific/Kiritimati"},
        {"TERM": "dumb"},
        {"TERM": "xterm-256color", "COLORTERM": "truecolor", "FORCE_COLOR": "1"},
    ],
    ids=str,
)
def test_piped_text_is_the_same_in_any_surroundings(
    surroundings: dict[str, str], data: Path, piped: bytes
) -> None:
    assert ok(*BY_NATIONALITY, "--data", data, env=environment(**surroundings)) == piped
    assert "MÉXICO, x" in piped.decode()
    assert b"\x1b" not in piped


def test_the_same_inputs_give_the_same_bytes(data: Path, tmp_path: Path) -> None:
    commands = [
        *(["report", "--by", "nationality", "--data", str(data), "-f", name] for name in FORMATS),
        [*RATE, "--data", str(data), "-f", "value"],
    ]
    code = f"from mpp_cli.app import main\nfor each in {commands}: main(each)"
    first, second = (
        subprocess.run(
            [sys.executable, "-c", code],
            env=environment(PYTHONHASHSEED=seed),
            cwd=cwd,
            capture_output=True,
            check=True,
        ).stdout
        for seed, cwd in (("1", "/"), ("2", tmp_path))
    )
    assert first.startswith(b"Migrant Protection Protocols")
    assert first.endswith(b"}\n33.33\n")
    assert first == second


# ------------------------------------------------------------------ the output


def test_a_reader_that_has_seen_enough_is_no_error() -> None:
    lines = "\n".join(f"| C{n} | 2019-06-03 | {'x' * 60} {n} |" for n in range(900))
    data = draw({"cases": f"| case_id | nta_filed_date | location |\n{lines}"})
    arguments = [*PROGRAM, *ENROLLED, "--data", str(data), "--by", "location", "-f", "json", "-q"]
    script = '"$@" | head -1; echo "${PIPESTATUS[0]}"'
    done = subprocess.run(
        ["bash", "-c", script, "bash", *arguments],
        capture_output=True,
        cwd="/",
        env=environment(),
        timeout=60,
        check=False,
    )
    assert (done.stdout, done.stderr) == (b"{\n0\n", b"")


@pytest.mark.parametrize("way", ["stdout", "-o"])
def test_a_full_disk_is_exit_4(way: str, data: Path) -> None:
    if way == "-o":
        done = mpp(*RATE, "--data", data, "-o", "/dev/full")
        assert_refused(done, 4, "no space is left")
    else:
        with open("/dev/full", "wb") as full:
            done = mpp(*RATE, "--data", data, stdout=full)
        assert done.returncode == 4
        assert b"no space is left" in done.stderr


def test_a_folder_that_does_not_exist_is_exit_4_before_anything_is_read(tmp_path: Path) -> None:
    (tmp_path / "cases.csv").write_bytes(b"")  # would be refused when it is read
    done = mpp("report", "--data", tmp_path, "-o", tmp_path / "gone" / "report.md")
    assert_refused(done, 4, "its folder does not exist")


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)], ids=["SIGTERM", "SIGINT"]
)
def test_a_run_that_is_stopped_leaves_the_last_good_report(
    number: signal.Signals, code: int, tmp_path: Path, report: Path
) -> None:
    pipe = tmp_path.parent / f"{tmp_path.name}.fifo"
    os.mkfifo(pipe)
    running = subprocess.Popen(
        [*PROGRAM, "report", "--data", str(pipe), "-o", str(report)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    with pipe.open("wb", buffering=0) as writer:  # opens once the run has come to read it
        writer.write(b"case_id,nta_filed_date\n")
        time.sleep(0.1)
        running.send_signal(number)
        out, error = running.communicate(timeout=30)
    assert (running.returncode, out) == (code, b""), error.decode()
    assert b"Traceback" not in error
    assert_untouched(report)


@pytest.mark.parametrize(
    ("ending", "begins"),
    [
        (".md", b"# MPP Case Completion"),
        (".csv", b"as_of,goal,metric,measure,label,"),
    ],
)
def test_the_ending_of_the_file_picks_the_format(
    ending: str, begins: bytes, data: Path, tmp_path: Path
) -> None:
    target = tmp_path / f"out{ending}"
    assert ok(*RATE, "--data", data, "-o", target) == b""
    assert target.read_bytes().startswith(begins)
    assert os.listdir(tmp_path) == [target.name]


def test_the_file_behind_a_link_is_replaced_and_not_the_link(data: Path, report: Path) -> None:
    link = report.with_name("latest.json")
    link.symlink_to(report.name)
    ok(*RATE, "--data", data, "-o", link)
    assert link.is_symlink()
    assert json.loads(report.read_text())["format"] == "mpp-metric/1"


# ------------------------------------------------------------------- the input


def test_data_come_from_standard_input(data: Path) -> None:
    cases = (data / "cases.csv").read_bytes()
    assert ok(*ENROLLED, "--data", "-", "-f", "value", "-q", input=cases) == b"3\n"


def test_data_come_from_pipes_and_give_the_same_bytes_every_time(data: Path) -> None:
    cases, completions = data / "cases.csv", data / "completions.csv"
    script = f'"$@" --data <(cat {cases}) --data <(cat {completions})'
    command = [*PROGRAM, *RATE, "-f", "json", "-q"]
    runs = [
        subprocess.run(
            ["bash", "-c", script, "bash", *command],
            capture_output=True,
            cwd="/",
            env=environment(),
            timeout=60,
            check=True,
        ).stdout
        for _ in range(2)
    ]
    assert json.loads(runs[0])["metric"]["measures"][2]["display"] == "33%"
    assert runs[0] == runs[1]


@pytest.mark.parametrize("pattern", ["c*.csv", "c[ao]*.csv"])
def test_data_come_from_a_pattern(pattern: str, data: Path) -> None:
    assert ok(*RATE, "--data", f"{data}/{pattern}", "-f", "value", "-q") == b"33.33\n"


def test_data_come_from_several_places(data: Path) -> None:
    paths = ["--data", data / "completions.csv", "--data", data / "cases.csv"]
    assert ok(*RATE, *paths, "-f", "value", "-q") == b"33.33\n"


def test_a_foreign_file_is_passed_over_in_a_folder_and_refused_when_named() -> None:
    tables = {
        "cases": "| case_id | nta_filed_date |\n| A | 2019-06-03 |",
        "budget": "| year | dollars |\n| 2020 | 5 |",
    }
    data = draw(tables)
    done = mpp(*ENROLLED, "--data", data, "-f", "value")
    assert (done.returncode, done.stdout) == (0, b"1\n")
    assert b"budget.csv was passed over" in done.stderr
    named = mpp(*ENROLLED, "--data", data / "cases.csv", "--data", data / "budget.csv")
    assert_refused(named, 3, "budget.csv")


# ---------------------------------------------------------------- JSON and lists

HEAD = "format version engine definitions as_of title request warnings data".split()
METRIC = (
    "name title metric data_measurement status reason headline measures rows footnotes ledger"
).split()


def in_order(found: dict[str, Any], documented: list[str]) -> None:
    """The documented keys are there in their order; others may have been added."""
    assert [key for key in found if key in documented] == documented


def test_the_keys_of_json_are_the_documented_ones_in_their_order(data: Path) -> None:
    report = json.loads(ok("report", "--data", data, "--by", "nationality", "-f", "json"))
    in_order(report, [*HEAD, "goals", "additional"])
    assert report["format"] == "mpp-report/1"
    in_order(report["request"], ["command", "data", "by", "where", "suppress_below", "options"])
    assert report["request"]["data"] == [str(data)]
    in_order(report["data"], ["sample", "sources"])
    for source in report["data"]["sources"]:
        counts = "rows_read rows_used rows_outside set_aside blanked encoding".split()
        in_order(source, ["file", "kind", "hash", "through", *counts])
        assert source["hash"].startswith("blake3:")
    assert [goal["number"] for goal in report["goals"]] == [1, 2, 3, 4]
    for goal in report["goals"]:
        in_order(goal, ["number", "goal", "metrics"])
        for metric in goal["metrics"]:
            in_order(metric, METRIC)
            in_order(metric["footnotes"][0], ["id", "mark", "text"])
            in_order(metric["rows"][0], ["by", "values"])
            in_order(metric["ledger"][0], ["measure", "population", "excluded", "counted"])
            for measure in metric["measures"]:
                figure = "name label value display unit footnotes suppressed".split()
                in_order(measure, figure)
    rate = report["goals"][1]["metrics"][0]
    assert rate["measures"][2]["value"] == pytest.approx(1 / 3, abs=1e-15)
    assert [row["by"] for row in rate["rows"]] == [
        {"nationality": "HONDURAS"},
        {"nationality": "MÉXICO, x"},
        {"nationality": None},
    ]
    encounters = report["goals"][3]["metrics"][0]["rows"]
    assert encounters == [
        {
            "by": {"fiscal_year": 2021},
            "values": {"usbp": 69_032, "ofo": 2_897, "encounters": 71_929, "months": 1},
        }
    ]


def test_one_metric_in_json(data: Path) -> None:
    answer = json.loads(ok(*RATE, "--data", data, "-f", "json", "--where", "nationality=HONDURAS"))
    in_order(answer, [*HEAD, "metric"])
    assert answer["format"] == "mpp-metric/1"
    assert answer["request"]["where"] == {"nationality": "HONDURAS"}


def test_the_metrics_are_listed_one_a_line_with_their_goal() -> None:
    lines = ok("metrics").decode().splitlines()
    document = [
        ("relief-granted", ["1"]),
        ("non-refoulement-referrals", ["1"]),
        ("completion-rate", ["2"]),
        ("total-enrolled", ["3"]),
        ("enforcement-encounters", ["4"]),
    ]
    beyond = [
        ("relief-rate", []),
        ("pending-cases", []),
        ("case-outcomes", []),
        ("in-absentia", []),
        ("representation", []),
        ("referral-outcomes", []),
        ("subsequent-completions", []),
        ("time-to-completion", []),
    ]
    listed = [(line.split()[0], re.findall(r"goal (\d)", line)) for line in lines]
    assert listed == document + beyond


def test_the_version() -> None:
    assert re.fullmatch(rb"mpp \d+\.\d+\.\d+\S*\n", ok("--version"))


# --------------------------------------------------------------------- mpp.toml


@pytest.mark.parametrize(
    "command",
    [
        ("trend", "total-enrolled"),
        ("compare", "--with", "2019-06-30"),
        ("reconcile",),
        ("variants", "total-enrolled"),
    ],
    ids=lambda command: command[0],
)
def test_small_counts_that_mpp_toml_hides_are_hidden_in_every_command(
    command: tuple[str, ...], data: Path, tmp_path: Path
) -> None:
    (tmp_path / "mpp.toml").write_text("suppress-below = 11\n")
    done = mpp(*command, "--data", str(data), "-f", "json", cwd=tmp_path)
    assert done.returncode == 0
    assert json.loads(done.stdout)["request"]["suppress_below"] == 11
    text = mpp(*command, "--data", str(data), cwd=tmp_path).stdout
    assert b"<11" in text or b"withheld" in text


def test_a_file_of_defaults_applies_and_the_command_line_wins(data: Path, tmp_path: Path) -> None:
    (tmp_path / "mpp.toml").write_text(
        f'data = "{data}"\nas-of = 2019-12-31\nformat = "csv"\nquiet = true\n'
    )
    default = mpp(*RATE, cwd=tmp_path)
    assert default.stdout.startswith(b"as_of,goal,")
    assert b"2019-12-31" in default.stdout
    assert default.stderr == b""
    given = json.loads(ok(*RATE, "-f", "json", "--as-of", "2020-12-30", cwd=tmp_path))
    assert given["as_of"] == "2020-12-30"


def test_a_script_can_switch_the_defaults_off(data: Path, tmp_path: Path) -> None:
    (tmp_path / "mpp.toml").write_text("this is not TOML")
    arguments = [*RATE, "--data", data, "-f", "value", "-q"]
    assert_refused(mpp(*arguments, cwd=tmp_path), 2, "mpp.toml:1")
    assert ok(*arguments, "--no-config", cwd=tmp_path) == b"33.33\n"


# ------------------------------------------------------------------- a terminal


def on_terminal(*arguments: str | Path, columns: int, **surroundings: str) -> str:
    """What a run writes to a terminal that many columns wide."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    env = environment(**({"TERM": "xterm-256color"} | surroundings))
    with subprocess.Popen(
        [*PROGRAM, *map(str, arguments)],
        stdin=theirs,
        stdout=theirs,
        stderr=subprocess.DEVNULL,
        cwd="/",
        env=env,
    ) as running:
        os.close(theirs)
        written = b""
        while True:
            try:
                chunk = os.read(ours, 65536)
            except OSError:  # the last one to write has gone
                break
            if not chunk:
                break
            written += chunk
        os.close(ours)
    assert running.returncode == 0
    return written.decode().replace("\r\n", "\n")


def without_colour(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


@pytest.mark.parametrize("columns", [40, 120])
def test_on_a_terminal_there_are_colours_and_every_number_is_whole(columns: int) -> None:
    coloured = on_terminal(*RATE, "--data", "sample", columns=columns)
    assert "\x1b[" in coloured
    text = without_colour(coloured)
    assert "\x1b" not in text
    for figure in ("68,039", "44,014", "65%"):
        assert re.search(rf"(?<![\d,]){figure}(?![\d,])", text), text
    lines = text.splitlines()
    assert max(len(line) for line in lines if " " in line.strip()) <= columns
    assert len(lines) > 10


@pytest.fixture(scope="module")
def on_wide_terminal(data: Path) -> str:
    return without_colour(on_terminal(*BY_NATIONALITY, "--data", data, columns=120))


def test_the_text_on_a_terminal_is_that_of_a_pipe_of_the_same_width(
    data: Path, on_wide_terminal: str
) -> None:
    piped = ok(*BY_NATIONALITY, "--data", data, env=environment(COLUMNS="120"))
    assert piped.decode() == on_wide_terminal


@pytest.mark.parametrize("surroundings", [{"NO_COLOR": "1"}, {"TERM": "dumb"}], ids=str)
def test_a_terminal_without_colours_gets_the_text_alone(
    surroundings: dict[str, str], data: Path, on_wide_terminal: str
) -> None:
    plain = on_terminal(*BY_NATIONALITY, "--data", data, columns=120, **surroundings)
    assert plain == on_wide_terminal
    assert "\x1b" not in plain
