"""Where mpp runs: little memory, few files, other zones and locales, a clock that is wrong."""

from __future__ import annotations

import datetime
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import mpp_cli
from mpp_cli.common.errors import UsageError
from tests.spec.draw import draw

PROGRAM = [sys.executable, "-m", "mpp_cli"]
ROOT = Path(__file__).parents[2]

DATA = {
    "cases": """
        | case_id | nta_filed_date | nationality |
        | A       | 2019-06-03     | TÜRKİYE     |
        | B       | 2020-02-29     | IRELAND     |
    """,
    "completions": """
        | case_id | completion_date | outcome         |
        | A       | 2020-02-29      | Removal_Ordered |
    """,
}


def mpp(
    *arguments: str | Path,
    env: dict[str, str] | None = None,
    limit: Callable[[], None] | None = None,
) -> subprocess.CompletedProcess[bytes]:
    """Run the program in an environment of exactly these variables."""
    return subprocess.run(
        [*PROGRAM, *map(str, arguments)],
        cwd="/",
        env={"PYTHONPATH": str(ROOT), **(env or {})},
        preexec_fn=limit,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=120,
        check=False,
    )


def answer(*arguments: str | Path, **options: object) -> bytes:
    done = mpp(*arguments, **options)  # type: ignore[arg-type]
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


@pytest.fixture(scope="module")
def expected() -> bytes:
    return answer("report", "--data", draw(DATA), "--by", "nationality", "-f", "json")


@pytest.mark.parametrize(
    "variables",
    [
        {"LANG": "C", "LC_ALL": "C"},
        {"LANG": "tr_TR.UTF-8", "LC_ALL": "tr_TR.UTF-8"},  # where I and i are no pair
        {"LC_ALL": "xx_XX.nonsense"},
        {"TZ": "Pacific/Kiritimati"},
        {"TZ": "Etc/GMT+12"},
        {"TZ": "no/such/zone"},
        {"HOME": "/nonexistent", "XDG_CACHE_HOME": "/proc/nothing"},
        {"HOME": "", "TMPDIR": ""},
        {"COLUMNS": "banana", "LINES": "-1"},
    ],
    ids=str,
)
def test_the_same_bytes_in_any_surroundings(variables: dict[str, str], expected: bytes) -> None:
    data = draw(DATA)
    asked = ("report", "--data", data, "--by", "nationality", "-f", "json")
    assert answer(*asked, env=variables) == expected


def _addresses() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (512 << 20, 512 << 20))


def _files() -> None:
    resource.setrlimit(resource.RLIMIT_NOFILE, (24, 24))


@pytest.mark.skipif(sys.platform != "linux", reason="limits of addresses are Linux's")
@pytest.mark.parametrize("limit", [_addresses, _files])
def test_small_data_need_little(limit: Callable[[], None], expected: bytes) -> None:
    data = draw(DATA)
    asked = ("report", "--data", data, "--by", "nationality", "-f", "json")
    assert answer(*asked, limit=limit) == expected


@pytest.mark.skipif(sys.platform != "linux", reason="limits of addresses are Linux's")
def test_the_whole_sample_in_half_a_gigabyte_of_addresses() -> None:
    asked = ("metric", "completion-rate", "--data", "sample", "-f", "value", "-q")
    assert answer(*asked, limit=_addresses) == b"64.69\n"


def test_today_is_that_of_the_time_zone() -> None:
    east = datetime.datetime.now(ZoneInfo("Pacific/Kiritimati")).date()
    data = draw(
        {
            "cases": f"""
                | case_id | nta_filed_date |
                | A       | 2019-06-03     |
                | B       | {east}     |
            """
        }
    )
    asked = ("metric", "total-enrolled", "--data", data, "-f", "value")
    # In the west it is a day earlier: B lies in the future there, in the east it is today's.
    assert answer(*asked, env={"TZ": "Pacific/Kiritimati"}) == b"2\n"
    assert answer(*asked, env={"TZ": "Etc/GMT+12"}) == b"1\n"


@pytest.mark.parametrize(
    ("today", "enrolled", "through"),
    [
        (datetime.date(1970, 1, 1), 0, datetime.date(1970, 1, 1)),  # a clock without a battery
        (datetime.date(2020, 2, 29), 2, datetime.date(2020, 2, 29)),
        (datetime.date(9999, 12, 31), 2, datetime.date(2020, 2, 29)),
    ],
)
def test_a_clock_that_is_wrong(today: datetime.date, enrolled: int, through: datetime.date) -> None:
    with mpp_cli.load(draw(DATA), today=today) as data:
        found = mpp_cli.metric(data, "total-enrolled")
        assert (found.value, found.head.as_of) == (enrolled, through)
        # A date that is asked for has its answer whatever the clock says.
        assert mpp_cli.metric(data, "total-enrolled", as_of="2020-12-31").value == 2


def test_29_february_is_a_day_of_leap_years_only() -> None:
    with mpp_cli.load(draw(DATA)) as data:
        assert mpp_cli.metric(data, "total-enrolled", as_of="2020-02-28").value == 1
        assert mpp_cli.metric(data, "total-enrolled", as_of="2020-02-29").value == 2
        assert mpp_cli.metric(data, "completion-rate", as_of="2020-02-29").value == 0.5
        with pytest.raises(UsageError, match="2019-02-29"):
            mpp_cli.metric(data, "total-enrolled", as_of="2019-02-29")


def test_a_cron_daemon_runs_the_line_of_the_readme(tmp_path: Path) -> None:
    """The README's own line, with its paths put into a folder and its hour made every minute."""
    cron = shutil.which("cron") or "/usr/sbin/cron"
    if not os.path.exists(cron) or os.getuid() != 0:
        if os.environ.get("MPP_TESTS_NEED_CRON"):
            pytest.fail("there is no cron daemon")
        pytest.skip("needs a cron daemon (Debian's package cron) and root, who may start it")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (line,) = [
        each
        for each in readme.partition("```cron\n")[2].partition("```")[0].splitlines()
        if each and not each.startswith("#") and " mpp report " in each
    ]
    command = line.split(maxsplit=5)[5]
    reports = tmp_path / "reports"
    reports.mkdir()
    command = command.replace("/exports", str(draw(DATA))).replace("/reports", str(reports))
    command = command.replace("--max-age 40", "--max-age 40000")
    command = command.replace("mpp report", f"{' '.join(PROGRAM)} report")
    table = Path("/etc/cron.d/mpp-test")
    # Cron knows no PYTHONPATH; its tables may set it.
    table.write_text(f"PYTHONPATH={ROOT}\n* * * * * root {command}\n")
    table.chmod(0o644)
    daemon = subprocess.Popen([cron, "-f"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 150
        while not list(reports.iterdir()) and time.monotonic() < deadline:
            time.sleep(1)
        (report,) = reports.iterdir()
        assert "Migrant Protection Protocols" in report.read_text(encoding="utf-8")
    finally:
        table.unlink()
        daemon.terminate()
        daemon.wait()
