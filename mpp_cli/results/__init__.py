"""Plain frozen answers, complete before they are printed.

``mpp_cli.results`` has the names of :mod:`mpp_cli.results.report`, for who imports them from here.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any


def __getattr__(name: str) -> Any:
    # An import statement would ask for the module as an attribute of this one, and so on.
    report = import_module("mpp_cli.results.report")
    if name.startswith("_") or not hasattr(report, name):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(report, name)
