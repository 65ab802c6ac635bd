"""Our figures beside published ones, as of the same dates, from one pass over the history."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial

from mpp_cli import counting, daily, ohss
from mpp_cli.conditions import unmet_conditions
from mpp_cli.definitions import Count, EncounterTotal
from mpp_cli.errors import UsageError, did_you_mean
from mpp_cli.figures import display, half_up, signed
from mpp_cli.goals import EVERY
from mpp_cli.goals.variants import VARIANTS, Variant
from mpp_cli.heads import make_head
from mpp_cli.judgement import Judgement
from mpp_cli.published_list import BUILT_IN_NAME, read
from mpp_cli.question import Question, check_columns
from mpp_cli.reconciliation import (
    PublishedFigure,
    Reconciled,
    Reconciliation,
    VariantFigure,
)
from mpp_cli.results import Request
from mpp_cli.variants import Pair, numbers

#: The figure of one measure as of a date; None where there is none.
Figure = Callable[[datetime.date], int | None]


@dataclass(frozen=True)
class Tolerance:
    """How far a figure may be off: a number of cases, or a percentage of the published figure."""

    text: str
    number: Fraction
    is_share: bool

    def holds(self, difference: int, published: int) -> bool:
        """Whether a difference is inside it, its edge included."""
        allowed = self.number * published / 100 if self.is_share else self.number
        return abs(difference) <= allowed


def tolerance(text: str) -> Tolerance:
    """A tolerance as it is written: ``100`` or ``0.5%``."""
    match = re.fullmatch(r"([0-9]{1,15}(?:\.[0-9]{1,9})?)(%?)", text.strip())
    if match is None:
        raise UsageError(
            f'unreadable tolerance "{text}"', hint="write a number or a share: 100 or 0.5%"
        )
    return Tolerance(text.strip(), Fraction(match[1]), bool(match[2]))


def measures() -> dict[str, Count | EncounterTotal]:
    """Every count by its name: what a published figure can be held against."""
    found: dict[str, Count | EncounterTotal] = {}
    for metric in EVERY.values():
        for measure in metric.measures:
            if isinstance(measure, EncounterTotal | Count):
                found.setdefault(measure.name, measure)
        for part in metric.parts:
            found.setdefault(part.count.name, part.count)
    return found


def reconcile(
    judgement: Judgement,
    question: Question,
    request: Request,
    *,
    path: str | None = None,
    publisher: str | None = None,
    allowed: str | None = None,
) -> Reconciliation:
    """The figures of a list of published ones, ours beside them, and the difference.

    ``path`` is a CSV file, None the built-in list. The question's as-of date
    and ``publisher`` pick figures from the list; ``allowed`` is the tolerance, which
    is 0 when it is None, and :data:`mpp_cli.ohss.TOLERANCE` for OHSS's tables.
    """
    within = tolerance("0" if allowed is None else allowed)
    known = measures()
    check_columns(
        question,
        judgement.dataset,
        [name for name in ("cases", "encounters") if judgement.dataset.has(name)],
    )
    listed = read(path, list(known), [each.id for each in VARIANTS])
    figures = _chosen(listed, question.as_of, publisher)
    if question.as_of is None:
        figures = ohss.latest(figures, judgement.case_data_end)
    if allowed is None and any(each.publisher == ohss.PUBLISHER for each in figures):
        within = tolerance(ohss.TOLERANCE)
    named = [known[each.measure] for each in figures if each.measure in known]
    ours, reasons = _ours(judgement, question, list(dict.fromkeys(named)))
    others = _under_variants(judgement, question, figures, known)
    latest = max(each.as_of for each in figures)
    head = make_head(judgement, latest, request)
    return Reconciliation(
        head=replace(
            head, warnings=(*head.warnings, *unmet_conditions(judgement.dataset, question))
        ),
        source=path or BUILT_IN_NAME,
        tolerance=within.text,
        rows=tuple(
            _row(judgement, each, ours, reasons, within, others.get(each, ())) for each in figures
        ),
    )


def _chosen(
    figures: list[PublishedFigure], as_of: datetime.date | None, publisher: str | None
) -> list[PublishedFigure]:
    publishers = list(dict.fromkeys(each.publisher for each in figures))
    if publisher is not None:
        figures = [each for each in figures if each.publisher.lower() == publisher.lower()]
        if not figures:
            raise UsageError(
                f'there is no figure of "{publisher}"', hint=did_you_mean(publisher, publishers)
            )
    if as_of is not None:
        dates = sorted({str(each.as_of) for each in figures})
        figures = [each for each in figures if each.as_of == as_of]
        if not figures:
            raise UsageError(
                f"there is no published figure as of {as_of}",
                hint=f"there are figures as of {', '.join(dates[:12])}",
            )
    return figures


def _ours(
    judgement: Judgement, question: Question, named: Sequence[Count | EncounterTotal]
) -> tuple[dict[str, Figure], dict[str, str]]:
    """Our figure of each measure as of any date, or why there is none."""
    dataset = judgement.dataset
    ours: dict[str, Figure] = {}
    reasons: dict[str, str] = {}
    counts: list[Count] = []
    question = replace(question, by=())
    for measure in named:
        table = "encounters" if isinstance(measure, EncounterTotal) else "cases"
        lacking = [name for name in question.where if name not in dataset.columns(table)]
        reason = _reason(judgement, measure)
        if reason or lacking:
            reasons[measure.name] = reason or f"{table} has no column {lacking[0]}"
        elif isinstance(measure, Count):
            counts.append(measure)
        else:
            months = daily.encounters_by_month(dataset, question)
            ours[measure.name] = partial(daily.year_to_date, months.get((), {}))
    if counts:
        daily.build_history(dataset, counts, question)
        groups = daily.counted_by_day(dataset, counts, counts[0].event_date, question)
        for count in counts:
            by_day = groups.get((), {}).get(count.name, {})
            ours[count.name] = partial(_as_of, by_day)
    return ours, reasons


def _reason(judgement: Judgement, measure: Count | EncounterTotal) -> str | None:
    """Why these data give no figure of a measure, None when they do."""
    if isinstance(measure, EncounterTotal):
        held = judgement.dataset.has("encounters")
        return None if held else "there is no table encounters in the data"
    if not daily.adds_up(measure):
        return "it is not a sum of what happened by day"
    return counting.unavailable(judgement.dataset, measure)


def _as_of(by_day: Mapping[datetime.date, int], day: datetime.date) -> int:
    return daily.cumulated(by_day, [day])[0]


def _row(
    judgement: Judgement,
    published: PublishedFigure,
    ours: dict[str, Figure],
    reasons: dict[str, str],
    within: Tolerance,
    others: tuple[VariantFigure, ...],
) -> Reconciled:
    measure = published.measure or ""
    if measure not in ours:
        reason = reasons.get(measure) or "no measure of this tool corresponds to it"
        return Reconciled(
            published, None, None, None, "n/a", "n/a", "n/a", None, "unavailable", reason
        )  # fmt: skip
    value = ours[measure](published.as_of)
    if value is None:
        reason = "the fiscal year has no whole month in the data by this date"
        return Reconciled(
            published, None, None, None, "n/a", "n/a", "n/a", None, "unavailable", reason
        )  # fmt: skip
    difference = value - published.value
    share = Fraction(difference, published.value) if published.value else None
    end = judgement.case_data_end if measure != "encounters" else None
    beyond = end is not None and published.as_of > end
    return Reconciled(
        published=published,
        ours=value,
        difference=difference,
        share=share,
        display_ours=display(value, "cases"),
        display_difference=signed(difference),
        display_share=_percent(share),
        # What is not yet in the data cannot be outside a tolerance.
        within=None if beyond else within.holds(difference, published.value),
        status="beyond-data" if beyond else "ok",
        reason=f"the case data end on {end}, before this date" if beyond else None,
        variants=others,
    )


def _under_variants(
    judgement: Judgement,
    question: Question,
    figures: Sequence[PublishedFigure],
    known: Mapping[str, Count | EncounterTotal],
) -> dict[PublishedFigure, tuple[VariantFigure, ...]]:
    """Our figures under the definitions by which the publishers may count.

    Each is counted as `mpp variants` counts it, once for every date.
    """
    dataset = judgement.dataset
    question = replace(question, by=())
    asked: dict[datetime.date, list[tuple[PublishedFigure, Variant, Pair]]] = {}
    found: dict[PublishedFigure, list[VariantFigure]] = {}
    if any(name not in dataset.columns("cases") for name in question.where):
        return {}
    for figure in dict.fromkeys(figures):
        count = known.get(figure.measure or "")
        for variant in (each for each in VARIANTS if each.id in figure.variants):
            if not isinstance(count, Count) or counting.unavailable(dataset, count):
                continue
            other = variant.of(count)
            reason = counting.unavailable(dataset, other)
            if other == count:
                reason = f"it leaves {count.name} as it is"
            if reason:
                none = VariantFigure(variant.id, variant.differs, None, None, reason)
                found.setdefault(figure, []).append(none)
            else:
                asked.setdefault(figure.as_of, []).append((figure, variant, Pair(count, other)))
    for day, triples in asked.items():
        pairs = [pair for _, _, pair in triples]
        counts = list(dict.fromkeys(pair.document for pair in pairs))
        counted = numbers(dataset, counts, pairs, question, day)[()]
        for figure, variant, pair in triples:
            value = counted[pair.document, pair.other][0]
            found.setdefault(figure, []).append(
                VariantFigure(variant.id, variant.differs, value, value - figure.value)
            )
    return {figure: tuple(each) for figure, each in found.items()}


def _percent(share: Fraction | None) -> str:
    """A difference in percent of the published figure, with its sign."""
    if share is None:
        return "n/a"
    shown = half_up(abs(share) * 100, 2)
    sign = "" if not share else "-" if share < 0 else "+"
    return f"{sign}{int(shown)}.{int(shown * 100) % 100:02d}%"
