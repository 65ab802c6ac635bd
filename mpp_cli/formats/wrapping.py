"""Lines of a given width, made at spaces only: no word or number is ever broken."""

from __future__ import annotations

from rich.cells import cell_len

from mpp_cli.formats.text import TIE

#: How much further in a text goes on that does not fit a line.
HANG = 2


def wrap(text: str, width: int, first: str = "", rest: str = "") -> list[str]:
    """The text in lines of at most ``width`` columns, led by ``first`` and then ``rest``.

    A word that is wider than a line, such as a hash, stands whole on a line of
    its own: a terminal wraps it, and it can still be copied.
    """
    lines: list[str] = []
    line = first
    empty = True
    for word in text.split():
        grown = line + word if empty else f"{line} {word}"
        if not empty and cell_len(grown) > width:
            lines.append(line)
            line = rest + word
        else:
            line = grown
        empty = False
    return [each.replace(TIE, " ") for each in (*lines, line.rstrip())]


def widest_word(text: str) -> int:
    """The columns that the text needs when it is wrapped as far as it can be."""
    return max((cell_len(word) for word in text.split()), default=0)


def hang(text: str, width: int) -> list[str]:
    """The text in lines, of which those after the first begin further in than it does.

    Blanks before the first word are ties, so that they stay.
    """
    return wrap(text, width, rest=" " * (_ties(text) + HANG))


def widest_hanging(text: str) -> int:
    """The columns that the text needs when :func:`hang` wraps it as far as it can."""
    first, *others = text.split() or [""]
    indent = _ties(text) + HANG
    return max(cell_len(first), *(indent + cell_len(word) for word in others), 0)


def _ties(text: str) -> int:
    return len(text) - len(text.lstrip(TIE))


def column_widths(texts: list[list[str]], least: list[int], room: int) -> list[int] | None:
    """A width per column, together at most ``room``, or None when that cannot be.

    ``texts`` holds, per column, what may wrap in it, as :func:`hang` does. Each
    column begins with its least width; then the tallest that can be made lower is
    widened, just as far as that takes, until no room is left that would help.
    """
    if sum(least) > room:
        return None
    widths = list(least)
    while True:
        spare = room - sum(widths)
        steps = [
            (_height(column, width), -(lower - width), index, lower)
            for index, (column, width) in enumerate(zip(texts, widths, strict=True))
            if (lower := _next_lower(column, width, width + spare))
        ]
        if not steps:
            return widths
        *_, index, lower = max(steps)
        widths[index] = lower


def _height(texts: list[str], width: int) -> int:
    """The lines that the tallest of the texts takes at this width."""
    return max((len(hang(text, width)) for text in texts), default=1)


def _next_lower(texts: list[str], width: int, most: int) -> int | None:
    """The least greater width, up to ``most``, at which the tallest text takes fewer lines."""
    height = _height(texts, width)
    wider = range(width + 1, most + 1) if height > 1 else ()
    return next((each for each in wider if _height(texts, each) < height), None)
