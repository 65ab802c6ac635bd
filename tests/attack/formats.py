"""No format tells more than JSON does: every number of a text stands there, too."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any

_NUMBER = re.compile(r"(?<![\w.:/-])-?\d[\d,]*(?![\w.,%:-]*\d|%)")
_DATE = re.compile(
    r"(?:January|February|March|April|May|June|July|August|September|October|"
    r"November|December) \d{1,2}, \d{4}"
)

#: Numbers of the document's own words, which JSON does not give.
_WORDS = {"235", "240", "2019", "4800"}


def told_besides(document: dict[str, Any], text: str, format: str) -> list[str]:
    """The numbers in a text that do not stand in the JSON of the same answer."""
    known = {*_WORDS, *_numbers(json.dumps(document, ensure_ascii=False))}
    # The rows of each file that were set aside stand in a text with their sum.
    heads = (document, document.get("before", {}))
    for source in (each for head in heads for each in head.get("data", {}).get("sources", ())):
        known |= {str(sum(source[name].values())) for name in ("set_aside", "rows_outside")}
    if format == "csv":
        rows = csv.DictReader(io.StringIO(text))
        cells = {cell for row in rows for name, cell in row.items() if name != "goal"}
        found = {cell for cell in cells if re.fullmatch(r"[-+]?\d[\d,]*", cell)}
    else:
        # Footnotes are counted where they are many, and goals are.
        plain = re.sub(r"^\s*\d+\. ", "", re.sub(r"\\", "", text), flags=re.MULTILINE)
        found = {*_numbers(_DATE.sub("", plain))}
    return sorted({each.replace(",", "").lstrip("+-") for each in found} - known)


def _numbers(text: str) -> set[str]:
    return {each.replace(",", "").lstrip("-") for each in _NUMBER.findall(text)}
