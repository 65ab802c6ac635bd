"""Which format answers, and what it costs to ask."""

from __future__ import annotations

import subprocess
import sys

import pytest

from mpp_cli.formats import NAMES, UnknownEnding, UnknownFormat, pick, render

from . import build


def test_the_formats_by_name() -> None:
    assert NAMES == ("table", "markdown", "csv", "json", "html", "xlsx", "value")


@pytest.mark.parametrize(
    ("format", "output", "picked"),
    [
        (None, None, "table"),
        (None, "report.md", "markdown"),
        (None, "REPORT.MARKDOWN", "markdown"),
        (None, "out/report.csv", "csv"),
        (None, "report.json", "json"),
        (None, "report.txt", "table"),
        (None, "report.html", "html"),
        (None, "REPORT.HTM", "html"),
        (None, "report.xlsx", "xlsx"),
        (None, "report", "table"),
        (None, ".csv", "table"),
        ("csv", "report.md", "csv"),
        ("value", None, "value"),
        ("csv", "report.dat", "csv"),
    ],
)
def test_the_option_wins_over_the_ending(
    format: str | None, output: str | None, picked: str
) -> None:
    assert pick(format, output) == picked


@pytest.mark.parametrize("format", ["yaml", "", "Markdown"])
def test_an_unknown_format_is_refused_with_the_choices(format: str) -> None:
    with pytest.raises(UnknownFormat, match="table, markdown, csv, json, html, xlsx, value"):
        pick(format)
    with pytest.raises(UnknownFormat, match="table, markdown, csv, json, html, xlsx, value"):
        render(build.metric_report(), format)


@pytest.mark.parametrize("ending", [".png", ".tsv", ".odt", ".docx", ".csv.gz", ".bak", ".TSV"])
def test_an_ending_that_stands_for_no_format_is_refused(ending: str) -> None:
    with pytest.raises(UnknownEnding, match=ending.rpartition(".")[2].lower()):
        pick(None, f"report{ending}")


def test_a_whole_report_has_no_single_value() -> None:
    with pytest.raises(UnknownFormat, match="ask for one metric"):
        render(build.report(), "value")


@pytest.mark.parametrize(
    ("modules", "libraries"),
    [
        ("mpp_cli.formats, mpp_cli.results.dataframe", []),
        (
            ", ".join(f"mpp_cli.formats.writers.{name}" for name in ("json_", "csv_", "value")),
            [],
        ),
        ("mpp_cli.formats.writers.markdown", ["tabulate"]),
        ("mpp_cli.formats.writers.terminal", ["rich"]),
        ("mpp_cli.formats.writers.html", []),
        ("mpp_cli.formats.writers.xlsx", ["xlsxwriter"]),
    ],
)
def test_a_format_imports_only_the_library_that_it_needs(
    modules: str, libraries: list[str]
) -> None:
    """A process of its own, because this one has imported everything."""
    code = (
        f"import sys, {modules}\n"
        "heavy = ('pandas', 'rich', 'tabulate', 'xlsxwriter', 'plotille')\n"
        "print(*[m for m in heavy if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == libraries


@pytest.mark.parametrize("format", NAMES)
def test_the_same_report_gives_the_same_bytes(format: str) -> None:
    once, again = (render(build.metric_report(), format) for _ in range(2))
    assert once == again
    if isinstance(once, str):
        assert once.endswith("\n")
        assert not once.endswith("\n\n")
