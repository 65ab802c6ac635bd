"""The choices that shape an import of a court release, each with its default."""

from __future__ import annotations

from dataclasses import dataclass

from mpp_cli.common.errors import UsageError, did_you_mean

#: Case identifiers that the court gave MPP cases: MPP, and its second form of
#: December 2021.
IDENTIFIERS = ("MP", "RM")

#: Hearing locations of MPP dockets. The release's lookup names each "MPP …";
#: its test location MPP and the bridges POE and PDN are not among them.
LOCATIONS = ("MPB", "MPL", "ENP", "SYP", "CIX", "OPP", "TUM")

COHORTS = ("identifier", "location", "either", "both")
NTA_DATES = ("input", "issued")
CUSTODIES = ("first", "deciding", "latest")


@dataclass(frozen=True)
class Options:
    """How cases are chosen and dated; see ``--help`` of ``mpp import eoir``.

    Raises UsageError for a choice that does not exist.
    """

    cohort: str = "identifier"
    case_types: tuple[str, ...] = ("RMV",)
    nta_date: str = "input"
    compare_dockets: bool = False
    custody: str = "first"

    def __post_init__(self) -> None:
        for option, value, known in (
            ("--cohort", self.cohort, COHORTS),
            ("--nta-date", self.nta_date, NTA_DATES),
            ("--custody", self.custody, CUSTODIES),
        ):
            if value not in known:
                raise UsageError(
                    f'{option} does not know "{value}"', hint=did_you_mean(value, known)
                )
        if not self.case_types or not all(self.case_types):
            raise UsageError(
                "--case-types names no case type",
                hint="write codes with commas between them: RMV or RMV,DEP,EXC,AOC,WHO",
            )


def split_codes(text: str) -> tuple[str, ...]:
    """Codes written with commas between them, each once, in order."""
    return tuple(dict.fromkeys(code.strip() for code in text.split(",") if code.strip()))
