"""The examples of docs/json.md and docs/commands.md: the keys of real answers, and true figures."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.harness import run_json

PAGE = Path(__file__).parents[2] / "docs" / "json.md"
HEAD = ["format", "version", "engine", "definitions", "as_of", "title", "request"]
HEAD += ["warnings", "data"]

SECTIONS = {
    title: (command.split()[1:], json.loads(example))
    for title, command, example in re.findall(
        r"^## (mpp-\w+/1)\n\n`(mpp [^`]+) -f json`.*?^```json\n(.*?)^```",
        PAGE.read_text(encoding="utf-8"),
        re.MULTILINE | re.DOTALL,
    )
}


def check(example: Any, real: Any, place: str) -> None:
    """The example's keys are those of the answer; the first entry of a list stands for it."""
    if isinstance(example, dict):
        assert list(example) == list(real), place
        for key in example:
            check(example[key], real[key], f"{place}.{key}")
    elif isinstance(example, list):
        assert isinstance(real, list), place
        for entry, other in zip(example, real, strict=False):
            check(entry, other, place)
    else:
        assert example == real, place


@pytest.mark.parametrize("format", ["mpp-trend/1", "mpp-compare/1", "mpp-reconcile/1"])
def test_an_example_is_what_the_command_prints(format: str) -> None:
    command, example = SECTIONS[format]
    code, real, err = run_json([*command, "--data", "sample"])
    assert code == 0, err
    assert real is not None
    assert list(real)[: len(HEAD)] == HEAD
    assert real["format"] == format
    check(example, {key: value for key, value in real.items() if key not in HEAD}, format)


def told(example: Any, real: Any) -> bool:
    """Whether the answer holds what the example tells; ``…`` stands for what that leaves out."""
    if isinstance(example, dict):
        return all(told(value, real.get(key, ...)) for key, value in example.items() if key != "…")
    if isinstance(example, list):
        return all(any(told(one, other) for other in real) for one in example)
    if isinstance(example, str) and "…" in example:
        return isinstance(real, str) and real.startswith(example.partition("…")[0])
    return bool(example == real)


def test_the_example_of_an_explanation_is_true() -> None:
    page = PAGE.with_name("commands.md").read_text(encoding="utf-8")
    (example,) = re.findall(
        r"^```json\n(\{\"format\": \"mpp-explain/1\".*?)^```", page, re.M | re.S
    )
    wanted = json.loads(example)
    assert wanted.pop("metric") == "as in mpp-metric/1"
    asked = ["explain", "completion-rate", "--sql", "--data", "sample", "--as-of", "2020-12-31"]
    code, real, err = run_json(asked)
    assert code == 0, err
    assert real is not None
    for key, value in wanted.items():
        assert told(value, real.get(key)) or key == "…", key
