"""Expulsions under Title 42 among the encounters: how many, and the figure without them.

From March 2020 most encounters at the southwest border were expulsions on grounds of
public health. Nobody who was expelled so could be enrolled in MPP, so that a figure which
counts them says little about it.
"""

from __future__ import annotations

import datetime
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace

from mpp_cli.common.errors import UnavailableError
from mpp_cli.common.periods import fiscal_year_of, month_number, whole_months_by
from mpp_cli.dataset.provenance import make_head
from mpp_cli.dataset.validated import Judgement
from mpp_cli.goals.definitions import EncounterTotal, Metric, Note
from mpp_cli.goals.variants import TITLE_8_ONLY
from mpp_cli.metrics import conditions, cumulative, encounters
from mpp_cli.metrics.conditions import Stored, taken
from mpp_cli.metrics.counts import Key
from mpp_cli.metrics.query import Question, check_question
from mpp_cli.results.report import Request
from mpp_cli.results.rounding import display
from mpp_cli.results.variants import Figure, Group, Varied, VariedFigures
from mpp_cli.sources.dataset import Dataset

_TITLE = "title_of_authority"

#: The month in which expulsions began.
_BEGAN = month_number(2020, 3)

_SAID = (
    "From March 2020 on expulsions under Title 42 are included, of people who could not be "
    "enrolled in MPP"
)


def notes(dataset: Dataset, question: Question, as_of: datetime.date) -> Iterator[Note]:
    """The footnote that says how many of each fiscal year's encounters they are."""
    if not dataset.has("encounters"):
        return
    total, expelled, unsaid, latest = _by_year(dataset, question, as_of)
    if any(expelled.values()):
        years = "; ".join(
            f"fiscal year {year}: {expelled[year]:,} of {total[year]:,}"
            for year in sorted(expelled)
            if expelled[year]
        )
        more = f"; of {unsaid:,} the data do not say" if unsaid else ""
        text = f"{_SAID}: {years} encounters{more}."
        yield Note("title-42", text, withheld=f"{_SAID}; how many is withheld.")
    elif latest >= _BEGAN and (unsaid or _TITLE not in dataset.columns("encounters")):
        yield Note("title-42", f"{_SAID}; these data do not say how many.")


def _by_year(
    dataset: Dataset, question: Question, as_of: datetime.date
) -> tuple[Counter[int], Counter[int], int, int]:
    """The encounters by fiscal year, those under Title 42, those of unknown title since, and
    the latest month; of months that end by the date and rows that meet the conditions.
    """
    known = _TITLE in dataset.columns("encounters")
    by = (_TITLE,) if known else ()
    total: Counter[int] = Counter()
    expelled: Counter[int] = Counter()
    unsaid, latest, last = 0, 0, whole_months_by(as_of)
    asked = replace(question, by=by)
    for key, by_month in cumulative.encounters_by_month(dataset, asked).items():
        for number, times in by_month.items():
            if number > last:
                continue
            year = fiscal_year_of(number)
            total[year] += times
            latest = max(latest, number)
            title = _title(key[0]) if known else None
            if title == 42:
                expelled[year] += times
            elif title is None and number >= _BEGAN:
                unsaid += times
    return total, expelled, unsaid, latest


def _title(text: object) -> int | None:
    """The title of the U.S. Code that a text names, None for none."""
    found = re.search(r"\d+", str(text or ""))
    return int(found[0]) if found else None


# --- the figure under Title 8 alone -------------------------------------------------


def variants(
    judgement: Judgement, declared: Metric, question: Question, request: Request
) -> VariedFigures:
    """The encounters of the fiscal year to date, and those under Title 8 alone.

    Raises UnavailableError where there is no figure at all.
    """
    dataset = judgement.dataset
    as_of = question.as_of or judgement.end or judgement.today
    if reason := encounters.unavailable(dataset, as_of):
        raise UnavailableError(f"{declared.name} is unavailable: {reason}")
    (measure,) = declared.measures
    assert isinstance(measure, EncounterTotal)
    check_question(question, dataset, ["encounters"])
    whole = _figures(dataset, question, as_of)
    reason = dataset.says_lacking("encounters", _TITLE) or dataset.unread.of(
        [f"encounters.{_TITLE}"]
    )
    other = _figures(dataset, _under_title_8(dataset, question), as_of) if not reason else {}
    head = make_head(judgement, as_of, request)
    remarks = conditions.remarks(dataset, question.where, question.matched, ["encounters"])
    return VariedFigures(
        head=replace(head, warnings=(*head.warnings, *remarks)),
        metric=declared.name,
        title=declared.title,
        document=_varied(("", "", "", ""), None, measure, whole, whole, question),
        variants=(_varied(_WORDS, reason, measure, other, whole, question),),
        by=question.by,
    )


_WORDS = (
    TITLE_8_ONLY.id,
    TITLE_8_ONLY.differs,
    TITLE_8_ONLY.used_by,
    TITLE_8_ONLY.published,
)


def _under_title_8(dataset: Dataset, question: Question) -> Question:
    """The same question about encounters under Title 8 alone."""
    titles = (key[0] for key in cumulative.encounters_by_month(dataset, Question(by=(_TITLE,))))
    asked: tuple[Stored, ...] = tuple(str(each) for each in titles if _title(each) == 8)
    if _TITLE in question.where:
        named = taken(question.matched, "encounters", _TITLE, question.where[_TITLE])
        asked = tuple(each for each in asked if each in named)
    # A condition takes one value at least; no title is an empty text.
    matched = {**question.matched, ("encounters", _TITLE): asked or ("",)}
    return replace(question, where={**question.where, _TITLE: "Title 8"}, matched=matched)


def _figures(
    dataset: Dataset, question: Question, as_of: datetime.date
) -> Mapping[Key | None, int | None]:
    """The fiscal year to date, of all groups under None, and of every group."""
    found = cumulative.months_to_date(dataset, question, question.by, as_of)
    groups: dict[Key | None, int | None] = {
        key: sum(by_month.values()) for key, by_month in found.items() if question.by
    }
    sums = [sum(by_month.values()) for by_month in found.values()]
    return {None: sum(sums) if found else None, **groups}


def _varied(
    words: tuple[str, str, str, str],
    reason: str | None,
    measure: EncounterTotal,
    found: Mapping[Key | None, int | None],
    document: Mapping[Key | None, int | None],
    question: Question,
) -> Varied:
    def figure(key: Key | None) -> Figure:
        before, value = document[key], found.get(key)
        if value is None and before is not None:
            value = 0  # Its months are in the data, and hold none of these encounters.
        difference = None if value is None or before is None else value - before
        shown = display(value, measure.unit)
        return Figure(
            measure.name, measure.label, value, shown, measure.unit, difference, None, None
        )

    groups = [key for key in document if key is not None]
    return Varied(
        *words,
        reason,
        () if reason else (figure(None),),
        ()
        if reason
        else tuple(
            Group(dict(zip(question.by, key, strict=True)), (figure(key),)) for key in groups
        ),
    )
