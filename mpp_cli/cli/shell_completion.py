"""``--show-completion fish``: the completion of a shell that is named.

Typer's own options take no shell: they guess the one that runs, and took a name after
them for nothing.
"""

from __future__ import annotations

from typing import Any

from typer.exceptions import Exit

from mpp_cli.common.errors import UsageError, did_you_mean

_SHOW, _INSTALL = "--show-completion", "--install-completion"


def complete_for_named_shell(ctx: Any, args: list[str]) -> None:
    """Show or install the completion of the shell that follows the option, and end.

    Returns where there is no such option, or no shell after it: Typer then guesses it.
    Raises UsageError for what is no shell.
    """
    option, _, shell = (args[0] if args else "").partition("=")
    if option not in (_SHOW, _INSTALL) or args == [option]:
        return
    if len(args) > 2 or (shell and len(args) > 1):
        raise UsageError(f"{option} takes one shell and nothing else")
    _complete(ctx.find_root().info_name, option, shell or args[-1])
    raise Exit(0)


def _complete(program: str, option: str, shell: str) -> None:
    from typer._completion_shared import Shells, get_completion_script, install

    from mpp_cli.cli.output import write_text

    shells = [each.value for each in Shells]
    if shell not in shells:
        raise UsageError(f'{option}: unknown shell "{shell}"', hint=did_you_mean(shell, shells))
    variable = f"_{program.upper()}_COMPLETE"
    if option == _SHOW:
        script = get_completion_script(prog_name=program, complete_var=variable, shell=shell)
        write_text(None, f"{script}\n")
    else:
        _, path = install(shell=shell, prog_name=program, complete_var=variable)
        write_text(None, f"{shell} completion installed in {path}; restart the terminal\n")
