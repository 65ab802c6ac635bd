"""Beyond the document: what figures that it does not give have in common."""

from mpp_cli.goals.completion import TOTAL_ENROLLED
from mpp_cli.goals.definitions import Count, Note, Ratio, Rule

BEYOND = Note(
    "beyond-the-document",
    "Beyond the document: it does not give this figure, which is an addition to it.",
)

#: Shares beyond the document are small where it would round them to a whole percent.
DECIMALS = 2

#: A case is pending as long as it has no initial completion.
NOT_COMPLETED = Rule(
    "already-completed",
    keeps="COALESCE(initial_completion_date > $as_of, TRUE)",
    excluded="cases with an initial completion by the as-of date",
    until=("initial_completion_date",),
)

PENDING_CASES = Count(
    "pending_cases", "Pending Cases", within=TOTAL_ENROLLED, rules=(NOT_COMPLETED,)
)


def share(name: str, label: str, part: Count, whole: Count) -> Ratio:
    """A ratio that is shown with decimals."""
    return Ratio(name, label, part, whole, DECIMALS)
