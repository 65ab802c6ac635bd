"""Two cores for one sequence: the next item is made while one is used."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")


def ahead(items: Iterator[Item]) -> Iterator[Item]:
    """The same items, none of which is None; the next one is made by another thread."""
    with ThreadPoolExecutor(1) as helper:
        coming = helper.submit(next, items, None)
        while (item := coming.result()) is not None:
            coming = helper.submit(next, items, None)
            yield item
