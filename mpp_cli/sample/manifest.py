"""What was written, so that a reader's own account can be checked against it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Account:
    """Rows and blemishes of the tables written.

    ``rows`` by table, those to be set aside included; ``set_aside`` by (table,
    reason); ``blanked`` and ``respelled`` by (table, column); ``undone`` counts
    the blemishes for which a small sample had no suitable row.
    """

    rows: Counter[str] = field(default_factory=Counter)
    set_aside: Counter[tuple[str, str]] = field(default_factory=Counter)
    blanked: Counter[tuple[str, str]] = field(default_factory=Counter)
    respelled: Counter[tuple[str, str]] = field(default_factory=Counter)
    undone: int = 0

    def lines(self) -> list[str]:
        """The account as text, one line per table."""
        return [
            f"{table}: {rows:,} rows{self._blemishes(table)}" for table, rows in self.rows.items()
        ]

    def _blemishes(self, table: str) -> str:
        kinds = (
            ("set aside", self.set_aside),
            ("blanked", self.blanked),
            ("respelled", self.respelled),
        )
        return "".join(
            f"; {word}: " + ", ".join(f"{name} {count}" for name, count in found)
            for word, counter in kinds
            if (found := [(name, n) for (of, name), n in sorted(counter.items()) if of == table])
        )
