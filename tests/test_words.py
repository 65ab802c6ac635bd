"""Every text that a user reads is plain American English.

The words below are those that came naturally to whoever wrote the tool and stop a reader: "is no
count" for "is not a count", "mend" for "fix", "told" for "said". They are looked for in every
text of the source that has blanks in it, docstrings aside (but for those of commands, which are
their help), and in the pages that come with the tool.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

#: What is looked for, and what is written instead.
PLAIN = {
    r"(?<![Tt]here )\b(is|are|was|were) no (?!longer)[a-z]": "is not a …",
    r"\bmend(s|ed|ing)?\b": "fix, correct",
    r"\b(told|tells? (?!Excel))": "say, show, reveal",
    r"\bgo(es)? by\b": "use",
    r"\bveil": "hide",
    r"\b(whoever|nobody|likewise)\b": "say who; no one; also",
    r"\bnot a whole (file|zip|gzip|Excel|Parquet)": "not a complete …",
    r", too(?=[,.;]|$)": "also",
    r"\bof its own file\b": "its own",
    r"\bkept in\b(?! (memory|a|the))": "included",
    r"\bstands? beside\b": "is next to",
    r"\bholds? no\b": "contains no",
}

#: Pages that are read by users; decisions and the log of changes are for who works on the tool.
PAGES = ["README.md", *(f"docs/{name}.md" for name in ("commands", "data", "eoir", "mapping"))]
PAGES += [f"docs/{name}.md" for name in ("errors", "json", "engines", "performance", "reliability")]


def texts(path: Path) -> Iterator[tuple[int, str]]:
    """Every text of a module that a user may read, with its line."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inside = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
        for part in ast.walk(node)
        if isinstance(part, ast.Constant)
    }
    described = set[int]()
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr) and not is_command(path, node):
                described.add(id(first.value))
    shown = {
        id(node)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value
    } - (inside | described)
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts = (str(v.value) if isinstance(v, ast.Constant) else "…" for v in node.values)
            yield node.lineno, "".join(parts)
        elif isinstance(node, ast.Constant) and id(node) in shown:
            yield node.lineno, str(node.value)


def is_command(path: Path, node: ast.AST) -> bool:
    """Whether this is the function of a command, whose docstring is its help."""
    commands = {path.stem.rstrip("_"), *(("eoir", "map") if path.stem == "import_" else ())}
    is_function = isinstance(node, ast.FunctionDef) and node.name in commands
    return path.parent.name == "cli" and is_function


def found(text: str) -> list[str]:
    """The words of a text that a reader would stumble over, each with what to write."""
    return [
        f"{match[0]!r}: {instead}"
        for pattern, instead in PLAIN.items()
        for match in [re.search(pattern, text)]
        if match
    ]


def test_texts_of_the_source() -> None:
    odd = [
        f"{path.relative_to(ROOT)}:{line}: {text[:100]!r}: {word}"
        for path in sorted((ROOT / "mpp_cli").rglob("*.py"))
        for line, text in texts(path)
        for word in found(text)
    ]
    assert odd == []


@pytest.mark.parametrize("page", PAGES)
def test_pages(page: str) -> None:
    odd = [
        f"{page}:{number}: {word}: {line[:100]}"
        for number, line in enumerate((ROOT / page).read_text("utf-8").splitlines(), 1)
        for word in found(line)
    ]
    assert odd == []


@pytest.mark.parametrize(
    ("text", "is_odd"),
    [
        ('"x" is no count', True),
        ("there is no table", False),
        ("it is no longer in the data", False),
        ("mend the link", True),
        ("a total from which others can be told", True),
        ("counts, too", True),
        ("counted as they are", False),
    ],
)
def test_the_check_itself(text: str, is_odd: bool) -> None:
    assert bool(found(text)) is is_odd
