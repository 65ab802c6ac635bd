"""docs/mapping.md: its example is run, and says what it says there."""

from __future__ import annotations

import os
import re
import shlex
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness import run

#: The columns of the terminal that the page shows.
WIDTH = "100"

PAGE = Path(__file__).parents[2] / "docs" / "mapping.md"

_FILE = re.compile(r"<!-- file: (\S+) -->\n```\w+\n(.*?)```\n", re.DOTALL)
_RUN = re.compile(r"(<!-- run -->\n```console\n)(.*?)(```\n)", re.DOTALL)


def example(folder: Path) -> Iterator[str]:
    """The runs of the page, each with what is printed now."""
    os.environ["COLUMNS"] = "100"
    text = PAGE.read_text(encoding="utf-8")
    for name, content in _FILE.findall(text):
        (folder / name).write_text(content, encoding="utf-8")
    for _, block, _ in _RUN.findall(text):
        lines = []
        for line in block.splitlines():
            if line.startswith("$ mpp "):
                _, out, err = run(shlex.split(line)[2:])
                lines += [line, *(each.rstrip() for each in (out.decode() + err).splitlines())]
        yield "\n".join(lines) + "\n"


def test_the_example_says_what_the_page_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", WIDTH)
    shown = [block for _, block, _ in _RUN.findall(PAGE.read_text(encoding="utf-8"))]
    assert [*example(tmp_path)] == shown, "run: python -m tests.cli.test_mapping_docs"


if __name__ == "__main__":
    os.chdir(tempfile.mkdtemp())
    os.environ["COLUMNS"] = WIDTH
    now = example(Path.cwd())
    made = _RUN.sub(lambda found: found[1] + next(now) + found[3], PAGE.read_text(encoding="utf-8"))
    sys.exit(0 if PAGE.write_text(made, encoding="utf-8") else 1)
