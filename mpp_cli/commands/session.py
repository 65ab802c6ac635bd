"""What every computing command does: load, check against its limits, print."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from mpp_cli.commands.delivery import deliver, write_chunks
from mpp_cli.commands.settings import Settings, fitted, read_limit, settle
from mpp_cli.errors import CheckFailed, UsageError

if TYPE_CHECKING:
    from mpp_cli.api import Data


__all__ = ["Settings", "deliver", "fitted", "loaded", "settle", "spare_inputs"]


@contextmanager
def loaded(settings: Settings, cached: bool = False, checked: bool = True) -> Iterator[Data]:
    """The data of a command, loaded with progress and ``checked`` against its limits.

    ``cached`` tells that the command asks for nothing but the document's metrics.
    """
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
            mapping=settings.mapping,
            progress=progress,
            max_set_aside="100%",  # judged below, once the rows that were lost are written
            cached=cached and settings.cache and settings.rejects is None,
        )
    with data:
        spare_inputs(data, {"--output": settings.output, "--rejects": settings.rejects})
        if settings.rejects:
            _write_rejects(data, settings.rejects)
        if checked:
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


# --- limits ------------------------------------------------------------------


def _check_limits(data: Data, settings: Settings) -> None:
    from mpp_cli.limits import STRICT, check

    limit = STRICT if settings.strict else read_limit(settings.max_set_aside)
    hint = "see each with --rejects FILE" if not settings.rejects else None
    check(data.judgement, limit, hint)
    if settings.max_age is not None:
        end, today = data.judgement.end, data.judgement.today
        if end is None:
            raise CheckFailed("no usable date was found in the data, so their age is unknown")
        age = (today - end).days
        if age > settings.max_age:
            raise CheckFailed(
                f"the data end on {end}, {age:,} days before today, more than --max-age "
                f"{settings.max_age} allows",
                hint="fetch a newer export",
            )


# --- rejects ------------------------------------------------------------------


def _write_rejects(data: Data, target: str) -> None:
    """Every row that was set aside and every value read as blank, as CSV, for one pair of eyes."""
    from mpp_cli.formats.problems import csv_chunks
    from mpp_cli.problems import problems

    write_chunks(target, csv_chunks(problems(data.judgement.dataset)))
