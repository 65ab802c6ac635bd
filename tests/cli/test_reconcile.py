"""mpp reconcile: its formats, and the check that scripts rely on."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest

from tests.harness import run
from tests.spec.draw import draw


@pytest.fixture(scope="module")
def data() -> Path:
    cases = "| case_id | nta_filed_date |\n| A1 | 2020-01-01 |\n| A2 | 2020-02-01 |"
    return draw({"cases": cases})


@pytest.fixture
def published(tmp_path: Path) -> Path:
    path = tmp_path / "published.csv"
    path.write_text(
        "as_of,publisher,measure,value,published_as,source\n"
        "2020-01-31,X,total_enrolled,1,enrolled,=page 1\n"
        "2020-02-01,X,total_enrolled,4,enrolled,page 2\n"
        "2020-02-01,X,cases_completed,4,,\n"
    )
    return path


def reconcile(*arguments: str | Path) -> tuple[int, str, str]:
    code, out, err = run(["reconcile", *map(str, arguments), "--no-config"])
    return code, out.decode(), err


def test_json(data: Path, published: Path) -> None:
    code, out, _ = reconcile(published, "--data", data, "--tolerance", "10%", "-f", "json")
    document = json.loads(out)
    assert (code, document["format"], document["tolerance"]) == (0, "mpp-reconcile/1", "10%")
    assert (document["checked"], document["outside"]) == (2, 1)
    assert document["figures"][1] == {
        "as_of": "2020-02-01",
        "publisher": "X",
        "measure": "total_enrolled",
        "published_as": "enrolled",
        "published": 4,
        "ours": 2,
        "difference": -2,
        "share": -0.5,
        "status": "ok",
        "reason": None,
        "within_tolerance": False,
        "closest": None,
        "by": {},
        "source": "page 2",
        "variants": [],
        "rows": [],
    }


def test_csv_is_safe(data: Path, published: Path) -> None:
    _, out, _ = reconcile(published, "--data", data, "-f", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert [(row["ours"], row["difference"]) for row in rows] == [("1", "0"), ("2", "-2"), ("", "")]
    assert rows[0]["source"] == "'=page 1"


def test_the_page_says_how_many_are_within_the_tolerance(data: Path, published: Path) -> None:
    for format in ("table", "markdown"):
        _, out, _ = reconcile(published, "--data", data, "-f", format)
        assert "1 of 2 figures that could be checked are within 0" in out


def test_what_belongs_to_a_figure_is_indented_under_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for width in (40, 72, 80, 200):
        monkeypatch.setenv("COLUMNS", str(width))
        for more in ([], ["--by", "component"]):
            _, out, _ = reconcile("--data", "sample", "--publisher", "DHS", *more)
            tables = out.split("\nSource:")[0]
            assert not re.search("^(with|of these|USCIS|Referred|Non-Ref)", tables, re.MULTILINE)
            _, out, _ = reconcile("--data", "sample", "--publisher", "TRAC", *more)
            assert re.search(r"^  (Figure: )?with nta-issue-date, closest", out, re.MULTILINE)
            tables = out.split("\nSource:")[0]
            assert not re.search("^(with|of these|closest)", tables, re.MULTILINE)
    page = reconcile("--data", "sample", "-f", "html")[1]
    assert '<tr class="inner"><th scope="row"><bdi>with nta-issue-date' in page


@pytest.mark.parametrize(
    ("tolerance", "code"), [("0", 5), ("1", 5), ("2", 0), ("49%", 5), ("50%", 0)]
)
def test_the_check_prints_and_then_fails_outside_the_tolerance(
    data: Path, published: Path, tolerance: str, code: int
) -> None:
    done, out, err = reconcile(
        published, "--data", data, "--check", "--tolerance", tolerance, "-f", "csv"
    )
    assert done == code
    assert "total_enrolled" in out
    assert ("published 4" in err) == (code == 5)


def test_a_check_of_nothing_fails(data: Path) -> None:
    code, _, err = reconcile("--data", data, "--check", "--as-of", "2021-01-31")
    assert code == 5
    assert "no published figure can be checked" in err


def test_our_figure_under_a_named_definition_is_that_of_variants(tmp_path: Path) -> None:
    listed = tmp_path / "own.csv"
    listed.write_text(
        "as_of,measure,value,variant\n"
        "2020-12-31,relief_granted,619,count-cat-deferral any-relief referrals\n"
        "2019-11-30,cases_completed,23000,present-state\n"
    )
    _, out, _ = reconcile(listed, "--data", "sample", "-f", "json")
    relief, completed = json.loads(out)["figures"]
    for figure, metric in ((relief, "relief-granted"), (completed, "completion-rate")):
        arguments = ["variants", metric, "--data", "sample", "--as-of", figure["as_of"]]
        code, answer, _ = run([*arguments, "-f", "json", "--no-config"])
        assert code == 0
        others = {each["id"]: each["measures"] for each in json.loads(answer)["variants"]}
        for each in figure["variants"]:
            if each["value"] is None:
                assert each["reason"] == "it does not change relief_granted"
                continue
            measures = {one["name"]: one["value"] for one in others[each["variant"]]}
            assert each["value"] == measures[figure["measure"]]
            assert each["residual"] == each["value"] - figure["published"]
    assert relief["closest"] == "any-relief"


def test_the_sample_is_the_document() -> None:
    code, out, err = reconcile("--data", "sample", "--check", "--publisher", "DHS", "-f", "csv")
    assert (code, err.count("error")) == (0, 0)
    assert {row["difference"] for row in csv.DictReader(io.StringIO(out))} == {"0"}


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--tolerance", "much"], 2, "unreadable tolerance"),
        (["--publisher", "TARC"], 2, 'did you mean "TRAC"'),
        (["--as-of", "2020-02-02"], 2, "no published figure as of"),
        (["nowhere.csv"], 3, "nowhere.csv: cannot be read"),
        (["-f", "value"], 2, "no value output"),
    ],
)
def test_what_is_refused(data: Path, arguments: list[str], code: int, said: str) -> None:
    done, out, err = reconcile(*arguments, "--data", data)
    assert (done, out) == (code, "")
    assert said in err


def test_the_list_is_never_written_over(data: Path, published: Path) -> None:
    before = published.read_text()
    code, _, err = reconcile(published, "--data", data, "-o", published)
    assert code == 2
    assert "--output names the list" in err
    assert published.read_text() == before
