"""A comparison as plain frozen data: before, after, and the parts that the change is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from mpp_cli.results.report import Footnote, Head, Value

#: The ids of the parts that only groups have: a record is revised from one to another.
INTO_GROUP = "revised-into-group"
OUT_OF_GROUP = "revised-out-of-group"


@dataclass(frozen=True)
class Part:
    """One reason for a change and how much of it: cases, encounters, or a part of a ratio.

    ``cases`` is set for the parts of a ratio: the cases of the count ``of``
    that make these points. A ``suppressed`` part has no value.
    """

    id: str
    label: str
    value: int | Fraction | None
    display: str
    of: str | None = None
    cases: int | None = None
    suppressed: bool = False


@dataclass(frozen=True)
class Change:
    """One measure before and after. The parts sum to ``change`` exactly.

    Without a figure on either side there is no change and there are no parts.
    ``suppressed`` says which of before, after and change are hidden.
    """

    name: str
    label: str
    unit: str
    before: Value
    after: Value
    change: Value
    display_before: str
    display_after: str
    display_change: str
    parts: tuple[Part, ...]
    reason: str | None = None
    suppressed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Group:
    """The changes of one group, in the order of the metric's own. A blank value is None."""

    by: Mapping[str, str | int | None]
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Compared:
    """The changes of one metric, of all cases and then by group of ``by``.

    Every part of a group is a part of the total, except what was revised from one
    group into another: that is in two groups and cancels out. ``notes`` are remarks
    on this run, such as a column that the metric does not have.
    """

    name: str
    title: str
    headline: str
    changes: tuple[Change, ...]
    footnotes: tuple[Footnote, ...] = ()
    by: tuple[str, ...] = ()
    groups: tuple[Group, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Overlap:
    """The case ids of two releases; None where they would tell a small count."""

    before: int | None
    after: int | None
    both: int | None


@dataclass(frozen=True)
class Comparison:
    """Two dates of the same data, or two releases: then ``overlap`` is set."""

    head: Head
    before: Head
    metrics: tuple[Compared, ...]
    overlap: Overlap | None = None
