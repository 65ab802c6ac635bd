"""HTML: one self-contained page in the layout of the document, to be published as it is.

It holds no script, refers to nothing outside itself, and its own policy forbids
both. The page is built of elements and never of strings of markup, so text of
the data cannot become any.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from xml.etree.ElementTree import Element, SubElement, tostring

from mpp_cli.formats.page import prose
from mpp_cli.formats.page import report as page
from mpp_cli.formats.text import TIE, safe
from mpp_cli.formats.writers import svg
from mpp_cli.formats.writers.html_table import References, table
from mpp_cli.results.report import Head, MetricReport, Report


def render(report: Report | MetricReport) -> str:
    """The report as an HTML document that ends with a newline."""
    return draw(page.blocks(report), report.head)


def draw(blocks: Iterable[page.Block], head: Head) -> str:
    """A page as an HTML document that ends with a newline."""
    found = list(page.in_words(blocks))
    main = Element("main", {"id": "main"})
    contents = _body(found, main)
    title = next((each.text for each in found if isinstance(each, page.Heading)), head.title)
    html = Element("html", {"lang": "en"})
    html.append(_head(title, head))
    body = SubElement(html, "body")
    skip = SubElement(body, "a", {"class": "skip", "href": "#main"})
    skip.text = "Skip to the figures"
    if head.sample:
        banner = SubElement(SubElement(body, "header"), "p", {"class": "banner"})
        SubElement(banner, "strong").text = "SAMPLE DATA."
        banner[0].tail = f" {prose.SAMPLE_NOTE}"
    if len(contents) > 2:
        body.append(_contents(contents))
    body.append(main)
    for parent in (html, body, main):
        for each in parent:
            each.tail = "\n"
    return f"<!DOCTYPE html>\n{tostring(html, encoding='unicode', method='html')}\n"


#: What is printed at the top of every sheet of paper when the data are a sample.
_SAMPLE_STYLE = """\
@page sample {
  @top-center { content: "SAMPLE DATA: these figures are invented"; font: bold 9pt Georgia, serif; }
}
@media print { body { page: sample; } }
"""


@cache
def _style(sample: bool) -> str:
    style = resources.files(__package__).joinpath("page.css").read_text(encoding="utf-8")
    return style + _SAMPLE_STYLE if sample else style


def _head(title: str, about: Head) -> Element:
    head = Element("head")
    SubElement(head, "meta", {"charset": "utf-8"})
    style = _style(about.sample)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    SubElement(head, "meta", {"http-equiv": "Content-Security-Policy", "content": policy})
    for name, content in (
        ("viewport", "width=device-width, initial-scale=1"),
        ("referrer", "no-referrer"),
        ("color-scheme", "light dark"),
        ("generator", f"mpp {about.version}"),
        ("date", about.as_of.isoformat()),
    ):
        SubElement(head, "meta", {"name": name, "content": content})
    SubElement(head, "title").text = safe(title)
    SubElement(head, "style").text = style
    for each in head:
        each.tail = "\n"
    return head


def _contents(headings: Sequence[tuple[str, str]]) -> Element:
    nav = Element("nav", {"aria-label": "On this page"})
    items = SubElement(nav, "ul")
    for place, text in headings:
        SubElement(SubElement(items, "li"), "a", {"href": f"#{place}"}).text = text
    return nav


# --- the blocks ------------------------------------------------------------------


@dataclass
class _Place:
    """Where the page has got to: its headings, and the numbers of what was drawn."""

    headings: list[tuple[str, str]] = field(default_factory=list)
    tables: int = 0
    charts: int = 0
    references: References | None = None


def _body(blocks: Sequence[page.Words | page.Picture], main: Element) -> list[tuple[str, str]]:
    """Draw the blocks into ``main``; return the id and the name of each second heading."""
    place = _Place()
    lists: list[Element] = []  # The list that is being filled, and the one within it.
    for number, block in enumerate(blocks):
        if isinstance(block, page.Bullet):
            _bullet(main, lists, block)
            continue
        lists.clear()
        if isinstance(block, page.Heading | page.Statement):
            place.references = None  # A footnote below belongs to no table above.
        if isinstance(block, page.Table):
            place.tables += 1
            notes = tuple(_notes_of(blocks[number + 1 :]))
            place.references = References(place.tables, notes)
        main.extend(_drawn(block, place))
    return place.headings


def _notes_of(blocks: Sequence[page.Words | page.Picture]) -> Iterator[page.Footnote]:
    """The footnotes of a table: those before the next table or heading."""
    for block in blocks:
        if isinstance(block, page.Table | page.Heading | page.Statement):
            return
        if isinstance(block, page.Footnote) and block.mark:
            yield block


def _drawn(block: page.Words | page.Picture, place: _Place) -> Iterator[Element]:
    match block:
        case page.Heading(text, level):
            yield _heading(text, level, place)
        case page.Paragraph(text):
            yield _words("p", text)
        case page.Statement(label, text, number):
            yield _statement(label, text, number, place)
        case page.Table():
            assert place.references is not None
            yield from table(block, place.references)
        case page.Footnote():
            yield _footnote(block, place.references)
        case page.Picture():
            place.charts += 1
            yield _figure(block, place)
        case page.Verbatim(text):
            pre = Element("pre")
            SubElement(pre, "code").text = safe(text, keep="\n")
            yield pre


def _words(tag: str, text: str, attributes: dict[str, str] | None = None) -> Element:
    element = Element(tag, attributes or {})
    element.text = _plain(text)
    return element


def _plain(text: str) -> str:
    # What is tied together stays on one line here, too; after a hyphen it would not.
    return safe(text).replace(f"-{TIE}", f"−{TIE}").replace(TIE, "\u00a0")


def _heading(text: str, level: int, place: _Place) -> Element:
    if level != 2:
        return _words(f"h{level}", text)
    name = f"part-{len(place.headings) + 1}"
    place.headings.append((name, _plain(text)))
    return _words("h2", text, {"id": name})


def _statement(label: str, text: str, number: int | None, place: _Place) -> Element:
    """A sentence of the document, which sets the foreign word in italics."""
    if number is None:
        element = Element("p", {"class": "statement"})
    else:
        name = f"goal-{number}"
        place.headings.append((name, f"{label} {number}"))
        element = Element("h2", {"id": name, "class": "goal"})
    lead = SubElement(element, "strong")
    lead.text = f"{label}:" if number is None else f"{number}. {label}:"
    first, *rest = _plain(text).split("non-refoulement")
    lead.tail = f" {first}"
    for part in rest:
        foreign = SubElement(element, "em", {"lang": "fr"})
        foreign.text, foreign.tail = "non-refoulement", part
    return element


def _footnote(note: page.Footnote, references: References | None) -> Element:
    mark = f"{safe(note.mark)} " if note.mark else ""
    element = _words("p", f"{mark}{note.text}", {"class": "note"})
    if references is not None and note.mark:
        element.set("id", references.target(note))
        references.lead_back(element, note)
    return element


def _bullet(main: Element, lists: list[Element], bullet: page.Bullet) -> None:
    """An item of a list; one within an item stands in a list of its own there."""
    del lists[bullet.level + 1 :]
    while len(lists) <= bullet.level:
        within = main if not lists else (lists[-1][-1] if len(lists[-1]) else lists[-1])
        lists.append(SubElement(within, "ul"))
    item = SubElement(lists[-1], "li")
    if bullet.label:
        # A label may be a name from the data in any script, which turns nothing around it.
        label = SubElement(SubElement(item, "strong"), "bdi")
        label.text, label.tail = _plain(bullet.label), ":"
        item[0].tail = f" {_plain(bullet.text)}"
    else:
        item.text = _plain(bullet.text)


def _figure(block: page.Picture, place: _Place) -> Element:
    chart = block.chart
    figure = Element("figure")
    caption = SubElement(figure, "figcaption")
    caption.text = safe(chart.title)
    figure.append(svg.draw(chart, place.charts))
    data = getattr(chart, "data", None)
    if data is not None:
        details = SubElement(figure, "details")
        SubElement(details, "summary").text = "The figures of this chart"
        place.tables += 1
        within = page.Table(None, data, chart.title)
        details.extend(table(within, References(place.tables, ())))
    return figure
