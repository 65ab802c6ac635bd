"""BLAKE3 hashes of files, by which a report names its inputs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from blake3 import blake3

_PIECE = 4 << 20


class Hashes:
    """BLAKE3 of files as they lie on disk; an archive is hashed once for all its members."""

    def __init__(self) -> None:
        self._known: dict[Path, str] = {}

    def of(self, path: Path, watch: Callable[[int], None]) -> str:
        """The hash of a file, read for it unless it is known; ``watch`` is told how many bytes."""
        if path not in self._known:
            with path.open("rb") as stream:
                self._known[path] = hash_of(stream, watch)
        return self._known[path]


def hash_of(stream: BinaryIO, watch: Callable[[int], None] = lambda size: None) -> str:
    """The hash of what is left of a stream; ``watch`` is told how many bytes were read."""
    digest = blake3()
    while chunk := stream.read(_PIECE):
        digest.update(chunk)
        watch(len(chunk))
    return named(digest)


def named(digest: blake3) -> str:
    """A hash with its kind, as reports write it."""
    return f"blake3:{digest.hexdigest()}"
