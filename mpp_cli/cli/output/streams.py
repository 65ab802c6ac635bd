"""What is written as it is: standard output, descriptors, devices and FIFOs."""

from __future__ import annotations

import io
import os
import select
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, BinaryIO, TextIO, cast

from mpp_cli.cli.output.failures import STDOUT, ReaderGone, explained
from mpp_cli.cli.output.target import Direct
from mpp_cli.common.errors import OutputError

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer as Buffer

#: On Windows, and only there, this keeps line ends as they are.
BINARY = getattr(os, "O_BINARY", 0)

# A terminal that is opened must not become the one that controls the process.
_NO_TERMINAL = getattr(os, "O_NOCTTY", 0)


@contextmanager
def standard_output() -> Iterator[BinaryIO]:
    """Give a stream into standard output that is complete, or failed, at the end."""
    text = printed()
    descriptor = _descriptor_of(text)
    if descriptor is None:
        collected = io.BytesIO()
        yield collected
        with suppress(ReaderGone), explained(STDOUT):
            _write_through(text, collected.getvalue())
        return
    try:
        # What was printed before comes before. A reader that is gone already is
        # met again by the first write, and without one by the second flush.
        with suppress(ReaderGone), explained(STDOUT):
            text.flush()
        with into(descriptor, STDOUT) as stream:
            yield stream
        with explained(STDOUT):
            text.flush()
            _settle(descriptor)
    except (OutputError, ReaderGone) as error:
        # Text that could not be written stays in Python's buffer, and would be
        # tried again, with a complaint, at shutdown. Send it nowhere.
        with suppress(OSError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, descriptor)
            os.close(nowhere)
        if isinstance(error, OutputError):
            raise


def printed() -> TextIO:
    """Return the stream that :func:`print` writes to, or raise :class:`OutputError`."""
    # The type of sys.stdout hides that it is None when a process is started
    # with standard output closed (">&-").
    text = cast("TextIO | None", sys.stdout)
    if text is None:
        raise OutputError(
            "cannot be written: it is closed", file=STDOUT, hint="name a file with -o"
        )
    return text


def _descriptor_of(text: TextIO) -> int | None:
    """Return the descriptor behind ``text``, or None where it must not be used.

    That is so for a stream in memory, as in tests and notebooks, and on
    Windows, whose console is not written through descriptors.
    """
    if os.name != "posix":
        return None
    try:
        return text.fileno()
    except (AttributeError, OSError, ValueError):
        return None


def _write_through(text: TextIO, data: bytes) -> None:
    text.flush()
    buffer = getattr(text, "buffer", None)
    if buffer is None:
        text.write(data.decode("utf-8"))
    else:
        buffer.write(data)
    text.flush()


@contextmanager
def direct(place: Direct) -> Iterator[BinaryIO]:
    """Give a stream into a device, a FIFO or a descriptor that is already open."""
    with explained(place.shown):
        if place.descriptor is None:
            # Opening a FIFO waits for its reader, as it does for any program.
            descriptor = os.open(place.path, os.O_WRONLY | _NO_TERMINAL | BINARY)
        else:
            descriptor = os.dup(place.descriptor)
    try:
        with suppress(ReaderGone):
            with into(descriptor, place.shown) as stream:
                yield stream
            with explained(place.shown):
                _settle(descriptor)
    finally:
        os.close(descriptor)


def _settle(descriptor: int) -> None:
    """Ask for an error that would only be told on closing.

    A network file system reports a full disk when a file is closed. Closing a
    duplicate gets that report and leaves the descriptor open for its owner.
    """
    os.close(os.dup(descriptor))


@contextmanager
def into(descriptor: int, target: str, kept: bool = False) -> Iterator[BinaryIO]:
    """Give a buffered stream into ``descriptor``, which stays open."""
    raw = _Descriptor(descriptor, target, kept)
    stream = io.BufferedWriter(raw, 1 << 16)
    try:
        yield stream
        stream.flush()
    finally:
        # What is in the buffer now belongs to a failure that is being told.
        raw.dropping = True
        stream.close()


class _Descriptor(io.RawIOBase):
    """An open descriptor as a raw stream that explains its own failures.

    Explaining them here keeps apart a failure to write and a failure of the
    code that fills the stream, which may be reading a broken file.
    """

    def __init__(self, descriptor: int, target: str, kept: bool) -> None:
        self._descriptor = descriptor
        self._target = target
        self._kept = kept
        self.dropping = False

    def writable(self) -> bool:
        return True

    def write(self, data: Buffer) -> int:
        view = memoryview(data)
        if self.dropping:
            return len(view)
        with explained(self._target, self._kept):
            while True:
                try:
                    return os.write(self._descriptor, view)
                except BlockingIOError:
                    # Another program has made a shared pipe or terminal
                    # non-blocking, and it is full: wait, and go on.
                    select.select([], [self._descriptor], [])
