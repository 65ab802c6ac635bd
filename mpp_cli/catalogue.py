"""The metrics by name, and one measure of them at a time."""

from __future__ import annotations

from dataclasses import replace

from mpp_cli.definitions import Metric, Ratio
from mpp_cli.errors import UsageError, did_you_mean
from mpp_cli.goals import METRICS


def find_metric(name: str) -> Metric:
    """The declaration of a metric by its command name; UsageError suggests the nearest."""
    if name not in METRICS:
        raise UsageError(f'unknown metric "{name}"', hint=did_you_mean(name, list(METRICS)))
    return METRICS[name]


def only(declared: Metric, name: str) -> Metric:
    """The metric reduced to one measure, which becomes its headline.

    A ratio keeps its part and its whole: a rate is never shown without them.
    """
    for measure in declared.measures:
        if measure.name == name:
            kept = declared.measures if isinstance(measure, Ratio) else (measure,)
            return replace(declared, measures=kept, headline=name)
    known = [measure.name for measure in declared.measures]
    raise UsageError(f'{declared.name} has no measure "{name}"', hint=did_you_mean(name, known))
