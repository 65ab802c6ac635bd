"""Where a target really is: the file, device or descriptor behind its name."""

from __future__ import annotations

import errno
import os
import re
import stat
from dataclasses import dataclass

from mpp_cli.cli.output.failures import FOLDER_CLOSED, STDOUT, explained, failure
from mpp_cli.common.errors import OutputError

# The kernel's own limit on symbolic links in one path.
_MAX_LINKS = 40

# Where the system keeps the open files of a process.
_DESCRIPTORS = re.compile(r"/dev/fd|/proc/(?P<pid>\d+)(?:/task/\d+)?/fd")


@dataclass(frozen=True)
class File:
    """A regular file, there already or not: the target behind all links.

    ``shown`` is the target as the user named it.
    """

    shown: str
    path: str
    folder: str
    name: str
    existing: os.stat_result | None


@dataclass(frozen=True)
class Direct:
    """Something that is written as it is: an open descriptor, a device, a FIFO."""

    shown: str
    path: str
    descriptor: int | None


def locate(target: str | None) -> File | Direct:
    """Return what is to be written when the user says ``target``."""
    if target is None or target == "-":
        return Direct(STDOUT, "-", 1)
    if not target or "\0" in target:
        raise OutputError("the output has no usable file name", hint="name a file with -o")
    with explained(target):
        path = _follow(target)
        if isinstance(path, Direct):
            return path
        folder, name = os.path.split(path)
        folder = folder or os.curdir
        if not name:  # "reports/" can only be a folder, whether it is there or not.
            raise failure(errno.EISDIR)
        try:
            existing = os.stat(path)
        except FileNotFoundError:
            return File(target, path, folder, name, None)
        if stat.S_ISDIR(existing.st_mode):
            raise failure(errno.EISDIR)
        if not stat.S_ISREG(existing.st_mode):
            return Direct(target, path, None)
        return File(target, path, folder, name, existing)


def _follow(target: str) -> str | Direct:
    """Follow ``target`` through its links, which are never replaced themselves."""
    path = target
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
                return Direct(target, path, int(name) if own else None)
        try:
            link = os.readlink(path)
        except OSError as error:
            if error.errno in (errno.EINVAL, errno.ENOENT):  # not a link; nothing there
                return path
            raise
        path = os.path.join(folder, link)
    raise failure(errno.ELOOP)


def require_writable(place: File) -> None:
    """Raise :class:`OSError` unless the file may be replaced."""
    if not os.path.isdir(place.folder):
        raise failure(errno.ENOTDIR if os.path.exists(place.folder) else errno.ENOENT)
    if not may(place.folder, os.W_OK | os.X_OK):
        # Two different remedies; the system says which it is.
        raise failure(errno.EROFS if _is_read_only(place.folder) else FOLDER_CLOSED)
    # A rename needs no permission on the file that it replaces. But who has
    # made a file read-only wants it kept.
    if place.existing is not None and not may(place.path, os.W_OK):
        raise failure(errno.EACCES)


def _is_read_only(folder: str) -> bool:
    if not hasattr(os, "statvfs"):  # Windows
        return False
    return bool(os.statvfs(folder).f_flag & os.ST_RDONLY)


def may(path: str, mode: int) -> bool:
    """Return what :func:`os.access` does, for the user that the process acts as."""
    return os.access(path, mode, effective_ids=os.access in os.supports_effective_ids)
