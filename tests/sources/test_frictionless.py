"""What mpp sample writes is valid by the schema that mpp schema prints.

The public tool frictionless says so where it is installed; it needs other
versions of our dependencies, so it is found as a program on the path (or as
``$FRICTIONLESS``) and is no dependency of the tests. The same constraints are
checked in plain Python everywhere.
"""

from __future__ import annotations

import csv
import datetime
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.harness import run

CASES = "2000"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("frictionless") / "sample"
    assert run(["sample", str(folder), "--cases", CASES])[0] == 0
    return folder


@pytest.fixture(scope="module")
def package() -> dict[str, Any]:
    code, out, _ = run(["schema", "--format", "json"])
    assert code == 0
    document: dict[str, Any] = json.loads(out)
    return document


def test_the_sample_describes_itself_by_the_same_schemas(
    made: Path, package: dict[str, Any]
) -> None:
    own = json.loads((made / "datapackage.json").read_text())
    assert own["resources"] == package["resources"]


def test_frictionless_accepts_the_sample(made: Path, package: dict[str, Any]) -> None:
    program = os.environ.get("FRICTIONLESS") or shutil.which("frictionless")
    if program is None:
        pytest.skip(
            "frictionless is not installed: pip install it elsewhere, name it in $FRICTIONLESS"
        )
    (made / "printed.json").write_text(json.dumps(package))
    done = subprocess.run(
        [program, "validate", "printed.json", "--json"],
        cwd=made,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    report = json.loads(done.stdout)
    assert report["valid"], report
    assert len(report["tasks"]) == 5
    assert done.returncode == 0


def test_the_constraints_hold_in_plain_python(made: Path, package: dict[str, Any]) -> None:
    keys: dict[str, set[str]] = {}
    for resource in package["resources"]:
        name, schema = resource["name"], resource["schema"]
        with (made / resource["path"]).open(encoding="utf-8", newline="") as stream:
            header, *rows = csv.reader(stream)
        assert rows
        # frictionless goes by position: the file has all the columns, in order.
        assert header == [field["name"] for field in schema["fields"]]
        for place, field in enumerate(schema["fields"]):
            column = [row[place] for row in rows]
            check(field, column)
        keys[name] = (
            {row[header.index("case_id")] for row in rows} if "case_id" in header else set()
        )
        for key in schema.get("foreignKeys", ()):
            assert keys[name] <= keys[key["reference"]["resource"]]


def check(field: dict[str, Any], column: list[str]) -> None:
    """That every value of a column is of its type and meets its constraints."""
    constraints = field.get("constraints", {})
    given = [text for text in column if text != ""]
    if constraints.get("required"):
        assert len(given) == len(column), field["name"]
    if constraints.get("unique"):
        assert len({*given}) == len(given), field["name"]
    if "enum" in constraints:
        assert {*given} <= {*constraints["enum"]}, field["name"]
    if "pattern" in constraints:
        assert all(re.fullmatch(constraints["pattern"], text) for text in given), field["name"]
    for text in given:
        match field["type"]:
            case "date":
                assert re.fullmatch(r"\d{4}-\d\d-\d\d", text)
                datetime.date.fromisoformat(text)
            case "integer":
                assert int(text) >= constraints.get("minimum", int(text))
            case "boolean":
                assert text in {"true", "True", "TRUE", "1", "false", "False", "FALSE", "0"}
            case kind:
                assert kind == "string"
