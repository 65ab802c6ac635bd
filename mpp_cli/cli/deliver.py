"""How every command delivers: remarks on stderr, the answer whole to its place."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from mpp_cli.cli.output import open_output, write_bytes, write_text
from mpp_cli.common.errors import CheckFailed, fitted, visible
from mpp_cli.results.report import WITHHELD, lost_of

if TYPE_CHECKING:
    from mpp_cli.cli.settings import Settings
    from mpp_cli.results.explanation import Explanation
    from mpp_cli.results.report import Head, MetricReport, Report, Source
    from mpp_cli.results.variants import VariedFigures


def deliver(
    settings: Settings,
    answer: Report | MetricReport | Explanation | VariedFigures,
    render: Callable[..., str | bytes] | None = None,
    private: bool = False,
) -> None:
    """Say what there is to say on stderr, then write the answer.

    ``render`` makes its text, if not :func:`mpp_cli.formats.render`. A ``private``
    answer holds records of the data.
    """
    from mpp_cli import formats

    _check_available(settings, answer)
    tell(settings, answer.head)
    make: Callable[..., str | bytes] = render or formats.render
    _write(settings, make(answer, settings.format, **look(settings.output)), private)


def hand_out(
    settings: Settings,
    head: Head,
    answer: object,
    render: Callable[..., str | bytes],
    before: Head | None = None,
) -> None:
    """Say on stderr what there is to say, then write an answer that is no report.

    ``before`` is the head of an earlier release that the answer compares with.
    """
    tell(settings, head, of=_paths(head) if before else "")
    if before:
        # --rejects takes those of the later release only.
        warn(settings, before, of=_paths(before), lists="`mpp validate`")
    _write(settings, render(answer, settings.format, **look(settings.output)))


def _write(settings: Settings, made: str | bytes, private: bool = False) -> None:
    write = write_bytes if isinstance(made, bytes) else write_text
    write(settings.output, made, private=private)  # type: ignore[arg-type]


def tell(settings: Settings, head: Head, lost: bool = True, of: str = "") -> None:
    """Say on stderr what the reader of an output should know besides.

    ``lost`` is to say how much of the data could not be used, ``of`` which of two
    releases they are.
    """
    say = _speaker(settings.quiet)
    if head.sample:
        say("mpp: SAMPLE DATA: these figures come from invented cases; name your own with --data")
    if settings.format == "value":
        say(f"mpp: as of {head.as_of}")
    warn(settings, head, lost=lost, of=of)


def warn(
    settings: Settings,
    head: Head,
    lost: bool = True,
    of: str = "",
    lists: str = "--rejects FILE",
) -> None:
    """Say on stderr what may be wrong with the data; see :func:`tell`.

    ``lists`` is what lists the rows that could not be used.
    """
    say = _speaker(settings.quiet)
    if lost:
        _say_what_was_lost(say, head.sources, of, lists)
    for warning in head.warnings:
        place = f"{warning.file}:{warning.line}: " if warning.file and warning.line else ""
        tell_it = _speaker(settings.quiet and not warning.loud)
        tell_it(f"mpp: warning: {place}{warning.text}")


def _paths(head: Head) -> str:
    return ", ".join(head.request.data)


def look(output: str | None) -> dict[str, Any]:
    """The ``color`` and ``width`` of the table format when it is written there."""
    terminal = output is None and sys.stdout is not None and sys.stdout.isatty()
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return {"color": terminal and not plain, "width": _width(terminal)}


def _say_what_was_lost(
    say: Callable[[str], None], sources: Sequence[Source], of: str, lists: str
) -> None:
    """One line on rows set aside and values blanked, whatever their number."""
    rows, values = lost_of(sources)
    if rows or values:
        read = sum(source.rows_read for source in sources)
        shown = WITHHELD if any(source.withheld for source in sources) else f"{read:,}"
        whose = f"{of}: " if of else ""
        say(
            f"mpp: warning: {whose}of {shown} rows read; set aside: {rows:,}; values read as "
            f"blank: {values:,} (the sources of the report say why; {lists} lists them)"
        )


def _width(terminal: bool) -> int | None:
    """The columns of the terminal, or what COLUMNS asks of a pipe; None for the default."""
    import shutil

    if terminal:
        return shutil.get_terminal_size().columns
    asked = os.environ.get("COLUMNS", "")
    return int(asked) if re.fullmatch("[1-9][0-9]{0,3}", asked) else None


def _speaker(quiet: bool) -> Callable[[str], None]:
    def say(text: str) -> None:
        if not quiet and sys.stderr is not None:
            # A remark that nobody can read stops no report.
            with suppress(OSError, UnicodeEncodeError):
                print(fitted(visible(text)), file=sys.stderr)

    return say


def _check_available(
    settings: Settings, answer: Report | MetricReport | Explanation | VariedFigures
) -> None:
    if not settings.strict:
        return
    for metric in answer.metrics:
        if metric.status != "ok":
            raise CheckFailed(
                f"{metric.name} is unavailable: {metric.reason}; --strict prints nothing"
            )


def write_chunks(target: str | None, chunks: Iterable[str]) -> None:
    """Write records as they come, into a private file where it is a file."""
    with open_output(target, private=True) as stream:
        for chunk in chunks:
            stream.write(chunk.encode("utf-8", "backslashreplace"))
