"""What every computing command does: settle its options, load, check, print."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from mpp_cli.commands.delivery import deliver, write_chunks
from mpp_cli.config import load_config
from mpp_cli.data_choice import DataChoice, resolve_data
from mpp_cli.errors import CheckFailed, UsageError
from mpp_cli.output import check_writable

if TYPE_CHECKING:
    from mpp_cli.api import Data


__all__ = ["Settings", "deliver", "fitted", "loaded", "settle", "spare_inputs"]


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
    choice: DataChoice


def settle(
    given: Mapping[str, Any], *, data: list[str] | None, config_file: str | None, no_config: bool
) -> Settings:
    """The options given on the command line, completed by ``mpp.toml``.

    Raises UsageError or DataError before anything is read when the answer could
    not be written or the data are not there.
    """
    from mpp_cli import formats

    if no_config and config_file:
        raise UsageError("--config and --no-config exclude each other")
    config = load_config(config_file, enabled=not no_config)
    chosen = {
        **config.defaults,
        **{key: value for key, value in given.items() if value is not None},
    }
    output = chosen.get("output")
    try:
        picked = formats.pick(chosen.get("format"), output)
    except formats.UnknownFormat as error:
        from mpp_cli.errors import did_you_mean

        hint = did_you_mean(str(chosen.get("format")), formats.NAMES)
        raise UsageError(str(error).partition(";")[0], hint=hint) from error
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
        choice=resolve_data(
            data or [],
            config,
            os.environ,
            output=output is not None,
            quiet=bool(chosen.get("quiet")),
            strict=bool(chosen.get("strict")),
        ),
    )
    _limit(settings.max_set_aside)
    if settings.output is not None and settings.output == settings.rejects:
        raise UsageError("--output and --rejects name the same file")
    for target in (settings.output, settings.rejects):
        if target is not None:
            check_writable(target)
    return settings


@contextmanager
def loaded(settings: Settings) -> Iterator[Data]:
    """The data of a command, loaded with progress and checked against its limits."""
    from mpp_cli import api
    from mpp_cli.commands.progress import watching
    from mpp_cli.question import ask

    question = ask(as_of=settings.as_of, by=settings.by, where=settings.where)
    named = [api.SAMPLE] if settings.choice.sample else list(settings.choice.paths)
    with watching(settings.quiet) as progress:
        data = api.load(
            named,
            columns=question.columns,
            engine=settings.engine,
            newest_release=settings.newest_release,
            progress=progress,
        )
    with data:
        spare_inputs(data, {"--output": settings.output, "--rejects": settings.rejects})
        if settings.rejects:
            _write_rejects(data, settings.rejects)
        _check_limits(data, settings)
        yield data


def spare_inputs(data: Data, targets: Mapping[str, str | None]) -> None:
    """Refuse to write over a file that was read: it may be the only copy of the data."""
    for option, target in targets.items():
        if target is None or not os.path.isfile(target):
            continue
        for path in data.judgement.dataset.input_paths:
            if os.path.samefile(path, target):
                raise UsageError(
                    f"{option} names {target}, which is one of the data files",
                    hint="write to another file",
                )


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


# --- limits ------------------------------------------------------------------


def _limit(text: str | None) -> tuple[Fraction, bool] | None:
    """A limit as a number and whether it is a percentage of the rows read."""
    if text is None:
        return None
    match = re.fullmatch(r"([0-9]{1,15}(?:\.[0-9]{1,9})?)(%?)", text.strip())
    if match is None or (match[2] and Fraction(match[1]) > 100):
        raise UsageError(
            f'unreadable limit "{text}" in --max-set-aside',
            hint="write a number or a share: 100 or 0.1%",
        )
    return Fraction(match[1]), bool(match[2])


def _check_limits(data: Data, settings: Settings) -> None:
    sources = data.judgement.sources
    read = sum(source.rows_read for source in sources)
    lost = sum(sum(source.set_aside.values()) + sum(source.blanked.values()) for source in sources)
    limit = (Fraction(0), False) if settings.strict else _limit(settings.max_set_aside)
    if limit is not None:
        number, share = limit
        allowed = number * read / 100 if share else number
        if lost > allowed:
            option = "--strict" if settings.strict else f"--max-set-aside {settings.max_set_aside}"
            raise CheckFailed(
                f"{lost:,} of {read:,} rows were set aside or had values read as blank, more than "
                f"{option} allows; no figure is printed",
                **_first_lost(data),
                hint="see each with --rejects FILE" if not settings.rejects else None,
            )
    if settings.max_age is not None:
        end, today = data.judgement.end, data.judgement.today
        if end is None:
            raise CheckFailed("the data hold no date, so their age is unknown")
        age = (today - end).days
        if age > settings.max_age:
            raise CheckFailed(
                f"the data end on {end}, {age:,} days before today, more than --max-age "
                f"{settings.max_age} allows",
                hint="fetch a newer export",
            )


def _first_lost(data: Data) -> dict[str, Any]:
    """Where the first row that was lost is, for the error that stops the report."""
    for source in data.judgement.sources:
        lines = [line for lines in source.examples.values() for line in lines]
        if lines:
            return {"file": source.file, "line": min(lines)}
    return {}


# --- rejects ------------------------------------------------------------------


def _write_rejects(data: Data, target: str) -> None:
    """Every row that was set aside and every value read as blank, as CSV, for one pair of eyes."""
    from mpp_cli.formats.problems import csv_chunks
    from mpp_cli.problems import problems

    write_chunks(target, csv_chunks(problems(data.judgement.dataset)))
