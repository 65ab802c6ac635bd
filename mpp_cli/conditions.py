"""What a condition of ``--where`` means in the data: the values as they are spelled there.

Text is compared without regard to upper and lower case, unless one spelling is exactly
the one that was written: that one is meant alone. Values that differ in case are different
groups of ``--by``, and the page says where a condition takes several of them together.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence

from mpp_cli.engines.base import Parameter, identifier
from mpp_cli.errors import UsageError, did_you_mean, nearest
from mpp_cli.results import Warning
from mpp_cli.sources import values
from mpp_cli.sources.dataset import Dataset
from mpp_cli.sources.schema import table

#: A value as an engine's table holds it; None is a blank.
Stored = str | int | datetime.date | None

#: The values that conditions take, by table and column.
Matched = Mapping[tuple[str, str], tuple[Stored, ...]]

#: The tables that conditions narrow, and what their rows are called.
NARROWED = {"cases": "case", "encounters": "encounter"}

#: How many different values are looked through for the nearest one.
_LOOKED_AT = 10_000

#: How the value of a condition is read where the column holds numbers.
_NUMBERS = {"fiscal_year": values.fiscal_year, "month": values.month, "count": values.count}

#: How outputs show a value that is blank.
_BLANK = "(blank)"


def condition_value(table_name: str, column: str, text: str) -> Stored:
    """The stored form of a value that a condition names; None for a blank one.

    A blank is written as nothing, or as outputs show it. Raises UsageError for a code that
    does not exist, and for what is not a date or a number where the column holds such.
    """
    known = table(table_name).column(column)
    if _is_blank(text):
        return known.default if known and known.default in known.values else None
    if known is not None and known.kind in _NUMBERS:
        number = _NUMBERS[known.kind](text)
        if number is None:
            raise UsageError(
                f'--where: unreadable value "{text}" of {column}', hint=known.description
            )
        return number
    if known is not None and known.kind == "region":
        return values.region(text)
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


def condition(
    column: str, taken: Sequence[Stored], parameter: str
) -> tuple[str, dict[str, Parameter]]:
    """The SQL that a column holds one of these values, never NULL, and its parameters.

    They are named after ``parameter``.
    """
    if taken[0] is None:
        return f"{column} IS NULL", {}
    named = {parameter if not n else f"{parameter}_{n}": value for n, value in enumerate(taken)}
    first, *others = (f"${name}" for name in named)
    met = f"IN ({', '.join([first, *others])})" if others else f"= {first}"
    return f"COALESCE({column} {met}, FALSE)", named


def matched(dataset: Dataset, where: Mapping[str, str]) -> Matched:
    """The spellings in the data of every text that a condition names, where there are any."""
    found: dict[tuple[str, str], tuple[Stored, ...]] = {}
    for name in NARROWED:
        for column, text in where.items():
            known = table(name).column(column)
            if column in dataset.columns(name) and (known is None or known.kind == "text"):
                spelled = () if _is_blank(text) else _spelled(dataset, name, column, text)
                if spelled:
                    found[name, column] = spelled
    return found


def _spelled(dataset: Dataset, name: str, column: str, text: str) -> tuple[str, ...]:
    """The text itself where a used row has it, else all that differ from it in case alone.

    Of a column in which several values may stand, all texts that have it among others.
    """
    stored = identifier(table(name).stored(column))
    distinct = f"SELECT DISTINCT {stored} AS value FROM used_{name} WHERE"
    if dataset.holds_lists(name, column):
        asked = {*text.casefold().split()}
        texts = dataset.engine.fetch(f"{distinct} {stored} IS NOT NULL ORDER BY value")
        return tuple(value for (value,) in texts if asked <= {*value.casefold().split()})
    if dataset.engine.fetch(f"{distinct} {stored} = $value", value=text):
        return (text,)
    # Engines change the case of rare letters differently, so that Python has the last word.
    rows = dataset.engine.fetch(
        f"{distinct} lower({stored}) = lower($value) OR upper({stored}) = upper($value) "
        "ORDER BY value",
        value=text,
    )
    return tuple(value for (value,) in rows if value.casefold() == text.casefold())


def taken(matched: Matched, name: str, column: str, text: str) -> tuple[Stored, ...]:
    """The stored values that a condition takes in a table, at least one."""
    return matched.get((name, column)) or (condition_value(name, column, text),)


def as_spelled(matched: Matched, where: Mapping[str, str], tables: Sequence[str]) -> dict[str, str]:
    """The conditions as these tables spell them; as they were written if they differ in that."""
    found = {}
    for column, text in where.items():
        ways = {way for name in tables for way in matched.get((name, column), ())}
        found[column] = str(next(iter(ways))) if len(ways) == 1 else text
    return found


def refuse_unmet(
    where: Mapping[str, str],
    data: Sequence[tuple[Dataset, Matched]],
    tables: Sequence[str],
) -> None:
    """Refuse a value that no used row of these tables has, naming the nearest that one has.

    One of several ``data`` that has it will do. A blank may be in no row: that is a
    finding. Raises UsageError.
    """
    for column, text in where.items():
        held = [
            (dataset, spelled, name)
            for dataset, spelled in data
            for name in NARROWED
            if name in tables and column in dataset.columns(name)
        ]
        if not held or _is_blank(text) or any(_is_met(*each, column, text) for each in held):
            continue
        rows = " or ".join(NARROWED[name] for name in dict.fromkeys(name for *_, name in held))
        near = _nearest([(dataset, name) for dataset, _, name in held], column, text)
        raise UsageError(
            f'--where: no {rows} has {column} "{text}"',
            hint=f'did you mean "{near}"?'
            if near is not None
            else f"`--by {column}` lists the existing values",
        )


def remarks(
    dataset: Dataset, where: Mapping[str, str], matched: Matched, tables: Sequence[str]
) -> Iterator[Warning]:
    """A warning for a condition that takes several spellings, or that no row of a table meets.

    The latter is refused unless another table, or other data, have the value.
    """
    for name in (each for each in NARROWED if each in tables):
        for column, text in where.items():
            if column not in dataset.columns(name):
                continue
            several = matched.get((name, column), ())
            if len(several) > 1 and not dataset.holds_lists(name, column):
                listed = ", ".join(f'"{each}"' for each in several)
                yield Warning(
                    "several-spellings",
                    f"--where {column}={text} takes {len(several)} spellings together: {listed}",
                )
            if not _is_met(dataset, matched, name, column, text):
                missing = f"a blank {column}" if _is_blank(text) else f'{column} "{text}"'
                yield Warning("no-row-meets-condition", f"no {NARROWED[name]} has {missing}")


def _is_blank(text: str) -> bool:
    return text in ("", _BLANK)


def _is_met(dataset: Dataset, matched: Matched, name: str, column: str, text: str) -> bool:
    """Whether a used row meets a condition; of a table without any there is nothing to say."""
    known = table(name).column(column)
    held = identifier(table(name).stored(column))
    if known is not None and known.default is not None:
        held = f"COALESCE({held}, '{known.default}')"
    met, parameters = condition(held, taken(matched, name, column, text), "value")
    [(rows, meeting)] = dataset.engine.fetch(
        f"SELECT count(*), count(*) FILTER (WHERE {met}) FROM used_{name}", **parameters
    )
    return bool(meeting or not rows)


def _nearest(held: Sequence[tuple[Dataset, str]], column: str, text: str) -> str | None:
    """The value of a column in these data and tables that is most likely meant."""
    others: list[str] = []
    for dataset, name in held:
        stored = identifier(table(name).stored(column))
        rows = dataset.engine.fetch(
            f"SELECT DISTINCT CAST({stored} AS VARCHAR) AS value FROM used_{name} "
            f"WHERE {stored} IS NOT NULL ORDER BY value LIMIT {_LOOKED_AT}"
        )
        others += [value for (value,) in rows]
    return nearest(text, others)
