"""``mpp.toml``: where options come from when the command line is silent.

It holds defaults of options, the place of the data, and how the columns of
foreign files map to mpp's tables. Everything in it is checked when it is read:
a default that is spelled wrong would otherwise be a figure that is wrong without
a word.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mpp_cli.cli.config.options import OPTIONS, PATHS, Default, Unfit, shown, texts
from mpp_cli.cli.config.paths import beside, similar
from mpp_cli.common.errors import DataError, UsageError, did_you_mean
from mpp_cli.common.toml_lines import line_of
from mpp_cli.sources.mapping.config_section import Declared

#: The file that is read from the current folder when it is there.
CONFIG_NAME = "mpp.toml"

#: More than any config file holds; a device would never end.
_LARGEST = 1 << 20


@dataclass(frozen=True)
class Config:
    """What ``mpp.toml`` says; empty when there is none.

    ``data`` are paths, patterns or ``sample``, ready to be opened; None when
    they are not set, which an empty list is. ``defaults`` has the name of an
    option with underscores as its key (``as_of``), and as its value what the
    option would be: text, a number, true or false, or a tuple for an option
    that can be repeated. ``file`` is the config
    file as the user would name it, None without one.
    """

    data: tuple[str, ...] | None = None
    defaults: Mapping[str, Default] = field(default_factory=dict)
    file: str | None = None
    tables: Declared | None = None


def load_config(path: str | None, *, enabled: bool, cwd: Path | None = None) -> Config:
    """Read the config file ``path``, or ``mpp.toml`` in the current folder.

    Nothing is read unless ``enabled``. ``cwd`` stands for the current folder.
    Relative paths in the file start at the file's own folder. Raises
    :class:`DataError` when the file cannot be read, and :class:`UsageError`
    when it says something that mpp does not know.
    """
    if not enabled:
        if path is not None:
            raise UsageError(
                "--config and --no-config contradict each other", hint="use one of them"
            )
        return Config()
    file = CONFIG_NAME if path is None else path
    found = os.path.join(cwd, file) if cwd is not None else file
    text = _read(found, file, required=path is not None)
    return Config() if text is None else _parse(text, file, os.path.dirname(found))


def _unless_pipe(path: str, flags: int) -> int:
    """Open a file, but no named pipe: nobody may write to it, and it would be waited for.

    What a shell puts in the place of ``<(command)`` has its writer already.
    """
    if stat.S_ISFIFO(os.stat(path).st_mode) and not path.startswith(("/dev/", "/proc/")):
        raise OSError(errno.EINVAL, "it is a pipe")
    return os.open(path, flags)


def _read(found: str, file: str, *, required: bool) -> str | None:
    try:
        with open(found, "rb", opener=_unless_pipe) as stream:
            raw = stream.read(_LARGEST + 1)
    except FileNotFoundError as error:
        if required:
            raise DataError(
                "the config file does not exist",
                file=file,
                hint=similar(found) or "correct --config, or leave it out",
            ) from error
        return None
    except (OSError, ValueError) as error:
        # The default file in a folder that cannot even be searched (cron often
        # starts in another user's) cannot have been meant. One that is there
        # and cannot be read can: going on without it could change the figures.
        if not required and not os.path.lexists(found):
            return None
        reason = getattr(error, "strerror", None) or str(error)
        raise DataError(
            f"the config file cannot be read: {reason}",
            file=file,
            hint="make it readable, or use --no-config",
        ) from error
    if len(raw) > _LARGEST:
        raise DataError("the config file is longer than 1 MB", file=file, hint="name another file")
    try:
        # Editors on Windows put a byte order mark first, which TOML forbids.
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(
            "the config file is not UTF-8",
            file=file,
            line=raw.count(b"\n", 0, error.start) + 1,
            hint="save it as UTF-8",
        ) from error


def _parse(text: str, file: str, folder: str) -> Config:
    # Imported here because most runs have no config file, and starting is to
    # be fast.
    import tomllib

    try:
        document = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise _bad_toml(error, text, file) from error

    def wrong(key: str, message: str, hint: str) -> UsageError:
        return UsageError(message, file=file, line=line_of((key,), text), hint=hint)

    data: tuple[str, ...] | None = None
    tables: Declared | None = None
    defaults: dict[str, Default] = {}
    for key, value in document.items():
        name = key.replace("-", "_")
        if name in defaults:
            raise wrong(key, f'"{key}" is set twice', "keep one of them")
        try:
            if name == "data":
                data = tuple(beside(folder, path) for path in texts(value))
            elif name == "tables":
                if not isinstance(value, dict):
                    raise Unfit("a section for each table: [tables.cases]")
                tables = Declared(value, text, file)
            elif name in OPTIONS:
                default = OPTIONS[name](value)
                if name in PATHS and isinstance(default, str):
                    default = beside(folder, default)
                defaults[name] = default
            else:
                known = ["data", "tables", *(option.replace("_", "-") for option in OPTIONS)]
                raise wrong(key, f'unknown key "{key}"', did_you_mean(key, known))
        except Unfit as error:
            raise wrong(key, f'"{key}" is {shown(value)}', f"{key} is {error}") from None
    return Config(data, defaults, file, tables)


def _bad_toml(error: Exception, text: str, file: str) -> UsageError:
    """Return tomllib's complaint with its line as a place and not as words."""
    lines = text.splitlines()
    message = str(error) if isinstance(error, ValueError) else "nested too deeply"
    place = re.search(r" \(at (?:line (\d+), column \d+|end of document)\)$", message)
    line: int | None = None
    if place:
        message = message[: place.start()]
        line = int(place[1]) if place[1] else max(len(lines), 1)
    return UsageError(
        f"this is not TOML: {message}",
        file=file,
        line=line,
        excerpt=lines[line - 1] if line and line <= len(lines) else None,
        hint='a line is: name = "text", name = 12, name = true, name = ["a", "b"] or [section]',
    )
