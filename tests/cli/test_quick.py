"""Options are taken as Typer itself takes them, only sooner."""

from __future__ import annotations

import re
import sys
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Optional

import pytest
import typer
from typer import rich_utils
from typer.core import TyperCommand, TyperOption
from typer.exceptions import TyperException
from typer.main import get_command

from mpp_cli.app import app
from mpp_cli.cli.typer_help import whole_names
from mpp_cli.cli.typer_startup import Command, Commands
from tests.harness import run

COMMANDS = "report metric metrics explain verify trend compare reconcile variants".split()
COMMANDS += "validate schema sample import".split()


class Choice(Enum):
    ONE = "one"
    TWO = "two"


def everything(
    name: str,
    more: Annotated[Optional[list[str]], typer.Argument()] = None,  # noqa: UP045
    text: Annotated[Optional[str], typer.Option()] = None,  # noqa: UP045
    texts: Annotated[Optional[list[str]], typer.Option()] = None,  # noqa: UP045
    number: Annotated[Optional[int], typer.Option(min=3)] = None,  # noqa: UP045
    numbers: Annotated[Optional[list[int]], typer.Option()] = None,  # noqa: UP045
    flag: Annotated[Optional[bool], typer.Option("--flag/--no-flag")] = None,  # noqa: UP045
    plain: Annotated[bool, typer.Option("--plain")] = False,
    choice: Annotated[Choice, typer.Option()] = Choice.ONE,
    path: Annotated[Optional[Path], typer.Option()] = None,  # noqa: UP045
    parsed: Annotated[Any, typer.Option(parser=lambda text: text[::-1])] = None,
    default: Annotated[str, typer.Option(envvar="MPP_TEST_DEFAULT")] = "7",
) -> dict[str, Any]:
    """Options of every kind."""
    return locals()


def taken(kind: type[TyperCommand], words: list[str]) -> Any:
    """What a command of this class makes of a command line; the message where it refuses it."""
    app = typer.Typer(cls=Commands if kind is Command else None, add_completion=False)
    app.command("all", cls=kind)(everything)
    app.callback()(lambda: None)
    try:
        return app(args=["all", *words], standalone_mode=False)
    except TyperException as error:
        return type(error).__name__, error.format_message()


@pytest.mark.parametrize(
    "words",
    [
        "a",
        "a b c --text t --texts 1 --texts 2",
        "a --text= --texts=",
        "a --number 5 --numbers 1 --numbers 2 --flag --plain",
        "a --no-flag --choice two --path x/y --parsed abc --default 08",
        "a --number 2",
        "a --number x",
        "a --numbers 1 --numbers x",
        "a --choice three",
        "a --text",
        "a --what",
        "",
    ],
)
def test_a_command_line_means_what_it_means_to_typer(
    words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = taken(Command, words.split())
    assert found == taken(TyperCommand, words.split())
    assert found
    monkeypatch.setenv("MPP_TEST_DEFAULT", "from outside")
    assert taken(Command, words.split()) == taken(TyperCommand, words.split())


def test_typer_still_makes_its_validators_where_they_are_spared() -> None:
    # Once this fails, another Typer begins otherwise: see what is left to spare.
    assert hasattr(TyperOption, "get_runtime_param")


def test_what_help_never_shows_can_be_imported_after_it() -> None:
    assert run(["--help"])[0] == 0
    for name in ("rich.markdown", "rich.traceback"):
        sys.modules.pop(name, None)
    from rich.markdown import Markdown
    from rich.traceback import Traceback

    assert Markdown("*a*").markup == "*a*"
    assert Traceback.__module__ == "rich.traceback"


@pytest.mark.parametrize("command", [[], *([name] for name in COMMANDS), ["import", "eoir"]])
@pytest.mark.parametrize("width", [40, 80, 200])
def test_help_never_cuts_the_name_of_an_option(
    width: int, command: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    code, out, _ = run([*command, "--help"])
    text = out.decode()
    assert code == 0
    assert "…" not in text
    assert max(map(len, text.splitlines())) <= width
    found = get_command(app)
    for name in command:
        found = found.commands[name]  # type: ignore[attr-defined]
    for option in found.params:
        for name in (*option.opts, *option.secondary_opts):
            assert not name.startswith("-") or re.search(rf"(?<!\S){name}(?![\w-])", text), name


def test_help_tells_the_default_of_what_was_not_given() -> None:
    text = run(["report", "--help"])[1].decode()
    assert "[default: duckdb]" in " ".join(text.replace("│", " ").split())
    # Once these are gone, another Typer lays help out otherwise: see what it does with names.
    assert callable(rich_utils._print_options_panel)


def test_where_typer_has_changed_it_prints_help_its_own_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def changed(*_: object) -> None:
        raise AttributeError("highlighter")

    monkeypatch.setattr("mpp_cli.cli.typer_help._names", changed)
    code, out, err = run(["schema", "--help"])
    assert (code, err) == (0, "")
    assert b"--format" in out
    monkeypatch.delattr(rich_utils, "_print_options_panel")
    with whole_names():
        assert not hasattr(rich_utils, "_print_options_panel")
