"""``mpp schema [TABLE]``: what the input files look like."""

from __future__ import annotations

from typing import Annotated, Optional

import typer

from mpp_cli.cli import completion, options

NAMES = ("table", "markdown", "json")


def schema(
    name: Annotated[
        Optional[str],  # noqa: UP045
        typer.Argument(
            metavar="TABLE", help="One table only. [default: all]", autocompletion=completion.tables
        ),
    ] = None,
    format: Annotated[
        Optional[str],  # noqa: UP045
        options.format_option(
            *NAMES,
            help="table, markdown, or json: the Table Schema of TABLE, a Data Package of all.",
        ),
    ] = None,
    output: options.Output = None,
) -> None:
    """Describe the tables that mpp reads: columns, values, and what becomes of unreadable ones."""
    from mpp_cli.cli.output import check_writable, write_text
    from mpp_cli.cli.settings import pick_format
    from mpp_cli.common.errors import UsageError, did_you_mean
    from mpp_cli.sources.schema import READ
    from mpp_cli.sources.values.parse import name_key

    table = None if name is None else name_key(name)
    if table is not None and table not in READ:
        raise UsageError(f'unknown table "{name}"', hint=did_you_mean(table, READ))
    picked = format or pick_format(None, output)
    if picked not in NAMES:
        raise UsageError(f'no format "{picked}" of a schema', hint=did_you_mean(picked, NAMES))
    check_writable(output)
    write_text(output, _json(table) if picked == "json" else _page(table, picked, output))


def _json(table: str | None) -> str:
    """The published Table Schema of one table, or a package of all of them."""
    import json

    from mpp_cli.sources.schema import package, published

    if table is not None:
        return published(table)
    described = package(
        name="mpp-tables",
        title="The tables that mpp reads",
        description="One file for each table, in any order of columns.",
    )
    return json.dumps(described, ensure_ascii=False, indent=2) + "\n"


def _page(table: str | None, format: str, output: str | None) -> str:
    from mpp_cli.cli.deliver import look
    from mpp_cli.cli.schema_page import blocks

    if format == "markdown":
        from mpp_cli.formats.writers import markdown

        return markdown.draw(blocks(table))
    from mpp_cli.formats.writers import terminal as table_format

    return table_format.draw(blocks(table), **look(output))
