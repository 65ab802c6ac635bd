"""What the declarations say of the names that answers print."""

from __future__ import annotations

from collections.abc import Iterable

from mpp_cli.goals import EVERY
from mpp_cli.goals.definitions import Count, Days, EncounterTotal, Metric, Ratio
from mpp_cli.goals.variants import VARIANTS


def metric_of(name: str) -> Metric:
    """The declaration of a metric by its name."""
    return EVERY[name]


def count_of(metric: str, measure: str) -> Count | None:
    """The declaration of a count that a metric prints, None for what is no count of cases."""
    own = EVERY[metric].every_count if metric in EVERY else ()
    others = (each for declared in EVERY.values() for each in declared.every_count)
    return next((each for each in (*own, *others) if each.name == measure), None)


def under(count: Count, definition: str) -> Count:
    """A count by another definition, the document's where there is none of that id."""
    return next((each.of(count) for each in VARIANTS if each.id == definition), count)


def counts_of_ratio(metric: str, measure: str, part: str | None = None) -> tuple[str, str] | None:
    """The names of the part and the whole of a ratio, None for another figure.

    ``part`` is the count that a row by outcome gives, whose share the row has as well.
    """
    known = EVERY[metric]
    for each in known.measures:
        if isinstance(each, Ratio) and each.name == measure:
            return each.part.name, each.whole.name
    if known.parts and measure == known.share and part:
        return part, known.headline
    return None


def count_of_days(metric: str, measure: str) -> str | None:
    """The name of the count of the cases that a number of days is of."""
    for each in EVERY[metric].measures:
        if isinstance(each, Days) and each.name == measure:
            return each.span.cases.name
    return None


def part_of(metric: str, outcome: object) -> str | None:
    """The name of the count that a row of an outcome gives, where a metric has such rows."""
    return next((each.count.name for each in EVERY[metric].parts if each.value == outcome), None)


def is_encounters(metric: str) -> bool:
    """Whether a metric counts encounters."""
    return metric in EVERY and isinstance(EVERY[metric].measures[0], EncounterTotal)


def nested() -> tuple[tuple[Count, Count], ...]:
    """Every count with the one that it is declared to be a part of, or a share of."""
    found: dict[tuple[Count, Count], None] = {}
    for metric in EVERY.values():
        for each in metric.measures:
            if isinstance(each, Ratio):
                found[each.part, each.whole] = None
        for count in metric.every_count:
            if count.within is not None:
                found[count, count.within] = None
    return tuple(found)


def with_events() -> tuple[Count, ...]:
    """The counts whose balance says which events are not counted again."""
    counts = (count for metric in EVERY.values() for count in metric.every_count)
    return tuple(dict.fromkeys(count for count in counts if count.events))


def of_events(tables: Iterable[str]) -> tuple[str, ...]:
    """The names of the counts that count the rows of these histories of events."""
    counts = (count for metric in EVERY.values() for count in metric.every_count)
    return tuple(dict.fromkeys(count.name for count in counts if count.table in {*tables}))
