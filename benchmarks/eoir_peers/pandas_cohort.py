"""The cohort's cases, as a script with pandas would count them: FOLDER."""

import csv
import sys

import pandas as pd

FOLDER = sys.argv[1]


def table(name: str, columns: str) -> pd.DataFrame:
    """Some columns of a file, all text."""
    return pd.read_csv(
        f"{FOLDER}/{name}.csv",
        sep="\t",
        quoting=csv.QUOTE_NONE,
        dtype=str,
        encoding="latin-1",
        on_bad_lines="skip",
        usecols=columns.split(),
        low_memory=False,
    )


i = table("A_TblCaseIdentifier", "IDNCASE CASE_ID")
cohort = set(i[i.CASE_ID.str.strip().isin(["MP", "RM"])].IDNCASE)


def mine(name: str, columns: str) -> pd.DataFrame:
    """The rows of the cohort's cases."""
    found = table(name, columns)
    return found[found.IDNCASE.isin(cohort)]


p = mine(
    "B_TblProceeding",
    "IDNPROCEEDING IDNCASE OSC_DATE INPUT_DATE COMP_DATE DEC_CODE OTHER_COMP ABSENTIA CUSTODY "
    "CASE_TYPE NAT HEARING_LOC_CODE",
)
a = mine("tbl_Court_Appln", "IDNPROCEEDING IDNCASE APPL_CODE APPL_DEC")
c = mine("A_TblCase", "IDNCASE E_28_DATE")
p = p[p.CASE_TYPE.str.strip() == "RMV"]
done = p[p.COMP_DATE.notna() & p.DEC_CODE.notna()]
print(p.IDNCASE.nunique(), done.IDNCASE.nunique(), len(a), len(c))
