"""Inputs of every format with bytes changed at random, and what must hold of each run.

A run on such an input either prints a report whose balances close, or refuses
with exit 3 (2 where the configuration itself was changed) and one clear error. It
prints no traceback, ends in time, holds less than 1 GB, and says the same of the same bytes.

    python -m tests.fuzz --inputs 20000 --seed 1     # the long run, about 6 inputs a second
"""
