"""The metrics by name, and one measure of them at a time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from mpp_cli.common.errors import UsageError, did_you_mean
from mpp_cli.goals import EVERY
from mpp_cli.goals.definitions import Days, EncounterTotal, Metric, Ratio


def find_metric(name: str) -> Metric:
    """The declaration of a metric by its command name; UsageError suggests the nearest."""
    if name not in EVERY:
        raise UsageError(f'unknown metric "{name}"', hint=did_you_mean(name, list(EVERY)))
    return EVERY[name]


def only(declared: Metric, name: str) -> Metric:
    """The metric reduced to one measure, which becomes its headline.

    A ratio keeps its part and its whole, and days the cases that they are of: a
    rate is never shown without them.
    """
    for measure in declared.measures:
        if measure.name == name:
            if isinstance(measure, Ratio | Days):
                return replace(declared, headline=name)
            return replace(declared, measures=(measure,), headline=name, grouped_by=None)
    known = [measure.name for measure in declared.measures]
    raise UsageError(f'{declared.name} has no measure "{name}"', hint=did_you_mean(name, known))


def rows_counted(metrics: Iterable[Metric]) -> list[str]:
    """The tables whose rows these metrics count, and conditions narrow: cases, encounters."""
    totals = {isinstance(each.measures[0], EncounterTotal) for each in metrics}
    return [
        name for name, is_total in (("cases", False), ("encounters", True)) if is_total in totals
    ]
