"""Compute "Migrant Protection Protocols Metrics and Measures" from the data people hold.

The public API is three functions::

    data = mpp_cli.load("exports/")
    document = mpp_cli.report(data, as_of="2020-12-31")
    rate = mpp_cli.metric(data, "completion-rate", as_of="2020-12-31")

``document`` is a :class:`mpp_cli.results.report.Report`, ``rate`` a
:class:`mpp_cli.results.report.MetricReport`; both are frozen and have ``.to_frame()``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mpp_cli.common.version import __version__

__all__ = ["Data", "__version__", "load", "metric", "report"]

if TYPE_CHECKING:
    from mpp_cli.analysis.api import Data, load, metric, report


def __getattr__(name: str) -> Any:
    # Importing the package must stay cheap: the command line does it first.
    if name in ("Data", "load", "metric", "report"):
        from mpp_cli.analysis import api

        return getattr(api, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
