"""A metric under several definitions: plain frozen data, complete before it is printed.

It is built by :mod:`mpp_cli.variants` and read by :mod:`mpp_cli.formats`.
"""

from __future__ import annotations

from dataclasses import dataclass

from mpp_cli.results import Head, Value


@dataclass(frozen=True)
class Figure:
    """One measure under one definition.

    ``difference`` is from the document's figure: a ratio's in the same unit as
    the ratio. ``moved_in`` and ``moved_out`` are cases that count here and not
    there, and there and not here; None for a ratio.
    """

    name: str
    label: str
    value: Value
    display: str
    unit: str
    difference: Value
    moved_in: int | None
    moved_out: int | None


@dataclass(frozen=True)
class Varied:
    """One other definition: what differs, who uses it and where, and its figures.

    ``reason`` says why there are none, where the data lack what it needs.
    """

    id: str
    differs: str
    used_by: str
    published: str
    reason: str | None
    figures: tuple[Figure, ...]


@dataclass(frozen=True)
class VariedFigures:
    """A metric under the document's definition and under each other one."""

    head: Head
    metric: str
    title: str
    document: tuple[Figure, ...]
    variants: tuple[Varied, ...]

    @property
    def metrics(self) -> tuple[()]:
        """No metric that could be unavailable: it would have been refused."""
        return ()
