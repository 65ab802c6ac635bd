"""Reads figures back from a page, a workbook and Markdown, as somebody who has only those would."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import openpyxl

#: A figure as it was read: a number, None for "n/a", or this word for one that is not shown.
HIDDEN = "hidden"
Figure = float | str | None

#: Elements that have no end.
_VOID = {"meta"}


@dataclass
class Cell:
    """A cell of an HTML table: its text, and the number that it shows, if any."""

    tag: str
    attributes: dict[str, str]
    text: str = ""
    value: str | None = None


@dataclass
class HtmlTable:
    """A table in the page; ``in_details`` is whether it stands in a part that opens."""

    caption: str = ""
    rows: list[list[Cell]] = field(default_factory=list)
    in_details: bool = False


class HtmlPage(HTMLParser):
    """What a test wants to know of a page."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.tables: list[HtmlTable] = []
        self.figures: list[Figure] = []
        self.text: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == [], "every element is closed"

    @property
    def tags(self) -> set[str]:
        return {tag for tag, _ in self.elements}

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def ids(self) -> list[str]:
        return [attributes["id"] for _, attributes in self.elements if "id" in attributes]

    # --- what the parser calls --------------------------------------------------

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        self.elements.append((tag, attributes))
        if tag in _VOID:
            return
        self._open.append(tag)
        if tag == "table":
            self.tables.append(HtmlTable(in_details="details" in self._open))
        elif tag == "tr":
            self.tables[-1].rows.append([])
        elif tag in ("td", "th"):
            self.tables[-1].rows[-1].append(Cell(tag, attributes))
        elif tag == "data" and "td" in self._open:
            self.tables[-1].rows[-1][-1].value = attributes["value"]
        elif tag == "data" and "th" not in self._open:
            self.figures.append(float(attributes["value"]))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag
        if tag == "td" and not self.tables[-1].in_details:
            cell = self.tables[-1].rows[-1][-1]
            if cell.text:
                self.figures.append(
                    float(cell.value) if cell.value is not None else _shown(cell.text)
                )

    def handle_data(self, data: str) -> None:
        if "style" in self._open:
            return
        self.text.append(data)
        if "td" in self._open or "th" in self._open:
            self.tables[-1].rows[-1][-1].text += data
        elif "caption" in self._open:
            self.tables[-1].caption += data
        elif "p" in self._open and re.fullmatch(r" (n/a|<\d+|withheld)", data):
            self.figures.append(_shown(data.strip()))


def _shown(text: str) -> Figure:
    if text == "n/a":
        return None
    return HIDDEN if re.fullmatch(r"<\d+|withheld", text) else text


# --- workbook ------------------------------------------------------------------


def workbook(content: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(content))


def sheet_figures(sheet: Any) -> Iterator[Figure]:
    """The figures of a sheet from top to bottom; a year is none."""
    for row in sheet.iter_rows():
        for cell in row:
            if isinstance(cell.value, int | float) and cell.number_format != "0":
                yield float(cell.value)
            elif isinstance(cell.value, str) and re.fullmatch(r"n/a|<\d+|withheld", cell.value):
                yield _shown(cell.value)


# --- Markdown ------------------------------------------------------------------


def markdown_figures(text: str) -> Iterator[Figure]:
    """The figures of the tables and beside them, as far as they are rounded there."""
    for line in text.partition("## Sources")[0].splitlines():
        line = re.sub(r"\\([<*|])", r"\1", line)
        cells = re.split(r"(?<!\\)\|", line)[1:-1] if line.startswith("|") else []
        beside = re.fullmatch(r"(?!\*).*: ([<>]?[\d,]+%|[\d,]+|n/a|<\d+|withheld)", line)
        for cell in (*cells, *(beside.groups() if beside else ())):
            shown = cell.strip().strip("*")
            if re.fullmatch(r"[\d,]+", shown) and not re.fullmatch(r"20\d\d", shown):
                yield float(shown.replace(",", ""))
            elif re.fullmatch(r"[<>]?[\d.]+%", shown):
                yield shown
            elif re.fullmatch(r"n/a|<\d+|withheld", shown):
                yield _shown(shown)


# --- what the JSON says that must stand there -------------------------------------


def expected(metric: dict[str, Any]) -> Iterator[Figure]:
    """The figures of a metric of the JSON in the order in which a table shows them."""
    if metric["status"] != "ok":
        return
    measures = {each["name"]: each for each in metric["measures"]}
    names: list[str] = []
    for row in metric["rows"]:
        names = list(row["values"])
        for name, value in row["values"].items():
            yield HIDDEN if name in row.get("suppressed", ()) else value
    if not names:
        names = [] if metric["headline"] == "encounters" else list(measures)
    by_year = any(each["unit"] == "encounters" for each in measures.values())
    totals = [name for name in names if name in measures and not by_year]
    for name in (*totals, *(name for name in measures if name not in totals)):
        yield HIDDEN if measures[name]["suppressed"] else measures[name]["value"]
