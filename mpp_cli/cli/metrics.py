"""``mpp metrics``: what can be asked for."""

from __future__ import annotations

from collections.abc import Iterator

#: Below so many columns beside the names, a title stands under its name.
_LEAST_TITLE = 20


def metrics() -> None:
    """List every metric with its goal, one line each; those beyond the document last."""
    from mpp_cli.cli.deliver import look
    from mpp_cli.cli.output import write_text
    from mpp_cli.goals import EVERY

    names = max(map(len, EVERY))
    width = look(None)["width"]
    lines: list[str] = []
    for name, metric in EVERY.items():
        lead = f"{name:<{names}}  {f'goal {metric.goal}' if metric.goal else 'beyond':<6}  "
        lines += _fitted(lead, metric.title, width)
    write_text(None, "\n".join(lines) + "\n")


def _fitted(lead: str, title: str, width: int | None) -> Iterator[str]:
    """One line, or in a window that is too narrow for it the title in several."""
    if width is None or len(lead) + len(title) <= width:
        yield lead + title
        return
    import textwrap

    indent = len(lead)
    if width - indent < _LEAST_TITLE:  # The title has lines of its own.
        yield lead.rstrip()
        lead, indent = "", 4
    room = max(_LEAST_TITLE, width - indent)
    first, *rest = textwrap.wrap(title, room, break_long_words=False, break_on_hyphens=False)
    yield f"{lead or ' ' * indent}{first}"
    yield from (f"{' ' * indent}{line}" for line in rest)
