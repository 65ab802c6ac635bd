"""Where the data are looked for, and that what was named is there."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mpp_cli.cli.config.load import CONFIG_NAME, Config
from mpp_cli.cli.config.paths import SAMPLE, STANDARD_INPUT, is_pattern, similar
from mpp_cli.common.errors import DataError, UsageError

#: The environment variable that names the data.
DATA_VARIABLE = "MPP_DATA"


@dataclass(frozen=True)
class DataChoice:
    """The data to read: ``paths`` as they were named, or the bundled ``sample``.

    ``paths`` may hold patterns, and ``-`` for standard input. It is empty for
    the sample, whose place the package knows.
    """

    paths: tuple[str, ...]
    sample: bool


def resolve_data(
    option: list[str],
    config: Config,
    environ: Mapping[str, str],
    *,
    output: bool,
    quiet: bool,
    strict: bool,
) -> DataChoice:
    """Return the data to read: ``--data``, ``$MPP_DATA``, ``mpp.toml``, or the sample.

    The first of these that is set is the one that counts: if it is empty or
    names something that is not there, that is a :class:`DataError`, because
    figures from another place would look the same. For the same reason the
    sample, when the result is published (``output``), unseen (``quiet``) or
    checked (``strict``), is used only if it was asked for.
    """
    if option:
        return choose(option, "--data")
    if DATA_VARIABLE in environ:
        # A path that is there is one path, whatever is in its name. Otherwise, as
        # in $PATH, a separator too many (":/new") is a habit and not an entry.
        value = environ[DATA_VARIABLE]
        listed = [value] if os.path.exists(value) else value.split(os.pathsep)
        return choose([path for path in listed if path.strip()], f"${DATA_VARIABLE}")
    if config.data is not None:
        return choose(config.data, f"data in {config.file or CONFIG_NAME}")
    for asked, name in ((output, "--output"), (quiet, "--quiet"), (strict, "--strict")):
        if asked:
            raise DataError(
                f"no data were named, and with {name} the bundled sample must be asked for",
                hint="name your data with --data PATH, or use --data sample for invented figures",
            )
    return DataChoice((), sample=True)


def choose(named: Iterable[str], origin: str) -> DataChoice:
    """The data that ``origin``, an option or a setting, names; DataError if they are not there."""
    paths = tuple(named)
    if not any(path.strip() for path in paths):
        raise DataError(
            f"{origin} is set but empty",
            hint="name a file or folder there, or use --data sample for invented figures",
        )
    if not all(path.strip() for path in paths):
        # Often a shell variable that was not set: half of the data is not there.
        raise DataError(f"{origin} has an empty entry", hint="name a file or folder, or remove it")
    if SAMPLE in paths:
        if set(paths) != {SAMPLE}:
            raise UsageError(
                f"{origin} mixes the bundled sample with other data",
                hint="use sample alone; a folder of that name is ./sample",
            )
        return DataChoice((), sample=True)
    if paths.count(STANDARD_INPUT) > 1:
        raise UsageError(
            f"{origin} names standard input twice", hint="it can be read only once: use one -"
        )
    for path in paths:
        if path != STANDARD_INPUT:
            require(path, origin)
    return DataChoice(paths, sample=False)


def require(path: str, origin: str) -> None:
    """Raise :class:`DataError` unless ``path`` exists or is a pattern that matches."""
    try:
        os.stat(path)
        return
    except (FileNotFoundError, NotADirectoryError, ValueError):
        pass
    except OSError as error:
        denied = isinstance(error, PermissionError)
        raise DataError(
            f"cannot be read: {error.strerror} (named by {origin})",
            file=path,
            hint="give this user permission to read it" if denied else "check the path",
        ) from error
    if not is_pattern(path):
        raise DataError(
            f"there is no such file or folder (named by {origin})",
            file=path,
            hint=similar(path) or "check the path; a relative one starts at the current folder",
        )
    import glob

    if next(glob.iglob(path, recursive=True), None) is None:
        raise DataError(
            f"no file matches this pattern (named by {origin})",
            file=path,
            hint="check the pattern; list what is there with: ls",
        )
