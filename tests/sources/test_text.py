"""The block reader: the same rows for any block size, and the same as one record after another."""

from __future__ import annotations

import io

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mpp_cli.sources.readers.delimited import TextFile
from mpp_cli.sources.readers.quoted_records import split_record

#: Pieces that files are put together from: ordinary lines, and everything odd.
PIECES = [
    b"a,b\n",
    b'"x","y"\n',
    b'"a, b",c\n',
    b"a,b,\r\n",
    b",\n",
    b'"",""\n',
    b"a",
    b"text of more than twelve bytes",
    b",",
    b'"',
    b'""',
    b'"a"',
    b" ",
    b"\t",
    b"\n",
    b"\r\n",
    b"\r",
    b"\0",
    b"\xc3\xa9",
    b"\xc2\xa0",
    b"\xff",
]
HEADERS = [b"h1,h2\n", b"h1,h2", b"\nh1,h2\r\n", b' , \n"h\n1",h2\n', b"\xef\xbb\xbfh1,h2\n"]

Row = tuple[int, str, tuple[str, ...], str]


def by_blocks(data: bytes, size: int) -> list[Row]:
    """Line, reason, fields and text of every row, read in blocks of so many bytes."""
    file = TextFile(lambda: io.BytesIO(data), b",", size)
    found: list[Row] = []
    for block in file.blocks() if file.header else ():
        for fields in block.fields:
            for row, line in enumerate(fields.lines.tolist()):
                texts = tuple(fields.text(row, column) for column in range(len(file.header or ())))
                found.append((line, "", texts, fields.raw(row)))
        found += [(each.line, each.reason, (), each.raw) for each in block.rejected]
    return sorted(found)


def one_by_one(data: bytes) -> list[Row]:
    """The same, one record after another from the start of the file to its end."""
    file = TextFile(lambda: io.BytesIO(data))
    if not file.header:
        return []
    if file.encoding == "cp1252":
        data = data.decode("cp1252", "replace").encode()
    data = data.removeprefix(b"\xef\xbb\xbf")
    data += b"" if data.endswith(b"\n") else b"\n"
    at, line, found, width = 0, 1, [], len(file.header)
    while at < len(data):
        values, end = split_record(data, at, b",", True)
        record = data[at:end]
        raw = record.decode("utf-8", "replace").rstrip("\r\n")
        texts = [value.decode("utf-8", "replace").strip() for value in values or ()]
        if line > file.header_line:
            if not valid(record):
                found.append((line, "invalid_encoding", (), raw))
            elif values is None:
                found.append((line, "malformed_quotes", (), raw))
            elif any(texts[width:]) or (any(texts) and len(texts) < width):
                found.append((line, "wrong_field_count", (), raw))
            elif any(texts):
                found.append((line, "", tuple(texts[:width]), raw))
        at, line = end, line + record.count(b"\n")
    return sorted(found)


def valid(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    st.sampled_from(HEADERS),
    st.lists(st.sampled_from(PIECES), max_size=30),
    st.sampled_from([1, 2, 7, 64, 4 << 20]),
)
@example(b"h1,h2\n", [b'"', b"a,b\n", b'"x","y"\n', b"a,b\n"], 7)
@example(b"h1,h2\n", [b'"x","y"\n', b"a,b\n", b'"', b"\n", b'"', b",", b"a", b"\n"], 1)
def test_blocks_of_any_size_give_the_rows_of_one_record_after_another(
    header: bytes, pieces: list[bytes], size: int
) -> None:
    data = header + b"".join(pieces)
    assert by_blocks(data, size) == one_by_one(data)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from(PIECES[:-1]), max_size=30))
def test_two_rows_have_the_same_key_exactly_when_all_their_fields_are_equal(
    pieces: list[bytes],
) -> None:
    file = TextFile(lambda: io.BytesIO(b"h1,h2\n" + b"".join(pieces)))
    keys: dict[bytes, tuple[str, str]] = {}
    for block in file.blocks():
        for fields in block.fields:
            for row in range(len(fields)):
                start = int(fields.key_start[row])
                key = fields.buffer[start : start + int(fields.key_length[row])]
                texts = (fields.text(row, 0), fields.text(row, 1))
                assert keys.setdefault(key, texts) == texts
    assert len(set(keys.values())) == len(keys)


class Counted(io.BytesIO):
    """A stream that counts the bytes read of it, in all streams together."""

    read_in_all = 0

    def read(self, size: int | None = -1, /) -> bytes:
        chunk = super().read(size)
        Counted.read_in_all += len(chunk)
        return chunk


def rows_of(data: bytes, size: int) -> tuple[list[str], str, int]:
    """The first column, the encoding in the end, and how many bytes were read for them."""
    Counted.read_in_all = 0
    file = TextFile(lambda: Counted(data), b",", size)
    found = [
        fields.text(row, 0)
        for block in file.blocks()
        for fields in block.fields
        for row in range(len(fields))
    ]
    return found, file.encoding, Counted.read_in_all


def test_a_file_of_ascii_goes_by_once() -> None:
    data = b"h1,h2\n" + b"a,b\n" * 5_000
    found, encoding, read = rows_of(data, 1_000)
    assert (len(found), encoding) == (5_000, "utf-8")
    assert read <= len(data) + 1_000 + 16  # and its header and first bytes


@pytest.mark.parametrize("size", [64, 1_000, 1 << 20])
def test_a_byte_far_behind_decides_the_encoding_of_the_whole_file(size: int) -> None:
    before, behind = b"h1,h2\n" + b"a,b\n" * 5_000, b"a,b\n" * 700
    western, new = "é,b\n".encode("cp1252"), "é,b\n".encode()
    for text, encoding, letters in (
        (western, "cp1252", ["é"]),
        (new, "utf-8", ["é"]),
        (western + behind + new, "utf-8", ["é"]),  # the first is no UTF-8, and set aside
        (new + behind + western, "utf-8", ["é"]),
        (western + behind + western, "cp1252", ["é", "é"]),
    ):
        found, told, _ = rows_of(before + text + behind, size)
        assert told == encoding
        assert [each for each in found if each != "a"] == letters
