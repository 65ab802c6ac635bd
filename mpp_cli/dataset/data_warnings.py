"""Things in the data that a reader should know and that stop nothing."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Sequence

from mpp_cli.common.periods import fiscal_month_number, fiscal_year_of, month_name
from mpp_cli.dataset import case_history, event_warnings
from mpp_cli.goals.common_rules import MPP_BEGAN
from mpp_cli.results.report import Source, Warning
from mpp_cli.sources.dataset import Dataset
from mpp_cli.sources.detect.cbp import SHAPES
from mpp_cli.sources.schema import AGGREGATES, table

CASE_TABLES = ("cases", "completions", "grants", "referrals")

_AFTER_END = "date-after-data-end"

#: More lines than a file has: a file's number times this and a line's number are one number.
_FILE = 1 << 40

#: Kinds of sources that count encounters by month.
MONTHLY = ("encounters", *(shape.kind for shape in SHAPES))


def case_data_end(sources: Sequence[Source]) -> datetime.date | None:
    """The latest NTA, completion, grant or referral date in used rows, up to today."""
    others = (*MONTHLY, AGGREGATES)
    return _latest(source for source in sources if source.kind not in others)


def aggregates_end(sources: Sequence[Source]) -> datetime.date | None:
    """The latest date of a published figure."""
    return _latest(source for source in sources if source.kind == AGGREGATES)


def encounters_end(sources: Sequence[Source]) -> datetime.date | None:
    """The last day of the latest month of encounters."""
    return _latest(source for source in sources if source.kind in MONTHLY)


def _latest(sources: Iterable[Source]) -> datetime.date | None:
    return max((source.through for source in sources if source.through), default=None)


def warnings(
    dataset: Dataset,
    sources: Sequence[Source],
    as_of: datetime.date,
    rows: Sequence[Warning],
) -> tuple[Warning, ...]:
    """Every warning about these data and this as-of date, in a fixed order.

    ``rows`` are those of :func:`row_warnings`.
    """
    later = any(each.id == _AFTER_END for each in rows)
    found = [*dataset.warnings, *rows, *_beyond_data(sources, as_of, later)]
    if dataset.has("encounters"):
        found += _months(dataset)
        found += _mislabelled(dataset)
    return tuple(found)


def row_warnings(dataset: Dataset, today: datetime.date) -> tuple[Warning, ...]:
    """Warnings about single rows of the case data, which no question changes."""
    found: list[Warning] = []
    if dataset.has("cases"):
        found += _early_ntas(dataset)
        found += _completions_before_nta(dataset)
    found += event_warnings.warnings(dataset)
    return (*found, *_dates_after_end(dataset, today))


def _early_ntas(dataset: Dataset) -> Iterator[Warning]:
    if not dataset.columns("cases") or "nta_filed_date" not in dataset.columns("cases"):
        return
    rows = dataset.engine.fetch(
        "SELECT _file, _line, count(*) OVER () FROM used_cases "
        "WHERE COALESCE(docket, 'mpp') = 'mpp' AND nta_filed_date < $began "
        "ORDER BY _file, _line LIMIT 1",
        began=MPP_BEGAN,
    )
    for file, line, number in rows:
        yield Warning(
            "nta-before-programme",
            f"{_times(number, 'MPP case has', 'MPP cases have')} an NTA filed before "
            f"{MPP_BEGAN}, when MPP began",
            dataset.name_of(file),
            line,
        )


def _completions_before_nta(dataset: Dataset) -> Iterator[Warning]:
    if not dataset.has("completions") or "nta_filed_date" not in dataset.columns("cases"):
        return
    case_history.prepare(dataset)
    early = "FROM document_history WHERE first_completion_date < nta_filed_date"
    if not dataset.engine.fetch(f"SELECT count(*) {early}")[0][0]:
        return
    # Where there are millions, to put them in order would take longer than to find them.
    [(number, first)] = dataset.engine.fetch(
        f"SELECT count(*), min(e._file * {_FILE} + e._line) FROM used_completions e "
        f"JOIN (SELECT case_id, nta_filed_date {early}) h ON h.case_id = e.case_id "
        "AND e.completion_date < h.nta_filed_date"
    )
    yield Warning(
        "completion-before-nta",
        f"{_times(number, 'completion is', 'completions are')} dated before the NTA",
        dataset.name_of(first // _FILE),
        first % _FILE,
    )


def _dates_after_end(dataset: Dataset, today: datetime.date) -> Iterator[Warning]:
    for name in CASE_TABLES:
        column = table(name).date_column
        if not dataset.has(name) or column not in dataset.columns(name):
            continue
        released = dataset.release_of(name)
        end, where = today, "in the future"
        if released is not None and released < today:
            end, where = released, f"after the data's end, their release on {released}"
        rows = dataset.engine.fetch(
            f"SELECT _file, _line, count(*) OVER () FROM used_{name} WHERE {column} > $end "
            "ORDER BY _file, _line LIMIT 1",
            end=end,
        )
        for file, line, number in rows:
            yield Warning(
                _AFTER_END,
                f"{_times(number, f'{column} lies', f'values of {column} lie')} {where}",
                dataset.name_of(file),
                line,
            )


def _beyond_data(sources: Sequence[Source], as_of: datetime.date, later: bool) -> Iterator[Warning]:
    """What the data do not reach; ``later`` tells that they hold dates after their end."""
    if not any(source.through for source in sources):
        yield Warning(
            "no-dates", f"no usable date was found in the data, so today's date ({as_of}) is used"
        )
    ends = (("case data", case_data_end(sources)), ("encounters", encounters_end(sources)))
    for what, end in ends:
        if end is not None and as_of > end:
            yield Warning(
                "as-of-beyond-data",
                f"the {what} end on {end}; what happened from then to {as_of} is not in them"
                + (
                    ", but for what is dated after their end"
                    if later and what == "case data"
                    else ""
                ),
            )


def _months(dataset: Dataset) -> Iterator[Warning]:
    rows = dataset.engine.fetch(
        "SELECT fiscal_year, month, count(DISTINCT component) FROM used_encounters "
        "GROUP BY fiscal_year, month"
    )
    held = {fiscal_month_number(year, month): components for year, month, components in rows}
    # A source without components gives none, and the report says so elsewhere.
    single = [number for number in sorted(held) if held[number] == 1]
    if single:
        yield Warning(
            "component-missing",
            f"only one component has encounters in {_some(single)}",
        )
    years: dict[str | int, list[int]] = {}
    for number in sorted(held):
        year = fiscal_year_of(number)
        years.setdefault(year, []).append(number)
    missing = [
        number
        for months in years.values()
        for number in range(months[0], months[-1])
        if number not in held
    ]
    if missing:
        yield Warning("month-missing", f"no encounters are given for {_some(missing)}")


def _mislabelled(dataset: Dataset) -> Iterator[Warning]:
    """Expulsions under Title 42 that the encounter type calls something else, or the reverse.

    The title is what counts; who filters by the encounter type gets another figure.
    """
    needed = {"title_of_authority", "encounter_type"}
    files = [(a.number, a.name) for a in dataset.of("encounters") if needed <= {*a.header}]
    if needed <= {*dataset.columns("encounters")}:
        files += [(each.number, each.name) for each in dataset.settled_of("encounters")]
    for number, name in files:
        line, total = dataset.engine.fetch(
            "SELECT min(_line), sum(encounters) FROM used_encounters WHERE _file = $file "
            "AND (COALESCE(lower(title_of_authority), '') = 'title 42') "
            "<> (COALESCE(lower(x_encounter_type), '') = 'expulsions')",
            file=number,
        )[0]
        if total:
            yield Warning(
                "encounter-type-mislabelled",
                f"the encounter type of {int(total):,} encounters contradicts their title of "
                "authority; mpp uses the title",
                name,
                line,
            )


def _some(numbers: Sequence[int]) -> str:
    shown = ", ".join(month_name(number) for number in numbers[:6])
    return shown + (f" and {len(numbers) - 6} more months" if len(numbers) > 6 else "")


def _times(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"
