"""One pass over a file: its rows, the hash of its bytes, and every way in which that fails."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterator

from blake3 import blake3

from mpp_cli.errors import DataError
from mpp_cli.sources.files import PLAIN, Dialect, Input, Watch
from mpp_cli.sources.hashes import Hashes, named
from mpp_cli.sources.parquet import ParquetTable
from mpp_cli.sources.text import Block, LineTooLong, TextFile
from mpp_cli.sources.workbook import SheetTable

Reader = TextFile | ParquetTable | SheetTable

_UNREADABLE = (OSError, EOFError, zlib.error)


def reader(source: Input, dialect: Dialect = PLAIN) -> Reader:
    """The reader of a file, its header read. Raises DataError."""
    try:
        if source.is_parquet:
            return ParquetTable(source)
        if source.sheet is not None:
            return SheetTable(source)
        delimiter = dialect.delimiter or source.delimiter
        return TextFile(source.open, delimiter, encoding=dialect.encoding)
    except _UNREADABLE as error:
        raise unreadable(source, error) from error


class Pass:
    """One pass over the rows of a file; ``hash`` is known when it is over."""

    def __init__(self, source: Input, rows: Reader, hashes: Hashes) -> None:
        self._source, self._rows, self._hashes = source, rows, hashes
        self.hash = ""

    def blocks(self, watch: Callable[[int], None]) -> Iterator[Block]:
        """The rows; ``watch`` is told how many bytes were read.

        Raises DataError, also when the file changed meanwhile.
        """
        path = self._source.path
        try:
            before = path.stat()
            yield from self._blocks(watch)
            after = path.stat()
        except LineTooLong as error:
            raise DataError(
                "a line is longer than 16 MB",
                file=self._source.name,
                line=error.line,
                hint="the file is damaged, or its lines do not end in LF or CRLF",
            ) from error
        except _UNREADABLE as error:
            raise unreadable(self._source, error) from error
        if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
            raise DataError(
                "changed while it was being read",
                file=self._source.name,
                hint="run again once the export is complete",
            )

    def _blocks(self, watch: Callable[[int], None]) -> Iterator[Block]:
        source, rows = self._source, self._rows
        if isinstance(rows, ParquetTable | SheetTable):
            self.hash = self._hashes.of(source.path, watch)
            yield from rows.blocks()
        elif source.member:
            self.hash = self._hashes.of(source.path, lambda size: None)
            yield from rows.blocks(source.open(lambda chunk: watch(len(chunk))))
        else:
            # Hashing costs next to nothing while the bytes go by anyway.
            digest = blake3()
            yield from rows.blocks(source.open(_both(digest, watch)))
            self.hash = named(digest)


def _both(digest: blake3, watch: Callable[[int], None]) -> Watch:
    def see(chunk: bytes) -> None:
        digest.update(chunk)
        watch(len(chunk))

    return see


def unreadable(source: Input, error: BaseException) -> DataError:
    """The refusal of a file that the system or a decompressor cannot read."""
    if isinstance(error, gzip.BadGzipFile | EOFError | zlib.error):
        return DataError(
            f"not a complete gzip file: {error}",
            file=source.name,
            hint="the file is damaged or was cut short; fetch it again",
        )
    reason = getattr(error, "strerror", None) or str(error)
    return DataError(f"cannot be read: {reason}", file=source.name)
