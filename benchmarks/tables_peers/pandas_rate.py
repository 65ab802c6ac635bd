"""The completion rate of a folder of gzipped CSV tables, as somebody would write it: FOLDER."""

import sys

import pandas as pd

folder = sys.argv[1]
cases = pd.read_csv(f"{folder}/cases.csv.gz", usecols=["case_id", "nta_filed_date", "docket"])
done = pd.read_csv(
    f"{folder}/completions.csv.gz",
    usecols=["case_id", "completion_date", "outcome", "completion_type"],
)
day = max(cases.nta_filed_date.max(), done.completion_date.max())
enrolled = cases[(cases.docket.fillna("mpp") == "mpp") & (cases.nta_filed_date <= day)]
done = done[
    ~done.outcome.isin(
        ["change_of_venue", "transferred", "administratively_closed", "failure_to_prosecute"]
    )
    & (done.completion_type != "subsequent")
]
completed = enrolled.case_id.map(done.groupby("case_id").completion_date.min()) <= day
print(f"{100 * completed.sum() / len(enrolled):.2f}")
