"""Beyond the document: figures that it does not give, with definitions like its own."""

from __future__ import annotations

import datetime
from collections import Counter
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.stats import CensoredData, ecdf

import mpp_cli
from mpp_cli.formats import render
from mpp_cli.goals import ADDITIONAL, GOALS
from mpp_cli.metrics.survival import kaplan_meier_median, nearest_rank
from tests.harness import run
from tests.spec.draw import TODAY, ask, draw, excluded, figures, groups, population, shown

TABLES = {
    "cases": """
        | case_id | nta_filed_date | representation_date | nationality | docket       |
        | A       | 2020-01-01     | 2020-01-05          | HONDURAS    |              |
        | B       | 2020-01-01     |                     | HONDURAS    |              |
        | C       | 2020-01-01     | 2021-01-05          | CUBA        |              |
        | D       | 2020-01-01     |                     | CUBA        |              |
        | E       | 2020-03-01     |                     | CUBA        |              |
        | F       |                | 2020-01-05          | CUBA        |              |
        | G       | 2020-01-01     | 2020-01-05          | CUBA        | non_detained |
        | H       | 2020-01-01     |                     |             |              |
    """,
    "completions": """
        | case_id | completion_date | outcome         | completion_type | in_absentia |
        | A       | 2020-01-11      | removal_ordered |                 | true        |
        | A       | 2020-02-11      | relief_granted  | subsequent      | false       |
        | A       | 2020-03-11      | change_of_venue |                 |             |
        | B       | 2020-01-31      | relief_granted  |                 |             |
        | B       | 2020-01-31      | removal_ordered | initial         |             |
        | C       | 2020-02-10      |                 |                 |             |
        | D       | 2021-02-10      | removal_ordered |                 | true        |
        | E       | 2020-02-01      | removal_ordered |                 | false       |
        | G       | 2020-01-06      | removal_ordered |                 | true        |
    """,
    "grants": """
        | case_id | granted_date | relief_type     |
        | A       | 2020-02-11   | asylum          |
        | D       | 2020-02-11   | cat_withholding |
        | C       | 2020-02-11   | other           |
    """,
    "referrals": """
        | case_id | referred_date | outcome  | outcome_date |
        | A       | 2020-02-01    | negative | 2020-02-02   |
        | A       | 2020-03-01    | positive | 2020-03-02   |
        | B       | 2020-02-01    | closed   | 2020-02-02   |
        | B       | 2020-03-01    | positive | 2021-03-02   |
        | C       | 2020-02-01    | positive |              |
        | F       | 2020-02-01    | negative | 2020-02-02   |
        | G       | 2020-02-01    | negative | 2020-02-02   |
    """,
}


def test_relief_rate_has_three_denominators_side_by_side() -> None:
    answer = ask(draw(TABLES), "relief-rate")
    assert figures(answer) == {
        "share_of_completed": Fraction(2, 4),
        "share_of_enrolled": Fraction(2, 6),
        "share_of_merits": Fraction(2, 4),  # A, B and E; D by its grant
        "relief_granted": 2,  # A and D
        "cases_completed": 4,  # A, B, C and E
        "total_enrolled": 6,  # A to E and H
        "merits_decisions": 4,
        "relief_outside_completed": 1,  # D is completed only after the date
    }
    assert shown(answer)["share_of_enrolled"] == "33.33%"


def test_pending_cases() -> None:
    answer = ask(draw(TABLES), "pending-cases")
    assert figures(answer) == {
        "pending_cases": 2,  # D and H
        "share_of_enrolled": Fraction(2, 6),
        "total_enrolled": 6,
    }
    assert excluded(answer, "pending_cases") == {
        "mpp-docket": 1,
        "nta-filed-only": 1,
        "already-completed": 4,
    }


def test_case_outcomes_are_those_of_the_initial_completion() -> None:
    answer = ask(draw(TABLES), "case-outcomes")
    assert figures(answer) == {"cases_completed": 4}
    # On one day, B's completion that its source calls initial goes before the other.
    assert groups(answer, "cases") == {"removal_ordered": 3, None: 1}
    assert groups(answer, "share_of_completed") == {
        "removal_ordered": Fraction(3, 4),
        None: Fraction(1, 4),
    }


def test_in_absentia() -> None:
    answer = ask(draw(TABLES), "in-absentia")
    assert figures(answer) == {
        "share_of_removal_orders": Fraction(1, 3),
        "share_of_completed": Fraction(1, 4),
        "in_absentia_orders": 1,  # A
        "removal_orders": 3,  # A, B and E
        "cases_completed": 4,
    }
    left_out = excluded(answer, "in_absentia_orders")
    assert left_out["absentia-unknown"] == 1  # B
    assert left_out["not-in-absentia"] == 1  # E


def test_representation_counts_from_the_day_on_which_counsel_appeared() -> None:
    assert figures(ask(draw(TABLES), "representation")) == {
        "share_of_enrolled": Fraction(1, 6),
        "represented_cases": 1,  # A; C only later
        "total_enrolled": 6,
    }


def test_referral_outcomes_count_each_person_once() -> None:
    answer = ask(draw(TABLES), "referral-outcomes")
    assert figures(answer) == {"aliens_referred": 4}
    assert groups(answer, "cases") == {
        "positive": 1,  # A: positive before negative
        "negative": 1,  # F
        "closed": 1,  # B is positive only later
        "pending": 1,  # C: no date of the outcome
    }


def test_subsequent_completions() -> None:
    answer = ask(draw(TABLES), "subsequent-completions")
    assert figures(answer) == {
        "subsequent_completions": 2,  # A's and B's second ones
        "cases_completed_again": 2,
        "cases_completed": 4,
    }
    assert population(answer, "subsequent_completions") == 9  # rows of completions
    assert excluded(answer, "subsequent_completions") == {
        "mpp-docket": 1,
        "no-completion-at-all": 1,  # A's change of venue
        "initial-completion": 5,  # D's, which is too late besides, among them
    }


def test_time_to_completion() -> None:
    answer = ask(draw(TABLES), "time-to-completion")
    assert figures(answer) == {
        "median_days": 30,  # of 10, 30 and 40
        "p25_days": 10,
        "p75_days": 40,
        "km_median_days": 40,  # with D and H still waiting: 4/5, 3/5, 2/5
        "cases_timed": 3,
        "pending_cases": 2,
    }
    assert excluded(answer, "cases_timed")["completed-before-nta"] == 1  # E


def test_time_to_completion_compares_dockets_on_request() -> None:
    answer = ask(draw(TABLES), "time-to-completion", by=("docket",))
    assert groups(answer, "median_days") == {"mpp": 30, "non_detained": 5}
    assert answer.metric.measure("cases_timed").value == 3  # without the other docket
    assert "Other dockets" in " ".join(answer.metric.notes)


@pytest.mark.parametrize(
    ("name", "measure", "mpp", "other"),
    [
        ("completion-rate", "total_enrolled", 6, 1),
        ("completion-rate", "completion_percentage", Fraction(4, 6), 1),
        ("pending-cases", "pending_cases", 2, 0),
        ("pending-cases", "share_of_enrolled", Fraction(2, 6), 0),
    ],
)
def test_each_dockets_rate_stands_beside_that_of_mpp_and_outside_the_total(
    name: str, measure: str, mpp: Fraction, other: Fraction
) -> None:
    answer = ask(draw(TABLES), name, by=("docket",))
    assert groups(answer, measure) == {"mpp": mpp, "non_detained": other}
    assert figures(answer)[measure] == mpp
    assert "Other dockets" in " ".join(answer.metric.notes)
    # The file says itself which cases it compares with: those of all years count.
    assert "filed in the years" not in " ".join(answer.metric.notes)


EARLY = {
    "cases": "| case_id | nta_filed_date |\n| A | 2019-06-03 |",
    "completions": """
        | case_id | completion_date | outcome         | completion_type |
        | A       | 2020-02-03      | removal_ordered | initial         |
        | A       | 2020-01-03      | removal_ordered | subsequent      |
    """,
}


def test_what_is_called_subsequent_counts_so_whatever_its_date_and_the_words_say_it() -> None:
    answer = ask(draw(EARLY), "subsequent-completions")
    assert figures(answer)["subsequent_completions"] == 1
    words = " ".join(each.text for each in answer.metric.footnotes)
    assert "counts also where it is dated before the initial one" in words
    assert "follow" not in answer.metric.data_measurement


def test_what_the_kaplan_meier_estimate_assumes_is_said() -> None:
    notes = {
        each.id: each.text for each in ask(draw(TABLES), "time-to-completion").metric.footnotes
    }
    assert "closed administratively, or moved into the interior" in notes["kaplan-meier"]


@pytest.mark.parametrize("by", ["nationality", "month", "fiscal_year"])
@pytest.mark.parametrize("name", ADDITIONAL)
def test_groups_sum_to_the_total(name: str, by: str) -> None:
    answer = ask(draw(TABLES), name, by=(by,)).metric
    counts = [each for each in answer.measures if each.unit not in ("ratio", "days")]
    for count in counts[:1] if "outcome" in answer.by else counts:
        column = "cases" if "outcome" in answer.by else count.name
        assert sum(row.values[column] or 0 for row in answer.rows) == count.value


def test_conditions_narrow_them() -> None:
    answer = ask(draw(TABLES), "pending-cases", where={"nationality": "CUBA"})
    assert figures(answer)["pending_cases"] == 1  # D


@pytest.mark.parametrize("name", ADDITIONAL)
def test_they_are_labelled_in_every_format(name: str) -> None:
    answer = ask(draw(TABLES), name)
    assert "Beyond the document" in render(answer, "table")
    assert "Beyond the document" in render(answer, "markdown")
    assert "Beyond the document" in render(answer, "json")
    assert "beyond-the-document" in render(answer, "csv")


def test_they_are_in_a_report_only_on_request_and_never_in_its_goals() -> None:
    with mpp_cli.load(draw(TABLES), today=TODAY) as data:
        plain = mpp_cli.report(data, as_of="2020-12-31")
        full = mpp_cli.report(data, as_of="2020-12-31", additional=True)
    assert plain.additional == ()
    assert plain.goals == full.goals
    assert [each.name for each in full.additional] == [*ADDITIONAL]
    assert not {m.name for goal in GOALS for m in goal.metrics} & {*ADDITIONAL}


def test_the_command_line_has_them() -> None:
    asked = ["--data", str(draw(TABLES)), "--as-of", "2020-12-31", "--no-config"]
    code, out, _ = run(["report", "--additional", "-f", "markdown", *asked])
    assert code == 0
    assert "## Beyond the document" in out.decode()
    code, out, _ = run(["metric", "time-to-completion", "-f", "value", *asked])
    assert (code, out) == (0, b"30\n")
    code, out, err = run(["explain", "relief-rate", *asked])
    assert (code, "already-completed" in out.decode()) == (0, True), err


def test_without_a_column_a_figure_is_unavailable_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "cases.csv").write_text("case_id,nta_filed_date\nA,2020-01-01\n")
    (tmp_path / "completions.csv").write_text("case_id,completion_date,outcome\n")
    (tmp_path / "referrals.csv").write_text("case_id,referred_date\n")
    reasons = {name: ask(tmp_path, name).metric.reason for name in ADDITIONAL}
    assert "grants" in (reasons["relief-rate"] or "")
    assert "no column in_absentia" in (reasons["in-absentia"] or "")
    assert "no column representation_date" in (reasons["representation"] or "")
    assert "no column outcome" in (reasons["referral-outcomes"] or "")
    assert reasons["pending-cases"] is None


# ------------------------------------------------------------ days and survival

#: Days that ended cases took, days that others have waited, and the median that
#: lifelines 0.30.3 gives: KaplanMeierFitter().fit(days, ended, weights=cases)
#: .median_survival_time_, where infinite stands for None.
LIFELINES = [
    ({1: 1, 2: 1, 3: 1, 4: 1}, {}, 2),
    ({1: 1, 2: 1, 3: 1}, {2: 3}, 3),
    ({10: 1}, {20: 3}, None),
    ({0: 2, 5: 1}, {5: 4, 9: 1}, None),
    ({30: 5, 60: 7, 90: 2}, {45: 6, 60: 3, 120: 1}, 60),
    ({3: 1, 7: 2, 8: 3, 21: 1}, {1: 2, 7: 1, 20: 5}, 21),
    ({0: 1}, {}, 0),
]


@pytest.mark.parametrize(("ended", "waiting", "median"), LIFELINES)
def test_the_kaplan_meier_median_is_that_of_lifelines(
    ended: dict[int, int], waiting: dict[int, int], median: int | None
) -> None:
    assert kaplan_meier_median(ended, waiting) == median


@pytest.mark.parametrize(("ended", "waiting", "median"), LIFELINES)
def test_the_kaplan_meier_median_is_that_of_scipy(
    ended: dict[int, int], waiting: dict[int, int], median: int | None
) -> None:
    assert kaplan_meier_median(ended, waiting) == scipy_median(ended, waiting)
    assert scipy_median(ended, waiting) == median


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    st.dictionaries(st.integers(0, 30), st.integers(1, 9), max_size=8),
    st.dictionaries(st.integers(0, 30), st.integers(1, 9), max_size=8),
)
def test_any_kaplan_meier_median_is_that_of_scipy(
    ended: dict[int, int], waiting: dict[int, int]
) -> None:
    # A survival of one half is 0.5 in scipy only as near as floating point comes.
    assume(all(abs(each - 0.5) > 1e-9 or each == 0.5 for each in scipy_survival(ended, waiting)))
    assert kaplan_meier_median(ended, waiting) == scipy_median(ended, waiting)


def scipy_survival(ended: dict[int, int], waiting: dict[int, int]) -> dict[float, int]:
    """Survival as scipy estimates it, and the first day on which it is no more than that."""
    took, waits = ([day for day, n in each.items() for _ in range(n)] for each in (ended, waiting))
    if not took and not waits:
        return {}
    found = ecdf(CensoredData(uncensored=took, right=waits)).sf
    steps = zip(found.probabilities, found.quantiles, strict=True)
    return {float(share): int(day) for share, day in reversed([*steps])}


def scipy_median(ended: dict[int, int], waiting: dict[int, int]) -> int | None:
    days = [day for share, day in scipy_survival(ended, waiting).items() if share <= 0.5]
    return min(days, default=None)


# Remission of leukaemia in weeks: E. J. Freireich and others, "The Effect of
# 6-Mercaptopurine on the Duration of Steroid-induced Remissions in Acute Leukemia",
# Blood 21 (1963); E. A. Gehan, Biometrika 52 (1965). The textbooks' example: the medians
# are 8 weeks with a placebo and 23 with the drug, of which the survivals are known, too.
PLACEBO = "1 1 2 2 3 4 4 5 5 8 8 8 8 11 11 12 12 15 17 22 23"
DRUG = "6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+"
SURVIVAL = {6: 0.857, 7: 0.807, 10: 0.753, 13: 0.690, 16: 0.627, 22: 0.538, 23: 0.448}


def test_the_remission_times_of_leukaemia_have_the_published_medians(tmp_path: Path) -> None:
    as_of = datetime.date(2020, 12, 31)
    cases, completions = ["case_id,nta_filed_date,nationality"], ["case_id,completion_date,outcome"]
    for arm, times in (("placebo", PLACEBO), ("drug", DRUG)):
        for number, time in enumerate(times.split()):
            weeks, goes_on = int(time.rstrip("+")), time.endswith("+")
            filed = as_of - datetime.timedelta(weeks=weeks if goes_on else weeks + number)
            cases.append(f"{arm}-{number},{filed},{arm}")
            if not goes_on:
                done = filed + datetime.timedelta(weeks=weeks)
                completions.append(f"{arm}-{number},{done},terminated")
    (tmp_path / "cases.csv").write_text("\n".join(cases) + "\n")
    (tmp_path / "completions.csv").write_text("\n".join(completions) + "\n")
    answer = ask(tmp_path, "time-to-completion", by=("nationality",), as_of=as_of)
    weeks = {name: int(days) / 7 for name, days in groups(answer, "km_median_days").items()}
    assert weeks == {"placebo": 8, "drug": 23}


def test_the_published_survivals_of_leukaemia_are_those_that_we_are_held_against() -> None:
    """The peer that our medians are held against gives the published estimates."""
    took = [int(time) for time in DRUG.split() if not time.endswith("+")]
    waits = [int(time.rstrip("+")) for time in DRUG.split() if time.endswith("+")]
    survival = scipy_survival(Counter(took), Counter(waits))
    assert {day: round(share, 3) for share, day in survival.items() if day in SURVIVAL} == SURVIVAL


def test_nobody_ends_and_nobody_waits() -> None:
    assert kaplan_meier_median({}, {}) is None
    assert kaplan_meier_median({}, {5: 2}) is None
    assert nearest_rank({}, 50) is None


@pytest.mark.parametrize(("percentile", "day"), [(25, 20), (50, 35), (75, 40), (100, 50), (1, 15)])
def test_percentiles_are_by_nearest_rank(percentile: int, day: int) -> None:
    assert nearest_rank({15: 1, 20: 1, 35: 1, 40: 1, 50: 1}, percentile) == day
