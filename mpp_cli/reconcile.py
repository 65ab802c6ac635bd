"""Our figures beside published ones, as of the same dates, from one pass over the history."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from mpp_cli import conditions, counting, ohss
from mpp_cli.definitions import Count, EncounterTotal
from mpp_cli.errors import UsageError, did_you_mean
from mpp_cli.figures import NOT_AVAILABLE, display, signed, signed_percentage
from mpp_cli.goals import EVERY
from mpp_cli.goals.variants import VARIANTS, Variant
from mpp_cli.heads import make_head
from mpp_cli.judgement import Judgement
from mpp_cli.ours import Measure, Ours
from mpp_cli.published_list import BUILT_IN_NAME, read
from mpp_cli.question import Question, check_question
from mpp_cli.reconciliation import (
    OurGroup,
    PublishedFigure,
    Reconciled,
    Reconciliation,
    VariantFigure,
)
from mpp_cli.results import Request
from mpp_cli.variants import Pair, numbers


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


def measures() -> dict[str, Measure]:
    """Every count by its name: what a published figure can be held against."""
    found: dict[str, Measure] = {}
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
    held = [name for name in ("cases", "encounters") if judgement.dataset.has(name)]
    check_question(question, judgement.dataset, held)
    labels = {name: measure.label for name, measure in known.items()}
    listed = read(path, labels, [each.id for each in VARIANTS], question.by)
    figures = _chosen(listed, question.as_of, publisher)
    if question.as_of is None:
        figures = ohss.latest(figures, judgement.case_data_end)
    if allowed is None and any(each.publisher == ohss.PUBLISHER for each in figures):
        within = tolerance(ohss.TOLERANCE)
    named = [known[each.measure] for each in figures if each.measure in known]
    ours = Ours(judgement, question, list(dict.fromkeys(named)))
    others = _under_variants(judgement, question, figures, known)
    latest = max(each.as_of for each in figures)
    head = make_head(judgement, latest, request)
    remarks = conditions.remarks(judgement.dataset, question.where, question.matched, held)
    return Reconciliation(
        head=replace(head, warnings=(*head.warnings, *remarks)),
        source=path or BUILT_IN_NAME,
        tolerance=within.text,
        rows=tuple(
            _row(judgement, each, known.get(each.measure or ""), ours, within, others.get(each, ()))
            for each in figures
        ),
        notes=tuple(
            f"{measure.name} cannot be broken down by {name}, which its table lacks"
            for measure in dict.fromkeys(named)
            for name in question.by
            if measure.name not in ours.reasons and name not in ours.by(measure)
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


def _row(
    judgement: Judgement,
    published: PublishedFigure,
    measure: Measure | None,
    ours: Ours,
    within: Tolerance,
    others: tuple[VariantFigure, ...],
) -> Reconciled:
    if measure is None:
        return _unavailable(published, "mpp has no measure that corresponds to it")
    if reason := ours.reason(measure, published.as_of):
        return _unavailable(published, reason)
    groups = ours.groups(measure, published.as_of)
    by = ours.by(measure)
    lacking = [name for name, _ in published.group if name not in by]
    if lacking:
        return _unavailable(published, f"{measure.name} has no groups by {lacking[0]}")
    value = ours.figure(measure, published.as_of)
    if value is None:
        no_month = "the data have no full month of this fiscal year by this date"
        return _unavailable(published, no_month)
    if published.group:
        asked = dict(published.group)
        value = sum(
            number
            for key, number in groups.items()
            if {name: _text(each) for name, each in zip(by, key, strict=True)} == asked
        )
    difference = value - published.value
    share = Fraction(difference, published.value) if published.value else None
    end = None if isinstance(measure, EncounterTotal) else judgement.case_data_end
    beyond = end is not None and published.as_of > end
    return Reconciled(
        published=published,
        ours=value,
        difference=difference,
        share=share,
        display_ours=display(value, "cases"),
        display_difference=signed(difference),
        display_share=NOT_AVAILABLE if share is None else signed_percentage(share),
        # What is not yet in the data cannot be outside a tolerance.
        within=None if beyond else within.holds(difference, published.value),
        status="beyond-data" if beyond else "ok",
        reason=f"the case data end on {end}, before this date" if beyond else None,
        variants=others,
        groups=()
        if published.group
        else tuple(
            OurGroup(dict(zip(by, key, strict=True)), number, display(number, "cases"))
            for key, number in groups.items()
        ),
    )


def _unavailable(published: PublishedFigure, reason: str) -> Reconciled:
    none = ("n/a",) * 3
    return Reconciled(published, None, None, None, *none, None, "unavailable", reason)


def _text(value: str | int | None) -> str | None:
    """The value of a group as a list of published figures writes it."""
    return None if value is None else str(value)


def _under_variants(
    judgement: Judgement,
    question: Question,
    figures: Sequence[PublishedFigure],
    known: Mapping[str, Measure],
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
        if figure.group:  # Under other definitions all cases are counted, no groups.
            continue
        for variant in (each for each in VARIANTS if each.id in figure.variants):
            if not isinstance(count, Count) or counting.unavailable(dataset, count):
                continue
            other = variant.of(count)
            reason = counting.unavailable(dataset, other)
            if other == count:
                reason = f"it does not change {count.name}"
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
