"""What is asked: as of when, for whom, broken down by what."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mpp_cli.errors import UsageError, did_you_mean
from mpp_cli.periods import LABELS
from mpp_cli.sources import values
from mpp_cli.sources.dataset import Dataset
from mpp_cli.sources.schema import table
from mpp_cli.sources.values import name_key

#: The most groups that a breakdown may have.
MOST_GROUPS = 1000


@dataclass(frozen=True)
class Question:
    """A question to the data; ``as_of`` None means the day the case data end."""

    as_of: datetime.date | None = None
    by: tuple[str, ...] = ()
    where: Mapping[str, str] = field(default_factory=dict)
    measure: str | None = None

    @property
    def columns(self) -> set[str]:
        """Columns of the data that the question names."""
        return ({*self.by} - LABELS.keys()) | {*self.where}


def ask(
    *,
    as_of: str | datetime.date | None = None,
    by: Sequence[str] = (),
    where: Mapping[str, str] | Sequence[str] = (),
    measure: str | None = None,
) -> Question:
    """A question from what a user wrote; UsageError for what cannot be read."""
    return Question(
        as_of=_date(as_of),
        by=_by(by),
        where=_where(where),
        measure=measure,
    )


def _date(text: str | datetime.date | None) -> datetime.date | None:
    if text is None or isinstance(text, datetime.date):
        return text
    days = values.date(text.strip())
    if days is None:
        raise UsageError(
            f'unreadable date "{text}" in --as-of', hint="dates are YYYY-MM-DD or M/D/YYYY"
        )
    return values.from_days(days)


def _by(names: Sequence[str]) -> tuple[str, ...]:
    wanted = tuple(dict.fromkeys(name_key(name) for name in names))
    if "case_id" in wanted:
        raise UsageError(
            "case_id is no breakdown: a report never names cases",
            hint="`--by` takes any other column of cases, or " + ", ".join(LABELS),
        )
    return wanted


def _where(conditions: Mapping[str, str] | Sequence[str]) -> dict[str, str]:
    if isinstance(conditions, Mapping):
        conditions = [f"{column}={value}" for column, value in conditions.items()]
    found: dict[str, str] = {}
    for condition in conditions:
        column, equals, value = condition.partition("=")
        name = name_key(column)
        if not equals or not name:
            raise UsageError(
                f'"{condition}" is no condition',
                hint="--where takes COLUMN=VALUE, such as component=USBP",
            )
        if name == "case_id":
            raise UsageError("case_id is no condition: a report never singles out a case")
        if name in found:
            raise UsageError(f"--where names {name} twice", hint="give one value for each column")
        found[name] = value.strip()
    return found


def check_columns(question: Question, dataset: Dataset, tables: Sequence[str]) -> None:
    """Refuse a column that none of these tables has, suggesting the nearest."""
    no_breakdown = ("case_id", "encounters", "as_of", "measure", "value", "source")
    known = [name for each in tables for name in dataset.columns(each) if name not in no_breakdown]
    for option, names in (("--by", question.by), ("--where", tuple(question.where))):
        for name in names:
            if name in known or (option == "--by" and name in LABELS):
                continue
            for each in tables:
                why = dataset.why_lacking(each, name)
                if why:
                    raise UsageError(f"{option}: there is no {name}: {why}")
                lacking = dataset.lacking(each, name)
                if lacking and any(name in account.header for account in dataset.of(each)):
                    raise UsageError(f"{option}: {lacking} has no column {name}, other files do")
            offered = list(dict.fromkeys([*known, *(LABELS if option == "--by" else ())]))
            raise UsageError(f'{option}: unknown column "{name}"', hint=did_you_mean(name, offered))


#: How the value of a condition is read where the column holds numbers.
_NUMBERS = {"fiscal_year": values.fiscal_year, "month": values.month, "count": values.count}


def condition_value(table_name: str, column: str, text: str) -> str | int | datetime.date | None:
    """The stored form of a value that a condition names; None for a blank one."""
    known = table(table_name).column(column)
    if not text:
        return known.default if known and known.default in known.values else None
    if known is not None and known.kind in _NUMBERS:
        number = _NUMBERS[known.kind](text)
        if number is None:
            raise UsageError(
                f'--where: unreadable value "{text}" of {column}', hint=known.description
            )
        return number
    if known is None or known.kind not in ("enum", "date"):
        return text
    if known.kind == "date":
        days = values.date(text)
        if days is None:
            raise UsageError(
                f'--where: unreadable date "{text}" for {column}',
                hint="dates are YYYY-MM-DD or M/D/YYYY",
            )
        return values.from_days(days)
    value = values.enumeration(known)(text)
    if value is None:
        raise UsageError(
            f'--where: unknown value "{text}" of {column}', hint=did_you_mean(text, known.values)
        )
    return value
