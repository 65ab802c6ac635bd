"""Dates and kinds of events that a reader should know of, and that stop nothing."""

from __future__ import annotations

from collections.abc import Iterator

from mpp_cli.goals.rules import MPP_BEGAN
from mpp_cli.results import Warning
from mpp_cli.sources.dataset import Dataset


def warnings(dataset: Dataset) -> Iterator[Warning]:
    """Warnings about completions and grants of used rows, which no question changes."""
    if dataset.has("completions"):
        yield from _before_mpp(dataset)
        yield from _reopened_too_early(dataset)
    if dataset.has("grants"):
        yield from _of_unknown_kind(dataset)


def _before_mpp(dataset: Dataset) -> Iterator[Warning]:
    for number, file, line in _of_mpp(
        dataset, "completions", f"completion_date < DATE '{MPP_BEGAN}'"
    ):
        what = "completion of an MPP case is" if number == 1 else "completions of MPP cases are"
        yield Warning(
            "completion-before-programme",
            f"{number:,} {what} dated before {MPP_BEGAN}, when MPP began; the variant "
            f"since-inception leaves {'it' if number == 1 else 'them'} out",
            file,
            line,
        )


def _reopened_too_early(dataset: Dataset) -> Iterator[Warning]:
    if "reopened_date" not in dataset.columns("completions"):
        return
    for number, file, line in _of_mpp(dataset, "completions", "reopened_date < completion_date"):
        what = "completion has" if number == 1 else "completions have"
        whose = "its" if number == 1 else "their"
        yield Warning(
            "reopened-before-completion",
            f"{number:,} {what} a reopened_date before {whose} own date, which reopens nothing",
            file,
            line,
        )


def _of_unknown_kind(dataset: Dataset) -> Iterator[Warning]:
    for number, file, line in _of_mpp(dataset, "grants", "relief_type = 'unknown'"):
        what = "grant of an MPP case is" if number == 1 else "grants of MPP cases are"
        yield Warning(
            "relief-unknown",
            f"{number:,} {what} of unknown kind and not counted as relief; the variant "
            f"decision-says-relief counts {'it' if number == 1 else 'them'}",
            file,
            line,
        )


def _of_mpp(dataset: Dataset, table: str, where: str) -> Iterator[tuple[int, str, int]]:
    """How many used events of MPP cases there are of a kind, with the place of the first."""
    cases = "SELECT case_id FROM used_cases WHERE COALESCE(docket, 'mpp') = 'mpp'"
    rows = dataset.engine.fetch(
        f"SELECT _file, _line, count(*) OVER () FROM used_{table} "
        f"WHERE {where} AND case_id IN ({cases}) ORDER BY _file, _line LIMIT 1"
        if dataset.has("cases")
        else f"SELECT _file, _line, count(*) OVER () FROM used_{table} "
        f"WHERE {where} ORDER BY _file, _line LIMIT 1"
    )
    for file, line, number in rows:
        yield number, dataset.name_of(file), line
