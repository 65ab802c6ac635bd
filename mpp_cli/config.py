"""Where options come from when the command line is silent, and where data do.

``mpp.toml`` holds defaults of options, the place of the data, and (under
``[tables]``) how an agency's own files map to mpp's tables. Everything in it
is checked when it is read: a default that is spelled wrong would otherwise be
a figure that is wrong without a word.
"""

from __future__ import annotations

import datetime
import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mpp_cli.errors import DataError, UsageError, did_you_mean, nearest

#: The file that is read from the current folder when it is there.
CONFIG_NAME = "mpp.toml"

#: The word for the bundled sample, and the one for standard input.
SAMPLE = "sample"
STANDARD_INPUT = "-"

#: The environment variable that names the data.
DATA_VARIABLE = "MPP_DATA"

FORMATS = ("table", "markdown", "csv", "json", "html", "xlsx", "value")

#: What the default of an option can be.
Default = str | int | bool | tuple[str, ...]


@dataclass(frozen=True)
class Config:
    """What ``mpp.toml`` says; empty when there is none.

    ``data`` are paths, patterns or ``sample``, ready to be opened. ``defaults``
    has the name of an option with underscores as its key (``as_of``), and as
    its value what the option would be: text, a number, true or false, or a
    tuple for an option that can be repeated. ``tables`` is as it was read.
    ``file`` is the config file as the user would name it, None without one.
    """

    data: tuple[str, ...] = ()
    defaults: Mapping[str, Default] = field(default_factory=dict)
    tables: Mapping[str, object] = field(default_factory=dict)
    file: str | None = None
    #: Whether ``data`` was set at all: an empty list is not the same as none.
    data_set: bool = False


@dataclass(frozen=True)
class DataChoice:
    """The data to read: ``paths`` as they were named, or the bundled ``sample``.

    ``paths`` may hold patterns, and ``-`` for standard input. It is empty for
    the sample, whose place the package knows.
    """

    paths: tuple[str, ...]
    sample: bool


# ------------------------------------------------------------------- mpp.toml


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
    shown = CONFIG_NAME if path is None else path
    found = os.path.join(cwd, shown) if cwd is not None else shown
    text = _read(found, shown, required=path is not None)
    return Config() if text is None else _parse(text, shown, os.path.dirname(found))


def _read(found: str, shown: str, *, required: bool) -> str | None:
    try:
        with open(found, "rb") as file:
            raw = file.read()
    except FileNotFoundError as error:
        if required:
            raise DataError(
                "the config file does not exist",
                file=shown,
                hint=_similar(found) or "correct --config, or leave it out",
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
            file=shown,
            hint="make it readable, or use --no-config",
        ) from error
    try:
        # Editors on Windows put a byte order mark first, which TOML forbids.
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(
            "the config file is not UTF-8",
            file=shown,
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

    data: tuple[str, ...] = ()
    tables: Mapping[str, object] = {}
    defaults: dict[str, Default] = {}
    for key, value in document.items():
        name = key.replace("-", "_")
        try:
            if name == "data":
                data = tuple(_beside(folder, item) for item in _texts(value))
            elif name == "tables":
                tables = _table(value)
            elif name not in _OPTIONS:
                known = ["data", "tables", *(option.replace("_", "-") for option in _OPTIONS)]
                raise UsageError(f'unknown key "{key}"', hint=did_you_mean(key, known))
            elif name in defaults:
                raise UsageError(f'"{key}" is set twice', hint="keep one of them")
            else:
                default = _OPTIONS[name](value)
                if name in _PATHS and isinstance(default, str):
                    default = _beside(folder, default)
                defaults[name] = default
        except _Unfit as error:
            raise UsageError(
                f'"{key}" is {_shown(value)}',
                file=file,
                line=_line_of(key, text),
                hint=f"{key} is {error}",
            ) from None
        except UsageError as error:
            error.file, error.line = file, _line_of(key, text)
            raise
    return Config(data, defaults, tables, file, data_set="data" in document)


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


def _line_of(key: str, text: str) -> int | None:
    """Return the line on which ``key`` is set, which TOML's reader does not tell."""
    name = f"[\"']?{re.escape(key)}[\"']?"
    starts = re.compile(rf"\s*(?:{name}\s*[=.]|\[+\s*{name}\s*[\].])")
    for number, line in enumerate(text.splitlines(), start=1):
        if starts.match(line):
            return number
    return None


def _beside(folder: str, path: str) -> str:
    """Return a path of the config file as a path of the current folder."""
    if path in (SAMPLE, STANDARD_INPUT) or os.path.isabs(path) or not path.strip() or not folder:
        return path
    joined = os.path.join(folder, path)
    if _is_pattern(path) and not os.path.lexists(joined):
        # Only the part that the user wrote is a pattern, even if the folder
        # has a bracket in its name.
        import glob

        return os.path.join(glob.escape(folder), path)
    return joined


# ------------------------------------------------------- the kinds of defaults


class _Unfit(Exception):
    """A value that the option cannot have; the text says what it can."""


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise _Unfit("text")
    return value


def _texts(value: object) -> tuple[str, ...]:
    items = value if isinstance(value, list) else [value]
    if not all(isinstance(item, str) for item in items):
        raise _Unfit('text, or a list of texts: ["a", "b"]')
    return tuple(items)


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise _Unfit("true or false")
    return value


def _whole(value: object) -> int:
    # True is an int in Python and not in TOML.
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise _Unfit("a whole number from 0")
    return value


def _date(value: object) -> str:
    if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
        return value.isoformat()
    if isinstance(value, str):
        american = re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", value, re.ASCII)
        try:
            if american:
                month, day, year = (int(part) for part in american.groups())
                return datetime.date(year, month, day).isoformat()
            if re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII):
                return datetime.date.fromisoformat(value).isoformat()
        except ValueError:
            pass
    raise _Unfit("a date: YYYY-MM-DD or M/D/YYYY")


def _limit(value: object) -> str:
    """A number of rows, or a share of them, as ``--max-set-aside`` takes it."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return str(value)
    if isinstance(value, str):
        share = re.fullmatch(r"(\d+(?:\.\d+)?)%", value, re.ASCII)
        if re.fullmatch(r"\d+", value, re.ASCII) or (share and float(share[1]) <= 100):
            return value
    raise _Unfit('a number of rows or a share of them: 100 or "0.1%"')


def _format(value: object) -> str:
    if value not in FORMATS:
        raise _Unfit(f"one of {', '.join(FORMATS)}{_meant(value, FORMATS)}")
    return str(value)


def _engine(value: object) -> str:
    if isinstance(value, str) and re.fullmatch(r"duckdb|spark|spark://[^\s:/]+:\d+", value):
        return value
    raise _Unfit(f"duckdb, spark or spark://HOST:PORT{_meant(value, ('duckdb', 'spark'))}")


def _meant(value: object, known: Iterable[str]) -> str:
    match = nearest(value, known) if isinstance(value, str) else None
    return f'; did you mean "{match}"?' if match else ""


def _conditions(value: object) -> tuple[str, ...]:
    """Conditions as ``--where`` takes them, from a table or from such texts."""
    expected = _Unfit('a table, { docket = "mpp" }, or a list of texts, ["docket=mpp"]')
    if isinstance(value, dict):
        return tuple(f"{column}={_cell(cell, expected)}" for column, cell in value.items())
    conditions = _texts(value)
    if not all(condition.partition("=")[0].strip() for condition in conditions):
        raise expected
    if not all("=" in condition for condition in conditions):
        raise expected
    return conditions


def _cell(value: object, otherwise: _Unfit) -> str:
    # A float has more than one spelling, and a column that is true or false
    # has the spelling of its source: as text they say what they mean.
    if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
        return value.isoformat()
    if isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
        return str(value)
    raise otherwise


def _table(value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise _Unfit("a section: [tables.cases]")
    return value


def _shown(value: object) -> str:
    """Return a value of any kind in the few words of a message."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "a list"
    text = f'"{value}"' if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else text[:60] + "…"


# The long options that can have a default, and what makes one fit.
_OPTIONS: dict[str, Callable[[object], Default]] = {
    "as_of": _date,
    "max_age": _whole,
    "by": _texts,
    "where": _conditions,
    "rejects": _text,
    "strict": _flag,
    "max_set_aside": _limit,
    "suppress_below": _whole,
    "format": _format,
    "output": _text,
    "engine": _engine,
    "quiet": _flag,
    "additional": _flag,
    "newest_release": _flag,
}

# Those whose value is a path: like data, it starts at the config file's folder.
_PATHS = ("output", "rejects")


# ------------------------------------------------------- where the data are


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
        return _choice(option, "--data")
    if DATA_VARIABLE in environ:
        # As in $PATH, a separator too many (":/new") is a habit and not an entry.
        listed = environ[DATA_VARIABLE].split(os.pathsep)
        return _choice([path for path in listed if path.strip()], f"${DATA_VARIABLE}")
    if config.data_set or config.data:
        return _choice(config.data, f"data in {config.file or CONFIG_NAME}")
    for asked, name in ((output, "--output"), (quiet, "--quiet"), (strict, "--strict")):
        if asked:
            raise DataError(
                f"no data were named, and with {name} the bundled sample must be asked for",
                hint="name your data with --data PATH, or use --data sample for invented figures",
            )
    return DataChoice((), sample=True)


def _choice(named: Iterable[str], origin: str) -> DataChoice:
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
            _require(path, origin)
    return DataChoice(paths, sample=False)


def _require(path: str, origin: str) -> None:
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
    if not _is_pattern(path):
        raise DataError(
            f"there is no such file or folder (named by {origin})",
            file=path,
            hint=_similar(path) or "check the path; a relative one starts at the current folder",
        )
    import glob

    if next(glob.iglob(path, recursive=True), None) is None:
        raise DataError(
            f"no file matches this pattern (named by {origin})",
            file=path,
            hint="check the pattern; list what is there with: ls",
        )


def _is_pattern(path: str) -> bool:
    return any(character in path for character in "*?[")


def _similar(path: str) -> str | None:
    """Return a hint with the name that is there and is nearest, if one is near.

    The first part of the path that does not exist is the one that is wrong:
    in ``exprots/cases.csv`` it is the folder.
    """
    beyond = ""
    while path:
        folder, name = os.path.split(path.rstrip(os.sep))
        try:
            names = sorted(os.listdir(folder or os.curdir))
        except FileNotFoundError:
            path, beyond = folder, os.path.join(name, beyond) if beyond else name
            continue
        except (OSError, ValueError):
            return None
        match = nearest(name, names)
        if match is None:
            return None
        corrected = os.path.join(folder, match)
        whole = os.path.join(corrected, beyond) if beyond else corrected
        return f'did you mean "{whole if os.path.exists(whole) else corrected}"?'
    return None
