"""Every input is named by the BLAKE3 hash of its bytes, computed while it is read."""

from __future__ import annotations

import gzip
import zipfile
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from blake3 import blake3

from mpp_cli.analysis import api
from mpp_cli.sources.io.hashes import Hashes

ROWS = "case_id,nta_filed_date\n" + "".join(f"C{n},2019-05-01\n" for n in range(50_000))


def csv(path: Path) -> Path:
    path = path / "cases.csv"
    path.write_text(ROWS)
    return path


def no_last_newline(path: Path) -> Path:
    path = path / "cases.csv"
    path.write_text(ROWS.rstrip("\n"))
    return path


def latin(path: Path) -> Path:
    path = path / "cases.csv"
    path.write_bytes(ROWS.replace("C7,", "É7,").encode("cp1252"))
    return path


def utf16(path: Path) -> Path:
    path = path / "cases.csv"
    path.write_bytes(ROWS.encode("utf-16"))
    return path


def zipped_text(path: Path) -> Path:
    path = path / "cases.csv.gz"
    path.write_bytes(gzip.compress(ROWS.encode()))
    return path


def archive(path: Path) -> Path:
    path = path / "exports.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("cases.csv", ROWS)
        out.writestr("completions.csv", "case_id,completion_date\nC1,2020-01-01\n")
    return path


def parquet(path: Path) -> Path:
    path = path / "cases.parquet"
    duckdb.sql(
        "SELECT 'C' || i AS case_id, DATE '2019-05-01' AS nta_filed_date FROM range(50000) r(i)"
    ).write_parquet(str(path))
    return path


@pytest.mark.parametrize(
    ("make", "more_passes"),
    [
        (csv, 0),
        (no_last_newline, 0),
        (latin, 0),
        (utf16, 0),
        (zipped_text, 0),
        # Not in one piece, or read by a library: once more, however many tables are in it.
        (archive, 1),
        (parquet, 1),
    ],
)
def test_the_hash_is_that_of_the_whole_file_and_takes_no_pass_of_its_own(
    make: Callable[[Path], Path],
    more_passes: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = make(tmp_path)
    read: list[Path] = []
    of = Hashes.of

    def watched(self: Hashes, path: Path, watch: Callable[[int], None]) -> str:
        if path not in self._known:
            read.append(path)
        return of(self, path, watch)

    monkeypatch.setattr(Hashes, "of", watched)
    with api.load(path) as data:
        (hash,) = {source.hash for source in data.judgement.sources}
    assert hash == f"blake3:{blake3(path.read_bytes()).hexdigest()}"
    assert read == [path] * more_passes
