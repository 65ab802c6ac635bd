"""A table of the HTML page: headers, caption, and footnotes that are linked both ways."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element, SubElement

from mpp_cli.formats.page import report
from mpp_cli.formats.page.cell import Shown
from mpp_cli.formats.page.grid import Grid
from mpp_cli.formats.text import safe
from mpp_cli.results.display import number

#: Letters of the name of a row that stay on one line, such as those of a date.
_SHORT = 24


@dataclass
class References:
    """The footnotes of one table, and where the table refers to each of them."""

    number: int
    notes: Sequence[report.Footnote]
    _from: dict[str, list[tuple[str, str]]] = field(default_factory=dict)

    def target(self, note: report.Footnote) -> str:
        """The id of a footnote on the page."""
        return f"note-{self.number}-{self.notes.index(note) + 1}"

    def refer(self, element: Element, note: report.Footnote, about: str) -> None:
        """Put the mark of the footnote behind what it is ``about``, as a link to it."""
        name = self.target(note)
        links = self._from.setdefault(name, [])
        place = f"{name}-from-{len(links) + 1}"
        links.append((place, about))
        link = SubElement(
            element,
            "a",
            {"class": "ref", "href": f"#{name}", "id": place, "role": "doc-noteref"},
        )
        link.set("aria-label", f"{note.mark} footnote")
        link.text = safe(note.mark)

    def of_figure(self, grid: Grid, place: int) -> Iterator[report.Footnote]:
        """The footnotes of a column, or of a figure beside the table, that not all of them have."""
        ids = grid.notes[place] if place < len(grid.notes) else ()
        whole = self.of_table(grid)
        for note in self.notes:
            if note.id in ids and note not in whole:
                yield note

    def of_table(self, grid: Grid) -> list[report.Footnote]:
        """The footnotes of every figure alike, and those of no single one."""
        of_figures = grid.notes[grid.groups :]
        alone = len(of_figures) == 1  # Its own heading bears the mark, as in the document.
        return [
            note
            for note in self.notes
            if (not alone and all(note.id in ids for ids in of_figures))
            or not any(note.id in ids for ids in of_figures)
        ]

    def lead_back(self, element: Element, note: report.Footnote) -> None:
        """Put behind a footnote a link to every place that refers to it."""
        for place, about in self._from.get(self.target(note), ()):
            link = SubElement(
                element, "a", {"class": "back", "href": f"#{place}", "role": "doc-backlink"}
            )
            link.set("aria-label", f"↩ back to {safe(about)}")
            link.text = "↩"


def table(block: report.Table, references: References) -> Iterator[Element]:
    """The table, then the figures beside it."""
    grid = block.grid
    caption = block.title or block.name or "Figures"
    if grid.rows:
        name = f"table-{references.number}"
        # Wider than the window, it scrolls by itself, and by the keyboard.
        scroll = Element(
            "div", {"class": "scroll", "role": "region", "aria-labelledby": name, "tabindex": "0"}
        )
        drawn = SubElement(scroll, "table", {"class": "one"} if grid.is_one_figure else {})
        title = SubElement(drawn, "caption", {"id": name})
        of_table = references.of_table(grid)
        is_shown = block.title or of_table
        SubElement(title, "span", {} if is_shown else {"class": "hidden"}).text = safe(caption)
        for note in of_table:
            references.refer(title, note, caption)
        _header(drawn, grid, references)
        body = SubElement(drawn, "tbody")
        for place, row in enumerate(grid.rows):
            _row(body, row, grid.groups)
            if place in grid.inner:
                body[-1].set("class", "inner")
        if grid.total is not None:
            _row(SubElement(drawn, "tfoot"), grid.total, 1)
        yield scroll
    for place, (label, display) in enumerate(grid.beside, start=len(grid.header)):
        line = Element("p")
        SubElement(line, "strong").text = f"{safe(label)}:"
        line[0].tail = " "
        _value(line, display)
        for note in references.of_figure(grid, place):
            references.refer(line, note, label)
        yield line


def _header(drawn: Element, grid: Grid, references: References) -> None:
    row = SubElement(SubElement(drawn, "thead"), "tr")
    for place, heading in enumerate(grid.header):
        if not heading:  # The corner of a table is no heading of anything.
            SubElement(row, "td")
            continue
        cell = SubElement(row, "th", {"scope": "col"})
        if place < grid.groups:
            cell.set("class", "group")
        cell.text = safe(heading)
        for note in references.of_figure(grid, place):
            references.refer(cell, note, heading)


def _row(body: Element, cells: Sequence[str], groups: int) -> None:
    row = SubElement(body, "tr")
    for place, text in enumerate(cells):
        # Only the first names the row; an empty one beside a total names nothing.
        is_name = place < groups and text
        cell = SubElement(row, "th", {"scope": "row"}) if is_name else SubElement(row, "td")
        if is_name and len(text) <= _SHORT:
            cell.set("class", "short")
        if is_name and not isinstance(text, Shown):
            SubElement(cell, "bdi").text = safe(text)
        else:
            _value(cell, text)


def _value(element: Element, text: str) -> None:
    """A figure with the number that it shows, a day with its date, or the text as it is."""
    value = text.value if isinstance(text, Shown) else None
    if isinstance(value, datetime.date):
        SubElement(element, "time", {"datetime": value.isoformat()}).text = safe(text)
    elif value is not None:
        SubElement(element, "data", {"value": str(number(value))}).text = safe(text)
    elif len(element):
        element[-1].tail = f"{element[-1].tail or ''}{safe(text)}"
    else:
        element.text = safe(text)
