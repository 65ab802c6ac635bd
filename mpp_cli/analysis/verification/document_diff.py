"""How two JSON documents of the same kind differ, named thing by thing.

The first is a saved file that anybody may have changed, so nothing is taken for
granted of its shape.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]


class Foreign(Exception):
    """The saved document does not have the shape of one that mpp writes."""


@dataclass(frozen=True)
class Difference:
    """One thing that is not as it was saved; one that is only ``noted`` fails nothing."""

    kind: str
    text: str
    noted: bool = False


def inputs(saved: Json, now: Mapping[str, str]) -> Iterator[Difference]:
    """Files whose bytes are not those that the saved document was computed from."""
    before: dict[str, str] = {}
    for source in _list(_dict(saved.get("data")).get("sources")):
        before[str(_dict(source).get("file"))] = str(_dict(source).get("hash"))
    for file, old in before.items():
        if file not in now:
            yield Difference("input changed", f"{file}: no longer among the data")
        elif now[file] != old:
            yield Difference("input changed", f"{file}: {old} saved, {now[file]} now")
    for file in now:
        if file not in before:
            yield Difference("input changed", f"{file}: not among the data when it was saved")


def compared(saved: Json, now: Json) -> Iterator[Difference]:
    """What differs between a saved document and the same one computed now."""
    if saved.get("definitions") != now["definitions"]:
        yield Difference(
            "definition changed", f"{saved.get('definitions')} saved, {now['definitions']} now"
        )
    other_version = saved.get("version") != now["version"]
    if other_version:
        text = f"{saved.get('version')} saved, {now['version']} now"
        yield Difference("version changed", text, noted=True)
    before = {each["name"]: each for each in metrics_of(saved)}
    after = {each["name"]: each for each in metrics_of(now)}
    for name in dict.fromkeys([*before, *after]):
        if name not in before or name not in after:
            where = "not saved" if name not in before else "saved, not computed now"
            yield Difference("figure changed", f"{name}: {where}")
            continue
        figures = [*_figures(before[name], after[name])]
        yield from figures
        balances = [*_balances(before[name], after[name])]
        yield from balances
        if not (figures or balances) and before[name] != after[name]:
            differing = [key for key in after[name] if before[name].get(key) != after[name][key]]
            text = f"{name}: {', '.join(differing) or 'more is saved than is computed'}"
            yield Difference("text changed", text, noted=other_version)
    yield from _rest(saved, now, other_version)


def _figures(before: Json, after: Json) -> Iterator[Difference]:
    """Figures of one metric that differ: of all cases, then group by group."""
    if before.get("status") != after["status"]:
        text = f"{before.get('status')} saved, {after['status']} now"
        yield Difference("figure changed", f"{after['name']}: {text}")
    old = {each["name"]: _dict(each) for each in _list(before.get("measures"))}
    new = {each["name"]: each for each in after["measures"]}
    for name in dict.fromkeys([*new, *old]):
        one, other = old.get(name, {}), new.get(name, {})
        same = all(one.get(key) == other.get(key) for key in ("value", "display", "suppressed"))
        if not same or type(one.get("value")) is not type(other.get("value")):
            yield _figure(after["name"], name, "", _shown(one), _shown(other))
    rows, others = _rows(before), _rows(after)
    for group in dict.fromkeys([*others, *rows]):
        saved_values, values = rows.get(group, {}), others.get(group, {})
        for name in dict.fromkeys([*values, *saved_values]):
            if saved_values.get(name, _NONE) != values.get(name, _NONE):
                yield _figure(
                    *(after["name"], name, group),
                    *(_cell(each.get(name, _NONE)) for each in (saved_values, values)),
                )


_NONE = "nothing"


def _figure(metric: str, measure: str, group: str, saved: str, now: str) -> Difference:
    where = f", {group}" if group else ""
    return Difference("figure changed", f"{metric}, {measure}{where}: {saved} saved, {now} now")


def _shown(measure: Json) -> str:
    if not measure:
        return _NONE
    value, display = measure.get("value"), measure.get("display")
    return f"{_cell(value)} ({display})"


def _cell(value: Any) -> str:
    return "no figure" if value is None else str(value)


def _rows(metric: Json) -> dict[str, Json]:
    """The values of every group, by the words of the group."""
    found = {}
    for row in map(_dict, _list(metric.get("rows"))):
        group = " and ".join(
            f"{name} = {'(blank)' if value is None else value}"
            for name, value in _dict(row.get("by")).items()
        )
        found[group] = _dict(row.get("values"))
    return found


def _balances(before: Json, after: Json) -> Iterator[Difference]:
    old = {str(_dict(each).get("measure")): each for each in _list(before.get("ledger"))}
    new = {each["measure"]: each for each in after["ledger"]}
    for name in dict.fromkeys([*new, *old]):
        if old.get(name) != new.get(name):
            yield Difference("balance changed", f"{after['name']}, {name}")


def _rest(saved: Json, now: Json, other_version: bool) -> Iterator[Difference]:
    """Words around the figures, and the accounts of files whose bytes are the same."""
    if saved.get("title") != now["title"]:
        yield Difference("text changed", "title", noted=other_version)
    if _goals(saved) != _goals(now):
        yield Difference("text changed", "goals", noted=other_version)
    yield from _warnings(saved, now, other_version)
    data = _dict(saved.get("data"))
    if data.get("sample") != now["data"]["sample"]:
        yield Difference("text changed", "whether the data are the sample")
    # A file that several tables were made of has an account for each, in their order.
    sources: dict[str, list[Json]] = {}
    for each in map(_dict, _list(data.get("sources"))):
        sources.setdefault(str(each.get("file")), []).append(each)
    for source in now["data"]["sources"]:
        held = sources.get(source["file"])
        old = held.pop(0) if held else {}
        keys = [key for key in source if key != "through" and old.get(key) != source[key]]
        if not _may_end(old.get("through"), source["through"]):
            keys.append("through")
        if keys and old.get("hash") == source["hash"]:
            text = f"{source['file']}: {', '.join(keys)}"
            yield Difference("account changed", text, noted=other_version)


def _may_end(before: Any, now: Any) -> bool:
    """Whether a file can have ended on one day and end on the other.

    Dates in the future do not count until they have come, so that its end may move
    forwards; nothing moves it back.
    """
    if before is None or now is None or not isinstance(before, str):
        return before == now or (before is None and isinstance(now, str))
    return before <= str(now)


#: Warnings that depend on the day on which the report is made.
_OF_THE_DAY = ("date-after-data-end", "as-of-beyond-data", "no-dates")


def _warnings(saved: Json, now: Json, other_version: bool) -> Iterator[Difference]:
    """Warnings that were given and are not, and the reverse."""
    before, after = (
        [
            tuple(_dict(each).get(key) for key in ("id", "text", "file", "line"))
            for each in _list(document.get("warnings"))
            if _dict(each).get("id") not in _OF_THE_DAY
        ]
        for document in (saved, now)
    )
    for these, others, what in ((before, after, "no longer given"), (after, before, "not saved")):
        for each in these:
            if each not in others:
                yield Difference("warning changed", f"{each[1]}: {what}", noted=other_version)


def _goals(document: Json) -> list[tuple[Any, Any]]:
    goals = [_dict(each) for each in _list(document.get("goals"))]
    return [(each.get("number"), each.get("goal")) for each in goals]


def metrics_of(document: Json) -> list[Json]:
    """The metrics of a document of either kind."""
    if document["format"] == "mpp-metric/1":
        return [_dict(document["metric"])]
    goals = [_dict(each) for each in _list(document.get("goals"))]
    found = [each for goal in goals for each in _list(goal.get("metrics"))]
    return [*map(_dict, found), *map(_dict, _list(document.get("additional")))]


def _dict(value: Any) -> Json:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Foreign(value)
    return value


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise Foreign(value)
    return value
