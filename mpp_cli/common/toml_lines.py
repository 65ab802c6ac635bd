"""On which line of a TOML text a key is set, which TOML's reader does not tell."""

from __future__ import annotations

import re

_PART = re.compile(r"""\s*(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([A-Za-z0-9_-]+))\s*(\.?)""")
_HEADER = re.compile(r"\s*\[\[?(?P<name>[^\]]+)\]\]?\s*(?:#.*)?$")


def line_of(path: tuple[str, ...], text: str) -> int | None:
    """The line on which ``path``, or the longest part of it that can be found, is set.

    A key in a table in braces is looked for on the line of that table.
    """
    section: tuple[str, ...] = ()
    best: tuple[int, int | None] = (0, None)
    for number, line in enumerate(text.splitlines(), start=1):
        header = _HEADER.match(line)
        if header:
            found = section = _names(header["name"])
        else:
            found = section + _names(line)
            if len(found) == len(section):
                continue
        shared = 0
        while shared < min(len(found), len(path)) and found[shared] == path[shared]:
            shared += 1
        if shared > best[0]:
            best = (shared, number)
    return best[1]


def _names(text: str) -> tuple[str, ...]:
    """The dotted names at the start of a line."""
    names, at = [], 0
    while match := _PART.match(text, at):
        names.append(match[1] or match[2] or match[3] or "")
        at = match.end()
        if not match[4]:
            break
    return tuple(names)
