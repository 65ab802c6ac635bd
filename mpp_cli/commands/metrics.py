"""``mpp metrics``: what can be asked for."""

from __future__ import annotations


def metrics() -> None:
    """List every metric with its goal, one line each."""
    from mpp_cli.goals import METRICS
    from mpp_cli.output import write_text

    width = max(map(len, METRICS))
    lines = [
        f"{name:<{width}}  goal {metric.goal}  {metric.title}" for name, metric in METRICS.items()
    ]
    write_text(None, "\n".join(lines) + "\n")
