"""How an error looks: one line with its place, an excerpt, a remedy."""

from __future__ import annotations

import pickle

import pytest

from mpp_cli.common.errors import (
    CheckFailed,
    DataError,
    MppError,
    OutputError,
    UnavailableError,
    UsageError,
    did_you_mean,
    nearest,
    render,
)

METRICS = ["completion-rate", "relief-granted", "enforcement-encounters", "total_enrolled"]


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (MppError, 70),
        (UsageError, 2),
        (DataError, 3),
        (UnavailableError, 3),
        (OutputError, 4),
        (CheckFailed, 5),
    ],
)
def test_each_kind_has_its_exit_code(kind: type[MppError], code: int) -> None:
    assert kind("text").exit_code == code
    assert isinstance(kind("text"), MppError)


def test_an_error_shows_place_excerpt_and_remedy() -> None:
    error = DataError(
        'unreadable date "31/12/2020" in nta_filed_date',
        file="cases.csv",
        line=1284,
        excerpt="A123,31/12/2020,USBP\n",
        hint="dates are YYYY-MM-DD or M/D/YYYY; map another format in mpp.toml",
    )
    assert render(error) == (
        'mpp: error: cases.csv:1284: unreadable date "31/12/2020" in nta_filed_date\n'
        "      A123,31/12/2020,USBP\n"
        "hint: dates are YYYY-MM-DD or M/D/YYYY; map another format in mpp.toml"
    )


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (MppError("text"), "mpp: error: text"),
        (MppError("text", file="a.csv"), "mpp: error: a.csv: text"),
        (MppError("text", line=3), "mpp: error: line 3: text"),
        (MppError("text", hint="do so"), "mpp: error: text\nhint: do so"),
        (MppError("text", excerpt="  a,b"), "mpp: error: text\n        a,b"),
        (MppError("text", excerpt=" \r\n"), "mpp: error: text"),
    ],
)
def test_what_an_error_lacks_is_left_out(error: MppError, expected: str) -> None:
    assert render(error) == expected


def test_the_program_can_have_another_name() -> None:
    assert render(MppError("text"), prog="mpp report") == "mpp report: error: text"


@pytest.mark.parametrize(
    ("hidden", "shown"),
    [
        ("\x1b[31m", "\\x1b[31m"),  # a terminal escape
        ("\x00", "\\x00"),
        ("\t", "\\x09"),
        ("a\nmpp: error: forged", "a\\x0ampp: error: forged"),
        ("\r", "\\x0d"),
        ("\x7f", "\\x7f"),
        ("\x9b", "\\x9b"),  # a C1 escape introducer
        ("\u202e", "\\u202e"),  # text runs backwards from here
        ("\u2066", "\\u2066"),
        ("\u200f", "\\u200f"),
        ("\u061c", "\\u061c"),
        ("\u2028", "\\u2028"),
        ("\udce9", "\\xe9"),  # the byte E9 of a file name that is not UTF-8
        ("é中🙂", "é中🙂"),
        ("[bold]", "[bold]"),
        ("\\x1b", "\\x1b"),
    ],
)
def test_control_characters_are_shown_and_not_obeyed(hidden: str, shown: str) -> None:
    error = MppError(hidden, file=hidden, line=1, excerpt=f"|{hidden}|", hint=hidden)
    assert render(error) == (f"mpp: error: {shown}:1: {shown}\n      |{shown}|\nhint: {shown}")
    assert str(error) == f"{shown}:1: {shown}"
    render(error).encode("utf-8")


@pytest.mark.parametrize(
    ("excerpt", "shown"),
    [
        ("x" * 200, "x" * 200),
        ("x" * 201, "x" * 200 + "…"),
        ("x" * 10_000_000, "x" * 200 + "…"),
        # An escape counts as what is shown, and is not cut in two.
        ("\x00" * 200, "\\x00" * 50 + "…"),
        ("xx" + "\x00" * 200, "xx" + "\\x00" * 49 + "…"),
    ],
)
def test_a_long_excerpt_is_cut(excerpt: str, shown: str) -> None:
    assert render(MppError("text", excerpt=excerpt)) == f"mpp: error: text\n      {shown}"


def test_an_error_keeps_its_parts_between_processes() -> None:
    error = DataError("text", file="a.csv", line=2, excerpt="x", hint="h")
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is DataError
    assert render(copy) == render(error)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("completion-rate", "completion-rate"),
        ("completion_rate", "completion-rate"),
        ("Completion Rate", "completion-rate"),
        ("COMPLETION-RATE", "completion-rate"),
        ("total-enrolled", "total_enrolled"),
        ("completon-rate", "completion-rate"),
        ("releif_granted", "relief-granted"),
        ("zzz", None),
        ("", None),
        ("x" * 100_000, None),
    ],
)
def test_the_nearest_name(name: str, expected: str | None) -> None:
    assert nearest(name, METRICS) == expected


def test_among_equally_near_names_the_first_is_taken() -> None:
    assert nearest("AB", ["ab", "Ab"]) == "ab"


@pytest.mark.parametrize(
    ("name", "known", "expected"),
    [
        ("completon-rate", METRICS, 'did you mean "completion-rate"?'),
        ("zzz", ["docket", "sex"], "known names: docket, sex"),
        ("zzz", [], "there are no names to choose from"),
    ],
)
def test_the_hint_for_an_unknown_name(name: str, known: list[str], expected: str) -> None:
    assert did_you_mean(name, known) == expected


def test_a_long_list_of_names_is_cut() -> None:
    hint = did_you_mean("zzz", [f"n{number}" for number in range(2000)])
    assert hint.startswith("known names: n0, n1, ")
    assert hint.endswith(", n39 and 1,960 more")
