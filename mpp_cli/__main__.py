"""The program: ``mpp``, or ``python -m mpp_cli``."""

from __future__ import annotations

import gc
import os

from mpp_cli.common.signals import Stopped, listen, stopped


def run() -> None:
    """Run one command and end the process with its exit code."""
    listen()
    # A short command is mostly imports, whose objects stay: looking through them for
    # garbage again and again took a tenth of its time.
    gc.set_threshold(100_000, 20, 20)
    try:
        from mpp_cli.app import main

        code = main()
    except Stopped:
        code = stopped()
    # Everything was flushed and closed; what is left is to end without Python's
    # own opinion on streams whose reader has gone.
    os._exit(code)


if __name__ == "__main__":
    run()
