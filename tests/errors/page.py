"""docs/errors.md, made from the catalogue: ``python -m tests.errors.page`` writes it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from tests.errors.reproducers import Reproducer, catalogue

PAGE = Path(__file__).parents[2] / "docs" / "errors.md"

_INTRODUCTION = """\
# Errors

Every error `mpp` can report, a command that triggers it, and the exact message. The
folder `data` holds small tables; other files of an example are shown with it. `…` stands for what
differs from run to run. The tests run each of these examples, and fail when the source holds an
error that is not here.

An error is printed on standard error: the file and line where there is one, what is wrong, the
text that was read, and the remedy. Nothing is printed on standard output, and an earlier output
file stays as it was.

| exit code | meaning |
|---|---|
| 0 | done |
| 2 | wrong usage: the command line or `mpp.toml` asks for what does not exist |
| 3 | the data were refused, or the figure asked for is unavailable |
| 4 | the output could not be written |
| 5 | a check that was asked for failed |
| 70 | a fault of mpp's own: one line says where its log is |
| 130 | interrupted (SIGINT, Ctrl-C) |
| 143 | terminated (SIGTERM) |
"""


def page() -> str:
    """The whole text of the page."""
    lines = [_INTRODUCTION]
    for theme, entries in groupby(catalogue(), key=lambda entry: entry.theme):
        lines.append(f"## {theme.replace('-', ' ').capitalize()}\n")
        for entry in entries:
            lines.extend(_section(entry))
    return "\n".join(lines)


def _section(entry: Reproducer) -> Iterator[str]:
    yield f"### {entry.name}\n"
    yield f"When {entry.when}. Exit code {entry.exit}.\n"
    for name, text in entry.files.items():
        yield f"`{name}`:\n"
        yield f"~~~\n{text.strip(chr(10))}\n~~~\n"
    said = f"$ {entry.run}\n{entry.stderr.strip(chr(10))}"
    yield f"~~~\n{_shortened(said)}\n~~~\n"


def _shortened(text: str) -> str:
    """The text with a letter that is repeated a hundred times shown six times."""
    return re.sub(r"(.)\1{99,}", r"\1\1\1…\1\1\1", text)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
