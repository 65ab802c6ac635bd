"""The command line: every command, and every failure as one line and an exit code."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from types import FrameType

import typer
from typer.exceptions import Abort, Exit, TyperException

from mpp_cli.commands import metric, metrics, report
from mpp_cli.errors import MppError, render

app = typer.Typer(
    name="mpp",
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
        from mpp_cli import __version__

        print(f"mpp {__version__}")
        raise Exit(0)


@app.callback()
def _main(
    version: bool = typer.Option(
        False, "--version", callback=_print_version, is_eager=True, help="Print the version."
    ),
) -> None:
    """Options of mpp itself; each command has its own."""


app.command("report", rich_help_panel="Figures")(report.report)
app.command("metric", rich_help_panel="Figures")(metric.metric)
app.command("metrics", rich_help_panel="Figures")(metrics.metrics)


class _Terminated(BaseException):
    """The process was asked to end: clean up as on an error, say nothing."""


def _terminate(number: int, frame: FrameType | None) -> None:
    raise _Terminated


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit code; nothing else leaves this function."""
    from mpp_cli.output import flush_stdout

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
        return _fail(render(error), error.exit_code)
    except TyperException as error:
        return _fail_usage(error)
    except (KeyboardInterrupt, Abort):
        return _fail("mpp: interrupted", 130)
    except _Terminated:
        return _fail("mpp: terminated", 128 + signal.SIGTERM)
    except BrokenPipeError:
        return 0
    except MemoryError:
        return _fail("mpp: error: there is not enough memory", 70)
    except Exception as error:
        return _fail(_log(error), 70)


def run() -> None:
    """Run as the program ``mpp``."""
    signal.signal(signal.SIGTERM, _terminate)
    code = main()
    # Everything was flushed and closed; what is left is to end without Python's
    # own opinion on streams whose reader has gone.
    sys.stderr.flush()
    os._exit(code)


def _fail(text: str, code: int) -> int:
    with suppress(OSError):  # nobody may be there to be told
        print(text, file=sys.stderr, flush=True)
    return code


def _fail_usage(error: TyperException) -> int:
    message = error.format_message()
    context = getattr(error, "ctx", None)
    if not message.strip():  # no arguments: help was asked for
        print(context.get_help() if context else "")
        return 2
    text = f"mpp: error: {message}"
    if context is not None:
        text += f"\nhint: see `{context.command_path} --help`"
    return _fail(text, 2)


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
