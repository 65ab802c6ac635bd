"""Build the wheel, install it where nothing else is, and use it there."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[2]

#: Beside the modules, these must be in a wheel.
DATA = ("mpp_cli/sample_data/cases.csv.gz", "mpp_cli/sources/schema/cases.json")

#: What is asked of an installed mpp, and what it answers.
ANSWERS = (
    (["--version"], None),
    (["metric", "completion-rate", "--data", "sample", "-f", "value", "-q"], "64.69"),
    (["metric", "relief-granted", "--data", "sample", "-f", "value", "-q"], "531"),
    (["report", "--data", "sample", "--as-of", "2020-12-31", "-f", "markdown", "-q"], None),
    (["report", "--data", "sample", "--additional", "-f", "html", "-q"], None),
    (["schema", "cases", "--format", "json"], None),
)


def main() -> int:
    """Run what is asked for; 1 when something does not work."""
    parser = argparse.ArgumentParser(prog="python -m tests.packaging")
    parser.add_argument("--pythons", nargs="*", default=[sys.executable], metavar="PYTHON")
    parser.add_argument("--lowest", action="store_true", help="also the lowest versions allowed")
    parser.add_argument("--audit", action="store_true", help="ask for known vulnerabilities")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mpp-wheel-") as folder:
        wheel = build(Path(folder))
        for number, python in enumerate(asked.pythons):
            check(python, wheel, Path(folder, f"env{number}"), lowest=False)
        if asked.lowest:
            check(asked.pythons[0], wheel, Path(folder, "lowest"), lowest=True)
        if asked.audit:
            audit(Path(folder, "env0"), Path(folder, "auditor"))
    return 0


def build(folder: Path) -> Path:
    """The wheel of this checkout, with everything in it that it needs and no tests."""
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    _run([*pip, "wheel", "--no-deps", "--wheel-dir", str(folder), str(ROOT)])
    (wheel,) = folder.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    missing = [each for each in DATA if each not in names]
    foreign = [each for each in names if not each.startswith(("mpp_cli/", "mpp_cli-"))]
    if missing or foreign:
        sys.exit(f"{wheel.name} lacks {missing} and holds {foreign}")
    print(f"{wheel.name}: {len(names)} files, {wheel.stat().st_size:,} bytes", flush=True)
    return wheel


def required(wheel: Path) -> list[str]:
    """What the wheel requires, extras aside."""
    archive = zipfile.ZipFile(wheel)
    (name,) = [each for each in archive.namelist() if each.endswith(".dist-info/METADATA")]
    lines = archive.read(name).decode().splitlines()
    listed = [line.removeprefix("Requires-Dist: ") for line in lines if "Requires-Dist: " in line]
    return [each for each in listed if "extra ==" not in each]


def check(python: str, wheel: Path, place: Path, *, lowest: bool) -> None:
    """Install the wheel into an empty environment and ask it for figures."""
    if python == sys.executable:
        venv.create(place, with_pip=True)
    else:
        _run([python, "-m", "venv", str(place)])
    own = str(place / "bin" / "python")
    if lowest:
        _run([own, "-m", "pip", "--disable-pip-version-check", "-q", "install", "uv"])
        install = [str(place / "bin" / "uv"), "pip", "install", "--quiet", "--python", own]
        # What the wheel requires is named here, too: only so is it direct.
        _run([*install, "--resolution", "lowest-direct", str(wheel), *required(wheel)])
    else:
        _run([own, "-m", "pip", "--disable-pip-version-check", "-q", "install", str(wheel)])
    # Elsewhere, and with nothing of this checkout in the way.
    alone = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    for arguments, expected in ANSWERS:
        out = _run([str(place / "bin" / "mpp"), *arguments], cwd=place, env=alone)
        if not out.strip() or (expected is not None and out.strip() != expected):
            sys.exit(f"mpp {' '.join(arguments)} answered {out[:200]!r}, not {expected!r}")
    version = _run([own, "--version"]).strip()
    listed = _run([own, "-m", "pip", "--disable-pip-version-check", "list", "--format=freeze"])
    named = ("duckdb", "numpy", "pandas", "rich", "typer", "nanoarrow", "blake3", "highspy")
    versions = [each for each in listed.split() if each.partition("==")[0].lower() in named]
    kind = " with the lowest versions" if lowest else ""
    print(f"{version}{kind}: well ({', '.join(versions)})", flush=True)


def audit(place: Path, auditor: Path) -> None:
    """Say which known vulnerabilities the installed packages have; without a network say so."""
    venv.create(auditor, with_pip=True)
    own = str(auditor / "bin" / "python")
    _run([own, "-m", "pip", "--disable-pip-version-check", "-q", "install", "pip-audit"])
    (site,) = place.glob("lib/python*/site-packages")
    done = subprocess.run(
        [str(auditor / "bin" / "pip-audit"), "--path", str(site), "--skip-editable"],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode and ("ConnectionError" in done.stderr or "Max retries" in done.stderr):
        print("audit: not done, the list of vulnerabilities cannot be reached")
    elif done.returncode:
        sys.exit(f"audit:\n{done.stdout}\n{done.stderr[-2000:]}")
    else:
        print(f"audit: {done.stderr.strip() or 'no known vulnerabilities'}")


def _run(command: list[str], **options: object) -> str:
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        **options,  # type: ignore[call-overload]
    )
    if done.returncode:
        sys.exit(f"{' '.join(command)}\n{done.stdout}\n{done.stderr[-3000:]}")
    out: str = done.stdout
    return out


if __name__ == "__main__":
    sys.exit(main())
