"""Errors that a user can act on: where it is, what it is, and the remedy.

Every failure that mpp foresees is an :class:`MppError`. The class says which
exit code the process ends with; :func:`render` turns the error into the lines
that are printed on standard error. Text in an error may come from data or file
names, so it is never printed as it is: see :func:`visible`.
"""

from __future__ import annotations

import difflib
import os
import re
import sys
from collections.abc import Iterable
from typing import ClassVar

#: Shown characters of an excerpt; what is beyond is cut.
EXCERPT_LENGTH = 200

#: Names listed by :func:`did_you_mean` when none is near.
NAMES_LISTED = 40

# Characters that move the cursor, start a terminal escape or reorder the line:
# C0, DEL and C1; the line and paragraph separators, which some terminals and
# log readers break lines at; the bidirectional controls; and lone surrogates,
# which stand for bytes of a file name that are not UTF-8 and cannot be encoded.
_HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


class MppError(Exception):
    """A failure with a message for the user; the base of all others.

    ``message`` says what is wrong, without the place; ``file`` and ``line``
    are the place, as the user named it; ``excerpt`` is the offending text as
    it was read; ``hint`` is the remedy. Only the message is required.
    """

    #: What the process ends with. The base is a fault of mpp's own.
    exit_code: ClassVar[int] = 70

    def __init__(
        self,
        message: str,
        *,
        file: str | None = None,
        line: int | None = None,
        excerpt: str | None = None,
        hint: str | None = None,
    ) -> None:
        # Only the message goes to Exception: it rebuilds an unpickled error
        # from its arguments and then restores the attributes by itself.
        super().__init__(message)
        self.message = message
        self.file = file
        self.line = line
        self.excerpt = excerpt
        self.hint = hint

    def __str__(self) -> str:
        """Return the place and the message in one line, safe to print."""
        return visible(_place(self) + self.message)


class UsageError(MppError):
    """The command line or ``mpp.toml`` asks for something that does not exist."""

    exit_code = 2


class DataError(MppError):
    """The data were refused."""

    exit_code = 3


class UnavailableError(MppError):
    """The figure asked for cannot be computed from these data."""

    exit_code = 3


class OutputError(MppError):
    """The output could not be written."""

    exit_code = 4


class CheckFailed(MppError):
    """A check that was asked for did not hold."""

    exit_code = 5


def visible(text: str) -> str:
    r"""Return ``text`` with every character that acts on a terminal escaped.

    ESC becomes the four characters ``\x1b``, RIGHT-TO-LEFT OVERRIDE becomes
    ``\u202e``, and a byte that is not UTF-8 in a file name is shown as that
    byte. A line feed is escaped too, so the result is always one line.
    """
    return _HIDDEN.sub(_escape, text)


def render(error: MppError, prog: str = "mpp") -> str:
    """Return the lines to print for ``error``, without a newline at the end.

    The first line is ``prog: error: file:line: message``; the excerpt follows,
    indented by six spaces, and then the hint. What the error lacks is left out.
    """
    lines = [f"{prog}: error: {error}"]
    if error.excerpt is not None and error.excerpt.strip():
        lines.append("      " + _shorten(error.excerpt.rstrip("\r\n")))
    if error.hint:
        lines.append("hint: " + visible(error.hint))
    return "\n".join(lines)


def fitted(text: str) -> str:
    """The lines of a message, broken at blanks where standard error is a terminal.

    Elsewhere a line stays whole, for who searches a log. So does an excerpt, which is
    shown as it was read, and a word that is wider than the terminal.
    """
    width = _terminal_width()
    if width is None:
        return text
    import textwrap

    lines = []
    for line in text.split("\n"):
        if len(line) <= width or line.startswith(" "):
            lines.append(line)
        else:
            lines += textwrap.wrap(
                line,
                width,
                subsequent_indent="  ",
                break_long_words=False,
                break_on_hyphens=False,
            )
    return "\n".join(lines)


def _terminal_width() -> int | None:
    """The columns of the terminal that standard error is, None where it is none."""
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns or None
    except (OSError, ValueError, AttributeError):  # No terminal, closed, or no stream at all.
        return None


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that ``name`` most likely stands for, or None.

    Case does not matter, and hyphens, underscores and spaces are the same
    character. Of equally near names the one that comes first is returned.
    """
    names: dict[str, str] = {}
    for candidate in known:
        names.setdefault(_plain(candidate), candidate)
    plain = _plain(name)
    if plain in names:
        return names[plain]
    # Comparing is quadratic in the length, and no name is as long as this.
    if len(plain) > EXCERPT_LENGTH:
        return None
    close = difflib.get_close_matches(plain, names, n=1)
    return names[close[0]] if close else None


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return a hint for an unknown name: the nearest known one, or all of them."""
    names = list(known)
    match = nearest(name, names)
    if match is not None:
        return f'did you mean "{match}"?'
    if not names:
        return "there are no names to choose from"
    more = len(names) - NAMES_LISTED
    listed = ", ".join(names[:NAMES_LISTED])
    return f"known names: {listed}" + (f" and {more:,} more" if more > 0 else "")


def _place(error: MppError) -> str:
    if error.file is None:
        return "" if error.line is None else f"line {error.line}: "
    return f"{error.file}: " if error.line is None else f"{error.file}:{error.line}: "


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    # Python reads the byte 0x80 of an undecodable name as U+DC80.
    if 0xDC80 <= code <= 0xDCFF:
        code -= 0xDC00
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def _shorten(text: str) -> str:
    """Return at most ``EXCERPT_LENGTH`` shown characters and an ellipsis."""
    shown = 0
    # Nothing is shown shorter than it is, so the rest of a very long line
    # need not be looked at.
    parts = [visible(character) for character in text[: EXCERPT_LENGTH + 1]]
    for position, part in enumerate(parts):
        shown += len(part)
        if shown > EXCERPT_LENGTH:
            return "".join(parts[:position]) + "…"
    return "".join(parts)


def _plain(name: str) -> str:
    return name.casefold().replace("-", "_").replace(" ", "_")
