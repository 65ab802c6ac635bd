"""Conditions that no row meets: most often a value that is spelt otherwise in the data."""

from __future__ import annotations

from collections.abc import Iterator

from mpp_cli.engines.base import identifier
from mpp_cli.errors import nearest
from mpp_cli.question import Question, condition_value
from mpp_cli.results import Warning
from mpp_cli.sources.dataset import Dataset
from mpp_cli.sources.schema import table

#: How many different values are looked through for the nearest one.
_LOOKED_AT = 1000


def unmet_conditions(dataset: Dataset, question: Question) -> Iterator[Warning]:
    """A warning for each condition of ``--where`` that no used row meets."""
    for name in ("cases", "encounters"):
        for column, text in question.where.items():
            if column in dataset.columns(name):
                yield from _unmet(dataset, name, column, text)


def _unmet(dataset: Dataset, name: str, column: str, text: str) -> Iterator[Warning]:
    value = condition_value(name, column, text)
    stored = identifier(table(name).stored(column))
    met = f"{stored} = $value" if value is not None else f"{stored} IS NULL"
    (rows,) = dataset.engine.fetch(f"SELECT count(*) FROM used_{name} WHERE {met}", value=value)[0]
    known = table(name).column(column)
    if rows or (known is not None and text.strip() == "" and known.default is not None):
        return
    others = dataset.engine.fetch(
        f"SELECT DISTINCT CAST({stored} AS VARCHAR) AS value FROM used_{name} "
        f"WHERE {stored} IS NOT NULL ORDER BY value LIMIT {_LOOKED_AT}"
    )
    near = nearest(text, [other for (other,) in others])
    yield Warning(
        "no-row-meets-condition",
        f'no row of {name} has {column} "{text}"'
        + (f'; did you mean "{near}"?' if near is not None else ""),
    )
