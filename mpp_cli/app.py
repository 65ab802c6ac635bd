"""The command line: every command, and every failure as one line and an exit code."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence

import typer
from typer.exceptions import Abort, Exit, TyperException

from mpp_cli.cli import (
    compare,
    explain,
    import_,
    metric,
    metrics,
    reconcile,
    report,
    sample,
    schema,
    trend,
    validate,
    variants,
    verify,
)
from mpp_cli.cli.typer_startup import Command, Commands
from mpp_cli.common.errors import MppError, fitted, render
from mpp_cli.common.signals import Stopped, say, stopped

#: A device that takes no more, met where help is printed.
_NO_ROOM = (errno.ENOSPC, errno.EIO, errno.EDQUOT)

app = typer.Typer(
    name="mpp",
    cls=Commands,
    help=(
        'Compute the document "Migrant Protection Protocols Metrics and Measures" from the data '
        "you hold: every figure with its definition, its footnotes and its balance."
    ),
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(asked: bool) -> None:
    if asked:
        from mpp_cli.cli.output import write_text
        from mpp_cli.common.version import __version__

        write_text(None, f"mpp {__version__}\n")
        raise Exit(0)


@app.callback()
def _main(
    version: bool = typer.Option(
        False, "--version", callback=_print_version, is_eager=True, help="Print the version."
    ),
) -> None:
    """Options of mpp itself; each command has its own."""


app.command("report", cls=Command, rich_help_panel="Figures")(report.report)
app.command("metric", cls=Command, rich_help_panel="Figures")(metric.metric)
app.command("metrics", cls=Command, rich_help_panel="Figures")(metrics.metrics)
app.command("explain", cls=Command, rich_help_panel="Figures")(explain.explain)
app.command("verify", cls=Command, rich_help_panel="Figures")(verify.verify)
app.command("trend", cls=Command, rich_help_panel="Figures")(trend.trend)
app.command("compare", cls=Command, rich_help_panel="Figures")(compare.compare)
app.command("reconcile", cls=Command, rich_help_panel="Figures")(reconcile.reconcile)
app.command("variants", cls=Command, rich_help_panel="Figures")(variants.variants)
app.command("validate", cls=Command, rich_help_panel="Data")(validate.validate)
app.command("schema", cls=Command, rich_help_panel="Data")(schema.schema)
app.command("sample", cls=Command, rich_help_panel="Data")(sample.sample)
app.add_typer(import_.app, name="import", rich_help_panel="Data")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit code; nothing else leaves this function."""
    from mpp_cli.cli.output import flush_stdout

    try:
        try:
            code = app(
                args=list(sys.argv[1:] if arguments is None else arguments),
                prog_name="mpp",
                standalone_mode=False,
            )
            flush_stdout()
        except Exit as error:
            flush_stdout()
            code = error.exit_code
        return code if isinstance(code, int) else 0
    except MppError as error:
        return stopped() or _fail(render(error), error.exit_code)
    except TyperException as error:
        return _fail_usage(error)
    except (KeyboardInterrupt, Abort):
        return stopped() or _fail("mpp: interrupted", 130)
    except Stopped:
        return stopped() or 0
    except BrokenPipeError:
        return 0
    except Exception as error:
        # What runs when a signal comes may turn its exception into another one.
        return stopped() or _fail(*_unforeseen(error))


def _fail(text: str, code: int) -> int:
    say(fitted(text))
    return code


def _fail_usage(error: TyperException) -> int:
    from mpp_cli.cli.output import write_text

    message = error.format_message()
    context = getattr(error, "ctx", None)
    if not message.strip():  # no arguments: help was asked for
        write_text(None, f"{context.get_help()}\n" if context else "")
        return 2
    text = f"mpp: error: {message}"
    if context is not None:
        text += f"\nhint: see `{context.command_path} --help`"
    return _fail(text, 2)


def _unforeseen(error: Exception) -> tuple[str, int]:
    """What to say of a failure that no part of mpp foresaw, and the exit code."""
    no_thread = isinstance(error, RuntimeError) and "start new thread" in str(error)
    if (
        isinstance(error, MemoryError)
        or type(error).__name__ == "OutOfMemoryException"
        or no_thread
    ):
        return (
            "mpp: error: there is not enough memory\n"
            "hint: close other programs, or raise the limit (ulimit -v)"
        ), 70
    if isinstance(error, OSError) and error.errno in _NO_ROOM:
        return f"mpp: error: standard output: {error.strerror}", 4
    if type(error).__module__.startswith("_duckdb") and "No space left" in str(error):
        return (
            "mpp: error: the temporary folder is full\n"
            "hint: make room there, or name another folder in $TMPDIR"
        ), 4
    return _log(error), 70


def _log(error: Exception) -> str:
    """Write where a fault happened to a private log; the line that tells of it.

    The log names code, not values: messages of a fault may quote data.
    """
    import tempfile
    import traceback

    summary = f"mpp: fault: {type(error).__name__}; no figure was printed"
    frames = "".join(traceback.format_tb(error.__traceback__))
    try:
        descriptor, path = tempfile.mkstemp(prefix="mpp-fault-", suffix=".log")
        with os.fdopen(descriptor, "w", encoding="utf-8") as log:
            log.write(f"{frames}{type(error).__qualname__}\n")
    except OSError:
        return f"{summary}; no log could be written"
    return f"{summary}; please report it with {path}"
