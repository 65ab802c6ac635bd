"""What a workbook holds: which sheets, and which blocks stand on each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from mpp_cli.formats import page, prose
from mpp_cli.formats.grid import Grid
from mpp_cli.formats.page import Block, Heading, Paragraph, Table
from mpp_cli.formats.shown import Shown, count
from mpp_cli.formats.text import full_title, long_date, words
from mpp_cli.results import Head, Ledger, Metric, MetricReport, Report, Source


@dataclass(frozen=True)
class Sheet:
    """A sheet by the name on its tab."""

    name: str
    blocks: tuple[Block, ...]


def of_report(report: Report | MetricReport) -> Iterator[Sheet]:
    """A sheet for each goal, or for the one metric; then definitions, ledger and sources."""
    head = report.head
    if isinstance(report, Report):
        for goal in report.goals:
            yield _sheet(f"Goal {goal.number}", head, head.title, page.goal(report, goal))
        if report.additional:
            title, beyond = "Beyond the document", page.beyond(report)
            yield _sheet(title, head, title, beyond)
    else:
        yield _sheet(report.metric.name, head, report.metric.title, page.of_one(report))
    yield _sheet("Definitions", head, "Definitions", _definitions(report.metrics))
    yield _sheet("Ledger", head, "How the counts are made up", _ledger(report.metrics))
    yield _sheet("Sources", head, "Sources", sources(head))


def of_page(blocks: Iterable[Block], head: Head) -> Iterator[Sheet]:
    """Any other page: a sheet for what stands first, and one for each part of the page.

    A sheet may be copied alone, so each says that the data are a sample when they are.
    """
    name, found = words(head.request.command).capitalize(), list[Block]()
    sample = tuple(page.sample_note(head))
    for block in blocks:
        if isinstance(block, Heading) and block.level == 2:
            if found:
                yield Sheet(name, tuple(found))
            name, found = block.short or block.text, []
        if isinstance(block, page.Sources):
            found += sources(block.head)
        elif block not in sample:
            found.append(block)
        if isinstance(block, Heading) and block.level <= 2:
            found += sample
    yield Sheet(name, tuple(found))


def _sheet(name: str, head: Head, title: str, blocks: Iterable[Block]) -> Sheet:
    above = (Heading(full_title(head, title)), *page.sample_note(head), *page.selection(head))
    as_of = Paragraph(f"As of {long_date(head.as_of)}.")
    return Sheet(name, (*above, as_of, *blocks))


# --- definitions and ledger --------------------------------------------------------


def _definitions(metrics: Sequence[Metric]) -> Iterator[Block]:
    """Every measure with its figure, its own definition, and its footnotes."""
    header = ("Goal", "Metric", "Measure", "Name", "Figure", "Unit", "Definition")
    rows = [
        (
            "" if metric.goal is None else Shown(str(metric.goal), metric.goal),
            metric.name,
            each.label,
            each.name,
            Shown(each.display, None if each.suppressed else each.value, each.unit),
            each.unit,
            " ".join([each.definition, *_notes(metric, each.footnotes)]),
        )
        for metric in metrics
        for each in metric.measures
    ]
    yield Table(None, Grid(header, tuple(rows), groups=4))
    for metric in metrics:
        if metric.status != "ok":
            yield Paragraph(f"{metric.name} is unavailable: {metric.reason}")


def _notes(metric: Metric, ids: Sequence[str]) -> list[str]:
    return [note.text for note in metric.footnotes if note.id in ids]


def _ledger(metrics: Sequence[Metric]) -> Iterator[Block]:
    """Every balance as lines: the population, what each rule leaves out, what is counted."""
    header = ("Count", "Line", "Rule", "Number", "What it is")
    rows: list[tuple[str, ...]] = []
    for metric, ledger, labels in page.balances(metrics):
        rows += _balance("; ".join(labels), metric, ledger)
    if rows:
        yield Table(None, Grid(header, tuple(rows), groups=3))


def _balance(label: str, metric: Metric, ledger: Ledger) -> Iterator[tuple[str, ...]]:
    withheld = prose.withheld(metric, ledger)
    if withheld:
        yield (label, "withheld", "", "", withheld)
        return
    yield (label, "of", "", count(ledger.population), "population")
    for each in ledger.excluded:
        yield (label, "left out", each.rule, count(each.count), each.text)
    yield (label, "counted", "", count(ledger.counted), "")
    for event in ledger.events:
        yield (label, "not counted again", "", "", event)


# --- sources -----------------------------------------------------------------------


def sources(head: Head) -> Iterator[Block]:
    """The files as a table, the rows that were not used by reason, warnings, who computed."""
    header = (
        *("File", "Holds", "Through", "Rows read", "Rows used", "Rows outside"),
        *("Rows set aside", "Values read as blank", "Encoding", "Hash"),
    )
    rows = tuple(
        (
            *(each.file, words(each.kind)),
            Shown(each.through.isoformat(), each.through) if each.through else "",
            *(_rows(each, each.rows_read), _rows(each, each.rows_used)),
            count(sum(each.rows_outside.values())),
            count(sum(each.set_aside.values())),
            count(sum(each.blanked.values())),
            *(each.encoding, each.hash),
        )
        for each in head.sources
    )
    if rows:
        yield Table(None, Grid(header, rows, groups=3))
    reasons = tuple(line for each in head.sources for line in _by_reason(each))
    if reasons:
        yield Heading("What was not used, by reason", 3)
        columns = ("File", "What", "Reason", "Number", "First lines")
        yield Table(None, Grid(columns, reasons, groups=3))
    yield from page.remarks(head)


def _rows(source: Source, number: int) -> str:
    return prose.rows(source, number) if source.withheld else count(number)


def _by_reason(source: Source) -> Iterator[tuple[str, ...]]:
    for what, counts in (
        ("rows outside", source.rows_outside),
        ("rows set aside", source.set_aside),
        ("values read as blank", source.blanked),
        ("codes not on any list", source.unknown_codes),
    ):
        for reason, rows in counts.items():
            lines = ", ".join(map(str, source.examples.get(reason, ())))
            yield (source.file, what, reason, count(rows), lines)
