"""A table or column that a release lacks makes what needs it unavailable, never zero."""

from __future__ import annotations

from pathlib import Path

import pytest

import mpp_cli
from mpp_cli.errors import DataError
from tests.harness import run, run_json
from tests.sources import court

PROCEEDINGS = """
| IDNPROCEEDING | IDNCASE | INPUT_DATE | COMP_DATE  | DEC_CODE | ABSENTIA | NAT | CUSTODY |
| 11            | 1       | 2019-03-01 | 2019-06-01 | X        | Y        | HO  | N       |
"""


def without(release: Path, *columns: str, table: str = court.PROCEEDINGS) -> Path:
    """The release without columns of one of its tables."""

    def cut(text: bytes) -> bytes:
        rows = [line.split(b"\t") for line in text.splitlines()]
        kept = [n for n, name in enumerate(rows[0]) if name.decode() not in columns]
        return b"".join(b"\t".join(row[n] for n in kept) + b"\n" for row in rows)

    court.rewrite(release, table, cut)
    return release


def answer(release: Path, metric: str) -> tuple[str, str | None]:
    """Status and reason of a metric, from the release and from an import of it alike."""
    out = release.parent / f"{release.name}-{metric}"
    code, _, told = run(["import", "eoir", str(release), "-o", str(out), "-q"])
    assert code == 0, told
    found = []
    for data in (release, out):
        _, report, told = run_json(["report", "--data", str(data), "--additional"])
        assert report is not None, told
        every = report["goals"] + [{"metrics": report["additional"]}]
        (one,) = [m for goal in every for m in goal["metrics"] if m["name"] == metric]
        found.append((one["status"], one.get("reason")))
    assert found[0] == found[1]
    return found[0]


def test_without_absentia_nobody_knows_of_orders_in_absentia(tmp_path: Path) -> None:
    release = court.draw(tmp_path, proceedings=PROCEEDINGS)
    assert answer(release, "in-absentia")[0] == "ok"
    cut = without(court.draw(tmp_path, proceedings=PROCEEDINGS), "ABSENTIA")
    reason = "B_TblProceeding.csv has no column ABSENTIA"
    assert answer(cut, "in-absentia") == ("unavailable", reason)
    assert court.figures(cut)["cases_completed"] == 1


def test_without_counsel_representation_is_unavailable(tmp_path: Path) -> None:
    release = court.draw(tmp_path, proceedings=PROCEEDINGS)
    expected = ("unavailable", "the release has no A_TblCase")
    assert answer(release, "representation") == expected
    there = court.draw(tmp_path, proceedings=PROCEEDINGS, cases="| IDNCASE |\n| 1 |")
    without(there, "E_28_DATE", table=court.CASES)
    expected = ("unavailable", "A_TblCase.csv has no column E_28_DATE")
    assert answer(there, "representation") == expected
    # Which cases there are is known from it all the same.
    assert court.account(there, court.CASES).rows_used == 1


@pytest.mark.parametrize(
    ("column", "by"), [("NAT", "nationality"), ("HEARING_LOC_CODE", "hearing_location")]
)
def test_a_column_that_is_not_there_is_no_group_of_blanks(
    tmp_path: Path, column: str, by: str
) -> None:
    release = without(court.draw(tmp_path, proceedings=PROCEEDINGS), column)
    for asked in (["--by", by], ["--where", f"{by}=HO"]):
        command = ["metric", "total-enrolled", "--data", str(release), *asked]
        code, said, told = run(command)
        assert (code, said) == (2, b"")
        assert f"there is no {by}: B_TblProceeding.csv has no column {column}" in told


def test_without_locations_the_counts_of_the_rules_are_unknown(tmp_path: Path) -> None:
    release = without(court.draw(tmp_path, proceedings=PROCEEDINGS), "HEARING_LOC_CODE")
    _, said, _ = run(["import", "eoir", str(release), "-o", str(tmp_path / "out")])
    words = " ".join(said.decode().split())
    assert "by identifier only unknown, by location only unknown, by both unknown; MP 1" in words
    assert "was heard at an MPP location is not known" in words
    with court.explained(release) as report:
        notes = {each.id: each.text for each in report.metrics[2].footnotes}
    assert (
        "by the location only: unknown; by both: unknown. With identifier MP: 1"
        in (notes["eoir-cohort"])
    )
    for rule in ("location", "either", "both"):
        with pytest.raises(DataError, match=f"which --cohort {rule} uses"):
            court.figures(release, cohort=rule)


def test_without_identifiers_the_counts_of_the_rules_are_unknown(tmp_path: Path) -> None:
    drawn = "| IDNPROCEEDING | IDNCASE | INPUT_DATE | HEARING_LOC_CODE |\n"
    release = court.draw(
        tmp_path, identifiers=None, proceedings=drawn + "| 11 | 1 | 2019-03-01 | MPB |"
    )
    with court.load(release, cohort="location") as data:
        settled = data.judgement.dataset.settled[0]
        assert "identifier" not in data.judgement.dataset.columns("cases")
        report = mpp_cli.report(data)
    assert settled.about["cohort"] == {
        "identifier_only": None,
        "location_only": None,
        "both": None,
        "by_identifier": {"MP": None, "RM": None},
    }
    assert report.metrics[2].measures[0].value == 1
    assert "eoir-cohort-unknown" in court.warned(release, cohort="location")


def test_other_dockets_need_the_custody(tmp_path: Path) -> None:
    release = without(court.draw(tmp_path, proceedings=PROCEEDINGS), "CUSTODY")
    assert court.figures(release)["total_enrolled"] == 1
    with pytest.raises(DataError, match=r"CUSTODY.* is missing, which --compare-dockets uses"):
        court.figures(release, compare_dockets=True)
