"""What somebody names as data: a path, a pattern, standard input or the sample."""

from __future__ import annotations

import os

from mpp_cli.common.errors import nearest

#: The word for the bundled sample, and the one for standard input.
SAMPLE = "sample"
STANDARD_INPUT = "-"


def is_pattern(path: str) -> bool:
    """Return whether ``path`` has a character that stands for others."""
    return any(character in path for character in "*?[")


def beside(folder: str, path: str) -> str:
    """Return a path that starts at ``folder`` as one that starts at the current folder."""
    if path in (SAMPLE, STANDARD_INPUT) or os.path.isabs(path) or not path.strip() or not folder:
        return path
    joined = os.path.join(folder, path)
    if is_pattern(path) and not os.path.lexists(joined):
        # Only the part that the user wrote is a pattern, even if the folder
        # has a bracket in its name.
        import glob

        return os.path.join(glob.escape(folder), path)
    return joined


def similar(path: str) -> str | None:
    """Return a hint with the name that is there and is nearest, if one is near.

    The first part of the path that does not exist is the one that is wrong:
    in ``exprots/cases.csv`` it is the folder.
    """
    beyond: list[str] = []
    while path:
        folder, name = os.path.split(path.rstrip(os.sep))
        try:
            names = sorted(os.listdir(folder or os.curdir))
        except FileNotFoundError:
            path, beyond = folder, [name, *beyond]
            continue
        except (OSError, ValueError):
            return None
        match = nearest(name, names)
        if match is None:
            return None
        corrected = os.path.join(folder, match)
        whole = os.path.join(corrected, *beyond)
        return f'did you mean "{whole if os.path.exists(whole) else corrected}"?'
    return None
