"""Whole numbers in text, read for many rows at once, eight digits at a time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mpp_cli.sources.readers.fields import PADDING, words_of

#: The most digits of a number that fits 64 bits whatever they are.
MOST_DIGITS = 18
_FAST_DIGITS = 16

_ZEROS = np.uint64(0x3030303030303030)
_CARRY = np.uint64(0x0606060606060606)
_HIGH = np.uint64(0xF0F0F0F0F0F0F0F0)


def number(text: str) -> int | None:
    """A number of digits and nothing else, None for any other text."""
    if text.isascii() and text.isdigit() and len(text.lstrip("0")) <= MOST_DIGITS:
        return int(text)
    return None


def numbers(
    buffer: bytes | bytearray, ends: NDArray[np.int64], lengths: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """The numbers that end before ``ends``, and which of the texts are 1 to 16 digits.

    ``buffer`` has at least eight bytes after the last end. What is longer is
    for :func:`number`.
    """
    words = words_of(buffer)
    size = np.minimum(lengths, 8)
    found, good = _digits(words, ends - size, size)
    if len(lengths) and int(lengths.max()) > 8:
        more = np.clip(lengths - 8, 0, 8)
        high, high_good = _digits(words, ends - size - more, more)
        found += high * 100_000_000
        good &= high_good
    good &= (lengths > 0) & (lengths <= _FAST_DIGITS)
    return found, good


def digits(
    found: NDArray[np.int64],
) -> tuple[bytes, NDArray[np.int32], NDArray[np.int32]]:
    """Numbers of 0 and more as text: a buffer with spare bytes after it, starts and lengths."""
    width = len(str(int(found.max(initial=0))))
    text = np.empty((len(found), width), dtype=np.uint8)
    lengths = np.ones(len(found), dtype=np.int32)
    left = found
    for place in range(width - 1, -1, -1):
        left, digit = np.divmod(left, 10)
        text[:, place] = digit
        if place:
            lengths += left > 0
    text += ord("0")
    starts = np.arange(len(found), dtype=np.int32) * width + width - lengths
    return text.tobytes() + bytes(PADDING), starts.astype(np.int32), lengths


def _digits(
    words: NDArray[np.uint64], starts: NDArray[np.int64], size: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Up to eight digits at each start; no digits are the number 0."""
    # The digits move to the high bytes; the low ones become leading zeros. A
    # shift by the whole width of a word is undefined, so it is made in two.
    shift = (np.int64(8) - size).astype(np.uint64) * np.uint64(4)
    word = ((words[starts] ^ _ZEROS) << shift) << shift
    good = ((word | (word + _CARRY)) & _HIGH) == 0
    word = (word * np.uint64(2561)) >> np.uint64(8) & np.uint64(0x00FF00FF00FF00FF)
    word = (word * np.uint64(6553601)) >> np.uint64(16) & np.uint64(0x0000FFFF0000FFFF)
    word = (word * np.uint64(42949672960001)) >> np.uint64(32)
    return word.astype(np.int64), good
