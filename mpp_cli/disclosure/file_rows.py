"""The rows of input files: how many cases there are at all, and how many events at most."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Sequence

from mpp_cli.dataset.history_columns import EVENTS as EVENT_TABLES
from mpp_cli.disclosure import declarations
from mpp_cli.disclosure.cells import EVENTS, ROWS, Cell
from mpp_cli.disclosure.conditions import ALL, free
from mpp_cli.disclosure.figures import WHOLE, rows_in
from mpp_cli.disclosure.statements import Expression, Of, Reading, Unit, combined

#: The tables of which a row is a case or an event of one.
CASES, OF_EVENTS = "cases", ("completions", "grants", "referrals")


def read_rows(reading: Reading, cells: Sequence[Cell], home: Hashable) -> None:
    """Take up how many rows of each file were used; all files of a table go together."""
    tables: dict[tuple[str, str], dict[Hashable, int]] = defaultdict(dict)
    for cell in cells:
        if cell.what == ROWS and cell.measure in (CASES, *OF_EVENTS):
            name: Hashable = (ROWS, cell.release, cell.measure, cell.detail)
            reading.state({name: 1}, cell, Unit(ROWS, (cell.release, cell.measure)))
            tables[cell.release, cell.measure][name] = 1
    for (release, table), rows in tables.items():
        if table == CASES:
            held = frozenset({free(release)}) if release else ALL
            reading.relate(combined((rows, 1), ({Of(WHOLE, held): 1}, -1)), home)
        elif not release:
            _bound(reading, table, rows, home)


def _bound(reading: Reading, table: str, rows: Expression, home: Hashable) -> None:
    """Every case with events has a row, and every event that is not counted again is one more."""
    has: Expression = {Of(WHOLE, rows_in(table)): 1}
    counts = declarations.with_events()
    of_table = {each.name for each in counts if each.events and each.events.table == table}
    again = [
        each.expression
        for each in reading.statements.values()
        if any(cell.what == EVENTS and cell.measure in of_table for cell in each.cells)
    ]
    for more in again or [{}]:
        told = combined((rows, 1), (has, -1), (more, -1))
        reading.relate(told, home, at_least=True)
    histories = [name for name, (of, _) in EVENT_TABLES.items() if of == table]
    for name in declarations.of_events(histories):
        every: Hashable = ("events", name, 0)
        if any(every in each.expression for each in reading.statements.values()):
            reading.relate(combined((rows, 1), ({every: 1}, -1)))
