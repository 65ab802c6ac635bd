"""``--suppress-below N``: an answer without its small counts, and without what would tell them.

Every answer gives its numbers as cells (:mod:`.reports`, :mod:`.comparisons`). They are
read as equations about sets of cases (:mod:`.reading`, :mod:`.changes`,
:mod:`.encounters`, :mod:`.file_rows`), made from the declarations that counted them
(:mod:`.figures`, :mod:`.balances`, :mod:`.conditions`); a linear program over the kinds of
cases that there can be (:mod:`.kinds`, :mod:`.model`, :mod:`.program`) says what follows,
and what must be hidden (:mod:`.audit`). What other outputs say cannot be covered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from mpp_cli.disclosure.words import check

if TYPE_CHECKING:
    from mpp_cli.results.report import Head

__all__ = ["check", "without_small_counts"]

Answer = TypeVar("Answer")


def without_small_counts(answer: Answer, head: Head) -> Answer:
    """An answer without the counts below its request's ``suppress_below``, if it has one.

    ``head`` is the answer's own. UsageError for a number that would hide nothing, or an
    answer that is too large to be looked through.
    """
    below = check(head.request.suppress_below)
    if below is None:
        return answer
    # What looks through an answer is only loaded where it is asked for.
    from mpp_cli.disclosure.screen import screen

    return screen(answer, head, below)
