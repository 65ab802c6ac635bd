"""One set of tables in every container gives one report and one account."""

from __future__ import annotations

import gzip
import io
import json
import os
import socket
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from unittest import mock

import duckdb
import pytest

import mpp_cli
from mpp_cli import results
from mpp_cli.errors import DataError
from mpp_cli.sources import parquet as parquet_reader
from tests.sources import court

#: Every kind of row that a Parquet file can hold, too.
TABLES = {
    "cases": (
        "case_id,nta_filed_date,nationality,location,docket,representation_date\n"
        'A1,2019-02-01,Honduras,"Port Isabel, TX",,\n'
        'A2,2019-02-02,Cuba,"the ""Tent"" court",MPP,2019-05-01\n'
        "A3,02/03/2019 10:11:12,Ñuñoa,Ávila de México,mpp,someday\n"
        "\u00a0A4\u00a0,,Cuba,Yuma,Non-Detained,\n"
        ",,,,,\n"
        ",2019-02-05,Cuba,Yuma,,\n"
        "A6,soon,Cuba,Yuma,,\n"
        "A7,2019-02-07,Cuba,Yuma,elsewhere,\n"
        'A1,2019-02-01,Honduras," Port Isabel, TX",,\n'
        "A2,2019-03-02,Cuba,El Paso,mpp,\n"
        "a text of many more bytes than any key has,2019-02-09,,é,,\n"
    ),
    "completions": (
        "case_id,completion_date,outcome,completion_type,in_absentia\n"
        "A1,2019-06-01,removal ordered,initial,true\n"
        "A1,2019-07-01,terminated,,no\n"
        "A2,2019-08-01,Relief-Granted,INITIAL,maybe\n"
        "A9,2019-08-01,other,,\n"
        "A3,,other,,\n"
    ),
    "grants": "case_id,granted_date,relief_type\nA2,2019-08-01,asylum\nA2,2019-08-01,asylum\n",
    "encounters": (
        "fiscal_year,month,component,encounters\n"
        "2021,OCT,USBP,9584.0\n2021,10,OFO,12\n2021 (FYTD),NOV,U.S. Border Patrol,-1\n"
    ),
}


def parquet(path: Path, table: str, select: str = "*") -> None:
    """A table as text in Parquet, blanks as NULL and padding kept."""
    source = path.with_name(f"{table}.source")
    source.write_text(TABLES[table].replace("\n,,,,,\n", '\n"  ",,,,,\n'), "utf-8")
    with duckdb.connect() as connection:
        connection.execute(
            f"COPY (SELECT {select} FROM read_csv(?, all_varchar = true, header = true)) "
            f"TO '{path}' (FORMAT parquet)",
            [str(source)],
        )
    source.unlink()


def as_csv(folder: Path) -> str:
    for name, text in TABLES.items():
        (folder / f"{name}.csv").write_text(text, "utf-8")
    return str(folder)


def as_glob(folder: Path) -> str:
    return f"{as_csv(folder)}/*.[Cc]sv"


def as_tabs(folder: Path) -> str:
    for name, text in TABLES.items():
        # The commas in quotes stay what they are.
        parts = text.split('"')
        parts[::2] = [part.replace(",", "\t") for part in parts[::2]]
        (folder / f"{name}.TSV").write_text('"'.join(parts), "utf-8")
    return str(folder)


def as_gzip(folder: Path) -> str:
    for name, text in TABLES.items():
        (folder / f"{name}.csv.gz").write_bytes(gzip.compress(text.encode()))
    return str(folder)


def as_utf_16(folder: Path) -> str:
    for name, text in TABLES.items():
        (folder / f"{name}.csv").write_text(text, "utf-16")
    return str(folder)


def as_parquet(folder: Path) -> str:
    for name in TABLES:
        parquet(folder / f"{name}.parquet", name)
    return str(folder)


def as_zip(folder: Path) -> str:
    with zipfile.ZipFile(folder / "export.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in TABLES.items():
            archive.writestr(f"of/{name}.csv", text)
    return str(folder / "export.zip")


def as_zip_of_many(folder: Path) -> str:
    parquet(folder / "cases.parquet", "cases")
    with zipfile.ZipFile(folder / "export.zip", "w", zipfile.ZIP_BZIP2) as archive:
        archive.write(folder / "cases.parquet", "cases.parquet")
        for name, text in list(TABLES.items())[1:]:
            archive.writestr(f"{name}.csv.gz", gzip.compress(text.encode()))
    (folder / "cases.parquet").unlink()
    return str(folder)


Pack = Callable[[Path], str]
PACKS: list[Pack] = [
    as_csv,
    as_glob,
    as_tabs,
    as_gzip,
    as_utf_16,
    as_parquet,
    as_zip,
    as_zip_of_many,
]


def account(source: results.Source, first: int) -> dict[str, object]:
    """What became of the rows of a file, its lines counted from the first row."""
    return {
        "kind": source.kind,
        "read": source.rows_read,
        "used": source.rows_used,
        "aside": source.set_aside,
        "blanked": source.blanked,
        "through": source.through,
        "lines": {
            reason: [line - first for line in lines] for reason, lines in source.examples.items()
        },
    }


def answer(path: str) -> tuple[object, list[dict[str, object]]]:
    with mpp_cli.load(path) as data:
        report = mpp_cli.report(data, as_of="2020-12-31", by=["nationality"])
    accounts = [
        account(source, 0 if source.file.endswith(".parquet") else 1)
        for source in report.head.sources
    ]
    return report.goals, sorted(accounts, key=lambda each: str(each["kind"]))


@pytest.mark.parametrize("pack", PACKS[1:], ids=lambda pack: pack.__name__)
def test_every_container_gives_the_same_report_and_account(pack: Pack, tmp_path: Path) -> None:
    for name in ("expected", "found"):
        (tmp_path / name).mkdir()
    expected = answer(as_csv(tmp_path / "expected"))
    assert answer(pack(tmp_path / "found")) == expected
    read = {each["kind"]: each["read"] for each in expected[1]}
    assert read == {"cases": 10, "completions": 5, "grants": 2, "encounters": 3}


@pytest.mark.parametrize(
    "packed",
    [
        lambda text: text.encode(),
        lambda text: gzip.compress(text.encode()),
        lambda text: text.replace(",", "\t").encode("utf-16"),
    ],
    ids=["csv", "gzip", "tabs-in-utf-16"],
)
def test_a_stream_is_read_as_what_it_is(packed: Callable[[str], bytes], tmp_path: Path) -> None:
    table = TABLES["completions"]
    (tmp_path / "completions.csv").write_text(table)
    stream = io.TextIOWrapper(io.BytesIO(packed(table)))
    with mock.patch.object(sys, "stdin", stream), mpp_cli.load("-") as data:
        found = mpp_cli.report(data, as_of="2020-12-31").head.sources
    with mpp_cli.load(tmp_path) as data:
        expected = mpp_cli.report(data, as_of="2020-12-31").head.sources
    assert [account(each, 0) for each in found] == [account(each, 0) for each in expected]
    assert found[0].file == "standard input"


def test_a_member_is_called_by_its_archive_and_has_its_hash(tmp_path: Path) -> None:
    from blake3 import blake3

    path = Path(as_zip(tmp_path))
    with mpp_cli.load(path) as data:
        sources = data.judgement.sources
        assert not data.judgement.dataset.warnings
    assert {each.file for each in sources} == {f"export.zip/of/{name}.csv" for name in TABLES}
    assert {each.hash for each in sources} == {f"blake3:{blake3(path.read_bytes()).hexdigest()}"}


# --- Parquet --------------------------------------------------------------------------


def write_parquet(path: Path, select: str, more: str = "") -> Path:
    with duckdb.connect() as connection:
        connection.execute(f"COPY ({select}) TO '{path}' (FORMAT parquet{more})")
    return path


def test_typed_columns_read_as_their_spelling_in_csv(tmp_path: Path) -> None:
    path = write_parquet(
        tmp_path / "completions.parquet",
        "SELECT 7::BIGINT AS case_id, DATE '2019-06-01' AS completion_date, "
        "'other' AS outcome, true AS in_absentia, TIMESTAMP '2019-07-01 23:59:59.5' "
        "AS reopened_date, 'NaN'::DOUBLE AS note UNION ALL "
        "SELECT 8, NULL, NULL, NULL, NULL, 1.5",
    )
    with mpp_cli.load(path) as data:
        (source,) = data.judgement.sources
        rows = data.judgement.dataset.engine.fetch(
            "SELECT case_id, CAST(completion_date AS VARCHAR), in_absentia, "
            "CAST(reopened_date AS VARCHAR) FROM completions"
        )
    assert rows == [("7", "2019-06-01", True, "2019-07-01")]
    assert source.set_aside == {"missing_date": 1}
    assert source.examples == {"missing_date": (2,)}


def test_a_time_with_a_zone_is_read_in_utc(tmp_path: Path) -> None:
    path = write_parquet(
        tmp_path / "grants.parquet",
        "SELECT 'A' AS case_id, 'asylum' AS relief_type, "
        "TIMESTAMPTZ '2019-07-01 22:00:00-05' AS granted_date",
    )
    with mpp_cli.load(path) as data:
        rows = data.judgement.dataset.engine.fetch(
            "SELECT CAST(granted_date AS VARCHAR) FROM grants"
        )
    assert rows == [("2019-07-02",)]


@pytest.mark.parametrize("kind", ["TIMESTAMPTZ", "TIMESTAMPTZ_NS"])
def test_a_time_of_pandas_has_the_date_of_its_own_zone(tmp_path: Path, kind: str) -> None:
    """Parquet keeps times in UTC, where 22:30 in Chicago is another day."""
    told = {"columns": [{"name": "nta_filed_date", "metadata": {"timezone": "America/Chicago"}}]}
    path = write_parquet(
        tmp_path / "cases.parquet",
        f"SELECT 'A1' AS case_id, '2020-12-31 22:30:00-06'::TIMESTAMPTZ::{kind} AS nta_filed_date",
        f", KV_METADATA {{pandas: '{json.dumps(told)}'}}",
    )
    with mpp_cli.load(path) as data:
        assert mpp_cli.metric(data, "total-enrolled", as_of="2020-12-31").value == 1


def test_a_column_of_nothing_is_blank_and_not_a_number_is_no_count(tmp_path: Path) -> None:
    write_parquet(
        tmp_path / "cases.parquet",
        "SELECT 'A1' AS case_id, '2020-12-31' AS nta_filed_date, NULL AS remark",
    )
    write_parquet(
        tmp_path / "encounters.parquet",
        "SELECT 2021 AS fiscal_year, month, 'OFO' AS component, n AS encounters FROM "
        "(VALUES ('OCT', 5.0::DOUBLE), ('NOV', 'nan'::DOUBLE), ('DEC', 7.0)) v(month, n)",
    )
    with mpp_cli.load(tmp_path) as data:
        found = mpp_cli.report(data, as_of="2020-12-31")
    assert [source.set_aside for source in found.head.sources] == [{}, {"not_a_count": 1}]


@pytest.mark.parametrize(
    ("value", "kind"),
    [("[1, 2]", "INTEGER[]"), ("{'a': 1}", "STRUCT"), ("'a'::BLOB", "BLOB"), ("MAP{1: 2}", "MAP")],
)
def test_a_nested_or_binary_column_is_refused_by_its_name(
    value: str, kind: str, tmp_path: Path
) -> None:
    path = write_parquet(
        tmp_path / "cases.parquet", f"SELECT 'A' AS case_id, {value} AS odd, 1 AS nta_filed_date"
    )
    with pytest.raises(
        DataError, match=f'the column "odd" contains {kind.split("[")[0]}'
    ) as caught:
        mpp_cli.load(path)
    assert caught.value.file == "cases.parquet"


def test_another_parquet_file_in_a_folder_is_passed_over(tmp_path: Path) -> None:
    as_csv(tmp_path)
    write_parquet(tmp_path / "weather.parquet", "SELECT [1] AS rain")
    with mpp_cli.load(tmp_path) as data:
        assert [each.file for each in data.judgement.dataset.warnings] == ["weather.parquet"]


@pytest.mark.parametrize("damage", ["cut", "middle"])
def test_a_damaged_parquet_file_is_refused(damage: str, tmp_path: Path) -> None:
    path = write_parquet(
        tmp_path / "cases.parquet",
        "SELECT 'A' || i AS case_id, DATE '2019-06-01' AS nta_filed_date FROM range(50000) t(i)",
    )
    whole = path.read_bytes()
    middle = len(whole) // 2
    path.write_bytes(
        whole[:-100] if damage == "cut" else whole[:200] + b"\xff" * middle + whole[200 + middle :]
    )
    with pytest.raises(DataError, match="not a complete Parquet file") as caught:
        mpp_cli.load(path)
    assert caught.value.file == "cases.parquet"


def test_a_path_is_no_pattern_and_no_sql_to_the_reader_of_parquet(tmp_path: Path) -> None:
    folder = tmp_path / "year=2020 [a]'s *"
    folder.mkdir()
    write_parquet(tmp_path / "one.parquet", "SELECT 'A' AS case_id, 'x' AS nta_filed_date")
    (tmp_path / "one.parquet").rename(folder / "[c]ases?.parquet")
    with mpp_cli.load(folder, max_set_aside="100%") as data:
        (source,) = data.judgement.sources
        assert source.set_aside == {"unreadable_date": 1}
        (file,) = data.judgement.dataset.files
    assert file.header == ["case_id", "nta_filed_date"]


def test_a_repeated_column_is_refused_as_in_csv(tmp_path: Path) -> None:
    path = write_parquet(
        tmp_path / "cases.parquet",
        "SELECT 'A' AS case_id, 'x' AS nta_filed_date, 'B' AS \"Case-ID\"",
    )
    with pytest.raises(DataError, match='"case_id" is there more than once'):
        mpp_cli.load(path)


def test_row_groups_beyond_the_memory_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_parquet(
        tmp_path / "cases.parquet",
        "SELECT 'A' || i AS case_id, 'x' AS nta_filed_date, repeat(md5(i::VARCHAR), 100) "
        "AS location FROM range(20000) t(i)",
    )
    monkeypatch.setattr(parquet_reader, "_MEMORY_LIMIT", "10MB")
    with pytest.raises(DataError, match="row groups are too large") as caught:
        mpp_cli.load(path)
    assert "fewer rows per row group" in (caught.value.hint or "")


# --- what is no file ------------------------------------------------------------------


def make_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(str(path))


def a_link(to: str) -> Callable[[Path], None]:
    return lambda path: path.symlink_to(to)


STRANGE = [
    pytest.param(Path.mkdir, "is a folder named like a file", id="folder"),
    pytest.param(os.mkfifo, "is a FIFO, not a file", id="fifo"),
    pytest.param(a_link("gone"), "is a link to a file that is not there", id="broken-link"),
    pytest.param(a_link("/dev/zero"), "is a device or socket, not a file", id="device"),
    pytest.param(make_socket, "is a device or socket, not a file", id="socket"),
    pytest.param(lambda path: path.symlink_to(path.name), "cannot be read", id="loop"),
]


@pytest.mark.parametrize(("make", "reason"), STRANGE)
def test_a_folder_with_something_named_like_a_table_is_refused(
    make: Callable[[Path], None], reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_csv(tmp_path)
    monkeypatch.chdir(tmp_path)  # the name of a socket may not be long
    make(Path("referrals.csv"))
    with pytest.raises(DataError, match=reason) as caught:
        mpp_cli.load(tmp_path)
    assert "referrals.csv" in caught.value.message


@pytest.mark.parametrize("name", ["Count.txt", "A_TblCase.csv", "B_TblProceeding.csv"])
@pytest.mark.parametrize(("make", "reason"), STRANGE[1:])
def test_a_court_release_with_something_named_like_a_file_is_refused(
    make: Callable[[Path], None],
    reason: str,
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    release = court.draw(tmp_path, proceedings="| IDNPROCEEDING | IDNCASE |\n| 1 | 1 |")
    (release / name).unlink(missing_ok=True)
    monkeypatch.chdir(release)
    make(Path(name))
    with pytest.raises(DataError, match=reason) as caught:
        mpp_cli.load(release)
    assert name in caught.value.message


@pytest.mark.parametrize("path", ["/dev/zero", "/dev/full", "/dev/null"])
def test_a_device_is_refused_before_it_is_read(path: str) -> None:
    with pytest.raises(DataError, match="is a device or socket"):
        mpp_cli.load(path)


def test_a_folder_of_parts_is_read_by_its_name(tmp_path: Path) -> None:
    folder = tmp_path / "cases.parquet"
    folder.mkdir()
    for part in range(3):
        write_parquet(
            folder / f"part-{part}.parquet",
            f"SELECT 'A{part}' AS case_id, DATE '2019-06-01' AS nta_filed_date",
        )
    with mpp_cli.load(folder) as data:
        assert sum(each.rows_used for each in data.judgement.sources) == 3
