"""Dirty files, one per hole that a reader of tables can lose a row through.

Each either balances exactly, with the figure that its good rows make, or is
refused with its name, the reason and the remedy. None loses a row in silence,
and none depends on where the blocks of a file happen to end.
"""

from __future__ import annotations

import gzip
import io
import sys
import zipfile
import zlib
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import mpp_cli
from mpp_cli.errors import DataError
from mpp_cli.sources import encoding, text
from tests.harness import run

HEADER = b"case_id,nta_filed_date,location\n"
A1 = b"A1,2019-02-01,El Paso\n"
A2 = b"A2,2019-02-02,Laredo\n"
A3 = b"A3,2019-02-03,Calexico\n"
GOOD = HEADER + A1 + A2 + A3

#: Where lines are longer than this, tiny blocks are only small.
SMALL = 1 << 20


@dataclass(frozen=True)
class Kept:
    """The account of a file that is read: lines per reason, and cases enrolled."""

    read: int
    enrolled: int
    aside: dict[str, tuple[int, ...]] = field(default_factory=dict)
    encoding: str = "utf-8"
    outside: int = 0


@dataclass(frozen=True)
class Refused:
    """What the one error of a refused file says, its remedy, and its line."""

    reason: str
    remedy: str
    line: int | None = None
    place: str = ""


def cr(data: bytes) -> bytes:
    return data.replace(b"\n", b"\r")


def crlf(data: bytes) -> bytes:
    return data.replace(b"\n", b"\r\n")


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def with_method(data: bytes, method: int) -> bytes:
    """A zip whose one member claims another way of compression."""
    edited = bytearray(data)
    edited[8:10] = method.to_bytes(2, "little")
    at = data.index(b"PK\x01\x02") + 10
    edited[at : at + 2] = method.to_bytes(2, "little")
    return bytes(edited)


def encrypted(data: bytes) -> bytes:
    """A zip whose one member says that it is encrypted."""
    edited = bytearray(data)
    edited[6] |= 1
    edited[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(edited)


def wide(columns: int, *rows: bytes) -> bytes:
    more = b"".join(b",x%d" % number for number in range(columns - 3))
    header = HEADER.rstrip(b"\n") + more + b"\n"
    return header + b"".join(row.rstrip(b"\n") + b",v" * (columns - 3) + b"\n" for row in rows)


ROW_4 = b"A4,2019-02-04,"

#: name of the hole: the bytes and what becomes of them.
FILES: dict[str, tuple[bytes, Kept]] = {
    # --- the number of fields
    "row-too-long": (
        GOOD + b"A4,2019-02-04,Yuma,extra\n",
        Kept(4, 3, {"wrong_field_count": (5,)}),
    ),
    "row-too-short": (GOOD + b"A4,2019-02-04\n", Kept(4, 3, {"wrong_field_count": (5,)})),
    "two-extra-commas": (HEADER + A1 + b"A2,2019-02-02,Laredo,,\n" + A3, Kept(3, 3)),
    "extra-comma-then-text": (
        HEADER + A1 + b"A2,2019-02-02,Laredo,,x\n",
        Kept(2, 1, {"wrong_field_count": (3,)}),
    ),
    "one-long-row-first": (
        HEADER + b"A0,2019-01-30,Yuma,and,much,more\n" + A1 + A2 + A3,
        Kept(4, 3, {"wrong_field_count": (2,)}),
    ),
    "surplus-commas-everywhere": (
        GOOD.replace(b"\n", b",,\n"),
        Kept(3, 3),
    ),
    "a-thousand-columns": (
        wide(1000, A1, A2) + b"A3,2019-02-03,Yuma\n",
        Kept(3, 2, {"wrong_field_count": (4,)}),
    ),
    # --- bytes
    "nul-in-a-value": (HEADER + A1 + b"A2,2019-02-02,La\0redo\n", Kept(2, 2)),
    "nul-in-a-date": (
        HEADER + A1 + b"A2,2019-02\0-02,Laredo\n",
        Kept(2, 1, {"unreadable_date": (3,)}),
    ),
    "line-of-nuls": (GOOD + b"\0\0\0\0\n", Kept(4, 3, {"wrong_field_count": (5,)})),
    "stray-byte-in-utf-8": (
        HEADER + "A1,2019-02-01,México\n".encode() + b"A2,2019-02-02,M\xe9xico\n" + A3,
        Kept(3, 2, {"invalid_encoding": (3,)}),
    ),
    "cp1252-quote-mark": (
        HEADER + A1 + b"A2,2019-02-02,O\x92Hara\n",
        Kept(2, 2, encoding="cp1252"),
    ),
    "byte-that-cp1252-lacks": (
        HEADER + A1 + b"A2,2019-02-02,O\x81Hara\n",
        Kept(2, 2, encoding="cp1252"),
    ),
    "utf-8-mark": (b"\xef\xbb\xbf" + GOOD, Kept(3, 3)),
    "utf-16-little-endian": (
        ("\ufeff" + GOOD.decode()).encode("utf-16-le"),
        Kept(3, 3, encoding="utf-16-le"),
    ),
    "utf-16-big-endian": (
        ("\ufeff" + crlf(GOOD).decode()).encode("utf-16-be"),
        Kept(3, 3, encoding="utf-16-be"),
    ),
    "utf-16-cut-in-a-letter": (
        ("\ufeff" + GOOD.decode()).encode("utf-16-le") + b"A",
        Kept(4, 3, {"invalid_encoding": (5,)}, encoding="utf-16-le"),
    ),
    "utf-16-half-a-pair": (
        ("\ufeff" + GOOD.decode()).encode("utf-16-le")
        + ROW_4.decode().encode("utf-16-le")
        + b"\x00\xd8\n\0",
        Kept(4, 3, {"invalid_encoding": (5,)}, encoding="utf-16-le"),
    ),
    "mark-in-the-middle": (
        # Two exports pasted together: the second header is no row, and the mark
        # before it belongs to a value.
        GOOD + b"\xef\xbb\xbf" + HEADER + b"A4,2019-02-04,Yuma\n",
        Kept(5, 4, {"unreadable_date": (5,)}),
    ),
    "padded-with-no-break-spaces": (
        HEADER + A1 + "\u00a0A2\u00a0,2019-02-02,Laredo\n A2 ,2019-02-02,Laredo\n".encode(),
        Kept(3, 2, {"duplicate": (4,)}),
    ),
    # --- line ends
    "crlf": (crlf(GOOD), Kept(3, 3)),
    "one-crlf-row-in-an-lf-file": (HEADER + A1 + crlf(A2) + A3, Kept(3, 3)),
    "one-lf-row-in-a-crlf-file": (crlf(HEADER + A1) + A2 + crlf(A3), Kept(3, 3)),
    "lone-cr-in-a-value": (HEADER + A1 + b"A2,2019-02-02,La\rredo\n" + A3, Kept(3, 3)),
    "cr-for-a-line-end-in-an-lf-file": (
        HEADER + A1 + cr(A2) + A3,
        Kept(2, 1, {"wrong_field_count": (3,)}),
    ),
    "no-final-newline": (GOOD.rstrip(b"\n"), Kept(3, 3)),
    "final-cr": (GOOD.rstrip(b"\n") + b"\r", Kept(3, 3)),
    "blank-lines": (b"\n\n" + HEADER + A1 + b"\n  \n\t\n\r\n" + A2 + b"\n\n", Kept(2, 2)),
    "lines-of-blank-fields": (GOOD + b",,\n , ,\n,,,,\n\t,\t,\n" + b'"","",""\n', Kept(3, 3)),
    # --- quotes
    "unclosed-quote": (
        HEADER + A1 + b'A2,2019-02-02,"Laredo\n' + A3,
        Kept(3, 2, {"malformed_quotes": (3,)}),
    ),
    "unclosed-quote-at-the-end": (
        GOOD + b'A4,2019-02-04,"Yuma',
        Kept(4, 3, {"malformed_quotes": (5,)}),
    ),
    "quote-in-the-middle": (
        HEADER + A1 + b'A2,2019-02-02,Lar"edo\nA3,2019-02-03,"Cal" exico\n',
        Kept(3, 1, {"malformed_quotes": (3, 4)}),
    ),
    "escaped-with-a-backslash": (
        HEADER + A1 + b'A2,2019-02-02,"La\\"redo"\n' + A3,
        Kept(3, 2, {"malformed_quotes": (3,)}),
    ),
    "doubled-quotes": (
        HEADER + b'A1,2019-02-01,"the ""Tent"" court, Laredo"\n' + A2,
        Kept(2, 2),
    ),
    "newline-in-quotes": (
        # The line of what follows is the physical one.
        HEADER + b'A1,2019-02-01,"El\nPaso"\n' + A2 + b"A3,soon,Yuma\n",
        Kept(3, 2, {"unreadable_date": (5,)}),
    ),
    "newlines-in-quotes-before-and-after": (
        HEADER + b'A1,soon,"El\r\n\r\nPaso"\n' + A2 + b'A3,soon,"\nYuma"\n',
        Kept(3, 1, {"unreadable_date": (2, 6)}),
    ),
    "quoted-header": (b'"case_id","nta_filed_date","location"\n' + A1 + A2, Kept(2, 2)),
    "header-over-two-lines": (
        b'case_id,nta_filed_date,"loca\ntion"\n' + A1 + b"A2,soon,Yuma\n",
        Kept(2, 1, {"unreadable_date": (4,)}),
    ),
    "padded-header": (b" Case ID ,\tNTA-filed date, Location\r\n" + A1, Kept(1, 1)),
    "nameless-columns": (
        b"case_id,nta_filed_date,,location,,\nA1,2019-02-01,x,El Paso\nA2,2019-02-01,,,\n"
        b"A3,2019-02-01,,, ,\nA4,2019-02-01,x,El Paso,y,\n",
        Kept(4, 3, {"wrong_field_count": (5,)}),
    ),
    "nameless-columns-all-rows": (
        b'case_id,nta_filed_date,,\nA1,2019-02-01,,\nA1,2019-02-01\nA2,"2019-02-02",,""\r\n'
        b"A3,2019-02-03,,\nA4,2019-02-04,,\n,,,\n",
        Kept(5, 4, {"duplicate": (3,)}),
    ),
    # --- lines that people add
    "total-footer": (
        GOOD + b"Total,3,\nGRAND TOTAL,,\nTotal\nsubtotal:,a,b,c\nTotal Sector,,\n",
        Kept(8, 3, outside=4),
    ),
    "header-again-in-the-middle": (
        HEADER + A1 + HEADER + A2,
        Kept(3, 2, {"unreadable_date": (3,)}),
    ),
    "the-same-row-quoted": (
        HEADER + A1 + b'"A1","2019-02-01","El Paso"\n A1 ,2019-02-01,El Paso,,\n',
        Kept(3, 1, {"duplicate": (3, 4)}),
    ),
    # --- sizes
    "field-of-5-mb": (
        HEADER + A1 + ROW_4 + b"x" * (5 << 20) + b"\n" + A2,
        Kept(3, 3),
    ),
    "quoted-field-of-5-mb-of-lines": (
        HEADER + A1 + ROW_4 + b'"' + b"x\n" * (5 << 19) + b'"\nA2,soon,\n',
        Kept(3, 2, {"unreadable_date": (4 + (5 << 19),)}),
    ),
    "header-only": (HEADER, Kept(0, 0)),
    "header-only-without-its-newline": (HEADER.rstrip(b"\n"), Kept(0, 0)),
}

#: The same for files that are refused; the file is called cases.csv where nothing else is said.
REFUSED: dict[str, tuple[bytes, Refused]] = {
    "empty": (b"", Refused("the file is empty", "still needs its header")),
    "mark-only": (b"\xef\xbb\xbf", Refused("the file is empty", "still needs its header")),
    "blank-lines-only": (b"\n\r\n  \n", Refused("the file is empty", "still needs its header")),
    "cr-only": (cr(GOOD), Refused("its lines end in CR alone", "tr '\\r' '\\n'", 1)),
    "utf-16-without-mark": (
        GOOD.decode().encode("utf-16-le"),
        Refused("UTF-16LE without a byte order mark", "iconv -f UTF-16LE -t UTF-8", 1),
    ),
    "utf-16-big-endian-without-mark": (
        GOOD.decode().encode("utf-16-be"),
        Refused("UTF-16BE without a byte order mark", "iconv -f UTF-16BE -t UTF-8", 1),
    ),
    "header-that-is-no-text": (
        HEADER.replace(b"location", b"l\xf3cation") + "A1,2019-02-01,México\n".encode(),
        Refused("its header has bytes that are not text", "save the file as UTF-8", 1),
    ),
    "header-with-an-unclosed-quote": (
        HEADER.replace(b"location", b'"location') + A1,
        Refused("its header has a quote without a pair", "close the quote", 1),
    ),
    "repeated-column": (
        b"case_id,nta_filed_date,Case-ID\n" + A1,
        Refused('the column "case_id" is there more than once', "rename or remove", 1),
    ),
    "no-header": (A1 + A2, Refused("none of its column headings match", "mpp schema", 1)),
    "tabs": (
        GOOD.replace(b",", b"\t"),
        Refused("separated by tabs, not commas", "a name that ends in .tsv", 1),
    ),
    "semicolons": (
        GOOD.replace(b",", b";"),
        Refused("separated by semicolons, not commas", "separate the columns by commas", 1),
    ),
    "sep-line": (
        b"sep=;\n" + GOOD.replace(b",", b";"),
        Refused("tells Excel which delimiter", "delete the line", 1),
    ),
    "line-of-17-mb": (
        HEADER + A1 + ROW_4 + b"x" * (17 << 20) + b"\n" + A2,
        Refused("a line is longer than 16 MB", "LF or CRLF", 3),
    ),
    "no-line-end-for-17-mb": (
        b"x" * (17 << 20),
        Refused("its first line does not end", "LF or CRLF", 1),
    ),
    "excel-named-csv": (
        zipped({"xl/workbook.xml": b"<x/>"}),
        Refused("an Excel workbook, not text", "save the sheet as CSV", 1),
    ),
    "gzip-named-csv": (
        gzip.compress(GOOD),
        Refused("it is a gzip file, not text", "ends in .csv.gz", 1),
    ),
}

#: name of the file as well, for holes in what a table is packed in.
PACKED: dict[str, tuple[str, bytes, Kept | Refused]] = {
    "gzip-cut-short": (
        "cases.csv.gz",
        gzip.compress(GOOD * 100)[:-20],
        Refused("not a complete gzip file", "fetch it again"),
    ),
    "gzip-with-garbage-after-it": (
        "cases.csv.gz",
        gzip.compress(GOOD) + b"garbage",
        Refused("not a complete gzip file", "fetch it again"),
    ),
    "gzip-of-two-members": (
        "CASES.CSV.GZ",
        gzip.compress(HEADER + A1) + gzip.compress(A2 + A3),
        Kept(3, 3),
    ),
    "gzip-without-content": ("cases.csv.gz", gzip.compress(b""), Refused("is empty", "header")),
    "zip-with-a-folder": (
        "export.zip",
        zipped({"out/": b"", "out/cases.csv": GOOD, "out/README.txt": b"read me"}),
        Kept(3, 3),
    ),
    "zip-of-a-macintosh": (
        "export.zip",
        zipped({"cases.csv": GOOD, "__MACOSX/._cases.csv": b"\0\5\x16\7", ".hidden.csv": b"x"}),
        Kept(3, 3),
    ),
    "zip-that-climbs-out": (
        "export.zip",
        zipped({"../../cases.csv": GOOD}),
        Kept(3, 3),
    ),
    "zip-without-tables": (
        "export.zip",
        zipped({"README.txt": b"read me"}),
        Refused("contains no member that ends in", "mpp schema"),
    ),
    "zip-in-a-zip": (
        "export.zip",
        zipped({"cases.csv": GOOD, "more/inner.ZIP": zipped({"cases.csv": GOOD})}),
        Refused(
            "an archive inside an archive", "unpack the outer", place="export.zip/more/inner.ZIP"
        ),
    ),
    "zip-bomb": (
        "export.zip",
        zipped({"cases.csv": HEADER + A1 + b"\n" * (70 << 20)}),
        Refused("times its size", "unpack it and name", place="export.zip/cases.csv"),
    ),
    "zip-of-too-many-members": (
        "export.zip",
        zipped({f"{number}.txt": b"" for number in range(1_001)}, zipfile.ZIP_STORED),
        Refused("holds 1,001 members, more than the 1,000", "unpack it"),
    ),
    "zip-cut-short": (
        "export.zip",
        zipped({"cases.csv": GOOD})[:-30],
        Refused("not a complete zip file", "fetch it again"),
    ),
    "zip-with-a-damaged-member": (
        "export.zip",
        zipped({"cases.csv": GOOD}, zipfile.ZIP_STORED).replace(b"Laredo", b"Loredo"),
        Refused("not a complete zip member", "fetch it again", place="export.zip/cases.csv"),
    ),
    "zip-encrypted": (
        "export.zip",
        encrypted(zipped({"cases.csv": GOOD})),
        Refused("is encrypted", "with its password", place="export.zip/cases.csv"),
    ),
    "zip-of-an-unknown-method": (
        "export.zip",
        with_method(zipped({"cases.csv": GOOD}), 97),
        Refused("cannot be unpacked", "by other means", place="export.zip/cases.csv"),
    ),
    "zip-with-one-name-twice": (
        "export.zip",
        zipped({"cases.csv": GOOD, "cases.csX": GOOD}).replace(b"csX", b"csv"),
        Refused("2 members with the same name", "unpack it", place="export.zip/cases.csv"),
    ),
    "parquet-that-is-none": (
        "cases.parquet",
        GOOD,
        Refused("not a complete Parquet file", "fetch it again"),
    ),
}


@pytest.fixture(params=["tiny", "normal"])
def blocks(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Blocks of a few bytes, so that every file has ends of blocks everywhere; or the usual."""
    if request.param == "tiny":
        monkeypatch.setattr(text, "BLOCK_BYTES", 13)
        monkeypatch.setattr(encoding, "BLOCK_BYTES", 17)
    return str(request.param)


def write(folder: Path, name: str, data: bytes, monkeypatch: pytest.MonkeyPatch) -> Path:
    if len(data) > SMALL and text.BLOCK_BYTES < SMALL:
        monkeypatch.setattr(text, "BLOCK_BYTES", 300_007)
        monkeypatch.setattr(encoding, "BLOCK_BYTES", 300_011)
    path = folder / name
    path.write_bytes(data)
    return path


def assert_kept(path: Path, kept: Kept) -> None:
    with mpp_cli.load(path, max_set_aside="100%") as data:
        answer = mpp_cli.metric(data, "total-enrolled", as_of="2020-12-31").metrics[0]
    (source,) = data.judgement.sources
    assert source.rows_read == kept.read
    assert source.set_aside == {reason: len(lines) for reason, lines in kept.aside.items()}
    assert source.examples == kept.aside
    assert sum(source.rows_outside.values()) == kept.outside
    assert source.rows_used == kept.read - sum(source.set_aside.values()) - kept.outside
    assert source.closes
    assert source.encoding == kept.encoding
    assert answer.measures[0].value == kept.enrolled
    (ledger,) = answer.ledger
    assert ledger.population == source.rows_used
    assert ledger.population == ledger.counted + sum(each.count for each in ledger.excluded)


def assert_refused(path: Path, refused: Refused) -> None:
    with pytest.raises(DataError) as caught:
        mpp_cli.load(path)
    assert caught.value.file == (refused.place or path.name)
    assert refused.reason in caught.value.message
    assert refused.remedy in (caught.value.hint or "")
    assert caught.value.line == refused.line


@pytest.mark.parametrize("hole", FILES)
def test_it_balances(
    hole: str, blocks: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, kept = FILES[hole]
    assert_kept(write(tmp_path, "cases.csv", data, monkeypatch), kept)


@pytest.mark.parametrize("hole", REFUSED)
def test_it_is_refused(
    hole: str, blocks: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, refused = REFUSED[hole]
    assert_refused(write(tmp_path, "cases.csv", data, monkeypatch), refused)


@pytest.mark.parametrize("hole", PACKED)
def test_it_is_unpacked_or_refused(
    hole: str, blocks: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, data, expected = PACKED[hole]
    path = write(tmp_path, name, data, monkeypatch)
    if isinstance(expected, Kept):
        assert_kept(path, expected)
        assert [each.name for each in tmp_path.iterdir()] == [name]
    else:
        assert_refused(path, expected)


def test_deflate64_is_unpacked_where_the_extra_is_installed(tmp_path: Path) -> None:
    inflate64 = pytest.importorskip("inflate64")
    path = tmp_path / "export.zip"
    text = ("case_id,nta_filed_date\n" + "".join(f"A{n},2020-01-01\n" for n in range(9))).encode()
    packer = inflate64.Deflater()
    member = zipfile.ZipInfo("cases.csv")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as out:
        out.writestr(member, packer.deflate(text) + packer.flush())
        # No library writes this method any more, so the directory calls it what it is.
        member.compress_type, member.file_size, member.CRC = 9, len(text), zlib.crc32(text)
    asked = ["metric", "total-enrolled", "--no-config", "-f", "value", "--data"]
    assert run([*asked, str(path)])[:2] == (0, b"9\n")
    damaged = bytearray(path.read_bytes())
    damaged[50] ^= 1
    path.write_bytes(damaged)
    code, _, err = run([*asked, str(path)])
    assert (code, "export.zip/cases.csv" in err) == (3, True)


def test_deflate64_is_refused_with_a_way_to_unpack_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "inflate64", None)
    path = tmp_path / "export.zip"
    path.write_bytes(with_method(zipped({"cases.csv": GOOD}), 9))
    assert_refused(path, Refused("Deflate64", "mpp-cli[eoir]", place="export.zip/cases.csv"))
