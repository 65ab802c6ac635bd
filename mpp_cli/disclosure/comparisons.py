"""Answers of several dates, releases or definitions, in the same way: see :mod:`.reports`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from mpp_cli.common.periods import LABELS
from mpp_cli.disclosure import declarations
from mpp_cli.disclosure.cells import MOVED_IN, MOVED_OUT, PART, Cell, Group, Screen
from mpp_cli.disclosure.reports import dated_by, head, screened
from mpp_cli.results.comparison import Change, Compared, Comparison, Overlap, Part
from mpp_cli.results.reconciliation import Reconciled, Reconciliation
from mpp_cli.results.report import SUPPRESSED, WITHHELD, Footnote, Value
from mpp_cli.results.trend import Point, Series, Trend
from mpp_cli.results.variants import Figure, Varied, VariedFigures

STEPS = (
    "So is the difference of two points that are shown: points are withheld until what happened "
    "between them is {below} or more, or nothing."
)
NEAR = "So is a figure that differs by fewer than {below} from another one of its measure."

#: The earlier one of two releases.
EARLIER = "before"


# --- trend -----------------------------------------------------------------------------


@screened.register
def _trend(trend: Trend, screen: Screen) -> Trend:
    names = [each.name for each in trend.measures]
    units = {each.name: each.unit for each in trend.measures}
    dated = dated_by(trend.name, names, trend.by)

    def point(series: Series, point: Point) -> Point:
        group = tuple(series.by.items())
        hidden = {}
        for name, value in point.values.items():
            cell = Cell(trend.name, name, units[name], value, point.day, group, dated)
            shown = screen.hides(cell)
            if shown is not None:
                hidden[name] = shown
        return replace(
            point,
            values={name: None if name in hidden else v for name, v in point.values.items()},
            display={**point.display, **hidden},
            suppressed=tuple(hidden),
        )

    series = tuple(
        replace(each, points=tuple(point(each, one) for one in each.points))
        for each in trend.series
    )
    note = Footnote(SUPPRESSED, "*" * (len(trend.footnotes) + 1), screen.told(STEPS))
    return replace(
        trend,
        head=head(trend.head, screen),
        series=series,
        footnotes=(*trend.footnotes, note),
    )


# --- comparison ------------------------------------------------------------------------


@screened.register
def _comparison(comparison: Comparison, screen: Screen) -> Comparison:
    work = _Comparison(comparison, screen)
    metrics = tuple(map(work.metric, comparison.metrics))
    return replace(
        comparison,
        head=head(comparison.head, screen),
        before=head(comparison.before, screen, work.release),
        metrics=metrics,
        overlap=work.overlap(comparison.overlap),
    )


class _Comparison:
    """Both sides of a change and its parts, cell by cell."""

    def __init__(self, comparison: Comparison, screen: Screen) -> None:
        self._comparison, self._screen = comparison, screen
        two = comparison.overlap is not None or "with_data" in comparison.head.request.options
        self.release = EARLIER if two else ""

    def metric(self, metric: Compared) -> Compared:
        names = [each.name for each in metric.changes if each.reason is None]
        dated = dated_by(metric.name, names, metric.by)
        note = Footnote(SUPPRESSED, "*" * (len(metric.footnotes) + 1), self._screen.told())
        return replace(
            metric,
            changes=tuple(self._change(metric, each, (), "") for each in metric.changes),
            groups=tuple(
                replace(
                    group,
                    changes=tuple(
                        self._change(metric, each, tuple(group.by.items()), dated)
                        for each in group.changes
                    ),
                )
                for group in metric.groups
            ),
            footnotes=(*metric.footnotes, note),
        )

    def _change(self, metric: Compared, change: Change, group: Group, dated: str) -> Change:
        cell = Cell(metric.name, change.name, change.unit, None, self._comparison.head.as_of)
        cell = replace(cell, group=group, dated=dated)
        earlier = replace(cell, day=self._comparison.before.as_of, release=self.release)
        sides = {
            "before": self._screen.hides(replace(earlier, value=change.before)),
            "after": self._screen.hides(replace(cell, value=change.after)),
        }
        gone = {side: shown for side, shown in sides.items() if shown is not None}
        if gone:
            gone["change"] = WITHHELD
        parts = tuple(self._part(cell, part, bool(gone)) for part in change.parts)
        return replace(
            change,
            before=None if "before" in gone else change.before,
            after=None if "after" in gone else change.after,
            change=None if "change" in gone else change.change,
            display_before=gone.get("before", change.display_before),
            display_after=gone.get("after", change.display_after),
            display_change=gone.get("change", change.display_change),
            parts=parts,
            suppressed=tuple(gone),
        )

    def _part(self, cell: Cell, part: Part, change_is_hidden: bool) -> Part:
        """A part as it may be printed; that of a ratio tells how many cases make its points."""
        cases = part.cases if part.of is not None else part.value
        unit = "cases" if part.of is not None else cell.unit
        counted = replace(
            cell, measure=part.of or cell.measure, unit=unit, what=PART, detail=part.id
        )
        shown = self._screen.hides(replace(counted, value=cases))
        if shown is None and part.of is not None and change_is_hidden and part.value:
            shown = WITHHELD
        if shown is None:
            return part
        return replace(part, value=None, cases=None, display=shown, suppressed=True)

    def overlap(self, overlap: Overlap | None) -> Overlap | None:
        """The ids of two releases, unless how many came or went is a small count."""
        if overlap is None or overlap.both is None:
            return overlap
        numbers = (overlap.before or 0, overlap.after or 0, overlap.both)
        rests = (numbers[0] - numbers[2], numbers[1] - numbers[2])
        cell = Cell("", "", "ids", None, self._comparison.head.as_of)
        shown_as = (self._screen.hides(replace(cell, value=each)) for each in (*numbers, *rests))
        if any(shown_as):
            return Overlap(None, None, None)
        return overlap


# --- variants --------------------------------------------------------------------------


@screened.register
def _variants(answer: VariedFigures, screen: Screen) -> VariedFigures:
    work = _Variants(answer, screen)
    return replace(
        answer,
        head=head(answer.head, screen),
        document=work.definition(answer.document),
        variants=tuple(map(work.definition, answer.variants)),
        notes=(*answer.notes, screen.told(NEAR)),
    )


class _Variants:
    """One metric by several definitions, cell by cell."""

    def __init__(self, answer: VariedFigures, screen: Screen) -> None:
        self._answer, self._screen = answer, screen
        names = [each.name for each in answer.document.figures]
        self._dated = dated_by(answer.metric, names, answer.by)

    def definition(self, definition: Varied) -> Varied:
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
                            tuple(group.by.items()),
                        )
                    ),
                )
                for number, group in enumerate(definition.groups)
            ),
        )

    def _figures(
        self,
        definition: Varied,
        figures: Sequence[Figure],
        document: Sequence[Figure],
        group: Group,
    ) -> Iterator[Figure]:
        firsts = {each.name: each for each in document}
        for figure in figures:
            first = firsts[figure.name]
            cell = self._cell(definition, figure, group)
            shown = self._screen.hides(cell)
            base = self._screen.hides(self._cell(self._answer.document, first, group))
            moved = [
                self._screen.hides(replace(cell, unit="cases", value=value, what=what))
                for what, value in ((MOVED_IN, figure.moved_in), (MOVED_OUT, figure.moved_out))
                if value is not None and definition.id
            ]
            gone = shown is not None
            # Both figures tell the difference, so that it says no more than they do.
            difference = gone or base is not None
            moves = difference or any(moved)
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

    def _cell(self, definition: Varied, figure: Figure, group: Group) -> Cell:
        return Cell(
            *(self._answer.metric, figure.name, figure.unit, figure.value),
            self._answer.head.as_of,
            group,
            self._dated if group else "",
            definition.id,
        )


# --- reconciliation --------------------------------------------------------------------


@screened.register
def _reconciliation(answer: Reconciliation, screen: Screen) -> Reconciliation:
    """Nothing is checked of a figure that is withheld: the outcome would tell what it is."""
    return replace(
        answer,
        head=head(answer.head, screen),
        rows=tuple(_reconciled(row, screen) for row in answer.rows),
        notes=(*answer.notes, screen.told(NEAR)),
    )


def _reconciled(row: Reconciled, screen: Screen) -> Reconciled:
    name = row.published.measure or ""
    count = declarations.count_of("", name)
    unit = count.unit if count else "encounters"
    cell = Cell("", name, unit, None, row.published.as_of)

    def hides(value: Value, by: Mapping[str, str | int | None], definition: str = "") -> str | None:
        group = tuple((column, None if each is None else str(each)) for column, each in by.items())
        timed = count is not None and {*by} & {*LABELS}
        return screen.hides(
            replace(
                cell,
                value=value,
                group=group,
                dated=count.event_date if count and timed else "",
                definition=definition,
            )
        )

    variants = tuple(
        replace(each, value=None, residual=None, suppressed=True)
        if hides(each.value, {}, each.variant)
        else each
        for each in row.variants
    )
    groups = tuple(
        each if shown is None else replace(each, value=None, display=shown, suppressed=True)
        for each in row.groups
        for shown in (hides(each.value, each.by),)
    )
    shown = hides(row.ours, dict(row.published.group))
    if shown is None:
        return replace(row, variants=variants, groups=groups)
    return replace(
        row,
        groups=groups,
        ours=None,
        difference=None,
        share=None,
        display_ours=shown,
        display_difference=WITHHELD,
        display_share=WITHHELD,
        within=None,
        status="suppressed",
        reason="small counts are hidden, so it is not checked",
        variants=variants,
    )
