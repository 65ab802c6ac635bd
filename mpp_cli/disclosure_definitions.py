"""``--suppress-below N`` where one measure stands there several times: by definition, by date.

The difference of two figures of one measure is a count as well: of the cases in
which two definitions differ, or of what happened between two dates. So a figure
is withheld that is too near to another one of its measure.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from mpp_cli.audit import Cell
from mpp_cli.disclosure import check, mark, sentence, veiled_head
from mpp_cli.periods import fiscal_year
from mpp_cli.printed import Key, Places, count_of_days, counts_of_ratio
from mpp_cli.reconciliation import OurGroup, Reconciled, Reconciliation, VariantFigure
from mpp_cli.results import WITHHELD
from mpp_cli.suppression import hidden_cells
from mpp_cli.varied import Figure, Varied, VariedFigures

NEAR = "So is a figure that differs by fewer than {below} from another one of its measure."


def of_variants(answer: VariedFigures) -> VariedFigures:
    """Variants without the counts below their request's ``suppress_below``, if it has one."""
    below = check(answer.head.request.suppress_below)
    if below is None:
        return answer
    cover = _Definitions(answer, below)
    return replace(
        answer,
        head=veiled_head(answer.head, below),
        document=cover.definition(answer.document),
        variants=tuple(map(cover.definition, answer.variants)),
        notes=(*answer.notes, f"{sentence(below)} {NEAR.format(below=below)}"),
    )


def _apart(values: Sequence[int], below: int) -> list[bool]:
    """Which of the figures of one measure are neither small nor near to one before them."""
    shown: list[int] = []
    kept = []
    for value in values:
        near = any(0 < abs(value - other) < below for other in shown)
        kept.append(not (near or 0 < value < below))
        if kept[-1]:
            shown.append(value)
    return kept


class _Definitions:
    """All figures of a metric under several definitions, and which of them are hidden."""

    def __init__(self, answer: VariedFigures, below: int) -> None:
        self._answer, self._below = answer, below
        self._places = Places()
        definitions = [answer.document, *(each for each in answer.variants if each.figures)]
        groups = len(answer.document.groups)
        for measure in range(len(answer.document.figures)):
            totals = self._add([(each, each.figures[measure], ()) for each in definitions])
            parts = [
                self._add(
                    [
                        (each, each.groups[number].figures[measure], _key(each, number))
                        for each in definitions
                    ]
                )
                for number in range(groups)
            ]
            for place, total in enumerate(totals):
                cells = tuple(group[place] for group in parts)
                if total is not None and all(cell is not None for cell in cells):
                    self._places.add_sum(total, tuple(cell for cell in cells if cell is not None))
        self._places.relate()
        self._hidden = hidden_cells(self._places.cells, below)

    def _add(self, figures: Sequence[tuple[Varied, Figure, Key]]) -> list[Cell | None]:
        """One measure under every definition: its cells and those of the cases that move."""
        document = figures[0][1]
        if document.unit in ("ratio", "days"):
            return []
        cells: list[Cell | None] = []
        known = [figure.value if isinstance(figure.value, int) else 0 for _, figure, _ in figures]
        whole = self._cell(figures[0][0], document, figures[0][2])
        for (definition, figure, key), apart in zip(
            figures, _apart(known, self._below), strict=True
        ):
            cell = self._cell(definition, figure, key)
            cells.append(cell)
            if cell is not None and not apart:
                self._places.cells.start.add(cell)
            if not definition.id or whole is None or cell is None:
                continue
            moved = [self._moved(definition, figure, key, way) for way in ("in", "out")]
            moved_in, moved_out = moved
            cells += moved
            if moved_in is None or moved_out is None:
                continue
            values = self._places.cells.values
            if any(0 < values[each] < self._below for each in (moved_in, moved_out)):
                self._places.cells.start |= {moved_in, moved_out}
            kept = ("kept", definition.id, figure.name, key)
            values[kept] = values[whole] - values[moved_out]
            self._places.cells.unprinted.add(kept)
            self._places.add_sum(whole, (kept, moved_out))
            self._places.add_sum(cell, (kept, moved_in))
        return cells

    def _cell(self, definition: Varied, figure: Figure, key: Key) -> Cell | None:
        # A count of events under a definition is another count than one of cases.
        of_events = figure.unit in ("completions", "referrals")
        name = f"{figure.name} as {figure.unit}" if of_events else figure.name
        return self._places.take(name, (("definition", definition.id), *key), figure.value)

    def _moved(self, definition: Varied, figure: Figure, key: Key, way: str) -> Cell | None:
        value = figure.moved_in if way == "in" else figure.moved_out
        return self._places.take(
            f"{figure.name} moved {way}", (("definition", definition.id), *key), value
        )

    # --- what is left of it ------------------------------------------------------

    def definition(self, definition: Varied) -> Varied:
        """One definition as it may be printed."""
        document = self._answer.document
        return replace(
            definition,
            figures=tuple(self._figures(definition, definition.figures, document.figures, ())),
            groups=tuple(
                replace(
                    group,
                    figures=tuple(
                        self._figures(
                            definition,
                            group.figures,
                            document.groups[number].figures,
                            _key(definition, number),
                        )
                    ),
                )
                for number, group in enumerate(definition.groups)
            ),
        )

    def _figures(
        self, definition: Varied, figures: Sequence[Figure], document: Sequence[Figure], key: Key
    ) -> Iterator[Figure]:
        by_name = {each.name: each for each in figures}
        firsts = {each.name: each for each in document}
        for figure in figures:
            shown = self._shown(definition, by_name, figure, key)
            first = self._shown(self._answer.document, firsts, firsts[figure.name], key)
            moved = any(
                self._moved(definition, figure, key, way) in self._hidden for way in ("in", "out")
            )
            gone = shown is not None
            moves = gone or first is not None or moved
            # Both figures tell the difference, so that it says no more than they do.
            difference = gone or first is not None
            yield replace(
                figure,
                value=None if gone else figure.value,
                display=shown or figure.display,
                difference=None if difference else figure.difference,
                moved_in=None if moves else figure.moved_in,
                moved_out=None if moves else figure.moved_out,
                suppressed=gone,
                moves_suppressed=moves,
            )

    def _shown(
        self, definition: Varied, figures: Mapping[str, Figure], figure: Figure, key: Key
    ) -> str | None:
        """What is shown for a hidden figure, None for one that is not hidden."""
        if figure.value is None:
            return None
        metric = self._answer.metric
        ratio = counts_of_ratio(metric, figure.name, None)
        timed = count_of_days(metric, figure.name)
        if ratio is not None:
            found = (figures.get(name) for name in ratio)
            cells = [self._cell(definition, each, key) for each in found if each is not None]
            return WITHHELD if any(cell in self._hidden for cell in cells) else None
        if timed is not None:
            cases = figures[timed].value if timed in figures else None
            return WITHHELD if isinstance(cases, int) and cases < self._below else None
        cell = self._cell(definition, figure, key)
        if cell not in self._hidden:
            return None
        return mark(self._hidden[cell], self._below)


def _key(definition: Varied, number: int) -> Key:
    return tuple(definition.groups[number].by.items())


# --- published figures and ours ------------------------------------------------------


def of_reconciliation(answer: Reconciliation) -> Reconciliation:
    """A reconciliation without our counts below its request's ``suppress_below``, if it has one.

    Nothing is checked of a figure that is withheld: whether it is within a
    tolerance would tell what it is.
    """
    below = check(answer.head.request.suppress_below)
    if below is None:
        return answer
    places = Places()
    _follow(places, answer, below)
    for row in answer.rows:
        total, groups = _ours(places, row), [_of(places, row, each) for each in row.groups]
        if total is not None:
            places.add_sum(total, tuple(cell for cell in groups if cell is not None))
    for row in answer.rows:
        numbers = [row.ours, *(each.value for each in row.variants)]
        known = [value for value in numbers if value is not None]
        cells = [_ours(places, row), *(_under(places, row, each) for each in row.variants)]
        held = [cell for cell in cells if cell is not None]
        places.cells.start |= {
            cell for cell, apart in zip(held, _apart(known, below), strict=True) if not apart
        }
    places.relate()
    hidden = hidden_cells(places.cells, below)

    def without(row: Reconciled) -> Reconciled:
        others = tuple(
            replace(each, value=None, residual=None, suppressed=True)
            if _under(places, row, each) in hidden
            else each
            for each in row.variants
        )
        groups = tuple(
            replace(each, value=None, display=mark(hidden[cell], below), suppressed=True)
            if (cell := _of(places, row, each)) is not None and cell in hidden
            else each
            for each in row.groups
        )
        cell = _ours(places, row)
        if cell not in hidden:
            return replace(row, variants=others, groups=groups)
        return replace(
            row,
            groups=groups,
            ours=None,
            difference=None,
            share=None,
            display_ours=mark(hidden[cell], below),
            display_difference=WITHHELD,
            display_share=WITHHELD,
            within=None,
            status="suppressed",
            reason="small counts are hidden, so it is not checked",
            variants=others,
        )

    return replace(
        answer,
        head=veiled_head(answer.head, below),
        rows=tuple(map(without, answer.rows)),
        notes=(*answer.notes, f"{sentence(below)} {NEAR.format(below=below)}"),
    )


def _ours(places: Places, row: Reconciled) -> Cell | None:
    return places.take(row.published.measure or "", _day(row), row.ours)


def _under(places: Places, row: Reconciled, figure: VariantFigure) -> Cell | None:
    key = (*_day(row), ("definition", figure.variant))
    return places.take(row.published.measure or "", key, figure.value)


def _of(places: Places, row: Reconciled, group: OurGroup) -> Cell | None:
    key = (*_day(row), *((name, _text(value)) for name, value in group.by.items()))
    return places.take(row.published.measure or "", key, group.value)


def _text(value: str | int | None) -> str | None:
    return None if value is None else str(value)


def _day(row: Reconciled) -> Key:
    """The date and the group of a published figure."""
    return (("as_of", row.published.as_of.isoformat()), *row.published.group)


def _follow(places: Places, answer: Reconciliation, below: int) -> None:
    """The figures of one measure and group in the order of their dates, and the steps between.

    A group that is not there on a date has no case then.
    """
    found: dict[tuple[str, Key], dict[datetime.date, Cell | None]] = {}
    for row in answer.rows:
        measure, day = row.published.measure or "", row.published.as_of
        found.setdefault((measure, _day(row)[1:]), {})[day] = _ours(places, row)
        for group in row.groups:
            cell = _of(places, row, group)
            key = tuple((name, _text(value)) for name, value in group.by.items())
            found.setdefault((measure, key), {})[day] = cell
    for (measure, _), cells in found.items():
        days = sorted(cells)
        years = [fiscal_year(day.year, day.month) for day in days]
        goes_on = [
            place > 0 and (measure != "encounters" or years[place] == years[place - 1])
            for place in range(len(days))
        ]
        places.add_steps([cells[day] for day in days], goes_on, below)
