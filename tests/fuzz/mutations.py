"""Ways in which files break: on disks, in transfers, in spreadsheets, in other people's hands."""

from __future__ import annotations

import gzip
import io
import os
import random
import zipfile
from collections.abc import Callable
from pathlib import Path

Change = Callable[[bytes, random.Random], bytes]

#: Fields that are met in exports, or that somebody puts there on purpose.
_FIELDS = (
    *(b"", b" ", b"NA", b"NULL", b"-1", b"1e9", b"9" * 40, b"31/12/2020", b"2020-02-30"),
    *(b"0000-00-00", b"9999-12-31", b"2020-13-01", b"43891", b"2020-01-01T25:61:61"),
    *(b"=cmd|' /C calc'!A0", b"\x1b[31mred\x1b[0m", b"[bold]x[/]", b"<script>alert(1)</script>"),
    *(b"'; DROP TABLE cases; --", b"../../etc/passwd", "ＵＳＢＰ".encode(), b"\xef\xbb\xbf"),
    *(b"31-Dec-2020", b"31 December 2020 0:00", b"2/1/2019 12:00:00 AM", b"2020-12-31T23:00-05:00"),
    *(
        b'"9,584"',
        b"1.404",
        b"9.000",
        b"12/31/20",
        b"43497",
        b"October",
        b"Grand Total",
        b"2.01901E+11",
    ),
    *("Å".encode(), "A\u030a".encode(), b"\xc3\x28", b"\x00", b'"', b'""', b'"a" b', b"x" * 70_000),
)


def _place(data: bytes, rng: random.Random) -> int:
    return rng.randrange(len(data) + 1)


def truncated(data: bytes, rng: random.Random) -> bytes:
    """The end is missing."""
    return data[: _place(data, rng)]


def flipped(data: bytes, rng: random.Random) -> bytes:
    """A few bits are wrong."""
    changed = bytearray(data)
    for _ in range(rng.randint(1, 8)):
        if changed:
            changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def overwritten(data: bytes, rng: random.Random) -> bytes:
    """A few bytes are those of something else."""
    at, size = _place(data, rng), rng.randint(1, 64)
    return data[:at] + rng.randbytes(size) + data[at + size :]


def inserted(data: bytes, rng: random.Random) -> bytes:
    """Something has come in between."""
    at = _place(data, rng)
    between = rng.choice(
        [rng.randbytes(rng.randint(1, 40)), rng.choice(_FIELDS), b",", b"\t", b"\n"]
    )
    return data[:at] + between + data[at:]


def deleted(data: bytes, rng: random.Random) -> bytes:
    """A piece is missing."""
    at = _place(data, rng)
    return data[:at] + data[at + rng.randint(1, 200) :]


def swapped(data: bytes, rng: random.Random) -> bytes:
    """Two pieces have changed places."""
    a, b, c, d = sorted(_place(data, rng) for _ in range(4))
    return data[:a] + data[c:d] + data[b:c] + data[a:b] + data[d:]


def doubled(data: bytes, rng: random.Random) -> bytes:
    """A piece is there twice."""
    a, b = sorted((_place(data, rng), _place(data, rng)))
    return data[:b] + data[a:b] + data[b:]


def zeroed(data: bytes, rng: random.Random) -> bytes:
    """A sector of NUL bytes, as after a crash."""
    at, size = _place(data, rng), rng.choice([1, 7, 512])
    return data[:at] + bytes(size) + data[at + size :]


def with_mark(data: bytes, rng: random.Random) -> bytes:
    """A byte order mark, in front or where files were joined."""
    mark = rng.choice([b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"])
    at = 0 if rng.random() < 0.7 else _place(data, rng)
    return data[:at] + mark + data[at:]


def recoded(data: bytes, rng: random.Random) -> bytes:
    """Another encoding, or one half of each."""
    text = data.decode("utf-8", "replace")
    encoding = rng.choice(["cp1252", "utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "utf-32"])
    coded = text.encode(encoding, "replace")
    half = len(data) // 2
    return coded if rng.random() < 0.7 else data[:half] + coded[half:]


def newlines(data: bytes, rng: random.Random) -> bytes:
    """Lines end in several ways."""
    ends = [b"\n", b"\r\n", b"\r", b"\n\n", b"\n\r", b"\x0b", b"\x0c", "\u2028".encode()]
    return b"".join(line + rng.choice(ends) for line in data.split(b"\n"))


def field_changed(data: bytes, rng: random.Random) -> bytes:
    """A field of one line holds something else."""
    lines = data.split(b"\n")
    at = rng.randrange(len(lines))
    comma = max((b",", b"\t", b";"), key=lines[at].count)
    fields = lines[at].split(comma)
    fields[rng.randrange(len(fields))] = rng.choice(_FIELDS)
    lines[at] = comma.join(fields)
    return b"\n".join(lines)


def lines_shuffled(data: bytes, rng: random.Random) -> bytes:
    """Lines are in another order, the header among them; some are there twice."""
    lines = data.split(b"\n")
    rng.shuffle(lines)
    return b"\n".join(lines + lines[: rng.randrange(3)])


def quote_opened(data: bytes, rng: random.Random) -> bytes:
    """A quote that never closes."""
    at = _place(data, rng)
    return data[:at] + b',"' + data[at:]


def long_field(data: bytes, rng: random.Random) -> bytes:
    """A field of 5 MB."""
    at = _place(data, rng)
    return data[:at] + rng.choice([b"x", b"\xff", b'"', b"\n", b"9"]) * 5_000_000 + data[at:]


def wide(data: bytes, rng: random.Random) -> bytes:
    """10,000 columns."""
    names = b"".join(b",c%d" % number for number in range(10_000))
    header, _, rest = data.partition(b"\n")
    return header + names + b"\n" + rest


#: What becomes of every field of a column that somebody has written in another way.
_REWRITTEN: tuple[Callable[[bytes, int], bytes], ...] = (
    lambda field, n: b"",
    lambda field, n: b"%d/%02d/2020" % (n % 28 + 1, n % 12 + 1),
    lambda field, n: b"%d/%d/20" % (n % 12 + 1, n % 28 + 1),
    lambda field, n: b"%d" % (43497 + n),
    lambda field, n: b"%d.%03d" % (n + 1, n * 404 % 1000),
    lambda field, n: b"code %d" % (n % 3),
    lambda field, n: field.upper() + b"\0\0",
    lambda field, n: b"'" + field,
    lambda field, n: b"2.01901E+11",
    lambda field, n: b"Total",
)


def column_rewritten(data: bytes, rng: random.Random) -> bytes:
    """A whole column is in another form."""
    header, *lines = data.split(b"\n")
    comma = max((b",", b"\t", b";"), key=header.count)
    at, how = rng.randrange(header.count(comma) + 1), rng.choice(_REWRITTEN)
    rewritten = [header]
    for number, line in enumerate(lines):
        fields = line.split(comma)
        if len(fields) > at:
            fields[at] = how(fields[at], number)
        rewritten.append(comma.join(fields))
    return b"\n".join(rewritten)


def titled(data: bytes, rng: random.Random) -> bytes:
    """Lines of title above the headings."""
    title = rng.choice(
        [b"Table 1", b'"As of ""today"""', b",,", b'"open', b"", b"case_id", b"\xe9"]
    )
    return (title + b"\n") * rng.choice([1, 2, 29, 30, 31, 5000]) + data


def headings_wrapped(data: bytes, rng: random.Random) -> bytes:
    """White space of other kinds in the headings, and headings without a name behind them."""
    header, _, rest = data.partition(b"\n")
    space = rng.choice([b" ", b"  ", b"\xc2\xa0", b"\t", b"\n", b" - ", b"\xe2\x80\xa8"])
    comma = max((b",", b"\t", b";"), key=header.count)
    names = [b'"' + name.replace(b"_", space) + b'"' for name in header.split(comma)]
    return comma.join(names + [b""] * rng.randrange(3)) + b"\n" + rest


def emptied(data: bytes, rng: random.Random) -> bytes:
    """Nothing, or next to nothing."""
    return rng.choice([b"", b"\n", b"\x00", b"\xef\xbb\xbf", b"case_id\n", b" "])


#: How often each is tried, beside the others.
CHANGES: dict[Change, int] = {
    truncated: 6, flipped: 8, overwritten: 6, inserted: 8, deleted: 6, swapped: 6, doubled: 4,
    zeroed: 4, with_mark: 3, recoded: 4, newlines: 4, field_changed: 16, lines_shuffled: 4,
    quote_opened: 4, emptied: 1, wide: 1, long_field: 1, column_rewritten: 8, titled: 3,
    headings_wrapped: 3,
}  # fmt: skip


def change(data: bytes, rng: random.Random) -> tuple[bytes, str]:
    """The data changed in one to three ways, and their names."""
    names = []
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        (how,) = rng.choices(list(CHANGES), list(CHANGES.values()))
        data = how(data, rng)
        names.append(how.__name__)
        if len(data) > 20_000_000:
            break
    return data, "+".join(names)


# --- what is no file at all, or no honest one ------------------------------------------


def _folder(path: Path) -> None:
    path.mkdir()


def _fifo(path: Path) -> None:
    os.mkfifo(path)


def _endless(path: Path) -> None:
    path.symlink_to("/dev/zero")


def _nothing(path: Path) -> None:
    path.symlink_to("/dev/null")


def _loop(path: Path) -> None:
    path.symlink_to(path.name)


def _gone(path: Path) -> None:
    path.symlink_to("no-such-file")


def _zip_bomb(path: Path) -> None:
    path.write_bytes(_archive({"cases.csv": b"case_id,nta_filed_date\n" + bytes(60_000_000)}))


def _zip_in_zip(path: Path) -> None:
    path.write_bytes(_archive({"inner.zip": _archive({"cases.csv": b"case_id,nta_filed_date\n"})}))


def _zip_outside(path: Path) -> None:
    path.write_bytes(_archive({"../cases.csv": b"case_id,nta_filed_date\nA1,2019-03-01\n"}))


def _gzip_bomb(path: Path) -> None:
    path.write_bytes(gzip.compress(b"case_id,nta_filed_date\n" + bytes(60_000_000)))


def _archive(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


#: Put where a file was, under its name or one that ends as it should.
STRANGERS: dict[str, tuple[Callable[[Path], None], str]] = {
    "folder": (_folder, ""),
    "fifo": (_fifo, ""),
    "endless": (_endless, ""),
    "nothing": (_nothing, ""),
    "loop": (_loop, ""),
    "gone": (_gone, ""),
    "zip-bomb": (_zip_bomb, ".zip"),
    "zip-in-zip": (_zip_in_zip, ".zip"),
    "zip-outside": (_zip_outside, ".zip"),
    "gzip-bomb": (_gzip_bomb, ".csv.gz"),
}
