"""Progress of long work: a bar on a terminal, a line per stage elsewhere, nothing when quiet."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from mpp_cli.common.errors import visible
from mpp_cli.sources.progress import Progress

#: Files smaller than this are read before anyone could look.
WORTH_TELLING = 64 << 20


@contextmanager
def watching(quiet: bool, every_file: bool = False) -> Iterator[Progress]:
    """What to tell while files are read: of large ones, or of every file and stage."""
    least = 0 if every_file else WORTH_TELLING
    if quiet or sys.stderr is None:
        yield Progress()
    elif sys.stderr.isatty():
        yield from _bar(least)
    else:
        yield Progress(stage=lambda name, size: _line(name, size, least))


def _line(name: str, size: int, least: int) -> None:
    if size >= least:
        length = f" ({size / 1e6:,.0f} MB)" if size else ""
        print(visible(f"mpp: {name}{length}"), file=sys.stderr, flush=True)


def _bar(least: int) -> Iterator[Progress]:
    """A Rich progress bar, drawn only once a stage of so many bytes is met."""
    bar, task = None, None

    def stage(name: str, size: int) -> None:
        nonlocal bar, task
        if size < least:
            task = None
            return
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            DownloadColumn,
            TaskProgressColumn,
            TextColumn,
            TimeElapsedColumn,
        )
        from rich.progress import Progress as Bar

        if bar is None:
            bar = Bar(
                TextColumn("{task.description}", markup=False),
                BarColumn(),
                TaskProgressColumn(),
                DownloadColumn(),
                TimeElapsedColumn(),
                console=Console(stderr=True),
                transient=True,
            )
            bar.start()
        task = bar.add_task(visible(name), total=size or None)

    def read(size: int) -> None:
        if bar is not None and task is not None:
            bar.advance(task, size)

    try:
        yield Progress(stage, read)
    finally:
        if bar is not None:
            bar.stop()
