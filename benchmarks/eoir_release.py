"""A synthetic court release with what is true of it: FOLDER PROCEEDINGS.

A process of its own, so that its memory is not taken for that of the programs
that are measured afterwards. What becomes of the rows of each file is written
to FOLDER.truth, as JSON: where the cohort's cases are kept, and what of it is
known where all cases are (``orphans`` are then set aside, too).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from mpp_cli.sample.release import Size, write_release


def truth_file(folder: Path) -> Path:
    """Where it is written what is true of the release in a folder."""
    return folder.parent / f"{folder.name}.truth"


def main() -> None:
    """Write the release, then what is true of it."""
    folder, proceedings = Path(sys.argv[1]), int(sys.argv[2])
    folder.mkdir(parents=True)
    truth = write_release(folder, Size.of(proceedings))
    files: dict[str, dict[str, Any]] = {
        name: {
            "rows_read": each.rows,
            "rows_used": each.used,
            "rows_outside": dict(+each.outside),
            "set_aside": dict(+each.set_aside),
            "repaired": each.repaired,
            "blanked": dict(+each.blanked),
        }
        for name, each in truth.files.items()
    }
    found = {"files": files, "orphans": truth.orphans}
    truth_file(folder).write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main()
