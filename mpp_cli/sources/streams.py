"""Streams: standard input and FIFOs, copied so that they can be read more than once."""

from __future__ import annotations

import os
import select
import shutil
import stat
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import BinaryIO

from mpp_cli.errors import DataError, OutputError
from mpp_cli.scratch import Scratch

#: The path that stands for standard input.
STANDARD_INPUT = "-"

_HEAD = 1 << 16

#: Seconds within which somebody has to write to a FIFO.
WRITER_COMES = 10

_WAIT = 0.02


@contextmanager
def streams_copied(paths: Sequence[str]) -> Iterator[list[str]]:
    """The paths with streams (``-`` or a FIFO) replaced by private copies, gone afterwards.

    A file is read more than once (for its encoding, for its rows), which a
    pipe does not allow.
    """
    if not any(map(_is_stream, paths)):
        yield list(paths)
        return
    with closing(Scratch()) as scratch:
        copies = []
        for number, path in enumerate(paths):
            if _is_stream(path):
                home = scratch.path / f"{number}"
                home.mkdir()
                with _opened(path) as (head, stream):
                    path = _copy(head, stream, home)
            copies.append(path)
        yield copies


@contextmanager
def _opened(path: str) -> Iterator[tuple[bytes, BinaryIO]]:
    if path != STANDARD_INPUT:
        head, stream = _written(path)
        with stream:
            yield head, stream
    elif sys.stdin is None:
        raise DataError("standard input is closed", hint="name a file, or pipe the data in")
    else:
        yield b"", sys.stdin.buffer


def _written(path: str) -> tuple[bytes, BinaryIO]:
    """A FIFO to which somebody writes, and what was read of it to see that.

    Raises DataError when nobody does within a while.
    """
    # Opened like this it is there at once, whether there is a writer or not.
    number = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    stream = os.fdopen(number, "rb")
    gone = select.poll()
    gone.register(number, select.POLLIN)
    end = time.monotonic() + WRITER_COMES
    while True:
        try:
            head = os.read(number, _HEAD)
        except BlockingIOError:
            head = b""  # there is a writer, who has not written yet
            break
        if head or any(event & select.POLLHUP for _, event in gone.poll(0)):
            break
        if time.monotonic() > end:
            stream.close()
            raise DataError(
                f"{path} is a pipe that no program is writing to",
                hint="start the program that writes to it first, or name a file",
            )
        time.sleep(_WAIT)
    os.set_blocking(number, True)
    return head, stream


def _copy(head: bytes, stream: BinaryIO, home: Path) -> str:
    head += stream.read(_HEAD)
    copy = home / f"stdin{_ending(head)}"
    try:
        with copy.open("wb") as out:
            out.write(head)
            shutil.copyfileobj(stream, out)
    except OSError as error:
        raise OutputError(
            f"the copy of a stream in the temporary folder {tempfile.gettempdir()}: "
            f"{error.strerror}",
            hint="make room there, or name another folder in $TMPDIR",
        ) from error
    return str(copy)


def _ending(head: bytes) -> str:
    """The ending that a stream would have as a file, by the bytes it begins with."""
    for mark, ending in ((b"PAR1", ".parquet"), (b"PK", ".zip"), (b"\x1f\x8b", ".csv.gz")):
        if head.startswith(mark):
            return ending
    first = head.lstrip().partition(b"\n")[0]
    return ".tsv" if b"\t" in first and b"," not in first else ".csv"


def _is_stream(path: str) -> bool:
    if path == STANDARD_INPUT:
        return True
    try:
        return stat.S_ISFIFO(os.stat(path).st_mode)
    except (OSError, ValueError):
        return False
