"""Commands that begin at once, whatever Typer would import first.

To print help, Typer imports what shows Markdown and tracebacks, and to take an option,
it builds a validator of Pydantic. mpp's help is no Markdown, its errors are lines, and
nearly all its options are text or absent: for those the imports were a third of the
time of a short command.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from typer.core import TyperCommand, TyperGroup

from mpp_cli.cli.shell_completion import complete_for_named_shell
from mpp_cli.cli.typer_help import whole_names

#: What Typer imports for help and mpp's help never shows.
_UNUSED = {"rich.markdown": "Markdown", "rich.traceback": "Traceback"}


@contextmanager
def _without_unused() -> Iterator[None]:
    """Let Typer import empty classes in place of those that mpp never shows."""
    put = []
    for name, known in _UNUSED.items():
        if name not in sys.modules:
            put.append(name)
            sys.modules[name] = ModuleType(name)
            setattr(sys.modules[name], known, type(known, (), {}))
    try:
        yield
    finally:
        for name in put:
            del sys.modules[name]


class Commands(TyperGroup):
    """A group of commands, with options of its own."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """The options of a command line, read."""
        complete_for_named_shell(ctx, args)
        _take_text_as_it_is(self.get_params(ctx))
        return super().parse_args(ctx, args)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Print the help."""
        with _without_unused(), whole_names():
            super().format_help(ctx, formatter)


class Command(TyperCommand):
    """A command."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """The options of a command line, read."""
        _take_text_as_it_is(self.get_params(ctx))
        return super().parse_args(ctx, args)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Print the help."""
        with _without_unused(), whole_names():
            super().format_help(ctx, formatter)


class _AsItIs:
    """Takes the value of an option of text, or of one that was not given."""

    def __init__(self, checked: Callable[[], Any]) -> None:
        self._checked = checked

    def __call__(self) -> _AsItIs:
        return self

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        """The value as Typer's own validator gives it back, which is asked for all others."""
        many = param.multiple or param.nargs == -1
        kind = param.type_descriptor.annotation
        if value is None:
            return () if many else None
        if param.type_descriptor.parameter_info.parser is None:
            if kind is str and isinstance(value, str) and not many:
                return value
            if kind == list[str] and isinstance(value, list | tuple):
                return [*value]
        return self._checked().coerce(value, param=param, ctx=ctx)


def _take_text_as_it_is(parameters: Iterable[Any]) -> None:
    for each in parameters:
        # Where another Typer makes its validators elsewhere, it makes them.
        checked = getattr(each, "get_runtime_param", None)
        if checked is not None and not isinstance(checked, _AsItIs):
            each.get_runtime_param = _AsItIs(checked)
