"""A report as a pandas DataFrame, for analysts who go on from the figures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mpp_cli.results import tidy
from mpp_cli.results.report import Head, Metric

if TYPE_CHECKING:
    import pandas


def frame(head: Head, metrics: Sequence[Metric]) -> pandas.DataFrame:
    """The figures with the columns of the CSV format, one row per measure and group.

    ``as_of`` is a timestamp, ``goal`` a nullable integer, and ``value`` a
    nullable float (``Float64``): counts in the unit named beside them, ratios
    as fractions at full precision, ``NA`` where there is no figure. Columns of
    groups are text, missing in the rows of a whole and ``(blank)`` for a group
    without a value. Text is as it is in the data, not neutralised as in CSV.
    """
    # Half a second that only a caller who wants a DataFrame should pay.
    import pandas

    table = pandas.DataFrame(
        list(tidy.lines(head, metrics)), columns=list(tidy.columns(head, metrics)), dtype="object"
    )
    return table.assign(
        as_of=pandas.to_datetime(table["as_of"]),
        goal=table["goal"].astype("Int64"),
        value=table["value"].astype("Float64"),
    )
