"""mpp trend: its formats, its chart, and what it refuses."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest

from tests.harness import run
from tests.spec.draw import draw, folder


@pytest.fixture(scope="module")
def data() -> Path:
    return draw(
        {
            "cases": """
                | case_id | nta_filed_date | nationality |
                | A1      | 2019-10-31     | CUBA        |
                | A2      | 2019-11-01     | HONDURAS    |
                | A3      | 2020-01-15     | =1+1        |
            """,
            "completions": """
                | case_id | completion_date | outcome    |
                | A1      | 2019-12-31      | terminated |
            """,
        }
    )


def trend(data: Path, *arguments: str) -> tuple[int, str, str]:
    code, out, err = run(["trend", *arguments, "--data", str(data), "--no-config"])
    return code, out.decode(), err


def chart_of(out: str) -> list[str]:
    """The lines of the chart from its top to the labels of its time."""
    lines = out.splitlines()
    top = next(place for place, line in enumerate(lines) if " |" in line)
    axis = next(place for place, line in enumerate(lines) if "|-|" in line)
    return lines[top : axis + 2]


def test_json_holds_every_point(data: Path) -> None:
    code, out, _ = trend(data, "completion-rate", "--from", "2019-12", "-f", "json")
    document = json.loads(out)
    assert (code, document["format"], document["every"]) == (0, "mpp-trend/1", "month")
    assert document["request"]["options"] == {"every": "month", "from": "2019-12-01"}
    (series,) = document["series"]
    assert series["by"] == {}
    assert series["points"][0] == {
        "period": "2019-12",
        "as_of": "2019-12-31",
        "values": {"total_enrolled": 2, "cases_completed": 1, "completion_percentage": 0.5},
    }


def test_csv_is_tidy_and_safe(data: Path) -> None:
    _, out, _ = trend(
        data, "total-enrolled", "--every", "quarter", "--by", "nationality", "-f", "csv"
    )
    rows = list(csv.DictReader(io.StringIO(out)))
    assert [row["value"] for row in rows if row["nationality"] == "CUBA"] == ["1", "1"]
    assert [row["value"] for row in rows if row["nationality"] == "'=1+1"] == ["0", "1"]
    assert [row["value"] for row in rows if not row["nationality"]] == ["2", "3"]


def test_the_table_has_every_period_and_total(data: Path) -> None:
    code, out, _ = trend(data, "total-enrolled", "--by", "nationality", "--to", "2019-11")
    assert code == 0
    assert [line.split() for line in out.splitlines() if line.startswith("Total ")] == [
        ["Total", "2019-10", "2019-10-31", "1"],
        ["Total", "2019-11", "2019-11-30", "2"],
    ]


def test_markdown_has_no_chart(data: Path) -> None:
    code, out, _ = trend(data, "total-enrolled", "-f", "markdown")
    assert code == 0
    assert "| 2019-10" in out
    assert "⣀" not in out


def test_the_chart_fits_the_width_and_is_plain_in_a_pipe(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("plotille")
    for width in (50, 80, 140):
        monkeypatch.setenv("COLUMNS", str(width))
        for more in ([], ["--by", "nationality"]):
            code, out, _ = trend(data, "completion-rate", *more)
            assert code == 0
            assert "\x1b" not in out
            chart = chart_of(out)
            assert any("⠀" < letter <= "⣿" for line in chart for letter in line)
            assert max(map(len, chart)) <= width


def test_a_window_that_is_too_narrow_for_the_chart_is_told(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    out = trend(data, "completion-rate")[1]
    assert "---|" not in out
    assert "\nToo narrow for the chart (50 columns).\n" in out
    assert "Too narrow" not in trend(data, "completion-rate", "--to", "2019-10")[1]


@pytest.mark.parametrize("width", ["50", "80", "200"])
def test_every_line_of_the_chart_has_its_letter(
    width: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("plotille")
    monkeypatch.setenv("COLUMNS", width)
    # Lines that meet, that are one and the same, and that are one point in one place.
    cases = ["case_id,nta_filed_date,nationality"]
    for place, letter in enumerate("ABCDEF"):
        cases += [f"{letter}1,2019-0{1 if place < 3 else 5}-01,{letter}"]
        cases += [f"{letter}2,2020-03-31,{letter}"]
    own = folder(cases="\n".join(cases) + "\n")
    for more in (["--every", "quarter"], ["--from", "2019-12-31", "--to", "2020-01-31"]):
        chart = chart_of(trend(own, "total-enrolled", "--by", "nationality", *more)[1])
        rows = "".join(line for line in chart if " | " in line)
        assert sorted(each for each in rows if each.isalpha()) == [*"ABCDEF"]


@pytest.mark.parametrize("width", ["50", "80", "200"])
def test_the_axes_have_round_values_and_periods_of_the_trend(
    data: Path, width: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("plotille")
    monkeypatch.setenv("COLUMNS", width)
    sample = Path("sample")
    for source, metric, to, values in (
        (data, "total-enrolled", "2020-02-01", ["3", "2", "1", "0"]),
        (sample, "total-enrolled", "2020-12-31", ["80,000", "60,000", "40,000", "20,000", "0"]),
        (sample, "completion-rate", "2020-02-01", ["60%", "40%", "20%", "0%"]),
    ):
        for every in ("day", "month", "quarter"):
            asked = [metric, "--every", every, "--from", "2019-10-15", "--to", to]
            out = trend(source, *asked)[1]
            chart = chart_of(out)
            labels = [line.split("|")[0].strip() for line in chart[:-2]]
            assert [each for each in labels if each] == values
            below = out.split(chart[-1], 1)[1]  # A narrow window has no table but lines.
            periods = re.findall(r"^(?:Period: )?(20\d\d-\S+)", below, re.MULTILINE)
            shown = chart[-1].split()
            assert set(shown) <= set(periods)
            assert (shown[0], shown[-1]) == (periods[0], periods[-1])


def test_a_chart_may_be_coloured() -> None:
    pytest.importorskip("plotille")
    import mpp_cli
    from mpp_cli.formats.answers import trend as shown

    with mpp_cli.load(columns=["component"]) as sample:
        answer = mpp_cli.analysis.api.trend(
            sample, "total-enrolled", every="quarter", by=["component"]
        )
        flat = mpp_cli.analysis.api.trend(
            sample, "relief-granted", start="2019-01-25", to="2019-01-27", every="day"
        )
    assert "\x1b[" in shown.render(answer, "table", color=True, width=80)
    assert "\x1b[" not in shown.render(answer, "table", color=False, width=80)
    assert "0 |" in shown.render(flat, "table", width=80)  # Nothing but noughts has a chart, too.


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["completon-rate"], 2, "did you mean"),
        (["completion-rate", "--every", "week"], 2, "unknown period"),
        (["completion-rate", "--from", "soon"], 2, "--from"),
        (["completion-rate", "--to", "2020-02-30"], 2, "--to"),
        (["completion-rate", "-f", "value"], 2, "no value output"),
        (["relief-granted"], 3, "needs a list of grants of relief (grants.csv)"),
        (["enforcement-encounters"], 3, "needs counts of encounters by month"),
    ],
)
def test_what_is_refused(data: Path, arguments: list[str], code: int, said: str) -> None:
    done, out, err = trend(data, *arguments)
    assert (done, out) == (code, "")
    assert said in err


def test_a_default_date_of_the_config_ends_the_trend(data: Path, tmp_path: Path) -> None:
    config = tmp_path / "mpp.toml"
    config.write_text('as_of = "2019-11-15"\n')
    arguments = ["trend", "total-enrolled", "--data", str(data), "-f", "json"]
    _, out, _ = run([*arguments, "--config", str(config)])
    assert json.loads(out)["as_of"] == "2019-11-15"


def test_no_case_is_named(data: Path) -> None:
    for format in ("table", "markdown", "csv", "json"):
        out = trend(data, "total-enrolled", "--every", "day", "--from", "2020-01", "-f", format)[1]
        assert not any(case in out for case in ("A1", "A2", "A3"))
