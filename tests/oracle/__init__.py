"""A second, independent reading of the definitions, in plain Python.

The oracle computes from the bytes of case-level CSV files what every figure, ledger and row
account has to be. It is written from the definitions alone, shares no code with the package it
checks, and prefers the obvious way over the fast one.
"""

from .measures import compute, default_as_of, percent_shown
from .model import EncounterYear, Expected, FileAccount, Ledger, Refused
from .tables import exceeds

__all__ = [
    "EncounterYear",
    "Expected",
    "FileAccount",
    "Ledger",
    "Refused",
    "compute",
    "default_as_of",
    "exceeds",
    "percent_shown",
]
