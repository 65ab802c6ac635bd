"""Runs a file of SQL in DuckDB, with its places put in: SCRIPT FOLDER OUT."""

import sys
from pathlib import Path

import duckdb

script, folder, out = sys.argv[1:]
sql = Path(script).read_text(encoding="utf-8").replace("FOLDER", folder).replace("OUT/", f"{out}/")
last = None
with duckdb.connect() as db:
    for statement in db.extract_statements(sql):
        last = db.execute(statement).fetchall()
print(last)
