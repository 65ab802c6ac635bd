"""Small pieces of text that every format writes the same way."""

from __future__ import annotations

import datetime
import re

from mpp_cli.results.report import Head

#: Between two words that stay on one line, such as a sign and its number; it is
#: printed as a space. A private-use character, because data hardly hold one.
TIE = "\ue000"

# Written out rather than taken from the locale: a report is the same everywhere.
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)

# Characters that a terminal obeys instead of showing (C0, DEL, C1), that reorder
# what stands around them (the bidirectional controls) or break the line, and
# the surrogates that stand for bytes of a name that is not UTF-8.
UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)


def safe(text: str, keep: str = "") -> str:
    r"""The text with its control characters shown, as in ``\x1b`` or ``\u202e``.

    Characters in ``keep`` stay as they are.
    """

    def shown(match: re.Match[str]) -> str:
        char = match[0]
        code = ord(char)
        if char in keep:
            return char
        if 0xDC80 <= code <= 0xDCFF:  # Python's stand-in for the byte 80 to FF.
            code -= 0xDC00
        return f"\\x{code:02x}" if code <= 0xFF else f"\\u{code:04x}"

    return UNSAFE.sub(shown, text)


def long_date(date: datetime.date) -> str:
    """A date in prose: December 31, 2020."""
    return f"{_MONTHS[date.month - 1]} {date.day}, {date.year}"


def thousands(number: int) -> str:
    """A whole number with thousands commas, for counts that carry no display."""
    return f"{number:,}"


def words(identifier: str) -> str:
    """An identifier as words: ``unreadable_date`` is "unreadable date"."""
    return identifier.replace("_", " ")


def column_heading(column: str) -> str:
    """The heading over a column of groups: ``fiscal_year`` is "Fiscal Year"."""
    return " ".join(word[:1].upper() + word[1:] for word in words(column).split(" "))


def full_title(head: Head, title: str) -> str:
    """The title, which says first that the data are a sample when they are."""
    return f"SAMPLE DATA: {title}" if head.sample else title
