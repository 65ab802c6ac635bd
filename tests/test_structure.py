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

#: The floors of the house from top to bottom. A room imports from its own floor
#: or from floors below it, never from above.
FLOORS = [
    ["mpp_cli.__main__"],
    ["mpp_cli.app"],  # every command; every failure as a line and an exit code
    ["mpp_cli.commands"],  # parse, call, print
    ["mpp_cli.verify"],  # a saved report, computed again
    ["mpp_cli.api"],  # load, report, metric
    ["mpp_cli.doubts"],  # explain, trend, compare, reconcile, variants
    ["mpp_cli.loading"],  # every row judged, now or by an earlier run
    ["mpp_cli.mapped"],  # mapped files as a source to be kept
    ["mpp_cli.explain"],  # why a figure is what it is
    ["mpp_cli.trend", "mpp_cli.compare", "mpp_cli.reconcile"],  # since when; what changed
    ["mpp_cli.published_list"],  # lists of published figures
    ["mpp_cli.ohss"],  # book-outs by month, to hold enrolment against
    ["mpp_cli.changes"],  # a measure before and after, in parts
    ["mpp_cli.moves"],  # the cases that a count gained and lost
    ["mpp_cli.sides", "mpp_cli.ours"],  # what is compared; our figures of any date
    ["mpp_cli.variants"],  # a figure under other definitions
    ["mpp_cli.case"],  # why a case is in a figure or out of it
    ["mpp_cli.case_variants"],  # and by other definitions
    ["mpp_cli.membership"],  # the verdict of every count on every case
    ["mpp_cli.disclosure"],  # small counts, and what would give them away, in every answer
    ["mpp_cli.evaluate"],  # definitions × history × as-of → report
    ["mpp_cli.monthly"],  # the answer of goal 4
    [
        "mpp_cli.answers",
        "mpp_cli.described",
        "mpp_cli.footnotes",
        "mpp_cli.published",
        "mpp_cli.catalogue",
    ],  # under a metric; figures read, not computed
    ["mpp_cli.breakdown"],  # the rows of a metric: groups and parts
    ["mpp_cli.durations"],  # histograms of days
    ["mpp_cli.title_42"],  # expulsions among the encounters
    ["mpp_cli.cache"],  # what files came to, kept for the next run
    ["mpp_cli.heads"],  # what every output carries
    ["mpp_cli.limits"],  # how much of the data may be lost
    ["mpp_cli.judgement"],  # data of which every row was judged
    ["mpp_cli.unread", "mpp_cli.losses"],  # what cannot be read; files that lost many rows
    ["mpp_cli.daily"],  # counts of every date from one pass
    ["mpp_cli.months", "mpp_cli.counting", "mpp_cli.checks"],  # counts and warnings
    ["mpp_cli.lost_years"],  # fiscal years of encounters without a component
    ["mpp_cli.event_checks"],  # odd dates and kinds of events
    ["mpp_cli.question"],  # as of when, for whom, broken down by what
    ["mpp_cli.conditions"],  # what a condition means in the data
    ["mpp_cli.problems"],  # what is wrong, line by line
    ["mpp_cli.history", "mpp_cli.accounts"],  # one row per case; the balance of rows
    ["mpp_cli.document_columns"],  # what the document needs of that row
    ["mpp_cli.history_columns"],  # what that row holds
    ["mpp_cli.variant_columns"],  # what it holds for other definitions
    ["mpp_cli.history_terms"],  # what its columns are written in
    ["mpp_cli.releases"],  # months that more than one file holds
    ["mpp_cli.sample"],  # the generator of synthetic tables, a program of its own
    ["mpp_cli.sources"],  # any file → event tables and rows set aside
    ["mpp_cli.goals", "mpp_cli.engines"],  # the document; what runs the SQL
    ["mpp_cli.formats", "mpp_cli.frames"],  # a report as text or as a table
    # How figures are shown.
    ["mpp_cli.figures", "mpp_cli.survival"],
    # Answers that are no report, plain and frozen.
    ["mpp_cli.explanation", "mpp_cli.series", "mpp_cli.comparison", "mpp_cli.reconciliation"],
    ["mpp_cli.varied", "mpp_cli.case_explained"],
    ["mpp_cli.definitions", "mpp_cli.results"],  # the words of the goals; plain frozen answers
    ["mpp_cli.data_choice"],  # where the data are looked for
    ["mpp_cli.config", "mpp_cli.output"],  # mpp.toml; whole files or none
    # What fits an option; what names data; folders for what does not fit in memory.
    ["mpp_cli.config_values", "mpp_cli.paths", "mpp_cli.scratch"],
    ["mpp_cli.embedded"],  # frugal connections to DuckDB
    ["mpp_cli.config_lines"],  # where a key stands in a TOML text
    # The ground: they import nothing.
    ["mpp_cli.differences", "mpp_cli.errors", "mpp_cli.periods", "mpp_cli.signals", "mpp_cli"],
]

#: Rooms that see less than their floor would allow.
SEALED = {
    "mpp_cli.formats": {"mpp_cli.formats", "mpp_cli.results", "mpp_cli.figures"}
    | {"mpp_cli.explanation", "mpp_cli.case_explained", "mpp_cli.periods", "mpp_cli.errors"}
    | {"mpp_cli.series", "mpp_cli.comparison", "mpp_cli.reconciliation"}
    | {"mpp_cli.varied"},
    "mpp_cli.frames": {"mpp_cli.formats", "mpp_cli.results"},
    "mpp_cli.goals": {"mpp_cli.goals", "mpp_cli.definitions"},
    "mpp_cli.definitions": set(),
    "mpp_cli.survival": set(),
    "mpp_cli.results": set(),
    # It knows the declarations and the answers, and nothing of how figures were counted.
    "mpp_cli.disclosure": {"mpp_cli.disclosure", "mpp_cli.results", "mpp_cli.errors"}
    | {"mpp_cli.series", "mpp_cli.comparison", "mpp_cli.reconciliation", "mpp_cli.varied"}
    | {"mpp_cli.goals", "mpp_cli.definitions", "mpp_cli.history_columns", "mpp_cli.history_terms"}
    | {"mpp_cli.sources", "mpp_cli.embedded", "mpp_cli.periods"},
    "mpp_cli.explanation": {"mpp_cli.results", "mpp_cli.case_explained"},
    "mpp_cli.case_explained": set(),
    "mpp_cli.varied": {"mpp_cli.results"},
    "mpp_cli.engines": {"mpp_cli.engines", "mpp_cli.errors", "mpp_cli.scratch"}
    | {"mpp_cli.embedded"},
    "mpp_cli.series": {"mpp_cli.results"},
    "mpp_cli.comparison": {"mpp_cli.results"},
    "mpp_cli.reconciliation": {"mpp_cli.results"},
    "mpp_cli.sample": {"mpp_cli.sample", "mpp_cli.sources"},
    "mpp_cli.data_choice": {"mpp_cli.config", "mpp_cli.paths", "mpp_cli.errors"},
    "mpp_cli.config": {"mpp_cli.config_values", "mpp_cli.config_lines"}
    | {"mpp_cli.paths", "mpp_cli.errors"},
    "mpp_cli.config_lines": set(),
    "mpp_cli.config_values": {"mpp_cli.errors"},
    "mpp_cli.paths": {"mpp_cli.errors"},
    "mpp_cli.output": {"mpp_cli.output", "mpp_cli.scratch", "mpp_cli.errors"},
    "mpp_cli.errors": set(),
    "mpp_cli.periods": set(),
}

#: The only two steps up: conveniences of the public API, taken when they are
#: called and never by an import. Every other test passes over them.
LAZY = {
    ("mpp_cli", "mpp_cli.api"),  # mpp_cli.load without paying for it in `import mpp_cli`
    ("mpp_cli.results", "mpp_cli.frames"),  # .to_frame()
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
    """The room that a module is in: the top-level module, or its folder."""
    return ".".join(module.split(".")[:2])


def floor(module: str) -> int:
    return next(number for number, rooms in enumerate(FLOORS) if room(module) in rooms)


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


def test_every_module_has_a_floor() -> None:
    rooms = {room(module) for module in MODULES}
    assert rooms == {name for names in FLOORS for name in names}


def test_no_import_leads_up() -> None:
    assert [edge for edge in EDGES if floor(edge[1]) < floor(edge[0])] == []


def test_sealed_rooms_see_only_what_they_may() -> None:
    seen = [edge for edge in EDGES if room(edge[0]) in SEALED]
    assert [edge for edge in seen if room(edge[1]) not in SEALED[room(edge[0])]] == []


def test_nobody_imports_the_commands_the_sample_generator_or_the_app() -> None:
    programs = {"mpp_cli.app", "mpp_cli.commands", "mpp_cli.sample"}
    outside = [
        edge for edge in EDGES if room(edge[1]) in programs and room(edge[0]) != room(edge[1])
    ]
    # The command `mpp sample` is the generator's one door.
    assert {edge[0] for edge in outside} == {
        "mpp_cli.__main__",
        "mpp_cli.app",
        "mpp_cli.commands.sample",
    }


def test_sources_know_nothing_of_measures() -> None:
    of_sources = {room(other) for module, other in EDGES if room(module) == "mpp_cli.sources"}
    assert not of_sources & {"mpp_cli.goals", "mpp_cli.definitions", "mpp_cli.figures"}


def test_engines_are_named_by_nobody_but_their_own_room() -> None:
    # Everybody else speaks to the interface, so that an engine can be added.
    known = {"mpp_cli.engines", "mpp_cli.engines.base"}
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
    assert ("mpp_cli.app", "mpp_cli.commands.report") in EDGES
    assert ("mpp_cli.commands.report", "mpp_cli.api") in EDGES  # inside a function
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
    assert {name for name in loaded_by("import mpp_cli") if name.startswith("mpp_cli.")} == set()


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
    assert "mpp_cli.sources.intake" in loaded_by(code.replace("'-q'", "'--no-cache'"))
    loaded_by(code)
    never = {"numpy", "nanoarrow", "pydantic", "pandas", "rich", "mpp_cli.sources.intake"}
    assert not loaded_by(code) & never
