"""Data as they are asked questions: every row judged, now or by an earlier run.

What reads files is imported only where files are read: an answer from the cache takes
little more than the imports that it needs.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mpp_cli.dataset import cache, validated
from mpp_cli.engines import open_engine
from mpp_cli.sources.discover import find_inputs

if TYPE_CHECKING:
    from mpp_cli.sources.eoir.options import Options
    from mpp_cli.sources.mapping.mapping import Mapping
    from mpp_cli.sources.progress import Progress

#: The word that names the bundled sample.
SAMPLE = "sample"


def sample_folder() -> Path:
    """Where the bundled sample is: in the package, or beside it in a checkout."""
    package = Path(__file__).parents[1]
    inside = package / "sample_data"
    return inside if inside.is_dir() else package.parent / "sample_data"


def load(
    paths: Sequence[str],
    shown: Sequence[str],
    *,
    sample: bool,
    columns: Collection[str] | None,
    engine: str,
    today: datetime.date | None,
    newest_release: bool,
    progress: Progress | None,
    court_options: Options | None,
    mapping: Mapping | None,
    cached: bool,
) -> validated.Judgement:
    """Read and judge the files at these paths, or take what the cache has kept of them.

    ``shown`` are the paths as the user wrote them; the rest is as :func:`mpp_cli.analysis.api.load`
    has it. The caller closes the engine of the answer. Raises DataError.
    """
    today = today or datetime.date.today()
    found = find_inputs(paths, paths if sample else shown, mapping is not None)
    # A copied stream has no name under which it could be found again.
    lasting = sample or [*paths] == [*shown]
    kept = None
    if cached and columns is not None and engine == cache.ENGINE and lasting:
        kept = cache.Cache.of(found, mapping, newest_release)
    ready = kept and kept.load(columns or (), today, tuple(shown), sample)
    if ready:
        return ready
    from mpp_cli.dataset import limits
    from mpp_cli.sources import load as intake

    opened = open_engine(engine)
    try:
        loaded = intake.load(
            found,
            opened,
            shown,
            sample=sample,
            keep=columns,
            progress=progress,
            court_options=court_options,
            mapping=mapping,
        )
        judged = validated.judge(loaded, today, newest_release, sorted(columns or ()))
        if kept and not limits.exceeds_half(judged):
            kept.store(judged, columns or ())
    except BaseException:
        opened.close()
        raise
    return judged
