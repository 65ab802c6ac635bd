"""A metric under several definitions: plain frozen data, complete before it is printed.

It is built by :mod:`mpp_cli.analysis.variants` and read by :mod:`mpp_cli.formats`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mpp_cli.results.report import Head, Value


@dataclass(frozen=True)
class Figure:
    """One measure under one definition.

    ``difference`` is from the document's figure: a ratio's in the same unit as
    the ratio. ``moved_in`` and ``moved_out`` are cases that count here and not
    there, and there and not here; None for a ratio and for days. ``suppressed``
    figures have no value; where ``moves_suppressed``, neither the difference nor the
    cases that moved are given.
    """

    name: str
    label: str
    value: Value
    display: str
    unit: str
    difference: Value
    moved_in: int | None
    moved_out: int | None
    suppressed: bool = False
    moves_suppressed: bool = False


@dataclass(frozen=True)
class Group:
    """The figures of one group of ``--by``; a blank value is None."""

    by: Mapping[str, str | int | None]
    figures: tuple[Figure, ...]


@dataclass(frozen=True)
class Varied:
    """One other definition: what differs, who uses it and where, and its figures.

    ``reason`` says why there are none, where the data lack what it needs.
    ``groups`` are the same for every definition of one answer.
    """

    id: str
    differs: str
    used_by: str
    published: str
    reason: str | None
    figures: tuple[Figure, ...]
    groups: tuple[Group, ...] = ()


@dataclass(frozen=True)
class VariedFigures:
    """A metric under the document's definition and under each other one.

    ``document`` has the document's figures and groups.
    """

    head: Head
    metric: str
    title: str
    document: Varied
    variants: tuple[Varied, ...]
    by: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def metrics(self) -> tuple[()]:
        """No metric that could be unavailable: it would have been refused."""
        return ()
