"""Writing what was asked for: all of it, or nothing and a clear error.

What the user names is first followed to what it really is (``place``). A file
is written beside its target and renamed over it, so a reader sees the old file
or the new one and never a part (``atomic``). Standard output, devices, FIFOs
and descriptors (``/dev/fd/3``) cannot be renamed over and are written directly
(``streams``); a reader that goes away (``| head``) is not an error there: the
rest is dropped in silence. Whatever the system refuses becomes one sentence and
a remedy (``failures``).
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from mpp_cli.cli.output.atomic_file import SUFFIX, replaced, sweep
from mpp_cli.cli.output.failures import explained, failure
from mpp_cli.cli.output.streams import direct, printed, standard_output
from mpp_cli.cli.output.target import Direct, File, locate, may, require_writable

__all__ = [
    "SUFFIX",
    "check_writable",
    "flush_stdout",
    "is_direct",
    "open_output",
    "write_bytes",
    "write_text",
]


def write_text(target: str | None, text: str, *, private: bool = False) -> None:
    """Write ``text`` as UTF-8 to the file ``target``; None or ``-`` is standard output.

    A new file gets the permissions that the umask leaves, or 0600 when it is
    ``private``. An existing file keeps its permissions, except that a private
    one is closed to others. Raises :class:`mpp_cli.common.errors.OutputError`, and
    then what was in the file before is still there.
    """
    # A lone surrogate stands for a byte of a file name that is not UTF-8. It is
    # spelled out, so that the output is valid UTF-8 whatever it quotes.
    write_bytes(target, text.encode("utf-8", "backslashreplace"), private=private)


def write_bytes(target: str | None, data: bytes, *, private: bool = False) -> None:
    """Write ``data`` as :func:`write_text` writes text."""
    with open_output(target, private=private) as stream:
        stream.write(data)


@contextmanager
def open_output(target: str | None, *, private: bool = False) -> Iterator[BinaryIO]:
    """Give a stream for output that is too large to be held in memory.

    The target changes only when the block ends without an error. When the
    reader of a pipe goes away, the block ends there and no error is raised.
    """
    place = locate(target)
    if isinstance(place, File):
        chosen = replaced(place, private)
    elif place.descriptor == 1:
        chosen = standard_output()
    else:
        chosen = direct(place)
    with chosen as stream:
        yield stream


def is_direct(target: str | None) -> bool:
    """Whether ``target`` is written as it is: standard output, a device, a FIFO, a descriptor.

    Raises OutputError for what cannot be an output, such as a folder.
    """
    return isinstance(locate(target), Direct)


def check_writable(target: str | None) -> None:
    """Raise OutputError now if ``target`` cannot possibly be written.

    It is called before minutes of computing. Nothing is created; leftovers of
    killed runs are swept, so that they go even if this run fails later. A full
    disk, for instance, is only found out by writing.
    """
    place = locate(target)
    with explained(place.shown):
        if isinstance(place, File):
            require_writable(place)
            sweep(place)
        elif place.descriptor == 1:
            printed()
        elif place.descriptor is not None:
            os.fstat(place.descriptor)
        elif not may(place.path, os.W_OK):
            raise failure(errno.EACCES)


def flush_stdout() -> None:
    """Flush what was printed, and report now what would fail at shutdown.

    Python flushes standard output once more when it ends, and would print a
    warning of its own and exit with 120. Call this last, inside the code that
    turns errors into exit codes; and call it when ``print`` itself has raised
    :class:`BrokenPipeError`, so that nothing more is said.
    """
    if sys.stdout is not None:
        with standard_output():
            pass
