"""The options of a command: what it was given, completed by ``mpp.toml``."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from mpp_cli.cli.config.data_location import DataChoice, resolve_data
from mpp_cli.cli.config.load import Config, load_config
from mpp_cli.cli.config.options import OPTIONS
from mpp_cli.cli.output import check_writable, is_direct
from mpp_cli.common.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from mpp_cli.dataset.limits import Limit
    from mpp_cli.sources.mapping.mapping import Mapping as Mapped


@dataclass(frozen=True)
class Settings:
    """The options of a command after ``mpp.toml`` had its say."""

    as_of: str | None
    by: tuple[str, ...]
    where: tuple[str, ...]
    suppress_below: int | None
    max_age: int | None
    max_set_aside: str | None
    strict: bool
    rejects: str | None
    format: str
    output: str | None
    newest_release: bool
    engine: str
    quiet: bool
    additional: bool
    cache: bool
    choice: DataChoice
    mapping: Mapped | None


def read_limit(text: str | None) -> Limit | None:
    """What --max-set-aside allows; UsageError for what is not a limit."""
    from mpp_cli.dataset.limits import read_limit

    return None if text is None else read_limit(text)


def settle(given: Mapping[str, Any]) -> Settings:
    """The options that a command was given, completed by ``mpp.toml``.

    ``given`` are the command's parameters by name, as ``locals()`` has them when it
    begins; names that are no shared option are the command's own and left alone.
    Raises UsageError or DataError before anything is read when the answer could
    not be written or the data are not there.
    """
    config = load_config(given["config"], enabled=not given["no_config"])
    asked = {name: given[name] for name in OPTIONS if given.get(name) is not None}
    chosen: dict[str, Any] = {**config.defaults, **asked}
    output = chosen.get("output")
    picked = pick_format(chosen.get("format"), output)
    _refuse_terminal(picked, output)
    settings = Settings(
        as_of=chosen.get("as_of"),
        by=tuple(chosen.get("by") or ()),
        where=tuple(chosen.get("where") or ()),
        suppress_below=chosen.get("suppress_below"),
        max_age=chosen.get("max_age"),
        max_set_aside=chosen.get("max_set_aside"),
        strict=bool(chosen.get("strict")),
        rejects=chosen.get("rejects"),
        format=picked,
        output=output,
        newest_release=bool(chosen.get("newest_release")),
        engine=chosen.get("engine") or "duckdb",
        quiet=bool(chosen.get("quiet")),
        additional=bool(chosen.get("additional")),
        cache=chosen.get("cache") is not False,
        mapping=read_mapping(config),
        choice=resolve_data(
            given["data"] or [],
            config,
            os.environ,
            output=output is not None,
            quiet=bool(chosen.get("quiet")),
            strict=bool(chosen.get("strict")),
        ),
    )
    read_limit(settings.max_set_aside)
    if settings.suppress_below is not None:
        from mpp_cli import disclosure

        disclosure.check(settings.suppress_below)
    if settings.output is not None and settings.output == settings.rejects:
        raise UsageError("--output and --rejects name the same file")
    for target in (settings.output, settings.rejects):
        if target is not None:
            check_writable(target)
    return settings


def pick_format(asked: str | None, output: str | None) -> str:
    """The format that was asked for, else that of the output's ending, else table.

    Raises UsageError for one that does not exist or is not installed, and for an ending
    that stands for none. What is no file, such as a device, may have any name.
    """
    from mpp_cli import formats

    try:
        picked = formats.pick(asked, output)
        formats.check_installed(picked)
    except formats.NotInstalled as error:
        raise UsageError(str(error), hint=error.remedy) from error
    except formats.UnknownEnding as error:
        if is_direct(output):
            return formats.NAMES[0]
        *endings, last = formats.ENDINGS
        raise UsageError(
            f"{output}: {error}",
            hint=f"end the name in {', '.join(endings)} or {last}, or choose the format with -f",
        ) from error
    except formats.UnknownFormat as error:
        hint = did_you_mean(str(asked), formats.NAMES)
        raise UsageError(str(error).partition(";")[0], hint=hint) from error
    return picked


def _refuse_terminal(format: str, output: str | None) -> None:
    """Refuse to write bytes that are no text where somebody is reading."""
    from mpp_cli.formats import BINARY

    is_terminal = output in (None, "-") and sys.stdout is not None and sys.stdout.isatty()
    if format in BINARY and is_terminal:
        raise UsageError(f"{format} is not for a terminal", hint=f"name a file: -o report.{format}")


def read_mapping(config: Config) -> Mapped | None:
    """The tables that ``mpp.toml`` maps, None when it maps none. Raises UsageError."""
    if not config.tables or not config.tables.tables:
        return None
    from mpp_cli.sources.mapping import read_mapping as declared

    return declared.read(config.tables)


def fitted(settings: Settings, names: Sequence[str], asked: str | None) -> Settings:
    """The settings of a command that has only some of the formats, the first by default.

    One that was ``asked`` for, by -f or by the ending of -o, must be among them;
    a default of ``mpp.toml`` is for the commands that have it.
    """
    if settings.format in names:
        return settings
    if asked is None and settings.output is None:
        return replace(settings, format=names[0])
    raise UsageError(
        f"this command has no {settings.format} output",
        hint=f"choose one with -f: {', '.join(names)}",
    )
