"""The answer of goal 4: encounters by fiscal year, from months or from a published figure."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence

from mpp_cli.common.periods import fiscal_year, long_date, month_name
from mpp_cli.goals.definitions import Metric, Note
from mpp_cli.goals.describe import definition
from mpp_cli.goals.encounters import NO_COMPONENTS
from mpp_cli.metrics.encounters import ROW_MEASURES, Encounters
from mpp_cli.metrics.footnotes import footnotes
from mpp_cli.metrics.metric_result import answer
from mpp_cli.results.report import Ledger, Measure, Row, Value
from mpp_cli.results.report import Metric as Answer
from mpp_cli.results.rounding import display


def from_months(
    declared: Metric,
    found: Encounters,
    as_of: datetime.date,
    notes: tuple[str, ...],
    narrowed: bool = False,
    added: Iterable[Note] = (),
) -> Answer:
    """The answer from encounters by month; ``narrowed`` by the conditions of ``--where``.

    ``added`` are footnotes beside those of the figure itself.
    """
    more: list[Note] = []
    if found.to_date is None:
        until = f"; the latest complete month is {month_name(found.latest)}" if found.latest else ""
        more.append(
            Note(
                "no-complete-month",
                f"{'Under these conditions the' if narrowed else 'These'} data have no month of "
                f"fiscal year {found.year} that ends by {long_date(as_of)}{until}.",
            )
        )
    if found.lacks_components:
        more.append(NO_COMPONENTS)
    more += _alone(found.alone)
    more += (
        Note(f"lost-{year}", f"For fiscal year {year} there is no sum (n/a): {why}.")
        for year, why in found.lost.items()
    )
    more += added
    rows = tuple(
        Row(
            by=dict(zip(found.by, key, strict=True)),
            values=values,
            display={name: display(number, "encounters") for name, number in values.items()},
        )
        for key, values in found.rows.items()
    )
    return _answer(declared, as_of, found.to_date, more, found.by, rows, (found.ledger,), notes)


def _alone(years: Mapping[int, str]) -> Iterator[Note]:
    """That the data have one component only of some fiscal years, and which."""
    for component in dict.fromkeys(years.values()):
        (other,) = {"USBP", "OFO"} - {component}
        listed = [str(year) for year, only in years.items() if only == component]
        of = f"fiscal year {listed[0]}"
        if len(listed) > 1:
            of = f"fiscal years {', '.join(listed[:-1])} and {listed[-1]}"
        yield Note(
            f"{component.lower()}-alone",
            f"For {of} the data have encounters of {component} alone: the figures leave out "
            f"{other}, which is not available (n/a) and not zero.",
        )


def from_published(
    declared: Metric, value: int, as_of: datetime.date, notes: tuple[str, ...]
) -> Answer:
    """The answer from a published figure: the fiscal year to date, nothing else."""
    values: dict[str, Value] = {"usbp": None, "ofo": None, "encounters": value, "months": None}
    row = Row(
        by={"fiscal_year": fiscal_year(as_of.year, as_of.month)},
        values=values,
        display={name: display(number, "encounters") for name, number in values.items()},
    )
    return _answer(declared, as_of, value, [], ("fiscal_year",), (row,), (), notes)


def unavailable(declared: Metric, as_of: datetime.date, reason: str) -> Answer:
    """That there is no answer, and why."""
    return _answer(declared, as_of, None, [], (), (), (), (), reason)


def _answer(
    declared: Metric,
    as_of: datetime.date,
    value: int | None,
    more: Sequence[Note],
    by: tuple[str, ...],
    rows: tuple[Row, ...],
    ledger: tuple[Ledger, ...],
    notes: tuple[str, ...],
    reason: str | None = None,
) -> Answer:
    measure = declared.measures[0]
    marked = footnotes(declared, as_of, *more)
    return answer(
        declared,
        reason,
        (
            Measure(
                measure.name,
                measure.label,
                value,
                display(value, measure.unit) if reason is None else "unavailable",
                measure.unit,
                tuple(each.id for each in marked),
                definition=definition(measure, as_of),
            ),
        ),
        by=by,
        rows=rows,
        row_measures=ROW_MEASURES,
        footnotes=marked,
        ledger=ledger,
        notes=notes,
    )
