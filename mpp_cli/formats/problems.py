"""The problems of the data as text, CSV or JSON, written while they are found.

CSV and JSON hold every problem and none of them in memory. Text groups them by
file and reason, with a count and the first examples of each. These are the
records of the data as they are: only :mod:`mpp_cli.commands.validate` and
``--rejects`` show them.
"""

from __future__ import annotations

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from mpp_cli.formats import drawing, json_, page, prose
from mpp_cli.formats.csv_ import neutral
from mpp_cli.formats.text import full_title, safe, thousands
from mpp_cli.results import Head, Problem, Source

#: The formats that a list of problems has.
NAMES = ("table", "markdown", "html", "csv", "json")

COLUMNS = ("reason", "file", "line", "column", "raw")

SHOWS_RECORDS = "This list quotes individual records. Treat it as confidential."

#: Characters of a record that an example shows; what is beyond is cut.
EXAMPLE_LENGTH = 160

#: What each reason means, in the order in which reasons are judged.
WORDS = {
    "invalid_encoding": "set aside: bytes that are not text in the file's encoding",
    "malformed_quotes": "set aside: quotes that do not pair up",
    "wrong_field_count": "set aside: more fields than the header, or fewer",
    "missing_case_id": "set aside: the case has no identifier",
    "missing_date": "set aside: a required date is blank",
    "unreadable_date": "set aside: a required date could not be read",
    "unknown_value": "set aside: a code that is not on the list of allowed values",
    "not_a_count": "set aside: the number of encounters is not a whole number",
    "duplicate": "set aside: every field equals an earlier row of the file",
    "conflicting_duplicate": "set aside: another row for the same case or month; the first stays",
    "orphan": "set aside: an event whose case is not among the used cases",
    "blanked": "read as blank: an optional value that cannot be read",
    "only_subsequent": "used: all completions of the case are called subsequent, so it has no "
    "initial one",
}

#: The same for single columns of a source, where it means something else.
WORDS_OF_COLUMN = {
    ("missing_case_id", "IDNPROCEEDING"): "set aside: the proceeding has no number",
}


def csv_chunks(problems: Iterable[Problem]) -> Iterator[str]:
    """A header row, then one row for every problem, safe to open in a spreadsheet."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for each in problems:
        row = (each.reason, neutral(each.file), each.line, neutral(each.column), neutral(each.raw))
        writer.writerow(row)
        yield _taken(out)
    yield _taken(out)


def json_chunks(head: Head, problems: Iterable[Problem]) -> Iterator[str]:
    """``mpp-validate/1``: the head of every document, then every problem on a line of its own."""
    start = json_.written(json_.head("mpp-validate/1", head))
    yield start.removesuffix("\n}\n") + ',\n  "problems": ['
    comma = "\n"
    for each in problems:
        row = {name: getattr(each, name) for name in COLUMNS}
        yield f"{comma}    {json_.written(row, indent=None).rstrip()}"
        comma = ",\n"
    yield "]\n}\n" if comma == "\n" else "\n  ]\n}\n"


def text_chunks(
    head: Head,
    problems: Iterable[Problem],
    format: str,
    *,
    limit: int,
    color: bool = False,
    width: int | None = None,
) -> Iterator[str]:
    """The problems by file and reason, each with its first ``limit`` lines.

    Without a problem, one line that says so, and the warnings if there are any.
    """
    groups, examples = _grouped(problems, limit)
    if not groups:
        said = _all_well(head)
        blocks: Iterable[page.Block] = [page.Heading(said), *_warnings(head)]
        if format != "html" and not head.warnings:
            yield f"{said}\n"
        else:
            yield drawing.text(blocks, format, head, color=color, width=width)
        return
    blocks = _blocks(head, groups, examples)
    yield drawing.text(blocks, format, head, color=color, width=width)


#: File, kind of the source, reason, column.
_Group = tuple[str, str, str, str]


def _grouped(
    problems: Iterable[Problem], limit: int
) -> tuple[Counter[_Group], dict[_Group, list[Problem]]]:
    """How many problems there are by source, reason and column, and the first of each."""
    groups: Counter[_Group] = Counter()
    examples: dict[_Group, list[Problem]] = defaultdict(list)
    for each in problems:
        key = (each.file, each.kind, each.reason, each.column)
        groups[key] += 1
        if groups[key] <= limit:
            examples[key].append(each)
    return groups, examples


def _all_well(head: Head) -> str:
    read = sum(source.rows_read for source in head.sources)
    used = sum(source.rows_used for source in head.sources)
    files = len(head.sources)
    return full_title(
        head,
        f"{'No row has a problem' if head.warnings else 'No problems'}: "
        f"{thousands(read)} {'row' if read == 1 else 'rows'} read from "
        f"{files} {'file' if files == 1 else 'files'}"
        f" = {thousands(used)} used + {thousands(read - used)} outside the question",
    )


def _blocks(
    head: Head, groups: Counter[_Group], examples: dict[_Group, list[Problem]]
) -> Iterator[page.Block]:
    yield page.Heading(full_title(head, f"Problems of the data in {', '.join(head.request.data)}"))
    yield page.Paragraph(SHOWS_RECORDS)
    order = list(WORDS)
    for source, name in zip(head.sources, prose.source_names(head.sources), strict=True):
        of_file = sorted(
            (key for key in groups if key[:2] == (source.file, source.kind)),
            key=lambda key: (order.index(key[2]) if key[2] in WORDS else len(order), key[2:]),
        )
        # A file without a problem has its account here, too: that it was read
        # and how much of it was used is what somebody checks.
        yield page.Heading(name, 2)
        yield page.Paragraph(f"{prose.source_title(source)}. {_account(source)}")
        for key in of_file:
            _, _, reason, column = key
            where = f" ({column})" if column else ""
            words = WORDS_OF_COLUMN.get((reason, column), WORDS.get(reason, "set aside"))
            yield page.Bullet(f"{reason}{where}", f"{thousands(groups[key])} {words}")
            if examples[key]:
                yield page.Verbatim("\n".join(_examples(examples[key], groups[key])))
    yield from _warnings(head)


def _warnings(head: Head) -> Iterator[page.Block]:
    if head.warnings:
        yield page.Heading("Warnings", 2)
        for warning in head.warnings:
            yield page.Bullet("", prose.warning_text(warning))


#: What is said of a file here. What was set aside or read as blank is listed below it.
_SAID = ("Rows", "Outside", "Repaired", "Codes not on any list")


def _account(source: Source) -> str:
    lines = dict(prose.source_lines(source))
    return " ".join(f"{label}: {lines[label]}." for label in _SAID if label in lines)


def _examples(first: list[Problem], number: int) -> Iterator[str]:
    for each in first:
        raw = safe(each.raw[: EXAMPLE_LENGTH + 1])
        cut = f"{raw[:EXAMPLE_LENGTH]}…" if len(raw) > EXAMPLE_LENGTH else raw
        yield f"line {each.line}: {cut}"
    if number > len(first):
        yield f"… and {thousands(number - len(first))} more"


def _taken(out: io.StringIO) -> str:
    text = out.getvalue()
    out.seek(0)
    out.truncate()
    return text
