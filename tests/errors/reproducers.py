"""Reproducers of errors: read from the catalogue, run, and traced to the line that raised.

An entry of the catalogue is a TOML table named after the error::

    [unknown-metric]
    when = "a metric is asked for that does not exist"
    run = "mpp metric completion-rte --data data"
    exit = 2
    stderr = '''mpp: error: …'''

    [unknown-metric.files]          # beside the folder data/, which every entry has
    "mpp.toml" = "as-of = 12"

``prepare`` names a function of ``tests/errors/prepare.py`` that makes what no
text can hold: archives, devices, folders. ``prints = true`` says that the answer
is printed beside the error, as by a check that failed. ``…`` in ``stderr`` stands for any
text within a line, such as a date that moves or a name the system chose.
"""

from __future__ import annotations

import ast
import contextlib
import importlib
import pkgutil
import re
import shlex
import shutil
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from unittest import mock

import mpp_cli
from mpp_cli.common.errors import MppError
from tests.errors import prepare
from tests.harness import run
from tests.spec.draw import draw

HERE = Path(__file__).parent
PACKAGE = Path(mpp_cli.__file__).parent

#: Clean tables with one case of each kind; the folder ``data`` of every entry.
TABLES = {
    "cases": """
        | case_id | nta_filed_date | component | nationality | docket       |
        | A1      | 2019-03-01     | USBP      | Honduras    | mpp          |
        | A2      | 2019-05-20     | OFO       | Guatemala   | mpp          |
        | A3      |                | USBP      | Honduras    | mpp          |
        | N1      | 2019-02-11     | USBP      | Ecuador     | non_detained |
    """,
    "completions": """
        | case_id | completion_date | outcome         | completion_type |
        | A1      | 2019-09-10      | removal_ordered | initial         |
    """,
    "grants": """
        | case_id | granted_date | relief_type |
        | A1      | 2020-01-15   | asylum      |
    """,
    "referrals": """
        | case_id | referred_date | outcome  |
        | A2      | 2019-06-03    | negative |
    """,
    "encounters": """
        | fiscal_year | month | component | encounters |
        | 2020        | OCT   | USBP      | 35400      |
        | 2020        | OCT   | OFO       | 9700       |
    """,
}


@dataclass(frozen=True)
class Reproducer:
    """One way to meet an error, and what mpp says of it."""

    name: str
    theme: str
    when: str
    run: str
    exit: int
    stderr: str
    files: Mapping[str, str] = field(default_factory=dict)
    prepare: str | None = None
    #: Whether the answer is printed all the same, as by a check that failed.
    prints: bool = False

    @property
    def arguments(self) -> list[str]:
        """The command line without the program's own name."""
        program, *arguments = shlex.split(self.run)
        assert program == "mpp", self.name
        return arguments


@dataclass(frozen=True)
class Met:
    """What a run ended with, and the places in the source that made its errors."""

    exit: int
    stdout: bytes
    stderr: str
    sites: frozenset[str]


@cache
def catalogue() -> tuple[Reproducer, ...]:
    """Every entry, theme by theme, in the order of the files."""
    return tuple(
        Reproducer(name, file.stem.partition("-")[2], **entry)
        for file in sorted((HERE / "catalogue").glob("*.toml"))
        for name, entry in tomllib.loads(file.read_text(encoding="utf-8")).items()
    )


def meet(reproducer: Reproducer, folder: Path) -> Met:
    """Run a reproducer in ``folder``, which is empty, and see what happens."""
    shutil.copytree(draw(TABLES), folder / "data")
    for name, text in reproducer.files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    with contextlib.ExitStack() as undo:
        undo.enter_context(contextlib.chdir(folder))
        if reproducer.prepare is not None:
            undo.enter_context(getattr(prepare, reproducer.prepare)(folder))
        sites = undo.enter_context(_recorded())
        code, out, err = run(reproducer.arguments)
    return Met(code, out, err, frozenset(sites))


@contextlib.contextmanager
def _recorded() -> Iterator[set[str]]:
    """The places that construct an error while the block runs."""
    sites: set[str] = set()
    plain = MppError.__init__

    def noted(self: MppError, *args: object, **kwargs: object) -> None:
        frame = sys._getframe(1)
        site = _by_line(frame.f_code.co_filename).get(frame.f_lineno)
        if site is not None:
            sites.add(site)
        plain(self, *args, **kwargs)  # type: ignore[arg-type]

    with mock.patch.object(MppError, "__init__", noted):
        yield sites


def said(expected: str, real: str) -> bool:
    """Whether ``real`` is ``expected``, in which ``…`` stands for any text within a line."""
    pattern = "[^\n]*".join(map(re.escape, expected.strip("\n").split("…")))
    return re.fullmatch(pattern, real.strip("\n")) is not None


def every_site() -> frozenset[str]:
    """Each place in the source that makes an error, as ``module: the words of its message``."""
    return frozenset(
        site for path in PACKAGE.rglob("*.py") for site in _by_line(str(path)).values()
    )


@cache
def _by_line(path: str) -> dict[int, str]:
    """The site of each line of a source file that lies within the making of an error."""
    if not Path(path).is_relative_to(PACKAGE):
        return {}
    module = ".".join(Path(path).relative_to(PACKAGE).with_suffix("").parts)
    kinds = _kinds()
    lines: dict[int, str] = {}
    for node in ast.walk(ast.parse(Path(path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in kinds:
            words = f"{module}: {_words(node.args[0])}" if node.args else module
            for line in range(node.lineno, (node.end_lineno or node.lineno) + 1):
                lines[line] = words
    return lines


@cache
def _kinds() -> frozenset[str]:
    """The names of all classes of errors, wherever in the package they are."""
    for found in pkgutil.walk_packages([str(PACKAGE)], "mpp_cli."):
        if not found.name.endswith("__main__"):
            importlib.import_module(found.name)

    def below(kind: type[MppError]) -> Iterator[str]:
        yield kind.__name__
        for each in kind.__subclasses__():
            yield from below(each)

    return frozenset(below(MppError))


def _words(message: ast.expr) -> str:
    """The constant words of a message; what is put in at run time is ``…``."""
    match message:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(map(_words, parts))
        case ast.IfExp(body=one, orelse=other):
            return f"{_words(one)} / {_words(other)}"
        case ast.BinOp(left=left, right=right):
            return _words(left) + _words(right)
        case _:
            return "…"
