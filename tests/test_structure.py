"""The architecture, as a table that a test holds the imports to.

An import inside a function is an import, too. Only what is under
``TYPE_CHECKING`` is not, because it does not run.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import mpp_cli

PACKAGE = Path(mpp_cli.__file__).parent

#: Every room, from top to bottom, and the rooms that it may import from. A room also sees itself.
ROOMS = {
    "mpp_cli.__main__": "app cli common",
    "mpp_cli.app": "cli common",
    "mpp_cli.cli": "analysis disclosure metrics dataset sample "
    "sources formats goals results common",
    "mpp_cli": "common",
    "mpp_cli.analysis": "disclosure metrics dataset sources formats engines goals results common",
    "mpp_cli.disclosure": "dataset sources engines goals results common",
    "mpp_cli.metrics": "dataset sources engines goals results common",
    "mpp_cli.dataset": "sources engines goals results common",
    "mpp_cli.sample": "sources common",
    "mpp_cli.sources": "engines results common",
    "mpp_cli.formats": "results common",
    "mpp_cli.goals": "results common",
    "mpp_cli.engines": "common",
    "mpp_cli.results": "common",
    "mpp_cli.common": "",
}

#: The only two steps up: conveniences of the public API, taken when they are
#: called and never by an import. Every other test passes over them.
LAZY = {
    ("mpp_cli", "mpp_cli.analysis.api"),  # mpp_cli.load without paying for it in `import mpp_cli`
    ("mpp_cli.results.report", "mpp_cli.results.dataframe"),  # .to_frame()
}

#: A module is one idea, and can be read in one sitting.
MOST_LINES = 350


def modules() -> dict[str, Path]:
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = ("mpp_cli", *path.relative_to(PACKAGE).with_suffix("").parts)
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = modules()


def room(module: str) -> str:
    """The room that a module is in: its folder at the top, or what stands beside the rooms."""
    return ".".join(module.split(".")[:2])


def nodes_that_run(tree: ast.AST) -> Iterator[ast.AST]:
    """Every node but those under ``if TYPE_CHECKING``."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            for other in node.orelse:
                yield other
                yield from nodes_that_run(other)
            continue
        yield node
        yield from nodes_that_run(node)


def imported(module: str, tree: ast.AST) -> set[str]:
    """The modules of the package that the code imports by name."""
    found: set[str] = set()
    for node in nodes_that_run(tree):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                package = (
                    module if MODULES[module].name == "__init__.py" else module.rpartition(".")[0]
                )
                for _ in range(node.level - 1):
                    package = package.rpartition(".")[0]
                base = f"{package}.{base}".rstrip(".")
            for name in node.names:
                whole = f"{base}.{name.name}"
                found.add(whole if whole in MODULES else base)
    return {name for name in found if name in MODULES} - {module}


GRAPH = {
    module: imported(module, ast.parse(path.read_text(encoding="utf-8")))
    for module, path in MODULES.items()
}
EDGES = [
    (module, other)
    for module, others in GRAPH.items()
    for other in sorted(others)
    if (module, other) not in LAZY
]


def test_every_module_is_in_a_room() -> None:
    assert {room(module) for module in MODULES} == {*ROOMS}


def test_a_room_imports_only_from_rooms_below_it() -> None:
    order = [*ROOMS]
    for name, below in ROOMS.items():
        seen = {f"mpp_cli.{each}" for each in below.split()}
        assert {order.index(each) > order.index(name) for each in seen} <= {True}, name
        outside = {
            edge for edge in EDGES if room(edge[0]) == name and room(edge[1]) not in {name, *seen}
        }
        assert outside == set()


def test_nobody_imports_the_commands_the_sample_generator_or_the_app() -> None:
    programs = {"mpp_cli.app", "mpp_cli.cli", "mpp_cli.sample"}
    outside = [
        edge for edge in EDGES if room(edge[1]) in programs and room(edge[0]) != room(edge[1])
    ]
    # The command `mpp sample` is the generator's one door.
    assert {edge[0] for edge in outside} == {
        "mpp_cli.__main__",
        "mpp_cli.app",
        "mpp_cli.cli.sample",
    }


def test_engines_are_named_by_nobody_but_their_own_room() -> None:
    # Everybody else speaks to the interface, so that an engine can be added.
    known = {"mpp_cli.engines", "mpp_cli.engines.base", "mpp_cli.engines.duckdb_connection"}
    outside = [edge for edge in EDGES if room(edge[0]) != "mpp_cli.engines"]
    assert {other for _, other in outside if room(other) == "mpp_cli.engines"} <= known


def test_the_steps_up_are_taken_inside_functions() -> None:
    for module, other in LAZY:
        assert other in GRAPH[module], f"{module} no longer imports {other}: remove it from LAZY"
        top = ast.parse(MODULES[module].read_text(encoding="utf-8")).body
        functions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
        at_import = ast.Module([node for node in top if not isinstance(node, functions)], [])
        assert other not in imported(module, at_import)


def test_no_modules_import_each_other_in_a_circle() -> None:
    done: set[str] = set()

    def visit(module: str, path: tuple[str, ...]) -> None:
        assert module not in path, " → ".join((*path[path.index(module) :], module))
        if module in done:
            return
        for other in GRAPH[module]:
            if (module, other) not in LAZY:
                visit(other, (*path, module))
        done.add(module)

    for module in GRAPH:
        visit(module, ())


def test_a_module_can_be_read_in_one_sitting() -> None:
    lines = {
        module: len(path.read_text(encoding="utf-8").splitlines())
        for module, path in MODULES.items()
    }
    assert {module: number for module, number in lines.items() if number > MOST_LINES} == {}


def test_the_graph_is_seen_at_all() -> None:
    assert ("mpp_cli.app", "mpp_cli.cli.report") in EDGES
    assert ("mpp_cli.cli.report", "mpp_cli.analysis.api") in EDGES  # inside a function
    assert len(EDGES) > 100


# ------------------------------------------------------- start-up is a feature

HEAVY = (
    "highspy",
    "pandas",
    "tabulate",
    "duckdb",
    "numpy",
    "nanoarrow",
    "blake3",
    "rich.table",
    "sqlite3",
    "xlsxwriter",
)


def loaded_by(code: str) -> set[str]:
    """The modules that are loaded after some code has run in a new interpreter."""
    code = f"{code}\nimport sys\nprint(*sys.modules, sep='\\n', file=sys.__stderr__)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    return set(done.stderr.decode().split())


def test_importing_the_command_line_imports_nothing_heavy() -> None:
    assert not loaded_by("import mpp_cli.app") & {*HEAVY, "rich"}


def test_importing_the_package_imports_next_to_nothing() -> None:
    found = {name for name in loaded_by("import mpp_cli") if name.startswith("mpp_cli.")}
    assert found == {"mpp_cli.common", "mpp_cli.common.version"}


def words(value: object) -> str | None:
    return " ".join(value) if isinstance(value, list) else ""


@pytest.mark.parametrize(
    ("arguments", "never"),
    [
        (["--help"], {"pandas", "tabulate", "duckdb", "numpy", "pydantic", "markdown_it"}),
        (["report", "--help"], {"duckdb", "numpy", "pydantic", "markdown_it", "pygments"}),
        (["--version"], {"pandas", "tabulate", "duckdb", "numpy", "rich"}),
        (["metrics"], {"pandas", "tabulate", "duckdb", "numpy", "rich"}),
        (["metric", "completon-rate"], {"pandas", "tabulate", "rich", "duckdb", "pydantic"}),
        (["schema", "cases", "-f", "json"], {"pandas", "tabulate", "duckdb", "numpy", "rich"}),
        (["explain", "completion-rate", "--data", "sample"], {"pandas", "tabulate"}),
        (["validate", "sample", "-f", "csv"], {"pandas", "tabulate", "rich"}),
        (
            ["trend", "relief-granted", "--data", "sample", "-f", "csv"],
            {"pandas", "tabulate", "rich", "plotille"},
        ),
        (["reconcile", "--data", "sample", "-f", "json"], {"pandas", "tabulate", "rich"}),
        (["metric", "completion-rate", "--data", "sample"], {"pandas", "tabulate"}),
        (
            ["metric", "completion-rate", "--data", "sample", "-f", "value"],
            {"pandas", "tabulate", "rich"},
        ),
        (
            ["report", "--data", "sample", "-f", "html"],
            {"pandas", "tabulate", "rich", "plotille", "xlsxwriter"},
        ),
        (
            ["metric", "completion-rate", "--data", "sample", "-f", "xlsx"],
            {"pandas", "tabulate", "rich", "plotille"},
        ),
    ],
    ids=words,
)
def test_a_command_imports_only_what_it_needs(arguments: list[str], never: set[str]) -> None:
    code = f"from mpp_cli.app import main\nmain({[*arguments]!r})"
    loaded = loaded_by(code)
    assert "mpp_cli.app" in loaded
    assert not loaded & never


def test_an_answer_from_the_cache_imports_nothing_that_reads_files() -> None:
    asked = ["metric", "completion-rate", "--data", "sample", "-f", "value", "--no-config", "-q"]
    code = f"from mpp_cli.app import main\nmain({asked!r})"
    assert "mpp_cli.sources.load" in loaded_by(code.replace("'-q'", "'--no-cache'"))
    loaded_by(code)
    never = {"numpy", "nanoarrow", "pydantic", "pandas", "rich", "mpp_cli.sources.load"}
    assert not loaded_by(code) & never


def test_results_have_the_names_that_they_had() -> None:
    code = "from mpp_cli.results import Report, MetricReport, Warning; import mpp_cli.results as r;"
    code += "print(hasattr(r, 'Figure_'), r.Report is Report)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=PACKAGE.parent
    )
    assert done.stdout == "False True\n"
