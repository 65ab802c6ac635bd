"""What a config file says about tables, as it stands there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mpp_cli.common.errors import UsageError
from mpp_cli.common.toml_lines import line_of


@dataclass(frozen=True)
class Declared:
    """The part ``[tables]`` of a config file as it stands there, for those who know tables.

    ``file`` is the config file as the user would name it.
    """

    tables: Mapping[str, Any]
    text: str
    file: str

    def wrong(self, path: tuple[str, ...], message: str, hint: str) -> UsageError:
        """The refusal of what is set at ``path`` under ``tables``."""
        line = line_of(("tables", *path), self.text)
        return UsageError(message, file=self.file, line=line, hint=hint)
