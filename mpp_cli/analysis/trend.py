"""The figure as of each period's end, from one pass over the case history."""

from __future__ import annotations

import datetime
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from mpp_cli.common.errors import MppError, UnavailableError, UsageError, did_you_mean
from mpp_cli.common.periods import LABELS, TIMES, month_end, month_number
from mpp_cli.dataset.provenance import make_head
from mpp_cli.dataset.validated import Judgement
from mpp_cli.goals.common_rules import MPP_BEGAN
from mpp_cli.goals.definitions import Count, Days, EncounterTotal, Metric, Span, event_date
from mpp_cli.goals.lookup import find_metric, only, rows_counted
from mpp_cli.metrics import breakdown, conditions, cumulative
from mpp_cli.metrics import counts as counting
from mpp_cli.metrics import encounters as months
from mpp_cli.metrics.durations import Durations
from mpp_cli.metrics.footnotes import footnotes
from mpp_cli.metrics.lost_years import lost_days
from mpp_cli.metrics.query import Question, check_question
from mpp_cli.results.report import Footnote, Request, Value
from mpp_cli.results.trend import Point, Series, Trend, TrendMeasure
from mpp_cli.sources.dataset import Dataset
from mpp_cli.sources.schema import AGGREGATES
from mpp_cli.sources.values import parse

#: The periods, and how many months each has; a day has none.
EVERY = {"day": 0, "month": 1, "quarter": 3, "fiscal_year": 12}

#: The most points that a series may have.
MOST_POINTS = 4000

#: Said of encounters, whose figure is not cumulative over the years.
YEAR_TO_DATE = "each point is the fiscal year to date: the count begins again every October"

#: The figures of all cases or of one group, by the date they are asked as of.
Figures = Sequence[Mapping[str, Value]]


def trend(
    judgement: Judgement,
    name: str,
    question: Question,
    request: Request,
    *,
    every: str = "month",
    start: datetime.date | None = None,
) -> Trend:
    """A metric as of the end of each period from ``start`` to the question's as-of date.

    The last point is as of that date itself, also where its period goes on. By
    default the first is the period in which the first case is counted.
    """
    if every not in EVERY:
        raise UsageError(f'unknown period "{every}"', hint=did_you_mean(every, list(EVERY)))
    declared = _with_parts(find_metric(name), question.measure)
    if question.measure:
        declared = only(declared, question.measure)
    to = question.as_of or judgement.end or judgement.today
    if isinstance(declared.measures[0], EncounterTotal):
        days, found = _encounters(judgement, declared, question, every, start, to)
    else:
        days, found = _cases(judgement, declared, question, every, start, to)
    head = make_head(judgement, to, request)
    asked = question.where, question.matched
    remarks = conditions.remarks(judgement.dataset, *asked, rows_counted([declared]))
    return Trend(
        head=replace(head, warnings=(*head.warnings, *remarks)),
        name=declared.name,
        title=declared.title,
        every=every,
        headline=declared.headline,
        measures=tuple(TrendMeasure(m.name, m.label, m.unit) for m in declared.measures),
        by=question.by,
        series=tuple(
            Series(
                dict(zip(question.by, key, strict=True)) if key is not None else {},
                tuple(_points(declared, every, days, figures)),
            )
            for key, figures in found
        ),
        # Each point has an as-of date of its own, so its footnote is left out.
        footnotes=tuple(
            Footnote(each.id, "*" * place, each.text)
            for place, each in enumerate(footnotes(declared, to)[1:], start=1)
        ),
        notes=(YEAR_TO_DATE,) if isinstance(declared.measures[0], EncounterTotal) else (),
    )


def _cases(
    judgement: Judgement,
    declared: Metric,
    question: Question,
    every: str,
    start: datetime.date | None,
    to: datetime.date,
) -> tuple[list[datetime.date], list[tuple[counting.Key | None, Figures]]]:
    dataset = judgement.dataset
    counts = list(declared.every_count)
    for count in counts:
        if not cumulative.adds_up(count):
            raise UsageError(
                f"{declared.name} has no trend: {count.name} is not a sum of what happened by day"
            )
        reason = counting.unavailable(dataset, count)
        if reason and dataset.has(AGGREGATES):
            reason += "; published figures are of single dates, a trend needs the cases"
        if reason:
            hint = "add the table or column to the data, or pick a measure with --measure"
            raise UnavailableError(
                f"{declared.name} is unavailable: {reason}",
                hint=None if dataset.unread.explains(reason) else hint,
            )
    check_question(question, dataset, ["cases"])
    cumulative.build_history(dataset, counts, question)
    dated = event_date(declared, declared.measures)
    groups = cumulative.counted_by_day(dataset, counts, dated, question)
    total: dict[str, dict[datetime.date, int]] = {count.name: {} for count in counts}
    for group in groups.values():
        for name, by_day in group.items():
            for day, cases in by_day.items():
                total[name][day] = total[name].get(day, 0) + cases
    first = min((day for by_day in total.values() for day in by_day), default=to)
    days = period_ends(start or _begin(first, to), to, every)
    _agree(judgement, counts, question, total, to)
    whole = _durations(dataset, declared, replace(question, by=()), days)
    series: list[tuple[counting.Key | None, Figures]] = [
        (None, _figures(declared, total, days, [each.get((), {}) for each in whole]))
    ]
    if question.by:
        spans = _durations(dataset, declared, question, days)
        series += [
            (key, _figures(declared, group, days, [each.get(key, {}) for each in spans]))
            for key, group in groups.items()
        ]
    return days, series


def _with_parts(declared: Metric, measure: str | None) -> Metric:
    """The metric with the rows that its headline divides into as measures to follow."""
    parts = tuple(part.count for part in declared.parts)
    if measure is not None and measure not in [part.name for part in parts]:
        return declared
    return replace(declared, measures=(*declared.measures, *parts), parts=())


def _durations(
    dataset: Dataset, declared: Metric, question: Question, days: Sequence[datetime.date]
) -> list[Mapping[counting.Key, Mapping[Span, Durations]]]:
    """The durations by group as of each day, for what is about days.

    A median is no sum of what happened by day, so each date is counted by itself.
    """
    alone = replace(declared, compares_dockets=False)
    if not any(isinstance(each, Days) for each in declared.measures):
        return [{} for _ in days]
    return [
        breakdown.group_durations(dataset, alone, declared.measures, question, day) for day in days
    ]


def _agree(
    judgement: Judgement,
    counts: Sequence[Count],
    question: Question,
    total: Mapping[str, Mapping[datetime.date, int]],
    to: datetime.date,
) -> None:
    """Hold the last sum against the figure that a report counts; nothing else is printed."""
    reported = counting.ledgers(judgement.dataset, counts, replace(question, by=()), to)
    for name, by_day in total.items():
        if cumulative.cumulated(by_day, [to])[0] != reported[name].counted:
            raise MppError(f"the days of {name} do not sum to its figure; nothing is printed")


def _figures(
    declared: Metric,
    by_day: Mapping[str, Mapping[datetime.date, int]],
    days: Sequence[datetime.date],
    spans: Sequence[Mapping[Span, Durations]],
) -> Figures:
    sums = {name: cumulative.cumulated(each, days) for name, each in by_day.items()}
    return [
        {
            measure.name: breakdown.value_of(
                measure,
                {name: each[place] for name, each in sums.items()},
                defaultdict(Durations, spans[place]),
            )
            for measure in declared.measures
        }
        for place in range(len(days))
    ]


def _encounters(
    judgement: Judgement,
    declared: Metric,
    question: Question,
    every: str,
    start: datetime.date | None,
    to: datetime.date,
) -> tuple[list[datetime.date], list[tuple[counting.Key | None, Figures]]]:
    dataset = judgement.dataset
    reason = months.unavailable(dataset, to)
    if reason is not None:
        hint = "published figures of single dates have no trend; give the months"
        raise UnavailableError(
            f"{declared.name} is unavailable: {reason}",
            hint=None if dataset.unread.explains(reason) else hint,
        )
    check_question(question, dataset, ["encounters"])
    timed = [name for name in question.by if name in LABELS]
    if timed:
        raise UsageError(
            f"--by {timed[0]} is not a breakdown of this trend: each point is a fiscal year to "
            "date",
            hint="choose the periods with --every",
        )
    groups = cumulative.encounters_by_month(dataset, question)
    total: dict[int, int] = {}
    for group in groups.values():
        for number, encounters in group.items():
            total[number] = total.get(number, 0) + encounters
    # In whole months the first figure is as of the end of the first of them.
    first = month_end(min(total)) if total else to
    days = period_ends(start or _begin(first, to), to, every)
    (measure,) = declared.measures
    series: list[tuple[counting.Key | None, Figures]] = []
    lost = lost_days(dataset, days)
    for key, by_month in [(None, total), *(groups.items() if question.by else ())]:
        found = [
            {measure.name: None if day in lost else cumulative.year_to_date(by_month, day)}
            for day in days
        ]
        series.append((key, found))
    return days, series


def _points(
    declared: Metric, every: str, days: Sequence[datetime.date], figures: Figures
) -> Iterable[Point]:
    for day, found in zip(days, figures, strict=True):
        shown = {each.name: breakdown.shown(each, found[each.name]) for each in declared.measures}
        yield Point(period_label(day, every), day, found, shown)


# --- periods -------------------------------------------------------------------


def _begin(first: datetime.date, to: datetime.date) -> datetime.date:
    """Where a trend begins by itself: not centuries before the programme for one odd date."""
    return min(max(first, MPP_BEGAN), to) if to >= MPP_BEGAN else to


def period_label(day: datetime.date, every: str) -> str:
    """The period that holds a day: 2020-12-31, 2020-12, 2020-Q4, FY2021."""
    if every == "day":
        return day.isoformat()
    label = TIMES[every](day.year, day.month)
    return f"FY{label}" if every == "fiscal_year" else str(label)


def period_ends(start: datetime.date, to: datetime.date, every: str) -> list[datetime.date]:
    """The ends of the periods from the one that holds ``start``; the last is ``to`` itself."""
    if start > to:
        raise UsageError(
            f"the trend would begin on {start}, after it ends on {to}",
            hint="give --from a date before that of --to",
        )
    if every == "day":
        number = (to - start).days + 1
        _limit(number)
        return [start + datetime.timedelta(days=each) for each in range(number)]
    length = EVERY[every]
    # Fiscal years end in September, calendar quarters in every third month.
    offset = 3 if every == "fiscal_year" else 0
    first = _last_month(month_number(start.year, start.month), length, offset)
    last = _last_month(month_number(to.year, to.month), length, offset)
    _limit((last - first) // length + 1)
    ends = [month_end(number) for number in range(first, last + 1, length)]
    return [*ends[:-1], to]


def _last_month(number: int, length: int, offset: int) -> int:
    """The last month of the period of so many months that holds a numbered month."""
    return number + length - 1 - (number + offset) % length


def _limit(points: int) -> None:
    if points > MOST_POINTS:
        raise UsageError(
            f"the trend would have {points:,} points, more than {MOST_POINTS:,}",
            hint="choose longer periods with --every, or a later --from",
        )


def read_day(text: str | datetime.date | None, option: str, last: bool) -> datetime.date | None:
    """A day, or the ``last`` or first day of a month such as 2019-02."""
    if text is None or isinstance(text, datetime.date):
        return text
    month = re.fullmatch(r"(\d{4})-(\d{2})", text.strip(), re.ASCII)
    if month and 1 <= int(month[2]) <= 12 and int(month[1]):
        year, number = int(month[1]), int(month[2])
        return month_end(month_number(year, number)) if last else datetime.date(year, number, 1)
    days = parse.date(text.strip())
    if days is None:
        raise UsageError(
            f'unreadable date "{text}" in {option}',
            hint="dates are YYYY-MM-DD, M/D/YYYY or a month: 2019-02",
        )
    return parse.from_days(days)
