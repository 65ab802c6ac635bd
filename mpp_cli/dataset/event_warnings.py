"""Dates and kinds of events that a reader should know of, and that stop nothing."""

from __future__ import annotations

from collections.abc import Iterator

from mpp_cli.goals.common_rules import MPP_BEGAN
from mpp_cli.results.report import Warning
from mpp_cli.sources.dataset import Dataset


def warnings(dataset: Dataset) -> Iterator[Warning]:
    """Warnings about completions and grants of used rows, which no question changes."""
    if dataset.has("completions"):
        yield from _before_mpp(dataset)
        yield from _reopened_too_early(dataset)
    if dataset.has("grants"):
        yield from _of_unknown_kind(dataset)


def _before_mpp(dataset: Dataset) -> Iterator[Warning]:
    yield from _counted(
        dataset,
        "completion-before-programme",
        f"completions of MPP cases dated before {MPP_BEGAN}, when MPP began (the variant "
        "since-inception leaves them out)",
        _of_mpp(dataset, "completions", f"completion_date < DATE '{MPP_BEGAN}'"),
    )


def _reopened_too_early(dataset: Dataset) -> Iterator[Warning]:
    if "reopened_date" in dataset.columns("completions"):
        yield from _counted(
            dataset,
            "reopened-before-completion",
            "completions of MPP cases with a reopened_date before their own date, which reopens "
            "nothing",
            _of_mpp(dataset, "completions", "reopened_date < completion_date"),
        )


def _of_unknown_kind(dataset: Dataset) -> Iterator[Warning]:
    yield from _counted(
        dataset,
        "relief-unknown",
        "grants to MPP cases of unknown kind, not counted as relief (the variant "
        "decision-says-relief counts them)",
        _of_mpp(dataset, "grants", "relief_type = 'unknown'"),
    )


def _counted(dataset: Dataset, id: str, what: str, found: str) -> Iterator[Warning]:
    """The number of events that a query gives, after what they are: no word tells one from many."""
    for file, line, number in dataset.engine.fetch(found):
        yield Warning(id, f"{what}: {number:,}", dataset.name_of(file), line)


def _of_mpp(dataset: Dataset, table: str, where: str) -> str:
    """The place of the first used event of an MPP case of a kind, and how many there are."""
    if dataset.has("cases"):
        mpp = "SELECT case_id FROM used_cases WHERE COALESCE(docket, 'mpp') = 'mpp'"
        where += f" AND case_id IN ({mpp})"
    return (
        f"SELECT _file, _line, count(*) OVER () FROM used_{table} WHERE {where} "
        "ORDER BY _file, _line LIMIT 1"
    )
