"""CSV: one row per measure (and per group), safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io

from mpp_cli.formats.text import safe
from mpp_cli.results import tidy
from mpp_cli.results.report import MetricReport, Report

# A spreadsheet takes a cell that begins with one of these for a formula, some
# of them also in their full-width form. "-1" as the name of a group is text as well.
_FORMULA = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")


def render(report: Report | MetricReport) -> str:
    """The report as CSV with a header row, its lines ending in a bare newline."""
    metrics = report.metrics if isinstance(report, Report) else (report.metric,)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([_cell(name) for name in tidy.columns(report.head, metrics)])
    for line in tidy.lines(report.head, metrics):
        writer.writerow([_cell(cell) for cell in line])
    return out.getvalue()


def _cell(cell: tidy.Cell) -> tidy.Cell:
    return neutral(cell) if isinstance(cell, str) else cell


def neutral(text: str) -> str:
    """Text that a spreadsheet shows and never runs.

    Control characters are shown, apart from newline and tab. What would begin
    a formula gets a leading apostrophe.
    """
    shown = safe(text, keep="\n\t")
    if text.startswith(_FORMULA):
        return f"'{shown}"
    return shown
