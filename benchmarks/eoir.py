"""A court release read by mpp, and by scripts that somebody would write by hand, in one run.

    python benchmarks/eoir.py 1000000
    python benchmarks/eoir.py 16800000 --folder /data/synthetic --peers duckdb polars
    python benchmarks/eoir.py 1000000 --compare-dockets

A synthetic release with so many proceedings, and the other files in proportion,
is made in a temporary folder (or once in --folder, which 16.8 million make
5 GB large). Each program runs as a process of its own, in turn; the
peak is the system's own count of its resident memory. mpp keeps the account of every
row; the peers keep none: they take what their reader gives them, skip what it
cannot read, and count enrolled and completed cases of the cohort. Printed are
times and peaks, and those of mpp as parts of each peer's. The exit code is 1
when mpp's figures or ledger differ from what is true of the release.
"""

from __future__ import annotations

import argparse
import json
import os
import pickle
import subprocess
import sys
import tempfile
import textwrap
import time
from pathlib import Path

from mpp_cli.sample.release import Size, Truth, write_release

AS_OF = "2022-12-31"

#: What a script without any account looks like, in the words of each library.
PEERS = {
    "duckdb": """
        import duckdb
        db = duckdb.connect()
        db.execute("SET memory_limit = '4GB'")
        def table(name, columns):
            return (f"(SELECT {columns} FROM read_csv('{folder}/{name}.csv', delim='\\t', "
                    "quote='', escape='', header=true, all_varchar=true, ignore_errors=true, "
                    "strict_mode=false))")
        def run(sql):
            return db.execute(sql).fetchall()
        run("CREATE TABLE cohort AS SELECT DISTINCT IDNCASE FROM "
            + table("A_TblCaseIdentifier", "IDNCASE, CASE_ID")
            + " WHERE trim(CASE_ID) IN ('MP', 'RM')")
        chosen = "COHORT_CLAUSE"
        run("CREATE TABLE p AS SELECT * FROM " + table("B_TblProceeding",
            "IDNPROCEEDING, IDNCASE, OSC_DATE, INPUT_DATE, COMP_DATE, DEC_CODE, OTHER_COMP, "
            "ABSENTIA, CUSTODY, CASE_TYPE, NAT, HEARING_LOC_CODE") + chosen)
        run("CREATE TABLE a AS SELECT * FROM " + table("tbl_Court_Appln",
            "IDNPROCEEDING, IDNCASE, APPL_CODE, APPL_DEC") + chosen)
        run("CREATE TABLE c AS SELECT * FROM " + table("A_TblCase", "IDNCASE, E_28_DATE") + chosen)
        print(run("SELECT count(DISTINCT IDNCASE), count(DISTINCT CASE WHEN COMP_DATE <> '' AND "
            "DEC_CODE <> '' THEN IDNCASE END) FROM p JOIN cohort USING (IDNCASE) "
            "WHERE trim(CASE_TYPE) = 'RMV'"),
            run("SELECT count(*) FROM a"), run("SELECT count(*) FROM c"))
    """,
    "polars": """
        import polars as pl
        def table(name, columns):
            return pl.scan_csv(f"{folder}/{name}.csv", separator="\\t", quote_char=None,
                infer_schema=False, ignore_errors=True, truncate_ragged_lines=True,
                encoding="utf8-lossy").select(columns)
        cohort = (table("A_TblCaseIdentifier", ["IDNCASE", "CASE_ID"])
            .filter(pl.col("CASE_ID").str.strip_chars().is_in(["MP", "RM"]))
            .select("IDNCASE").unique().collect(engine="streaming").lazy())
        def mine(name, columns):
            return table(name, columns).join(cohort, on="IDNCASE", how="semi").collect(
                engine="streaming")
        p = mine("B_TblProceeding", ["IDNPROCEEDING", "IDNCASE", "OSC_DATE", "INPUT_DATE",
            "COMP_DATE", "DEC_CODE", "OTHER_COMP", "ABSENTIA", "CUSTODY", "CASE_TYPE", "NAT",
            "HEARING_LOC_CODE"])
        a = mine("tbl_Court_Appln", ["IDNPROCEEDING", "IDNCASE", "APPL_CODE", "APPL_DEC"])
        c = mine("A_TblCase", ["IDNCASE", "E_28_DATE"])
        p = p.filter(pl.col("CASE_TYPE").str.strip_chars() == "RMV")
        done = p.filter(pl.col("COMP_DATE").is_not_null() & pl.col("DEC_CODE").is_not_null())
        print(p["IDNCASE"].n_unique(), done["IDNCASE"].n_unique(), len(a), len(c))
    """,
    "pandas": """
        import pandas as pd
        def table(name, columns):
            return pd.read_csv(f"{folder}/{name}.csv", sep="\\t", quoting=3, dtype=str,
                encoding="latin-1", on_bad_lines="skip", usecols=columns, low_memory=False)
        i = table("A_TblCaseIdentifier", ["IDNCASE", "CASE_ID"])
        cohort = set(i[i.CASE_ID.str.strip().isin(["MP", "RM"])].IDNCASE)
        def mine(name, columns):
            t = table(name, columns)
            return t[t.IDNCASE.isin(cohort)]
        p = mine("B_TblProceeding", ["IDNPROCEEDING", "IDNCASE", "OSC_DATE", "INPUT_DATE",
            "COMP_DATE", "DEC_CODE", "OTHER_COMP", "ABSENTIA", "CUSTODY", "CASE_TYPE", "NAT",
            "HEARING_LOC_CODE"])
        a = mine("tbl_Court_Appln", ["IDNPROCEEDING", "IDNCASE", "APPL_CODE", "APPL_DEC"])
        c = mine("A_TblCase", ["IDNCASE", "E_28_DATE"])
        p = p[p.CASE_TYPE.str.strip() == "RMV"]
        done = p[p.COMP_DATE.notna() & p.DEC_CODE.notna()]
        print(p.IDNCASE.nunique(), done.IDNCASE.nunique(), len(a), len(c))
    """,
}


def main() -> int:
    """Make the release if need be, run everybody, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("proceedings", type=int, help="proceedings of the release")
    parser.add_argument("--folder", type=Path, help="keep the release here, or take it from here")
    parser.add_argument("--peers", nargs="*", choices=list(PEERS), default=list(PEERS))
    parser.add_argument("--compare-dockets", action="store_true", help="keep every case")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mpp-benchmark-") as temporary:
        folder = arguments.folder or Path(temporary) / "release"
        truth = _release(folder, arguments.proceedings)
        _into_the_cache(folder)
        out = Path(temporary) / "out"
        command = [sys.executable, "-m", "mpp_cli", "import", "eoir", str(folder), "-o", str(out)]
        command += ["-q", *(["--compare-dockets"] if arguments.compare_dockets else [])]
        mine = _run("mpp", command)
        wrong = 0 if arguments.compare_dockets else _differences(out, truth)
        _report_again(out)
        for name in arguments.peers:
            clause = (
                ""
                if arguments.compare_dockets
                else " WHERE IDNCASE IN (SELECT IDNCASE FROM cohort)"
            )
            code = f"folder = {str(folder)!r}\n" + textwrap.dedent(PEERS[name]).replace(
                "COHORT_CLAUSE", clause
            )
            peer = _run(name, [sys.executable, "-c", code])
            print(
                f"  mpp takes {mine[0] / peer[0]:.2f} of the time and "
                f"{mine[1] / peer[1]:.2f} of the memory of {name}",
                flush=True,
            )
    return 1 if wrong else 0


def _release(folder: Path, proceedings: int) -> Truth:
    """The release and what is true of it, made now or earlier."""
    told = folder.parent / f"{folder.name}.truth"
    if told.exists():
        # Only this program writes that file.
        found: Truth = pickle.loads(told.read_bytes())
        return found
    folder.mkdir(parents=True)
    start = time.perf_counter()
    truth = write_release(folder, Size.of(proceedings))
    told.write_bytes(pickle.dumps(truth))
    size = sum(path.stat().st_size for path in folder.rglob("*.csv"))
    print(f"made {size / 1e6:,.0f} MB in {time.perf_counter() - start:.1f} s", flush=True)
    return truth


def _into_the_cache(folder: Path) -> None:
    """Read all files once, so that nobody pays for the disk."""
    for path in folder.rglob("*.csv"):
        with path.open("rb") as stream:
            while stream.read(1 << 24):
                pass


def _run(name: str, command: list[str]) -> tuple[float, float]:
    """Run a program; its seconds and the most megabytes that it held."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert process.stdout is not None
    said = process.stdout.read().decode(errors="replace")
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds, megabytes = time.perf_counter() - start, usage.ru_maxrss / 1024
    cpu = usage.ru_utime + usage.ru_stime
    print(f"{name:8} {seconds:7.1f} s  {cpu:7.1f} s of processor  {megabytes:7,.0f} MB", flush=True)
    if process.returncode:
        raise SystemExit(f"{name} failed:\n{said[-2000:]}")
    return seconds, megabytes


def _differences(out: Path, truth: Truth) -> int:
    """Compare the import with what is true of the release; the number of differences."""
    about = json.loads((out / "import.json").read_text(encoding="utf-8"))
    wrong = []
    for each in about["files"]:
        expected = truth.files[Path(each["file"]).stem]
        for key, value in (
            ("rows_read", expected.rows),
            ("rows_used", expected.used),
            ("rows_outside", dict(+expected.outside)),
            ("set_aside", dict(+expected.set_aside)),
            ("repaired", expected.repaired),
            ("blanked", dict(+expected.blanked)),
        ):
            if each[key] != value:
                wrong.append(f"{each['file']}: {key} is {each[key]}, and {value} is true")
    print(*wrong or ["         every defect is in the ledger"], sep="\n", flush=True)
    return len(wrong)


def _report_again(out: Path) -> None:
    """Time a report from the import."""
    command = [sys.executable, "-m", "mpp_cli", "report", "--data", str(out), "-q", "--no-config"]
    start = time.perf_counter()
    subprocess.run([*command, "--as-of", AS_OF], check=True, stdout=subprocess.DEVNULL)
    print(f"report   {time.perf_counter() - start:7.1f} s from the import", flush=True)


if __name__ == "__main__":
    sys.exit(main())
