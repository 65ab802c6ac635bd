"""Court releases drawn in a test become folders of tab-separated files."""

from __future__ import annotations

import contextlib
import datetime
import tempfile
from collections.abc import Mapping
from pathlib import Path

import mpp_cli
from mpp_cli.analysis.api import Data
from mpp_cli.results.report import Source, Value
from mpp_cli.sample.release.file_layout import COLUMNS
from mpp_cli.sources.eoir.options import Options

#: The day on which the tests take place.
TODAY = datetime.date(2026, 3, 1)

IDENTIFIERS, PROCEEDINGS = "A_TblCaseIdentifier", "B_TblProceeding"
APPLICATIONS, CASES, DECISIONS = "tbl_Court_Appln", "A_TblCase", "tblLookupCourtDecision"
PLACES, NATIONS = "tblLookupHloc", "tblLookupAlienNat"

#: A small lookup with what the rules speak of; tests may draw another.
LOOKUP = """
| strCaseType | strDecCode | strDecDescription              | strDecType |
| RMV         | X          | Remove                         | C |
| RMV         | X          | ZERO BOND                      | O |
| RMV         | R          | Relief Granted                 | C |
| RMV         | E          | Remove-INA Withholding Granted | C |
| RMV         | Z          | Remove-CAT Withholding Granted | C |
| RMV         | G          | Remove-CAT Deferral Granted    | C |
| RMV         | Q          | Final Grant of EOIR 42B/SUSP   | C |
| RMV         | T          | Terminated                     | C |
| RMV         | T          | Transfer                       | O |
| RMV         | C          | Change of Venue                | O |
| RMV         | K          | Administrative Closure         | O |
| RMV         | A          | Administrative Closing - Other | O |
| RMV         | J          | Jurisdiction Transferred to the BIA | O |
| RMV         | F          | Failure to Prosecute (DHS cases only) | O |
| WHO         | G          | Grant-CAT Withholding          | C |
"""

#: One MPP case, its number 1.
ONE = "| IDNCASEID | IDNCASE | CASE_ID |\n| 501 | 1 | MP |"


def draw(
    folder: Path,
    *,
    identifiers: str | None = ONE,
    proceedings: str,
    applications: str
    | None = "| IDNPROCEEDINGAPPLN | IDNPROCEEDING | IDNCASE | APPL_CODE | APPL_DEC |",
    cases: str | None = None,
    decisions: str | None = LOOKUP,
    places: str | None = None,
    nations: str | None = None,
) -> Path:
    """A release in a new folder inside ``folder``; None leaves a file out.

    A drawing names the columns that matter, one line per row; all other columns
    of the file are there, too, and blank. Case types are RMV where not said.
    """
    made = Path(tempfile.mkdtemp(dir=folder))
    for table, drawing in (
        (IDENTIFIERS, identifiers),
        (PROCEEDINGS, proceedings),
        (APPLICATIONS, applications),
        (CASES, cases),
        (DECISIONS, decisions),
        (PLACES, places),
        (NATIONS, nations),
    ):
        if drawing is not None:
            (made / f"{table}.csv").write_text(_text(table, drawing), encoding="cp1252")
    return made


def _text(table: str, drawing: str) -> str:
    header, *rows = (
        [field.strip() for field in line.strip().strip("|").split("|")]
        for line in drawing.strip().splitlines()
    )
    lines = ["\t".join(COLUMNS[table])]
    for row in rows:
        values = dict.fromkeys(COLUMNS[table], "") | dict(zip(header, row, strict=True))
        if table == PROCEEDINGS and "CASE_TYPE" not in header:
            values["CASE_TYPE"] = "RMV"
        lines.append("\t".join(values.values()))
    return "\n".join(lines) + "\n"


def load(release: Path, **rules: object) -> Data:
    """The release under these rules; to be used in a ``with`` block."""
    return mpp_cli.load(release, today=TODAY, court_options=Options(**rules))  # type: ignore[arg-type]


def figures(release: Path, as_of: str | None = None, **rules: object) -> dict[str, Value]:
    """The measures of the document that a release can answer."""
    with load(release, **rules) as data:
        report = mpp_cli.report(data, as_of=as_of)
        return {
            measure.name: measure.value
            for metric in report.metrics
            if metric.status == "ok"
            for measure in metric.measures
        }


def rows(release: Path, table: str, columns: str, **rules: object) -> list[tuple[object, ...]]:
    """Columns of an event table, in the order of their values."""
    with load(release, **rules) as data:
        engine = data.judgement.dataset.engine
        for own in ("identifier", "hearing_location_name", "nationality_name"):
            columns = columns.replace(f" {own}", f" x_{own}")
        found = engine.fetch(f"SELECT {columns} FROM used_{table}")
        return sorted(found, key=repr)


def account(release: Path, table: str = PROCEEDINGS, **rules: object) -> Source:
    """The account of one file of the release, which balances."""
    with load(release, **rules) as data:
        sources: Mapping[str, Source] = {
            Path(each.file).stem: each for each in data.judgement.sources
        }
        assert all(each.closes for each in sources.values())
        return sources[table]


def warned(release: Path, **rules: object) -> list[str]:
    """The warnings of the release's own reader."""
    with load(release, **rules) as data:
        return [each.id for each in data.judgement.dataset.warnings]


def rewrite(release: Path, table: str, change: object) -> None:
    """Change the bytes of one file by a function of them."""
    path = next(each for each in release.rglob("*") if each.stem == table)
    assert callable(change)
    path.write_bytes(change(path.read_bytes()))


@contextlib.contextmanager
def explained(release: Path, **rules: object):  # type: ignore[no-untyped-def]
    """The report of a release."""
    with load(release, **rules) as data:
        yield mpp_cli.report(data)
