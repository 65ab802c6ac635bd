"""``mpp metrics``: what can be asked for."""

from __future__ import annotations


def metrics() -> None:
    """List every metric with its goal, one line each; those beyond the document last."""
    from mpp_cli.goals import EVERY
    from mpp_cli.output import write_text

    width = max(map(len, EVERY))
    lines = [
        f"{name:<{width}}  {f'goal {metric.goal}' if metric.goal else 'beyond':<6}  {metric.title}"
        for name, metric in EVERY.items()
    ]
    write_text(None, "\n".join(lines) + "\n")
