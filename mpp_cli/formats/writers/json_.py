"""JSON: the whole report for machines; keys are only ever added.

The keys and their order are part of the tool's contract: ``mpp-report/1`` for
the document and ``mpp-metric/1`` for one metric.
"""

from __future__ import annotations

import json
import re
from typing import Any

from mpp_cli.formats.page import prose
from mpp_cli.formats.text import UNSAFE, full_title
from mpp_cli.results.display import number
from mpp_cli.results.report import (
    Footnote,
    Goal,
    Head,
    Ledger,
    Measure,
    Metric,
    MetricReport,
    Report,
    Row,
    Source,
)

JsonObject = dict[str, Any]


def render(report: Report | MetricReport) -> str:
    """The report as indented JSON that ends with a newline."""
    if isinstance(report, Report):
        document = head("mpp-report/1", report.head) | {
            "goals": [_goal(goal) for goal in report.goals],
            "additional": [metric(each) for each in report.additional],
        }
    else:
        document = head("mpp-metric/1", report.head) | {"metric": metric(report.metric)}
    return written(document)


def written(document: JsonObject, indent: int | None = 2) -> str:
    """A JSON object as text that is safe to print and ends with a newline."""
    text = json.dumps(document, ensure_ascii=False, indent=indent, default=str)
    return UNSAFE.sub(_escaped, text) + "\n"


def _escaped(match: re.Match[str]) -> str:
    r"""A control character as ``\u009b``, which a reader decodes to the same character.

    JSON must escape only the first 32; the others would reach a terminal. The
    line ends of the indentation stay.
    """
    return match[0] if match[0] == "\n" else f"\\u{ord(match[0]):04x}"


def head(format: str, head: Head) -> JsonObject:
    """What every document of every kind begins with."""
    request = head.request
    return {
        "format": format,
        "version": head.version,
        "engine": head.engine,
        "definitions": head.definitions,
        "as_of": head.as_of.isoformat(),
        "title": full_title(head, head.title),
        "request": {
            "command": request.command,
            "data": list(request.data),
            "by": list(request.by),
            "where": dict(request.where),
            "suppress_below": request.suppress_below,
            "options": dict(request.options),
        },
        "warnings": [
            {"id": each.id, "text": each.text, "file": each.file, "line": each.line}
            for each in head.warnings
        ],
        "data": {"sample": head.sample, "sources": [_source(each) for each in head.sources]},
    }


def _source(source: Source) -> JsonObject:
    return {
        "file": source.file,
        "kind": source.kind,
        "hash": source.hash,
        "through": source.through.isoformat() if source.through else None,
        "rows_read": None if source.withheld else source.rows_read,
        "rows_used": None if source.withheld else source.rows_used,
        "rows_outside": dict(source.rows_outside),
        "set_aside": dict(source.set_aside),
        "blanked": dict(source.blanked),
        "encoding": source.encoding,
        "examples": {reason: list(lines) for reason, lines in source.examples.items()},
        "repaired": source.repaired,
        "unknown_codes": dict(source.unknown_codes),
    }


def _goal(goal: Goal) -> JsonObject:
    return {
        "number": goal.number,
        "goal": goal.goal,
        "metrics": [metric(each) for each in goal.metrics],
    }


def metric(metric: Metric) -> JsonObject:
    """One metric as it stands in a report."""
    return {
        "name": metric.name,
        "title": metric.title,
        "metric": metric.metric,
        "data_measurement": metric.data_measurement,
        "status": metric.status,
        "reason": metric.reason,
        "headline": metric.headline,
        "measures": [_measure(each) for each in metric.measures],
        "rows": [_row(row) for row in metric.rows],
        "footnotes": [_footnote(each) for each in metric.footnotes],
        "ledger": [_ledger(each) for each in metric.ledger if not prose.withheld(metric, each)],
        "notes": list(metric.notes),
    }


def _measure(measure: Measure) -> JsonObject:
    return {
        "name": measure.name,
        "label": measure.label,
        "value": None if measure.suppressed else number(measure.value),
        "display": measure.display,
        "unit": measure.unit,
        "footnotes": list(measure.footnotes),
        "suppressed": measure.suppressed,
    }


def _row(row: Row) -> JsonObject:
    shown: JsonObject = {
        "by": dict(row.by),
        "values": {name: number(value) for name, value in row.values.items()},
    }
    # Only there when it says something: null alone is a figure that does not exist.
    return shown | ({"suppressed": list(row.suppressed)} if row.suppressed else {})


def _footnote(footnote: Footnote) -> JsonObject:
    return {"id": footnote.id, "mark": footnote.mark, "text": footnote.text}


def _ledger(ledger: Ledger) -> JsonObject:
    return {
        "measure": ledger.measure,
        "population": ledger.population,
        "excluded": [
            {"rule": each.rule, "count": each.count, "text": each.text} for each in ledger.excluded
        ],
        "counted": ledger.counted,
        "events": list(ledger.events),
    }
