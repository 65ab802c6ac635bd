"""Kept proceedings become cases and completions, and every row of them is accounted for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mpp_cli.engines.base import Engine
from mpp_cli.sources.eoir import row_ledger
from mpp_cli.sources.eoir.cases import case_rules
from mpp_cli.sources.eoir.cases.case_partitions import Buckets
from mpp_cli.sources.eoir.cases.code_tables import Meanings
from mpp_cli.sources.eoir.cases.codebook import Codebook
from mpp_cli.sources.eoir.cases.proceeding_rows import NO_DATE
from mpp_cli.sources.eoir.cases.proceedings import COLUMNS
from mpp_cli.sources.eoir.cases.to_engine import BLANKED, Handover
from mpp_cli.sources.eoir.options import Options
from mpp_cli.sources.eoir.reading.id_sets import IdSet
from mpp_cli.sources.eoir.rules.decision_codes import Decisions
from mpp_cli.sources.eoir.typed_columns import USUAL_DATES
from mpp_cli.sources.prefetch import ahead
from mpp_cli.sources.prevalidated import SettledFile
from mpp_cli.sources.progress import Progress

_DATES = tuple(each for each in COLUMNS if each.kind == "date")

_EARLY, _LATE = (int(np.datetime64(day).astype(np.int64)) for day in USUAL_DATES)


@dataclass
class Casework:
    """Makes cases and completions of proceedings, bucket by bucket.

    ``cohort`` are the MPP cases, ``judged`` the cases whose rows are judged: those
    that would be in the cohort if the court knew them, or all. ``known`` are all
    cases of the court (None when nobody can tell), ``names`` gives names by code
    for columns of ``cases``.
    Fills the event table ``completions`` and, of ``cases``, the other dockets;
    what the steps that follow need is in the tables of
    :mod:`mpp_cli.sources.eoir.cases.to_engine`. ``odd_dates`` are columns with dates
    that cannot be right, with their first line and their number.
    """

    engine: Engine
    account: SettledFile
    options: Options
    decisions: Decisions
    cohort: IdSet
    judged: IdSet
    known: IdSet | None
    names: Mapping[str, Mapping[str, str]]
    progress: Progress
    odd_dates: dict[str, tuple[int, int]] = field(default_factory=dict)

    def run(self, buckets: Buckets, books: Mapping[str, Codebook]) -> None:
        """All buckets, one after the other; ``books`` are the texts of their codes."""
        self._meanings = Meanings(books, self.decisions, self.options.case_types)
        self._handover = Handover(self.engine, self.account.number, books, self.names)
        unknown: Counter[str] = Counter()
        self.progress.stage("putting cases together", buckets.size)
        with self.engine.bulk(at_once=1):
            for rows in ahead(map(case_rules.in_order, buckets)):
                unknown += self._take(rows)
                self.progress.read(rows.nbytes)
        self.account.unknown_codes.update(dict(sorted(unknown.items())))
        row_ledger.settle_blanked(self.engine, self.account, f"SELECT _line FROM {BLANKED}")

    def _take(self, rows: Any) -> Counter[str]:
        """Account for the rows of some cases and fold those that count; codes nobody knows."""
        handover = self._handover
        rows = self._outside(rows, row_ledger.OTHER_CASE, self.judged.has(rows["idncase"]))
        copies, by = case_rules.repeated(rows)
        rows, by = self._set_aside(rows, "duplicate", copies), by[~copies]
        if self.known is not None:
            lost = ~self.known.has(rows["idncase"])
            rows, by = self._set_aside(rows, "orphan", lost), by[~lost]
        handover.corrected(rows[by > 0], by[by > 0])
        rows = self._outside(rows, row_ledger.SUPERSEDED, by == 0)
        handover.lines(rows[self.cohort.has(rows["idncase"])])
        chosen = self._meanings.selected[rows["case_type"]]
        rows = self._outside(rows, row_ledger.OTHER_CASE_TYPE, chosen)
        folded = case_rules.fold(rows, self._meanings, self.options)
        mine = self.cohort.has(folded.cases.idncase)
        # A case of another docket is kept where its custody says which.
        others = folded.cases.docketed & ~mine
        rows = self._outside(folded.rows, row_ledger.NO_DOCKET, (mine | others)[folded.of_case])
        self.account.used += len(rows)
        handover.blanked(rows["line"][rows["blanked"]])
        self._look_at_dates(rows)
        handover.dated(folded.cases, mine)
        handover.others(folded.cases, others)
        handover.selected(folded, mine, mine | others)
        handover.completions(case_rules.completions(folded, mine | others))
        return self._meanings.unknown_decisions(rows) + handover.unnamed(rows)

    def _set_aside(self, rows: Any, reason: str, which: case_rules.Bools) -> Any:
        if which.any():
            lines = np.sort(rows["line"][which])
            row_ledger.set_lines_aside(self.engine, self.account, reason, lines)
            rows = rows[~which]
        return rows

    def _outside(self, rows: Any, rule: str, inside: case_rules.Bools) -> Any:
        if not inside.all():
            self.account.outside[rule] += int((~inside).sum())
            rows = rows[inside]
        return rows

    def _look_at_dates(self, rows: Any) -> None:
        for column in _DATES:
            days = rows[column.stored]
            lines = rows["line"][((days < _EARLY) | (days > _LATE)) & (days != NO_DATE)]
            if len(lines):
                first, count = self.odd_dates.get(column.name, (int(lines.min()), 0))
                self.odd_dates[column.name] = min(first, int(lines.min())), count + len(lines)
