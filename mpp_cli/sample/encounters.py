"""The encounters of a sample: a given file passed on, or plain synthetic months."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mpp_cli.sample.recipe import Recipe
from mpp_cli.sample.render_rows import header
from mpp_cli.sample.write_tables import TableFile, read_bytes


def write_encounters(recipe: Recipe, path: Path, rng: np.random.Generator) -> int:
    """Write the encounters of a recipe; give the number of rows.

    A given file is copied as it is; it may already be the file to be written.
    """
    if recipe.encounters is not None:
        content = read_bytes(recipe.encounters).decode()
        lines = content.splitlines()
        if not (path.exists() and path.samefile(recipe.encounters)):
            with TableFile(path) as file:
                file.write(lines)
        return len(lines) - 1
    rows = list(_synthetic(recipe, rng))
    with TableFile(path) as file:
        file.write([",".join(header("encounters")), *rows])
    return len(rows)


def _synthetic(recipe: Recipe, rng: np.random.Generator) -> list[str]:
    # A round ten encounters per enrolment, a tenth of them at ports of entry.
    usual = 10 * recipe.enrolled // len(recipe.months) + 10
    rows = []
    for month in recipe.months:
        year, number = int(month[:4]), int(month[5:])
        for component, part in (("USBP", usual), ("OFO", usual // 10)):
            values = {
                "fiscal_year": str(year + (number >= 10)),
                "month": str(number),
                "component": component,
                "encounters": str(int(rng.poisson(part))),
                "title_of_authority": "Title 8",
                "region": "southwest",
            }
            # All columns of the description, as in the other tables.
            rows.append(",".join(values.get(name, "") for name in header("encounters")))
    return rows
