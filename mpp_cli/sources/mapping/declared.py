"""The mapping as ``mpp.toml`` declares it, checked against the tables' description."""

from __future__ import annotations

import codecs
import hashlib
import json
from collections.abc import Mapping as Dict
from dataclasses import replace
from typing import Any

from mpp_cli.config import Declared
from mpp_cli.errors import UsageError, did_you_mean, nearest
from mpp_cli.sources import values
from mpp_cli.sources.files import Dialect
from mpp_cli.sources.mapping import dates
from mpp_cli.sources.mapping.mapped import MappedColumn, MappedTable, Mapping
from mpp_cli.sources.schema import READ, Column, table

#: What may stand directly under ``[tables]``, for all tables, and in each of them.
_SHARED = ("file", "sheet", "delimiter", "encoding", "date-format", "blank", "thousands")
_OWN = (*_SHARED, "columns", "codes", "when", "where")
_OF_COLUMN = ("column", "value", "codes", "date-format")

#: Tables that may have more columns than are known: to group by, and as part of the key.
_OPEN = ("cases", "encounters")

_DELIMITERS = {"tab": "\t", "comma": ",", "semicolon": ";", "bar": "|", "pipe": "|"}
_THOUSANDS = {"comma": ",", "point": ".", "space": " ", "apostrophe": "'"}


def read(declared: Declared) -> Mapping:
    """The mapping; UsageError with the line of whatever is wrong with it."""
    return _Reading(declared).mapping()


class _Reading:
    def __init__(self, declared: Declared) -> None:
        self._declared = declared
        #: What the section that is being read takes over from all tables.
        self._taken_over: dict[str, Any] = {}

    def _wrong(self, path: tuple[str, ...], message: str, hint: str) -> UsageError:
        if len(path) > 1 and path[1] in self._taken_over:
            path = path[1:]
        return self._declared.wrong(path, message, hint)

    def mapping(self) -> Mapping:
        found: list[MappedTable] = []
        tables = self._declared.tables
        shared = {key: each for key, each in tables.items() if key in _SHARED}
        for name, value in tables.items():
            if name in shared:
                continue
            if name not in READ:
                known = (*READ, *_SHARED)
                raise self._wrong((name,), f'unknown table "{name}"', did_you_mean(name, known))
            for each in value if isinstance(value, list) else [value]:
                if not isinstance(each, dict):
                    raise self._wrong(
                        (name,),
                        f'"{name}" is not a section',
                        f"write [tables.{name}], or [[tables.{name}]] for each of several",
                    )
                self._taken_over = {key: shared[key] for key in shared if key not in each}
                found.append(self._table(name, {**self._taken_over, **each}))
        self._taken_over = shared
        own = {name: self._table(name, shared) for name in READ} if shared else {}
        self._taken_over = {}
        text = json.dumps(tables, sort_keys=True, default=str)
        return Mapping(
            file=self._declared.file,
            hash=f"sha256:{hashlib.sha256(text.encode()).hexdigest()}",
            tables=tuple(self._identified(each, found) for each in found),
            own=own,
        )

    def _table(self, name: str, given: dict[str, Any]) -> MappedTable:
        self._check_keys((name,), given, _OWN)
        forms = self._forms((name, "date-format"), given.get("date-format"))
        thousands = self._thousands((name, "thousands"), given.get("thousands"))
        codes = self._section((name, "codes"), given.get("codes", {}))
        columns = self._section((name, "columns"), given.get("columns", {}))
        if "columns" not in given:
            # The file's headings are the table's own; only codes or dates are not.
            columns = {column.name: column.name for column in table(name).columns}
        made = {
            self._known(name, ("columns", column), column): self._column(
                name, column, value, codes.get(column), forms, thousands
            )
            for column, value in columns.items()
        }
        for column in codes:
            if column not in columns:
                path = (name, "codes", column)
                raise self._wrong(
                    path, f'codes of "{column}", which is not mapped', did_you_mean(column, columns)
                )
        when = given.get("when")
        return MappedTable(
            name=name,
            file=self._file(name, given.get("file")),
            dialect=self._dialect(name, given),
            columns=made,
            blank=frozenset(self._texts((name, "blank"), given.get("blank", []))),
            when=None if when is None else self._texts((name, "when"), when),
            where=self._where(name, given.get("where", {})),
            own_headings="columns" not in given,
        )

    def _identified(self, mapped: MappedTable, others: list[MappedTable]) -> MappedTable:
        """The table with its case_id: where it names none, that of another table of its file."""
        required = table(mapped.name).required
        if "case_id" in required and "case_id" not in mapped.columns:
            known = (
                each.columns["case_id"]
                for each in others
                if "case_id" in each.columns
                and (each.file, each.dialect) == (mapped.file, mapped.dialect)
            )
            found = next(known, None)
            if found is not None:
                mapped = replace(mapped, columns={"case_id": found, **mapped.columns})
        for column in required:
            if column not in mapped.columns:
                raise self._wrong(
                    (mapped.name, "columns"),
                    f'the required column "{column}" of the table {mapped.name} is not mapped',
                    f'add {column} = "the heading in the file" to its columns',
                )
        return mapped

    def _known(self, name: str, path: tuple[str, ...], column: str) -> str:
        known = table(name)
        columns = [each.name for each in known.columns]
        own = name in _OPEN and column == values.heading_key(column)
        if own and name != "cases" and nearest(column, columns):
            own = False  # A slip of the pen would tell rows apart, and leave the column out.
        if known.column(column) or own:
            return column
        hint = did_you_mean(column, columns)
        if name == "cases" or (name in _OPEN and not nearest(column, columns)):
            hint = "a column of your own is written in small letters, with _ between words"
        raise self._wrong((name, *path), f'the table {name} has no column "{column}"', hint)

    def _column(
        self,
        name: str,
        column: str,
        value: Any,
        codes: Any,
        forms: tuple[str, ...],
        thousands: str | None,
    ) -> MappedColumn:
        path = (name, "columns", column)
        described = table(name).column(column) or Column(column, "text", "")
        if isinstance(value, str):
            value = {"column": value}
        if not isinstance(value, dict) or ("column" in value) == ("value" in value):
            raise self._wrong(
                path,
                f'"{column}" is neither a heading nor a value',
                f'write {column} = "heading", or {column} = {{ value = "text" }} for every row',
            )
        self._check_keys(path, value, _OF_COLUMN)
        if "value" in value:
            return MappedColumn(None, self._meaning(path, described, value["value"]))
        if "date-format" in value:
            forms = self._forms((*path, "date-format"), value["date-format"])
        codes = value.get("codes", codes)
        return MappedColumn(
            heading=self._text(path, value["column"]),
            codes=None
            if codes is None
            else {
                code: self._meaning((name, "codes", column, code), described, meaning)
                for code, meaning in self._section((name, "codes", column), codes).items()
            },
            forms=forms if described.kind == "date" else (),
            thousands=thousands if described.kind == "count" else None,
        )

    def _meaning(self, path: tuple[str, ...], column: Column, value: Any) -> str:
        """What a code means: a value of the column, or blank."""
        if isinstance(value, bool):
            value = str(value).lower()
        text = value.strip() if isinstance(value, str) else str(value)
        if text and column.kind == "enum" and values.enumeration(column)(text) is None:
            raise self._wrong(
                path,
                f'"{text}" is not a value of {column.name}',
                did_you_mean(text, column.values),
            )
        if text and column.kind == "boolean" and values.boolean(text) is None:
            raise self._wrong(
                path, f'"{text}" is not a value of {column.name}', "write true or false"
            )
        if text and column.kind == "date" and values.date(text) is None:
            raise self._wrong(path, f'"{text}" is not a date', "write YYYY-MM-DD, or nothing")
        return text

    # --- what is said of a file ---------------------------------------------------

    def _file(self, name: str, value: Any) -> str | None:
        if value is None:
            return None
        text = self._text((name, "file"), value)
        if "/" in text or "\\" in text:
            raise self._wrong(
                (name, "file"),
                f'"{text}" is a path, and a mapping is by the names of files',
                "name the folder with --data or data, and here only the name or its pattern",
            )
        return text

    def _dialect(self, name: str, given: dict[str, Any]) -> Dialect:
        delimiter, encoding, sheet = (
            None if given.get(key) is None else self._text((name, key), given[key])
            for key in ("delimiter", "encoding", "sheet")
        )
        if delimiter is not None:
            delimiter = _DELIMITERS.get(delimiter.lower(), delimiter)
            if len(delimiter) != 1 or not delimiter.isascii() or delimiter in '"\r\n':
                raise self._wrong(
                    (name, "delimiter"),
                    "the delimiter is not one character",
                    f'write one, such as ";", or one of {", ".join(_DELIMITERS)}',
                )
        if encoding is not None:
            encoding = self._encoding(name, encoding)
        return Dialect(None if delimiter is None else delimiter.encode("ascii"), encoding, sheet)

    def _encoding(self, name: str, encoding: str) -> str:
        try:
            found = codecs.lookup(encoding)
            # Some encodings of Python's are of names alone, or only raise errors.
            if found._is_text_encoding and b"a,1".decode(found.name) == "a,1":
                codecs.getincrementaldecoder(found.name)("mpp-mark").decode(b"a,1", True)
                return found.name
        except (LookupError, TypeError, ValueError):
            pass
        raise self._wrong(
            (name, "encoding"),
            f'unknown encoding "{encoding}"',
            "write utf-8, cp1252, utf-16-le or another that Python knows; files with a byte order "
            "mark need none",
        )

    def _forms(self, path: tuple[str, ...], value: Any) -> tuple[str, ...]:
        forms = () if value is None else self._texts(path, value)
        for each in forms:
            if dates.form(each) is None:
                raise self._wrong(path, f'"{each}" is not a date format', f"use {dates.FORMS}")
        return forms

    def _where(self, name: str, value: Any) -> dict[str, frozenset[str]]:
        """The texts that rows of the table have under other headings; "" is blank."""
        found = {}
        for heading, texts in self._section((name, "where"), value).items():
            listed = texts if isinstance(texts, list) else [texts]
            if not listed or not all(isinstance(each, str) for each in listed):
                raise self._wrong(
                    (name, "where", heading),
                    f'"{heading}" has no list of texts',
                    'write where = { "heading" = ["Y"] }, each text in quotes',
                )
            found[heading] = frozenset(each.strip() for each in listed)
        return found

    def _thousands(self, path: tuple[str, ...], value: Any) -> str | None:
        if value is None:
            return None
        sign = _THOUSANDS.get(value.lower(), value) if isinstance(value, str) else ""
        if sign not in _THOUSANDS.values():
            raise self._wrong(
                path,
                "it does not say what separates thousands",
                f"write one of {', '.join(_THOUSANDS)}",
            )
        return sign

    # --- kinds of values ------------------------------------------------------------

    def _check_keys(
        self, path: tuple[str, ...], given: Dict[str, Any], known: tuple[str, ...]
    ) -> None:
        for key in given:
            if key not in known:
                raise self._wrong((*path, key), f'unknown key "{key}"', did_you_mean(key, known))

    def _section(self, path: tuple[str, ...], value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise self._wrong(
                path, f'"{path[-1]}" is not a section', f"write [tables.{'.'.join(path)}]"
            )
        return value

    def _text(self, path: tuple[str, ...], value: Any) -> str:
        # The tabulator is a delimiter, and blank for everybody else.
        if not isinstance(value, str) or not (value.strip() or value == "\t"):
            raise self._wrong(path, f'"{path[-1]}" is not text', "write it in quotes")
        return value

    def _texts(self, path: tuple[str, ...], value: Any) -> tuple[str, ...]:
        listed = value if isinstance(value, list) else [value]
        return tuple(self._text(path, each).strip() for each in listed)
