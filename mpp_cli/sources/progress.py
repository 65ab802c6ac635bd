"""What reading tells of itself while it runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass
class Progress:
    """Told which file is read and how many of its bytes; the default says nothing."""

    started: Callable[[str, int], None] = lambda name, size: None
    read: Callable[[int], None] = lambda size: None
