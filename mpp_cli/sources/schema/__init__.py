"""The five event tables, described once as Frictionless Table Schema.

Everything that has to know a table's columns (the reader, the sample
generator, ``mpp schema`` and the documentation) reads these descriptions.
The key ``mpp`` of a field holds what the public standard has no word for:
how the text is read, and what becomes of a row whose value cannot be read.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

#: The event tables in the order in which their rows are judged: an event is
#: an orphan only once it is known which cases are used.
TABLES = ("cases", "completions", "grants", "referrals", "encounters")

#: Published figures are no event table, but are read and judged as one.
AGGREGATES = "aggregates"
READ = (*TABLES, AGGREGATES)


@dataclass(frozen=True)
class Column:
    """One column of an event table.

    ``kind`` says how its text is read: text, date, boolean, enum, count,
    fiscal_year, month or region. ``blank`` and ``unreadable`` name the reason
    for which a row with such a value is set aside; ``unreadable`` is
    ``"blanked"`` where the value is read as blank instead, and None where
    every text can be read.
    """

    name: str
    kind: str
    description: str
    required: bool = False
    values: tuple[str, ...] = ()
    aliases: dict[str, str] = field(default_factory=dict)
    default: str | None = None
    blank: str | None = None
    unreadable: str | None = None
    outside: dict[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Table:
    """One event table: its columns, and the Table Schema they come from."""

    name: str
    description: str
    columns: tuple[Column, ...]

    def column(self, name: str) -> Column | None:
        """The column of that name, or None."""
        return next((column for column in self.columns if column.name == name), None)

    def stored(self, name: str) -> str:
        """The name that an engine's table has for a column of a file.

        Columns that the description does not know get a name that no column of
        mpp's own can have, so a header in the data means nothing to a query.
        """
        return name if self.column(name) else f"x_{name}"

    @property
    def is_keyed_by_all(self) -> bool:
        """Whether every column but a count tells rows apart, known or not."""
        return self.name in ("encounters", AGGREGATES)

    @property
    def required(self) -> tuple[str, ...]:
        """Names of the columns without which a file is refused."""
        return tuple(column.name for column in self.columns if column.required)

    @property
    def date_column(self) -> str | None:
        """The date on which the table's event happened (cases: NTA filed)."""
        return next((column.name for column in self.columns if column.kind == "date"), None)


def published(name: str) -> str:
    """The Table Schema of one table as it is published, a JSON text."""
    return files(__package__).joinpath(f"{name}.json").read_text(encoding="utf-8")


def descriptor(name: str) -> dict[str, Any]:
    """The Table Schema of one table as published, a JSON object."""
    loaded: dict[str, Any] = json.loads(published(name))
    return loaded


def package(ending: str = ".csv", *, name: str, title: str, description: str) -> dict[str, Any]:
    """A Data Package of a folder with one file of every table, a JSON object.

    ``ending`` is that of the files. The keys between tables hold in a package only.
    """
    compressed = {"compression": "gz"} if ending.endswith(".gz") else {}
    return {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": name,
        "title": title,
        "description": description,
        "resources": [
            {
                "name": each,
                "path": f"{each}{ending}",
                "format": "csv",
                "mediatype": "text/csv",
                "encoding": "utf-8",
                **compressed,
                "schema": descriptor(each),
            }
            for each in TABLES
        ],
    }


@cache
def table(name: str) -> Table:
    """The description of one event table; KeyError for an unknown name."""
    if name not in READ:
        raise KeyError(name)
    schema = descriptor(name)
    return Table(name, schema["description"], tuple(_column(each) for each in schema["fields"]))


def _column(spec: dict[str, Any]) -> Column:
    constraints, reading = spec.get("constraints", {}), spec["mpp"]
    return Column(
        name=spec["name"],
        kind=reading["kind"],
        description=spec["description"],
        required=constraints.get("required", False),
        values=tuple(constraints.get("enum", ())),
        aliases=reading.get("aliases", {}),
        default=reading.get("default"),
        blank=reading.get("blank"),
        unreadable=reading.get("unreadable"),
        outside={rule: tuple(each) for rule, each in reading.get("outside", {}).items()},
    )


#: How each kind of column is stored by an engine.
STORED_AS = {
    "text": "VARCHAR",
    "enum": "VARCHAR",
    "region": "VARCHAR",
    "date": "DATE",
    "boolean": "BOOLEAN",
    "count": "BIGINT",
    "fiscal_year": "INTEGER",
    "month": "INTEGER",
}

#: What every event table holds besides its own columns: the file and physical
#: line of the row, the optional values read as blank (a bit per column of the
#: table), and a fingerprint that is equal for rows whose fields are all equal.
ROW_COLUMNS = {"_file": "INTEGER", "_line": "BIGINT", "_blanked": "INTEGER", "_print": "UBIGINT"}
