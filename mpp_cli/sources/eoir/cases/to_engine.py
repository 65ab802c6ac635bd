"""What was folded from proceedings, handed over to the engine in batches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import nanoarrow as na
import numpy as np
from numpy.typing import NDArray

from mpp_cli.engines.base import Engine
from mpp_cli.sources.eoir import event_tables
from mpp_cli.sources.eoir.cases.case_rules import YES, Bools, Cases, Completions, Folded
from mpp_cli.sources.eoir.cases.codebook import Codebook
from mpp_cli.sources.eoir.cases.proceeding_rows import NO_DATE
from mpp_cli.sources.eoir.reading import parse_integers
from mpp_cli.sources.eoir.rules.decision_codes import KINDS_OF_RELIEF, OUTCOMES
from mpp_cli.sources.prevalidated import CORRECTED
from mpp_cli.sources.values import arrow_columns

#: Tables that the steps after the proceedings read, with their columns: the
#: cohort's cases that have a selected proceeding; the first line of every case
#: of the cohort; proceedings that date a grant or are one; lines of used rows
#: with a value that was read as blank.
DATED, LINES, SELECTED, BLANKED = "court_dated", "court_lines", "court_selected", "court_blanked"
_TABLES = {
    DATED: {
        "idncase": "BIGINT",
        "nta_filed_date": "DATE",
        "nta_issued_date": "DATE",
        "hearing_location": "VARCHAR",
        "hearing_location_name": "VARCHAR",
        "nationality": "VARCHAR",
        "nationality_name": "VARCHAR",
    },
    LINES: {"idncase": "BIGINT", "_line": "BIGINT"},
    SELECTED: {
        "_file": "INTEGER",
        "_line": "BIGINT",
        "idncase": "BIGINT",
        "idnproceeding": "BIGINT",
        "comp_date": "DATE",
        "decided": "BOOLEAN",
        "outcome": "VARCHAR",
        "relief": "VARCHAR",
    },
    BLANKED: {"_line": "BIGINT"},
}


class Words:
    """A list of texts, of which any number of rows each have one or, where it is None, none.

    In the engine each is a small number: texts would fill its memory. ``values``
    are the texts as the engine's ``create`` takes them, in their order.
    """

    def __init__(self, texts: Sequence[str | None]) -> None:
        self.values = sorted({text for text in texts if text}) or [""]
        place = {text: number for number, text in enumerate(self.values, start=1)}
        self._places = np.array([place[text] if text else 0 for text in texts], dtype=np.int32)

    def of(self, places: NDArray[Any]) -> Any:
        """The texts at these places as an Arrow array."""
        return arrow_columns.integer_array(na.int32(), self._places[places])


class Handover:
    """Appends batches to the event tables and to those of the steps that follow.

    ``file`` is the number of the file of proceedings, ``books`` are the texts of
    its codes, ``names`` gives names by code for some columns of ``cases``.
    """

    def __init__(
        self,
        engine: Engine,
        file: int,
        books: Mapping[str, Codebook],
        names: Mapping[str, Mapping[str, str]],
    ) -> None:
        self._engine, self._file = engine, file
        location, nation = books["hearing_loc_code"], books["nat"]
        self._location, self._nation = Words(location.texts), Words(nation.texts)
        self._names: dict[str, tuple[str, Words]] = {}
        self._strange: list[tuple[str, str, Codebook, Bools]] = []
        for column, label, stored, book in (
            ("hearing_location_name", "HEARING_LOC_CODE", "hearing_loc_code", location),
            ("nationality_name", "NAT", "nat", nation),
        ):
            if column in names:
                known = [names[column].get(text) for text in book.texts]
                self._names[column] = stored, Words(known)
                strange = np.array([text not in names[column] for text in book.texts], np.bool_)
                strange[0] = False  # blank is no code
                self._strange.append((label, stored, book, strange))
        self._outcomes, self._relief = Words([*OUTCOMES, None]), Words([*KINDS_OF_RELIEF, None])
        # The cohort's cases, which are "mpp", come later and from elsewhere: tables.make_cohort.
        self._dockets = Words(["non_detained", "detained", "mpp"])
        self._types = Words([None, "initial"])
        self._create_tables()

    def _create_tables(self) -> None:
        of_case = {
            "hearing_location": self._location.values,
            "nationality": self._nation.values,
            **{column: words.values for column, (_, words) in self._names.items()},
        }
        outcome = {"outcome": self._outcomes.values}
        values = {
            DATED: of_case,
            SELECTED: {**outcome, "relief": self._relief.values},
            "cases": {**of_case, "docket": self._dockets.values},
            "completions": {**outcome, "completion_type": self._types.values},
        }
        for name, columns in _TABLES.items():
            self._engine.create(name, columns, values.get(name))
        for name in ("cases", "completions"):
            event_tables.create(self._engine, name, event_tables.EVENT_TABLES[name], values[name])

    def unnamed(self, rows: NDArray[Any]) -> Counter[str]:
        """Codes of places and nations that the release's lookups do not know, as "NAT NA"."""
        found: Counter[str] = Counter()
        for label, stored, book, strange in self._strange:
            codes = rows[stored][strange[rows[stored]]]
            for code, count in zip(*np.unique(codes, return_counts=True), strict=True):
                found[f"{label} {book.texts[code]}"] += int(count)
        return found

    def lines(self, rows: NDArray[Any]) -> None:
        """The first lines of the cohort's cases; rows are in the order of cases."""
        case, first = np.unique(rows["idncase"], return_index=True)
        line = np.minimum.reduceat(rows["line"], first) if len(first) else rows["line"][:0]
        self._append(LINES, {"idncase": _ids(case), "_line": _ids(line)}, len(case))

    def blanked(self, lines: NDArray[np.int64]) -> None:
        """Lines of used rows of which a value was read as blank."""
        self._append(BLANKED, {"_line": _ids(lines)}, len(lines))

    def corrected(self, rows: NDArray[Any], by: NDArray[np.int64]) -> None:
        """Rows that later rows of the file correct, and the lines of those."""
        place = self._place(rows["line"])
        del place["_blanked"]
        case = _case_ids(rows["idncase"])
        self._append(CORRECTED, {**place, "case_id": case, "corrected_by": _ids(by)}, len(rows))

    def dated(self, cases: Cases, which: Bools) -> None:
        """Cases of the cohort."""
        rows = np.flatnonzero(which)
        columns = {"idncase": _ids(cases.idncase[rows]), **self._of_cases(cases, rows)}
        self._append(DATED, columns, len(rows))

    def others(self, cases: Cases, which: Bools) -> None:
        """Cases of other dockets, which need nothing more."""
        rows = np.flatnonzero(which)
        columns = {
            **self._place(cases.first_line[rows]),
            "case_id": _case_ids(cases.idncase[rows]),
            **self._of_cases(cases, rows),
            "docket": self._dockets.of(cases.detained[rows].astype(np.int8)),
        }
        stored = event_tables.stored("cases", event_tables.CASES)
        named = {
            stored[name][0] if name in stored else name: each for name, each in columns.items()
        }
        self._append("cases", named, len(rows))

    def completions(self, found: Completions) -> None:
        """Completions of kept cases."""
        columns = {
            **self._place(found.line),
            "case_id": _case_ids(found.idncase),
            "completion_date": _days(found.date),
            "outcome": self._outcomes.of(found.outcome),
            "completion_type": self._types.of(found.initial.astype(np.int8)),
            "in_absentia": arrow_columns.boolean_array(found.absentia == YES, found.absentia == 0),
            "reopened_date": _days(found.reopened),
        }
        self._append("completions", columns, len(found.line))

    def selected(self, folded: Folded, cohort: Bools, kept: Bools) -> None:
        """Proceedings that a grant of relief needs: the cohort's, and others that grant some."""
        chosen = cohort[folded.of_case] | (kept[folded.of_case] & (folded.relief >= 0))
        at = np.flatnonzero(chosen)
        rows = folded.rows[at]
        columns = {
            "_file": self._place(rows["line"])["_file"],
            "_line": _ids(rows["line"]),
            "idncase": _ids(rows["idncase"]),
            "idnproceeding": _ids(rows["idnproceeding"]),
            "comp_date": _days(rows["comp_date"]),
            # Another completion, such as a change of venue, decides nothing.
            "decided": arrow_columns.boolean_array(
                (rows["dec_code"] != 0) & (rows["comp_date"] != NO_DATE),
                np.zeros(len(at), dtype=np.bool_),
            ),
            "outcome": self._outcomes.of(folded.outcome[at]),
            "relief": self._relief.of(folded.relief[at]),
        }
        self._append(SELECTED, columns, len(at))

    def _of_cases(self, cases: Cases, rows: NDArray[np.int64]) -> dict[str, Any]:
        location, nation = cases.location[rows], cases.nation[rows]
        codes = {"hearing_loc_code": location, "nat": nation}
        return {
            "nta_filed_date": _days(cases.filed[rows]),
            "nta_issued_date": _days(cases.issued[rows]),
            "hearing_location": self._location.of(location),
            "nationality": self._nation.of(nation),
            **{name: words.of(codes[code]) for name, (code, words) in self._names.items()},
        }

    def _place(self, lines: NDArray[np.int64]) -> dict[str, Any]:
        """Where rows come from, and that none of their values was blanked."""
        count = len(lines)
        return {
            "_file": arrow_columns.integer_array(na.int32(), np.full(count, self._file, np.int32)),
            "_line": _ids(lines),
            "_blanked": arrow_columns.integer_array(na.int32(), np.zeros(count, np.int32)),
        }

    def _append(self, table: str, columns: dict[str, Any], rows: int) -> None:
        if rows:
            self._engine.append(table, arrow_columns.batch(columns, rows))


def _ids(found: NDArray[np.int64]) -> Any:
    return arrow_columns.integer_array(na.int64(), found)


def _days(found: NDArray[Any]) -> Any:
    return arrow_columns.integer_array(na.date32(), found.astype(np.int32), found == NO_DATE)


def _case_ids(found: NDArray[np.int64]) -> Any:
    """Case numbers as the text that they are in the event tables."""
    buffer, starts, lengths = parse_integers.digits(found)
    return arrow_columns.text_array(arrow_columns.views(buffer, starts, lengths), buffer)
