"""The accounts of a report as sentences: balances of counts and of rows, warnings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from mpp_cli.formats.text import TIE, long_date, thousands, words
from mpp_cli.results import WITHHELD, Excluded, Head, Ledger, Metric, Source, Warning

SAMPLE_NOTE = "These figures come from synthetic sample data. They are not facts about real people."

BEYOND = "The document does not give these figures; they are an addition to it."

# What a rule leaves out is worded for many; one case reads "1 case without …".
_SINGULAR = {
    **{"cases": "case", "people": "person", "encounters": "encounter"},
    **{"completions": "completion", "referrals": "referral"},
}


def selection(head: Head) -> str | None:
    """The sentences that say to what the figures are narrowed, or None for all rows.

    Cases and encounters may have different columns of those that were asked for.
    """
    where = head.request.where
    if not where:
        return None
    rows: dict[tuple[str, ...], list[str]] = {}
    for name, columns in (head.request.narrowed or {"cases": tuple(where)}).items():
        if columns:
            rows.setdefault(columns, []).append(name)
    told = (
        (names, " and ".join(f"{words(column)} = {where[column]}" for column in columns))
        for columns, names in rows.items()
    )
    return " ".join(f"Only {' and '.join(names)} with {how}." for names, how in told) or None


def ledger_label(metric: Metric, ledger: Ledger) -> str:
    """The heading of the count that the ledger balances."""
    labels = dict(metric.row_measures)
    labels.update((each.name, each.label) for each in metric.measures)
    return labels.get(ledger.measure, words(ledger.measure))


def balance(metric: Metric, ledger: Ledger) -> str:
    """The balance in one line: "1,284 counted = 1,300 cases - 16 cases …".

    A rule that left out nothing has no part in the line.
    """
    units = {each.name: each.unit for each in metric.measures}
    unit = units.get(ledger.measure, "cases")
    of = several(ledger.population, "cases" if unit == "people" else unit)
    parts = "".join(f" -{TIE}{_excluded(each)}" for each in ledger.excluded if each.count)
    return f"{thousands(ledger.counted)} counted = {of}{parts}"


def withheld(metric: Metric, ledger: Ledger) -> str | None:
    """What stands for the balance of a suppressed count, which would tell what its cell hides."""
    for measure in metric.measures:
        if measure.name == ledger.measure and measure.suppressed:
            return f"{measure.display} counted; the balance is withheld with the figure"
    return None


def _excluded(excluded: Excluded) -> str:
    return f"{several(excluded.count, excluded.text)} ({excluded.rule})"


def several(count: int, text: str) -> str:
    """A count and what it counts, in the singular for one."""
    first, space, rest = text.partition(" ")
    if count == 1:
        text = _SINGULAR.get(first, first) + space + rest
    return f"{thousands(count)}{TIE}{text}"


def source_title(source: Source) -> str:
    """What a source holds and until when: "cases, UTF-8, data through December 31, 2020"."""
    until = f", data through {long_date(source.through)}" if source.through else ""
    return f"{words(source.kind)}, {source.encoding}{until}"


def source_names(sources: Sequence[Source]) -> list[str]:
    """The name of each file, with the table where several are made of one file."""
    files = Counter(source.file for source in sources)
    return [
        f"{source.file} ({words(source.kind)})" if files[source.file] > 1 else source.file
        for source in sources
    ]


def source_lines(source: Source) -> Iterator[tuple[str, str]]:
    """The accounts of a source as (label, sentence): its rows, what was not read, its hash."""
    outside = sum(source.rows_outside.values())
    aside = sum(source.set_aside.values())
    yield (
        "Rows",
        f"{rows(source, source.rows_read)} read = {rows(source, source.rows_used)} used "
        f"+{TIE}{thousands(outside)} outside +{TIE}{thousands(aside)} set aside",
    )
    if outside:
        yield "Outside", _tally(source.rows_outside, {})
    if aside:
        yield "Set aside", _tally(source.set_aside, source.examples)
    if sum(source.blanked.values()):
        yield "Values read as blank", _tally(source.blanked, {}, as_words=False)
    if source.repaired:
        yield "Repaired", f"{thousands(source.repaired)}{TIE}rows with shifted fields"
    if source.unknown_codes:
        yield "Codes not on any list", _tally(source.unknown_codes, {}, as_words=False)
    yield "Hash", source.hash


def rows(source: Source, number: int) -> str:
    """How many rows of a source were read or used, unless that would tell a small count."""
    return WITHHELD if source.withheld else thousands(number)


def _tally(
    counts: Mapping[str, int], examples: Mapping[str, tuple[int, ...]], as_words: bool = True
) -> str:
    """Counts by reason: "2 unreadable date (lines 14 and 92); 1 orphan (line 7)"."""
    return "; ".join(
        f"{thousands(count)}{TIE}{words(reason) if as_words else reason}"
        f"{_first_lines(count, examples.get(reason, ()))}"
        for reason, count in counts.items()
        if count
    )


def _first_lines(count: int, lines: tuple[int, ...]) -> str:
    """Where to look. Line numbers carry no commas: they are for an editor's "go to line"."""
    if not lines:
        return ""
    first = "first " if count > len(lines) else ""
    noun = "line" if len(lines) == 1 else "lines"
    *most, last = (str(line) for line in lines)
    listed = f"{', '.join(most)} and{TIE}{last}" if most else last
    return f" ({first}{noun} {listed})"


def warning_text(warning: Warning) -> str:
    """A warning, and the file and line that it is about where it names one."""
    place = ":".join(str(part) for part in (warning.file, warning.line) if part is not None)
    return f"{warning.text} ({place})" if place else warning.text


def computed_by(head: Head) -> Iterator[tuple[str, str]]:
    """Who computed the figures, how, and as of when, as (label, text)."""
    yield "As of", long_date(head.as_of)
    options = [
        f"{words(name)} = {value}"
        for name, value in head.request.options.items()
        if value is not None
    ]
    if options:
        yield "Options", "; ".join(options)
    if head.request.suppress_below is not None:
        yield "Suppressed", f"counts below {head.request.suppress_below}"
    yield "Computed by", f"mpp {head.version}, engine {head.engine}"
    yield "Definitions", head.definitions
