"""The document's five counts as somebody would write them in pandas: FOLDER ENDING DATE."""

import sys

import pandas as pd

folder, ending, text = sys.argv[1:]
day = pd.Timestamp(text)


def table(name: str, columns: str, dates: str = "") -> pd.DataFrame:
    """Some columns of one table."""
    path = f"{folder}/{name}.{ending}"
    if ending == "csv":
        return pd.read_csv(path, usecols=columns.split(), parse_dates=dates.split())
    found = pd.read_parquet(path, columns=columns.split())
    return found.assign(**{name: pd.to_datetime(found[name]) for name in dates.split()})


cases = table("cases", "case_id nta_filed_date docket", "nta_filed_date")
done = table("completions", "case_id completion_date outcome completion_type", "completion_date")
grants = table("grants", "case_id granted_date relief_type", "granted_date")
referrals = table("referrals", "case_id referred_date", "referred_date")
encounters = table("encounters", "fiscal_year month encounters")

mpp = cases[cases.docket.fillna("mpp") == "mpp"]
enrolled = mpp[mpp.nta_filed_date <= day]
done = done[
    (done.completion_date <= day)
    & (done.completion_type != "subsequent")
    & ~done.outcome.isin(
        ["change_of_venue", "transferred", "administratively_closed", "failure_to_prosecute"]
    )
]
relief = ["asylum", "statutory_withholding", "cat_withholding"]
grants = grants[(grants.granted_date <= day) & grants.relief_type.isin(relief)]
referrals = referrals[referrals.referred_date <= day]
year = (day + pd.DateOffset(months=3)).year
first = pd.to_datetime(
    {
        "year": encounters.fiscal_year - (encounters.month >= 10),
        "month": encounters.month,
        "day": 1,
    }
)
counted = (encounters.fiscal_year == year) & (first + pd.offsets.MonthEnd() <= day)
print(
    len(enrolled),
    enrolled.case_id.isin(done.case_id).sum(),
    enrolled.case_id.isin(grants.case_id).sum(),
    mpp.case_id.isin(referrals.case_id).sum(),
    encounters.encounters[counted].sum(),
)
