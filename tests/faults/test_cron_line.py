"""The line of the README that cron runs fails when one file is lost, however small its share."""

from __future__ import annotations

import datetime
import shlex
from dataclasses import replace
from pathlib import Path

import pytest

from tests.harness import run
from tests.spec import spoil

README = Path(__file__).parents[2] / "README.md"

#: Cases are so many times as many as grants.
TIMES = 1000
GRANTS = 12
#: One column of each table that is lost, and in which way.
LOST = [
    *(("cases", "nta_filed_date", way) for way in ("two-digit years", "serials", "day first")),
    ("cases", "docket", "wrong codes"),
    ("completions", "completion_date", "two-digit years"),
    ("completions", "outcome", "wrong codes"),
    ("grants", "granted_date", "day first"),
    ("grants", "relief_type", "wrong codes"),
    ("grants", "case_id", "wrong codes"),
    ("referrals", "referred_date", "serials"),
    ("referrals", "outcome", "wrong codes"),
    ("referrals", "outcome_date", "two-digit years"),
    ("encounters", "month", "words"),
    ("encounters", "component", "wrong codes"),
    ("encounters", "encounters", "thousands"),
]


def command(data: Path, out: Path) -> list[str]:
    """The arguments of the README's line, with folders that are there."""
    lines = README.read_text("utf-8").partition("```cron\n")[2].partition("```")[0].splitlines()
    (line,) = [each for each in lines if " mpp " in each]
    *_, program = line.split(maxsplit=5)
    words = shlex.split(program.replace("\\%", "%"))
    assert words[:3] == ["mpp", "report", "-q"]
    places = {"/exports": str(data), "/reports/mpp.md": str(out)}
    assert set(places) < set(words)
    return [places.get(word, word) for word in words[1:]]


def tables() -> dict[str, spoil.Table]:
    """Tables up to yesterday, of which cases are a thousand times as many as grants."""
    yesterday = datetime.date.today() - datetime.timedelta(days=1)

    def day(before: int) -> str:
        return str(yesterday - datetime.timedelta(days=before))

    outcomes = ["removal_ordered", "terminated", "other"]
    last = yesterday.replace(day=1) - datetime.timedelta(days=1)
    months = [(last.replace(day=1) - datetime.timedelta(days=28 * n)) for n in range(3)]
    rows: dict[str, list[tuple[str, ...]]] = {
        "cases": [(f"{n:06}c", day(n % 500), "mpp", "", "USBP") for n in range(TIMES * GRANTS)],
        "completions": [
            (f"{n:06}c", day(n % 400), outcomes[n % 3], "initial", "true") for n in range(900)
        ],
        "grants": [(f"{n:06}c", day(17 * n), "asylum") for n in range(GRANTS)],
        "referrals": [(f"{n:06}c", day(n), "negative", day(n)) for n in range(60)],
        "encounters": [
            (
                *(str(each.year + (each.month >= 10)), f"{each:%b}".upper(), component),
                *(str(9404 + 1003 * n), "southwest"),
            )
            for n, each in enumerate({each.replace(day=1) for each in months})
            for component in ("USBP", "OFO")
        ],
    }
    made = spoil.sound()
    return {name: replace(made[name], rows=tuple(rows[name])) for name in made}


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return spoil.write(tmp_path_factory.mktemp("cron") / "exports", tables(), "csv")


def test_sound_files_are_reported_in_silence(sound: Path, tmp_path: Path) -> None:
    code, out, err = run(command(sound, tmp_path / "mpp.md"))
    assert (code, out, err) == (0, b"", "")
    assert f"{TIMES * GRANTS:,}" in (tmp_path / "mpp.md").read_text("utf-8")


def test_one_case_of_many_may_be_lost(sound: Path, tmp_path: Path) -> None:
    data = beside(sound, tmp_path)
    text = (sound / "cases.csv").read_text()
    (data / "cases.csv").unlink()
    (data / "cases.csv").write_text(text.replace(text.splitlines()[-1], "011999c,soon,mpp,,USBP"))
    code, _, err = run(command(data, tmp_path / "mpp.md"))
    assert code == 0, err


@pytest.mark.parametrize(("table", "column", "way"), LOST)
def test_a_file_that_is_lost_fails(
    table: str, column: str, way: str, sound: Path, tmp_path: Path
) -> None:
    made = spoil.spoilt(tables(), table, column, way)
    assert made is not None
    fails(made[table], table, sound, tmp_path)


@pytest.mark.parametrize("table", [name for name in spoil.KINDS if name != "cases"])
def test_one_row_of_a_small_file_is_more_than_a_thousandth(
    table: str, sound: Path, tmp_path: Path
) -> None:
    made = tables()[table]
    column = list(spoil.KINDS[table])[1]
    made = replace(
        made,
        rows=(spoil.spoilt({table: made}, table, column, "words"))[table].rows[:1] + made.rows[1:],
    )
    fails(made, table, sound, tmp_path)


def beside(sound: Path, folder: Path) -> Path:
    """A folder with links to the sound files."""
    data = folder / "exports"
    data.mkdir()
    for file in sound.iterdir():
        (data / file.name).symlink_to(file)
    return data


def fails(table: spoil.Table, name: str, sound: Path, tmp_path: Path) -> None:
    """The line ends with 5, says which file it is, and leaves the last good report as it was."""
    data, out = beside(sound, tmp_path), tmp_path / "mpp.md"
    out.write_text("the last good report")
    (data / f"{name}.csv").unlink()
    spoil.write_csv(data, name, table)
    code, printed, err = run(command(data, out))
    assert (code, printed) == (5, b""), err
    assert f"{name}.csv" in err
    assert "Traceback" not in err
    assert out.read_text() == "the last good report"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["exports", "mpp.md"]
