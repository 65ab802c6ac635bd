"""Why one case is in a figure or out of it: every rule, and the record that decided it."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from mpp_cli import case_variants, counting
from mpp_cli.case_explained import (
    UNAVAILABLE,
    CaseExplained,
    MeasureJudged,
    Record,
    RowAside,
    RowCorrected,
    RuleJudged,
)
from mpp_cli.definitions import Count, Metric, Ratio, Rule
from mpp_cli.engines.base import identifier
from mpp_cli.errors import UnavailableError, UsageError
from mpp_cli.goals import ADDITIONAL, EVERY
from mpp_cli.history import COLUMNS, DERIVED, EVENTS, HistoryColumn
from mpp_cli.judgement import Judgement
from mpp_cli.membership import Membership, by_the_day, counts_of, group_in, prepare, verdict
from mpp_cli.question import Question
from mpp_cli.sources.dataset import Dataset
from mpp_cli.sources.schema import table
from mpp_cli.sources.settled import CORRECTED

#: Rows of a case that are shown for one rule, and rows of it that were set aside.
MOST_RECORDS = 20


def explain_case(
    judgement: Judgement, declared: Metric, question: Question, case_id: str
) -> CaseExplained:
    """One case under the rules of one metric, and the measures of all in which it counts.

    Raises UsageError for a metric that counts no cases, and UnavailableError for
    data without cases.
    """
    if not counts_of(declared):
        raise UsageError(
            f"{declared.name} counts no cases, so no case is in it",
            hint="`mpp metrics` lists the metrics that count cases",
        )
    dataset = judgement.dataset
    if not dataset.has("cases"):
        raise UnavailableError(
            f"no case can be explained: {dataset.unavailable('cases')}",
            hint="published figures and encounters do not list cases; add the case-level tables",
        )
    case_id = case_id.strip()
    population = dataset.engine.fetch("SELECT count(*) FROM used_cases")[0][0]
    aside = tuple(_set_aside(dataset, case_id))
    rows = dataset.engine.fetch(
        "SELECT _file, _line FROM used_cases WHERE case_id = $case_id", case_id=case_id
    )
    if not rows:
        return CaseExplained(case_id, False, population, None, set_aside=aside)
    row = Record(dataset.name_of(rows[0][0]), rows[0][1], "cases", {"case_id": case_id})
    everything = {count.name: count for each in EVERY.values() for count in counts_of(each)}
    everything |= {count.name: count for count in counts_of(declared)}
    member = prepare(judgement, question, tuple(everything.values()))
    judge = _Judge(member, case_id)
    return CaseExplained(
        case_id,
        True,
        population,
        row,
        tuple(judge.measures(declared, rules=True)),
        tuple(judge.everywhere()),
        aside,
        judge.group(declared),
        tuple(_corrected(dataset, case_id)),
        tuple(case_variants.judged(member, declared, case_id)),
    )


class _Judge:
    """The verdicts on one case, all read from its row of the case history."""

    def __init__(self, member: Membership, case_id: str) -> None:
        self._member, self._case_id = member, case_id
        self._dataset = member.judgement.dataset
        self._records: dict[str, tuple[Record, ...]] = {}
        self._verdicts = self._ask({c.name: verdict(c, member.question) for c in member.available})

    def _ask(self, asked: dict[str, str]) -> dict[str, object]:
        """What these expressions say of the case."""
        columns = ", ".join([*asked.values(), "TRUE"])
        (row,) = self._dataset.engine.fetch(
            f"SELECT {columns} FROM case_history WHERE case_id = $case_id",
            case_id=self._case_id,
            as_of=self._member.as_of,
            **counting.conditions(self._member.question).parameters,
        )
        return dict(zip(asked, row, strict=False))

    def group(self, declared: Metric) -> dict[str, str | int | None]:
        """The group of ``--by`` that the case is in where it is counted."""
        by = self._member.question.by if self._member.available else ()
        keys = group_in(self._member, declared) if by else []
        found = self._ask({key: key for key in keys})
        key = counting.group_of(replace(self._member.question, by=by), list(found.values()))
        return dict(zip(by, key, strict=True))

    def measures(self, declared: Metric, rules: bool = False) -> Iterator[MeasureJudged]:
        """What the measures of a metric make of the case."""
        for measure in (*declared.measures, *(part.count for part in declared.parts)):
            if isinstance(measure, Count) and measure.table in EVENTS:
                # Its events have verdicts, the case has none.
                reason = f"it counts {measure.of}, not cases"
                yield MeasureJudged(declared.name, measure.name, measure.label, None, reason=reason)
            elif isinstance(measure, Count):
                reason = self._member.reasons[measure.name] or ""
                said = UNAVAILABLE if reason else str(self._verdicts[measure.name])
                judged = tuple(self._rules(measure)) if rules and not reason else ()
                yield MeasureJudged(
                    declared.name, measure.name, measure.label, said, judged, reason=reason or None
                )
            elif isinstance(measure, Ratio):
                yield MeasureJudged(
                    declared.name,
                    measure.name,
                    measure.label,
                    None,
                    part=measure.part.name,
                    whole=measure.whole.name,
                )

    def everywhere(self) -> Iterator[MeasureJudged]:
        """The counts of the document, metric by metric, and those beyond it, each once."""
        seen: set[str] = set()
        for each in EVERY.values():
            for measure in self.measures(each):
                again = each.name in ADDITIONAL and measure.name in seen
                if measure.verdict is not None and not again:
                    seen.add(measure.name)
                    yield measure

    def _rules(self, count: Count) -> Iterator[RuleJudged]:
        """The rules in the order of exclusion: the question's, the count's own, the date's."""
        said, words = self._verdicts[count.name], self._dataset.words
        question = self._member.question
        steps: list[tuple[Rule, str, str | None]] = []
        if question.where:
            steps.append((counting.WHERE, counting.conditions(question).sql, None))
        steps += [(rule, rule.keeps, rule.keeps) for rule in count.worded(words).all_rules]
        dates = " AND ".join(f"{date} <= $as_of" for date in count.dates)
        steps.append((counting.AS_OF, by_the_day(count), dates))
        passes = self._ask({rule.id: sql for rule, sql, _ in steps})
        for rule, _, keeps in steps:
            if rule.id == counting.WHERE.id:
                records = self._row(tuple(question.where))
            else:
                dated = " ".join(count.dates)
                records = self._decided(
                    _spoken(dated if rule.id == counting.AS_OF.id else rule.keeps)
                )
            yield RuleJudged(
                rule.id, rule.excluded, keeps, bool(passes[rule.id]), said == rule.id, records
            )

    def _decided(self, names: Sequence[str]) -> tuple[Record, ...]:
        """The rows that columns of the case history were made from for this case."""
        found: dict[tuple[str, int], Record] = {}
        for name in names:
            if name not in self._records:
                self._records[name] = tuple(self._made(COLUMNS[name]))
            for record in self._records[name]:
                found.setdefault((record.file, record.line), record)
        return tuple(found.values())

    def _made(self, column: HistoryColumn) -> Iterator[Record]:
        """The row whose value a column took; all rows of the case where it took none."""
        known = table(column.table)
        shown = [
            each.name
            for each in known.columns
            if each.name in {*re.findall(r"[a-z_]+", column.each), known.date_column, *column.needs}
            and (column.table != "cases" or each.name in column.each)
        ]
        first = "CASE WHEN completion_type = 'initial' THEN 0 ELSE 1 END, "
        rows = self._dataset.engine.fetch(
            f"SELECT _file, _line, {column.each} AS given, {', '.join(map(identifier, shown))} "
            f"FROM used_{column.table} WHERE case_id = $case_id ORDER BY given NULLS LAST, "
            f"{first if column.table == 'completions' else ''}_file, _line LIMIT {MOST_RECORDS}",
            case_id=self._case_id,
        )
        if rows and rows[0][2] is not None:
            rows = rows[:1]
        for file, line, _, *values in rows:
            yield self._record(file, line, column.table, shown, values)

    def _row(self, columns: tuple[str, ...]) -> tuple[Record, ...]:
        """The case's own row, with the columns of ``--where``."""
        stored = ", ".join(identifier(table("cases").stored(name)) for name in columns)
        return tuple(
            self._record(file, line, "cases", columns, values)
            for file, line, *values in self._dataset.engine.fetch(
                f"SELECT _file, _line, {stored} FROM used_cases WHERE case_id = $case_id",
                case_id=self._case_id,
            )
        )

    def _record(
        self, file: int, line: int, name: str, columns: Sequence[str], values: Sequence[object]
    ) -> Record:
        shown = {
            column: None if value is None else str(value)
            for column, value in zip(columns, values, strict=True)
        }
        return Record(self._dataset.name_of(file), line, name, shown)


def _spoken(keeps: str) -> list[str]:
    """The columns of the case history that a predicate names or that make up what it names.

    Its quoted texts name nothing.
    """
    words = {*re.findall(r"[a-z_]+", re.sub(r"'[^']*'", "", keeps))}
    words |= {name for word in words & DERIVED.keys() for name in DERIVED[word][1]}
    return [name for name in COLUMNS if name in words]


# --- rows that were set aside ---------------------------------------------------


def _set_aside(dataset: Dataset, case_id: str) -> Iterator[RowAside]:
    """Rows of this very id that were set aside: none of another id is ever shown."""
    if not case_id:
        return
    found = [*_refused(dataset, case_id), *_compared(dataset, case_id)]
    yield from sorted(found, key=lambda row: (row.file, row.line))[:MOST_RECORDS]


def _corrected(dataset: Dataset, case_id: str) -> Iterator[RowCorrected]:
    """Rows of the case that later rows of their file correct."""
    if dataset.engine.columns(CORRECTED):
        for file, line, by in dataset.engine.fetch(
            f"SELECT _file, _line, corrected_by FROM {CORRECTED} WHERE case_id = $case_id "
            f"ORDER BY _file, _line LIMIT {MOST_RECORDS}",
            case_id=case_id,
        ):
            yield RowCorrected(dataset.name_of(file), line, by)


def _compared(dataset: Dataset, case_id: str) -> Iterator[RowAside]:
    """Rows that were good by themselves and set aside for what other rows say."""
    for name in ("cases", "completions", "grants", "referrals"):
        if not dataset.has(name):
            continue
        date = table(name).date_column
        for file, line, reason, day in dataset.engine.fetch(
            f"SELECT s._file, s._line, s.reason, {f't.{date}' if date else 'NULL'} "
            f"FROM {name} t JOIN set_aside s ON s._file = t._file AND s._line = t._line "
            f"WHERE t.case_id = $case_id ORDER BY s._file, s._line LIMIT {MOST_RECORDS}",
            case_id=case_id,
        ):
            text = f"a row of {name}" + (f", {date} {day}" if day else "")
            yield RowAside(dataset.name_of(file), line, reason, "", text)


def _refused(dataset: Dataset, case_id: str) -> Iterator[RowAside]:
    """Rows that failed by their own values, of which only the text is kept."""
    places = {account.number: _place_in(account.header) for account in dataset.files}
    places |= {file.number: (file.width, file.case_place) for file in dataset.settled_files}
    for file, line, reason, text in _read_again(dataset):
        if _is_of(text, *places[file], case_id):
            yield RowAside(dataset.name_of(file), line, reason, "", text)
    for file, line, reason, column, raw in dataset.engine.fetch(
        "SELECT _file, _line, reason, reason_column, raw FROM set_aside "
        "WHERE position($case_id IN raw) > 0 ORDER BY _file, _line LIMIT 10000",
        case_id=case_id,
    ):
        if _is_of(raw, *places[file], case_id):
            yield RowAside(dataset.name_of(file), line, reason, column or "", raw)


def _place_in(header: Sequence[str]) -> tuple[int, int | None]:
    """How many fields a row has, and which of them is the id of its case."""
    return (len(header), header.index("case_id")) if "case_id" in header else (0, None)


def _read_again(dataset: Dataset) -> Iterator[tuple[int, int, str, str]]:
    """Rows that a source set aside by itself for what other rows say: file, line, reason, text."""
    for file in dataset.settled_files:
        rows = dataset.engine.fetch(
            "SELECT _line, reason FROM set_aside WHERE _file = $file AND raw IS NULL "
            "ORDER BY _line LIMIT 10000",
            file=file.number,
        )
        texts = file.texts([line for line, _ in rows])
        for line, reason in rows:
            yield file.number, line, reason, texts.get(line, "")


def _is_of(raw: str, width: int, place: int | None, case_id: str) -> bool:
    """Whether the text of a row has this id where the id stands, as far as it can be told.

    A row of another number of fields may have it anywhere.
    """
    for delimiter in (",", "\t"):
        try:
            fields = next(csv.reader([raw], delimiter=delimiter), [])
        except csv.Error:
            fields = raw.split(delimiter)
        if not width or len(fields) != width:
            found = case_id in [field.strip() for field in fields]
        else:
            found = place is not None and fields[place].strip() == case_id
        if found:
            return True
    return False
