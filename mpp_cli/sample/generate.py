"""From a recipe to files: batch by batch, so that any size fits in memory."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import numpy as np

from mpp_cli.sample import render_rows
from mpp_cli.sample.batch import ENROLLED, Batch, draw_batch
from mpp_cli.sample.defects import Spoiler
from mpp_cli.sample.encounters import write_encounters
from mpp_cli.sample.events import completions_and_grants, referrals, without_relief
from mpp_cli.sample.locations import Directory
from mpp_cli.sample.manifest import Account
from mpp_cli.sample.plan import make_plan, quotas
from mpp_cli.sample.recipe import Recipe
from mpp_cli.sample.write_tables import TableFile

#: Cases per batch. It is part of the recipe's outcome: another size draws other rows.
BATCH = 50_000


def generate(recipe: Recipe, folder: Path, ending: str = ".csv.gz") -> Account:
    """Write the five tables of a recipe into a folder and say what was written.

    ``ending`` is ``.csv`` or ``.csv.gz``. The same recipe gives the same bytes.
    ValueError for a recipe that cannot be followed, before anything is written.
    """
    if ending not in (".csv", ".csv.gz"):
        raise ValueError(f"tables are written as .csv or .csv.gz, not {ending}")
    rng = np.random.Generator(np.random.PCG64(recipe.seed))
    plan, places, account = make_plan(recipe), Directory(recipe), Account()
    spoiler = Spoiler(recipe, rng, account)
    folder.mkdir(parents=True, exist_ok=True)
    number, to_come = 1, sum(int(each.sum()) for each in (plan.enrolled, plan.unfiled, plan.other))
    with ExitStack() as stack:
        files = {
            name: stack.enter_context(TableFile(folder / f"{name}{ending}"))
            for name in render_rows.DRAWN
        }
        for name, file in files.items():
            file.write([",".join(render_rows.header(name))])
        for quota in quotas(plan, BATCH):
            batch = draw_batch(plan, quota, places, rng)
            size = len(batch.kind)
            ids = render_rows.case_ids(number, size)
            number += size
            completions, grants = completions_and_grants(plan, batch, rng)
            sheets = {
                "cases": render_rows.cases_sheet(plan, batch, ids, places),
                "completions": render_rows.completions_sheet(plan, completions, ids),
                "grants": render_rows.grants_sheet(plan, grants, ids),
                "referrals": render_rows.referrals_sheet(plan, referrals(plan, batch, rng), ids),
            }
            # Twice the fair share of the blemishes that wait: the last months, of which
            # few cases are completed yet, would have no room for what is left to them.
            share = min(1.0, 2 * size / to_come)
            to_come -= size
            number += spoiler.spoil(sheets, _plain(batch), ids, number, share)
            for name, sheet in sheets.items():
                lines = sheet.lines()
                account.rows[name] += len(lines)
                files[name].write(lines)
    account.rows["encounters"] = write_encounters(recipe, folder / f"encounters{ending}", rng)
    return account


def _plain(batch: Batch) -> dict[str, list[int]]:
    """Per table, the enrolled cases of which an event would change a count."""
    enrolled = batch.kind == ENROLLED
    return {
        "completions": np.flatnonzero(enrolled & (batch.ending < 0)).tolist(),
        "grants": without_relief(batch).tolist(),
        "referrals": np.flatnonzero(enrolled & (batch.referred == 0)).tolist(),
    }
