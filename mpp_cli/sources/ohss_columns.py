"""The headings of OHSS's monthly CSV: by these it is told, wherever it is given.

It holds no cases and no encounters, so it is not an input of tables. What mpp reads of it are
figures to compare with, see :mod:`mpp_cli.ohss`.
"""

from __future__ import annotations

from collections.abc import Collection

from mpp_cli.sources.values import heading_key

FISCAL_YEAR, MONTH, CALENDAR_YEAR = "Fiscal Year", "Month", "Calendar Year"
BOOK_OUTS = "Southwest Border Book-outs/CBP:Migrant Protection Protocols"

#: The columns that are read.
COLUMNS = (CALENDAR_YEAR, FISCAL_YEAR, MONTH, BOOK_OUTS)

#: What is said of such a file among the data, and what it is for.
NOT_DATA = "these are OHSS's monthly tables, which list no cases and no encounters"
REMEDY = "compare your figures with them: `mpp reconcile FILE`"


def are_ohss(header: Collection[str]) -> bool:
    """Whether a normalised header is that of one of OHSS's monthly CSVs.

    All of them begin with the times, and their other headings name a table and a column.
    """
    times = {heading_key(name) for name in (CALENDAR_YEAR, FISCAL_YEAR, MONTH)}
    return times <= {*header} and any(":" in name for name in header)
