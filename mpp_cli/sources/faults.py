"""Why a file cannot be read as a table of text, each with its remedy."""

from __future__ import annotations

from typing import NamedTuple


class Fault(NamedTuple):
    """What is wrong with a file, and what to do about it."""

    message: str
    hint: str


#: The bytes that files begin with which are often given a wrong ending.
_CONTAINERS = (
    (
        b"PK\x03\x04",
        Fault(
            "it is a zip archive or an Excel workbook, not text",
            "save the sheet as CSV or the workbook as .xlsx, or give the archive a name that ends "
            "in .zip",
        ),
    ),
    (
        b"\xd0\xcf\x11\xe0",
        Fault(
            "it is an old Excel workbook (.xls) or a protected one, not text",
            "save it as .xlsx without a password, or the sheet as CSV",
        ),
    ),
    (
        b"\x1f\x8b",
        Fault("it is a gzip file, not text", "give it a name that ends in .csv.gz"),
    ),
    (
        b"PAR1",
        Fault("it is a Parquet file, not text", "give it a name that ends in .parquet"),
    ),
)

NOT_TEXT = Fault(
    "its header has bytes that are not text", "save the file as UTF-8, or as it was exported"
)
ENDLESS_HEADER = Fault(
    "its first line does not end within 16 MB",
    "the file is damaged, or its lines do not end in LF or CRLF",
)
UNPAIRED_QUOTE = Fault(
    "its header has a quote without a pair", "close the quote, or remove it, in the first line"
)
RETURNS_ONLY = Fault(
    "its lines end in CR alone, as on an old Macintosh",
    "convert the line ends first: tr '\\r' '\\n' < FILE > NEW",
)


def container(head: bytes) -> Fault | None:
    """The fault of a file that begins like no text does."""
    return next((fault for mark, fault in _CONTAINERS if head.startswith(mark)), None)


def nul_bytes(line: bytes) -> Fault | None:
    """The fault of a header with NUL bytes: nearly always UTF-16 without its mark."""
    if b"\0" not in line:
        return None
    # In the letters of a header the NUL is the second byte of each pair, or the first.
    name = "UTF-16LE" if line[1::2].count(0) >= line[::2].count(0) else "UTF-16BE"
    return Fault(
        f"its header contains NUL bytes: it is text in {name} without a byte order mark, or "
        "not text at all",
        f"save it as UTF-8: iconv -f {name} -t UTF-8 FILE > NEW",
    )


def other_delimiter(header: list[str], delimiter: str) -> tuple[list[str], Fault] | None:
    """The names in a header that another delimiter separates, and the fault of its file."""
    if header and header[0].casefold().startswith("sep="):
        return [], Fault(
            "its first line tells Excel which delimiter to use and is not a header",
            "delete the line, and separate the columns by commas",
        )
    wanted = {",": "commas", "\t": "tabs"}[delimiter]
    names = {",": "commas", "\t": "tabs", ";": "semicolons", "|": "bars"}
    for other, called in names.items():
        if other != delimiter and other in header[0]:
            hint = f"separate the columns by {wanted}"
            if other in ",\t":
                hint += f", or give it a name that ends in {'.csv' if other == ',' else '.tsv'}"
            else:
                name = {";": "semicolon", "|": "bar"}[other]
                hint += f', or write delimiter = "{name}" under [tables] in mpp.toml'
            return header[0].split(other), Fault(
                f"its columns are separated by {called}, not {wanted}", hint
            )
    return None
