"""docs/code.md names files that are there, and every room."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.test_structure import ROOMS

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "code.md").read_text(encoding="utf-8")
NAMED = sorted({*re.findall(r"`((?:[\w]+/)+(?:[\w]+\.py)?|[\w]+/__init__\.py)`", PAGE)})


@pytest.mark.parametrize("name", NAMED)
def test_a_file_that_the_page_names_is_there(name: str) -> None:
    folders = (ROOT, *(ROOT / "mpp_cli" / each for each in ("", "sources", "analysis")))
    assert any((folder / name).exists() for folder in folders)


def test_the_page_has_a_row_for_every_room() -> None:
    rooms = {name.removeprefix("mpp_cli.") for name in ROOMS if name.count(".") == 1}
    rows = {*re.findall(r"^\| `(\w+)/` \|", PAGE, re.MULTILINE)}
    assert rows == rooms - {"__main__", "app"}
