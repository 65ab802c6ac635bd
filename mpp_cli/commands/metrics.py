"""``mpp metrics``: what can be asked for."""

from __future__ import annotations


def metrics() -> None:
    """List every metric with its goal, one line each; those beyond the document last."""
    from mpp_cli.goals import ADDITIONAL, METRICS
    from mpp_cli.output import write_text

    known = {**METRICS, **ADDITIONAL}
    width = max(map(len, known))
    lines = [
        f"{name:<{width}}  {f'goal {metric.goal}' if metric.goal else 'beyond':<6}  {metric.title}"
        for name, metric in known.items()
    ]
    write_text(None, "\n".join(lines) + "\n")
