"""Help in which the name of an option is never cut, at any width of the window.

Typer gives the names of an option, its opposite and its value a column each, and Rich cuts
them all where the window is too narrow. Here they share one column that is as wide as the
widest of them; where that leaves too little room, the help stands below the names.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

#: Below so many columns for the help itself, it stands under the names.
_LEAST_HELP = 30

#: What a panel takes of the width: its border and a blank on either side.
_BORDER = 4

_GAP = 2
_INDENT = 4


@contextmanager
def whole_names() -> Iterator[None]:
    """Let Typer print its panels of options as they are laid out here.

    What lays them out is Typer's own affair: a version that has it otherwise prints them
    its own way.
    """
    from typer import rich_utils

    theirs = getattr(rich_utils, "_print_options_panel", None)
    if theirs is None:
        yield
        return

    def print_panel(**panel: Any) -> None:
        try:
            drawn = _panel(**panel)
        except (AttributeError, TypeError):
            theirs(**panel)
        else:
            if drawn is not None:
                panel["console"].print(drawn)

    rich_utils._print_options_panel = print_panel
    try:
        yield
    finally:
        rich_utils._print_options_panel = theirs


def _panel(*, name: str, params: list[Any], ctx: Any, markup_mode: Any, console: Any) -> Any:
    """A panel of options or arguments; None where there are none."""
    from rich.panel import Panel
    from rich.table import Table
    from typer import rich_utils

    if not params:
        return None
    rows = [(_names(each, ctx), _said(each, ctx)) for each in params]
    widest = max(line.cell_len for names, _ in rows for line in names.split("\n"))
    table = Table(
        box=None,
        show_header=False,
        highlight=True,
        expand=True,
        padding=(0, _GAP, 0, 0),
        pad_edge=False,
    )
    if console.width - _BORDER - widest - _GAP >= _LEAST_HELP:
        table.add_column(no_wrap=True, width=widest)
        table.add_column(ratio=1)
        for row in rows:
            table.add_row(*row)
    else:
        _stack(table, rows)
    return Panel(
        table,
        title=name,
        title_align=rich_utils.ALIGN_OPTIONS_PANEL,
        border_style=rich_utils.STYLE_OPTIONS_PANEL_BORDER,
    )


def _stack(table: Any, rows: list[tuple[Any, Any]]) -> None:
    """The help of each option under its names."""
    from rich.padding import Padding

    table.add_column(overflow="fold")
    for names, said in rows:
        table.add_row(names)
        table.add_row(Padding(said, (0, 0, 0, _INDENT)))


def _names(param: Any, ctx: Any) -> Any:
    """``-f, --format FORMAT``, and what turns a flag off on a line of its own."""
    from rich.text import Text
    from typer import rich_utils

    text = Text(overflow="fold")
    if param.param_type_name == "argument":
        text.append(param._rich_display_name(), style="bold cyan")
    else:
        text.append_text(rich_utils.highlighter(", ".join(_short_first(param.opts))))
    kind = "" if getattr(param, "is_flag", False) else param.display_type_rich(ctx=ctx)
    if kind:
        text.append(f" {kind}", style=rich_utils.STYLE_TYPES)
    if param.secondary_opts:
        opposite = ", ".join(_short_first(param.secondary_opts))
        text.append("\n").append_text(rich_utils.negative_highlighter(opposite))
    return text


def _said(param: Any, ctx: Any) -> Any:
    """The help with the default, which is no markup of Rich's: ``[default: month]``."""
    from rich.text import Text

    _, said = param.get_help_record(ctx)
    return Text(" ".join(said.split()))


def _short_first(names: list[str]) -> list[str]:
    return sorted(names, key=lambda name: name.startswith("--"))
