"""The printed page as a sequence of blocks, the same for every format that is read.

The order of the page and its words are decided here, once; a format only says
how each kind of block looks. The text of a block is plain and still as it came
from the data: making it safe is the format's part.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from mpp_cli.formats.page import charts, prose
from mpp_cli.formats.page.charts import Bars, Lines
from mpp_cli.formats.page.grid import Grid, grid
from mpp_cli.formats.text import full_title
from mpp_cli.results.report import Goal, Head, Ledger, Metric, MetricReport, Report


@dataclass(frozen=True)
class Heading:
    """A heading: level 1 is the title of the page.

    ``short`` is for where a heading has little room, as on the tab of a sheet.
    """

    text: str
    level: int = 1
    short: str = ""


@dataclass(frozen=True)
class Paragraph:
    """Running text."""

    text: str


@dataclass(frozen=True)
class Statement:
    """A labelled sentence of the document: a goal with its number, a metric, a measurement."""

    label: str
    text: str
    number: int | None = None


@dataclass(frozen=True)
class Table:
    """The figures of a metric under an optional title, then those beside the table.

    ``name`` says what the table is about where formats must call a table something.
    """

    title: str | None
    grid: Grid
    name: str = ""


@dataclass(frozen=True)
class Footnote:
    """A footnote under a table, or a remark on this run when it has no mark.

    ``id`` is that by which the columns of the table refer to it.
    """

    mark: str
    text: str
    id: str = ""


@dataclass(frozen=True)
class Bullet:
    """An item of a list; ``level`` 1 is an item within an item."""

    label: str
    text: str
    level: int = 0


@dataclass(frozen=True)
class Verbatim:
    """Lines that keep their spaces and their breaks; ``language`` is what they are written in."""

    text: str
    language: str = ""


@dataclass(frozen=True)
class Picture:
    """A chart of figures that stand on the page; formats without pictures leave it out."""

    chart: Bars | Lines


@dataclass(frozen=True)
class Sources:
    """The account of the files, the warnings, and who computed: in words or as tables."""

    head: Head


Words = Heading | Paragraph | Statement | Table | Footnote | Bullet | Verbatim
Block = Words | Picture | Sources


def in_words(blocks: Iterable[Block]) -> Iterator[Words | Picture]:
    """The page with its sources in words."""
    for block in blocks:
        if isinstance(block, Sources):
            yield from _sources_in_words(block.head)
        else:
            yield block


def text_only(blocks: Iterable[Block]) -> Iterator[Words]:
    """The page in words, without its pictures, whose figures stand on it, too."""
    for block in in_words(blocks):
        if not isinstance(block, Picture):
            yield block


def blocks(report: Report | MetricReport) -> Iterator[Block]:
    """The page from top to bottom."""
    return _document(report) if isinstance(report, Report) else _one_metric(report)


def _document(report: Report) -> Iterator[Block]:
    head = report.head
    yield Heading(full_title(head, head.title))
    yield from selection(head)
    for text in report.introduction:
        yield Paragraph(text)
    for each in report.goals:
        yield from goal(report, each)
    if report.additional:
        yield Heading("Beyond the document", 2)
        yield from beyond(report)
    yield Heading("Sources and accounting", 2)
    yield from sample_note(head)
    yield from _ledgers(report.metrics)
    if head.sources:
        yield Heading("Sources", 3)
    yield from sources(head)


def _one_metric(report: MetricReport) -> Iterator[Block]:
    head, metric = report.head, report.metric
    yield Heading(full_title(head, metric.title))
    yield from selection(head)
    yield from of_one(report)
    yield from _ledgers((metric,))
    yield Heading("Sources", 2)
    yield from sample_note(head)
    yield from sources(head)


def of_one(report: MetricReport) -> Iterator[Block]:
    """The figures of the one metric."""
    if report.metric.goal is None:
        yield Paragraph(f"Beyond the document. {prose.BEYOND}")
    yield from figures(report.head, report.metric, titled=False)
    yield from _pictures(charts.of_metric(report.metric))


def beyond(report: Report) -> Iterator[Block]:
    """The metrics that the document does not have."""
    yield Paragraph(prose.BEYOND)
    for metric in report.additional:
        yield Heading(metric.title, 3)
        yield from statements(metric, None)
        yield from figures(report.head, metric, titled=False)
        yield from _pictures(charts.of_metric(metric))


def goal(report: Report, goal: Goal) -> Iterator[Block]:
    """A goal of the document with its metrics."""
    yield Statement("Goal", goal.goal, goal.number)
    said = None
    for metric in goal.metrics:
        yield from statements(metric, said)
        yield from figures(report.head, metric)
        said = metric.metric
        yield from _pictures(charts.in_document(report, metric))


def _pictures(charts: Iterable[Bars | Lines]) -> Iterator[Block]:
    yield from map(Picture, charts)


def statements(metric: Metric, said: str | None) -> Iterator[Block]:
    """The metric's sentence, once for consecutive metrics that share it, and the measurement."""
    if metric.metric and metric.metric != said:
        yield Statement("Metric", metric.metric)
    if metric.data_measurement:
        yield Statement("Data measurement", metric.data_measurement)


def figures(head: Head, metric: Metric, titled: bool = True) -> Iterator[Block]:
    """The table and its footnotes, or why there is none."""
    if metric.status != "ok":
        yield Paragraph(f"Unavailable: {metric.reason or 'no reason is known'}")
    else:
        table = grid(metric, head.as_of)
        yield Table(
            metric.title if titled and not table.is_one_figure else None, table, metric.title
        )
    for footnote in metric.footnotes:
        yield Footnote(footnote.mark, footnote.text, footnote.id)
    for note in metric.notes:
        yield Footnote("", f"Note: {note}")


def selection(head: Head) -> Iterator[Block]:
    """To what the figures are narrowed, where they are."""
    sentence = prose.selection(head)
    if sentence:
        yield Paragraph(sentence)


def sample_note(head: Head) -> Iterator[Block]:
    """That the figures are invented, where they are."""
    if head.sample:
        yield Paragraph(prose.SAMPLE_NOTE)


def balances(metrics: Sequence[Metric]) -> list[tuple[Metric, Ledger, list[str]]]:
    """Each balance once, with all the headings that the document gives its count."""
    found: dict[Ledger, tuple[Metric, list[str]]] = {}
    for metric in metrics:
        for ledger in metric.ledger if metric.status == "ok" else ():
            _, labels = found.setdefault(ledger, (metric, []))
            label = prose.ledger_label(metric, ledger)
            if label not in labels:
                labels.append(label)
    return [(metric, ledger, labels) for ledger, (metric, labels) in found.items()]


def _ledgers(metrics: tuple[Metric, ...]) -> Iterator[Block]:
    found = balances(metrics)
    if found:
        if len(metrics) == 1:
            yield Heading("How the count is made up", 2)
        else:
            yield Heading("How the counts are made up", 3)
    for metric, ledger, labels in found:
        withheld = prose.withheld(metric, ledger)
        yield Bullet("; ".join(labels), withheld or prose.balance(metric, ledger))
        for event in () if withheld else ledger.events:
            yield Bullet("", event, 1)


def sources(head: Head) -> Iterator[Block]:
    """The files, the warnings, and who computed the figures."""
    yield Sources(head)


def _sources_in_words(head: Head) -> Iterator[Words]:
    for source in head.sources:
        yield Bullet(source.file, prose.source_title(source))
        for label, text in prose.source_lines(source):
            yield Bullet(label, text, 1)
    yield from remarks(head)


def remarks(head: Head) -> Iterator[Words]:
    """The warnings, and who computed the figures."""
    if head.warnings:
        yield Heading("Warnings", 3)
        for warning in head.warnings:
            yield Bullet("", prose.warning_text(warning))
    yield Heading("Computation", 3)
    for label, text in prose.computed_by(head):
        yield Bullet(label, text)
