"""Signals that end the program, and the last words that it says.

This module imports next to nothing, so that a signal which comes while the
rest is still being imported ends the program as quietly as any other.
"""

from __future__ import annotations

import signal
import sys
from contextlib import suppress
from types import FrameType

#: The signals that ask the program to end, and what it says of them.
_WORDS = {signal.SIGINT: "interrupted", signal.SIGTERM: "terminated"}
if hasattr(signal, "SIGHUP"):
    _WORDS[signal.SIGHUP] = "hung up"

_received: list[int] = []


class Stopped(BaseException):
    """A signal asked the program to end: clean up as on an error."""


def _stop(number: int, frame: FrameType | None) -> None:
    _received.append(number)
    raise Stopped


def listen() -> None:
    """End in good order on the signals that ask for it, unless they are ignored."""
    for number in _WORDS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _stop)


def stopped() -> int:
    """The exit code of a program that a signal ended, 0 when none did; says which."""
    if not _received:
        return 0
    number = signal.Signals(_received[0])
    say(f"mpp: {_WORDS[number]}")
    return 128 + number


def say(text: str) -> None:
    """Say something on standard error, where somebody may listen or not."""
    if sys.stderr is not None:
        with suppress(OSError, ValueError):
            print(text, file=sys.stderr, flush=True)
