"""Runs the command line inside this process, so that thousands of runs are cheap."""

from __future__ import annotations

import contextlib
import functools
import io
import json
import os
from typing import Any
from unittest import mock

import typer.main

Answer = dict[str, Any]

# The commands are the same from run to run, and reading them takes half the time of a small one.
_get_command = functools.cache(typer.main.get_command)


def run(args: list[str]) -> tuple[int, bytes, str]:
    """Run the command line; return the exit code, the bytes of stdout, and the text of stderr."""
    from mpp_cli.app import main

    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="", write_through=True)
    err = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="", write_through=True)
    environment = {k: v for k, v in os.environ.items() if not k.startswith("MPP_")}
    with (
        mock.patch.dict(os.environ, environment, clear=True),
        mock.patch("typer.main.get_command", _get_command),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            code = main(args)
        except SystemExit as exit_:
            code = exit_.code if isinstance(exit_.code, int) else 1
    out.flush()
    err.flush()
    return code, out.buffer.getvalue(), err.buffer.getvalue().decode()  # type: ignore[attr-defined]


def run_json(args: list[str]) -> tuple[int, Answer | None, str]:
    """Run a command as JSON without a configuration; None stands for an empty stdout."""
    code, out, err = run([*args, "-f", "json", "--no-config"])
    return code, json.loads(out) if out.strip() else None, err
