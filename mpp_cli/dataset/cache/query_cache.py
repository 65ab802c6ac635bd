"""Answers that were computed from an entry, kept beside it.

The same question of the same files needs no engine at all then, however many rows
they have. An answer belongs to one entry, to the text of its query, to the values of
its parameters and to every statement that shaped what it reads; it holds counts,
dates and names of groups, as reports do, and is trusted only as long as every byte
of it is what was written.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

from blake3 import blake3

from mpp_cli.dataset.cache.folder import write_whole
from mpp_cli.engines.base import Engine, Parameter, used_parameters

#: Answers that are kept beside an entry at most, and the bytes of one.
MOST_ANSWERS = 2_000
LONGEST_ANSWER = 1 << 20

Rows = list[tuple[Any, ...]]


class Answers:
    """The answers kept in the folder of one entry, each a file under the name of its question."""

    def __init__(self, entry: Path) -> None:
        self._entry = entry

    def find(self, question: str) -> Rows | None:
        """The answer to a question; None where there is none, or none that is whole."""
        try:
            digest, _, text = self._file(question).read_bytes().partition(b"\n")
            if digest != _digest(question, text):
                return None
            return [tuple(map(_value, row)) for row in json.loads(text)]
        except (OSError, ValueError):
            return None

    def keep(self, question: str, rows: Rows) -> None:
        """Keep an answer, if there is room and all of its values can be written down."""
        with suppress(OSError, TypeError):
            text = json.dumps(rows, default=_told).encode()
            many = len(text) > LONGEST_ANSWER or len(list(self._entry.iterdir())) > MOST_ANSWERS
            if not many:
                write_whole(self._file(question), _digest(question, text) + b"\n" + text)

    def _file(self, question: str) -> Path:
        return self._entry / f"answer-{question}"


def _digest(question: str, text: bytes) -> bytes:
    return blake3(question.encode() + text).hexdigest().encode()


def _told(value: object) -> dict[str, str]:
    """A value that JSON has no word for; TypeError for one that an answer cannot have."""
    if type(value) is datetime.date:
        return {"date": value.isoformat()}
    raise TypeError(type(value))


def _value(told: Any) -> Any:
    return datetime.date.fromisoformat(told["date"]) if isinstance(told, dict) else told


def _with_values(sql: str, parameters: Mapping[str, Parameter]) -> list[object]:
    """A statement and the values of the parameters that it names, as they are told apart."""
    used = used_parameters(sql, parameters)
    return [sql, {name: repr(value) for name, value in used.items()}]


class Held(Protocol):
    """The tables of an entry, from which an engine can be opened."""

    def open(self) -> Engine:
        """An engine that has them."""

    def close(self) -> None:
        """Let go of them."""


class AskedBefore:
    """An engine whose answers are kept, and that is opened for the first one that is not.

    It has the tables of an entry: the open ``engine``, or one that is opened from what is
    ``held``. Statements that give names to queries wait until then.
    """

    def __init__(
        self, name: str, answers: Answers, engine: Engine | None = None, held: Held | None = None
    ) -> None:
        self.name = name
        self._answers, self._engine, self._held = answers, engine, held
        self._shaped: list[object] = []
        self._waiting: list[Callable[[Engine], None]] = []
        self._as_kept = True

    # --- questions ----------------------------------------------------------

    def fetch(self, sql: str, **parameters: Parameter) -> Rows:
        """The rows of a query."""
        asked = ["fetch", *_with_values(sql, parameters)]
        return self._answer(asked, lambda engine: engine.fetch(sql, **parameters))

    def columns(self, table: str) -> list[str]:
        """The names of a table's columns; none where there is no such table."""
        asked = ["columns", table]
        rows = self._answer(asked, lambda engine: [(each,) for each in engine.columns(table)])
        return [name for (name,) in rows]

    def _answer(self, asked: Sequence[object], ask: Callable[[Engine], Rows]) -> Rows:
        if not self._as_kept:
            return ask(self._real())
        question = blake3(json.dumps([self._shaped, asked], sort_keys=True).encode()).hexdigest()
        rows = self._answers.find(question)
        if rows is None:
            rows = ask(self._real())
            self._answers.keep(question, rows)
        return rows

    def days_between(self, start: str, end: str) -> str:
        """The SQL of the whole days from one date to another."""
        return self._real().days_between(start, end)

    # --- statements that later answers follow from -----------------------------

    def define(self, view: str, sql: str) -> None:
        """Give a query a name, or a name another query. It takes no parameters."""
        self._shape([view, sql], lambda engine: engine.define(view, sql))

    def create_from(self, table: str, sql: str, **parameters: Parameter) -> None:
        """Make a table of the rows of a query; one of that name is replaced."""
        told = [table, *_with_values(sql, parameters)]
        self._shape(told, lambda engine: engine.create_from(table, sql, **parameters))

    def drop(self, table: str) -> None:
        """Let go of a table before the next statement."""
        self._shape(["drop", table], lambda engine: engine.drop(table))

    def _shape(self, told: list[object], apply: Callable[[Engine], None]) -> None:
        self._shaped.append(told)
        if self._engine is None:
            self._waiting.append(apply)
        else:
            apply(self._engine)

    def _real(self) -> Engine:
        if self._engine is None:
            assert self._held is not None
            self._engine = self._held.open()
            for apply in self._waiting:
                apply(self._engine)
            self._waiting.clear()
        return self._engine

    # --- what is outside the entry: nothing that follows is kept ------------------

    def _another(self) -> Engine:
        self._as_kept = False
        return self._real()

    def create(
        self,
        table: str,
        columns: Mapping[str, str],
        values: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        """Make an empty table of these columns and SQL types."""
        self._another().create(table, columns, values)

    @contextmanager
    def bulk(self, at_once: int = 16) -> Iterator[None]:
        """A block in which many batches are appended."""
        with self._another().bulk(at_once):
            yield

    def append(self, table: str, batch: Any) -> None:
        """Add an Arrow record batch to a table."""
        self._another().append(table, batch)

    def append_query(self, table: str, sql: str, **parameters: Parameter) -> None:
        """Add the rows of a query."""
        self._another().append_query(table, sql, **parameters)

    def load_arrow(self, table: str, rows: Any) -> None:
        """Make a table of an Arrow stream of another engine."""
        self._another().load_arrow(table, rows)

    def load_parquet(self, table: str, path: Path) -> None:
        """Make a table of the rows of a Parquet file."""
        self._another().load_parquet(table, path)

    def arrow(self, sql: str) -> Any:
        """The rows of a query as an Arrow stream, for another engine."""
        return self._real().arrow(sql)

    def repeated(self, table: str, column: str) -> str:
        """A condition on the rows of a table: true wherever another row has the same value."""
        return self._another().repeated(table, column)

    def write_parquet(self, sql: str, path: Path, in_order: bool = True) -> None:
        """Write the rows of a query as a Parquet file."""
        self._real().write_parquet(sql, path, in_order)

    def close(self) -> None:
        """Drop everything that was held; an engine that was never needed is not opened."""
        try:
            if self._engine is not None:
                self._engine.close()
        finally:
            if self._held is not None:
                self._held.close()
