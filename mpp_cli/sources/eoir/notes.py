"""The rules of an import in words: each becomes a footnote of the figures that it shapes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mpp_cli.sources.eoir import ledger
from mpp_cli.sources.eoir.cohort import Counts
from mpp_cli.sources.eoir.options import LOCATIONS, Options
from mpp_cli.sources.eoir.release import DECISIONS, Release
from mpp_cli.sources.settled import SourceNote

#: Why there is no figure for referrals.
NO_REFERRALS = (
    "referrals to USCIS are not in the court's data; add a table referrals to the data to count "
    "them"
)

_COHORTS = {
    "identifier": "MPP cases are those with the case identifier MP or RM",
    "location": "MPP cases are those with any proceeding at an MPP hearing location",
    "either": "MPP cases are those with the case identifier MP or RM, or with any proceeding at an "
    "MPP hearing location",
    "both": "MPP cases are those with the case identifier MP or RM and any proceeding at an MPP "
    "hearing location",
}

_NTA_DATES = {
    "input": "Every case in the release was docketed, so its NTA was filed. It is dated by the "
    "earliest INPUT_DATE of its proceedings, the day on which the court made the record; a "
    "proceeding without one is dated by its own OSC_DATE, the day the NTA was issued "
    "(nta-date input).",
    "issued": "Every case in the release was docketed, so its NTA was filed; it is dated by the "
    "earliest OSC_DATE of its proceedings, the day it was issued (nta-date issued).",
}

#: Which proceeding says on which docket a case is.
_CUSTODIES = {
    "first": "the first proceeding that says so",
    "deciding": "the proceeding of the initial completion, or by the latest that says so where "
    "there is none or it does not say",
    "latest": "the latest proceeding that says so",
}

#: What the rule of the NTA leaves out here: every case that was docketed has one, so that it
#: lacks a date only where no proceeding that counts has one.
_WORDS = {"nta-filed-only": "cases without a selected proceeding that has a date"}

_ANY = ("cases", "completions", "grants")


def terms(options: Mapping[str, Any]) -> dict[str, Any]:
    """How the tables are to be read, as :class:`Settled` has it, from the options of an import."""
    return {
        "words": _WORDS,
        "lists": ("cases.identifier",),
        "every_year": bool(options.get("compare_dockets")),
    }


def told(count: int | None) -> str:
    """A number of cases that a release may not tell."""
    return "unknown" if count is None else f"{count:,}"


def notes(
    release: Release, options: Options, counts: Counts, own_lookup: bool
) -> Iterator[SourceNote]:
    """The rules that were applied, in order; ``own_lookup`` tells that decisions are its own."""
    yield SourceNote(
        "eoir-cohort",
        f"{_COHORTS[options.cohort]} (cohort {options.cohort}; locations {', '.join(LOCATIONS)}). "
        "A case with both identifiers is one case, and among those with each. "
        f"Cases known by the identifier only: {told(counts.identifier_only)}; by the location "
        f"only: {told(counts.location_only)}; by both: {told(counts.both)}. With identifier "
        + "; ".join(f"{code}: {told(count)}" for code, count in counts.by_identifier.items())
        + ".",
        ("cases",),
    )
    yield SourceNote(
        "eoir-case-types",
        f"Proceedings of case type {', '.join(options.case_types)} count (case-types). A case "
        "without one has no NTA date and is not enrolled: nta-filed-only leaves it out.",
        _ANY,
    )
    yield SourceNote(
        "eoir-corrections",
        "Of rows about one proceeding with different values the last in the file counts; the "
        f"earlier ones are outside ({ledger.SUPERSEDED}).",
        _ANY,
    )
    yield SourceNote("eoir-nta-date", _NTA_DATES[options.nta_date], ("cases",))
    lookup = "the release's own lookup"
    if not own_lookup:
        lookup = f"mpp's own, incomplete table (the release has no usable {DECISIONS})"
    yield SourceNote(
        "eoir-completion",
        f"A completion is a proceeding with a COMP_DATE and a DEC_CODE that {lookup} lists for its "
        "case type as a completion (type C), and its outcome is what the description there says. "
        "Changes of venue, transfers, zero bonds and transfers of "
        "jurisdiction to the BIA are none; other administrative completions (OTHER_COMP) are not "
        "initial completions. Completions are in the order of COMP_DATE and IDNPROCEEDING.",
        ("completions",),
    )
    yield SourceNote(
        "eoir-in-absentia",
        "A completion is in absentia when its ABSENTIA is Y.",
        ("in_absentia",),
    )
    yield SourceNote(
        "eoir-relief",
        "Asylum is an ASYL application granted (APPL_DEC F, G, C, I or P); statutory withholding "
        "an ASYW application so granted or a decision described as INA Withholding; CAT "
        "withholding a WCAT application so granted (or L) or a decision described as CAT "
        "Withholding. Where the decision is described as CAT Deferral, a granted WCAT "
        "application is also deferral. Withholding is granted with a removal order. Relief "
        "Granted without "
        "any granted application is relief of unknown kind, and not counted. Voluntary departure "
        "is not relief. Relief is dated by the COMP_DATE of its proceeding or, where that ended "
        "without a decision, by the first later decision, if there is one; the earliest date "
        "counts.",
        ("grants",),
    )
    yield SourceNote(
        "eoir-counsel",
        "Counsel appeared on the earliest E_28_DATE of the case.",
        ("representation_date",),
    )
    yield SourceNote(
        "eoir-first-proceeding",
        "Nationality and hearing location are those of the case's first proceeding, and their "
        "names those that the release's own lookups give the codes.",
        ("nationality", "hearing_location", "nationality_name", "hearing_location_name"),
    )
    if options.compare_dockets:
        yield SourceNote(
            "eoir-dockets",
            "Other cases are detained where CUSTODY is D and non-detained where it is N or R, by "
            f"{_CUSTODIES[options.custody]} (custody {options.custody}); those of which none does "
            f"are left out ({ledger.NO_DOCKET}). Their applications for relief and their counsel "
            "are not read.",
            ("cases",),
        )
    day = f", released by {release.day}" if release.day else ""
    yield SourceNote(
        "eoir-release",
        f'From the EOIR case data release "{release.name}"{day}. The court overwrites its records '
        "and its case identifiers are undated, so a figure as of an earlier date will not equal "
        "what was published then.",
        _ANY,
    )
