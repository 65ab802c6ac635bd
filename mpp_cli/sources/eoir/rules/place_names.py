"""Names of hearing locations and nationalities, by the lookups of the release."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mpp_cli.sources.eoir.release import LOCATIONS, NATIONALITIES


@dataclass(frozen=True)
class Lookup:
    """A lookup of names: the column of proceedings whose codes it explains, and what it fills.

    ``code`` and ``name`` are its own columns, which releases call by several names.
    """

    table: str
    column: str
    fills: str
    code: tuple[str, ...]
    name: tuple[str, ...]

    def columns(self, header: Sequence[str]) -> tuple[str, str] | None:
        """Its columns of codes and of names, None when it has none by a known name."""
        code = next((each for each in self.code if each in header), None)
        name = next((each for each in self.name if each in header), None)
        return (code, name) if code and name else None


LOOKUPS = (
    Lookup(
        LOCATIONS,
        "HEARING_LOC_CODE",
        "hearing_location_name",
        ("HEARING_LOC_CODE", "STRHEARINGLOCCODE", "STRCODE"),
        ("HEARING_LOC_NAME", "STRHEARINGLOCNAME", "STRDESCRIPTION", "STRDESC"),
    ),
    Lookup(
        NATIONALITIES,
        "NAT",
        "nationality_name",
        ("NAT_CODE", "NAT", "STRNATCODE", "STRCODE"),
        ("NAT_NAME", "STRNATNAME", "NAT_DESCRIPTION", "STRDESCRIPTION", "STRDESC"),
    ),
)


def names(rows: Sequence[Mapping[str, str]], code: str, name: str) -> dict[str, str]:
    """Names by code; of rows with one code the first counts."""
    found: dict[str, str] = {}
    for row in rows:
        if row[code]:
            found.setdefault(row[code], row[name])
    return found
