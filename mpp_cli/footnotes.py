"""The footnotes under a metric, in the document's order and with its marks."""

from __future__ import annotations

import datetime

from mpp_cli.definitions import Metric, Note
from mpp_cli.periods import long_date
from mpp_cli.results import Footnote


def footnotes(declared: Metric, as_of: datetime.date, *more: Note) -> tuple[Footnote, ...]:
    """The date first, then the rules that the document speaks of, then the notes."""
    texts = [
        ("as-of", f"As of {long_date(as_of)}."),
        *((rule.id, rule.footnote or "") for rule in declared.footnote_rules),
        *((note.id, note.text) for note in (*declared.notes, *more)),
    ]
    return tuple(
        Footnote(name, "*" * place, text) for place, (name, text) in enumerate(texts, start=1)
    )
