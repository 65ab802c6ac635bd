"""Lookup files of a release: a few hundred rows, read one by one."""

from __future__ import annotations

from collections.abc import Sequence

from mpp_cli.engines.base import Engine
from mpp_cli.sources.eoir import row_ledger
from mpp_cli.sources.eoir.reading import line_blocks
from mpp_cli.sources.eoir.reading.repair_rows import repaired
from mpp_cli.sources.eoir.release import ReleaseFile
from mpp_cli.sources.prevalidated import SettledFile
from mpp_cli.sources.progress import Progress
from mpp_cli.sources.values.validate import SetAside


def lookup_rows(
    file: ReleaseFile,
    account: SettledFile,
    engine: Engine,
    needed: Sequence[str],
    progress: Progress,
) -> list[dict[str, str]]:
    """The rows of a lookup by column name in capitals, all values trimmed.

    A row with too few fields, or with too many that no repair explains, is set
    aside; so is an exact copy. Raises DataError when a needed column is missing.
    """
    from blake3 import blake3

    header = line_blocks.columns(file)
    account.width = len(header)
    line_blocks.places(file, header, tuple(needed))
    digest = blake3()
    progress.started(file.name, file.size)

    def read(chunk: memoryview) -> None:
        digest.update(chunk)
        progress.read(len(chunk))

    with file.open() as stream:
        texts = [block.text() for block in line_blocks.blocks(file, stream, read)]
    text = b"".join(texts).decode("cp1252", "replace")
    account.hash = f"blake3:{digest.hexdigest()}"
    rows: dict[tuple[str, ...], dict[str, str]] = {}
    rejected = []
    for line, raw in enumerate(text.split("\n")[1:-1], start=2):
        account.rows_read += 1
        row: list[str] | None = [value.strip() for value in raw.split("\t")]
        assert row is not None
        if len(row) > len(header):
            row = repaired(row, header, file.table)
            account.repaired += row is not None
        elif len(row) < len(header):
            row = None
        if row is None or tuple(row) in rows:
            reason = "duplicate" if row is not None else "wrong_field_count"
            rejected.append(SetAside(line, reason, "", raw.rstrip("\r")))
            continue
        account.used += 1
        rows[tuple(row)] = dict(zip(header, row, strict=True))
    row_ledger.set_aside(engine, account, rejected)
    return list(rows.values())
