"""value: one figure as a bare number, for shell scripts."""

from __future__ import annotations

from fractions import Fraction

from mpp_cli.results.report import Measure, MetricReport


def render(report: MetricReport, measure: str | None = None) -> str:
    """The headline figure, or the measure of that name, on a line; empty when there is none.

    Raises KeyError when the metric has no measure of that name.
    """
    metric = report.metric
    if measure is None and not metric.measures:
        return ""  # A metric that is unavailable may have no measures at all.
    figure = metric.measure(measure or metric.headline)
    if figure.suppressed:
        # One word for whatever is hidden, a ratio too: a script looks for "<".
        return f"<{report.head.request.suppress_below}\n"
    text = bare(figure)
    return f"{text}\n" if text else ""


def bare(measure: Measure) -> str:
    """One figure without commas, signs or units, as ``1284`` or ``37.50``.

    Counts and days are whole numbers, ratios percent points; none is an empty text.
    """
    if measure.value is None:
        return ""
    if isinstance(measure.value, int):
        return str(measure.value)
    return percent_points(measure.value)


def percent_points(ratio: Fraction) -> str:
    """A ratio in percent points with two decimals, half up on the exact quotient."""
    # In whole numbers throughout: a float would round 64.685 down.
    hundredths = (abs(ratio) * 10_000 + Fraction(1, 2)).__floor__()
    sign = "-" if ratio < 0 and hundredths else ""
    return f"{sign}{hundredths // 100}.{hundredths % 100:02d}"
