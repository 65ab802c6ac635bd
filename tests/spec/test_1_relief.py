"""Goal 1: who was granted relief, and who was referred for a non-refoulement assessment."""

from __future__ import annotations

import re

from tests.spec.draw import ask, draw, events, excluded, figures, population, shown, warnings

# ------------------------------------------------------------- relief-granted

GRANTED = {
    "cases": """
        | case_id | nta_filed_date | docket       |
        | A       | 2019-06-03     | mpp          |
        | B       | 2019-06-03     |              |
        | C       | 2019-06-03     |              |
        | D       |                |              |
        | E       | 2019-06-03     | non_detained |
        | F       | 2019-06-03     |              |
        | G       | 2019-06-03     |              |
        | H       | 2019-06-03     |              |
        | I       | 2019-06-03     |              |
        | J       | 2021-01-04     |              |
    """,
    "grants": """
        | case_id | granted_date | relief_type           |
        | A       | 2020-02-03   | asylum                |
        | B       | 2020-02-03   | statutory_withholding |
        | C       | 2020-02-03   | cat_withholding       |
        | D       | 2020-02-03   | asylum                |
        | E       | 2020-02-03   | asylum                |
        | G       | 2020-02-03   | cat_deferral          |
        | H       | 2020-02-03   | other                 |
        | I       | 2021-01-04   | asylum                |
        | J       | 2020-02-03   | asylum                |
    """,
}


def test_relief_is_asylum_or_either_kind_of_withholding() -> None:
    answer = ask(draw(GRANTED), "relief-granted", "2020-12-31")
    assert figures(answer) == {"relief_granted": 3}  # A, B and C
    assert shown(answer) == {"relief_granted": "3"}


def test_every_case_that_was_not_granted_relief_is_excluded_by_the_first_rule_it_fails() -> None:
    answer = ask(draw(GRANTED), "relief-granted", "2020-12-31")
    assert population(answer, "relief_granted") == 10
    assert excluded(answer, "relief_granted") == {
        "mpp-docket": 1,  # E is on another docket
        "nta-filed-only": 1,  # the notice to appear of D was never filed
        "no-grant": 1,  # F
        "relief-kinds": 2,  # G and H were granted something else
        "as-of": 2,  # I was granted relief later, the NTA of J was filed later
    }


def test_the_rules_are_applied_in_one_order_and_the_as_of_date_last() -> None:
    answer = ask(draw(GRANTED), "relief-granted", "2020-12-31")
    assert [each.rule for each in answer.metric.ledger[0].excluded] == [
        "mpp-docket",
        "nta-filed-only",
        "no-grant",
        "relief-kinds",
        "as-of",
    ]


def test_a_case_that_fails_several_rules_is_excluded_once_by_the_first() -> None:
    tables = {
        "cases": """
            | case_id | nta_filed_date | docket   |
            | A       |                | detained |
            | B       |                |          |
        """,
        "grants": """
            | case_id | granted_date | relief_type  |
            | A       | 2021-06-01   | cat_deferral |
        """,
    }
    answer = ask(draw(tables), "relief-granted", "2020-12-31")
    assert excluded(answer, "relief_granted") == {"mpp-docket": 1, "nta-filed-only": 1}


def test_a_case_with_several_grants_is_counted_once() -> None:
    tables = {
        "cases": """
            | case_id | nta_filed_date |
            | A       | 2019-06-03     |
            | B       | 2019-06-03     |
        """,
        "grants": """
            | case_id | granted_date | relief_type     |
            | A       | 2020-02-03   | asylum          |
            | A       | 2020-03-03   | cat_withholding |
            | A       | 2020-04-03   | asylum          |
            | B       | 2020-02-03   | asylum          |
            | B       | 2020-02-03   | cat_withholding |
            | B       | 2020-05-03   | cat_deferral    |
        """,
    }
    answer = ask(draw(tables), "relief-granted", "2020-12-31")
    assert figures(answer) == {"relief_granted": 2}
    # The deferral is no relief in this context, so it is no further grant either.
    assert events(answer, "relief_granted") == (
        "3 further grants of 2 counted cases not counted again",
    )


def test_relief_dates_from_the_first_grant_of_a_kind_that_counts() -> None:
    tables = {
        "cases": """
            | case_id | nta_filed_date |
            | A       | 2019-06-03     |
        """,
        "grants": """
            | case_id | granted_date | relief_type     |
            | A       | 2020-06-01   | asylum          |
            | A       | 2020-03-02   | cat_withholding |
            | A       | 2020-01-02   | cat_deferral    |
        """,
    }
    data = draw(tables)
    assert figures(ask(data, "relief-granted", "2020-03-01")) == {"relief_granted": 0}
    assert figures(ask(data, "relief-granted", "2020-03-02")) == {"relief_granted": 1}
    # Before that day the case is not one of other kinds only: its relief is still to come.
    assert excluded(ask(data, "relief-granted", "2020-03-01"), "relief_granted") == {"as-of": 1}


UNKNOWN = {
    "cases": """
        | case_id | nta_filed_date |
        | A       | 2019-06-03     |
        | B       | 2019-06-03     |
        | C       | 2019-06-03     |
        | D       | 2019-06-03     |
        | E       | 2019-06-03     |
        | F       | 2019-06-03     |
    """,
    "completions": """
        | case_id | completion_date | outcome        |
        | A       | 2020-02-03      | relief_granted |
    """,
    "grants": """
        | case_id | granted_date | relief_type  |
        | A       | 2020-02-03   | unknown      |
        | B       | 2020-02-03   | other        |
        | B       | 2020-02-04   | Unknown      |
        | C       | 2020-02-03   | unknown      |
        | C       | 2020-06-03   | asylum       |
        | D       | 2020-02-03   | cat_deferral |
        | E       | 2021-02-03   | unknown      |
    """,
}


def test_relief_of_unknown_kind_has_a_line_of_its_own() -> None:
    answer = ask(draw(UNKNOWN), "relief-granted", "2020-12-31")
    assert figures(answer) == {"relief_granted": 1}  # C
    assert excluded(answer, "relief_granted") == {
        "no-grant": 1,  # F
        "relief-unknown": 3,  # A, B and E
        "relief-kinds": 1,  # D: of other kinds only
    }
    # Where there are none, there is no such line.
    known = {**UNKNOWN, "grants": re.sub("(?i)unknown", "other", UNKNOWN["grants"])}
    none = ask(draw(known), "relief-granted", "2020-12-31")
    assert "relief-unknown" not in {each.rule for each in none.metric.ledger[0].excluded}


def test_relief_of_unknown_kind_is_warned_of_with_its_number() -> None:
    answer = ask(draw(UNKNOWN), "relief-granted", "2020-12-31")
    assert warnings(answer) == [("relief-unknown", "grants.csv", 2)]
    (warning,) = answer.head.warnings
    assert warning.text.startswith("grants to MPP cases of unknown kind, not counted as relief")
    assert warning.text.endswith(": 4")


def test_relief_needs_no_completion() -> None:
    tables = {
        "cases": """
            | case_id | nta_filed_date |
            | A       | 2019-06-03     |
        """,
        "completions": """
            | case_id | completion_date | outcome |
        """,
        "grants": """
            | case_id | granted_date | relief_type |
            | A       | 2020-02-03   | asylum      |
        """,
    }
    assert figures(ask(draw(tables), "relief-granted")) == {"relief_granted": 1}


def test_a_completion_that_granted_relief_is_no_grant() -> None:
    tables = {
        "cases": """
            | case_id | nta_filed_date |
            | A       | 2019-06-03     |
        """,
        "completions": """
            | case_id | completion_date | outcome        |
            | A       | 2020-02-03      | relief_granted |
        """,
        "grants": """
            | case_id | granted_date | relief_type |
        """,
    }
    answer = ask(draw(tables), "relief-granted")
    assert figures(answer) == {"relief_granted": 0}
    assert excluded(answer, "relief_granted") == {"no-grant": 1}


# -------------------------------------------------- non-refoulement-referrals

REFERRED = {
    "cases": """
        | case_id | nta_filed_date | docket   |
        | A       | 2019-06-03     |          |
        | B       |                |          |
        | C       | 2019-06-03     | detained |
        | D       | 2019-06-03     |          |
        | E       | 2019-06-03     |          |
        | F       | 2021-02-01     |          |
    """,
    "referrals": """
        | case_id | referred_date | outcome  |
        | A       | 2019-07-01    | negative |
        | A       | 2019-08-01    | negative |
        | A       | 2019-09-02    | positive |
        | B       | 2019-07-01    |          |
        | C       | 2019-07-01    | negative |
        | E       | 2021-01-04    | pending  |
        | F       | 2020-12-31    | closed   |
    """,
}


def test_people_are_counted_and_not_referrals() -> None:
    answer = ask(draw(REFERRED), "non-refoulement-referrals", "2020-12-31")
    assert figures(answer) == {"aliens_referred": 3}  # A, once; B; F
    assert answer.metric.headline_measure.unit == "people"
    assert events(answer, "aliens_referred") == (
        "2 further referrals of 1 counted person not counted again",
    )


def test_the_nta_rule_does_not_apply_to_referrals() -> None:
    answer = ask(draw(REFERRED), "non-refoulement-referrals", "2020-12-31")
    # Neither B, whose NTA was never filed, nor F, whose NTA came later, is excluded.
    assert population(answer, "aliens_referred") == 6
    assert excluded(answer, "aliens_referred") == {
        "mpp-docket": 1,  # C
        "no-referral": 1,  # D
        "as-of": 1,  # E
    }


def test_a_person_counts_from_the_first_referral_whatever_came_of_it() -> None:
    data = draw(REFERRED)
    name = "non-refoulement-referrals"
    assert figures(ask(data, name, "2019-06-30")) == {"aliens_referred": 0}
    assert figures(ask(data, name, "2019-07-01")) == {"aliens_referred": 2}
    assert figures(ask(data, name, "2020-12-30")) == {"aliens_referred": 2}
