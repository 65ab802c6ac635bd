"""What every computing command does: settle its options, load, check, print."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from mpp_cli.config import load_config
from mpp_cli.data_choice import DataChoice, resolve_data
from mpp_cli.errors import CheckFailed, UsageError, visible
from mpp_cli.output import check_writable, write_text

if TYPE_CHECKING:
    from mpp_cli.api import Data
    from mpp_cli.results import MetricReport, Report, Source


@dataclass(frozen=True)
class Settings:
    """The options of a command after ``mpp.toml`` had its say."""

    as_of: str | None
    by: tuple[str, ...]
    where: tuple[str, ...]
    max_age: int | None
    max_set_aside: str | None
    strict: bool
    rejects: str | None
    format: str
    output: str | None
    newest_release: bool
    engine: str
    quiet: bool
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
        max_age=chosen.get("max_age"),
        max_set_aside=chosen.get("max_set_aside"),
        strict=bool(chosen.get("strict")),
        rejects=chosen.get("rejects"),
        format=picked,
        output=output,
        newest_release=bool(chosen.get("newest_release")),
        engine=chosen.get("engine") or "duckdb",
        quiet=bool(chosen.get("quiet")),
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
        if settings.rejects:
            _write_rejects(data, settings.rejects)
        _check_limits(data, settings)
        yield data


def deliver(settings: Settings, answer: Report | MetricReport, measure: str | None = None) -> None:
    """Say what there is to say on stderr, then write the answer."""
    from mpp_cli import formats

    _check_available(settings, answer)
    say = _speaker(settings.quiet)
    if answer.head.sample:
        say("mpp: SAMPLE DATA: these figures come from invented cases; name your own with --data")
    if settings.format == "value":
        say(f"mpp: as of {answer.head.as_of}")
    _say_what_was_lost(say, answer.head.sources)
    for warning in answer.head.warnings:
        place = f"{warning.file}:{warning.line}: " if warning.file and warning.line else ""
        say(f"mpp: warning: {place}{warning.text}")
    terminal = settings.output is None and sys.stdout is not None and sys.stdout.isatty()
    text = formats.render(
        answer,
        settings.format,
        color=terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb",
        width=_width(terminal),
        measure=measure,
    )
    write_text(settings.output, text)


def _say_what_was_lost(say: Callable[[str], None], sources: Sequence[Source]) -> None:
    """One line on rows set aside and values blanked, whatever their number."""
    rows = sum(sum(source.set_aside.values()) for source in sources)
    values = sum(sum(source.blanked.values()) for source in sources)
    if rows or values:
        read = sum(source.rows_read for source in sources)
        say(
            f"mpp: warning: of {read:,} rows read; set aside: {rows:,}; values read as blank: "
            f"{values:,} (the sources of the report say why; --rejects FILE lists them)"
        )


def _width(terminal: bool) -> int | None:
    """The columns of the terminal, or what COLUMNS asks of a pipe; None for the default."""
    import shutil

    if terminal:
        return shutil.get_terminal_size().columns
    asked = os.environ.get("COLUMNS", "")
    return int(asked) if asked.isdigit() and 0 < int(asked) < 10_000 else None


def _speaker(quiet: bool) -> Callable[[str], None]:
    def say(text: str) -> None:
        if not quiet and sys.stderr is not None:
            # A remark that nobody can read stops no report.
            with suppress(OSError, UnicodeEncodeError):
                print(visible(text), file=sys.stderr)

    return say


# --- limits ------------------------------------------------------------------


def _limit(text: str | None) -> tuple[Fraction, bool] | None:
    """A limit as a number and whether it is a percentage of the rows read."""
    if text is None:
        return None
    number = text.strip().removesuffix("%")
    try:
        value = Fraction(number)
    except (ValueError, ZeroDivisionError):
        value = Fraction(-1)
    if value < 0 or "/" in number:
        raise UsageError(
            f'unreadable limit "{text}" in --max-set-aside',
            hint="write a number or a share: 100 or 0.1%",
        )
    return value, text.strip().endswith("%")


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


def _check_available(settings: Settings, answer: Report | MetricReport) -> None:
    if not settings.strict:
        return
    for metric in answer.metrics:
        if metric.status != "ok":
            raise CheckFailed(
                f"{metric.name} is unavailable: {metric.reason}; --strict prints nothing"
            )


# --- rejects ------------------------------------------------------------------


def _write_rejects(data: Data, target: str) -> None:
    """Every row that was set aside and every value read as blank, as CSV, for one pair of eyes."""
    import csv
    import io

    from mpp_cli.formats.csv_ import neutral
    from mpp_cli.output import open_output
    from mpp_cli.problems import problems

    with open_output(target, private=True) as stream:
        text = io.TextIOWrapper(stream, encoding="utf-8", newline="", write_through=True)
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(["reason", "file", "line", "column", "raw"])
        for each in problems(data.judgement.dataset):
            writer.writerow([each.reason, each.file, each.line, each.column, neutral(each.raw)])
        text.detach()
