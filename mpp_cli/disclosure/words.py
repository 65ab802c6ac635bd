"""The words that stand for what is hidden, and remarks that tell no small count."""

from __future__ import annotations

import re

from mpp_cli.common.errors import UsageError
from mpp_cli.results.report import WITHHELD

#: The least N that hides anything: "<2" could only be 1, because 0 is shown.
LEAST = 3


def check(below: int | None) -> int | None:
    """The N of ``--suppress-below``; UsageError for one that would hide nothing."""
    if below is not None and below < LEAST:
        raise UsageError(
            f"--suppress-below {below} would hide nothing: 0 is shown, so <2 could only be 1",
            hint=f"give {LEAST} or more; 11 is a common choice",
        )
    return below


def sentence(below: int, more: str = "") -> str:
    """The footnote that says what was done, ``more`` of it, and what it cannot do."""
    done = (
        f"Counts from 1 to {below - 1} are shown as <{below}; 0 is shown. Other figures are "
        "withheld where they would reveal a hidden count."
    )
    cannot = (
        "This cannot cover what a comparison with other output reveals: another date, breakdown, "
        "selection (--where), metric or release of the same data, or the same without suppression."
    )
    return " ".join(each for each in (done, more, cannot) if each)


def masked(text: str, below: int, together: bool = False, every: bool = False) -> str:
    """A remark in which small counts of cases, events or rows are shown as ``<N``.

    Its counts may be parts of each other and of the population of the figures, so that a
    single one could be worked out from the rest: ``together`` withholds these others, too,
    where one of them is small; ``every`` withholds them whatever they are.
    """

    def is_small(found: str) -> bool:
        return 0 < int(found.replace(",", "")) < below

    withheld = every or (together and any(map(is_small, _COUNTED.findall(text))))

    def shown(match: re.Match[str]) -> str:
        if is_small(match[0]):
            return f"<{below}"
        return WITHHELD if withheld and match[0] != "0" else match[0]

    text = _COUNTED.sub(shown, text)
    for singular, plural in _PLURALS.items():
        text = re.sub(f"<{below} {singular}", f"<{below} {plural}", text)
    return text


def without_rows(text: str) -> str:
    """A remark that does not tell how many rows there are."""
    return _ROWS.sub(WITHHELD, text)


# A number that counts something: "3 MPP cases have", "2 completions are", "1 nta_filed_date
# lies"; one after a colon, as in "by both: 12;", and one after a code, as in "RMV B (3)".
_COUNTED = re.compile(
    r"(?<=: )\d[\d,]*(?=[;.,]|$)|(?<=\w \()\d[\d,]*(?=\)(?:,|$))|"
    r"(?<![\w.,/:-])\d[\d,]*(?=[ \ue000](?:(?:\w+ ){0,2}"
    r"(?:cases?|people|person|completions?|grants?|referrals?|encounters?|values|lies"
    r"|proceedings?)\b|rows? below))"
)

# "40 rows of cases.csv", "12 rows were read": how many rows a file has.
_ROWS = re.compile(r"(?<![\w.,/:-])\d[\d,]*(?=[ \ue000]rows (?:of|were read)\b)")

#: A verb after ``<N`` must not say that it is 1.
_PLURALS = {
    "(MPP )?case has": r"\1cases have",
    "completion is": "completions are",
    r"(\w+) lies": r"values of \1 lie",
    "row below the last full one has": "rows below the last full one have",
}
