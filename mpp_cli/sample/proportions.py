"""The proportions of a recipe: who the cases are, how they end, how untidy they are.

The defaults are neutral: equal parts, or small round shares. What the parts
were in any real period belongs in a recipe file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Weights = Mapping[str, float]


def _equal(*names: str) -> dict[str, float]:
    return dict.fromkeys(names, 1.0)


@dataclass(frozen=True)
class Place:
    """Where CBP placed people in the program, and the courts they were sent to.

    ``hearing`` holds hearing locations with their weights. ``since`` is the
    first month (YYYY-MM) of the place; blank means from the beginning.
    """

    component: str
    location: str
    hearing: Weights
    share: float = 1.0
    since: str = ""


PLACES = (
    Place("USBP", "San Diego", {"MPP COURT SAN YSIDRO PORT": 1.0}),
    Place("USBP", "El Paso", {"MPP COURT EL PASO": 1.0}),
    Place("OFO", "Laredo", {"MPP LAREDO,TEXAS - PORT OF ENTRY": 1.0}),
    Place("USBP", "Rio Grande", {"MPP BROWNSVILLE GATEWAY INTERNATIONAL BRIDGE": 1.0}),
)


@dataclass(frozen=True)
class Shares:
    """Weights of the values of each column; they need not sum to 1.

    ``outcomes`` are those of initial completions without relief, where
    ``unknown`` stands for a blank. ``in_absentia`` is a share of removal
    orders. ``represented`` holds the chance of counsel for cases with relief,
    for orders in absentia and for all others.
    """

    nationality: Weights = field(default_factory=lambda: _equal("GUATEMALA", "HONDURAS", "CUBA"))
    nationality_relief: Weights = field(default_factory=lambda: _equal("CUBA", "HONDURAS"))
    demographic: Weights = field(default_factory=lambda: _equal("Single Adults", "FMUA"))
    outcomes: Weights = field(default_factory=lambda: _equal("removal_ordered", "terminated"))
    in_absentia: float = 0.5
    relief_types: Weights = field(
        default_factory=lambda: _equal("asylum", "statutory_withholding", "cat_withholding", "both")
    )
    represented: Weights = field(
        default_factory=lambda: {"relief": 0.5, "in_absentia": 0.05, "otherwise": 0.1}
    )
    referral_outcomes: Weights = field(
        default_factory=lambda: _equal("positive", "negative", "closed", "pending")
    )


@dataclass(frozen=True)
class Edges:
    """Legal rows that the footnotes deal with, as shares.

    Of enrolled: ``unfiled`` (NTA never filed) and ``other_dockets``. Of the
    unfiled: ``unfiled_referred`` and ``unfiled_completed``. Of completed:
    ``reopened``, ``early`` (dated before the NTA) and ``other_relief`` (only
    kinds that the document does not count). Of relief of kinds that have no name
    here: ``unknown_relief`` (nobody knows the kind). Of pending: ``subsequent_only``.
    Of all MPP cases: ``not_completions`` (changes of venue and the like). Of
    referred: ``repeated_referrals``.
    """

    unfiled: float = 0.02
    unfiled_referred: float = 0.2
    unfiled_completed: float = 0.2
    other_dockets: float = 0.02
    reopened: float = 0.02
    early: float = 0.001
    other_relief: float = 0.002
    unknown_relief: float = 0.5
    subsequent_only: float = 0.001
    not_completions: float = 0.02
    repeated_referrals: float = 0.05


NO_EDGES = Edges(*(0.0,) * 11)


@dataclass(frozen=True)
class Dirt:
    """How much is wrong with the files.

    ``amount`` multiplies everything here and every share of :class:`Edges`;
    0 gives clean tables. ``rows`` is the number of rows to be set aside per
    table and reason, ``values`` that of unreadable optional values per column,
    ``respelled`` that of values per column in another legal spelling.
    """

    amount: float = 1.0
    rows: int = 2
    values: int = 2
    respelled: int = 3
