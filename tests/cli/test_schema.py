"""mpp schema: the input format as text, and as the published Table Schema."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mpp_cli.sources import schema as described
from mpp_cli.sources.schema import TABLES, table
from tests.harness import run


def schema(*arguments: str) -> tuple[int, str, str]:
    code, out, err = run(["schema", *arguments])
    return code, out.decode(), err


@pytest.mark.parametrize("name", TABLES)
def test_the_json_of_a_table_is_the_published_description(name: str) -> None:
    published = Path(described.__file__).parent / f"{name}.json"
    assert schema(name, "-f", "json") == (0, published.read_text(encoding="utf-8"), "")


def test_the_json_of_all_is_a_data_package_of_the_five() -> None:
    code, out, err = schema("--format", "json")
    document = json.loads(out)
    assert (code, err) == (0, "")
    assert document["$schema"] == "https://datapackage.org/profiles/2.0/datapackage.json"
    assert [each["name"] for each in document["resources"]] == list(TABLES)
    assert [each["path"] for each in document["resources"]] == [f"{each}.csv" for each in TABLES]
    for each in document["resources"]:
        assert each["schema"] == described.descriptor(each["name"])


@pytest.mark.parametrize("format", ["table", "markdown"])
@pytest.mark.parametrize("name", TABLES)
def test_text_says_columns_kinds_values_and_what_happens(name: str, format: str) -> None:
    code, out, _ = schema(name, "-f", format)
    plain = " ".join(out.replace("\\", "").replace("**", "").split())
    assert code == 0
    for column in table(name).columns:
        assert column.name + ("*:" if column.required else ":") in plain.replace("\\", "")
        assert column.description.rstrip(".") in plain
        if column.values:
            assert f"Values: {', '.join(column.values)}." in plain
        if column.unreadable == "blanked":
            assert "Unreadable: read as blank, and counted." in plain
        elif column.unreadable:
            assert f"Unreadable: the row is set aside ({column.unreadable})." in plain


def test_all_tables_are_on_one_page() -> None:
    code, out, _ = schema()
    assert code == 0
    positions = [out.index(f"\n{name}\n───") for name in TABLES]
    assert positions == sorted(positions)


def test_every_kind_of_column_is_explained() -> None:
    from mpp_cli.cli.schema_page import KINDS

    assert {column.kind for name in described.READ for column in table(name).columns} <= {*KINDS}


def test_a_name_is_read_like_a_header_and_the_nearest_is_suggested() -> None:
    assert schema("Cases", "-f", "json") == schema("cases", "-f", "json")
    code, out, err = schema("completion")
    assert (code, out) == (2, "")
    assert 'unknown table "completion"' in err
    assert 'did you mean "completions"?' in err


@pytest.mark.parametrize("format", ["csv", "value", "jsno"])
def test_other_formats_are_refused(format: str) -> None:
    code, out, err = schema("cases", "-f", format)
    assert (code, out) == (2, "")
    assert format in err


def test_the_output_is_a_file_and_its_ending_picks_the_format(tmp_path: Path) -> None:
    target = tmp_path / "cases.json"
    assert schema("cases", "-o", str(target)) == (0, "", "")
    assert json.loads(target.read_text()) == described.descriptor("cases")


def test_no_data_are_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mpp.toml").write_text('data = "gone/"\n')
    assert schema("cases")[0] == 0
