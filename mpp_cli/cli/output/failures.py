"""Why something cannot be written, and the remedy, in words."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager

from mpp_cli.common.errors import OutputError

#: Standard output, as messages name it.
STDOUT = "standard output"

#: Not a number of the system: a folder without write permission is EACCES, as
#: a file is, but needs another remedy.
FOLDER_CLOSED = -1

_ELSEWHERE = "choose another place with -o"
_SPACE = f"free some space, or {_ELSEWHERE}"
_PERMISSION = f"give this user write permission, or {_ELSEWHERE}"

# By error number: the reason and the remedy.
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
    FOLDER_CLOSED: (
        "no permission to write in its folder",
        "mpp writes a new file beside the old one and renames it: "
        f"make the folder writable, or {_ELSEWHERE}",
    ),
}


class ReaderGone(Exception):
    """The reader of a pipe has closed it; nobody is left to write for."""


def failure(number: int) -> OSError:
    """Return the error that the system itself would give, for :func:`explained`."""
    return OSError(number, os.strerror(number))


@contextmanager
def explained(target: str, kept: bool = False) -> Iterator[None]:
    """Turn a failure of the system into one that names the target and the remedy.

    With ``kept`` the remedy adds that the file that was there is unchanged. A
    pipe without a reader is a :class:`ReaderGone`.
    """
    try:
        yield
    except (BrokenPipeError, ConnectionResetError):
        raise ReaderGone from None
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
