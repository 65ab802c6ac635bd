"""A whole folder or none: it is built beside its place and renamed into it.

The temporary folder is locked like the temporary file of :mod:`atomic`, for the
same reason: a folder that a killed run left behind is swept by the next one.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from mpp_cli.errors import OutputError
from mpp_cli.output.atomic import SUFFIX, TOKEN, stem, sync_folder, try_lock, umask
from mpp_cli.output.failures import explained
from mpp_cli.output.place import may
from mpp_cli.scratch import remove


@contextmanager
def whole_folder(target: str, ours: Collection[str], force: bool = False) -> Iterator[Path]:
    """Give a new folder that takes the place of ``target`` when the block ends without an error.

    A folder that holds something already is refused. With ``force`` it is
    replaced, but only when all that it holds are files named in ``ours``: a
    wrong path must never cost anybody their files. Raises OutputError.
    """
    with explained(target):
        # A link is followed, and stays what it is.
        place = Path(os.path.realpath(target))
        _check(target, place, ours, force)
        _sweep(place)
        temporary, descriptor = _made(place)
    try:
        with explained(target):
            yield temporary
            for each in temporary.iterdir():
                _sync_file(each)
            sync_folder(os.fspath(temporary))
            temporary.chmod(0o777 & ~umask())
            _check(target, place, ours, force)
            _rename(temporary, place)
            sync_folder(os.fspath(place.parent))
    finally:
        try:
            remove(temporary)
        finally:
            os.close(descriptor)


def _check(target: str, place: Path, ours: Collection[str], force: bool) -> None:
    """Raise OutputError where no folder may be put."""
    if not place.parent.is_dir():
        raise OutputError(
            "cannot be written: the folder that it is to be in does not exist",
            file=target,
            hint="create that folder first",
        )
    if not may(os.fspath(place.parent), os.W_OK | os.X_OK):
        raise OutputError(
            "cannot be written: no permission to write in the folder that it is to be in",
            file=target,
            hint="choose another place",
        )
    if not os.path.lexists(place):
        return
    if not place.is_dir():
        raise OutputError(
            "cannot be written: there is a file of this name", file=target, hint="name a folder"
        )
    held = sorted(os.listdir(place))
    if held and not force:
        raise OutputError(
            "cannot be written: the folder is not empty",
            file=target,
            hint="name a new folder, or replace an earlier one of mpp's with --force",
        )
    strange = [name for name in held if name not in ours]
    if strange:
        raise OutputError(
            f"cannot be replaced: it contains {strange[0]}, which mpp did not write",
            file=target,
            hint="name a new folder; --force replaces only what mpp wrote",
        )


def _made(place: Path) -> tuple[Path, int]:
    """A temporary folder of this target, open and locked."""
    while True:
        temporary = _temporary(place)
        temporary.mkdir(mode=0o700)
        # Until it is locked another run takes it for a leftover, and may remove it.
        with suppress(FileNotFoundError):
            descriptor = os.open(temporary, os.O_RDONLY)
            if try_lock(descriptor) is not False and temporary.exists():
                return temporary, descriptor
            os.close(descriptor)


def _temporary(place: Path) -> Path:
    return place.parent / f"{stem(place.name)}{os.urandom(8).hex()}{SUFFIX}"


def _sweep(place: Path) -> None:
    """Remove temporary folders of this target that no running process holds."""
    leftover = re.compile(re.escape(stem(place.name)) + TOKEN + re.escape(SUFFIX))
    # A folder may be writable without being readable.
    with suppress(OSError):
        names = [name for name in os.listdir(place.parent) if leftover.fullmatch(name)]
        for path in (place.parent / name for name in names):
            if path.is_dir() and not path.is_symlink():
                _remove_if_stale(path)


def _remove_if_stale(path: Path) -> None:
    with suppress(OSError):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            if try_lock(descriptor):
                shutil.rmtree(path, ignore_errors=True)
        finally:
            os.close(descriptor)


def _rename(temporary: Path, place: Path) -> None:
    """Put the new folder in its place; an old one goes only once the new one is there."""
    if not place.exists() or not any(place.iterdir()):
        os.replace(temporary, place)
        return
    old = _temporary(place)
    os.rename(place, old)
    try:
        os.rename(temporary, place)
    except BaseException:
        os.rename(old, place)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _sync_file(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
