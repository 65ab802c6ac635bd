"""Replacing a file whole: a reader sees the old one or the new one, never a part.

The steps, and what each is for:

1. Temporary files that a killed run left behind are swept away.
2. A hidden file is created in the target's own folder, because a rename is
   atomic only within one file system, and locked, because the lock is how
   another run knows that the file is not a leftover: the kernel drops it with
   the process, however the process ends.
3. The text is written and synced *before* the rename. Otherwise a power cut
   could keep the rename and lose the text.
4. The rename, and a sync of the folder, which holds the name.
"""

from __future__ import annotations

import errno
import os
import re
import stat
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import BinaryIO

from mpp_cli.cli.output.failures import explained, failure
from mpp_cli.cli.output.streams import BINARY, into
from mpp_cli.cli.output.target import File, require_writable

try:
    import fcntl
except ImportError:  # Windows has no flock; see try_lock.
    fcntl = None  # type: ignore[assignment]

#: How every temporary file ends; the hidden name starts with its target's.
SUFFIX = ".mpp-tmp"

#: Where files cannot be locked, a temporary file this old (in seconds) is stale.
STALE_AFTER = 24 * 60 * 60

# A name may have 255 bytes, on some encrypted file systems 143. A temporary
# name has at most 1 + 80 + 9 + 1 + 16 + 8 bytes.
_STEM_BYTES = 80
TOKEN = "[0-9a-f]{16}"

# Neither waiting nor following: a FIFO or link that somebody else put in the
# place of a leftover neither hangs this run nor leads it away. Windows has no
# such flags and needs none.
_WARILY = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0)


@contextmanager
def replaced(place: File, private: bool) -> Iterator[BinaryIO]:
    """Give a stream into a temporary file, and rename it over the target at the end."""
    kept = place.existing is not None
    with explained(place.shown, kept):
        require_writable(place)
        sweep(place)
        descriptor, temporary = _create(place)
    # From here to the rename, any exception at all removes the temporary file:
    # an interrupt (^C) as much as a fault in the code that fills the stream.
    try:
        with into(descriptor, place.shown, kept) as stream:
            yield stream
        with explained(place.shown, kept):
            _set_permissions(descriptor, place.existing, private)
            sync(descriptor)
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
    with explained(place.shown):
        if descriptor >= 0:
            os.close(descriptor)
        sync_folder(place.folder)


# ------------------------------------------------------- the temporary file


def _create(place: File) -> tuple[int, str]:
    """Create and lock a temporary file; return its descriptor and path."""
    for _ in range(1000):
        name = f"{stem(place.name)}{os.urandom(8).hex()}{SUFFIX}"
        path = os.path.join(place.folder, name)
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | BINARY, 0o600)
        except FileExistsError:
            continue
        try:
            # Between these two calls the file looks like a leftover, and a run
            # that sweeps may take it: then it holds the lock, or the name is
            # already gone. Either way the file is lost; start with another.
            if try_lock(descriptor) is not False and _is_at(descriptor, path):
                return descriptor, path
        except BaseException:
            with suppress(OSError):
                os.unlink(path)
            os.close(descriptor)
            raise
        os.close(descriptor)
    raise failure(errno.EBUSY)


def sweep(place: File) -> None:
    """Remove temporary files of this target that no running process holds.

    Nothing here is an error: a leftover that cannot be removed (another user's,
    say) does not keep this run from writing.
    """
    leftover = re.compile(re.escape(stem(place.name)) + TOKEN + re.escape(SUFFIX))
    # A folder may be writable without being readable.
    with suppress(OSError), os.scandir(place.folder) as entries:
        paths = [entry.path for entry in entries if leftover.fullmatch(entry.name)]
        for path in paths:
            with suppress(OSError):
                _remove_if_stale(path)


def _remove_if_stale(path: str) -> None:
    # NFS wants write access for an exclusive lock.
    descriptor = os.open(path, os.O_RDWR | _WARILY)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            return
        locked = try_lock(descriptor)
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


def stem(name: str) -> str:
    """Return how the names of the temporary files of ``name`` begin.

    A long name is shortened and told from others by a checksum. Should two
    names collide, one sweeps the leftovers of the other, which does no harm.
    """
    raw = os.fsencode(name)
    if len(raw) <= _STEM_BYTES:
        return f".{name}."
    start = raw[:_STEM_BYTES].decode("utf-8", "ignore")
    return f".{start}-{zlib.crc32(raw):08x}."


def try_lock(descriptor: int) -> bool | None:
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


# ---------------------------------------------------- permissions and the disk


def _set_permissions(descriptor: int, existing: os.stat_result | None, private: bool) -> None:
    if not hasattr(os, "fchmod"):  # Windows
        return
    if existing is None:
        mode = 0o600 if private else 0o666 & ~umask()
    else:
        # A list of cases may be shared with a group on purpose, but it must
        # not be world-readable because the file before it was.
        mode = existing.st_mode & (0o770 if private else 0o777)
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


def umask() -> int:
    """Return the permissions that new files and folders do not get."""
    # The only portable way to read it is to set it. The value in between is
    # the strict one, in case another thread creates a file at this moment.
    current = os.umask(0o077)
    os.umask(current)
    return current


def sync(descriptor: int) -> None:
    """Have the system write an open file or folder to the disk."""
    try:
        os.fsync(descriptor)
    except OSError as error:
        # Some file systems have nothing to sync and say so.
        if error.errno not in (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP):
            raise


def sync_folder(folder: str) -> None:
    """Have the system write the names in a folder to the disk."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        # A folder that may be written but not read, or Windows, which does not
        # open folders. The file is in its place; only a power cut in the next
        # seconds could bring the old one back, whole.
        return
    try:
        sync(descriptor)
    finally:
        os.close(descriptor)
