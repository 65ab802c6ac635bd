"""Draw the picture of the README: ``python docs/picture.py`` writes docs/report.svg."""

import io
import re
from pathlib import Path

from rich.console import Console
from rich.text import Text

import mpp_cli
from mpp_cli.formats import render

WIDTH = 100

with mpp_cli.load("sample") as data:
    report = mpp_cli.report(data, as_of="2020-12-31")
lines = render(report, "table", color=True, width=WIDTH).splitlines()
# The picture shows the goals; introduction and sources are left to the reader.
first = next(number for number, line in enumerate(lines) if "1. " in line and "Goal" in line)
last = next(number for number, line in enumerate(lines) if "3. " in line and "Goal" in line)
shown = [*lines[:3], *lines[first:last]]

console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
console.print(Text.from_ansi("$ mpp report --as-of 2020-12-31\n\n" + "\n".join(shown)))
svg = console.export_svg(title="mpp", font_aspect_ratio=0.61)
# Rich names a font of the network; the reader's own fixed-width font will do.
svg = re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL).replace(
    "Fira Code", "Consolas, Menlo"
)
svg = re.sub(r"<!--.*?-->", "", svg, flags=re.DOTALL)
svg = "\n".join(line.rstrip() for line in svg.splitlines() if line.strip()) + "\n"
Path(__file__).with_name("report.svg").write_text(svg, encoding="utf-8")
