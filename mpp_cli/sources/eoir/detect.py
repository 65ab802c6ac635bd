"""Court data among the paths of ``--data``: releases, and imports of releases."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mpp_cli.engines.base import Engine
from mpp_cli.sources.eoir.options import Options
from mpp_cli.sources.eoir.release import is_import, is_part_of_release, is_release
from mpp_cli.sources.prevalidated import Settled
from mpp_cli.sources.progress import Progress


def split(
    paths: Sequence[str], shown: Sequence[str], mapped: bool = False
) -> tuple[list[str], tuple[str, ...], tuple[str, ...]]:
    """The paths that are court data; the others, and how the others are shown.

    A folder with some tables of a release is one whose proceedings are missing,
    unless files of other headings are ``mapped``: then it may be what is mapped.
    """
    release = is_release if mapped else is_part_of_release
    court = [path for path in paths if is_import(Path(path)) or release(Path(path))]
    left = [each for each in zip(paths, shown, strict=True) if each[0] not in court]
    return list(dict.fromkeys(court)), tuple(a for a, _ in left), tuple(b for _, b in left)


def load(
    path: str, engine: Engine, options: Options, first_number: int, progress: Progress
) -> Settled:
    """Read a release, or read again what was made of one. Raises DataError."""
    if is_import(Path(path)):
        from mpp_cli.sources.eoir import import_folder

        return import_folder.load(Path(path), engine, first_number)
    from mpp_cli.sources.eoir import import_release, remote_engine

    read = import_release.load if engine.name == "duckdb" else remote_engine.load
    return read(Path(path), engine, options, first_number, progress)
