"""Variants: the figure under each defensible definition, beside the document's."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

import mpp_cli.analysis.api
from mpp_cli.analysis import variants as module
from mpp_cli.common.errors import UnavailableError
from mpp_cli.goals import ADDITIONAL, METRICS
from mpp_cli.goals.variants import VARIANTS, Variant
from mpp_cli.results.variants import VariedFigures
from tests.harness import run
from tests.spec.draw import TODAY, draw

TABLES = {
    "cases": """
        | case_id | nta_filed_date | nta_issued_date | enrolled_date | docket       |
        | A       | 2019-06-03     | 2019-06-01      | 2019-06-01    |              |
        | B       | 2019-06-03     | 2019-06-01      | 2019-06-01    |              |
        | C       | 2019-06-03     | 2019-06-01      | 2019-06-01    |              |
        | D       | 2019-06-03     | 2019-06-01      | 2019-06-01    |              |
        | E       | 2019-06-03     |                 | 2019-06-01    |              |
        | F       |                | 2019-06-01      | 2019-06-01    |              |
        | G       | 2019-06-03     | 2019-06-01      | 2019-06-01    | non_detained |
        | H       | 2021-03-01     | 2020-12-01      | 2020-12-01    |              |
    """,
    "completions": """
        | case_id | completion_date | outcome                 | completion_type | reopened_date |
        | A       | 2020-01-07      | removal_ordered         | initial         | 2020-02-03    |
        | A       | 2020-03-02      | removal_ordered         | subsequent      |               |
        | B       | 2020-01-07      | removal_ordered         |                 | 2020-02-03    |
        | C       | 2020-01-07      | administratively_closed |                 |               |
        | D       | 2020-01-07      | failure_to_prosecute    |                 |               |
        | E       | 2020-01-07      | relief_granted          |                 | 2021-02-03    |
    """,
    "grants": """
        | case_id | granted_date | relief_type     |
        | A       | 2020-03-02   | asylum          |
        | B       | 2020-01-07   | cat_deferral    |
        | C       | 2020-01-07   | other           |
        | E       | 2020-01-07   | cat_withholding |
    """,
    "referrals": """
        | case_id | referred_date | outcome | outcome_date |
        | A       | 2019-07-01    |         |              |
        | A       | 2019-08-01    |         |              |
        | B       | 2019-07-01    |         |              |
        | C       | 2021-07-01    |         |              |
    """,
}


def ask(name: str, **question: str) -> VariedFigures:
    with mpp_cli.load(draw(TABLES), today=TODAY) as data:
        return mpp_cli.analysis.api.variants(data, name, as_of="2020-12-31", **question)


def moves(answer: VariedFigures, measure: str) -> dict[str, tuple[object, ...]]:
    """The figure of one measure under each definition, and the cases that move in and out."""
    found = {}
    for each in answer.variants:
        if each.reason:  # These data lack what it goes by.
            continue
        figure = next(figure for figure in each.figures if figure.name == measure)
        found[each.id] = (figure.value, figure.moved_in, figure.moved_out)
    return found


def test_enrolled() -> None:
    answer = ask("total-enrolled")
    assert [each.value for each in answer.document.figures] == [5]  # A to E
    assert moves(answer, "total_enrolled") == {
        "every-enrolment": (7, 2, 0),  # F and H were enrolled, too
        "nta-issue-date": (7, 2, 0),  # E has no date of issue: its date of filing stands for it
        "since-inception": (5, 0, 0),
    }


def test_completed() -> None:
    answer = ask("completion-rate")
    assert {each.name: each.display for each in answer.document.figures} == {
        "total_enrolled": "5",
        "cases_completed": "3",  # A, B and E
        "completion_percentage": "60.00%",
    }
    assert moves(answer, "cases_completed") == {
        "every-enrolment": (3, 0, 0),
        "nta-issue-date": (3, 0, 0),
        "since-inception": (3, 0, 0),
        "count-every-completion": (4, 0, 0),  # A's second one is of a case that counts already
        "count-administrative-closures": (5, 2, 0),  # C, and D
        "count-failures-to-prosecute": (4, 1, 0),  # D
        "present-state": (2, 0, 1),  # B is open again; A was completed again, E reopened later
    }


def test_relief() -> None:
    answer = ask("relief-granted")
    assert [each.value for each in answer.document.figures] == [2]  # A and E
    found = moves(answer, "relief_granted")
    assert found["count-cat-deferral"] == (3, 1, 0)  # B
    assert found["any-relief"] == (4, 2, 0)  # B and C
    assert found["relief-in-initial-completion"] == (1, 0, 1)  # A's came after a reopening


def test_referrals() -> None:
    answer = ask("non-refoulement-referrals")
    assert [each.value for each in answer.document.figures] == [2]
    assert moves(answer, "aliens_referred") == {"referrals": (3, 0, 0)}


def test_pending_moves_the_other_way() -> None:
    found = moves(ask("pending-cases"), "pending_cases")
    assert found["present-state"] == (3, 1, 0)  # B is pending again
    assert found["count-administrative-closures"] == (0, 0, 2)
    assert found["count-failures-to-prosecute"] == (1, 0, 1)


REVERSED = {
    "cases": """
        | case_id | nta_filed_date |
        | A       | 2019-06-03     |
        | B       | 2019-06-03     |
        | C       | 2019-06-03     |
        | D       | 2019-06-03     |
        | E       | 2019-06-03     |
        | F       | 2019-06-03     |
        | G       | 2019-06-03     |
        | H       | 2019-06-03     |
        | I       | 2019-06-03     |
    """,
    "completions": """
        | case_id | completion_date | outcome         | reopened_date |
        | A       | 2020-01-07      | relief_granted  | 2020-02-03    |
        | A       | 2020-06-02      | removal_ordered |               |
        | B       | 2020-01-07      | relief_granted  | 2020-02-03    |
        | B       | 2020-06-02      | relief_granted  |               |
        | C       | 2020-01-07      | removal_ordered | 2020-02-03    |
        | C       | 2020-06-02      | removal_ordered |               |
        | D       | 2020-01-07      | relief_granted  | 2020-02-03    |
        | E       | 2020-01-07      | relief_granted  |               |
        | E       | 2020-06-02      | terminated      |               |
        | F       | 2020-01-07      | removal_ordered | 2020-02-03    |
        | F       | 2020-06-04      | removal_ordered |               |
        | G       | 2020-01-07      | relief_granted  | 2020-02-03    |
        | G       | 2021-06-02      | removal_ordered |               |
        | H       | 2020-01-07      | relief_granted  | 2019-12-01    |
    """,
    "grants": """
        | case_id | granted_date | relief_type           |
        | A       | 2020-01-07   | asylum                |
        | B       | 2020-01-07   | asylum                |
        | C       | 2020-01-07   | statutory_withholding |
        | C       | 2020-06-02   | statutory_withholding |
        | D       | 2020-01-07   | asylum                |
        | E       | 2020-01-07   | asylum                |
        | F       | 2020-06-02   | cat_withholding       |
        | G       | 2020-01-07   | asylum                |
        | H       | 2020-01-07   | asylum                |
        | I       | 2020-01-07   | asylum                |
    """,
}


def test_relief_that_a_later_decision_took_away() -> None:
    with mpp_cli.load(draw(REVERSED), today=TODAY) as data:

        def present(day: str) -> tuple[object, ...]:
            answer = mpp_cli.analysis.api.variants(data, "relief-granted", as_of=day)
            return moves(answer, "relief_granted")["present-state"]

        # A was ordered removed after the remand, E's case was terminated; D and G are open.
        # B has relief again, C withholding again, F withholding by its second decision, if
        # recorded two days before it; H's reopening is before its completion; I has none.
        assert present("2020-12-31") == (5, 0, 4)
        # Before the remand all have relief but F.
        assert present("2020-01-31") == (8, 0, 0)


def test_a_reopening_before_its_own_completion_reopens_nothing_and_is_warned_of() -> None:
    with mpp_cli.load(draw(REVERSED), today=TODAY) as data:
        answer = mpp_cli.analysis.api.variants(data, "pending-cases", as_of="2020-12-31")
    assert moves(answer, "pending_cases")["present-state"] == (3, 2, 0)  # I; D and G again
    (warning,) = answer.head.warnings
    assert (warning.id, warning.file, warning.line) == (
        "reopened-before-completion",
        "completions.csv",
        14 + 1,
    )
    assert warning.text.endswith("a reopened_date before their own date, which reopens nothing: 1")


def test_relief_of_unknown_kind_counts_where_the_decision_decides() -> None:
    tables = {
        "cases": "| case_id | nta_filed_date |\n| A | 2019-06-03 |\n| B | 2019-06-03 |",
        "completions": """
            | case_id | completion_date | outcome        |
            | A       | 2020-01-07      | relief_granted |
        """,
        "grants": """
            | case_id | granted_date | relief_type |
            | A       | 2020-01-07   | unknown     |
            | B       | 2020-01-07   | other       |
        """,
    }
    with mpp_cli.load(draw(tables), today=TODAY) as data:
        found = moves(
            mpp_cli.analysis.api.variants(data, "relief-granted", as_of="2020-12-31"),
            "relief_granted",
        )
    assert found["decision-says-relief"] == (1, 1, 0)  # A
    assert found["any-relief"] == (2, 2, 0)


BEFORE_MPP = {
    "cases": """
        | case_id | nta_filed_date | nta_issued_date | enrolled_date |
        | A       | 2018-06-03     | 2019-02-01      | 2019-02-01    |
        | B       | 2019-01-25     | 2019-01-25      |               |
        | C       | 2019-06-03     |                 |               |
        | D       | 2019-06-03     | 2019-06-03      | 2019-06-03    |
        | E       |                | 2019-06-03      |               |
        | F       |                |                 | 2019-06-03    |
    """,
    "completions": """
        | case_id | completion_date | outcome         | completion_type |
        | A       | 2019-05-01      | removal_ordered |                 |
        | B       | 2019-01-24      | removal_ordered |                 |
        | C       | 2018-05-01      | terminated      | initial         |
        | C       | 2019-09-01      | removal_ordered | subsequent      |
        | C       | 2019-10-01      | removal_ordered |                 |
        | D       | 2019-09-01      | removal_ordered |                 |
    """,
}


def test_what_is_dated_before_mpp_began_counts_in_the_document_and_is_left_out_since() -> None:
    with mpp_cli.load(draw(BEFORE_MPP), today=TODAY) as data:
        rate = mpp_cli.analysis.api.variants(data, "completion-rate", as_of="2020-12-31")
        pending = mpp_cli.analysis.api.variants(data, "pending-cases", as_of="2020-12-31")
        again = mpp_cli.analysis.api.variants(data, "subsequent-completions", as_of="2020-12-31")
        outcomes = mpp_cli.analysis.api.variants(data, "case-outcomes", as_of="2020-12-31")
    assert [each.value for each in rate.document.figures[:2]] == [4, 4]
    assert moves(rate, "total_enrolled")["since-inception"] == (3, 0, 1)  # not A
    # B's completion was a day too early; C's initial one is then that of October.
    assert moves(rate, "cases_completed")["since-inception"] == (2, 0, 2)
    assert moves(pending, "pending_cases")["since-inception"] == (1, 1, 0)  # B
    assert moves(again, "subsequent_completions")["since-inception"][0] == 1  # C's of September
    assert moves(outcomes, "cases_completed")["since-inception"] == (2, 0, 2)
    assert {
        (each.id, each.line): each.text for each in rate.head.warnings if "before" in each.id
    } == {
        (
            "nta-before-programme",
            2,
        ): "1 MPP case has an NTA filed before 2019-01-25, when MPP began",
        ("completion-before-programme", 3): "completions of MPP cases dated before 2019-01-25, "
        "when MPP began (the variant since-inception leaves them out): 2",
        ("completion-before-nta", 3): "2 completions are dated before the NTA",
    }


def test_a_blank_date_is_that_of_the_filing_under_either_definition() -> None:
    with mpp_cli.load(draw(BEFORE_MPP), today=TODAY) as data:
        found = moves(
            mpp_cli.analysis.api.variants(data, "total-enrolled", as_of="2020-12-31"),
            "total_enrolled",
        )
    assert found["every-enrolment"] == (5, 1, 0)  # and F
    assert found["nta-issue-date"] == (5, 1, 0)  # and E


CLOSED_AGAIN = {
    "cases": """
        | case_id | nta_filed_date | nta_issued_date | enrolled_date |
        | A       | 2019-06-03     | 2019-06-03      | 2019-06-03    |
        | B       | 2019-06-03     | 2019-06-03      | 2019-06-03    |
        | C       | 2019-06-03     | 2019-06-03      | 2019-06-03    |
    """,
    "completions": """
        | case_id | completion_date | outcome                 | completion_type | reopened_date |
        | A       | 2020-01-07      | removal_ordered         | initial         |               |
        | A       | 2020-03-02      | administratively_closed | subsequent      |               |
        | B       | 2020-01-07      | administratively_closed | subsequent      |               |
        | C       | 2020-01-07      | failure_to_prosecute    | subsequent      |               |
    """,
}


def test_a_closure_is_no_completion_whatever_its_source_calls_it() -> None:
    with mpp_cli.load(draw(CLOSED_AGAIN), today=TODAY) as data:
        completed = mpp_cli.analysis.api.variants(data, "completion-rate", as_of="2020-12-31")
        again = mpp_cli.analysis.api.metric(data, "subsequent-completions", as_of="2020-12-31")
    found = moves(completed, "cases_completed")
    assert completed.document.figures[1].value == 1  # A
    assert found["count-every-completion"] == (1, 0, 0)
    # What its source calls subsequent is never the initial completion either.
    assert found["count-administrative-closures"] == (1, 0, 0)
    assert found["count-failures-to-prosecute"] == (1, 0, 0)
    assert {each.name: each.value for each in again.metric.measures} == {
        "subsequent_completions": 0,
        "cases_completed": 1,
        "cases_completed_again": 0,
    }


def test_conditions_narrow_every_definition() -> None:
    answer = ask("total-enrolled", where={"docket": "non_detained"})
    assert {each.value for each in answer.document.figures} == {0}
    assert {figure.value for each in answer.variants for figure in each.figures} == {0}


def test_on_the_sample_differences_are_the_cases_that_move() -> None:
    with mpp_cli.load("sample") as data:
        for name in (*METRICS, *ADDITIONAL):
            if name == "enforcement-encounters":
                continue
            answer = mpp_cli.analysis.api.variants(data, name)
            for each in answer.variants:
                assert each.reason is None
                for figure, document in zip(each.figures, answer.document.figures, strict=True):
                    if figure.unit in ("cases", "people"):
                        assert figure.moved_in is not None
                        assert figure.moved_out is not None
                        moved = figure.moved_in - figure.moved_out
                        assert figure.difference == figure.value - document.value == moved


EXPELLED = {
    "encounters": """
        | fiscal_year | month | component | title_of_authority | demographic | encounters |
        | 2020        | FEB   | USBP      | Title 8            | FMUA        | 100        |
        | 2020        | APR   | USBP      | Title 8            | FMUA        | 10         |
        | 2020        | APR   | USBP      | Title 42           | FMUA        | 30         |
        | 2021        | OCT   | USBP      | Title 8            | FMUA        | 5          |
        | 2021        | OCT   | OFO       | TITLE 42           | FMUA        | 40         |
        | 2021        | OCT   | OFO       | Title 42           | Adults      | 7          |
        | 2021        | NOV   | OFO       | Title 42           | FMUA        | 1000       |
    """,
}


@pytest.mark.parametrize(
    ("question", "document", "under_title_8"),
    [
        ({}, 52, 5),
        ({"where": {"demographic": "FMUA"}}, 45, 5),
        ({"where": {"title_of_authority": "title 42"}}, 47, 0),
        ({"where": {"title_of_authority": "Title 8"}}, 5, 5),
    ],
)
def test_encounters_under_title_8_only(
    question: dict[str, object], document: int, under_title_8: int
) -> None:
    with mpp_cli.load(draw(EXPELLED), today=TODAY) as data:
        answer = mpp_cli.analysis.api.variants(
            data, "enforcement-encounters", as_of="2020-11-01", **question
        )
    assert [each.value for each in answer.document.figures] == [document]
    (variant,) = answer.variants
    (figure,) = variant.figures
    assert variant.id == "title-8-only"
    assert (figure.value, figure.difference) == (under_title_8, under_title_8 - document)


def test_encounters_under_title_8_by_group_sum_to_the_figure() -> None:
    with mpp_cli.load(draw(EXPELLED), today=TODAY) as data:
        answer = mpp_cli.analysis.api.variants(
            data, "enforcement-encounters", as_of="2020-11-01", by=("demographic",)
        )
    groups = [(group.by["demographic"], group.figures[0].value) for group in answer.document.groups]
    assert groups == [("Adults", 7), ("FMUA", 45)]
    assert [group.figures[0].value for group in answer.variants[0].groups] == [0, 5]


def test_without_titles_the_variant_is_unavailable_and_without_encounters_there_is_none() -> None:
    bare = {
        "encounters": "| fiscal_year | month | component | encounters |\n| 2021 | OCT | OFO | 9 |"
    }
    with mpp_cli.load(draw(bare), today=TODAY) as data:
        (variant,) = mpp_cli.analysis.api.variants(data, "enforcement-encounters").variants
    assert variant.reason == "encounters.csv has no column title_of_authority"
    with pytest.raises(UnavailableError, match="encounters"):
        ask("enforcement-encounters")


def test_every_variant_says_who_uses_it_and_where_that_is_published() -> None:
    assert all(each.differs and each.used_by and each.published for each in VARIANTS)
    touched = {
        variant.id
        for variant in VARIANTS
        for metric in METRICS.values()
        if any(variant.of(count) != count for count in metric.counts)
    }
    assert touched == {each.id for each in VARIANTS}


@pytest.mark.parametrize("name", ["total-enrolled", "relief-granted", "completion-rate"])
def test_with_all_rules_off_a_figure_is_a_plain_count(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    rules = {rule.id: () for count in METRICS[name].every_count for rule in count.all_rules}
    off = Variant("no-rules", "No rule applies.", "nobody", "nowhere", rules)
    monkeypatch.setattr(module, "VARIANTS", (off,))
    (found,) = ask(name).variants
    counts = [figure for figure in found.figures if figure.unit != "ratio"]
    assert {figure.value for figure in counts} == {8}  # every row of cases


def test_a_variant_whose_column_is_absent_is_unavailable_and_the_others_are_not(
    tmp_path: Path,
) -> None:
    (tmp_path / "cases.csv").write_text("case_id,nta_filed_date\nA,2019-06-03\n")
    with mpp_cli.load(tmp_path, today=TODAY) as data:
        answer = mpp_cli.analysis.api.variants(data, "total-enrolled", as_of="2020-12-31")
    assert [each.value for each in answer.document.figures] == [1]
    reasons = {each.id: each.reason or "" for each in answer.variants}
    assert "no column enrolled_date" in reasons["every-enrolment"]
    assert "no column nta_issued_date" in reasons["nta-issue-date"]


@pytest.mark.parametrize("format", ["table", "markdown", "csv", "json"])
def test_every_format_names_every_variant(format: str) -> None:
    asked = ["--data", str(draw(TABLES)), "--as-of", "2020-12-31", "-f", format, "--no-config"]
    code, out, err = run(["variants", "completion-rate", *asked])
    assert code == 0, err
    text = out.decode()
    assert all(name in text for name in ("every-enrolment", "present-state", "TRAC"))
    if format == "json":
        answer = json.loads(text)
        assert answer["format"] == "mpp-variants/1"
        assert answer["variants"][0]["id"] == "document"
        assert answer["variants"][1]["measures"][0]["moved_in"] == 2


@pytest.mark.parametrize("name", ["completion-rate", "relief-granted", "time-to-completion"])
def test_the_groups_of_every_definition_sum_to_its_figure(name: str) -> None:
    with mpp_cli.load("sample") as data:
        answer = mpp_cli.analysis.api.variants(data, name, by=["nationality", "fiscal_year"])
    for each in (answer.document, *answer.variants):
        for place, figure in enumerate(each.figures):
            if figure.unit in ("ratio", "days"):
                continue
            groups = [group.figures[place] for group in each.groups]
            assert sum(int(group.value or 0) for group in groups) == figure.value
            assert sum(group.moved_in or 0 for group in groups) == figure.moved_in
            assert sum(group.moved_out or 0 for group in groups) == figure.moved_out


MERITS = ("relief_granted", "removal_ordered", "voluntary_departure")
CLOSURES = ("administratively_closed", "failure_to_prosecute")
CLOSED_BY = {
    "document": (),
    "count-administrative-closures": CLOSURES,
    "count-failures-to-prosecute": CLOSURES[1:],
}


def random_tables(seed: int) -> dict[str, list[dict[str, str]]]:
    """Cases with completions and grants of every kind, many on the same days."""
    chance = random.Random(seed)
    cases = [{"case_id": f"C{n}", "nta_filed_date": "2019-02-01"} for n in range(40)]
    outcomes = (*MERITS, *CLOSURES, "terminated", "change_of_venue", "")

    def day() -> str:
        return f"2019-0{chance.randrange(3, 7)}-0{chance.randrange(1, 4)}"

    completions = [
        {
            "case_id": f"C{chance.randrange(40)}",
            "completion_date": day(),
            "outcome": chance.choice(outcomes),
            "completion_type": chance.choice(("initial", "", "", "subsequent")),
            "in_absentia": chance.choice(("true", "false", "")),
            "reopened_date": chance.choice(("", "", day())),
        }
        for _ in range(90)
    ]
    kinds = ("asylum", "cat_withholding", "cat_deferral", "other", "unknown")
    grants = [
        {
            "case_id": f"C{chance.randrange(40)}",
            "granted_date": day(),
            "relief_type": chance.choice(kinds),
        }
        for _ in range(25)
    ]
    return {"cases": cases, "completions": completions, "grants": grants}


class Recounted:
    """One case under a definition, in the plainest words: no SQL, no history."""

    def __init__(
        self, case: str, tables: dict[str, list[dict[str, str]]], closed: tuple[str, ...], day: str
    ) -> None:
        rows = [row for row in tables["completions"] if row["case_id"] == case]
        rows.sort(key=lambda row: row["completion_date"])  # rows of a day stay in file order
        never = {"change_of_venue", "transferred", *CLOSURES} - {*closed}
        self.past = [row for row in rows if row["completion_date"] <= day]
        self.counting = [row for row in self.past if row["outcome"] not in never]
        can_be_initial = [
            row
            for row in rows
            if row["outcome"] not in never and row["completion_type"] != "subsequent"
        ]
        first = min(
            can_be_initial,
            key=lambda row: (row["completion_date"], row["completion_type"] != "initial"),
            default=None,
        )
        self.initial = first if first and first["completion_date"] <= day else None
        self.grants = [
            row for row in tables["grants"] if row["case_id"] == case and row["granted_date"] <= day
        ]

    @property
    def outcome(self) -> str | None:
        return self.initial["outcome"] if self.initial else None

    @property
    def reopenings(self) -> list[str]:
        """Those of completions that had happened, and none before its own completion."""
        return [
            row["reopened_date"]
            for row in self.counting
            if row["completion_date"] <= row["reopened_date"] <= AS_OF
        ]

    @property
    def open_again(self) -> bool:
        return any(
            row["completion_date"] <= row["reopened_date"] <= AS_OF
            and all(
                later["completion_date"] < row["reopened_date"]
                for later in self.counting[place + 1 :]
            )
            for place, row in enumerate(self.counting)
        )

    def still_has(self, *kinds: str) -> bool:
        """Whether relief stands: no reopening, and no later decision without it."""
        granted = self.relief(*kinds)
        if not granted or self.open_again:
            return False
        *before, last = self.counting or [None]
        if last is None or last["completion_date"] <= max(granted):
            return True
        after = [row["completion_date"] for row in before[-1:]] + self.reopenings
        return last["outcome"] == "relief_granted" or all(day < max(granted) for day in after)

    def relief(self, *kinds: str) -> list[str]:
        return [row["granted_date"] for row in self.grants if row["relief_type"] in kinds]


AS_OF = "2019-05-31"


@pytest.mark.parametrize("seed", range(12))
def test_every_part_of_a_metric_follows_the_other_definition(tmp_path: Path, seed: int) -> None:
    tables = random_tables(seed)
    for name, rows in tables.items():
        lines = [",".join(rows[0]), *(",".join(row.values()) for row in rows)]
        (tmp_path / f"{name}.csv").write_text("\n".join(lines) + "\n")
    ids = [row["case_id"] for row in tables["cases"]]
    with mpp_cli.load(tmp_path, today=TODAY) as data:
        found = {
            name: mpp_cli.analysis.api.variants(data, name, as_of=AS_OF)
            for name in ("in-absentia", "subsequent-completions", "relief-rate", "pending-cases")
        }

    def figures(metric: str, id: str) -> dict[str, object]:
        answer = found[metric]
        each = [answer.document, *answer.variants][
            0 if id == "document" else 1 + [v.id for v in answer.variants].index(id)
        ]
        return {figure.name: figure.value for figure in each.figures}

    for id, closed in CLOSED_BY.items():
        stories = [Recounted(case, tables, closed, AS_OF) for case in ids]
        removed = [each for each in stories if each.outcome == "removal_ordered"]
        told = figures("in-absentia", id)
        assert told["removal_orders"] == len(removed), id
        assert told["in_absentia_orders"] == sum(
            bool(each.initial) and each.initial["in_absentia"] == "true" for each in removed
        )
        done = [each for each in stories if each.initial]
        again = figures("subsequent-completions", id)
        assert again["subsequent_completions"] == sum(len(each.counting) - 1 for each in done), id
        assert again["cases_completed_again"] == sum(len(each.counting) > 1 for each in done), id
        merits = figures("relief-rate", id)["merits_decisions"]
        assert merits == sum(
            bool(each.relief("asylum", "cat_withholding")) or each.outcome in MERITS
            for each in stories
        ), id

    stories = [Recounted(case, tables, (), AS_OF) for case in ids]
    protections = ("asylum", "cat_withholding")
    relieved = {
        "count-cat-deferral": [bool(s.relief(*protections, "cat_deferral")) for s in stories],
        "decision-says-relief": [bool(s.relief(*protections, "unknown")) for s in stories],
        "any-relief": [bool(s.grants) for s in stories],
        "relief-in-initial-completion": [
            bool(s.initial)
            and any(day <= s.initial["completion_date"] for day in s.relief(*protections))
            for s in stories
        ],
    }
    for id, relief in relieved.items():
        told = figures("relief-rate", id)
        assert told["relief_granted"] == sum(relief), id
        assert told["merits_decisions"] == sum(
            has or story.outcome in MERITS for has, story in zip(relief, stories, strict=True)
        ), id
        assert 0 <= told["share_of_merits"] <= 1  # type: ignore[operator]
    now = figures("relief-rate", "present-state")
    assert now["relief_granted"] == sum(s.still_has(*protections) for s in stories)
    assert now["merits_decisions"] == sum(
        s.still_has(*protections) or (s.outcome in MERITS and not s.open_again) for s in stories
    )
    assert figures("pending-cases", "present-state")["pending_cases"] == sum(
        not s.initial or s.open_again for s in stories
    )
