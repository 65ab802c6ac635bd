"""What long work tells of itself while it runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass
class Progress:
    """Told which stage has begun, of how many bytes, and how many of them are done.

    A stage of 0 bytes is one whose length nobody knows. The default says nothing.
    """

    stage: Callable[[str, int], None] = lambda name, size: None
    read: Callable[[int], None] = lambda size: None

    def started(self, name: str, size: int) -> None:
        """A file of so many bytes is read from now on."""
        self.stage(f"reading {name}", size)
