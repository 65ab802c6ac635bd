"""Every error is met by a run, says exactly what docs/errors.md says, and none is left out."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tests.errors.page import PAGE, page
from tests.errors.reproducers import HERE, Reproducer, catalogue, every_site, meet, said

#: Errors that no run can meet at will, each with the reason; sites as every_site names them.
UNREACHED: dict[str, str] = tomllib.loads((HERE / "unreached.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("reproducer", catalogue(), ids=lambda entry: entry.name)
def test_an_error_is_met_as_the_page_says(reproducer: Reproducer, tmp_path: Path) -> None:
    met = meet(reproducer, tmp_path)
    assert said(reproducer.stderr, met.stderr), met.stderr
    assert (met.exit, met.stdout != b"") == (reproducer.exit, reproducer.prints)


def test_no_error_of_the_source_is_left_out(tmp_path: Path) -> None:
    met: set[str] = set()
    for number, reproducer in enumerate(catalogue()):
        folder = tmp_path / str(number)
        folder.mkdir()
        met |= meet(reproducer, folder).sites
    assert sorted(every_site() - met - UNREACHED.keys()) == []
    assert sorted(met & UNREACHED.keys()) == [], "reached after all"
    assert sorted(UNREACHED.keys() - every_site()) == [], "no longer in the source"


def test_the_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m tests.errors.page"
