"""One file of a release, read from its first byte to its last by two threads.

Blocks are sifted side by side and come back in the order of the file. What is
left of a block are the rows of wanted cases and the odd lines, which are judged
one by one here.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np
from blake3 import blake3
from numpy.typing import NDArray

from mpp_cli.common.errors import DataError
from mpp_cli.engines.base import Engine
from mpp_cli.sources.eoir import row_ledger
from mpp_cli.sources.eoir.reading import line_blocks
from mpp_cli.sources.eoir.reading.filter_lines import Sifted, Wanted, sift
from mpp_cli.sources.eoir.reading.id_sets import IdSet
from mpp_cli.sources.eoir.reading.line_blocks import Block
from mpp_cli.sources.eoir.reading.parse_integers import number
from mpp_cli.sources.eoir.reading.repair_rows import repaired
from mpp_cli.sources.eoir.reading.trim_fields import merged
from mpp_cli.sources.eoir.release import ReleaseFile
from mpp_cli.sources.prevalidated import SettledFile
from mpp_cli.sources.progress import Progress
from mpp_cli.sources.readers.fields import Fields
from mpp_cli.sources.readers.quoted_records import CarefulRows
from mpp_cli.sources.values.validate import SetAside

#: Blocks that are held at once: memory does not grow with the file, whichever side is slower.
_WAITING = 3

#: Rows of wanted cases that are handed on at once.
_ROWS = 20_000


class Reading:
    """Reads the rows of wanted cases of one file into its account.

    ``noticed`` gathers the case numbers that were looked for and found, of
    wanted cases and others.
    """

    def __init__(
        self, file: ReleaseFile, account: SettledFile, engine: Engine | None, progress: Progress
    ) -> None:
        # Without an engine the file is only looked through: nothing is recorded.
        self._file, self._account, self._engine = file, account, engine
        self._progress = progress
        self.name, self.header = file.name, line_blocks.columns(file)
        self.size = file.size
        self.noticed: list[NDArray[np.int64]] = []
        #: The first line of each block, and the byte with which it begins.
        self._marks: list[tuple[int, int]] = []
        #: What is done with case numbers that are noticed, block by block.
        self.notice: Callable[[NDArray[np.int64]], None] = self.noticed.append

    def places(self, needed: Iterable[str]) -> dict[str, int]:
        """Where columns stand; DataError when a needed one is missing."""
        return line_blocks.places(self._file, self.header, tuple(needed))

    def rows(
        self,
        keep: IdSet,
        places: Mapping[str, int],
        *,
        location: str | None = None,
        own: str | None = None,
        codes: tuple[str, ...] = (),
        watch: IdSet | None = None,
    ) -> Iterator[Fields]:
        """The rows of the cases in ``keep``, counted in the account.

        Their fields are the columns of ``places``, in that order.
        ``location`` names the column in which ``codes`` are noticed, where the
        column ``own`` has a number; ``watch`` are cases that are noticed anywhere. Raises
        DataError when the file cannot be read or changes while it is read.
        """
        account = self._account
        account.width, account.case_place = len(self.header), self.header.index("IDNCASE")
        wanted = Wanted(
            width=account.width,
            key=account.case_place,
            keep=keep,
            columns=tuple(places.values()),
            place=self.header.index(location) if location in self.header else None,
            own=self.header.index(own) if own in self.header else None,
            codes=codes,
            watch=watch,
        )
        before = self._file.state()
        self._progress.started(self._file.name, self._file.size)
        digest = blake3()

        def read(chunk: memoryview) -> None:
            digest.update(chunk)
            self._progress.read(len(chunk))

        with self._file.open() as stream:
            texts = line_blocks.blocks(self._file, stream, read)
            sifted = _in_order(_without_header(texts), wanted)
            yield from _gathered(row for each in sifted for row in self._take(each, wanted))
        if self._file.state() != before:
            raise DataError(
                "changed while it was being read",
                file=self._file.name,
                hint="run again once the release is complete",
            )
        account.hash = f"blake3:{digest.hexdigest()}"
        account.texts = partial(line_blocks.texts, self._file, marks=self._marks)

    def _take(self, sifted: Sifted, wanted: Wanted) -> Iterator[Fields]:
        account = self._account
        first = account.rows_read + 2  # the header is line 1
        account.rows_read += sifted.lines
        if sifted.offset is not None:
            self._marks.append((first, sifted.offset))
        if sifted.other:
            account.outside[row_ledger.OTHER_CASE] += sifted.other
        if len(sifted.noticed):
            self.notice(sifted.noticed)
        for fields in sifted.fields:
            fields.lines = fields.lines + first
            yield fields
        for part in (part for each in sifted.odd for part in each.parts()):
            judged = self._judge([(first + line, text) for line, text in part], wanted)
            if judged is not None:
                yield judged

    def _judge(self, odd: list[tuple[int, bytes]], wanted: Wanted) -> Fields | None:
        """Judge odd lines one by one; those that can be used become rows."""
        texts = [text.decode("cp1252", "replace").rstrip("\r\n") for _, text in odd]
        encoded = [text.encode("utf-8") for text in texts]
        careful = CarefulRows(b"".join(encoded), wanted.width, b"\t")
        rejected: list[SetAside] = []
        at = 0
        for (line, _), text, raw in zip(odd, texts, encoded, strict=True):
            row = self._row(text, line, wanted, rejected)
            if row is not None:
                values = [value.encode("utf-8") for value in row]
                careful.add(line, at, at + len(raw), values)
            at += len(raw)
        if self._engine is not None:
            row_ledger.set_aside(self._engine, self._account, rejected)
        fields = careful.fields()
        if fields is not None:
            chosen = list(wanted.columns)
            fields.starts, fields.lengths = fields.starts[:, chosen], fields.lengths[:, chosen]
        return fields

    def _row(
        self, text: str, line: int, wanted: Wanted, rejected: list[SetAside]
    ) -> list[str] | None:
        """The trimmed fields of an odd line that is about a wanted case."""
        row: list[str] | None = [value.strip() for value in text.split("\t")]
        assert row is not None
        if len(row) != wanted.width:
            # Halves of a broken record are not joined: each is a line too short.
            short = len(row) < wanted.width
            row = None if short else repaired(row, self.header, self._file.table)
            if row is None:
                rejected.append(SetAside(line, "wrong_field_count", "", text))
                return None
            self._account.repaired += 1
        case = number(row[wanted.key])
        if case is None:
            rejected.append(SetAside(line, "missing_case_id", "IDNCASE", text))
            return None
        if wanted.notices(row, case):
            self.notice(np.array([case], dtype=np.int64))
        if case not in wanted.keep:
            self._account.outside[row_ledger.OTHER_CASE] += 1
            return None
        return row


def _gathered(parts: Iterator[Fields]) -> Iterator[Fields]:
    """The same rows, many at a time: a block may hold but a few, and each batch has its price."""
    held: list[Fields] = []
    for part in parts:
        held.append(part)
        if sum(map(len, held)) >= _ROWS:
            yield merged(held)
            held = []
    if held:
        yield merged(held)


def _without_header(blocks: Iterator[Block]) -> Iterator[Block]:
    first = next(blocks).text()
    rest = first[first.index(b"\n") + 1 :]
    if rest:
        yield Block.of(rest)
    yield from blocks


def _in_order(blocks: Iterator[Block], wanted: Wanted) -> Iterator[Sifted]:
    """The blocks sifted by two threads, of which this is one, in the order of the file."""
    waiting: deque[_Job] = deque()
    with ThreadPoolExecutor(1) as other:
        try:
            for block in blocks:
                waiting.append(_Job(block, wanted, other.submit(sift, block, wanted)))
                if len(waiting) >= _WAITING:
                    yield _first_of(waiting)
            while waiting:
                yield _first_of(waiting)
        finally:
            for each in waiting:
                each.result.cancel()


@dataclass
class _Job:
    """A block that is sifted, or waits for it."""

    block: Block
    wanted: Wanted
    result: Future[Sifted]

    def done_here(self) -> bool:
        """Sift it in this thread, if the other one has not begun to."""
        if not self.result.cancel():
            return False
        self.result = Future()
        self.result.set_result(sift(self.block, self.wanted))
        return True


def _first_of(waiting: deque[_Job]) -> Sifted:
    """The first of these blocks; until it is sifted, this thread takes those behind it."""
    while not waiting[0].result.done():
        if not any(job.done_here() for job in waiting):
            break
    return waiting.popleft().result.result()
