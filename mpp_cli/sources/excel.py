"""Excel workbooks as files: whether they can be read, and safely, and which sheets they have.

A workbook is a zip of XML and can be made to fill a memory: what it unpacks to
is bounded before anything is read. The library that reads it is imported only
when there is one.
"""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from mpp_cli.errors import DataError
from mpp_cli.sources import archives

#: More bytes of XML than any workbook holds that could be read in bearable time.
MOST_BYTES = 4 << 30

#: How the container begins that Excel puts a protected workbook into, and old ones are.
_PROTECTED = b"\xd0\xcf\x11\xe0"

#: What the other of the two dialects of Open XML is known by.
_STRICT = b"http://purl.oclc.org/ooxml/"

_FORMULA = re.compile(rb"<(?:\w+:)?f[ />]")

_AGAIN = "save it again in Excel, or the sheet as CSV"


def sheets(path: Path, name: str) -> list[str]:
    """The names of the sheets of a workbook; DataError when it is none that can be read."""
    _check(path, name)
    with opened(path, name) as book:
        return [sheet.title for sheet in book.worksheets]


@contextmanager
def opened(path: Path, name: str, formulas: bool = False) -> Iterator[Any]:
    """The workbook; whatever goes wrong with it, meanwhile too, is a DataError."""
    openpyxl = _library(name)
    try:
        with warnings.catch_warnings():
            # It warns about styles and extensions that it does not keep.
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(
                path, read_only=True, data_only=not formulas, keep_links=False
            )
            try:
                yield book
            finally:
                book.close()
    except (DataError, GeneratorExit):
        raise
    except Exception as error:
        raise DataError(
            f"not a complete Excel workbook: {str(error) or type(error).__name__}",
            file=name,
            hint=_AGAIN,
        ) from error


def _library(name: str) -> Any:
    try:
        import openpyxl
    except ImportError as error:
        raise DataError(
            "is an Excel workbook, and what reads these is not installed",
            file=name,
            hint="pip install 'mpp-cli[xlsx]', or save the sheet as CSV",
        ) from error
    return openpyxl


def _check(path: Path, name: str) -> None:
    """Refuse what is no workbook, or unpacks to more than one can hold."""
    with path.open("rb") as stream:
        if stream.read(len(_PROTECTED)) == _PROTECTED:
            raise DataError(
                "is protected by a password, or an old Excel workbook (.xls)",
                file=name,
                hint="save it as .xlsx without a password, or the sheet as CSV",
            )
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            beginning = _beginning(archive)
    except archives.BROKEN as error:
        raise DataError(
            f"not a complete Excel workbook: {error}", file=name, hint=_AGAIN
        ) from error
    if _STRICT in beginning:
        raise DataError(
            "was saved as Strict Open XML Spreadsheet, which cannot be read",
            file=name,
            hint="in Excel choose Save As and the type Excel Workbook (.xlsx), or save the sheet "
            "as CSV",
        )
    bombs = [each for each in entries if archives.is_bomb(each)]
    if bombs or sum(each.file_size for each in entries) > MOST_BYTES:
        raise DataError(
            f"would unpack to {sum(each.file_size for each in entries) / (1 << 20):,.0f} MB, "
            "more than any workbook of its size contains",
            file=name,
            hint="delete what is behind the table, or save the sheet as CSV",
        )


def _beginning(archive: zipfile.ZipFile) -> bytes:
    """The first bytes of the part that lists the sheets, which name its dialect."""
    # Whatever else is wrong with an archive is found, and told, when it is opened as a workbook.
    with suppress(Exception), archive.open("xl/workbook.xml") as stream:
        return stream.read(1 << 12)
    return b""


def has_formulas(path: Path) -> bool:
    """Whether any sheet holds a formula; then each has to be held against its value."""
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            if entry.filename.startswith("xl/worksheets/") and entry.filename.endswith(".xml"):
                with archive.open(entry) as stream:
                    tail = b""
                    while chunk := stream.read(1 << 20):
                        if _FORMULA.search(tail + chunk):
                            return True
                        tail = chunk[-32:]
    return False
