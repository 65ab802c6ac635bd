"""The cohort's cases, as a script with Polars would count them: FOLDER."""

import sys

import polars as pl

FOLDER = sys.argv[1]


def table(name: str, columns: list[str]) -> pl.LazyFrame:
    """Some columns of a file, all text."""
    return pl.scan_csv(
        f"{FOLDER}/{name}.csv",
        separator="\t",
        quote_char=None,
        infer_schema=False,
        ignore_errors=True,
        truncate_ragged_lines=True,
        encoding="utf8-lossy",
    ).select(columns)


cohort = (
    table("A_TblCaseIdentifier", ["IDNCASE", "CASE_ID"])
    .filter(pl.col("CASE_ID").str.strip_chars().is_in(["MP", "RM"]))
    .select("IDNCASE")
    .unique()
    .collect(engine="streaming")
    .lazy()
)


def mine(name: str, columns: str) -> pl.DataFrame:
    """The rows of the cohort's cases."""
    found = table(name, columns.split()).join(cohort, on="IDNCASE", how="semi")
    return found.collect(engine="streaming")


p = mine(
    "B_TblProceeding",
    "IDNPROCEEDING IDNCASE OSC_DATE INPUT_DATE COMP_DATE DEC_CODE OTHER_COMP ABSENTIA CUSTODY "
    "CASE_TYPE NAT HEARING_LOC_CODE",
)
a = mine("tbl_Court_Appln", "IDNPROCEEDING IDNCASE APPL_CODE APPL_DEC")
c = mine("A_TblCase", "IDNCASE E_28_DATE")
p = p.filter(pl.col("CASE_TYPE").str.strip_chars() == "RMV")
done = p.filter(pl.col("COMP_DATE").is_not_null() & pl.col("DEC_CODE").is_not_null())
print(p["IDNCASE"].n_unique(), done["IDNCASE"].n_unique(), len(a), len(c))
