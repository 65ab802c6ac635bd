"""12. A change is split into parts that sum to it exactly, each with its reason."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mpp_cli
from mpp_cli import api
from mpp_cli.comparison import INTO_GROUP, OUT_OF_GROUP, Change, Compared, Comparison
from mpp_cli.errors import DataError, UsageError
from mpp_cli.results import Value
from tests.spec.draw import TODAY, draw, folder

OLD = {
    "cases": """
        | case_id   | nta_filed_date | docket   | nationality |
        | STAYS     | 2020-01-01     |          | CUBA        |
        | COMPLETED | 2020-01-01     |          | CUBA        |
        | LATER     | 2020-02-01     |          | CUBA        |
        | EARLIER   | 2020-12-01     |          | CUBA        |
        | REMOVED   | 2020-01-01     |          | CUBA        |
        | UNFILED   |                |          | CUBA        |
        | MOVED_OUT | 2020-01-01     |          | CUBA        |
        | MOVED_IN  | 2020-01-01     | detained | CUBA        |
    """,
    "completions": """
        | case_id   | completion_date | outcome    |
        | STAYS     | 2020-03-01      | terminated |
        | REMOVED   | 2020-03-01      | terminated |
    """,
    "encounters": """
        | fiscal_year | month | component | encounters |
        | 2020        | OCT   | USBP      | 10         |
        | 2020        | NOV   | USBP      | 20         |
        | 2020        | DEC   | USBP      | 40         |
    """,
}
NEW = {
    "cases": """
        | case_id   | nta_filed_date | docket   | nationality |
        | STAYS     | 2020-01-01     |          | CUBA        |
        | COMPLETED | 2020-01-01     |          | CUBA        |
        | LATER     | 2021-02-01     |          | CUBA        |
        | EARLIER   | 2020-05-01     |          | CUBA        |
        | UNFILED   | 2020-05-01     |          | CUBA        |
        | MOVED_OUT | 2020-01-01     | detained | CUBA        |
        | MOVED_IN  | 2020-01-01     |          | CUBA        |
        | LATE      | 2020-04-01     |          | CUBA        |
        | NEW       | 2020-08-01     |          | HONDURAS    |
    """,
    "completions": """
        | case_id   | completion_date | outcome    |
        | STAYS     | 2020-03-01      | terminated |
        | COMPLETED | 2020-08-01      | terminated |
        | NEW       | 2020-08-05      | terminated |
    """,
    "encounters": """
        | fiscal_year | month | component | encounters |
        | 2020        | OCT   | USBP      | 10         |
        | 2020        | NOV   | USBP      | 25         |
        | 2020        | JAN   | USBP      | 300        |
    """,
}
THEN, NOW = "2020-06-30", "2020-09-30"


@pytest.fixture(scope="module")
def old() -> Path:
    return draw(OLD)


@pytest.fixture(scope="module")
def new() -> Path:
    return draw(NEW)


def releases(new: Path, old: Path, name: str | None = None, **options: object) -> Comparison:
    with mpp_cli.load(new, today=TODAY) as after, mpp_cli.load(old, today=TODAY) as before:
        return api.compare(after, name, before=before, **options)  # type: ignore[arg-type]


def change(answer: Comparison, measure: str) -> Change:
    return next(
        each for metric in answer.metrics for each in metric.changes if each.name == measure
    )


def parts(change: Change) -> dict[str, Value]:
    return {part.id: part.value for part in change.parts if part.value}


def test_two_releases_show_what_happened_and_what_was_revised(new: Path, old: Path) -> None:
    answer = releases(new, old, "completion-rate", as_of=NOW, before_as_of=THEN)
    enrolled = change(answer, "total_enrolled")
    assert (enrolled.before, enrolled.after, enrolled.change) == (5, 7, 2)
    assert parts(enrolled) == {
        "newly-enrolled": 1,  # NEW
        "record-added-late": 2,  # UNFILED has an NTA now, LATE was not there
        "revised-earlier": 1,  # EARLIER
        "revised-in": 1,  # MOVED_IN
        "revised-later": -1,  # LATER
        "record-removed": -1,  # REMOVED
        "revised-out": -1,  # MOVED_OUT
    }
    completed = change(answer, "cases_completed")
    assert (completed.before, completed.after) == (2, 3)
    assert parts(completed) == {"newly-enrolled": 1, "completed-since": 1, "record-removed": -1}


def test_as_of_the_same_date_all_is_revision(new: Path, old: Path) -> None:
    answer = releases(new, old, "total-enrolled", as_of=THEN)
    assert answer.before.as_of == answer.head.as_of == datetime.date(2020, 6, 30)
    assert "newly-enrolled" not in parts(change(answer, "total_enrolled"))


def test_by_default_each_release_is_asked_as_of_its_end(new: Path, old: Path) -> None:
    answer = releases(new, old)
    assert (answer.before.as_of, answer.head.as_of) == (
        datetime.date(2020, 12, 1),
        datetime.date(2021, 2, 1),
    )


def test_a_median_has_a_change_and_no_parts_and_that_is_said(new: Path, old: Path) -> None:
    answer = releases(new, old, "time-to-completion", as_of=NOW, before_as_of=THEN)
    assert parts(change(answer, "median_days")) == {}
    assert any("has a change and no parts" in note for note in answer.metrics[0].notes)
    rate = releases(new, old, "completion-rate", as_of=NOW, before_as_of=THEN)
    assert not any("no parts" in note for note in rate.metrics[0].notes)


def test_a_ratio_is_made_of_the_points_that_its_counts_make(new: Path, old: Path) -> None:
    rate = change(releases(new, old, as_of=NOW, before_as_of=THEN), "completion_percentage")
    assert (rate.before, rate.after) == (Fraction(2, 5), Fraction(3, 7))
    assert sum(part.value for part in rate.parts) == rate.change == Fraction(1, 35)
    completed = [part for part in rate.parts if part.of == "cases_completed"]
    # One more of the completed makes the mean of a fifth and a seventh.
    assert sum(part.value for part in completed) == (Fraction(1, 5) + Fraction(1, 7)) / 2
    assert sum(part.cases or 0 for part in rate.parts if part.of == "total_enrolled") == 2
    assert rate.display_change == "+2.86 points"


def test_encounters_are_new_revised_and_dropped_months(new: Path, old: Path) -> None:
    months = change(releases(new, old, as_of=NOW), "encounters")
    assert (months.before, months.after, months.change) == (70, 335, 265)
    assert parts(months) == {"new-months": 300, "revised-months": 5, "dropped-months": -40}


def test_two_dates_of_the_same_data(new: Path) -> None:
    with mpp_cli.load(new, today=TODAY) as data:
        answer = api.compare(data, as_of=NOW, before_as_of=THEN)
        assert answer.overlap is None
        assert parts(change(answer, "total_enrolled")) == {"newly-enrolled": 1}
        assert parts(change(answer, "cases_completed")) == {
            "newly-enrolled": 1,
            "completed-since": 1,
        }
        assert change(answer, "relief_granted").reason is not None


def test_conditions_narrow_both_sides(new: Path, old: Path) -> None:
    answer = releases(new, old, as_of=NOW, before_as_of=THEN, where={"nationality": "HONDURAS"})
    enrolled = change(answer, "total_enrolled")
    assert (enrolled.before, enrolled.after) == (0, 1)
    # Of nobody there was no percentage, so there is no change of it.
    rate = change(answer, "completion_percentage")
    assert (rate.before, rate.after, rate.change, rate.parts) == (None, 1, None, ())


# -------------------------------------------------------------------- by group


def by_group(answer: Comparison, measure: str) -> dict[object, tuple[Value, dict[str, Value]]]:
    """Each group's change of a measure, and the parts of it that are not 0."""
    found: dict[object, tuple[Value, dict[str, Value]]] = {}
    for metric in answer.metrics:
        for group in metric.groups:
            for each in group.changes:
                if each.name == measure:
                    values = tuple(group.by.values())
                    found[values if len(values) > 1 else values[0]] = (each.change, parts(each))
    return found


GROUPS_OLD = {
    "cases": """
        | case_id | nta_filed_date | nationality | component |
        | STAYS   | 2020-01-01     | CUBA        | USBP      |
        | MOVED   | 2020-01-01     | CUBA        | USBP      |
        | FILLED  | 2020-02-01     |             | USBP      |
        | GONE    | 2020-02-01     | PERU        | OFO       |
        | LATER   | 2020-06-30     | PERU        | OFO       |
    """
}
GROUPS_NEW = {
    "cases": """
        | case_id | nta_filed_date | nationality | component |
        | STAYS   | 2020-01-01     | CUBA        | USBP      |
        | MOVED   | 2020-03-01     | HONDURAS    | OFO       |
        | FILLED  | 2020-02-01     | HONDURAS    | USBP      |
        | LATER   | 2020-08-15     | CUBA        | OFO       |
        | NEW     | 2020-08-01     |             | OFO       |
    """
}


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        (
            "nationality",
            {
                # LATER was counted as PERU and is counted as CUBA, after both dates.
                "CUBA": (0, {"revised-into-group": 1, "revised-out-of-group": -1}),
                "HONDURAS": (2, {"revised-into-group": 2}),
                "PERU": (-2, {"record-removed": -1, "revised-out-of-group": -1}),
                None: (0, {"newly-enrolled": 1, "revised-out-of-group": -1}),
            },
        ),
        (
            "component",
            {
                "OFO": (1, {"newly-enrolled": 1, "record-removed": -1, "revised-into-group": 1}),
                "USBP": (-1, {"revised-out-of-group": -1}),
            },
        ),
        (
            "quarter",
            {
                "2020-Q1": (-1, {"record-removed": -1}),
                "2020-Q2": (-1, {"revised-out-of-group": -1}),
                "2020-Q3": (2, {"newly-enrolled": 1, "revised-into-group": 1}),
            },
        ),
    ],
)
def test_a_record_that_is_now_in_another_group_is_a_part_of_both(
    by: str, expected: dict[object, object]
) -> None:
    answer = releases(
        draw(GROUPS_NEW),
        draw(GROUPS_OLD),
        "total-enrolled",
        as_of=NOW,
        before_as_of=THEN,
        by=[by],
    )
    assert by_group(answer, "total_enrolled") == expected
    # Of all cases none has left.
    assert parts(change(answer, "total_enrolled")) == {"newly-enrolled": 1, "record-removed": -1}


def test_groups_of_two_dates_have_no_parts_of_revision(new: Path) -> None:
    with mpp_cli.load(new, today=TODAY) as data:
        answer = api.compare(
            data, "completion-rate", as_of=NOW, before_as_of=THEN, by=["nationality"]
        )
    assert by_group(answer, "cases_completed") == {
        "CUBA": (1, {"completed-since": 1}),
        "HONDURAS": (1, {"newly-enrolled": 1}),
    }
    (cuba, honduras) = [group.changes[2] for group in answer.metrics[0].groups]
    assert cuba.display_change == "+16.67 points"
    # Of nobody there was no percentage, so there is no change of it.
    assert (honduras.before, honduras.after, honduras.change) == (None, 1, None)
    ids = {part.id for group in answer.metrics[0].groups for part in group.changes[0].parts}
    assert ids == {"newly-enrolled"}


def test_encounters_by_month_are_those_of_the_fiscal_year_to_date(new: Path, old: Path) -> None:
    months = by_group(releases(new, old, as_of=NOW, by=["month"]), "encounters")
    assert months == {
        "2019-10": (0, {}),
        "2019-11": (5, {"revised-months": 5}),
        "2019-12": (-40, {"dropped-months": -40}),
        "2020-01": (300, {"new-months": 300}),
    }


def test_encounters_say_which_fiscal_years_are_compared_and_how_many_months_of_each() -> None:
    months = ["OCT", "NOV", "DEC", "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP"]
    rows = [f"2020,{month},USBP,{10}" for month in months] + ["2021,OCT,USBP,7"]
    data = folder(encounters="fiscal_year,month,component,encounters\n" + "\n".join(rows) + "\n")
    with mpp_cli.load(data, today=TODAY) as loaded:
        for as_of, before, told in (
            ("2020-10-31", "2020-09-30", "before is fiscal year 2020, 12 months; after is fiscal "
             "year 2021 to date, 1 month; the count begins again every October"),
            ("2020-10-30", "2020-08-31", "before is fiscal year 2020 to date, 11 months; after is "
             "fiscal year 2021 to date, 0 months; the count begins again every October"),
            ("2020-04-30", "2020-03-31", "before is fiscal year 2020 to date, 6 months; after is "
             "fiscal year 2020 to date, 7 months"),
        ):  # fmt: skip
            answer = api.compare(loaded, "enforcement-encounters", as_of=as_of, before_as_of=before)
            assert answer.metrics[0].notes == (told,)


def test_a_metric_without_the_column_is_compared_whole_with_a_note(new: Path, old: Path) -> None:
    answer = releases(new, old, as_of=NOW, by=["nationality"])
    encounters = answer.metrics[-1]
    assert (encounters.by, encounters.groups) == ((), ())
    assert encounters.notes == (
        "before is fiscal year 2020, 3 months; after is fiscal year 2020, 3 months",
        "encounters has no column nationality on both sides: this metric is shown without the "
        "breakdown",
    )


def test_releases_whose_ids_barely_overlap_are_refused(old: Path) -> None:
    other = folder(cases="case_id,nta_filed_date\nSTAYS,2020-01-01\nB,2020-01-01\nC,2020-01-01\n")
    with pytest.raises(DataError, match="share only 1 case ids"):
        releases(other, old, as_of=NOW)


def test_the_earlier_date_comes_second(new: Path) -> None:
    with mpp_cli.load(new, today=TODAY) as data:
        with pytest.raises(UsageError, match="before it"):
            api.compare(data, as_of=THEN, before_as_of=NOW)
        with pytest.raises(UsageError, match="nothing to compare"):
            api.compare(data, as_of=THEN)


# ------------------------------------------------------- for any data whatsoever

DAYS = st.sampled_from(["2020-06-29", "2020-06-30", "2020-07-01", "2020-09-30", "2020-10-01", ""])
SOME_DAYS = DAYS.filter(bool)
IDS = [f"A{number}" for number in range(6)]


@st.composite
def tables(draw_: st.DrawFn) -> dict[str, str]:
    """A folder in which records of the same few cases come, go and change."""
    dockets = st.sampled_from(["", "", "mpp", "detained"])
    case = st.tuples(DAYS, dockets, st.sampled_from(["USBP", "OFO", ""]))
    # Four of six ids are always there: releases that share few are refused.
    ids = IDS[:4] + draw_(st.lists(st.sampled_from(IDS[4:]), unique=True))
    event = st.tuples(st.sampled_from(ids), SOME_DAYS)
    outcome = st.sampled_from(["terminated", "", "change_of_venue"])
    relief = st.sampled_from(["asylum", "cat_withholding", "other"])
    month = st.sampled_from([(2020, "MAY"), (2020, "JUN"), (2020, "SEP"), (2021, "OCT")])
    counts = draw_(st.dictionaries(month, st.integers(0, 50)))
    completions = draw_(st.lists(st.tuples(event, outcome), max_size=6))
    grants = draw_(st.lists(st.tuples(event, relief), max_size=5))
    referrals = draw_(st.lists(event, max_size=5))
    lines = {
        "cases": ["case_id,nta_filed_date,docket,component"]
        + [",".join((each, *draw_(case))) for each in ids],
        "completions": ["case_id,completion_date,outcome"]
        + [f"{i},{day},{kind}" for (i, day), kind in completions],
        "grants": ["case_id,granted_date,relief_type"]
        + [f"{i},{day},{kind}" for (i, day), kind in grants],
        "referrals": ["case_id,referred_date"] + [f"{i},{day}" for i, day in referrals],
        "encounters": ["fiscal_year,month,component,encounters"]
        + [f"{year},{name},USBP,{number}" for (year, name), number in counts.items()],
    }
    return {name: "\n".join(rows) + "\n" for name, rows in lines.items()}


@settings(max_examples=20, deadline=None, derandomize=True)
@given(tables(), tables(), st.sampled_from([THEN, NOW]))
def test_parts_sum_to_the_change_of_every_measure(
    before: dict[str, str], after: dict[str, str], as_of: str
) -> None:
    with mpp_cli.load(folder(**after), today=TODAY) as new:
        with mpp_cli.load(folder(**before), today=TODAY) as old:
            by = ["component"] if as_of == NOW else ["component", "quarter"]
            asked = {"as_of": as_of, "before_as_of": THEN, "by": by}
            _check(api.compare(new, before=old, **asked), new, old)  # type: ignore[arg-type]
            _check_enrolled(new, old, before["cases"], after["cases"], as_of)
        _check(api.compare(new, as_of=NOW, before_as_of=THEN, by=["month"]), new, new)


BEYOND = ["pending-cases", "relief-rate", "subsequent-completions"]


@settings(max_examples=25, deadline=None, derandomize=True)
@given(tables(), tables(), st.sampled_from(BEYOND))
def test_parts_sum_beyond_the_document_too(
    before: dict[str, str], after: dict[str, str], name: str
) -> None:
    with mpp_cli.load(folder(**after), today=TODAY) as new:
        with mpp_cli.load(folder(**before), today=TODAY) as old:
            asked = {"as_of": NOW, "before_as_of": THEN, "by": ["component"]}
            _check(api.compare(new, name, before=old, **asked), new, old, 2)  # type: ignore[arg-type]
        by = ["fiscal_year", "component"]
        _check(api.compare(new, name, as_of=NOW, before_as_of=THEN, by=by), new, new, 2)


def _check(answer: Comparison, new: api.Data, old: api.Data, least: int = 4) -> None:
    reported = [
        {
            (metric.name, measure.name): measure.value
            for metric in api.report(data, as_of=head.as_of, additional=True).metrics
            for measure in metric.measures
        }
        for data, head in ((old, answer.before), (new, answer.head))
    ]
    seen = 0
    for metric in answer.metrics:
        for each in metric.changes:
            assert [each.before, each.after] == [at[metric.name, each.name] for at in reported]
            if each.before is None or each.after is None:
                assert (each.change, each.parts) == (None, ())
                continue
            seen += 1
            assert each.change == each.after - each.before
            assert sum(part.value for part in each.parts) == each.change
        _check_groups(metric, answer, new, old)
    assert seen >= least


def _check_groups(metric: Compared, answer: Comparison, new: api.Data, old: api.Data) -> None:
    """Each group as a report gives it, its parts summing to its change, and all to the total."""
    by = list(metric.by)
    shown = []
    for data, head in ((old, answer.before), (new, answer.head)):
        found = api.metric(data, metric.name, as_of=head.as_of, by=by).metric
        shown.append({tuple(row.by[name] for name in by): row.values for row in found.rows})
    if metric.name == "enforcement-encounters":
        return  # A report gives all fiscal years.
    groups = {tuple(group.by.values()): group.changes for group in metric.groups}
    assert groups.keys() == shown[0].keys() | shown[1].keys()
    summed: dict[tuple[str, str], Value] = {}
    for key, changes in groups.items():
        for each in changes:
            none = 0 if each.unit not in ("ratio", "days") else None
            sides = [at[key][each.name] if key in at else none for at in shown]
            assert [each.before, each.after] == sides
            if each.change is not None and each.unit != "days":
                assert sum(part.value or 0 for part in each.parts) == each.change
            if each.unit not in ("ratio", "days"):
                for part in each.parts:
                    place = each.name, part.id
                    summed[place] = (summed.get(place) or 0) + (part.value or 0)
    for each in metric.changes:
        if each.unit not in ("ratio", "days"):
            for part in each.parts:
                assert summed.pop((each.name, part.id), 0) == part.value
    names = [each.name for each in metric.changes]
    for name in names:
        moved = [summed.pop((name, way), 0) or 0 for way in (INTO_GROUP, OUT_OF_GROUP)]
        assert sum(moved) == 0
    assert not summed


def _check_enrolled(new: api.Data, old: api.Data, before: str, after: str, as_of: str) -> None:
    """The parts of one count again, case by case, in plain Python."""
    was, now = _cases(before), _cases(after)
    expected: Counter[str] = Counter()
    for case in {*was, *now}:
        o_date, o_mpp = was.get(case, ("", False))
        n_date, n_mpp = now.get(case, ("", False))
        counted = bool(o_date) and o_mpp and o_date <= THEN
        counts = bool(n_date) and n_mpp and n_date <= as_of
        if counts and not counted:
            part = (
                "newly-enrolled"
                if n_date > THEN
                else "record-added-late"
                if not o_date
                else "revised-earlier"
                if o_mpp
                else "revised-in"
            )
            expected[part] += 1
        elif counted and not counts:
            part = "record-removed" if not n_date else "revised-later" if n_mpp else "revised-out"
            expected[part] -= 1
    answer = api.compare(new, "total-enrolled", before=old, as_of=as_of, before_as_of=THEN)
    assert parts(change(answer, "total_enrolled")) == {k: v for k, v in expected.items() if v}


def _cases(text: str) -> Mapping[str, tuple[str, bool]]:
    rows = [line.split(",") for line in text.splitlines()[1:]]
    return {case: (date, docket in ("", "mpp")) for case, date, docket, _ in rows}
