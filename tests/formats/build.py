"""Small reports, built by hand, for the tests of the formats."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

from mpp_cli.goals import GOALS, INTRODUCTION, TITLE
from mpp_cli.results import (
    Excluded,
    Footnote,
    Goal,
    Head,
    Ledger,
    Measure,
    Metric,
    MetricReport,
    Report,
    Request,
    Row,
    Source,
    Warning,
)

AS_OF = datetime.date(2020, 12, 31)
AS_OF_NOTE = Footnote("as-of", "*", "As of December 31, 2020.")
NTA_NOTE = Footnote(
    "nta-filed-only",
    "**",
    '"Total Enrolled" includes only cases in which the notice to appear (NTA) was filed.',
)
NOT_FILED = Excluded("nta-filed-only", 2_000, "cases in which the NTA was not filed")

#: Text that a careless format would run, colour, reorder or lay out anew.
HOSTILE = (
    "<script>alert(1)</script>",
    '=HYPERLINK("http://example.org","x")',
    "[red]x[/red]",
    "a|b",
    "\x1b[31mred\x1b[0m\x07",
    "\u202egnol\u200f",
    "two\nlines\r",
    "**bold** _it_ `code` [a](b)",
    "# heading",
    "\x9b31m",
)


def sources() -> tuple[Source, ...]:
    return (
        Source(
            "cases.csv",
            "cases",
            "blake3:0f3c",
            AS_OF,
            rows_read=75_012,
            rows_used=75_000,
            rows_outside={"other_cohort": 9},
            set_aside={"unreadable_date": 2, "duplicate": 1},
            blanked={"representation_date": 4},
            encoding="UTF-8",
            examples={"unreadable_date": (1284, 40_113), "duplicate": (7,)},
        ),
        Source("encounters.csv", "encounters", "blake3:77aa", None, 120, 120, {}, {}, {}, "cp1252"),
    )


def head(*, sample: bool = False, **changes: object) -> Head:
    built = Head(
        version="1.0.0",
        engine="duckdb",
        definitions="blake3:5d41",
        as_of=AS_OF,
        title=TITLE,
        request=Request("report", ("data/",)),
        warnings=(
            Warning("early-nta", "1 case has an NTA before January 25, 2019", "cases.csv", 88),
        ),
        sample=sample,
        sources=sources(),
    )
    return replace(built, **changes)  # type: ignore[arg-type]


def enrolled(label: str = "Total Enrolled in MPP") -> Measure:
    notes = ("as-of", "nta-filed-only")
    return Measure("total_enrolled", label, 68_039, "68,039", "cases", notes)


ENROLLED_LEDGER = Ledger(
    "total_enrolled",
    75_000,
    (
        Excluded("mpp-docket", 4_960, "cases on another docket"),
        NOT_FILED,
        Excluded("as-of", 1, "cases dated after December 31, 2020"),
    ),
    68_039,
)


def completion(*, rows: Mapping[str | None, tuple[int, int]] | None = None) -> Metric:
    """The completion rate of the document, by nationality when rows are given."""
    words = GOALS[1].metrics[0]
    built = Metric(
        words.name,
        words.title,
        2,
        words.statement,
        words.data_measurement,
        "ok",
        None,
        "completion_percentage",
        (
            enrolled(),
            Measure(
                "cases_completed", "Total Cases Completed", 44_014, "44,014", "cases", ("as-of",)
            ),
            Measure(
                "completion_percentage",
                "Case Completion Percentage",
                Fraction(44_014, 68_039),
                "65%",
                "ratio",
                ("as-of",),
            ),
        ),
        footnotes=(
            AS_OF_NOTE,
            NTA_NOTE,
            Footnote(
                "initial-completions-only",
                "***",
                '"Cases Completed" includes only initial case completions, i.e. it excludes '
                'cases that were "completed" a second time due to a motion to reopen or a remand.',
            ),
        ),
        ledger=(
            ENROLLED_LEDGER,
            Ledger(
                "cases_completed",
                75_000,
                (
                    Excluded("mpp-docket", 4_960, "cases on another docket"),
                    NOT_FILED,
                    Excluded("no-completion", 24_000, "cases without a completion"),
                    Excluded(
                        "initial-completions-only",
                        0,
                        "cases that only have later completions, transfers or administrative "
                        "closures",
                    ),
                    Excluded("as-of", 26, "cases dated after December 31, 2020"),
                ),
                44_014,
                ("1,204 later completions of 1,180 counted cases not counted again",),
            ),
        ),
    )
    if rows is None:
        return built
    return replace(built, by=("nationality",), rows=tuple(_row(*item) for item in rows.items()))


def _row(value: str | None, counts: tuple[int, int]) -> Row:
    enrolled, completed = counts
    ratio = Fraction(completed, enrolled) if enrolled else None
    return Row(
        {"nationality": value},
        {
            "total_enrolled": enrolled,
            "cases_completed": completed,
            "completion_percentage": ratio,
        },
        {
            "total_enrolled": f"{enrolled:,}",
            "cases_completed": f"{completed:,}",
            "completion_percentage": f"{round(ratio * 100)}%" if ratio is not None else "n/a",
        },
    )


BY_NATIONALITY: dict[str | None, tuple[int, int]] = {
    "Honduras": (24_000, 17_000),
    "El Salvador": (8_039, 5_014),
    None: (36_000, 22_000),
    "Tuvalu": (0, 0),
}


def one_count(goal: int, index: int, value: int, unit: str = "cases") -> Metric:
    """A metric of the document that is a single count."""
    words = GOALS[goal - 1].metrics[index]
    measure = words.measures[0]
    return Metric(
        words.name,
        words.title,
        goal,
        words.statement,
        words.data_measurement,
        "ok",
        None,
        words.headline,
        (Measure(measure.name, measure.label, value, f"{value:,}", unit, ("as-of",)),),
        footnotes=(
            AS_OF_NOTE,
            *(Footnote(note.id, "**", note.text) for note in words.notes),
        ),
    )


def encounters(*, value: int | None = 218_036) -> Metric:
    """Encounters by fiscal year; the headline is the year that holds the as-of date."""
    metric = one_count(4, 0, value or 0, "encounters")
    years = ((2019, 851_508, 126_001, 12), (2020, 400_651, 57_437, 12), (2021, 206_036, 12_000, 3))
    display = "n/a" if value is None else f"{value:,}"
    return replace(
        metric,
        measures=(replace(metric.measures[0], value=value, display=display),),
        by=("fiscal_year",),
        rows=tuple(
            Row(
                {"fiscal_year": year},
                {"usbp": usbp, "ofo": ofo, "encounters": usbp + ofo, "months": months},
                {
                    "usbp": f"{usbp:,}",
                    "ofo": f"{ofo:,}",
                    "encounters": f"{usbp + ofo:,}",
                    "months": str(months),
                },
            )
            for year, usbp, ofo, months in years
            if value is not None or year != 2021
        ),
        row_measures=(
            ("usbp", "U.S. Border Patrol"),
            ("ofo", "Office of Field Operations"),
            ("encounters", "Encounters"),
            ("months", "Months Counted"),
        ),
    )


def unavailable(reason: str = "there is no table of referrals in the data") -> Metric:
    metric = one_count(1, 1, 0, "people")
    return replace(metric, status="unavailable", reason=reason, measures=(), footnotes=())


def report(*, sample: bool = False, by: bool = False, **changes: object) -> Report:
    """The document with the figures of December 2020."""
    enrolled_metric = one_count(3, 0, 68_039)
    by_goal = (
        (one_count(1, 0, 531), one_count(1, 1, 19_707, "people")),
        (completion(rows=BY_NATIONALITY if by else None),),
        (
            replace(
                enrolled_metric,
                footnotes=(AS_OF_NOTE, NTA_NOTE),
                ledger=(ENROLLED_LEDGER,),
                notes=("The data hold no column of nationality for this metric.",) if by else (),
            ),
        ),
        (encounters(),),
    )
    built = Report(
        head(sample=sample),
        INTRODUCTION,
        tuple(Goal(g.number, g.text, m) for g, m in zip(GOALS, by_goal, strict=True)),
    )
    return replace(built, **changes)  # type: ignore[arg-type]


def metric_report(metric: Metric | None = None, *, sample: bool = False) -> MetricReport:
    metric = metric or completion()
    hidden = any(each.suppressed for each in metric.measures)
    built = head(sample=sample)
    if hidden:
        built = replace(built, request=replace(built.request, suppress_below=10))
    return MetricReport(built, metric)


def hostile() -> MetricReport:
    """Every text that can come from data is hostile: groups, files, notes, warnings, reasons."""
    rows: dict[str | None, tuple[int, int]] = dict.fromkeys(HOSTILE, (10, 5))
    metric = replace(completion(rows=rows), notes=HOSTILE)
    warnings = tuple(Warning("w", text, text, 1) for text in HOSTILE)
    files = tuple(replace(sources()[0], file=text) for text in HOSTILE)
    where = {"nationality": HOSTILE[0], "x\x1b": HOSTILE[4]}
    request = Request("metric", HOSTILE, where=where, options={"o": HOSTILE[5]})
    return MetricReport(head(warnings=warnings, sources=files, request=request), metric)


def suppressed() -> Metric:
    """A count too small to publish."""
    metric = one_count(1, 0, 0)
    small = replace(metric.measures[0], value=None, display="<10", suppressed=True)
    ledger = Ledger(small.name, 75_000, (Excluded("no-grant", 74_993, "cases without"),), 7)
    return replace(metric, measures=(small,), ledger=(ledger,))


def no_cases() -> Metric:
    """A rate of no cases at all, which is no figure and not zero."""
    metric = completion()
    zeros = {"total_enrolled": (0, "0"), "cases_completed": (0, "0")}
    measures = tuple(
        replace(each, value=value, display=display)
        for each in metric.measures
        for value, display in (zeros.get(each.name, (None, "n/a")),)
    )
    return replace(metric, measures=measures, ledger=())
