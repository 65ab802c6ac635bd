"""Rows of a court release, one by one: what is repaired, set aside, blanked or outside."""

from __future__ import annotations

import datetime
import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpp_cli.common.errors import DataError
from mpp_cli.sample.release.file_layout import COLUMNS
from mpp_cli.sources.eoir import release
from mpp_cli.sources.eoir.cases.proceeding_rows import fingerprints
from mpp_cli.sources.eoir.reading import (
    filter_lines,
    id_sets,
    line_blocks,
    parse_integers,
    repair_rows,
    trim_fields,
)
from tests.sources import court

Day = datetime.date

_COLUMNS = (
    "IDNPROCEEDING IDNCASE OSC_DATE INPUT_DATE HEARING_DATE HEARING_TIME COMP_DATE DEC_CODE "
    "ABSENTIA CUSTODY NAT"
).split()
_VALUES = "2019-02-01 2019-03-01 2019-04-01 0830 2019-06-01 X Y N HO".split()

#: A proceeding of the MPP case, and one of another case.
TWO = "\n".join(
    f"| {' | '.join(row)} |" for row in (_COLUMNS, ["11", "1", *_VALUES], ["12", "2", *_VALUES])
)
MINE, OTHER = 1, 2


def change_line(
    made: Path, line: int, change: Callable[[bytes], bytes], table: str = court.PROCEEDINGS
) -> None:
    """Change one line of a file; the header is line 0."""

    def changed(text: bytes) -> bytes:
        lines = text.split(b"\n")
        lines[line] = change(lines[line])
        return b"\n".join(lines)

    court.rewrite(made, table, changed)


def field(column: str, value: bytes) -> Callable[[bytes], bytes]:
    """A change of one field of a proceeding."""
    place = COLUMNS[court.PROCEEDINGS].index(column)

    def change(line: bytes) -> bytes:
        fields = line.split(b"\t")
        fields[place] = value
        return b"\t".join(fields)

    return change


def insert(column: str, *values: bytes) -> Callable[[bytes], bytes]:
    """A change that puts fields before a column."""
    place = COLUMNS[court.PROCEEDINGS].index(column)

    def change(line: bytes) -> bytes:
        fields = line.split(b"\t")
        fields[place:place] = values
        return b"\t".join(fields)

    return change


# ------------------------------------------------------------------------ repair


@pytest.mark.parametrize(
    ("change", "repaired"),
    [
        (lambda line: line + b"\t", True),
        (lambda line: line + b"\t \t\t", True),
        (lambda line: line + b"\tx", False),
        (insert("CUSTODY", b""), True),
        (insert("CUSTODY", b"", b" "), False),  # ABSENTIA could stand two columns before
        (insert("CUSTODY", b"x", b"y"), False),
        (insert("HEARING_DATE", b""), False),  # it could as well be DEC_TYPE that is too many
        (insert("HEARING_TIME", b""), False),  # DEC_CODE could stand in other places
        (lambda line: insert("CUSTODY", b"")(insert("OSC_DATE", b"")(line)), False),
        (lambda line: line.rpartition(b"\t")[0], False),
    ],
    ids=range(10),
)
@pytest.mark.parametrize("line", [MINE, OTHER])
def test_a_shifted_row_is_repaired_where_there_is_one_way(
    tmp_path: Path, change: Callable[[bytes], bytes], repaired: bool, line: int
) -> None:
    made = court.draw(tmp_path, proceedings=TWO)
    change_line(made, line, change)
    account = court.account(made)
    assert account.repaired == repaired
    assert account.set_aside == ({} if repaired else {"wrong_field_count": 1})
    assert account.examples == ({} if repaired else {"wrong_field_count": (line + 1,)})
    # A row of any case is put right before it is asked whose it is.
    assert account.rows_outside == ({} if line == OTHER and not repaired else {"other-case": 1})
    completed = line == OTHER or repaired
    assert court.figures(made)["cases_completed"] == completed
    if completed:
        found = court.rows(made, "completions", "completion_date, in_absentia")
        assert found == [(Day(2019, 6, 1), True)]


def test_stray_tabs_at_two_places_are_taken_out_and_at_three_not() -> None:
    header = COLUMNS[release.APPLICATIONS]
    row = ["901", "11", "1", "ASYL", "2019-03-01", "G"]

    def with_blanks(*places: int) -> list[str]:
        return [text for n, value in enumerate(row) for text in [""] * (n in places) + [value]]

    assert repair_rows.repaired(with_blanks(1, 4), header, release.APPLICATIONS) == row
    assert repair_rows.repaired(with_blanks(1, 2, 4), header, release.APPLICATIONS) is None


def removals_by_trying_all(row: list[str], excess: int) -> set[tuple[str, ...]]:
    """The rule of repair word for word, for small rows."""
    found = set()
    size = len(row)
    for first in range(size):
        for part in range(excess + 1):
            for second in range(first + part, size - (excess - part) + 1):
                gone = [*range(first, first + part), *range(second, second + excess - part)]
                if all(place < size and not row[place] for place in gone):
                    found.add(tuple(row[p] for p in range(size) if p not in gone))
    return found


@given(
    st.lists(st.sampled_from(["", "", "", "a", "b"]), min_size=2, max_size=12),
    st.integers(1, 8),
)
def test_the_removals_are_those_of_the_rule(row: list[str], excess: int) -> None:
    if excess < len(row):
        found = {tuple(each) for each in repair_rows._removals(row, excess)}
        assert found == removals_by_trying_all(row, excess)


def test_a_line_of_nothing_but_tabs_takes_no_time() -> None:
    header = COLUMNS[release.PROCEEDINGS]
    row = [""] * 100_000
    row[50_000] = "2019-01-01"
    assert repair_rows.repaired(row, header, release.PROCEEDINGS) is None


@pytest.mark.parametrize("blanks", [0, 1, 1_000, 80_000])
def test_thousands_of_records_on_one_line_take_no_time(blanks: int) -> None:
    header = COLUMNS[release.PROCEEDINGS]
    record = ["11", "1", "", "x"] + [""] * 5 + ["MPB", "", "y"]
    assert repair_rows.repaired(record * 5_000 + [""] * blanks, header, release.PROCEEDINGS) is None


# ---------------------------------------------------------------- reasons and blanks


@pytest.mark.parametrize(
    ("line", "column", "value", "reason"),
    [
        (MINE, "IDNCASE", b"2019-05-14 00:00:00.000", "missing_case_id"),
        (OTHER, "IDNCASE", b"", "missing_case_id"),
        (OTHER, "IDNCASE", b"1x", "missing_case_id"),
        (MINE, "IDNPROCEEDING", b"2019-05-14 00:00:00.000", "missing_case_id"),
        (MINE, "IDNPROCEEDING", b"", "missing_case_id"),
    ],
)
def test_a_row_without_its_numbers_is_set_aside(
    tmp_path: Path, line: int, column: str, value: bytes, reason: str
) -> None:
    made = court.draw(tmp_path, proceedings=TWO)
    change_line(made, line, field(column, value))
    account = court.account(made)
    assert account.set_aside == {reason: 1}
    assert account.examples == {reason: (line + 1,)}


def test_a_row_of_another_case_is_not_judged(tmp_path: Path) -> None:
    made = court.draw(tmp_path, proceedings=TWO)
    change_line(made, OTHER, field("IDNPROCEEDING", b"2019-05-14"))
    change_line(made, OTHER, field("COMP_DATE", b"never"))
    account = court.account(made)
    assert (account.rows_outside, account.set_aside, account.blanked) == ({"other-case": 1}, {}, {})


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("OSC_DATE", b"2019-02-30"),
        ("COMP_DATE", b"2019"),
        ("INPUT_DATE", b"Jan 1 2019"),
        ("ABSENTIA", b"Q"),
    ],
)
def test_a_value_that_cannot_be_read_is_blanked_and_its_row_used(
    tmp_path: Path, column: str, value: bytes
) -> None:
    made = court.draw(tmp_path, proceedings=TWO)
    change_line(made, MINE, field(column, value))
    account = court.account(made)
    assert (account.rows_used, account.blanked) == (1, {column: 1})
    with court.load(made) as data:
        from mpp_cli.dataset.problems import problems

        (problem,) = problems(data.judgement.dataset)
    assert (problem.reason, problem.column, problem.line) == ("blanked", column, 2)
    assert value.decode() in problem.raw


def test_custody_is_only_looked_at_where_dockets_are_compared(tmp_path: Path) -> None:
    made = court.draw(tmp_path, proceedings=TWO)
    change_line(made, MINE, field("CUSTODY", b"SP"))
    change_line(made, OTHER, field("CUSTODY", b"SP"))
    assert court.account(made).blanked == {}
    # The other case is on no docket that anybody could name.
    account = court.account(made, compare_dockets=True)
    assert (account.blanked, account.rows_used) == ({"CUSTODY": 1}, 1)
    assert account.rows_outside == {"no-docket": 1}


def test_copies_are_set_aside_and_a_correction_stands_for_what_it_corrects(tmp_path: Path) -> None:
    made = court.draw(tmp_path, proceedings=TWO)

    def copies(text: bytes) -> bytes:
        mine = text.split(b"\n")[MINE]
        padded = b"\t".join(value + b" " for value in mine.split(b"\t"))
        return text + mine + b"\r\n" + padded + b"\n" + field("HEARING_TIME", b"9")(mine) + b"\n"

    court.rewrite(made, court.PROCEEDINGS, copies)
    account = court.account(made)
    assert account.set_aside == {"duplicate": 2}
    assert account.examples == {"duplicate": (4, 5)}
    assert (account.rows_used, account.rows_outside) == (1, {"superseded": 1, "other-case": 1})
    with court.load(made) as data:
        from mpp_cli.dataset.problems import problems

        raw = [each.raw for each in problems(data.judgement.dataset)]
    assert raw[0].split("\t")[0] == "11"
    assert raw[1].split("\t")[0] == "11 "


@pytest.mark.parametrize(
    "value", [b" 1", b"1 ", b"\x001", b"1\x00\x00", b"01", b"0000000000000000000001"]
)
def test_a_case_number_is_a_number_whatever_surrounds_it(tmp_path: Path, value: bytes) -> None:
    made = court.draw(tmp_path, proceedings=TWO)
    change_line(made, MINE, field("IDNCASE", value))
    assert court.figures(made)["cases_completed"] == 1
    assert not court.account(made).set_aside


@pytest.mark.parametrize("value", [b"X ", b"  X", b"\x00X\x00", b"X\xa0"])
def test_values_are_trimmed_and_nuls_deleted(tmp_path: Path, value: bytes) -> None:
    made = court.draw(tmp_path, proceedings=TWO)
    change_line(made, MINE, field("DEC_CODE", value))
    change_line(made, MINE, field("CASE_TYPE", b"RMV   "))
    change_line(made, MINE, field("CORRECTIONAL_FAC", b'O\x92NEIL "\x81'))
    assert court.figures(made)["cases_completed"] == 1
    account = court.account(made)
    assert (account.rows_used, account.encoding) == (1, "cp1252")


@pytest.mark.parametrize("place", [b"MPB", b"MPB ", b" MPB", b"MPB  \x00"])
def test_a_padded_location_is_seen(tmp_path: Path, place: bytes) -> None:
    made = court.draw(tmp_path, proceedings=TWO)
    change_line(made, OTHER, field("HEARING_LOC_CODE", place))
    with court.load(made) as data:
        assert data.judgement.dataset.settled[0].about["cohort"]["location_only"] == 1


def test_dates_far_away_are_taken_as_written_with_a_warning(tmp_path: Path) -> None:
    made = court.draw(tmp_path, proceedings=TWO)
    change_line(made, MINE, field("INPUT_DATE", b"1900-01-01 00:00:00.000"))
    assert court.rows(made, "cases", "nta_filed_date") == [(Day(1900, 1, 1),)]
    assert "eoir-odd-date" in court.warned(made)


def test_an_appearance_of_counsel_in_1900_is_taken_as_written_with_a_warning(
    tmp_path: Path,
) -> None:
    appeared = "| IDNCASE | E_28_DATE |\n| 1 | {} |\n| 2 | 1899-12-30 |"
    for day, warned in (("1900-01-01", True), ("2019-07-01", False)):
        made = court.draw(tmp_path, proceedings=TWO, cases=appeared.format(day))
        found = court.rows(made, "cases", "representation_date")
        assert found == [(Day.fromisoformat(day),)]
        assert ("eoir-odd-date" in court.warned(made)) == warned


def test_an_empty_line_is_a_row_as_every_physical_line(tmp_path: Path) -> None:
    made = court.draw(tmp_path, proceedings=TWO)
    court.rewrite(made, court.PROCEEDINGS, lambda text: text + b"\n")
    account = court.account(made)
    assert (account.rows_read, account.set_aside) == (3, {"wrong_field_count": 1})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "the file is empty"),
        (b"IDNCASE\tIDNPROCEEDING\n", '"OSC_DATE" is missing'),
        (b"IDNCASE,IDNPROCEEDING\n", '"IDNPROCEEDING" is missing'),
        (b"x" * (17 << 20), "a line is longer than 16 MB"),
    ],
    ids=["empty", "column", "commas", "endless"],
)
def test_a_file_that_is_no_table_is_refused(tmp_path: Path, text: bytes, said: str) -> None:
    made = court.draw(tmp_path, proceedings=TWO)
    header = "\t".join(COLUMNS[court.PROCEEDINGS]).encode() + b"\n" if said[0] == "a" else b""
    court.rewrite(made, court.PROCEEDINGS, lambda _: header + text)
    with pytest.raises(DataError, match=said):
        court.figures(made)


def test_a_release_without_identifiers_is_refused_unless_the_location_decides(
    tmp_path: Path,
) -> None:
    made = court.draw(tmp_path, proceedings=TWO, identifiers=None)
    with pytest.raises(DataError, match="no A_TblCaseIdentifier"):
        court.figures(made)
    change_line(made, MINE, field("HEARING_LOC_CODE", b"MPB"))
    assert court.figures(made, cohort="location")["total_enrolled"] == 1


# ------------------------------------------------------- whole blocks, against one by one


@given(st.lists(st.text("0123456789 x", max_size=21), max_size=20))
def test_numbers_are_those_read_one_by_one(texts: list[str]) -> None:
    pool = "".join(texts).encode()
    lengths = np.array([len(text) for text in texts], dtype=np.int64)
    found, good = parse_integers.numbers(
        b" " * 20 + pool + bytes(16), 20 + np.cumsum(lengths), lengths
    )
    for text, value, read in zip(texts, found.tolist(), good.tolist(), strict=True):
        expected = parse_integers.number(text) if len(text) <= 16 else None
        assert (value if read else None) == expected


_FIELD = st.text(alphabet=" \r\x0b\x1fabMPB0123", max_size=6)
_ROW = st.tuples(_FIELD, _FIELD, _FIELD, st.sampled_from(["\n", "\r\n", "\r\r\n", " \r\n"]))


@given(st.lists(_ROW, min_size=1, max_size=8), st.permutations([0, 1, 2]), st.data())
def test_a_block_is_trimmed_as_its_fields_are(
    rows: list[tuple[str, str, str, str]], columns: list[int], chance: st.DataObject
) -> None:
    texts = ["\t".join(row[:3]) + row[3] for row in rows]
    data = "".join(texts).encode()
    ends = np.cumsum([len(text) for text in texts])
    wanted = chance.draw(st.lists(st.sampled_from(range(len(rows))), min_size=1, unique=True))
    lines = np.array(sorted(wanted))
    starts = ends - [len(text) for text in texts]
    view = memoryview(data)
    fields = trim_fields.trimmed(view, starts[lines], ends[lines], lines, 3, columns[:2])
    expected = [tuple(value.strip() for value in rows[line][:3]) for line in lines]
    for row, line in enumerate(lines):
        assert [fields.text(row, place) for place in range(2)] == [
            expected[row][column] for column in columns[:2]
        ]
        assert fields.raw(row) == texts[line].rstrip("\r\n")
    for one, mine in enumerate(fingerprints(fields).tolist()):
        for other, its in enumerate(fingerprints(fields).tolist()):
            assert (mine == its) == (expected[one] == expected[other])


@pytest.mark.parametrize("size", [7, 64, 1_000, 1 << 20])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_lines_are_read_again_wherever_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int, end: bytes
) -> None:
    chance = random.Random(size)
    written = [bytes(chance.choices(b"ab\0\x92", k=chance.randrange(40))) for _ in range(300)]
    made = court.draw(tmp_path, proceedings=TWO)
    court.rewrite(made, court.PROCEEDINGS, lambda _: end.join(written) + chance.choice([b"", end]))
    file = release.find_release(made).files[release.PROCEEDINGS]
    monkeypatch.setattr(line_blocks, "BLOCK_BYTES", size)
    marks, number = [], 1
    with file.open() as stream:
        for block in line_blocks.blocks(file, stream, lambda chunk: None):
            if block.offset is not None:
                marks.append((number, block.offset))
            number += block.text().count(b"\n")
    texts = [line.replace(b"\0", b"").decode("cp1252") for line in written]
    for wanted in ([1], [300], [*range(1, 301)], chance.sample(range(1, 301), 9)):
        expected = {line: texts[line - 1] for line in wanted if line < number}
        assert line_blocks.texts(file, wanted, marks) == expected
        assert line_blocks.texts(file, wanted) == expected
    assert line_blocks.texts(file, [2, 1_000], marks) == {2: texts[1]}


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("most", [1, 7, 199, 200, 100_000])
def test_sifting_a_block_is_sifting_its_lines(
    seed: int, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(seed)
    cases = [1, 5, 77, 12_345_678, 99_999_999_999, (1 << 26) + 3]
    keep = id_sets.IdSet(np.array(cases[:3] + cases[4:], dtype=np.int64))
    wanted = filter_lines.Wanted(4, 1, keep, (0, 1), 2, ("MPB", "TUM"))
    rows = []
    for _ in range(200):
        width = chance.choice([4] * 30 + [3, 5, 1])
        row = [chance.choice(["a", "", "b \u2019"]) for _ in range(width)]
        if width > 2:
            number = chance.choice([*cases, 2, 3])
            row[1] = chance.choice([f"{number}"] * 20 + [f" {number}", "x", "", "2019-01-01"])
            row[2] = chance.choice(["MPB", "TUM ", "MPP", "HOU", "", "MPBX"])
        rows.append("\t".join(row).encode("cp1252") + chance.choice([b"\n", b"\r\n"]))
    monkeypatch.setattr(filter_lines, "MOST_LINES", most)
    found = filter_lines.sift(line_blocks.Block.of(b"".join(rows)), wanted)
    odd, other, mine, noticed = [], 0, [], set()
    for line, text in enumerate(rows):
        row = text.decode("cp1252").rstrip("\r\n").split("\t")
        if len(row) != 4 or not row[1].isdigit():
            odd.append(line)
            continue
        if row[2].strip() in ("MPB", "TUM"):
            noticed.add(int(row[1]))
        if int(row[1]) not in keep:
            other += 1
        elif text.isascii():
            mine.append(line)
        else:
            odd.append(line)
    parts = [part for each in found.odd for part in each.parts()]
    assert [pair for part in parts for pair in part] == [(line, rows[line]) for line in odd]
    assert (found.lines, found.other) == (200, other)
    assert [line for each in found.fields for line in each.lines.tolist()] == mine
    assert set(found.noticed.tolist()) == noticed
