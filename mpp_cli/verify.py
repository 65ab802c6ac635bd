"""A saved report against its inputs: computed again, and compared.

Of the saved file only what was asked for is believed: the data, the date, the
breakdown, the conditions. Every figure, balance and word is computed again from
the data as they are now, and whatever differs is named.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mpp_cli import api
from mpp_cli.differences import Difference, Foreign, Json, compared, inputs, metrics_of
from mpp_cli.errors import DataError, UsageError, did_you_mean
from mpp_cli.formats import json_
from mpp_cli.goals import EVERY
from mpp_cli.question import ask
from mpp_cli.sources.mapping.mapped import Mapping as Mapped
from mpp_cli.sources.progress import Progress

#: The documents that can be computed again, and where their metrics are.
FORMATS = ("mpp-report/1", "mpp-metric/1")

#: More than any report holds; a device would never end.
LARGEST = 1 << 26

_REMEDY = "name a file that `mpp report -f json` or `mpp metric NAME -f json` has written"


@dataclass(frozen=True)
class Verified:
    """What came of it: the differences, and how many figures and files were compared."""

    differences: tuple[Difference, ...]
    figures: int
    files: int
    as_of: datetime.date

    @property
    def failures(self) -> tuple[Difference, ...]:
        """The differences that make the check fail."""
        return tuple(each for each in self.differences if not each.noted)


@dataclass(frozen=True)
class Saved:
    """A saved document, and the request in it that it is computed again with."""

    path: str
    document: Json
    as_of: datetime.date
    data: tuple[str, ...]
    by: tuple[str, ...]
    where: Mapping[str, str]
    suppress_below: int | None
    metric: str | None
    measure: str | None
    newest_release: bool
    additional: bool
    #: The fingerprint of the mapping that its data were read through.
    mapping: str | None = None


def read(path: str) -> Saved:
    """The document in a file; DataError for anything but a report that mpp has saved."""
    document = _parsed(path)
    try:
        return _request(document, path)
    except (Foreign, KeyError, TypeError, ValueError, AttributeError) as error:
        raise DataError(
            "this is not a report from mpp: its request cannot be read", file=path, hint=_REMEDY
        ) from error


def verify(
    saved: Saved,
    data: Sequence[str] = (),
    progress: Progress | None = None,
    mapping: Mapped | None = None,
) -> Verified:
    """Compute a saved document again from its data, or from ``data``, and compare.

    ``mapping`` is the one to read them through, where it was read through one.
    """
    named = list(data or saved.data)
    with api.load(
        named,
        columns=ask(by=saved.by, where=saved.where).columns,
        newest_release=saved.newest_release,
        max_set_aside="100%",  # What was allowed then is not what is asked now.
        progress=progress,
        mapping=mapping,
    ) as loaded:
        try:
            return _compared(saved, loaded)
        except Foreign as error:
            raise DataError(
                "this is not a report from mpp: its figures cannot be read",
                file=saved.path,
                hint=_REMEDY,
            ) from error


def _compared(saved: Saved, loaded: api.Data) -> Verified:
    files = {each.file: each.hash for each in loaded.judgement.sources}
    found = [*inputs(saved.document, files)]
    if loaded.mapping and loaded.mapping.hash != saved.mapping:
        found.append(
            Difference("mapping changed", f"{saved.mapping} saved, {loaded.mapping.hash} now")
        )
    try:
        now: Json = json.loads(_again(saved, loaded))
    except UsageError as error:
        # A column that was asked for is no longer there: the input is another one.
        found.append(Difference("figure changed", f"none can be computed: {error.message}"))
        return Verified(tuple(found), 0, len(files), saved.as_of)
    found += compared(saved.document, now)
    figures = sum(len(each["measures"]) for each in metrics_of(now))
    figures += sum(len(row["values"]) for each in metrics_of(now) for row in each["rows"])
    return Verified(tuple(found), figures, len(files), saved.as_of)


def _again(saved: Saved, loaded: api.Data) -> str:
    asked: dict[str, Any] = {
        "as_of": saved.as_of,
        "by": saved.by,
        "where": saved.where,
        "suppress_below": saved.suppress_below,
    }
    if saved.metric is None:
        return json_.render(api.report(loaded, additional=saved.additional, **asked))
    return json_.render(api.metric(loaded, saved.metric, measure=saved.measure, **asked))


# --- reading what was saved ------------------------------------------------------


def _parsed(path: str) -> Json:
    try:
        with open(path, "rb") as stream:
            raw = stream.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise DataError(f"cannot be read: {reason}", file=path, hint=_REMEDY) from error
    if len(raw) > LARGEST:
        raise DataError("is longer than any report", file=path, hint=_REMEDY)
    try:
        document = json.loads(raw.decode("utf-8-sig"), object_pairs_hook=_once)
    except json.JSONDecodeError as error:
        raise DataError(
            f"this is not JSON: {error.msg}", file=path, line=error.lineno, hint=_REMEDY
        ) from error
    except (ValueError, RecursionError) as error:
        raise DataError("this is not JSON that can be read", file=path, hint=_REMEDY) from error
    kind = document.get("format") if isinstance(document, dict) else None
    if kind not in FORMATS:
        shown = f'its format is "{kind}"' if isinstance(kind, str) else "it names no format of mpp"
        raise DataError(
            f"this is not a report that can be computed again: {shown}", file=path, hint=_REMEDY
        )
    found: Json = document
    return found


def _once(pairs: list[tuple[str, Any]]) -> Json:
    """An object; one with a key twice says different things to different readers."""
    if len({key for key, _ in pairs}) < len(pairs):
        raise ValueError("a key is there twice")
    return dict(pairs)


def _request(document: Json, path: str) -> Saved:
    request = document["request"]
    options = dict(request.get("options") or {})
    measure, newest = options.pop("measure", None), options.pop("newest_release", False)
    mapping = options.pop("mapping", None)
    additional = options.pop("additional", False)
    if options:
        raise DataError(
            f"it was made with options that this version cannot repeat: {', '.join(options)}",
            file=path,
            hint="use the version of mpp that made it",
        )
    metric = document["metric"]["name"] if document["format"] == "mpp-metric/1" else None
    if metric is not None and metric not in EVERY:
        raise DataError(
            f'it is about "{metric}", which is not a metric of this version',
            file=path,
            hint=did_you_mean(str(metric), EVERY),
        )
    below = request["suppress_below"]
    if below is not None and type(below) is not int:
        raise TypeError(below)
    for each in metrics_of(document):
        _texts([each["name"], *(measure["name"] for measure in each["measures"])])
    return Saved(
        path,
        document,
        datetime.date.fromisoformat(document["as_of"]),
        _texts(request["data"]),
        _texts(request["by"]),
        dict(zip(_texts(request["where"]), _texts(request["where"].values()), strict=True)),
        below,
        metric,
        None if measure is None else _texts([measure])[0],
        newest is True,
        additional is True,
        None if mapping is None else _texts([mapping])[0],
    )


def _texts(values: Iterable[Any]) -> tuple[str, ...]:
    found = tuple(values)
    if isinstance(values, str) or not all(isinstance(each, str) for each in found):
        raise TypeError(values)
    return found
