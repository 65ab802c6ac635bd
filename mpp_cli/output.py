"""Writing what was asked for: all of it, or nothing and a clear error.

A file is written beside its target and renamed over it, so a reader sees the
old file or the new one and never a part. The steps, and what each is for:

1. Temporary files that a killed run left behind are swept away.
2. A hidden file is created in the target's own folder, because a rename is
   atomic only within one file system, and locked, because the lock is how
   another run knows that the file is not a leftover: the kernel drops it with
   the process, however the process ends.
3. The text is written and synced *before* the rename. Otherwise a power cut
   could keep the rename and lose the text.
4. The rename, and a sync of the folder, which holds the name.

Standard output, devices, FIFOs and descriptors (``/dev/fd/3``) cannot be
renamed over and are written directly. A reader that goes away (``| head``) is
not an error: the rest is dropped in silence.
"""

from __future__ import annotations

import errno
import io
import os
import re
import select
import stat
import sys
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, TextIO, cast

from mpp_cli.errors import OutputError

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer as Buffer

try:
    import fcntl
except ImportError:  # Windows has no flock; see _try_lock.
    fcntl = None  # type: ignore[assignment]

#: How every temporary file ends; the hidden name starts with its target's.
SUFFIX = ".mpp-tmp"

#: Where files cannot be locked, a temporary file this old (in seconds) is stale.
STALE_AFTER = 24 * 60 * 60

# A name may have 255 bytes, on some encrypted file systems 143. A temporary
# name has at most 1 + 80 + 9 + 1 + 16 + 8 bytes.
_STEM_BYTES = 80
_TOKEN = "[0-9a-f]{16}"

# The kernel's own limit on symbolic links in one path.
_MAX_LINKS = 40

# The constants below do not exist on Windows, where 0 changes nothing; there,
# and only there, O_BINARY keeps line ends as they are.
_CLOSE_ON_EXEC = getattr(os, "O_CLOEXEC", 0)
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)
_NO_WAIT = getattr(os, "O_NONBLOCK", 0)
_NO_TERMINAL = getattr(os, "O_NOCTTY", 0)
_BINARY = getattr(os, "O_BINARY", 0)

# Where the system keeps the open files of a process.
_DESCRIPTORS = re.compile(r"/dev/fd|/proc/(?P<pid>\d+)(?:/task/\d+)?/fd")

_ELSEWHERE = "choose another place with -o"
_SPACE = f"free some space, or {_ELSEWHERE}"
_PERMISSION = f"give this user write permission, or {_ELSEWHERE}"

# Why something cannot be written, by error number, and the remedy.
_REASONS: dict[int | None, tuple[str, str]] = {
    errno.ENOSPC: ("no space is left on the device", _SPACE),
    errno.EDQUOT: ("the disk quota is used up", _SPACE),
    errno.EFBIG: ("it would be larger than files may be", _SPACE),
    errno.EACCES: ("no permission", _PERMISSION),
    errno.EPERM: ("the system does not allow it", _PERMISSION),
    errno.EROFS: ("the file system is read-only", _ELSEWHERE),
    errno.EISDIR: ("it is a folder", "add a file name to it"),
    errno.ENOENT: ("its folder does not exist", f"create the folder first, or {_ELSEWHERE}"),
    errno.ENOTDIR: ("its folder is a file", _ELSEWHERE),
    errno.ELOOP: ("it is a loop of symbolic links", f"remove the link, or {_ELSEWHERE}"),
    errno.ENAMETOOLONG: ("the name is too long", "choose a shorter name"),
    errno.EBUSY: (
        "it is in use and cannot be replaced",
        "a file that is a mount point cannot be renamed over: mount its folder instead",
    ),
}

# Not a number of the system: a folder without write permission is EACCES, as a
# file is, but needs another remedy.
_FOLDER_CLOSED = -1
_REASONS[_FOLDER_CLOSED] = (
    "no permission to write in its folder",
    "mpp writes a new file beside the old one and renames it: "
    f"make the folder writable, or {_ELSEWHERE}",
)

_STDOUT = "standard output"


@dataclass(frozen=True)
class _File:
    """A regular file, there already or not: the target behind all links."""

    path: str
    folder: str
    name: str
    existing: os.stat_result | None


@dataclass(frozen=True)
class _Direct:
    """Something that is written as it is: an open descriptor, a device, a FIFO."""

    descriptor: int | None
    path: str


def write_text(target: str | None, text: str, *, private: bool = False) -> None:
    """Write ``text`` as UTF-8 to the file ``target``; None or ``-`` is standard output.

    A new file gets the permissions that the umask leaves, or 0600 when it is
    ``private``. An existing file keeps its permissions, except that a private
    one is closed to others. Raises :class:`OutputError`, and then what was in
    the file before is still there.
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
    place = _locate(target)
    if isinstance(place, _File):
        chosen = _replaced(target or "", place, private)
    elif place.descriptor == 1:
        chosen = _standard_output()
    else:
        chosen = _direct(target or "", place)
    with chosen as stream:
        yield stream


def check_writable(target: str | None) -> None:
    """Raise :class:`OutputError` now when ``target`` cannot possibly be written.

    It is called before minutes of computing. Nothing is created; leftovers of
    killed runs are swept, so that they go even if this run fails later. A full
    disk, for instance, is only found out by writing.
    """
    place = _locate(target)
    with _explained(target or _STDOUT):
        if isinstance(place, _File):
            _require_writable(place)
            _sweep(place)
        elif place.descriptor == 1:
            _printed()
        elif place.descriptor is not None:
            os.fstat(place.descriptor)
        elif not _may(place.path, os.W_OK):
            raise _failure(errno.EACCES)


def flush_stdout() -> None:
    """Flush what was printed, and report now what would fail at shutdown.

    Python flushes standard output once more when it ends, and would print a
    warning of its own and exit with 120. Call this last, inside the code that
    turns errors into exit codes; and call it when ``print`` itself has raised
    :class:`BrokenPipeError`, so that nothing more is said.
    """
    if sys.stdout is not None:
        with _standard_output():
            pass


# ----------------------------------------------------------------- the target


def _locate(target: str | None) -> _File | _Direct:
    """Return what is to be written when the user says ``target``."""
    if target is None or target == "-":
        return _Direct(1, "-")
    if not target or "\0" in target:
        raise OutputError("the output has no usable file name", hint="name a file with -o")
    with _explained(target):
        return _follow(target)


def _follow(path: str) -> _File | _Direct:
    """Follow ``path`` through its links, which are never replaced themselves."""
    for _ in range(_MAX_LINKS):
        folder, name = os.path.split(path)
        # /dev/stdout leads here. Following it further would give the file that
        # the shell redirected to, and replacing that would pull it from under
        # the shell; opening it again would start at its beginning, over what
        # ">>" is to keep. So a descriptor of our own is used as it is open.
        if name.isascii() and name.isdecimal():
            match = _DESCRIPTORS.fullmatch(os.path.realpath(folder))
            if match:
                own = match["pid"] is None or int(match["pid"]) == os.getpid()
                return _Direct(int(name) if own else None, path)
        try:
            link = os.readlink(path)
        except OSError as error:
            if error.errno in (errno.EINVAL, errno.ENOENT):  # not a link; nothing there
                break
            raise
        path = os.path.join(folder, link)
    else:
        raise _failure(errno.ELOOP)

    if not name:  # "reports/" can only be a folder, whether it is there or not.
        raise _failure(errno.EISDIR)
    folder = folder or os.curdir
    try:
        existing = os.stat(path)
    except FileNotFoundError:
        return _File(path, folder, name, None)
    if stat.S_ISDIR(existing.st_mode):
        raise _failure(errno.EISDIR)
    if not stat.S_ISREG(existing.st_mode):
        return _Direct(None, path)
    return _File(path, folder, name, existing)


def _require_writable(place: _File) -> None:
    if not os.path.isdir(place.folder):
        raise _failure(errno.ENOTDIR if os.path.exists(place.folder) else errno.ENOENT)
    if not _may(place.folder, os.W_OK | os.X_OK):
        # Two different remedies; the system says which it is.
        read_only = _is_read_only(place.folder)
        raise _failure(errno.EROFS if read_only else _FOLDER_CLOSED)
    # A rename needs no permission on the file that it replaces. But who has
    # made a file read-only wants it kept.
    if place.existing is not None and not _may(place.path, os.W_OK):
        raise _failure(errno.EACCES)


def _is_read_only(folder: str) -> bool:
    if not hasattr(os, "statvfs"):  # Windows
        return False
    return bool(os.statvfs(folder).f_flag & os.ST_RDONLY)


def _may(path: str, mode: int) -> bool:
    return os.access(path, mode, effective_ids=os.access in os.supports_effective_ids)


def _failure(number: int) -> OSError:
    """Return the error that the system itself would give, for :func:`_explained`."""
    return OSError(number, os.strerror(number))


@contextmanager
def _explained(target: str, kept: bool = False) -> Iterator[None]:
    """Turn a failure of the system into one that names the target and the remedy."""
    try:
        yield
    except (BrokenPipeError, ConnectionResetError):
        raise _ReaderGone from None
    except UnicodeEncodeError as error:
        raise OutputError(
            "cannot be written: its name does not exist in this locale",
            file=target,
            hint="choose a name in plain letters, or run with PYTHONUTF8=1",
        ) from error
    except OSError as error:
        reason, hint = _REASONS.get(error.errno, (error.strerror or str(error), _ELSEWHERE))
        if kept:
            hint += "; the file that was there is unchanged"
        raise OutputError(f"cannot be written: {reason}", file=target, hint=hint) from error


# ------------------------------------------------------------ replacing a file


@contextmanager
def _replaced(target: str, place: _File, private: bool) -> Iterator[BinaryIO]:
    """Give a stream into a temporary file, and rename it over the target at the end."""
    kept = place.existing is not None
    with _explained(target, kept):
        _require_writable(place)
        _sweep(place)
        descriptor, temporary = _create(place)
    # From here to the rename, any exception at all removes the temporary file:
    # an interrupt (^C) as much as a fault in the code that fills the stream.
    try:
        with _into(descriptor, target, kept) as stream:
            yield stream
        with _explained(target, kept):
            _set_permissions(descriptor, place.existing, private)
            _sync(descriptor)
            if fcntl is None:
                # Windows does not rename a file that is open. Elsewhere it
                # stays open, and so locked, until it has its new name.
                os.close(descriptor)
                descriptor = -1
            os.replace(temporary, place.path)
    except BaseException:
        with suppress(OSError):
            os.close(descriptor)
        with suppress(OSError):
            os.unlink(temporary)
        raise
    with _explained(target):
        if descriptor >= 0:
            os.close(descriptor)
        _sync_folder(place.folder)


def _create(place: _File) -> tuple[int, str]:
    """Create and lock a temporary file; return its descriptor and path."""
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | _CLOSE_ON_EXEC | _NO_FOLLOW | _BINARY
    for _ in range(1000):
        name = f"{_stem(place.name)}{os.urandom(8).hex()}{SUFFIX}"
        path = os.path.join(place.folder, name)
        try:
            descriptor = os.open(path, flags, 0o600)
        except FileExistsError:
            continue
        try:
            # Between these two calls the file looks like a leftover, and a run
            # that sweeps may take it: then it holds the lock, or the name is
            # already gone. Either way the file is lost; start with another.
            if _try_lock(descriptor) is not False and _is_at(descriptor, path):
                return descriptor, path
        except BaseException:
            with suppress(OSError):
                os.unlink(path)
            os.close(descriptor)
            raise
        os.close(descriptor)
    raise _failure(errno.EBUSY)


def _sweep(place: _File) -> None:
    """Remove temporary files of this target that no running process holds.

    Nothing here is an error: a leftover that cannot be removed (another user's,
    say) does not keep this run from writing.
    """
    leftover = re.compile(re.escape(_stem(place.name)) + _TOKEN + re.escape(SUFFIX))
    # A folder may be writable without being readable.
    with suppress(OSError), os.scandir(place.folder) as entries:
        paths = [entry.path for entry in entries if leftover.fullmatch(entry.name)]
        for path in paths:
            with suppress(OSError):
                _remove_if_stale(path)


def _remove_if_stale(path: str) -> None:
    # Not waiting, and not following, so that a FIFO or link put there by
    # somebody else neither hangs this run nor leads it away. NFS wants write
    # access for an exclusive lock.
    descriptor = os.open(path, os.O_RDWR | _NO_WAIT | _NO_FOLLOW | _CLOSE_ON_EXEC | _BINARY)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            return
        locked = _try_lock(descriptor)
        if locked is None:
            stale = status.st_mtime < time.time() - STALE_AFTER
        else:
            # Since it was opened, its owner may have renamed it to the target
            # and ended; then the lock is free and the name is gone. The names
            # are random, so no other file can have come to this one.
            stale = locked and _is_at(descriptor, path)
        if stale and fcntl is not None:
            # Removed under the lock: its owner, if it was only just created,
            # must not get the lock while the name is still there.
            os.unlink(path)
    finally:
        os.close(descriptor)
    if stale and fcntl is None:
        # Windows does not remove a file that is open, here or in its owner.
        os.unlink(path)


def _stem(name: str) -> str:
    """Return how the names of the temporary files of ``name`` begin.

    A long name is shortened and told from others by a checksum. Should two
    names collide, one sweeps the leftovers of the other, which does no harm.
    """
    raw = os.fsencode(name)
    if len(raw) <= _STEM_BYTES:
        return f".{name}."
    start = raw[:_STEM_BYTES].decode("utf-8", "ignore")
    return f".{start}-{zlib.crc32(raw):08x}."


def _try_lock(descriptor: int) -> bool | None:
    """Return True with the lock, False when another holds it, None without locks.

    There are no locks on Windows and on some network file systems; there the
    age of a temporary file says whether it is stale.
    """
    if fcntl is None:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True


def _is_at(descriptor: int, path: str) -> bool:
    """Return whether ``path`` is still the name of this open file."""
    try:
        return os.path.samestat(os.fstat(descriptor), os.lstat(path))
    except FileNotFoundError:
        return False


def _set_permissions(descriptor: int, existing: os.stat_result | None, private: bool) -> None:
    if not hasattr(os, "fchmod"):  # Windows
        return
    if existing is None:
        mode = 0o600 if private else 0o666 & ~_umask()
    else:
        mode = stat.S_IMODE(existing.st_mode) & 0o777
        if private:
            # A list of cases may be shared with a group on purpose, but it
            # must not be world-readable because the file before it was.
            mode &= 0o770
        mine = os.fstat(descriptor)
        # The file stays its owner's and its group's where the system lets us
        # say so: root may, and anybody may within their own groups.
        if mine.st_gid != existing.st_gid:
            try:
                os.fchown(descriptor, -1, existing.st_gid)
            except OSError:
                if private:
                    mode &= 0o700  # It was another group that was to read it.
        if mine.st_uid != existing.st_uid:
            with suppress(OSError):
                os.fchown(descriptor, existing.st_uid, -1)
    os.fchmod(descriptor, mode)


def _umask() -> int:
    # The only portable way to read it is to set it. The value in between is
    # the strict one, in case another thread creates a file at this moment.
    umask = os.umask(0o077)
    os.umask(umask)
    return umask


def _sync(descriptor: int) -> None:
    try:
        os.fsync(descriptor)
    except OSError as error:
        # Some file systems have nothing to sync and say so.
        if error.errno not in (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP):
            raise


def _sync_folder(folder: str) -> None:
    try:
        descriptor = os.open(folder, os.O_RDONLY | _CLOSE_ON_EXEC)
    except OSError:
        # A folder that may be written but not read, or Windows, which does not
        # open folders. The file is in its place; only a power cut in the next
        # seconds could bring the old one back, whole.
        return
    try:
        _sync(descriptor)
    finally:
        os.close(descriptor)


# ------------------------------------------- standard output, devices and pipes


@contextmanager
def _standard_output() -> Iterator[BinaryIO]:
    """Give a stream into standard output that is complete, or failed, at the end."""
    printed = _printed()
    descriptor = _descriptor_of(printed)
    if descriptor is None:
        collected = io.BytesIO()
        yield collected
        with suppress(_ReaderGone), _explained(_STDOUT):
            _write_through(printed, collected.getvalue())
        return
    try:
        # What was printed before comes before. A reader that is gone already is
        # met again by the first write, and without one by the second flush.
        with suppress(_ReaderGone), _explained(_STDOUT):
            printed.flush()
        with _into(descriptor, _STDOUT) as stream:
            yield stream
        with _explained(_STDOUT):
            printed.flush()
            _settle(descriptor)
    except (OutputError, _ReaderGone) as error:
        # Text that could not be written stays in Python's buffer, and would be
        # tried again, with a complaint, at shutdown. Send it nowhere.
        with suppress(OSError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, descriptor)
            os.close(nowhere)
        if isinstance(error, OutputError):
            raise


def _printed() -> TextIO:
    # The type of sys.stdout hides that it is None when a process is started
    # with standard output closed (">&-").
    printed = cast("TextIO | None", sys.stdout)
    if printed is None:
        raise OutputError(
            "cannot be written: it is closed", file=_STDOUT, hint="name a file with -o"
        )
    return printed


def _descriptor_of(printed: TextIO) -> int | None:
    """Return the descriptor behind ``printed``, or None where it must not be used.

    That is so for a stream in memory, as in tests and notebooks, and on
    Windows, whose console is not written through descriptors.
    """
    if os.name != "posix":
        return None
    try:
        return printed.fileno()
    except (AttributeError, OSError, ValueError):
        return None


def _write_through(printed: TextIO, data: bytes) -> None:
    printed.flush()
    buffer = getattr(printed, "buffer", None)
    if buffer is None:
        printed.write(data.decode("utf-8"))
    else:
        buffer.write(data)
    printed.flush()


@contextmanager
def _direct(target: str, place: _Direct) -> Iterator[BinaryIO]:
    """Give a stream into a device, a FIFO or a descriptor that is already open."""
    with _explained(target):
        if place.descriptor is None:
            # Opening a FIFO waits for its reader, as it does for any program.
            descriptor = os.open(place.path, os.O_WRONLY | _CLOSE_ON_EXEC | _NO_TERMINAL | _BINARY)
        else:
            descriptor = os.dup(place.descriptor)
    try:
        with suppress(_ReaderGone):
            with _into(descriptor, target) as stream:
                yield stream
            with _explained(target):
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
def _into(descriptor: int, target: str, kept: bool = False) -> Iterator[BinaryIO]:
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


class _ReaderGone(Exception):
    """The reader of a pipe has closed it; nobody is left to write for."""


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
        with _explained(self._target, self._kept):
            while True:
                try:
                    return os.write(self._descriptor, view)
                except BlockingIOError:
                    # Another program has made a shared pipe or terminal
                    # non-blocking, and it is full: wait, and go on.
                    select.select([], [self._descriptor], [])
