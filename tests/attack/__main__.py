"""``python -m tests.attack --outputs 2000``: attack random outputs, and say what was found."""

from __future__ import annotations

import argparse
import sys

from tests.attack.runs import Found, attack


def main() -> int:
    """Attack as many outputs as asked for; 1 where a small count could be worked out."""
    asked = argparse.ArgumentParser(prog="python -m tests.attack", description=__doc__)
    asked.add_argument("--outputs", type=int, default=100, help="how many outputs to attack")
    asked.add_argument("--seed", type=int, default=1, help="of the first one")
    asked.add_argument("--first", type=int, default=0, help="its number")
    options = asked.parse_args()
    total = Found()
    for number in range(options.first, options.first + options.outputs):
        found = attack(options.seed * 1_000_003 + number)
        for text in found.faults:
            print(f"output {number}: {text}", flush=True)
        total.add(found)
        if sys.stderr.isatty():
            print(f"\r{number + 1 - options.first}", end="", file=sys.stderr)
    print(total.table())
    return 1 if total.faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
