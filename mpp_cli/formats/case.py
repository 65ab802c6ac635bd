"""One case explained: as a page to read, as JSON; and the verdicts on all cases as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from mpp_cli.case_explained import (
    COUNTED,
    UNAVAILABLE,
    CaseExplained,
    MeasureJudged,
    Record,
    RuleJudged,
)
from mpp_cli.explanation import Explanation
from mpp_cli.formats import page
from mpp_cli.formats.csv_ import neutral
from mpp_cli.formats.json_ import JsonObject
from mpp_cli.formats.text import full_title, group_value, long_date, thousands, words

SHOWS_A_RECORD = "This page quotes an individual record. Treat it as confidential."


def blocks(explanation: Explanation, case: CaseExplained) -> Iterator[page.Block]:
    """The page of one case."""
    head, metric = explanation.head, explanation.metric
    day = long_date(head.as_of)
    yield page.Heading(full_title(head, f"Case {case.case_id} in {metric.name}, as of {day}"))
    yield page.Paragraph(SHOWS_A_RECORD)
    yield from page.selection(head)
    if case.row is None:
        yield page.Paragraph(
            f"{case.case_id} is not among the {thousands(case.population)} used cases of these "
            "data, so it counts in no measure."
        )
    else:
        yield page.Paragraph(_summary(case))
        yield page.Bullet("row", f"{case.row.file}:{case.row.line}")
    for name, value in case.group.items():
        yield page.Bullet(f"group by {name}", group_value(value))
    for measure in case.measures:
        yield from _measure(measure, case, day)
    if case.everywhere:
        yield page.Heading("In which measures the case counts", 2)
        for measure in case.everywhere:
            yield page.Bullet(f"{measure.metric}, {measure.name}", _verdict(measure))
    if case.variants:
        yield page.Heading("The case under other definitions", 2)
    for each in case.variants:
        yield page.Bullet(f"{each.variant}, {each.measure}", _said_so(each.verdict))
    if case.corrected:
        yield page.Heading("Rows of this case that a later row corrects", 2)
    for line in case.corrected:
        text = f"outside (superseded); the row on line {line.by} counts instead"
        yield page.Bullet(f"{line.file}:{line.line}", text)
    if case.set_aside:
        yield page.Heading("Rows of this id that were set aside", 2)
        for row in case.set_aside:
            where = f" ({row.column})" if row.column else ""
            yield page.Bullet(f"{row.file}:{row.line}", f"{words(row.reason)}{where}")
            yield page.Verbatim(row.text)
    elif not case.used:
        yield page.Paragraph("No row of this id was set aside, as far as its text can be read.")


def _summary(case: CaseExplained) -> str:
    """The verdict of every count in one sentence."""
    counted = [each.label for each in case.measures if each.verdict == COUNTED]
    said = [f"is counted in {' and '.join(counted)}"] if counted else []
    for measure in case.measures:
        if measure.verdict not in (None, COUNTED, UNAVAILABLE):
            why = next((rule.leaves_out for rule in measure.rules if rule.decides), "")
            said.append(f"is not counted in {measure.label}{why and f', which excludes {why}'}")
    return f"Case {case.case_id} {'; it '.join(said) or 'has no verdict'}."


def _measure(measure: MeasureJudged, case: CaseExplained, day: str) -> Iterator[page.Block]:
    yield page.Heading(
        f"{measure.label} ({measure.name}): {_verdict(measure, case)}", 2, short=measure.name
    )
    if measure.reason:
        lead = "Unavailable: " if measure.verdict == UNAVAILABLE else "No verdict: "
        yield page.Paragraph(f"{lead}{measure.reason}")
    decided = False
    for rule in measure.rules:
        yield page.Bullet(rule.id, _said(rule, decided, day))
        for record in rule.records:
            yield page.Bullet(f"{record.file}:{record.line}", _values(record), 1)
        if not rule.records:
            yield page.Bullet("", "no row of the data", 1)
        decided = decided or rule.decides


def _said(rule: RuleJudged, decided: bool, day: str) -> str:
    leaves = rule.leaves_out.replace("the as-of date", f"the as-of date, {day}")
    if rule.decides:
        return f"EXCLUDES THE CASE. The rule excludes {leaves}."
    if decided:
        would = "would keep it" if rule.passes else "it would also exclude the case"
        return f"not reached; {would}. The rule excludes {leaves}."
    return f"keeps the case. The rule excludes {leaves}."


def _verdict(measure: MeasureJudged, case: CaseExplained | None = None) -> str:
    if measure.verdict == UNAVAILABLE:
        return "unavailable"
    if measure.verdict is not None:
        return _said_so(measure.verdict)
    if measure.reason:
        return "no verdict"
    said = {each.name: each.verdict for each in case.measures} if case else {}
    parts = ((measure.part, "numerator"), (measure.whole, "denominator"))
    return ", ".join(
        f"{'counted' if said.get(str(name)) == COUNTED else 'not counted'} in the {role} ({name})"
        for name, role in parts
    )


def _said_so(verdict: str) -> str:
    return "counted" if verdict == COUNTED else f"not counted ({verdict})"


def _values(record: Record) -> str:
    shown = (
        f"{name} {'(blank)' if value is None else value}" for name, value in record.values.items()
    )
    return f"{record.table}: {', '.join(shown)}" if record.values else record.table


# --- JSON ----------------------------------------------------------------------


def as_json(case: CaseExplained) -> JsonObject:
    """The case as it stands under the key ``case`` of ``mpp-explain/1``."""
    return {
        "case_id": case.case_id,
        "used": case.used,
        "population": case.population,
        "row": _record(case.row) if case.row else None,
        "group": dict(case.group),
        "measures": [
            {
                **_measure_object(each),
                "part": each.part,
                "whole": each.whole,
                "rules": [_rule(rule) for rule in each.rules],
            }
            for each in case.measures
        ],
        "everywhere": [_measure_object(each) for each in case.everywhere],
        "variants": [
            {"variant": each.variant, "measure": each.measure, "verdict": each.verdict}
            for each in case.variants
        ],
        "corrected": [
            {"file": each.file, "line": each.line, "by": each.by} for each in case.corrected
        ],
        "set_aside": [
            {
                "file": row.file,
                "line": row.line,
                "reason": row.reason,
                "column": row.column,
                "raw": row.text,
            }
            for row in case.set_aside
        ],
    }


def _measure_object(measure: MeasureJudged) -> JsonObject:
    return {
        "metric": measure.metric,
        "measure": measure.name,
        "verdict": measure.verdict,
        "counted": None if measure.verdict is None else measure.verdict == COUNTED,
        "reason": measure.reason,
    }


def _rule(rule: RuleJudged) -> JsonObject:
    return {
        "rule": rule.id,
        "leaves_out": rule.leaves_out,
        "keeps": rule.keeps,
        "passes": rule.passes,
        "decides": rule.decides,
        "records": [_record(record) for record in rule.records],
    }


def _record(record: Record) -> JsonObject:
    return {
        "file": record.file,
        "line": record.line,
        "table": record.table,
        "values": dict(record.values),
    }


# --- the list behind a figure ----------------------------------------------------


def csv_chunks(
    columns: Sequence[str], rows: Iterable[tuple[str | int | None, ...]]
) -> Iterator[str]:
    """A header row, then every case with its group and its verdicts, safe in a spreadsheet."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("case_id", *map(neutral, columns)))
    for number, row in enumerate(rows, start=1):
        writer.writerow([neutral(group_value(cell)) for cell in row])
        if number % 1000 == 0:
            yield _taken(out)
    yield _taken(out)


def _taken(out: io.StringIO) -> str:
    text = out.getvalue()
    out.seek(0)
    out.truncate()
    return text
