"""Plain frozen answers, complete before they are printed.

``mpp_cli.results`` has the names of :mod:`mpp_cli.results.report`, for who imports them from here.
"""

from __future__ import annotations

from typing import Any


def __getattr__(name: str) -> Any:
    from mpp_cli.results import report

    try:
        return getattr(report, name)
    except AttributeError:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None
