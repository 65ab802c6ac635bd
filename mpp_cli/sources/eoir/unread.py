"""What a release holds and cannot be read, so that no figure is made of what is left."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mpp_cli.sources.eoir import release
from mpp_cli.sources.eoir.options import Options
from mpp_cli.sources.mapping.date_formats import forms_of
from mpp_cli.sources.prevalidated import SettledFile

#: What of the event tables a column of the release decides.
_DECIDES = {
    (release.PROCEEDINGS, "OSC_DATE"): ("cases.nta_issued_date",),
    (release.PROCEEDINGS, "COMP_DATE"): ("completions", "grants"),
    (release.PROCEEDINGS, "ABSENTIA"): ("completions.in_absentia",),
    (release.PROCEEDINGS, "CUSTODY"): ("cases.docket",),
    (release.CASES, "E_28_DATE"): ("cases.representation_date",),
}
#: The columns that date the NTA, by the option that says which.
_NTA = {"input": ("INPUT_DATE",), "issued": ("OSC_DATE",)}


def find(accounts: Mapping[str, SettledFile], options: Options) -> Iterator[tuple[str, str]]:
    """An event table, or a column of one as ``cases.docket``, and why nothing of it is read."""
    decides = dict(_DECIDES)
    for column in _NTA[options.nta_date]:
        key = (release.PROCEEDINGS, column)
        decides[key] = (*decides.get(key, ()), "cases.nta_filed_date")
    for (table, column), decided in decides.items():
        account = accounts.get(table)
        tally = account.tallies.get(column) if account else None
        if account is None or tally is None or not tally.is_lost:
            continue
        forms = forms_of(tally.texts)
        look = f"; they look like {' or '.join(forms[:3])}" if forms else ""
        values = "the only value" if tally.filled == 1 else f"all {tally.filled:,} values"
        yield from (
            (
                each,
                f"{values} of {column} in {account.name} cannot be read as the court writes "
                f"it{look}; give the release as it was published",
            )
            for each in decided
        )
