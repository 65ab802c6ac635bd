"""A metric explained: as a page to read, or as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator

from mpp_cli.explanation import ColumnRead, Explanation, MeasureExplained, RuleApplied
from mpp_cli.formats import case, drawing, json_, page, prose
from mpp_cli.formats.grid import Grid
from mpp_cli.formats.shown import count, shown_group
from mpp_cli.formats.text import column_heading, full_title, long_date, thousands
from mpp_cli.results import Ledger, Query

#: The formats that an explanation has.
NAMES = (*drawing.NAMES, "json")

#: What the queries speak of and nobody has written down elsewhere.
_VIEWS = (
    "The views used_cases, used_completions and so on contain the rows of each table that were "
    "not set aside."
)


def render(
    explanation: Explanation, format: str, *, color: bool = False, width: int | None = None
) -> str | bytes:
    """The explanation in one of the formats :data:`NAMES`."""
    if format == "json":
        return json_.written(_document(explanation))
    return drawing.draw(_blocks(explanation), format, explanation.head, color=color, width=width)


# --- the page ------------------------------------------------------------------


def _blocks(explanation: Explanation) -> Iterator[page.Block]:
    if explanation.case:
        yield from case.blocks(explanation, explanation.case)
        return
    head, metric = explanation.head, explanation.metric
    yield page.Heading(full_title(head, f"{metric.title} ({metric.name}), explained"))
    yield from page.selection(head)
    if explanation.goal:
        yield page.Statement("Goal", explanation.goal, metric.goal)
    yield from page.statements(metric, None)
    yield from page.figures(head, metric, titled=False)
    for measure in explanation.measures:
        yield from _measure(explanation, measure)
    for place, ledger in enumerate(explanation.metric.ledger if explanation.groups else ()):
        label = explanation.metric.measure(ledger.measure).label
        yield page.Table(f"{label}: what each rule left out, by group", _rules(explanation, place))
    for note in explanation.notes:
        yield page.Footnote("", f"Note: {note}")
    yield page.Heading("The columns of the data that are read", 2, short="Columns")
    for column in explanation.columns:
        yield page.Bullet(f"{column.table}.{column.column}", _column(column))
    if explanation.queries:
        yield page.Heading("The queries that ran", 2)
        yield page.Paragraph(_VIEWS)
        for query in explanation.queries:
            yield page.Heading(query.name, 3)
            yield page.Paragraph(query.about)
            yield page.Verbatim(query.sql, "sql")
            for name, value in _used(query).items():
                yield page.Bullet(f"${name}", json.dumps(value, ensure_ascii=False))
    yield page.Heading("Sources", 2)
    yield from page.sample_note(head)
    yield from page.sources(head)


def _measure(explanation: Explanation, measure: MeasureExplained) -> Iterator[page.Block]:
    metric = explanation.metric
    yield page.Heading(
        f"{measure.label} ({measure.name}): {measure.display}", 2, short=measure.name
    )
    yield page.Paragraph(measure.definition)
    if measure.rules:
        counted = measure.unit.capitalize()
        yield page.Paragraph(f"{counted} excluded, by the first rule they fail:")
    for rule in measure.rules:
        yield page.Bullet(rule.id, _rule(explanation, rule))
        if rule.keeps and explanation.queries:
            yield page.Bullet("keeps", rule.keeps, 1)
        if rule.footnote:
            yield page.Bullet("footnote", rule.footnote, 1)
    if measure.events:
        events = measure.events
        number = "" if events.removed is None else f"{thousands(events.removed)} "
        yield page.Bullet("not counted again", f"{number}{events.leaves_out}")
    if measure.ledger:
        withheld = prose.withheld(metric, measure.ledger)
        yield page.Bullet("balance", withheld or prose.balance(metric, measure.ledger))


def _rules(explanation: Explanation, place: int) -> Grid:
    """The balance of one count, group by group and in total."""
    total = explanation.metric.ledger[place]
    return Grid(
        (
            *map(column_heading, explanation.by),
            *("Population", *(each.rule for each in total.excluded), "Counted"),
        ),
        tuple(
            (
                *(shown_group(group.by[name]) for name in explanation.by),
                *_balance(next(each for each in group.ledgers if each.measure == total.measure)),
            )
            for group in explanation.groups
        ),
        groups=len(explanation.by),
        total=("Total", *("" for _ in explanation.by[1:]), *_balance(total)),
    )


def _balance(ledger: Ledger) -> tuple[str, ...]:
    left_out = (count(each.count) for each in ledger.excluded)
    return (count(ledger.population), *left_out, count(ledger.counted))


def _rule(explanation: Explanation, rule: RuleApplied) -> str:
    day = long_date(explanation.head.as_of)
    text = rule.leaves_out.replace("the as-of date", f"the as-of date, {day}")
    return text if rule.removed is None else prose.several(rule.removed, text)


def _column(column: ColumnRead) -> str:
    where = f"in {', '.join(column.files)}" if column.files else "not in these data"
    return f"{column.description.rstrip('.')} ({where})"


def _used(query: Query) -> dict[str, str | int | None]:
    """The values of the parameters; a date in its ISO form."""
    return {
        name: value if isinstance(value, str | int | None) else value.isoformat()
        for name, value in query.parameters.items()
    }


# --- JSON ----------------------------------------------------------------------


def _document(explanation: Explanation) -> json_.JsonObject:
    return json_.head("mpp-explain/1", explanation.head) | {
        "goal": {"number": explanation.metric.goal, "goal": explanation.goal},
        "metric": json_.metric(explanation.metric),
        "measures": [_measure_object(each) for each in explanation.measures],
        "columns": [
            {
                "table": each.table,
                "column": each.column,
                "description": each.description,
                "files": list(each.files),
            }
            for each in explanation.columns
        ],
        "queries": [
            {"name": each.name, "about": each.about, "sql": each.sql, "parameters": _used(each)}
            for each in explanation.queries
        ],
        "rows": [
            {
                "by": dict(group.by),
                "ledger": [
                    {
                        "measure": each.measure,
                        "population": each.population,
                        "excluded": [
                            {"rule": left.rule, "count": left.count} for left in each.excluded
                        ],
                        "counted": each.counted,
                    }
                    for each in group.ledgers
                ],
            }
            for group in explanation.groups
        ],
        "notes": list(explanation.notes),
        "case": case.as_json(explanation.case) if explanation.case else None,
    }


def _measure_object(measure: MeasureExplained) -> json_.JsonObject:
    events = measure.events
    return {
        "name": measure.name,
        "label": measure.label,
        "unit": measure.unit,
        "definition": measure.definition,
        "rules": [
            {
                "rule": rule.id,
                "leaves_out": rule.leaves_out,
                "keeps": rule.keeps,
                "footnote": rule.footnote,
                "removed": rule.removed,
            }
            for rule in measure.rules
        ],
        "events": {
            "leaves_out": events.leaves_out,
            "removed": events.removed,
            "of": events.of,
        }
        if events
        else None,
        "published": [
            {"file": each.file, "line": each.line, "source": each.source}
            for each in measure.published
        ],
        "population": measure.ledger.population if measure.ledger else None,
        "counted": measure.ledger.counted if measure.ledger else None,
    }
