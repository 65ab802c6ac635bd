"""The output formats: each turns a report into text and knows nothing else.

This module is only the register. The module of a format, and the library that
it needs, is imported when that format is asked for, because start-up is a
feature.
"""

from __future__ import annotations

from pathlib import PurePath

from mpp_cli.results import MetricReport, Report

#: The formats by name, the default first.
NAMES = ("table", "markdown", "csv", "json", "html", "xlsx", "value")

#: Those that are bytes and no text.
BINARY = ("xlsx",)

#: The format that the ending of an output file stands for.
ENDINGS = {
    ".md": "markdown",
    ".markdown": "markdown",
    ".csv": "csv",
    ".json": "json",
    ".html": "html",
    ".htm": "html",
    ".xlsx": "xlsx",
    ".txt": "table",
}


class UnknownFormat(ValueError):
    """The format does not exist, or it cannot show what was asked for."""


class UnknownEnding(UnknownFormat):
    """The ending of an output file stands for no format."""


class NotInstalled(UnknownFormat):
    """The library that a format needs is not there; ``remedy`` says how to install it."""

    def __init__(self, format: str, library: str) -> None:
        super().__init__(f"the format {format} needs {library}, which is not installed")
        self.remedy = f"pip install 'mpp-cli[{format}]'"


def pick(format: str | None, output_path: str | PurePath | None = None) -> str:
    """The name of the format: the one asked for, else the file's ending, else table.

    Raises UnknownFormat when the format asked for does not exist, and UnknownEnding
    when the ending stands for none. A file without an ending has the default.
    """
    if format is not None:
        if format not in NAMES:
            raise UnknownFormat(f'no format "{format}"; there are {", ".join(NAMES)}')
        return format
    if output_path is None:
        return NAMES[0]
    ending = PurePath(output_path).suffix.lower()
    if ending and ending not in ENDINGS:
        raise UnknownEnding(f'no output format has the ending "{ending}"')
    return ENDINGS.get(ending, NAMES[0])


def check_installed(format: str) -> None:
    """Raise NotInstalled when the library that a format needs is not there."""
    if format == "xlsx":
        from importlib.util import find_spec

        if find_spec("xlsxwriter") is None:
            raise NotInstalled(format, "XlsxWriter")


def render(
    report: Report | MetricReport,
    format: str,
    *,
    color: bool = False,
    width: int | None = None,
    measure: str | None = None,
) -> str | bytes:
    """The report as text that ends with a newline, or as bytes, to be written as it is.

    ``color`` and ``width`` (in columns, None for 100) shape only the table
    format. ``measure`` names the figure that the value format prints instead
    of the headline; that format alone may give an empty text, when there is no
    figure. Raises UnknownFormat for an unknown name and for the value of a
    whole report, KeyError for a measure that the metric does not have.
    """
    match format:
        case "table":
            from mpp_cli.formats import table

            return table.render(report, color=color, width=width)
        case "markdown":
            from mpp_cli.formats import markdown

            return markdown.render(report)
        case "csv":
            from mpp_cli.formats import csv_

            return csv_.render(report)
        case "json":
            from mpp_cli.formats import json_

            return json_.render(report)
        case "html":
            from mpp_cli.formats import html

            return html.render(report)
        case "xlsx":
            from mpp_cli.formats import xlsx

            return xlsx.render(report)
        case "value":
            from mpp_cli.formats import value

            if not isinstance(report, MetricReport):
                raise UnknownFormat("a full report has no single value; ask for one metric")
            return value.render(report, measure)
    raise UnknownFormat(f'no format "{format}"; there are {", ".join(NAMES)}')
