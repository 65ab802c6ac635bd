"""The rows of a metric: its groups by ``--by``, and the parts that its headline divides into."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from mpp_cli import counting
from mpp_cli.counting import Key
from mpp_cli.definitions import AnyMeasure, Count, Days, Metric, Ratio, Rule, Span, event_date
from mpp_cli.durations import Durations, durations
from mpp_cli.errors import MppError, UsageError
from mpp_cli.figures import display, ratio
from mpp_cli.goals.rules import MPP_BEGAN
from mpp_cli.periods import LABELS
from mpp_cli.question import Question
from mpp_cli.results import Row, Value
from mpp_cli.sources.dataset import Dataset

#: The column of the rows that divide a headline into its parts.
OUTCOME = "outcome"

#: The rule that a comparison of dockets leaves out.
_DOCKET_RULE = "mpp-docket"

OTHER_DOCKETS = (
    "Other dockets are next to the MPP docket for comparison; they are not in the total."
)

#: Said where other dockets hold the cases of all years.
SAME_YEARS = (
    "Of other dockets only cases count whose NTA was filed in the years in which those of MPP "
    "were, {years}; --by docket --by calendar_year gives every year."
)


def value_of(
    measure: AnyMeasure, counts: Mapping[str, int | None], days: Mapping[Span, Durations]
) -> Value:
    """The exact figure of a measure, from the counts and durations of a group.

    A count that is not known is None, and so is a ratio of it.
    """
    if isinstance(measure, Ratio):
        part, whole = counts[measure.part.name], counts[measure.whole.name]
        return None if part is None or whole is None else ratio(part, whole)
    if isinstance(measure, Days):
        return days[measure.span].figure(measure)
    return counts[measure.name]


def shown(measure: AnyMeasure, value: Value) -> str:
    """A figure as it is printed."""
    decimals = measure.decimals if isinstance(measure, Ratio) else 0
    return display(value, measure.unit, decimals)


def groups(
    dataset: Dataset,
    declared: Metric,
    measures: Sequence[AnyMeasure],
    question: Question,
    as_of: datetime.date,
    figures: Mapping[str, int],
) -> Mapping[Key, Mapping[str, int]]:
    """Every count of a metric by group; refused when the groups do not sum to the figures."""
    if declared.parts and OUTCOME in question.by:
        raise UsageError(
            f"{declared.name} cannot be broken down by a column {OUTCOME} of cases",
            hint=f"its rows are by the {OUTCOME} of the event already",
        )
    counts = [each for each in measures if isinstance(each, Count)]
    counts += [part.count for part in declared.parts]
    compared = compares_dockets(declared, question)
    asked = counts
    if compared:
        years = filing_years(dataset, question, as_of)
        asked = [_of_any_docket(count, years) for count in counts]
    found = counting.groups(dataset, asked, event_date(declared, measures), question, as_of)
    for count in counts:
        summed = (
            group[count.name]
            for key, group in found.items()
            if not compared or key[question.by.index("docket")] == "mpp"
        )
        if sum(summed) != figures[count.name]:
            raise MppError(
                f"the groups of {count.name} do not sum to the total; nothing is printed"
            )
    return found


def group_durations(
    dataset: Dataset,
    declared: Metric,
    measures: Sequence[AnyMeasure],
    question: Question,
    as_of: datetime.date,
) -> Mapping[Key, Mapping[Span, Durations]]:
    """The durations that a metric is about, by group; of all cases without ``--by``."""
    found: dict[Key, dict[Span, Durations]] = {}
    compared = compares_dockets(declared, question)
    years = filing_years(dataset, question, as_of) if compared else None
    for span in dict.fromkeys(each.span for each in measures if isinstance(each, Days)):
        asked = span
        if compared:
            asked = replace(
                span,
                cases=_of_any_docket(span.cases, years),
                waiting=_of_any_docket(span.waiting, years),
            )
        dated = event_date(declared, measures) if question.by else ""
        for key, days in durations(dataset, asked, question, as_of, dated).items():
            found.setdefault(key, {})[span] = days
    return found


def rows(
    declared: Metric,
    measures: Sequence[AnyMeasure],
    by: Sequence[str],
    grouped: Mapping[Key, Mapping[str, int | None]],
    days: Mapping[Key, Mapping[Span, Durations]],
) -> Iterator[Row]:
    """One row per group, or one per group and part where the metric has parts."""
    for key, counts in grouped.items():
        named = dict(zip(by, key, strict=True))
        if declared.parts:
            yield from _parts(declared, named, counts)
            continue
        spans = days.get(key) or {m.span: Durations() for m in measures if isinstance(m, Days)}
        values = {each.name: value_of(each, counts, spans) for each in measures}
        yield Row(named, values, {each.name: shown(each, values[each.name]) for each in measures})


def row_measures(declared: Metric) -> tuple[tuple[str, str], ...]:
    """The columns of the rows that are no measures of the metric itself."""
    if not declared.parts:
        return ()
    whole = declared.parts[0].count
    label = "People" if whole.of == "people" else "Cases"
    return ("cases", label), (declared.share, declared.share.replace("_", " ").capitalize())


def compares_dockets(declared: Metric, question: Question) -> bool:
    """Whether the rows show other dockets beside the one that the metric counts."""
    return declared.compares_dockets and "docket" in question.by


def _parts(
    declared: Metric, named: Mapping[str, str | int | None], counts: Mapping[str, int | None]
) -> Iterator[Row]:
    whole = counts[declared.headline] or 0
    for part in declared.parts:
        cases = counts[part.count.name]
        if cases:
            share = ratio(cases, whole)
            yield Row(
                {**named, OUTCOME: part.value},
                {"cases": cases, declared.share: share},
                {"cases": display(cases, "cases"), declared.share: display(share, "ratio", 2)},
            )


def on_dockets(
    declared: Metric, dataset: Dataset, question: Question, as_of: datetime.date
) -> tuple[str, ...]:
    """What is said of the other dockets where they are shown."""
    if not compares_dockets(declared, question):
        return ()
    years = filing_years(dataset, question, as_of)
    if not years:
        return (OTHER_DOCKETS,)
    said = str(years[0]) if years[0] == years[1] else f"{years[0]} to {years[1]}"
    return OTHER_DOCKETS, SAME_YEARS.format(years=said)


def filing_years(
    dataset: Dataset, question: Question, as_of: datetime.date
) -> tuple[int, int] | None:
    """The years in which other dockets are compared with MPP's; None for whatever they hold.

    They are the years from the first to the last in which the NTA of an MPP case was
    filed by the as-of date, since MPP began. Where the groups are by time, each year stands for
    itself.
    """
    if not dataset.every_year or any(name in LABELS for name in question.by):
        return None
    [(first, last)] = dataset.engine.fetch(
        "SELECT min(nta_filed_date), max(nta_filed_date) FROM case_history WHERE docket = 'mpp' "
        f"AND nta_filed_date >= DATE '{MPP_BEGAN}' AND nta_filed_date <= $as_of",
        as_of=as_of,
    )
    return (first.year, last.year) if first else None


def _of_any_docket(count: Count, years: tuple[int, int] | None) -> Count:
    """The same count without the rule that keeps one docket; of others, cases of these years."""
    rules = [rule for rule in count.rules if rule.id != _DOCKET_RULE]
    if years and len(rules) < len(count.rules):
        filed = f"nta_filed_date BETWEEN DATE '{years[0]}-01-01' AND DATE '{years[1]}-12-31'"
        keeps = f"docket = 'mpp' OR COALESCE({filed}, FALSE)"
        rules.insert(0, Rule(_DOCKET_RULE, keeps, "cases of other dockets filed in other years"))
    return replace(
        count,
        rules=tuple(rules),
        within=_of_any_docket(count.within, years) if count.within else None,
    )
