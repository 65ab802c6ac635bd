"""``mpp sample OUT``: synthetic data of any size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Optional

import typer

from mpp_cli.cli import completion, options

if TYPE_CHECKING:
    from mpp_cli.sample import Account, Recipe

FORMATS = ("csv", "csv.gz")

#: The description of the folder, which says of the data that they are invented.
PACKAGE = "datapackage.json"

#: Above this many cases a run takes long enough to say what it does.
WORTH_TELLING = 200_000


def sample(
    out: Annotated[str, typer.Argument(metavar="OUT", help="The folder to make.")],
    cases: Annotated[
        int, typer.Option("--cases", metavar="N", min=1, help="Enrolled cases.")
    ] = 10_000,
    seed: Annotated[
        int, typer.Option("--seed", metavar="S", min=0, help="The same seed gives the same bytes.")
    ] = 1,
    dirt: Annotated[
        bool,
        typer.Option(
            "--dirt/--no-dirt",
            help="Add what real exports have: rows to set aside, odd spellings, reopened cases.",
        ),
    ] = False,
    as_of: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option("--as-of", metavar="DATE", help="The day the data end. [default: 2020-12-31]"),
    ] = None,
    format: Annotated[
        str,
        typer.Option(
            "-f",
            "--format",
            metavar="FORMAT",
            help="csv or csv.gz.",
            autocompletion=completion.formats_of(*FORMATS),
        ),
    ] = "csv",
    force: Annotated[
        bool, typer.Option("--force", help="Replace an earlier sample in OUT, and nothing else.")
    ] = False,
    quiet: options.Quiet = None,
) -> None:
    """Write a folder of synthetic tables with the shape of the real ones, and say their totals.

    No row is a real person or case; every identifier begins with SYN-. Until
    2020-12-31 the months and shares are those of the bundled sample, until any
    other day they are even.
    """
    import sys

    from mpp_cli.cli.output import write_text
    from mpp_cli.cli.output.atomic_folder import whole_folder
    from mpp_cli.common.errors import UsageError, did_you_mean
    from mpp_cli.sources.schema import TABLES

    if format not in FORMATS:
        raise UsageError(f'no format "{format}" of a sample', hint=did_you_mean(format, FORMATS))
    recipe = _recipe(cases, seed, dirt, as_of)
    ours = {PACKAGE, *(f"{name}.{ending}" for name in TABLES for ending in FORMATS)}
    with whole_folder(out, ours, force) as folder:
        if cases > WORTH_TELLING and not quiet and sys.stderr is not None:
            print(f"mpp: making {cases:,} cases", file=sys.stderr, flush=True)
        from mpp_cli.sample import generate

        account = generate(recipe, folder, f".{format}")
        (folder / PACKAGE).write_text(_package(recipe, format, dirt), encoding="utf-8")
    if not quiet:
        write_text(None, "\n".join(_said(out, recipe, account)) + "\n")


def _recipe(cases: int, seed: int, dirt: bool, as_of: str | None) -> Recipe:
    """The bundled recipe in another size, or a plain one for another day."""
    from dataclasses import replace

    from mpp_cli.analysis.api import sample_folder
    from mpp_cli.common.errors import UsageError
    from mpp_cli.metrics.query import ask
    from mpp_cli.sample import Recipe
    from mpp_cli.sample.proportions import Dirt, Edges

    shape = Recipe.load(sample_folder() / "recipe.toml")
    day = ask(as_of=as_of).as_of or shape.as_of
    try:
        if day != shape.as_of:
            shape = Recipe.plain(cases, seed, shape.began, day)
        # The bundled files have no relief of unknown kind; those of anybody else may.
        edges = replace(shape.edges, unknown_relief=Edges.unknown_relief)
        # The bundled encounters are published facts, which an invented folder must not hold.
        dirty = replace(
            shape, dirt=Dirt() if dirt else Dirt(amount=0), edges=edges, encounters=None
        )
        return dirty.scaled(cases, seed)
    except ValueError as error:
        raise UsageError(f"no such sample: {error}") from error


def _package(recipe: Recipe, format: str, dirt: bool) -> str:
    import json

    from mpp_cli.sources.schema import package

    blemishes = " It has deliberate blemishes: some rows break the schemas." if dirt else ""
    described = package(
        f".{format}",
        name="mpp-synthetic",
        title="SYNTHETIC data for mpp",
        description="Invented cases, completions, grants, referrals and encounters; no real person "
        f"or case. {recipe.enrolled} cases, seed {recipe.seed}, until {recipe.as_of}.{blemishes}",
    )
    return json.dumps(described, ensure_ascii=False, indent=2) + "\n"


def _said(out: str, recipe: Recipe, account: Account) -> list[str]:
    """What was made: the totals that a report on it must give, and the rows."""
    from mpp_cli.common.errors import visible

    totals = {
        "total_enrolled": recipe.enrolled,
        "cases_completed": recipe.completed,
        "relief_granted": recipe.relief_granted,
        "aliens_referred": recipe.referred,
    }
    return [
        visible(f"SYNTHETIC data in {out}, seed {recipe.seed}: no real person or case is in them"),
        f"as of {recipe.as_of}: "
        + ", ".join(f"{name} {number:,}" for name, number in totals.items()),
        *account.lines(),
    ]
